/* SPDX-License-Identifier: EUPL-1.2 */
/* One format reads the head as `convert` would, with a bound; the tree of each record is looked at besides. */
#include "detect/evidence.h"

#include "base/str.h"
#include "detect/look.h"
#include "detect/signs.h"
#include "pipeline/source.h"

enum { FAULTS_KEPT = 2, SIGN_RECORDS = 5 };

/* Who listens while it is read: counts, and keeps the first errors. */
struct listener {
    struct sink sink;
    struct reasons *faults;
    size_t kept;
};

static void listen(struct sink *sink, const struct diag *d)
{
    struct listener *l = (struct listener *)sink;

    if (d->severity == GW_ERROR && l->kept++ < FAULTS_KEPT)
        reason_keep(l->faults, d);
}

struct taking {
    struct evidence *e;
    const struct head *head;
    struct listener listener;
    struct codec codec;
    struct input input;
    struct source source;
    struct coverage coverage;
};

/* ---- signs ---- */

static void signs_collect(struct evidence *e)
{
    const struct format *f = e->format;

    for (size_t i = 0; i < f->ndetect && e->nsigns < SIGNS_MAX; i++)
        if (!sign_of_name(f->detect[i]))
            e->signs[e->nsigns++] = f->detect[i];
}

/* Those that did not hold yet; a sign that held once, holds. */
static void signs_ask(struct taking *t, const struct gw_record *record)
{
    struct evidence *e = t->e;
    struct scene s = {.name = t->head->name,
                      .head = t->head->text,
                      .format = e->format,
                      .names = &t->codec.names,
                      .record = record};

    for (size_t i = 0; i < e->nsigns; i++)
        if (!e->held[i] && sign_holds(&s, e->signs[i])) {
            e->held[i] = true;
            e->nheld++;
        }
    if (!e->recognised)
        e->recognised = sign_holds(&s, e->profile->recognise);
}

static void name_ask(struct evidence *e, const struct head *h)
{
    const struct format *f = e->format;
    struct scene s = {.name = h->name, .format = f};
    bool said = false;

    for (size_t i = 0; i < f->ndetect; i++) {
        if (!sign_of_name(f->detect[i]))
            continue;
        said = true;
        if (sign_holds(&s, f->detect[i]))
            e->name_sign = f->detect[i];
    }
    if (!said && name_fits(f, h->name))
        e->name_sign = f->name_template;
}

/* ---- records ---- */

static enum gw_result input_begin(struct taking *t, struct detector *d)
{
    const struct head *h = t->head;
    struct input_options io = {.sink = &t->listener.sink, .password = d->password, .plugin = t->codec.plugin};
    enum gw_result r = h->packed ? input_open_path(&t->input, h->path, &io)
                                 : input_open_memory(&t->input, h->bytes, h->file, &io);

    return r == GW_OK ? input_next_member(&t->input) : r;
}

static void look_at(struct taking *t)
{
    const struct gw_record *rec = &t->source.rec;

    if (t->e->read <= SIGN_RECORDS)
        signs_ask(t, rec);
    if (t->e->pivot)
        return;
    if (rec->context)
        coverage_meet(&t->coverage, rec->context, true);
    if (rec->root)
        coverage_meet(&t->coverage, rec->root, false);
}

/* Until its end, or the bound. What a cut head says at its end is no fault. */
static enum gw_result records_read(struct taking *t)
{
    struct evidence *e = t->e;
    enum gw_result r = GW_OK;

    while (e->read < DETECT_RECORDS && (r == GW_OK || r == GW_REJECT)) {
        struct bundle b;

        r = source_next(&t->source, &b);
        if ((r != GW_OK && r != GW_REJECT) || (r == GW_OK && b.record == 0))
            continue;
        e->read++;
        e->good += r == GW_OK;
        look_at(t);
    }
    if (r == GW_END)
        look_at(t);
    if (r == GW_FAIL)
        e->failed = t->head->whole || !e->read;
    return r == GW_FATAL || r == GW_RETRY ? r : GW_OK;
}

static enum gw_result stream_read(struct taking *t, struct detector *d)
{
    struct source_options so = {.name = t->head->name};
    enum gw_result r = input_begin(t, d);

    if (r == GW_OK)
        r = source_open(&t->source, &t->codec, &t->input, &so, &t->listener.sink);
    t->e->opened = r == GW_OK;
    t->e->failed = r == GW_FAIL;
    if (r == GW_OK && t->codec.table)
        r = coverage_init(&t->coverage, &t->codec.arena, t->codec.table);
    if (r == GW_OK)
        r = records_read(t);
    return r == GW_FAIL || r == GW_END ? GW_OK : r;
}

static void shares_take(struct taking *t)
{
    if (!t->coverage.table)
        return;
    t->e->known = coverage_known(&t->coverage);
    t->e->required = coverage_required(&t->coverage);
    t->e->places = coverage_places(&t->coverage);
}

static enum gw_result read_with(struct taking *t, struct detector *d)
{
    struct evidence *e = t->e;
    struct gw_str profile = e->profile ? e->profile->name : (struct gw_str){NULL, 0};
    enum gw_result r = codec_open(&t->codec, d->engine, e->format->name, profile, &t->listener.sink);

    e->pivot = !t->codec.table;
    if (r == GW_OK)
        r = stream_read(t, d);
    if (r == GW_OK && !e->read)
        signs_ask(t, NULL);
    shares_take(t);
    source_close(&t->source);
    input_close(&t->input);
    codec_close(&t->codec);
    return r == GW_FAIL ? GW_OK : r;
}

enum gw_result evidence_take(struct detector *d, const struct head *h, const struct format *f,
                             const struct profile *p, struct arena *a, struct evidence *ret)
{
    struct taking *t = arena_zero(a, sizeof(*t));

    *ret = (struct evidence){.format = f, .profile = p, .recognised = !p || !p->recognise.len};
    reasons_init(&ret->faults, a);
    if (!t)
        return GW_FATAL;
    t->e = ret;
    t->head = h;
    t->listener = (struct listener){.sink = {listen}, .faults = &ret->faults};
    ret->fits = h->packed || probe_of(registry_plugin(&d->engine->registry, f->plugin), h) > 0;
    signs_collect(ret);
    name_ask(ret, h);
    return read_with(t, d);
}
