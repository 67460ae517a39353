/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the first pass over a file made of its records, for the second one: keys, payloads and digests, and the
 * reader's own lines as they were, one after another in a nameless file that no other process writes.
 */
#ifndef GATEWAY_KEPT_H
#define GATEWAY_KEPT_H

#include "gateway/feed.h"
#include "gateway/lines.h"

struct kept {
    int fd; /* -1: nothing is kept, or not any more */
    struct buf out;
};

void kept_open(struct kept *k, int fd);
void kept_record(struct kept *k, const struct record_lines *r); /* settled, with its digests */
void kept_line(struct kept *k, struct gw_str line);
bool kept_close(struct kept *k); /* true: all of it is in the file */

/* The next one: `l` has a record at hand, or *ret_line is a line of the reader's. It lives until the next one.
 * GW_END; GW_FAIL: that is not what was written. */
GW_MUST_USE enum gw_result kept_next(struct feed *f, struct pivot_lines *l, struct gw_str *ret_line);

#endif
