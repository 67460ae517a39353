/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The same plugin over a host that fails at its nth call of one kind; memory is well again after, input and
 * output are not. It is the plugin's own code that runs; only what it is given is in between. One thread at a
 * time.
 */
#ifndef CONFORMANCE_FAULTY_H
#define CONFORMANCE_FAULTY_H

#include <stdbool.h>

#include "gw/plugin.h"

enum fault_kind {
    FAULT_NONE,
    FAULT_ALLOC, /* gw_alloc, gw_keep */
    FAULT_NAME,  /* gw_name */
    FAULT_PEEK,  /* gw_peek and gw_read_at say GW_RETRY */
    FAULT_WRITE, /* gw_write says GW_RETRY */
};

/* A descriptor that behaves so; valid until the next call. `nth` from 1. */
const struct gw_plugin *faulty_plugin(const struct gw_plugin *p, enum fault_kind kind, size_t nth);
bool faulty_hit(void); /* the nth call was reached */

/*
 * Allocations of the whole process that are made between begin and end: the nth fails, 0 none. How
 * many are left is what was not freed. In a build with sanitizers, which do that themselves, nothing
 * fails and nothing is counted.
 */
void allocations_begin(size_t nth);
bool allocations_hit(void);
long allocations_end(void);
bool allocations_counted(void);

#endif
