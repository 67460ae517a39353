/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An unknown file read once: where its records are, which columns they have, and of each what can be seen
 * in one pass. A column is a leaf of a record, however deep; one that repeats is a list, whose items have
 * columns of their own.
 */
#ifndef INFER_COLUMNS_H
#define INFER_COLUMNS_H

#include "detect/look.h"

enum { COLUMN_SAMPLES = 40, COLUMNS_MAX = 2000, COLUMN_RECORDS = 2000 };

struct column {
    struct gw_str name;    /* of its last step */
    struct column *parent; /* NULL: of the record itself */
    struct column *first, *next;
    uint16_t symbol;
    bool many;        /* stands several times in a record, or is a list */
    unsigned kinds;   /* 1 << enum gw_kind, of what has a text or is null */
    uint64_t records; /* nodes above it in which it was met */
    uint64_t items;   /* nodes of its own with something below */
    uint64_t filled;
    uint64_t last;                         /* the node above it in which it was met last */
    struct gw_str samples[COLUMN_SAMPLES]; /* different texts, trimmed */
    size_t nsamples;
};

struct columns {
    struct arena *arena;
    struct dialect dialect;
    struct gw_str record; /* for format.conf: "." or "a/b[]"; absent: the document is the record */
    struct column *root;  /* its children are the columns: of the record, or of the items of this list */
    struct column **leaves;
    size_t nleaves;
    uint64_t records, rejected;
    struct gw_str enclosing; /* the name of what encloses all */
    const char *encoding;
    struct reasons faults; /* why it has none */
    bool nulls;            /* the syntax has them, and some stand there */
    bool typed;            /* the syntax tells a number from a text */
};

/* GW_END: no dialect reads it. */
GW_MUST_USE enum gw_result columns_read(struct engine *e, struct arena *a, const struct head *h,
                                        struct columns *ret);
/* The columns of the items of a list; GW_END: they are no maps. */
GW_MUST_USE enum gw_result columns_below(const struct columns *above, struct column *list, struct columns *ret);
/* "a/b", as it is shown. */
struct gw_str column_path(const struct columns *c, const struct column *column);

#endif
