/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One walk of the native tree fills the cells of the frames, by the symbols of names. Depth of
 * the walk is that of the trie: what no line knows is set aside whole, never descended into.
 */
#include "base/str.h"
#include "mapping/edges.h"
#include "mapping/read.h"

struct walk {
    struct reading *r;
    enum gw_result result;
    bool context;
};

static void meet_children(struct walk *w, const struct place *p, struct gw_node *node, struct frame *f);

static struct gw_str node_text(const struct gw_node *n)
{
    struct gw_str s = {n->text, n->len};

    return s.len && s.ptr[0] > ' ' && s.ptr[s.len - 1] > ' ' ? s : str_trim(s);
}

static bool one_of(struct gw_str text, const struct gw_str *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(text, values[i]))
            return true;
    return false;
}

static const struct gw_node *child_named(const struct gw_node *node, uint16_t name)
{
    for (const struct gw_node *k = node->first; k; k = k->next)
        if (k->name == name)
            return k;
    return NULL;
}

/* What a predicate on `p` looks at: a child of its node, or further below. */
static const struct gw_node *tested(const struct place *p, const struct place *at, const struct gw_node *node)
{
    const struct gw_node *parent = at->parent == p ? node : tested(p, at->parent, node);

    return parent ? child_named(parent, at->name) : NULL;
}

static bool tests_hold(const struct place *p, const struct gw_node *node, uint32_t ordinal)
{
    for (size_t i = 0; i < p->ntests; i++) {
        const struct test *t = &p->tests[i];
        const struct gw_node *child = t->index ? NULL : tested(p, t->place, node);

        if (t->index ? t->index != ordinal
                     : !child || one_of(node_text(child), t->values, t->nvalues) == t->differs)
            return false;
    }
    return true;
}

static struct frame *frame_open(struct walk *w, const struct frame_kind *kind, struct frame *parent)
{
    struct reading *r = w->r;
    struct frame *f = frame_new(w->context ? &r->context_arena : &r->arena, kind, parent);

    if (!f) {
        w->result = GW_FATAL;
        return NULL;
    }
    if (w->context)
        return f;
    if (r->tails[kind->id])
        r->tails[kind->id]->all = f;
    else
        r->frames[kind->id] = f;
    r->tails[kind->id] = f;
    return f;
}

static void several(struct walk *w, const struct place *p, struct gw_node *node)
{
    struct gw_arg args[] = {{"path", p->path}};

    read_report(w->r, GW_ERROR, "mapping.several", p->nwriters ? p->writers[0] : NULL, p, node, args, 1);
}

/* A node at its place: its own frame if it repeats, else its cell. */
static void enter(struct walk *w, const struct place *p, struct gw_node *node, struct frame *f)
{
    if (p->ignored)
        return;
    if (p->opens) {
        f->cells[p->cell] = node;
        f = frame_open(w, p->opens, f);
        if (!f)
            return;
        f->cells[0] = node;
    } else if (!f->cells[p->cell]) {
        f->cells[p->cell] = node;
    } else if (!p->items && (p->leaf || p->claimed)) {
        several(w, p, node);
        return;
    }
    if (node->first && !p->tree)
        meet_children(w, p, node, f);
}

static bool has_content(const struct gw_node *node)
{
    if (node->kind == GW_NULL)
        return false;
    if (node->first)
        return true;
    return node_text(node).len > 0;
}

static void meet(struct walk *w, const struct place *parent, struct gw_node *node, struct frame *f,
                 const struct gw_node *before, uint32_t ordinal)
{
    const struct edge *edge = edge_of(w->r->table, parent->id, node->name);
    bool known = false;

    for (const struct place *p = edge->place; p; p = p->twin) {
        if (p->ntests && !tests_hold(p, node, ordinal))
            continue;
        if (!p->leaf && !p->claimed && !p->first && !p->opens)
            continue;
        known = true;
        if (!node->first && !p->leaf && !p->claimed && !p->opens && !p->tree && has_content(node))
            known = false; /* a text where only a container is known */
        else
            enter(w, p, node, f);
    }
    if (!known && has_content(node))
        set_aside(w->r, f, parent, node, before);
}

/* Most nodes are a text where one is expected. */
static inline bool meet_leaf(const struct edge *edges, uint32_t mask, uint16_t place, struct gw_node *node,
                             struct gw_node **cells)
{
    const struct edge *edge;

    if (node->first)
        return false;
    edge = edge_among(edges, mask, place, node->name);
    if (!edge->leaf || cells[edge->cell])
        return false;
    cells[edge->cell] = node;
    return true;
}

static void meet_children(struct walk *w, const struct place *p, struct gw_node *node, struct frame *f)
{
    const struct table *t = w->r->table;
    const struct edge *edges = t->edges;
    const uint32_t mask = t->edge_mask;
    const uint16_t place = p->id;
    struct gw_node **cells = f->cells;
    const struct gw_node *before = NULL;
    uint32_t ordinal = 0;
    uint16_t last = 0;

    for (struct gw_node *k = node->first; k; before = k, k = k->next) {
        if (k->kind != GW_LIST && meet_leaf(edges, mask, place, k, cells)) {
            ordinal = last = 0; /* nobody counts these */
            continue;
        }
        ordinal = k->name == last ? ordinal + 1 : 1;
        last = k->name;
        if (k->kind != GW_LIST) {
            meet(w, p, k, f, before, ordinal);
            continue;
        }
        ordinal = 0;
        for (struct gw_node *item = k->first; item; item = item->next)
            meet(w, p, item, f, before, ++ordinal);
    }
}

enum gw_result walk_record(struct reading *r, struct gw_node *root)
{
    struct walk w = {r, GW_OK, false};
    struct frame *f;

    memset(r->frames, 0, r->table->nkinds * sizeof(struct frame *));
    memset(r->tails, 0, r->table->nkinds * sizeof(struct frame *));
    f = frame_open(&w, r->table->kinds[FRAME_RECORD], NULL);
    if (!f)
        return GW_FATAL;
    f->cells[0] = root;
    r->view.record = f;
    meet_children(&w, r->table->places[FRAME_RECORD], root, f);
    return w.result;
}

enum gw_result walk_context(struct reading *r, const struct gw_node *root)
{
    struct walk w = {r, GW_OK, true};

    arena_reset(&r->context_arena);
    r->context = frame_new(&r->context_arena, r->table->kinds[FRAME_CONTEXT], NULL);
    if (!r->context)
        return GW_FATAL;
    r->context->cells[0] = (struct gw_node *)root;
    if (root)
        meet_children(&w, r->table->places[FRAME_CONTEXT], (struct gw_node *)root, r->context);
    return w.result;
}

/* ---- instances ---- */

bool gates_hold(const struct reading *r, const struct gates *gates, const struct frame *f)
{
    for (size_t i = 0; i < gates->count; i++) {
        const struct gate *g = &gates->items[i];
        const struct frame *at = g->place->frame->id == FRAME_CONTEXT ? r->context : f;
        const struct gw_node *node;

        while (at && at->kind != g->place->frame)
            at = at->parent;
        node = at ? at->cells[g->place->cell] : NULL;
        if (!node || node->kind == GW_NULL ? !g->differs
                                           : one_of(node_text(node), g->values, g->nvalues) == g->differs)
            return false;
    }
    return true;
}

static inline struct instance *parent_of(const struct reading *r, const struct scope *parent, struct frame *f)
{
    if (!parent)
        return NULL;
    if (f->kind == parent->frame)
        return &f->instances[parent->local];
    if (parent->frame->id == FRAME_CONTEXT)
        return &r->view.context->instances[parent->local];
    if (f->kind->id == FRAME_CONTEXT)
        f = r->view.record;
    while (f && f->kind != parent->frame)
        f = f->parent;
    return f ? &f->instances[parent->local] : NULL;
}

static bool make_object(struct reading *r, struct instance *i, struct instance *holder)
{
    const struct scope *s = i->scope;

    if (!s->list) {
        i->resource = resource_new(&r->arena, s->shape);
        i->object = i->resource ? &i->resource->object : NULL;
    } else {
        struct value *list = target_make(&r->arena, holder->object, &s->items);

        i->object = list ? list_add_object(&r->arena, list, s->shape) : NULL;
        if (i->object && s->items.field && s->line->fields.items[0].nparts) {
            const struct part *last = &s->line->fields.items[0].parts[s->line->fields.items[0].nparts - 1];
            const struct field *key =
                last->key.ptr ? shape_field(s->shape, last->key, (struct gw_str){NULL, 0}) : NULL;
            struct value *v = key ? object_set(i->object, key->slot) : NULL;

            if (v)
                *v = (struct value){.text = last->val.ptr, .len = (uint32_t)last->val.len};
        }
    }
    return i->object != NULL;
}

static enum gw_result instance_make(struct reading *r, const struct scope *s, struct frame *f)
{
    struct instance *i = &f->instances[s->local];
    bool root = s->place->opens == f->kind || s->place == f->kind->place;
    const struct gw_node *node = f->cells[root ? 0 : s->place->cell];
    struct instance *holder;

    i->scope = s;
    i->frame = f;
    i->parent = parent_of(r, s->list ? s->holder : s->parent, f);
    if (!node || s->unread || s->idle || (i->parent && !i->parent->object) ||
        (s->gates.count && !gates_hold(r, &s->gates, f)))
        return GW_OK;
    holder = i->parent;
    if (s->list && !holder)
        return GW_OK;
    if (!make_object(r, i, holder))
        return GW_FATAL;
    i->live = s->list || s == r->table->root;
    for (struct instance *up = holder; s->list && up && !up->live; up = up->parent)
        up->live = true;
    return GW_OK;
}

/* A scope that must be there at least once. */
static void scopes_missing(struct reading *r)
{
    const struct table *t = r->table;

    for (uint16_t k = 0; k < t->nscopes; k++) {
        const struct scope *s = t->scopes[k];
        const struct frame_kind *above = s->place->frame;
        struct gw_arg args[] = {{"path", s->place->path}};

        if (!s->many || !s->line || !(s->line->use & USE_REQUIRED) || above->id == FRAME_CONTEXT)
            continue;
        for (const struct frame *f = r->frames[above->id]; f; f = f->all)
            if (!f->first[s->place->opens->rank])
                read_report(r, GW_ERROR, "mapping.missing", NULL, s->place, f->cells[0], args, 1);
    }
}

/* The record's own view of the context: same cells, instances of its own. */
static bool context_view(struct reading *r)
{
    const struct frame_kind *kind = r->table->kinds[FRAME_CONTEXT];
    struct frame *f = arena_alloc(&r->arena, sizeof(*f));

    if (!f)
        return false;
    *f = *r->context;
    f->instances = arena_array(&r->arena, kind->nscopes + 1, sizeof(*f->instances));
    r->view.context = f;
    return f->instances != NULL;
}

static bool wanted(const struct reading *r, const struct scope *s)
{
    return s->stream == r->envelope_only;
}

enum gw_result instances_make(struct reading *r)
{
    const struct table *t = r->table;
    const struct frame_kind *context = t->kinds[FRAME_CONTEXT];
    enum gw_result result = context_view(r) ? GW_OK : GW_FATAL;

    if (!r->envelope_only)
        scopes_missing(r);
    for (uint16_t k = FRAME_RECORD; !r->envelope_only && result == GW_OK && k < t->nkinds; k++)
        for (struct frame *f = r->frames[k]; result == GW_OK && f; f = f->all)
            for (size_t s = 0; result == GW_OK && s < f->kind->nscopes; s++)
                result = instance_make(r, f->kind->scopes[s], f);
    for (size_t s = 0; result == GW_OK && s < context->nscopes; s++)
        if (wanted(r, context->scopes[s]))
            result = instance_make(r, context->scopes[s], r->view.context);
    return result;
}
