/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Serial dates: days since 1899-12-31, in which 1900 was taken for a leap year (60 is a 29 February that never
 * was), or since 1904-01-01. The part of a day is a fraction, rounded to the second.
 */
#include "table/date.h"
#include "table/number.h"

#include "xlsx.h"

#define DAY         86400u
#define TO_UNIX     25569 /* 1970-01-01 as a serial number, behind the false day */
#define TO_1904     1462
#define SERIAL_MOST 2958465 /* 9999-12-31 */

/* Whole days and seconds, without a double: a fraction of nine digits is near enough. */
static bool take(struct gw_str text, int64_t *ret_days, uint32_t *ret_seconds)
{
    char room[NUMBER_ROOM];
    uint64_t days = 0, fraction = 0, scale = 1;
    size_t i = 0;

    if (!number_plain(text, room, &text))
        return false;
    for (; i < text.len && text.ptr[i] != '.'; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || days > SERIAL_MOST)
            return false;
        days = days * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    for (i++; i < text.len && scale < 1000000000u; i++, scale *= 10)
        fraction = fraction * 10 + (uint64_t)(text.ptr[i] - '0');
    *ret_seconds = (uint32_t)((fraction * DAY + scale / 2) / scale);
    *ret_days = (int64_t)days + (*ret_seconds == DAY);
    *ret_seconds %= DAY;
    return days <= SERIAL_MOST;
}

bool xlsx_serial(struct gw_str number, bool from_1904, enum xlsx_shown shown, bool french, char *room,
                 struct gw_str *ret)
{
    int64_t days;
    uint32_t seconds;

    if (!take(number, &days, &seconds))
        return false;
    if (shown == SHOWN_TIME) {
        *ret = date_time((uint64_t)days * DAY + seconds, room);
        return true;
    }
    if (!from_1904 && (days == 0 || days == 60))
        return false; /* no day, or one that never was */
    if (from_1904)
        days += TO_1904;
    else if (days < 60)
        days++;
    *ret = date_text(days - TO_UNIX, shown == SHOWN_DATE_TIME ? seconds : 0, french, room);
    return true;
}
