/* SPDX-License-Identifier: EUPL-1.2 */
#include "pipeline/convert.h"

#include "base/str.h"
#include "mapping/table.h"

#define PROGRESS_EVERY 1000

static enum gw_result reject(struct conversion_job *job, struct source *s, struct law *law)
{
    law->rejected++;
    return rejects_put(job->rejects, source_record(s), s);
}

static enum gw_result put(struct conversion_job *job, struct source *s, struct outlet *out,
                          const struct bundle *b, struct law *law)
{
    size_t written = 0;
    enum gw_result result = job->to ? outlet_put(out, b, &written) : GW_OK;

    if (b->record == 0)
        return result == GW_REJECT ? GW_FAIL : result;
    law->resources += b->count;
    if (result == GW_REJECT)
        return reject(job, s, law);
    if (result != GW_OK)
        return result;
    if (written || !job->to)
        law->written++;
    else
        law->filtered++;
    law->natives += written;
    return GW_OK;
}

/* A format written as itself keeps the reference day of what is read: rules that depend on it must agree. */
static void take_date(struct conversion_job *job, struct source *s, struct outlet *out)
{
    if (!job->to || !job->to->table || !job->from->table || job->outlet.date.ptr ||
        !str_eq(job->from->format->root_name, job->to->format->root_name))
        return;
    outlet_date(out, *reading_date(&s->reading));
}

static enum gw_result member(struct conversion_job *job, struct source *s, struct outlet *out, struct law *law)
{
    enum gw_result result = GW_OK;
    uint64_t before = law->read;

    while (result == GW_OK) {
        struct bundle b;

        rejects_begin(job->rejects);
        result = source_next(s, &b);
        take_date(job, s, out);
        law->read = before + source_record(s);
        if (result == GW_REJECT)
            result = reject(job, s, law);
        else if (result == GW_OK)
            result = put(job, s, out, &b, law);
        if (job->progress && law->read % PROGRESS_EVERY == 0)
            job->progress(job->context, law);
    }
    return result;
}

/* The record at which the stream broke was read, but came to nothing. */
static void settle(struct law *law)
{
    uint64_t told = law->written + law->filtered + law->rejected;

    if (law->read > told)
        law->rejected += law->read - told;
}

/* Nothing is filtered in silence: of what the format writes, these records had nothing. */
static void tell_filtered(const struct conversion_job *job, const struct law *law, struct sink *sink)
{
    const struct table *t = job->to ? job->to->table : NULL;
    char room[20];
    struct gw_arg args[3] = {{"count", gw_digits(law->filtered, room)}};
    struct diag d = {.code = "mapping.filtered", .byte = UINT64_MAX, .args = args, .nargs = 3};

    if (!t || !law->filtered)
        return;
    d.file = job->to->format->name;
    d.rule = t->root->line->where;
    args[1] = (struct gw_arg){"type", t->root->shape->name};
    args[2] = (struct gw_arg){"when", t->root->line->cells[CELL_WHEN]};
    sink->put(sink, &d);
}

/* What a format says of names is said of a file's own, whatever folder or archive it lies in. */
static struct gw_str last_component(struct gw_str path)
{
    for (size_t i = path.len; i > 0; i--)
        if (path.ptr[i - 1] == '/')
            return str_from(path, i);
    return path;
}

enum gw_result convert_run(struct conversion_job *job, struct input *input, struct law *ret)
{
    struct sink *sink = rejects_sink(job->rejects);
    struct outlet out = {0};
    enum gw_result result = job->to ? outlet_open(&out, job->to, &job->outlet, sink) : GW_OK, closed = GW_OK;

    *ret = (struct law){0};
    while (result == GW_OK) {
        struct source s = {0};

        result = input_next_member(input);
        if (result != GW_OK)
            break;
        if (input->inner.ptr)
            job->source.name = last_component(input->inner);
        result = source_open(&s, job->from, input, &job->source, sink);
        if (result == GW_OK)
            result = member(job, &s, &out, ret);
        job->source.before = source_last(&s);
        source_close(&s);
        if (result == GW_END)
            result = GW_OK;
    }
    settle(ret);
    tell_filtered(job, ret, sink);
    if (result == GW_END)
        result = GW_OK;
    if (job->to) {
        closed = outlet_close(&out, result == GW_OK);
        ret->files = out.files;
    }
    return result == GW_OK ? closed : result;
}
