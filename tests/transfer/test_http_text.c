/* SPDX-License-Identifier: EUPL-1.2 */
/* Names for what a web server gives, by RFC 6266 and by the URL. */
#include "support/unit.h"

#include "base/str.h"
#include "transfer/http_text.h"

static void names(void **state)
{
    static const struct {
        const char *disposition, *url, *name;
    } rows[] = {
        {"attachment; filename=\"a b.csv\"", "https://h/x", "a b.csv"},
        {"attachment; filename=a.csv; filename*=UTF-8''%C3%A9.csv", "https://h/x", "é.csv"},
        {"attachment; filename=\"../../a.csv\"", "https://h/x", "a.csv"},
        {"attachment; filename*=UTF-8''", "https://h/x.csv", "x.csv"},
        {"", "https://h/p/list.json?token=x#y", "list.json"},
        {"", "https://h/p/%2E%2e%2Fa%00b.json", "ab.json"},
        /* a folder has no name, and what is asked of it is none */
        {"", "https://h/p/?token=x", "file"},
        {"", "https://h/p/#token", "file"},
    };
    struct arena a;

    (void)state;
    arena_init(&a, 0, 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct gw_str name = http_name(&a, str_of(rows[i].disposition), str_of(rows[i].url));

        assert_true(str_is(name, rows[i].name));
    }
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
