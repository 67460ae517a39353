/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A `when` is asked while a record is read, line by line: what it looks at must be known by then. Known are a
 * line's own field, what the first phase reads, and what stands above; the references come last of all.
 */
#include "base/str.h"
#include "mapping/compile.h"

/* What a condition of `from` looks at stands in an object of this scope. */
static const struct scope *scope_looked_at(const struct table *t, const struct tie *from, const struct ref *ref)
{
    const struct scope *s = ref->scope ? ref->scope : from->scope ? from->scope : t->root;

    for (uint8_t n = ref->climb; s && n; n--)
        s = s->parent;
    return s;
}

static bool same_hops(const struct target *a, const struct target *b)
{
    if (a->nhops != b->nhops)
        return false;
    for (size_t i = 0; i < a->nhops; i++)
        if (a->hops[i].slot != b->hops[i].slot || !str_eq(a->hops[i].key, b->hops[i].key))
            return false;
    return true;
}

/* The same value, or a list and what a line puts into it. */
static bool touches(const struct target *looked, const struct target *set)
{
    if (same_hops(looked, set) && looked->slot == set->slot)
        return true;
    return !looked->nhops &&
           ((set->nhops && set->hops[0].slot == looked->slot) || (set->each && set->each_slot == looked->slot));
}

static bool sets(const struct tie *by, const struct scope *scope, const struct ref *ref)
{
    if (by->scope != scope || (by->use & USE_WRITE))
        return false;
    if (ref->kind == REF_SCOPE)
        return !scope->chosen && by->hard && by->ntargets && by->form != FORM_REF && by->form != FORM_SELECT;
    for (size_t k = 0; k < by->ntargets; k++)
        if (touches(&ref->target, &by->targets[k]))
            return true;
    return false;
}

/* A `try` that holds closes its place: the alternatives below it read nothing then. */
static bool closed_by(const struct tie *by, const struct tie *from)
{
    return (from->use & USE_TRY) && from->nplaces && by->nplaces && by->places[0] == from->places[0];
}

static bool reads_later(const struct tie *by, const struct tie *from)
{
    if (by->form == FORM_REF)
        return from->form != FORM_REF || by->index > from->index;
    return from->form != FORM_REF && by->late && by->index > from->index && !closed_by(by, from);
}

static bool known(const struct table *t, const struct tie *from, const struct ref *ref)
{
    const struct scope *scope = scope_looked_at(t, from, ref);

    if (ref->kind == REF_FIELD && sets(from, scope, ref))
        return true; /* its own field */
    for (size_t k = 0; k < t->nties; k++)
        if (reads_later(t->ties[k], from) && sets(t->ties[k], scope, ref))
            return false;
    return true;
}

/* The first part of a condition that looks too early; NULL: none does. */
static const struct condition *early(const struct table *t, const struct tie *from, const struct condition *c)
{
    const struct condition *found = NULL;

    for (const struct condition *kid = c->kids; kid && !found; kid = kid->next)
        found = early(t, from, kid);
    if (found || c->kind != COND_TEST || c->ref.kind == REF_PARAM)
        return found;
    return known(t, from, &c->ref) ? NULL : c;
}

void whens_check(struct table *t)
{
    for (size_t k = 0; k < t->nties; k++) {
        const struct tie *from = t->ties[k];
        const struct condition *c = NULL;

        if (from->when && !(from->use & USE_WRITE) && from->form != FORM_TEST)
            c = early(t, from, from->when);
        if (c)
            table_fault(t, from->line, "mapping.cycle", CELL_WHEN, c->column, c->text);
    }
}
