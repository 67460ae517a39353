/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Growable bytes with a maximum given at birth, always NUL-terminated. After a failure
 * (`failed`: beyond the maximum or out of memory) appends do nothing, so a run of appends
 * is checked once at its end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "gw/base.h"

struct buf {
    char *data; /* "" when empty */
    size_t len;
    size_t room;
    size_t max;
    bool failed;
};

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b); /* {0} and twice is fine */
void buf_clear(struct buf *b);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_char(struct buf *b, char c);
void buf_text(struct buf *b, const char *text);
void buf_str(struct buf *b, struct gw_str s);
void buf_number(struct buf *b, uint64_t n);
void buf_format(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for len more bytes, to be filled by the caller, who then adds to b->len; NULL on failure. */
char *buf_room(struct buf *b, size_t len);
void buf_drop(struct buf *b, size_t len); /* from the front */
/* As a JSON string with its quotes; invalid UTF-8 becomes U+FFFD. */
void buf_json(struct buf *b, struct gw_str s);
/* The whole of a file; GW_FAIL with errno set when it cannot be read or is beyond the maximum. */
GW_MUST_USE enum gw_result buf_read_file(struct buf *b, const char *path);

/* buf_add() for the loop: whether it was added. */
static inline bool buf_put(struct buf *b, const void *data, size_t len)
{
    if (b->failed || !len || len >= b->room - b->len || len > b->max - b->len) {
        buf_add(b, data, len);
        return !b->failed;
    }
    memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
    return true;
}

static inline struct gw_str buf_view(const struct buf *b)
{
    return (struct gw_str){b->data, b->len};
}

#endif
