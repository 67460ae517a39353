/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The hot path of reading: a value that is canonical already is checked and pointed at, nothing
 * is copied. Texts are canon_text.c's.
 */
#include "schema/canon.h"

#include "base/str.h"
#include "schema/canon_text.h"

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool two(const char *p, unsigned *ret)
{
    *ret = (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
    return digit(p[0]) && digit(p[1]);
}

/* ---- days and times ---- */

static unsigned month_days(unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap);
}

bool date_valid(unsigned year, unsigned month, unsigned day)
{
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
           (day <= 28 || day <= month_days(year, month));
}

/* YYYY-MM-DD at p, ten bytes. */
static bool date_parse(const char *p, unsigned *year, unsigned *month, unsigned *day)
{
    unsigned century, rest;

    if (!two(p, &century) || !two(p + 2, &rest) || p[4] != '-' || !two(p + 5, month) || p[7] != '-' ||
        !two(p + 8, day))
        return false;
    *year = century * 100 + rest;
    return date_valid(*year, *month, *day);
}

bool date_days(struct gw_str date, int32_t *ret_days)
{
    unsigned year, month, day;
    int32_t y, era, of_era, of_year;

    if (date.len != 10 || !date_parse(date.ptr, &year, &month, &day))
        return false;
    y = (int32_t)year - (month <= 2); /* the year begins in March: the leap day is its last */
    era = y / 400;
    of_era = y % 400;
    of_year = (153 * (int32_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + (int32_t)day - 1;
    *ret_days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    return true;
}

static bool is_month(struct gw_str t)
{
    unsigned century, rest, month;

    return t.len == 7 && two(t.ptr, &century) && two(t.ptr + 2, &rest) && t.ptr[4] == '-' &&
           two(t.ptr + 5, &month) && date_valid(century * 100 + rest, month, 1);
}

/* HH:mm[:ss], hours up to `hours`; *ret_seconds of the whole. */
static bool time_parse(struct gw_str t, unsigned hours, uint32_t *ret_seconds)
{
    unsigned h, m, s = 0;

    if ((t.len != 5 && t.len != 8) || !two(t.ptr, &h) || t.ptr[2] != ':' || !two(t.ptr + 3, &m))
        return false;
    if (t.len == 8 && (t.ptr[5] != ':' || !two(t.ptr + 6, &s)))
        return false;
    *ret_seconds = h * 3600 + m * 60 + s;
    return h <= hours && m <= 59 && s <= 59;
}

/* A stamp in its parts. */
struct instant {
    int32_t days;
    int32_t seconds;        /* of the day, the offset taken off */
    struct gw_str fraction; /* digits behind the point */
    struct gw_str offset;   /* "", "Z" or "+02:00" */
};

static bool offset_parse(struct gw_str t, int32_t *ret_seconds)
{
    uint32_t seconds;

    *ret_seconds = 0;
    if (t.len == 0 || (t.len == 1 && t.ptr[0] == 'Z'))
        return true;
    if (t.len != 6 || (t.ptr[0] != '+' && t.ptr[0] != '-') || !time_parse(str_from(t, 1), 23, &seconds))
        return false;
    *ret_seconds = t.ptr[0] == '+' ? (int32_t)seconds : -(int32_t)seconds;
    return true;
}

static bool instant_parse(struct gw_str t, struct instant *ret)
{
    struct gw_str rest;
    uint32_t seconds;
    int32_t offset;
    size_t n = 0;

    if (t.len < 19 || t.ptr[10] != 'T' || !date_days((struct gw_str){t.ptr, 10}, &ret->days) ||
        !time_parse((struct gw_str){t.ptr + 11, 8}, 23, &seconds))
        return false;
    rest = str_from(t, 19);
    if (rest.len && rest.ptr[0] == '.') {
        rest = str_from(rest, 1);
        while (n < rest.len && digit(rest.ptr[n]))
            n++;
        if (n == 0)
            return false;
    }
    ret->fraction = (struct gw_str){rest.ptr, n};
    ret->offset = str_from(rest, n);
    if (!offset_parse(ret->offset, &offset))
        return false;
    ret->seconds = (int32_t)seconds - offset;
    return true;
}

/* One form an instant as it was said: no zeros behind a fraction, an offset of nothing is Z. */
static enum gw_result datetime(struct arena *a, struct gw_str t, struct gw_str *ret)
{
    struct instant i;
    struct gw_str offset;
    size_t fraction;
    char *copy;

    if (!instant_parse(t, &i))
        return GW_REJECT;
    fraction = i.fraction.len;
    while (fraction && i.fraction.ptr[fraction - 1] == '0')
        fraction--;
    offset = str_is(i.offset, "+00:00") || str_is(i.offset, "-00:00") ? GW_STR("Z") : i.offset;
    if (fraction == i.fraction.len && offset.ptr == i.offset.ptr) {
        *ret = t;
        return GW_OK;
    }
    copy = arena_alloc(a, t.len);
    if (!copy)
        return GW_FATAL;
    memcpy(copy, t.ptr, 20 < t.len ? 20 : t.len);
    memcpy(copy + 20, i.fraction.ptr, fraction);
    *ret = (struct gw_str){copy, fraction ? 20 + fraction : 19};
    memcpy(copy + ret->len, offset.ptr, offset.len);
    ret->len += offset.len;
    return GW_OK;
}

static int instant_compare(struct gw_str a, struct gw_str b)
{
    struct instant x, y;
    int64_t s, t;

    if (!instant_parse(a, &x) || !instant_parse(b, &y))
        return str_compare(a, b);
    s = (int64_t)x.days * 86400 + x.seconds;
    t = (int64_t)y.days * 86400 + y.seconds;
    return s != t ? (s > t) - (s < t) : str_compare(x.fraction, y.fraction);
}

/* ---- numbers ---- */

bool canon_number(struct gw_str t, struct canon_number *ret)
{
    size_t at = t.len && t.ptr[0] == '-', n, from;

    for (n = at; n < t.len && digit(t.ptr[n]);)
        n++;
    if (n == at)
        return false;
    while (at < n && t.ptr[at] == '0')
        at++;
    ret->whole = (struct gw_str){t.ptr + at, n - at};
    from = n == t.len ? n : n + 1;
    if (n < t.len && (t.ptr[n] != '.' || from == t.len))
        return false;
    for (n = from; n < t.len; n++)
        if (!digit(t.ptr[n]))
            return false;
    while (n > from && t.ptr[n - 1] == '0')
        n--;
    ret->fraction = (struct gw_str){t.ptr + from, n - from};
    ret->negative = t.ptr[0] == '-' && (ret->whole.len || ret->fraction.len);
    return true;
}

bool canon_plain(struct gw_str text, int scale)
{
    const char *p = text.ptr, *end = p + text.len, *point = p;

    while (point < end && digit(*point))
        point++;
    if (point == p || (*p == '0' && point - p > 1))
        return false;
    if (point == end)
        return scale <= 0;
    if (*point != '.' || scale == 0 || (scale < 0 ? end[-1] == '0' : end - point - 1 != scale))
        return false;
    for (p = point + 1; p < end && digit(*p);)
        p++;
    return p == end && p > point + 1;
}

/* With exactly `scale` decimals, or as few as it takes (-1). Writes at most t.len + scale + 2 bytes. */
static size_t number_write(const struct canon_number *n, int scale, char *out)
{
    size_t decimals = scale < 0 ? n->fraction.len : (size_t)scale;
    char *p = out;

    if (n->negative)
        *p++ = '-';
    if (!n->whole.len)
        *p++ = '0';
    p = mempcpy(p, n->whole.ptr, n->whole.len);
    if (decimals)
        *p++ = '.';
    p = mempcpy(p, n->fraction.ptr, n->fraction.len);
    for (size_t i = n->fraction.len; i < decimals; i++)
        *p++ = '0';
    return (size_t)(p - out);
}

static bool number_canonical(struct gw_str t, const struct canon_number *n, size_t len)
{
    const char *start = t.ptr + n->negative + (n->whole.len == 0);

    return t.len == len && n->whole.ptr == start && (t.ptr[0] == '-') == n->negative;
}

static enum gw_result number(struct arena *a, struct gw_str t, int scale, struct gw_str *ret,
                             const char **ret_code)
{
    struct canon_number n;
    size_t decimals, len;
    char *out;

    if (!canon_number(t, &n))
        return GW_REJECT;
    if (scale >= 0 && n.fraction.len > (size_t)scale) {
        *ret_code = "schema.scale";
        return GW_REJECT;
    }
    decimals = scale < 0 ? n.fraction.len : (size_t)scale;
    len = n.negative + (n.whole.len ? n.whole.len : 1) + (decimals ? decimals + 1 : 0);
    *ret = t;
    if (number_canonical(t, &n, len))
        return GW_OK;
    out = arena_alloc(a, len);
    if (!out)
        return GW_FATAL;
    *ret = (struct gw_str){out, number_write(&n, scale, out)};
    return GW_OK;
}

static enum gw_result integer(struct arena *a, struct gw_str t, struct gw_str *ret)
{
    const char *code;

    if (t.len > 1 && t.ptr[0] == '-' ? !str_digits(str_from(t, 1)) : !str_digits(t))
        return GW_REJECT;
    *ret = t;
    if (t.ptr[0] != '0' && t.ptr[0] != '-')
        return GW_OK;
    return number(a, t, 0, ret, &code);
}

int canon_number_compare(const struct canon_number *x, const struct canon_number *y)
{
    int c;

    if (x->negative != y->negative)
        return x->negative ? -1 : 1;
    if (x->whole.len != y->whole.len)
        c = x->whole.len < y->whole.len ? -1 : 1;
    else
        c = str_compare(x->whole, y->whole);
    if (c == 0)
        c = str_compare(x->fraction, y->fraction);
    return x->negative ? -c : c;
}

static int number_compare(struct gw_str a, struct gw_str b)
{
    struct canon_number x, y;

    if (!canon_number(a, &x) || !canon_number(b, &y))
        return str_compare(a, b);
    return canon_number_compare(&x, &y);
}

/* ---- all types ---- */

static const char *const fault_codes[] = {
    [FIELD_TEXT] = "schema.text", [FIELD_INTEGER] = "schema.integer",   [FIELD_DECIMAL] = "schema.decimal",
    [FIELD_DATE] = "schema.date", [FIELD_DATETIME] = "schema.datetime", [FIELD_MONTH] = "schema.month",
    [FIELD_TIME] = "schema.time", [FIELD_BOOLEAN] = "schema.boolean",   [FIELD_CODE] = "schema.code",
    [FIELD_REF] = "schema.text",  [FIELD_TREE] = "schema.scalar",       [FIELD_ITEMS] = "schema.scalar",
};

bool canon_day(struct gw_str t)
{
    unsigned year, month, day;

    return t.len == 10 && date_parse(t.ptr, &year, &month, &day);
}

static enum gw_result canon_code(struct arena *a, const struct field *f, struct gw_str t, struct gw_str *ret)
{
    enum gw_result r = canon_text(a, t, ret);

    return r == GW_OK && f->codes && !codes_has(f->codes, *ret) ? GW_REJECT : r;
}

enum gw_result canon(struct arena *a, const struct field *f, struct gw_str text, struct gw_str *ret,
                     const char **ret_code)
{
    uint32_t seconds;

    *ret_code = fault_codes[f->type];
    *ret = text;
    switch ((enum field_type)f->type) {
    case FIELD_TEXT:
    case FIELD_REF:
        return canon_text(a, text, ret);
    case FIELD_INTEGER:
        return integer(a, text, ret);
    case FIELD_DECIMAL:
        return number(a, text, f->scale, ret, ret_code);
    case FIELD_DATE:
        return canon_day(text) ? GW_OK : GW_REJECT;
    case FIELD_DATETIME:
        return datetime(a, text, ret);
    case FIELD_MONTH:
        return is_month(text) ? GW_OK : GW_REJECT;
    case FIELD_TIME: /* also a duration: a week has 35:00 */
        return time_parse(text, 99, &seconds) ? GW_OK : GW_REJECT;
    case FIELD_BOOLEAN:
        return str_is(text, "true") || str_is(text, "false") ? GW_OK : GW_REJECT;
    case FIELD_CODE:
        return canon_code(a, f, text, ret);
    case FIELD_TREE:
    case FIELD_ITEMS:
        return GW_REJECT;
    }
    return GW_REJECT;
}

int canon_compare(enum field_type type, struct gw_str a, struct gw_str b)
{
    switch (type) {
    case FIELD_INTEGER:
    case FIELD_DECIMAL:
        return number_compare(a, b);
    case FIELD_DATETIME:
        return instant_compare(a, b);
    case FIELD_TEXT:
    case FIELD_DATE:
    case FIELD_MONTH:
    case FIELD_TIME:
    case FIELD_BOOLEAN:
    case FIELD_CODE:
    case FIELD_REF:
    case FIELD_TREE:
    case FIELD_ITEMS:
        break;
    }
    return str_compare(a, b);
}
