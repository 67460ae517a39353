/* SPDX-License-Identifier: EUPL-1.2 */
/* Frames, the nearest instance of a scope, and the way from an object to a value. */
#include "mapping/frame.h"

#include "base/str.h"

struct frame *frame_new(struct arena *a, const struct frame_kind *kind, struct frame *parent)
{
    struct frame *f = arena_alloc(a, sizeof(*f));
    size_t cells = kind->cells * sizeof(*f->cells);
    size_t kinds = kind->nkinds * sizeof(*f->first);
    size_t instances = kind->nscopes * sizeof(*f->instances);
    char *room;

    if (!f)
        return NULL;
    room = arena_zero(a, cells + 2 * kinds + instances);
    if (!room)
        return NULL;
    *f = (struct frame){.kind = kind, .parent = parent};
    f->cells = (struct gw_node **)(void *)room;
    f->first = (struct frame **)(void *)(room + cells);
    f->last = (struct frame **)(void *)(room + cells + kinds);
    f->instances = (struct instance *)(void *)(room + cells + 2 * kinds);
    if (parent) {
        if (parent->last[kind->rank])
            parent->last[kind->rank]->next = f;
        else
            parent->first[kind->rank] = f;
        parent->last[kind->rank] = f;
    }
    return f;
}

static bool is_below(const struct frame_kind *kind, const struct frame_kind *above)
{
    while (kind && kind != above)
        kind = kind->parent;
    return kind != NULL;
}

/* The first instance of a scope in this frame or below it. */
static struct instance *find_below(const struct frame *f, const struct scope *scope)
{
    const struct frame_kind *kind = scope->frame;
    struct instance *i;

    if (f->kind == kind)
        return f->instances[scope->local].object ? &f->instances[scope->local] : NULL;
    if (!is_below(kind, f->kind))
        return NULL;
    while (kind->parent != f->kind)
        kind = kind->parent;
    for (struct frame *k = f->first[kind->rank]; k; k = k->next)
        if ((i = find_below(k, scope)))
            return i;
    return NULL;
}

struct instance *instance_search(const struct view *v, const struct instance *from, const struct scope *scope)
{
    if (scope->frame->id == FRAME_CONTEXT)
        return v->context ? find_below(v->context, scope) : NULL;
    for (struct frame *f = from && from->frame->kind->id != FRAME_CONTEXT ? from->frame : v->record; f;
         f = f->parent) {
        struct instance *i = find_below(f, scope);

        if (i)
            return i;
    }
    return NULL;
}

static struct object *keyed_item(const struct value *v, const struct hop *hop)
{
    for (uint32_t i = 0; v && i < v->list->count; i++)
        if (str_eq(object_text(v->list->objects[i], hop->key_slot), hop->key))
            return v->list->objects[i];
    return NULL;
}

static struct object *item_of(const struct object *o, const struct target *t)
{
    for (size_t i = 0; o && i < t->nhops; i++)
        o = keyed_item(object_value(o, t->hops[i].slot), &t->hops[i]);
    return (struct object *)o;
}

struct value *keyed_value(const struct object *o, const struct target *t)
{
    o = item_of(o, t);
    return o ? object_value(o, t->slot) : NULL;
}

struct value *keyed_make(struct arena *a, struct object *o, const struct target *t)
{
    for (size_t i = 0; i < t->nhops; i++) {
        const struct hop *hop = &t->hops[i];
        struct object *item = keyed_item(object_value(o, hop->slot), hop);

        if (!item) {
            struct value *key;

            item = list_add_object(a, object_set(o, hop->slot), o->shape->fields[hop->slot]->items);
            if (!item)
                return NULL;
            key = object_set(item, hop->key_slot);
            key->text = hop->key.ptr;
            key->len = (uint32_t)hop->key.len;
        }
        o = item;
    }
    return object_set(o, t->slot);
}

void target_clear(struct object *o, const struct target *t)
{
    o = item_of(o, t);
    if (o)
        object_clear(o, t->slot);
}

/* A decimal text scaled by 10^6; further decimals count as nothing. */
static __int128 scaled(struct gw_str text)
{
    bool minus = text.len && text.ptr[0] == '-';
    __int128 n = 0;
    int decimals = -1;

    for (size_t i = minus; i < text.len && decimals < 6; i++) {
        if (text.ptr[i] == '.') {
            decimals = 0;
            continue;
        }
        decimals += decimals >= 0;
        n = n * 10 + (text.ptr[i] - '0');
    }
    for (decimals = decimals < 0 ? 0 : decimals; decimals < 6; decimals++)
        n *= 10;
    return minus ? -n : n;
}

__int128 frames_sum(const struct frame *first, const struct tie *tie)
{
    __int128 sum = 0;

    for (const struct frame *f = first; f; f = f->all) {
        const struct instance *i = &f->instances[tie->ref_scope->local];

        if (i->object)
            sum += scaled(target_text(i->object, &tie->sum));
    }
    return sum;
}
