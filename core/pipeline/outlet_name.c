/* SPDX-License-Identifier: EUPL-1.2 */
/* The name of a file that is written into a folder, by the format's template. */
#include <time.h>

#include "base/str.h"
#include "pipeline/outlet.h"

/* Names are often precise to the second: each further file of a run is a second later. */
static struct gw_str later(struct arena *a, struct gw_str now, uint64_t seconds)
{
    struct tm tm = {0};
    time_t t;
    char text[32];

    if (!seconds || !strptime(now.ptr, "%Y-%m-%dT%H:%M:%S", &tm))
        return now;
    t = timegm(&tm) + (time_t)seconds;
    gmtime_r(&t, &tm);
    if (!strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm))
        return now;
    return arena_copy(a, str_of(text));
}

static struct gw_str part_of(const struct outlet *o, const struct piece *piece, struct gw_str now)
{
    if (str_is(piece->text, "now"))
        return now;
    if (str_is(piece->text, "date"))
        return o->writing.view.date;
    return (struct gw_str){NULL, 0};
}

/* False: a hole that only the partner could fill. */
static bool by_template(struct outlet *o, const struct pattern *p, struct buf *out)
{
    struct conversion *c = &o->writing.conversion;
    struct template t;
    struct fault fault;
    struct gw_str now = later(&o->codec->arena, o->codec->engine->now, o->files);

    if (template_compile(&o->codec->table->convert, p, &t, &fault) != GW_OK)
        return false;
    for (size_t i = 0; i < p->count; i++) {
        const struct piece *piece = &p->pieces[i];
        struct gw_str part = piece->text;

        if (piece->kind == PIECE_HOLE) {
            part = part_of(o, piece, now);
            if (!part.ptr || convs_write(c, &t.holes[piece->rank].convs, &part) != GW_OK || !part.ptr)
                return false;
        }
        if (piece->kind == PIECE_HOLE || piece->kind == PIECE_TEXT)
            buf_str(out, part);
    }
    return !out->failed;
}

enum gw_result outlet_name(struct outlet *o)
{
    const struct format *f = o->codec->format;

    buf_clear(&o->path);
    buf_text(&o->path, o->options.path);
    if (f->name_pattern.count && o->codec->table && by_template(o, &f->name_pattern, &o->path))
        return GW_OK;
    buf_clear(&o->path);
    buf_format(&o->path, "%s%.*s-%04llu", o->options.path, STR_ARG(f->name), (unsigned long long)o->files + 1);
    return o->path.failed ? GW_FATAL : GW_OK;
}

enum gw_result outlet_unwritable(const struct outlet *o)
{
    struct gw_arg args[] = {{"plugin", o->codec->format->plugin}, {"format", o->codec->format->name}};
    struct diag d = {.severity = GW_ERROR,
                     .code = "format.unwritable",
                     .file = o->codec->format->name,
                     .byte = UINT64_MAX,
                     .args = args,
                     .nargs = 2};

    o->sink->put(o->sink, &d);
    return GW_FAIL;
}
