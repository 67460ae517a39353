/* SPDX-License-Identifier: EUPL-1.2 */
/* The tables against iconv(3): every byte, every code point; and that no byte is ever lost. */
#include "pipeline/charset.h"

#include <iconv.h>
#include <string.h>

#include "base/str.h"
#include "support/unit.h"

static const enum charset all[] = {CHARSET_UTF8,         CHARSET_UTF16LE,    CHARSET_UTF16BE,
                                   CHARSET_WINDOWS_1252, CHARSET_ISO_8859_1, CHARSET_ISO_8859_15};
#define ALL (sizeof(all) / sizeof(all[0]))

/* SIZE_MAX: it says that this cannot be. */
static size_t by_iconv(iconv_t cd, const char *in, size_t len, char *out, size_t room)
{
    char *from = (char *)(uintptr_t)in, *to = out;

    iconv(cd, NULL, NULL, NULL, NULL);
    if (iconv(cd, &from, &len, &to, &room) == (size_t)-1 || len)
        return SIZE_MAX;
    return (size_t)(to - out);
}

static bool is_hole(unsigned byte)
{
    return byte == 0x81 || byte == 0x8d || byte == 0x8f || byte == 0x90 || byte == 0x9d;
}

static void every_byte(void **state)
{
    (void)state;
    for (size_t i = 3; i < ALL; i++) {
        iconv_t cd = iconv_open("UTF-8", charset_name(all[i]));

        for (unsigned b = 0; b < 256; b++) {
            char in = (char)b, ours[16], theirs[16];
            struct charset_step step = charset_decode(all[i], (struct gw_str){&in, 1}, true, ours, 16);
            size_t n = by_iconv(cd, &in, 1, theirs, 16);

            assert_int_equal(step.used, 1);
            if (n == SIZE_MAX) {
                assert_true(all[i] == CHARSET_WINDOWS_1252 && is_hole(b));
                theirs[0] = (char)0xc2; /* the C1 control of that number */
                theirs[1] = (char)b;
                n = 2;
            }
            assert_int_equal(step.made, n);
            assert_memory_equal(ours, theirs, n);
            assert_true(step.last_bad == SIZE_MAX);
        }
        iconv_close(cd);
    }
}

static size_t utf8_of(uint32_t c, char out[4])
{
    static iconv_t cd;

    if (!cd)
        cd = iconv_open("UTF-8", "UCS-4LE");
    return by_iconv(cd, (char *)&c, 4, out, 4);
}

static void every_code_point(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 64);
    for (size_t i = 0; i < ALL; i++) {
        iconv_t cd = iconv_open(charset_name(all[i]), "UTF-8");

        for (uint32_t c = 0; c < 0x110000; c++) {
            char text[4], theirs[16], back[16];
            size_t len = utf8_of(c, text), n;
            struct gw_str bad;
            enum gw_result r;

            if (len == SIZE_MAX || (c >= 0xef00 && c < 0xf000) ||
                (c >= 0xe0000 && c < 0xe0080)) /* iconv drops tags */
                continue;
            n = by_iconv(cd, text, len, theirs, sizeof(theirs));
            buf_clear(&out);
            r = charset_encode(all[i], (struct gw_str){text, len}, false, NULL, &out, &bad);
            if (n == SIZE_MAX && all[i] == CHARSET_WINDOWS_1252 && is_hole(c)) {
                assert_int_equal(r, GW_OK);
                continue;
            }
            assert_int_equal(r, n == SIZE_MAX ? GW_REJECT : GW_OK);
            if (r != GW_OK)
                continue;
            assert_int_equal(out.len, n);
            assert_memory_equal(out.data, theirs, n);
            assert_int_equal(charset_decode(all[i], buf_view(&out), true, back, sizeof(back)).made, len);
            assert_memory_equal(back, text, len);
        }
        iconv_close(cd);
    }
    buf_done(&out);
}

/* Every text of up to three bytes beyond ASCII, and of four with a lead byte, is valid for both or none. */
static void what_is_utf8(void **state)
{
    iconv_t cd = iconv_open("UTF-32LE", "UTF-8");

    (void)state;
    for (uint32_t n = 0; n < 0x1000000; n++) {
        unsigned char text[4] = {(unsigned char)(0x80 | n >> 17), (unsigned char)(n >> 9),
                                 (unsigned char)(n >> 1), (unsigned char)(n & 1 ? 0x80 : 0xbf)};
        struct gw_str s = {(char *)text, text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2};
        bool private = text[0] == 0xee && text[1] >= 0xbc && text[1] <= 0xbf;
        char out[32];

        if (s.len == 3 && (n & 1))
            continue;
        assert_int_equal(!private && by_iconv(cd, s.ptr, s.len, out, sizeof(out)) != SIZE_MAX,
                         charset_utf8_valid(s) == s.len);
    }
    iconv_close(cd);
}

/* ASCII is passed over in blocks: what is none is found wherever it stands in them. */
static void ends_of_ascii(void **state)
{
    char text[200];

    (void)state;
    for (size_t len = 1; len <= sizeof(text); len++)
        for (size_t at = 0; at < len; at++) {
            memset(text, 'a', sizeof(text));
            text[at] = '\xff';
            assert_int_equal(charset_ascii((struct gw_str){text, len}), at);
            assert_int_equal(charset_utf8_valid((struct gw_str){text, len}), at);
            assert_int_equal(charset_ascii((struct gw_str){text, at}), at);
        }
}

/* A text of our own with characters of one to four bytes and of all kinds of bad bytes. */
static size_t make_text(unsigned seed, char *out, size_t len)
{
    static const char *const parts[] = {"abcdefghijklmnopqrstuvwxyz",
                                        "\xc3\xa9",
                                        "\xe2\x82\xac",
                                        "\xf0\x9f\x90\xa6",
                                        "\xff",
                                        "\x80",
                                        "\xe2\x82",
                                        "\xf0\x9f",
                                        "\xc3",
                                        "\xee\xbc\x80",
                                        "\xed\xa0\x80",
                                        "0123456789;0123456789;",
                                        "\r\n",
                                        "\x81\x8d",
                                        "\xef\xbb\xbf",
                                        "\xd8\x3d"};
    size_t at = 0;

    while (at < len) {
        const char *part = parts[(seed = seed * 1103515245 + 12345) >> 16 & 15];
        size_t n = strlen(part);

        if (n > len - at)
            n = len - at;
        memcpy(out + at, part, n);
        at += n;
    }
    return at;
}

static void decode_in_pieces(enum charset c, struct gw_str in, size_t piece, size_t room, struct buf *out)
{
    size_t at = 0, have = 0;
    char made[64];

    while (at < in.len) {
        struct charset_step step;

        have = in.len - at < have + piece ? in.len - at : have + piece;
        step = charset_decode(c, (struct gw_str){in.ptr + at, have}, at + have == in.len, made, room);
        buf_add(out, made, step.made);
        at += step.used;
        have -= step.used;
    }
}

static void nothing_is_lost(void **state)
{
    char text[600];
    struct buf once, pieces, back;
    struct gw_str bad;

    (void)state;
    buf_init(&once, 4096);
    buf_init(&pieces, 4096);
    buf_init(&back, 4096);
    for (unsigned seed = 0; seed < 300; seed++) {
        struct gw_str in = {text, make_text(seed, text, 300 + seed)};
        enum charset c = all[seed % ALL];

        buf_clear(&once);
        buf_clear(&back);
        once.len = charset_decode(c, in, true, buf_room(&once, 2000), 2000).made;
        assert_true(str_valid(buf_view(&once)));
        assert_int_equal(charset_encode(c, buf_view(&once), true, NULL, &back, &bad), GW_OK);
        assert_int_equal(back.len, in.len);
        assert_memory_equal(back.data, in.ptr, in.len);
        for (size_t piece = 1; piece < 20; piece++) {
            buf_clear(&pieces);
            decode_in_pieces(c, in, piece, 8 + piece, &pieces);
            assert_int_equal(pieces.len, once.len);
            assert_memory_equal(pieces.data, once.data, once.len);
        }
    }
    buf_done(&once);
    buf_done(&pieces);
    buf_done(&back);
}

static void invalid_bytes_are_found(void **state)
{
    static const struct {
        enum charset charset;
        struct gw_str in;
        const char *out;
        size_t bad; /* in the output, SIZE_MAX: none */
        unsigned char byte;
    } cases[] = {
        {CHARSET_UTF8, GW_STR_INIT("caf\xe9 cr\xc3\xa8me"), "caf\xee\xbf\xa9 cr\xc3\xa8me", 3, 0xe9},
        {CHARSET_UTF8, GW_STR_INIT("\xed\xa0\x80"), "\xee\xbf\xad\xee\xbe\xa0\xee\xbe\x80", 0, 0xed},
        {CHARSET_UTF8, GW_STR_INIT("ok"), "ok", SIZE_MAX, 0},
        {CHARSET_UTF8, GW_STR_INIT("\xee\xbb\xbfz"), "\xee\xbb\xbfz", SIZE_MAX, 0},
        {CHARSET_UTF16LE, GW_STR_INIT("a\0\x3d\xd8"), "a\xee\xbc\xbd\xee\xbf\x98", 1, 0x3d},
        {CHARSET_UTF16BE, GW_STR_INIT("\0a\0"), "a\xee\xbc\x80", 1, 0},
        {CHARSET_WINDOWS_1252, GW_STR_INIT("\x80\x81"), "\xe2\x82\xac\xc2\x81", SIZE_MAX, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[64];
        unsigned char byte = 0;
        struct charset_step step = charset_decode(cases[i].charset, cases[i].in, true, out, sizeof(out));

        assert_int_equal(step.made, strlen(cases[i].out));
        assert_memory_equal(out, cases[i].out, step.made);
        assert_int_equal(charset_find_bad((struct gw_str){out, step.made}, &byte), cases[i].bad);
        assert_int_equal(byte, cases[i].byte);
        assert_int_equal(step.last_bad == SIZE_MAX, cases[i].bad == SIZE_MAX);
    }
}

static void choice(void **state)
{
    static const struct {
        struct gw_str head;
        const char *configured;
        enum gw_result result;
        enum charset charset;
        bool detect;
        size_t bom;
    } cases[] = {
        {GW_STR_INIT("a;b"), NULL, GW_OK, CHARSET_UTF8, false, 0},
        {GW_STR_INIT(""), "", GW_OK, CHARSET_UTF8, false, 0},
        {GW_STR_INIT("a;b"), "detect", GW_OK, CHARSET_UTF8, true, 0},
        {GW_STR_INIT("a;b"), "windows-1252", GW_OK, CHARSET_WINDOWS_1252, false, 0},
        {GW_STR_INIT("a;b"), "CP1252", GW_OK, CHARSET_WINDOWS_1252, false, 0},
        {GW_STR_INIT("a;b"), "iso_8859-15", GW_OK, CHARSET_ISO_8859_15, false, 0},
        {GW_STR_INIT("a;b"), "latin1", GW_OK, CHARSET_ISO_8859_1, false, 0},
        {GW_STR_INIT("a;b"), "ebcdic", GW_REJECT, CHARSET_UTF8, false, 0},
        {GW_STR_INIT("\xef\xbb\xbf"
                     "a"),
         "windows-1252", GW_OK, CHARSET_UTF8, false, 3},
        {GW_STR_INIT("\xff\xfe"
                     "a\0"),
         "detect", GW_OK, CHARSET_UTF16LE, false, 2},
        {GW_STR_INIT("\xfe\xff\0a"), NULL, GW_OK, CHARSET_UTF16BE, false, 2},
        {GW_STR_INIT("<\0?\0"), NULL, GW_OK, CHARSET_UTF16LE, false, 0},
        {GW_STR_INIT("\0<\0?"), NULL, GW_OK, CHARSET_UTF16BE, false, 0},
        {GW_STR_INIT("<?xml version=\"1.0\" encoding=\"windows-1252\"?><a/>"), "UTF-8", GW_OK,
         CHARSET_WINDOWS_1252, false, 0},
        {GW_STR_INIT("<?xml version='1.0' encoding = 'ISO-8859-1' ?>"), NULL, GW_OK, CHARSET_ISO_8859_1, false,
         0},
        {GW_STR_INIT("<?xml version='1.0' encoding='UTF-16'?>"), NULL, GW_OK, CHARSET_UTF8, false, 0},
        {GW_STR_INIT("<?xml version='1.0' encoding='us-ascii'?>"), NULL, GW_OK, CHARSET_UTF8, false, 0},
        {GW_STR_INIT("<?xml version='1.0' encoding='IBM850'?>"), NULL, GW_REJECT, CHARSET_UTF8, false, 0},
        {GW_STR_INIT("<?xml version='1.0'?><a encoding='x'/>"), "windows-1252", GW_OK, CHARSET_WINDOWS_1252,
         false, 0},
        {GW_STR_INIT("<?xml encoding="), "windows-1252", GW_OK, CHARSET_WINDOWS_1252, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct charset_choice got;

        assert_int_equal(charset_choose(cases[i].head, str_of(cases[i].configured), &got), cases[i].result);
        assert_int_equal(got.charset, cases[i].charset);
        assert_int_equal(got.detect, cases[i].detect);
        assert_int_equal(got.bom, cases[i].bom);
    }
}

static bool fold_quote(void *context, struct gw_str character, struct buf *out)
{
    (void)context;
    if (!str_is(character, "\xe2\x80\x99"))
        return false;
    buf_char(out, '\'');
    return true;
}

static void folding(void **state)
{
    const struct charset_fold fold = {fold_quote, NULL};
    struct gw_str bad;
    struct buf out;

    (void)state;
    buf_init(&out, 100);
    assert_int_equal(
        charset_encode(CHARSET_ISO_8859_1, GW_STR("l\xe2\x80\x99\xc3\xa9t\xc3\xa9"), false, &fold, &out, &bad),
        GW_OK);
    assert_string_equal(out.data, "l'\xe9t\xe9");
    assert_int_equal(charset_encode(CHARSET_ISO_8859_1, GW_STR("1 \xe2\x82\xac"), false, &fold, &out, &bad),
                     GW_REJECT);
    assert_true(str_is(bad, "\xe2\x82\xac"));
    /* a raw byte is only given back to the one it came from */
    assert_int_equal(charset_encode(CHARSET_WINDOWS_1252, GW_STR("\xee\xbf\xa9"), false, NULL, &out, &bad),
                     GW_REJECT);
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte),      cmocka_unit_test(every_code_point),
        cmocka_unit_test(what_is_utf8),    cmocka_unit_test(ends_of_ascii),
        cmocka_unit_test(nothing_is_lost), cmocka_unit_test(invalid_bytes_are_found),
        cmocka_unit_test(choice),          cmocka_unit_test(folding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
