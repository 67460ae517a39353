/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Receipts: what became of a file, for who sent it. A flow in that says `receipt` has one for each exchange
 * that a job ended (done, done_rejects, failed): a file NAME.accuse.json, .csv or .xlsx in the receipt's
 * folder, or in STATE/receipts/FLOW until its connector has taken it. Which ends have theirs is a cursor of the
 * flow over the audit trail, where each end stands once and in the order of commits; it moves when the file is
 * durable. After a crash in between the same bytes are put under the same name once more. A replay has a
 * receipt of its own, which takes the place of the first. A workbook is the rows of the text, written by a
 * worker, one at a time; what no workbook can hold, or no worker could write, is given as text.
 */
#ifndef GATEWAY_RECEIPTS_H
#define GATEWAY_RECEIPTS_H

#include "base/diag.h"
#include "gateway/conf.h"
#include "store/durable.h"
#include "store/exchange.h"

struct gateway;
struct post;

/* The workbook at work. */
struct receipt_book {
    const struct flow *flow; /* NULL: none is */
    int64_t exchange, entry; /* whose end it tells, and where the trail has that */
    struct post *post;
    int folder;
    struct durable file;
};

void receipts_step(struct gateway *g);
void receipts_stop(struct gateway *g);        /* when the workers are gone */
struct gw_str receipt_type(const char *name); /* the kind of content, for who sends it */

/* For the connector of a flow: the next that waits; *ret_fd is the caller's to close. GW_END: none does. */
GW_MUST_USE enum gw_result receipt_next(struct gateway *g, const struct flow *f, char ret_name[256],
                                        int *ret_fd);
GW_MUST_USE enum gw_result receipt_taken(struct gateway *g, const struct flow *f, const char *name);

/* Has it ended, so that a receipt can say how? */
bool receipt_due(const struct exchange *e);

/* ---- receipt_text.c ---- */
/* GW_RETRY: the store, or the disk. */
GW_MUST_USE enum gw_result receipt_write(int fd, struct store *s, const struct catalogue *words,
                                         const struct receipt_rule *rule, const struct exchange *e);

/* Those of the flow's folder that are older go, and are counted in g->retention. GW_END: through. */
GW_MUST_USE enum gw_result receipts_forget(struct gateway *g, const struct flow *f, int64_t before);

#endif
