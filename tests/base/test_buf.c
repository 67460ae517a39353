/* SPDX-License-Identifier: EUPL-1.2 */
#include "support/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"

static void it_grows_and_ends_in_nul(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 1 << 20);
    assert_string_equal(b.data, "");
    for (int i = 0; i < 10000; i++)
        buf_format(&b, "%04d", i);
    assert_int_equal(b.len, 40000);
    assert_false(b.failed);
    assert_int_equal(strlen(b.data), 40000);
    assert_memory_equal(b.data + 4 * 4321, "4321", 4);
    buf_clear(&b);
    assert_string_equal(b.data, "");
    buf_char(&b, 'a');
    buf_number(&b, UINT64_MAX);
    buf_number(&b, 0);
    assert_string_equal(b.data, "a184467440737095516150");
    buf_done(&b);
    assert_string_equal(b.data, "");
    buf_done(&b);
}

static void the_maximum_holds(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 10);
    buf_text(&b, "0123456789");
    assert_false(b.failed);
    buf_char(&b, 'x');
    assert_true(b.failed);
    assert_string_equal(b.data, "0123456789");
    buf_text(&b, "");
    assert_true(b.failed);
    buf_drop(&b, 5); /* what was lost stays lost */
    assert_true(b.failed);
    assert_string_equal(b.data, "56789");
    buf_clear(&b);
    assert_false(b.failed);
    assert_null(buf_room(&b, SIZE_MAX));
    assert_true(b.failed);
    buf_done(&b);
}

static void what_is_dropped_is_gone(void **state)
{
    static const struct {
        size_t drop;
        const char *left;
    } rows[] = {{0, "abcdef"}, {1, "bcdef"}, {6, ""}, {7, ""}};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct buf b;

        buf_init(&b, 100);
        buf_drop(&b, 3);
        buf_text(&b, "abcdef");
        buf_drop(&b, rows[i].drop);
        assert_string_equal(b.data, rows[i].left);
        assert_int_equal(b.len, strlen(rows[i].left));
        buf_done(&b);
    }
}

static void json_strings(void **state)
{
    static const struct {
        const char *text, *want;
        size_t len;
    } rows[] = {
        {"", "\"\"", 0},
        {"abc", "\"abc\"", 3},
        {"a\"b\\c/", "\"a\\\"b\\\\c/\"", 6},
        {"\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"", 5},
        {"\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"", 3},
        {"a\0b", "\"a\\u0000b\"", 3},
        {"é’\xf0\x9f\x98\x80", "\"é’\xf0\x9f\x98\x80\"", 9},
        {"a\xff\xfe", "\"a\xef\xbf\xbd\xef\xbf\xbd\"", 3},
        {"\xc3", "\"\xef\xbf\xbd\"", 1},
        {"\xed\xa0\x80x", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx\"", 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b;

        buf_init(&b, 100);
        buf_json(&b, (struct gw_str){rows[i].text, rows[i].len});
        assert_string_equal(b.data, rows[i].want);
        buf_done(&b);
    }
}

static void read_with(const char *path, size_t size, size_t max, bool fits)
{
    struct buf b;
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    for (size_t i = 0; i < size; i++)
        assert_int_not_equal(fputc('a' + (int)(i % 26), f), EOF);
    assert_int_equal(fclose(f), 0);
    buf_init(&b, max);
    errno = 0;
    assert_int_equal(buf_read_file(&b, path), fits ? GW_OK : GW_FAIL);
    if (fits) {
        assert_int_equal(b.len, size);
        assert_int_equal(strlen(b.data), size);
        assert_true(size == 0 || b.data[size - 1] == (char)('a' + (size - 1) % 26));
    } else {
        assert_int_equal(errno, EFBIG);
    }
    buf_done(&b);
}

static void files_are_read_whole(void **state)
{
    static const size_t sizes[] = {0, 1, 100, 65535, 65536, 65537, 200000};
    char path[] = "/tmp/gw-buf-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        read_with(path, sizes[i], 1 << 20, true);
        read_with(path, sizes[i], sizes[i] + 1, true);
        read_with(path, sizes[i], sizes[i], true);
        if (sizes[i])
            read_with(path, sizes[i], sizes[i] - 1, false);
    }
    unlink(path);
}

static void what_is_no_file_fails(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 100);
    assert_int_equal(buf_read_file(&b, "/nowhere/at/all"), GW_FAIL);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(buf_read_file(&b, "/tmp"), GW_FAIL);
    assert_int_equal(errno, EISDIR);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_grows_and_ends_in_nul), cmocka_unit_test(the_maximum_holds),
        cmocka_unit_test(what_is_dropped_is_gone),  cmocka_unit_test(json_strings),
        cmocka_unit_test(files_are_read_whole),     cmocka_unit_test(what_is_no_file_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
