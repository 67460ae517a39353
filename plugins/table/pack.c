/* SPDX-License-Identifier: EUPL-1.2 */
#include "table/pack.h"

#include <string.h>

#define BLOCK   16384u
#define LEVEL   4
#define DAY     0x21u /* 1980-01-01, the first there is */
#define BEHIND  8u    /* flag: sizes stand behind the member */
#define VERSION 20u

static void *z_keep(void *session, unsigned n, unsigned size)
{
    return gw_keep(session, (size_t)n * size);
}

static void z_leave(void *session, void *p)
{
    (void)session;
    (void)p;
}

static unsigned char *put_number(unsigned char *to, uint64_t n, unsigned bytes)
{
    for (; bytes; bytes--, n >>= 8)
        *to++ = (unsigned char)n;
    return to;
}

static enum gw_result out(struct pack *p, const void *data, size_t len)
{
    p->written += len;
    return gw_write(p->s, data, len);
}

/* What zlib has made goes out; until it has taken all, or with Z_FINISH made all. */
static enum gw_result run(struct pack *p, int flush)
{
    z_stream *z = &p->deflate;
    enum gw_result r = GW_OK;
    int done = Z_OK;

    do {
        size_t len;

        z->next_out = p->block;
        z->avail_out = BLOCK;
        done = deflate(z, flush);
        len = BLOCK - z->avail_out;
        p->members[p->count - 1].packed += len;
        r = len ? out(p, p->block, len) : GW_OK;
    } while (r == GW_OK && (z->avail_in || (flush == Z_FINISH && done == Z_OK)));
    return r;
}

static enum gw_result make_ready(struct pack *p)
{
    z_stream *z = &p->deflate;

    if (p->ready)
        return deflateReset(z) == Z_OK ? GW_OK : GW_FATAL;
    *z = (z_stream){.zalloc = z_keep, .zfree = z_leave, .opaque = p->s};
    p->block = gw_keep(p->s, BLOCK);
    p->ready = p->block && deflateInit2(z, LEVEL, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    return p->ready ? GW_OK : GW_FATAL;
}

/* What stands before a member and again in the directory, from the version on. */
static unsigned char *put_head(unsigned char *to, const struct pack_member *m, bool known)
{
    to = put_number(to, VERSION, 2);
    to = put_number(to, m->stored ? 0 : BEHIND, 2);
    to = put_number(to, m->stored ? 0 : Z_DEFLATED, 2);
    to = put_number(to, (uint64_t)DAY << 16, 4);
    to = put_number(to, known ? m->crc : 0, 4);
    to = put_number(to, known ? m->packed : 0, 4);
    to = put_number(to, known ? m->unpacked : 0, 4);
    to = put_number(to, strlen(m->name), 2);
    return put_number(to, 0, 2);
}

enum gw_result pack_begin(struct pack *p, const char *name)
{
    struct pack_member *m = &p->members[p->count++];
    unsigned char head[30];
    enum gw_result r = make_ready(p);

    if (r != GW_OK)
        return r;
    *m = (struct pack_member){.name = name, .at = (uint32_t)p->written, .crc = (uint32_t)crc32(0, NULL, 0)};
    memcpy(head, "PK\3\4", 4);
    put_head(head + 4, m, false);
    r = out(p, head, sizeof(head));
    return r == GW_OK ? out(p, name, strlen(name)) : r;
}

enum gw_result pack_put(struct pack *p, const void *data, size_t len)
{
    struct pack_member *m = &p->members[p->count - 1];

    m->crc = (uint32_t)crc32(m->crc, data, (unsigned)len);
    m->unpacked += len;
    p->deflate.next_in = (unsigned char *)(uintptr_t)data;
    p->deflate.avail_in = (unsigned)len;
    return run(p, Z_NO_FLUSH);
}

enum gw_result pack_end(struct pack *p)
{
    const struct pack_member *m = &p->members[p->count - 1];
    unsigned char tail[16];
    enum gw_result r;

    p->deflate.avail_in = 0;
    r = run(p, Z_FINISH);
    memcpy(tail, "PK\7\10", 4);
    put_number(tail + 4, m->crc, 4);
    put_number(tail + 8, m->packed, 4);
    put_number(tail + 12, m->unpacked, 4);
    return r == GW_OK ? out(p, tail, sizeof(tail)) : r;
}

enum gw_result pack_text(struct pack *p, const char *name, const char *text)
{
    enum gw_result r = pack_begin(p, name);

    if (r == GW_OK)
        r = pack_put(p, text, strlen(text));
    return r == GW_OK ? pack_end(p) : r;
}

enum gw_result pack_stored(struct pack *p, const char *name, const char *text)
{
    struct pack_member *m = &p->members[p->count++];
    size_t len = strlen(text);
    unsigned char head[30];
    enum gw_result r;

    *m = (struct pack_member){
        .name = name, .at = (uint32_t)p->written, .packed = len, .unpacked = len, .stored = true};
    m->crc = (uint32_t)crc32(crc32(0, NULL, 0), (const unsigned char *)text, (unsigned)len);
    memcpy(head, "PK\3\4", 4);
    put_head(head + 4, m, true);
    r = out(p, head, sizeof(head));
    if (r == GW_OK)
        r = out(p, name, strlen(name));
    return r == GW_OK ? out(p, text, len) : r;
}

static enum gw_result put_entry(struct pack *p, const struct pack_member *m)
{
    unsigned char entry[46] = "PK\1\2";
    enum gw_result r;

    put_number(entry + 4, VERSION, 2);
    put_head(entry + 6, m, true);
    put_number(entry + 42, m->at, 4);
    r = out(p, entry, sizeof(entry));
    return r == GW_OK ? out(p, m->name, strlen(m->name)) : r;
}

enum gw_result pack_finish(struct pack *p, bool *ret_fits)
{
    uint64_t start = p->written;
    unsigned char end[22] = "PK\5\6";
    enum gw_result r = GW_OK;

    *ret_fits = start < UINT32_MAX;
    for (size_t i = 0; i < p->count; i++)
        *ret_fits &= p->members[i].unpacked < UINT32_MAX;
    for (size_t i = 0; r == GW_OK && i < p->count; i++)
        r = put_entry(p, &p->members[i]);
    put_number(end + 8, p->count, 2);
    put_number(end + 10, p->count, 2);
    put_number(end + 12, p->written - start, 4);
    put_number(end + 16, start, 4);
    return r == GW_OK ? out(p, end, sizeof(end)) : r;
}
