/* SPDX-License-Identifier: EUPL-1.2 */
/* Dates and times of spreadsheets as texts. */
#ifndef TABLE_DATE_H
#define TABLE_DATE_H

#include <stdbool.h>

#include "gw/base.h"

#define DATE_ROOM 40u

/* Days since 1970-01-01 and seconds of that day: YYYY-MM-DD, or DD/MM/YYYY; at midnight without time, else
 * T (a blank) and HH:mm:ss. */
struct gw_str date_text(int64_t days, uint32_t seconds, bool french, char room[DATE_ROOM]);
/* Seconds, any number of hours: HH:mm, with :ss where there are some. */
struct gw_str date_time(uint64_t seconds, char room[DATE_ROOM]);
/* "2026-01-31", "2026-01-31T00:00:00.000Z" and the like; anything else stays as it is. */
struct gw_str date_of_iso(struct gw_str text, bool french, char room[DATE_ROOM]);
/* Days since 1970-01-01 of a text that date_text() would give for a day without time. False: it is none. */
bool date_days(struct gw_str text, bool french, int64_t *ret_days);
/* "PT07H30M00S"; false: it is none. */
bool date_of_duration(struct gw_str text, uint64_t *ret_seconds);

#endif
