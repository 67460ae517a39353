/* SPDX-License-Identifier: EUPL-1.2 */
/* Compiling scope lines: what a record is made of, and where each part has its node. */
#include "base/str.h"
#include "mapping/compile.h"

#define SCOPE_RANK 1e6 /* scope lines order only what no field line names */

struct scope *scope_find(const struct table *t, struct gw_str key)
{
    for (uint16_t i = 0; i < t->nscopes; i++)
        if (str_eq(t->scopes[i]->key, key))
            return t->scopes[i];
    return NULL;
}

static struct gw_str type_of(struct gw_str resource)
{
    struct gw_str rest;

    return str_cut(resource, ':', &rest);
}

static bool same_part(const struct part *a, const struct part *b)
{
    return a->each == b->each && str_eq(a->name, b->name) && str_eq(a->key, b->key) && str_eq(a->val, b->val);
}

/* How many parts of `ref` a list scope has for itself; 0: it is not in that list. */
static size_t parts_within(const struct scope *s, struct gw_str resource, const struct field_ref *ref)
{
    const struct field_ref *own;

    if (!s->list || !str_eq(s->line->cells[CELL_RESOURCE], resource))
        return 0;
    own = &s->line->fields.items[0];
    if (own->nparts >= ref->nparts || own->ext != ref->ext)
        return 0;
    for (size_t i = 0; i < own->nparts; i++)
        if (!same_part(&own->parts[i], &ref->parts[i]))
            return 0;
    return own->nparts;
}

struct scope *scope_of_line(const struct table *t, const struct line *line, size_t *ret_parts)
{
    struct gw_str resource = line->cells[CELL_RESOURCE];
    struct scope *best = scope_find(t, resource);

    *ret_parts = 0;
    for (uint16_t i = 0; line->fields.count && i < t->nscopes; i++) {
        size_t n = parts_within(t->scopes[i], resource, &line->fields.items[0]);

        if (n > *ret_parts) {
            *ret_parts = n;
            best = t->scopes[i];
        }
    }
    return best;
}

static struct scope *scope_new(struct table *t, struct gw_str key, struct gw_str type)
{
    struct scope *s = arena_zero(t->arena, sizeof(*s));
    struct scope **grown = arena_array(t->arena, t->nscopes + 1u, sizeof(*grown));

    if (!s || !grown)
        return NULL;
    *s = (struct scope){.id = t->nscopes, .key = key, .type = type, .sort_slot = -1};
    if (t->nscopes)
        memcpy(grown, t->scopes, t->nscopes * sizeof(*grown));
    grown[t->nscopes++] = s;
    t->scopes = grown;
    return s;
}

static struct gw_str key_of(struct table *t, const struct line *l)
{
    if (l->kind == LINE_SCOPE)
        return l->cells[CELL_RESOURCE];
    return str_of(
        arena_format(t->arena, "%.*s.%.*s", STR_ARG(l->cells[CELL_RESOURCE]), STR_ARG(l->cells[CELL_FIELD])));
}

/* Gives a scope its number in its frame. */
static bool enter_frame(struct table *t, struct scope *s)
{
    struct frame_kind *k = s->frame;
    struct scope **grown = arena_array(t->arena, k->nscopes + 1, sizeof(*grown));

    if (!grown)
        return false;
    if (k->nscopes)
        memcpy(grown, k->scopes, k->nscopes * sizeof(*grown));
    s->local = (uint16_t)k->nscopes;
    grown[k->nscopes++] = s;
    k->scopes = grown;
    return true;
}

static bool place_scope(struct table *t, struct scope *s)
{
    const struct path *path = &s->line->paths.items[0];
    struct place *from = path->base == BASE_HERE && s->parent ? s->parent->place : place_root(t, path->base);

    s->many = path->nsteps && path->steps[path->nsteps - 1].many;
    for (size_t i = 0; i < path->nsteps; i++)
        s->chosen |= path->steps[i].npreds > 0;
    s->place = from ? place_add(t, from, path, SCOPE_RANK + s->id, &s->gates, s->many) : NULL;
    if (!s->place)
        return false;
    s->frame = s->place->opens ? s->place->opens : s->place->frame;
    return enter_frame(t, s);
}

/* The list's own shape: its last part, in the object of the scope that holds it. */
static bool list_shape(struct table *t, struct scope *s)
{
    const struct field_ref *ref = &s->line->fields.items[0];
    size_t from = 0;

    s->holder = scope_of_line(t, s->line, &from);
    if (!s->holder || s->holder == s) {
        table_fault(t, s->line, "mapping.scope", CELL_RESOURCE, 1, s->line->cells[CELL_RESOURCE]);
        return false;
    }
    if (!s->line->in.ptr)
        s->parent = s->holder;
    if (!target_compile(t, s->holder->shape, ref, from, FIELD_ITEMS, true, &s->items) ||
        !s->items.field->items) {
        table_fault(t, s->line, "mapping.field", CELL_FIELD, 1, s->line->cells[CELL_FIELD]);
        return false;
    }
    s->shape = s->items.field->items;
    return true;
}

static bool sort_field(struct table *t, struct scope *s)
{
    const struct field *f;

    if (!s->line->sort.ptr)
        return true;
    f = shape_field(s->shape, s->line->sort, (struct gw_str){NULL, 0});
    if (!f) {
        table_fault(t, s->line, "mapping.field", CELL_AS, 1, s->line->sort);
        return false;
    }
    s->sort_slot = f->slot;
    return true;
}

static enum gw_result scope_add(struct table *t, const struct line *l)
{
    struct gw_str type = type_of(l->cells[CELL_RESOURCE]);
    struct shape *shape = model_type(t->model, type);
    struct scope *s;

    if (!shape) {
        table_fault(t, l, "mapping.resource", CELL_RESOURCE, 1, type);
        return GW_OK;
    }
    s = scope_new(t, key_of(t, l), type);
    if (!s || !s->key.ptr)
        return GW_FATAL;
    s->line = l;
    s->shape = shape;
    s->list = l->kind == LINE_LIST;
    if (!t->root) {
        t->root = s;
        if (s->list || l->paths.items[0].nsteps)
            table_fault(t, l, "mapping.root", CELL_PATH, 1, l->cells[CELL_PATH]);
    } else {
        s->parent = l->in.ptr ? scope_find(t, l->in) : t->root;
    }
    if (s != t->root && !s->parent) {
        table_fault(t, l, "mapping.scope", CELL_AS, 1, l->in);
        s->parent = t->root;
    }
    if (s->list && !list_shape(t, s)) {
        s->shape = shape;
        s->list = false;
    }
    s->unread = (l->use & USE_WRITE) || (s->parent && s->parent->unread) || (s->list && s->holder->unread);
    return sort_field(t, s) && place_scope(t, s) ? GW_OK : t->faulty ? GW_OK : GW_FATAL;
}

/* Parents first, whatever the order of the lines: `in` may name a scope further down. */
static bool ready(const struct table *t, const struct line *l)
{
    size_t parts;

    if (l->in.ptr && !scope_find(t, l->in))
        return false;
    return l->kind == LINE_SCOPE || scope_of_line(t, l, &parts);
}

static enum gw_result envelope_add(struct table *t)
{
    for (size_t i = 0; i < t->model->count; i++) {
        struct shape *shape = t->model->types[i];
        struct scope *s;

        if (!shape->stream || t->envelope)
            continue;
        s = scope_new(t, shape->name, shape->name);
        if (!s)
            return GW_FATAL;
        s->shape = shape;
        s->stream = true;
        s->place = place_root(t, BASE_CONTEXT);
        s->frame = s->place->frame;
        if (!enter_frame(t, s))
            return GW_FATAL;
        t->envelope = s;
    }
    return GW_OK;
}

static const struct line *scope_line(const struct lines *lines, struct gw_str key)
{
    for (size_t i = 0; key.ptr && i < lines->count; i++)
        if (lines->items[i].kind == LINE_SCOPE && str_eq(lines->items[i].cells[CELL_RESOURCE], key))
            return &lines->items[i];
    return NULL;
}

/* No scope was there for it: it stands in itself, or in one that nobody defines. */
static void homeless(struct table *t, const struct line *l)
{
    const struct lines *lines = &t->format->lines;
    const struct line *up = l;
    size_t steps = 0;

    while (up && steps++ <= lines->count)
        up = scope_line(lines, up->in);
    if (!l->in.ptr)
        table_fault(t, l, "mapping.scope", CELL_RESOURCE, 1, l->cells[CELL_RESOURCE]);
    else
        table_fault(t, l, up ? "mapping.cycle" : "mapping.scope", CELL_AS, 1, l->in);
}

enum gw_result scopes_compile(struct table *t)
{
    const struct lines *lines = &t->format->lines;
    bool *done = arena_array(t->arena, lines->count + 1, sizeof(*done));
    bool more = true;
    enum gw_result result = done && place_root(t, BASE_RECORD) ? envelope_add(t) : GW_FATAL;

    while (result == GW_OK && more) {
        more = false;
        for (size_t i = 0; result == GW_OK && i < lines->count; i++) {
            const struct line *l = &lines->items[i];

            if (done[i] || (l->kind != LINE_SCOPE && l->kind != LINE_LIST) || (t->root && !ready(t, l)))
                continue;
            result = scope_add(t, l);
            done[i] = more = true;
        }
    }
    for (size_t i = 0; result == GW_OK && i < lines->count; i++)
        if (!done[i] && (lines->items[i].kind == LINE_SCOPE || lines->items[i].kind == LINE_LIST))
            homeless(t, &lines->items[i]);
    return result;
}
