/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Bytes and JSON strings into the writer's block. A text is copied and looked at in the same
 * pass; only a piece with something to escape is written again, byte by byte.
 */
#include "json_put.h"

#define PIECE 512u /* of a text; a byte of it takes six at most */

void out_flush(struct out *o)
{
    size_t len = (size_t)(o->at - o->block);

    o->at = o->block;
    if (len > 0 && o->failed == GW_OK)
        o->failed = o->to ? o->to(o, o->block, len) : gw_write(o->s, o->block, len);
}

void out_put(struct out *o, const char *text, size_t len)
{
    size_t n;

    for (; len > 0; text += n, len -= n) {
        n = len < JSON_BLOCK ? len : JSON_BLOCK;
        out_room(o, n);
        memcpy(o->at, text, n);
        o->at += n;
    }
}

static inline bool plain(char c, uint64_t mask)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\' && !((unsigned char)c & mask);
}

static char *put_unit(char *to, unsigned unit)
{
    static const char hex[] = "0123456789abcdef";

    to[0] = '\\';
    to[1] = 'u';
    for (int i = 0; i < 4; i++)
        to[2 + i] = hex[unit >> (12 - 4 * i) & 15];
    return to + 6;
}

static char *put_escape(char *to, unsigned char c)
{
    static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";

    for (size_t i = 0; named[i]; i += 2)
        if ((unsigned char)named[i] == c) {
            *to++ = '\\';
            *to++ = named[i + 1];
            return to;
        }
    return put_unit(to, c);
}

/* One character beyond ASCII as \uXXXX; *len: its bytes. What is no UTF-8 becomes U+FFFD. */
static char *put_wide(char *to, const unsigned char *p, size_t left, size_t *ret_len)
{
    size_t len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2, i;
    uint32_t c = p[0] & (0x7Fu >> len);

    for (i = 1; i < len && i < left && (p[i] & 0xC0) == 0x80; i++)
        c = c << 6 | (p[i] & 0x3F);
    *ret_len = i;
    if (i < len || p[0] < 0xC2 || c > 0x10FFFF)
        c = 0xFFFD;
    if (c < 0x10000)
        return put_unit(to, c);
    return put_unit(put_unit(to, 0xD800 + ((c - 0x10000) >> 10)), 0xDC00 + ((c - 0x10000) & 0x3FF));
}

/* A piece in which something is escaped. Returns how many of its bytes were written: with the mask a character
 * may reach beyond it. */
static size_t put_escaped(struct out *o, const char *text, size_t len, size_t left)
{
    char *to = o->at;
    size_t i, n;

    for (i = 0; i < len; i += n) {
        n = 1;
        if (plain(text[i], o->mask))
            *to++ = text[i];
        else if ((unsigned char)text[i] < 0x80)
            to = put_escape(to, (unsigned char)text[i]);
        else
            to = put_wide(to, (const unsigned char *)text + i, left - i, &n);
    }
    o->at = to;
    return i;
}

void out_text(struct out *o, const char *text, size_t len)
{
    size_t at, n;

    out_char(o, '"');
    for (at = 0; at < len; at += n) {
        n = len - at < PIECE ? len - at : PIECE;
        out_room(o, 6 * PIECE + 16);
        if (copy_plain(o->at, text + at, n, o->mask))
            o->at += n;
        else
            n = put_escaped(o, text + at, n, len - at);
    }
    out_char(o, '"');
}

static size_t digits(const char *p, size_t len, size_t at)
{
    while (at < len && p[at] >= '0' && p[at] <= '9')
        at++;
    return at;
}

bool json_number(const char *p, size_t len)
{
    size_t at = len > 0 && p[0] == '-', whole = digits(p, len, at), next;

    if (whole == at || (p[at] == '0' && whole > at + 1))
        return false;
    at = whole;
    if (at < len && p[at] == '.') {
        next = digits(p, len, at + 1);
        if (next == at + 1)
            return false;
        at = next;
    }
    if (at < len && (p[at] | 0x20) == 'e') {
        at++;
        at += at < len && (p[at] == '+' || p[at] == '-');
        next = digits(p, len, at);
        if (next == at)
            return false;
        at = next;
    }
    return at == len;
}
