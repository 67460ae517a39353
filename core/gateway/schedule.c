/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/schedule.h"

#include <strings.h>
#include <time.h>

#include "base/str.h"
#include "gateway/holidays.h"

#define DAY_S   86400
#define DAY_MIN 1440
#define DAYS_MOST                                                                                              \
    (40 * 366) /* 29 February on a working day is not rarer, even over a year that is no leap year */

/* ---- texts ---- */

bool schedule_seconds(struct gw_str text, uint64_t *ret)
{
    static const struct {
        const char *name;
        uint64_t seconds;
    } units[] = {{"s", 1}, {"min", 60}, {"h", 3600}, {"d", DAY_S}};
    size_t digits = 0;
    struct gw_str unit;

    while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    if (!str_number((struct gw_str){text.ptr, digits}, ret))
        return false;
    unit = str_trim(str_from(text, digits));
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
        if (str_is(unit, units[i].name))
            return !__builtin_mul_overflow(*ret, units[i].seconds, ret);
    return false;
}

/* One or two digits. */
static bool take_number(struct gw_str *text, unsigned *ret)
{
    size_t n = 0;

    for (*ret = 0; n < text->len && n < 2 && text->ptr[n] >= '0' && text->ptr[n] <= '9'; n++)
        *ret = *ret * 10 + (unsigned)(text->ptr[n] - '0');
    *text = str_from(*text, n);
    return n > 0;
}

static bool take_char(struct gw_str *text, char c)
{
    if (!text->len || text->ptr[0] != c)
        return false;
    *text = str_from(*text, 1);
    return true;
}

struct cron_field {
    unsigned low, high;
    const char *names; /* of three letters each, from `low` on */
};

static bool take_value(struct gw_str *text, const struct cron_field *f, unsigned *ret)
{
    if (take_number(text, ret))
        return *ret >= f->low && *ret <= f->high;
    for (unsigned i = 0; f->names && text->len >= 3 && f->names[3 * i]; i++)
        if (strncasecmp(text->ptr, f->names + 3 * i, 3) == 0) {
            *text = str_from(*text, 3);
            *ret = f->low + i;
            return true;
        }
    return false;
}

/* "*", "N", "N-M", the first and the last with "/STEP" behind. */
static bool cron_range(struct gw_str text, const struct cron_field *f, uint64_t *ret)
{
    unsigned low = f->low, high = f->high, step = 1;
    bool range = take_char(&text, '*');

    if (!range) {
        if (!take_value(&text, f, &low))
            return false;
        range = take_char(&text, '-');
        high = low;
        if (range && !take_value(&text, f, &high))
            return false;
    }
    if (take_char(&text, '/') && (!range || !take_number(&text, &step)))
        return false;
    if (text.len || high < low || !step)
        return false;
    for (unsigned i = low; i <= high; i += step)
        *ret |= (uint64_t)1 << i;
    return true;
}

static bool cron_list(struct gw_str text, const struct cron_field *f, uint64_t *ret)
{
    while (text.ptr)
        if (!cron_range(str_cut(text, ',', &text), f, ret))
            return false;
    return true;
}

static bool cron(struct gw_str text, struct schedule *s)
{
    static const struct cron_field fields[5] = {
        {0, 59, NULL},
        {0, 23, NULL},
        {1, 31, NULL},
        {1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
        {0, 7, "sunmontuewedthufrisat"},
    };
    uint64_t *const to[5] = {&s->minutes, &s->hours, &s->mdays, &s->months, &s->wdays};

    s->either = true;
    for (size_t i = 0; i < 5; i++) {
        struct gw_str word = str_cut(str_trim(text), ' ', &text);

        if (!word.len || !cron_list(word, &fields[i], to[i]))
            return false;
        s->either &= (i != 2 && i != 4) || word.ptr[0] != '*';
    }
    s->wdays |= s->wdays >> 7 & 1;
    return !text.ptr;
}

static bool times(struct gw_str text, struct schedule *s)
{
    while (text.ptr) {
        struct gw_str one = str_trim(str_cut(text, ',', &text));
        unsigned hour, minute;

        if (!take_number(&one, &hour) || hour > 23 || !take_char(&one, ':') || one.len != 2 ||
            !take_number(&one, &minute) || minute > 59 || one.len || s->ntimes == SCHEDULE_TIMES)
            return false;
        s->times[s->ntimes++] = (uint16_t)(hour * 60 + minute);
    }
    return s->ntimes > 0;
}

static bool ends(struct gw_str text, struct gw_str with)
{
    return text.len >= with.len && str_eq(str_from(text, text.len - with.len), with);
}

static unsigned take_days(struct gw_str *text)
{
    static const struct {
        struct gw_str before, behind;
        unsigned days;
    } words[] = {{GW_STR_INIT("working "), GW_STR_INIT(" working"), DAYS_WORKING},
                 {GW_STR_INIT("working-am "), GW_STR_INIT(" working-am"), DAYS_WORKING_AM}};

    for (size_t i = 0; i < 2; i++) {
        if (ends(*text, words[i].behind)) {
            text->len -= words[i].behind.len;
            return words[i].days;
        }
        if (str_begins(*text, words[i].before) && !str_begins(*text, GW_STR("cron "))) {
            *text = str_from(*text, words[i].before.len);
            return words[i].days;
        }
    }
    return DAYS_ALL;
}

bool schedule_parse(struct gw_str text, struct schedule *ret)
{
    struct schedule s = {.kind = SCHEDULE_AT};
    bool good;

    text = s.text = str_trim(text);
    if (str_begins(text, GW_STR("every "))) {
        s.kind = SCHEDULE_EVERY;
        good = schedule_seconds(str_trim(str_from(text, 6)), &s.seconds) && s.seconds;
    } else {
        s.days = take_days(&text);
        if (str_begins(text, GW_STR("cron ")))
            s.kind = SCHEDULE_CRON;
        good = s.kind == SCHEDULE_CRON ? cron(str_trim(str_from(text, 5)), &s) : times(text, &s);
    }
    *ret = good ? s : (struct schedule){0};
    return good;
}

/* ---- days and their times ---- */

static bool bit(uint64_t bits, int n)
{
    return bits >> n & 1;
}

static bool day_is_due(const struct schedule *s, int64_t day)
{
    time_t t = (time_t)(day * DAY_S);
    struct tm tm;
    bool mday, wday;

    gmtime_r(&t, &tm);
    if (s->days != DAYS_ALL && (tm.tm_wday == 0 || tm.tm_wday == 6 || holiday(day, s->days == DAYS_WORKING_AM)))
        return false;
    if (s->kind == SCHEDULE_AT)
        return true;
    mday = bit(s->mdays, tm.tm_mday);
    wday = bit(s->wdays, tm.tm_wday);
    return bit(s->months, tm.tm_mon + 1) && (s->either ? mday || wday : mday && wday);
}

static bool minute_is_due(const struct schedule *s, int minute)
{
    if (s->kind == SCHEDULE_CRON)
        return bit(s->hours, minute / 60) && bit(s->minutes, minute % 60);
    for (uint16_t i = 0; i < s->ntimes; i++)
        if (s->times[i] == minute)
            return true;
    return false;
}

/* ---- the zone ---- */

static int64_t offset_at(int64_t instant)
{
    time_t t = (time_t)instant;
    struct tm tm;

    return localtime_r(&t, &tm) ? tm.tm_gmtoff : 0;
}

/* The first instant behind `low` that has another offset; there is one up to `high`. */
static int64_t change_behind(int64_t low, int64_t high)
{
    int64_t before = offset_at(low);

    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;

        if (offset_at(middle) == before)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* Of a time on the wall, in seconds as if the zone were UTC. */
static int64_t instant_of(int64_t wall)
{
    int64_t before = offset_at(wall - DAY_S), behind = offset_at(wall + DAY_S);

    if (offset_at(wall - before) == before)
        return wall - before;
    if (offset_at(wall - behind) == behind)
        return wall - behind;
    return change_behind(wall - DAY_S, wall + DAY_S);
}

static int64_t next_at(const struct schedule *s, int64_t after)
{
    int64_t today = (after + offset_at(after)) / DAY_S;

    for (int64_t day = today; day < today + DAYS_MOST; day++) {
        if (!day_is_due(s, day))
            continue;
        for (int minute = 0; minute < DAY_MIN; minute++) {
            int64_t instant = minute_is_due(s, minute) ? instant_of(day * DAY_S + minute * 60) : INT64_MIN;

            if (instant > after)
                return instant;
        }
    }
    return INT64_MAX;
}

int64_t schedule_next(const struct schedule *s, int64_t after)
{
    int64_t next;

    switch ((enum schedule_kind)s->kind) {
    case SCHEDULE_EVERY:
        return s->seconds < INT64_MAX && !__builtin_add_overflow(after, (int64_t)s->seconds, &next) ? next
                                                                                                    : INT64_MAX;
    case SCHEDULE_CRON:
    case SCHEDULE_AT:
        return next_at(s, after);
    case SCHEDULE_NONE:
        break;
    }
    return INT64_MAX;
}
