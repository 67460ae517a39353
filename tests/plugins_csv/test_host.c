/* SPDX-License-Identifier: EUPL-1.2 */
/* The plugin in the real host: options as texts, character sets, a reject's bytes, both ways at any window. */
#include <dlfcn.h>
#include <string.h>

#include "base/str.h"
#include "pipeline/options.h"
#include "pipeline/session.h"
#include "support/unit.h"

int test_host(void);

#define MOST 8

struct options {
    const char *pairs[MOST][2];
};

struct reading {
    const char *name;
    struct options options;
    const char *encoding;
    struct gw_str input;
    const char *expected; /* cells, or the raw bytes of a reject behind '!', and the codes told */
    const char *written;  /* UTF-8 */
};

#define PIPES                                                                                                  \
    {                                                                                                          \
        {                                                                                                      \
            {"delimiter", "|"}, {"quote", ""}, {"header_line", "2"}, {"first_line", "DEB"},                    \
                {"last_line", "FIN"}, {"pad_lines", "true"}, {"join_lines", "true"},                           \
            {                                                                                                  \
                NULL, NULL                                                                                     \
            }                                                                                                  \
        }                                                                                                      \
    }

static const struct reading readings[] = {
    {"windows-1252 and tabs",
     {{{"delimiter", "\\t"}, {"newline", "crlf"}}},
     "windows-1252",
     GW_STR_INIT("nom\tville\nNo\xEBl\tN\xEEmes\n\"x\n"),
     "No\xC3\xABl|N\xC3\xAEmes|\n!\"x\ncsv.quote_open 3:1 #2\n",
     "nom\tville\r\nNo\xC3\xABl\tN\xC3\xAEmes\r\n"},
    {"a mark that the host takes away",
     {{{"delimiter", ";"}, {"bom", "write"}}},
     NULL,
     GW_STR_INIT("\xEF\xBB\xBFnom;ville\n1;2;3\n4;5\n"),
     "!1;2;3\n4|5|\ncsv.cells_many 2:5 #1\n",
     "\xEF\xBB\xBFnom;ville\n4;5\n"},
    {"pipes", PIPES, "UTF-8", GW_STR_INIT("DEBVue|\nnom|ville\n1|\"\nFIN1|\n"), "1|\"|\n",
     "DEBVue|\nnom|ville\n1|\"\nFIN1|\n"},
};

struct told {
    struct sink sink; /* first */
    struct buf text;
};

static void put(struct sink *sink, const struct diag *d)
{
    buf_format(&((struct told *)sink)->text, "%s %u:%u #%u\n", d->code, d->line, d->column,
               (unsigned)d->record);
}

static struct gw_str get_option(void *context, const char *name)
{
    const struct options *o = context;

    for (size_t i = 0; i < MOST && o->pairs[i][0]; i++)
        if (strcmp(o->pairs[i][0], name) == 0)
            return str_of(o->pairs[i][1]);
    return (struct gw_str){NULL, 0};
}

static const struct gw_plugin *load(void)
{
    void *handle = dlopen(BUILD_DIR "/plugins/csv.so", RTLD_NOW | RTLD_LOCAL);
    const struct gw_plugin *p = handle ? dlsym(handle, "gw_plugin") : NULL;

    if (!p)
        fail_msg("%s", dlerror());
    return p;
}

struct both {
    struct arena arena;
    struct names names;
    struct told told;
    struct input input;
    struct output output;
    struct buf written, seen;
    struct session in, out;
    struct session_stream stream;
    struct gw_column columns[2];
    const struct gw_plugin *plugin;
    void *config;
};

static void start(struct both *b, const struct reading *c, size_t step)
{
    struct session_limits limits = {.step = step};
    struct options options = c->options;
    struct option_source source = {get_option, &options, GW_STR("format.conf"), &b->told.sink, NULL};
    struct input_options how = {.sink = &b->told.sink};

    *b = (struct both){.told.sink.put = put};
    arena_init(&b->arena, 0, 0);
    buf_init(&b->told.text, 4096);
    buf_init(&b->written, 4096);
    buf_init(&b->seen, 4096);
    assert_int_equal(names_init(&b->names, &b->arena, false), GW_OK);
    b->columns[0] = (struct gw_column){names_add(&b->names, "nom", 3), true};
    b->columns[1] = (struct gw_column){names_add(&b->names, "ville", 5), false};
    b->plugin = load();
    b->config = arena_zero(&b->arena, b->plugin->config_size);
    assert_int_equal(options_fill(b->plugin, b->config, &source), GW_OK);
    b->stream = (struct session_stream){.encoding = str_of(c->encoding), .columns = b->columns, .ncolumns = 2};
    assert_int_equal(input_open_memory(&b->input, c->input, GW_STR("t.csv"), &how), GW_OK);
    assert_int_equal(input_next_member(&b->input), GW_OK);
    assert_int_equal(session_open_reader(&b->in, b->plugin, b->config, &b->names, &limits, &b->stream,
                                         &b->input, &b->told.sink),
                     GW_OK);
}

static void done(struct both *b)
{
    session_close(&b->in);
    session_close(&b->out);
    input_close(&b->input);
    assert_int_equal(output_close(&b->output, true), GW_OK);
    buf_done(&b->told.text);
    buf_done(&b->written);
    buf_done(&b->seen);
    arena_done(&b->arena);
}

static void start_writing(struct both *b, const struct gw_node *context)
{
    struct session_limits limits = {0};

    b->stream.encoding = (struct gw_str){NULL, 0};
    b->stream.context = context->first ? context : NULL;
    b->stream.records = UINT64_MAX;
    output_open_memory(&b->output, &b->written, GW_STR("out.csv"), 0, &b->told.sink);
    assert_int_equal(session_open_writer(&b->out, b->plugin, b->config, &b->names, &limits, &b->stream,
                                         &b->output, &b->told.sink),
                     GW_OK);
}

/* The context as the mapping gives it: with the place of the records. */
static struct gw_node with_records(const struct gw_node *context, struct gw_node nodes[3])
{
    struct gw_node root = {.kind = GW_MAP}, **end = &root.first;
    size_t n = 0;

    for (const struct gw_node *c = context->first; c; c = c->next) {
        nodes[n] = *c;
        *end = &nodes[n];
        end = &nodes[n++].next;
    }
    if (n) {
        nodes[n] = (struct gw_node){.kind = GW_RECORDS};
        *end = &nodes[n];
    }
    return root;
}

static void check(const struct reading *c, size_t step)
{
    struct both b;
    struct gw_record rec;
    struct gw_node nodes[3], context;
    enum gw_result r;

    start(&b, c, step);
    while ((r = session_next(&b.in, &rec)) == GW_OK || r == GW_REJECT) {
        if (!b.out.plugin) {
            context = with_records(rec.context, nodes);
            start_writing(&b, &context);
        }
        if (r == GW_REJECT) {
            buf_char(&b.seen, '!');
            assert_true(session_raw(&b.in, &rec, &b.seen));
            continue;
        }
        for (const struct gw_node *n = rec.root->first; n; n = n->next)
            buf_format(&b.seen, "%.*s|", (int)n->len, n->text);
        buf_char(&b.seen, '\n');
        assert_int_equal(session_write(&b.out, &rec, b.in.record), GW_OK);
    }
    assert_int_equal(r, GW_END);
    context = with_records(rec.context, nodes);
    assert_int_equal(session_finish(&b.out, context.first ? &context : NULL), GW_OK);
    assert_int_equal(output_commit(&b.output), GW_OK);
    assert_int_equal(output_flush(&b.output), GW_OK);
    buf_str(&b.seen, buf_view(&b.told.text));
    if (strcmp(b.seen.data, c->expected) != 0 || strcmp(b.written.data, c->written) != 0)
        fail_msg("%s, step %zu:\n%s%s\ninstead of:\n%s%s", c->name, step, b.seen.data, b.written.data,
                 c->expected, c->written);
    done(&b);
}

static void works_in_the_host(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++)
        for (size_t step = 0; step < readings[i].input.len + 1; step++)
            check(&readings[i], step);
}

static void has_a_good_option_table(void **state)
{
    const char *why = NULL;

    (void)state;
    if (options_fault(load(), &why))
        fail_msg("%s", why);
}

int test_host(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(works_in_the_host),
        cmocka_unit_test(has_a_good_option_table),
    };

    return cmocka_run_group_tests_name("csv in the host", tests, NULL, NULL);
}
