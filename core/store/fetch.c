/* SPDX-License-Identifier: EUPL-1.2 */
/* Rows that will be read one by one, out of a transaction: where each would be a trip to a server, all at once.
 */
#include "store/known.h"
#include "store/outbox.h"
#include "store/resources.h"

static struct cell list_of(const int64_t *ids, size_t n)
{
    return (struct cell){.kind = CELL_NUMBERS, .bytes = {(const char *)ids, n * sizeof(*ids)}};
}

/* Each is known by the number in that column, and `of`. */
static enum gw_result take_all(struct query *q, enum table table, unsigned column, int64_t of)
{
    uint8_t key[STORE_KEY];
    struct row row;
    enum gw_result r;

    while ((r = query_step(q)) == GW_OK) {
        r = row_take(q, table, &row);
        if (r == GW_OK) {
            known_key(row.cells[column].number, of, key);
            r = known_put(q->s, key, &row);
        }
        if (r != GW_OK && r != GW_REJECT) /* what was changed by hand was told, and is not known */
            break;
    }
    query_close(q);
    return r == GW_END ? GW_OK : r;
}

static enum gw_result fetch(struct store *s, const char *sql, enum table table, const struct cell *ids)
{
    struct query q;
    enum gw_result r = query_open(s, sql, &q);

    if (r != GW_OK)
        return r;
    query_cell(&q, 1, ids);
    return take_all(&q, table, 0, 0);
}

enum gw_result resources_fetch(struct store *s, const int64_t *ids, size_t n)
{
    struct cell list = list_of(ids, n);
    enum gw_result r = n && store_is_far(s) ? known_start(s) : GW_END;

    if (r == GW_OK)
        r = fetch(s, "SELECT " RESOURCE_COLUMNS ",sum FROM resource WHERE id=ANY(?1)", TABLE_RESOURCE, &list);
    if (r == GW_OK)
        r = fetch(s,
                  "SELECT " PAYLOAD_COLUMNS ",sum FROM payload WHERE id IN"
                  " (SELECT id<<20|version FROM resource WHERE id=ANY(?1))",
                  TABLE_PAYLOAD, &list);
    return r == GW_END ? GW_OK : r;
}

enum gw_result deliveries_fetch(struct store *s, struct gw_str flow, const int64_t *units, size_t n)
{
    struct cell list = list_of(units, n);
    struct query q;
    uint8_t key[STORE_KEY];
    int64_t id;
    enum gw_result r = n && store_is_far(s) ? known_start(s) : GW_END, named;

    if (r != GW_OK)
        return r == GW_END ? GW_OK : r;
    named = name_find(s, flow, &id); /* GW_END, 0: it has told nobody anything */
    r = named == GW_END ? GW_OK : named;
    for (size_t i = 0; r == GW_OK && i < n; i++) {
        known_key(units[i], id, key);
        r = known_none(s, TABLE_DELIVERY, key);
    }
    if (r == GW_OK && named == GW_OK)
        r = query_open(s,
                       "SELECT " DELIVERY_COLUMNS ",sum FROM delivery WHERE id IN"
                       " (SELECT max(id) FROM delivery WHERE unit=ANY(?1) AND flow=?2 GROUP BY unit)",
                       &q);
    if (r != GW_OK || named == GW_END)
        return r;
    query_cell(&q, 1, &list);
    query_number(&q, 2, id);
    return take_all(&q, TABLE_DELIVERY, DELIVERY_UNIT, id);
}
