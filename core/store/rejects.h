/* SPDX-License-Identifier: EUPL-1.2 */
/* Records set aside, with their bytes and all that was said of them; sealed but for what filters ask. */
#ifndef STORE_REJECTS_H
#define STORE_REJECTS_H

#include "store/store.h"

enum reject_state {
    REJECT_OPEN,
    REJECT_REPLAYED,
    REJECT_CLOSED,
    REJECT_QUEUED, /* its exchange is queued for it (and others of that state) alone */
};

struct reject_row {
    int64_t id;
    int64_t exchange;
    struct gw_str flow;
    uint64_t record, line; /* in the exchange */
    struct gw_str code;    /* of its first error */
    struct gw_str path;    /* native place of that */
    enum reject_state state;
    int64_t at;
    int64_t replayed_in;       /* exchange that holds its replay; 0 */
    struct gw_str raw;         /* as it came, sealed */
    struct gw_str diagnostics; /* JSON list, values in clear, sealed */
};

/* One a (exchange, record): the same again replaces it while it is open or queued, and opens it again when its
 * own exchange is its replay; else it stays what it is. */
GW_MUST_USE enum gw_result reject_put(struct store *s, const struct reject_row *r, int64_t *ret_id);
/* GW_END: no such reject. */
GW_MUST_USE enum gw_result reject_state_set(struct store *s, int64_t id, enum reject_state state,
                                            int64_t replayed_in);

struct reject_filter {
    struct gw_str flow, code; /* absent: all; code may end in '*' */
    int64_t exchange;         /* 0: all */
    int64_t before, since;    /* at; 0: open */
    int state;                /* -1: all */
};

GW_MUST_USE enum gw_result reject_each(struct store *s, const struct reject_filter *f, struct arena *a,
                                       bool (*each)(void *to, const struct reject_row *r), void *to);
/* Has the exchange one of that state? */
GW_MUST_USE enum gw_result reject_any(struct store *s, int64_t exchange, enum reject_state state, bool *ret);
GW_MUST_USE enum gw_result reject_get(struct store *s, int64_t id, struct arena *a, struct reject_row *ret);
/* Raw and diagnostics are absent from then on, and an open one is closed. */
GW_MUST_USE enum gw_result reject_erase(struct store *s, int64_t id);
/* Retention: rejects of the flow from before `before`, of exchanges that are over, are erased. A bounded number of those behind *after, which then is where
 * it got to; *ret_n of them were changed. GW_END: there is none behind *after. */
GW_MUST_USE enum gw_result reject_forget(struct store *s, struct gw_str flow, int64_t before, int64_t *after,
                                         uint64_t *ret_n);

#endif
