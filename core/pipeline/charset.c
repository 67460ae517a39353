/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Tables and loops of the character sets. Nearly all text is ASCII, so each loop first runs
 * over 16 ASCII bytes at a time and looks at single characters only where that stops.
 */
#include "pipeline/charset.h"

#include <strings.h>

#include "base/str.h"

#define ROW(x)                                                                                                 \
    x, x + 1, x + 2, x + 3, x + 4, x + 5, x + 6, x + 7, x + 8, x + 9, x + 10, x + 11, x + 12, x + 13, x + 14,  \
        x + 15
#define ROWS_C0 ROW(0xc0), ROW(0xd0), ROW(0xe0), ROW(0xf0)

/* The code points of bytes 0x80 to 0xff. The five holes of windows-1252 are the C1 controls. */
static const uint16_t high_1252[128] = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6,    0x2030,    0x0160, 0x2039,
    0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d,    0x2022,    0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178, ROW(0xa0), ROW(0xb0), ROWS_C0};
static const uint16_t high_8859_1[128] = {ROW(0x80), ROW(0x90), ROW(0xa0), ROW(0xb0), ROWS_C0};
static const uint16_t high_8859_15[128] = {
    ROW(0x80), ROW(0x90), 0xa0,  0xa1, 0xa2, 0xa3, 0x20ac, 0xa5,  0x160, 0xa7, 0x161,  0xa9,
    0xaa,      0xab,      0xac,  0xad, 0xae, 0xaf, 0xb0,   0xb1,  0xb2,  0xb3, 0x17d,  0xb5,
    0xb6,      0xb7,      0x17e, 0xb9, 0xba, 0xbb, 0x152,  0x153, 0x178, 0xbf, ROWS_C0};

static const uint16_t *const high[] = {
    [CHARSET_WINDOWS_1252] = high_1252,
    [CHARSET_ISO_8859_1] = high_8859_1,
    [CHARSET_ISO_8859_15] = high_8859_15,
};

#define HIGH_BITS  0x8080808080808080u
#define INCOMPLETE 8u

/* ---- names ---- */

static const struct {
    const char *key; /* lower case, letters and digits only */
    enum charset charset;
} names[] = {
    {"utf8", CHARSET_UTF8},
    {"utf16", CHARSET_UTF16LE},
    {"utf16le", CHARSET_UTF16LE},
    {"utf16be", CHARSET_UTF16BE},
    {"windows1252", CHARSET_WINDOWS_1252},
    {"cp1252", CHARSET_WINDOWS_1252},
    {"iso88591", CHARSET_ISO_8859_1},
    {"latin1", CHARSET_ISO_8859_1},
    {"iso885915", CHARSET_ISO_8859_15},
    {"latin9", CHARSET_ISO_8859_15},
};

bool charset_find(struct gw_str name, enum charset *ret)
{
    char key[16];
    size_t len = 0;

    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
            continue;
        if (len == sizeof(key))
            return false;
        key[len++] = c;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (str_is((struct gw_str){key, len}, names[i].key)) {
            *ret = names[i].charset;
            return true;
        }
    }
    return false;
}

const char *charset_name(enum charset c)
{
    static const char *const shown[] = {
        [CHARSET_UTF8] = "UTF-8",
        [CHARSET_UTF16LE] = "UTF-16LE",
        [CHARSET_UTF16BE] = "UTF-16BE",
        [CHARSET_WINDOWS_1252] = "windows-1252",
        [CHARSET_ISO_8859_1] = "ISO-8859-1",
        [CHARSET_ISO_8859_15] = "ISO-8859-15",
    };

    return shown[c];
}

/* ---- which one ---- */

/* The encoding="..." of an XML declaration, absent if there is none. */
static struct gw_str declared(struct gw_str head)
{
    static const struct gw_str none = {NULL, 0};
    size_t at, end;
    char quote[1];

    if (head.len > 512)
        head.len = 512;
    if (!str_begins(head, GW_STR("<?xml")) || !str_find(head, GW_STR("?>"), &end))
        return none;
    head.len = end;
    if (!str_find(head, GW_STR("encoding"), &at))
        return none;
    head = str_trim(str_from(head, at + 8));
    if (!str_begins(head, GW_STR("=")))
        return none;
    head = str_trim(str_from(head, 1));
    if (!head.len || (head.ptr[0] != '"' && head.ptr[0] != '\''))
        return none;
    quote[0] = head.ptr[0];
    head = str_from(head, 1);
    if (!str_find(head, (struct gw_str){quote, 1}, &end))
        return none;
    return (struct gw_str){head.ptr, end};
}

static bool byte_order_mark(struct gw_str head, struct charset_choice *ret)
{
    static const struct {
        struct gw_str mark;
        enum charset charset;
    } marks[] = {
        {GW_STR_INIT("\xef\xbb\xbf"), CHARSET_UTF8},
        {GW_STR_INIT("\xff\xfe"), CHARSET_UTF16LE},
        {GW_STR_INIT("\xfe\xff"), CHARSET_UTF16BE},
    };

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (str_begins(head, marks[i].mark)) {
            ret->charset = marks[i].charset;
            ret->bom = marks[i].mark.len;
            return true;
        }
    }
    return false;
}

/* UTF-16 without a mark: every other of the first four bytes is NUL. */
static bool looks_wide(struct gw_str head, enum charset *ret)
{
    if (head.len < 4)
        return false;
    if (head.ptr[0] && !head.ptr[1] && head.ptr[2] && !head.ptr[3]) {
        *ret = CHARSET_UTF16LE;
        return true;
    }
    *ret = CHARSET_UTF16BE;
    return !head.ptr[0] && head.ptr[1] && !head.ptr[2] && head.ptr[3];
}

static bool is_word(struct gw_str s, const char *word)
{
    return s.len == strlen(word) && strncasecmp(s.ptr, word, s.len) == 0;
}

enum gw_result charset_choose(struct gw_str head, struct gw_str configured, struct charset_choice *ret)
{
    struct gw_str name;

    *ret = (struct charset_choice){.charset = CHARSET_UTF8};
    if (byte_order_mark(head, ret) || looks_wide(head, &ret->charset))
        return GW_OK;
    name = declared(head);
    if (name.len) {
        ret->charset = CHARSET_UTF8;
        if (is_word(name, "us-ascii") || is_word(name, "ascii"))
            return GW_OK;
        if (charset_find(name, &ret->charset)) {
            /* the declaration could be read as bytes, so they are no UTF-16 whatever it says */
            if (ret->charset == CHARSET_UTF16LE || ret->charset == CHARSET_UTF16BE)
                ret->charset = CHARSET_UTF8;
            return GW_OK;
        }
    } else {
        ret->charset = CHARSET_UTF8;
        name = configured;
        ret->detect = is_word(name, "detect");
        if (!name.len || ret->detect || is_word(name, "declared") || charset_find(name, &ret->charset))
            return GW_OK;
    }
    ret->of = name;
    return GW_REJECT;
}

/* ---- UTF-8 ---- */

/* Index of the first byte with its high bit set, in what was loaded from memory. */
static inline size_t first_high(uint64_t bits)
{
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        return (size_t)__builtin_ctzll(bits) / 8;
    return (size_t)__builtin_clzll(bits) / 8;
}

static inline uint64_t load8(const unsigned char *p)
{
    uint64_t x;

    memcpy(&x, p, 8);
    return x;
}

static inline uint64_t load32(const unsigned char *p)
{
    return load8(p) | load8(p + 8) | load8(p + 16) | load8(p + 24);
}

/* Whole blocks of ASCII, for the long runs that a window is made of. */
static inline size_t ascii_blocks(const unsigned char *p, size_t len)
{
    size_t at = 0;

    while (len - at >= 64 && !((load32(p + at) | load32(p + at + 32)) & HIGH_BITS))
        at += 64;
    return at;
}

static inline size_t ascii_run(const unsigned char *p, size_t len)
{
    size_t at = ascii_blocks(p, len);
    uint64_t a, b;

    for (; len - at >= 16; at += 16) {
        a = load8(p + at);
        b = load8(p + at + 8);
        if ((a | b) & HIGH_BITS)
            return at + (a & HIGH_BITS ? first_high(a & HIGH_BITS) : 8 + first_high(b & HIGH_BITS));
    }
    if (len - at >= 8) {
        a = load8(p + at);
        if (a & HIGH_BITS)
            return at + first_high(a & HIGH_BITS);
        at += 8;
    }
    while (at < len && p[at] < 0x80)
        at++;
    return at;
}

size_t charset_ascii(struct gw_str s)
{
    return ascii_run((const unsigned char *)s.ptr, s.len);
}

/* The same, copied on the way; `out` has len bytes of room. */
static inline size_t ascii_copy(const unsigned char *p, size_t len, char *out)
{
    size_t at = 0;
    uint64_t a, b;

    for (; len - at >= 16; at += 16) {
        memcpy(&a, p + at, 8);
        memcpy(&b, p + at + 8, 8);
        memcpy(out + at, &a, 8);
        memcpy(out + at + 8, &b, 8);
        if ((a | b) & HIGH_BITS)
            return at + (a & HIGH_BITS ? first_high(a & HIGH_BITS) : 8 + first_high(b & HIGH_BITS));
    }
    for (; at < len && p[at] < 0x80; at++)
        out[at] = (char)p[at];
    return at;
}

/* Length of the character beyond ASCII at p; 0: not well-formed; INCOMPLETE: it may become so.
 * U+EF00..U+EFFF (0xee 0xbc..0xbf) count as not well-formed: see charset.h. */
static inline size_t sequence(const unsigned char *p, size_t left)
{
    unsigned char low = 0x80, top = 0xbf;
    size_t n;

    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (n > 2) {
        low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
        top = p[0] == 0xed ? 0x9f : p[0] == 0xee ? 0xbb : p[0] == 0xf4 ? 0x8f : 0xbf;
    }
    if (left > 1 && (p[1] < low || p[1] > top))
        return 0;
    for (size_t i = 2; i < n && i < left; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return n <= left ? n : INCOMPLETE;
}

size_t charset_utf8_valid(struct gw_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t at = 0;

    while (at < s.len) {
        at += ascii_run(p + at, s.len - at);
        while (at < s.len && p[at] >= 0x80) {
            size_t n = sequence(p + at, s.len - at);

            if (n == 0 || n == INCOMPLETE)
                return at;
            at += n;
        }
    }
    return at;
}

static inline size_t put(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* ---- decoding ---- */

static void put_bad(struct charset_step *step, char *out, unsigned char byte)
{
    step->last_bad = step->made;
    step->made += put(out + step->made, 0xef00u + byte);
    step->used++;
}

static struct charset_step decode_utf8(const unsigned char *in, size_t len, bool last, char *out, size_t room)
{
    struct charset_step step = {0, 0, SIZE_MAX};

    while (step.used < len && room - step.made >= 4) {
        size_t left = len - step.used;
        size_t most = left < room - step.made ? left : room - step.made;
        size_t n = charset_utf8_valid((struct gw_str){(const char *)in + step.used, most});

        memcpy(out + step.made, in + step.used, n);
        step.used += n;
        step.made += n;
        if (n == most || room - step.made < 4)
            continue;
        n = sequence(in + step.used, left - n);
        if (n == INCOMPLETE && !last)
            break;
        if (n == 0 || n == INCOMPLETE)
            put_bad(&step, out, in[step.used]);
    }
    return step;
}

static struct charset_step decode_bytes(const uint16_t *table, const unsigned char *in, size_t len, char *out,
                                        size_t room)
{
    struct charset_step step = {0, 0, SIZE_MAX};

    while (step.used < len && room - step.made >= 4) {
        size_t left = len - step.used;
        size_t n =
            ascii_copy(in + step.used, left < room - step.made ? left : room - step.made, out + step.made);

        step.used += n;
        step.made += n;
        while (step.used < len && in[step.used] >= 0x80 && room - step.made >= 4)
            step.made += put(out + step.made, table[in[step.used++] - 0x80]);
    }
    return step;
}

static inline uint32_t unit(const unsigned char *p, bool big)
{
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static struct charset_step decode_wide(bool big, const unsigned char *in, size_t len, bool last, char *out,
                                       size_t room)
{
    struct charset_step step = {0, 0, SIZE_MAX};

    while (step.used < len && room - step.made >= 8) {
        const unsigned char *p = in + step.used;
        size_t left = len - step.used;
        uint32_t c = left < 2 ? 0xd800 : unit(p, big);
        uint32_t low = left < 4 ? 0 : unit(p + 2, big);

        if (!last && (left < 2 || (c >= 0xd800 && c < 0xdc00 && left < 4)))
            break;
        if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
            step.made += put(out + step.made, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
            step.used += 4;
        } else if ((c >= 0xd800 && c < 0xe000) || (c >= 0xef00 && c < 0xf000)) {
            put_bad(&step, out, p[0]);
            if (left > 1)
                put_bad(&step, out, p[1]);
        } else {
            step.made += put(out + step.made, c);
            step.used += 2;
        }
    }
    return step;
}

struct charset_step charset_decode(enum charset c, struct gw_str in, bool last, char *out, size_t room)
{
    const unsigned char *p = (const unsigned char *)in.ptr;

    switch (c) {
    case CHARSET_UTF8:
        return decode_utf8(p, in.len, last, out, room);
    case CHARSET_UTF16LE:
    case CHARSET_UTF16BE:
        return decode_wide(c == CHARSET_UTF16BE, p, in.len, last, out, room);
    case CHARSET_WINDOWS_1252:
    case CHARSET_ISO_8859_1:
    case CHARSET_ISO_8859_15:
        break;
    }
    return decode_bytes(high[c], p, in.len, out, room);
}

bool charset_detects_utf8(struct gw_str s)
{
    size_t at = charset_utf8_valid(s);

    return at == s.len || sequence((const unsigned char *)s.ptr + at, s.len - at) == INCOMPLETE;
}

void charset_decode_head(const struct charset_choice *choice, struct gw_str head, struct buf *out)
{
    enum charset c = choice->charset;
    size_t room;
    char *p;

    head = str_from(head, choice->bom < head.len ? choice->bom : head.len);
    if (choice->detect && !charset_detects_utf8(head))
        c = CHARSET_WINDOWS_1252;
    room = head.len * CHARSET_GROWTH + 8;
    p = buf_room(out, room);
    if (!p)
        return;
    out->len += charset_decode(c, head, false, p, room).made;
    out->data[out->len] = '\0';
}

size_t charset_find_bad(struct gw_str text, unsigned char *ret_byte)
{
    const unsigned char *start = (const unsigned char *)text.ptr;
    const unsigned char *p = start, *end = start + text.len;

    while (end - p >= 3 && (p = memchr(p, 0xee, (size_t)(end - p) - 2))) {
        if (p[1] >= 0xbc) {
            *ret_byte = (unsigned char)(p[1] << 6 | (p[2] & 0x3f));
            return (size_t)(p - start);
        }
        p++;
    }
    return SIZE_MAX;
}

/* ---- encoding ---- */

static uint32_t code_point(const unsigned char *p, size_t n)
{
    if (n == 2)
        return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
    if (n == 3)
        return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
}

static size_t encode_byte(const uint16_t *table, uint32_t c, char *out)
{
    if (c >= 0x80 && c < 0x100 && table[c - 0x80] == c) {
        out[0] = (char)c;
        return 1;
    }
    for (unsigned i = 0; i < 128; i++) {
        if (table[i] == c) {
            out[0] = (char)(0x80 + i);
            return 1;
        }
    }
    return 0;
}

static size_t put_unit(char *out, uint32_t u, bool big)
{
    out[0] = (char)(big ? u >> 8 : u & 0xff);
    out[1] = (char)(big ? u & 0xff : u >> 8);
    return 2;
}

/* Its bytes in that set, 0 if it has none. */
static size_t encode_char(enum charset set, uint32_t c, char out[4])
{
    bool big = set == CHARSET_UTF16BE;

    if (set == CHARSET_UTF8)
        return put(out, c);
    if (set != CHARSET_UTF16LE && !big)
        return c < 0x80 ? put(out, c) : encode_byte(high[set], c, out);
    if (c < 0x10000)
        return put_unit(out, c, big);
    put_unit(out, 0xd800 + ((c - 0x10000) >> 10), big);
    return 2 + put_unit(out + 2, 0xdc00 + ((c - 0x10000) & 0x3ff), big);
}

static bool encode_folded(enum charset set, struct gw_str character, const struct charset_fold *fold,
                          struct buf *out)
{
    struct gw_str ignored;
    struct buf folded;
    bool done;

    if (!fold)
        return false;
    buf_init(&folded, 64);
    done = fold->fold(fold->context, character, &folded) && !folded.failed &&
           charset_encode(set, buf_view(&folded), false, NULL, out, &ignored) == GW_OK;
    buf_done(&folded);
    return done;
}

static bool is_private(const unsigned char *p, size_t left)
{
    return left >= 3 && p[0] == 0xee && p[1] >= 0xbc && p[1] <= 0xbf && (p[2] & 0xc0) == 0x80;
}

static size_t encode_ascii(enum charset set, const unsigned char *p, size_t len, struct buf *out)
{
    size_t n = ascii_run(p, len);
    char two[2];

    if (!out)
        return n;
    if (set != CHARSET_UTF16LE && set != CHARSET_UTF16BE)
        buf_add(out, p, n);
    else
        for (size_t i = 0; i < n; i++)
            buf_add(out, two, put_unit(two, p[i], set == CHARSET_UTF16BE));
    return n;
}

enum gw_result charset_encode(enum charset set, struct gw_str text, bool raw, const struct charset_fold *fold,
                              struct buf *out, struct gw_str *ret_bad)
{
    const unsigned char *p = (const unsigned char *)text.ptr;
    size_t at = 0, n, made;
    char bytes[4];

    while (at < text.len) {
        at += encode_ascii(set, p + at, text.len - at, out);
        if (at == text.len)
            break;
        n = str_utf8(text, at);
        made = n > 1 ? encode_char(set, code_point(p + at, n), bytes) : 0;
        if (raw && is_private(p + at, text.len - at)) {
            bytes[0] = (char)(unsigned char)(p[at + 1] << 6 | (p[at + 2] & 0x3f));
            made = 1;
        }
        *ret_bad = (struct gw_str){text.ptr + at, n ? n : 1};
        if (!made && !encode_folded(set, *ret_bad, fold, out))
            return GW_REJECT;
        if (made && out)
            buf_add(out, bytes, made);
        at += n ? n : 1;
    }
    return GW_OK;
}
