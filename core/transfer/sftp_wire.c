/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/sftp_wire.h"

#include <endian.h>
#include <string.h>

#include "base/str.h"

#define VERSION 3u

enum { ATTR_SIZE = 1, ATTR_OWNER = 2, ATTR_MODE = 4, ATTR_TIMES = 8 };
#define ATTR_EXTENDED 0x80000000u

/* ---- packing ---- */

static void put_number(struct wire *w, uint32_t n)
{
    n = htobe32(n);
    buf_add(&w->out, &n, sizeof(n));
}

static void put_long(struct wire *w, uint64_t n)
{
    n = htobe64(n);
    buf_add(&w->out, &n, sizeof(n));
}

static void put_text(struct wire *w, struct gw_str s)
{
    put_number(w, (uint32_t)s.len);
    buf_str(&w->out, s);
}

static void put_handle(struct wire *w, const struct wire_handle *h)
{
    put_text(w, (struct gw_str){h->bytes, h->len});
}

/* The length in front is known at the end. */
static uint32_t begin(struct wire *w, unsigned type)
{
    buf_clear(&w->out);
    put_number(w, 0);
    buf_char(&w->out, (char)type);
    put_number(w, ++w->last ? w->last : ++w->last);
    return w->last;
}

static bool flush(struct wire *w)
{
    uint32_t len = htobe32((uint32_t)(w->out.len - 4));
    size_t done = 0;

    if (w->out.failed)
        w->broken = true;
    else
        memcpy(w->out.data, &len, 4);
    while (!w->broken && done < w->out.len) {
        int n = ssh_channel_write(w->channel, w->out.data + done, (uint32_t)(w->out.len - done));

        w->broken = n <= 0;
        done += n > 0 ? (size_t)n : 0;
    }
    return !w->broken;
}

/* ---- unpacking: what is missing makes `s` absent, and stays so ---- */

static uint32_t get_number(struct gw_str *s)
{
    uint32_t n = 0;

    if (!s->ptr || s->len < sizeof(n)) {
        s->ptr = NULL;
        return 0;
    }
    memcpy(&n, s->ptr, sizeof(n));
    *s = str_from(*s, sizeof(n));
    return be32toh(n);
}

static uint64_t get_long(struct gw_str *s)
{
    uint64_t high = get_number(s);

    return high << 32 | get_number(s);
}

static struct gw_str get_text(struct gw_str *s)
{
    size_t len = get_number(s);
    struct gw_str text = {s->ptr, len};

    if (!s->ptr || s->len < len) {
        s->ptr = NULL;
        return GW_STR("");
    }
    *s = str_from(*s, len);
    return text;
}

static struct wire_attrs get_attrs(struct gw_str *s)
{
    uint32_t has = get_number(s);
    struct wire_attrs a = {.has_size = has & ATTR_SIZE, .has_mode = has & ATTR_MODE};

    if (has & ATTR_SIZE)
        a.size = get_long(s);
    if (has & ATTR_OWNER)
        (void)get_long(s);
    if (has & ATTR_MODE)
        a.mode = get_number(s);
    if (has & ATTR_TIMES) {
        (void)get_number(s);
        a.mtime = get_number(s);
    }
    for (uint32_t n = has & ATTR_EXTENDED ? get_number(s) : 0; s->ptr && n > 0; n--) {
        (void)get_text(s);
        (void)get_text(s);
    }
    return a;
}

/* ---- answers ---- */

static bool fill(struct wire *w, size_t need)
{
    if (w->len - w->at >= need)
        return true;
    if (w->at) {
        memmove(w->in, w->in + w->at, w->len - w->at);
        w->len -= w->at;
        w->at = 0;
    }
    while (!w->broken && w->len < need) {
        int n = ssh_channel_read(w->channel, w->in + w->len, (uint32_t)(sizeof(w->in) - w->len), 0);

        w->broken = n <= 0;
        w->len += n > 0 ? (size_t)n : 0;
    }
    return !w->broken;
}

bool wire_take_answer(struct wire *w, struct wire_answer *ret)
{
    struct gw_str head;
    uint32_t len;

    if (!fill(w, 9))
        return false;
    head = (struct gw_str){w->in + w->at, 9};
    len = get_number(&head);
    if (len < 5 || len > WIRE_PACKET || !fill(w, len + 4u)) {
        w->broken = true;
        return false;
    }
    ret->type = (unsigned char)w->in[w->at + 4];
    head = (struct gw_str){w->in + w->at + 5, 4};
    ret->id = get_number(&head);
    ret->body = (struct gw_str){w->in + w->at + 9, len - 5};
    w->at += len + 4u;
    return true;
}

static enum fx_status nonsense(struct wire *w)
{
    w->broken = true;
    return FX_CONNECTION_LOST;
}

enum fx_status wire_status(struct wire *w, const struct wire_answer *a)
{
    struct gw_str rest = a->body, words;
    uint32_t status = get_number(&rest);

    if (a->type != FXP_STATUS || !rest.ptr)
        return nonsense(w);
    if (status == FX_OK)
        return FX_OK; /* a close that is fine does not explain the write before it */
    words = get_text(&rest);
    if (words.len >= sizeof(w->said))
        words.len = sizeof(w->said) - 1;
    for (size_t i = 0; i < words.len; i++)
        w->said[i] = (unsigned char)words.ptr[i] < ' ' ? ' ' : words.ptr[i];
    w->said[words.len] = '\0';
    return (enum fx_status)status;
}

bool wire_data(struct wire *w, const struct wire_answer *a, struct gw_str *ret)
{
    struct gw_str rest = a->body;

    *ret = get_text(&rest);
    if (a->type != FXP_DATA || !rest.ptr)
        w->broken = true;
    return !w->broken;
}

/* The one answer that is awaited: of `type`, or a status (FX_OK of one that should not be: nonsense). */
static enum fx_status call(struct wire *w, unsigned type, struct gw_str *ret)
{
    struct wire_answer a;
    enum fx_status status;

    if (w->broken || !flush(w) || !wire_take_answer(w, &a))
        return FX_CONNECTION_LOST;
    if (a.id != w->last)
        return nonsense(w);
    if (type != FXP_STATUS && a.type == type) {
        *ret = a.body;
        return FX_OK;
    }
    status = wire_status(w, &a);
    return status == FX_OK && type != FXP_STATUS ? nonsense(w) : status;
}

/* ---- the session ---- */

static void take_extensions(struct wire *w, struct gw_str rest)
{
    while (rest.ptr && rest.len) {
        struct gw_str name = get_text(&rest), version = get_text(&rest);

        w->has_fsync |= rest.ptr && str_is(name, "fsync@openssh.com") && str_is(version, "1");
    }
}

enum fx_status wire_begin(struct wire *w, ssh_channel channel)
{
    struct wire_answer a;

    w->channel = channel;
    w->at = w->len = 0;
    w->last = 0;
    w->broken = w->has_fsync = false;
    w->said[0] = '\0';
    buf_init(&w->out, WIRE_PACKET + 1024);
    put_number(w, 0);
    buf_char(&w->out, FXP_INIT);
    put_number(w, VERSION);
    if (!flush(w) || !wire_take_answer(w, &a))
        return FX_CONNECTION_LOST;
    if (a.type != FXP_VERSION || a.id < VERSION)
        return nonsense(w);
    take_extensions(w, a.body);
    return FX_OK;
}

void wire_end(struct wire *w)
{
    buf_done(&w->out);
    w->channel = NULL;
    w->broken = true;
}

/* ---- calls ---- */

static enum fx_status take_handle(struct wire *w, struct wire_handle *ret)
{
    struct gw_str body, handle;
    enum fx_status status = call(w, FXP_HANDLE, &body);

    if (status != FX_OK)
        return status;
    handle = get_text(&body);
    if (!body.ptr || handle.len > sizeof(ret->bytes))
        return nonsense(w);
    memcpy(ret->bytes, handle.ptr, handle.len);
    ret->len = (uint32_t)handle.len;
    return FX_OK;
}

enum fx_status wire_open(struct wire *w, struct gw_str path, uint32_t how, struct wire_handle *ret)
{
    (void)begin(w, FXP_OPEN);
    put_text(w, path);
    put_number(w, how);
    put_number(w, 0); /* who may read it there is the server's to say */
    return take_handle(w, ret);
}

enum fx_status wire_opendir(struct wire *w, struct gw_str path, struct wire_handle *ret)
{
    (void)begin(w, FXP_OPENDIR);
    put_text(w, path.len ? path : GW_STR("."));
    return take_handle(w, ret);
}

enum fx_status wire_close(struct wire *w, const struct wire_handle *h)
{
    (void)begin(w, FXP_CLOSE);
    put_handle(w, h);
    return call(w, FXP_STATUS, NULL);
}

static enum fx_status take_attrs(struct wire *w, struct wire_attrs *ret)
{
    struct gw_str body;
    enum fx_status status = call(w, FXP_ATTRS, &body);

    if (status != FX_OK)
        return status;
    *ret = get_attrs(&body);
    return body.ptr ? FX_OK : nonsense(w);
}

enum fx_status wire_stat(struct wire *w, struct gw_str path, struct wire_attrs *ret)
{
    (void)begin(w, FXP_LSTAT);
    put_text(w, path);
    return take_attrs(w, ret);
}

enum fx_status wire_fstat(struct wire *w, const struct wire_handle *h, struct wire_attrs *ret)
{
    (void)begin(w, FXP_FSTAT);
    put_handle(w, h);
    return take_attrs(w, ret);
}

enum fx_status wire_remove(struct wire *w, struct gw_str path)
{
    (void)begin(w, FXP_REMOVE);
    put_text(w, path);
    return call(w, FXP_STATUS, NULL);
}

enum fx_status wire_rename(struct wire *w, struct gw_str from, struct gw_str to)
{
    (void)begin(w, FXP_RENAME);
    put_text(w, from);
    put_text(w, to);
    return call(w, FXP_STATUS, NULL);
}

enum fx_status wire_fsync(struct wire *w, const struct wire_handle *h)
{
    if (!w->has_fsync)
        return FX_OK;
    (void)begin(w, FXP_EXTENDED);
    put_text(w, GW_STR("fsync@openssh.com"));
    put_handle(w, h);
    return call(w, FXP_STATUS, NULL);
}

/* Where a server does not tell the mode, the first character of its `ls -l` line does. */
static void guess_mode(struct wire_attrs *a, struct gw_str line)
{
    if (a->has_mode || !line.len || !strchr("-dlbcps", line.ptr[0]))
        return;
    a->has_mode = true;
    a->mode = line.ptr[0] == '-' ? 0100000 : line.ptr[0] == 'd' ? 0040000 : 0120000;
}

/* false: nonsense. *ret_more: somebody wants what follows, if anything does. */
static bool take_names(struct gw_str body, wire_take *take, void *of, bool *ret_more)
{
    uint32_t n = get_number(&body);

    *ret_more = n > 0;
    for (; body.ptr && n > 0; n--) {
        struct gw_str name = get_text(&body), line = get_text(&body);
        struct wire_attrs attrs = get_attrs(&body);

        guess_mode(&attrs, line);
        *ret_more = body.ptr && *ret_more && take(of, name, &attrs);
    }
    return body.ptr != NULL;
}

enum fx_status wire_readdir(struct wire *w, const struct wire_handle *h, wire_take *take, void *of)
{
    enum fx_status status;
    bool more = true;

    do {
        struct gw_str body;

        (void)begin(w, FXP_READDIR);
        put_handle(w, h);
        status = call(w, FXP_NAME, &body);
        if (status == FX_OK && !take_names(body, take, of, &more))
            return nonsense(w);
    } while (status == FX_OK && more);
    return status;
}

uint32_t wire_ask_read(struct wire *w, const struct wire_handle *h, uint64_t at, uint32_t len)
{
    uint32_t id = begin(w, FXP_READ);

    put_handle(w, h);
    put_long(w, at);
    put_number(w, len);
    return flush(w) ? id : 0;
}

uint32_t wire_ask_write(struct wire *w, const struct wire_handle *h, uint64_t at, struct gw_str data)
{
    uint32_t id = begin(w, FXP_WRITE);

    put_handle(w, h);
    put_long(w, at);
    put_text(w, data);
    return flush(w) ? id : 0;
}
