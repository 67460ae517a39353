/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is owed to destinations. A row is written for each record that goes out, in the transaction that makes
 * its exchange; it ends by the word of the partner, or by ours where the partner has none.
 */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include "store/store.h"

enum delivery_state {
    DELIVERY_WRITTEN,  /* in a file of ours */
    DELIVERY_SENT,     /* the destination has it, and that is all there will be, or the receipt is awaited */
    DELIVERY_IN_DOUBT, /* it may have it: nobody can say */
    DELIVERY_CONFIRMED,
    DELIVERY_REFUSED,
};
extern const char *const delivery_words[5];

struct delivery {
    int64_t id;
    struct gw_str flow; /* out */
    int64_t exchange;   /* out */
    uint64_t position;  /* of its first native record in the file, from 1 */
    int64_t unit;
    int64_t resource; /* its root */
    uint32_t version;
    uint8_t digest[32];        /* of what this destination was given: the same again is not sent again */
    struct gw_str partner_ref; /* sealed */
    enum delivery_state state;
    int64_t at;
};

GW_MUST_USE enum gw_result delivery_put(struct store *s, const struct delivery *d, int64_t *ret_id);
/* The last one of a unit to a flow; GW_END: none. */
GW_MUST_USE enum gw_result delivery_last(struct store *s, struct gw_str flow, int64_t unit, struct arena *a,
                                         struct delivery *ret);
/* Out of a transaction: delivery_last is answered for these units until looks_end (resources_fetch). */
GW_MUST_USE enum gw_result deliveries_fetch(struct store *s, struct gw_str flow, const int64_t *units, size_t n);
/* All of an exchange, but for those that have ended (confirmed, refused). */
GW_MUST_USE enum gw_result delivery_move(struct store *s, int64_t exchange, enum delivery_state to);
GW_MUST_USE enum gw_result delivery_each(struct store *s, int64_t exchange, struct arena *a,
                                         bool (*each)(void *to, const struct delivery *d), void *to);
/* Up to which unit.seq a flow was looked through; 0 at first. */
GW_MUST_USE enum gw_result cursor_get(struct store *s, struct gw_str flow, uint64_t *ret);
GW_MUST_USE enum gw_result cursor_set(struct store *s, struct gw_str flow, uint64_t seq);

#endif
