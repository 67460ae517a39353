/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/holidays.h"

#include <time.h>

#define DAY_S 86400

#define GOOD_FRIDAY   (-2) /* days from Easter Sunday */
#define EASTER_MONDAY 1
#define ASCENSION     39
#define WHIT_MONDAY   50

/* The anonymous Gregorian computus (Nature, 20 April 1876; Meeus, Astronomical Algorithms, chapter 8). */
int64_t holiday_easter(int year)
{
    int golden = year % 19, century = year / 100, rest = year % 100;
    int correction = (century - (century + 8) / 25 + 1) / 3;
    int epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    int weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    int late = (golden + 11 * epact + 22 * weekday) / 451;
    int march = epact + weekday - 7 * late + 22; /* 32 is 1 April */
    struct tm tm = {.tm_year = year - 1900, .tm_mon = 2, .tm_mday = march};

    return timegm(&tm) / DAY_S;
}

static bool fixed(const struct tm *tm, bool alsace_moselle)
{
    static const struct {
        int month, day;
        bool alsace_moselle;
    } days[] = {{1, 1, false},  {5, 1, false},   {5, 8, false},   {7, 14, false}, {8, 15, false},
                {11, 1, false}, {11, 11, false}, {12, 25, false}, {12, 26, true}};

    for (unsigned i = 0; i < sizeof(days) / sizeof(*days); i++)
        if (tm->tm_mon + 1 == days[i].month && tm->tm_mday == days[i].day)
            return alsace_moselle || !days[i].alsace_moselle;
    return false;
}

bool holiday(int64_t day, bool alsace_moselle)
{
    time_t t = (time_t)(day * DAY_S);
    struct tm tm;
    int64_t behind;

    gmtime_r(&t, &tm);
    behind = day - holiday_easter(tm.tm_year + 1900);
    return fixed(&tm, alsace_moselle) || behind == EASTER_MONDAY || behind == ASCENSION ||
           behind == WHIT_MONDAY || (alsace_moselle && behind == GOOD_FRIDAY);
}
