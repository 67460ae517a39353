/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Letters of notices and receipts that go through a connector: one at a time, by a transfer process of its own.
 * What is to be sent is asked of letters.c and receipts.c, who remember until it has arrived; nothing is kept
 * here, so it may be killed at any moment.
 */
#ifndef GATEWAY_MAILMAN_H
#define GATEWAY_MAILMAN_H

#include "gateway/courier.h"
#include "gateway/notices.h"

struct mailman {
    const struct connector *connector; /* NULL: nothing is on its way */
    struct courier courier;
    struct letter letter;    /* to NULL: it is a receipt, */
    const struct flow *flow; /* of this flow, */
    char name[256];          /* with this name */
    bool arrived;
    char code[64];
};

void mailman_step(struct gateway *g);
void mailman_stop(struct gateway *g); /* as if it had not been sent */

#endif
