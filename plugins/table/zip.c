/* SPDX-License-Identifier: EUPL-1.2 */
#include "table/zip.h"

#include <string.h>

#define BLOCK          32768u
#define DIRECTORY_MOST (4u << 20)
#define END_LEN        22u /* of the end record without its comment */
#define TAIL_MOST      (END_LEN + 65535u)
#define RATIO_MOST     250u
#define RATIO_FROM     ((uint64_t)16 << 20) /* small members may be as empty as they like */
#define SIZE_MOST      ((uint64_t)1 << 46)

enum { ENCRYPTED = 1 };

static uint64_t number_at(const unsigned char *p, size_t bytes)
{
    uint64_t n = 0;

    while (bytes--)
        n = n << 8 | p[bytes];
    return n;
}

static enum gw_result damaged(const struct zip *z, const char *what)
{
    struct gw_arg arg = {"what", {what, strlen(what)}};

    return gw_fail(z->s, (struct gw_place){0}, z->codes->damaged, &arg, 1);
}

/* What should be there, or the file is damaged. */
static enum gw_result need(const struct zip *z, uint64_t at, void *data, size_t len, const char *what)
{
    enum gw_result r = gw_read_at(z->s, at, data, len);

    return r == GW_END ? damaged(z, what) : r;
}

/* ---- the directory ---- */

/* The host reads by position and says only whether something is there. */
static enum gw_result find_size(const struct zip *z, uint64_t *ret)
{
    uint64_t low = 0, high = BLOCK;
    enum gw_result r = GW_OK;
    char byte;

    while (high < SIZE_MOST && (r = gw_read_at(z->s, high - 1, &byte, 1)) == GW_OK) {
        low = high;
        high *= 2;
    }
    while (r != GW_RETRY && r != GW_FAIL && r != GW_FATAL && low + 1 < high) {
        uint64_t middle = low + (high - low) / 2;

        r = gw_read_at(z->s, middle - 1, &byte, 1);
        if (r == GW_OK)
            low = middle;
        else if (r == GW_END)
            high = middle;
    }
    *ret = low;
    return r == GW_END ? GW_OK : r;
}

/* In the tail of the file; NULL: none. */
static const unsigned char *end_record(const unsigned char *tail, size_t len)
{
    for (size_t at = len < END_LEN ? 0 : len - END_LEN + 1; at-- > 0;) {
        const unsigned char *p = tail + at;

        if (memcmp(p, "PK\5\6", 4) == 0 && number_at(p + 20, 2) <= len - at - END_LEN)
            return p;
    }
    return NULL;
}

/* Where more than 32 bits are needed, another end record says so; a locator before this one says where it is.
 */
static enum gw_result end_record_64(const struct zip *z, uint64_t at, uint64_t *start, uint64_t *len)
{
    unsigned char locator[20], end[56];
    enum gw_result r = at < sizeof(locator) ? GW_END : gw_read_at(z->s, at - 20, locator, sizeof(locator));

    if (r != GW_OK || memcmp(locator, "PK\6\7", 4) != 0)
        return r == GW_OK || r == GW_END ? damaged(z, "zip64") : r;
    r = need(z, number_at(locator + 8, 8), end, sizeof(end), "zip64");
    if (r == GW_OK && memcmp(end, "PK\6\6", 4) != 0)
        return damaged(z, "zip64");
    *len = number_at(end + 40, 8);
    *start = number_at(end + 48, 8);
    return r;
}

static enum gw_result find_directory(const struct zip *z, uint64_t *ret_start, uint64_t *ret_len)
{
    uint64_t size, len;
    unsigned char *tail;
    const unsigned char *end;
    enum gw_result r = find_size(z, &size);

    if (r != GW_OK)
        return r;
    len = size < TAIL_MOST ? size : TAIL_MOST;
    tail = gw_alloc(z->s, len + 1);
    if (!tail)
        return GW_FATAL;
    r = need(z, size - len, tail, len, "end");
    end = r == GW_OK ? end_record(tail, len) : NULL;
    if (r == GW_OK && !end)
        return damaged(z, "end of central directory");
    if (r != GW_OK)
        return r;
    *ret_len = number_at(end + 12, 4);
    *ret_start = number_at(end + 16, 4);
    if (*ret_start == UINT32_MAX || *ret_len == UINT32_MAX)
        r = end_record_64(z, size - len + (uint64_t)(end - tail), ret_start, ret_len);
    return r;
}

enum gw_result zip_open(struct zip *z, struct gw_session *s, const struct zip_codes *codes)
{
    uint64_t start = 0, len = 0;
    unsigned char *directory;
    enum gw_result r;

    *z = (struct zip){.s = s, .codes = codes};
    r = find_directory(z, &start, &len);
    if (r != GW_OK)
        return r;
    if (len > DIRECTORY_MOST || start > SIZE_MOST)
        return damaged(z, "central directory");
    directory = gw_keep(s, len + 1);
    z->block = gw_keep(s, BLOCK);
    if (!directory || !z->block)
        return GW_FATAL;
    z->directory = directory;
    z->directory_len = len;
    return len ? need(z, start, directory, len, "central directory") : GW_OK;
}

/* ---- members ---- */

static bool same_name(const unsigned char *a, struct gw_str b)
{
    for (size_t i = 0; i < b.len; i++) {
        unsigned char x = a[i] == '\\' ? '/' : a[i], y = (unsigned char)b.ptr[i];

        if (x != y && ((x | 0x20) != (y | 0x20) || (x | 0x20) < 'a' || (x | 0x20) > 'z'))
            return false;
    }
    return true;
}

/* The numbers that did not fit stand in an extra field, in this order. */
static void widen(struct zip_member *m, const unsigned char *extra, size_t len)
{
    uint64_t *const wide[] = {&m->unpacked, &m->packed, &m->at};

    while (len >= 4) {
        size_t size = number_at(extra + 2, 2);
        const unsigned char *p = extra + 4;

        if (size > len - 4)
            return;
        if (number_at(extra, 2) == 1) {
            for (size_t i = 0; i < 3; i++)
                if (*wide[i] == UINT32_MAX && (size_t)(extra + 4 + size - p) >= 8) {
                    *wide[i] = number_at(p, 8);
                    p += 8;
                }
            return;
        }
        extra += 4 + size;
        len -= 4 + size;
    }
}

enum gw_result zip_find(const struct zip *z, struct gw_str name, struct zip_member *ret)
{
    const unsigned char *p = z->directory;
    size_t left = z->directory_len;

    while (left >= 46 && memcmp(p, "PK\1\2", 4) == 0) {
        size_t name_len = number_at(p + 28, 2), extra = number_at(p + 30, 2);
        size_t whole = 46 + name_len + extra + number_at(p + 32, 2);

        if (whole > left)
            break;
        if (name_len == name.len && same_name(p + 46, name)) {
            *ret = (struct zip_member){.flags = (uint16_t)number_at(p + 8, 2),
                                       .method = (uint16_t)number_at(p + 10, 2),
                                       .crc = (uint32_t)number_at(p + 16, 4),
                                       .packed = number_at(p + 20, 4),
                                       .unpacked = number_at(p + 24, 4),
                                       .at = number_at(p + 42, 4)};
            widen(ret, p + 46 + name_len, extra);
            return GW_OK;
        }
        p += whole;
        left -= whole;
    }
    return left ? damaged(z, "central directory") : GW_END;
}

static void *z_keep(void *session, unsigned n, unsigned size)
{
    return gw_keep(session, (size_t)n * size);
}

static void z_leave(void *session, void *p)
{
    (void)session;
    (void)p;
}

/* zlib's state is made once. */
static enum gw_result make_ready(struct zip *z)
{
    int done;

    if (z->ready) {
        done = inflateReset(&z->inflate);
    } else {
        z->inflate.zalloc = z_keep;
        z->inflate.zfree = z_leave;
        z->inflate.opaque = z->s;
        done = inflateInit2(&z->inflate, -MAX_WBITS);
    }
    z->ready = done == Z_OK;
    z->inflate.avail_in = 0;
    return z->ready ? GW_OK : GW_FATAL;
}

enum gw_result zip_begin(struct zip *z, const struct zip_member *m, struct zip_stream *ret)
{
    unsigned char head[30];
    enum gw_result r;

    *ret = (struct zip_stream){.zip = z, .member = *m, .left = m->packed};
    if (m->flags & ENCRYPTED)
        return gw_fail(z->s, (struct gw_place){0}, z->codes->encrypted, NULL, 0);
    if (m->method != 0 && m->method != Z_DEFLATED)
        return damaged(z, "compression");
    if (m->at > SIZE_MOST || m->packed > SIZE_MOST || (m->method == 0 && m->packed != m->unpacked))
        return damaged(z, "member");
    r = need(z, m->at, head, sizeof(head), "member");
    if (r == GW_OK && memcmp(head, "PK\3\4", 4) != 0)
        return damaged(z, "member");
    ret->at = m->at + sizeof(head) + number_at(head + 26, 2) + number_at(head + 28, 2);
    ret->crc = (uint32_t)crc32(0, NULL, 0);
    return r == GW_OK && m->method ? make_ready(z) : r;
}

/* ---- bytes ---- */

static enum gw_result take(struct zip_stream *st, void *to, size_t room, size_t *ret_got)
{
    size_t len = st->left < room ? (size_t)st->left : room;
    enum gw_result r = need(st->zip, st->at, to, len, "member");

    st->at += len;
    st->left -= len;
    *ret_got = len;
    return r;
}

static enum gw_result unpack(struct zip_stream *st, void *to, size_t room, size_t *ret_got)
{
    z_stream *z = &st->zip->inflate;
    enum gw_result r = GW_OK;
    int done = Z_OK;

    z->next_out = to;
    z->avail_out = (unsigned)(room < (1u << 30) ? room : 1u << 30);
    room = z->avail_out;
    while (r == GW_OK && done == Z_OK && z->avail_out == room) {
        if (z->avail_in == 0 && st->left) {
            size_t got;

            r = take(st, st->zip->block, BLOCK, &got);
            z->next_in = st->zip->block;
            z->avail_in = (unsigned)got;
        }
        if (r == GW_OK)
            done = inflate(z, Z_NO_FLUSH);
    }
    *ret_got = room - z->avail_out;
    if (r != GW_OK || done == Z_MEM_ERROR)
        return r == GW_OK ? GW_FATAL : r;
    st->ended = done == Z_STREAM_END;
    return *ret_got ? GW_OK : damaged(st->zip, "member");
}

static enum gw_result check_sum(const struct zip_stream *st)
{
    return !ZIP_SUMS || st->crc == st->member.crc ? GW_END : damaged(st->zip, "CRC");
}

enum gw_result zip_read(struct zip_stream *st, void *data, size_t room, size_t *ret_got)
{
    uint64_t left = st->member.unpacked - st->made;
    enum gw_result r;

    *ret_got = 0;
    if (left == 0)
        return check_sum(st);
    if (room > left)
        room = (size_t)left;
    r = st->member.method ? unpack(st, data, room, ret_got) : take(st, data, room, ret_got);
    if (r != GW_OK)
        return r;
    st->crc = (uint32_t)crc32(st->crc, data, (unsigned)*ret_got);
    st->made += *ret_got;
    if (st->made > RATIO_FROM && st->made / RATIO_MOST > st->member.packed) {
        char digits[20];
        struct gw_arg limit = {"limit", gw_digits(RATIO_MOST, digits)};

        return gw_fail(st->zip->s, (struct gw_place){0}, st->zip->codes->bomb, &limit, 1);
    }
    return GW_OK;
}
