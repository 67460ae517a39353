/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/feed.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define FEED_BLOCK 262144u

void feed_open(struct feed *f, int fd)
{
    *f = (struct feed){.fd = fd};
    buf_init(&f->buf, FEED_LINE);
}

void feed_close(struct feed *f)
{
    buf_done(&f->buf);
}

/* Who writes may be slow, or dead without a word: nobody else is to wait for that. */
static enum gw_result wait_idle(struct feed *f)
{
    struct pollfd p = {.fd = f->fd, .events = POLLIN};

    return f->idle && poll(&p, 1, FEED_IDLE) == 0 ? f->idle(f->context) : GW_OK;
}

static enum gw_result more(struct feed *f)
{
    enum gw_result result = wait_idle(f);
    char *room;
    ssize_t n;

    if (result != GW_OK)
        return result;
    if (f->at) {
        buf_drop(&f->buf, f->at);
        f->at = 0;
    }
    room = buf_room(&f->buf, FEED_BLOCK);
    if (!room)
        return GW_FATAL;
    do
        n = read(f->fd, room, FEED_BLOCK);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return GW_RETRY;
    f->buf.len += (size_t)n;
    return n ? GW_OK : GW_END;
}

enum gw_result feed_line(struct feed *f, struct gw_str *ret)
{
    size_t looked = 0;
    enum gw_result result = GW_OK;

    while (result == GW_OK) {
        const char *from = f->buf.data + f->at;
        const char *end = f->buf.len > f->at ? memchr(from + looked, '\n', f->buf.len - f->at - looked) : NULL;

        if (end) {
            *ret = (struct gw_str){from, (size_t)(end - from)};
            f->at += ret->len + 1;
            return GW_OK;
        }
        looked = f->buf.len - f->at;
        result = more(f);
    }
    return result;
}

enum gw_result feed_bytes(struct feed *f, size_t len, struct gw_str *ret)
{
    enum gw_result result = GW_OK;

    while (result == GW_OK && f->buf.len - f->at < len)
        result = more(f);
    if (result != GW_OK)
        return result;
    *ret = (struct gw_str){f->buf.data + f->at, len};
    f->at += len;
    return GW_OK;
}
