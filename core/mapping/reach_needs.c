/* SPDX-License-Identifier: EUPL-1.2 */
/* What a table demands to be written and another cannot say: records made from that one alone would be refused.
 */
#include "mapping/reach.h"

#include "mapping/converters.h"

struct needing {
    struct arena *arena;
    const struct reach *from, *to;
    bool failed;
};

static const struct reach_item *item_of(const struct reach *r, const struct tie *tie, size_t k)
{
    const struct target *t = &tie->targets[k];

    for (size_t i = 0; i < r->count; i++)
        if (r->items[i].field == t->field && r->items[i].scope == tie->scope)
            return &r->items[i];
    return NULL;
}

static bool fed(struct needing *n, const struct reach_item *item)
{
    bool feeds = false;

    if (reach_feeds(n->from, item, n->arena, &feeds) != GW_OK)
        n->failed = true;
    return feeds;
}

/* It writes something even when nothing is known. */
static bool fills(const struct tie *tie)
{
    if (tie->sequence || !tie->ntargets)
        return true;
    for (size_t i = 0; i < tie->convs.count; i++)
        if (tie->convs.items[i].ops == &none_ops || tie->convs.items[i].ops == &now_ops)
            return true;
    return tie->form == FORM_CONST || tie->form == FORM_COUNT || tie->form == FORM_SUM ||
           tie->form == FORM_NOW || tie->form == FORM_REF; /* whether a resource is there is not the question */
}

static bool says(struct needing *n, const struct tie *tie)
{
    for (size_t k = 0; k < tie->ntargets; k++) {
        const struct reach_item *item = item_of(n->to, tie, k);

        if (!item || !fed(n, item))
            return false;
    }
    return true;
}

/* Its node is there whatever is known: the record's own, or one that is required; else some field makes it. */
static bool stands(struct needing *n, const struct scope *s)
{
    if (!s || s == n->to->table->root)
        return true;
    if (s->line && (s->line->use & USE_REQUIRED) && !s->list)
        return true;
    for (size_t i = 0; i < n->to->count; i++)
        if (n->to->items[i].scope == s && fed(n, &n->to->items[i]))
            return true;
    return false;
}

static const struct tie *demand(struct needing *n, const struct place *p)
{
    const struct tie *found = NULL;

    for (size_t k = 0; k < p->nwriters; k++) {
        const struct tie *tie = p->writers[k];

        if (fills(tie) || says(n, tie))
            return NULL;
        if (!found && (tie->use & USE_REQUIRED) && !(tie->use & (USE_NULL | USE_OPTIONAL)) && !tie->noptional &&
            stands(n, tie->scope))
            found = tie;
    }
    return found;
}

enum gw_result reach_needs(const struct reach *from, const struct reach *to, struct arena *a,
                           void (*say)(void *user, const struct place *p, const struct tie *tie), void *user)
{
    struct needing n = {a, from, to, false};

    for (uint16_t i = 0; to->table && !n.failed && i < to->table->nplaces; i++) {
        const struct place *p = to->table->places[i];
        const struct tie *tie = p->nwriters ? demand(&n, p) : NULL;

        if (tie && !n.failed)
            say(user, p, tie);
    }
    return n.failed ? GW_FATAL : GW_OK;
}
