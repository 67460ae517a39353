/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/sights.h"

#include "store/known.h"

/* When an exchange came never changes: it is asked once. */
static enum gw_result came_at(struct store *s, int64_t exchange, int64_t *ret)
{
    struct came *c = &s->came[(uint64_t)exchange % CAME_SLOTS];
    struct query q;
    enum gw_result r = GW_OK;

    if (c->exchange != exchange) {
        r = query_open(s, "SELECT received_at FROM exchange WHERE id=?1", &q);
        if (r != GW_OK)
            return r;
        query_number(&q, 1, exchange);
        r = query_one(&q, &c->at);
        c->exchange = r == GW_OK ? exchange : 0;
    }
    *ret = r == GW_OK ? c->at : 0;
    return r == GW_END ? GW_OK : r;
}

/* GW_END: none. */
static enum gw_result sight_find(struct store *s, int64_t unit, struct row *ret)
{
    enum gw_result r;

    return known_by_id(s, TABLE_SIGHT, unit, ret, &r) ? r : row_find(s, TABLE_SIGHT, unit, &s->scratch, ret);
}

enum gw_result sight_at(struct store *s, int64_t unit, int64_t *ret)
{
    struct row row;
    enum gw_result r = sight_find(s, unit, &row);

    *ret = r == GW_OK ? row.cells[SIGHT_SEEN_AT].number : 0;
    return r == GW_END ? GW_OK : r;
}

enum gw_result unit_seen_since(struct store *s, const struct unit *u, int64_t since, bool *ret)
{
    int64_t at = u->seen_at;
    enum gw_result r = at >= since ? GW_OK : came_at(s, u->exchange, &at);

    *ret = at >= since;
    return r;
}

static enum gw_result put(struct store *s, int64_t unit, int64_t at)
{
    struct row row;
    enum gw_result r = sight_find(s, unit, &row);
    bool is_new = r == GW_END;

    if (r != GW_OK && !is_new)
        return r;
    if (!is_new && row.cells[SIGHT_SEEN_AT].number >= at)
        return GW_OK;
    row_start(&row, TABLE_SIGHT);
    row_add_number(&row, unit);
    row_add_number(&row, at);
    return is_new ? row_insert(s, &row) : row_update(s, &row);
}

enum gw_result unit_seen(struct store *s, int64_t unit, int64_t at)
{
    bool own;
    enum gw_result r = change_begin(s, &own);

    return r == GW_OK ? change_end(s, own, put(s, unit, at)) : r;
}

static enum gw_result last_came(struct store *s, int64_t *ret)
{
    struct query q;
    enum gw_result r = query_open(s, "SELECT coalesce(max(received_at),0) FROM exchange WHERE out=0", &q);

    return r == GW_OK ? query_one(&q, ret) : r;
}

enum gw_result sights_fill(struct store *s)
{
    size_t mark = arena_mark(&s->scratch);
    int64_t id = INT64_MIN, at = 0;
    struct row row;
    enum gw_result r = last_came(s, &at);

    while (r == GW_OK) {
        r = row_next(s, TABLE_UNIT, id, &s->scratch, &row);
        if (r != GW_OK && r != GW_REJECT)
            break;
        id = row_id(&row); /* one changed by hand was told; it was seen as well */
        r = put(s, id, at);
        arena_release(&s->scratch, mark);
    }
    return r == GW_END ? GW_OK : r;
}
