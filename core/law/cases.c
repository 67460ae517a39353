/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Which resources are tried: some by chance, then for each line its own values, each side of its `when`,
 * each scope with none, one, the most and one more, and what it should refuse.
 */
#include "law/proof.h"

#define MENDS  30
#define VALUES 16
#define TURNS  24

static enum gw_result record(struct plan *plan, const struct verdicts *v)
{
    for (size_t i = 0; i < v->count; i++) {
        const struct verdict *item = &v->items[i];
        struct law_failure *f =
            fail(plan->proof, item->law, item->line, item->path, item->expected, item->found);

        if (f && f->count == 1 && !f->resource && shrink(plan, item, f) != GW_OK)
            return GW_FATAL;
    }
    return GW_OK;
}

static void refused(struct proof *p)
{
    const struct told *why = said_error(&p->said);
    struct law_refusal **r = &p->report->refusals;
    struct gw_str where = !why ? GW_STR("") : why->rule.len ? why->rule : why->path;

    p->report->refused++;
    for (; *r; r = &(*r)->next)
        if (str_is(where, (*r)->where) && strcmp((*r)->code, why ? why->code : "") == 0) {
            (*r)->count++;
            return;
        }
    *r = arena_zero(p->arena, sizeof(**r));
    if (*r)
        **r = (struct law_refusal){NULL, kept(p, str_of(why ? why->code : "")), kept(p, where),
                                   why ? kept(p, why->value) : "", 1};
}

/* *ret_good: it was written and came back. */
static enum gw_result try_plan(struct plan *plan, bool mend, bool *ret_good)
{
    struct proof *p = plan->proof;
    struct verdicts v;
    enum gw_result result = putget_check(plan, &v);

    for (int n = 0; mend && result == GW_OK && v.refused && !v.count && n < MENDS; n++) {
        const struct told *why = said_error(&p->said);

        if (!why)
            break;
        steer_refusal(plan, why);
        result = putget_check(plan, &v);
    }
    *ret_good = result == GW_OK && !v.refused && !v.count;
    p->report->cases++;
    if (v.refused)
        refused(p);
    return result == GW_OK ? record(plan, &v) : result;
}

static enum gw_result by_chance(struct proof *p, enum fullness fullness)
{
    struct plan plan;
    bool good;
    enum gw_result result;

    arena_reset(&p->scratch);
    result = plan_make(&plan, p, fullness);
    return result == GW_OK ? try_plan(&plan, true, &good) : result;
}

/* ---- aimed at a line ---- */

static struct spot *spot_for(struct plan *plan, const struct tie *tie)
{
    const struct scope *s = scope_of_tie(plan->proof->table, tie);

    for (struct spot *i = plan->first; i; i = i->next)
        if (i->scope == s && spot_there(i))
            return i;
    return NULL;
}

static struct spot *aim(struct plan *plan, const struct tie *tie)
{
    struct condition there = {.kind = COND_TEST,
                              .ref = {.kind = REF_SCOPE, .scope = (struct scope *)tie->scope}};
    struct spot *at = spot_for(plan, tie);

    if (!at && tie->scope) {
        steer(plan, NULL, &there, true);
        at = spot_for(plan, tie);
    }
    return at;
}

/* Lines above it on the same place would write instead: their conditions are made false. */
static void clear_the_way(struct plan *plan, struct spot *at, const struct tie *tie)
{
    for (size_t n = 0; n < tie->nplaces; n++)
        for (size_t k = 0; k < tie->places[n]->nwriters; k++) {
            const struct tie *other = tie->places[n]->writers[k];
            struct spot *of = other->scope ? spot_near(plan, at, other->scope) : at;

            if (other == tie)
                break;
            if (other->when && of)
                steer(plan, of, other->when, false);
        }
}

enum gw_result plan_aimed(struct plan *plan, struct proof *p, const struct tie *tie, enum fullness fullness,
                          bool *ret_good)
{
    struct spot *at;
    enum gw_result result;

    *ret_good = false;
    arena_reset(&p->scratch);
    result = plan_make(plan, p, fullness);
    at = result == GW_OK ? aim(plan, tie) : NULL;
    if (!at)
        return result;
    if (tie->when)
        steer(plan, at, tie->when, true);
    return try_plan(plan, true, ret_good);
}

static enum gw_result value_try(struct proof *p, const struct tie *tie, size_t k, struct gw_str text, bool bad)
{
    static const enum fullness turns[] = {PLAN_RANDOM, PLAN_BARE};
    enum gw_result result = GW_OK;
    bool good = false;

    for (size_t n = 0; result == GW_OK && !good && n < sizeof(turns) / sizeof(*turns); n++) {
        struct plan plan;
        struct spot *at;

        arena_reset(&p->scratch);
        result = plan_make(&plan, p, turns[n]);
        at = result == GW_OK ? aim(&plan, tie) : NULL;
        if (!at)
            return result;
        if (tie->when)
            steer(&plan, at, tie->when, true);
        clear_the_way(&plan, at, tie);
        plan_values(&plan, at, tie);
        if (!bad)
            plan_value(&plan, at, tie, k, text);
        result = try_plan(&plan, true, &good);
        if (bad && good && result == GW_OK) {
            plan_value(&plan, at, tie, k, text);
            result = try_plan(&plan, false, &good);
            return result;
        }
        if (result == GW_OK && !bad && good && tie->form != FORM_TREE && !tie->targets[k].field->list &&
            !tie->targets[k].each) {
            const struct texts *others = &pool_of(p, tie, k)->good;

            result = local_check(&plan, at, tie, k, others->items[dice(p, others->count)]);
        }
    }
    return result;
}

static enum gw_result values_try(struct proof *p, const struct tie *tie, size_t k)
{
    const struct pool *pool = pool_of(p, tie, k);
    size_t step = pool->good.count > VALUES ? pool->good.count / VALUES : 1;
    enum gw_result result = GW_OK;

    for (size_t i = 0; result == GW_OK && i < pool->good.count; i += step)
        result = value_try(p, tie, k, pool->good.items[i], false);
    for (size_t i = 0; result == GW_OK && i < pool->bad.count; i++)
        result = value_try(p, tie, k, pool->bad.items[i], true);
    return result;
}

static enum gw_result side_try(struct proof *p, const struct tie *tie, const struct condition *c, bool want,
                               const struct law_line *row)
{
    enum gw_result result = GW_OK;
    unsigned side = want ? LINE_TRUE | LINE_WRITTEN : LINE_FALSE;

    for (int n = 0; result == GW_OK && n < TURNS && (n == 0 || (side & row->wants & ~row->reached)); n++) {
        struct plan plan;
        struct spot *at;
        bool good;

        arena_reset(&p->scratch);
        result = plan_make(&plan, p, n % 3 == 2 ? PLAN_FULL : PLAN_RANDOM);
        at = result == GW_OK ? (tie ? aim(&plan, tie) : spot_near(&plan, NULL, p->table->root)) : NULL;
        if (!at)
            return result;
        steer(&plan, at, c, want);
        if (want && tie) {
            clear_the_way(&plan, at, tie);
            steer(&plan, at, c, want); /* what was cleared may be what it asks for */
        }
        result = try_plan(&plan, true, &good);
    }
    return result;
}

/* One field away. */
static enum gw_result absent_try(struct proof *p, const struct tie *tie)
{
    struct plan plan;
    struct spot *at;
    bool good;
    enum gw_result result;

    arena_reset(&p->scratch);
    result = plan_make(&plan, p, PLAN_FULL);
    at = result == GW_OK ? aim(&plan, tie) : NULL;
    if (!at)
        return result;
    for (size_t k = 0; k < tie->ntargets; k++)
        if (tie->targets[k].each)
            object_clear(at->object, tie->targets[k].each_slot);
        else
            target_clear(at->object, &tie->targets[k]);
    return try_plan(&plan, false, &good);
}

static enum gw_result line_try(struct proof *p, const struct tie *tie)
{
    const struct law_line *row = row_of(p, tie->line);
    enum gw_result result = GW_OK;

    if (carries(tie) && tie->form != FORM_REF && tie->form != FORM_TREE)
        for (size_t k = 0; result == GW_OK && k < tie->ntargets; k++)
            result = values_try(p, tie, k);
    if (result == GW_OK && carries(tie))
        result = absent_try(p, tie);
    for (int want = 0; tie->when && result == GW_OK && want < 2; want++)
        result = side_try(p, tie, tie->when, want, row);
    for (int want = 0; tie->test && result == GW_OK && want < 2; want++)
        result = side_try(p, tie, tie->test, want, row);
    return result;
}

static enum gw_result scope_try(struct proof *p, const struct scope *s, size_t n)
{
    const struct scope *up = s->list ? s->holder : s->parent;
    enum gw_result result;
    struct plan plan;
    struct spot *parent;
    bool good;

    arena_reset(&p->scratch);
    result = plan_make(&plan, p, PLAN_RANDOM);
    if (result != GW_OK)
        return result;
    parent = up ? spot_near(&plan, plan.first, up) : NULL;
    if (!parent)
        return GW_OK;
    for (struct spot *i = plan.first; i; i = i->next)
        i->gone |= i->scope == s;
    for (size_t i = 0; i < n; i++) {
        struct spot *made = spot_add(&plan, s, parent);

        for (size_t k = 0; made && k < p->table->nties; k++)
            if (p->table->ties[k]->scope == s && carries(p->table->ties[k]) &&
                p->table->ties[k]->form != FORM_MEMBER)
                plan_values(&plan, made, p->table->ties[k]);
    }
    return try_plan(&plan, true, &good);
}

static enum gw_result scopes_try(struct proof *p)
{
    enum gw_result result = GW_OK;

    for (uint16_t k = 0; k < p->table->nscopes; k++) {
        const struct scope *s = p->table->scopes[k];
        size_t most = s->line && s->line->max ? s->line->max : 3;

        if (s == p->table->root || s->stream)
            continue;
        for (size_t n = 0; result == GW_OK && n <= (s->many ? most + 1 : 1); n++)
            result = scope_try(p, s, n);
    }
    return result;
}

static enum gw_result lets_try(struct proof *p)
{
    enum gw_result result = GW_OK;

    for (size_t k = 0; k < p->table->format->lines.count; k++)
        for (int want = 0; p->lets[k] && result == GW_OK && want < 2; want++)
            result = side_try(p, NULL, p->lets[k], want, &p->report->lines[k]);
    return result;
}

enum gw_result cases_run(struct proof *p)
{
    enum gw_result result = by_chance(p, PLAN_BARE);

    if (result == GW_OK)
        result = by_chance(p, PLAN_FULL);
    for (unsigned n = 0; result == GW_OK && n < p->options->count; n++)
        result = by_chance(p, PLAN_RANDOM);
    for (size_t k = 0; result == GW_OK && k < p->table->nties; k++)
        result = line_try(p, p->table->ties[k]);
    if (result == GW_OK)
        result = scopes_try(p);
    return result == GW_OK ? lets_try(p) : result;
}
