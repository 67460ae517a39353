/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/kept.h"

#include <errno.h>
#include <unistd.h>

#include "base/str.h"

#define KEPT_BLOCK 262144u

struct frame {
    uint64_t len; /* of what follows it */
    uint64_t record, count;
    uint8_t digest[32]; /* of the record; a line of the reader's has neither number nor digest */
};

struct member {
    uint8_t key[STORE_KEY], digest[32];
    uint64_t type, nir, payload; /* lengths */
    uint64_t has_nir;
};

/* ---- into the file ---- */

void kept_open(struct kept *k, int fd)
{
    *k = (struct kept){.fd = fd};
    buf_init(&k->out, (size_t)1 << 30);
}

static void flush(struct kept *k)
{
    const char *from = k->out.data;
    size_t left = k->out.len;

    if (k->out.failed)
        k->fd = -1;
    while (left > 0 && k->fd >= 0) {
        ssize_t n = write(k->fd, from, left);

        if (n > 0) {
            from += n;
            left -= (size_t)n;
        } else if (errno != EINTR) {
            k->fd = -1; /* who wants it has to do without */
        }
    }
    buf_clear(&k->out);
}

static void put(struct kept *k, size_t at, struct frame f)
{
    f.len = k->out.len - at - sizeof(f);
    if (!k->out.failed)
        memcpy(k->out.data + at, &f, sizeof(f));
    if (k->out.failed || k->out.len >= KEPT_BLOCK)
        flush(k);
}

void kept_record(struct kept *k, const struct record_lines *r)
{
    struct frame f = {.record = r->record, .count = r->count};
    size_t at = k->out.len;

    if (k->fd < 0)
        return;
    memcpy(f.digest, r->digest, sizeof(f.digest));
    buf_add(&k->out, &f, sizeof(f));
    for (const struct pivot_line *l = r->first; l; l = l->next) {
        struct member m = {
            .type = l->type.len, .nir = l->nir.len, .payload = l->payload.len, .has_nir = l->nir.ptr != NULL};

        memcpy(m.key, l->key, sizeof(m.key));
        memcpy(m.digest, l->digest, sizeof(m.digest));
        buf_add(&k->out, &m, sizeof(m));
        buf_str(&k->out, l->type);
        buf_str(&k->out, l->nir);
        buf_str(&k->out, l->payload);
    }
    put(k, at, f);
}

void kept_line(struct kept *k, struct gw_str line)
{
    struct frame f = {.record = 0};
    size_t at = k->out.len;

    if (k->fd < 0)
        return;
    buf_add(&k->out, &f, sizeof(f));
    buf_str(&k->out, line);
    put(k, at, f);
}

bool kept_close(struct kept *k)
{
    flush(k);
    buf_done(&k->out);
    return k->fd >= 0;
}

/* ---- out of it ---- */

static bool take(struct gw_str *s, uint64_t len, struct gw_str *ret)
{
    if (len > s->len)
        return false;
    *ret = (struct gw_str){s->ptr, (size_t)len};
    *s = str_from(*s, (size_t)len);
    return true;
}

static enum gw_result member_take(struct pivot_lines *l, struct gw_str *s)
{
    struct pivot_line *line = arena_zero(&l->at.arena, sizeof(*line));
    struct gw_str bytes;
    struct member m;

    if (!line)
        return GW_FATAL;
    if (!take(s, sizeof(m), &bytes))
        return GW_FAIL;
    memcpy(&m, bytes.ptr, sizeof(m));
    if (!take(s, m.type, &line->type) || !take(s, m.nir, &line->nir) || !take(s, m.payload, &line->payload))
        return GW_FAIL;
    if (!m.has_nir)
        line->nir = (struct gw_str){NULL, 0};
    memcpy(line->key, m.key, sizeof(m.key));
    memcpy(line->digest, m.digest, sizeof(m.digest));
    if (l->at.last)
        l->at.last->next = line;
    else
        l->at.first = line;
    l->at.last = line;
    l->at.count++;
    return GW_OK;
}

enum gw_result kept_next(struct feed *f, struct pivot_lines *l, struct gw_str *ret_line)
{
    struct gw_str bytes;
    struct frame frame;
    enum gw_result result = feed_bytes(f, sizeof(frame), &bytes);

    *ret_line = (struct gw_str){NULL, 0};
    if (result != GW_OK)
        return result;
    memcpy(&frame, bytes.ptr, sizeof(frame));
    result = feed_bytes(f, (size_t)frame.len, &bytes);
    if (result == GW_OK && !frame.count)
        *ret_line = bytes;
    l->at.record = frame.record;
    memcpy(l->at.digest, frame.digest, sizeof(frame.digest));
    for (uint64_t i = 0; result == GW_OK && i < frame.count; i++)
        result = member_take(l, &bytes);
    return result == GW_END ? GW_FAIL : result;
}
