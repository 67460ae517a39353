/* SPDX-License-Identifier: EUPL-1.2 */
/* Asked for often: from indexes and from what transactions counted, never from all rows of a large table. */
#include "store/exchange.h"
#include "store/inside.h"

static enum gw_result count_exchanges(struct store *s, struct store_totals *ret)
{
    struct query q;
    enum gw_result r = query_open(s, "SELECT out, state, count(*) FROM exchange GROUP BY out, state", &q);

    if (r != GW_OK)
        return r;
    while ((r = query_step(&q)) == GW_OK) {
        int64_t out = query_column_number(&q, 0), state = query_column_number(&q, 1);

        if (out >= 0 && out < 2 && state >= 0 && state < EXCHANGE_STATES)
            ret->exchanges[out][state] = (uint64_t)query_column_number(&q, 2);
    }
    query_close(&q);
    return r == GW_END ? GW_OK : r;
}

static enum gw_result count_others(struct store *s, struct store_totals *ret)
{
    uint64_t *const counts[] = {&ret->units, &ret->resources, &ret->versions, &ret->rejects_open,
                                &ret->deliveries_due};
    struct query q;
    enum gw_result r = query_open(s,
                                  "SELECT units, resources, versions,"
                                  " (SELECT count(*) FROM reject WHERE state = 0),"
                                  " (SELECT count(*) FROM delivery WHERE state IN (0, 2)) FROM meta",
                                  &q);

    if (r != GW_OK)
        return r;
    r = query_step(&q);
    for (int i = 0; r == GW_OK && i < 5; i++)
        *counts[i] = (uint64_t)query_column_number(&q, i);
    query_close(&q);
    return r == GW_END ? row_fault(s, "meta", 1) : r;
}

enum gw_result store_totals(struct store *s, struct store_totals *ret)
{
    bool own;
    enum gw_result r = view_begin(s, &own);

    if (r != GW_OK)
        return r;
    *ret = (struct store_totals){0};
    r = count_exchanges(s, ret);
    if (r == GW_OK)
        r = count_others(s, ret);
    return view_end(s, own, r);
}

/* ---- by flow ---- */

static enum gw_result count_of(struct store *s, const char *sql, int64_t flow, uint64_t *ret)
{
    struct query q;
    int64_t n = 0;
    enum gw_result r = query_open(s, sql, &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, flow);
    r = query_one(&q, &n);
    *ret = (uint64_t)n;
    return r;
}

static enum gw_result flow_rest(struct store *s, int64_t flow, struct arena *a, struct flow_totals *t)
{
    enum gw_result r = name_text(s, flow, a, &t->flow);

    if (r == GW_OK)
        r = count_of(s, "SELECT count(*) FROM reject WHERE state = 0 AND flow=?1", flow, &t->rejects_open);
    if (r == GW_OK)
        r = count_of(s, "SELECT count(*) FROM delivery WHERE state IN (0, 2) AND flow=?1", flow,
                     &t->deliveries_due);
    return r;
}

static void flow_add(struct query *q, struct flow_totals *t)
{
    uint64_t *const sums[] = {&t->counts.read,    &t->counts.accepted, &t->counts.filtered, &t->counts.rejected,
                              &t->counts.created, &t->counts.updated,  &t->counts.unchanged};
    int64_t state = query_column_number(q, 2), changed = query_column_number(q, 11);

    t->out = query_column_number(q, 1) != 0;
    if (state >= 0 && state < EXCHANGE_STATES)
        t->exchanges[state] = (uint64_t)query_column_number(q, 3);
    for (int i = 0; i < 7; i++)
        *sums[i] += (uint64_t)query_column_number(q, 4 + i);
    if (state != EXCHANGE_DONE && state != EXCHANGE_DONE_REJECTS)
        return;
    t->noted += (uint64_t)query_column_number(q, 12);
    if (changed > t->last_done)
        t->last_done = changed;
}

static enum gw_result each_flow(struct store *s, struct query *q, struct arena *a,
                                bool (*each)(void *to, const struct flow_totals *t), void *to)
{
    struct flow_totals t = {.out = false};
    enum gw_result r = query_step(q);

    while (r == GW_OK) {
        int64_t flow = query_column_number(q, 0), out = query_column_number(q, 1);
        enum gw_result rest;

        t = (struct flow_totals){.out = out != 0};
        do {
            flow_add(q, &t);
            r = query_step(q);
        } while (r == GW_OK && query_column_number(q, 0) == flow && query_column_number(q, 1) == out);
        rest = flow_rest(s, flow, a, &t);
        if (rest != GW_OK)
            return rest;
        if (!each(to, &t))
            return GW_OK;
    }
    return r == GW_END ? GW_OK : r;
}

#define SUM(column) "CAST(sum(" #column ") AS BIGINT), "

enum gw_result flow_totals_each(struct store *s, struct arena *a,
                                bool (*each)(void *to, const struct flow_totals *t), void *to)
{
    struct query q;
    bool own;
    enum gw_result r = view_begin(s, &own);

    if (r != GW_OK)
        return r;
    r = query_open(s,
                   "SELECT flow, out, state, count(*), " SUM(read) SUM(accepted) SUM(filtered) SUM(rejected)
                       SUM(created) SUM(updated)
                           SUM(unchanged) "max(changed_at), count(reason) FROM exchange"
                                          " GROUP BY flow, out, state ORDER BY flow, out, state",
                   &q);
    if (r == GW_OK) {
        r = each_flow(s, &q, a, each, to);
        query_close(&q);
    }
    return view_end(s, own, r);
}
