/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the lines carried of a resource: for each instance of a scope the values of those lines that
 * really wrote their place, by the frame in which they stand. Frames are met in the same order
 * when the bytes are read, so the same key finds what came back.
 */
#include "law/proof.h"

struct writer { /* a place that has its writer */
    const struct frame *frame;
    uint16_t cell;
};

struct carry {
    struct proof *proof;
    struct writing *w;
    bool context;
    struct load *load;
    struct writer *taken;
    size_t ntaken, room;
};

/* ---- values as text ---- */

struct gw_str tree_print(struct arena *a, const struct names *names, const struct gw_node *n)
{
    struct gw_str name = n->name ? names_text(names, n->name) : GW_STR(""), kids = GW_STR("");

    for (const struct gw_node *k = n->first; k; k = k->next)
        kids = str_of(arena_format(a, "%.*s%.*s,", STR_ARG(kids), STR_ARG(tree_print(a, names, k))));
    return str_of(
        arena_format(a, "%.*s=%.*s(%.*s)", STR_ARG(name), (int)n->len, n->text ? n->text : "", STR_ARG(kids)));
}

static struct gw_str list_print(struct arena *a, const struct tie *tie, const struct value *v,
                                const struct target *t)
{
    struct gw_str all = {NULL, 0};

    for (uint32_t i = 0; v && i < v->list->count; i++) {
        struct gw_str item = t->each ? object_text(v->list->objects[i], t->slot) : v->list->texts[i];

        if (tie->form == FORM_MEMBER && str_eq(item, tie->word))
            return GW_STR("true");
        if (item.ptr)
            all = str_of(arena_format(a, "%.*s%s%.*s", STR_ARG(all), all.len ? "," : "", STR_ARG(item)));
    }
    return tie->form == FORM_MEMBER ? GW_STR("false") : all;
}

struct gw_str target_print(struct arena *a, const struct names *names, const struct tie *tie, size_t k,
                           const struct object *o)
{
    const struct target *t = &tie->targets[k];
    const struct value *v = t->each ? object_value(o, t->each_slot) : target_value(o, t);

    if (t->each || (t->field->list && t->field->type != FIELD_ITEMS))
        return list_print(a, tie, v, t);
    if (!v)
        return (struct gw_str){NULL, 0};
    if (t->field->type == FIELD_TREE)
        return v->tree ? tree_print(a, names, v->tree) : (struct gw_str){NULL, 0};
    if (t->field->type == FIELD_REF)
        return v->ref && tie->ref_slot >= 0 ? object_text(&v->ref->object, (unsigned)tie->ref_slot)
                                            : (struct gw_str){NULL, 0};
    if (t->field->type == FIELD_ITEMS)
        return (struct gw_str){NULL, 0};
    return (struct gw_str){v->text, v->len};
}

/* Which instance a resource is, as a text that is the same on the other side. */
static struct gw_str where_is(struct arena *a, const struct table *t, struct frame **frames,
                              const struct resource *r)
{
    for (uint16_t k = FRAME_RECORD; r && k < t->nkinds; k++) {
        uint32_t nth = 0;

        for (const struct frame *f = frames[k]; f; f = f->all, nth++)
            for (size_t s = 0; s < f->kind->nscopes; s++)
                if (f->instances[s].resource == r)
                    return str_of(arena_format(a, "%.*s %u", STR_ARG(f->kind->scopes[s]->key), nth + 1));
    }
    return (struct gw_str){NULL, 0};
}

static uint32_t rank_in(struct gw_str where)
{
    uint64_t n = 1;

    for (size_t i = where.len; i-- > 0;)
        if (where.ptr[i] == ' ') {
            (void)str_number(str_from(where, i + 1), &n);
            break;
        }
    return (uint32_t)n - 1;
}

static bool is_link(const struct tie *tie)
{
    return tie->form == FORM_REF && !tie->nplaces;
}

static struct gw_str link_print(struct arena *a, const struct table *t, struct frame **frames,
                                const struct tie *tie, const struct object *o)
{
    const struct value *v = tie->ntargets ? target_value(o, &tie->targets[0]) : NULL;

    return v ? where_is(a, t, frames, v->ref) : (struct gw_str){NULL, 0};
}

/* ---- writing ---- */

static bool is_fixed(const struct tie *tie)
{
    return tie->form == FORM_CONST || tie->form == FORM_TEST || tie->form == FORM_LINE ||
           tie->form == FORM_COUNT || tie->form == FORM_SUM || tie->form == FORM_NIL;
}

static bool take(struct carry *c, const struct frame *f, uint16_t cell)
{
    for (size_t i = 0; i < c->ntaken; i++)
        if (c->taken[i].frame == f && c->taken[i].cell == cell)
            return false;
    if (c->ntaken == c->room) {
        size_t room = c->room ? c->room * 2 : 128;
        struct writer *grown = arena_array(&c->proof->scratch, room, sizeof(*grown));

        if (!grown)
            return false;
        if (c->ntaken)
            memcpy(grown, c->taken, c->ntaken * sizeof(*grown));
        c->taken = grown;
        c->room = room;
    }
    c->taken[c->ntaken++] = (struct writer){f, cell};
    return true;
}

static void load_add(struct carry *c, const struct tie *tie, const struct instance *i, uint32_t nth)
{
    struct arena *a = &c->proof->scratch;
    struct carried *item = arena_zero(a, sizeof(*item));

    if (!item)
        return;
    item->tie = tie;
    item->kind = i->frame->kind->id;
    item->nth = nth;
    for (size_t k = 0; k < tie->ntargets; k++) {
        struct gw_str text =
            is_link(tie)
                ? link_print(a, c->w->table, c->w->frames, tie, i->object)
                : target_print(a, c->w->bundle ? c->w->bundle->names : c->w->table->names, tie, k, i->object);

        item->texts[k] = text.ptr ? arena_copy(a, text) : text;
    }
    *c->load->end = item;
    c->load->end = &item->next;
}

static struct frame *cell_frame(const struct carry *c, const struct tie *tie, size_t n,
                                const struct instance *i)
{
    struct frame *f = i->frame;

    if (tie->up[n] == UP_CONTEXT)
        return c->w->view.context;
    if (f->kind->id == FRAME_CONTEXT)
        f = c->w->frames[FRAME_RECORD];
    for (uint8_t up = tie->up[n]; up; up--)
        f = f->parent;
    return f;
}

static bool wrote(struct carry *c, const struct tie *tie, struct instance *i)
{
    struct gw_str natives[RULE_PARTS] = {{NULL, 0}};
    bool any = false;

    if (is_fixed(tie)) {
        struct frame *f = cell_frame(c, tie, 0, i);

        return tie->form == FORM_NIL || (f->cells[tie->cells[0]] && take(c, f, tie->cells[0]));
    }
    if (tie->form == FORM_TREE) {
        struct frame *f = cell_frame(c, tie, 0, i);

        return f->cells[tie->cells[0]] && tie->ntargets && target_value(i->object, &tie->targets[0]);
    }
    if (tie_yield(&c->w->conversion, &c->w->view, tie, i, natives) != GW_OK)
        return false;
    for (size_t k = 0; k < tie->nplaces; k++)
        if (natives[k].ptr && take(c, cell_frame(c, tie, k, i), tie->cells[k]))
            any = true;
    return any;
}

/* A line that had a value, was allowed to write it, and wrote nothing: lost, unless another line has it. */
static bool silent(struct carry *c, const struct tie *tie, struct instance *i)
{
    struct gw_str natives[RULE_PARTS] = {{NULL, 0}};

    if (is_fixed(tie) || !carries(tie) || !tie->nplaces || tie->form == FORM_TREE || tie->form == FORM_REF)
        return false;
    return target_print(&c->proof->scratch, c->w->table->names, tie, 0, i->object).ptr &&
           tie_yield(&c->w->conversion, &c->w->view, tie, i, natives) == GW_OK && !natives[0].ptr;
}

static void line_out(struct carry *c, const struct tie *tie, struct instance *i, uint32_t nth)
{
    struct law_line *row = row_of(c->proof, tie->line);

    c->w->view.at = i;
    if (tie->when) {
        bool holds = condition_holds(&c->w->view, tie->when);

        row->reached |= holds ? LINE_TRUE : LINE_FALSE;
        if (!holds)
            return;
    }
    if (!tie->nplaces) {
        if (is_link(tie) || tie->form == FORM_SELECT)
            load_add(c, tie, i, nth);
        return;
    }
    if (wrote(c, tie, i)) {
        row->reached |= LINE_WRITTEN;
        if (carries(tie) && !is_fixed(tie))
            load_add(c, tie, i, nth);
    } else if (silent(c, tie, i) && tie->alone) {
        row_measured(c->proof, tie, GW_LOSSY, target_text(i->object, &tie->targets[0]),
                     (struct gw_str){NULL, 0});
    }
}

static void lets_out(struct carry *c)
{
    struct frame *f = c->w->frames[FRAME_RECORD];

    c->w->view.at = &f->instances[c->w->table->root->local];
    for (size_t k = 0; k < c->w->table->format->lines.count; k++)
        if (c->proof->lets[k])
            c->proof->report->lines[k].reached |=
                condition_holds(&c->w->view, c->proof->lets[k]) ? LINE_TRUE : LINE_FALSE;
}

/* A resource of which nothing was carried is not there when it is read; nor is what refers to it. */
static bool exists(const struct load *load, const struct scope *s, uint16_t kind, uint32_t nth)
{
    if (s->chosen || s->list || !s->parent)
        return true;
    for (const struct carried *c = load->first; c; c = c->next)
        if (c->tie->scope == s && c->kind == kind && c->nth == nth && carries(c->tie) &&
            c->tie->form != FORM_REF)
            return true;
    return false;
}

static bool is_real(const struct carry *c, const struct carried *item)
{
    const struct tie *tie = item->tie;
    const struct scope *s = tie->scope;

    if (tie->nplaces)
        return true;
    if (!exists(c->load, s, item->kind, item->nth))
        return false;
    if (tie->form == FORM_REF && item->texts[0].ptr)
        return exists(c->load, tie->ref_scope, tie->ref_scope->frame->id, rank_in(item->texts[0]));
    return true;
}

static void drop_unreal(struct carry *c)
{
    struct carried **at = &c->load->first;

    while (*at) {
        if (is_real(c, *at))
            at = &(*at)->next;
        else
            *at = (*at)->next;
    }
    c->load->end = at;
}

/* A scope of the context that is no envelope is of each record. */
static void scope_out(struct carry *c, const struct scope *s)
{
    bool around = s->frame->id == FRAME_CONTEXT;
    struct frame *f = !around ? c->w->frames[s->frame->id] : s->stream ? NULL : c->w->view.context;

    for (; f; f = around ? NULL : f->all)
        if (f->instances[s->local].object)
            row_of(c->proof, s->line)->reached |= LINE_WRITTEN;
}

void carry_out(struct proof *p, struct writing *w, bool context, struct load *load)
{
    struct carry c = {.proof = p, .w = w, .context = context, .load = load};
    const struct table *t = w->table;

    if (!context)
        lets_out(&c);
    for (size_t k = 0; k < t->nties; k++) {
        const struct tie *tie = t->ties[k];
        const struct scope *s = scope_of_tie(t, tie);
        bool outside = tie->nplaces && tie->up[0] == UP_CONTEXT;
        uint32_t nth = 0;

        if ((tie->use & USE_READ) || tie->form == FORM_REST || outside != context || (outside && !s->stream))
            continue;
        if (!tie->nplaces && s->stream)
            continue;
        for (struct frame *f = s->frame->id == FRAME_CONTEXT ? w->view.context : w->frames[s->frame->id]; f;
             f = f->kind->id == FRAME_CONTEXT ? NULL : f->all, nth++)
            if (f->instances[s->local].object)
                line_out(&c, tie, &f->instances[s->local], nth);
    }
    drop_unreal(&c);
    for (uint16_t k = 0; !context && k < t->nscopes; k++)
        scope_out(&c, t->scopes[k]);
}

/* ---- reading ---- */

static const struct instance *instance_at(const struct reading *r, const struct carried *c,
                                          const struct scope *s)
{
    const struct frame *f = c->kind == FRAME_CONTEXT ? r->view.context : r->frames[c->kind];

    for (uint32_t n = c->nth; f && n; n--)
        f = c->kind == FRAME_CONTEXT ? NULL : f->all;
    return f ? &f->instances[s->local] : NULL;
}

/* What is computed or of its moment cannot come back: it is no part of V(p). */
static bool passes(const struct tie *tie)
{
    return tie->form == FORM_NOW || tie->loss == GW_ONE_WAY || (tie->use & USE_WRITE);
}

bool carry_back(struct proof *p, struct reading *r, bool context, const struct carried **at, struct missed *ret)
{
    for (; *at; *at = (*at)->next) {
        const struct carried *c = *at;
        const struct instance *i = instance_at(r, c, scope_of_tie(p->table, c->tie));

        if ((c->kind == FRAME_CONTEXT) != context || passes(c->tie))
            continue;
        for (size_t k = 0; k < c->tie->ntargets; k++) {
            struct gw_str found = {NULL, 0};

            if (i && i->object)
                found = is_link(c->tie) ? link_print(&p->scratch, p->table, r->frames, c->tie, i->object)
                                        : target_print(&p->scratch, p->table->names, c->tie, k, i->object);
            if (str_eq(found, c->texts[k]) && !found.ptr == !c->texts[k].ptr)
                continue;
            *ret = (struct missed){c, k, found};
            *at = c->next;
            return true;
        }
    }
    return false;
}

static bool was_read(const struct reading *r, const struct tie *tie, const struct instance *i)
{
    const struct frame *f = i->frame;
    const struct gw_node *n;

    if (is_link(tie) ||
        (tie->ntargets && tie->form != FORM_LIST && tie->form != FORM_MEMBER && !is_fixed(tie))) {
        for (size_t k = 0; k < tie->ntargets; k++) {
            const struct value *v = target_value(i->object, &tie->targets[k]);

            if (v && v->line == tie->index)
                return true;
        }
        return false;
    }
    if (!tie->nplaces)
        return false;
    if (tie->up[0] == UP_CONTEXT) {
        f = r->view.context;
    } else {
        if (f->kind->id == FRAME_CONTEXT)
            f = r->view.record;
        for (uint8_t up = tie->up[0]; up; up--)
            f = f->parent;
    }
    n = f->cells[tie->cells[0]];
    return tie->form == FORM_NIL || (n && n->kind != GW_NULL);
}

static void line_in(struct proof *p, struct reading *r, const struct tie *tie, struct instance *i)
{
    struct law_line *row = row_of(p, tie->line);

    r->view.at = i;
    if (tie->when) {
        bool holds = condition_holds(&r->view, tie->when);

        row->reached |= holds ? LINE_TRUE : LINE_FALSE;
        if (!holds)
            return;
    }
    if (was_read(r, tie, i))
        row->reached |= LINE_READ;
}

/* That a `when` was false while its line was applied is gone from the resource: the line was undone. */
static void undone_in(struct proof *p, const struct reading *r)
{
    for (const struct pending *u = r->pendings; u; u = u->next)
        if (u->tie->when && !is_fixed(u->tie))
            row_of(p, u->tie->line)->reached |= LINE_FALSE;
}

void cover_read(struct proof *p, struct reading *r, bool context)
{
    const struct table *t = p->table;

    undone_in(p, r);
    for (size_t k = 0; k < t->nties; k++) {
        const struct tie *tie = t->ties[k];
        const struct scope *s = scope_of_tie(t, tie);

        if (s->stream != context || tie->form == FORM_REST)
            continue;
        for (struct frame *f = s->frame->id == FRAME_CONTEXT ? r->view.context : r->frames[s->frame->id]; f;
             f = f->kind->id == FRAME_CONTEXT ? NULL : f->all)
            if (f->instances[s->local].object)
                line_in(p, r, tie, &f->instances[s->local]);
    }
    for (uint16_t k = 0; k < t->nscopes; k++) {
        const struct scope *s = t->scopes[k];

        if (s->stream != context)
            continue;
        for (struct frame *f = s->frame->id == FRAME_CONTEXT ? r->view.context : r->frames[s->frame->id]; f;
             f = f->kind->id == FRAME_CONTEXT ? NULL : f->all)
            if (f->instances[s->local].object && (f->instances[s->local].live || s->chosen))
                row_of(p, s->line)->reached |= LINE_READ;
    }
}
