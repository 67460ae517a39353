/* SPDX-License-Identifier: EUPL-1.2 */
/* Which lines a table has for a stream, and who runs each: its scope when reading, its places when writing. */
#include "base/str.h"
#include "mapping/compile.h"

/* ---- sharing out ---- */

static bool push(struct table *t, struct tie ***list, size_t *count, struct tie *r)
{
    if ((*count & (*count - 1)) == 0) { /* a power of two is full */
        struct tie **grown = arena_array(t->arena, *count ? *count * 2 : 1, sizeof(*grown));

        if (!grown)
            return false;
        if (*count)
            memcpy(grown, *list, *count * sizeof(*grown));
        *list = grown;
    }
    (*list)[(*count)++] = r;
    return true;
}

static bool reads(const struct tie *r)
{
    return !(r->use & USE_WRITE);
}

/* The scope whose instances run a line: native-only lines run once a record (once a stream in the context). */
struct scope *tie_scope(const struct table *t, const struct tie *r)
{
    if (r->scope)
        return r->scope;
    if (!r->nplaces || r->up[0] != UP_CONTEXT || !t->envelope || in_group(t, r->places[0]))
        return t->root;
    return t->envelope;
}

/* What we would write there is compared with what was read. */
static bool mark_checked(struct table *t, struct tie *r)
{
    for (size_t i = 0; i < r->nplaces; i++) {
        struct place *p = r->places[i];
        struct frame_kind *k = p->frame;
        struct place **grown;

        if (p->checked)
            continue;
        p->checked = true;
        grown = arena_array(t->arena, k->nchecked + 1, sizeof(*grown));
        if (!grown)
            return false;
        if (k->nchecked)
            memcpy(grown, k->checked, k->nchecked * sizeof(*grown));
        grown[k->nchecked++] = p;
        k->checked = grown;
    }
    return true;
}

/* Writing asks a scope for those that have no place of their own. */
static bool share_ref(struct table *t, struct scope *s, struct tie *r)
{
    struct scope *holder = s->list ? s->holder : NULL;

    s->tied = true;
    if (holder)
        holder->tied = true;
    if (r->ref_scope)
        r->ref_scope->tied = true;
    if (!push(t, &s->refs, &s->nrefs, r) || !push(t, &t->refs, &t->nrefs, r))
        return false;
    if (r->nplaces)
        return true;
    return (!r->ref_scope || push(t, &r->ref_scope->named_by, &r->ref_scope->nnamed_by, r)) &&
           push(t, &s->naming, &s->nnaming, r) &&
           (!holder || holder == s || push(t, &holder->naming, &holder->nnaming, r));
}

static bool share_tie(struct table *t, struct tie *r)
{
    struct scope *s = tie_scope(t, r);

    if (s->unread)
        r->use |= USE_WRITE;
    if (r->form == FORM_REF && r->scope && !share_ref(t, s, r))
        return false;
    if (r->form == FORM_SELECT && r->scope && !(r->use & USE_READ) &&
        !push(t, &s->selectors, &s->nselectors, r))
        return false;
    for (size_t i = 0; i < r->nplaces; i++) {
        r->late |= r->places[i]->late;
        if (!(r->use & USE_READ) && r->form != FORM_REST &&
            !push(t, &r->places[i]->writers, &r->places[i]->nwriters, r))
            return false;
    }
    r->late |= r->when != NULL;
    if (r->form == FORM_REF || r->form == FORM_REST)
        return true;
    if (!reads(r) || r->form == FORM_TEST)
        return !(r->use & USE_CHECK) || mark_checked(t, r);
    return r->late ? push(t, &t->late, &t->nlate, r) : push(t, &s->first, &s->nfirst, r);
}

static unsigned absent_policy(const struct table *t, const struct place *p)
{
    for (size_t i = 0; i < p->nwriters; i++) {
        unsigned policy = p->writers[i]->use & (USE_NULL | USE_EMPTY | USE_OMIT);

        if (policy)
            return policy;
    }
    return t->format->absent_use ? (unsigned)t->format->absent_use : USE_OMIT;
}

/* A profile's columns: a line whose first step is none of them does not exist. */
static bool in_profile(const struct table *t, const struct line *l)
{
    const struct profile *p = t->profile;

    if (!p || !p->ncolumns || !l->paths.count || l->paths.items[0].base == BASE_CONTEXT ||
        !l->paths.items[0].nsteps)
        return true;
    for (size_t k = 0; k < l->paths.count; k++)
        for (size_t i = 0; i < p->ncolumns; i++) {
            struct gw_str rest, first = str_cut(p->columns[i], '/', &rest);
            const struct step *step = l->paths.items[k].steps;
            uint16_t name = names_add(t->names, step->name.ptr, step->name.len);

            if (name && name == names_add(t->names, first.ptr, first.len))
                return true;
        }
    return false;
}

bool profile_settles(const struct table *t, const struct cond *c)
{
    return c && c->kind == COND_TEST && str_is(c->ref, "$profile") && t->profile &&
           (c->op == OP_EQ || c->op == OP_NE);
}

/* Known at opening: the line is there or not. */
static bool chosen_out(const struct table *t, const struct cond *c)
{
    bool among = false;

    if (!profile_settles(t, c))
        return false;
    for (size_t i = 0; i < c->nvalues; i++)
        among |= str_eq(c->values[i], t->profile->name);
    return among == (c->op == OP_NE);
}

static enum gw_result add_tie(struct table *t, const struct line *l, size_t index)
{
    struct tie *r = arena_zero(t->arena, sizeof(*r));

    if (!r)
        return GW_FATAL;
    *r = (struct tie){.index = (uint32_t)index, .line = l, .use = l->use, .ref_slot = -1};
    if (!push(t, &t->ties, &t->nties, r))
        return GW_FATAL;
    return tie_compile(t, r);
}

static enum gw_result scope_when(struct table *t, struct scope *s)
{
    struct fault fault = {0};
    enum gw_result result;

    if (!s->line || !s->line->when)
        return GW_OK;
    result = condition_compile(t, s->parent ? s->parent : s, s->line->when, &s->when, &fault);
    if (result == GW_FAIL)
        table_fault(t, s->line, fault.code, CELL_WHEN, fault.column, fault.found);
    return result == GW_FAIL ? GW_OK : result;
}

enum gw_result ties_compile(struct table *t)
{
    const struct lines *lines = &t->format->lines;
    enum gw_result result = GW_OK;

    for (size_t i = 0; result == GW_OK && i < lines->count; i++) {
        const struct line *l = &lines->items[i];

        if (l->kind == LINE_FIELD && in_profile(t, l) && !chosen_out(t, l->when))
            result = add_tie(t, l, i);
    }
    for (uint16_t i = 0; result == GW_OK && i < t->nscopes; i++)
        result = scope_when(t, t->scopes[i]);
    for (size_t i = 0; result == GW_OK && i < t->nties; i++)
        if (!share_tie(t, t->ties[i]))
            result = GW_FATAL;
    for (uint16_t i = 0; i < t->nplaces; i++)
        t->places[i]->absent = absent_policy(t, t->places[i]);
    return result;
}
