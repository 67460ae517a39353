/* SPDX-License-Identifier: EUPL-1.2 */
/* Dates of holidays are those of the calendars of service-public.fr; of Easter, of the Bureau des longitudes.
 */
#include "support/unit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "gateway/holidays.h"
#include "gateway/schedule.h"

/* Europe/Paris since 1996, without a database of zones. */
#define PARIS "CET-1CEST,M3.5.0,M10.5.0/3"

static int64_t utc(const char *text)
{
    struct tm tm = {0};

    assert_non_null(strptime(text, strlen(text) == 10 ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M:%S", &tm));
    return timegm(&tm);
}

static void easter(void **state)
{
    static const char *const sundays[] = {"1818-03-22", "1943-04-25", "1954-04-18", "1981-04-19", "2000-04-23",
                                          "2008-03-23", "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28",
                                          "2038-04-25", "2049-04-18", "2076-04-19", "2285-03-22"};

    (void)state;
    for (size_t i = 0; i < sizeof(sundays) / sizeof(*sundays); i++)
        assert_int_equal(holiday_easter(atoi(sundays[i])), utc(sundays[i]) / 86400);
}

/* All of four years, and no other day. */
static void holidays(void **state)
{
    static const char *const days[] = {
        "2024-01-01", "2024-04-01", "2024-05-01", "2024-05-08", "2024-05-09", "2024-05-20", "2024-07-14",
        "2024-08-15", "2024-11-01", "2024-11-11", "2024-12-25", "2025-01-01", "2025-04-21", "2025-05-01",
        "2025-05-08", "2025-05-29", "2025-06-09", "2025-07-14", "2025-08-15", "2025-11-01", "2025-11-11",
        "2025-12-25", "2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25",
        "2026-07-14", "2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25", "2027-01-01", "2027-03-29",
        "2027-05-01", "2027-05-06", "2027-05-08", "2027-05-17", "2027-07-14", "2027-08-15", "2027-11-01",
        "2027-11-11", "2027-12-25"};
    static const char *const more[] = {"2024-03-29", "2024-12-26", "2025-04-18", "2025-12-26",
                                       "2026-04-03", "2026-12-26", "2027-03-26", "2027-12-26"};
    size_t met = 0, met_more = 0;

    (void)state;
    for (int64_t d = utc("2024-01-01") / 86400; d < utc("2028-01-01") / 86400; d++) {
        bool here = met < sizeof(days) / sizeof(*days) && utc(days[met]) / 86400 == d;
        bool there = met_more < sizeof(more) / sizeof(*more) && utc(more[met_more]) / 86400 == d;

        assert_int_equal(holiday(d, false), here);
        assert_int_equal(holiday(d, true), here || there);
        met += here;
        met_more += there;
    }
    assert_int_equal(met, 44);
    assert_int_equal(met_more, 8);
}

static void texts(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"every 15 min", true},
        {" every 1d ", true},
        {"every 0 s", false},
        {"every 15", false},
        {"every 15 minutes", false},
        {"every -1 h", false},
        {"every 999999999999999999999 s", false},
        {"cron * * * * *", true},
        {"cron 30 6 * * 1-5", true},
        {"cron 30 6 * * 1-5 working", true},
        {"cron  0,30  */2   1-15/5  jan,DEC  Mon-fri", true},
        {"cron 0 0 * * 7", true},
        {"cron * * * *", false},
        {"cron * * * * * *", false},
        {"cron 60 * * * *", false},
        {"cron * 24 * * *", false},
        {"cron * * 0 * *", false},
        {"cron * * 32 * *", false},
        {"cron * * * 0 *", false},
        {"cron * * * 13 *", false},
        {"cron * * * * 8", false},
        {"cron 5-1 * * * *", false},
        {"cron 5/10 * * * *", false},
        {"cron */0 * * * *", false},
        {"cron 1,,2 * * * *", false},
        {"cron 1, * * * *", false},
        {"cron x * * * *", false},
        {"cron * * * * lundi", false},
        {"cron 001 * * * *", false},
        {"working 06:30,14:00", true},
        {"working-am 06:30", true},
        {"06:30, 14:00 working", true},
        {"8:00", true},
        {"08:00 working", true},
        {"08:00 holidays", false},
        {"24:00", false},
        {"08:60", false},
        {"08:5", false},
        {"0800", false},
        {"08:00,", false},
        {"working", false},
        {"cron working", false},
        {"", false},
        {"hourly", false},
    };
    struct schedule s;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (schedule_parse(str_of(rows[i].text), &s) != rows[i].good)
            fail_msg("%s", rows[i].text);
        assert_int_equal(s.kind != SCHEDULE_NONE, rows[i].good);
    }
    assert_false(schedule_parse((struct gw_str){NULL, 0}, &s));
}

/* What is due behind an instant, all in UTC: Paris is one hour ahead, two in summer. */
static void due(void **state)
{
    static const struct {
        const char *zone, *text, *after, *next;
    } rows[] = {
        {PARIS, "every 15 min", "2026-11-28T08:00:07", "2026-11-28T08:15:07"},
        {PARIS, "every 1 d", "2026-03-28T12:00:00", "2026-03-29T12:00:00"},
        /* behind, not at */
        {"UTC0", "08:00", "2026-11-28T07:59:59", "2026-11-28T08:00:00"},
        {"UTC0", "08:00", "2026-11-28T08:00:00", "2026-11-29T08:00:00"},
        {PARIS, "06:30,14:00", "2026-11-28T05:30:00", "2026-11-28T13:00:00"},
        {PARIS, "14:00,06:30", "2026-11-28T00:00:00", "2026-11-28T05:30:00"},
        /* Saturday 28 November; Friday 1 January 2027; Easter Monday 2027 */
        {PARIS, "working 06:30,14:00", "2026-11-27T13:00:00", "2026-11-30T05:30:00"},
        {PARIS, "08:00 working", "2026-12-31T07:00:00", "2027-01-04T07:00:00"},
        {PARIS, "08:00 working", "2027-03-26T07:00:00", "2027-03-30T06:00:00"},
        /* Thursday 25 December 2025, and the day behind; Good Friday 2026 */
        {PARIS, "08:00 working", "2025-12-24T07:00:00", "2025-12-26T07:00:00"},
        {PARIS, "08:00 working-am", "2025-12-24T07:00:00", "2025-12-29T07:00:00"},
        {PARIS, "working 08:00", "2026-04-02T06:00:00", "2026-04-03T06:00:00"},
        {PARIS, "working-am 08:00", "2026-04-02T06:00:00", "2026-04-07T06:00:00"},
        {PARIS, "cron 30 6 * * 1-5", "2026-11-27T05:30:00", "2026-11-30T05:30:00"},
        {PARIS, "cron 30 6 * * 1-5", "2026-12-24T05:30:00", "2026-12-25T05:30:00"},
        {PARIS, "cron 30 6 * * 1-5 working", "2026-12-24T05:30:00", "2026-12-28T05:30:00"},
        {"UTC0", "cron */20 * * * *", "2026-11-28T08:20:00", "2026-11-28T08:40:00"},
        {"UTC0", "cron 10-50/20 * * * *", "2026-11-28T08:30:30", "2026-11-28T08:50:00"},
        {"UTC0", "cron 10-50/20 * * * *", "2026-11-28T08:50:00", "2026-11-28T09:10:00"},
        {"UTC0", "cron 0 0 1 jan *", "2026-01-01T00:00:00", "2027-01-01T00:00:00"},
        {"UTC0", "cron 0 0 * * sun", "2026-11-28T00:00:00", "2026-11-29T00:00:00"},
        {"UTC0", "cron 0 0 * * 7", "2026-11-28T00:00:00", "2026-11-29T00:00:00"},
        {"UTC0", "cron 0 0 * * 5-7", "2026-11-29T00:00:00", "2026-12-04T00:00:00"},
        /* crontab(5): "30 4 1,15 * 5" is 4:30 on the 1st and 15th of each month, plus every Friday */
        {"UTC0", "cron 30 4 1,15 * 5", "2026-11-28T00:00:00", "2026-12-01T04:30:00"},
        {"UTC0", "cron 30 4 1,15 * 5", "2026-12-01T04:30:00", "2026-12-04T04:30:00"},
        /* one of them begins with *: both */
        {"UTC0", "cron 0 0 */2 * 1", "2026-11-28T00:00:00", "2026-12-07T00:00:00"},
        {"UTC0", "cron 0 0 13 * *", "2026-11-28T00:00:00", "2026-12-13T00:00:00"},
        {"UTC0", "cron 0 0 31 * *", "2026-03-31T00:00:00", "2026-05-31T00:00:00"},
        {"UTC0", "cron 0 12 29 2 *", "2026-11-28T00:00:00", "2028-02-29T12:00:00"},
        {"UTC0", "cron 0 12 29 2 *", "2096-03-01T00:00:00", "2104-02-29T12:00:00"},
        {"UTC0", "cron 0 12 29 feb * working", "2028-03-01T00:00:00", "2036-02-29T12:00:00"},
        /* 29 March 2026, 02:00 is followed by 03:00: what is not there is done once, then */
        {PARIS, "02:30", "2026-03-28T01:30:00", "2026-03-29T01:00:00"},
        {PARIS, "02:30", "2026-03-29T01:00:00", "2026-03-30T00:30:00"},
        {PARIS, "02:00,02:30,03:00", "2026-03-29T00:59:59", "2026-03-29T01:00:00"},
        {PARIS, "02:00,02:30,03:00", "2026-03-29T01:00:00", "2026-03-30T00:00:00"},
        {PARIS, "01:59,03:01", "2026-03-29T00:59:00", "2026-03-29T01:01:00"},
        {PARIS, "cron 15 * * * *", "2026-03-29T00:15:00", "2026-03-29T01:00:00"},
        {PARIS, "cron 15 * * * *", "2026-03-29T01:00:00", "2026-03-29T01:15:00"},
        /* 25 October 2026, 03:00 is followed by 02:00: what comes twice is done once */
        {PARIS, "02:30", "2026-10-24T00:30:00", "2026-10-25T00:30:00"},
        {PARIS, "02:30", "2026-10-25T00:30:00", "2026-10-26T01:30:00"},
        {PARIS, "02:30,03:00", "2026-10-25T00:30:00", "2026-10-25T02:00:00"},
        {PARIS, "08:00", "2026-10-24T06:00:00", "2026-10-25T07:00:00"},
        /* a zone whose clocks go forward at midnight */
        {"AAA4BBB,M9.1.6/24,M4.1.6/24", "00:30", "2026-09-05T12:00:00", "2026-09-06T04:00:00"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct schedule s;
        int64_t next;

        setenv("TZ", rows[i].zone, 1);
        tzset();
        assert_true(schedule_parse(str_of(rows[i].text), &s));
        next = schedule_next(&s, utc(rows[i].after));
        if (next != utc(rows[i].next))
            fail_msg("%s behind %s: %lld s from what was expected", rows[i].text, rows[i].after,
                     (long long)(next - utc(rows[i].next)));
    }
}

static void never(void **state)
{
    struct schedule s = {0};

    (void)state;
    assert_true(schedule_next(&s, 0) == INT64_MAX);
    assert_true(schedule_parse(GW_STR("cron 0 0 30 2 *"), &s));
    assert_true(schedule_next(&s, utc("2026-11-28")) == INT64_MAX);
    assert_true(schedule_parse(GW_STR("cron 0 0 1 5 * working"), &s)); /* always a holiday */
    assert_true(schedule_next(&s, utc("2026-11-28")) == INT64_MAX);
    assert_true(schedule_parse(GW_STR("every 9223372036854775807 s"), &s));
    assert_true(schedule_next(&s, utc("2026-11-28")) == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(easter), cmocka_unit_test(holidays), cmocka_unit_test(texts),
        cmocka_unit_test(due),    cmocka_unit_test(never),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
