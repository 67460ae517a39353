/* SPDX-License-Identifier: EUPL-1.2 */
/* The native texts of a record by their place: what was written and what was read have the same keys. */
#include "law/proof.h"

static bool put(struct arena *a, struct cells *c, const struct cell *item)
{
    if (c->count == c->room) {
        size_t room = c->room ? c->room * 2 : 64;
        struct cell *grown = arena_array(a, room, sizeof(*grown));

        if (!grown)
            return false;
        if (c->count)
            memcpy(grown, c->items, c->count * sizeof(*grown));
        c->items = grown;
        c->room = room;
    }
    c->items[c->count++] = *item;
    return true;
}

/* A tree that is kept whole is one text. */
static bool text_of(struct arena *a, const struct table *t, uint16_t kind, uint16_t cell,
                    const struct gw_node *n, struct gw_str *ret)
{
    const struct place *p;

    if (n->kind == GW_LIST || n->kind == GW_RECORDS)
        return false;
    p = place_of_cell(t, kind, cell);
    if (p && p->opens && cell)
        return false; /* the frames below have it */
    if (p && p->tree) {
        *ret = tree_print(a, t->names, n);
        return true;
    }
    if (n->kind == GW_MAP && !n->text)
        return false;
    *ret = n->kind == GW_NULL ? GW_STR("\001null")
                              : arena_copy(a, (struct gw_str){n->text ? n->text : "", n->len});
    return true;
}

static bool frame_take(struct arena *a, const struct table *t, const struct frame *f, uint32_t nth,
                       struct cells *ret)
{
    for (uint16_t k = 0; k < f->kind->cells; k++) {
        struct cell item = {.kind = f->kind->id, .cell = k, .nth = nth};

        if (f->cells[k] && text_of(a, t, f->kind->id, k, f->cells[k], &item.text) && !put(a, ret, &item))
            return false;
    }
    return true;
}

bool cells_take(struct arena *a, const struct table *t, struct frame **frames, struct frame *context,
                struct cells *ret)
{
    *ret = (struct cells){0};
    if (context && !frame_take(a, t, context, 0, ret))
        return false;
    for (uint16_t k = FRAME_RECORD; frames && k < t->nkinds; k++) {
        uint32_t nth = 0;

        for (const struct frame *f = frames[k]; f; f = f->all)
            if (!frame_take(a, t, f, nth++, ret))
                return false;
    }
    return true;
}

static int order(const struct cell *a, const struct cell *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->nth != b->nth)
        return a->nth < b->nth ? -1 : 1;
    return (a->cell > b->cell) - (a->cell < b->cell);
}

bool cells_differ(const struct cells *a, const struct cells *b, size_t *i, size_t *k, const struct cell **ret_a,
                  const struct cell **ret_b)
{
    while (*i < a->count || *k < b->count) {
        int o = *i == a->count ? 1 : *k == b->count ? -1 : order(&a->items[*i], &b->items[*k]);

        *ret_a = o <= 0 ? &a->items[(*i)++] : NULL;
        *ret_b = o >= 0 ? &b->items[(*k)++] : NULL;
        if (!*ret_a || !*ret_b || !str_eq((*ret_a)->text, (*ret_b)->text))
            return true;
    }
    return false;
}
