/* SPDX-License-Identifier: EUPL-1.2 */
/* The writer's state, for json_write.c (the document) and json_value.c (what stands in it). */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include "json_put.h"

#define LEVELS    64u /* of the document around the records */
#define NAME_MAX  256u
#define NAME_ROOM 8192u /* a name of that length, escaped */
#define COPY_TEXT 8192u /* a longer text is not copied at once */
#define COPY_ROOM (NAME_ROOM + COPY_TEXT)

/* What follows the records in a group: rendered when the group opens, for its tree is gone when it ends. */
struct tail {
    char *text;
    size_t len, room;
};

/* An object or list of the document around the records, open now. */
struct open {
    bool map, filled;
    struct tail tail, spare; /* spare: of the group before, which comes back when this one's record is bad */
};

struct writer {
    struct out out; /* first: out.to() finds the writer by it */
    struct gw_session *s;
    const struct json_config *config;
    struct tail *tail;      /* not NULL: what is written goes there */
    struct member *members; /* by symbol */
    struct member item;     /* what stands before one of a list */
    const struct gw_node **stack;
    const struct gw_node *context; /* where rec->context is NULL */
    struct open open[LEVELS];
    uint32_t nopen;
    bool begun;   /* the document is open */
    bool many;    /* the records are a list */
    bool written; /* one is */
    bool pretty;
    char *copy_end; /* behind it there is no room for a name and a value together */
    bool copies; /* most values are written as they are: nothing between them, nothing escaped beyond ASCII */
};

void value_line_end(struct writer *w, size_t depth);
/* All that stands before a child's value. */
void value_begin(struct writer *w, const struct gw_node *n, bool map, bool first, size_t depth);
/* An opening bracket, and the text that an element with attributes has. */
void value_open(struct writer *w, const struct gw_node *n, size_t depth);
void value_close(struct writer *w, bool map, bool filled, size_t depth);
/* A value at that level of the document. */
void value_put(struct writer *w, const struct gw_node *n, size_t depth);

#endif
