/* SPDX-License-Identifier: EUPL-1.2 */
/* The grammars on what no table has: depth without end, bytes changed, memory that ends. */
#include "support/unit.h"

#include "base/str.h"
#include "syntax/written.h"

static void depth_is_bounded(void **state)
{
    static const struct {
        enum grammar grammar;
        const char *open;
    } rows[] = {{COND, "("}, {COND, "!"}, {COND, "!("}, {PATHS, "a["}, {CHAIN, "join({"}, {CHAIN, "join(["}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct buf text, out;
        struct fault fault;

        buf_init(&text, 1 << 20);
        buf_init(&out, 1 << 20);
        for (size_t k = 0; k < 20000; k++)
            buf_text(&text, rows[i].open);
        assert_int_equal(parse_written(rows[i].grammar, &a, buf_view(&text), &out, &fault), GW_FAIL);
        assert_true(fault.column < 200);
        buf_done(&text);
        buf_done(&out);
        arena_done(&a);
    }
}

/* One text of each grammar, with all that it has. */
static const struct {
    enum grammar grammar;
    const char *text;
} whole[] = {
    {PATHS, "//A?[][b/c=1|'x''y'][2]/'d ''e'|f + $name.x + é"},
    {FIELDS, "x.a[][k=v].b + c.d[e=f]"},
    {CHAIN, "pad(4,'''',right) > split({*}[_{02:code(m,'a')}]|{}'x'{#}) > test(a='b''' & (c))"},
    {PATTERN, "A{lot:14}[b'c'{now:date(YYYY)}]{*}"},
    {COND, "!(a.b~1*,'2''3' & @c) | $date<=4 & d:e[f=g].h"},
};

static void survive(enum grammar g, struct gw_str text)
{
    struct arena a = {0};
    struct buf out;
    struct fault fault = {0};

    buf_init(&out, 1 << 16);
    if (parse_written(g, &a, text, &out, &fault) != GW_OK) {
        assert_non_null(fault.code);
        assert_in_range(fault.column, 1, text.len + 1);
    }
    buf_done(&out);
    arena_done(&a);
}

static void changed_bytes_are_survived(void **state)
{
    char text[128];

    (void)state;
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        for (size_t at = 0, n = strlen(whole[i].text); at < n; at++) {
            survive(whole[i].grammar, (struct gw_str){whole[i].text, at});
            for (int byte = 0; byte < 256; byte++) {
                memcpy(text, whole[i].text, n);
                text[at] = (char)byte;
                survive(whole[i].grammar, (struct gw_str){text, n});
            }
        }
}

/* Memory ends a little later each time. */
static void ending_memory_is_fatal(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        enum gw_result r = GW_FATAL;

        for (size_t cap = 16; r == GW_FATAL; cap += 16) {
            struct arena a;
            struct buf out;
            struct fault fault;

            arena_init(&a, 16, cap);
            buf_init(&out, 1 << 16);
            r = parse_written(whole[i].grammar, &a, str_of(whole[i].text), &out, &fault);
            assert_true(r == GW_FATAL || cap > 256);
            buf_done(&out);
            arena_done(&a);
        }
        assert_int_equal(r, GW_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(changed_bytes_are_survived),
        cmocka_unit_test(ending_memory_is_fatal),
    };

    return cmocka_run_group_tests_name("syntax_survival", tests, NULL, NULL);
}
