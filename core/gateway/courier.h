/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A transfer process as the one who starts it sees it (transfer/duty.h): started, listened to without waiting,
 * killed when it takes too long, reaped. What it says is input like any other: lines have a largest size, all
 * of them together too, and who says what nobody understands is killed.
 */
#ifndef GATEWAY_COURIER_H
#define GATEWAY_COURIER_H

#include <sys/types.h>

#include "transfer/answers.h"
#include "transfer/duty.h"

#define COURIER_ARGS 16

enum said_kind { SAID_STEP, SAID_FILE, SAID_DISMISSED, SAID_END };

/* One line; all texts live until the callback returns. */
struct courier_said {
    enum said_kind kind;
    struct gw_str step, detail; /* SAID_STEP, SAID_END */
    bool ok;
    uint64_t ms;
    struct gw_str name; /* SAID_FILE, SAID_DISMISSED */
    uint64_t size;
    enum ending end;    /* SAID_END */
    struct gw_str code; /* a diagnostic's; "" none; of SAID_STEP a warning's */
    struct gw_arg args[COURIER_ARGS];
    size_t nargs;
    uint64_t after;
};

typedef void courier_hear(void *to, const struct courier_said *said);

struct courier {
    pid_t pid; /* 0: none */
    int answers;
    int64_t since; /* monotonic ms */
    struct buf line;
    size_t said;      /* bytes in all */
    const char *code; /* why it was killed, or could not be started; NULL */
    int status;       /* of waitpid */
    bool ended;       /* it said its end */
    char program[64];
};

/* From folder `programs`. `file`: for TRANSFER_FILE, stays the caller's; -1 none. `lock`: a descriptor that it
 * holds for as long as it lives, stays the caller's; -1 none. GW_FAIL: there is no such program, GW_RETRY: the
 * world; errno says which, c->code too. */
GW_MUST_USE enum gw_result courier_start(struct courier *c, const char *programs, const struct duty *d,
                                         int file, int lock);
/* The same for a program with a duty of its own kind; `other` is its descriptor 5. */
GW_MUST_USE enum gw_result courier_run(struct courier *c, const char *programs, const char *program,
                                       const struct buf *duty, int file, int other);
/* Gives each line that came to `hear`. True: it is gone, and all it said was heard. */
bool courier_step(struct courier *c, courier_hear *hear, void *to);
void courier_kill(struct courier *c, const char *code); /* courier_step() reaps it */
/* The same at once; nothing more is heard. */
void courier_stop(struct courier *c);
/* The diagnostic for one that is gone without its end. */
const char *courier_fate(const struct courier *c);

#endif
