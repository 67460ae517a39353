/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Funding: the number of an annexe financière and the arithmetic of its total. Amounts are counted in
 * whole cents; half a cent goes up, as in the ASP's own totals.
 */
#include "iae.h"

#include <string.h>

/* Measure, département (054, 59L, 971), year, order, amendments: ACI054180019A0M1. */
static bool is_annexe(struct gw_str s)
{
    static const char *const shapes[] = {
        "ACI99*999999A9M9",  "AI99*999999A9M9",   "EI99*999999A9M9",
        "EITI99*999999A9M9", "ETTI99*999999A9M9", "FDI99*999999A9M9",
    };

    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
        if (iae_shape(s, shapes[i]))
            return true;
    return false;
}

enum gw_result annexe_convert(struct gw_call *c, const struct gw_str *args, size_t nargs,
                              const struct gw_str *in, struct gw_str *out)
{
    (void)args, (void)nargs;
    return iae_keep(c, in, out, true, is_annexe, "iae.annexe_shape");
}

void annexe_check(struct gw_call *c, const struct gw_str *v)
{
    if (!iae_absent(v[0]) && !is_annexe(v[0]))
        iae_say(c, GW_ERROR, 0, "iae.annexe_shape");
}

/* A decimal without sign as a whole number of 1/scale; at most 6 decimals. */
struct exact {
    int64_t number;
    int64_t scale;
};

static bool exact_of(struct gw_str s, struct exact *ret)
{
    bool point = false;

    *ret = (struct exact){0, 1};
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (!iae_is_digit(s.ptr[i]) || (point && ret->scale == 1000000))
            return false;
        if (__builtin_mul_overflow(ret->number, 10, &ret->number) ||
            __builtin_add_overflow(ret->number, s.ptr[i] - '0', &ret->number))
            return false;
        ret->scale *= point ? 10 : 1;
    }
    return s.len > 0;
}

static bool cents_of(struct gw_str s, int64_t *ret)
{
    struct exact e;

    if (!exact_of(s, &e) || e.scale > 100 || e.number > INT64_MAX / 100)
        return false;
    *ret = e.number * (100 / e.scale);
    return true;
}

static int64_t number_at(struct gw_str s, size_t at, size_t n)
{
    int64_t number = 0;

    while (n--)
        number = number * 10 + (s.ptr[at++] - '0');
    return number;
}

/* From the month of one date to that of the other, both counted; 0: not two dates in order. */
static int64_t months_of(struct gw_str from, struct gw_str to)
{
    int64_t months;

    if (!iae_is_day(from) || !iae_is_day(to))
        return 0;
    months =
        (number_at(to, 0, 4) - number_at(from, 0, 4)) * 12 + number_at(to, 5, 2) - number_at(from, 5, 2) + 1;
    return months > 0 ? months : 0;
}

/* A full year: unit x ETP. Else: months x the twelfth of it, rounded to the cent first. */
static bool total_of(int64_t unit, struct exact etp, int64_t months, int64_t *ret)
{
    int64_t product;
    int64_t divisor = etp.scale * (months == 12 ? 1 : 12);

    if (__builtin_mul_overflow(unit, etp.number, &product) || product > INT64_MAX - divisor)
        return false;
    product = (product + divisor / 2) / divisor;
    return !__builtin_mul_overflow(product, months == 12 ? 1 : months, ret);
}

/* "162160.55", in memory of the record. */
static struct gw_str amount_text(struct gw_call *c, int64_t cents)
{
    char *room = c->alloc(c, 24);
    char *p = room + 24;
    int digits = 0;

    if (!room)
        return GW_STR("");
    do {
        if (digits == 2)
            *--p = '.';
        *--p = (char)('0' + cents % 10);
        cents /= 10;
        digits++;
    } while (cents || digits < 3);
    return (struct gw_str){p, (size_t)(room + 24 - p)};
}

/* montant, montant_unitaire, etp, date_debut, date_fin */
void montant_annexe_check(struct gw_call *c, const struct gw_str *v)
{
    struct exact etp;
    int64_t found, unit, expected;
    int64_t months;

    for (size_t i = 0; i < 5; i++)
        if (iae_absent(v[i]))
            return;
    months = months_of(v[3], v[4]);
    if (!months || !cents_of(v[0], &found) || !cents_of(v[1], &unit) || !exact_of(v[2], &etp))
        return;
    if (!total_of(unit, etp, months, &expected) || found == expected)
        return;
    char *room = c->alloc(c, 20);
    struct gw_arg args[] = {
        {"found", v[0]},
        {"expected", amount_text(c, expected)},
        {"months", room ? gw_digits((uint64_t)months, room) : GW_STR("")},
    };

    c->report(c, GW_ERROR, 0, "iae.annexe_amount", args, 3);
}

static void order_check(struct gw_call *c, const struct gw_str *v, enum gw_severity severity)
{
    if (!iae_absent(v[0]) && !iae_absent(v[1]) && iae_order(v[0], v[1]) > 0)
        iae_say(c, severity, 1, "iae.dates_order");
}

/* date_debut, date_fin */
void dates_ordre_check(struct gw_call *c, const struct gw_str *v)
{
    order_check(c, v, GW_ERROR);
}

/* periode_debut, periode_fin: published as they are in many files, and nothing is computed from them */
void periode_ordre_check(struct gw_call *c, const struct gw_str *v)
{
    order_check(c, v, GW_WARNING);
}
