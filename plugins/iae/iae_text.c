/* SPDX-License-Identifier: EUPL-1.2 */
/* Shapes and keys of texts, and how a rule speaks. */
#include "iae.h"

#include <string.h>

#define OTHER 0x8000u

static const uint16_t classes_of[256] = {
    [0 ... 31] = OTHER,
    [127 ... 255] = OTHER,
    [' '] = IAE_BLANK,
    ['!' ... '\''] = IAE_SIGN,
    ['(' ... ')'] = IAE_BRACKET,
    ['*' ... ','] = IAE_SIGN,
    ['-'] = IAE_HYPHEN,
    ['.' ... '/'] = IAE_SIGN,
    ['0' ... '9'] = IAE_DIGIT,
    [':' ... '?'] = IAE_SIGN,
    ['@'] = IAE_AT,
    ['A' ... 'Z'] = IAE_UPPER,
    ['[' ... '`'] = IAE_SIGN,
    ['a' ... 'f'] = IAE_A_TO_F,
    ['g' ... 'z'] = IAE_G_TO_Z,
    ['{' ... '~'] = IAE_SIGN,
};

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Eight digits: 3 is the upper half of each, also with 6 added. */
static bool eight_digits(const char *p)
{
    uint64_t w;

    memcpy(&w, p, 8);
    return (w & (w + 0x0606060606060606u) & 0xf0f0f0f0f0f0f0f0u) == 0x3030303030303030u;
}

/* Eight printed characters without a blank: none wraps below '!', none goes beyond 0x7f. */
static bool eight_visible(const char *p)
{
    uint64_t w;

    memcpy(&w, p, 8);
    return !((w | (w - 0x2121212121212121u) | (w + 0x0101010101010101u)) & 0x8080808080808080u);
}

/* By eights, the last one over what was seen already; shorter texts are not for it. */
static inline __attribute__((always_inline)) bool all_eights(struct gw_str s, bool (*eight)(const char *p))
{
    for (size_t i = 0; i + 8 <= s.len; i += 8)
        if (!eight(s.ptr + i))
            return false;
    return eight(s.ptr + s.len - 8);
}

/* Every class of which there is a character. */
static unsigned classes_in(struct gw_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr, *end = p + s.len;
    unsigned in = 0;

    for (; end - p >= 4; p += 4)
        in |= classes_of[p[0]] | classes_of[p[1]] | classes_of[p[2]] | classes_of[p[3]];
    for (; p < end; p++)
        in |= classes_of[*p];
    return in;
}

bool iae_all(struct gw_str s, unsigned classes)
{
    if (s.len >= 8 && classes == IAE_DIGIT)
        return all_eights(s, eight_digits);
    if (s.len >= 8 && classes == (IAE_PRINTED & ~IAE_BLANK))
        return all_eights(s, eight_visible);
    return s.len > 0 && !(classes_in(s) & ~classes);
}

uint64_t iae_number(struct gw_str digits)
{
    uint64_t number = 0;

    for (size_t i = 0; i < digits.len; i++)
        number = number * 10 + (uint64_t)(digits.ptr[i] - '0');
    return number;
}

int iae_order(struct gw_str a, struct gw_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = memcmp(a.ptr, b.ptr, n);

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static bool fits_mark(char c, char mark)
{
    switch (mark) {
    case '9':
        return iae_is_digit(c);
    case '@':
        return is_upper(c);
    case '*':
        return iae_is_digit(c) || is_upper(c);
    default:
        return c == mark;
    }
}

bool iae_shape(struct gw_str s, const char *pattern)
{
    size_t i = 0;

    for (; i < s.len && pattern[i]; i++)
        if (!fits_mark(s.ptr[i], pattern[i]))
            return false;
    return i == s.len && !pattern[i];
}

bool iae_is_day(struct gw_str s)
{
    char digits[8];

    if (s.len != 10 || s.ptr[4] != '-' || s.ptr[7] != '-')
        return false;
    memcpy(digits, s.ptr, 4);
    memcpy(digits + 4, s.ptr + 5, 2);
    memcpy(digits + 6, s.ptr + 8, 2);
    return eight_digits(digits);
}

/* Bytes of the blank at the start of s: ASCII, U+00A0, U+2009, U+202F. */
static size_t blank(struct gw_str s)
{
    if (s.ptr[0] == ' ' || s.ptr[0] == '\t')
        return 1;
    if (s.len >= 2 && memcmp(s.ptr, "\xc2\xa0", 2) == 0)
        return 2;
    if (s.len >= 3 && (memcmp(s.ptr, "\xe2\x80\xaf", 3) == 0 || memcmp(s.ptr, "\xe2\x80\x89", 3) == 0))
        return 3;
    return 0;
}

struct gw_str iae_bare(struct gw_call *c, struct gw_str s, bool upper)
{
    struct gw_str ret = {NULL, 0};
    size_t at = 0;
    char *room;

    if (!s.len || iae_all(s, IAE_PRINTED & ~(upper ? IAE_BLANK | IAE_SMALL : IAE_BLANK)))
        return s;
    while (at < s.len && !blank(iae_from(s, at)) && !(upper && s.ptr[at] >= 'a' && s.ptr[at] <= 'z'))
        at++;
    if (at == s.len)
        return s;
    room = c->alloc(c, s.len);
    if (!room)
        return ret;
    ret.ptr = room;
    for (at = 0; at < s.len;) {
        size_t n = blank(iae_from(s, at));
        char ch = s.ptr[at];

        if (!n)
            room[ret.len++] = upper && ch >= 'a' && ch <= 'z' ? (char)(ch - 'a' + 'A') : ch;
        at += n ? n : 1;
    }
    return ret;
}

bool iae_luhn(struct gw_str digits)
{
    static const uint8_t doubled[10] = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};
    size_t n = digits.len;
    unsigned sum = 0;

    for (; n >= 2; n -= 2)
        sum += (unsigned)(digits.ptr[n - 1] - '0') + doubled[(digits.ptr[n - 2] - '0') & 15];
    if (n)
        sum += (unsigned)(digits.ptr[0] - '0');
    return sum % 10 == 0;
}

static unsigned sum_of_digits(struct gw_str s)
{
    unsigned sum = 0;

    for (size_t i = 0; i < s.len; i++)
        sum += (unsigned)(s.ptr[i] - '0');
    return sum;
}

bool iae_siret_key(struct gw_str s)
{
    if (iae_luhn(s))
        return true;
    return s.len == 14 && memcmp(s.ptr, "356000000", 9) == 0 && sum_of_digits(s) % 5 == 0;
}

void iae_say(struct gw_call *c, enum gw_severity severity, size_t field, const char *code)
{
    c->report(c, severity, field, code, NULL, 0);
}

enum gw_result iae_refuse(struct gw_call *c, const char *code)
{
    iae_say(c, GW_ERROR, 0, code);
    return GW_REJECT;
}

enum gw_lookup iae_lookup(struct gw_call *c, const char *list, struct gw_str native, struct gw_str day,
                          size_t field)
{
    struct gw_entry entry;
    enum gw_lookup found = c->lookup(c, list, native, day, &entry);

    if (found != GW_NO_LIST)
        return found;
    c->report(c, GW_WARNING, field, "iae.no_list", &(struct gw_arg){"list", {list, strlen(list)}}, 1);
    return GW_FOUND;
}

enum gw_result iae_keep(struct gw_call *c, const struct gw_str *in, struct gw_str *out, bool upper,
                        bool (*fits)(struct gw_str s), const char *code)
{
    struct gw_str s = {NULL, 0};

    *out = s;
    if (iae_absent(*in))
        return GW_OK;
    s = iae_bare(c, *in, upper);
    if (!s.ptr)
        return GW_FATAL;
    if (!fits(s))
        return iae_refuse(c, code);
    *out = s;
    return GW_OK;
}
