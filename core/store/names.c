/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Names of partners, flows, types and purposes as numbers, which keeps the rows that have four of them narrow.
 * A small cache answers nearly always; it forgets what a transaction made that was rolled back.
 */
#include "store/row.h"

static struct name_slot *slot_by_text(struct store *s, struct gw_str text)
{
    return &s->by_text[str_hash(text.ptr, text.len) % NAME_SLOTS];
}

static struct name_slot *slot_by_id(struct store *s, int64_t id)
{
    return &s->by_id[(uint64_t)id % NAME_SLOTS];
}

static void remember(struct name_slot *slot, int64_t id, struct gw_str text)
{
    if (text.len > sizeof(slot->text))
        return;
    slot->id = id;
    slot->len = text.len;
    memcpy(slot->text, text.ptr, text.len);
}

static struct gw_str text_of(const struct name_slot *slot)
{
    return (struct gw_str){slot->text, slot->len};
}

void names_forget(struct store *s)
{
    memset(s->by_text, 0, sizeof(s->by_text));
    memset(s->by_id, 0, sizeof(s->by_id));
}

enum gw_result name_find(struct store *s, struct gw_str text, int64_t *ret)
{
    struct name_slot *slot = slot_by_text(s, text);
    struct query q;
    struct row row;
    enum gw_result r;

    *ret = 0;
    if (!text.ptr)
        return GW_OK;
    if (slot->id && str_eq(text_of(slot), text)) {
        *ret = slot->id;
        return GW_OK;
    }
    r = query_open(s, "SELECT " NAME_COLUMNS ",sum FROM name WHERE text=?1", &q);
    if (r != GW_OK)
        return r;
    query_text(&q, 1, text);
    r = query_step(&q);
    if (r == GW_OK)
        r = row_take(&q, TABLE_NAME, &row);
    query_close(&q);
    if (r != GW_OK)
        return r;
    *ret = row_id(&row);
    remember(slot, *ret, text);
    return GW_OK;
}

enum gw_result name_id(struct store *s, struct gw_str text, int64_t *ret)
{
    enum gw_result r = name_find(s, text, ret);
    struct row row;
    int64_t id;

    if (r != GW_END)
        return r;
    r = row_new_id(s, TABLE_NAME, &id);
    if (r != GW_OK)
        return r;
    row_start(&row, TABLE_NAME);
    row_add_number(&row, id);
    row_add_text(&row, text);
    s->names_made = true;
    r = row_insert(s, &row);
    if (r != GW_OK)
        return r;
    remember(slot_by_text(s, text), id, text);
    *ret = id;
    return GW_OK;
}

enum gw_result name_text(struct store *s, int64_t id, struct arena *a, struct gw_str *ret)
{
    struct name_slot *slot = slot_by_id(s, id);
    struct row row;
    enum gw_result r;

    *ret = (struct gw_str){NULL, 0};
    if (!id)
        return GW_OK;
    if (slot->id == id) {
        *ret = arena_copy(a, text_of(slot));
        return ret->ptr ? GW_OK : memory_fault(s);
    }
    r = row_find(s, TABLE_NAME, id, a, &row);
    if (r != GW_OK)
        return r == GW_END ? row_fault(s, "name", id) : r;
    *ret = row.cells[1].bytes;
    remember(slot, id, *ret);
    return GW_OK;
}
