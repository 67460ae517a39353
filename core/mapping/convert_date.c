/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * date, datetime, month, time, now. A pattern becomes a short list of units and letters; the
 * first pattern that fits is read, the first one is written. The calendar is checked here, so a
 * date needs no second look.
 */
#include "mapping/converters.h"

enum unit { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, UNITS, FRACTION = UNITS, LETTER };

static const struct {
    const char *text;
    enum unit unit;
    uint8_t width;
} tokens[] = {
    {"YYYY", YEAR, 4}, {"MM", MONTH, 2},  {"DD", DAY, 2},    {"HH", HOUR, 2},
    {"hh", HOUR, 2},   {"mm", MINUTE, 2}, {"ss", SECOND, 2}, {"ffff", FRACTION, 0},
};

#define OPS_MAX 40

struct op {
    uint8_t unit;
    uint8_t width;
    char letter;
};

struct stamp {
    bool excel;
    bool iso;    /* as the pivot has it, so an offset may follow and nothing need be copied */
    uint8_t has; /* 1 << unit */
    uint8_t nops;
    size_t len;              /* as written */
    uint8_t at[3];           /* where year, month and day stand */
    bool fixed;              /* they do, for all texts of this shape */
    bool ten;                /* ... which has ten bytes: `base` with digits for its zeros */
    char base[10], more[10]; /* more: what makes a byte that differs too much from `base` reach 0x80 */
    struct op ops[OPS_MAX];
};

enum what { DATE, DATETIME, MONTH_OF_YEAR, TIME, NOW };

struct dates {
    enum what what;
    size_t count;
    struct stamp *stamps;
    bool own; /* no pattern given: the pivot's own shape */
    struct gw_str expected;
};

static const struct {
    const char *pattern;
    uint8_t needs;
} kinds[] = {
    [DATE] = {"YYYY-MM-DD", 1 << YEAR | 1 << MONTH | 1 << DAY},
    [DATETIME] = {"YYYY-MM-DDTHH:mm:ss", 1 << YEAR | 1 << MONTH | 1 << DAY},
    [MONTH_OF_YEAR] = {"YYYY-MM", 1 << YEAR | 1 << MONTH},
    [TIME] = {"HH:mm:ss|HH:mm", 1 << HOUR | 1 << MINUTE},
    [NOW] = {"YYYY-MM-DDTHH:mm:ss", 0},
};

/* ---- compiling ---- */

static struct op next_op(struct gw_str pattern, size_t *at)
{
    for (size_t i = 0; i < LEN(tokens); i++) {
        size_t len = strlen(tokens[i].text);

        if (str_begins(str_from(pattern, *at), (struct gw_str){tokens[i].text, len})) {
            *at += len;
            return (struct op){(uint8_t)tokens[i].unit, tokens[i].width, '\0'};
        }
    }
    return (struct op){LETTER, 1, pattern.ptr[(*at)++]};
}

/* A day of ten bytes is looked at as a whole. */
static void shape_day(struct stamp *s)
{
    size_t at = 0;

    s->ten = s->fixed && s->len == sizeof(s->base) && s->has == (1 << YEAR | 1 << MONTH | 1 << DAY);
    for (const struct op *op = s->ops; s->ten && op < s->ops + s->nops; op++)
        for (size_t i = 0; i < op->width && at < sizeof(s->base); i++, at++) {
            s->base[at] = op->unit == LETTER ? op->letter : '0';
            s->more[at] = op->unit == LETTER ? 0x7f : 0x80 - 10;
        }
    s->ten &= at == sizeof(s->base);
}

static bool stamp_parse(struct gw_str pattern, enum what what, struct stamp *ret)
{
    struct gw_str own = str_of(kinds[what].pattern);
    struct stamp s = {.len = pattern.len,
                      .fixed = true,
                      .iso = what == TIME ? str_begins(own, pattern) : str_eq(own, pattern)};
    size_t at = 0;

    if (str_is(pattern, "excel")) {
        ret->excel = true;
        return what == DATE;
    }
    while (at < pattern.len) {
        uint8_t from = (uint8_t)at;
        struct op op = next_op(pattern, &at);

        if (op.unit <= DAY)
            s.at[op.unit] = from;
        s.fixed &= op.unit != FRACTION;
        if (s.nops == OPS_MAX || (op.unit < UNITS && s.has >> op.unit & 1))
            return false;
        if (op.unit < UNITS)
            s.has |= (uint8_t)(1 << op.unit);
        s.ops[s.nops++] = op;
    }
    shape_day(&s);
    *ret = s;
    return s.nops && (s.has & kinds[what].needs) == kinds[what].needs;
}

static enum gw_result dates_compile(struct converters *env, const struct conv_call *call, enum what what,
                                    void **ret_data, struct fault *fault)
{
    struct gw_str own = str_of(kinds[what].pattern), rest, one;
    struct gw_str all = call->nargs == 1 ? call->args[0] : call->raw.len ? call->raw : own;
    struct dates *d = arena_zero(env->arena, sizeof(*d));
    size_t n = 1;

    for (size_t i = 0; i < all.len; i++)
        n += all.ptr[i] == '|';
    if (!d || !(d->stamps = arena_array(env->arena, n, sizeof(*d->stamps))))
        return GW_FATAL;
    d->what = what;
    d->own = all.ptr == own.ptr;
    d->expected = all;
    rest = all;
    while (rest.ptr) {
        one = str_trim(str_cut(rest, '|', &rest));
        if (!stamp_parse(one, what, &d->stamps[d->count++]))
            return conv_fault(fault, "mapping.argument", call, one);
    }
    if (d->stamps[0].excel) /* a serial day is read, never written */
        return conv_fault(fault, "mapping.argument", call, all);
    *ret_data = d;
    return GW_OK;
}

/* ---- moments ---- */

struct moment {
    unsigned unit[UNITS];
    struct gw_str fraction; /* ".123" as it stands behind; absent if none */
    struct gw_str offset;   /* "Z", "+02:00" */
};

/* `width` digits; false when they are none. */
static inline bool digits(const char *p, size_t width, unsigned *ret)
{
    unsigned n = 0;

    for (size_t i = 0; i < width; i++) {
        unsigned digit = (unsigned)(p[i] - '0');

        if (digit > 9)
            return false;
        n = n * 10 + digit;
    }
    *ret = n;
    return true;
}

static inline void put(char *to, size_t width, unsigned n)
{
    for (size_t i = width; i-- > 0; n /= 10)
        to[i] = (char)('0' + n % 10);
}

/* A time alone may be a duration: 35:00 hours a week. */
static bool calendar(const struct moment *m, enum what what)
{
    return date_valid(m->unit[YEAR], m->unit[MONTH], m->unit[DAY]) && (m->unit[HOUR] < 24 || what == TIME) &&
           m->unit[MINUTE] < 60 && m->unit[SECOND] < 60;
}

/* Z, +HH:mm or +HHmm. */
static bool is_offset(struct gw_str s)
{
    unsigned hours, minutes;
    size_t colon = s.len == 6;

    if (s.len == 1)
        return s.ptr[0] == 'Z';
    if ((s.len != 5 && s.len != 6) || (s.ptr[0] != '+' && s.ptr[0] != '-') || (colon && s.ptr[3] != ':'))
        return false;
    return digits(s.ptr + 1, 2, &hours) && digits(s.ptr + 3 + colon, 2, &minutes) && hours < 15 && minutes < 60;
}

/* What may follow the seconds: a fraction, then an offset. */
static bool take_tail(struct gw_str tail, bool fraction, struct moment *m)
{
    size_t n = 0;

    if (fraction && tail.ptr[0] == '.')
        for (n = 1; n < tail.len && tail.ptr[n] >= '0' && tail.ptr[n] <= '9'; n++)
            ;
    m->fraction = (struct gw_str){tail.ptr, n};
    m->offset = str_from(tail, n);
    return n != 1 && (!m->offset.len || is_offset(m->offset));
}

/* The shape alone: false when the text is not of it. */
static bool take(const struct stamp *s, struct gw_str v, bool offset, struct moment *ret)
{
    size_t at = 0;

    *ret = (struct moment){.unit = {2000, 1, 1}};
    for (const struct op *op = s->ops; op < s->ops + s->nops; op++) {
        if (v.len - at < op->width)
            return false;
        if (op->unit == LETTER) {
            if (v.ptr[at] != op->letter)
                return false;
        } else if (op->unit == FRACTION) {
            size_t from = at;

            while (at < v.len && at - from < 9 && v.ptr[at] >= '0' && v.ptr[at] <= '9')
                at++;
            if (at == from)
                return false;
        } else if (!digits(v.ptr + at, op->width, &ret->unit[op->unit])) {
            return false;
        }
        at += op->width;
    }
    return at == v.len || (offset && take_tail(str_from(v, at), s->iso, ret));
}

static bool take_excel(struct gw_str v, struct moment *ret)
{
    unsigned n, year = 1900;
    int days;

    /* Day 60 is the 29th of February 1900, which Excel believes in; from day 61 on all is true. */
    if (v.len != 5 || !digits(v.ptr, 5, &n) || n < 61)
        return false;
    for (days = (int)n - 2; days >= 365 + date_valid(year, 2, 29); year++)
        days -= 365 + date_valid(year, 2, 29);
    *ret = (struct moment){.unit = {year, 1, 1}};
    while (days--) {
        if (date_valid(year, ret->unit[MONTH], ++ret->unit[DAY]))
            continue;
        ret->unit[DAY] = 1;
        ret->unit[MONTH]++;
    }
    return true;
}

/* ---- reading ---- */

static char *say_tail(const struct moment *m, char *to)
{
    if (m->fraction.len)
        memcpy(to, m->fraction.ptr, m->fraction.len);
    to += m->fraction.len;
    if (m->offset.len == 1)
        *to++ = 'Z';
    if (m->offset.len > 1) {
        memcpy(to, m->offset.ptr, 3);
        to[3] = ':';
        memcpy(to + 4, m->offset.ptr + m->offset.len - 2, 2);
        to += 6;
    }
    return to;
}

/* Canonical pivot text of a moment. */
static enum gw_result say(struct conversion *c, enum what what, const struct moment *m, bool seconds,
                          struct gw_str *ret)
{
    char *p = arena_alloc(c->arena, 32 + m->fraction.len), *to = p;

    if (!p)
        return GW_FATAL;
    if (what != TIME) {
        put(to, 4, m->unit[YEAR]);
        to[4] = '-';
        put(to + 5, 2, m->unit[MONTH]);
        to += 7;
    }
    if (what == DATE || what == DATETIME) {
        *to = '-';
        put(to + 1, 2, m->unit[DAY]);
        to += 3;
    }
    if (what == DATETIME)
        *to++ = 'T';
    if (what == DATETIME || what == TIME) {
        put(to, 2, m->unit[HOUR]);
        to[2] = ':';
        put(to + 3, 2, m->unit[MINUTE]);
        to += 5;
    }
    if (what == DATETIME || (what == TIME && seconds)) {
        *to = ':';
        put(to + 1, 2, m->unit[SECOND]);
        to += 3;
    }
    to = say_tail(m, to);
    *ret = (struct gw_str){p, (size_t)(to - p)};
    return GW_OK;
}

/* The digits of a day are there already, in another order. */
static enum gw_result say_day(struct conversion *c, const struct stamp *s, struct gw_str *v)
{
    char *to = arena_alloc(c->arena, 10);

    if (!to)
        return GW_FATAL;
    memcpy(to, v->ptr + s->at[YEAR], 4);
    to[4] = '-';
    memcpy(to + 5, v->ptr + s->at[MONTH], 2);
    to[7] = '-';
    memcpy(to + 8, v->ptr + s->at[DAY], 2);
    *v = (struct gw_str){to, 10};
    return GW_OK;
}

/* Ten bytes in two loads that overlap: each is a digit where one must be, and the letter where not. */
static inline bool is_day(const struct stamp *s, struct gw_str v)
{
    const char *p = v.ptr;
    uint64_t a, b, base, more, wrong;

    memcpy(&a, p, 8);
    memcpy(&base, s->base, 8);
    memcpy(&more, s->more, 8);
    a ^= base;
    wrong = a | (a + more);
    memcpy(&b, p + 2, 8);
    memcpy(&base, s->base + 2, 8);
    memcpy(&more, s->more + 2, 8);
    b ^= base;
    wrong |= b | (b + more);
    return !(wrong & 0x8080808080808080u) &&
           date_valid((unsigned)((p[s->at[YEAR]] & 15) * 1000 + (p[s->at[YEAR] + 1] & 15) * 100 +
                                 (p[s->at[YEAR] + 2] & 15) * 10 + (p[s->at[YEAR] + 3] & 15)),
                      (unsigned)((p[s->at[MONTH]] & 15) * 10 + (p[s->at[MONTH] + 1] & 15)),
                      (unsigned)((p[s->at[DAY]] & 15) * 10 + (p[s->at[DAY] + 1] & 15)));
}

bool date_is_iso(const void *data)
{
    const struct dates *d = data;

    return d->what == DATE && d->stamps[0].ten && d->stamps[0].iso;
}

static enum gw_result dates_read(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct dates *d = data;
    bool shaped = false;
    struct moment m;

    if (d->what == DATE && d->stamps[0].ten && v->len == 10 && is_day(&d->stamps[0], *v))
        return d->stamps[0].iso ? GW_OK : say_day(c, &d->stamps[0], v);

    for (const struct stamp *s = d->stamps; s < d->stamps + d->count; s++) {
        if (s->excel ? !take_excel(*v, &m) : !take(s, *v, d->what == DATETIME, &m))
            continue;
        shaped = true;
        if (!calendar(&m, d->what))
            continue;
        if (s->iso && m.offset.len != 5)
            return GW_OK;
        if (d->what == DATE && s->fixed)
            return say_day(c, s, v);
        return say(c, d->what, &m, s->has >> SECOND & 1, v);
    }
    return conv_refuse(c, shaped ? "mapping.date" : "mapping.convert", "expected", d->expected);
}

/* ---- writing ---- */

static void write_ops(const struct stamp *s, const struct moment *m, char *to)
{
    for (const struct op *op = s->ops; op < s->ops + s->nops; op++) {
        if (op->unit == LETTER) {
            *to = op->letter;
        } else if (op->unit == FRACTION) {
            memset(to, '0', 4);
            to += 4;
        } else {
            put(to, op->width, m->unit[op->unit]);
        }
        to += op->width;
    }
}

static enum gw_result write_moment(struct conversion *c, const struct stamp *s, const struct moment *m,
                                   struct gw_str *ret)
{
    char *p = arena_alloc(c->arena, s->len + 1);

    if (!p)
        return GW_FATAL;
    write_ops(s, m, p);
    *ret = (struct gw_str){p, s->len};
    return GW_OK;
}

/* The pivot's own shapes, made once by hand: canonical text has no other. */
static bool pivot_moment(enum what what, struct gw_str v, struct moment *ret)
{
    struct moment m = {.unit = {2000, 1, 1}};
    const char *p = v.ptr;
    bool good = true;
    size_t len = what == DATE ? 10 : what == MONTH_OF_YEAR ? 7 : what == TIME ? 5 : 19;

    if (v.len < len)
        return false;
    if (what != TIME)
        good = digits(p, 4, &m.unit[YEAR]) && p[4] == '-' && digits(p + 5, 2, &m.unit[MONTH]);
    if (what == DATE || what == DATETIME)
        good = good && p[7] == '-' && digits(p + 8, 2, &m.unit[DAY]);
    p += what == DATETIME ? 11 : 0;
    if (what == DATETIME || what == TIME)
        good = good && digits(p, 2, &m.unit[HOUR]) && p[2] == ':' && digits(p + 3, 2, &m.unit[MINUTE]);
    if (what == DATETIME || (what == TIME && v.len > 5)) {
        good = good && (what == DATETIME || v.len == 8) && p[5] == ':' && digits(p + 6, 2, &m.unit[SECOND]);
        len = what == TIME ? 8 : 19;
    }
    if (what == DATETIME && v.len > len) {
        good = good && take_tail(str_from(v, len), true, &m);
        len = v.len;
    }
    *ret = m;
    return good && len == v.len && calendar(&m, what) && (what != DATETIME || v.ptr[10] == 'T');
}

/* What the pattern has no place for must be zero (parts of a second apart). */
static bool has_room(const struct stamp *s, const struct moment *m)
{
    for (size_t i = HOUR; i < UNITS; i++)
        if (m->unit[i] && !(s->has >> i & 1))
            return false;
    return !m->offset.len;
}

static enum gw_result dates_write(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct dates *d = data;
    const struct stamp *s = &d->stamps[0];
    struct moment m;

    if (d->what == DATE && s->iso && s->ten && v->len == 10 && is_day(s, *v))
        return GW_OK;
    if (!pivot_moment(d->what, *v, &m))
        return conv_refuse(c, "mapping.convert", "expected", d->expected);
    if (d->own || (s->iso && (d->what == DATETIME || s->len == v->len)))
        return GW_OK;
    if (!has_room(s, &m))
        return conv_refuse(c, "mapping.convert", "expected", d->expected);
    return write_moment(c, s, &m, v);
}

static enum gw_loss dates_loss(const void *data)
{
    const struct dates *d = data;
    uint8_t more = (uint8_t)(d->stamps[0].has & ~(kinds[d->what].needs | (d->what == DATETIME ? 0x38 : 0) |
                                                  (d->what == TIME ? 1 << SECOND : 0)));

    for (size_t i = 0; i < d->stamps[0].nops; i++)
        if (d->stamps[0].ops[i].unit == FRACTION)
            return GW_NORMALISES;
    if (d->own)
        return d->what == DATETIME ? GW_NORMALISES : GW_EXACT; /* a fraction of zeros goes */
    return d->count > 1 || more ? GW_NORMALISES : GW_EXACT;
}

/* ---- entries ---- */

static enum gw_result date_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                   struct fault *fault)
{
    return dates_compile(env, call, DATE, ret_data, fault);
}

const struct conv_ops date_ops = {
    .name = "date",
    .max_args = 8,
    .gives = 1 << FIELD_DATE,
    .help = "date(DD/MM/YYYY|YYYY-MM-DD|excel): the first that fits is read, the first is written",
    .compile = date_compile,
    .read = dates_read,
    .write = dates_write,
    .loss_of = dates_loss,
};

static enum gw_result datetime_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                       struct fault *fault)
{
    return dates_compile(env, call, DATETIME, ret_data, fault);
}

const struct conv_ops datetime_ops = {
    .name = "datetime",
    .max_args = 8,
    .help = "datetime(YYYY-MM-DDTHH:mm:ss): with the offset that follows, if any",
    .compile = datetime_compile,
    .read = dates_read,
    .write = dates_write,
    .loss_of = dates_loss,
};

static enum gw_result month_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                    struct fault *fault)
{
    return dates_compile(env, call, MONTH_OF_YEAR, ret_data, fault);
}

const struct conv_ops month_ops = {
    .name = "month",
    .max_args = 8,
    .gives = 1 << FIELD_MONTH,
    .help = "month(MM/YYYY)",
    .compile = month_compile,
    .read = dates_read,
    .write = dates_write,
    .loss_of = dates_loss,
};

static enum gw_result time_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                   struct fault *fault)
{
    return dates_compile(env, call, TIME, ret_data, fault);
}

const struct conv_ops time_ops = {
    .name = "time",
    .max_args = 8,
    .gives = 1 << FIELD_TIME,
    .help = "time(HH:mm): HH mm ss ffff",
    .compile = time_compile,
    .read = dates_read,
    .write = dates_write,
    .loss_of = dates_loss,
};

static enum gw_result now_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                  struct fault *fault)
{
    return dates_compile(env, call, NOW, ret_data, fault);
}

static enum gw_result now_read(struct conversion *c, const void *data, struct gw_str *v)
{
    (void)c, (void)data, (void)v;
    return GW_OK;
}

static enum gw_result now_write(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct dates *d = data;
    struct moment m;

    if (!pivot_moment(DATETIME, c->now, &m))
        return conv_refuse(c, "mapping.convert", "expected", d->expected);
    return write_moment(c, &d->stamps[0], &m, v);
}

const struct conv_ops now_ops = {
    .name = "now",
    .max_args = 1,
    .loss = GW_ONE_WAY,
    .takes_absent = true,
    .help = "now(pattern): read as text; written from the clock",
    .compile = now_compile,
    .read = now_read,
    .write = now_write,
};
