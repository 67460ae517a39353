/* SPDX-License-Identifier: EUPL-1.2 */
/* How much of a file its table knows, and how much of the table the file has. */
#ifndef DETECT_COVERAGE_H
#define DETECT_COVERAGE_H

#include "mapping/table.h"

struct coverage {
    const struct table *table;
    uint8_t *met;      /* by place */
    uint32_t *strange; /* place << 16 | name of what no line knows; open addressing, 0 empty */
    size_t nstrange, weight;
    bool context; /* what is being walked */
};

/* What counts: paths, each once, however often it stands in the file. */
struct share {
    size_t have, all;
};

GW_MUST_USE enum gw_result coverage_init(struct coverage *c, struct arena *a, const struct table *t);
/* The tree of a record, or with `context` of what encloses them. */
void coverage_meet(struct coverage *c, const struct gw_node *root, bool context);
struct share coverage_known(const struct coverage *c);    /* of the file's paths, those that a line knows */
struct share coverage_required(const struct coverage *c); /* of the required places, those that were met */
struct share coverage_places(const struct coverage *c);   /* of all places with a text */

#endif
