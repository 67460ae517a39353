/* SPDX-License-Identifier: EUPL-1.2 */
/* Where secrets come from, and each way in which one is refused. */
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "transfer/secret.h"

static char folder[] = "/tmp/transfer-secret-XXXXXX";

static void put(const char *name, const char *content, size_t len, unsigned mode)
{
    char path[96];
    FILE *out;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    (void)unlink(path);
    out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(content, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(path, mode), 0);
}

/* {} in the reference is the folder. */
static struct gw_str refer(const char *reference, char room[160])
{
    const char *at = strstr(reference, "{}");

    if (at)
        (void)snprintf(room, 160, "%.*s%s%s", (int)(at - reference), reference, folder, at + 2);
    else
        (void)snprintf(room, 160, "%s", reference);
    return str_of(room);
}

static void assert_secret(const char *reference, const char *expected)
{
    struct secret s;
    const char *code;
    char room[160];

    assert_int_equal(secret_read(refer(reference, room), &s, &code), GW_OK);
    assert_null(code);
    assert_true(s.len == strlen(expected) && memcmp(s.data, expected, s.len + 1) == 0);
    secret_wipe(&s);
    assert_null(s.data);
    secret_wipe(&s);
}

static void assert_refused(const char *reference, const char *expected)
{
    struct secret s;
    const char *code;
    char room[160];

    assert_int_equal(secret_read(refer(reference, room), &s, &code), GW_FAIL);
    assert_string_equal(code, expected);
    assert_null(s.data);
}

static void from_everywhere(void **state)
{
    (void)state;
    put("line", "secret\n", 7, 0600);
    put("crlf", "secret\r\n", 8, 0640);
    put("bare", " s e ", 5, 0400);
    put("key", "-----BEGIN-----\nAAAA\n-----END-----\n", 35, 0600);
    assert_secret("file:{}/line", "secret");
    assert_secret("file:{}/crlf", "secret");
    assert_secret("file:{}/bare", " s e ");
    assert_secret("file:{}/key", "-----BEGIN-----\nAAAA\n-----END-----\n");
    assert_int_equal(setenv("TRANSFER_SECRET", "of the environment", 1), 0);
    assert_secret("env:TRANSFER_SECRET", "of the environment");
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
    assert_secret("credential:line", "secret");
}

static void none_is_none(void **state)
{
    struct secret s = {.len = 3};
    const char *code = "x";

    (void)state;
    assert_int_equal(secret_read(GW_STR(""), &s, &code), GW_OK);
    assert_true(!s.data && !s.len && !code);
}

static void what_is_refused(void **state)
{
    static char large[70000];

    (void)state;
    memset(large, 'x', sizeof(large) - 1);
    put("open", "secret\n", 7, 0604);
    put("written", "secret\n", 7, 0602);
    put("empty", "", 0, 0600);
    put("line_end", "\n", 1, 0600);
    put("large", large, sizeof(large) - 1, 0600);
    put("shut", "secret", 6, 0000);
    assert_refused("file:{}/open", "secret.readable");
    assert_refused("file:{}/written", "secret.readable");
    assert_refused("file:{}/empty", "secret.empty");
    assert_refused("file:{}/line_end", "secret.empty");
    assert_refused("file:{}/large", "secret.too_large");
    assert_refused("file:{}/nothing", "secret.absent");
    assert_refused("file:{}", "secret.unreadable");
    if (geteuid() != 0) /* root may read it */
        assert_refused("file:{}/shut", "secret.unreadable");
    assert_int_equal(setenv("TRANSFER_SECRET", "", 1), 0);
    assert_refused("env:TRANSFER_SECRET", "secret.empty");
    assert_int_equal(setenv("TRANSFER_SECRET", large, 1), 0);
    assert_refused("env:TRANSFER_SECRET", "secret.too_large");
    assert_int_equal(unsetenv("TRANSFER_SECRET"), 0);
    assert_refused("env:TRANSFER_SECRET", "secret.absent");
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
    assert_refused("credential:../etc/passwd", "secret.absent");
    assert_refused("credential:nothing", "secret.absent");
    assert_refused("credential:open", "secret.readable");
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", large, 1), 0);
    assert_refused("credential:line", "secret.absent");
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    assert_refused("credential:line", "secret.absent");
    assert_refused("the secret itself", "secret.reference");
    assert_refused("file:", "secret.reference");
    assert_refused("vault:x", "secret.reference");
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"line",    "crlf",  "bare",     "key",   "open",
                                        "written", "empty", "line_end", "large", "shut"};
    char path[96];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_everywhere),
        cmocka_unit_test(none_is_none),
        cmocka_unit_test(what_is_refused),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
