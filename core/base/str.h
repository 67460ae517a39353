/* SPDX-License-Identifier: EUPL-1.2 */
/* What one does with a view: compare, trim, cut, walk its UTF-8. Nothing here allocates. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "gw/base.h"

#define STR_ARG(s) (int)(s).len, (s).ptr /* for "%.*s" */

static inline struct gw_str str_of(const char *text)
{
    return (struct gw_str){text, text ? strlen(text) : 0};
}

static inline bool str_eq(struct gw_str a, struct gw_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_is(struct gw_str a, const char *text)
{
    return str_eq(a, str_of(text));
}

static inline bool str_begins(struct gw_str s, struct gw_str with)
{
    return s.len >= with.len && (with.len == 0 || memcmp(s.ptr, with.ptr, with.len) == 0);
}

static inline struct gw_str str_from(struct gw_str s, size_t at)
{
    return at ? (struct gw_str){s.ptr + at, s.len - at} : s;
}

int str_compare(struct gw_str a, struct gw_str b);
/* Blanks, tabs, line ends, U+00A0 and U+FEFF at both ends. */
struct gw_str str_trim(struct gw_str s);
/* Cuts at the first `c`: returns what is before, *rest is what is behind (ptr NULL when there is no `c`). */
struct gw_str str_cut(struct gw_str s, char c, struct gw_str *rest);
/* Is it one of these words, with `separator` between them? */
bool str_among(struct gw_str words, char separator, struct gw_str word);
bool str_find(struct gw_str s, struct gw_str what, size_t *ret_at);
bool str_digits(struct gw_str s);                /* one or more, and nothing else */
bool str_number(struct gw_str s, uint64_t *ret); /* digits only, no overflow */
/* Length in bytes of the well-formed UTF-8 character at `at`, 0 if it is not one. */
size_t str_utf8(struct gw_str s, size_t at);
bool str_valid(struct gw_str s);
size_t str_chars(struct gw_str s);                      /* characters, not bytes */
struct gw_str str_chars_cut(struct gw_str s, size_t n); /* its first n characters */
/* With * and ?, anchored at both ends. */
bool str_glob(struct gw_str pattern, struct gw_str s);
/* Its first eight bytes as a number, the first the lowest; a shorter text has zeros behind it. */
static inline uint64_t str_head(struct gw_str s)
{
    uint64_t head;
    uint32_t four;

    if (s.len >= 8) {
        memcpy(&head, s.ptr, 8);
        return le64toh(head);
    }
    if (s.len < 4) {
        if (!s.len)
            return 0;
        head = (unsigned char)s.ptr[0];
        head |= (uint64_t)(unsigned char)s.ptr[s.len / 2] << 8 * (s.len / 2);
        return head | (uint64_t)(unsigned char)s.ptr[s.len - 1] << 8 * (s.len - 1);
    }
    memcpy(&four, s.ptr, 4);
    head = le32toh(four);
    memcpy(&four, s.ptr + s.len - 4, 4);
    return head | (uint64_t)le32toh(four) << 8 * (s.len - 4);
}

uint64_t str_hash_long(const char *text, size_t len);

static inline uint64_t str_hash_end(uint64_t h, uint64_t rest)
{
    h = (h ^ rest) * 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 29;
}

static inline uint64_t str_hash(const char *text, size_t len)
{
    return len < 8 ? str_hash_end(0x9e3779b97f4a7c15u ^ len, str_head((struct gw_str){text, len}))
                   : str_hash_long(text, len);
}

static inline bool str_ascii(struct gw_str s)
{
    uint64_t bits = 0, eight;

    for (; s.len >= 8; s = str_from(s, 8)) {
        memcpy(&eight, s.ptr, 8);
        bits |= eight;
    }
    return !((bits | str_head(s)) & 0x8080808080808080u);
}

/* The bytes of a text of one to eight as a number; 0 of one that is empty, longer or ends in NUL. So no two
 * texts have the same number but 0. */
static inline uint64_t str_key(struct gw_str s)
{
    return s.len == 0 || s.len > 8 || !s.ptr[s.len - 1] ? 0 : str_head(s);
}

/* The nearest of `n` words, or NULL when none is near: for "did you mean". */
const char *str_nearest(struct gw_str word, const char *const *words, size_t n);

#endif
