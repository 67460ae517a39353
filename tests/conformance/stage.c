/* SPDX-License-Identifier: EUPL-1.2 */
#include "conformance/stage.h"

#include <stdio.h>

#define TRANSCRIPT ((size_t)64 << 20)

const char *result_word(enum gw_result r)
{
    static const char *const words[] = {"ok", "end", "reject", "fail", "retry", "fatal"};

    return words[r];
}

/* ---- what is seen ---- */

static void told(struct sink *sink, const struct diag *d)
{
    struct stage *st = (struct stage *)sink;

    st->reports++;
    buf_format(&st->out, "! %s %d %u:%u #%u", d->code, (int)d->severity, d->line, d->column,
               (unsigned)d->record);
    for (size_t i = 0; i < d->nargs; i++)
        buf_format(&st->out, " %s=%.*s", d->args[i].name, STR_ARG(d->args[i].value));
    buf_char(&st->out, '\n');
}

static void put_text(const struct gw_node *n, struct buf *out)
{
    static const char *const marks[] = {"null", "false ", "true ", "#", "", "", "", "records"};

    buf_text(out, marks[n->kind]);
    if (n->kind != GW_NULL && (n->len || n->kind == GW_TEXT))
        buf_format(out, "'%.*s'", (int)n->len, n->text ? n->text : "");
}

void stage_tree(struct stage *st, const struct gw_node *n, bool places, struct buf *out)
{
    buf_str(out, names_text(&st->names, n->name));
    if (places)
        buf_format(out, "@%u:%u", n->line, n->column);
    put_text(n, out);
    if (!n->first)
        return;
    buf_char(out, n->kind == GW_LIST ? '[' : '{');
    for (const struct gw_node *kid = n->first; kid; kid = kid->next) {
        if (kid != n->first)
            buf_char(out, ' ');
        stage_tree(st, kid, places, out);
    }
    buf_char(out, n->kind == GW_LIST ? ']' : '}');
}

/* ---- copies ---- */

static struct gw_node *find_list(struct gw_node *into, uint16_t name)
{
    struct gw_node *kid = into->first;

    while (kid && kid->name != name)
        kid = kid->next;
    return kid;
}

static void append(struct gw_node *into, struct gw_node *kid)
{
    struct gw_node **link = &into->first;

    while (*link)
        link = &(*link)->next;
    *link = kid;
}

/* A writer is always given a list where a name repeats. */
static void add_child(struct stage *st, struct gw_node *into, struct gw_node *kid)
{
    struct gw_node *same = into->kind == GW_LIST ? NULL : find_list(into, kid->name);

    if (!same) {
        append(into, kid);
        return;
    }
    if (same->kind != GW_LIST) {
        struct gw_node *first = arena_alloc(&st->trees, sizeof(*first));

        *first = *same;
        first->next = NULL;
        *same = (struct gw_node){.name = first->name, .kind = GW_LIST, .first = first, .next = same->next};
    }
    append(same, kid);
}

static struct gw_node *copy(struct stage *st, const struct gw_node *n)
{
    struct gw_node *c = arena_alloc(&st->trees, sizeof(*c));

    *c = *n;
    c->next = c->first = NULL;
    c->text = n->text ? arena_copy(&st->trees, (struct gw_str){n->text, n->len}).ptr : NULL;
    for (const struct gw_node *kid = n->first; kid; kid = kid->next)
        add_child(st, c, copy(st, kid));
    return c;
}

static void keep_record(struct stage *st, const struct gw_node *root)
{
    struct kept *k = arena_alloc(&st->trees, sizeof(*k));

    *k = (struct kept){.root = copy(st, root), .number = st->session.record};
    *st->tail = k;
    st->tail = &k->next;
}

/* The node in which the records stand, made where it is missing. */
static struct gw_node *innermost(struct stage *st, struct gw_node *n)
{
    for (size_t i = 0; i + 1 < st->nsteps; i++) {
        struct gw_node *kid = find_list(n, st->steps[i].name);

        if (!kid) {
            kid = arena_zero(&st->trees, sizeof(*kid));
            *kid = (struct gw_node){.name = st->steps[i].name, .kind = GW_MAP};
            append(n, kid);
        }
        while (kid->kind == GW_LIST && kid->first)
            kid = kid->first;
        n = kid;
    }
    return n;
}

static size_t children(const struct gw_node *n)
{
    size_t count = 0;

    for (const struct gw_node *kid = n->first; kid; kid = kid->next)
        count++;
    return count;
}

/* The context as the mapping would give it: with a node where the records stand. */
static void keep_context(struct stage *st, const struct gw_node *context, bool end)
{
    struct gw_node *root, *into, **link, *hole;

    if (!context || (st->nsteps && !st->steps[0].name))
        return;
    root = copy(st, context);
    root->kind = GW_MAP;
    into = innermost(st, root);
    if (!end) {
        st->before = children(into);
        return;
    }
    if (!st->nsteps && !into->first)
        return;
    link = &into->first;
    for (size_t i = 0; i < st->before && *link; i++)
        link = &(*link)->next;
    hole = arena_zero(&st->trees, sizeof(*hole));
    *hole = (struct gw_node){
        .name = st->nsteps ? st->steps[st->nsteps - 1].name : 0, .kind = GW_RECORDS, .next = *link};
    *link = hole;
    st->context = root;
}

/* ---- reading ---- */

static void put_record(struct stage *st, enum gw_result r, const struct gw_record *rec)
{
    struct buf *b = &st->out;
    uint32_t line = 0, column = 0;

    session_place(&st->session, rec, NULL, &line, &column);
    buf_format(b, "%s %u:%u %zu-%zu ", result_word(r), line, column, (size_t)rec->begin, (size_t)rec->end);
    if (r == GW_REJECT) {
        st->bad++;
        (void)session_raw(&st->session, rec, b);
        buf_char(b, '\n');
        return;
    }
    st->good++;
    stage_tree(st, rec->root, true, b);
    buf_char(b, '\n');
    stage_tree(st, rec->root, false, &st->text);
    buf_char(&st->text, '\n');
    if (!st->keep)
        return;
    if (!st->records)
        keep_context(st, rec->context, false);
    keep_record(st, rec->root);
}

static void put_end(struct stage *st, const struct gw_record *rec)
{
    if (rec->context && (rec->context->first || rec->context->len)) {
        buf_text(&st->out, "context ");
        stage_tree(st, rec->context, true, &st->out);
        buf_char(&st->out, '\n');
        buf_text(&st->text, "context ");
        stage_tree(st, rec->context, false, &st->text);
        buf_char(&st->text, '\n');
    }
    if (st->keep)
        keep_context(st, rec->context, true);
}

enum gw_result stage_next(struct stage *st)
{
    struct gw_record rec;
    enum gw_result r = session_next(&st->session, &rec);

    if (r == GW_OK || r == GW_REJECT)
        put_record(st, r, &rec);
    else if (r == GW_END)
        put_end(st, &rec);
    return r;
}

static void begin(struct stage *st)
{
    stage_close(st);
    buf_clear(&st->out);
    buf_clear(&st->text);
    st->reports = 0;
    st->good = st->bad = 0;
    arena_reset(&st->trees);
    st->records = NULL;
    st->tail = &st->records;
    st->context = NULL;
}

static enum gw_result open_session(struct stage *st, enum gw_result r)
{
    struct session_stream stream = {.encoding = str_of(st->sample->encoding),
                                    .steps = st->steps,
                                    .nsteps = st->nsteps,
                                    .columns = st->columns,
                                    .ncolumns = st->ncolumns};

    if (r == GW_OK)
        r = input_next_member(&st->input);
    if (r != GW_OK)
        return r;
    return session_open_reader(&st->session, st->plugin, st->config, &st->names, &st->limits, &stream,
                               &st->input, &st->sink);
}

enum gw_result stage_open(struct stage *st, struct gw_str text)
{
    struct input_options options = {.sink = &st->sink, .plugin = st->plugin};

    begin(st);
    return open_session(st, input_open_memory(&st->input, text, GW_STR("sample"), &options));
}

enum gw_result stage_open_fd(struct stage *st, int fd)
{
    struct input_options options = {.sink = &st->sink, .plugin = st->plugin};

    begin(st);
    return open_session(st, input_open_fd(&st->input, fd, GW_STR("pipe"), &options));
}

enum gw_result stage_read(struct stage *st, struct gw_str text)
{
    enum gw_result r = stage_open(st, text);

    while (r == GW_OK || r == GW_REJECT)
        r = stage_next(st);
    buf_format(&st->out, "%s\n", result_word(r));
    stage_close(st);
    return r;
}

void stage_close(struct stage *st)
{
    session_close(&st->session);
    input_close(&st->input);
}

/* ---- writing ---- */

enum gw_result stage_write_open(struct stage *st, struct buf *out, uint64_t records)
{
    struct session_stream stream = {.encoding = str_of(st->sample->encoding),
                                    .steps = st->steps,
                                    .nsteps = st->nsteps,
                                    .columns = st->columns,
                                    .ncolumns = st->ncolumns,
                                    .context = st->context,
                                    .records = records};

    stage_close(st);
    output_open_memory(&st->output, out, GW_STR("written"), 0, &st->sink);
    return session_open_writer(&st->session, st->plugin, st->config, &st->names, &st->limits, &stream,
                               &st->output, &st->sink);
}

static enum gw_result write_records(struct stage *st)
{
    enum gw_result r = GW_OK;
    bool first = true;

    for (const struct kept *k = st->records; k && (r == GW_OK || r == GW_REJECT); k = k->next) {
        struct gw_record rec = {
            .root = k->root, .context = st->context, .level = first ? 0 : (uint32_t)st->nsteps};

        r = session_write(&st->session, &rec, k->number);
        first = false;
    }
    return r == GW_REJECT ? GW_FAIL : r;
}

static uint64_t count_kept(const struct stage *st)
{
    uint64_t n = 0;

    for (const struct kept *k = st->records; k; k = k->next)
        n++;
    return n;
}

enum gw_result stage_write(struct stage *st, struct buf *out)
{
    enum gw_result r = stage_write_open(st, out, count_kept(st));

    if (r == GW_OK)
        r = write_records(st);
    if (r == GW_OK)
        r = session_finish(&st->session, st->context);
    session_close(&st->session);
    if (output_close(&st->output, r == GW_OK) != GW_OK && r == GW_OK)
        r = GW_FATAL;
    return r;
}

/* ---- setting up ---- */

/* "name=value name=value": a value has no blank. */
static struct gw_str option_text(void *context, const char *name)
{
    struct gw_str word, value, rest = str_of(context);

    while (rest.ptr) {
        word = str_cut(rest, ' ', &rest);
        word = str_cut(word, '=', &value);
        if (str_is(word, name))
            return value;
    }
    return (struct gw_str){NULL, 0};
}

static void set_steps(struct stage *st, struct gw_str path)
{
    struct gw_str rest = path, step;

    while (rest.ptr && path.len) {
        struct gw_step *to = &st->steps[st->nsteps++];

        step = str_cut(rest, '/', &rest);
        to->many = step.len >= 2 && step.ptr[step.len - 1] == ']';
        step.len -= to->many ? 2 : 0;
        to->name = step.len ? names_add(&st->names, step.ptr, step.len) : 0;
    }
}

static void set_columns(struct stage *st, struct gw_str words)
{
    struct gw_str rest = words, word;

    while (rest.ptr && words.ptr) {
        struct gw_column *to = &st->columns[st->ncolumns++];

        word = str_cut(rest, ' ', &rest);
        to->required = word.len && word.ptr[word.len - 1] == '!';
        to->name = names_add(&st->names, word.ptr, word.len - to->required);
    }
}

bool stage_init(struct stage *st, const struct gw_plugin *plugin, const struct sample *sample)
{
    char *options = (char *)(uintptr_t)(sample->options ? sample->options : "");
    struct option_source source = {option_text, options, GW_STR("sample"), &st->sink, NULL};

    *st = (struct stage){.sink.put = told, .plugin = plugin, .sample = sample};
    buf_init(&st->out, TRANSCRIPT);
    buf_init(&st->text, TRANSCRIPT);
    arena_init(&st->arena, 0, 0);
    arena_init(&st->trees, 0, 0);
    st->tail = &st->records;
    st->config = arena_zero(&st->arena, plugin->config_size + 1);
    if (!buf_room(&st->out, 65536) || !buf_room(&st->text, 65536) || !st->config ||
        names_init(&st->names, &st->arena, false) != GW_OK)
        return false;
    if (options_fill(plugin, st->config, &source) != GW_OK) {
        fprintf(stderr, "%s: %s", sample->name, st->out.data);
        return false;
    }
    set_steps(st, str_of(sample->steps));
    set_columns(st, str_of(sample->columns));
    return true;
}

void stage_done(struct stage *st)
{
    stage_close(st);
    buf_done(&st->out);
    buf_done(&st->text);
    arena_done(&st->trees);
    arena_done(&st->arena);
}
