/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The pivot model in memory: shapes (what a resource type may hold) and objects (what one
 * holds). A group of one ("adresse") is flattened: its fields are dotted names of the shape
 * it stands in. A list of groups is a field whose items have a shape of their own.
 */
#ifndef SCHEMA_SHAPE_H
#define SCHEMA_SHAPE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"
#include "gw/record.h"

enum field_type {
    FIELD_TEXT,     /* trimmed, NFC */
    FIELD_INTEGER,  /* -?[0-9]+ without leading zeros */
    FIELD_DECIMAL,  /* without trailing zeros; with `scale`: exactly that many decimals */
    FIELD_DATE,     /* YYYY-MM-DD */
    FIELD_DATETIME, /* YYYY-MM-DDTHH:mm:ss and the offset if one was given */
    FIELD_MONTH,    /* YYYY-MM */
    FIELD_TIME,     /* HH:mm[:ss] */
    FIELD_BOOLEAN,  /* true false */
    FIELD_CODE,     /* a code of `codes` */
    FIELD_REF,      /* another resource */
    FIELD_TREE,     /* a native tree, kept as it is */
    FIELD_ITEMS,    /* a list of groups of shape `items` */
};

enum key { KEY_NONE, KEY_STRONG, KEY_WEAK, KEY_PART };

struct pivot_codes {
    struct gw_str name;
    const struct gw_str *codes; /* sorted; NULL: open list, any text */
    size_t count;
    const uint64_t *keys; /* by str_key(), open addressing; NULL when some are longer than that takes */
    uint32_t mask;
};

struct field {
    struct gw_str name; /* within its shape: "adresse.commune"; of an item: "date" */
    struct gw_str full; /* within the resource: "membres[].parents[].date" */
    uint16_t slot;
    uint8_t type; /* enum field_type */
    uint8_t key;  /* enum key */
    uint8_t sensitivity;
    int8_t scale;                    /* decimals of FIELD_DECIMAL, -1 any */
    bool list;                       /* a list of scalars */
    struct shape *items;             /* FIELD_ITEMS */
    struct gw_str target;            /* FIELD_REF: the resource type */
    const struct pivot_codes *codes; /* FIELD_CODE */
    struct gw_str ext;               /* the root format whose extension it is; absent: the pivot's own */
    const struct gw_str *checks;     /* x-check */
    size_t nchecks;
    struct gw_str label[2]; /* by enum lang */
};

struct shape {
    struct gw_str name;    /* of a resource type; of an item shape its path "foyer.membres[]" */
    struct field **fields; /* by slot */
    uint16_t count, room;
    const struct gw_str *checks; /* x-check across fields (resource types only) */
    size_t nchecks;
    void *index; /* by name, schema's own */
    bool stream; /* one a stream, not a record's: x-stream (enveloppe) */
};

struct model {
    struct arena *arena;
    struct shape **types;
    size_t count;
    struct pivot_codes *lists;
    size_t nlists;
};

/* All *.json of a folder (one type a file, definitions shared by $ref to _NAME.json). What is
 * not in the written subset of JSON Schema is an error with its place. */
GW_MUST_USE enum gw_result model_load(struct model *m, struct arena *arena, const char *folder,
                                      struct sink *sink);
/* One type from a text, without definitions; its code lists are open. For tests. */
GW_MUST_USE enum gw_result model_load_text(struct model *m, struct arena *arena, struct gw_str name,
                                           struct gw_str text, struct sink *sink);
struct shape *model_type(const struct model *m, struct gw_str name);
/* NULL: no such field. `name` dotted, within the shape; `ext` absent for the pivot's own. */
struct field *shape_field(const struct shape *s, struct gw_str name, struct gw_str ext);
/* Adds an extension field (and is the same when asked again). List of groups: type FIELD_ITEMS. */
struct field *shape_extend(struct model *m, struct shape *s, struct gw_str name, struct gw_str ext,
                           enum field_type type, bool list, enum sensitivity sensitivity);
bool codes_has(const struct pivot_codes *codes, struct gw_str code);

/* ---- what a resource holds ---- */

struct object;
struct resource;
struct names;

struct list {
    uint32_t count, room;
    union {
        struct gw_str *texts;
        struct object **objects;
    };
};

/* 24 bytes; only meaningful when its bit in `have` is set. */
struct value {
    union {
        const char *text;
        struct list *list;          /* field->list, FIELD_ITEMS */
        struct resource *ref;       /* FIELD_REF */
        const struct gw_node *tree; /* FIELD_TREE */
    };
    const struct gw_node *at; /* where it was read, for a diagnostic; NULL */
    uint32_t len;
    uint32_t line; /* index of the mapping line that set it, for a diagnostic */
};

struct object {
    const struct shape *shape;
    uint16_t slots; /* how many `values` has: a shape may have been extended since */
    uint64_t *have;
    struct value *values;
};

struct resource {
    struct object object; /* first: a resource is an object */
    struct gw_str id;     /* "personne-12-1"; given when the record is complete */
    struct resource *next;
    bool live; /* reading: something was read for it */
};

/* The resources of one record, in order; all in the record's arena. */
struct bundle {
    struct resource *first, *last;
    uint64_t record; /* number in its stream, from 1 */
    uint32_t line;
    size_t count;
    const struct names *names; /* whose symbols the trees of FIELD_TREE values bear */
};

struct resource *resource_new(struct arena *a, const struct shape *s);
struct object *object_new(struct arena *a, const struct shape *s);
void bundle_add(struct bundle *b, struct resource *r);
/* Gives each resource that has none its id: type-record-rank. */
GW_MUST_USE enum gw_result bundle_name(struct bundle *b, struct arena *a);
/* Appends; NULL when memory is out. */
struct object *list_add_object(struct arena *a, struct value *v, const struct shape *s);
bool list_add_text(struct arena *a, struct value *v, struct gw_str text);

static inline bool object_has(const struct object *o, unsigned slot)
{
    return slot < o->slots && (o->have[slot / 64] >> (slot % 64) & 1);
}

static inline struct value *object_value(const struct object *o, unsigned slot)
{
    return object_has(o, slot) ? &o->values[slot] : NULL;
}

/* Marks it present and returns it; a value that was absent is zeroed. */
static inline struct value *object_set(struct object *o, unsigned slot)
{
    if (!object_has(o, slot))
        o->values[slot] = (struct value){.text = NULL};
    o->have[slot / 64] |= (uint64_t)1 << (slot % 64);
    return &o->values[slot];
}

/* The same without zeroing: the caller sets the whole value. */
static inline struct value *object_put(struct object *o, unsigned slot)
{
    o->have[slot / 64] |= (uint64_t)1 << (slot % 64);
    return &o->values[slot];
}

static inline void object_clear(struct object *o, unsigned slot)
{
    if (slot < o->slots)
        o->have[slot / 64] &= ~((uint64_t)1 << (slot % 64));
}

/* A scalar's text; absent (ptr NULL) if it has none. */
static inline struct gw_str object_text(const struct object *o, unsigned slot)
{
    const struct value *v = object_value(o, slot);

    return v ? (struct gw_str){v->text, v->len} : (struct gw_str){NULL, 0};
}

#endif
