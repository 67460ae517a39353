/* SPDX-License-Identifier: EUPL-1.2 */
/* One exchange on its way into the store: apply.c takes its lines, apply_end.c says what it comes to. */
#ifndef GATEWAY_APPLYING_H
#define GATEWAY_APPLYING_H

#include "gateway/applier.h"
#include "gateway/kept.h"
#include "gateway/wanted.h"

struct applying {
    struct applier *a;
    const struct flow *flow;
    struct exchange e;
    struct pivot_lines *lines;
    struct arena arena; /* of the batch */
    bool check;         /* first pass: nothing is applied */
    bool same;          /* first pass: all of it so far is in the store already */
    bool made;          /* second pass, by what the first one kept */
    struct kept kept;   /* first pass */
    bool some;          /* what is wanted alone; all was applied before */
    bool forgotten;     /* somebody was forgotten since this exchange came */
    bool seen;          /* its lines are all there, and good */
    struct wanted wanted;
    bool in_batch;
    uint64_t in_batch_records;
    int64_t stayed; /* when the lease was extended last */
    struct exchange_counts counts;
    uint64_t last;   /* record seen last */
    int64_t said_at; /* the day that the file tells; 0: none, it speaks of when it came */
    char note[64];   /* code of the first error of the stream */
    char *note_json;
    bool ended;
    bool again; /* a second pass is to come */
    bool chain; /* claim the flow's next exchange with the end of this one */
    int64_t next;
    char end_word[8];
    uint64_t end_read, end_filtered;
};

/* ---- apply.c ---- */
/* In a transaction under the exchange's fence, begun now unless one is open. */
GW_MUST_USE enum gw_result applying_batch(struct applying *p);
GW_MUST_USE enum gw_result applying_batch_end(struct applying *p);
/* A line of the reader's. */
GW_MUST_USE enum gw_result applying_line(struct applying *p, struct gw_str line);
/* The record at hand is complete, if there is one. */
GW_MUST_USE enum gw_result applying_record(struct applying *p);

/* ---- apply_end.c ---- */
/* There are no more lines. */
GW_MUST_USE enum gw_result applying_finish(struct applying *p, struct answer *ret);

#endif
