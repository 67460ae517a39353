/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What all transfer programs share: their main, the duty, what is said on the way, and the end. A program is a
 * `struct transport` and `int main(void) { return serve(&it); }`. One thread.
 */
#ifndef TRANSFER_SERVE_H
#define TRANSFER_SERVE_H

#include "transfer/answers.h"
#include "transfer/duty.h"
#include "transfer/local.h"
#include "transfer/pace.h"
#include "transfer/secret.h"

#define RUN_ARGS 8

struct run {
    struct arena arena;
    struct duty duty;
    struct local local; /* open for VERB_FETCH alone */
    struct pace pace;   /* at the connector's rate */
    const char *step;   /* the one that is being tried */
    int64_t began;      /* ms, CLOCK_MONOTONIC */

    bool ended; /* something was said by run_end(): the first one stays */
    enum ending end;
    const char *end_step, *code;
    struct gw_arg args[RUN_ARGS];
    size_t nargs;
    uint64_t after; /* seconds the server asked us to wait; 0: nothing */
};

/* Each says by run_end() how it ended when that is not END_OK. */
struct transport {
    void (*fetch)(struct run *r);
    void (*send)(struct run *r);
    void (*probe)(struct run *r);
};

GW_MUST_USE int serve(const struct transport *t);
/* Two parts of it, for a program that is no transport. */
void serve_harden(void);
GW_MUST_USE bool serve_read(int fd, struct buf *text); /* to its end */

/* A step begins (a literal of duty.h); run_done() says how it went. `detail` may be NULL. */
void run_step(struct run *r, const char *step);
void run_done(struct run *r, bool ok, const char *detail);
/* How the run ends, in the step that is being tried, which has failed and is said if it was not. Values are
 * copied; {partner}, {connector}, {flow} are always there. The code is a literal. */
void run_end(struct run *r, enum ending end, const char *code, const struct gw_arg *args, size_t nargs);
/* The same with one argument, {found}; NULL: none. */
void run_fails(struct run *r, enum ending end, const char *code, const char *found);
/* A secret of the connector; false: the run has ended with the reason. */
GW_MUST_USE bool run_secret(struct run *r, struct gw_str reference, struct secret *ret);
/* Waits for as long as a file must lie still, if that is short enough to be asked again in the same run; false:
 * it is not, or nothing has to. */
GW_MUST_USE bool run_settle(const struct run *r);
/* The disk here said no: errno says what. */
void run_disk(struct run *r, const char *what);

#endif
