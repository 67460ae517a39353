/* SPDX-License-Identifier: EUPL-1.2 */
/* Numbers and days as texts. */
#include <string.h>

#include "support/unit.h"
#include "table/date.h"
#include "table/number.h"

int test_texts(void);

#define TEXT(literal) ((struct gw_str){(literal), strlen(literal)})

static const char *const numbers[][2] = {
    {"12", "12"},
    {"-12", "-12"},
    {"0", "0"},
    {"12.50", "12.5"},
    {"1.1000000000000001", "1.1"},
    {"0.10000000000000001", "0.1"},
    {"89931.899999999994", "89931.9"},
    {"131748.31", "131748.31"},
    {"0.99999999999999994", "1"},
    {"999999999999999.96", "1000000000000000"},
    {"2.5E3", "2500"},
    {"1.2345E-2", "0.012345"},
    {"1E2", "100"},
    {"1.789E+12", "1789000000000"},
    {"-0.0", "0"},
    {"0.00", "0"},
    {".5", "0.5"},
    {"5.", "5"},
    {"1803331476872", "1803331476872"},
    {"12345678901234567890", "12345678901234567890"},
    {"0012", "0012"},
    {"1e400", NULL},
    {"1e-400", NULL},
    {"1e", NULL},
    {"", NULL},
    {"-", NULL},
    {".", NULL},
    {"12a", NULL},
    {"1.2.3", NULL},
    {"NaN", NULL},
    {"1e99999999999999999999", NULL},
};

static void numbers_are_what_a_person_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        char room[NUMBER_ROOM];
        struct gw_str found;
        bool good = number_plain(TEXT(numbers[i][0]), room, &found);

        if (good != (numbers[i][1] != NULL))
            fail_msg("%s: %d", numbers[i][0], good);
        if (good && (found.len != strlen(numbers[i][1]) || memcmp(found.ptr, numbers[i][1], found.len) != 0))
            fail_msg("%s: %.*s instead of %s", numbers[i][0], (int)found.len, found.ptr, numbers[i][1]);
    }
}

static void zeros_come_back(void **state)
{
    static const struct {
        const char *text;
        unsigned digits;
        const char *expected;
    } rows[] = {{"1500", 5, "01500"},  {"782605941", 10, "0782605941"},
                {"75001", 5, "75001"}, {"123456", 5, "123456"},
                {"-5", 3, "-5"},       {"1.5", 5, "1.5"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char room[NUMBER_ROOM];
        struct gw_str text = {room, strlen(rows[i].text)};

        memcpy(room, rows[i].text, text.len);
        text = number_pad(text, rows[i].digits, room);
        assert_int_equal(text.len, strlen(rows[i].expected));
        assert_memory_equal(text.ptr, rows[i].expected, text.len);
    }
}

static void same(struct gw_str found, const char *expected)
{
    if (found.len != strlen(expected) || memcmp(found.ptr, expected, found.len) != 0)
        fail_msg("%.*s instead of %s", (int)found.len, found.ptr, expected);
}

static void days_have_their_date(void **state)
{
    char room[DATE_ROOM];

    (void)state;
    same(date_text(0, 0, false, room), "1970-01-01");
    same(date_text(-1, 0, true, room), "31/12/1969");
    same(date_text(11016, 0, false, room), "2000-02-29");
    same(date_text(-25509, 0, false, room), "1900-02-28");
    same(date_text(-25508, 0, false, room), "1900-03-01");
    same(date_text(2932896, 0, false, room), "9999-12-31");
    same(date_text(20000, 3661, false, room), "2024-10-04T01:01:01");
    same(date_text(20000, 3661, true, room), "04/10/2024 01:01:01");
    same(date_time(35 * 3600, room), "35:00");
    same(date_time(59, room), "00:00:59");
    same(date_of_iso(TEXT("2026-01-31"), false, room), "2026-01-31");
    same(date_of_iso(TEXT("2026-01-31"), true, room), "31/01/2026");
    same(date_of_iso(TEXT("2026-01-31T00:00:00.000Z"), false, room), "2026-01-31");
    same(date_of_iso(TEXT("2026-01-31T10:30:00"), false, room), "2026-01-31T10:30:00");
    same(date_of_iso(TEXT("31/01/2026"), false, room), "31/01/2026");
    same(date_of_iso(TEXT("2026-01"), true, room), "2026-01");
}

static void texts_that_are_days(void **state)
{
    static const struct {
        const char *text;
        bool french;
        int64_t days; /* INT64_MIN: none */
    } rows[] = {
        {"1970-01-01", false, 0},         {"01/01/1970", true, 0},          {"2000-02-29", false, 11016},
        {"9999-12-31", false, 2932896},   {"1900-02-28", false, -25509},    {"2001-02-29", false, INT64_MIN},
        {"2026-13-01", false, INT64_MIN}, {"2026-00-10", false, INT64_MIN}, {"2026-04-31", false, INT64_MIN},
        {"01/01/1970", false, INT64_MIN}, {"2026-1-01", false, INT64_MIN},  {"2026-01-011", false, INT64_MIN}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        int64_t days;
        bool good = date_days(TEXT(rows[i].text), rows[i].french, &days);

        if (good != (rows[i].days != INT64_MIN) || (good && days != rows[i].days))
            fail_msg("%s: %d %lld", rows[i].text, good, (long long)days);
    }
}

static void durations_are_seconds(void **state)
{
    uint64_t n;

    (void)state;
    assert_true(date_of_duration(TEXT("PT07H30M05S"), &n) && n == 7 * 3600 + 30 * 60 + 5);
    assert_true(date_of_duration(TEXT("PT35H00M00.5S"), &n) && n == 35 * 3600);
    assert_false(date_of_duration(TEXT("P1D"), &n));
    assert_false(date_of_duration(TEXT("PT1X"), &n));
}

int test_texts(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_what_a_person_reads),
        cmocka_unit_test(zeros_come_back),
        cmocka_unit_test(days_have_their_date),
        cmocka_unit_test(texts_that_are_days),
        cmocka_unit_test(durations_are_seconds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
