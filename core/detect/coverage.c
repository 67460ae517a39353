/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A walk of the tree beside the trie of places, as walk.c does it, but for where it leads: no cell is
 * filled, predicates are not asked, and a path counts once.
 */
#include "detect/coverage.h"

#include "mapping/edges.h"

enum { STRANGE_ROOM = 8192, DEEP = 64 };

enum gw_result coverage_init(struct coverage *c, struct arena *a, const struct table *t)
{
    *c = (struct coverage){.table = t,
                           .met = arena_zero(a, t->nplaces),
                           .strange = arena_array(a, STRANGE_ROOM, sizeof(uint32_t))};
    return c->met && c->strange ? GW_OK : GW_FATAL;
}

static size_t leaves(const struct gw_node *node, unsigned depth)
{
    size_t n = 0;

    for (const struct gw_node *k = node->first; k && depth < DEEP; k = k->next) {
        n += leaves(k, depth + 1);
        if (node->kind == GW_LIST)
            break; /* one item speaks for all */
    }
    return n ? n : 1;
}

static void meet_strange(struct coverage *c, const struct place *parent, const struct gw_node *node)
{
    uint32_t key = (uint32_t)(parent->id + 1) << 16 | node->name;
    size_t i = key * 2654435761u % STRANGE_ROOM;

    while (c->strange[i] && c->strange[i] != key)
        i = (i + 1) % STRANGE_ROOM;
    if (c->strange[i] || c->nstrange >= STRANGE_ROOM / 2)
        return;
    c->strange[i] = key;
    c->nstrange++;
    c->weight += leaves(node, 0);
}

static bool is_known(const struct place *p)
{
    return p->leaf || p->claimed || p->first || p->opens || p->tree || p->ignored;
}

/* Below `parent` or one of its twins: the places of that name. */
static bool meet_under(struct coverage *c, const struct place *parent, const struct gw_node *node,
                       const struct place **ret)
{
    bool known = false;

    for (; parent; parent = parent->twin) {
        const struct place *chain = edge_of(c->table, parent->id, node->name)->place;

        for (const struct place *p = chain; p; p = p->twin) {
            if (!is_known(p))
                continue;
            c->met[p->id] = 1;
            if (!known || (!(*ret)->first && p->first))
                *ret = chain;
            known = true;
        }
    }
    return known;
}

static void meet_children(struct coverage *c, const struct place *p, const struct gw_node *node, unsigned depth)
{
    for (const struct gw_node *k = node->first; k && depth < DEEP; k = k->next) {
        const struct place *at = NULL;

        if (!meet_under(c, p, k, &at)) {
            if (!c->context || k->first || k->len) /* what only encloses the records is no path of its own */
                meet_strange(c, p, k);
            continue;
        }
        if (at->tree || at->ignored)
            continue;
        if (k->kind != GW_LIST)
            meet_children(c, at, k, depth + 1);
        for (const struct gw_node *item = k->kind == GW_LIST ? k->first : NULL; item; item = item->next)
            meet_children(c, at, item, depth + 1);
    }
}

void coverage_meet(struct coverage *c, const struct gw_node *root, bool context)
{
    c->context = context;
    if (root)
        meet_children(c, c->table->places[context ? FRAME_CONTEXT : FRAME_RECORD], root, 0);
}

static bool counts(const struct place *p)
{
    return p->leaf || p->tree || p->ignored || (p->claimed && !p->first);
}

struct share coverage_known(const struct coverage *c)
{
    struct share s = {0, c->weight};

    for (uint16_t i = FRAMES_FIXED; i < c->table->nplaces; i++)
        s.have += c->met[i] && counts(c->table->places[i]);
    s.all += s.have;
    return s;
}

struct share coverage_places(const struct coverage *c)
{
    struct share s = {0};

    for (uint16_t i = FRAMES_FIXED; i < c->table->nplaces; i++)
        if (c->table->places[i]->leaf) {
            s.all++;
            s.have += c->met[i];
        }
    return s;
}

static bool demands(const struct tie *tie)
{
    return (tie->use & USE_REQUIRED) && !(tie->use & (USE_OPTIONAL | USE_WRITE)) && !tie->when &&
           !tie->noptional;
}

/* Nothing is required below a node that is not there. */
static bool is_near(const struct coverage *c, const struct place *p)
{
    return !p->parent || p->parent->id < FRAMES_FIXED || c->met[p->parent->id];
}

struct share coverage_required(const struct coverage *c)
{
    struct share s = {0};

    for (size_t i = 0; i < c->table->nties; i++) {
        const struct tie *tie = c->table->ties[i];

        for (size_t k = 0; demands(tie) && k < tie->nplaces; k++) {
            if (!is_near(c, tie->places[k]))
                continue;
            s.all++;
            s.have += c->met[tie->places[k]->id];
        }
    }
    return s;
}
