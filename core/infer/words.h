/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What headers are called: schemas/pivot/words.csv and the labels of the pivot, as phrases of folded words,
 * and how well a header says a phrase.
 */
#ifndef INFER_WORDS_H
#define INFER_WORDS_H

#include "infer/columns.h"
#include "schema/shape.h"

enum { WORDS_MAX = 14 };

struct phrase {
    struct gw_str words[WORDS_MAX];
    bool above[WORDS_MAX]; /* of a header: stands in a step above the last */
    size_t n;
};

/* A line of words.csv: what a field, a type or something common is called. */
struct entry {
    struct gw_str resource, field, as;
    struct gw_str *texts; /* as written, between bars */
    struct phrase *phrases;
    size_t count;
};

struct words {
    struct arena *arena;
    struct entry *entries;
    size_t count;
};

/* GW_OK with no entry when the file is not there: labels are left. */
GW_MUST_USE enum gw_result words_load(struct engine *e, struct arena *a, struct words *ret);
/* The entry of that resource and field; NULL. Resources that begin with ! hold what is no field. */
const struct entry *words_entry(const struct words *w, const char *resource, const char *field);

/* Words that all of its columns begin with say something of the table, not of the column. */
struct phrase header_of(const struct words *w, const struct columns *c, const struct column *column);
struct phrase phrase_of(const struct words *w, struct gw_str text);

/* What a field of a type may be called: all its phrases in one. */
struct naming {
    const struct entry *entries[8]; /* of the type, then of any type */
    size_t nentries;
    struct phrase own[3]; /* its labels, its name */
    size_t nown;
};

void naming_of(const struct words *w, const struct shape *shape, const struct field *f, struct naming *ret);

/* Who a resource is: phrases that cost nothing in a header of its fields. */
struct role {
    const struct entry *type;
    struct phrase name, label; /* of the reference that leads to it, n 0: none */
    const struct entry *entry; /* of that reference */
    struct phrase own;         /* the type's name */
};

/* Its own name, or one of the phrases that words.csv has for it. */
bool header_names_type(const struct words *w, const struct phrase *header, struct gw_str type);
/* 0 to 1; *ret_role: the header says the role. */
double header_says(const struct words *w, const struct phrase *header, const struct naming *n,
                   const struct role *role, bool *ret_role);

#endif
