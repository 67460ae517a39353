/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Writing, and the two together: what is written is read back the same, and a real file of the ASP comes
 * back byte for byte.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"
#include "support/unit.h"

#define PIPES "delimiter=| quote= header_line=2 first_line=DEB last_line=FIN pad_lines=true join_lines=true"

#define LARGEST (1u << 20) /* real file */

int test_write(void);

/* Records are "a=1&b=2" parted by '/'; '~' is a NUL byte. */
struct writing {
    const char *name, *options, *columns, *context, *records, *expected, *log;
};

static const struct writing writings[] = {
    {"plain", "", "a,b", "", "a=1&b=2/a=3&b=4", "a,b\n1,2\n3,4\n", ""},
    {"cr lf", "newline=crlf", "a,b", "", "a=1&b=2", "a,b\r\n1,2\r\n", ""},
    {"byte order mark", "bom=write", "a,b", "", "a=1&b=2",
     "\xEF\xBB\xBF"
     "a,b\n1,2\n",
     ""},
    {"any order", "", "a,b,c", "", "c=3&a=1&b=2", "a,b,c\n1,2,3\n", ""},
    {"absent cells", "", "a,b,c", "", "b=2/a=", "a,b,c\n,2,\n,,\n", ""},
    {"no record", "", "a,b", "", NULL, "a,b\n", ""},
    {"quoted where it must be", "delimiter=;", "a,b", "", "a=x;y&b=x\"y/a=x\ny&b=x\ry/a= x&b=x /a=\t&b=,",
     "a;b\n\"x;y\";\"x\"\"y\"\n\"x\ny\";\"x\ry\"\n\" x\";\"x \"\n\"\t\";,\n", ""},
    {"long texts", "", "a", "", "a=abcdefghijklmnopqrstuvwxyz0123,56789/a=abcdefghijklmnopqrstuvwxyz0123456789",
     "a\n\"abcdefghijklmnopqrstuvwxyz0123,56789\"\nabcdefghijklmnopqrstuvwxyz0123456789\n", ""},
    {"quotes everywhere", "quote_all=true", "a,b", "", "a=1&b=", "\"a\",\"b\"\n\"1\",\"\"\n", ""},
    {"what a spreadsheet would run", "guard=true delimiter=;", "a,b", "",
     "a=@x&b=-12,50/a=-x&b=+3/a='@x&b='x/a=+3x&b=-", "a;b\n'@x;-12,50\n'-x;+3\n''@x;'x\n'+3x;'-\n", ""},
    {"another quote", "quote='", "a,b", "", "a=x'&b=\"", "a,b\n'x''',\"\n", ""},
    {"an empty row of one cell", "", "a", "", "a=/a=1", "a\n\"\"\n1\n", ""},
    {"a quoted header", "", "a b,a;b, c", "", "a b=1", "a b,a;b,\" c\"\n1,,\n", ""},
    {"no header", "header_line=0", "a,b", "", "a=1&b=2", "1,2\n", ""},
    {"header on line 3", "header_line=3", "a,b", "", "a=1&b=2", "\n\na,b\n1,2\n", ""},
    {"context", PIPES, "a,b,c", "DEB=Vue01&FIN=1", "a=1&b=2&c=3", "DEBVue01||\na|b|c\n1|2|3\nFIN1||\n", ""},
    {"context not padded", "header_line=2 first_line=DEB last_line=FIN", "a,b", "DEB=x&FIN=1", "a=1",
     "DEBx\na,b\n1,\nFIN1\n", ""},
    {"no last line", PIPES, "a,b", "DEB=x", "a=1&b=2", "DEBx|\na|b\n1|2\n", ""},
    {"no context", PIPES, "a,b", "", "a=1&b=2", "a|b\n1|2\n", ""},
    {"no quotes", PIPES, "a,b", "", "a=\"&b=x\"", "a|b\n\"|x\"\n", ""},
    {"a delimiter, no quotes", "delimiter=; quote=", "a,b", "", "a=1&b=x;y/a=1&b=2", "a;b\n1;2\n",
     "E csv.unquotable 0:0 column=b\nX\n"},
    {"a line end, no quotes", "quote=", "a,b", "", "a=x\ny/a=x\n/b=x/b=\r", "a,b\n,x\n",
     "E csv.unquotable 0:0 column=a\nX\nE csv.unquotable 0:0 column=a\nX\nE csv.unquotable 0:0 column=b\nX\n"},
    {"a line end that lines are joined at", PIPES, "a,b,c", "", "a=1&b=x\n&c=3/b=x\r\n/b=\n/a=1\n&b=2",
     "a|b|c\n1|x\n|3\n|x\r\n|\n|\n|\n1\n|2|\n", ""},
    {"a line end elsewhere", PIPES, "a,b", "", "a=x\ny/b=x\n/a=\n/a=x\n\n/a=x\r", "a|b\n",
     "E csv.unquotable 0:0 column=a\nX\nE csv.unquotable 0:0 column=b\nX\nE csv.unquotable 0:0 column=a\nX\n"
     "E csv.unquotable 0:0 column=a\nX\nE csv.unquotable 0:0 column=a\nX\n"},
    {"what would be the last line", PIPES, "a,b", "", "a=FIN/a=FINx&b=2/a=FIN\n&b=2", "a|b\nFINx|2\nFIN\n|2\n",
     "E csv.unquotable 0:0 column=a\nX\n"},
    {"what would be the last line, in quotes", "last_line=FIN", "a,b", "", "a=FIN/a=FIN&b=2",
     "a,b\n\"FIN\",\nFIN,2\n", ""},
    {"an empty row, no quotes", "quote=", "a", "", "a=/a=1", "a\n1\n", "E csv.unquotable 0:0 column=a\nX\n"},
    {"nul", "", "a", "", "a=~/a=1", "a\n1\n", "E csv.nul 0:0 column=a\nX\n"},
    {"an unknown column", "", "a", "", "a=1/z=2", "a\n1\n", "E csv.column_unknown 0:0 column=z\nFAIL\n"},
    {"a cell twice", "", "a", "", "a=1&a=2/a=3", "a\n3\n", "E csv.nested 0:0 column=a\nX\n"},
    {"no columns", "", "", "", "a=1", "", "E csv.columns_unknown 0:0\nFAIL\n"},
    {"a header that cannot be written", "quote= delimiter=;", "x;y", "", "", "",
     "E csv.unquotable 0:0 column=x;y\nFAIL\n"},
    {"a delimiter in the context", PIPES, "a", "DEB=x|y", "a=1", "", "E csv.unquotable 0:0 column=DEB\nFAIL\n"},
    {"delimiter and quote alike", "quote=,", "a", "", "a=1", "", "E csv.delimiter 0:0\nFAIL\n"},
};

/* Nodes of "a=1&b=2". They live until fake_forget(). */
static struct gw_node *make_nodes(struct fake_host *h, const char *spec, size_t size)
{
    const struct gw_host *host = h->s.host;
    struct gw_node *first = NULL, **end = &first;

    for (size_t at = 0, len; at < size; at += len + 1) {
        struct gw_node *n = host->alloc(&h->s, GW_RECORD_LIFE, sizeof(*n));
        size_t name = strcspn(spec + at, "=");
        char *text;

        len = strcspn(spec + at, "&");
        len = len < size - at ? len : size - at;
        *n = (struct gw_node){.len = (uint32_t)(len - name - 1), .kind = GW_TEXT};
        n->name = host->name(&h->s, spec + at, name);
        n->text = text = host->alloc(&h->s, GW_RECORD_LIFE, n->len + 1);
        memcpy(text, spec + at + name + 1, n->len);
        for (size_t i = 0; i < n->len; i++)
            text[i] = text[i] == '~' ? 0 : text[i];
        *end = n;
        end = &n->next;
    }
    return first;
}

/* Writes the records; notes what is not GW_OK. */
static void write_records(struct fake_host *h, const char *records, const struct gw_node *context)
{
    const struct gw_writer *w = h->plugin->writer;
    enum gw_result r;

    h->stream.context = context;
    r = w->open(&h->s);
    while (records && (r == GW_OK || r == GW_REJECT)) {
        size_t len = strcspn(records, "/");
        struct gw_node root = {.kind = GW_MAP, .first = make_nodes(h, records, len)};
        struct gw_record rec = {.root = &root, .context = context};

        r = w->write(&h->s, &rec);
        if (r == GW_REJECT)
            fake_note(h, "X\n");
        records = records[len] ? records + len + 1 : NULL;
    }
    if (r == GW_OK || r == GW_REJECT)
        r = w->finish(&h->s, context);
    if (r == GW_FAIL || r == GW_FATAL)
        fake_note(h, r == GW_FAIL ? "FAIL\n" : "FATAL\n");
}

static void start_writing(struct fake_host *h, const struct writing *c, struct gw_node *context)
{
    fake_start(h, c->options, c->columns);
    *context = (struct gw_node){.kind = GW_MAP};
    context->first = make_nodes(h, c->context, strlen(c->context));
    h->allocations = 0;
}

static void writes_each_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(writings) / sizeof(writings[0]); i++) {
        const struct writing *c = &writings[i];
        struct gw_node context;
        struct fake_host h;

        start_writing(&h, c, &context);
        write_records(&h, c->records, c->context[0] ? &context : NULL);
        if (strcmp(h.out.text, c->expected) != 0 || strcmp(h.log.text, c->log) != 0)
            fail_msg("%s:\n%s%s\ninstead of:\n%s%s", c->name, h.out.text, h.log.text, c->expected, c->log);
        fake_done(&h);
    }
}

static void survives_each_failing_allocation(void **state)
{
    struct fake_host h;
    struct gw_node context, root = {.kind = GW_MAP};
    struct gw_record rec = {.root = &root};
    const struct writing c = {"", PIPES, "a,b", "DEB=x&FIN=1", NULL, NULL, NULL};
    bool failed = true;

    (void)state;
    for (size_t at = 1; failed; at++) {
        enum gw_result r;

        start_writing(&h, &c, &context);
        root.first = make_nodes(&h, "a=1&b=2", 7);
        h.stream.context = &context;
        h.allocations = 0;
        h.fail_at = at;
        r = h.plugin->writer->open(&h.s);
        if (r == GW_OK)
            r = h.plugin->writer->write(&h.s, &rec);
        if (r == GW_OK)
            r = h.plugin->writer->finish(&h.s, &context);
        failed = h.allocations >= at;
        assert_int_equal(r, failed ? GW_FATAL : GW_OK);
        fake_done(&h);
    }
}

/* ---- both ---- */

/* Reads all of `input` and writes it anew into h->out, with the columns of its own header. */
static void rewrite(struct fake_host *h, const char *options, const char *input, size_t len)
{
    struct fake_host in;
    struct gw_record rec;
    enum gw_result r;
    struct gw_node context = {.kind = GW_MAP};
    bool open = false;

    fake_start(&in, options, "");
    fake_start(h, options, "");
    in.input = input;
    in.len = len;
    in.step = 1000;
    assert_int_equal(in.plugin->reader->open(&in.s), GW_OK);
    while ((r = fake_next(&in, &rec)) == GW_OK) {
        for (struct gw_node *n = rec.root->first; n; n = n->next) {
            n->name = fake_name(h, in.names[n->name]);
            if (!open)
                h->columns[h->stream.ncolumns++].name = n->name;
        }
        context = *rec.context;
        for (struct gw_node *n = context.first; n; n = n->next)
            n->name = fake_name(h, in.names[n->name]);
        h->stream.context = &context;
        if (!open)
            assert_int_equal(h->plugin->writer->open(&h->s), GW_OK);
        open = true;
        assert_int_equal(h->plugin->writer->write(&h->s, &rec), GW_OK);
        for (struct gw_node *n = context.first; n; n = n->next)
            n->name = fake_name(&in, h->names[n->name]);
        fake_forget(h);
    }
    assert_int_equal(r, GW_END);
    context = *rec.context;
    for (struct gw_node *n = context.first; n; n = n->next)
        n->name = fake_name(h, in.names[n->name]);
    assert_int_equal(h->plugin->writer->finish(&h->s, &context), GW_OK);
    if (in.log.len)
        fail_msg("%s", in.log.text);
    fake_done(&in);
}

struct round {
    const char *name, *options, *input;
};

static const struct round rounds[] = {
    {"quotes", "delimiter=;", "a;b\n\"x;\";\" y\"\n;\"\"\"\"\n\"1\n2\";3\n"},
    {"cr lf", "newline=crlf", "a,b\r\n1,2\r\n\"\r\n\",\"\n\"\r\n"},
    {"byte order mark", "bom=write quote_all=true", "\xEF\xBB\xBF\"a\",\"b\"\n\"1\",\"\"\n"},
    {"tabs", "delimiter=\\t quote=", "a\tb\n1\t\n\t\"2\n"},
    {"pipes", PIPES, "DEBx||\na|b|c\n1|\"|3\n1|x\n|3\n||\n"},
    {"pipes, last line", PIPES, "DEBx||\na|b|c\n1|2|3\nFIN1||\n"},
};

static void gives_the_same_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
        struct fake_host h;

        rewrite(&h, rounds[i].options, rounds[i].input, strlen(rounds[i].input));
        if (strcmp(h.out.text, rounds[i].input) != 0)
            fail_msg("%s:\n%s\ninstead of:\n%s", rounds[i].name, h.out.text, rounds[i].input);
        fake_done(&h);
    }
}

static char *load(const char *path, size_t *ret_len)
{
    FILE *f = fopen(path, "rb");
    char *bytes;

    if (!f)
        return NULL;
    bytes = malloc(LARGEST);
    *ret_len = fread(bytes, 1, LARGEST, f);
    fclose(f);
    return bytes;
}

/* 85 rows without a last line, a view with one, and a view made up. */
static void gives_real_files_back(void **state)
{
    static const char *const files[] = {"flux_iae/fluxIAE_AnnexeFinanciere_22022022_112211.csv",
                                        "flux_iae/fluxIAE_Structure_22022022_112211.redacted.csv",
                                        "synthetic/fluxIAE_EtatMensuelIndiv_07092026_063004.csv"};

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[512];
        size_t len;
        char *bytes;
        struct fake_host h;

        snprintf(path, sizeof(path), SOURCE_DIR "/../shared/data/asp/%s", files[i]);
        bytes = load(path, &len);
        if (!bytes) {
            print_message("no %s beside the sources: skipped\n", files[i]);
            skip();
        }
        rewrite(&h, PIPES, bytes, len);
        assert_int_equal(h.out.len, len);
        assert_memory_equal(h.out.text, bytes, len);
        fake_done(&h);
        free(bytes);
    }
}

static uint32_t draw(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static size_t draw_text(uint32_t *seed, char *text, const char *letters)
{
    size_t len = draw(seed) % 6 ? draw(seed) % 5 : 40;

    for (size_t i = 0; i < len; i++)
        text[i] = letters[draw(seed) % strlen(letters)];
    return len;
}

static bool same_texts(const struct gw_node *a, const struct gw_node *b)
{
    for (; a && b; a = a->next, b = b->next)
        if (a->len != b->len || memcmp(a->text, b->text, a->len) != 0)
            return false;
    return a == b;
}

/* One record of drawn texts: written, then read back from any window, or refused. */
static void check_drawn(const char *options, const char *letters, uint32_t *seed)
{
    char texts[3][64];
    struct gw_node nodes[3], root = {.kind = GW_MAP, .first = nodes};
    struct gw_record rec = {.root = &root}, back;
    struct fake_host h, in;
    enum gw_result r;

    fake_start(&h, options, "a,b,c");
    for (size_t i = 0; i < 3; i++)
        nodes[i] = (struct gw_node){.text = texts[i],
                                    .len = (uint32_t)draw_text(seed, texts[i], letters),
                                    .next = i < 2 ? &nodes[i + 1] : NULL,
                                    .name = h.columns[i].name,
                                    .kind = GW_TEXT};
    assert_int_equal(h.plugin->writer->open(&h.s), GW_OK);
    r = h.plugin->writer->write(&h.s, &rec);
    if (r == GW_OK)
        r = h.plugin->writer->write(&h.s, &rec);
    fake_start(&in, options, "a,b,c");
    in.input = h.out.text;
    in.len = h.out.len;
    in.step = draw(seed) % 4;
    if (r == GW_OK) {
        assert_int_equal(in.plugin->reader->open(&in.s), GW_OK);
        for (int i = 0; i < 2; i++)
            if (fake_next(&in, &back) != GW_OK || !same_texts(back.root->first, nodes))
                fail_msg("%s:\n%s\n%s", options, h.out.text, in.log.text);
        assert_int_equal(fake_next(&in, &back), GW_END);
    } else {
        assert_int_equal(r, GW_REJECT);
    }
    fake_done(&h);
    fake_done(&in);
}

static void reads_back_what_it_wrote(void **state)
{
    static const char *const options[] = {"delimiter=;",
                                          "delimiter=; newline=crlf",
                                          "delimiter=; quote=",
                                          "quote_all=true",
                                          "delimiter=\\t quote='",
                                          "delimiter=; last_line=F",
                                          "delimiter=| quote= last_line=F join_lines=true"};
    uint32_t seed = 1;

    (void)state;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        for (int n = 0; n < 3000; n++)
            check_drawn(options[i], n % 2 ? "a;\"\n\r ,|'\tF" : "ab|\nF", &seed);
}

int test_write(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_each_case),         cmocka_unit_test(survives_each_failing_allocation),
        cmocka_unit_test(gives_the_same_bytes),     cmocka_unit_test(gives_real_files_back),
        cmocka_unit_test(reads_back_what_it_wrote),
    };

    return cmocka_run_group_tests_name("csv write", tests, NULL, NULL);
}
