/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What weighs how much. Paths of the file that the table knows say most: a partner's file has few
 * others. A path it does not know counts twice. Then required places, records that pass all checks, and
 * the signs that the format itself names: without any of these it says that it is not it.
 */
#include "detect/weigh.h"

#include "base/str.h"

enum {
    WEIGHT_KNOWN = 45,
    WEIGHT_REQUIRED = 20,
    WEIGHT_GOOD = 20,
    WEIGHT_SIGNS = 15,
    BONUS_NAME = 4,
    MOST = 99,          /* nobody is ever sure */
    MOST_UNSIGNED = 55, /* signs are named, none is there */
    MOST_EMPTY = 65,    /* nothing was read */
    UNREAD_SIGNED = 50, /* its signs are there, but it cannot be read */
    UNREAD_NAMED = 40,  /* its name is all that there is */
    LESS_FAILED = 10,
};

static double part(struct share s)
{
    return s.all ? (double)s.have / (double)s.all : 0;
}

static double known_part(const struct evidence *e)
{
    double missed = 1 - part(e->known);

    return !e->known.all || missed > 0.5 ? 0 : 1 - 2 * missed;
}

static double required_part(const struct evidence *e)
{
    return e->required.all ? part(e->required) : 0.5 + 0.5 * part(e->places);
}

static double signs_part(const struct evidence *e, double without)
{
    return e->nsigns ? (double)e->nheld / (double)e->nsigns : without;
}

static unsigned at_most(unsigned n, unsigned most)
{
    return n < most ? n : most;
}

static unsigned figure(const struct evidence *e)
{
    double known = known_part(e), good = e->read ? (double)e->good / (double)e->read : 0;
    double sum = WEIGHT_KNOWN * known + WEIGHT_REQUIRED * required_part(e) + WEIGHT_GOOD * good +
                 WEIGHT_SIGNS * signs_part(e, known);
    unsigned n = (unsigned)(e->pivot ? 100 * good : sum + 0.5);

    if (!e->pivot && known <= 0 && !e->nheld)
        return 0;
    if (e->failed)
        n = n > LESS_FAILED ? n - LESS_FAILED : 0;
    return (e->nsigns && !e->nheld) || !e->recognised ? at_most(n, MOST_UNSIGNED) : at_most(n, MOST);
}

/* A head without records: its signs alone speak, and that it could be opened. */
static unsigned figure_empty(const struct evidence *e)
{
    bool read = e->opened && !e->failed;

    if (!read && !e->fits)
        return 0;
    if (e->nheld && e->recognised && (read || 2 * e->nheld >= e->nsigns))
        return read ? MOST_EMPTY : UNREAD_SIGNED;
    return !e->name_sign.ptr ? 0 : read ? MOST_UNSIGNED : UNREAD_NAMED;
}

/* ---- reasons ---- */

static void tell_share(struct reasons *r, const char *code, uint64_t have, uint64_t all)
{
    char rooms[2][20];
    struct gw_arg args[] = {{"have", gw_digits(have, rooms[0])}, {"all", gw_digits(all, rooms[1])}};

    if (all)
        reason_add(r, code, args, 2);
}

static void tell_sign(struct reasons *r, const char *code, struct gw_str sign)
{
    struct gw_arg arg = {"sign", sign};

    reason_add(r, code, &arg, 1);
}

static void tell_stream(struct reasons *r, const struct evidence *e)
{
    if (!e->read)
        reason_add(r, e->opened && !e->failed ? "detect.no_record" : "detect.unread", NULL, 0);
    else if (e->failed)
        reason_add(r, "detect.broken", NULL, 0);
    if (e->failed || e->good < e->read)
        for (const struct reason *f = e->faults.first; f; f = f->next)
            reason_keep(r, &f->diag);
}

static void tell(struct reasons *r, const struct evidence *e)
{
    if (!e->pivot) {
        tell_share(r, "detect.known", e->known.have, e->known.all);
        tell_share(r, "detect.required", e->required.have, e->required.all);
    }
    tell_share(r, "detect.records", e->good, e->read);
    for (size_t i = 0; i < e->nsigns; i++)
        tell_sign(r, e->held[i] ? "detect.sign" : "detect.no_sign", e->signs[i]);
    if (e->profile && e->profile->recognise.len)
        tell_sign(r, e->recognised ? "detect.sign" : "detect.no_sign", e->profile->recognise);
    if (e->name_sign.ptr)
        tell_sign(r, "detect.name", e->name_sign);
    tell_stream(r, e);
}

struct candidate *weigh(const struct evidence *e, struct arena *a)
{
    struct candidate *c = arena_zero(a, sizeof(*c));

    if (!c)
        return NULL;
    c->format = e->format;
    c->profile = e->profile;
    c->filled = part(e->places);
    c->recognised = e->profile && e->profile->recognise.len && e->recognised;
    c->sure = e->read ? figure(e) : figure_empty(e);
    c->rank = c->sure + (c->sure && e->name_sign.ptr ? BONUS_NAME : 0);
    reasons_init(&c->why, a);
    tell(&c->why, e);
    return c;
}
