/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A format proposed for an unknown file: format.conf and fields.csv, with how sure each line is. What columns
 * are called is data (schemas/pivot/words.csv and the pivot's labels), what values may be is asked of
 * converters and rules. Which type is the root, and which are tied to it, is chosen so that most columns find a
 * field.
 */
#ifndef INFER_INFER_H
#define INFER_INFER_H

#include "infer/values.h"

enum { INFER_SCOPES = 48 };

/* A resource of the proposed table. */
struct proposed_scope {
    struct gw_str key; /* "type" or "type:label" */
    const struct shape *shape;
    /* Tied to the root by: its reference to this one, or (back) this one's to the root. */
    const struct field *ref;
    bool back;
    const struct field *list; /* back: the list whose items hold `ref`; NULL: none */
    size_t via;               /* the scope that it is tied to: the root, or one that refers to the root */
    bool used;
};

struct proposed_column {
    const struct column *column;
    const struct proposal *table; /* of whose records it is a column */
    const struct proposal *list;  /* the table of its items; NULL: it has none */
    struct gw_str path;                 /* as it is shown */
    const struct proposed_scope *scope; /* NULL: an extension of the table's root */
    const struct field *field;
    struct gw_str extension; /* without "x." */
    struct trial trial;
    double sure;   /* 0 to 1 */
    double header; /* how well the header says the field */
};

/* The records of a file, or the items of a list in them: a table below another. */
struct proposal {
    struct columns columns;
    struct proposal *above, *first, *next; /* a tree of tables, in the order of the file */
    const struct proposed_scope *tied;     /* below another: what there the root refers to, by `tie` */
    const struct field *tie;
    struct proposed_scope scopes[INFER_SCOPES]; /* the root first */
    size_t nscopes;
    struct proposed_column *items; /* in the order of the file, those of a list behind it */
    size_t count;
    struct gw_str *nothing; /* texts that mean nothing here */
    size_t nnothing;
};

/* GW_END: no syntax is known for it. */
GW_MUST_USE enum gw_result infer_file(struct tester *t, const char *path, struct gw_str password,
                                      struct sink *sink, struct proposal *ret);

/* The texts of the format's files. `name`: of the format, for its label. */
void proposal_conf(const struct proposal *p, struct gw_str name, struct buf *out);
void proposal_fields(const struct proposal *p, struct buf *out);
/* A code list of the proposal, false when the nth is none. */
bool proposal_codes(struct tester *t, const struct proposal *p, size_t nth, struct gw_str *ret_name,
                    struct buf *out);

/* ---- match.c ---- */

/* The columns of one table. GW_END: nothing in the table above is what its items could refer to. */
GW_MUST_USE enum gw_result proposal_match(struct tester *t, struct proposal *p);

/* ---- lists.c ---- */

/* The tables of its lists, and their columns behind each. */
GW_MUST_USE enum gw_result lists_match(struct tester *t, struct proposal *p);

/* ---- infer.c ---- */

/* Lower case letters, digits and _; it begins with a letter. */
struct gw_str plain_name(struct arena *a, struct gw_str path);

#endif
