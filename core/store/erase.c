/* SPDX-License-Identifier: EUPL-1.2 */
/* Taking away for good, row by row; each call in the caller's transaction, with all that belongs together. */
#include "store/bearers.h"

/* Versions from the first up to, not with, that payload. */
static enum gw_result versions_remove(struct store *s, int64_t resource, int64_t to)
{
    int64_t n = 0;
    struct query q;
    enum gw_result r = query_open(s, "DELETE FROM payload WHERE id>=?1 AND id<?2", &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, payload_id(resource, 0));
    query_number(&q, 2, to);
    r = query_run(&q);
    if (r == GW_OK)
        r = query_changed(s, &n);
    s->tally.versions -= n;
    return r;
}

/* In the caller's transaction, or in one of its own. */
static enum gw_result in_change(struct store *s, enum gw_result (*take)(struct store *s, int64_t id),
                                int64_t id)
{
    bool own;
    enum gw_result r = change_begin(s, &own);

    return r == GW_OK ? change_end(s, own, take(s, id)) : r;
}

static enum gw_result erase(struct store *s, int64_t id)
{
    enum gw_result r = versions_remove(s, id, payload_id(id + 1, 0));

    if (r == GW_OK)
        r = row_remove(s, TABLE_BEARER, id);
    if (r == GW_OK)
        r = row_remove(s, TABLE_RESOURCE, id);
    s->tally.resources--;
    return r;
}

enum gw_result resource_erase(struct store *s, int64_t id)
{
    return in_change(s, erase, id);
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
    return in_change(s, trim, id);
}

static enum gw_result unit_remove(struct store *s, int64_t id)
{
    struct query q;
    enum gw_result r = query_open(s, "DELETE FROM delivery WHERE unit=?1", &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, id);
    r = query_run(&q);
    if (r == GW_OK)
        r = row_remove(s, TABLE_DEPARTED, id);
    if (r == GW_OK)
        r = row_remove(s, TABLE_SIGHT, id);
    if (r == GW_OK)
        r = seq_keep(s);
    if (r == GW_OK)
        r = row_remove(s, TABLE_UNIT, id);
    s->tally.units--;
    return r;
}

enum gw_result unit_erase(struct store *s, int64_t id)
{
    return in_change(s, unit_remove, id);
}
