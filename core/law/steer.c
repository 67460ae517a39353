/* SPDX-License-Identifier: EUPL-1.2 */
/* A condition made true or false by changing what it looks at; a refused resource mended. */
#include "law/proof.h"

static bool any_value(const struct condition *c, struct gw_str text, enum field_type type)
{
    for (size_t i = 0; i < c->nvalues; i++)
        if (str_eq(text, c->values[i]) || canon_compare(type, text, c->values[i]) == 0)
            return true;
    return false;
}

static bool any_glob(const struct condition *c, struct gw_str text)
{
    for (size_t i = 0; i < c->nvalues; i++)
        if (str_glob(c->values[i], text))
            return true;
    return false;
}

static bool satisfies(const struct condition *c, struct gw_str text, enum field_type type)
{
    int order = c->nvalues ? canon_compare(type, text, c->values[0]) : 0;

    switch (c->op) {
    case OP_TRUE:
        return !str_is(text, "false");
    case OP_EQ:
        return any_value(c, text, type);
    case OP_NE:
        return !any_value(c, text, type);
    case OP_GLOB:
        return any_glob(c, text);
    case OP_LT:
        return order < 0;
    case OP_LE:
        return order <= 0;
    case OP_GT:
        return order > 0;
    case OP_GE:
        return order >= 0;
    }
    return false;
}

static struct gw_str one_of(struct proof *p, const struct texts *from, const struct condition *c, bool want,
                            enum field_type type)
{
    uint64_t start = from->count ? dice(p, from->count) : 0;

    for (size_t i = 0; i < from->count; i++) {
        struct gw_str text = from->items[(start + i) % from->count];

        if (satisfies(c, text, type) == want)
            return text;
    }
    return (struct gw_str){NULL, 0};
}

/* The value a line of the table would take too, when there is one. */
static struct gw_str value_for(struct proof *p, const struct condition *c, const struct scope *scope, bool want)
{
    const struct field *f = c->ref.target.field;
    enum field_type type = (enum field_type)f->type;
    struct gw_str text = {NULL, 0};

    for (size_t k = 0; !text.ptr && k < p->table->nties; k++) {
        const struct tie *tie = p->table->ties[k];

        for (size_t n = 0; !text.ptr && carries(tie) && tie->scope == scope && n < tie->ntargets; n++)
            if (tie->targets[n].field == f && tie->form != FORM_REF && tie->form != FORM_TREE)
                text = one_of(p, &pool_of(p, tie, n)->good, c, want, type);
    }
    return text.ptr ? text : one_of(p, field_values(p, f), c, want, type);
}

static void put(struct plan *plan, struct spot *at, const struct condition *c, bool want)
{
    struct proof *p = plan->proof;
    const struct target *t = &c->ref.target;
    const struct field *f = t->field;
    struct gw_str text;
    struct value *v;

    if (f->type == FIELD_REF || f->type == FIELD_TREE || f->type == FIELD_ITEMS)
        return;
    if ((!want && (c->op == OP_TRUE || dice(p, 3) == 0)) || f->list)
        target_clear(at->object, t);
    if (!want && (c->op == OP_TRUE && f->type != FIELD_BOOLEAN))
        return;
    text = value_for(p, c, at->scope, want);
    if (!text.ptr) {
        if (!want)
            target_clear(at->object, t);
        return;
    }
    v = target_make(&p->scratch, at->object, t);
    if (v && f->list)
        (void)list_add_text(&p->scratch, v, text);
    else if (v)
        *v = (struct value){.text = text.ptr, .len = (uint32_t)text.len};
}

static struct spot *spot_made(struct plan *plan, const struct scope *s, struct spot *parent)
{
    const struct table *t = plan->proof->table;
    struct spot *made = spot_add(plan, s, parent);

    for (size_t k = 0; made && k < t->nties; k++)
        if (t->ties[k]->scope == s && carries(t->ties[k]) && t->ties[k]->form != FORM_MEMBER)
            plan_values(plan, made, t->ties[k]);
    return made;
}

static bool has_child(const struct plan *plan, const struct spot *parent, const struct scope *s)
{
    for (const struct spot *i = plan->first; i; i = i->next)
        if (i->scope == s && i->parent == parent && !i->gone)
            return true;
    return false;
}

static void bring(struct plan *plan, struct spot *at, const struct scope *s, bool want)
{
    const struct scope *up = s->list ? s->holder : s->parent;
    struct spot *parent;

    if (!want) {
        for (struct spot *i = plan->first; i; i = i->next)
            if (i->scope == s && s != plan->proof->table->root)
                i->gone = true;
        return;
    }
    for (struct spot *i = plan->first; i; i = i->next)
        if (i->scope == s)
            i->gone = false;
    if (spot_near(plan, at, s))
        return;
    if (up && !spot_near(plan, at, up))
        bring(plan, at, up, true);
    parent = up ? spot_near(plan, at, up) : NULL;
    if (!up || parent)
        (void)spot_made(plan, s, parent);
}

static void steer_test(struct plan *plan, struct spot *at, const struct condition *c, bool want)
{
    struct proof *p = plan->proof;
    struct spot *of = at;

    switch (c->ref.kind) {
    case REF_PARAM:
        if (str_is(c->ref.param, "date")) {
            struct gw_str day = one_of(p, &p->dates, c, want, FIELD_DATE);

            plan->date = day.ptr ? day : plan->date;
        }
        return;
    case REF_SCOPE:
        bring(plan, at, c->ref.scope, want);
        return;
    case REF_FIELD:
        break;
    }
    if (c->ref.scope) {
        if (want)
            bring(plan, at, c->ref.scope, true);
        of = spot_near(plan, at, c->ref.scope);
    }
    for (uint8_t n = c->ref.climb; of && n; n--)
        of = of->parent;
    if (of)
        put(plan, of, c, want);
}

void steer(struct plan *plan, struct spot *at, const struct condition *c, bool want)
{
    bool all = (c->kind == COND_AND) == want;
    const struct condition *one = c->kids;
    uint64_t n = 0;

    switch (c->kind) {
    case COND_NOT:
        steer(plan, at, c->kids, !want);
        return;
    case COND_TEST:
        steer_test(plan, at, c, want);
        return;
    case COND_LET:
        return;
    case COND_AND:
    case COND_OR:
        break;
    }
    for (const struct condition *k = c->kids; k; k = k->next, n++)
        if (all)
            steer(plan, at, k, want);
    for (n = all ? 0 : dice(plan->proof, n); n; n--)
        one = one->next;
    if (!all)
        steer(plan, at, one, want);
}

/* ---- mending ---- */

static void clear_all(struct spot *at, const struct tie *tie)
{
    for (size_t k = 0; k < tie->ntargets; k++)
        if (tie->targets[k].each)
            object_clear(at->object, tie->targets[k].each_slot);
        else
            target_clear(at->object, &tie->targets[k]);
}

static bool is_plain(struct gw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!(text.ptr[i] == '-' || text.ptr[i] == '.' || text.ptr[i] == ':' || text.ptr[i] == '_' ||
              text.ptr[i] == ' ' || (text.ptr[i] >= '0' && text.ptr[i] <= '9') ||
              ((text.ptr[i] | 32) >= 'a' && (text.ptr[i] | 32) <= 'z')))
            return false;
    return true;
}

/* The syntax cannot hold some text, and does not say of which line: those that are not plain are changed. */
static void steer_plain(struct plan *plan)
{
    const struct table *t = plan->proof->table;

    for (size_t k = 0; k < t->nties; k++)
        for (struct spot *i = plan->first; i; i = i->next) {
            const struct tie *tie = t->ties[k];

            if (tie->scope != i->scope || !carries(tie) || tie->form == FORM_REF || tie->form == FORM_TREE)
                continue;
            for (size_t n = 0; n < tie->ntargets; n++) {
                bool list = tie->targets[n].each || tie->targets[n].field->list;

                if (list ? tie->form == FORM_LIST : !is_plain(target_text(i->object, &tie->targets[n])))
                    plan_values(plan, i, tie);
            }
        }
}

/* A scope below each of those it may stand in. */
static void bring_below(struct plan *plan, const struct scope *s)
{
    const struct scope *up = s->list ? s->holder : s->parent;
    struct spot *last = NULL;

    for (struct spot *i = plan->first; i; i = i->next) {
        last = i;
        if (i->scope == s && !spot_there(i->parent))
            continue;
        i->gone &= i->scope != s;
    }
    for (struct spot *i = plan->first; up && i; i = i == last ? NULL : i->next)
        if (i->scope == up && spot_there(i) && !has_child(plan, i, s))
            (void)spot_made(plan, s, i);
}

/* A scope that must be there, by its node or by a line of its own. */
static void bring_all(struct plan *plan, const struct told *why)
{
    const struct table *t = plan->proof->table;

    for (uint16_t k = 0; k < t->nscopes; k++) {
        bool wanted = !why->rule.len && str_eq(t->scopes[k]->place->path, why->path);

        for (size_t n = 0; n < t->nties; n++)
            wanted |= t->ties[n]->scope == t->scopes[k] && str_eq(t->ties[n]->line->where, why->rule);
        if (wanted && !t->scopes[k]->stream && t->scopes[k] != t->root)
            bring_below(plan, t->scopes[k]);
    }
}

void steer_refusal(struct plan *plan, const struct told *why)
{
    const struct table *t = plan->proof->table;
    bool missing = strcmp(why->code, "mapping.missing") == 0;

    if (strcmp(why->code, "mapping.filtered") == 0)
        steer(plan, spot_near(plan, NULL, t->root), t->root->when, true);
    else if (missing)
        bring_all(plan, why);
    else if (!why->rule.len)
        steer_plain(plan);
    for (size_t k = 0; k < t->nties; k++) {
        const struct tie *tie = t->ties[k];

        if (!str_eq(tie->line->where, why->rule) || !carries(tie))
            continue;
        for (struct spot *i = plan->first; i; i = i->next) {
            if (i->scope != tie->scope || !spot_there(i))
                continue;
            if (missing || (tie->use & USE_REQUIRED) || dice(plan->proof, 2))
                plan_values(plan, i, tie);
            else
                clear_all(i, tie);
        }
    }
}
