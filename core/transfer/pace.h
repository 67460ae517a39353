/* SPDX-License-Identifier: EUPL-1.2 */
/* A limit of bytes a second: on average, with no more than a quarter of a second ahead of it. */
#ifndef TRANSFER_PACE_H
#define TRANSFER_PACE_H

#include <stdint.h>

struct pace {
    uint64_t rate; /* bytes a second; 0: any */
    int64_t due;   /* ns of the clock: what has been counted is paid for then */
};

void pace_init(struct pace *p, uint64_t rate);
/* Counts bytes that have just moved; ns to wait before the next ones. `now`: ns of a clock that only goes on.
 */
int64_t pace_count(struct pace *p, uint64_t bytes, int64_t now);
/* The same on CLOCK_MONOTONIC, and waits. */
void pace_wait(struct pace *p, uint64_t bytes);

#endif
