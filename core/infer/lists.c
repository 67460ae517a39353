/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Lists in a record, and lists in their items: each is a table below the one it stands in, if its items are of a
 * type that refers to something there.
 */
#include "base/str.h"
#include "infer/infer.h"

static bool is_taken(const struct proposal *p, struct gw_str key)
{
    bool taken = false;

    for (size_t i = 0; i < p->nscopes; i++)
        taken |= p->scopes[i].used && str_eq(p->scopes[i].key, key);
    for (const struct proposal *list = p->first; list && !taken; list = list->next)
        taken = is_taken(list, key);
    return taken;
}

/* Resources of one type in several tables: those of a list have its name in their label. */
static enum gw_result keys_name(struct arena *a, const struct proposal *top, struct proposal *p)
{
    struct gw_str list = plain_name(a, column_path(&p->columns, p->columns.root));

    for (size_t i = 0; i < p->nscopes; i++) {
        struct proposed_scope *s = &p->scopes[i];
        struct gw_str label, type = str_cut(s->key, ':', &label);

        if (!s->used || !is_taken(top, s->key))
            continue;
        s->key = str_of(arena_format(a, "%.*s:%.*s%s%.*s", STR_ARG(type), STR_ARG(list), label.len ? "_" : "",
                                     STR_ARG(label)));
        if (!s->key.ptr)
            return GW_FATAL;
    }
    return GW_OK;
}

static struct proposal *top_of(struct proposal *p)
{
    while (p->above)
        p = p->above;
    return p;
}

/* GW_END: it is left to be described by hand. */
static enum gw_result list_match(struct tester *t, struct proposal *above, struct column *column,
                                 struct proposal **ret)
{
    struct proposal *p = arena_zero(t->arena, sizeof(*p)), **at = &above->first;
    enum gw_result r = p ? columns_below(&above->columns, column, &p->columns) : GW_FATAL;

    if (r != GW_OK)
        return r;
    p->above = above;
    t->columns = &p->columns;
    r = proposal_match(t, p);
    if (r == GW_OK)
        r = keys_name(t->arena, top_of(above), p);
    if (r != GW_OK)
        return r;
    while (*at)
        at = &(*at)->next;
    *ret = *at = p;
    return lists_match(t, p);
}

/* The columns of the list behind the one at `i`. */
static enum gw_result items_insert(struct arena *a, struct proposal *p, size_t i, const struct proposal *list)
{
    size_t count = p->count + list->count;
    struct proposed_column *items = arena_array(a, count + 1, sizeof(*items));

    if (!items)
        return GW_FATAL;
    memcpy(items, p->items, (i + 1) * sizeof(*items));
    memcpy(items + i + 1, list->items, list->count * sizeof(*items));
    memcpy(items + i + 1 + list->count, p->items + i + 1, (p->count - i - 1) * sizeof(*items));
    p->items = items;
    p->count = count;
    return GW_OK;
}

enum gw_result lists_match(struct tester *t, struct proposal *p)
{
    const struct columns *before = t->columns;
    enum gw_result r = GW_OK;

    for (size_t i = 0, k = 0; r == GW_OK && k < p->columns.nleaves; i++, k++) {
        struct column *column = p->columns.leaves[k];
        struct proposal *list = NULL;

        if (!column->many || p->items[i].field)
            continue;
        r = list_match(t, p, column, &list);
        if (r == GW_OK) {
            p->items[i].list = list;
            r = items_insert(t->arena, p, i, list);
            i += list->count;
        } else if (r == GW_END) {
            r = GW_OK;
        }
    }
    t->columns = before;
    return r;
}
