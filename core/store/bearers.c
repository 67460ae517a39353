/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/bearers.h"
#include "store/known.h"

enum gw_result ids_of(struct store *s, struct gw_str bytes, struct arena *a, struct ids *ret)
{
    size_t n = bytes.len / sizeof(uint64_t);
    int64_t *items = arena_array(a, n + 1, sizeof(*items));
    uint64_t one;

    if (!items)
        return memory_fault(s);
    for (size_t i = 0; i < n; i++) {
        memcpy(&one, bytes.ptr + i * sizeof(one), sizeof(one));
        items[i] = (int64_t)le64toh(one);
    }
    *ret = (struct ids){items, n};
    return GW_OK;
}

enum gw_result ids_find(struct store *s, enum table table, int64_t id, struct arena *a, struct ids *ret)
{
    struct row row;
    enum gw_result r;

    if (!known_by_id(s, table, id, &row, &r))
        r = row_find(s, table, id, a, &row);
    *ret = (struct ids){.count = 0};
    if (r == GW_END)
        return GW_OK;
    return r == GW_OK ? ids_of(s, row.cells[1].bytes, a, ret) : r;
}

static bool has(const struct ids *ids, int64_t one)
{
    for (size_t i = 0; i < ids->count; i++)
        if (ids->items[i] == one)
            return true;
    return false;
}

/* The list without that one, or with it behind. */
static enum gw_result write_ids(struct store *s, enum table table, int64_t id, const struct ids *had,
                                int64_t one, bool with)
{
    uint64_t *bytes = arena_array(&s->scratch, had->count + 1, sizeof(*bytes));
    struct row row;
    size_t n = 0;

    if (!bytes)
        return memory_fault(s);
    for (size_t i = 0; i < had->count; i++)
        if (had->items[i] != one)
            bytes[n++] = htole64((uint64_t)had->items[i]);
    if (with)
        bytes[n++] = htole64((uint64_t)one);
    row_start(&row, table);
    row_add_number(&row, id);
    row_add_bytes(&row, (struct gw_str){(const char *)bytes, n * sizeof(*bytes)});
    return had->count ? row_update(s, &row) : row_insert(s, &row);
}

enum gw_result ids_add(struct store *s, enum table table, int64_t id, int64_t one)
{
    size_t mark = arena_mark(&s->scratch);
    struct ids had;
    enum gw_result r = ids_find(s, table, id, &s->scratch, &had);

    if (r == GW_OK && !has(&had, one))
        r = write_ids(s, table, id, &had, one, true);
    arena_release(&s->scratch, mark);
    return r;
}

enum gw_result ids_drop(struct store *s, enum table table, int64_t id, int64_t one)
{
    size_t mark = arena_mark(&s->scratch);
    struct ids had;
    enum gw_result r = ids_find(s, table, id, &s->scratch, &had);

    if (r == GW_OK && has(&had, one))
        r = had.count > 1 ? write_ids(s, table, id, &had, one, false) : row_remove(s, table, id);
    arena_release(&s->scratch, mark);
    return r;
}

/* Which of the members are people nobody knows here: all of them are written down but the root. */
static enum gw_result fill_unit(struct store *s, const struct row *unit)
{
    struct ids members;
    enum gw_result r = ids_of(s, unit->cells[UNIT_MEMBERS].bytes, &s->scratch, &members);

    for (size_t i = 1; r == GW_OK && i < members.count; i++)
        r = ids_add(s, TABLE_BEARER, members.items[i], row_id(unit));
    return r;
}

enum gw_result bearers_fill(struct store *s)
{
    size_t mark = arena_mark(&s->scratch);
    int64_t id = INT64_MIN;
    struct row row;
    enum gw_result r;

    while ((r = row_next(s, TABLE_UNIT, id, &s->scratch, &row)) == GW_OK || r == GW_REJECT) {
        id = row_id(&row);
        r = r == GW_OK ? fill_unit(s, &row) : GW_OK; /* one changed by hand was told */
        arena_release(&s->scratch, mark);
        if (r != GW_OK)
            return r;
    }
    return r == GW_END ? GW_OK : r;
}

enum gw_result units_bearing(struct store *s, int64_t resource, struct arena *a, struct ids *ret)
{
    return ids_find(s, TABLE_BEARER, resource, a, ret);
}

enum gw_result unit_departed(struct store *s, int64_t unit, struct arena *a, struct ids *ret)
{
    return ids_find(s, TABLE_DEPARTED, unit, a, ret);
}
