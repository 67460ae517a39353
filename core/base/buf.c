/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "gw/session.h"

static char empty[1];

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.data = empty, .max = max};
}

void buf_done(struct buf *b)
{
    if (b->room)
        free(b->data);
    buf_init(b, b->max);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->room)
        b->data[0] = '\0';
}

char *buf_room(struct buf *b, size_t len)
{
    size_t need = b->len + len + 1;
    size_t room = b->room ? b->room : 256;
    char *data;

    if (b->failed)
        return NULL;
    if (need < len || b->len + len > b->max) {
        b->failed = true;
        return NULL;
    }
    if (need <= b->room)
        return b->data + b->len;
    while (room < need)
        room *= 2;
    data = realloc(b->room ? b->data : NULL, room);
    if (!data) {
        b->failed = true;
        return NULL;
    }
    b->data = data;
    b->room = room;
    return b->data + b->len;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
    char *p = buf_room(b, len);

    if (!p)
        return;
    if (len)
        memcpy(p, data, len);
    b->len += len;
    b->data[b->len] = '\0';
}

void buf_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_text(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_str(struct buf *b, struct gw_str s)
{
    buf_add(b, s.ptr, s.len);
}

void buf_number(struct buf *b, uint64_t n)
{
    char room[20];

    buf_str(b, gw_digits(n, room));
}

void buf_format(struct buf *b, const char *format, ...)
{
    va_list ap;
    char *p;
    int len;

    va_start(ap, format);
    len = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    p = len < 0 ? NULL : buf_room(b, (size_t)len);
    if (!p)
        return;
    va_start(ap, format);
    (void)vsnprintf(p, (size_t)len + 1, format, ap);
    va_end(ap);
    b->len += (size_t)len;
}

void buf_drop(struct buf *b, size_t len)
{
    if (!b->room)
        return;
    if (len > b->len)
        len = b->len;
    memmove(b->data, b->data + len, b->len - len + 1);
    b->len -= len;
}

static void json_char(struct buf *b, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char *const shorts[32] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};

    if (c == '"' || c == '\\') {
        buf_char(b, '\\');
        buf_char(b, (char)c);
    } else if (c >= 0x20 && c != 0x7f) {
        buf_char(b, (char)c);
    } else if (c < 0x20 && shorts[c]) {
        buf_text(b, shorts[c]);
    } else {
        buf_text(b, "\\u00");
        buf_char(b, hex[c >> 4]);
        buf_char(b, hex[c & 15]);
    }
}

/* Bytes from `at` that stand in JSON as they are. */
static size_t json_plain(struct gw_str s, size_t at)
{
    size_t from = at, n;

    while (at < s.len) {
        unsigned char c = (unsigned char)s.ptr[at];

        if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
            break;
        n = c < 0x80 ? 1 : str_utf8(s, at);
        if (n == 0)
            break;
        at += n;
    }
    return at - from;
}

void buf_json(struct buf *b, struct gw_str s)
{
    size_t at = 0;

    buf_char(b, '"');
    while (at < s.len) {
        size_t n = json_plain(s, at);

        buf_add(b, s.ptr + at, n);
        at += n;
        if (at == s.len)
            break;
        if ((unsigned char)s.ptr[at] < 0x80)
            json_char(b, (unsigned char)s.ptr[at]);
        else
            buf_text(b, "\xef\xbf\xbd");
        at++;
    }
    buf_char(b, '"');
}

/* One read; *ret_end when nothing is left. A file that fills the maximum exactly is fine: a byte
 * more, read aside, tells. */
static enum gw_result read_some(struct buf *b, int fd, bool *ret_end)
{
    size_t want = b->max - b->len < 65536 ? b->max - b->len : 65536;
    char one, *p = want ? buf_room(b, want) : &one;
    ssize_t got;

    if (!p) {
        errno = ENOMEM;
        return GW_FAIL;
    }
    do
        got = read(fd, p, want ? want : 1);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return GW_FAIL;
    *ret_end = got == 0;
    if (got && !want) {
        errno = EFBIG;
        return GW_FAIL;
    }
    b->len += (size_t)got;
    return GW_OK;
}

enum gw_result buf_read_file(struct buf *b, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum gw_result r = GW_OK;
    bool end = false;
    int saved;

    if (fd < 0)
        return GW_FAIL;
    while (r == GW_OK && !end)
        r = read_some(b, fd, &end);
    if (b->room)
        b->data[b->len] = '\0';
    saved = errno;
    close(fd);
    errno = saved;
    return r;
}
