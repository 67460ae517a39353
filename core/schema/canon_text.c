/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Normal form C. Characters below U+0300 are always in it, and no other begins with a byte below
 * 0xCC: French text is passed by looking at its bytes, eight at a time.
 */
#include "schema/canon_text.h"

#include <string.h>
#include <utf8proc.h>

#include "base/str.h"

static bool high_byte(uint64_t w)
{
    const uint64_t tops = 0x8080808080808080u;
    uint64_t high = w & tops;

    if (!high)
        return false;
    /* with the top bit off, 0xCC is 0x4C: adding 0x34 carries into the top bit from there on */
    return (((w & ~tops) + 0x3434343434343434u) & high) != 0;
}

/* The first byte that may begin a character from U+0300 on; s.len if there is none. */
static size_t plain_part(struct gw_str s)
{
    size_t at = 0;
    uint64_t w;

    for (; at + 8 <= s.len; at += 8) {
        memcpy(&w, s.ptr + at, 8);
        if (high_byte(w))
            break;
    }
    while (at < s.len && (unsigned char)s.ptr[at] < 0xCC)
        at++;
    return at;
}

/* Typographic signs and the euro: the usual company of French text; none composes or decomposes. */
static bool usual_sign(const unsigned char *p)
{
    unsigned c = (unsigned)(p[0] & 0x0F) << 12 | (unsigned)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);

    return (c >= 0x2010 && c <= 0x205E) || c == 0x20AC;
}

static bool normal(struct gw_str s, size_t at)
{
    while (at < s.len) {
        if (str_utf8(s, at) != 3 || !usual_sign((const unsigned char *)s.ptr + at))
            return false;
        at += 3;
        at += plain_part(str_from(s, at));
    }
    return true;
}

static enum gw_result compose(struct arena *a, struct gw_str text, struct gw_str *ret)
{
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    const utf8proc_uint8_t *in = (const utf8proc_uint8_t *)text.ptr;
    utf8proc_ssize_t n, size = utf8proc_decompose(in, (utf8proc_ssize_t)text.len, NULL, 0, options);
    utf8proc_int32_t *chars;

    if (size < 0)
        return GW_REJECT;
    chars = arena_alloc(a, ((size_t)size + 1) * sizeof(*chars)); /* reencode writes the bytes over them */
    if (!chars)
        return GW_FATAL;
    n = utf8proc_decompose(in, (utf8proc_ssize_t)text.len, chars, size, options);
    if (n >= 0)
        n = utf8proc_reencode(chars, n, options);
    if (n < 0)
        return GW_REJECT;
    *ret = (struct gw_str){(const char *)chars, (size_t)n};
    if (str_eq(*ret, text))
        *ret = text;
    return GW_OK;
}

enum gw_result canon_text(struct arena *a, struct gw_str text, struct gw_str *ret)
{
    size_t at = plain_part(text);

    *ret = text;
    return at == text.len || normal(text, at) ? GW_OK : compose(a, text, ret);
}
