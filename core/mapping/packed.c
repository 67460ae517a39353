/* SPDX-License-Identifier: EUPL-1.2 */
#include "mapping/packed.h"

#include "base/str.h"
#include "mapping/memo.h"
#include "mapping/write.h"

/* ---- reading ---- */

/* Nothing is set, said or marked when its one place has no text, but what missing() says. */
static bool idle_when_absent(const struct tie *tie)
{
    switch ((enum form)tie->form) {
    case FORM_VALUE:
        return !convs_fill(&tie->convs);
    case FORM_SPLIT:
    case FORM_LIST:
    case FORM_MEMBER:
    case FORM_RULE:
    case FORM_CONST:
    case FORM_NIL:
    case FORM_LINE:
    case FORM_COUNT:
    case FORM_SUM:
        return true;
    case FORM_JOIN:
    case FORM_WORDS:
    case FORM_TEST:
    case FORM_NOW:
    case FORM_TREE:
    case FORM_REST:
    case FORM_REF:
    case FORM_SELECT:
        break;
    }
    return false;
}

static enum packed_absent absent_of(const struct tie *tie, uint16_t *ret_guard)
{
    if (!idle_when_absent(tie))
        return ABSENT_ASK;
    if (!(tie->use & USE_REQUIRED) || (tie->use & (USE_NULL | USE_OPTIONAL)) || tie->form == FORM_NIL)
        return ABSENT_SKIP;
    for (size_t i = 0; i < tie->noptional; i++)
        if (tie->optional[i]->frame == tie->places[0]->frame) {
            *ret_guard = tie->optional[i]->cell;
            return ABSENT_GUARD;
        }
    return ABSENT_MISS;
}

static bool is_direct(const struct tie *tie)
{
    return tie->ntargets == 1 && !tie->targets[0].nhops && !tie->targets[0].each;
}

static bool all_pure(const struct convs *convs)
{
    return convs_pure(convs->items, convs->items + convs->count);
}

/* Its templates do the same with the same text all along the stream. */
static bool templates_pure(const struct tie *tie)
{
    for (size_t t = 0; t < tie->ntemplates; t++)
        for (size_t k = 0; k < tie->templates[t].pattern->holes; k++)
            if (!all_pure(&tie->templates[t].holes[k].convs))
                return false;
    return tie->ntemplates > 0;
}

/* A split that always makes the same of the same text. */
static bool splits_alike(const struct tie *tie)
{
    if (tie->form != FORM_SPLIT || tie->when || tie->before.count || tie->ntargets > MEMO_PARTS)
        return false;
    for (size_t k = 0; k < tie->ntargets; k++)
        if (tie->targets[k].nhops || tie->targets[k].each)
            return false;
    return templates_pure(tie);
}

/* One text that is a list, and always the same one. */
static bool lists_alike(const struct tie *tie)
{
    return tie->form == FORM_LIST && !tie->repeats && !tie->when && is_direct(tie) && all_pure(&tie->convs);
}

static enum packed_does does_of(const struct tie *tie, bool here)
{
    if (tie->gates.count)
        return DOES_ASK;
    if (tie->form == FORM_SELECT)
        return is_direct(tie) ? DOES_SELECT : DOES_ASK;
    if (!here)
        return DOES_ASK;
    if (splits_alike(tie))
        return DOES_SPLIT;
    if (lists_alike(tie))
        return DOES_LIST;
    if (tie->form == FORM_VALUE || tie->form == FORM_MEMBER)
        return !is_direct(tie) ? DOES_ASK : tie->form == FORM_VALUE ? DOES_VALUE : DOES_MEMBER;
    if (tie->form == FORM_NIL || (tie->form == FORM_CONST && !memchr(tie->word.ptr, '|', tie->word.len)))
        return DOES_CONST;
    return DOES_ASK;
}

/* Those that change or check a text. */
static bool convs_pack(const struct table *t, const struct convs *convs, struct packed *p)
{
    struct conv *items = arena_array(t->arena, convs->count + 1, sizeof(*items));
    size_t n = 0;

    for (size_t i = 0; items && i < convs->count; i++)
        if (!conv_is_idle(&convs->items[i]))
            items[n++] = convs->items[i];
    p->convs = items;
    p->end = items ? items + n : NULL;
    return items != NULL;
}

static struct gw_str word_of(const struct tie *tie)
{
    struct gw_str rest;

    return tie->form == FORM_SELECT ? str_cut(tie->word, '|', &rest) : tie->word;
}

/* Those that change a text, or look it up, in a way that depends on nothing else. */
static void memo_give(struct table *t, struct packed *p)
{
    bool works = p->convs < p->end || (p->field && p->field->codes);

    if ((p->does == DOES_SPLIT || p->does == DOES_LIST) && t->nsplits < UINT16_MAX)
        p->memo = ++t->nsplits;
    if (p->does != DOES_VALUE || !works || !convs_pure(p->convs, p->end) || t->nmemos == UINT16_MAX)
        return;
    p->memo = ++t->nmemos;
    p->again = !p->when;
    p->lasting = !p->field && p->end - p->convs == 1 && p->convs->ops->lasting;
}

static void plain_make(struct packed *p, const struct field *f)
{
    if (p->does != DOES_VALUE)
        return;
    p->plain = (uint8_t)convs_plain(&p->tie->convs, f, &p->most);
    p->scale = f->scale;
    if (p->plain != PLAIN_NO)
        p->does = DOES_PLAIN;
}

static bool pack(struct table *t, const struct tie *tie, struct packed *p)
{
    const struct scope *s = tie->scope ? tie->scope : tie_scope(t, tie);
    const struct target *to = &tie->targets[0];

    *p = (struct packed){.tie = tie,
                         .when = tie->when,
                         .word = word_of(tie),
                         .line = tie->index,
                         .cell = tie->cells[0],
                         .slot = to->slot,
                         .kind = s->frame->id,
                         .local = s->local,
                         .tries = tie->use & USE_TRY,
                         .negated = tie->negated,
                         .stream = s->stream,
                         .nothing = t->format->nnothing > 0};
    p->here = tie->nplaces == 1 && !tie->param.ptr && tie->up[0] == 0 && s->frame->id != FRAME_CONTEXT;
    p->does = (uint8_t)does_of(tie, p->here);
    if (p->here)
        p->absent = (uint8_t)absent_of(tie, &p->guard);
    p->empty = p->absent != ABSENT_ASK && !tie->repeats;
    if (p->does == DOES_VALUE)
        p->field = convs_give(&tie->convs, to->field) ? NULL : to->field;
    if (!convs_pack(t, &tie->convs, p))
        return false;
    memo_give(t, p);
    plain_make(p, to->field);
    return true;
}

static struct packed *pack_all(struct table *t, struct tie *const *ties, size_t n)
{
    struct packed *lines = arena_array(t->arena, n + 1, sizeof(*lines));

    for (size_t i = 0; lines && i < n; i++)
        if (!pack(t, ties[i], &lines[i]))
            return NULL;
    return lines;
}

/* Conditions of the second phase that cannot change in it are answered once a record. */
static void answers_share(struct table *t)
{
    for (size_t i = 0; i < t->nlate; i++) {
        struct packed *p = &t->late_packed[i];
        const struct scope *own = p->tie->scope;

        if (!p->when || !condition_settled(t, p->when, own))
            continue;
        for (size_t k = 0; !p->answer && k < i; k++) {
            const struct packed *other = &t->late_packed[k];
            const struct scope *its = other->tie->scope;
            bool same = other->answer && condition_alike(p->when, own, other->when, its, false);

            if (!same && (!other->answer || !condition_alike(p->when, own, other->when, its, true)))
                continue;
            p->answer = other->answer;
            p->negated_answer = same ? other->negated_answer : !other->negated_answer;
        }
        if (!p->answer && t->nanswers < UINT16_MAX)
            p->answer = ++t->nanswers;
    }
}

/* ---- writing ---- */

static bool takes_absent(const struct tie *tie)
{
    for (size_t i = 0; i < tie->convs.count; i++)
        if (tie->convs.items[i].ops->takes_absent)
            return true;
    return false;
}

static bool writes(const struct tie *tie)
{
    return tie->nplaces && !(tie->use & USE_READ) && tie->form != FORM_REST && tie->form != FORM_NIL;
}

/* A line of these forms has nothing to say of fields that are absent. */
static bool silent_when_absent(const struct tie *tie)
{
    switch ((enum form)tie->form) {
    case FORM_VALUE:
    case FORM_JOIN:
    case FORM_SPLIT:
    case FORM_WORDS:
    case FORM_LIST:
    case FORM_RULE:
    case FORM_TREE:
    case FORM_REF:
        return !takes_absent(tie) && !tie->sequence;
    case FORM_MEMBER:
    case FORM_CONST:
    case FORM_NIL:
    case FORM_TEST:
    case FORM_LINE:
    case FORM_COUNT:
    case FORM_SUM:
    case FORM_NOW:
    case FORM_REST:
    case FORM_SELECT:
        break;
    }
    return false;
}

static void slots_of(const struct tie *tie, struct packed_write *p)
{
    if (!silent_when_absent(tie) || tie->ntargets > PACKED_SLOTS)
        return;
    for (size_t i = 0; i < tie->ntargets; i++) {
        const struct target *to = &tie->targets[i];

        p->slots[p->nslots++] = to->nhops ? to->hops[0].slot : to->each ? to->each_slot : to->slot;
    }
}

/* One place right in the frame that runs the line, to be made like any other. */
static bool writes_here(const struct tie *tie, const struct scope *s)
{
    const struct place *place = tie->places[0];

    return tie->nplaces == 1 && !tie->gates.count && tie->up[0] == 0 && s->frame->id != FRAME_CONTEXT &&
           place->frame == s->frame && place->parent && place != s->frame->place;
}

static enum packed_puts puts_of(const struct tie *tie, const struct packed_write *p)
{
    if (tie->form == FORM_VALUE)
        return p->nslots == 1 && is_direct(tie) ? PUTS_VALUE : PUTS_ASK;
    if (tie->form != FORM_CONST || !p->word.ptr || tie->noptional > 1 ||
        (tie->noptional && tie->optional[0]->frame != tie->places[0]->frame))
        return PUTS_ASK;
    return PUTS_CONST;
}

/* Those that change or check a text. */
static bool convs_pack_write(const struct table *t, const struct convs *convs, struct convs *ret)
{
    struct conv *items = arena_array(t->arena, convs->count + 1, sizeof(*items));

    *ret = (struct convs){.items = items};
    for (size_t i = 0; items && i < convs->count; i++)
        if (!conv_keeps(&convs->items[i]))
            items[ret->count++] = convs->items[i];
    return items != NULL;
}

static bool pack_write(const struct table *t, const struct tie *tie, struct packed_write *p)
{
    const struct scope *s = tie_scope(t, tie);
    const struct place *place = tie->places[0];
    struct gw_str rest, word = tie->form == FORM_CONST ? str_cut(tie->word, '|', &rest) : tie->word;

    *p = (struct packed_write){.tie = tie,
                               .place = place,
                               .kind = s->frame->id,
                               .local = s->local,
                               .cell = tie->cells[0],
                               .when = tie->when,
                               .word = word};
    slots_of(tie, p);
    if (writes_here(tie, s))
        p->puts = (uint8_t)puts_of(tie, p);
    p->node_kind = (uint8_t)(p->puts == PUTS_CONST ? write_kind(tie, word) : (enum gw_kind)tie->kind);
    p->words = p->puts == PUTS_VALUE && (tie->kind == GW_TRUE || tie->kind == GW_FALSE);
    p->deep = p->puts != PUTS_ASK && place->parent != s->frame->place;
    p->container = p->deep ? place->parent->cell : 0;
    p->guarded = p->puts == PUTS_CONST && tie->noptional;
    p->guard = p->guarded ? tie->optional[0]->cell : 0;
    return convs_pack_write(t, &tie->convs, &p->convs);
}

/* Some constant of it stands below an optional node, which another line may make later. */
static bool waits(const struct place *p)
{
    for (size_t i = 0; i < p->nwriters; i++)
        if (is_fixed(p->writers[i]) && p->writers[i]->noptional)
            return true;
    return false;
}

/* Some line of it says that it must be there. */
static bool is_required(const struct place *p)
{
    for (size_t i = 0; i < p->nwriters; i++) {
        const struct tie *tie = p->writers[i];

        if (!is_fixed(tie) && (tie->use & USE_REQUIRED) && !(tie->use & (USE_NULL | USE_OPTIONAL)))
            return true;
    }
    return false;
}

static bool needs_fill(const struct place *p)
{
    return p->nwriters && !p->opens && (p->absent != USE_OMIT || is_required(p) || waits(p));
}

static bool is_on_way(const struct tie *tie, const struct place *up)
{
    for (size_t i = 0; i < tie->noptional; i++)
        if (tie->optional[i] == up)
            return true;
    return false;
}

/* An optional node above that every line of the place knows. */
static const struct place *guard_of(const struct place *p)
{
    for (const struct place *up = p->parent; up && up != p->frame->place; up = up->parent) {
        bool all = up->optional && up->frame == p->frame;

        for (size_t i = 0; all && i < p->nwriters; i++)
            all = is_on_way(p->writers[i], up);
        if (all)
            return up;
    }
    return NULL;
}

static struct packed_fill pack_fill(const struct place *p)
{
    const struct place *guard = guard_of(p);

    return (struct packed_fill){.place = p,
                                .kind = p->frame->id,
                                .cell = p->cell,
                                .guard = guard ? guard->cell : 0,
                                .guarded = guard != NULL,
                                .fixed = waits(p),
                                .required = is_required(p),
                                .deep = p->parent != p->frame->place,
                                .container = p->parent->cell};
}

static bool part_make(const struct table *t, struct packed_part *p)
{
    p->lines = arena_array(t->arena, t->nties + 1, sizeof(*p->lines));
    p->fills = arena_array(t->arena, t->nplaces + 1u, sizeof(*p->fills));
    return p->lines && p->fills;
}

static enum gw_result writing_make(struct table *t)
{
    struct packed_writing *w = arena_zero(t->arena, sizeof(*w));

    if (!w)
        return GW_FATAL;
    t->writing = w;
    if (!part_make(t, &w->record) || !part_make(t, &w->context))
        return GW_FATAL;
    for (size_t i = 0; i < t->nties; i++) {
        const struct tie *tie = t->ties[i];
        struct packed_part *part = tie->up[0] == UP_CONTEXT ? &w->context : &w->record;

        if (writes(tie) && !pack_write(t, tie, &part->lines[part->nlines++]))
            return GW_FATAL;
    }
    for (uint16_t i = FRAMES_FIXED; i < t->nplaces; i++) {
        struct place *p = t->places[i];
        struct packed_part *part = p->frame->id == FRAME_CONTEXT ? &w->context : &w->record;

        p->plain = !p->opens && !p->first && !p->many;
        if (needs_fill(p))
            part->fills[part->nfills++] = pack_fill(p);
    }
    return GW_OK;
}

/* The text it writes depends on its values alone. */
static bool writes_alike(const struct tie *tie)
{
    if (tie->form == FORM_SPLIT)
        return templates_pure(tie) && all_pure(&tie->before);
    return tie->form == FORM_VALUE && tie->ntargets == 1 && all_pure(&tie->convs);
}

/* A resource that no line reads or writes a field of, which nothing hangs on and nothing is said of. */
static bool is_idle(const struct table *t, const struct scope *s)
{
    if (s->list || s->stream || s->chosen || s->many || s->when || s == t->root)
        return false;
    for (uint16_t i = 0; i < t->nscopes; i++)
        if (t->scopes[i]->parent == s || t->scopes[i]->holder == s)
            return false;
    for (size_t i = 0; i < t->nties; i++)
        if (tie_scope(t, t->ties[i]) == s)
            return false;
    return true;
}

enum gw_result packed_make(struct table *t)
{
    if (t->faulty) /* it will not run, and its ties may lead nowhere */
        return GW_OK;
    for (size_t i = 0; i < t->nties; i++) {
        struct tie *tie = t->ties[i];

        tie->pure = writes_alike(tie);
    }
    for (uint16_t i = 0; i < t->nscopes; i++) {
        t->scopes[i]->idle = is_idle(t, t->scopes[i]);
        t->scopes[i]->packed = pack_all(t, t->scopes[i]->first, t->scopes[i]->nfirst);
        if (!t->scopes[i]->packed)
            return GW_FATAL;
    }
    t->late_packed = pack_all(t, t->late, t->nlate);
    if (!t->late_packed)
        return GW_FATAL;
    answers_share(t);
    return writing_make(t);
}
