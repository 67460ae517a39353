/* SPDX-License-Identifier: EUPL-1.2 */
/* What is written from trees; what is read back from it. */
#include "plugins_xml/fixture.h"

struct written {
    const char *tree;
    uint32_t level;
    const char *context; /* NULL: as before */
};

struct writing {
    const char *name, *steps, *options;
    const char *context; /* of the stream; NULL: none */
    struct written records[4];
    const char *expected; /* diagnostics in between, as they come */
};

/* ---- trees from the notation of fixture_tree(): name'text'{...} name[...] name! name... ---- */

static struct gw_node *parse_tree(struct fixture *f, const char **p);

static void parse_children(struct fixture *f, const char **p, struct gw_node *node)
{
    struct gw_node **to = &node->first;

    for ((*p)++; **p != '}' && **p != ']'; to = &(*to)->next) {
        while (**p == ' ')
            (*p)++;
        *to = parse_tree(f, p);
    }
    (*p)++;
}

static void parse_text(struct fixture *f, const char **p, struct gw_node *node)
{
    const char *end = strchr(++*p, '\'');
    char *text = arena_text(&f->arena, (struct gw_str){*p, (size_t)(end - *p)});

    node->text = text;
    node->len = (uint32_t)(end - *p);
    for (; *text; text++)
        if (*text == '~')
            *text = '\n';
    *p = end + 1;
}

static struct gw_node *parse_tree(struct fixture *f, const char **p)
{
    struct gw_node *node = arena_zero(&f->arena, sizeof(*node));
    size_t len = strcspn(*p, "'{}[]!# ");

    if (len > 3 && memcmp(*p + len - 3, "...", 3) == 0) {
        node->kind = GW_RECORDS;
        node->name = names_add(&f->names, *p, len - 3);
        *p += len;
        return node;
    }
    node->name = len ? names_add(&f->names, *p, len) : 0;
    node->kind = GW_TEXT;
    *p += len;
    if (**p == '#') { /* a number */
        node->kind = GW_NUMBER;
        (*p)++;
    }
    if (**p == '\'')
        parse_text(f, p, node);
    if (**p == '{' || **p == '[') {
        node->kind = **p == '{' ? GW_MAP : GW_LIST;
        parse_children(f, p, node);
    } else if (**p == '!') {
        node->kind = GW_NULL;
        (*p)++;
    }
    return node;
}

static struct gw_node *tree_of(struct fixture *f, const char *text)
{
    struct gw_node *node = text ? parse_tree(f, &text) : NULL;

    assert_true(!text || !*text);
    return node;
}

/* ---- writing ---- */

static enum gw_result open_writer(struct fixture *f, struct output *o, const struct gw_node *context)
{
    struct session_stream stream = {.encoding = GW_STR("UTF-8"),
                                    .steps = f->steps,
                                    .nsteps = f->nsteps,
                                    .context = context,
                                    .records = UINT64_MAX};

    fixture_close(f);
    buf_clear(&f->out);
    output_open_memory(o, &f->out, GW_STR("out"), 0, &f->sink);
    return session_open_writer(&f->session, f->plugin, f->config, &f->names, &f->limits, &stream, o, &f->sink);
}

/* What was committed goes where the diagnostics go, so that both are in order. */
static enum gw_result write_all(struct fixture *f, const struct writing *w)
{
    struct output o;
    const struct gw_node *context = tree_of(f, w->context);
    enum gw_result r = open_writer(f, &o, context);

    for (uint64_t i = 0; i < 4 && w->records[i].tree && r != GW_FAIL && r != GW_FATAL; i++) {
        struct gw_record rec = {.root = tree_of(f, w->records[i].tree), .level = w->records[i].level};

        if (w->records[i].context)
            context = tree_of(f, w->records[i].context);
        rec.context = context;
        r = session_write(&f->session, &rec, i + 1);
        assert_int_equal(output_flush(&o), GW_OK);
    }
    if (r != GW_FAIL && r != GW_FATAL)
        r = session_finish(&f->session, context);
    session_close(&f->session);
    assert_int_equal(output_close(&o, true), GW_OK);
    return r;
}

#define DECLARED "declaration=windows-1252;"
#define SCHEMA                                                                                                 \
    "attributes=xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "                                      \
    "xsi:noNamespaceSchemaLocation=\"x.xsd\""
#define GROUPS "A/G[]/R[]"

static const struct writing writings[] = {
    {"a line an element",
     "f[]",
     DECLARED "root=r;indent=tab",
     NULL,
     {{"f{a'1' b{c'2' d'3'}}", 0, NULL}, {"f{a'4'}", 0, NULL}},
     "<?xml version=\"1.0\" "
     "encoding=\"windows-1252\"?>\n<r>\n\t<f>\n\t\t<a>1</a>\n\t\t<b>\n\t\t\t<c>2</c>\n\t\t\t<d>3</d>\n"
     "\t\t</b>\n\t</f>\n\t<f>\n\t\t<a>4</a>\n\t</f>\n</r>\n"},
    {"on one line",
     "f[]",
     DECLARED "root=r;final_newline=false",
     NULL,
     {{"f{a'1'}", 0, NULL}, {"f'2'", 0, NULL}},
     "<?xml version=\"1.0\" encoding=\"windows-1252\"?><r><f><a>1</a></f><f>2</f></r>"},
    {"blanks",
     "f[]",
     "root=r;indent=two",
     NULL,
     {{"f{a{b'1'}}", 0, NULL}},
     "<r>\n  <f>\n    <a>\n      <b>1</b>\n    </a>\n  </f>\n</r>\n"},
    {"more blanks",
     "f[]",
     "root=r;indent=four",
     NULL,
     {{"f{a'1'}", 0, NULL}},
     "<r>\n    <f>\n        <a>1</a>\n    </f>\n</r>\n"},
    {"lists",
     "f[]",
     "root=r",
     NULL,
     {{"f{a[a'1' a{b'2'}] c[] d[d[d'3'] d'4']}", 0, NULL}},
     "<r><f><a>1</a><a><b>2</b></a><d>3</d><d>4</d></f></r>\n"},
    {"only an empty list", "f[]", "root=r;indent=tab", NULL, {{"f{a[]}", 0, NULL}}, "<r>\n\t<f/>\n</r>\n"},
    {"attributes",
     "f[]",
     "root=r",
     NULL,
     {{"f{@a'1' @b'<&\">~\t' c't'{@d'' @e!} g{@h'2'} i{j'k' @l'm'}}", 0, NULL}},
     "<r><f a=\"1\" b=\"&lt;&amp;&quot;&gt;&#10;&#9;\"><c d=\"\">t</c><g h=\"2\"/><i "
     "l=\"m\"><j>k</j></i></f></r>\n"},
    {"text",
     "f[]",
     "root=r",
     NULL,
     {{"f{a'<&>\"é\r~\t]]>' b#'1234.10'}", 0, NULL}},
     "<r><f><a>&lt;&amp;&gt;\"é&#13;\n\t]]&gt;</a><b>1234.10</b></f></r>\n"},
    {"mixed content has no white space",
     "f[]",
     "root=r;indent=tab",
     NULL,
     {{"f{a'x'{b{c'1'}} d'2'}", 0, NULL}},
     "<r>\n\t<f>\n\t\t<a>x<b><c>1</c></b></a>\n\t\t<d>2</d>\n\t</f>\n</r>\n"},
    {"empty", "f[]", "root=r", NULL, {{"f{a'' b! c{}}", 0, NULL}}, "<r><f><a/><b/><c/></f></r>\n"},
    {"empty, with a blank",
     "f[]",
     "root=r;empty=selfclose_space",
     NULL,
     {{"f{a''}", 0, NULL}},
     "<r><f><a /></f></r>\n"},
    {"empty, as a pair",
     "f[]",
     "root=r;empty=pair;indent=tab",
     NULL,
     {{"f{a'' b{@c'1'}}", 0, NULL}, {"f''", 0, NULL}},
     "<r>\n\t<f>\n\t\t<a></a>\n\t\t<b c=\"1\"></b>\n\t</f>\n\t<f></f>\n</r>\n"},
    {"nil",
     "f[]",
     "root=r;nil=true",
     NULL,
     {{"f{a! b''}", 0, NULL}},
     "<r xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><f><a xsi:nil=\"true\"/><b/></f></r>\n"},
    {"a schema",
     "f[]",
     "root=r;nil=true;" SCHEMA,
     "r{@xsi:noNamespaceSchemaLocation'y' @z'1' f...}",
     {{"f!", 0, NULL}},
     "<r xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:noNamespaceSchemaLocation=\"x.xsd\" "
     "z=\"1\">"
     "<f xsi:nil=\"true\"/></r>\n"},
    {"a namespace",
     "f[]",
     "root=r;namespace=urn:x&y",
     NULL,
     {{"f''", 0, NULL}},
     "<r xmlns=\"urn:x&amp;y\"><f/></r>\n"},
    {"head and tail",
     "f[]",
     "root=r;indent=tab",
     "r{h{a'1'} f... t{b'2'}}",
     {{"f'1'", 0, NULL}, {"f'2'", 1, NULL}},
     "<r>\n\t<h>\n\t\t<a>1</a>\n\t</h>\n\t<f>1</f>\n\t<f>2</f>\n\t<t>\n\t\t<b>2</b>\n\t</t>\n</r>\n"},
    {"totals known at last",
     "f[]",
     "",
     "r{h'?' f... t'?'}",
     {{"f'1'", 0, "r{h'1' f... t'1'}"}, {"f'2'", 1, "r{h'1' f... t'2'}"}},
     "<r><h>1</h><f>1</f><f>2</f><t>2</t></r>\n"},
    {"no records",
     "f[]",
     "indent=tab",
     "r{h'0' f... t'0'}",
     {{NULL, 0, NULL}},
     "<r>\n\t<h>0</h>\n\t<t>0</t>\n</r>\n"},
    {"no records, no context", "f[]", "root=r;indent=tab", NULL, {{NULL, 0, NULL}}, "<r>\n</r>\n"},
    {"deeper, without context",
     GROUPS,
     "root=D",
     NULL,
     {{"R'1'", 0, NULL}, {"R'2'", 3, NULL}},
     "<D><A><G><R>1</R><R>2</R></G></A></D>\n"},
    {"groups",
     GROUPS,
     "indent=tab",
     "D{A{G[G{R...}]}}",
     {{"R'1'", 0, "D{H'h' A{N'2' G[G{@i'1' d'x' R... s'1'}] M'm'} T't'}"},
      {"R'2'", 3, NULL},
      {"R'3'", 2, "D{H'h' A{N'2' G[G{@i'2' d'y' R... s'2'}] M'm'} T't'}"},
      {"R'4'", 3, NULL}},
     "<D>\n\t<H>h</H>\n\t<A>\n\t\t<N>2</N>\n\t\t<G "
     "i=\"1\">\n\t\t\t<d>x</d>\n\t\t\t<R>1</R>\n\t\t\t<R>2</R>\n\t\t\t<s>1</s>\n\t\t</G>\n"
     "\t\t<G "
     "i=\"2\">\n\t\t\t<d>y</d>\n\t\t\t<R>3</R>\n\t\t\t<R>4</R>\n\t\t\t<s>2</s>\n\t\t</G>\n\t\t<M>m</M>\n\t</"
     "A>\n\t<T>t</T>\n</D>\n"},
    {"beside text no white space is added",
     "f[]",
     "root=r;indent=tab",
     "r'x'{h{a'1'} f... t{b'2'}}",
     {{"f{c'1'}", 0, NULL}, {"f'2'", 1, NULL}},
     "<r>x<h><a>1</a></h><f><c>1</c></f><f>2</f><t><b>2</b></t></r>\n"},
    {"a group that has text, and one that has none",
     GROUPS,
     "indent=tab",
     "D{A{G'x'{d'1' R...}}}",
     {{"R{a'1'}", 0, NULL}, {"R'2'", 3, NULL}, {"R{a'3'}", 2, "D{A{G{d'2' R...}}}"}, {"R'4'", 3, NULL}},
     "<D>\n\t<A>\n\t\t<G>x<d>1</d><R><a>1</a></R><R>2</R></G>\n\t\t<G>\n\t\t\t<d>2</d>\n\t\t\t<R>\n"
     "\t\t\t\t<a>3</a>\n\t\t\t</R>\n\t\t\t<R>4</R>\n\t\t</G>\n\t</A>\n</D>\n"},
    {"a group that gets text, behind one without",
     GROUPS,
     "indent=two",
     "D{A{G{R...}}}",
     {{"R'1'", 0, NULL}, {"R{a'2'}", 2, "D'late'{A{G'x'{R...}}}"}},
     "<D>\n  <A>\n    <G>\n      <R>1</R>\n    </G>\n    <G>x<R><a>2</a></R></G>\n  </A>\n</D>\n"},
    {"a group not in a list",
     GROUPS,
     "",
     "D{A{G{d'x' R...}}}",
     {{"R'1'", 0, NULL}, {"R'2'", 2, "D{A{G{d'y' R...}}}"}},
     "<D><A><G><d>x</d><R>1</R></G><G><d>y</d><R>2</R></G></A></D>\n"},
    {"a group without records",
     GROUPS,
     "",
     "D{H'h' A{G{R...}}}",
     {{NULL, 0, NULL}},
     "<D><H>h</H><A></A></D>\n"},
    {"a rejected record opens no group",
     GROUPS,
     "",
     "D{A{G{d'x' R...}}}",
     {{"R'1'", 0, NULL}, {"R'\001'", 2, "D{A{G{d'y' R...}}}"}, {"R'2'", 3, NULL}},
     "<D><A><G><d>x</d><R>1</R>! xml.unwritable 0:0 path=R\n</G><G><d>y</d><R>2</R></G></A></D>\n"},
    {"what XML cannot carry",
     "f[]",
     "root=r",
     NULL,
     {{"f{a{b'x\002'}}", 0, NULL},
      {"f{@a'\xEF\xBF\xBE'}", 0, NULL},
      {"f{a'\xEF\xBF\xBD'}", 0, NULL},
      {"f'\x1F'", 0, NULL}},
     "! xml.unwritable 0:0 path=f/a/b\n! xml.unwritable 0:0 path=@a\n<r><f><a>\xEF\xBF\xBD</a></f>! "
     "xml.unwritable 0:0 path=f\n</r>\n"},
    {"names",
     "f[]",
     "root=r",
     NULL,
     {{"f{1a'1'}", 0, NULL}, {"f{@'1'}", 0, NULL}, {"f{a:'1'}", 0, NULL}, {"f{p:é-1.x_'1'}", 0, NULL}},
     "! xml.name 0:0 name=1a\n! xml.name 0:0 name=@\n! xml.name 0:0 "
     "name=a:\n<r><f><p:é-1.x_>1</p:é-1.x_></f></r>\n"},
    {"an attribute with several values",
     "f[]",
     "root=r",
     NULL,
     {{"f{@a[@a'1' @a'2']}", 0, NULL}},
     "! xml.attribute_value 0:0 name=@a\n<r></r>\n"},
    {"the root is the record",
     "",
     "root=r;indent=tab;namespace=urn:x",
     NULL,
     {{"x{@a'1' b'2'}", 0, NULL}},
     "<r xmlns=\"urn:x\" a=\"1\">\n\t<b>2</b>\n</r>\n"},
    {"it bears its own name",
     "",
     "",
     NULL,
     {{"x'1'", 0, NULL}, {"x'2'", 0, NULL}},
     "<x>1</x>! xml.one_root 0:0\n"},
    {"the record's name", "f[]", "root=r", NULL, {{"{a'1'}", 0, NULL}}, "<r><f><a>1</a></f></r>\n"},
    {"no root", "f[]", "", NULL, {{"f'1'", 0, NULL}}, "! xml.no_root 0:0\n"},
    {"what encloses cannot be written",
     "f[]",
     "",
     "r{h'\001' f...}",
     {{"f'1'", 0, NULL}},
     "! xml.unwritable 0:0 path=h\n"},
};

static void writes(void **state)
{
    const struct writing *w = *state;
    struct fixture *f;

    (void)fixture_setup((void **)&f);
    fixture_configure(f, w->steps, w->options);
    (void)write_all(f, w);
    assert_string_equal(f->out.data, w->expected);
    (void)fixture_teardown((void **)&f);
}

/* ---- both ways ---- */

/* Reads all records and writes each; the session that writes is a second one. */
static void copy(struct fixture *f, struct gw_str text, struct buf *to)
{
    static struct session writer;
    struct session_stream stream = {.encoding = GW_STR("UTF-8"), .steps = f->steps, .nsteps = f->nsteps};
    struct gw_record rec;
    struct output o;
    uint64_t n = 0;

    output_open_memory(&o, to, GW_STR("out"), 0, &f->sink);
    assert_int_equal(fixture_open(f, text, -1), GW_OK);
    assert_int_equal(
        session_open_writer(&writer, f->plugin, f->config, &f->names, &f->limits, &stream, &o, &f->sink),
        GW_OK);
    while (session_next(&f->session, &rec) == GW_OK) {
        rec.context = NULL;
        assert_int_equal(session_write(&writer, &rec, ++n), GW_OK);
    }
    assert_int_equal(session_finish(&writer, NULL), GW_OK);
    session_close(&writer);
    assert_int_equal(output_close(&o, true), GW_OK);
}

static void both_ways(void **state)
{
    static const char text[] = "<r><f k='&lt;\"&amp;&#9;&#10;'><a>  </a><b>x &lt; y "
                               "&#13;</b><c/><d>e<g>1</g>h<i/></d><j l='m'>n</j></f>"
                               "<f>é</f><f/><f><a><a><a>1</a></a></a></f></r>";
    static const char *const options[] = {"root=r", "root=r;indent=tab", "root=r;indent=two;empty=pair",
                                          DECLARED "root=r"};
    struct fixture *f = *state;
    struct buf first, copied;

    buf_init(&first, 1 << 20);
    buf_init(&copied, 1 << 20);
    for (size_t i = 0; i < 4; i++) {
        fixture_configure(f, "f[]", options[i]);
        (void)fixture_read(f, str_of(text));
        buf_clear(&first);
        buf_str(&first, buf_view(&f->out));
        buf_clear(&copied);
        copy(f, str_of(text), &copied);
        if (i == 3)
            copied.data[31] = '8'; /* it is UTF-8 that was written */
        (void)fixture_read(f, i == 3 ? str_from(buf_view(&copied), 45) : buf_view(&copied));
        assert_string_equal(f->out.data, first.data);
    }
    buf_done(&first);
    buf_done(&copied);
}

/* A record of the partner's own file comes out as it was, byte for byte. */
static void real_records(void **state)
{
    struct fixture *f = *state;
    struct buf text, copied;
    size_t begin, end, at;

    buf_init(&text, 1 << 20);
    buf_init(&copied, 1 << 20);
    if (buf_read_file(&text, SOURCE_DIR "/../shared/data/departement/cnaf-rsa/RSABEM.xml") != GW_OK) {
        print_message("../shared is absent: not tried on the partner's own file\n");
        skip();
    }
    fixture_configure(f, "InfosFoyerRSA[]", "root=Racine;indent=tab;empty=selfclose_space");
    copy(f, buf_view(&text), &copied);
    assert_true(str_find(buf_view(&text), GW_STR("\n\t<InfosFoyerRSA>"), &begin));
    assert_true(str_find(buf_view(&text), GW_STR("\n\t<TransmissionFlux>"), &end));
    assert_true(str_find(buf_view(&copied), GW_STR("\n\t<InfosFoyerRSA>"), &at));
    assert_true(str_begins(str_from(buf_view(&copied), at), (struct gw_str){text.data + begin, end - begin}));
    buf_done(&text);
    buf_done(&copied);
}

static void large_records(void **state)
{
    struct fixture *f = *state;
    struct buf text, copied;

    buf_init(&text, 4 << 20);
    buf_init(&copied, 4 << 20);
    buf_text(&text, "<r><f>");
    for (int i = 0; i < 30000; i++)
        buf_text(&text, "<abc>&lt;text&gt;</abc><d><e/></d>");
    buf_text(&text, "</f><f>2</f></r>\n");
    fixture_configure(f, "f[]", "root=r");
    copy(f, buf_view(&text), &copied);
    assert_int_equal(copied.len, text.len);
    assert_string_equal(copied.data, text.data);
    buf_done(&text);
    buf_done(&copied);
}

static void deep_records(void **state)
{
    static const struct writing deep = {
        "", "f[]", "root=r", NULL, {{"f{a{a{a{a'1'}}}}", 0, NULL}, {"f{a[a{a[a{a[a{a[a'2']}]}]}]}", 0, NULL}},
        ""};
    struct fixture *f = *state;

    fixture_configure(f, deep.steps, deep.options);
    f->limits.depth = 6;
    assert_int_equal(write_all(f, &deep), GW_OK);
    assert_string_equal(f->out.data,
                        "<r><f><a><a><a><a>1</a></a></a></a></f><f><a><a><a><a>2</a></a></a></a></f></r>\n");
    f->limits.depth = 5;
    assert_int_equal(write_all(f, &deep), GW_OK);
    assert_string_equal(f->out.data, "! xml.depth 0:0\n! xml.depth 0:0\n<r></r>\n");
}

static void memory_fails(void **state)
{
    struct fixture *f = *state;
    const struct writing *w = NULL;
    size_t failures = 0;

    for (size_t i = 0; i < sizeof(writings) / sizeof(*writings); i++)
        if (strcmp(writings[i].name, "groups") == 0)
            w = &writings[i];
    assert_non_null(w);
    fixture_configure(f, w->steps, w->options);
    for (size_t nth = 1;; nth++) {
        enum gw_result r;

        arena_fail_at(nth);
        r = write_all(f, w);
        if (arena_fail_left())
            break;
        failures++;
        assert_int_equal(r, GW_FATAL);
    }
    arena_fail_at(0);
    assert_string_equal(f->out.data, w->expected);
    assert_true(failures > 0);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    enum { N = sizeof(writings) / sizeof(*writings) };
    static const struct CMUnitTest tests[] = {EACH(both_ways), EACH(real_records), EACH(large_records),
                                              EACH(deep_records), EACH(memory_fails)};
    struct CMUnitTest cases[N];

    for (size_t i = 0; i < N; i++)
        cases[i] = (struct CMUnitTest){writings[i].name, writes, NULL, NULL, (void *)(uintptr_t)&writings[i]};
    return _cmocka_run_group_tests("xml: writing", cases, N, NULL, NULL) +
           cmocka_run_group_tests_name("xml: both ways", tests, NULL, NULL);
}
