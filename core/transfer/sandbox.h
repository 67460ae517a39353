/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A worker that parses what strangers sent shuts itself in: no file can be opened, no socket made, no program
 * started, no memory beyond a bound. What it was given as descriptors before and after is all it has. One that
 * starts a program cannot: it and the program have the bounds, no new rights, and little of the environment.
 */
#ifndef TRANSFER_SANDBOX_H
#define TRANSFER_SANDBOX_H

#include <stdbool.h>

#include "gw/base.h"

struct sandbox {
    uint64_t memory;       /* bytes of address space beyond what is mapped now; 0: no bound */
    uint64_t output_bytes; /* of one file written */
    uint64_t cpu;          /* seconds of the process; 0: no bound */
    bool spawns;           /* it starts a program of the operator's: only the bounds hold, for both of them */
    bool serves;           /* it has threads and a socket that listens, and takes who comes */
    bool threads;          /* a library may make threads, and is told that files it asks for are not to be had */
};

/* Must be the last thing before the first order: what needs a file (time zone, lists, libraries) is loaded by
 * then. GW_FAIL: the machine cannot; the worker must not go on. */
GW_MUST_USE enum gw_result sandbox_enter(const struct sandbox *s);

/* Whoever has the store open holds keys and what they seal: no core file, and no other process looks in. */
void sandbox_no_dump(void);

#endif
