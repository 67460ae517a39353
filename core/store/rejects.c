/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/rejects.h"
#include "store/row.h"

#define SELECT_REJECT "SELECT " REJECT_COLUMNS ",sum FROM reject "

static enum gw_result to_row(struct store *s, const struct reject_row *r, struct row *ret)
{
    int64_t flow;
    enum gw_result res = name_id(s, r->flow, &flow);

    if (res != GW_OK)
        return res;
    row_start(ret, TABLE_REJECT);
    row_add_number(ret, r->id);
    row_add_number(ret, r->exchange);
    row_add_number(ret, flow);
    row_add_number(ret, (int64_t)r->record);
    row_add_number(ret, (int64_t)r->line);
    row_add_text(ret, r->code);
    row_add_text(ret, r->path);
    row_add_number(ret, r->state);
    row_add_number(ret, r->at ? r->at : store_now());
    row_add_number(ret, r->replayed_in);
    res = row_seal(s, &s->seal, ret, REJECT_RAW, r->raw, &s->scratch);
    return res == GW_OK ? row_seal(s, &s->seal, ret, REJECT_DIAGNOSTICS, r->diagnostics, &s->scratch) : res;
}

static enum gw_result reject_of(struct store *s, struct row *row, struct arena *a, struct reject_row *ret)
{
    enum gw_result r = row_keep(s, row, a);

    if (r != GW_OK)
        return r;
    *ret = (struct reject_row){.id = row_number(row), .exchange = row_number(row)};
    r = name_text(s, row_number(row), a, &ret->flow);
    if (r != GW_OK)
        return r;
    ret->record = (uint64_t)row_number(row);
    ret->line = (uint64_t)row_number(row);
    ret->code = row_bytes(row);
    ret->path = row_bytes(row);
    ret->state = (enum reject_state)row_number(row);
    ret->at = row_number(row);
    ret->replayed_in = row_number(row);
    r = row_open(s, row, REJECT_RAW, a, &ret->raw);
    return r == GW_OK ? row_open(s, row, REJECT_DIAGNOSTICS, a, &ret->diagnostics) : r;
}

/* ---- put ---- */

static enum gw_result present(struct store *s, const struct reject_row *r, struct row *ret)
{
    struct query q;
    enum gw_result res = query_open(s, SELECT_REJECT "WHERE exchange=?1 AND record=?2", &q);

    if (res != GW_OK)
        return res;
    query_number(&q, 1, r->exchange);
    query_number(&q, 2, (int64_t)r->record);
    res = query_step(&q);
    if (res == GW_OK)
        res = row_take(&q, TABLE_REJECT, ret);
    query_close(&q);
    return res;
}

/* Open, or replayed (to be replayed) by its own exchange, which rejects it again. */
static bool is_replaced(const struct row *row, const struct reject_row *r)
{
    int64_t state = row->cells[REJECT_STATE].number;

    return state == REJECT_OPEN || state == REJECT_QUEUED ||
           (state == REJECT_REPLAYED && row->cells[REJECT_REPLAYED_IN].number == r->exchange);
}

static enum gw_result put(struct store *s, const struct reject_row *r, int64_t *ret_id)
{
    struct reject_row made = *r;
    struct row row;
    enum gw_result res = present(s, r, &row);
    bool is_new = res == GW_END;

    made.state = REJECT_OPEN;
    made.replayed_in = 0;
    if (is_new)
        res = row_new_id(s, TABLE_REJECT, &made.id);
    else if (res == GW_OK)
        made.id = row_id(&row);
    if (res != GW_OK)
        return res;
    *ret_id = made.id;
    if (!is_new && !is_replaced(&row, r))
        return GW_OK;
    res = to_row(s, &made, &row);
    if (res != GW_OK)
        return res;
    return is_new ? row_insert(s, &row) : row_update(s, &row);
}

enum gw_result reject_put(struct store *s, const struct reject_row *r, int64_t *ret_id)
{
    size_t mark = arena_mark(&s->scratch);
    bool own;
    enum gw_result res = change_begin(s, &own);

    if (res != GW_OK)
        return res;
    res = change_end(s, own, put(s, r, ret_id));
    arena_release(&s->scratch, mark);
    return res;
}

static enum gw_result set_state(struct store *s, int64_t id, enum reject_state state, int64_t replayed_in)
{
    struct row row;
    enum gw_result r = row_find(s, TABLE_REJECT, id, &s->scratch, &row);

    if (r != GW_OK)
        return r;
    row.cells[REJECT_STATE].number = state;
    row.cells[REJECT_REPLAYED_IN].number = replayed_in;
    return row_update(s, &row);
}

enum gw_result reject_state_set(struct store *s, int64_t id, enum reject_state state, int64_t replayed_in)
{
    size_t mark = arena_mark(&s->scratch);
    bool own;
    enum gw_result r = change_begin(s, &own);

    if (r != GW_OK)
        return r;
    r = change_end(s, own, set_state(s, id, state, replayed_in));
    arena_release(&s->scratch, mark);
    return r;
}

/* ---- looking ---- */

/* Two queries, so that the one of an exchange goes by its index. */
#define REJECT_FILTER                                                                                          \
    " AND (?2=0 OR flow=?2) AND (?3<0 OR state=?3) AND at>=?4 AND (?5=0 OR at<?5)"                             \
    " AND (?6 IS NULL OR CASE WHEN ?7<>0 THEN substr(code,1,length(?6)) ELSE code END=?6) ORDER BY id"

static enum gw_result list_open(struct store *s, const struct reject_filter *f, struct query *ret)
{
    bool prefix = f->code.len && f->code.ptr[f->code.len - 1] == '*';
    int64_t flow;
    enum gw_result r = name_find(s, f->flow, &flow);

    if (r == GW_OK)
        r = query_open(s,
                       f->exchange ? SELECT_REJECT "WHERE exchange=?1" REJECT_FILTER
                                   : SELECT_REJECT "WHERE ?1=0" REJECT_FILTER,
                       ret);
    if (r != GW_OK)
        return r;
    query_number(ret, 1, f->exchange);
    query_number(ret, 2, flow);
    query_number(ret, 3, f->state);
    query_number(ret, 4, f->since);
    query_number(ret, 5, f->before);
    query_text(ret, 6, (struct gw_str){f->code.ptr, f->code.len - prefix});
    query_number(ret, 7, prefix);
    return GW_OK;
}

static enum gw_result list_next(struct query *q, struct arena *a, struct reject_row *ret)
{
    struct row row;
    enum gw_result r = query_step(q);

    if (r == GW_OK)
        r = row_take(q, TABLE_REJECT, &row);
    return r == GW_OK ? reject_of(q->s, &row, a, ret) : r;
}

enum gw_result reject_each(struct store *s, const struct reject_filter *f, struct arena *a,
                           bool (*each)(void *to, const struct reject_row *r), void *to)
{
    struct reject_row reject;
    struct query q;
    bool bad = false;
    enum gw_result r = list_open(s, f, &q);

    if (r != GW_OK)
        return r == GW_END ? GW_OK : r;
    do {
        r = list_next(&q, a, &reject);
        bad = bad || r == GW_REJECT;
    } while (r == GW_REJECT || (r == GW_OK && each(to, &reject)));
    query_close(&q);
    return each_result(r, bad);
}

enum gw_result reject_any(struct store *s, int64_t exchange, enum reject_state state, bool *ret)
{
    struct query q;
    int64_t id;
    enum gw_result r = query_open(s, "SELECT id FROM reject WHERE exchange=?1 AND state=?2 LIMIT 1", &q);

    *ret = false;
    if (r != GW_OK)
        return r;
    query_number(&q, 1, exchange);
    query_number(&q, 2, state);
    r = query_one(&q, &id);
    *ret = r == GW_OK;
    return r == GW_END ? GW_OK : r;
}

enum gw_result reject_get(struct store *s, int64_t id, struct arena *a, struct reject_row *ret)
{
    struct row row;
    enum gw_result r = row_find(s, TABLE_REJECT, id, a, &row);

    return r == GW_OK ? reject_of(s, &row, a, ret) : r;
}
