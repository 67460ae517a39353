/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What happened, append-only: each entry carries the digest of the one before. It holds ids, names of fields
 * and codes, never values.
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "store/store.h"

struct audit_entry {
    int64_t id;
    int64_t at;
    struct gw_str actor;   /* "gateway", or the name of who asked */
    struct gw_str action;  /* "exchange.move", "reject.replay", "key.rotate", … */
    struct gw_str subject; /* "exchange 12" */
    struct gw_str detail;  /* "queued>working" */
    uint8_t before[32], digest[32];
};

/* Who acts from now on: what the store itself enters (exchange.receive, exchange.move, key.rotate) names it,
 * and audit_add when it is told none. At first "gateway". */
void audit_actor(struct store *s, struct gw_str actor);
GW_MUST_USE enum gw_result audit_add(struct store *s, struct gw_str actor, struct gw_str action,
                                     struct gw_str subject, struct gw_str detail);
/* Oldest first; subject absent: all. */
GW_MUST_USE enum gw_result audit_each(struct store *s, struct gw_str subject, struct arena *a,
                                      bool (*each)(void *to, const struct audit_entry *e), void *to);
/* Those behind the one of that id, oldest first. */
GW_MUST_USE enum gw_result audit_behind(struct store *s, int64_t id, struct arena *a,
                                        bool (*each)(void *to, const struct audit_entry *e), void *to);
GW_MUST_USE enum gw_result audit_last(struct store *s, int64_t *ret_id); /* 0: none */
/* GW_REJECT: the chain breaks at *ret_id (one behind the last entry: some were cut off). */
GW_MUST_USE enum gw_result audit_verify(struct store *s, int64_t *ret_id);

#endif
