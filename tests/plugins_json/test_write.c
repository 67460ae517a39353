/* SPDX-License-Identifier: EUPL-1.2 */
/* Writing: the document around the records, layouts, escapes, bad records taken back, real files given back. */
#include "plugins_json/fixture.h"

#include <glob.h>
#include <stdio.h>

/* A fixture reads; this writes beside it. */
struct written {
    struct fixture *f;
    struct session session;
    struct output output;
    struct buf memory;
    struct arena trees;
    uint64_t number;
};

static void begin(struct written *w, struct fixture *f)
{
    memset(w, 0, sizeof(*w));
    w->f = f;
    arena_init(&w->trees, 0, 0);
    buf_init(&w->memory, 64 << 20);
}

static void end(struct written *w)
{
    session_close(&w->session);
    (void)!output_close(&w->output, false);
    buf_done(&w->memory);
    arena_done(&w->trees);
}

static enum gw_result open_writer(struct written *w, const struct gw_node *context)
{
    struct session_stream stream = {
        .steps = w->f->steps, .nsteps = w->f->nsteps, .context = context, .records = UINT64_MAX};

    buf_clear(&w->f->out);
    output_open_memory(&w->output, &w->memory, GW_STR("out.json"), 64 << 20, &w->f->sink);
    return session_open_writer(&w->session, w->f->plugin, w->f->config, &w->f->names, &w->f->limits, &stream,
                               &w->output, &w->f->sink);
}

static enum gw_result put_record(struct written *w, struct gw_node *root, const struct gw_node *context,
                                 uint32_t level)
{
    struct gw_record rec = {.root = root, .context = context, .level = level};

    return session_write(&w->session, &rec, ++w->number);
}

static const char *finish(struct written *w, const struct gw_node *context)
{
    assert_int_equal(session_finish(&w->session, context), GW_OK);
    assert_int_equal(output_close(&w->output, true), GW_OK);
    return w->memory.data;
}

/* A copy that outlives the reading; the text "@" is where records stand. */
static struct gw_node *copy(struct written *w, const struct gw_node *n)
{
    struct gw_node *c = arena_alloc(&w->trees, sizeof(*c)), **link = &c->first;

    *c = *n;
    c->next = c->first = NULL;
    c->text = arena_copy(&w->trees, (struct gw_str){n->text ? n->text : "", n->len}).ptr;
    if (n->kind == GW_TEXT && n->len == 1 && n->text[0] == '@')
        *c = (struct gw_node){.name = n->name, .kind = GW_RECORDS};
    for (const struct gw_node *kid = n->first; kid; kid = kid->next) {
        *link = copy(w, kid);
        link = &(*link)->next;
    }
    return c;
}

/* Read by the fixture's own session, whose settings come back after. */
static struct gw_node *tree(struct written *w, const char *json)
{
    struct fixture *f = w->f, before = *f;
    struct gw_record rec;
    struct gw_node *root;

    if (!json)
        return NULL;
    fixture_configure(f, "", "");
    assert_int_equal(fixture_open(f, str_of(json), -1), GW_OK);
    assert_int_equal(session_next(&f->session, &rec), GW_OK);
    root = copy(w, rec.root);
    fixture_close(f);
    memcpy(f->config, before.config, sizeof(f->config));
    memcpy(f->steps, before.steps, sizeof(f->steps));
    f->nsteps = before.nsteps;
    return root;
}

struct writing {
    const char *name, *steps, *options, *context;
    const char *records[4];
    const char *expected;
};

#define PRETTY "compact=false indent=2"

/* clang-format off */
static const struct writing writings[] = {
    {"array at a name", "rows[]", "", "{\"a\":1,\"rows\":\"@\",\"z\":null}", {"{\"x\":\"u\"}", "{}"},
     "{\"a\":1,\"rows\":[{\"x\":\"u\"},{}],\"z\":null}"},
    {"no record", "rows[]", "", "{\"rows\":\"@\",\"z\":[1,{}]}", {NULL}, "{\"rows\":[],\"z\":[1,{}]}"},
    {"deeper", "a/b[]", "", "{\"k\":1,\"a\":{\"l\":2,\"b\":\"@\",\"m\":3},\"n\":4}", {"{\"x\":true}"},
     "{\"k\":1,\"a\":{\"l\":2,\"b\":[{\"x\":true}],\"m\":3},\"n\":4}"},
    {"no context: the steps alone", "a/b[]", "", NULL, {"{\"x\":false}"}, "{\"a\":{\"b\":[{\"x\":false}]}}"},
    {"no context: groups", "a[]/b[]", "", NULL, {"{}", "{}"}, "{\"a\":[{\"b\":[{},{}]}]}"},
    {"top-level list", "[]", "", NULL, {"{\"x\":1}", "{\"x\":2}"}, "[{\"x\":1},{\"x\":2}]"},
    {"empty top-level list", "[]", "", NULL, {NULL}, "[]"},
    {"one record", "", "", NULL, {"{\"x\":{\"y\":[null,\"\"]}}"}, "{\"x\":{\"y\":[null,\"\"]}}"},
    {"one record at a path", "a", "", "{\"a\":\"@\",\"b\":1}", {"{\"x\":1}"}, "{\"a\":{\"x\":1},\"b\":1}"},
    {"no record at a path", "a", "", "{\"a\":\"@\",\"b\":1}", {NULL}, "{\"a\":null,\"b\":1}"},
    {"numbers as written", "", "", NULL, {"{\"a\":1234.10,\"b\":-0,\"c\":1E+400}"}, "{\"a\":1234.10,\"b\":-0,\"c\":1E+400}"},
    {"escapes", "", "", NULL, {"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u001F\\u007f\\u00e9\"}"},
     "{\"a\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9\"}"},
    {"keys are escaped too", "", "", NULL, {"{\"a\\\"\\n\":1,\"a\\\"\":{\"a\\\"\\n\":2}}"}, "{\"a\\\"\\n\":1,\"a\\\"\":{\"a\\\"\\n\":2}}"},
    {"ASCII only", "", "escape_non_ascii=true", NULL, {"{\"\xc3\xa9\":\"\xe2\x82\xac \xf0\x9f\x98\x80 ascii\",\"b\":\"\xef\xbf\xbf\"}"},
     "{\"\\u00e9\":\"\\u20ac \\ud83d\\ude00 ascii\",\"b\":\"\\uffff\"}"},
    {"lines", "", "lines=true", NULL, {"{\"x\":1}", "{\"y\":[{}]}"}, "{\"x\":1}\n{\"y\":[{}]}\n"},
    {"lines without a record", "", "lines=true", NULL, {NULL}, ""},
    {"lines are compact", "", "lines=true compact=false", NULL, {"{\"x\":1,\"y\":2}"}, "{\"x\":1,\"y\":2}\n"},
    {"final line end", "[]", "final_newline=true", NULL, {"{}"}, "[{}]\n"},
    {"pretty", "rows[]", PRETTY, "{\"a\":[1,[]],\"rows\":\"@\",\"z\":{\"y\":{}}}", {"{\"x\":\"u\",\"l\":[{\"m\":1},2]}", "{}"},
     "{\n  \"a\": [\n    1,\n    []\n  ],\n  \"rows\": [\n    {\n      \"x\": \"u\",\n      \"l\": [\n        {\n"
     "          \"m\": 1\n        },\n        2\n      ]\n    },\n    {}\n  ],\n  \"z\": {\n    \"y\": {}\n  }\n}"},
    {"pretty, no record", "rows[]", PRETTY, "{\"rows\":\"@\"}", {NULL}, "{\n  \"rows\": []\n}"},
    {"pretty, top-level list", "[]", "compact=false indent=0", NULL, {"{\"x\":1}", "{}"}, "[\n{\n\"x\": 1\n},\n{}\n]"},
};
/* clang-format on */

#define COUNT(cases) (sizeof(cases) / sizeof((cases)[0]))

static enum gw_result write_case(struct written *w, const struct writing *c)
{
    struct gw_node *context = tree(w, c->context);
    enum gw_result r = open_writer(w, context);

    for (size_t i = 0; i < 4 && c->records[i] && r == GW_OK; i++)
        r = put_record(w, tree(w, c->records[i]), context, context ? 9 : 0);
    return r;
}

static void writes(void **state)
{
    struct written w;

    for (size_t i = 0; i < COUNT(writings); i++) {
        begin(&w, *state);
        fixture_configure(*state, writings[i].steps, writings[i].options);
        assert_int_equal(write_case(&w, &writings[i]), GW_OK);
        assert_string_equal(finish(&w, NULL), writings[i].expected);
        end(&w);
    }
}

static void finishes_with_totals(void **state)
{
    struct written w;
    struct gw_node *context;

    begin(&w, *state);
    fixture_configure(*state, "r[]", "");
    context = tree(&w, "{\"r\":\"@\",\"n\":null}");
    assert_int_equal(open_writer(&w, context), GW_OK);
    assert_int_equal(put_record(&w, tree(&w, "{}"), context, 1), GW_OK);
    assert_string_equal(finish(&w, tree(&w, "{\"r\":\"@\",\"n\":1}")), "{\"r\":[{}],\"n\":1}");
    end(&w);
}

/* The context of each record says what encloses it; its tree may be gone at the next. */
static void groups(void **state)
{
    static const struct {
        const char *context;
        uint32_t level;
    } records[] = {
        {"{\"h\":1,\"g\":[{\"n\":1,\"r\":\"@\",\"t\":[7]}],\"z\":0}", 0},
        {"{\"h\":1,\"g\":[{\"n\":1,\"r\":\"@\",\"t\":[7]}],\"z\":0}", 3},
        {"{\"h\":1,\"g\":[{\"r\":\"@\",\"t\":[8]}],\"z\":0}", 2},
        {"{\"h\":1,\"g\":[{\"n\":3,\"r\":\"@\",\"t\":[]}],\"z\":0}", 2},
    };
    struct fixture *f = *state;
    struct written w;
    struct gw_node *context = NULL;

    for (int bad = 0; bad < 2; bad++) {
        begin(&w, f);
        fixture_configure(f, "g[]/r[]", "");
        assert_int_equal(open_writer(&w, NULL), GW_OK);
        for (size_t i = 0; i < COUNT(records); i++) {
            struct gw_node *no = tree(&w, "{\"x\":1}"), *yes = tree(&w, "{\"x\":1}");

            context = tree(&w, records[i].context);
            no->first->text = "one"; /* no number */
            no->first->len = 3;
            if (bad)
                assert_int_equal(put_record(&w, no, context, records[i].level), GW_REJECT);
            assert_int_equal(put_record(&w, yes, context, records[i].level), GW_OK);
        }
        assert_string_equal(
            finish(&w, context),
            "{\"h\":1,\"g\":[{\"n\":1,\"r\":[{\"x\":1},{\"x\":1}],\"t\":[7]},{\"r\":[{\"x\":1}],\"t\":[8]},"
            "{\"n\":3,\"r\":[{\"x\":1}],\"t\":[]}],\"z\":0}");
        end(&w);
    }
}

/* A group that holds one record, not a list of them. */
static void groups_of_one(void **state)
{
    struct written w;
    struct gw_node *context;

    begin(&w, *state);
    fixture_configure(*state, "g[]/r", "");
    context = tree(&w, "{\"g\":[{\"r\":\"@\",\"n\":1}]}");
    assert_int_equal(open_writer(&w, context), GW_OK);
    assert_int_equal(put_record(&w, tree(&w, "{\"x\":1}"), context, 0), GW_OK);
    assert_int_equal(put_record(&w, tree(&w, "{\"x\":2}"), context, 2), GW_OK);
    assert_string_equal(finish(&w, context), "{\"g\":[{\"r\":{\"x\":1},\"n\":1},{\"r\":{\"x\":2},\"n\":1}]}");
    end(&w);
}

/* What is no number by the grammar of JSON rejects its record, and the document stays whole. */
static void numbers(void **state)
{
    static const struct {
        const char *text;
        bool is;
    } cases[] = {
        {"0", true},   {"-0.0", true}, {"12.50", true}, {"1e5", true},    {"1E-05", true},
        {"", false},   {"-", false},   {"007", false},  {"+1", false},    {"1.", false},
        {".5", false}, {"1,5", false}, {"1e", false},   {"1e+", false},   {"0x1", false},
        {"1 ", false}, {"NaN", false}, {"-01", false},  {"1.5.1", false}, {"\"", false},
    };
    struct fixture *f = *state;
    struct written w;
    char expected[512] = "[";

    begin(&w, f);
    fixture_configure(f, "[]", "");
    assert_int_equal(open_writer(&w, NULL), GW_OK);
    for (size_t i = COUNT(cases); i-- > 0;) {
        struct gw_node *root = tree(&w, "{\"x\":1}");

        root->first->text = cases[i].text;
        root->first->len = (uint32_t)strlen(cases[i].text);
        assert_int_equal(put_record(&w, root, NULL, 0), cases[i].is ? GW_OK : GW_REJECT);
        if (cases[i].is)
            snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected), "%s{\"x\":%s}",
                     expected[1] ? "," : "", cases[i].text);
    }
    strcat(expected, "]");
    assert_string_equal(finish(&w, NULL), expected);
    assert_non_null(strstr(f->out.data, "! json.number"));
    end(&w);
}

static void one_record_only(void **state)
{
    struct fixture *f = *state;
    struct written w;

    begin(&w, f);
    fixture_configure(f, "", "");
    assert_int_equal(open_writer(&w, NULL), GW_OK);
    assert_int_equal(put_record(&w, tree(&w, "{}"), NULL, 0), GW_OK);
    assert_int_equal(put_record(&w, tree(&w, "{}"), NULL, 0), GW_FAIL);
    assert_string_equal(f->out.data, "! json.single 0:0\n");
    end(&w);
}

static void too_deep(void **state)
{
    struct fixture *f = *state;
    struct gw_node *deep, *flat;
    struct written w;

    begin(&w, f);
    fixture_configure(f, "[]", "");
    deep = tree(&w, "{\"a\":[[[1]]]}");
    flat = tree(&w, "{\"a\":[[1]]}");
    f->limits.depth = 3;
    assert_int_equal(open_writer(&w, NULL), GW_OK);
    assert_int_equal(put_record(&w, deep, NULL, 0), GW_REJECT);
    assert_int_equal(put_record(&w, flat, NULL, 0), GW_OK);
    assert_string_equal(finish(&w, NULL), "[{\"a\":[[1]]}]");
    end(&w);
}

/* An element with attributes: its text has no name of its own. */
static void map_with_text(void **state)
{
    struct written w;
    struct gw_node *context, *root;

    begin(&w, *state);
    fixture_configure(*state, "r[]", "");
    context = tree(&w, "{\"r\":\"@\"}");
    root = tree(&w, "{\"m\":{\"@c\":\"EUR\"}}");
    context->text = root->first->text = "12";
    context->len = root->first->len = 2;
    assert_int_equal(open_writer(&w, context), GW_OK);
    assert_int_equal(put_record(&w, root, context, 1), GW_OK);
    assert_string_equal(finish(&w, context),
                        "{\"#text\":\"12\",\"r\":[{\"m\":{\"#text\":\"12\",\"@c\":\"EUR\"}}]}");
    end(&w);
}

/* ---- escapes ---- */

/* The same, slowly: from the grammar of RFC 8259 section 7. */
static void expect_text(struct buf *b, const char *text, size_t len)
{
    static const char *const named[] = {['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n", ['\r'] = "\\r",
                                        ['\t'] = "\\t", ['"'] = "\\\"", ['\\'] = "\\\\"};

    buf_char(b, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c < COUNT(named) && named[c])
            buf_text(b, named[c]);
        else if (c < 0x20)
            buf_format(b, "\\u%04x", c);
        else
            buf_char(b, text[i]);
    }
    buf_char(b, '"');
}

static void check_text(struct written *w, struct gw_node *root, const char *text, size_t len)
{
    struct buf expected;

    buf_init(&expected, 64 << 20);
    buf_text(&expected, "{\"x\":");
    expect_text(&expected, text, len);
    buf_text(&expected, "}\n");
    buf_clear(&w->memory);
    root->first->text = text;
    root->first->len = (uint32_t)len;
    assert_int_equal(put_record(w, root, NULL, 0), GW_OK);
    assert_int_equal(output_flush(&w->output), GW_OK);
    assert_int_equal(w->memory.len, expected.len);
    assert_memory_equal(w->memory.data, expected.data, expected.len);
    buf_done(&expected);
}

/* The writer gathers what it writes in blocks: every kind of value at every place about the end of one. */
static void check_blocks(void **state)
{
    const char *rest =
        "{\"y\":[[[\"abc\",true,12,{\"z\":null,\"w\":{}}]]],\"long enough a name, more than 32\":[\"\"]}";
    static char text[65600];
    struct written w;
    struct gw_node *root;
    struct buf expected;

    begin(&w, *state);
    fixture_configure(*state, "", "lines=true");
    buf_init(&expected, 1 << 20);
    buf_format(&expected, "{\"x\":\"\",\"r\":%s}", rest);
    root = tree(&w, expected.data);
    assert_int_equal(open_writer(&w, NULL), GW_OK);
    memset(text, 'a', sizeof(text));
    root->first->text = text;
    for (root->first->len = 65536 - 300; root->first->len < 65536 + 20; root->first->len++) {
        buf_clear(&w.memory);
        buf_clear(&expected);
        buf_format(&expected, "{\"x\":\"%.*s\",\"r\":%s}\n", (int)root->first->len, text, rest);
        assert_int_equal(put_record(&w, root, NULL, 0), GW_OK);
        assert_int_equal(output_flush(&w.output), GW_OK);
        assert_string_equal(w.memory.data, expected.data);
    }
    buf_done(&expected);
    end(&w);
}

/* Each special character at each place of texts of each length about the sizes of a block, and beyond. */
static void escapes(void **state)
{
    static const char special[] = "\"\\\b\x1f\x01 !#[]\x7f\xc3";
    static char text[70000];
    struct written w;
    struct gw_node *root;

    begin(&w, *state);
    fixture_configure(*state, "", "lines=true");
    root = tree(&w, "{\"x\":\"\"}");
    assert_int_equal(open_writer(&w, NULL), GW_OK);
    for (size_t len = 0; len <= 40; len++)
        for (size_t at = 0; at < len; at++)
            for (size_t s = 0; s < sizeof(special) - 1; s++) {
                memset(text, 'a', len);
                text[at] = special[s];
                check_text(&w, root, text, len);
                text[len / 2] = '"';
                check_text(&w, root, text, len);
            }
    for (unsigned c = 0; c < 256; c++) {
        memset(text, (int)c, 33);
        if (c < 0x80)
            check_text(&w, root, text, 33);
        memset(text, 'a', sizeof(text));
        text[511] = text[512] = text[69999] = (char)(c & 0x7f);
        check_text(&w, root, text, sizeof(text));
    }
    memset(text, 1, sizeof(text));
    check_text(&w, root, text, sizeof(text));
    end(&w);
    check_blocks(state);
}

/* Characters of two to four bytes across the pieces in which a text is escaped. */
static void wide_escapes(void **state)
{
    static const struct {
        const char *text, *escaped;
    } wide[] = {{"\xc3\xa9", "\\u00e9"}, {"\xe2\x82\xac", "\\u20ac"}, {"\xf0\x9f\x98\x80", "\\ud83d\\ude00"}};
    struct written w;
    struct gw_node *root;
    struct buf text, expected;

    begin(&w, *state);
    fixture_configure(*state, "", "lines=true escape_non_ascii=true");
    root = tree(&w, "{\"x\":\"\"}");
    assert_int_equal(open_writer(&w, NULL), GW_OK);
    buf_init(&text, 1 << 20);
    buf_init(&expected, 1 << 20);
    for (size_t i = 0; i < COUNT(wide); i++)
        for (size_t before = 500; before < 520; before++) {
            buf_clear(&text);
            buf_clear(&expected);
            buf_clear(&w.memory);
            buf_text(&expected, "{\"x\":\"");
            for (size_t n = 0; n < before; n++) {
                buf_char(&text, 'a');
                buf_char(&expected, 'a');
            }
            for (size_t n = 0; n < 700; n++) {
                buf_text(&text, wide[i].text);
                buf_text(&expected, wide[i].escaped);
            }
            buf_text(&expected, "\"}\n");
            root->first->text = text.data;
            root->first->len = (uint32_t)text.len;
            assert_int_equal(put_record(&w, root, NULL, 0), GW_OK);
            assert_int_equal(output_flush(&w.output), GW_OK);
            assert_string_equal(w.memory.data, expected.data);
        }
    /* broken off in a character */
    buf_clear(&w.memory);
    root->first->text = "a\xe2\x82\xac";
    root->first->len = 3;
    assert_int_equal(put_record(&w, root, NULL, 0), GW_OK);
    assert_string_equal(finish(&w, NULL), "{\"x\":\"a\\ufffd\"}\n");
    buf_done(&text);
    buf_done(&expected);
    end(&w);
}

static void long_names(void **state)
{
    struct fixture *f = *state;
    struct written w;
    struct buf text;

    fixture_configure(f, "", "");
    for (size_t len = 250; len <= 30000; len = len < 260 ? len + 1 : 2 * len) {
        begin(&w, f);
        buf_init(&text, 1 << 20);
        buf_text(&text, "{\"");
        for (size_t i = 0; i < len; i++)
            buf_text(&text, "\\n");
        buf_text(&text, "\":{\"x\":1}}");
        assert_int_equal(open_writer(&w, NULL), GW_OK);
        assert_int_equal(put_record(&w, tree(&w, text.data), NULL, 0), GW_OK);
        assert_string_equal(finish(&w, NULL), text.data);
        buf_done(&text);
        end(&w);
    }
}

static void failing_allocations(void **state)
{
    struct fixture *f = *state;
    struct written w;
    enum gw_result r;
    bool more;

    for (size_t i = 0; i < COUNT(writings); i++)
        for (size_t n = 1; n == 1 || more; n++) {
            struct gw_node *context, *record;

            begin(&w, f);
            fixture_configure(f, writings[i].steps, writings[i].options);
            context = tree(&w, writings[i].context);
            record = tree(&w, writings[i].records[0] ? writings[i].records[0] : "{}");
            arena_fail_at(n);
            r = open_writer(&w, context);
            if (r == GW_OK)
                r = put_record(&w, record, context, 9);
            if (r == GW_OK)
                r = session_finish(&w.session, context);
            more = arena_fail_left() == 0;
            arena_fail_at(0);
            assert_int_equal(r, more ? GW_FATAL : GW_OK);
            end(&w);
        }
}

/* ---- real files ---- */

/* The whole context, and how many of its members stand before the records. */
static struct gw_node *read_context(struct written *w, struct gw_str text)
{
    struct fixture *f = w->f;
    struct gw_node *root, *rows, **link;
    struct gw_record rec;
    enum gw_result r;
    size_t before = SIZE_MAX;

    assert_int_equal(fixture_open(f, text, -1), GW_OK);
    while ((r = session_next(&f->session, &rec)) == GW_OK)
        if (before == SIZE_MAX) {
            before = 0;
            for (const struct gw_node *n = rec.context->first; n; n = n->next)
                before++;
        }
    assert_int_equal(r, GW_END);
    root = copy(w, rec.context);
    for (link = &root->first; before > 0; before--)
        link = &(*link)->next;
    rows = arena_zero(&w->trees, sizeof(*rows));
    *rows = (struct gw_node){.name = f->steps[0].name, .kind = GW_RECORDS, .next = *link};
    *link = rows;
    return root;
}

static void gives_back(struct fixture *f, const char *path)
{
    struct written w;
    struct gw_node *context;
    struct gw_record rec;
    struct buf text;
    enum gw_result r;

    begin(&w, f);
    buf_init(&text, 1 << 20);
    assert_int_equal(buf_read_file(&text, path), GW_OK);
    fixture_configure(f, "lignesTelechargement[]", "");
    context = read_context(&w, buf_view(&text));
    assert_int_equal(fixture_open(f, buf_view(&text), -1), GW_OK);
    assert_int_equal(open_writer(&w, context), GW_OK);
    while ((r = session_next(&f->session, &rec)) == GW_OK)
        assert_int_equal(put_record(&w, rec.root, context, 1), GW_OK);
    assert_int_equal(r, GW_END);
    assert_true(w.number > 0);
    assert_string_equal(finish(&w, context), text.data);
    buf_done(&text);
    end(&w);
}

static void real_files(void **state)
{
    glob_t files = {0};

    if (glob(SOURCE_DIR "/../shared/data/asp/synthetic/RIAE_FS_*.json", 0, NULL, &files) != 0) {
        print_message("the shared sample files are not there: skipped\n");
        globfree(&files);
        skip();
    }
    for (size_t i = 0; i < files.gl_pathc; i++)
        gives_back(*state, files.gl_pathv[i]);
    globfree(&files);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(writes),     TEST(finishes_with_totals), TEST(groups),     TEST(groups_of_one),
        TEST(numbers),    TEST(one_record_only),      TEST(too_deep),   TEST(map_with_text),
        TEST(escapes),    TEST(wide_escapes),         TEST(long_names), TEST(failing_allocations),
        TEST(real_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
