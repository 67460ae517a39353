/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What no line claims is set aside with its path and the sibling it followed, kept in the
 * extension of the record, and given back in its place. As a value it is a tree: a list of
 * {path, after, node}.
 */
#include "base/str.h"
#include "mapping/read.h"
#include "mapping/write.h"

static uint32_t frame_rank(const struct frame *f)
{
    uint32_t rank = 1;

    for (const struct frame *k = f->parent ? f->parent->first[f->kind->rank] : f; k && k != f; k = k->next)
        rank++;
    return rank;
}

/* "Personne[2]/Identification" */
static struct gw_str place_path(struct arena *a, const struct names *names, const struct place *p,
                                const struct frame *f)
{
    struct gw_str name, above;
    const struct frame *up = f;

    if (!p->parent)
        return GW_STR("");
    if (p == f->kind->place)
        up = f->parent;
    above = place_path(a, names, p->parent, up);
    name = names_text(names, p->name);
    if (p == f->kind->place)
        return str_of(arena_format(a, "%.*s%s%.*s[%u]", STR_ARG(above), above.len ? "/" : "", STR_ARG(name),
                                   frame_rank(f)));
    return str_of(arena_format(a, "%.*s%s%.*s", STR_ARG(above), above.len ? "/" : "", STR_ARG(name)));
}

static void unclaimed_count(struct reading *r, const struct place *parent, const struct gw_node *node)
{
    struct gw_str name = names_text(r->table->names, node->name);
    size_t slash = parent->parent != NULL;
    struct unclaimed **u = &r->unclaimed;

    for (; *u; u = &(*u)->next)
        if ((*u)->path.len == parent->path.len + slash + name.len && str_begins((*u)->path, parent->path) &&
            str_eq(str_from((*u)->path, parent->path.len + slash), name)) {
            (*u)->count++;
            return;
        }
    *u = arena_zero(&r->stream_arena, sizeof(**u));
    if (!*u)
        return;
    (*u)->path = str_of(
        arena_format(&r->stream_arena, "%.*s%s%.*s", STR_ARG(parent->path), slash ? "/" : "", STR_ARG(name)));
    (*u)->count = 1;
    (*u)->record = r->record;
    if (r->locator)
        r->locator->place(r->locator, node, &(*u)->place);
}

static void aside_add(struct reading *r, struct gw_str path, struct gw_str after, struct gw_node *node)
{
    struct aside *a = arena_alloc(&r->arena, sizeof(*a));

    if (!a || (node->flags & NODE_ASIDE))
        return;
    node->flags |= NODE_ASIDE;
    *a = (struct aside){NULL, node, path, after};
    *r->aside_tail = a;
    r->aside_tail = &a->next;
}

void set_aside(struct reading *r, const struct frame *f, const struct place *parent, struct gw_node *node,
               const struct gw_node *before)
{
    unclaimed_count(r, parent, node);
    if (f->kind->id == FRAME_CONTEXT)
        return; /* of the stream, not of a record: said, not kept */
    aside_add(r, place_path(&r->arena, r->table->names, parent, f),
              before ? names_text(r->table->names, before->name) : (struct gw_str){NULL, 0}, node);
}

/* A text that could not be converted: given back at its own place. */
void set_aside_at(struct reading *r, const struct tie *tie, size_t n, struct gw_node *node)
{
    const struct place *p = tie->places[n];
    const struct frame *f = r->view.at ? r->view.at->frame : r->view.record;

    if (!f || f->kind->id == FRAME_CONTEXT || tie->up[n] == UP_CONTEXT || !p->parent)
        return;
    for (uint8_t up = tie->up[n]; up && f->parent; up--)
        f = f->parent;
    aside_add(r, place_path(&r->arena, r->table->names, p->parent, p == f->kind->place ? f->parent : f),
              (struct gw_str){NULL, 0}, node);
}

void reading_unclaimed(struct reading *r)
{
    for (const struct unclaimed *u = r->unclaimed; u; u = u->next) {
        char room[20];
        struct gw_arg args[] = {{"path", u->path}, {"count", gw_digits(u->count, room)}};
        struct diag d = {.severity = GW_WARNING,
                         .code = "mapping.unclaimed",
                         .file = r->file,
                         .line = u->place.line,
                         .column = u->place.column,
                         .byte = UINT64_MAX,
                         .record = u->record,
                         .path = u->path,
                         .args = args,
                         .nargs = 2};

        r->sink->put(r->sink, &d);
    }
    r->unclaimed = NULL;
}

/* ---- as a value ---- */

static struct gw_node *node_new(struct arena *a, enum gw_kind kind, uint16_t name, struct gw_str text)
{
    struct gw_node *n = arena_zero(a, sizeof(*n));

    if (n) {
        n->kind = (uint8_t)kind;
        n->name = name;
        n->text = text.ptr;
        n->len = (uint32_t)text.len;
    }
    return n;
}

static struct gw_node *aside_node(struct reading *r, const struct aside *a)
{
    struct names *names = r->table->names;
    struct gw_node *map = node_new(&r->arena, GW_MAP, 0, (struct gw_str){NULL, 0});
    struct gw_node *path = node_new(&r->arena, GW_TEXT, names_add(names, "path", 4), a->path);
    struct gw_node *after = node_new(&r->arena, GW_TEXT, names_add(names, "after", 5), a->after);
    struct gw_node *node = node_new(&r->arena, GW_LIST, names_add(names, "node", 4), (struct gw_str){NULL, 0});
    struct gw_node *copy = node_new(&r->arena, GW_NULL, 0, (struct gw_str){NULL, 0});

    if (!map || !path || !after || !node || !copy)
        return NULL;
    *copy = *a->node;
    copy->next = NULL;
    node->first = copy;
    map->first = path;
    path->next = a->after.ptr ? after : node;
    after->next = node;
    return map;
}

enum gw_result rest_store(struct reading *r)
{
    const struct tie *rest = r->table->rest;
    struct frame *f = r->view.record;
    struct gw_node *list, **tail;
    struct instance *i;
    struct value *v;

    if (!r->asides)
        return GW_OK;
    i = &f->instances[r->table->root->local];
    list = node_new(&r->arena, GW_LIST, 0, (struct gw_str){NULL, 0});
    v = i->object ? target_make(&r->arena, i->object, &rest->targets[0]) : NULL;
    if (!v || !list)
        return GW_FATAL;
    tail = &list->first;
    for (const struct aside *a = r->asides; a; a = a->next) {
        *tail = aside_node(r, a);
        if (!*tail)
            return GW_FATAL;
        tail = &(*tail)->next;
    }
    *v = (struct value){.tree = list, .line = rest->index};
    return GW_OK;
}

/* ---- given back ---- */

static const struct gw_node *member(const struct writing *w, const struct gw_node *map, const char *name)
{
    for (const struct gw_node *k = map->first; k; k = k->next)
        if (str_is(names_text(w->bundle->names, k->name), name))
            return k;
    return NULL;
}

/* A copy whose names are symbols of the table's own. */
struct gw_node *tree_copy(struct writing *w, const struct gw_node *from)
{
    struct gw_node *n = arena_alloc(&w->arena, sizeof(*n)), **tail;
    struct gw_str name = names_text(w->bundle->names, from->name);

    if (!n)
        return NULL;
    *n = *from;
    n->next = n->first = NULL;
    n->flags = 0;
    n->name = from->name ? names_add(w->table->names, name.ptr, name.len) : 0;
    tail = &n->first;
    for (const struct gw_node *k = from->first; k; k = k->next) {
        *tail = tree_copy(w, k);
        if (!*tail)
            return NULL;
        tail = &(*tail)->next;
    }
    return n;
}

/* One step of a rest's path: "Personne[2]" enters the second frame, "Identification" goes on in this one. */
static const struct place *step_down(const struct writing *w, struct gw_str step, const struct place *p,
                                     struct frame **f)
{
    struct gw_str rest, name = str_cut(step, '[', &rest);
    uint16_t symbol = names_find(w->table->names, name.ptr, name.len);
    uint64_t rank = 1;

    if (rest.ptr && rest.len)
        (void)str_number((struct gw_str){rest.ptr, rest.len - 1}, &rank);
    p = symbol ? edge_find(w->table, p, symbol) : NULL;
    if (!p || !p->opens)
        return p;
    *f = (*f)->first[p->opens->rank];
    while (*f && --rank)
        *f = (*f)->next;
    return *f ? p : NULL;
}

static enum gw_result give_back(struct writing *w, const struct gw_node *entry)
{
    const struct gw_node *path = member(w, entry, "path"), *after = member(w, entry, "after");
    const struct gw_node *node = member(w, entry, "node");
    const struct place *p = w->table->root->place, *known;
    struct gw_str rest = path ? (struct gw_str){path->text, path->len} : (struct gw_str){NULL, 0};
    struct frame *f = w->frames[FRAME_RECORD];
    struct gw_node *copy, **end = NULL;

    while (p && rest.ptr && rest.len)
        p = step_down(w, str_cut(rest, '/', &rest), p, &f);
    if (!p || !node || !node->first)
        return GW_OK;
    copy = tree_copy(w, node->first);
    if (!copy)
        return GW_FATAL;
    known = edge_find(w->table, p, copy->name);
    if (known && known->items && !copy->first)
        return item_put(w, f, known, copy, &end);
    if (known && !known->opens && !copy->first) {
        if (!f->cells[known->cell] || (f->cells[known->cell]->flags & NODE_FIXED)) {
            if (!cell_touch(w, f, p))
                return GW_FATAL;
            f->cells[known->cell] = copy;
        }
        return GW_OK;
    }
    return extra_add(w, f, p, after ? (struct gw_str){after->text, after->len} : (struct gw_str){NULL, 0},
                     copy);
}

enum gw_result rest_restore(struct writing *w)
{
    const struct instance *i = &w->frames[FRAME_RECORD]->instances[w->table->root->local];
    const struct value *v = target_value(i->object, &w->table->rest->targets[0]);
    enum gw_result result = GW_OK;

    for (const struct gw_node *entry = v && v->tree ? v->tree->first : NULL; entry && result == GW_OK;
         entry = entry->next)
        result = give_back(w, entry);
    return result;
}
