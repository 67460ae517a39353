/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A resource tree made for a table: one spot for each instance of a scope, values by chance from the
 * pools of its lines. Lists and references are put together last, so that a spot can go and come back.
 */
#include "law/proof.h"

bool carries(const struct tie *tie)
{
    if (!tie->ntargets || !tie->scope || (tie->use & USE_READ))
        return false;
    switch ((enum form)tie->form) {
    case FORM_VALUE:
    case FORM_JOIN:
    case FORM_SPLIT:
    case FORM_WORDS:
    case FORM_LIST:
    case FORM_MEMBER:
    case FORM_RULE:
    case FORM_TREE:
        return true;
    case FORM_REF:
        return tie->nplaces > 0;
    case FORM_CONST:
    case FORM_NIL:
    case FORM_TEST:
    case FORM_LINE:
    case FORM_COUNT:
    case FORM_SUM:
    case FORM_NOW:
    case FORM_REST:
    case FORM_SELECT:
        return false;
    }
    return false;
}

bool spot_there(const struct spot *s)
{
    for (; s; s = s->parent)
        if (s->gone)
            return false;
    return true;
}

/* ---- values ---- */

static struct gw_node *tree_new(struct plan *plan, const struct tie *tie)
{
    struct arena *a = &plan->proof->scratch;
    struct names *names = &plan->proof->codec.names;
    struct gw_node *top = arena_zero(a, sizeof(*top)), *leaf = arena_zero(a, sizeof(*leaf));

    if (!top || !leaf)
        return NULL;
    *top = (struct gw_node){.first = leaf, .kind = GW_MAP, .name = tie->places[0]->name};
    *leaf = (struct gw_node){.text = "1", .len = 1, .kind = GW_TEXT, .name = names_add(names, "a", 1)};
    return top;
}

static void each_value(struct arena *a, struct object *o, const struct target *t, struct gw_str text)
{
    struct object *item = list_add_object(a, object_set(o, t->each_slot), t->shape);
    struct value *v = item ? object_set(item, t->slot) : NULL;

    if (v)
        *v = (struct value){.text = text.ptr, .len = (uint32_t)text.len};
}

void plan_value(struct plan *plan, struct spot *at, const struct tie *tie, size_t k, struct gw_str text)
{
    struct arena *a = &plan->proof->scratch;
    const struct target *t = &tie->targets[k];
    struct value *v;

    if (t->each) {
        each_value(a, at->object, t, text);
        return;
    }
    v = target_make(a, at->object, t);
    if (!v)
        return;
    if (t->field->list)
        (void)list_add_text(a, v, text);
    else if (t->field->type == FIELD_TREE)
        *v = (struct value){.tree = tree_new(plan, tie)};
    else
        *v = (struct value){.text = text.ptr, .len = (uint32_t)text.len};
}

static void clear(struct spot *at, const struct tie *tie, size_t k)
{
    if (tie->targets[k].each)
        object_clear(at->object, tie->targets[k].each_slot);
    else
        target_clear(at->object, &tie->targets[k]);
}

void plan_values(struct plan *plan, struct spot *at, const struct tie *tie)
{
    struct proof *p = plan->proof;
    uint64_t n = tie->form == FORM_LIST ? 1 + dice(p, 3) : 1;

    if (tie->form == FORM_REF)
        return; /* with the other references */
    for (size_t k = 0; k < tie->ntargets; k++) {
        const struct texts *good = &pool_of(p, tie, k)->good;

        if (tie->form == FORM_TREE) {
            plan_value(plan, at, tie, k, GW_STR(""));
            continue;
        }
        if (tie->form != FORM_MEMBER)
            clear(at, tie, k);
        for (uint64_t i = 0; good->count && i < n; i++)
            plan_value(plan, at, tie, k,
                       tie->form == FORM_MEMBER ? tie->word : good->items[dice(p, good->count)]);
    }
}

static bool is_set(const struct spot *at, const struct tie *tie)
{
    for (size_t k = 0; k < tie->ntargets; k++)
        if (tie->targets[k].each ? !object_has(at->object, tie->targets[k].each_slot)
                                 : target_value(at->object, &tie->targets[k]) == NULL)
            return false;
    return true;
}

static void spot_fill(struct plan *plan, struct spot *at, enum fullness fullness)
{
    static const unsigned odds[][2] = {
        [PLAN_BARE] = {0, 100}, [PLAN_RANDOM] = {60, 96}, [PLAN_FULL] = {100, 100}};
    const struct table *t = plan->proof->table;

    for (size_t k = 0; k < t->nties; k++) {
        const struct tie *tie = t->ties[k];
        unsigned chance = odds[fullness][(tie->use & USE_REQUIRED) != 0];

        if (tie->scope == at->scope && (tie->form == FORM_COUNT || tie->form == FORM_SUM) && tie->ntargets &&
            dice(plan->proof, 2))
            plan_value(plan, at, tie, 0,
                       GW_STR("1")); /* that it is there may be asked; what it is, is computed */
        if (tie->scope != at->scope || !carries(tie) || (tie->form != FORM_MEMBER && is_set(at, tie)))
            continue;
        if (tie->form == FORM_MEMBER && fullness != PLAN_FULL)
            chance = fullness == PLAN_BARE ? 0 : 40;
        if (dice(plan->proof, 100) < chance)
            plan_values(plan, at, tie);
    }
}

/* ---- spots ---- */

static void key_set(const struct scope *s, struct object *o)
{
    const struct field_ref *ref = s->list && s->line ? &s->line->fields.items[0] : NULL;
    const struct part *last = ref && ref->nparts ? &ref->parts[ref->nparts - 1] : NULL;
    const struct field *key =
        last && last->key.ptr ? shape_field(s->shape, last->key, (struct gw_str){NULL, 0}) : NULL;

    if (key)
        *object_set(o, key->slot) = (struct value){.text = last->val.ptr, .len = (uint32_t)last->val.len};
}

static struct gw_str word_by_chance(struct proof *p, struct gw_str words)
{
    struct gw_str word, rest = words;
    uint64_t n = 1;

    for (size_t i = 0; i < words.len; i++)
        n += words.ptr[i] == '|';
    n = dice(p, n);
    do
        word = str_cut(rest, '|', &rest);
    while (n--);
    return word;
}

struct spot *spot_add(struct plan *plan, const struct scope *s, struct spot *parent)
{
    struct arena *a = &plan->proof->scratch;
    struct spot *at = arena_zero(a, sizeof(*at));

    if (!at)
        return NULL;
    at->scope = s;
    at->parent = parent;
    if (s->list) {
        at->object = object_new(a, s->shape);
    } else {
        at->resource = resource_new(a, s->shape);
        at->object = at->resource ? &at->resource->object : NULL;
    }
    if (!at->object)
        return NULL;
    key_set(s, at->object);
    for (size_t k = 0; k < s->nselectors; k++)
        if (s->selectors[k]->ntargets) {
            struct gw_str word = word_by_chance(plan->proof, s->selectors[k]->word);

            *target_make(a, at->object, &s->selectors[k]->targets[0]) =
                (struct value){.text = word.ptr, .len = (uint32_t)word.len};
        }
    *plan->end = at;
    plan->end = &at->next;
    return at;
}

static bool is_below(const struct spot *s, const struct spot *above)
{
    for (; s; s = s->parent)
        if (s == above)
            return true;
    return false;
}

struct spot *spot_near(struct plan *plan, struct spot *from, const struct scope *s)
{
    for (struct spot *up = from; up; up = up->parent)
        for (struct spot *i = plan->first; i; i = i->next)
            if (i->scope == s && spot_there(i) && is_below(i, up))
                return i;
    for (struct spot *i = plan->first; i; i = i->next)
        if (i->scope == s && spot_there(i))
            return i;
    return NULL;
}

static uint64_t how_many(struct proof *p, const struct scope *s, enum fullness fullness)
{
    if (s == p->table->root || s->stream)
        return 1;
    if (!s->many)
        return fullness == PLAN_FULL ? 1 : fullness == PLAN_BARE ? 0 : dice(p, 5) != 0;
    return fullness == PLAN_FULL ? 2 : fullness == PLAN_BARE ? 0 : dice(p, 4);
}

static enum gw_result spots_of(struct plan *plan, const struct scope *s, enum fullness fullness)
{
    const struct scope *up = s->list ? s->holder : s->parent;
    struct spot *last = NULL;

    if (!up || s->stream || s == plan->proof->table->root) {
        struct spot *at = spot_add(plan, s, NULL);

        if (!at)
            return GW_FATAL;
        spot_fill(plan, at, fullness);
        return GW_OK;
    }
    for (struct spot *i = plan->first; i; i = i->next)
        last = i;
    for (struct spot *i = plan->first; i; i = i == last ? NULL : i->next)
        for (uint64_t n = i->scope == up ? how_many(plan->proof, s, fullness) : 0; n; n--) {
            struct spot *at = spot_add(plan, s, i);

            if (!at)
                return GW_FATAL;
            spot_fill(plan, at, fullness);
        }
    return GW_OK;
}

enum gw_result plan_make(struct plan *plan, struct proof *p, enum fullness fullness)
{
    enum gw_result result = GW_OK;

    *plan = (struct plan){.proof = p, .date = p->dates.items[dice(p, p->dates.count)]};
    plan->end = &plan->first;
    for (uint16_t k = 0; result == GW_OK && k < p->table->nscopes; k++)
        result = spots_of(plan, p->table->scopes[k], fullness);
    return result;
}

/* ---- together ---- */

static bool scope_below(const struct scope *s, const struct scope *above)
{
    for (; s; s = s->list ? s->holder : s->parent)
        if (s == above)
            return true;
    return false;
}

static void link_spot(struct plan *plan, struct spot *at, const struct tie *tie)
{
    struct spot *to = NULL;
    struct value *v;

    if (tie->form != FORM_REF || tie->scope != at->scope || !tie->ntargets || !tie->ref_scope)
        return;
    if (tie->nplaces) { /* by a text of the target: any that has it */
        for (struct spot *i = plan->first; i && !to; i = i->next)
            if (i->scope == tie->ref_scope && spot_there(i) && object_has(i->object, (unsigned)tie->ref_slot))
                to = i;
    } else if (scope_below(tie->ref_scope, at->scope)) {
        for (struct spot *i = plan->first; i && !to; i = i->next)
            if (i->scope == tie->ref_scope && spot_there(i) && is_below(i, at))
                to = i;
    } else {
        to = spot_near(plan, at, tie->ref_scope);
    }
    target_clear(at->object, &tie->targets[0]);
    v = to && to->resource ? target_make(&plan->proof->scratch, at->object, &tie->targets[0]) : NULL;
    if (v)
        *v = (struct value){.ref = to->resource};
}

static enum gw_result item_put(struct plan *plan, struct spot *at)
{
    struct value *v = target_make(&plan->proof->scratch, at->parent->object, &at->scope->items);

    if (!v || !list_add_object(&plan->proof->scratch, v, at->scope->shape))
        return GW_FATAL;
    v->list->objects[v->list->count - 1] = at->object;
    return GW_OK;
}

enum gw_result plan_assemble(struct plan *plan)
{
    const struct table *t = plan->proof->table;
    enum gw_result result = GW_OK;

    plan->bundle = (struct bundle){.record = 1, .names = t->names};
    plan->envelope = (struct bundle){.names = t->names};
    for (struct spot *i = plan->first; i; i = i->next)
        if (i->scope->list && i->parent)
            target_clear(i->parent->object, &i->scope->items);
    for (struct spot *i = plan->first; i && result == GW_OK; i = i->next) {
        if (!spot_there(i))
            continue;
        for (size_t k = 0; k < t->nties; k++)
            link_spot(plan, i, t->ties[k]);
        if (i->scope->list) {
            result = item_put(plan, i);
        } else {
            i->resource->next = NULL;
            bundle_add(i->scope->stream ? &plan->envelope : &plan->bundle, i->resource);
        }
    }
    return result;
}
