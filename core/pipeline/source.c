/* SPDX-License-Identifier: EUPL-1.2 */
#include "pipeline/source.h"

#include "base/str.h"

static void locate(struct locator *l, const struct gw_node *node, struct gw_place *ret)
{
    struct source *s = (struct source *)((char *)l - offsetof(struct source, locator));
    uint32_t line = 0, column = 0;

    session_place(&s->session, &s->rec, node, &line, &column);
    *ret = (struct gw_place){UINT64_MAX, line, column};
}

static struct gw_str encoding_of(const struct codec *c, const struct source_options *o)
{
    return o->encoding.ptr ? o->encoding : c->format->encoding;
}

/* Checks of the pivot's own lines ask for nomenclatures too. */
static enum gw_result open_pivot(struct source *s, const struct source_options *o, struct sink *sink)
{
    struct codec *c = s->codec;
    enum gw_result result = pivot_reading_open(&s->pivot, &c->engine->model, &c->names, c->engine->checks, sink,
                                               &s->locator, s->file);
    struct gw_str date = o->date.ptr ? o->date : c->engine->today;

    s->pivot.converters = (struct converters){.arena = &c->arena,
                                              .format = c->format,
                                              .model = &c->engine->model,
                                              .nomenclatures = c->engine->nomenclatures,
                                              .sink = sink};
    s->pivot.conversion.date = s->pivot.conversion.call.date = date;
    return result;
}

enum gw_result source_open(struct source *s, struct codec *c, struct input *input,
                           const struct source_options *o, struct sink *sink)
{
    struct session_stream stream = {.encoding = encoding_of(c, o)};
    enum gw_result result;

    *s = (struct source){.codec = c,
                         .locator = {locate},
                         .sink = sink,
                         .file = input->member,
                         .date = o->date,
                         .before = o->before,
                         .keep_raw = o->keep_raw};
    buf_init(&s->raw, (size_t)64 << 20);
    buf_init(&s->raw_next, (size_t)64 << 20);
    if (c->table) {
        stream.steps = c->table->steps;
        stream.nsteps = c->table->nsteps;
        stream.columns = c->table->columns;
        stream.ncolumns = c->table->ncolumns;
        stream.aliases = c->table->aliases;
        stream.naliases = c->table->naliases;
    }
    s->session_open = true;
    result =
        session_open_reader(&s->session, c->plugin, c->config, &c->names, &o->limits, &stream, input, sink);
    if (result != GW_OK)
        return result;
    s->mapping_open = true;
    if (!c->table)
        return open_pivot(s, o, sink);
    result =
        reading_open(&s->reading, c->table, o->name, o->date, c->engine->today, sink, &s->locator, s->file);
    s->reading.checks = c->engine->checks;
    return result;
}

void source_close(struct source *s)
{
    if (s->mapping_open && s->codec->table)
        reading_close(&s->reading);
    else if (s->mapping_open)
        pivot_reading_close(&s->pivot);
    if (s->session_open)
        session_close(&s->session);
    buf_done(&s->raw);
    buf_done(&s->raw_next);
    *s = (struct source){0};
}

uint64_t source_record(const struct source *s)
{
    return s->records;
}

uint64_t source_last(const struct source *s)
{
    uint64_t read = s->before + s->records;

    return s->last > read ? s->last : read;
}

bool source_raw(struct source *s, struct buf *out)
{
    if (s->codec->table)
        return session_raw(&s->session, &s->rec, out);
    buf_str(out, buf_view(&s->raw));
    return !s->raw.failed;
}

/* ---- by a mapping ---- */

static uint64_t values_of(const struct bundle *b)
{
    uint64_t n = 0;

    for (unsigned w = 0; b->first && w * 64 < b->first->object.slots; w++)
        n += (unsigned)__builtin_popcountll(b->first->object.have[w]);
    return n;
}

/* With the first record (or the end): $date and the envelope, which goes out before it. */
static enum gw_result start(struct source *s, struct bundle *ret, bool *ret_given)
{
    enum gw_result result = reading_start(&s->reading, &s->rec, ret);

    s->started = true;
    s->told_count = values_of(ret);
    *ret_given = result == GW_OK && ret->count > 0;
    return result == GW_REJECT ? GW_OK : result;
}

/* At the end the envelope is complete: given again if something came to it. */
static enum gw_result finish(struct source *s, struct bundle *ret)
{
    enum gw_result result = reading_envelope(&s->reading, &s->rec, true, ret);

    s->ended = true;
    reading_unclaimed(&s->reading);
    if (result == GW_REJECT)
        return GW_FAIL; /* the stream contradicts itself */
    if (result != GW_OK)
        return result;
    return ret->count && values_of(ret) > s->told_count ? GW_OK : GW_END;
}

static enum gw_result read_mapped(struct source *s, struct bundle *ret)
{
    enum gw_result result;
    bool given = false;

    if (s->ended)
        return GW_END;
    if (s->first_waits) { /* the record whose envelope was given */
        s->first_waits = false;
        result = s->first_result;
    } else {
        result = session_next(&s->session, &s->rec);
        if (!s->started && (result == GW_OK || result == GW_END)) {
            enum gw_result begun = start(s, ret, &given);

            if (begun != GW_OK)
                return begun;
            if (given) {
                s->first_waits = true;
                s->first_result = result;
                return GW_OK;
            }
        }
    }
    if (result == GW_END)
        return finish(s, ret);
    if (result == GW_OK || result == GW_REJECT)
        s->records++;
    if (result == GW_REJECT)
        s->reading.records++; /* it is in the file, so it is in what the file announces */
    return result == GW_OK ? reading_record(&s->reading, &s->rec, s->before + s->session.record, ret) : result;
}

/* ---- the pivot's own lines ---- */

static void swap_raw(struct source *s)
{
    struct buf b = s->raw;

    s->raw = s->raw_next;
    s->raw_next = b;
    buf_clear(&s->raw_next);
}

static void keep_line(struct source *s)
{
    if (!s->keep_raw)
        return;
    (void)session_raw(&s->session, &s->rec, &s->raw_next);
    buf_char(&s->raw_next, '\n');
}

static enum gw_result given(struct source *s, enum gw_result result, struct bundle *ret)
{
    bool envelope = ret->first && ret->first->object.shape->stream;

    if (envelope) {
        ret->record = 0;
    } else {
        s->records++;
        ret->record += s->before;
    }
    return result;
}

/* The next line, or the one that was not taken when the record before it ended. */
static enum gw_result line_next(struct source *s)
{
    if (s->line_waits) {
        s->line_waits = false;
        return GW_OK;
    }
    return session_next(&s->session, &s->rec);
}

static enum gw_result read_pivot(struct source *s, struct bundle *ret)
{
    bool done = false;

    while (!s->ended) {
        enum gw_result result = line_next(s);

        if (result == GW_REJECT) {
            s->records++;
            s->raw.len = 0;
            (void)session_raw(&s->session, &s->rec, &s->raw);
            return result;
        }
        if (result == GW_END) {
            s->ended = true;
            result = pivot_end(&s->pivot, ret, &done);
        } else if (result == GW_OK) {
            result = pivot_line(&s->pivot, &s->rec, s->session.record, ret, &done);
            s->line_waits = done;
            if (!done)
                keep_line(s);
        }
        if (done)
            swap_raw(s);
        if (done)
            return given(s, result, ret);
        if (result != GW_OK)
            return result;
    }
    return GW_END;
}

static void passed(struct source *s, const char *code)
{
    struct diag d = {.severity = GW_ERROR,
                     .code = code,
                     .file = s->file,
                     .line = s->rec.line,
                     .byte = UINT64_MAX,
                     .record = s->before + s->records};

    s->sink->put(s->sink, &d);
}

/* What encloses the first record is read all the same: the rest of the file hangs on it. */
enum gw_result source_pass(struct source *s, const char *code)
{
    enum gw_result result;

    if (s->ended || s->first_waits)
        return GW_FATAL;
    s->session.passing = true;
    result = session_next(&s->session, &s->rec);
    s->session.passing = false;
    if (result != GW_OK && result != GW_REJECT)
        return result;
    s->records++;
    if (s->codec->table)
        s->reading.records++;
    passed(s, code);
    return GW_REJECT;
}

enum gw_result source_next(struct source *s, struct bundle *ret)
{
    enum gw_result result;

    *ret = (struct bundle){0};
    result = s->codec->table ? read_mapped(s, ret) : read_pivot(s, ret);
    if (result == GW_OK && ret->record > s->last)
        s->last = ret->record;
    return result;
}
