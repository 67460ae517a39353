/* SPDX-License-Identifier: EUPL-1.2 */
/* What the forms of a line share, and those that are told apart by read_line.c but live in read_fixed.c. */
#ifndef MAPPING_READ_LINE_H
#define MAPPING_READ_LINE_H

#include "mapping/read.h"

/* A node's text as lines see it: trimmed; absent when it says nothing. */
struct gw_str line_text(const struct reading *r, const struct gw_node *n);
/* Nothing is there for this line: said, if it must be. */
GW_MUST_USE enum gw_result line_missing(struct reading *r, const struct tie *tie, struct instance *i);
/* A text into the kth field. */
GW_MUST_USE enum gw_result line_put(struct reading *r, const struct tie *tie, size_t k, struct instance *i,
                                    struct gw_str text, const struct gw_node *from);

GW_MUST_USE enum gw_result read_const(struct reading *r, const struct tie *tie, struct instance *i);
GW_MUST_USE enum gw_result read_nil(struct reading *r, const struct tie *tie, struct instance *i);
GW_MUST_USE enum gw_result read_line_number(struct reading *r, const struct tie *tie, struct instance *i);
GW_MUST_USE enum gw_result read_total(struct reading *r, const struct tie *tie, struct instance *i);
GW_MUST_USE enum gw_result read_tree(struct reading *r, const struct tie *tie, struct instance *i);

#endif
