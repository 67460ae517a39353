/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a record is while it is mapped, in both directions: frames with their cells, and the
 * instances of scopes in them. All of it is in the arena of the record.
 */
#ifndef MAPPING_FRAME_H
#define MAPPING_FRAME_H

#include "mapping/compile.h"

struct instance {
    const struct scope *scope;
    struct frame *frame;
    struct instance *parent;
    struct object *object;     /* NULL: not there */
    struct resource *resource; /* of a scope that is no list */
    bool live;                 /* reading: something was read */
};

struct frame {
    const struct frame_kind *kind;
    struct frame *parent;
    struct frame *next;   /* of its kind below the same parent */
    struct frame *all;    /* of its kind in the whole record */
    struct frame **first; /* by rank of the kinds below */
    struct frame **last;
    struct gw_node **cells;
    struct instance *instances; /* by scope->local */
};

/* What a condition, `at=` or a converter may look at. */
struct view {
    struct lookup lookup; /* first */
    const struct table *table;
    struct frame *record;
    struct frame *context;
    struct instance *at;
    struct gw_str date;
    uint64_t sequence; /* number that a `sequence` writes */
    const struct name_param *params;
    size_t nparams;
};

/* What the file's name said, by the format's template. */
struct name_param {
    struct gw_str name, value;
};

struct frame *frame_new(struct arena *a, const struct frame_kind *kind, struct frame *parent);
/* The nearest instance of a scope that is no other's and not the record's: for instance_near(). */
struct instance *instance_search(const struct view *v, const struct instance *from, const struct scope *scope);
/* A value behind keyed items: for the two below. */
struct value *keyed_value(const struct object *o, const struct target *t);
struct value *keyed_make(struct arena *a, struct object *o, const struct target *t);
void target_clear(struct object *o, const struct target *t);

/* What a sum line adds up over these frames and those linked by `all`, scaled by 10^6. */
__int128 frames_sum(const struct frame *first, const struct tie *tie);

/* The nearest instance of a scope: in the frame of `from`, below it, then outwards. NULL: none. */
static inline struct instance *instance_near(const struct view *v, const struct instance *from,
                                             const struct scope *scope)
{
    struct instance *i;

    if (from && from->scope == scope)
        return (struct instance *)from;
    if (scope->frame->id != FRAME_RECORD)
        return instance_search(v, from, scope);
    i = v->record ? &v->record->instances[scope->local] : NULL;
    return i && i->object ? i : NULL;
}

static inline struct instance *instance_find(const struct view *v, const struct scope *scope)
{
    return instance_near(v, v->at, scope);
}

/* The value at the end of a target; NULL when absent. */
static inline struct value *target_value(const struct object *o, const struct target *t)
{
    return t->nhops || !o ? keyed_value(o, t) : object_value(o, t->slot);
}

/* The same, made when absent. NULL: memory. */
static inline struct value *target_make(struct arena *a, struct object *o, const struct target *t)
{
    return t->nhops ? keyed_make(a, o, t) : object_set(o, t->slot);
}

static inline struct gw_str target_text(const struct object *o, const struct target *t)
{
    const struct value *v = target_value(o, t);

    return v ? (struct gw_str){v->text, v->len} : (struct gw_str){NULL, 0};
}

void view_init(struct view *v, const struct table *t);
const struct value *ref_value(const struct view *v, const struct ref *ref); /* NULL: absent */
struct gw_str ref_get(const struct view *v, const struct ref *ref);
bool condition_holds(const struct view *v, const struct condition *c);

#endif
