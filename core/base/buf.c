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
    buf_format(b, "%llu", (unsigned long long)n);
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
    if (len >= b->len) {
        buf_clear(b);
        return;
    }
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

void buf_json(struct buf *b, struct gw_str s)
{
    size_t at = 0;

    buf_char(b, '"');
    while (at < s.len) {
        size_t n = str_utf8(s, at);

        if (n == 0) {
            buf_text(b, "\xef\xbf\xbd");
            at++;
        } else if (n == 1) {
            json_char(b, (unsigned char)s.ptr[at++]);
        } else {
            buf_add(b, s.ptr + at, n);
            at += n;
        }
    }
    buf_char(b, '"');
}

enum gw_result buf_read_file(struct buf *b, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = 1;
    int saved;

    if (fd < 0)
        return GW_FAIL;
    while (got > 0) {
        char *p = buf_room(b, b->len + 65536 <= b->max ? 65536 : b->max - b->len + 1);

        if (!p) {
            errno = EFBIG;
            got = -1;
            break;
        }
        got = read(fd, p, b->room - b->len - 1);
        if (got > 0)
            b->len += (size_t)got;
    }
    if (b->room)
        b->data[b->len] = '\0';
    saved = errno;
    close(fd);
    errno = saved;
    return got < 0 ? GW_FAIL : GW_OK;
}
