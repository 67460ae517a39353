/* SPDX-License-Identifier: EUPL-1.2 */
/* The machine that exchange.h draws, without a store. */
#include "store/exchange.h"

const char *const exchange_words[EXCHANGE_STATES] = {
    "received", "queued", "working", "held", "done", "done_rejects", "failed", "quarantined",
};

#define TO(state) (1u << EXCHANGE_##state)

bool exchange_may(enum exchange_state from, enum exchange_state to)
{
    static const unsigned arrows[EXCHANGE_STATES] = {
        [EXCHANGE_RECEIVED] = TO(QUEUED) | TO(QUARANTINED),
        [EXCHANGE_QUEUED] = TO(WORKING),
        [EXCHANGE_WORKING] = TO(DONE) | TO(DONE_REJECTS) | TO(FAILED) | TO(HELD) | TO(QUARANTINED) | TO(QUEUED),
        [EXCHANGE_HELD] = TO(QUEUED) | TO(DONE) | TO(DONE_REJECTS),
        [EXCHANGE_DONE] = TO(QUEUED),
        [EXCHANGE_DONE_REJECTS] = TO(QUEUED) | TO(DONE),
        [EXCHANGE_FAILED] = TO(QUEUED),
        [EXCHANGE_QUARANTINED] = TO(QUEUED),
    };

    return from < EXCHANGE_STATES && to < EXCHANGE_STATES && arrows[from] >> to & 1;
}

bool exchange_over(enum exchange_state s)
{
    return s >= EXCHANGE_DONE;
}

bool counts_balance(const struct exchange_counts *c)
{
    return c->read == c->accepted + c->filtered + c->rejected &&
           c->produced == c->created + c->updated + c->unchanged + c->held;
}
