/* SPDX-License-Identifier: EUPL-1.2 */
/* The executable run as a person would: what goes in, what came out, how much memory it took. */
#ifndef BAD_PROCESS_H
#define BAD_PROCESS_H

#include <stdbool.h>

#include "base/buf.h"

/* A text given again and again, so that a gigabyte is a line of a table. */
struct repeat {
    struct gw_str text;
    uint64_t times;
};

#define REPEATS 5

struct run {
    int exit;        /* -1: it did not end by itself */
    int signal;      /* 0: none */
    size_t resident; /* the most that it had, in bytes */
    struct buf out, err;
};

/* argv ends with NULL. What is fed ends with times 0; NULL: /dev/null. After `seconds` it is killed. */
void run_program(struct run *r, const char *const *argv, const struct repeat *feed, unsigned seconds);
void run_done(struct run *r);

#endif
