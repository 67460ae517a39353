/* SPDX-License-Identifier: EUPL-1.2 */
#include "table/number.h"

#include <string.h>

#define DIGITS   48 /* of a number; more are not looked at behind the point */
#define KEPT     15 /* digits that a double has for sure */
#define FARTHEST 40 /* digits before or behind the point of what is written out */

/* 0.digits times ten to the power `point`. */
struct decimal {
    char digits[DIGITS + 1];
    int count, point;
    bool negative, whole;
};

static bool take_exponent(const char **p, const char *end, int *point)
{
    int sign = 1, n = 0;

    (*p)++;
    if (*p < end && (**p == '-' || **p == '+'))
        sign = *(*p)++ == '-' ? -1 : 1;
    if (*p == end)
        return false;
    for (; *p < end && **p >= '0' && **p <= '9'; (*p)++)
        n = n < 10000 ? n * 10 + (**p - '0') : n;
    *point += sign * n;
    return true;
}

static bool take_digits(const char **p, const char *end, struct decimal *d)
{
    bool any = false, behind = false;

    for (; *p < end && ((**p >= '0' && **p <= '9') || (**p == '.' && !behind)); (*p)++) {
        if (**p == '.') {
            behind = true;
            d->whole = false;
            continue;
        }
        any = true;
        if (d->count == 0 && **p == '0') {
            d->point -= behind;
            continue;
        }
        if (!behind)
            d->point++;
        if (d->count < DIGITS)
            d->digits[d->count++] = **p;
        else if (!behind)
            return false;
    }
    return any;
}

static bool parse(struct gw_str text, struct decimal *d)
{
    const char *p = text.ptr, *end = p + text.len;

    *d = (struct decimal){.whole = true};
    if (p < end && (*p == '-' || *p == '+'))
        d->negative = *p++ == '-';
    if (!take_digits(&p, end, d))
        return false;
    if (p < end && (*p == 'e' || *p == 'E')) {
        d->whole = false;
        if (!take_exponent(&p, end, &d->point))
            return false;
    }
    return p == end;
}

static void round_off(struct decimal *d)
{
    int i = KEPT;

    if (d->count > KEPT && d->digits[KEPT] >= '5') {
        while (i > 0 && d->digits[i - 1] == '9')
            i--;
        if (i > 0) {
            d->digits[i - 1]++;
        } else {
            d->digits[0] = '1';
            d->point++;
            i = 1;
        }
    }
    if (d->count > KEPT)
        d->count = i;
    while (d->count && d->digits[d->count - 1] == '0')
        d->count--;
}

/* Between two places where the point may not be far away. */
static size_t write_out(const struct decimal *d, char *to)
{
    size_t len = 0;

    if (d->negative && d->count)
        to[len++] = '-';
    if (d->point <= 0)
        to[len++] = '0';
    for (int i = 0; i < d->point; i++)
        to[len++] = i < d->count ? d->digits[i] : '0';
    if (d->count <= d->point || d->count == 0)
        return len;
    to[len++] = '.';
    for (int i = d->point; i < d->count; i++)
        to[len++] = i < 0 ? '0' : d->digits[i];
    return len;
}

bool number_plain(struct gw_str text, char room[NUMBER_ROOM], struct gw_str *ret)
{
    struct decimal d;

    if (!parse(text, &d))
        return false;
    if (d.whole) {
        *ret = text;
        return true;
    }
    round_off(&d);
    if (d.count == 0)
        d.point = 0;
    if (d.point > FARTHEST || d.point < -FARTHEST)
        return false;
    *ret = (struct gw_str){room, write_out(&d, room)};
    return true;
}

struct gw_str number_pad(struct gw_str text, unsigned digits, char room[NUMBER_ROOM])
{
    size_t missing = text.len < digits && digits < NUMBER_ROOM ? digits - text.len : 0;

    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return text;
    if (!missing)
        return text;
    memmove(room + missing, text.ptr, text.len);
    memset(room, '0', missing);
    return (struct gw_str){room, digits};
}

void number_comma(struct gw_str text, char room[NUMBER_ROOM])
{
    char *point = text.ptr == room ? memchr(room, '.', text.len) : NULL;

    if (point)
        *point = ',';
}

/* A number that comes back as it is: no zeros in front, no more digits than are kept, a point with digits
 * behind. */
bool number_exact(struct gw_str text, char mark, size_t *ret_decimals)
{
    size_t i = text.len && *text.ptr == '-', begin = i, digits = 0;
    bool point = false;

    *ret_decimals = 0;
    if (i == text.len || (text.ptr[i] == '0' && i + 1 < text.len && text.ptr[i + 1] != mark))
        return false;
    for (; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == mark && !point && i > begin && i + 1 < text.len) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            return false;
        digits++;
        *ret_decimals += point;
    }
    return digits <= KEPT;
}
