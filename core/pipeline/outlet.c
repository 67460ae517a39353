/* SPDX-License-Identifier: EUPL-1.2 */
#include "pipeline/outlet.h"

#include "base/str.h"
#include "pipeline/spool.h"

static const struct format *format_of(const struct outlet *o)
{
    return o->codec->format;
}

static bool needs_totals(const struct outlet *o)
{
    return (o->codec->table && o->codec->table->totals_first) || (o->codec->plugin->flags & GW_TOTALS);
}

/* ---- one file ---- */

static bool fold_character(void *context, struct gw_str character, struct buf *out)
{
    struct outlet *o = context;
    struct gw_str text = character;

    if (fold_ascii(&o->writing.conversion, &text) != GW_OK || (text.len && (unsigned char)text.ptr[0] >= 0x80))
        return false;
    buf_str(out, text);
    return true;
}

static enum gw_result output_begin(struct outlet *o)
{
    const struct outlet_options *opt = &o->options;

    o->output_open = true;
    if (opt->memory) {
        output_open_memory(&o->output, opt->memory, GW_STR("memory"), 0, o->sink);
        return GW_OK;
    }
    if (opt->fd)
        return output_open_fd(&o->output, opt->fd - 1, GW_STR("-"), 0, o->sink);
    if (!o->folder)
        return output_open_path(&o->output, opt->path, 0, o->sink);
    if (outlet_name(o) != GW_OK)
        return GW_FATAL;
    return output_open_path(&o->output, o->path.data, 0, o->sink);
}

/* A syntax without nesting holds one type, which must be said. */
static enum gw_result flat_columns(struct outlet *o, struct session_stream *stream)
{
    struct gw_str type = o->options.resource;
    const struct shape *shape = type.ptr ? model_type(&o->codec->engine->model, type) : NULL;
    struct gw_arg args[] = {{"found", type}, {"format", format_of(o)->name}};
    struct diag d = {.severity = GW_ERROR,
                     .code = type.ptr ? "pivot.type" : "pivot.resource",
                     .file = format_of(o)->name,
                     .byte = UINT64_MAX,
                     .args = args,
                     .nargs = 2};

    if (shape)
        return pivot_flat_columns(&o->pivot, shape, &stream->columns, &stream->ncolumns);
    o->sink->put(o->sink, &d);
    return GW_FAIL;
}

static enum gw_result writer_begin(struct outlet *o)
{
    struct session_stream stream = {.records = UINT64_MAX, .encoding = format_of(o)->encoding};
    struct session_limits limits = {0};
    enum gw_result result = output_begin(o);

    if (o->options.encoding.ptr)
        stream.encoding = o->options.encoding;
    if (result == GW_OK && o->codec->table) {
        stream.steps = o->codec->table->steps;
        stream.nsteps = o->codec->table->nsteps;
        stream.columns = o->codec->table->columns;
        stream.ncolumns = o->codec->table->ncolumns;
        stream.records = o->writing.records;
        if (format_of(o)->fold_unencodable && fold_load(&o->codec->table->convert) == GW_OK)
            stream.fold = &o->fold;
        result = writing_context(&o->writing, false, &stream.context);
    }
    if (result == GW_OK && !o->codec->table && !(o->codec->plugin->flags & GW_NESTED))
        result = flat_columns(o, &stream);
    if (result != GW_OK)
        return result;
    o->session_open = true;
    o->in_file = 0;
    return session_open_writer(&o->session, o->codec->plugin, o->codec->config, &o->codec->names, &limits,
                               &stream, &o->output, o->sink);
}

static enum gw_result writer_end(struct outlet *o, bool keep)
{
    const struct gw_node *context = NULL;
    enum gw_result result = GW_OK, closed;

    if (keep && o->session_open) {
        if (o->codec->table) {
            if (!o->spool)
                o->writing.records = o->in_file;
            result = writing_context(&o->writing, true, &context);
        }
        if (result == GW_OK)
            result = session_finish(&o->session, context);
    }
    if (o->session_open)
        session_close(&o->session);
    closed = o->output_open ? output_close(&o->output, keep && result == GW_OK) : GW_OK;
    o->session_open = o->output_open = false;
    o->files++;
    return result == GW_OK ? closed : result;
}

/* ---- records ---- */

static bool is_full(const struct outlet *o)
{
    uint64_t limit = format_of(o)->limit_records;

    return limit && o->in_file >= limit;
}

static enum gw_result too_many(struct outlet *o)
{
    char room[20];
    struct gw_arg args[] = {{"max", gw_digits(format_of(o)->limit_records, room)},
                            {"format", format_of(o)->name}};
    struct diag d = {
        .severity = GW_ERROR, .code = "output.limit", .byte = UINT64_MAX, .args = args, .nargs = 2};

    o->sink->put(o->sink, &d);
    return GW_FAIL;
}

static enum gw_result ready(struct outlet *o)
{
    enum gw_result result = GW_OK;

    if (o->session_open && o->codec->table && is_full(o)) {
        if (!o->folder)
            return too_many(o);
        o->writing.records = o->in_file;
        result = writer_end(o, true);
        if (result == GW_OK)
            writing_begin(&o->writing, UINT64_MAX);
    }
    return result == GW_OK && !o->session_open ? writer_begin(o) : result;
}

static enum gw_result put_root(struct outlet *o, const struct bundle *b, size_t nth)
{
    struct gw_record rec;
    enum gw_result result = ready(o);

    if (result == GW_OK)
        result = writing_record(&o->writing, b, nth, &rec);
    if (result == GW_OK)
        result = session_write(&o->session, &rec, b->record);
    if (result == GW_OK)
        result = writing_done(&o->writing);
    if (result == GW_OK) {
        o->in_file++;
        o->written++;
    }
    return result;
}

/* All roots of a record or none: tried first where there are several. */
static enum gw_result put_mapped(struct outlet *o, const struct bundle *b, size_t *ret_written)
{
    size_t n = writing_roots(&o->writing, b);
    enum gw_result result = GW_OK;
    struct gw_record rec;

    for (size_t i = 0; n > 1 && result == GW_OK && i < n; i++)
        result = writing_record(&o->writing, b, i, &rec);
    for (size_t i = 0; result == GW_OK && i < n; i++)
        result = put_root(o, b, i);
    if (result == GW_OK)
        *ret_written = n;
    return result;
}

static enum gw_result put_pivot(struct outlet *o, const struct bundle *b, size_t *ret_written)
{
    enum gw_result result = ready(o);
    struct gw_record rec;

    for (const struct resource *r = b->first; result == GW_OK && r; r = r->next) {
        if (o->options.resource.ptr && !str_eq(r->object.shape->name, o->options.resource))
            continue;
        result =
            o->pivot.flat ? pivot_flat_resource(&o->pivot, b, r, &rec) : pivot_resource(&o->pivot, b, r, &rec);
        if (result == GW_OK)
            result = session_write(&o->session, &rec, b->record);
        if (result == GW_OK) {
            ++*ret_written;
            o->in_file++;
            o->written++;
        }
    }
    return result;
}

/* First pass: counted and kept, written when all are known. */
static enum gw_result put_spooled(struct outlet *o, const struct bundle *b, size_t *ret_written)
{
    size_t n = writing_roots(&o->writing, b);
    enum gw_result result = GW_OK;
    struct gw_record rec;

    for (size_t i = 0; n > 1 && result == GW_OK && i < n; i++)
        result = writing_record(&o->writing, b, i, &rec);
    for (size_t i = 0; result == GW_OK && i < n; i++) {
        result = writing_record(&o->writing, b, i, &rec);
        if (result == GW_OK)
            result = writing_done(&o->writing);
    }
    if (result != GW_OK)
        return result;
    o->written += n;
    *ret_written = n;
    return n ? spool_put(o->spool, b) : GW_OK;
}

enum gw_result outlet_put(struct outlet *o, const struct bundle *b, size_t *ret_written)
{
    *ret_written = 0;
    if (!o->codec->table)
        return put_pivot(o, b, ret_written);
    if (b->record == 0)
        return writing_envelope(&o->writing, b);
    return o->spool ? put_spooled(o, b, ret_written) : put_mapped(o, b, ret_written);
}

void outlet_date(struct outlet *o, struct gw_str date)
{
    struct gw_str copy;

    if (!date.ptr || str_eq(date, o->writing.view.date))
        return;
    copy = arena_copy(&o->codec->arena, date);
    if (copy.ptr)
        o->writing.view.date = o->writing.conversion.date = o->writing.conversion.call.date = copy;
}

static enum gw_result unspool(struct outlet *o)
{
    uint64_t total = o->written;
    enum gw_result result = spool_rewind(o->spool);
    struct bundle b;
    size_t n;

    writing_begin(&o->writing, total);
    o->written = 0;
    while (result == GW_OK) {
        result = spool_next(o->spool, &b);
        if (result == GW_OK)
            result = put_mapped(o, &b, &n);
    }
    return result == GW_END ? GW_OK : result;
}

enum gw_result outlet_open(struct outlet *o, struct codec *c, const struct outlet_options *options,
                           struct sink *sink)
{
    struct gw_str date = options->date.ptr ? options->date : c->engine->today;
    size_t len = options->path ? strlen(options->path) : 0;
    enum gw_result result;

    *o = (struct outlet){.codec = c, .options = *options, .sink = sink};
    o->fold = (struct charset_fold){fold_character, o};
    o->folder = len && options->path[len - 1] == '/';
    buf_init(&o->path, 65536);
    if (!c->plugin->writer)
        return outlet_unwritable(o);
    o->mapping_open = true;
    if (!c->table)
        return pivot_writing_open(&o->pivot, &c->names);
    result = writing_open(&o->writing, c->table, date, c->engine->now, sink, c->format->name);
    if (result == GW_OK && needs_totals(o))
        result = spool_open(&c->arena, c->engine, sink, &o->spool);
    return result;
}

static void pivot_done(struct outlet *o)
{
    pivot_flat_report(&o->pivot, o->sink);
    pivot_writing_close(&o->pivot);
}

enum gw_result outlet_close(struct outlet *o, bool keep)
{
    enum gw_result result = GW_OK, ended;

    if (keep && o->spool)
        result = unspool(o);
    if (keep && result == GW_OK && !o->session_open && o->mapping_open)
        result = writer_begin(o);
    ended = writer_end(o, keep && result == GW_OK);
    spool_close(o->spool);
    o->spool = NULL;
    if (o->mapping_open && o->codec->table)
        writing_close(&o->writing);
    else if (o->mapping_open)
        pivot_done(o);
    o->mapping_open = false;
    buf_done(&o->path);
    return result == GW_OK ? ended : result;
}
