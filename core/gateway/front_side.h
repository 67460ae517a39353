/* SPDX-License-Identifier: EUPL-1.2 */
/* The supervisor's side of front.h, among its own files. */
#ifndef GATEWAY_FRONT_SIDE_H
#define GATEWAY_FRONT_SIDE_H

#include "gateway/front.h"
#include "gateway/gateway.h"

#define FRONT_BATCH 64

struct slot_name {
    char text[24];
};
struct slot_name front_slot(uint32_t slot); /* of a file that was handed over */
void front_hand_over(struct gateway *g, uint32_t slot);
void front_answer(struct gateway *g, const struct told *t, int fd); /* the descriptor stays the caller's */

/* front_take.c: files that are full; of one key at most one. */
void front_take(struct gateway *g, const struct ask *asks, size_t n);
/* front_show.c: everything else. */
void front_show(struct gateway *g, const struct ask *a);
void front_read_step(struct gateway *g); /* readers that are through */

#endif
