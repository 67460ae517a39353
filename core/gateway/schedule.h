/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * When something is due. A text of gateway.conf is one of
 *
 *   every N s|min|h|d                       so long after the last time
 *   cron MINUTE HOUR DAY MONTH WEEKDAY      crontab(5): *, lists, ranges, steps behind * or a range, names of
 *                                           months and weekdays; of DAY and WEEKDAY either is enough if both
 *                                           are restricted (do not begin with *)
 *   HH:MM,HH:MM                             each day at these times
 *
 * the last two with " working" behind them, or "working " before times: Mondays to Fridays that are no public
 * holiday (holidays.h); "working-am" knows those of Alsace-Moselle too.
 *
 * Times are of the local zone (TZ, /etc/localtime). One that does not exist, since clocks go forward over it,
 * is the moment they have gone forward; several of these are one. One that comes twice is the first.
 *
 * Pure but for the zone; any thread. A schedule is a value; only its text is somebody's.
 */
#ifndef GATEWAY_SCHEDULE_H
#define GATEWAY_SCHEDULE_H

#include <stdbool.h>

#include "gw/base.h"

#define SCHEDULE_TIMES 24 /* of a day, in a list of times */

#define SCHEDULE_EXPECTED                                                                                      \
    "\"every 15 min\" | \"cron 30 6 * * 1-5\" | \"08:00\" | \"working 06:30,14:00\" | \"cron ... working\""

enum schedule_kind { SCHEDULE_NONE, SCHEDULE_EVERY, SCHEDULE_CRON, SCHEDULE_AT };
enum schedule_days { DAYS_ALL, DAYS_WORKING, DAYS_WORKING_AM };

struct schedule {
    unsigned kind; /* enum schedule_kind; {0}: none, nothing is ever due */
    unsigned days; /* enum schedule_days */
    uint64_t seconds;
    uint64_t minutes, hours, mdays, months, wdays; /* SCHEDULE_CRON: bits by number, Sunday 0 */
    bool either;                                   /* one of mdays and wdays is enough */
    uint16_t times[SCHEDULE_TIMES];                /* SCHEDULE_AT: minutes of the day */
    uint16_t ntimes;
    struct gw_str text; /* as it was given, and whose */
};

/* False: none of these; *ret is then {0}. */
GW_MUST_USE bool schedule_parse(struct gw_str text, struct schedule *ret);
/* The first time behind `after`, seconds since 1970; INT64_MAX: never. */
int64_t schedule_next(const struct schedule *s, int64_t after);
/* "15 min", "2 h", "1 d", "30 s". */
GW_MUST_USE bool schedule_seconds(struct gw_str text, uint64_t *ret);

#endif
