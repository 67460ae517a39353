/* SPDX-License-Identifier: EUPL-1.2 */
#include "mapping/packed.h"

static bool takes_absent(const struct tie *tie)
{
    for (size_t i = 0; i < tie->convs.count; i++)
        if (tie->convs.items[i].ops->takes_absent)
            return true;
    return false;
}

/* Nothing is set, said or marked when its one place has no text, but what missing() says. */
static bool idle_when_absent(const struct tie *tie)
{
    switch ((enum form)tie->form) {
    case FORM_VALUE:
        return !takes_absent(tie);
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
    return ABSENT_ASK;
}

static struct packed pack(const struct table *t, const struct tie *tie)
{
    const struct scope *s = tie->scope ? tie->scope : tie_scope(t, tie);
    struct packed p = {.tie = tie, .convs = tie->convs, .line = tie->index, .cell = tie->cells[0]};
    const struct target *to = &tie->targets[0];

    p.here = tie->nplaces == 1 && !tie->param.ptr && tie->up[0] == 0 && s->frame->id != FRAME_CONTEXT;
    if (p.here)
        p.absent = (uint8_t)absent_of(tie, &p.guard);
    p.plain = p.here && tie->form == FORM_VALUE && tie->ntargets == 1 && !to->nhops && !to->each &&
              !tie->when && !(tie->use & USE_TRY) && !tie->gates.count && !t->format->nnothing;
    if (p.plain) {
        p.field = to->field;
        p.slot = to->slot;
    }
    return p;
}

static struct packed *pack_all(const struct table *t, struct tie *const *ties, size_t n)
{
    struct packed *lines = arena_array(t->arena, n + 1, sizeof(*lines));

    for (size_t i = 0; lines && i < n; i++)
        lines[i] = pack(t, ties[i]);
    return lines;
}

enum gw_result packed_make(struct table *t)
{
    for (uint16_t i = 0; i < t->nscopes; i++) {
        t->scopes[i]->packed = pack_all(t, t->scopes[i]->first, t->scopes[i]->nfirst);
        if (!t->scopes[i]->packed)
            return GW_FATAL;
    }
    t->late_packed = pack_all(t, t->late, t->nlate);
    return t->late_packed ? GW_OK : GW_FATAL;
}
