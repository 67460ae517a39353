/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/str.h"

int str_compare(struct gw_str a, struct gw_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.ptr, b.ptr, n) : 0;

    if (c)
        return c;
    return (a.len > b.len) - (a.len < b.len);
}

/* Bytes of white space at the start (step 1) or the end of s. */
static size_t blank_start(struct gw_str s)
{
    static const struct gw_str bom = GW_STR_INIT("\xef\xbb\xbf"), hard = GW_STR_INIT("\xc2\xa0");
    unsigned char c = s.len ? (unsigned char)s.ptr[0] : 'x';

    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return 1;
    if (c < 0x80)
        return 0;
    if (str_begins(s, hard))
        return 2;
    return str_begins(s, bom) ? 3 : 0;
}

static size_t blank_end(struct gw_str s)
{
    unsigned char c = s.len ? (unsigned char)s.ptr[s.len - 1] : 'x';

    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return 1;
    if (c < 0x80)
        return 0;
    if (s.len >= 2 && memcmp(s.ptr + s.len - 2, "\xc2\xa0", 2) == 0)
        return 2;
    return s.len >= 3 && memcmp(s.ptr + s.len - 3, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

struct gw_str str_trim(struct gw_str s)
{
    size_t n;

    while ((n = blank_start(s)))
        s = str_from(s, n);
    while ((n = blank_end(s)))
        s.len -= n;
    return s;
}

struct gw_str str_cut(struct gw_str s, char c, struct gw_str *rest)
{
    const char *p = s.len ? memchr(s.ptr, c, s.len) : NULL;

    if (!p) {
        *rest = (struct gw_str){NULL, 0};
        return s;
    }
    *rest = (struct gw_str){p + 1, s.len - (size_t)(p - s.ptr) - 1};
    return (struct gw_str){s.ptr, (size_t)(p - s.ptr)};
}

bool str_among(struct gw_str words, char separator, struct gw_str word)
{
    while (words.ptr)
        if (str_eq(str_cut(words, separator, &words), word))
            return true;
    return false;
}

bool str_find(struct gw_str s, struct gw_str what, size_t *ret_at)
{
    const char *p = s.len && what.len ? memmem(s.ptr, s.len, what.ptr, what.len) : what.len ? NULL : s.ptr;

    if (!p)
        return false;
    *ret_at = (size_t)(p - s.ptr);
    return true;
}

bool str_digits(struct gw_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    return s.len > 0;
}

bool str_number(struct gw_str s, uint64_t *ret)
{
    uint64_t n = 0;

    if (!str_digits(s))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (__builtin_mul_overflow(n, 10u, &n) || __builtin_add_overflow(n, (uint64_t)(s.ptr[i] - '0'), &n))
            return false;
    *ret = n;
    return true;
}

size_t str_utf8(struct gw_str s, size_t at)
{
    const unsigned char *p = (const unsigned char *)s.ptr + at;
    size_t left = s.len - at;
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

    if (n == 0 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
        (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

bool str_valid(struct gw_str s)
{
    size_t at = 0;

    while (at < s.len) {
        size_t n = str_utf8(s, at);

        if (!n)
            return false;
        at += n;
    }
    return true;
}

size_t str_chars(struct gw_str s)
{
    const uint64_t ones = UINT64_MAX / 255;
    size_t n = 0, i = 0;
    uint64_t x;

    for (; s.len - i >= 8; i += 8) { /* less those that go on with a character: 10xxxxxx */
        memcpy(&x, s.ptr + i, 8);
        n += 8 - (size_t)((((x >> 7) & ~(x >> 6) & ones) * ones) >> 56);
    }
    for (; i < s.len; i++)
        n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
    return n;
}

struct gw_str str_chars_cut(struct gw_str s, size_t n)
{
    size_t at = 0;

    while (at < s.len && (n || ((unsigned char)s.ptr[at] & 0xc0) == 0x80)) {
        if (((unsigned char)s.ptr[at] & 0xc0) != 0x80)
            n--;
        at++;
    }
    while (at < s.len && ((unsigned char)s.ptr[at] & 0xc0) == 0x80)
        at++;
    return (struct gw_str){s.ptr, at};
}

bool str_glob(struct gw_str pattern, struct gw_str s)
{
    size_t p = 0, i = 0, star = SIZE_MAX, back = 0;

    while (i < s.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            back = i;
        } else if (p < pattern.len && (pattern.ptr[p] == '?' || pattern.ptr[p] == s.ptr[i])) {
            p++;
            i++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            i = ++back;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

uint64_t str_hash_long(const char *text, size_t len)
{
    uint64_t h = 0x9e3779b97f4a7c15u ^ len;
    uint64_t w;

    for (; len >= 8; len -= 8, text += 8) {
        memcpy(&w, text, 8);
        h = (h ^ w) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return str_hash_end(h, str_head((struct gw_str){text, len}));
}

/* Levenshtein distance, bounded: words of up to 63 bytes. */
static size_t distance(struct gw_str a, struct gw_str b)
{
    size_t row[64];

    if (a.len >= 64 || b.len >= 64)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t corner = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t change = corner + (a.ptr[i - 1] != b.ptr[j - 1]);
            size_t best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

            corner = row[j];
            row[j] = change < best ? change : best;
        }
    }
    return row[b.len];
}

const char *str_nearest(struct gw_str word, const char *const *words, size_t n)
{
    size_t best = word.len / 3 + 2;
    const char *found = NULL;

    for (size_t i = 0; i < n; i++) {
        size_t d = distance(word, str_of(words[i]));

        if (d < best) {
            best = d;
            found = words[i];
        }
    }
    return found;
}
