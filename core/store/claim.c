/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The next job. A flow is asked for its first exchange that is queued, working or held; that one decides: held
 * or at work, the flow waits, else it is a candidate. Of all candidates the one received first is taken.
 */
#include "store/exchange_row.h"
#include "store/resources.h"

/* The head of the first flow behind ?2. A flow that was named is the only one. */
static enum gw_result head_open(struct store *s, bool out, int64_t after, int64_t flow, struct query *ret)
{
    enum gw_result r =
        query_open(s,
                   SELECT_EXCHANGE "INDEXED BY exchange_active WHERE state IN (1, 2, 3) AND out=?1"
                                   " AND flow>?2 AND (?3=0 OR flow=?3)"
                                   " ORDER BY out, flow, rank, id LIMIT 1",
                   ret);

    if (r != GW_OK)
        return r;
    query_number(ret, 1, out);
    query_number(ret, 2, flow ? flow - 1 : after);
    query_number(ret, 3, flow);
    return GW_OK;
}

/* GW_END: no job of the flow is under a lease. */
static enum gw_result busy(struct store *s, bool out, int64_t flow, int64_t now)
{
    struct query q;
    int64_t id;
    enum gw_result r = query_open(s,
                                  "SELECT id FROM exchange INDEXED BY exchange_working"
                                  " WHERE state = 2 AND out=?1 AND flow=?2 AND lease_until>?3",
                                  &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, out);
    query_number(&q, 2, flow);
    query_number(&q, 3, now);
    return query_one(&q, &id);
}

struct claim {
    bool out;
    int64_t now;
    int64_t flow, last; /* the one asked for, the one looked at last */
    int64_t found;
};

/* The head of the next flow. One that was changed by hand stops its own flow only; if that is no number any
 * more, it is the last there is. */
static enum gw_result next_head(struct store *s, struct claim *c, struct row *ret)
{
    struct query q;
    int64_t flow = 0;
    enum gw_result r = head_open(s, c->out, c->last, c->flow, &q);

    if (r != GW_OK)
        return r;
    r = query_step(&q);
    if (r == GW_OK) {
        r = row_take(&q, TABLE_EXCHANGE, ret);
        flow = query_column_number(&q, 2);
    }
    query_close(&q);
    if (r == GW_REJECT && flow <= c->last)
        return GW_END;
    c->last = flow;
    return r;
}

static enum gw_result look(struct store *s, struct claim *c)
{
    struct row row;
    enum gw_result r = next_head(s, c, &row);

    if (r != GW_OK)
        return r == GW_REJECT ? GW_OK : r;
    if (row.cells[EXCHANGE_STATE].number == EXCHANGE_HELD || (c->found && c->found < row_id(&row)))
        return GW_OK;
    r = busy(s, c->out, c->last, c->now);
    if (r != GW_END)
        return r;
    c->found = row_id(&row);
    return GW_OK;
}

static enum gw_result find(struct store *s, struct claim *c)
{
    enum gw_result r;

    do {
        r = look(s, c);
    } while (r == GW_OK && !c->flow);
    if (r == GW_OK || r == GW_END)
        r = c->found ? GW_OK : GW_END;
    return r;
}

static enum gw_result occupy(struct store *s, struct exchange *e, int64_t lease_ms, struct exchange *ret)
{
    int64_t now;
    enum gw_result r = lease_now(s, &now);

    if (r != GW_OK)
        return r;
    e->fence++;
    e->attempts++;
    e->lease_until = now + lease_ms;
    r = exchange_change(s, e, EXCHANGE_WORKING);
    if (r == GW_OK)
        *ret = *e;
    return r;
}

static enum gw_result take(struct store *s, struct claim *c, int64_t lease_ms, struct arena *a,
                           struct exchange *ret)
{
    struct exchange e;
    enum gw_result r = find(s, c);

    if (r == GW_OK)
        r = exchange_get(s, c->found, a, &e);
    return r == GW_OK ? occupy(s, &e, lease_ms, ret) : r;
}

/* Nothing to do is the rule: it is found out without waiting for who writes. */
static enum gw_result worth_it(struct store *s, const struct claim *c)
{
    struct claim look_only = *c;

    return s->in_tx ? GW_OK : find(s, &look_only);
}

/* A server may have lost what it said it kept: nothing is begun on its word alone, or it would be begun again
 * and again. */
static enum gw_result is_kept(struct store *s, const struct exchange *e)
{
    size_t mark = arena_mark(&s->scratch);
    struct row row;
    enum gw_result r = row_find(s, TABLE_EXCHANGE, e->id, &s->scratch, &row);

    if (r == GW_END || (r == GW_OK && row.cells[EXCHANGE_FENCE].number < (int64_t)e->fence))
        r = store_fault(s, GW_RETRY, "store.unkept", NULL, 0);
    arena_release(&s->scratch, mark);
    return r;
}

static enum gw_result claimed(struct store *s, bool own, enum gw_result r, const struct exchange *e)
{
    r = change_end(s, own, r);
    return r == GW_OK && own && store_is_far(s) ? is_kept(s, e) : r;
}

enum gw_result exchange_claim(struct store *s, bool out, struct gw_str flow, int64_t lease_ms, struct arena *a,
                              struct exchange *ret)
{
    struct claim c = {.out = out};
    bool own;
    enum gw_result r = name_find(s, flow, &c.flow);

    if (r == GW_OK)
        r = lease_now(s, &c.now);
    if (r == GW_OK)
        r = worth_it(s, &c);
    if (r == GW_OK)
        r = change_begin(s, &own);
    if (r != GW_OK)
        return r;
    r = lease_now(s, &c.now);
    return claimed(s, own, r == GW_OK ? take(s, &c, lease_ms, a, ret) : r, ret);
}

enum gw_result exchange_claim_one(struct store *s, int64_t id, int64_t lease_ms, struct arena *a,
                                  struct exchange *ret)
{
    struct exchange e;
    bool own;
    enum gw_result r = change_begin(s, &own);

    if (r != GW_OK)
        return r;
    r = exchange_get(s, id, a, &e);
    if (r == GW_OK && e.state != EXCHANGE_QUEUED)
        r = GW_END;
    return claimed(s, own, r == GW_OK ? occupy(s, &e, lease_ms, ret) : r, ret);
}

static enum gw_result keep(struct store *s, int64_t id, uint64_t fence, int64_t lease_ms)
{
    size_t mark = arena_mark(&s->scratch);
    int64_t now = 0;
    struct row row;
    enum gw_result r = lease_now(s, &now);

    if (r == GW_OK)
        r = row_find(s, TABLE_EXCHANGE, id, &s->scratch, &row);
    if (r == GW_END)
        r = GW_REJECT;
    if (r == GW_OK &&
        (row.cells[EXCHANGE_STATE].number != EXCHANGE_WORKING ||
         row.cells[EXCHANGE_FENCE].number != (int64_t)fence || row.cells[EXCHANGE_LEASE].number <= now))
        r = GW_REJECT;
    if (r == GW_OK) {
        row.cells[EXCHANGE_LEASE].number = now + lease_ms;
        r = row_update(s, &row);
    }
    arena_release(&s->scratch, mark);
    return r;
}

enum gw_result exchange_keep(struct store *s, int64_t id, uint64_t fence, int64_t lease_ms)
{
    bool own;
    enum gw_result r = change_begin(s, &own);

    return r == GW_OK ? change_end(s, own, keep(s, id, fence, lease_ms)) : r;
}
