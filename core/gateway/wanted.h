/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rejects of an exchange that was applied, to be read again by themselves. No record can be read without what
 * its file says around it, so the whole file is read; the lines of the records that are wanted are set aside,
 * and applied in one transaction when the file has been seen to its end. The others stay what they are.
 */
#ifndef GATEWAY_WANTED_H
#define GATEWAY_WANTED_H

#include "base/arena.h"
#include "base/buf.h"
#include "store/rejects.h"

enum wanted_as { WANTED_FILTERED, WANTED_APPLIED, WANTED_REJECTED }; /* what came of it */

struct wanted_one {
    int64_t reject;
    uint64_t record;
    enum wanted_as as;
};

struct wanted {
    struct wanted_one *items;
    size_t count;
    struct buf lines; /* of the records that are wanted, as the reader sent them */
};

/* The list lives in the arena. */
GW_MUST_USE enum gw_result wanted_open(struct wanted *w, struct store *s, int64_t exchange, struct arena *a);
void wanted_close(struct wanted *w);                                     /* {0} is fine */
struct wanted_one *wanted_find(const struct wanted *w, uint64_t record); /* NULL: not wanted */
GW_MUST_USE enum gw_result wanted_keep(struct wanted *w, struct gw_str line);
/* Inside of a transaction: those that were not rejected again are answered by their own exchange. */
GW_MUST_USE enum gw_result wanted_answer(const struct wanted *w, struct store *s, int64_t exchange);
/* Inside of a transaction: nothing came of it, they are as open as before. */
GW_MUST_USE enum gw_result wanted_drop(struct store *s, int64_t exchange);

#endif
