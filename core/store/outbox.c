/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/outbox.h"
#include "store/known.h"
#include "store/people.h"

#define MOVED_BLOCK     200
#define SELECT_DELIVERY "SELECT " DELIVERY_COLUMNS ",sum FROM delivery "

const char *const delivery_words[5] = {"written", "sent", "in_doubt", "confirmed", "refused"};

static bool ended(int64_t state)
{
    return state == DELIVERY_CONFIRMED || state == DELIVERY_REFUSED;
}

/* ---- put and move ---- */

static enum gw_result put(struct store *s, const struct delivery *d, int64_t *ret_id)
{
    struct row row;
    int64_t flow;
    enum gw_result r = name_id(s, d->flow, &flow);

    if (r == GW_OK)
        r = row_new_id(s, TABLE_DELIVERY, ret_id);
    if (r != GW_OK)
        return r;
    row_start(&row, TABLE_DELIVERY);
    row_add_number(&row, *ret_id);
    row_add_number(&row, flow);
    row_add_number(&row, d->exchange);
    row_add_number(&row, (int64_t)d->position);
    row_add_number(&row, d->unit);
    row_add_number(&row, d->resource);
    row_add_number(&row, d->version);
    row_add_digest(&row, d->digest, sizeof(d->digest));
    r = row_seal(s, &s->seal, &row, DELIVERY_REF, d->partner_ref, &s->scratch);
    row.at = DELIVERY_STATE;
    row_add_number(&row, d->state);
    row_add_number(&row, d->at ? d->at : store_now());
    return r == GW_OK ? row_insert(s, &row) : r;
}

enum gw_result delivery_put(struct store *s, const struct delivery *d, int64_t *ret_id)
{
    size_t mark = arena_mark(&s->scratch);
    bool own;
    enum gw_result r = change_begin(s, &own);

    if (r != GW_OK)
        return r;
    r = change_end(s, own, put(s, d, ret_id));
    arena_release(&s->scratch, mark);
    return r;
}

/* Deliveries of the exchange behind `after`, MOVED_BLOCK at the most. */
static enum gw_result next_of(struct store *s, int64_t exchange, int64_t after, struct row *ret, size_t *ret_n)
{
    struct query q;
    enum gw_result r = query_open(s, SELECT_DELIVERY "WHERE exchange=?1 AND id>?2 ORDER BY id LIMIT ?3", &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, exchange);
    query_number(&q, 2, after);
    query_number(&q, 3, MOVED_BLOCK);
    for (*ret_n = 0; (r = query_step(&q)) == GW_OK; (*ret_n)++) {
        r = row_take(&q, TABLE_DELIVERY, &ret[*ret_n]);
        if (r == GW_OK)
            r = row_keep(s, &ret[*ret_n], &s->scratch);
        if (r != GW_OK)
            break;
    }
    query_close(&q);
    return r == GW_END ? GW_OK : r;
}

static enum gw_result move_one(struct store *s, struct row *row, enum delivery_state to, int64_t now)
{
    if (ended(row->cells[DELIVERY_STATE].number))
        return GW_OK;
    row->cells[DELIVERY_STATE].number = to;
    row->cells[DELIVERY_AT].number = now;
    return row_update(s, row);
}

static enum gw_result move_all(struct store *s, int64_t exchange, enum delivery_state to)
{
    size_t mark = arena_mark(&s->scratch), n = MOVED_BLOCK;
    struct row *rows = arena_array(&s->scratch, MOVED_BLOCK, sizeof(*rows));
    size_t inner = arena_mark(&s->scratch);
    int64_t now = store_now(), after = 0;
    enum gw_result r = rows ? GW_OK : memory_fault(s);

    while (r == GW_OK && n == MOVED_BLOCK) {
        r = next_of(s, exchange, after, rows, &n);
        for (size_t i = 0; r == GW_OK && i < n; i++) {
            after = row_id(&rows[i]);
            r = move_one(s, &rows[i], to, now);
        }
        arena_release(&s->scratch, inner);
    }
    arena_release(&s->scratch, mark);
    return r;
}

enum gw_result delivery_move(struct store *s, int64_t exchange, enum delivery_state to)
{
    bool own;
    enum gw_result r = change_begin(s, &own);

    return r == GW_OK ? change_end(s, own, move_all(s, exchange, to)) : r;
}

/* ---- looking ---- */

static enum gw_result delivery_of(struct store *s, struct row *row, struct arena *a, struct delivery *ret)
{
    enum gw_result r;

    *ret = (struct delivery){.id = row_number(row)};
    r = name_text(s, row_number(row), a, &ret->flow);
    if (r != GW_OK)
        return r;
    ret->exchange = row_number(row);
    ret->position = (uint64_t)row_number(row);
    ret->unit = row_number(row);
    ret->resource = row_number(row);
    ret->version = (uint32_t)row_number(row);
    row_digest(row, ret->digest, sizeof(ret->digest));
    row->at = DELIVERY_STATE;
    ret->state = (enum delivery_state)row_number(row);
    ret->at = row_number(row);
    return row_open(s, row, DELIVERY_REF, a, &ret->partner_ref);
}

static enum gw_result next_delivery(struct query *q, struct arena *a, struct delivery *ret)
{
    struct row row;
    enum gw_result r = query_step(q);

    if (r == GW_OK)
        r = row_take(q, TABLE_DELIVERY, &row);
    return r == GW_OK ? delivery_of(q->s, &row, a, ret) : r;
}

enum gw_result delivery_last(struct store *s, struct gw_str flow, int64_t unit, struct arena *a,
                             struct delivery *ret)
{
    struct query q;
    struct row row;
    int64_t id;
    enum gw_result r, known;
    uint8_t key[STORE_KEY];

    known_key(unit, 0, key);
    if (known_by_key(s, TABLE_DELIVERY, key, &row, &known))
        return GW_END; /* the flow has no name yet */
    r = name_find(s, flow, &id);
    known_key(unit, id, key);
    if (r == GW_OK && known_by_key(s, TABLE_DELIVERY, key, &row, &known))
        return known == GW_OK ? delivery_of(s, &row, a, ret) : known;
    if (r == GW_OK)
        r = query_open(s, SELECT_DELIVERY "WHERE unit=?1 AND flow=?2 ORDER BY id DESC LIMIT 1", &q);
    if (r != GW_OK)
        return r;
    query_number(&q, 1, unit);
    query_number(&q, 2, id);
    r = next_delivery(&q, a, ret);
    query_close(&q);
    return r;
}

static enum gw_result each_of(struct store *s, const char *sql, int64_t of, struct arena *a,
                              bool (*each)(void *to, const struct delivery *d), void *to)
{
    struct delivery d;
    struct query q;
    bool bad = false;
    enum gw_result r = query_open(s, sql, &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, of);
    do {
        r = next_delivery(&q, a, &d);
        bad = bad || r == GW_REJECT;
    } while (r == GW_REJECT || (r == GW_OK && each(to, &d)));
    query_close(&q);
    return each_result(r, bad);
}

enum gw_result delivery_each(struct store *s, int64_t exchange, struct arena *a,
                             bool (*each)(void *to, const struct delivery *d), void *to)
{
    return each_of(s, SELECT_DELIVERY "WHERE exchange=?1 ORDER BY id", exchange, a, each, to);
}

enum gw_result delivery_of_unit(struct store *s, int64_t unit, struct arena *a,
                                bool (*each)(void *to, const struct delivery *d), void *to)
{
    return each_of(s, SELECT_DELIVERY "WHERE unit=?1 ORDER BY id", unit, a, each, to);
}

/* ---- cursors ---- */

enum gw_result cursor_get(struct store *s, struct gw_str flow, uint64_t *ret)
{
    size_t mark = arena_mark(&s->scratch);
    struct row row;
    int64_t id;
    enum gw_result r = name_find(s, flow, &id);

    *ret = 0;
    if (r == GW_OK)
        r = row_find(s, TABLE_CURSOR, id, &s->scratch, &row);
    if (r == GW_OK)
        *ret = (uint64_t)row.cells[1].number;
    arena_release(&s->scratch, mark);
    return r == GW_END ? GW_OK : r;
}

static enum gw_result set_cursor(struct store *s, struct gw_str flow, uint64_t seq)
{
    struct row row;
    int64_t id;
    enum gw_result r = name_id(s, flow, &id);
    bool is_new;

    if (r == GW_OK)
        r = row_find(s, TABLE_CURSOR, id, &s->scratch, &row);
    is_new = r == GW_END;
    if (r != GW_OK && !is_new)
        return r;
    row_start(&row, TABLE_CURSOR);
    row_add_number(&row, id);
    row_add_number(&row, (int64_t)seq);
    return is_new ? row_insert(s, &row) : row_update(s, &row);
}

enum gw_result cursor_set(struct store *s, struct gw_str flow, uint64_t seq)
{
    bool own;
    enum gw_result r = change_begin(s, &own);

    return r == GW_OK ? change_end(s, own, set_cursor(s, flow, seq)) : r;
}
