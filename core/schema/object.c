/* SPDX-License-Identifier: EUPL-1.2 */
/* Objects: values by slot, only the bits that say which are there are zeroed. */
#include "schema/shape.h"

#include <string.h>

#include "base/str.h"
#include "gw/session.h"

/* An object of `size` bytes (a resource or only the object), its bits and its values, in one piece. */
static void *object_of(struct arena *a, const struct shape *s, size_t size)
{
    size_t words = ((size_t)s->count + 63) / 64;
    size_t head = (size + 7) & ~(size_t)7;
    char *p = arena_alloc(a, head + words * sizeof(uint64_t) + s->count * sizeof(struct value));
    struct object *o = (struct object *)p;

    if (!p)
        return NULL;
    memset(p, 0, head + words * sizeof(uint64_t));
    o->shape = s;
    o->slots = s->count;
    o->have = (uint64_t *)(p + head);
    o->values = (struct value *)(p + head + words * sizeof(uint64_t));
    return p;
}

struct resource *resource_new(struct arena *a, const struct shape *s)
{
    return object_of(a, s, sizeof(struct resource));
}

struct object *object_new(struct arena *a, const struct shape *s)
{
    return object_of(a, s, sizeof(struct object));
}

void bundle_add(struct bundle *b, struct resource *r)
{
    r->next = NULL;
    if (b->last)
        b->last->next = r;
    else
        b->first = r;
    b->last = r;
    b->count++;
}

/* How many resources of a type were met: a record has few types. */
struct rank {
    struct rank *next;
    const struct shape *shape;
    uint64_t count;
};

static struct rank *rank_of(struct rank **ranks, const struct shape *s, struct arena *a)
{
    struct rank *k = *ranks;

    while (k && k->shape != s)
        k = k->next;
    if (k)
        return k;
    k = arena_alloc(a, sizeof(*k));
    if (!k)
        return NULL;
    *k = (struct rank){*ranks, s, 0};
    return *ranks = k;
}

static struct gw_str id_of(struct arena *a, struct gw_str type, uint64_t record, uint64_t rank)
{
    char room[2][20];
    struct gw_str parts[2] = {gw_digits(record, room[0]), gw_digits(rank, room[1])};
    size_t len = type.len + parts[0].len + parts[1].len + 2;
    char *id = arena_alloc(a, len);
    char *p = id;

    if (!id)
        return (struct gw_str){NULL, 0};
    p = mempcpy(p, type.ptr, type.len);
    for (int i = 0; i < 2; i++) {
        *p++ = '-';
        p = mempcpy(p, parts[i].ptr, parts[i].len);
    }
    return (struct gw_str){id, len};
}

enum gw_result bundle_name(struct bundle *b, struct arena *a)
{
    struct rank *ranks = NULL;

    for (struct resource *r = b->first; r; r = r->next) {
        struct rank *k = rank_of(&ranks, r->object.shape, a);

        if (!k)
            return GW_FATAL;
        k->count++;
        if (!r->id.ptr)
            r->id = id_of(a, r->object.shape->name, b->record, k->count);
        if (!r->id.ptr)
            return GW_FATAL;
    }
    return GW_OK;
}

/* The list of a value with room for one more; items of either kind have their own size. */
static struct list *list_room(struct arena *a, struct value *v, size_t size)
{
    struct list *l = v->list;
    uint32_t room;
    void *items;

    if (!l)
        l = v->list = arena_zero(a, sizeof(*l));
    if (!l || l->count < l->room)
        return l;
    if (l->room > UINT32_MAX / 2)
        return NULL;
    room = l->room ? l->room * 2 : 4;
    items = arena_alloc(a, room * size);
    if (!items)
        return NULL;
    if (l->count)
        memcpy(items, l->texts, l->count * size);
    l->texts = items;
    l->room = room;
    return l;
}

struct object *list_add_object(struct arena *a, struct value *v, const struct shape *s)
{
    struct list *l = list_room(a, v, sizeof(struct object *));
    struct object *o = l ? object_new(a, s) : NULL;

    if (o)
        l->objects[l->count++] = o;
    return o;
}

bool list_add_text(struct arena *a, struct value *v, struct gw_str text)
{
    struct list *l = list_room(a, v, sizeof(struct gw_str));

    if (l)
        l->texts[l->count++] = text;
    return l != NULL;
}
