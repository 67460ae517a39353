/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Keys as symbols without a search: after this key, that one came last time, or that other one; a comparison
 * then saves the hashing. And keys that come twice, looked for only where keys are not in their usual order.
 */
#ifndef JSON_KEYS_H
#define JSON_KEYS_H

#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#include <stdbool.h>
#include <string.h>

#include "gw/plugin.h"

#define JSON_NAMES  4096u /* symbols above this one are not remembered by a plugin */
#define JSON_MARGIN 64u   /* a text that is compared with a key may be looked at so far behind its end */

struct key {
    struct key *next, *other; /* what followed it last, and what did before */
    uint32_t object;          /* the last object in which it was looked for and met */
    uint16_t rank;            /* its place in the order in which keys were first met; 0: not known */
    uint16_t symbol;
    uint32_t ends; /* a bit for each byte of the last 16 or fewer; more, if there is no text */
    uint8_t len;   /* 0: not known, or too long to remember */
    char text[48]; /* with its quote */
};

#define JSON_KEY 47u /* the longest to remember */

struct keys {
    struct gw_session *s;
    struct key *of;     /* by symbol; the first is what comes before the first key of a record */
    struct key **slots; /* by hash: the one that was learnt last */
    struct key beyond;
    uint32_t objects;
    uint16_t ranks;
};

GW_MUST_USE enum gw_result keys_init(struct keys *k, struct gw_session *s);
/* A key that did not follow `last` last time, if it was learnt. */
struct key *keys_known(struct keys *k, struct key *last, const char *text, size_t len);
/* The same, and if not it is learnt now. NULL: GW_FATAL. */
GW_MUST_USE struct key *keys_find(struct keys *k, struct key *last, const char *text, size_t len);
/* The first member of that map that has the name of one before it, or NULL. */
const struct gw_node *keys_twice(struct keys *k, const struct gw_node *map);

static inline uint32_t json_load4(const char *p)
{
    uint32_t x;

    memcpy(&x, p, 4);
    return x;
}

/* Where the text, behind which JSON_MARGIN bytes may be looked at, is not that key and its quote: some of the
 * bits `ends` for its last bytes, or all. */
static inline uint32_t keys_differ(const struct key *key, const char *text)
{
#if defined(__SSE2__)
    const __m128i *a = (const __m128i *)(const void *)key->text, *b = (const __m128i *)(const void *)text;
    uint32_t other = ~(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(a), _mm_loadu_si128(b)));

    for (size_t len = key->len; len > 15; len -= 16) {
        if ((other & 0xFFFF) != 0)
            return UINT32_MAX;
        other = ~(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(++a), _mm_loadu_si128(++b)));
    }
    return other;
#else
    uint32_t quote = (key->ends >> 1) + 1;

    return memcmp(key->text, text, key->len) != 0 ? UINT32_MAX : text[key->len] == '"' ? 0 : quote;
#endif
}

static inline bool keys_begin(const struct key *key, const char *text)
{
    return (keys_differ(key, text) & key->ends) == 0;
}

static inline bool keys_same(const struct key *key, const char *text, size_t len)
{
    return key->len == len && memcmp(key->text, text, len) == 0;
}

/* The end of a text: its quote, unless something is escaped or cannot stand in it. */
static inline const char *json_text_end(const char *p)
{
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F);
    __m128i x, hit;
    int bits;

    for (;; p += 16) {
        x = _mm_loadu_si128((const __m128i *)(const void *)p);
        hit = _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, slash));
        bits = _mm_movemask_epi8(_mm_or_si128(hit, _mm_cmpeq_epi8(_mm_min_epu8(x, control), x)));
        if (bits)
            return p + __builtin_ctz((unsigned)bits);
    }
#else
    while ((unsigned char)*p >= 0x20 && *p != '"' && *p != '\\')
        p++;
    return p;
#endif
}

#endif
