/* SPDX-License-Identifier: EUPL-1.2 */
#include "table/date.h"

#include <stdio.h>
#include <string.h>

/* Year, month and day of a day counted from 1970-01-01; eras of 400 years, months from March. */
static void civil(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    int64_t era;
    unsigned of_era, of_year, shifted;

    days += 719468;
    era = (days >= 0 ? days : days - 146096) / 146097;
    of_era = (unsigned)(days - era * 146097);
    *year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365 + era * 400;
    of_year = of_era - (365 * (unsigned)(*year - era * 400) + (unsigned)(*year - era * 400) / 4 -
                        (unsigned)(*year - era * 400) / 100);
    shifted = (5 * of_year + 2) / 153;
    *day = of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year += *month <= 2;
}

struct gw_str date_time(uint64_t seconds, char room[DATE_ROOM])
{
    uint64_t hours = seconds / 3600;
    unsigned minutes = (unsigned)(seconds / 60 % 60), rest = (unsigned)(seconds % 60);
    int n = rest ? snprintf(room, DATE_ROOM, "%02llu:%02u:%02u", (unsigned long long)hours, minutes, rest)
                 : snprintf(room, DATE_ROOM, "%02llu:%02u", (unsigned long long)hours, minutes);

    return (struct gw_str){room, (size_t)n};
}

struct gw_str date_text(int64_t days, uint32_t seconds, bool french, char room[DATE_ROOM])
{
    int64_t year;
    unsigned month, day;
    int n, more = 0;

    civil(days, &year, &month, &day);
    n = french ? snprintf(room, DATE_ROOM, "%02u/%02u/%04lld", day, month, (long long)year)
               : snprintf(room, DATE_ROOM, "%04lld-%02u-%02u", (long long)year, month, day);
    if (seconds)
        more = snprintf(room + n, DATE_ROOM - (size_t)n, "%c%02u:%02u:%02u", french ? ' ' : 'T', seconds / 3600,
                        seconds / 60 % 60, seconds % 60);
    return (struct gw_str){room, (size_t)(n + more)};
}

/* Whether the text is as the pattern: 0 is a digit, anything else itself. */
static bool looks_like(struct gw_str text, const char *pattern)
{
    size_t i = 0;

    for (; pattern[i]; i++)
        if (i >= text.len ||
            (pattern[i] == '0' ? text.ptr[i] < '0' || text.ptr[i] > '9' : text.ptr[i] != pattern[i]))
            return false;
    return true;
}

struct gw_str date_of_iso(struct gw_str text, bool french, char room[DATE_ROOM])
{
    bool time = looks_like(text, "0000-00-00T00:00:00");
    bool midnight = time && memcmp(text.ptr + 11, "00:00:00", 8) == 0;
    int n;

    if (!looks_like(text, "0000-00-00") || (text.len > 10 && !time))
        return text;
    n = french ? snprintf(room, DATE_ROOM, "%.2s/%.2s/%.4s", text.ptr + 8, text.ptr + 5, text.ptr)
               : snprintf(room, DATE_ROOM, "%.10s", text.ptr);
    if (time && !midnight)
        n += snprintf(room + n, DATE_ROOM - (size_t)n, "%c%.8s", french ? ' ' : 'T', text.ptr + 11);
    return (struct gw_str){room, (size_t)n};
}

static unsigned digits_at(struct gw_str text, size_t at, size_t len)
{
    unsigned n = 0;

    for (size_t i = at; i < at + len; i++)
        n = n * 10 + (unsigned)(text.ptr[i] - '0');
    return n;
}

/* Counted, and written again: what comes out the same was a day. */
bool date_days(struct gw_str text, bool french, int64_t *ret_days)
{
    char room[DATE_ROOM];
    struct gw_str again;
    unsigned year, month, day;

    if (text.len != 10 || !looks_like(text, french ? "00/00/0000" : "0000-00-00"))
        return false;
    year = digits_at(text, french ? 6 : 0, 4);
    month = digits_at(text, french ? 3 : 5, 2);
    day = digits_at(text, french ? 0 : 8, 2);
    if (year < 1 || month < 1 || month > 12)
        return false;
    year -= month <= 2;
    *ret_days = (int64_t)year * 365 + year / 4 - year / 100 + year / 400 +
                (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1 - 719468;
    again = date_text(*ret_days, 0, french, room);
    return again.len == text.len && memcmp(again.ptr, text.ptr, text.len) == 0;
}

bool date_of_duration(struct gw_str text, uint64_t *ret_seconds)
{
    uint64_t n = 0;

    *ret_seconds = 0;
    if (text.len < 3 || memcmp(text.ptr, "PT", 2) != 0)
        return false;
    for (size_t i = 2; i < text.len; i++) {
        char c = text.ptr[i];

        if (c >= '0' && c <= '9') {
            n = n < 100000000 ? n * 10 + (uint64_t)(c - '0') : n;
            continue;
        }
        if (c == '.' || c == ',') { /* parts of a second */
            *ret_seconds += n;
            return true;
        }
        if (c != 'H' && c != 'M' && c != 'S')
            return false;
        *ret_seconds += n * (c == 'H' ? 3600 : c == 'M' ? 60 : 1);
        n = 0;
    }
    return true;
}
