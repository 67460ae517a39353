/* SPDX-License-Identifier: EUPL-1.2 */
/* Writing, last step: the tree from the cells, children in the order of their places. */
#include "base/str.h"
#include "mapping/write.h"

struct tail {
    struct gw_node **end;
    struct gw_node *last;
};

static inline void append(struct tail *t, struct gw_node *n)
{
    *t->end = n;
    t->end = &n->next;
    t->last = n;
    n->next = NULL;
}

enum gw_result extra_add(struct writing *w, const struct frame *f, const struct place *p, struct gw_str after,
                         struct gw_node *node)
{
    struct extra *e = arena_alloc(&w->arena, sizeof(*e)), **end = &w->extras;

    if (!e)
        return GW_FATAL;
    *e = (struct extra){NULL, f, p, after.ptr ? names_find(w->table->names, after.ptr, after.len) : 0, node};
    while (*end)
        end = &(*end)->next;
    *end = e;
    return f && p->parent && f->kind->place != p && !cell_touch(w, (struct frame *)f, p) ? GW_FATAL : GW_OK;
}

/* Behind the last sibling of the name it followed, else at the end. */
static void insert(struct gw_node *parent, const struct extra *e)
{
    struct gw_node **at = NULL, **end = &parent->first;

    for (; *end; end = &(*end)->next)
        if (e->after && (*end)->name == e->after)
            at = &(*end)->next;
    if (!at)
        at = end;
    e->node->next = *at;
    *at = e->node;
}

/* A list goes on where the one before has its name (places that differ by a predicate). */
static struct gw_node *list_of(struct writing *w, struct tail *t, uint16_t name)
{
    struct gw_node *list;

    if (t->last && t->last->kind == GW_LIST && t->last->name == name)
        return t->last;
    list = text_node(&w->arena, name, GW_LIST, (struct gw_str){NULL, 0});
    if (list)
        append(t, list);
    return list;
}

static bool list_append(struct writing *w, struct tail *t, struct gw_node *item)
{
    struct gw_node *list = list_of(w, t, item->name), **end;

    if (!list)
        return false;
    end = &list->first;
    while (*end)
        end = &(*end)->next;
    *end = item;
    item->next = NULL;
    return true;
}

static struct gw_node *children_build(struct writing *w, const struct frame *f, const struct place *p,
                                      struct gw_node *into);

static bool frames_build(struct writing *w, const struct frame *f, const struct place *p, struct tail *t)
{
    struct gw_node *list = f->first[p->opens->rank] ? list_of(w, t, p->name) : NULL, **end;

    if (!f->first[p->opens->rank])
        return true;
    if (!list)
        return false;
    end = &list->first;
    while (*end)
        end = &(*end)->next;
    for (struct frame *k = f->first[p->opens->rank]; k; k = k->next) {
        struct gw_node *n = tree_build(w, k, p);

        if (!n)
            return false;
        *end = n;
        end = &n->next;
    }
    *end = NULL;
    return true;
}

static bool child_build(struct writing *w, const struct frame *f, const struct place *p, struct tail *t)
{
    struct gw_node *n;

    if (p->opens)
        return frames_build(w, f, p, t);
    n = f->cells[p->cell];
    if (!n)
        return true;
    if (p->first && !p->tree && !children_build(w, f, p, n))
        return false;
    if (n->kind == GW_TEXT && n->first)
        n->kind = GW_MAP;
    if (p->many && !p->items && n->kind != GW_LIST)
        return list_append(w, t, n);
    append(t, n);
    return true;
}

static struct gw_node *children_build(struct writing *w, const struct frame *f, const struct place *p,
                                      struct gw_node *into)
{
    struct tail t = {&into->first, NULL};

    into->first = NULL;
    for (const struct place *k = p->first; k; k = k->next) {
        struct gw_node *n;

        if (!k->plain) {
            if (!child_build(w, f, k, &t))
                return NULL;
        } else if ((n = f->cells[k->cell])) {
            if (n->kind == GW_TEXT && n->first)
                n->kind = GW_MAP;
            append(&t, n);
        }
    }
    for (const struct extra *e = w->extras; e; e = e->next)
        if (e->frame == f && e->place == p)
            insert(into, e);
    return into;
}

struct gw_node *tree_build(struct writing *w, const struct frame *f, const struct place *p)
{
    struct gw_node *n = f->cells[0];

    if (!n)
        n = text_node(&w->arena, p->name, GW_MAP, (struct gw_str){NULL, 0});
    if (!n)
        return NULL;
    n->name = p->name;
    if (!children_build(w, f, p, n))
        return NULL;
    if (n->first)
        n->kind = GW_MAP;
    return n;
}

/* ---- the context, with the place where the records stand ---- */

static struct gw_node *hole_build(struct writing *w, const struct frame *f, const struct place *p, size_t step,
                                  struct gw_node *into);

static bool hole_step(struct writing *w, const struct frame *f, const struct place *p, size_t step,
                      struct tail *t)
{
    const struct gw_step *s = step < w->table->nsteps ? &w->table->steps[step] : NULL;
    bool last = step + 1 >= w->table->nsteps;
    struct gw_node *n =
        text_node(&w->arena, s ? s->name : 0, last ? GW_RECORDS : GW_MAP, (struct gw_str){NULL, 0});

    if (!n)
        return false;
    append(t, n);
    return last || hole_build(w, f, p ? edge_find(w->table, p, s->name) : NULL, step + 1, n);
}

/* Children before the records, the records (or what leads to them), children behind. */
static struct gw_node *hole_build(struct writing *w, const struct frame *f, const struct place *p, size_t step,
                                  struct gw_node *into)
{
    struct tail t = {&into->first, NULL};
    uint16_t way = step + 1 < w->table->nsteps ? w->table->steps[step].name : 0;
    bool done = false;

    for (const struct place *k = p ? p->first : NULL; k; k = k->next) {
        if (!done && (k->rank > w->table->hole || (way && k->name == way))) {
            done = true;
            if (!hole_step(w, f, p, step, &t))
                return NULL;
        }
        if (!(way && k->name == way) && !child_build(w, f, k, &t))
            return NULL;
    }
    if (!done && !hole_step(w, f, p, step, &t))
        return NULL;
    return into;
}

struct gw_node *context_build(struct writing *w, const struct frame *f)
{
    struct gw_node *root = text_node(&w->arena, 0, GW_MAP, (struct gw_str){NULL, 0});

    return root ? hole_build(w, f, w->table->places[FRAME_CONTEXT], 0, root) : NULL;
}
