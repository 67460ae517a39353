/* SPDX-License-Identifier: EUPL-1.2 */
/* Values tried on one line by itself: any reference is a day of our choice, any condition holds. */
#ifndef LAW_POOL_H
#define LAW_POOL_H

#include "law/proof.h"

struct probe {
    struct lookup lookup; /* first */
    struct gw_str day;
    struct conversion conversion;
};

void probe_open(struct probe *pr, struct proof *p, struct gw_str day);
GW_MUST_USE enum gw_result probe_write(struct probe *pr, const struct tie *tie, size_t target,
                                       struct gw_str text, struct gw_str *ret);
struct gw_str day_off(struct arena *a, struct gw_str day, int days); /* absent when it is no day */

#endif
