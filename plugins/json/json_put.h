/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the writer does for each value, inline: a member's name is copied as it was laid ready, a text is copied
 * and looked at in the same pass. None of it asks for room, and none of it reads past an end.
 */
#ifndef JSON_PUT_H
#define JSON_PUT_H

#include "json.h"

/* `,"name":` as it is written, and the quote that a text begins with, not counted. What is behind it may be
 * read up to JSON_PADDING bytes further. */
struct member {
    const char *text; /* NULL: not met yet */
    uint32_t len;
};

#define JSON_PADDING 32u /* so many bytes are copied at a time, and may be written behind what is put */

/* Returns where it ends. */
static inline char *put_member_name(char *to, const char *text, size_t len)
{
    memcpy(to, text, JSON_PADDING);
    for (size_t at = JSON_PADDING; at < len; at += JSON_PADDING)
        memcpy(to + at, text + at, JSON_PADDING);
    return to + len;
}

#if defined(__SSE2__)
#include <emmintrin.h>

/* A text of one to seven bytes as a number, filled up with blanks: such a machine's first byte is the lowest.
 */
static inline uint64_t short_text(const char *from, size_t len)
{
    static const uint64_t blanks[8] = {0,
                                       UINT64_C(0x2020202020202000),
                                       UINT64_C(0x2020202020200000),
                                       UINT64_C(0x2020202020000000),
                                       UINT64_C(0x2020202000000000),
                                       UINT64_C(0x2020200000000000),
                                       UINT64_C(0x2020000000000000),
                                       UINT64_C(0x2000000000000000)};
    uint32_t low, high;
    uint16_t two;

    if (len >= 4) {
        memcpy(&low, from, 4);
        memcpy(&high, from + len - 4, 4);
        return low | (uint64_t)high << 8 * (len - 4) | blanks[len];
    }
    if (len == 1)
        return (unsigned char)from[0] | blanks[1];
    memcpy(&two, from, 2);
    return two | (uint64_t)(unsigned char)from[len - 1] << 8 * (len - 1) | blanks[len];
}

/* Where a byte cannot stand as it is, the high bit is set: below 0x20, a quote (which is 0x20 when its second
 * bit is turned, as nothing else that may stand is lower), a backslash; with the mask those above 0x7F. */
static inline __m128i special(__m128i x, uint64_t mask)
{
    __m128i turned = _mm_xor_si128(x, _mm_set1_epi8(2));
    __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(turned, _mm_set1_epi8(0x20)), turned);
    __m128i found = _mm_or_si128(low, _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));

    return mask ? _mm_or_si128(found, _mm_and_si128(x, _mm_set1_epi64x((long long)mask))) : found;
}

static inline __m128i copy16(char *to, const char *from, uint64_t mask)
{
    __m128i x = _mm_loadu_si128((const void *)from);

    _mm_storeu_si128((void *)to, x);
    return special(x, mask);
}

/* Copies in overlapping blocks. False: something must be escaped, begin again. */
static inline bool copy_plain(char *to, const char *from, size_t len, uint64_t mask)
{
    __m128i x;
    uint64_t few;

    if (len >= 16) {
        x = copy16(to + len - 16, from + len - 16, mask);
        for (size_t i = 0; i + 16 < len; i += 16)
            x = _mm_or_si128(x, copy16(to + i, from + i, mask));
        return _mm_movemask_epi8(x) == 0;
    }
    if (len >= 8) {
        x = _mm_unpacklo_epi64(_mm_loadl_epi64((const void *)from),
                               _mm_loadl_epi64((const void *)(from + len - 8)));
        _mm_storel_epi64((void *)to, x);
        _mm_storeh_pi((void *)(to + len - 8), _mm_castsi128_ps(x));
        return _mm_movemask_epi8(special(x, mask)) == 0;
    }
    if (len == 0)
        return true;
    few = short_text(from, len);
    memcpy(to, &few, 8);
    x = special(_mm_set1_epi64x((long long)few), mask);
    return _mm_movemask_epi8(x) == 0;
}
#else
/* Borrows only ever run from such a byte to the next, so that a false one costs time, no more. */
static inline uint64_t special(uint64_t x, uint64_t mask)
{
    const uint64_t ones = UINT64_MAX / 255, high = ones * 0x80;
    uint64_t quote = x ^ ones * '"', slash = x ^ ones * '\\';

    return (((x - ones * 0x20) | (quote - ones) | (slash - ones)) & ~x & high) | (x & mask);
}

static inline uint64_t copy8(char *to, const char *from, uint64_t mask)
{
    uint64_t x;

    memcpy(&x, from, 8);
    memcpy(to, &x, 8);
    return special(x, mask);
}

static inline bool copy_plain(char *to, const char *from, size_t len, uint64_t mask)
{
    uint64_t found;
    unsigned char c;

    if (len >= 8) {
        found = copy8(to + len - 8, from + len - 8, mask);
        for (size_t i = 0; i + 8 < len; i += 8)
            found |= copy8(to + i, from + i, mask);
        return found == 0;
    }
    for (size_t i = 0; i < len; i++) {
        c = (unsigned char)from[i];
        if (c < 0x20 || c == '"' || c == '\\' || (c & mask))
            return false;
        to[i] = from[i];
    }
    return true;
}
#endif

#endif
