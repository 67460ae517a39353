/* SPDX-License-Identifier: EUPL-1.2 */
/* Lines of a pipe or file, whole, of bounded length. */
#ifndef GATEWAY_FEED_H
#define GATEWAY_FEED_H

#include "base/buf.h"

#define FEED_LINE ((size_t)256 << 20) /* the longest line */

#define FEED_IDLE 50 /* ms without anything to read */

struct feed {
    /* Called before a wait that may be long: what is held open should not be. NULL: nothing is. */
    enum gw_result (*idle)(void *context);
    void *context;
    int fd;
    struct buf buf;
    size_t at;
    bool ended;
};

void feed_open(struct feed *f, int fd);
/* Without its line end; until the next call. GW_END: no more (a last line without end is none: it was cut).
 * GW_RETRY, GW_FATAL. */
GW_MUST_USE enum gw_result feed_line(struct feed *f, struct gw_str *ret);
void feed_close(struct feed *f);

/* So many bytes, whatever they are; as a line. */
GW_MUST_USE enum gw_result feed_bytes(struct feed *f, size_t len, struct gw_str *ret);

#endif
