/* SPDX-License-Identifier: EUPL-1.2 */
/* Texts copied and looked at in the same pass. Nothing asks for room, and nothing reads past an end. */
#ifndef XML_COPY_H
#define XML_COPY_H

#include "xml_bytes.h"

#define XML_PADDING ((size_t)32) /* so many bytes are copied at a time, and may be written behind what is put  \
                                  */

/* `from` has XML_PADDING bytes to spare. Returns where it ends. */
static inline char *xml_copy_padded(char *to, const char *from, size_t len)
{
    memcpy(to, from, XML_PADDING);
    for (size_t at = XML_PADDING; at < len; at += XML_PADDING)
        memcpy(to + at, from + at, XML_PADDING);
    return to + len;
}

#if defined(__SSE2__)
#include <emmintrin.h>

/* Bytes that need a second look are not zero: controls, markup, and the first byte of U+FFFE. */
static inline __m128i xml_special(__m128i x)
{
    __m128i angle = _mm_cmpeq_epi8(_mm_or_si128(x, _mm_set1_epi8(2)), _mm_set1_epi8('>'));
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(0x1f)), x);
    __m128i other =
        _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('&')), _mm_cmpeq_epi8(x, _mm_set1_epi8('\xef')));

    return _mm_or_si128(_mm_or_si128(angle, control), other);
}

static inline __m128i xml_copy16(char *to, const char *from)
{
    __m128i x = _mm_loadu_si128((const void *)from);

    _mm_storeu_si128((void *)to, x);
    return xml_special(x);
}

/* One to seven bytes, the first the lowest; those that are missing are some of them again. */
static inline uint64_t xml_few(char *to, const char *from, size_t len)
{
    uint32_t low, high;
    uint16_t two;

    if (len >= 4) {
        memcpy(&low, from, 4);
        memcpy(&high, from + len - 4, 4);
        memcpy(to, &low, 4);
        memcpy(to + len - 4, &high, 4);
        return low | (uint64_t)high << 32;
    }
    if (len == 1) {
        to[0] = from[0];
        return (unsigned char)from[0] * UINT64_C(0x0101010101010101);
    }
    memcpy(&two, from, 2);
    memcpy(to, &two, 2);
    to[len - 1] = from[len - 1];
    low = two | (uint32_t)two << 16;
    high = (unsigned char)from[len - 1] * UINT32_C(0x01010101);
    return low | (uint64_t)high << 32;
}

/* In overlapping blocks. False: something is to be looked at again, begin again. */
static inline bool xml_copy_plain(char *to, const char *from, size_t len)
{
    __m128i x;

    if (len >= 16) {
        x = xml_copy16(to + len - 16, from + len - 16);
        for (size_t i = 0; i + 16 < len; i += 16)
            x = _mm_or_si128(x, xml_copy16(to + i, from + i));
        return _mm_movemask_epi8(x) == 0;
    }
    if (len >= 8) {
        x = _mm_unpacklo_epi64(_mm_loadl_epi64((const void *)from),
                               _mm_loadl_epi64((const void *)(from + len - 8)));
        _mm_storel_epi64((void *)to, x);
        _mm_storeh_pi((void *)(to + len - 8), _mm_castsi128_ps(x));
        return _mm_movemask_epi8(xml_special(x)) == 0;
    }
    if (len == 0)
        return true;
    x = _mm_set1_epi64x((long long)xml_few(to, from, len));
    return _mm_movemask_epi8(xml_special(x)) == 0;
}
#else
static inline bool xml_copy_plain(char *to, const char *from, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)from[i];

        if (c < 0x20 || c == '&' || c == '<' || c == '>' || c == 0xef)
            return false;
        to[i] = from[i];
    }
    return true;
}
#endif

#endif
