/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * int, decimal, bool: arithmetic on texts, never on a double. What is not of the shape is
 * refused, never rounded. Most results are views into their argument.
 */
#include "mapping/converters.h"

/* What a person is told: one that is right. */
static const struct gw_str number_shape = GW_STR_INIT("1234"), decimal_shape = GW_STR_INIT("1234.56"),
                           comma_shape = GW_STR_INIT("1234,56");

/* A number taken apart; `fraction` without its point, NULL if there is none. */
struct number {
    bool negative;
    struct gw_str whole, fraction;
    bool comma; /* it stood for the point */
};

static struct gw_str digits_from(struct gw_str s, size_t at)
{
    size_t end = at;

    while (end < s.len && s.ptr[end] >= '0' && s.ptr[end] <= '9')
        end++;
    return (struct gw_str){s.ptr + at, end - at};
}

/* With a comma a point is no decimal point: it might mark thousands. */
static bool take_apart(struct gw_str s, bool comma, struct number *ret)
{
    struct number n = {.negative = s.len && s.ptr[0] == '-'};
    size_t at;

    n.whole = digits_from(s, n.negative);
    at = n.negative + n.whole.len;
    if (!n.whole.len)
        return false;
    if (at < s.len && s.ptr[at] == (comma ? ',' : '.')) {
        n.comma = s.ptr[at] == ',';
        n.fraction = digits_from(s, at + 1);
        at += 1 + n.fraction.len;
        if (!n.fraction.len)
            return false;
    }
    while (n.whole.len > 1 && n.whole.ptr[0] == '0')
        n.whole = str_from(n.whole, 1);
    *ret = n;
    return at == s.len;
}

static bool all_zeros(struct gw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != '0')
            return false;
    return true;
}

static bool is_zero(const struct number *n)
{
    return n->whole.len == 1 && n->whole.ptr[0] == '0' && all_zeros(n->fraction);
}

/* Sign, whole part, `point` and `decimals` of the fraction (with zeros behind it where it is shorter). */
static enum gw_result assemble(struct conversion *c, const struct number *n, char point, size_t decimals,
                               struct gw_str *ret)
{
    size_t have = n->fraction.len < decimals ? n->fraction.len : decimals;
    size_t len = n->negative + n->whole.len + (decimals ? decimals + 1 : 0);
    char *p = arena_alloc(c->arena, len ? len : 1), *to = p;

    if (!p)
        return GW_FATAL;
    if (n->negative)
        *to++ = '-';
    memcpy(to, n->whole.ptr, n->whole.len);
    to += n->whole.len;
    if (decimals) {
        *to++ = point;
        if (have)
            memcpy(to, n->fraction.ptr, have);
        memset(to + have, '0', decimals - have);
    }
    *ret = (struct gw_str){p, len};
    return GW_OK;
}

/* ---- int ---- */

static enum gw_result int_read(struct conversion *c, const void *data, struct gw_str *v)
{
    struct number n;

    (void)data;
    if (!take_apart(*v, false, &n) || n.fraction.ptr)
        return conv_refuse(c, "mapping.convert", "expected", number_shape);
    if (!n.negative || is_zero(&n)) {
        *v = n.whole;
        return GW_OK;
    }
    return n.whole.len + 1 == v->len ? GW_OK : assemble(c, &n, '.', 0, v);
}

static enum gw_kind is_number(const void *data)
{
    (void)data;
    return GW_NUMBER;
}

const struct conv_ops int_ops = {
    .name = "int",
    .loss = GW_NORMALISES,
    .gives = 1 << FIELD_INTEGER,
    .help = "a whole number; leading zeros are read, not written",
    .read = int_read,
    .write = int_read,
    .kind_of = is_number,
};

/* ---- decimal ---- */

#define ANY_SCALE SIZE_MAX

struct decimal {
    size_t scale;
    struct gw_str max; /* for the diagnostic */
    bool comma;
};

static const struct decimal plain_decimal = {.scale = ANY_SCALE};

static const struct decimal *decimal_of(const void *data)
{
    return data ? data : &plain_decimal;
}

bool decimal_is_any(const void *data)
{
    return decimal_of(data)->scale == ANY_SCALE && !decimal_of(data)->comma;
}

static enum gw_result decimal_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                      struct fault *fault)
{
    struct decimal *d = arena_zero(env->arena, sizeof(*d));

    if (!d)
        return GW_FATAL;
    d->scale = ANY_SCALE;
    if (call->nargs && call->args[0].len) {
        enum gw_result r = conv_size(call, 0, &d->scale, fault);

        if (r != GW_OK)
            return r;
        d->max = call->args[0];
    }
    if (call->nargs > 1) {
        if (!str_is(call->args[1], "comma"))
            return conv_fault(fault, "mapping.argument", call, call->args[1]);
        d->comma = true;
    }
    *ret_data = d;
    return GW_OK;
}

static enum gw_result decimal_read(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct decimal *d = decimal_of(data);
    struct number n;

    if (decimal_is_any(data) && canon_plain(*v, -1))
        return GW_OK;
    if (!take_apart(*v, d->comma, &n))
        return conv_refuse(c, "mapping.convert", "expected", d->comma ? comma_shape : decimal_shape);
    if (d->scale != ANY_SCALE && n.fraction.len > d->scale)
        return conv_refuse(c, "mapping.decimals", "max", d->max);
    if (n.negative && is_zero(&n))
        n.negative = false;
    if (n.comma || (n.negative && n.whole.ptr != v->ptr + 1))
        return assemble(c, &n, '.', n.fraction.len, v);
    if (!n.negative)
        *v = str_from(*v, (size_t)(n.whole.ptr - v->ptr));
    return GW_OK;
}

/* 1675.00: as many decimals as are written, and nothing to take away before them. */
static bool has_decimals(struct gw_str v, size_t scale)
{
    size_t point = v.len - scale - 1;

    if (v.len < scale + 2 || v.ptr[point] != '.' || v.ptr[0] == '0')
        return false;
    for (size_t i = 0; i < v.len; i++)
        if (i != point && (unsigned char)(v.ptr[i] - '0') > 9)
            return false;
    return true;
}

static enum gw_result decimal_write(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct decimal *d = decimal_of(data);
    size_t needed, decimals, tail;
    struct number n;

    if (d->scale != ANY_SCALE && d->scale && !d->comma && has_decimals(*v, d->scale))
        return GW_OK;
    if (!take_apart(*v, false, &n))
        return conv_refuse(c, "mapping.convert", "expected", decimal_shape);
    needed = n.fraction.len;
    while (needed && n.fraction.ptr[needed - 1] == '0')
        needed--;
    if (d->scale != ANY_SCALE && needed > d->scale)
        return conv_refuse(c, "mapping.decimals", "max", d->max);
    if (n.negative && is_zero(&n))
        n.negative = false;
    decimals = d->scale == ANY_SCALE ? needed : d->scale;
    tail = n.fraction.len;
    if ((d->comma && decimals) || decimals > tail || v->ptr + n.negative != n.whole.ptr)
        return assemble(c, &n, d->comma ? ',' : '.', decimals, v);
    v->len -= tail - decimals + (tail && !decimals);
    return GW_OK;
}

static enum gw_kind decimal_kind(const void *data)
{
    return decimal_of(data)->comma ? GW_TEXT : GW_NUMBER;
}

const struct conv_ops decimal_ops = {
    .name = "decimal",
    .max_args = 2,
    .loss = GW_NORMALISES,
    .help = "decimal(scale,comma): a number with at most that many decimals; comma: their point is a comma",
    .compile = decimal_compile,
    .read = decimal_read,
    .write = decimal_write,
    .kind_of = decimal_kind,
};

/* ---- between ---- */

struct bounds {
    struct canon_number least, most;
    struct gw_str words; /* for the diagnostic */
};

static enum gw_result between_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                      struct fault *fault)
{
    struct bounds *b = arena_zero(env->arena, sizeof(*b));

    if (!b)
        return GW_FATAL;
    if (!canon_number(call->args[0], &b->least))
        return conv_fault(fault, "mapping.argument", call, call->args[0]);
    if (!canon_number(call->args[1], &b->most) || canon_number_compare(&b->least, &b->most) > 0)
        return conv_fault(fault, "mapping.argument", call, call->args[1]);
    b->words = str_of(arena_format(env->arena, "%.*s…%.*s", STR_ARG(call->args[0]), STR_ARG(call->args[1])));
    *ret_data = b;
    return b->words.ptr ? GW_OK : GW_FATAL;
}

static enum gw_result between_keep(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct bounds *b = data;
    struct canon_number n;

    if (!canon_number(*v, &n))
        return conv_refuse(c, "mapping.convert", "expected", decimal_shape);
    if (canon_number_compare(&n, &b->least) < 0 || canon_number_compare(&n, &b->most) > 0)
        return conv_refuse(c, "mapping.bounds", "expected", b->words);
    return GW_OK;
}

const struct conv_ops between_ops = {
    .name = "between",
    .min_args = 2,
    .max_args = 2,
    .help = "between(least,most): a number within these bounds; behind int or decimal",
    .compile = between_compile,
    .read = between_keep,
    .write = between_keep,
};

/* ---- bool ---- */

struct truth {
    struct gw_str *texts[2]; /* of false, of true: the first is written */
    size_t count[2];
    struct gw_str expected;
};

static const struct gw_str words[] = {GW_STR_INIT("false"), GW_STR_INIT("true")};
static const struct gw_str plain_bool = GW_STR_INIT("true|false");

static struct gw_str *alternatives(struct arena *a, struct gw_str text, size_t *ret_n)
{
    size_t n = 1;
    struct gw_str *list;

    for (size_t i = 0; i < text.len; i++)
        n += text.ptr[i] == '|';
    list = arena_array(a, n, sizeof(*list));
    for (size_t i = 0; list && i < n; i++)
        list[i] = str_trim(str_cut(text, '|', &text));
    *ret_n = n;
    return list;
}

static enum gw_result bool_compile(struct converters *env, const struct conv_call *call, void **ret_data,
                                   struct fault *fault)
{
    struct truth *t;

    if (!call->nargs)
        return GW_OK;
    if (call->nargs != 2 || !call->args[0].len || !call->args[1].len)
        return conv_fault(fault, "mapping.argument", call, call->raw);
    t = arena_zero(env->arena, sizeof(*t));
    if (!t)
        return GW_FATAL;
    t->expected = call->raw;
    for (size_t i = 0; i < 2; i++) {
        t->texts[1 - i] = alternatives(env->arena, call->args[i], &t->count[1 - i]);
        if (!t->texts[1 - i])
            return GW_FATAL;
    }
    *ret_data = t;
    return GW_OK;
}

static bool means(const struct truth *t, size_t value, struct gw_str text)
{
    for (size_t i = 0; i < t->count[value]; i++)
        if (str_eq(t->texts[value][i], text) || str_eq(t->texts[value][i], GW_STR("*")))
            return true;
    return false;
}

static enum gw_result bool_read(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct truth *t = data;

    if (!t) {
        if (str_eq(*v, words[0]) || str_eq(*v, words[1]))
            return GW_OK;
        return conv_refuse(c, "mapping.convert", "expected", plain_bool);
    }
    if (!means(t, 1, *v) && !means(t, 0, *v))
        return conv_refuse(c, "mapping.convert", "expected", t->expected);
    *v = words[means(t, 1, *v)];
    return GW_OK;
}

/* "*" stands for any text, so it cannot be written. */
static enum gw_result bool_write(struct conversion *c, const void *data, struct gw_str *v)
{
    const struct truth *t = data;
    size_t value = str_eq(*v, words[1]);

    if (!value && !str_eq(*v, words[0]))
        return conv_refuse(c, "mapping.convert", "expected", plain_bool);
    if (!t)
        return GW_OK;
    if (str_eq(t->texts[value][0], GW_STR("*")))
        return conv_refuse(c, "mapping.convert", "expected", t->expected);
    *v = t->texts[value][0];
    return GW_OK;
}

static enum gw_loss bool_loss(const void *data)
{
    const struct truth *t = data;

    if (!t)
        return GW_EXACT;
    for (size_t i = 0; i < 2; i++)
        if (t->count[i] > 1 || str_eq(t->texts[i][0], GW_STR("*")))
            return GW_NORMALISES;
    return GW_EXACT;
}

static enum gw_kind bool_kind(const void *data)
{
    return data ? GW_TEXT : GW_TRUE;
}

const struct conv_ops bool_ops = {
    .name = "bool",
    .max_args = 2,
    .lasting = true,
    .gives = 1 << FIELD_BOOLEAN,
    .help = "bool(true texts,false texts): alternatives by |, * for any; the first is written",
    .compile = bool_compile,
    .read = bool_read,
    .write = bool_write,
    .loss_of = bool_loss,
    .kind_of = bool_kind,
};
