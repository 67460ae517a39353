/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Retention: what is older than its flow may keep goes. In steps that are short, each one transaction, so that
 * nobody waits for it; the rows of rejects stay, since counts and the audit trail speak of them.
 */
#include "store/exchange.h"
#include "store/rejects.h"
#include "store/resources.h"
#include "store/row.h"

#define FORGET_STEP    500   /* changed */
#define RESOURCES_STEP 20000 /* looked at; few have old versions */

struct ids {
    int64_t items[FORGET_STEP];
    size_t count;
};

static enum gw_result ids_take(struct query *q, struct ids *ret)
{
    enum gw_result r = GW_OK;

    ret->count = 0;
    while (ret->count < FORGET_STEP && (r = query_step(q)) == GW_OK)
        ret->items[ret->count++] = query_column_number(q, 0);
    query_close(q);
    return r == GW_END ? GW_OK : r;
}

/* ---- rejects ---- */

static enum gw_result rejects_find(struct store *s, struct gw_str flow, int64_t before, int64_t after,
                                   struct ids *ret)
{
    struct query q;
    int64_t id;
    enum gw_result r = name_find(s, flow, &id);

    if (r == GW_OK)
        r = query_open(s,
                       "SELECT id FROM reject r WHERE id>?1 AND flow=?2 AND at<?3"
                       " AND (raw IS NOT NULL OR diagnostics IS NOT NULL)"
                       " AND (SELECT state FROM exchange e WHERE e.id=r.exchange)>=?4 ORDER BY id",
                       &q);
    if (r != GW_OK)
        return r;
    query_number(&q, 1, after);
    query_number(&q, 2, id);
    query_number(&q, 3, before);
    query_number(&q, 4, EXCHANGE_DONE);
    r = ids_take(&q, ret);
    return r == GW_OK && !ret->count ? GW_END : r;
}

static enum gw_result erase(struct store *s, int64_t id)
{
    size_t mark = arena_mark(&s->scratch);
    struct row row;
    enum gw_result r = row_find(s, TABLE_REJECT, id, &s->scratch, &row);

    if (r == GW_OK) {
        row.cells[REJECT_RAW] = row.cells[REJECT_DIAGNOSTICS] = (struct cell){.kind = CELL_NULL};
        if (row.cells[REJECT_STATE].number == REJECT_OPEN)
            row.cells[REJECT_STATE].number = REJECT_CLOSED;
        r = row_update(s, &row);
    }
    arena_release(&s->scratch, mark);
    return r;
}

enum gw_result reject_erase(struct store *s, int64_t id)
{
    bool own;
    enum gw_result r = change_begin(s, &own);

    return r == GW_OK ? change_end(s, own, erase(s, id)) : r;
}

/* One that was changed by hand is told, and left for who looks into it. */
static enum gw_result reject_empty(struct store *s, int64_t id, uint64_t *n)
{
    enum gw_result r = erase(s, id);

    *n += r == GW_OK;
    return r == GW_REJECT || r == GW_END ? GW_OK : r;
}

enum gw_result reject_forget(struct store *s, struct gw_str flow, int64_t before, int64_t *after,
                             uint64_t *ret_n)
{
    struct ids ids;
    bool own;
    enum gw_result r = rejects_find(s, flow, before, *after, &ids);

    *ret_n = 0;
    if (r != GW_OK)
        return r;
    r = change_begin(s, &own);
    if (r != GW_OK)
        return r;
    for (size_t i = 0; r == GW_OK && i < ids.count; i++)
        r = reject_empty(s, ids.items[i], ret_n);
    r = change_end(s, own, r);
    if (r == GW_OK)
        *after = ids.items[ids.count - 1];
    return r;
}

/* ---- versions ---- */

static enum gw_result resources_find(struct store *s, int64_t flow, int64_t after, int64_t to, struct ids *ret)
{
    struct query q;
    enum gw_result r = query_open(
        s, "SELECT id FROM resource WHERE id>?1 AND id<=?2 AND flow=?3 AND version>1 ORDER BY id", &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, after);
    query_number(&q, 2, to);
    query_number(&q, 3, flow);
    return ids_take(&q, ret);
}

/* Up to the first one that is young enough: what is left has no gap. */
static enum gw_result versions_remove(struct store *s, int64_t id, int64_t before, uint64_t *n)
{
    struct query q;
    int64_t changed = 0;
    enum gw_result r =
        query_open(s,
                   "DELETE FROM payload WHERE id>?1 AND id<(SELECT min(p.id) FROM payload p WHERE p.id>?1"
                   " AND p.id<?2 AND (p.received_at>=?3"
                   " OR p.id=(?1|(SELECT version FROM resource WHERE id=?4))))",
                   &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, payload_id(id, 0));
    query_number(&q, 2, payload_id(id + 1, 0));
    query_number(&q, 3, before);
    query_number(&q, 4, id);
    r = query_run(&q);
    if (r == GW_OK)
        r = query_changed(s, &changed);
    s->tally.versions -= changed;
    *n += (uint64_t)changed;
    return r;
}

static enum gw_result last_resource(struct store *s, int64_t *ret)
{
    struct query q;
    enum gw_result r = query_open(s, "SELECT coalesce(max(id),0) FROM resource", &q);

    return r == GW_OK ? query_one(&q, ret) : r;
}

enum gw_result resource_forget(struct store *s, struct gw_str flow, int64_t before, int64_t *after,
                               uint64_t *ret_n)
{
    int64_t name = 0, last = 0, to = *after + RESOURCES_STEP;
    struct ids ids = {.count = 0};
    bool own;
    enum gw_result r = name_find(s, flow, &name);

    *ret_n = 0;
    if (r == GW_OK)
        r = last_resource(s, &last);
    if (r == GW_OK && *after >= last)
        r = GW_END;
    if (r == GW_OK)
        r = resources_find(s, name, *after, to, &ids);
    if (r != GW_OK)
        return r;
    if (ids.count == FORGET_STEP)
        to = ids.items[ids.count - 1];
    if (ids.count) {
        r = change_begin(s, &own);
        if (r != GW_OK)
            return r;
        for (size_t i = 0; r == GW_OK && i < ids.count; i++)
            r = versions_remove(s, ids.items[i], before, ret_n);
        r = change_end(s, own, r);
    }
    if (r == GW_OK)
        *after = to;
    return r;
}
