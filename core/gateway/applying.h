/* SPDX-License-Identifier: EUPL-1.2 */
/* One exchange on its way into the store: apply.c takes its lines, apply_end.c says what it comes to. */
#ifndef GATEWAY_APPLYING_H
#define GATEWAY_APPLYING_H

#include "gateway/applier.h"
#include "gateway/kept.h"
#include "gateway/wanted.h"

/* A record whose unit is to be looked at, and written if it is another. */
struct pending_record {
    struct pending_record *next;
    uint64_t record;
    int64_t said_at; /* 0: when the exchange came */
    uint8_t key[STORE_KEY], digest[32];
    struct pivot_line *first; /* none in a first pass */
    size_t count;
};

struct pending_reject {
    struct pending_reject *next;
    struct reject_row row;
};

/* What the batch will write; it lives in the batch's arena. */
struct pending {
    struct pending_record *first, *last;
    struct pending_reject *rejects, *last_reject;
    size_t records, members;
};

/* Records with the key of an earlier one of this exchange and other content: how many; the first, and whose
 * place it took. */
struct twice {
    uint64_t records, first, of;
};

struct applying {
    struct applier *a;
    const struct flow *flow;
    struct exchange e;
    struct pivot_lines *lines;
    struct arena arena; /* of the batch */
    bool check;         /* first pass: nothing is applied */
    bool same;          /* first pass: all of it so far is in the store already, and was seen of late */
    bool made;          /* second pass, by what the first one kept */
    struct kept kept;   /* first pass */
    bool some;          /* what is wanted alone; all was applied before */
    bool forgotten;     /* somebody was forgotten since this exchange came */
    bool seen;          /* its lines are all there, and good */
    struct wanted wanted;
    bool in_batch; /* a transaction is open */
    struct pending pending;
    uint64_t in_batch_records;
    int64_t stayed; /* when the lease was extended last */
    struct exchange_counts counts;
    struct twice twice;
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

/* ---- apply_batch.c ---- */
/* The record at hand, complete and with its digests; a reject. They wait for the batch. */
GW_MUST_USE enum gw_result pending_record(struct applying *p);
GW_MUST_USE enum gw_result pending_reject(struct applying *p, const struct reject_row *row);
/* In a transaction under the exchange's fence, begun now unless one is open; what waits is written. */
GW_MUST_USE enum gw_result applying_batch(struct applying *p);
/* Nothing waits any more; committed, with how far it came. */
GW_MUST_USE enum gw_result applying_batch_end(struct applying *p);
/* So many records come, and many of them are new: ids are kept for what will go ahead. */
GW_MUST_USE enum gw_result applying_expect(struct applying *p, uint64_t records);
GW_MUST_USE enum gw_result applying_count(struct applying *p); /* another record: the batch may be full */
GW_MUST_USE enum gw_result applying_idle(void *applying);      /* the reader is slow: nobody waits for it */

/* ---- apply.c ---- */
/* A type with a number of that sensitivity stands for a person. */
bool applying_person(const struct applying *p, const struct pivot_line *l);
/* A line of the reader's. */
GW_MUST_USE enum gw_result applying_line(struct applying *p, struct gw_str line);
/* The record at hand is complete, if there is one. */
GW_MUST_USE enum gw_result applying_record(struct applying *p);

/* ---- apply_twice.c: with the exchange, as the arguments of its reason ---- */
void twice_count(struct applying *p, const struct pending_record *r, const struct unit *known);
/* What earlier attempts have counted, and what to keep now. */
void twice_take(struct applying *p);
void twice_keep(struct applying *p);

/* ---- apply_end.c ---- */
/* There are no more lines. */
GW_MUST_USE enum gw_result applying_finish(struct applying *p, struct answer *ret);

#endif
