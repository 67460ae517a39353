/* SPDX-License-Identifier: EUPL-1.2 */
/* What the parts of the shim share: which call is counted, and what is done at the chosen one. */
#ifndef PROOF_SHIM_H
#define PROOF_SHIM_H

#include <stdint.h>

#define KINDS      4
#define SUPERVISOR 0
#define APPLIER    1
#define CALLS      8192 /* of a kind, remembered */

/* workload.py knows both. */
enum what { WRITE = 1, SYNC, RENAME, UNLINK, TRUNCATE, SEND, RECEIVE };
struct page {
    uint32_t lock, hit;
    uint32_t counts[KINDS], statements[KINDS], commits[KINDS];
    uint8_t what[KINDS][CALLS];
};

/* From SPLIT on they are not of a call. */
enum deed { NONE, KILL, HALF, FAIL, SHORT, AFTER, POWER, STOP, SPLIT, UNKEPT, FORGETFUL };

extern struct page *page; /* NULL: nothing is counted */
extern int kind;
extern uint32_t chosen;
extern enum deed deed;

void *next(const char *name);
void die(void);
enum deed met(enum what what);

#endif
