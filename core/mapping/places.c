/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The trie of native paths: a place a step, shared by all lines that go through it. A place
 * takes its rank in writing from the first field line that names it or goes through it.
 */
#include <stdlib.h>

#include "base/str.h"
#include "mapping/compile.h"
#include "mapping/cursor.h"
#include "mapping/edges.h"

#define PLACES_MAX 60000

static struct place *place_new(struct table *t, struct place *parent, uint16_t name)
{
    struct place *p = arena_zero(t->arena, sizeof(*p));
    struct place **end = parent ? &parent->first : NULL;

    if (!p || t->nplaces >= PLACES_MAX)
        return NULL;
    if (t->nplaces % 64 == 0) {
        struct place **grown = arena_array(t->arena, t->nplaces + 64u, sizeof(*grown));

        if (!grown)
            return NULL;
        if (t->nplaces)
            memcpy(grown, t->places, t->nplaces * sizeof(*grown));
        t->places = grown;
    }
    *p = (struct place){.id = t->nplaces, .name = name, .parent = parent, .rank = 1e9};
    t->places[t->nplaces++] = p;
    if (!parent)
        return p;
    p->frame = parent->opens ? parent->opens : parent->frame;
    p->cell = p->frame->cells++;
    p->depth = parent->depth + 1;
    while (*end)
        end = &(*end)->next;
    *end = p;
    return p;
}

static struct frame_kind *kind_new(struct table *t, struct place *place, struct frame_kind *parent)
{
    struct frame_kind *k = arena_zero(t->arena, sizeof(*k));
    struct frame_kind **grown = arena_array(t->arena, t->nkinds + 1u, sizeof(*grown));

    if (!k || !grown)
        return NULL;
    *k = (struct frame_kind){.id = t->nkinds, .cells = 1, .parent = parent, .place = place};
    if (parent)
        k->rank = parent->nkinds++;
    if (t->nkinds)
        memcpy(grown, t->kinds, t->nkinds * sizeof(*grown));
    grown[t->nkinds++] = k;
    t->kinds = grown;
    return k;
}

/* The two roots are places 0 and 1, of the frames that are always there. */
struct place *place_root(struct table *t, enum base base)
{
    while (t->nkinds < FRAMES_FIXED) {
        struct place *p = place_new(t, NULL, 0);
        struct frame_kind *k = p ? kind_new(t, p, NULL) : NULL;

        if (!k)
            return NULL;
        p->frame = k;
    }
    return t->places[base == BASE_CONTEXT ? FRAME_CONTEXT : FRAME_RECORD];
}

static bool same_tests(const struct place *p, const struct step *s)
{
    if (p->ntests != s->npreds)
        return false;
    for (size_t i = 0; i < s->npreds; i++) {
        const struct test *a = &p->tests[i];
        const struct pred *b = &s->preds[i];

        if (a->index != b->index || a->differs != b->differs || a->nvalues != b->nvalues)
            return false;
        for (size_t k = 0; k < a->nvalues; k++)
            if (!str_eq(a->values[k], b->values[k]))
                return false;
    }
    return true;
}

/* A predicate chooses among repeated nodes; on a node that does not repeat it is a gate. */
static bool chooses(const struct step *s)
{
    return s->npreds && (s->many || s->preds[0].index);
}

static struct place *child_of(struct place *parent, uint16_t name, const struct step *s)
{
    for (struct place *p = parent->first; p; p = p->next)
        if (p->name == name && (chooses(s) ? same_tests(p, s) : p->ntests == 0))
            return p;
    return NULL;
}

static struct place *pred_place(struct table *t, struct place *p, const struct pred *pred, double rank)
{
    struct place *child = place_add(t, p, pred->path, rank - 0.5, NULL, false);

    if (child)
        child->claimed = true;
    return child;
}

static bool add_tests(struct table *t, struct place *p, const struct step *s, double rank)
{
    p->tests = arena_array(t->arena, s->npreds, sizeof(*p->tests));
    if (!p->tests)
        return false;
    for (size_t i = 0; i < s->npreds; i++) {
        const struct pred *pred = &s->preds[i];

        p->tests[i] = (struct test){
            .differs = pred->differs, .index = pred->index, .values = pred->values, .nvalues = pred->nvalues};
        if (pred->index)
            continue;
        p->tests[i].place = pred_place(t, p, pred, rank);
        if (!p->tests[i].place)
            return false;
    }
    p->ntests = s->npreds;
    return true;
}

static bool add_gates(struct table *t, struct place *p, const struct step *s, double rank, struct gates *gates)
{
    for (size_t i = 0; i < s->npreds; i++) {
        const struct pred *pred = &s->preds[i];
        struct gate *grown = arena_array(t->arena, gates->count + 1, sizeof(*grown));
        struct place *child = pred_place(t, p, pred, rank);

        if (!child || !grown)
            return false;
        if (gates->count)
            memcpy(grown, gates->items, gates->count * sizeof(*grown));
        grown[gates->count++] = (struct gate){child, pred->differs, pred->values, pred->nvalues};
        gates->items = grown;
    }
    return true;
}

/* A name that a plugin could give; "" stays the list item without one. */
static uint16_t symbol(struct table *t, struct gw_str name)
{
    return names_add(t->names, name.ptr, name.len);
}

/* Before anything stands below it: children live in the frame it opens. */
static bool open_kind(struct table *t, struct place *p)
{
    if (!p->opens)
        p->opens = kind_new(t, p, p->frame);
    return p->opens != NULL;
}

static struct place *step_add(struct table *t, struct place *from, const struct step *s, double rank,
                              struct gates *gates, bool opens)
{
    uint16_t name = symbol(t, s->name);
    struct place *p = name ? child_of(from, name, s) : NULL;

    if (!name)
        return NULL;
    if (!p) {
        p = place_new(t, from, name);
        if (!p || (opens && !open_kind(t, p)) || (chooses(s) && !add_tests(t, p, s, rank)))
            return NULL;
    }
    if (opens && !open_kind(t, p))
        return NULL;
    if (!chooses(s) && s->npreds && gates && !add_gates(t, p, s, rank, gates))
        return NULL;
    p->many |= s->many;
    p->optional |= s->optional;
    return p;
}

static void rank_up(struct place *p, double rank)
{
    for (; p; p = p->parent)
        if (rank < p->rank)
            p->rank = rank;
}

static bool alias_add(struct table *t, struct place *p, const struct path *path)
{
    for (size_t i = 0; i < path->naliases; i++) {
        uint16_t name = symbol(t, path->aliases[i]);
        bool known = false;

        if (!name)
            return false;
        for (size_t k = 0; k < p->naliases; k++)
            known |= p->aliases[k] == name;
        if (known)
            continue;
        p->aliases = array_more(t->arena, p->aliases, p->naliases, sizeof(*p->aliases));
        if (!p->aliases)
            return false;
        p->aliases[p->naliases++] = name;
    }
    return true;
}

struct place *place_add(struct table *t, struct place *from, const struct path *path, double rank,
                        struct gates *gates, bool opens)
{
    struct place *p = from;

    for (size_t i = 0; p && i < path->nsteps; i++)
        p = step_add(t, p, &path->steps[i], rank, gates, opens && i + 1 == path->nsteps);
    if (!p || !alias_add(t, p, path))
        return NULL;
    rank_up(p, rank);
    return p;
}

/* ---- when all lines are in ---- */

static void edge_put(struct table *t, struct place *p, uint16_t name)
{
    uint32_t key = (uint32_t)(p->parent->id + 1) << 16 | name;
    uint32_t i = edge_hash(key) & t->edge_mask;

    while (t->edges[i].key && t->edges[i].key != key)
        i = (i + 1) & t->edge_mask;
    if (t->edges[i].key) {
        p->twin = t->edges[i].place; /* the last one in first; order among twins is no matter */
        if (p->twin == p)
            p->twin = NULL;
    }
    t->edges[i] = (struct edge){.key = key, .place = p};
}

bool in_group(const struct table *t, const struct place *p)
{
    while (p && p != t->group)
        p = p->parent;
    return t->group && p;
}

struct place *edge_find(const struct table *t, const struct place *p, uint16_t name)
{
    return edge_of(t, p->id, name)->place;
}

static bool edges_build(struct table *t)
{
    uint32_t size = 64;
    size_t names = t->nplaces;

    for (uint16_t i = FRAMES_FIXED; i < t->nplaces; i++)
        names += t->places[i]->naliases;
    while (size < names * 2)
        size *= 2;
    t->edge_mask = size - 1;
    t->edges = arena_array(t->arena, size, sizeof(*t->edges));
    if (!t->edges)
        return false;
    for (uint16_t i = FRAMES_FIXED; i < t->nplaces; i++) {
        edge_put(t, t->places[i], t->places[i]->name);
        for (size_t k = 0; k < t->places[i]->naliases; k++)
            edge_put(t, t->places[i], t->places[i]->aliases[k]);
    }
    for (uint32_t i = 0; i < size; i++) {
        struct place *p = t->edges[i].place;

        if (!p)
            continue;
        t->edges[i].cell = p->cell;
        t->edges[i].leaf =
            p->leaf && !p->first && !p->tree && !p->opens && !p->ignored && !p->twin && !p->ntests;
    }
    return true;
}

static int by_rank(const void *a, const void *b)
{
    const struct place *p = *(struct place *const *)a, *q = *(struct place *const *)b;

    if (p->rank != q->rank)
        return p->rank < q->rank ? -1 : 1;
    return (p->id > q->id) - (p->id < q->id);
}

static bool sort_children(struct table *t, struct place *p)
{
    struct place **kids, **tail = &p->first;
    size_t n = 0, i = 0;

    for (struct place *k = p->first; k; k = k->next)
        n++;
    kids = arena_array(t->arena, n + 1, sizeof(*kids));
    if (!kids)
        return false;
    for (struct place *k = p->first; k; k = k->next)
        kids[i++] = k;
    if (n > 1)
        qsort(kids, n, sizeof(struct place *), by_rank);
    for (i = 0; i < n; i++) {
        *tail = kids[i];
        tail = &kids[i]->next;
    }
    *tail = NULL;
    return true;
}

static bool path_write(struct table *t, struct place *p)
{
    struct gw_str name = names_text(t->names, p->name);
    const char *text;

    if (!p->parent) {
        p->path = p->id == FRAME_CONTEXT ? GW_STR("//") : GW_STR("");
        return true;
    }
    text = arena_format(t->arena, "%.*s%s%.*s", STR_ARG(p->parent->path),
                        p->parent->parent && p->parent->path.len ? "/" : "", STR_ARG(name));
    p->path = str_of(text);
    return text != NULL;
}

enum gw_result places_finish(struct table *t)
{
    for (uint16_t i = 0; i < t->nplaces; i++)
        if (!path_write(t, t->places[i]) || !sort_children(t, t->places[i]))
            return GW_FATAL;
    t->hole = 1e9;
    for (const struct place *p = t->places[FRAME_RECORD]->first; p; p = p->next)
        if (p->rank < t->hole)
            t->hole = p->rank;
    return edges_build(t) ? GW_OK : GW_FATAL;
}
