/* SPDX-License-Identifier: EUPL-1.2 */
/* Writing, first step: which resource or item each scope stands for, and the frames they open. */
#include <stdlib.h>

#include "base/str.h"
#include "mapping/write.h"

struct found {
    struct object *object;
    struct resource *resource;
};

#define FEW 8 /* most of the time */

struct candidates {
    struct found *items;
    size_t count, room;
};

static inline bool candidate_add(struct writing *w, struct candidates *c, struct object *o, struct resource *r)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->items[i].object == o)
            return true;
    if (c->count == c->room) {
        size_t room = c->room * 2;
        struct found *grown = arena_alloc(&w->arena, room * sizeof(*grown));

        if (!grown)
            return false;
        memcpy(grown, c->items, c->count * sizeof(*grown));
        c->items = grown;
        c->room = room;
    }
    c->items[c->count++] = (struct found){o, r};
    return true;
}

static const struct resource *ref_of(const struct object *o, const struct tie *tie)
{
    const struct value *v = target_value(o, &tie->targets[0]);

    return v ? v->ref : NULL;
}

static struct instance *near(struct writing *w, struct instance *from, const struct scope *s)
{
    struct instance *i = instance_near(&w->view, from, s);

    return i && i->object ? i : NULL;
}

/* What a bound scope refers to as this one. */
static bool by_reference(struct writing *w, const struct scope *s, struct instance *p, struct candidates *c)
{
    for (size_t k = 0; k < s->nnamed_by; k++) {
        const struct tie *tie = s->named_by[k];
        struct instance *owner = near(w, p, tie->scope);
        const struct resource *to = owner ? ref_of(owner->object, tie) : NULL;

        if (to && to->object.shape == s->shape &&
            !candidate_add(w, c, (struct object *)&to->object, (struct resource *)to))
            return false;
    }
    return true;
}

static bool list_refers(const struct resource *r, const struct scope *list, const struct tie *tie,
                        const struct resource *to)
{
    const struct value *v = target_value(&r->object, &list->items);

    for (uint32_t i = 0; v && i < v->list->count; i++)
        if (ref_of(v->list->objects[i], tie) == to)
            return true;
    return false;
}

/* Does r refer to what is bound, by each reference line of its scope (or of its lists)? A scope that only
 * nesting ties has all the resources of its type. */
static bool agrees(struct writing *w, const struct scope *s, struct instance *p, const struct resource *r)
{
    bool any = !s->tied;

    for (size_t k = 0; k < s->nnaming; k++) {
        const struct tie *tie = s->naming[k];
        bool own = tie->scope == s;
        struct instance *to = near(w, p, tie->ref_scope);

        if (!to || !to->resource)
            continue;
        if (own ? ref_of(&r->object, tie) != to->resource : !list_refers(r, tie->scope, tie, to->resource)) {
            if (own)
                return false;
            continue;
        }
        any = true;
    }
    return any;
}

static bool by_pool(struct writing *w, const struct scope *s, struct instance *p, struct candidates *c)
{
    for (struct resource *r = w->bundle->first; r; r = r->next)
        if (r->object.shape == s->shape && agrees(w, s, p, r) && !candidate_add(w, c, &r->object, r))
            return false;
    return true;
}

bool scope_selects(const struct scope *s, const struct object *o)
{
    for (size_t k = 0; k < s->nselectors; k++)
        if (!str_among(s->selectors[k]->word, '|', target_text(o, &s->selectors[k]->targets[0])))
            return false;
    return true;
}

static void select_only(const struct scope *s, struct candidates *c)
{
    size_t kept = 0;

    for (size_t i = 0; i < c->count; i++)
        if (scope_selects(s, c->items[i].object))
            c->items[kept++] = c->items[i];
    c->count = kept;
}

static bool item_fits(struct writing *w, const struct scope *s, struct instance *p, const struct object *o)
{
    const struct field_ref *ref = &s->line->fields.items[0];
    const struct part *last = &ref->parts[ref->nparts - 1];

    if (last->key.ptr) {
        const struct field *key = shape_field(s->shape, last->key, (struct gw_str){NULL, 0});

        if (!key || !str_eq(object_text(o, key->slot), last->val))
            return false;
    }
    for (size_t k = 0; !s->many && k < s->nrefs; k++) {
        struct instance *to = s->refs[k]->nplaces ? NULL : near(w, p, s->refs[k]->ref_scope);

        if (to && to->resource && ref_of(o, s->refs[k]) != to->resource)
            return false;
    }
    return true;
}

static bool by_list(struct writing *w, const struct scope *s, struct instance *holder, struct candidates *c)
{
    const struct value *v = target_value(holder->object, &s->items);

    for (uint32_t i = 0; v && i < v->list->count; i++)
        if (item_fits(w, s, holder, v->list->objects[i]) && !candidate_add(w, c, v->list->objects[i], NULL))
            return false;
    return true;
}

/* Few items: an insertion sort, stable, by canonical text (numbers by length first). */
static void sort_by(const struct scope *s, struct candidates *c)
{
    for (size_t i = 1; i < c->count; i++) {
        struct found f = c->items[i];
        struct gw_str key = object_text(f.object, (unsigned)s->sort_slot);
        size_t k = i;

        for (; k > 0; k--) {
            struct gw_str other = object_text(c->items[k - 1].object, (unsigned)s->sort_slot);
            int order = s->shape->fields[s->sort_slot]->type == FIELD_INTEGER && other.len != key.len
                            ? (other.len > key.len) - (other.len < key.len)
                            : str_compare(other, key);

            if (s->line->descending ? order >= 0 : order <= 0)
                break;
            c->items[k] = c->items[k - 1];
        }
        c->items[k] = f;
    }
}

struct frame *frame_of(const struct writing *w, const struct instance *i, const struct frame_kind *kind)
{
    struct frame *f = i && i->frame->kind->id != FRAME_CONTEXT ? i->frame : w->frames[FRAME_RECORD];

    if (kind->id == FRAME_CONTEXT)
        return w->view.context;
    while (f && f->kind != kind)
        f = f->parent;
    return f;
}

static enum gw_kind word_kind(struct gw_str text)
{
    return str_is(text, "true") ? GW_TRUE : str_is(text, "false") ? GW_FALSE : GW_TEXT;
}

/* A container chosen by `[k=v]` has that child, and what is on the way to it. */
static bool fill_tests(struct writing *w, struct frame *f, const struct place *p)
{
    struct frame *in = f;

    for (size_t i = 0; i < p->ntests; i++) {
        const struct test *t = &p->tests[i];

        if (!t->place || t->differs || t->nvalues != 1 || in->cells[t->place->cell])
            continue;
        if (!cell_touch(w, in, t->place->parent))
            return false;
        in->cells[t->place->cell] = text_node(&w->arena, t->place->name, word_kind(t->values[0]), t->values[0]);
        if (!in->cells[t->place->cell])
            return false;
    }
    return true;
}

bool cell_touch(struct writing *w, struct frame *f, const struct place *p)
{
    for (; p && p != f->kind->place; p = p->parent) {
        if (f->cells[p->cell])
            return true;
        f->cells[p->cell] = text_node(&w->arena, p->name, GW_MAP, (struct gw_str){NULL, 0});
        if (!f->cells[p->cell] || !fill_tests(w, f, p))
            return false;
    }
    return true;
}

bool fill_gates(struct writing *w, const struct gates *gates, struct frame *f)
{
    for (size_t i = 0; i < gates->count; i++) {
        const struct gate *g = &gates->items[i];

        if (g->differs || g->nvalues != 1 || g->place->frame != f->kind || f->cells[g->place->cell])
            continue;
        if (!cell_touch(w, f, g->place->parent))
            return false;
        f->cells[g->place->cell] = text_node(&w->arena, g->place->name, word_kind(g->values[0]), g->values[0]);
        if (!f->cells[g->place->cell])
            return false;
    }
    return true;
}

static void bind(struct instance *i, const struct scope *s, struct frame *f, struct instance *parent,
                 const struct found *found)
{
    *i = (struct instance){.scope = s,
                           .frame = f,
                           .parent = parent,
                           .object = found->object,
                           .resource = found->resource,
                           .live = true};
}

static struct frame *open_frame(struct writing *w, const struct scope *s, struct instance *parent)
{
    const struct frame_kind *kind = s->place->opens;
    struct frame *above = frame_of(w, parent, s->place->frame);
    struct frame *f = above ? frame_new(&w->arena, kind, above) : NULL;

    if (!f || !cell_touch(w, above, s->place->parent) || !fill_tests(w, f, s->place))
        return NULL;
    if (!above->cells[s->place->cell])
        above->cells[s->place->cell] = text_node(&w->arena, s->place->name, GW_LIST, (struct gw_str){NULL, 0});
    if (w->tails[kind->id])
        w->tails[kind->id]->all = f;
    else
        w->frames[kind->id] = f;
    w->tails[kind->id] = f;
    return f;
}

static enum gw_result bind_many(struct writing *w, const struct scope *s, struct instance *parent,
                                const struct candidates *c)
{
    size_t n = s->line->max && c->count > s->line->max ? s->line->max : c->count;
    char room[20];
    struct gw_arg args[] = {{"max", gw_digits(s->line->max, room)}}, missing[] = {{"path", s->place->path}};

    if (!n && (s->line->use & USE_REQUIRED) && parent && parent->object)
        write_report(w, GW_ERROR, "mapping.missing", NULL, s->place, (struct gw_str){NULL, 0}, missing, 1);
    if (n < c->count)
        write_report(w, GW_WARNING, "mapping.max", NULL, s->place, s->key, args, 1);
    for (size_t k = 0; k < n; k++) {
        struct frame *f = open_frame(w, s, parent);

        if (!f)
            return GW_FATAL;
        bind(&f->instances[s->local], s, f, parent, &c->items[k]);
        if (s->gates.count && !fill_gates(w, &s->gates, f))
            return GW_FATAL;
    }
    return GW_OK;
}

static enum gw_result bind_one(struct writing *w, const struct scope *s, struct frame *f,
                               struct instance *parent, const struct candidates *c)
{
    struct gw_arg args[] = {{"path", s->key}};

    if (!c->count) {
        f->instances[s->local] = (struct instance){.scope = s, .frame = f, .parent = parent};
        if ((s->line->use & USE_REQUIRED) && parent && parent->object)
            write_report(w, GW_ERROR, "mapping.missing", NULL, s->place, (struct gw_str){NULL, 0}, args, 1);
        return GW_OK;
    }
    if (c->count > 1 && s->sort_slot < 0)
        write_report(w, GW_ERROR, "mapping.several", NULL, s->place, s->key, args, 1);
    bind(&f->instances[s->local], s, f, parent, &c->items[0]);
    return !s->gates.count || fill_gates(w, &s->gates, f) ? GW_OK : GW_FATAL;
}

static enum gw_result gather_for(struct writing *w, const struct scope *s, struct instance *parent,
                                 struct frame *into)
{
    struct found few[FEW];
    struct candidates c = {few, 0, FEW};
    bool good = true;

    w->view.at = parent;
    if (parent && parent->object && (!s->when || condition_holds(&w->view, s->when))) {
        if (s->list) {
            good = by_list(w, s, parent, &c);
        } else {
            good = by_reference(w, s, parent, &c);
            if (good && !c.count)
                good = by_pool(w, s, parent, &c);
        }
    }
    if (!good)
        return GW_FATAL;
    if (!s->list && s->nselectors)
        select_only(s, &c);
    if (s->sort_slot >= 0)
        sort_by(s, &c);
    return into ? bind_one(w, s, into, parent, &c) : bind_many(w, s, parent, &c);
}

static struct frame *first_of(const struct writing *w, const struct frame_kind *k)
{
    return k->id == FRAME_CONTEXT ? w->view.context : w->frames[k->id];
}

static enum gw_result gather_scope(struct writing *w, const struct scope *s)
{
    const struct scope *up = s->list ? s->holder : s->parent;
    enum gw_result result = GW_OK;

    if (s->many) {
        for (struct frame *f = first_of(w, up->frame); result == GW_OK && f; f = f->all)
            result = gather_for(w, s, &f->instances[up->local], NULL);
        return result;
    }
    for (struct frame *f = first_of(w, s->frame); result == GW_OK && f; f = f->all) {
        struct frame *above = up->frame == f->kind ? f : frame_of(w, &(struct instance){.frame = f}, up->frame);

        result = gather_for(w, s, above ? &above->instances[up->local] : NULL, f);
    }
    return result;
}

enum gw_result gather(struct writing *w, struct resource *root)
{
    const struct table *t = w->table;
    struct frame *f = frame_new(&w->arena, t->kinds[FRAME_RECORD], NULL);
    enum gw_result result = GW_OK;

    if (!f)
        return GW_FATAL;
    memset(w->frames, 0, t->nkinds * sizeof(struct frame *));
    memset(w->tails, 0, t->nkinds * sizeof(struct frame *));
    w->frames[FRAME_RECORD] = w->tails[FRAME_RECORD] = w->view.record = f;
    bind(&f->instances[t->root->local], t->root, f, NULL, &(struct found){&root->object, root});
    for (uint16_t k = 0; result == GW_OK && k < t->nscopes; k++)
        if (t->scopes[k] != t->root && !t->scopes[k]->stream)
            result = gather_scope(w, t->scopes[k]);
    return result;
}
