/* SPDX-License-Identifier: EUPL-1.2 */
/* Canonical pivot text: each row is a type, a text, and its one form or the code that refuses it. */
#include "support/unit.h"

#include <string.h>

#include "base/str.h"
#include "schema/canon.h"

#define SAME NULL /* canonical already: the result points into the text */

static const struct gw_str sorted_codes[] = {GW_STR_INIT("ACI"), GW_STR_INIT("AI"), GW_STR_INIT("EI"),
                                             GW_STR_INIT("\xc3\xa9")};
static const struct pivot_codes codes = {.name = GW_STR_INIT("mesure"), .codes = sorted_codes, .count = 4};
static const struct pivot_codes open_codes = {.name = GW_STR_INIT("libre")};

static const struct row {
    enum field_type type;
    int scale;
    const char *text;
    const char *want; /* SAME, or the canonical form */
    const char *code; /* refused with it */
} rows[] = {
    /* texts: NFC */
    {FIELD_TEXT, -1, "a", SAME, NULL},
    {FIELD_TEXT, -1, "Élodie Łukasz ŒUVRE", SAME, NULL},
    {FIELD_TEXT, -1, "l’œuvre – 12 € « sic »", SAME, NULL},
    {FIELD_TEXT, -1, "e\xcc\x81", "é", NULL},
    {FIELD_TEXT, -1, "Rene\xcc\x81 de l’Isle", "René de l’Isle", NULL},
    {FIELD_TEXT, -1, "12345678e\xcc\x81", "12345678é", NULL},
    {FIELD_TEXT, -1, "\xe2\x84\xab", "\xc3\x85", NULL},                  /* angstrom sign */
    {FIELD_TEXT, -1, "\xe2\x80\x99\xcc\x81", SAME, NULL},                /* a mark on a quote stays */
    {FIELD_TEXT, -1, "a\xcc\xa3\xcc\x87", "\xe1\xba\xa1\xcc\x87", NULL}, /* first mark composes */
    {FIELD_TEXT, -1, "a\xcc\x87\xcc\xa3", "\xe1\xba\xa1\xcc\x87", NULL}, /* marks are put in order */
    {FIELD_TEXT, -1, "日本語", SAME, NULL},
    {FIELD_TEXT, -1, "\xed\xa0\x80", NULL, "schema.text"},
    {FIELD_TEXT, -1, "abc\xf0\x9f", NULL, "schema.text"},
    {FIELD_REF, -1, "personne-12-1", SAME, NULL},
    /* whole numbers */
    {FIELD_INTEGER, -1, "0", SAME, NULL},
    {FIELD_INTEGER, -1, "120", SAME, NULL},
    {FIELD_INTEGER, -1, "-7", SAME, NULL},
    {FIELD_INTEGER, -1, "007", "7", NULL},
    {FIELD_INTEGER, -1, "000", "0", NULL},
    {FIELD_INTEGER, -1, "-0", "0", NULL},
    {FIELD_INTEGER, -1, "-010", "-10", NULL},
    {FIELD_INTEGER, -1, "123456789012345678901234567890", SAME, NULL},
    {FIELD_INTEGER, -1, "1.0", NULL, "schema.integer"},
    {FIELD_INTEGER, -1, "-", NULL, "schema.integer"},
    {FIELD_INTEGER, -1, "--1", NULL, "schema.integer"},
    {FIELD_INTEGER, -1, "+1", NULL, "schema.integer"},
    {FIELD_INTEGER, -1, "1 000", NULL, "schema.integer"},
    {FIELD_INTEGER, -1, "1e3", NULL, "schema.integer"},
    /* decimals */
    {FIELD_DECIMAL, -1, "0.5", SAME, NULL},
    {FIELD_DECIMAL, -1, "12", SAME, NULL},
    {FIELD_DECIMAL, -1, "-3.25", SAME, NULL},
    {FIELD_DECIMAL, -1, "0.50", "0.5", NULL},
    {FIELD_DECIMAL, -1, "12.000", "12", NULL},
    {FIELD_DECIMAL, -1, "100", SAME, NULL},
    {FIELD_DECIMAL, -1, "00.5", "0.5", NULL},
    {FIELD_DECIMAL, -1, "-0.0", "0", NULL},
    {FIELD_DECIMAL, -1, "0000000.00", "0", NULL},
    {FIELD_DECIMAL, -1, ".5", NULL, "schema.decimal"},
    {FIELD_DECIMAL, -1, "5.", NULL, "schema.decimal"},
    {FIELD_DECIMAL, -1, "1,5", NULL, "schema.decimal"},
    {FIELD_DECIMAL, -1, "1.5.2", NULL, "schema.decimal"},
    {FIELD_DECIMAL, -1, "1e3", NULL, "schema.decimal"},
    {FIELD_DECIMAL, -1, "-", NULL, "schema.decimal"},
    {FIELD_DECIMAL, 2, "1234.50", SAME, NULL},
    {FIELD_DECIMAL, 2, "0.00", SAME, NULL},
    {FIELD_DECIMAL, 2, "-0.05", SAME, NULL},
    {FIELD_DECIMAL, 2, "12", "12.00", NULL},
    {FIELD_DECIMAL, 2, "1.5", "1.50", NULL},
    {FIELD_DECIMAL, 2, "-.5", NULL, "schema.decimal"},
    {FIELD_DECIMAL, 2, "007.5", "7.50", NULL},
    {FIELD_DECIMAL, 3, "007.5", "7.500", NULL}, /* as long as what was given */
    {FIELD_DECIMAL, 2, "-0.0", "0.00", NULL},
    {FIELD_DECIMAL, 2, "3.1400", "3.14", NULL},
    {FIELD_DECIMAL, 2, "3.141", NULL, "schema.scale"},
    {FIELD_DECIMAL, 0, "3.0", "3", NULL},
    /* the calendar */
    {FIELD_DATE, -1, "2024-02-29", SAME, NULL},
    {FIELD_DATE, -1, "2000-02-29", SAME, NULL},
    {FIELD_DATE, -1, "9999-12-31", SAME, NULL},
    {FIELD_DATE, -1, "2023-02-29", NULL, "schema.date"},
    {FIELD_DATE, -1, "1900-02-29", NULL, "schema.date"},
    {FIELD_DATE, -1, "2024-04-31", NULL, "schema.date"},
    {FIELD_DATE, -1, "2024-13-01", NULL, "schema.date"},
    {FIELD_DATE, -1, "2024-00-10", NULL, "schema.date"},
    {FIELD_DATE, -1, "2024-01-00", NULL, "schema.date"},
    {FIELD_DATE, -1, "2024-01-32", NULL, "schema.date"},
    {FIELD_DATE, -1, "0000-01-01", NULL, "schema.date"},
    {FIELD_DATE, -1, "2024-1-01", NULL, "schema.date"},
    {FIELD_DATE, -1, "2024/01/01", NULL, "schema.date"},
    {FIELD_DATE, -1, "01-01-2024", NULL, "schema.date"},
    {FIELD_DATE, -1, "2024-01-01T00:00:00", NULL, "schema.date"},
    {FIELD_DATE, -1, "2024-0a-01", NULL, "schema.date"},
    {FIELD_MONTH, -1, "2024-02", SAME, NULL},
    {FIELD_MONTH, -1, "2024-13", NULL, "schema.month"},
    {FIELD_MONTH, -1, "2024-2", NULL, "schema.month"},
    {FIELD_MONTH, -1, "0000-02", NULL, "schema.month"},
    {FIELD_TIME, -1, "08:30", SAME, NULL},
    {FIELD_TIME, -1, "08:30:59", SAME, NULL},
    {FIELD_TIME, -1, "35:00", SAME, NULL}, /* a week's hours */
    {FIELD_TIME, -1, "08:60", NULL, "schema.time"},
    {FIELD_TIME, -1, "08:30:60", NULL, "schema.time"},
    {FIELD_TIME, -1, "8:30", NULL, "schema.time"},
    {FIELD_TIME, -1, "0830", NULL, "schema.time"},
    {FIELD_TIME, -1, "08:30-59", NULL, "schema.time"},
    {FIELD_DATETIME, -1, "2024-02-29T23:59:59", SAME, NULL},
    {FIELD_DATETIME, -1, "2024-02-29T08:30:00Z", SAME, NULL},
    {FIELD_DATETIME, -1, "2024-02-29T08:30:00-04:00", SAME, NULL},
    {FIELD_DATETIME, -1, "2024-02-29T08:30:00.125+11:00", SAME, NULL},
    {FIELD_DATETIME, -1, "2024-02-29T08:30:00+00:00", "2024-02-29T08:30:00Z", NULL},
    {FIELD_DATETIME, -1, "2024-02-29T08:30:00.000", "2024-02-29T08:30:00", NULL},
    {FIELD_DATETIME, -1, "2024-02-29T08:30:00.500Z", "2024-02-29T08:30:00.5Z", NULL},
    {FIELD_DATETIME, -1, "2023-02-29T08:30:00", NULL, "schema.datetime"},
    {FIELD_DATETIME, -1, "2024-02-29T24:00:00", NULL, "schema.datetime"},
    {FIELD_DATETIME, -1, "2024-02-29 08:30:00", NULL, "schema.datetime"},
    {FIELD_DATETIME, -1, "2024-02-29T08:30", NULL, "schema.datetime"},
    {FIELD_DATETIME, -1, "2024-02-29T08:30:00.", NULL, "schema.datetime"},
    {FIELD_DATETIME, -1, "2024-02-29T08:30:00+0100", NULL, "schema.datetime"},
    {FIELD_DATETIME, -1, "2024-02-29T08:30:00+25:00", NULL, "schema.datetime"},
    {FIELD_DATETIME, -1, "2024-02-29T08:30:00z", NULL, "schema.datetime"},
    /* the others */
    {FIELD_BOOLEAN, -1, "true", SAME, NULL},
    {FIELD_BOOLEAN, -1, "false", SAME, NULL},
    {FIELD_BOOLEAN, -1, "True", NULL, "schema.boolean"},
    {FIELD_BOOLEAN, -1, "1", NULL, "schema.boolean"},
    {FIELD_CODE, -1, "ACI", SAME, NULL},
    {FIELD_CODE, -1, "EI", SAME, NULL},
    {FIELD_CODE, -1, "e\xcc\x81", "é", NULL}, /* made canonical, then looked up */
    {FIELD_CODE, -1, "aci", NULL, "schema.code"},
    {FIELD_CODE, -1, "A", NULL, "schema.code"},
    {FIELD_CODE, -1, "ZZ", NULL, "schema.code"},
    {FIELD_TREE, -1, "x", NULL, "schema.scalar"},
    {FIELD_ITEMS, -1, "x", NULL, "schema.scalar"},
};

static void check_row(struct arena *a, const struct row *row)
{
    const struct field f = {.type = (uint8_t)row->type, .scale = (int8_t)row->scale, .codes = &codes};
    struct gw_str text = str_of(row->text), got;
    const char *code = NULL;
    enum gw_result r = canon(a, &f, text, &got, &code);

    if (r != (row->code ? GW_REJECT : GW_OK) || (row->code && strcmp(code, row->code) != 0))
        fail_msg("\"%s\": result %d, code %s", row->text, r, code);
    if (row->code)
        return;
    if (!str_eq(got, row->want ? str_of(row->want) : text) || (!row->want && got.ptr != text.ptr))
        fail_msg("\"%s\" became \"%.*s\"%s", row->text, STR_ARG(got), row->want ? "" : ", or a copy");
}

static void canonical_forms(void **state)
{
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct row again = rows[i];

        check_row(&a, &rows[i]);
        if (again.want) { /* what is canonical stays */
            again.text = again.want;
            again.want = SAME;
            check_row(&a, &again);
        }
    }
    arena_done(&a);
}

static void canonical_takes_no_memory(void **state)
{
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (!rows[i].want && !rows[i].code && !strchr(rows[i].text, '\xe6') && !strchr(rows[i].text, '\xcc'))
            check_row(&a, &rows[i]);
    assert_null(a.chunk);
}

static void open_list_takes_any_text(void **state)
{
    const struct field f = {.type = FIELD_CODE, .codes = &open_codes}, none = {.type = FIELD_CODE};
    struct gw_str got;
    const char *code;

    (void)state;
    assert_int_equal(canon(NULL, &f, GW_STR("n'importe"), &got, &code), GW_OK);
    assert_int_equal(canon(NULL, &none, GW_STR("n'importe"), &got, &code), GW_OK);
}

/* The border is U+0300: every two-byte character below it is passed, wherever it stands in the text. */
static void texts_below_u0300_are_passed(void **state)
{
    (void)state;
    for (unsigned c = 0x80; c < 0x300; c++)
        for (size_t at = 0; at < 9; at++) {
            const struct field f = {.type = FIELD_TEXT};
            char text[20] = "abcdefghijklmnopqr";
            struct gw_str in = {text, 19}, got;
            const char *code;

            text[at] = (char)(0xc0 | c >> 6);
            text[at + 1] = (char)(0x80 | (c & 0x3f));
            assert_int_equal(canon(NULL, &f, in, &got, &code), GW_OK);
            assert_ptr_equal(got.ptr, text);
        }
}

static void out_of_memory_is_fatal(void **state)
{
    static const struct row needs[] = {
        {FIELD_TEXT, -1, "e\xcc\x81", NULL, NULL},
        {FIELD_DECIMAL, 2, "1", NULL, NULL},
        {FIELD_INTEGER, -1, "007", NULL, NULL},
        {FIELD_DATETIME, -1, "2024-02-29T08:30:00+00:00", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const struct field f = {.type = (uint8_t)needs[i].type, .scale = (int8_t)needs[i].scale};
        struct arena a = {0};
        struct gw_str got;
        const char *code;

        arena_fail_at(1);
        assert_int_equal(canon(&a, &f, str_of(needs[i].text), &got, &code), GW_FATAL);
        arena_fail_at(0);
        arena_done(&a);
    }
}

static void orders(void **state)
{
    static const struct {
        enum field_type type;
        const char *low, *high; /* equal when both are said equal */
        bool equal;
    } pairs[] = {
        {FIELD_INTEGER, "9", "10", false},
        {FIELD_INTEGER, "-10", "-9", false},
        {FIELD_INTEGER, "-1", "0", false},
        {FIELD_DECIMAL, "9.5", "10", false},
        {FIELD_DECIMAL, "0.09", "0.1", false},
        {FIELD_DECIMAL, "1", "1.01", false},
        {FIELD_DECIMAL, "-1.01", "-1", false},
        {FIELD_DECIMAL, "1.50", "1.5", true},
        {FIELD_DECIMAL, "99999999999999999999.01", "99999999999999999999.02", false},
        {FIELD_DATE, "2023-12-31", "2024-01-01", false},
        {FIELD_DATETIME, "2024-01-01T10:00:00+02:00", "2024-01-01T09:00:00Z", false},
        {FIELD_DATETIME, "2024-01-01T01:00:00+02:00", "2023-12-31T23:00:00Z", true},
        {FIELD_DATETIME, "2023-12-31T23:00:00-02:00", "2024-01-01T01:00:01Z", false},
        {FIELD_DATETIME, "2024-01-01T01:00:00", "2024-01-01T01:00:00.5", false},
        {FIELD_TEXT, "10", "9", false},
        {FIELD_TIME, "09:00", "35:00", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct gw_str low = str_of(pairs[i].low), high = str_of(pairs[i].high);
        int c = canon_compare(pairs[i].type, low, high), back = canon_compare(pairs[i].type, high, low);

        if (pairs[i].equal ? (c || back) : (c >= 0 || back <= 0))
            fail_msg("%s against %s: %d, %d", pairs[i].low, pairs[i].high, c, back);
    }
}

static void days_are_counted(void **state)
{
    static const struct {
        const char *date;
        int32_t days; /* of `date -d … +%s` / 86400 */
    } known[] = {{"1970-01-01", 0},       {"1969-12-31", -1},     {"2000-03-01", 11017},
                 {"2024-02-29", 19782},   {"2026-07-09", 20643},  {"1900-01-01", -25567},
                 {"9999-12-31", 2932896}, {"0001-01-01", -719162}};
    int32_t days;

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        assert_true(date_days(str_of(known[i].date), &days));
        assert_int_equal(days, known[i].days);
    }
    assert_false(date_days(GW_STR("2023-02-29"), &days));
    assert_false(date_days(GW_STR(""), &days));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_forms),          cmocka_unit_test(canonical_takes_no_memory),
        cmocka_unit_test(open_list_takes_any_text), cmocka_unit_test(texts_below_u0300_are_passed),
        cmocka_unit_test(out_of_memory_is_fatal),   cmocka_unit_test(orders),
        cmocka_unit_test(days_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
