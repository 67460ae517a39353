/* SPDX-License-Identifier: EUPL-1.2 */
/* What of the pivot's types the applier must know to give each resource its key: made once. */
#ifndef GATEWAY_PLANS_H
#define GATEWAY_PLANS_H

#include "schema/shape.h"

/* A field's place in a line: the parts of its dotted name below "refs" or "fields". */
struct way {
    struct gw_str name;
    struct gw_str parts[4];
    size_t nparts;
    bool ref;
};

struct ref_plan;
struct ref_entry {
    struct way way;
    const struct ref_plan *below; /* a list whose items have references; NULL: a reference itself */
};

struct ref_plan {
    struct ref_entry *items;
    size_t count;
};

struct plan {
    const struct shape *shape;
    struct way *strong, *parts, *weak;
    size_t nstrong, nparts, nweak;
    size_t ndates; /* of the weak ones: they stand first, and one of them must be there */
    struct way nir; /* the field of that sensitivity; nparts 0: none */
    const struct ref_plan *refs;
    struct plan *next;
};

GW_MUST_USE enum gw_result plans_make(struct arena *a, const struct model *m, struct plan **ret);
const struct plan *plan_of(const struct plan *plans, struct gw_str type); /* NULL: no such type */

#endif
