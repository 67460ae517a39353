/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/plans.h"

#include "base/str.h"

static struct way way_of(const struct field *f)
{
    struct way w = {.name = f->name, .ref = f->type == FIELD_REF};
    struct gw_str rest = f->name;

    while (rest.ptr && w.nparts < sizeof(w.parts) / sizeof(*w.parts))
        w.parts[w.nparts++] = str_cut(rest, '.', &rest);
    return w;
}

static bool has_refs(const struct shape *s)
{
    for (uint16_t i = 0; i < s->count; i++)
        if (s->fields[i]->type == FIELD_REF ||
            (s->fields[i]->type == FIELD_ITEMS && has_refs(s->fields[i]->items)))
            return true;
    return false;
}

static const struct ref_plan *refs_of(struct arena *a, const struct shape *s)
{
    struct ref_plan *p = arena_zero(a, sizeof(*p));

    if (!p)
        return NULL;
    p->items = arena_array(a, s->count + 1u, sizeof(*p->items));
    for (uint16_t i = 0; p->items && i < s->count; i++) {
        const struct field *f = s->fields[i];
        struct ref_entry *e = &p->items[p->count];

        if (f->type != FIELD_REF && (f->type != FIELD_ITEMS || !has_refs(f->items)))
            continue;
        e->way = way_of(f);
        e->below = f->type == FIELD_ITEMS ? refs_of(a, f->items) : NULL;
        p->count++;
    }
    return p;
}

static void keys_of(struct plan *p, const struct field *f)
{
    if (f->key == KEY_STRONG)
        p->strong[p->nstrong++] = way_of(f);
    if (f->key == KEY_WEAK) {
        struct way *at = &p->weak[p->nweak++];

        if (f->type == FIELD_DATE) {
            *at = p->weak[p->ndates];
            at = &p->weak[p->ndates++];
        }
        *at = way_of(f);
    }
    if (f->key == KEY_PART)
        p->parts[p->nparts++] = way_of(f);
    if (f->sensitivity == SENS_NIR && f->type == FIELD_TEXT && !f->list)
        p->nir = way_of(f);
}

static struct plan *plan_make(struct arena *a, const struct shape *s)
{
    struct plan *p = arena_zero(a, sizeof(*p));

    if (!p)
        return NULL;
    p->shape = s;
    p->strong = arena_array(a, s->count + 1u, sizeof(*p->strong));
    p->parts = arena_array(a, s->count + 1u, sizeof(*p->parts));
    p->weak = arena_array(a, s->count + 1u, sizeof(*p->weak));
    p->refs = refs_of(a, s);
    for (uint16_t i = 0; p->strong && p->parts && p->weak && i < s->count; i++)
        keys_of(p, s->fields[i]);
    return p->strong && p->parts && p->weak && p->refs ? p : NULL;
}

enum gw_result plans_make(struct arena *a, const struct model *m, struct plan **ret)
{
    *ret = NULL;
    for (size_t i = 0; i < m->count; i++) {
        struct plan *p = plan_make(a, m->types[i]);

        if (!p)
            return GW_FATAL;
        p->next = *ret;
        *ret = p;
    }
    return GW_OK;
}

const struct plan *plan_of(const struct plan *plans, struct gw_str type)
{
    while (plans && !str_eq(plans->shape->name, type))
        plans = plans->next;
    return plans;
}
