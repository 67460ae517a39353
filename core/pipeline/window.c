/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The window over the decoded stream:
 *
 *   base          kept        at          shown      window.len
 *    | dropped at  | consumed  | the plugin | hidden by |
 *    | next chance | and kept  | sees this  | `step`    |
 *
 * UTF-8 is read straight into it and only checked; all else goes through `raw`. Lines are
 * counted when bytes are dropped, or when somebody asks.
 */
#include "pipeline/window.h"

#include <string.h>

#include "base/str.h"

#define CHUNK 65536u

enum gw_result window_open(struct session *s)
{
    size_t most = s->limits.record_bytes;

    buf_init(&s->window, 2 * most + 8 * CHUNK);
    buf_init(&s->raw, CHUNK);
    s->low = s->here = (struct line_cursor){0, 1, 0};
    s->last_bad = UINT64_MAX;
    if (!buf_room(&s->window, 4 * CHUNK - 1) || !buf_room(&s->raw, CHUNK)) {
        s->stop = STOP_MEMORY;
        return GW_FATAL;
    }
    return GW_OK;
}

void window_close(struct session *s)
{
    buf_done(&s->window);
    buf_done(&s->raw);
}

/* ---- lines ---- */

typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* Looked for before they are counted: there may be none at all, as in most JSON. */
static uint64_t count_lines(const char *p, size_t len)
{
    const char *first = memchr(p, '\n', len);
    uint64_t lines = 0;
    size_t at = first ? (size_t)(first - p) : len;

    while (len - at >= 16) {
        size_t rounds = (len - at) / 16 < 255 ? (len - at) / 16 : 255;
        bytes16 sum = {0};

        for (size_t i = 0; i < rounds; i++, at += 16) {
            bytes16 block;

            memcpy(&block, p + at, 16);
            sum -= (bytes16)(block == '\n');
        }
        for (int i = 0; i < 16; i++)
            lines += sum[i];
    }
    for (; at < len; at++)
        lines += p[at] == '\n';
    return lines;
}

/* `c` moved on to `byte`; both lie in the window. */
static void move_on(const struct session *s, struct line_cursor *c, uint64_t byte)
{
    const char *from = s->window.data + (c->byte - s->base);
    size_t len = (size_t)(byte - c->byte);
    uint64_t lines = count_lines(from, len);

    c->byte = byte;
    c->line += lines;
    if (lines)
        c->start = byte - len + (size_t)((const char *)memrchr(from, '\n', len) - from) + 1;
}

static void move_back(const struct session *s, struct line_cursor *c, uint64_t byte)
{
    const char *data = s->window.data;
    size_t at = (size_t)(byte - s->base);
    uint64_t lines = count_lines(data + at, (size_t)(c->byte - byte));
    const char *end = lines && at ? memrchr(data, '\n', at) : NULL;

    c->byte = byte;
    c->line -= lines;
    if (lines)
        c->start = end ? s->base + (size_t)(end - data) + 1 : s->low.start;
}

struct line_cursor window_line(struct session *s, uint64_t byte)
{
    if (byte > s->base + s->window.len)
        byte = s->base + s->window.len;
    if (byte < s->base)
        return (struct line_cursor){byte, 0, 0};
    if (byte >= s->here.byte)
        move_on(s, &s->here, byte);
    else
        move_back(s, &s->here, byte);
    return s->here;
}

/* ---- making room ---- */

/* How many bytes at the start nobody needs: those before the last record's end, and of a record
 * without end its oldest. */
static size_t droppable(const struct session *s)
{
    size_t kept = s->kept > s->base ? (size_t)(s->kept - s->base) : 0;

    if (kept > s->at)
        kept = s->at;
    if (s->at - kept > s->limits.record_bytes)
        kept = s->at - s->limits.record_bytes;
    /* never between the bytes of one character */
    while (kept < s->at && ((unsigned char)s->window.data[kept] & 0xc0) == 0x80)
        kept++;
    return kept;
}

static void drop(struct session *s, size_t len)
{
    move_on(s, &s->low, s->base + len);
    if (s->here.byte < s->low.byte)
        s->here = s->low;
    buf_drop(&s->window, len);
    s->base += len;
    s->at -= len;
    s->shown -= len;
}

static enum gw_result make_room(struct session *s)
{
    size_t len;

    if (s->window.room > s->window.len + CHUNK)
        return GW_OK;
    len = droppable(s);
    if (len && (len >= s->window.len / 2 || s->window.len + CHUNK > s->window.max))
        drop(s, len);
    if (s->window.len + CHUNK > s->window.max) {
        s->stop = STOP_WINDOW;
        return GW_FATAL;
    }
    if (!buf_room(&s->window, CHUNK)) {
        s->window.failed = false;
        s->stop = STOP_MEMORY;
        return GW_FATAL;
    }
    return GW_OK;
}

/* ---- reading and decoding ---- */

static enum gw_result read_some(struct session *s, char *to, size_t room, size_t *ret_got)
{
    enum gw_result r = s->raw_end ? GW_END : input_read(s->input, to, room, ret_got);

    if (r == GW_OK)
        return GW_OK;
    *ret_got = 0;
    if (r == GW_END) {
        s->raw_end = true;
        return GW_OK;
    }
    s->stop = STOP_WORLD;
    s->stopped = r;
    return r;
}

/* UTF-8 read where it will be looked at; what is not well-formed there goes to `raw`. */
static enum gw_result read_straight(struct session *s)
{
    char *to = s->window.data + s->window.len;
    struct gw_str text = {to, 0};
    enum gw_result r = read_some(s, to, CHUNK, &text.len);
    size_t n = s->detect ? charset_ascii(text) : charset_utf8_valid(text);

    s->window.len += n;
    buf_clear(&s->raw);
    s->raw_at = 0;
    buf_add(&s->raw, to + n, text.len - n);
    return r;
}

/* Until `raw` has that many bytes, or all there are. */
static enum gw_result read_raw(struct session *s, size_t want)
{
    enum gw_result r = GW_OK;
    size_t got;

    buf_drop(&s->raw, s->raw_at);
    s->raw_at = 0;
    while (r == GW_OK && !s->raw_end && s->raw.len < want) {
        r = read_some(s, s->raw.data + s->raw.len, CHUNK - s->raw.len, &got);
        s->raw.len += got;
    }
    return r;
}

/* The first byte beyond ASCII is at hand: what follows tells what it is. */
static enum gw_result decide(struct session *s)
{
    enum gw_result r = read_raw(s, CHUNK);

    if (r == GW_OK && !charset_detects_utf8(str_from(buf_view(&s->raw), s->raw_at)))
        s->charset = CHARSET_WINDOWS_1252;
    s->detect = false;
    return r;
}

static size_t decode_some(struct session *s)
{
    struct gw_str in = str_from(buf_view(&s->raw), s->raw_at);
    size_t room = s->window.room - s->window.len - 1;
    struct charset_step step = charset_decode(s->charset, in, s->raw_end, s->window.data + s->window.len, room);

    if (step.last_bad != SIZE_MAX)
        s->last_bad = s->base + s->window.len + step.last_bad;
    s->raw_at += step.used;
    s->window.len += step.made;
    return step.made;
}

/* GW_OK: the window has more. */
static enum gw_result fill(struct session *s)
{
    enum gw_result r = make_room(s);
    size_t before = s->window.len;

    if (r == GW_OK && s->charset == CHARSET_UTF8 && s->raw_at == s->raw.len && !s->raw_end)
        r = read_straight(s);
    while (r == GW_OK && s->window.len == before) {
        if (s->raw_at == s->raw.len && s->raw_end)
            r = GW_END;
        else if (s->detect && s->raw_at < s->raw.len)
            r = decide(s);
        else if (s->raw_at == s->raw.len || !decode_some(s))
            r = read_raw(s, s->raw.len - s->raw_at + 1);
    }
    s->window.data[s->window.len] = '\0';
    return r;
}

static void show_more(struct session *s)
{
    size_t hidden = s->window.len - s->shown;

    s->shown += s->limits.step && s->limits.step < hidden ? s->limits.step : hidden;
}

enum gw_result window_peek(struct session *s, size_t min, struct gw_str *ret)
{
    enum gw_result r = GW_OK;

    if (min > s->limits.record_bytes + CHUNK) {
        s->stop = STOP_WINDOW;
        r = GW_FATAL;
    }
    while (r == GW_OK && s->shown - s->at < min) {
        if (s->shown == s->window.len)
            r = fill(s);
        show_more(s);
    }
    *ret = (struct gw_str){s->window.data + s->at, s->shown - s->at};
    return r;
}

void window_consume(struct session *s, size_t len)
{
    s->at += len < s->shown - s->at ? len : s->shown - s->at;
}

struct gw_str window_range(const struct session *s, uint64_t begin, uint64_t end, bool *ret_whole)
{
    uint64_t top = s->base + s->window.len;

    *ret_whole = begin >= s->base && end <= top;
    if (begin < s->base)
        begin = s->base;
    if (end > top)
        end = top;
    if (begin > end)
        begin = end;
    return (struct gw_str){s->window.data + (begin - s->base), (size_t)(end - begin)};
}
