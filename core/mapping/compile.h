/* SPDX-License-Identifier: EUPL-1.2 */
/* Between the files that compile a table: conditions, places, scopes, ties; faults with their line. */
#ifndef MAPPING_COMPILE_H
#define MAPPING_COMPILE_H

#include "mapping/table.h"

/* What compiling needs beside the format. */
struct table_env {
    struct arena *arena; /* lives as long as the table */
    struct model *model;
    struct names *names;
    struct gw_str nomenclatures;
    struct sink *sink;
    const struct gw_converter *(*rule)(void *rules, struct gw_str name);
    void *rules;
};

/* All faults go to the sink with their line before GW_FAIL. `profile` absent: the default one. */
GW_MUST_USE enum gw_result table_compile(const struct format *f, const struct table_env *env,
                                         struct gw_str profile, struct table **ret);

/* ---- conditions (condition.c) ---- */

struct question;

struct ref {
    enum { REF_PARAM, REF_SCOPE, REF_FIELD } kind;
    struct gw_str param;
    struct scope *scope; /* NULL with REF_FIELD: of the line's own scope, `climb` holders up */
    uint8_t climb;
    struct target target;
};

struct condition {
    enum cond_kind kind;
    struct condition *kids, *next;
    struct ref ref;
    enum cond_op op;
    struct gw_str *values;
    size_t nvalues;
    struct gw_str text;         /* what it looks at, as written */
    size_t column;              /* in the line's cell: of what a `let` holds, where its name stands */
    struct question *questions; /* of a whole condition: what it asks, the first at `first` (condition_ask.c) */
    uint16_t first;
};

bool questions_make(struct arena *a, struct condition *c);
/* Whether all that it asks is known when the second phase of reading begins, and stays; `own`: the scope of its
 * line. */
bool condition_settled(const struct table *t, const struct condition *c, const struct scope *own);
/* Whether both ask the same in the same order, with the same end or, `negated`, with the other one. */
bool condition_alike(const struct condition *a, const struct scope *own_a, const struct condition *b,
                     const struct scope *own_b, bool negated);
GW_MUST_USE enum gw_result ref_compile(struct table *t, struct scope *at, struct gw_str text, struct ref *ret,
                                       struct fault *fault);
GW_MUST_USE enum gw_result condition_compile(struct table *t, struct scope *at, const struct cond *cond,
                                             struct condition **ret, struct fault *fault);

/* ---- building blocks of compilation ---- */

struct place *place_root(struct table *t, enum base base);
/* The place of a path below `from` (a scope's or a root); adds what is new. Gates of single steps
 * are appended to *gates (may be NULL). NULL: memory, or more than a table may hold. */
struct place *place_add(struct table *t, struct place *from, const struct path *path, double rank,
                        struct gates *gates, bool opens);
GW_MUST_USE enum gw_result places_finish(struct table *t);
GW_MUST_USE enum gw_result scopes_compile(struct table *t);
GW_MUST_USE enum gw_result tie_compile(struct table *t, struct tie *r); /* one line (ties.c) */
GW_MUST_USE enum gw_result ties_compile(struct table *t);
/* A `when` of the profile alone: answered when the table is compiled, never asked again. */
bool profile_settles(const struct table *t, const struct cond *c);
GW_MUST_USE enum gw_result table_check(struct table *t); /* what must not be (check_table.c) */
void whens_check(struct table *t); /* lines that look at what is not known yet (check_when.c) */
struct scope *scope_find(const struct table *t, struct gw_str key);
struct scope *scope_of_line(const struct table *t, const struct line *line, size_t *ret_parts);
/* `from`: first part that is not the scope's own. */
bool target_compile(struct table *t, struct shape *shape, const struct field_ref *ref, size_t from,
                    enum field_type ext_type, bool ext_list, struct target *ret);
void table_fault(struct table *t, const struct line *line, const char *code, int cell, size_t column,
                 struct gw_str found);

#endif
