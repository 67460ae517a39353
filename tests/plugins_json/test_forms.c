/* SPDX-License-Identifier: EUPL-1.2 */
/* Lines that are the same nodes with other texts (gw_record.form): written like any other, whatever comes between. */
#include "plugins_json/fixture.h"

#include <stdlib.h>

#define LONG 20000u

/* {"a":TEXT,"n":NUMBER,"t":TRUTH,"g":{"l":[TEXT]}}, and the same with another name in front. */
struct tree {
    struct gw_node root, front, a, n, t, g, l, item;
};

static void tree_make(struct fixture *f, struct tree *t, bool front)
{
    *t = (struct tree){.root = {.first = front ? &t->front : &t->a, .kind = GW_MAP},
                       .front = {.text = "", .next = &t->a, .name = names_add(&f->names, "x\"y", 3), .kind = GW_TEXT},
                       .a = {.next = &t->n, .name = names_add(&f->names, "a", 1), .kind = GW_TEXT},
                       .n = {.next = &t->t, .name = names_add(&f->names, "n", 1), .kind = GW_NUMBER},
                       .t = {.next = &t->g, .name = names_add(&f->names, "t", 1), .kind = GW_TRUE},
                       .g = {.first = &t->l, .name = names_add(&f->names, "g", 1), .kind = GW_MAP},
                       .l = {.first = &t->item, .name = names_add(&f->names, "l", 1), .kind = GW_LIST},
                       .item = {.name = names_add(&f->names, "l", 1), .kind = GW_TEXT}};
}

static void set(struct gw_node *n, const char *text)
{
    n->text = text;
    n->len = (uint32_t)strlen(text);
}

static const struct {
    const char *a, *n;
    bool truth;
    const char *item;
    const char *line; /* behind its first brace; NULL: refused */
} rows[] = {
    {"plain", "12", true, "x", "\"a\":\"plain\",\"n\":12,\"t\":true,\"g\":{\"l\":[\"x\"]}}\n"},
    {"", "0", false, "", "\"a\":\"\",\"n\":0,\"t\":false,\"g\":{\"l\":[\"\"]}}\n"},
    {"q\"", "-1.50", true, "b\\\n", "\"a\":\"q\\\"\",\"n\":-1.50,\"t\":true,\"g\":{\"l\":[\"b\\\\\\n\"]}}\n"},
    {"\xc3\xa9t\xc3\xa9, sixteen and more", "1e5", false, "\x01",
     "\"a\":\"\xc3\xa9t\xc3\xa9, sixteen and more\",\"n\":1e5,\"t\":false,\"g\":{\"l\":[\"\\u0001\"]}}\n"},
    {"lost", "007", true, "lost", NULL},
    {"1234567", "12345678901234567890123456789012345", true, "12345678",
     "\"a\":\"1234567\",\"n\":12345678901234567890123456789012345,\"t\":true,\"g\":{\"l\":[\"12345678\"]}}\n"},
};

struct writing {
    struct session session;
    struct output output;
    struct buf memory, expected;
};

static void begin(struct writing *w, struct fixture *f, const char *options)
{
    struct session_stream stream = {.records = UINT64_MAX};

    memset(w, 0, sizeof(*w));
    buf_init(&w->memory, 64 << 20);
    buf_init(&w->expected, 64 << 20);
    fixture_configure(f, "", options);
    output_open_memory(&w->output, &w->memory, GW_STR("out.json"), 64 << 20, &f->sink);
    assert_int_equal(session_open_writer(&w->session, f->plugin, f->config, &f->names, &f->limits, &stream,
                                         &w->output, &f->sink),
                     GW_OK);
}

static void end(struct writing *w)
{
    assert_int_equal(session_finish(&w->session, NULL), GW_OK);
    assert_int_equal(output_close(&w->output, true), GW_OK);
    assert_int_equal(w->memory.len, w->expected.len);
    assert_memory_equal(w->memory.data, w->expected.data, w->expected.len);
    session_close(&w->session);
    buf_done(&w->memory);
    buf_done(&w->expected);
}

static void put(struct writing *w, struct tree *t, bool front, size_t row, uint32_t form)
{
    struct gw_record rec = {.root = &t->root, .form = form};
    enum gw_result r;

    set(&t->a, rows[row].a);
    set(&t->n, rows[row].n);
    set(&t->t, rows[row].truth ? "true" : "false");
    t->t.kind = rows[row].truth ? GW_TRUE : GW_FALSE;
    set(&t->item, rows[row].item);
    r = session_write(&w->session, &rec, 1);
    assert_int_equal(r, rows[row].line ? GW_OK : GW_REJECT);
    if (rows[row].line)
        buf_text(&w->expected, front ? "{\"x\\\"y\":\"\"," : "{");
    buf_text(&w->expected, rows[row].line ? rows[row].line : "");
}

/* Two forms that take turns, and trees of no form among them. */
static void lines(void **state)
{
    struct fixture *f = *state;
    struct tree one, other, none;
    struct writing w;

    tree_make(f, &one, false);
    tree_make(f, &other, true);
    tree_make(f, &none, false);
    begin(&w, f, "lines=true");
    for (size_t round = 0; round < 4; round++)
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
            put(&w, &one, false, i, 1);
            put(&w, &other, true, i, GW_FORMS);
            put(&w, &none, false, i, 0);
        }
    end(&w);
}

/* Longer than what the writer holds at a time. */
static void long_texts(void **state)
{
    struct fixture *f = *state;
    struct gw_record rec = {.form = 3};
    struct tree t;
    struct writing w;
    char *text = malloc(LONG);

    assert_non_null(text);
    memset(text, 'z', LONG);
    tree_make(f, &t, false);
    rec.root = &t.root;
    begin(&w, f, "lines=true");
    set(&t.n, "1");
    set(&t.item, "");
    for (uint32_t len = 1; len < LONG; len += len < 40 ? 1 : len / 3) {
        t.a.text = text;
        t.a.len = len;
        assert_int_equal(session_write(&w.session, &rec, 1), GW_OK);
        buf_text(&w.expected, "{\"a\":\"");
        buf_add(&w.expected, text, len);
        buf_text(&w.expected, "\",\"n\":1,\"t\":true,\"g\":{\"l\":[\"\"]}}\n");
    }
    end(&w);
    free(text);
}

/* Layouts in which nothing is laid ready. */
static void other_layouts(void **state)
{
    struct fixture *f = *state;
    struct tree t;
    struct writing w;

    tree_make(f, &t, false);
    begin(&w, f, "lines=true escape_non_ascii=true");
    for (size_t round = 0; round < 3; round++)
        put(&w, &t, false, 0, 1);
    end(&w);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {TEST(lines), TEST(long_texts), TEST(other_layouts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
