/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Resources to bytes and back, in memory. The writing is the outlet's, done step by step so that the
 * frames can be looked at; the reading is the source's, without the checks of the pivot: they are no
 * part of the law.
 */
#include "law/proof.h"

struct press {
    struct proof *proof;
    struct writing writing;
    struct session session;
    struct output output;
    struct watcher *watch;
    bool session_open;
};

/* The root's `when` does not hold: no record of the format, as convert would say. */
static enum gw_result no_record(struct press *m)
{
    const struct scope *root = m->proof->table->root;
    struct gw_arg args[] = {{"count", GW_STR("1")}, {"type", root->shape->name}, {"when", root->line->cells[CELL_WHEN]}};
    struct diag d = {.severity = GW_ERROR,
                     .code = "mapping.filtered",
                     .rule = root->line->where,
                     .byte = UINT64_MAX,
                     .args = args,
                     .nargs = 3};

    if (root->when)
        m->proof->said.sink.put(&m->proof->said.sink, &d);
    return GW_REJECT;
}

static enum gw_result record_make(struct press *m, const struct sheet *s, struct gw_record *ret)
{
    if (!writing_roots(&m->writing, s->record))
        return no_record(m);
    return writing_record(&m->writing, s->record, 0, ret);
}

static enum gw_result session_begin(struct press *m)
{
    const struct codec *c = &m->proof->codec;
    struct session_stream stream = {.records = 1,
                                    .encoding = c->format->encoding,
                                    .steps = c->table->steps,
                                    .nsteps = c->table->nsteps,
                                    .columns = c->table->columns,
                                    .ncolumns = c->table->ncolumns};
    struct session_limits limits = {0};
    enum gw_result result = writing_context(&m->writing, false, &stream.context);

    if (result != GW_OK)
        return result;
    m->session_open = true;
    return session_open_writer(&m->session, c->plugin, c->config, &m->proof->codec.names, &limits, &stream,
                               &m->output, &m->proof->said.sink);
}

/* Twice, as for formats whose totals stand before the records. */
static enum gw_result press_run(struct press *m, const struct sheet *s)
{
    const struct gw_node *context = NULL;
    struct gw_record rec;
    enum gw_result result = record_make(m, s, &rec);

    if (result == GW_OK)
        result = writing_done(&m->writing);
    if (result != GW_OK)
        return result;
    writing_begin(&m->writing, 1);
    result = session_begin(m);
    if (result == GW_OK)
        result = record_make(m, s, &rec);
    if (result == GW_OK)
        result = session_write(&m->session, &rec, 1);
    if (result != GW_OK)
        return result;
    if (m->watch && m->watch->record)
        m->watch->record(m->watch, &m->writing);
    result = writing_done(&m->writing);
    if (result == GW_OK)
        result = writing_context(&m->writing, true, &context);
    if (result == GW_OK && context && m->watch && m->watch->context)
        m->watch->context(m->watch, &m->writing);
    return result == GW_OK ? session_finish(&m->session, context) : result;
}

enum gw_result sheet_write(struct proof *p, const struct sheet *s, struct buf *out, struct watcher *watch)
{
    struct press m = {.proof = p, .watch = watch};
    enum gw_result result, closed;

    output_open_memory(&m.output, out, GW_STR("memory"), 0, &p->said.sink);
    result = writing_open(&m.writing, p->table, s->date, p->engine->now, &p->said.sink, p->codec.format->name);
    if (result == GW_OK && s->envelope && s->envelope->count)
        result = writing_envelope(&m.writing, s->envelope);
    if (result == GW_OK)
        result = press_run(&m, s);
    if (m.session_open)
        session_close(&m.session);
    closed = output_close(&m.output, result == GW_OK);
    writing_close(&m.writing);
    return result == GW_OK ? closed : result;
}

enum gw_result trip_open(struct proof *p, struct trip *t, struct gw_str bytes, struct gw_str name,
                         struct gw_str date)
{
    struct input_options io = {.sink = &p->said.sink, .plugin = p->codec.plugin};
    struct source_options so = {.name = name, .date = date};
    enum gw_result result;

    *t = (struct trip){.open = true};
    result = input_open_memory(&t->input, bytes, name.ptr ? name : GW_STR("memory"), &io);
    if (result == GW_OK)
        result = input_next_member(&t->input);
    if (result == GW_OK)
        result = source_open(&t->source, &p->codec, &t->input, &so, &p->said.sink);
    if (p->table)
        t->source.reading.checks = NULL;
    else
        t->source.pivot.checks = NULL;
    return result;
}

void trip_close(struct trip *t)
{
    if (!t->open)
        return;
    source_close(&t->source);
    input_close(&t->input);
    t->open = false;
}
