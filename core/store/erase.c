/* SPDX-License-Identifier: EUPL-1.2 */
/* Taking away for good, row by row; each call in the caller's transaction, with all that belongs together. */
#include "store/bearers.h"

/* *ret: how many went. `count` and `sql` have the same bounds, ?1 and ?2. */
static enum gw_result remove_counted(struct store *s, const char *count, const char *sql, int64_t from,
                                     int64_t to, int64_t *ret)
{
    const char *const both[] = {count, sql};
    enum gw_result r = GW_OK;
    struct query q;

    for (size_t i = 0; r == GW_OK && i < 2; i++) {
        r = query_open(s, both[i], &q);
        if (r != GW_OK)
            break;
        query_number(&q, 1, from);
        query_number(&q, 2, to);
        r = i == 0 ? query_one(&q, ret) : query_run(&q);
    }
    return r;
}

static enum gw_result remove_one(struct store *s, const char *sql, int64_t id)
{
    struct query q;
    enum gw_result r = query_open(s, sql, &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, id);
    return query_run(&q);
}

/* Versions from the first up to, not with, that payload. */
static enum gw_result versions_remove(struct store *s, int64_t resource, int64_t to)
{
    int64_t n = 0;
    enum gw_result r =
        remove_counted(s, "SELECT count(*) FROM payload WHERE id>=?1 AND id<?2",
                       "DELETE FROM payload WHERE id>=?1 AND id<?2", payload_id(resource, 0), to, &n);

    s->tally.versions -= n;
    return r;
}

static enum gw_result erase(struct store *s, int64_t id)
{
    enum gw_result r = versions_remove(s, id, payload_id(id + 1, 0));

    if (r == GW_OK)
        r = ids_remove(s, TABLE_BEARER, id);
    if (r == GW_OK)
        r = remove_one(s, "DELETE FROM resource WHERE id=?1", id);
    s->tally.resources--;
    return r;
}

enum gw_result resource_erase(struct store *s, int64_t id)
{
    bool own;
    enum gw_result r = change_begin(s, &own);

    return r == GW_OK ? change_end(s, own, erase(s, id)) : r;
}

static enum gw_result trim(struct store *s, int64_t id)
{
    size_t mark = arena_mark(&s->scratch);
    struct row row;
    enum gw_result r = row_find(s, TABLE_RESOURCE, id, &s->scratch, &row);

    if (r == GW_OK)
        r = versions_remove(s, id, payload_id(id, row.cells[RESOURCE_VERSION].number));
    arena_release(&s->scratch, mark);
    return r;
}

enum gw_result resource_trim(struct store *s, int64_t id)
{
    bool own;
    enum gw_result r = change_begin(s, &own);

    return r == GW_OK ? change_end(s, own, trim(s, id)) : r;
}

static enum gw_result unit_remove(struct store *s, int64_t id)
{
    enum gw_result r = remove_one(s, "DELETE FROM delivery WHERE unit=?1", id);

    if (r == GW_OK)
        r = ids_remove(s, TABLE_DEPARTED, id);
    if (r == GW_OK)
        r = remove_one(s, "DELETE FROM unit WHERE id=?1", id);
    s->tally.units--;
    return r;
}

enum gw_result unit_erase(struct store *s, int64_t id)
{
    bool own;
    enum gw_result r = change_begin(s, &own);

    return r == GW_OK ? change_end(s, own, unit_remove(s, id)) : r;
}
