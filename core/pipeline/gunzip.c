/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * gzip by zlib, which verifies the checksum and the length behind each member (libarchive does
 * not). Members that follow one another are one text; behind the last one only zeros may stand.
 */
#include "pipeline/gunzip.h"

#include <string.h>
#include <zlib.h>

#include "base/arena.h"
#include "base/str.h"

#define GZIP_ONLY (MAX_WBITS + 16) /* zlib's way to say: with gzip's header and trailer */

#define AT_ONCE (1u << 30) /* zlib counts in 32 bits */

struct gunzip {
    z_stream z;
    bool between; /* a member is at its end, the next has not begun */
    bool padded;  /* zeros have come: nothing else may */
};

static enum gw_result no_memory(struct input *in)
{
    return input_fault(in, GW_FATAL, "memory.out", NULL, 0);
}

enum gw_result gunzip_open(struct input *in)
{
    arena_init(&in->arena, 0, 0);
    in->gunzip = arena_zero(&in->arena, sizeof(*in->gunzip));
    if (!in->gunzip)
        return no_memory(in);
    if (inflateInit2(&in->gunzip->z, GZIP_ONLY) == Z_OK)
        return GW_OK;
    in->gunzip = NULL;
    return no_memory(in);
}

void gunzip_close(struct input *in)
{
    if (in->gunzip)
        (void)inflateEnd(&in->gunzip->z);
    in->gunzip = NULL;
    arena_done(&in->arena);
}

static struct gw_str without_gz(struct gw_str name)
{
    if (name.len > 3 && memcmp(name.ptr + name.len - 3, ".gz", 3) == 0)
        name.len -= 3;
    return name;
}

enum gw_result gunzip_next(struct input *in)
{
    if (in->members++)
        return GW_END;
    in->member = in->name;
    in->inner = without_gz(in->name);
    return GW_OK;
}

static enum gw_result damaged(struct input *in, const char *why)
{
    struct gw_arg arg = {"error", str_of(why)};

    return input_fault(in, GW_FAIL, "input.damaged", &arg, 1);
}

/* GW_OK: there are bytes to unpack. */
static enum gw_result refill(struct input *in)
{
    z_stream *z = &in->gunzip->z;
    char *p = buf_room(&in->block, INPUT_HEAD);
    enum gw_result r;
    size_t got;

    if (!p)
        return no_memory(in);
    r = input_take(in, p, INPUT_HEAD, &got);
    in->taken += got;
    z->next_in = (Bytef *)p;
    z->avail_in = (uInt)got;
    if (r == GW_END && !in->gunzip->between)
        return damaged(in, "truncated gzip file");
    return r;
}

/* Past padding, to the next member. */
static enum gw_result pass_gap(struct input *in)
{
    struct gunzip *g = in->gunzip;

    for (; g->z.avail_in && *g->z.next_in == 0; g->z.next_in++, g->z.avail_in--)
        g->padded = true;
    if (!g->z.avail_in)
        return GW_OK;
    if (g->padded)
        return damaged(in, "data behind the padding");
    g->between = false;
    return inflateReset(&g->z) == Z_OK ? GW_OK : damaged(in, "invalid state");
}

static enum gw_result inflate_some(struct input *in)
{
    struct gunzip *g = in->gunzip;
    int r = inflate(&g->z, Z_NO_FLUSH);

    g->between = r == Z_STREAM_END;
    if (r == Z_OK || r == Z_STREAM_END || r == Z_BUF_ERROR)
        return GW_OK;
    return r == Z_MEM_ERROR ? no_memory(in) : damaged(in, g->z.msg ? g->z.msg : "invalid gzip file");
}

enum gw_result gunzip_read(struct input *in, void *data, size_t room, size_t *ret_got)
{
    struct gunzip *g = in->gunzip;
    uInt most = room < AT_ONCE ? (uInt)room : AT_ONCE;
    enum gw_result r = in->fault;

    g->z.next_out = data;
    g->z.avail_out = most;
    while (r == GW_OK && g->z.avail_out == most) {
        if (!g->z.avail_in)
            r = refill(in);
        if (r == GW_OK)
            r = g->between ? pass_gap(in) : inflate_some(in);
    }
    if (r == GW_OK)
        *ret_got = most - g->z.avail_out;
    else if (r != GW_END)
        in->fault = r;
    return r;
}
