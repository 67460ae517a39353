/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/unseen.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "store/audit.h"
#include "store/bearers.h"
#include "store/outbox.h"

#define UNITS_STEP  20000 /* looked at */
#define UNITS_GOING 200   /* at a time */

struct unseen_unit {
    int64_t id;
    uint64_t seq;
    uint8_t digest[32];
    struct ids has, had; /* members; those that left */
};

struct unseen_resource {
    int64_t id;
    bool stays;  /* another unit has it, or had it */
    bool listed; /* in the trail */
};

void unseen_drop(struct unseen *at)
{
    arena_done(&at->arena);
    *at = (struct unseen){.nunits = 0};
}

/* ---- which are old enough ---- */

static enum gw_result old_open(struct store *s, const struct unseen_rule *rule, int64_t flow, int64_t after,
                               int64_t to, struct query *ret)
{
    enum gw_result r =
        query_open(s,
                   "SELECT id FROM unit u WHERE id>?1 AND id<=?2 AND flow=?3 AND seq<=?4"
                   " AND (SELECT received_at FROM exchange e WHERE e.id=u.exchange)<?5"
                   " AND NOT EXISTS (SELECT 1 FROM sight s WHERE s.id=u.id AND s.seen_at>=?5)"
                   " AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.unit=u.id AND d.state IN (0,2))"
                   " ORDER BY id LIMIT 200", /* UNITS_GOING */
                   ret);

    if (r != GW_OK)
        return r;
    query_number(ret, 1, after);
    query_number(ret, 2, to);
    query_number(ret, 3, flow);
    query_number(ret, 4, rule->served > INT64_MAX ? INT64_MAX : (int64_t)rule->served);
    query_number(ret, 5, rule->before);
    return GW_OK;
}

static enum gw_result old_find(struct store *s, const struct unseen_rule *rule, int64_t flow, int64_t after,
                               int64_t to, struct unseen *at)
{
    struct query q;
    enum gw_result r = old_open(s, rule, flow, after, to, &q);

    if (r != GW_OK)
        return r;
    while (at->nunits < UNITS_GOING && (r = query_step(&q)) == GW_OK)
        at->units[at->nunits++] = (struct unseen_unit){.id = query_column_number(&q, 0)};
    query_close(&q);
    return r == GW_END ? GW_OK : r;
}

/* ---- what they have ---- */

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* What says how old it is must be what was written. */
static enum gw_result age_check(struct store *s, struct arena *a, const struct unit *u)
{
    struct row row;
    enum gw_result r = row_find(s, TABLE_EXCHANGE, u->exchange, a, &row);

    if (r != GW_OK)
        return r;
    r = row_find(s, TABLE_SIGHT, u->id, a, &row);
    return r == GW_END ? GW_OK : r;
}

/* One that was changed by hand is told, and left for who looks into it. */
static enum gw_result unit_read(struct store *s, struct arena *a, struct unseen_unit *u)
{
    struct unit unit;
    enum gw_result r = unit_get(s, u->id, a, &unit);

    if (r == GW_OK)
        r = age_check(s, a, &unit);
    if (r == GW_OK)
        r = unit_departed(s, u->id, a, &u->had);
    if (r != GW_OK)
        return r;
    u->seq = unit.seq;
    memcpy(u->digest, unit.digest, sizeof(u->digest));
    u->has = (struct ids){unit.members, unit.nmembers};
    return GW_OK;
}

static enum gw_result units_read(struct store *s, struct unseen *at)
{
    size_t n = 0;
    enum gw_result r = GW_OK;

    for (size_t i = 0; r == GW_OK && i < at->nunits; i++) {
        struct unseen_unit u = at->units[i];

        r = unit_read(s, &at->arena, &u);
        if (r == GW_OK)
            at->units[n++] = u;
        else if (r == GW_END || r == GW_REJECT)
            r = GW_OK;
    }
    at->nunits = n;
    return r;
}

static void ids_append(struct unseen *at, const struct ids *ids)
{
    for (size_t i = 0; i < ids->count; i++)
        at->resources[at->nresources++] = (struct unseen_resource){.id = ids->items[i]};
}

static enum gw_result resources_gather(struct store *s, struct unseen *at)
{
    size_t all = 0, n = 0;

    for (size_t i = 0; i < at->nunits; i++)
        all += at->units[i].has.count + at->units[i].had.count;
    at->resources = arena_array(&at->arena, all + 1, sizeof(*at->resources));
    if (!at->resources)
        return memory_fault(s);
    for (size_t i = 0; i < at->nunits; i++) {
        ids_append(at, &at->units[i].has);
        ids_append(at, &at->units[i].had);
    }
    qsort(at->resources, at->nresources, sizeof(*at->resources), by_id);
    for (size_t i = 0; i < at->nresources; i++)
        if (!n || at->resources[i].id != at->resources[n - 1].id)
            at->resources[n++] = at->resources[i];
    at->nresources = n;
    return GW_OK;
}

static enum gw_result last_unit(struct store *s, int64_t *ret)
{
    struct query q;
    enum gw_result r = query_open(s, "SELECT coalesce(max(id),0) FROM unit", &q);

    return r == GW_OK ? query_one(&q, ret) : r;
}

/* Some hundred, and all that they have; none is fine. */
static enum gw_result take_up(struct store *s, const struct unseen_rule *rule, struct unseen *at,
                              int64_t *after)
{
    int64_t flow = 0, last = 0, to = *after + UNITS_STEP;
    enum gw_result r = name_find(s, rule->flow, &flow);

    if (r == GW_OK)
        r = last_unit(s, &last);
    if (r != GW_OK || *after >= last)
        return r == GW_OK ? GW_END : r;
    arena_init(&at->arena, 65536, 0);
    at->units = arena_array(&at->arena, UNITS_GOING, sizeof(*at->units));
    r = at->units ? old_find(s, rule, flow, *after, to, at) : memory_fault(s);
    if (at->nunits == UNITS_GOING)
        to = at->units[at->nunits - 1].id;
    if (r == GW_OK)
        r = unit_last_seq(s, &at->seq);
    if (r == GW_OK)
        r = units_read(s, at);
    if (r == GW_OK)
        r = resources_gather(s, at);
    if (r != GW_OK || !at->nunits)
        unseen_drop(at);
    if (r == GW_OK && !at->nunits)
        *after = to;
    return r;
}

/* ---- who else has it ---- */

static bool is_going(const struct unseen *at, int64_t unit)
{
    return bsearch(&unit, at->units, at->nunits, sizeof(*at->units), by_id) != NULL;
}

static struct unseen_resource *resource_of(const struct unseen *at, int64_t id)
{
    return bsearch(&id, at->resources, at->nresources, sizeof(*at->resources), by_id);
}

/* Rows of ids by a unit's id: what stands in them stays. As they are: one that was changed by hand counts. */
static enum gw_result stay(struct query *q, struct unseen *at)
{
    struct unseen_resource *kept;
    enum gw_result r;
    uint64_t id;

    while ((r = query_step(q)) == GW_OK) {
        struct gw_str ids = query_column(q, 1);

        if (is_going(at, query_column_number(q, 0)))
            continue;
        for (; ids.len >= sizeof(id); ids = str_from(ids, sizeof(id))) {
            memcpy(&id, ids.ptr, sizeof(id));
            kept = resource_of(at, (int64_t)le64toh(id));
            if (kept)
                kept->stays = true;
        }
    }
    query_close(q);
    return r == GW_END ? GW_OK : r;
}

static enum gw_result look_through(struct store *s, const char *sql, struct unseen *at)
{
    struct query q;
    enum gw_result r = query_open(s, sql, &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, at->looked);
    query_number(&q, 2, at->looked + UNITS_STEP);
    return stay(&q, at);
}

static enum gw_result look_on(struct store *s, struct unseen *at)
{
    enum gw_result r = look_through(s, "SELECT id,members FROM unit WHERE id>?1 AND id<=?2 ORDER BY id", at);

    if (r == GW_OK)
        r = look_through(s, "SELECT id,members FROM departed WHERE id>?1 AND id<=?2 ORDER BY id", at);
    at->looked += UNITS_STEP;
    return r;
}

/* What a unit had before was seen with it. */
static enum gw_result look_again(struct store *s, struct unseen *at)
{
    struct query q;
    enum gw_result r = query_open(s, "SELECT id,members FROM unit WHERE seq>?1 ORDER BY seq", &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, (int64_t)at->seq);
    return stay(&q, at);
}

/* ---- taking away ---- */

/* GW_REJECT: somebody spoke of one of them meanwhile. */
static enum gw_result still_old(struct store *s, const struct unseen_rule *rule, struct unseen *at)
{
    int64_t flow = 0;
    enum gw_result r = name_find(s, rule->flow, &flow);

    for (size_t i = 0; r == GW_OK && i < at->nunits; i++) {
        int64_t id = at->units[i].id;
        struct unseen_unit now = {.id = id};
        struct query q;

        r = old_open(s, rule, flow, id - 1, id, &q);
        if (r == GW_OK)
            r = query_one(&q, &id);
        if (r == GW_OK)
            r = unit_read(s, &at->arena, &now);
        if (r == GW_OK && now.seq != at->units[i].seq)
            r = GW_REJECT;
    }
    return r == GW_END ? GW_REJECT : r;
}

static void list(struct buf *out, const struct unseen *at, const struct ids *ids)
{
    for (size_t i = 0; i < ids->count; i++) {
        struct unseen_resource *one = resource_of(at, ids->items[i]);

        if (one->stays || one->listed)
            continue;
        one->listed = true;
        buf_format(out, " %lld", (long long)one->id);
    }
}

static enum gw_result enter(struct store *s, const struct unseen *at, const struct unseen_unit *u)
{
    char subject[40];
    struct buf detail;
    enum gw_result r;

    buf_init(&detail, (size_t)1 << 20);
    buf_text(&detail, "digest ");
    for (size_t i = 0; i < sizeof(u->digest); i++)
        buf_format(&detail, "%02x", u->digest[i]);
    buf_text(&detail, ", resources");
    list(&detail, at, &u->has);
    list(&detail, at, &u->had);
    (void)snprintf(subject, sizeof(subject), "unit %lld", (long long)u->id);
    r = detail.failed ? memory_fault(s)
                      : audit_add(s, (struct gw_str){NULL, 0}, GW_STR("retention.end"), str_of(subject),
                                  buf_view(&detail));
    buf_done(&detail);
    return r;
}

/* What stays is not borne by the unit any more. */
static enum gw_result let_go(struct store *s, const struct unseen *at, const struct ids *ids, int64_t unit)
{
    enum gw_result r = GW_OK;

    for (size_t i = 0; r == GW_OK && i < ids->count; i++)
        if (resource_of(at, ids->items[i])->stays)
            r = ids_drop(s, TABLE_BEARER, ids->items[i], unit);
    return r;
}

static enum gw_result unit_goes(struct store *s, const struct unseen *at, const struct unseen_unit *u)
{
    enum gw_result r = enter(s, at, u);

    if (r == GW_OK)
        r = let_go(s, at, &u->has, u->id);
    if (r == GW_OK)
        r = let_go(s, at, &u->had, u->id);
    return r == GW_OK ? unit_erase(s, u->id) : r;
}

static enum gw_result resource_goes(struct store *s, int64_t id, uint64_t *n)
{
    size_t mark = arena_mark(&s->scratch);
    struct gw_str number, key;
    struct row row;
    enum gw_result r = row_find(s, TABLE_RESOURCE, id, &s->scratch, &row);

    if (r == GW_OK) {
        number = row.cells[RESOURCE_NUMBER_HASH].bytes;
        key = row.cells[RESOURCE_KEY].bytes;
        r = resource_erase(s, id);
        *n += r == GW_OK;
        if (r == GW_OK && number.ptr)
            r = person_gone(s, (const uint8_t *)number.ptr);
        if (r == GW_OK)
            r = person_gone(s, (const uint8_t *)key.ptr);
    }
    arena_release(&s->scratch, mark);
    return r == GW_END || r == GW_REJECT ? GW_OK : r;
}

static enum gw_result go(struct store *s, const struct unseen_rule *rule, struct unseen *at, uint64_t *n)
{
    enum gw_result r = still_old(s, rule, at);

    if (r == GW_OK)
        r = look_again(s, at);
    for (size_t i = 0; r == GW_OK && i < at->nunits; i++)
        r = unit_goes(s, at, &at->units[i]);
    for (size_t i = 0; r == GW_OK && i < at->nresources; i++)
        if (!at->resources[i].stays)
            r = resource_goes(s, at->resources[i].id, n);
    return r;
}

/* When somebody spoke of one of them meanwhile, all stay until they are looked at again. */
static enum gw_result all_go(struct store *s, const struct unseen_rule *rule, struct unseen *at, int64_t *after,
                             uint64_t *n)
{
    int64_t to = at->units[at->nunits - 1].id;
    bool own;
    enum gw_result r = change_begin(s, &own);

    if (r != GW_OK)
        return r;
    r = change_end(s, own, go(s, rule, at, n));
    unseen_drop(at);
    *n = r == GW_OK ? *n : 0;
    if (r == GW_OK || r == GW_REJECT)
        *after = to;
    return r == GW_REJECT ? GW_OK : r;
}

enum gw_result unseen_forget(struct store *s, const struct unseen_rule *rule, struct unseen *at, int64_t *after,
                             uint64_t *ret_n)
{
    int64_t last = 0;
    enum gw_result r;

    *ret_n = 0;
    if (!at->nunits)
        return take_up(s, rule, at, after);
    r = last_unit(s, &last);
    if (r != GW_OK)
        return r;
    return at->looked < last ? look_on(s, at) : all_go(s, rule, at, after, ret_n);
}
