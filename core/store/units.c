/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Units. `seq` is given under the write lock and committed with it, so whoever looks behind a seq that it has
 * seen misses none. Members are eight bytes each, the lowest first.
 */
#include "store/bearers.h"
#include "store/known.h"
#include "store/resources.h"
#include "store/sights.h"

#define SELECT_UNIT "SELECT " UNIT_COLUMNS ",sum FROM unit "

/* ---- to and from a row ---- */

static enum gw_result add_members(struct store *s, const struct unit *u, struct row *row)
{
    uint64_t *members = arena_array(&s->scratch, u->nmembers, sizeof(*members));

    if (!members)
        return memory_fault(s);
    for (size_t i = 0; i < u->nmembers; i++)
        members[i] = htole64((uint64_t)u->members[i]);
    row_add_bytes(row, (struct gw_str){(const char *)members, u->nmembers * sizeof(*members)});
    return GW_OK;
}

/* From the digest on: what a change of it brings. */
static enum gw_result add_content(struct store *s, const struct unit *u, uint64_t seq, struct row *row)
{
    enum gw_result r;

    row_add_digest(row, u->digest, sizeof(u->digest));
    r = add_members(s, u, row);
    row_add_number(row, (int64_t)seq);
    row_add_number(row, u->exchange);
    row_add_number(row, (int64_t)u->record);
    return r;
}

static enum gw_result take_members(struct store *s, struct gw_str bytes, struct arena *a, struct unit *ret)
{
    struct ids members;
    enum gw_result r = ids_of(s, bytes, a, &members);

    if (r != GW_OK)
        return r;
    ret->members = members.items;
    ret->nmembers = members.count;
    return GW_OK;
}

static enum gw_result unit_of(struct store *s, struct row *row, struct arena *a, struct unit *ret)
{
    enum gw_result r;

    *ret = (struct unit){.id = row_number(row)};
    row_digest(row, ret->key, STORE_KEY);
    r = name_text(s, row_number(row), a, &ret->partner);
    if (r == GW_OK)
        r = name_text(s, row_number(row), a, &ret->flow);
    if (r != GW_OK)
        return r;
    row_digest(row, ret->digest, sizeof(ret->digest));
    r = take_members(s, row_bytes(row), a, ret);
    ret->seq = (uint64_t)row_number(row);
    ret->exchange = row_number(row);
    ret->record = (uint64_t)row_number(row);
    return r;
}

static enum gw_result next_unit(struct query *q, struct arena *a, struct unit *ret)
{
    struct row row;
    enum gw_result r = query_step(q);

    if (r == GW_OK)
        r = row_take(q, TABLE_UNIT, &row);
    return r == GW_OK ? unit_of(q->s, &row, a, ret) : r;
}

enum { UNIT_SIGHT = 10 }; /* behind the sum */

/* Its sight with it: by a question of its own a load in which nothing changed is slower by a fifth. */
static enum gw_result open_by_key(struct store *s, const uint8_t key[STORE_KEY], struct query *ret)
{
    enum gw_result r =
        query_open(s,
                   "SELECT " UNIT_COLUMNS ",sum,(SELECT s.seen_at FROM sight s WHERE s.id=unit.id)"
                   " FROM unit WHERE key=?1",
                   ret);

    if (r == GW_OK)
        query_bytes(ret, 1, (struct gw_str){(const char *)key, STORE_KEY});
    return r;
}

enum gw_result unit_find(struct store *s, const uint8_t key[STORE_KEY], struct arena *a, struct unit *ret)
{
    struct query q;
    struct row row;
    enum gw_result r;

    if (known_by_key(s, TABLE_UNIT, key, &row, &r)) {
        r = r == GW_OK ? unit_of(s, &row, a, ret) : r;
        return r == GW_OK ? sight_at(s, ret->id, &ret->seen_at) : r;
    }
    r = open_by_key(s, key, &q);
    if (r != GW_OK)
        return r;
    r = next_unit(&q, a, ret);
    if (r == GW_OK)
        ret->seen_at = query_column_number(&q, UNIT_SIGHT);
    query_close(&q);
    return r;
}

enum gw_result unit_get(struct store *s, int64_t id, struct arena *a, struct unit *ret)
{
    struct row row;
    enum gw_result r = row_find(s, TABLE_UNIT, id, a, &row);

    if (r == GW_OK)
        r = unit_of(s, &row, a, ret);
    return r == GW_OK ? sight_at(s, id, &ret->seen_at) : r;
}

/* ---- put ---- */

/* Its root is found by its key. */
static enum gw_result people_note(struct store *s, const struct unit *u, int64_t id)
{
    enum gw_result r = GW_OK;

    for (size_t i = 1; u->people && r == GW_OK && i < u->nmembers; i++)
        if (u->people[i])
            r = ids_add(s, TABLE_BEARER, u->members[i], id);
    return r;
}

static bool is_member(const struct unit *u, int64_t resource)
{
    for (size_t i = 0; i < u->nmembers; i++)
        if (u->members[i] == resource)
            return true;
    return false;
}

/* Who was a member and is not any more is still what the source said of somebody. */
static enum gw_result departed_note(struct store *s, const struct unit *u, const struct row *before)
{
    struct ids had;
    enum gw_result r = ids_of(s, before->cells[UNIT_MEMBERS].bytes, &s->scratch, &had);

    for (size_t i = 0; r == GW_OK && i < had.count; i++)
        if (!is_member(u, had.items[i]))
            r = ids_add(s, TABLE_DEPARTED, row_id(before), had.items[i]);
    return r;
}

/* The row of `cursor` that is no flow's: the last seq of units that went. */
enum { SEQ_GONE = 0 };

static enum gw_result last_given(struct store *s, uint64_t *ret)
{
    struct row row;
    enum gw_result r = unit_last_seq(s, ret);

    if (r == GW_OK)
        r = row_find(s, TABLE_CURSOR, SEQ_GONE, &s->scratch, &row);
    if (r == GW_OK && (uint64_t)row.cells[1].number > *ret)
        *ret = (uint64_t)row.cells[1].number;
    return r == GW_END ? GW_OK : r;
}

enum gw_result seq_keep(struct store *s)
{
    struct row row;
    uint64_t last;
    enum gw_result r = unit_last_seq(s, &last), known;

    if (r != GW_OK)
        return r;
    known = row_find(s, TABLE_CURSOR, SEQ_GONE, &s->scratch, &row);
    if (known != GW_END && (known != GW_OK || (uint64_t)row.cells[1].number >= last))
        return known;
    row_start(&row, TABLE_CURSOR);
    row_add_number(&row, SEQ_GONE);
    row_add_number(&row, (int64_t)last);
    return known == GW_END ? row_insert(s, &row) : row_update(s, &row);
}

static enum gw_result next_seq(struct store *s, uint64_t *ret)
{
    enum gw_result r = s->last_seq ? GW_OK : last_given(s, &s->last_seq);

    if (r == GW_OK)
        *ret = ++s->last_seq;
    return r;
}

static enum gw_result create(struct store *s, const struct unit *u, uint64_t seq, int64_t *ret_id)
{
    struct row row;
    int64_t id, partner, flow;
    enum gw_result r = row_new_id(s, TABLE_UNIT, &id);

    if (r == GW_OK)
        r = name_id(s, u->partner, &partner);
    if (r == GW_OK)
        r = name_id(s, u->flow, &flow);
    if (r != GW_OK)
        return r;
    row_start(&row, TABLE_UNIT);
    row_add_number(&row, id);
    row_add_digest(&row, u->key, STORE_KEY);
    row_add_number(&row, partner);
    row_add_number(&row, flow);
    r = add_content(s, u, seq, &row);
    if (r == GW_OK)
        r = row_insert(s, &row);
    if (r != GW_OK)
        return r;
    s->tally.units++;
    *ret_id = id;
    r = known_absent(s, TABLE_DEPARTED, id);
    return r == GW_OK ? people_note(s, u, id) : r;
}

static enum gw_result present(struct store *s, const struct unit *u, struct row *ret)
{
    struct query q;
    enum gw_result r;

    if (known_by_key(s, TABLE_UNIT, u->key, ret, &r))
        return r;
    r = open_by_key(s, u->key, &q);
    if (r != GW_OK)
        return r;
    r = query_step(&q);
    if (r == GW_OK)
        r = row_take(&q, TABLE_UNIT, ret);
    if (r == GW_OK)
        r = row_keep(s, ret, &s->scratch);
    query_close(&q);
    return r;
}

static enum gw_result put(struct store *s, const struct unit *u, int64_t *ret_id)
{
    struct row row;
    uint64_t seq = 0;
    enum gw_result r = next_seq(s, &seq);

    if (r == GW_OK)
        r = present(s, u, &row);
    if (r == GW_END)
        return create(s, u, seq, ret_id);
    if (r == GW_OK)
        r = departed_note(s, u, &row);
    if (r == GW_OK)
        r = people_note(s, u, row_id(&row));
    if (r != GW_OK)
        return r;
    row.at = UNIT_DIGEST;
    r = add_content(s, u, seq, &row);
    if (r == GW_OK)
        r = row_update(s, &row);
    *ret_id = row_id(&row);
    return r;
}

enum gw_result unit_put(struct store *s, const struct unit *u, int64_t *ret_id)
{
    size_t mark = arena_mark(&s->scratch);
    bool own;
    enum gw_result r = change_begin(s, &own);

    if (r != GW_OK)
        return r;
    r = change_end(s, own, put(s, u, ret_id));
    arena_release(&s->scratch, mark);
    return r;
}

/* ---- looking ---- */

enum gw_result unit_each(struct store *s, uint64_t after_seq, struct arena *a,
                         bool (*each)(void *to, const struct unit *u), void *to)
{
    struct unit u;
    struct query q;
    bool bad = false;
    enum gw_result r = query_open(s, SELECT_UNIT "WHERE seq>?1 ORDER BY seq", &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, (int64_t)after_seq);
    do {
        r = next_unit(&q, a, &u);
        bad = bad || r == GW_REJECT;
    } while (r == GW_REJECT || (r == GW_OK && each(to, &u)));
    query_close(&q);
    return each_result(r, bad);
}

enum gw_result unit_last_seq(struct store *s, uint64_t *ret)
{
    struct query q;
    int64_t seq;
    enum gw_result r = query_open(s, "SELECT coalesce(max(seq),0) FROM unit", &q);

    if (r == GW_OK)
        r = query_one(&q, &seq);
    if (r == GW_OK)
        *ret = (uint64_t)seq;
    return r;
}
