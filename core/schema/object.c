/* SPDX-License-Identifier: EUPL-1.2 */
/* Objects: values by slot, only the bits that say which are there are zeroed. */
#include "schema/shape.h"

#include <string.h>

#include "base/str.h"
#include "gw/session.h"

/* Its bits and its values, in one piece behind a head of `size` bytes (a resource or only the object). */
static inline size_t room_of(const struct shape *s, size_t size)
{
    return size + ((size_t)s->count + 63) / 64 * sizeof(uint64_t) + s->count * sizeof(struct value);
}

static inline void object_begin(struct object *o, const struct shape *s, void *room)
{
    size_t words = ((size_t)s->count + 63) / 64;
    uint64_t *have = room;

    for (size_t i = 0; i < words; i++)
        have[i] = 0;
    *o = (struct object){.shape = s, .slots = s->count, .have = have, .values = (struct value *)(have + words)};
}

struct resource *resource_new(struct arena *a, const struct shape *s)
{
    struct resource *r = arena_alloc(a, room_of(s, sizeof(*r)));

    if (!r)
        return NULL;
    *r = (struct resource){.live = false};
    object_begin(&r->object, s, r + 1);
    return r;
}

struct object *object_new(struct arena *a, const struct shape *s)
{
    struct object *o = arena_alloc(a, room_of(s, sizeof(*o)));

    if (o)
        object_begin(o, s, o + 1);
    return o;
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

/* Of one bundle; `few` are those that need no arena. */
struct ranks {
    struct rank *first;
    struct rank few[8];
    size_t nfew;
};

static struct rank *rank_of(struct ranks *ranks, const struct shape *s, struct arena *a)
{
    struct rank *k = ranks->first;

    while (k && k->shape != s)
        k = k->next;
    if (k)
        return k;
    k = ranks->nfew < 8 ? &ranks->few[ranks->nfew++] : arena_alloc(a, sizeof(*k));
    if (!k)
        return NULL;
    *k = (struct rank){ranks->first, s, 0};
    return ranks->first = k;
}

#define MIDDLE 32 /* "-12-", with room for any number: copied whole */

static struct gw_str id_of(struct arena *a, struct gw_str type, const char middle[MIDDLE], size_t middle_len,
                           uint64_t rank)
{
    char room[20], *id = arena_alloc(a, type.len + MIDDLE + sizeof(room)), *p = id;
    struct gw_str number;

    if (!id)
        return (struct gw_str){NULL, 0};
    p = mempcpy(p, type.ptr, type.len);
    memcpy(p, middle, MIDDLE);
    p += middle_len;
    if (rank < 10) {
        *p = (char)('0' + rank);
        return (struct gw_str){id, type.len + middle_len + 1};
    }
    number = gw_digits(rank, room);
    memcpy(p, number.ptr, number.len);
    return (struct gw_str){id, type.len + middle_len + number.len};
}

enum gw_result bundle_name(struct bundle *b, struct arena *a)
{
    struct ranks ranks;
    char room[20], middle[MIDDLE] = "-";
    struct gw_str record = gw_digits(b->record, room);

    memcpy(middle + 1, record.ptr, record.len);
    middle[record.len + 1] = '-';
    ranks.first = NULL;
    ranks.nfew = 0;
    for (struct resource *r = b->first; r; r = r->next) {
        struct rank *k = rank_of(&ranks, r->object.shape, a);

        if (!k)
            return GW_FATAL;
        k->count++;
        if (!r->id.ptr)
            r->id = id_of(a, r->object.shape->name, middle, record.len + 2, k->count);
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
