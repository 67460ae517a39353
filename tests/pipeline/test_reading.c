/* SPDX-License-Identifier: EUPL-1.2 */
/* A reading session: windows of every size, places, raw bytes, bounds, character sets. */
#include "pipeline/session.h"

#include <string.h>

#include "base/str.h"
#include "pipeline/lines.h"
#include "pipeline/told.h"
#include "support/unit.h"

struct fixture {
    struct arena arena;
    struct names names;
    struct told told;
    struct input input;
    struct session session;
    struct session_limits limits;
};

static int setup(void **state)
{
    static struct fixture f;

    memset(&f, 0, sizeof(f));
    arena_init(&f.arena, 0, 0);
    assert_int_equal(names_init(&f.names, &f.arena, false), GW_OK);
    told_init(&f.told);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    arena_fail_at(0);
    session_close(&f->session);
    input_close(&f->input);
    buf_done(&f->told.text);
    arena_done(&f->arena);
    return 0;
}

static enum gw_result start(struct fixture *f, struct gw_str bytes, const char *encoding)
{
    struct session_stream stream = {.encoding = str_of(encoding)};
    struct input_options o = {.sink = &f->told.sink};

    session_close(&f->session);
    input_close(&f->input);
    buf_clear(&f->told.text);
    assert_int_equal(input_open_memory(&f->input, bytes, GW_STR("t.txt"), &o), GW_OK);
    assert_int_equal(input_next_member(&f->input), GW_OK);
    return session_open_reader(&f->session, &lines_plugin, NULL, &f->names, &f->limits, &stream, &f->input,
                               &f->told.sink);
}

/* All records as "RESULT text|raw\n", then the last result. */
static enum gw_result read_all(struct fixture *f, struct buf *out)
{
    struct gw_record rec;
    enum gw_result r;

    while ((r = session_next(&f->session, &rec)) == GW_OK || r == GW_REJECT) {
        buf_text(out, r == GW_OK ? "ok " : "no ");
        buf_add(out, rec.root->text, rec.root->len);
        buf_char(out, '|');
        assert_true(session_raw(&f->session, &rec, out));
    }
    return r;
}

static void charsets(void **state)
{
    static const struct {
        const char *encoding;
        struct gw_str bytes;
        const char *records;
        const char *told;
    } cases[] = {
        {NULL, GW_STR_INIT("a\n\nb\r\nc"), "ok a|a\nok |\nok b\r|b\r\nok c|c", ""},
        {NULL, GW_STR_INIT(""), "", ""},
        {NULL, GW_STR_INIT("\xef\xbb\xbf\xc3\xa9t\xc3\xa9\n"), "ok \xc3\xa9t\xc3\xa9|\xc3\xa9t\xc3\xa9\n", ""},
        {"windows-1252", GW_STR_INIT("\xe9\x80\nx\x81\n"),
         "ok \xc3\xa9\xe2\x82\xac|\xe9\x80\nok x\xc2\x81|x\x81\n", ""},
        {"ISO-8859-15", GW_STR_INIT("\xa4\n"), "ok \xe2\x82\xac|\xa4\n", ""},
        {"UTF-8", GW_STR_INIT("ok\ncaf\xe9 cr\xe8me\n\xc3\xa9\n"),
         "ok ok|ok\nno caf\xee\xbf\xa9 cr\xee\xbf\xa8me|caf\xe9 cr\xe8me\nok \xc3\xa9|\xc3\xa9\n",
         "charset.invalid 2:4 #2 byte=0xE9 charset=UTF-8\n"},
        {"UTF-8", GW_STR_INIT("x\xc3"), "no x\xee\xbf\x83|x\xc3",
         "charset.invalid 1:2 #1 byte=0xC3 charset=UTF-8\n"},
        {"UTF-8", GW_STR_INIT("a\n!b\nc"), "ok a|a\nno !b|!b\nok c|c", "lines.bad 2:2 #2\n"},
        {"detect", GW_STR_INIT("a\n\xe9\n\xc3\xa9\n"),
         "ok a|a\nok \xc3\xa9|\xe9\nok \xc3\x83\xc2\xa9|\xc3\xa9\n", ""},
        {"detect", GW_STR_INIT("a\n\xc3\xa9\n"), "ok a|a\nok \xc3\xa9|\xc3\xa9\n", ""},
        {"UTF-8", GW_STR_INIT("#\xff\na\n#\xfe"), "ok a|a\n",
         "charset.invalid 1:2 #0 byte=0xFF charset=UTF-8\ncharset.invalid 3:2 #0 byte=0xFE charset=UTF-8\n"},
        {"detect", GW_STR_INIT("abc\n"), "ok abc|abc\n", ""},
    };
    struct fixture *f = *state;
    struct buf out;

    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t step = 0; step <= 64; step++) {
            f->limits.step = step;
            buf_clear(&out);
            assert_int_equal(start(f, cases[i].bytes, cases[i].encoding), GW_OK);
            /* an error of no record (#0): what encloses them is not what was sent */
            assert_int_equal(read_all(f, &out), strstr(cases[i].told, " #0 ") ? GW_FAIL : GW_END);
            assert_string_equal(out.data, cases[i].records);
            assert_string_equal(f->told.text.data, cases[i].told);
        }
    }
    buf_done(&out);
}

static void utf16(void **state)
{
    struct fixture *f = *state;
    struct buf out;

    buf_init(&out, 1 << 20);
    assert_int_equal(start(f,
                           GW_STR("\xff\xfe"
                                  "a\0\n\0\xac\x20\x3d\xd8\x26\xdc\n\0"),
                           NULL),
                     GW_OK);
    assert_int_equal(read_all(f, &out), GW_END);
    assert_int_equal(out.len, 28);
    assert_memory_equal(out.data, "ok a|a\0\n\0ok \xe2\x82\xac\xf0\x9f\x90\xa6|\xac\x20\x3d\xd8\x26\xdc\n", 28);
    assert_string_equal(f->told.text.data, "");
    assert_int_equal(start(f, GW_STR("a"), "klingon"), GW_FAIL);
    assert_string_equal(f->told.text.data, "charset.declared 0:0 #0 found=klingon\n");
    buf_done(&out);
}

/* Lines of growing length whose characters of 2 to 4 bytes fall on every edge of a block. */
static void make_long(struct buf *b, size_t shift, size_t len)
{
    static const char *const parts[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x90\xa6", "abc", "\n"};

    for (size_t i = 0; i < shift; i++)
        buf_char(b, 'x');
    for (size_t i = 0; b->len < len; i++)
        buf_text(b, parts[i % 997 == 996 ? 4 : (i * i + i / 7) % 4]);
    buf_char(b, '\n');
}

static void across_blocks(void **state)
{
    static const size_t steps[] = {0, 1, 7, 4096};
    struct fixture *f = *state;
    struct gw_record rec;
    struct buf text, raw;

    buf_init(&text, 1 << 20);
    buf_init(&raw, 1 << 20);
    for (size_t i = 0; i < 12; i++) {
        buf_clear(&text);
        buf_clear(&raw);
        make_long(&text, i, 700000);
        f->limits.step = steps[i % 4] == 1 && i > 4 ? 13 : steps[i % 4];
        assert_int_equal(start(f, buf_view(&text), i % 3 ? "detect" : "UTF-8"), GW_OK);
        while (session_next(&f->session, &rec) == GW_OK) {
            assert_memory_equal(rec.root->text, text.data + rec.begin, rec.root->len);
            assert_true(session_raw(&f->session, &rec, &raw));
        }
        assert_true(str_eq(buf_view(&raw), buf_view(&text)));
        assert_string_equal(f->told.text.data, "");
    }
    buf_done(&text);
    buf_done(&raw);
}

/* Every byte's place, asked for in both directions, against a count from the start. */
static void places(void **state)
{
    struct fixture *f = *state;
    struct gw_record rec;
    struct buf text;
    uint32_t line, column, expected = 1;

    buf_init(&text, 8 << 20);
    for (unsigned i = 0; i < 20000; i++)
        buf_format(&text, "%.*s\n", (int)(i * 7 % 60),
                   "éàü............................................................");
    f->limits.record_bytes = 1000;
    assert_int_equal(start(f, buf_view(&text), "windows-1252"), GW_OK);
    for (; session_next(&f->session, &rec) == GW_OK; expected++) {
        struct gw_node last = {.column = (uint32_t)(rec.end - rec.begin - 1)}, given = {.line = 7, .column = 9};

        session_place(&f->session, &rec, &last, &line, &column);
        assert_int_equal(line, expected);
        assert_int_equal(column, rec.end - rec.begin);
        session_place(&f->session, &rec, NULL, &line, &column);
        assert_int_equal(line, expected);
        assert_int_equal(column, 1);
        session_place(&f->session, &rec, &given, &line, &column);
        assert_int_equal(line, 7);
        assert_int_equal(column, 9);
    }
    assert_int_equal(expected, 20001);
    buf_done(&text);
}

static void bad_bytes_far_apart(void **state)
{
    struct fixture *f = *state;
    struct gw_record rec;
    struct buf text, told;
    enum gw_result r;

    buf_init(&text, 8 << 20);
    buf_init(&told, 8 << 20);
    for (unsigned i = 1; i <= 30000; i++) {
        bool bad = i % 5000 == 77 || i == 29999;

        buf_text(&text, bad ? "12\xe9;\xc3\xa9\n" : "123;\xc3\xa9\n");
        if (bad)
            buf_format(&told, "charset.invalid %u:3 #%u byte=0xE9 charset=UTF-8\n", i, i);
    }
    assert_int_equal(start(f, buf_view(&text), NULL), GW_OK);
    for (unsigned i = 1; (r = session_next(&f->session, &rec)) != GW_END; i++)
        assert_int_equal(r, i % 5000 == 77 || i == 29999 ? GW_REJECT : GW_OK);
    assert_string_equal(f->told.text.data, told.data);
    buf_done(&text);
    buf_done(&told);
}

static void bounds(void **state)
{
    static const struct {
        const char *text;
        enum gw_result first;
        const char *told;
    } cases[] = {
        {"ok\n", GW_OK, ""},
        {"*100000\n", GW_FAIL, "record.too_large 1:1 #1 limit=70000\n"},
        {"+100000\n", GW_FAIL, "stream.too_large 1:1 #1 limit=80000\n"},
    };
    struct fixture *f = *state;
    struct gw_record rec;
    struct buf big;

    f->limits = (struct session_limits){.record_bytes = 5000, .record_memory = 70000, .session_memory = 80000};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(start(f, str_of(cases[i].text), NULL), GW_OK);
        assert_int_equal(session_next(&f->session, &rec), cases[i].first);
        assert_string_equal(f->told.text.data, cases[i].told);
    }
    buf_init(&big, 1 << 20);
    buf_text(&big, "one\n");
    for (int i = 0; i < 200000; i++)
        buf_char(&big, 'x');
    assert_int_equal(start(f, buf_view(&big), NULL), GW_OK);
    assert_int_equal(session_next(&f->session, &rec), GW_OK);
    assert_int_equal(session_next(&f->session, &rec), GW_FAIL);
    assert_string_equal(f->told.text.data, "record.too_large 2:1 #2 limit=5000\n");
    buf_done(&big);
}

static void too_many_names(void **state)
{
    struct fixture *f = *state;
    struct gw_record rec;
    struct buf text;
    enum gw_result r;

    buf_init(&text, 1 << 20);
    for (int i = 0; i < NAMES_MAX + 5; i++)
        buf_format(&text, "=name%d\n", i);
    assert_int_equal(start(f, buf_view(&text), NULL), GW_OK);
    while ((r = session_next(&f->session, &rec)) == GW_OK)
        ;
    assert_int_equal(r, GW_FAIL);
    assert_int_equal(f->session.record, NAMES_MAX + 1);
    assert_string_equal(f->told.text.data, "record.many_names 4096:1 #4096 limit=4095\n");
    buf_done(&text);
}

static void memory_fails(void **state)
{
    struct fixture *f = *state;
    struct gw_record rec;
    size_t n = 1;
    bool failed = true;

    for (; failed; n++) {
        enum gw_result r;

        arena_fail_at(n);
        r = start(f, GW_STR("one\n+90000\ntwo\n*90000\n"), NULL);
        while (r == GW_OK)
            r = session_next(&f->session, &rec);
        failed = arena_fail_left() == 0;
        assert_int_equal(r, failed ? GW_FATAL : GW_END);
        assert_string_equal(f->told.text.data, failed ? "memory.out 0:0 #0\n" : "");
        arena_fail_at(0);
    }
    assert_true(n > 4);
}

/* A record of which the plugin lets go piece by piece: only its last bytes are kept. */
static enum gw_result greedy_next(struct gw_session *s, struct gw_record *rec)
{
    struct gw_str seen;
    enum gw_result r;

    while ((r = gw_peek(s, 1, &seen)) == GW_OK) {
        rec->end += seen.len;
        gw_consume(s, seen.len);
    }
    return r == GW_END && rec->end ? GW_REJECT : r;
}

/* A record of one byte, then one that asks for too much. */
static enum gw_result second_too_large(struct gw_session *s, struct gw_record *rec)
{
    struct gw_str seen;

    if (gw_peek(s, 1, &seen) != GW_OK || seen.ptr[0] != 'a')
        return gw_alloc(s, 100000) ? GW_OK : GW_FATAL;
    gw_consume(s, 1);
    rec->end = 1;
    return GW_OK;
}

/* A bound is told at the record's begin, not at the end of the one before. */
static void behind_white_space(void **state)
{
    static const struct gw_reader reader = {0, lines_open, second_too_large, NULL, NULL};
    static struct gw_plugin plugin;
    struct fixture *f = *state;
    struct session_stream stream = {.encoding = {NULL, 0}};
    struct gw_record rec;

    plugin = lines_plugin;
    plugin.reader = &reader;
    f->limits.record_memory = 70000;
    assert_int_equal(input_open_memory(&f->input, GW_STR("a \r\n\n\t b\n"), GW_STR("t"), NULL), GW_OK);
    assert_int_equal(input_next_member(&f->input), GW_OK);
    assert_int_equal(session_open_reader(&f->session, &plugin, NULL, &f->names, &f->limits, &stream, &f->input,
                                         &f->told.sink),
                     GW_OK);
    assert_int_equal(session_next(&f->session, &rec), GW_OK);
    assert_int_equal(session_next(&f->session, &rec), GW_FAIL);
    assert_string_equal(f->told.text.data, "record.too_large 3:3 #2 limit=70000\n");
}

static void raw_is_bounded(void **state)
{
    static const struct gw_reader reader = {0, lines_open, greedy_next, NULL, NULL};
    static struct gw_plugin plugin;
    struct fixture *f = *state;
    struct session_stream stream = {.encoding = {NULL, 0}};
    struct gw_record rec;
    struct buf text, raw;

    plugin = lines_plugin;
    plugin.reader = &reader;
    buf_init(&text, 4 << 20);
    buf_init(&raw, 4 << 20);
    for (int i = 0; i < 300000; i++)
        buf_format(&text, "%06d\n", i);
    f->limits.record_bytes = 100000;
    assert_int_equal(input_open_memory(&f->input, buf_view(&text), GW_STR("t"), NULL), GW_OK);
    assert_int_equal(input_next_member(&f->input), GW_OK);
    assert_int_equal(session_open_reader(&f->session, &plugin, NULL, &f->names, &f->limits, &stream, &f->input,
                                         &f->told.sink),
                     GW_OK);
    assert_int_equal(session_next(&f->session, &rec), GW_REJECT);
    assert_false(session_raw(&f->session, &rec, &raw));
    assert_true(raw.len >= 100000 && raw.len < 800000);
    assert_memory_equal(raw.data, text.data + text.len - raw.len, raw.len);
    assert_true(f->session.window.room <= 1 << 20);
    buf_done(&text);
    buf_done(&raw);
}

static void peeks_by_step(void **state)
{
    struct fixture *f = *state;
    struct gw_session *s = &f->session.gw;
    struct gw_str seen;

    f->limits.step = 3;
    assert_int_equal(start(f, GW_STR("0123456789"), "windows-1252"), GW_OK);
    assert_int_equal(gw_peek(s, 1, &seen), GW_OK);
    assert_int_equal(seen.len, 3);
    assert_int_equal(gw_peek(s, 3, &seen), GW_OK);
    assert_int_equal(seen.len, 3);
    gw_consume(s, 2);
    assert_int_equal(gw_peek(s, 5, &seen), GW_OK);
    assert_true(str_is(seen, "2345678")); /* thrice three, less the two consumed */
    assert_int_equal(gw_peek(s, 9, &seen), GW_END);
    assert_true(str_is(seen, "23456789"));
    gw_consume(s, 100);
    assert_int_equal(gw_peek(s, 1, &seen), GW_END);
    assert_int_equal(seen.len, 0);
    assert_int_equal(gw_peek(s, 1 << 30, &seen), GW_FATAL);
    assert_int_equal(gw_write(s, "x", 1), GW_FAIL);
}

static void marks(void **state)
{
    struct fixture *f = *state;
    struct gw_session *s = &f->session.gw;
    size_t mark;
    char *before, *again;

    f->limits.session_memory = 200000;
    assert_int_equal(start(f, GW_STR("x"), NULL), GW_OK);
    before = gw_keep(s, 16);
    memcpy(before, "stays where it is", 16);
    mark = gw_mark(s);
    for (int i = 0; i < 100; i++) { /* in sum far beyond the bound */
        again = gw_keep(s, 100000);
        assert_non_null(again);
        memset(again, i, 100000);
        gw_release(s, mark);
    }
    assert_memory_equal(before, "stays where it is", 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(charsets, setup, teardown),
        cmocka_unit_test_setup_teardown(utf16, setup, teardown),
        cmocka_unit_test_setup_teardown(across_blocks, setup, teardown),
        cmocka_unit_test_setup_teardown(places, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_bytes_far_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(bounds, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_names, setup, teardown),
        cmocka_unit_test_setup_teardown(behind_white_space, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(peeks_by_step, setup, teardown),
        cmocka_unit_test_setup_teardown(marks, setup, teardown),
        cmocka_unit_test_setup_teardown(raw_is_bounded, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
