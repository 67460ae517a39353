/* SPDX-License-Identifier: EUPL-1.2 */
/* Asked for often: from indexes and from what transactions counted, never from all rows of a large table. */
#include "store/exchange.h"
#include "store/sqlite.h"

static enum gw_result count_exchanges(struct store *s, struct store_totals *ret)
{
    struct query q;
    enum gw_result r = query_open(s, "SELECT out, state, count(*) FROM exchange GROUP BY out, state", &q);

    if (r != GW_OK)
        return r;
    while ((r = query_step(&q)) == GW_OK) {
        int64_t out = sqlite3_column_int64(q.stmt, 0), state = sqlite3_column_int64(q.stmt, 1);

        if (out >= 0 && out < 2 && state >= 0 && state < EXCHANGE_STATES)
            ret->exchanges[out][state] = (uint64_t)sqlite3_column_int64(q.stmt, 2);
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
        *counts[i] = (uint64_t)sqlite3_column_int64(q.stmt, i);
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
