/* SPDX-License-Identifier: EUPL-1.2 */
/* Bounds: depth, sizes, numbers of values and names, a stream far larger than memory may grow. */
#include "plugins_json/fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static void repeat(struct buf *b, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        buf_text(b, text);
}

/* Lines with `mark` in them keep their first two characters. */
static void shorten(struct fixture *f, const char *mark)
{
    char *p = f->out.data, *end;

    while ((p = strstr(p, mark))) {
        end = strchr(p, '\n');
        while (p > f->out.data && p[-1] != '\n')
            p--;
        memmove(p + 2, end, strlen(end) + 1);
    }
}

static enum gw_result read_quietly(struct fixture *f, const struct buf *text)
{
    f->quiet = true;
    return fixture_read(f, buf_view(text), false);
}

static void depth(void **state)
{
    struct fixture *f = *state;

    fixture_configure(f, "[]", "");
    f->limits.depth = 3;
    assert_int_equal(
        fixture_read(f, GW_STR("[{\"x\":[{\"y\":1}]},{\"x\":\n[{\"y\":[]}]},{\"x\":[{\"y\":{}}]},{}]"), false),
        GW_END);
    assert_string_equal(f->out.data, "ok {x:[{y:#1}]}\n"
                                     "! json.depth 2:3 \"\nno {\"x\":\n[{\"y\":[]}]}\n"
                                     "! json.depth 2:20 \"\nno {\"x\":[{\"y\":{}}]}\n"
                                     "ok {}\nend\n");
}

/* Deeper than any bound, whole, broken inside, and broken off. */
static void depth_of_ten_thousand(void **state)
{
    static const struct {
        const char *before, *open, *close, *after, *expected;
    } cases[] = {
        {"[{\"x\":", "[", "]", "},{}]", "! json.depth\nno\nok {}\nend\n"},
        {"[", "{\"x\":", "}", ",{}]", "! json.depth\nno\nok {}\nend\n"},
        {"[{\"x\":", "[", "]", ",,},{}]", "! json.syntax\nno\nok {}\nend\n"},
        {"[{\"x\":", "[", "", "", "! json.truncated\nfail\n"},
        {"[{\"x\":", "[", "}", "},{}]", "! json.syntax\nno\n! json.syntax\nfail\n"},
    };
    struct fixture *f = *state;
    struct buf text;

    fixture_configure(f, "[]", "");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_init(&text, 1 << 20);
        buf_text(&text, cases[i].before);
        repeat(&text, cases[i].open, 10000);
        if (i == 1)
            buf_text(&text, "1");
        repeat(&text, cases[i].close, 10000);
        buf_text(&text, cases[i].after);
        (void)read_quietly(f, &text);
        shorten(f, "{\"x\":[[[");
        shorten(f, "{\"x\":{\"x\"");
        assert_string_equal(f->out.data, cases[i].expected);
        buf_done(&text);
    }
}

/* Records of exactly the bound, and of a byte more, of each kind. */
static void sizes(void **state)
{
    static const struct {
        const char *steps, *options, *before, *value, *close, *after;
        const char *within, *beyond;
    } cases[] = {
        {"[]", "", "[", "{\"x\":\"", "\"}", ",{\"y\":1}]", "ok\nok {y:#1}\nend\n",
         "! json.too_large\nno\nok {y:#1}\nend\n"},
        {"[]", "", "[", "{\"x\":[\"", "\"]}", ",{\"y\":1}]", "ok\nok {y:#1}\nend\n",
         "! json.too_large\nno\nok {y:#1}\nend\n"},
        {"", "lines=true", "", "{\"x\":\"", "\"}", "\n{\"y\":1}\n", NULL,
         "! json.too_large\nno\nok {y:#1}\nend\n"},
        {"[]", "", "[", "\"", "\"", ",{\"y\":1}]", "! json.not_object\nno\nok {y:#1}\nend\n",
         "! json.too_large\nno\nok {y:#1}\nend\n"},
        {"r[]", "", "{\"m\":", "\"", "\"", ",\"r\":[{\"y\":1}]}", "ok {y:#1}\nend\n",
         "! json.too_large\nok {y:#1}\nend\n"},
        {"r[]", "", "{\"r\":[{\"y\":1}],\"m\":", "[\"", "\"]", "}", "ok {y:#1}\nend\n",
         "ok {y:#1}\n! json.too_large\nend\n"},
        {"r[]", "", "{", "\"", "\"", ":1,\"r\":[{\"y\":1}]}", "ok {y:#1}\nend\n", "! json.too_large\nfail\n"},
        {"", "", "", "{\"x\":\"", "\"}", "", "ok\nend\n", "! json.too_large\nno\nend\n"},
    };
    enum { BOUND = 5000 };
    struct fixture *f = *state;
    struct buf text;

    f->limits.record_bytes = BOUND;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture_configure(f, cases[i].steps, cases[i].options);
        for (size_t size = BOUND; size <= BOUND + 20000; size += size == BOUND ? 1 : 19999) {
            const char *expected = size == BOUND ? cases[i].within : cases[i].beyond;

            buf_init(&text, 1 << 20);
            buf_text(&text, cases[i].before);
            buf_text(&text, cases[i].value);
            repeat(&text, "a", size - strlen(cases[i].value) - strlen(cases[i].close));
            buf_text(&text, cases[i].close);
            buf_text(&text, cases[i].after);
            for (f->limits.step = 0; f->limits.step < 3000; f->limits.step = 2 * f->limits.step + 1) {
                (void)read_quietly(f, &text);
                shorten(f, "aaa");
                if (expected && strcmp(f->out.data, expected) != 0)
                    print_error("case %zu, size %zu, step %zu\n", i, size, f->limits.step);
                if (expected)
                    assert_string_equal(f->out.data, expected);
            }
            buf_done(&text);
        }
    }
}

/* From a few bytes to far more than is guessed, and back. */
static void growing_records(void **state)
{
    struct fixture *f = *state;
    struct gw_record rec;
    struct buf text;
    size_t n, len;

    buf_init(&text, 64 << 20);
    for (n = 0; n < 40; n++) {
        buf_text(&text, n ? ",{\"x\":\"" : "[{\"x\":\"");
        repeat(&text, "\\u00e9", n % 2 ? n * n * 20 : n);
        buf_text(&text, "\",\"y\":[1,2]}");
    }
    buf_text(&text, "]");
    fixture_configure(f, "[]", "");
    assert_int_equal(fixture_open(f, buf_view(&text), -1), GW_OK);
    for (n = 0; n < 40; n++) {
        assert_int_equal(session_next(&f->session, &rec), GW_OK);
        len = n % 2 ? n * n * 20 : n;
        assert_int_equal(rec.root->first->len, 2 * len);
        if (len)
            assert_memory_equal(rec.root->first->text + 2 * len - 2, "\xc3\xa9", 2);
        assert_int_equal(rec.root->first->next->first->next->column, 6 * len + 15);
    }
    assert_int_equal(session_next(&f->session, &rec), GW_END);
    buf_done(&text);
}

/* The tree of a text of tiny values is far larger than the text: told, and the next is read. */
static void many_values(void **state)
{
    struct fixture *f = *state;
    struct buf text;

    f->limits.record_bytes = 1 << 20;
    fixture_configure(f, "[]", "");
    buf_init(&text, 4 << 20);
    buf_text(&text, "[{\"x\":[1");
    repeat(&text, ",1", 500000);
    buf_text(&text, "]},{\"y\":[1");
    repeat(&text, ", 1234567", 100000);
    buf_text(&text, "]},{\"z\":1,\"z\":2,\"t\":\"");
    repeat(&text, "text ", 40000);
    buf_text(&text, "\"},{}]");
    f->quiet = true;
    assert_int_equal(fixture_open(f, buf_view(&text), -1), GW_OK);
    {
        struct gw_record rec;

        assert_int_equal(session_next(&f->session, &rec), GW_REJECT);
        assert_int_equal(session_next(&f->session, &rec), GW_OK);
        assert_int_equal(session_next(&f->session, &rec), GW_REJECT);
        assert_int_equal(session_next(&f->session, &rec), GW_OK);
        assert_int_equal(session_next(&f->session, &rec), GW_END);
        assert_string_equal(f->out.data, "! json.too_large\n! json.duplicate_key\n");
    }
    buf_done(&text);
}

/* What encloses the records is bounded as a whole: beyond, members are left out and told. */
static void wide_context(void **state)
{
    struct fixture *f = *state;
    struct buf text;
    size_t told = 0;
    struct gw_record rec;

    f->limits.record_bytes = 4096;
    fixture_configure(f, "r[]", "");
    buf_init(&text, 4 << 20);
    buf_text(&text, "{");
    for (unsigned i = 0; i < 2000; i++)
        buf_format(&text, "\"m%u\":[1,2,3,\"abc\"],", i);
    buf_text(&text, "\"r\":[{}]}");
    buf_clear(&f->out);
    f->quiet = true;
    assert_int_equal(fixture_open(f, buf_view(&text), -1), GW_OK);
    assert_int_equal(session_next(&f->session, &rec), GW_OK);
    for (const char *p = f->out.data; (p = strstr(p, "! json.too_large\n")); p++)
        told++;
    assert_in_range(told, 1, 1999);
    assert_int_equal(rec.changes, 1 + 2000 - told);
    assert_int_equal(session_next(&f->session, &rec), GW_END);
    buf_done(&text);
}

/* Groups without a record go by inside one call: they leave nothing behind. */
static void empty_groups(void **state)
{
    struct fixture *f = *state;
    struct buf text;

    f->limits.record_bytes = 4096;
    fixture_configure(f, "g[]/r[]", "");
    buf_init(&text, 16 << 20);
    buf_text(&text, "{\"g\":[null");
    repeat(&text, ",{\"a\":[1,{\"b\":\"text\"}],\"r\":null},{\"r\":[]}", 100000);
    buf_text(&text, ",{\"r\":[{\"x\":1}]}]}");
    assert_int_equal(read_quietly(f, &text), GW_END);
    assert_string_equal(f->out.data, "ok {x:#1}\nend\n");
    buf_done(&text);
}

static void too_many_names(void **state)
{
    struct fixture *f = *state;
    struct buf text;

    fixture_configure(f, "[]", "");
    buf_init(&text, 4 << 20);
    buf_text(&text, "[{}");
    for (unsigned i = 0; i < 5000; i++)
        buf_format(&text, ",{\"m%u\":1}", i);
    buf_text(&text, "]");
    assert_int_equal(read_quietly(f, &text), GW_FAIL);
    assert_non_null(strstr(f->out.data, "ok {m4000:#1}\n"));
    assert_non_null(strstr(f->out.data, "names\nfail\n"));
    buf_done(&text);
}

/* ---- a hundred megabytes ---- */

struct flood {
    int fd;
    const char *before, *block, *after;
    size_t blocks;
};

static void *pour(void *argument)
{
    struct flood *o = argument;
    char block[65536];
    size_t len = strlen(o->block);

    for (size_t i = 0; i < sizeof(block); i++)
        block[i] = o->block[i % len];
    if (write(o->fd, o->before, strlen(o->before)) < 0)
        return NULL;
    for (size_t i = 0; i < o->blocks; i++)
        for (size_t at = 0; at < sizeof(block);) {
            ssize_t n = write(o->fd, block + at, sizeof(block) - at);

            if (n < 0)
                return NULL;
            at += (size_t)n;
        }
    if (write(o->fd, o->after, strlen(o->after)) < 0)
        return NULL;
    close(o->fd);
    return NULL;
}

static long peak_kb(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

static void floods(void **state)
{
    static const struct {
        const char *steps, *options, *before, *block, *after, *expected;
    } cases[] = {
        {"r[]", "", "{\"r\":[{\"x\":1},{\"x\":\"", "abcdefgh", "\"},{\"x\":2}],\"z\":3}",
         "ok {x:#1}\n! json.too_large\nno\nok {x:#2}\nend\n"},
        {"r[]", "", "{\"m\":\"", "abcdefgh", "\",\"r\":[{\"x\":2}],\"z\":3}",
         "! json.too_large\nok {x:#2}\nend\n"},
        {"r[]", "", "{\"m\":", "1234567890123456", ",\"r\":[{\"x\":2}],\"z\":3}",
         "! json.too_large\nok {x:#2}\nend\n"},
        {"", "lines=true", "{\"x\":1}\n{\"x\":\"", "abcdefgh", "\"}\n{\"x\":2}\n",
         "ok {x:#1}\n! json.too_large\nno\nok {x:#2}\nend\n"},
        {"[]", "", "[", "                ", "{\"x\":1}]", "ok {x:#1}\nend\n"},
        {"[]", "", "[{\"x\":[1", ",[],{\"a\":1}   ,1", "]},{\"x\":2}]",
         "! json.too_large\nno\nok {x:#2}\nend\n"},
        {"[]", "", "[{\"x\":\"", "abcdefgh", "", "! json.too_large\n! json.truncated\nfail\n"},
    };
    struct fixture *f = *state;
    long before = peak_kb();

    f->quiet = true;
    f->limits.record_bytes = 1 << 20;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct flood flood = {0, cases[i].before, cases[i].block, cases[i].after, 1600};
        struct gw_record rec;
        enum gw_result r;
        pthread_t thread;
        int ends[2];

        assert_int_equal(pipe(ends), 0);
        flood.fd = ends[1];
        fixture_configure(f, cases[i].steps, cases[i].options);
        buf_clear(&f->out);
        assert_int_equal(pthread_create(&thread, NULL, pour, &flood), 0);
        r = fixture_open(f, (struct gw_str){NULL, 0}, ends[0]);
        while (r == GW_OK || r == GW_REJECT) {
            r = session_next(&f->session, &rec);
            if (r == GW_OK) {
                buf_text(&f->out, "ok ");
                fixture_tree(f, rec.root, &f->out);
            }
            buf_text(&f->out, r == GW_OK ? "\n" : r == GW_REJECT ? "no\n" : r == GW_END ? "end\n" : "fail\n");
        }
        pthread_join(thread, NULL);
        assert_true(f->session.window.room + arena_mark(&f->session.keep) < 8 * f->limits.record_bytes);
        fixture_close(f);
        close(ends[0]);
        assert_string_equal(f->out.data, cases[i].expected);
    }
    /* of seven times 100 MB; under a sanitizer what is freed stays a while */
    assert_true(peak_kb() - before < 80 * 1024);
}

/* Two streams at once, of one plugin, each with its own. */
static void two_sessions(void **state)
{
    struct fixture *a = *state;
    static struct fixture b;
    struct gw_record one, two;

    b = *a;
    arena_init(&b.arena, 0, 0);
    buf_init(&b.out, 1 << 20);
    assert_int_equal(names_init(&b.names, &b.arena, false), GW_OK);
    fixture_configure(a, "[]", "");
    fixture_configure(&b, "", "lines=true");
    assert_int_equal(fixture_open(a, GW_STR("[{\"x\":\"a\"},{\"x\":\"b\"}]"), -1), GW_OK);
    assert_int_equal(fixture_open(&b, GW_STR("{\"y\":\"c\"}\n{\"y\":\"d\"}\n"), -1), GW_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(session_next(&a->session, &one), GW_OK);
        assert_int_equal(session_next(&b.session, &two), GW_OK);
        assert_memory_equal(one.root->first->text, i ? "b" : "a", 1);
        assert_memory_equal(two.root->first->text, i ? "d" : "c", 1);
        assert_string_equal(names_text(&a->names, one.root->first->name).ptr, "x");
        assert_string_equal(names_text(&b.names, two.root->first->name).ptr, "y");
    }
    assert_int_equal(session_next(&a->session, &one), GW_END);
    assert_int_equal(session_next(&b.session, &two), GW_END);
    fixture_close(&b);
    buf_done(&b.out);
    arena_done(&b.arena);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(floods),          TEST(depth),        TEST(depth_of_ten_thousand), TEST(sizes),
        TEST(growing_records), TEST(many_values),  TEST(wide_context),          TEST(too_many_names),
        TEST(empty_groups),    TEST(two_sessions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
