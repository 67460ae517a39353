/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a table can read or write of the pivot, as sets to compare: which of what one format says has a
 * place in another. It weighs fields and codes. Conditions, lengths and how often a thing may stand are not
 * weighed: they depend on the record.
 */
#ifndef MAPPING_REACH_H
#define MAPPING_REACH_H

#include "mapping/table.h"

#define REACH_KEYS 6

/* Codes of a field; `any`: whatever it may hold. */
struct reach_values {
    bool any;
    struct gw_str *items;
    size_t count;
};

/* It is there only where that field of the same resource, or list, has one of these codes. */
struct reach_key {
    const struct field *field;
    struct reach_values values;
};

struct reach_item {
    struct gw_str name; /* as the table has it: "droit:a.fins[cause=X].date" */
    const struct field *field;
    const struct scope *scope;
    struct reach_values values;
    struct reach_key keys[REACH_KEYS];
    size_t nkeys;
    uint8_t loss; /* enum gw_loss, the least of its lines */
};

struct reach {
    struct arena *arena;
    struct reach_item *items;
    size_t count;
    const struct table *table; /* NULL: of the pivot itself */
    bool flat;                 /* of the pivot, without what stands in lists of groups */
};

enum carried { CARRIED, CARRIED_PARTLY, CARRIED_NOT };

/* `writing`: what the table can write; else what it can read. References are left out. */
GW_MUST_USE enum gw_result reach_of_table(const struct table *t, bool writing, struct arena *a,
                                          struct reach *ret);
/* Each field of the model that is no format's own. */
GW_MUST_USE enum gw_result reach_of_model(const struct model *m, bool flat, struct arena *a, struct reach *ret);
/* Whether `to`, made for writing, has a place for the i-th of `from`, made for reading; `a`: of the answer.
 * *ret_lost: codes that it has none for, of the field or of what it depends on; none with CARRIED_PARTLY: the
 * value may come out in another form. */
GW_MUST_USE enum gw_result reach_ask(const struct reach *from, size_t i, const struct reach *to,
                                     struct arena *a, enum carried *ret, struct reach_values *ret_lost);
/* Whether something of `from` has its place in that item of a table that writes. */
GW_MUST_USE enum gw_result reach_feeds(const struct reach *from, const struct reach_item *writer,
                                       struct arena *a, bool *ret);
/* Calls back for each place that `to` must write and that nothing of `from` can fill (reach_needs.c). */
GW_MUST_USE enum gw_result reach_needs(const struct reach *from, const struct reach *to, struct arena *a,
                                       void (*say)(void *user, const struct place *p, const struct tie *tie),
                                       void *user);
/* Whether records of `to` can be made from `from` at all: it has resources of the type they begin with. */
bool reach_roots(const struct reach *from, const struct reach *to);

#endif
