/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The applier's side: the only worker that has the store, and the only one that never sees a partner's bytes.
 * It takes lines from a reader's pipe and commits them in batches under the exchange's fence; it selects what a
 * destination is owed, and writes down what was put into a file for it.
 */
#ifndef GATEWAY_APPLIER_H
#define GATEWAY_APPLIER_H

#include "gateway/conf.h"
#include "gateway/lines.h"
#include "gateway/protocol.h"
#include "store/exchange.h"

#define APPLIER_BATCH    2000 /* records of a transaction */
#define APPLIER_LEASE    60000
#define APPLIER_CACHE_KB 65536 /* of the store: keys are random, so are the pages of their index */

struct store_digester;
struct selected; /* units written to the pipe, by record number from 1 */

struct applier {
    struct arena arena; /* of the process */
    const struct gateway_conf *conf;
    const struct model *model;
    struct store *store;
    struct sink *sink;
    struct arena job; /* of the order at hand */
    struct pivot_lines lines;
    struct store_digester *one, *whole;
    struct selected *selected;
    bool ahead;   /* what comes is new: it may be written before it is our turn */
    bool crowded; /* the last turn was waited for */
    size_t nselected, selected_room;
    uint64_t served; /* the flow's cursor when the last SELECT looked */
    uint64_t looked; /* seq looked through by the last SELECT */
};

/* Serves orders until the supervisor closes; exit code. */
int applier_run(struct applier *a);

/* ---- apply.c, select.c ---- */
GW_MUST_USE enum gw_result applier_apply(struct applier *a, const struct order *o, int from, int keep,
                                         struct answer *ret); /* keep: -1 none */
GW_MUST_USE enum gw_result applier_select(struct applier *a, const struct order *o, int to, struct answer *ret);
GW_MUST_USE enum gw_result applier_sent(struct applier *a, const struct order *o, int results,
                                        struct answer *ret);

#endif
