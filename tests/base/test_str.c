/* SPDX-License-Identifier: EUPL-1.2 */
#include "support/unit.h"

#include <string.h>

#include "base/str.h"

static const struct gw_str absent = {NULL, 0};

static void absent_is_harmless(void **state)
{
    struct gw_str rest;
    uint64_t n;
    size_t at;

    (void)state;
    assert_true(str_eq(absent, GW_STR("")));
    assert_false(str_is(absent, "a"));
    assert_int_equal(str_compare(absent, GW_STR("")), 0);
    assert_true(str_begins(absent, GW_STR("")));
    assert_true(str_begins(absent, absent));
    assert_int_equal(str_trim(absent).len, 0);
    assert_int_equal(str_from(absent, 0).len, 0);
    assert_int_equal(str_cut(absent, ';', &rest).len, 0);
    assert_null(rest.ptr);
    assert_false(str_find(absent, GW_STR("a"), &at));
    assert_false(str_digits(absent));
    assert_false(str_number(absent, &n));
    assert_true(str_valid(absent));
    assert_int_equal(str_chars(absent), 0);
    assert_int_equal(str_chars_cut(absent, 3).len, 0);
    assert_true(str_glob(GW_STR("*"), absent));
    assert_null(str_of(NULL).ptr);
}

static void order(void **state)
{
    static const char *const sorted[] = {"", "a", "ab", "abc", "b", "\xc3\xa9"};

    (void)state;
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 6; k++) {
            int c = str_compare(str_of(sorted[i]), str_of(sorted[k]));

            assert_int_equal((c > 0) - (c < 0), (i > k) - (i < k));
        }
}

static void trim(void **state)
{
    static const char *const rows[][2] = {
        {"", ""},
        {" ", ""},
        {"a", "a"},
        {"  a b\t", "a b"},
        {"\r\n\v\fa", "a"},
        {"\xc2\xa0"
         "a\xc2\xa0 ",
         "a"},
        {"\xef\xbb\xbf"
         "a",
         "a"},
        {"a\xef\xbb\xbf", "a"},
        {"é", "é"},
        {"à ", "à"}, /* 0xc3 0xa0: not the hard blank */
        {"\xc2\xa0", ""},
        {"\xc3\xa0", "\xc3\xa0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (!str_is(str_trim(str_of(rows[i][0])), rows[i][1]))
            fail_msg("\"%s\"", rows[i][0]);
}

static void cut(void **state)
{
    struct gw_str rest, first = str_cut(GW_STR("a;b;;c"), ';', &rest);

    (void)state;
    assert_true(str_is(first, "a"));
    assert_true(str_is(str_cut(rest, ';', &rest), "b"));
    assert_true(str_is(str_cut(rest, ';', &rest), ""));
    assert_non_null(rest.ptr);
    assert_true(str_is(str_cut(rest, ';', &rest), "c"));
    assert_null(rest.ptr);
    assert_true(str_is(str_cut(GW_STR("a;"), ';', &rest), "a"));
    assert_non_null(rest.ptr);
    assert_int_equal(rest.len, 0);
}

static void find(void **state)
{
    size_t at = 99;

    (void)state;
    assert_true(str_find(GW_STR("abcabc"), GW_STR("ca"), &at));
    assert_int_equal(at, 2);
    assert_true(str_find(GW_STR("abc"), GW_STR(""), &at));
    assert_int_equal(at, 0);
    assert_false(str_find(GW_STR("abc"), GW_STR("abcd"), &at));
}

static void numbers(void **state)
{
    static const struct {
        const char *text;
        bool good;
        uint64_t n;
    } rows[] = {
        {"0", true, 0},
        {"007", true, 7},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"", false, 0},
        {"-1", false, 0},
        {"1 ", false, 0},
        {"99999999999999999999999", false, 0},
        {"1a", false, 0},
        {"/", false, 0},
        {":", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t n = 0;

        if (str_number(str_of(rows[i].text), &n) != rows[i].good || n != rows[i].n)
            fail_msg("\"%s\" gives %llu", rows[i].text, (unsigned long long)n);
    }
}

/* Unicode table 3-7: the first and last of each well-formed range, and their neighbours. */
static void utf8(void **state)
{
    static const struct {
        const char *text;
        size_t n;
    } rows[] = {
        {"a", 1},
        {"\x7f", 1},
        {"\x80", 0},
        {"\xbf", 0},
        {"\xc1\xbf", 0},
        {"\xc2\x80", 2},
        {"\xdf\xbf", 2},
        {"\xc2", 0},
        {"\xc2"
         "a",
         0},
        {"\xe0\x9f\xbf", 0},
        {"\xe0\xa0\x80", 3},
        {"\xed\x9f\xbf", 3},
        {"\xed\xa0\x80", 0},
        {"\xef\xbf\xbf", 3},
        {"\xe2\x82", 0},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xf0\x90\x80\x80", 4},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\xf4\x90\x80\x80", 0},
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
        {"\xf0\x9f\x98", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (str_utf8(str_of(rows[i].text), 0) != rows[i].n)
            fail_msg("row %zu", i);
        assert_int_equal(str_valid(str_of(rows[i].text)), rows[i].n != 0);
    }
    assert_true(str_valid(GW_STR("aé€\xf0\x9f\x98\x80")));
    assert_int_equal(str_chars(GW_STR("aé€\xf0\x9f\x98\x80")), 4);
    assert_true(str_is(str_chars_cut(GW_STR("aé€b"), 3), "aé€"));
    assert_true(str_is(str_chars_cut(GW_STR("aé"), 0), ""));
    assert_true(str_is(str_chars_cut(GW_STR("aé"), 9), "aé"));
}

static void globs(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool fits;
    } rows[] = {
        {"", "", true},       {"", "a", false},     {"*", "", true},           {"*", "abc", true},
        {"a*", "abc", true},  {"a*", "bac", false}, {"*c", "abc", true},       {"*c", "abcd", false},
        {"a?c", "abc", true}, {"a?c", "ac", false}, {"*a*a*", "banana", true}, {"*b*a*c", "banana", false},
        {"**", "x", true},    {"a**b", "ab", true}, {"?*", "", false},         {"abc", "abc", true},
        {"*ab", "aab", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (str_glob(str_of(rows[i].pattern), str_of(rows[i].text)) != rows[i].fits)
            fail_msg("%s on %s", rows[i].pattern, rows[i].text);
}

static void nearest_words(void **state)
{
    static const char *const words[] = {"required", "optional", "read", "write"};

    (void)state;
    assert_string_equal(str_nearest(GW_STR("requird"), words, 4), "required");
    assert_string_equal(str_nearest(GW_STR("raed"), words, 4), "read");
    assert_null(str_nearest(GW_STR("zzzzzzzz"), words, 4));
    assert_null(str_nearest(GW_STR("required"), words, 0));
    assert_null(str_nearest(GW_STR("0123456789012345678901234567890123456789012345678901234567890123456789"),
                            words, 4));
}

static void hashes_tell_lengths_apart(void **state)
{
    static const char zeros[32];

    (void)state;
    for (size_t i = 0; i < 32; i++)
        for (size_t k = 0; k < i; k++)
            assert_true(str_hash(zeros, i) != str_hash(zeros, k));
    assert_true(str_hash("abcdefgh1", 9) != str_hash("abcdefgh2", 9));
    assert_true(str_hash("abcdefgh", 8) == str_hash("abcdefghi", 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absent_is_harmless),
        cmocka_unit_test(order),
        cmocka_unit_test(trim),
        cmocka_unit_test(cut),
        cmocka_unit_test(find),
        cmocka_unit_test(numbers),
        cmocka_unit_test(utf8),
        cmocka_unit_test(globs),
        cmocka_unit_test(nearest_words),
        cmocka_unit_test(hashes_tell_lengths_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
