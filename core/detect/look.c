/* SPDX-License-Identifier: EUPL-1.2 */
#include "detect/look.h"

#include "base/str.h"
#include "mapping/cursor.h"
#include "pipeline/options.h"
#include "pipeline/session.h"

enum { LOOKED_AT = 50 };

static void hush(struct sink *sink, const struct diag *d)
{
    (void)sink;
    (void)d;
}

/* What is said before the first record, and of no record. */
struct listener {
    struct sink sink;
    struct looking *l;
};

static void listen(struct sink *sink, const struct diag *d)
{
    struct looking *l = ((struct listener *)sink)->l;

    if (l->faults && !l->faults->first && d->severity == GW_ERROR && !d->record)
        reason_keep(l->faults, d);
}

int probe_of(const struct gw_plugin *p, const struct head *h)
{
    struct gw_probe probe = {h->packed ? h->bytes : h->text, h->name};

    if (!p->reader || !p->probe || h->packed != ((p->flags & GW_SEEKS) != 0))
        return 0;
    if (probe.head.len > INPUT_HEAD)
        probe.head.len = INPUT_HEAD;
    return p->probe(&probe);
}

/* ---- which there are ---- */

static enum gw_result dialects_add(struct engine *e, struct arena *a, const struct format *f,
                                   struct dialects *to)
{
    const struct gw_plugin *plugin = registry_plugin(&e->registry, f->plugin);

    for (size_t i = 0; plugin && i < (f->nprofiles ? f->nprofiles : 1); i++) {
        to->items = array_more(a, to->items, to->count, sizeof(*to->items));
        if (!to->items)
            return GW_FATAL;
        to->items[to->count++] = (struct dialect){f, f->nprofiles ? &f->profiles[i] : NULL, plugin};
    }
    return GW_OK;
}

enum gw_result dialects_load(struct engine *e, struct arena *a, struct dialects *ret)
{
    struct gw_str folder = str_of(arena_format(a, "%.*s/dialects", STR_ARG(e->home.schemas)));
    struct sink sink = {hush};
    struct gw_str *names = NULL;
    size_t n = 0;
    enum gw_result r = folder.ptr ? formats_list(a, folder, &names, &n) : GW_FATAL;

    *ret = (struct dialects){0};
    for (size_t i = 0; r == GW_OK && i < n; i++) {
        struct format *f;

        r = format_load(a, folder, names[i], &sink, &f);
        if (r == GW_OK)
            r = dialects_add(e, a, f, ret);
        r = r == GW_FAIL ? GW_OK : r;
    }
    return r == GW_FAIL ? GW_OK : r;
}

/* ---- reading ---- */

static struct gw_str option_of(void *context, const char *name)
{
    const struct dialect *d = context;

    return format_option(d->format, d->profile, name);
}

/* "[]" is the only way to records that a dialect knows. */
static void steps_of(const struct dialect *d, struct gw_step *step, struct session_stream *stream)
{
    *step = (struct gw_step){0, 1};
    if (!d->profile || !d->profile->root.len)
        return;
    stream->steps = step;
    stream->nsteps = 1;
}

static enum gw_result records_each(struct looking *l, struct session *s)
{
    enum gw_result r = GW_OK;

    while (l->read < l->most && (r == GW_OK || r == GW_REJECT)) {
        struct gw_record rec = {0};

        r = session_next(s, &rec);
        if (r != GW_OK && r != GW_REJECT)
            break;
        l->read++;
        l->rejected += r == GW_REJECT;
        if (r == GW_OK && l->take)
            l->take(l->to, &rec, &l->names);
    }
    return r;
}

static enum gw_result head_open(const struct head *h, const struct gw_plugin *p, struct input *in,
                                struct sink *sink)
{
    struct input_options io = {.sink = sink, .plugin = p};
    enum gw_result r =
        h->packed ? input_open_path(in, h->path, &io) : input_open_memory(in, h->bytes, h->file, &io);

    return r == GW_OK ? input_next_member(in) : r;
}

enum gw_result dialect_read(struct looking *l, const struct dialect *d, const struct head *h)
{
    struct listener listener = {{listen}, l};
    struct sink *sink = &listener.sink;
    struct option_source source = {option_of, (void *)d, d->format->name, sink, NULL};
    struct session_stream stream = {.encoding = l->encoding.ptr ? l->encoding : d->format->encoding};
    struct session_limits limits = {.record_bytes = l->record_bytes};
    struct input in = {0};
    struct session *s = arena_zero(l->arena, sizeof(*s));
    void *config = arena_zero(l->arena, d->plugin->config_size + 1);
    struct gw_step step;
    enum gw_result r = s && config ? names_init(&l->names, l->arena, d->format->loose) : GW_FATAL;

    l->read = l->rejected = 0;
    steps_of(d, &step, &stream);
    if (r == GW_OK)
        r = options_fill(d->plugin, config, &source);
    if (r == GW_OK)
        r = head_open(h, d->plugin, &in, sink);
    if (r == GW_OK) {
        r = session_open_reader(s, d->plugin, config, &l->names, &limits, &stream, &in, sink);
        if (r == GW_OK)
            r = records_each(l, s);
        session_close(s);
    }
    input_close(&in);
    l->failed = r == GW_FAIL;
    return r == GW_FATAL && !s ? r : GW_OK;
}

/* ---- the best of them ---- */

struct glance {
    struct gw_str *columns;
    size_t ncolumns;
    struct arena *arena;
};

/* What has neither letter nor digit at its beginning is no name somebody gave. */
static bool is_name(struct gw_str s)
{
    return s.len && (s.ptr[0] == '@' || s.ptr[0] == '_' || s.ptr[0] < 0 ||
                     (s.ptr[0] >= '0' && s.ptr[0] <= '9') || (unsigned char)((s.ptr[0] | 0x20) - 'a') < 26);
}

static bool named_before(const struct gw_node *first, const struct gw_node *k)
{
    for (; first != k; first = first->next)
        if (first->name == k->name)
            return true;
    return false;
}

/* The names of the first record, the others only count. */
static void glance_take(void *to, const struct gw_record *rec, const struct names *names)
{
    struct glance *g = to;

    if (g->ncolumns)
        return;
    for (const struct gw_node *k = rec->root->first; k; k = k->next) {
        struct gw_str name = names_text(names, k->name);

        if (!is_name(name) || named_before(rec->root->first, k))
            continue;
        if (g->ncolumns < SIGHT_COLUMNS)
            g->columns[g->ncolumns] = arena_copy(g->arena, name);
        g->ncolumns++;
    }
}

/* Most cells, few of them rejected: a wrong delimiter gives one cell a row, or rows of unequal length. What its
 * own plugin does not know again, and has but one cell, is any text. */
static uint64_t worth(const struct looking *l, const struct glance *g, const struct dialect *d,
                      const struct head *h)
{
    uint64_t good = l->read - l->rejected;

    if (!good || (g->ncolumns < 2 && probe_of(d->plugin, h) < PROBE_SURE))
        return 0;
    if (l->failed && h->whole)
        return 1;
    return (uint64_t)(g->ncolumns + 1) * 100 * good / l->read;
}

static enum gw_result try_dialect(struct engine *e, const struct dialect *d, const struct head *h,
                                  struct arena *a, struct sight *best, uint64_t *most)
{
    struct sight s = {.best = d};
    struct glance g = {.columns = s.columns, .arena = a};
    struct arena own;
    struct looking l = {
        .engine = e, .arena = &own, .most = LOOKED_AT, .take = glance_take, .to = &g, .faults = &best->faults};
    enum gw_result r;

    if (h->packed != ((d->plugin->flags & GW_SEEKS) != 0)) /* no container, or nothing but one */
        return GW_OK;
    arena_init(&own, 65536, 0);
    r = dialect_read(&l, d, h);
    s.ncolumns = g.ncolumns;
    s.read = l.read;
    if (r == GW_OK && worth(&l, &g, d, h) > *most) {
        *most = worth(&l, &g, d, h);
        s.faults = best->faults;
        *best = s;
    }
    arena_done(&own);
    return r;
}

enum gw_result look(struct engine *e, struct arena *a, const struct dialects *all, const struct head *h,
                    struct sight *ret)
{
    uint64_t most = 0;
    int surest = 0;
    enum gw_result r = GW_OK;

    *ret = (struct sight){0};
    reasons_init(&ret->faults, a);
    for (size_t i = 0; i < all->count; i++) {
        int p = probe_of(all->items[i].plugin, h);

        surest = p > surest ? p : surest;
    }
    for (size_t i = 0; r == GW_OK && i < all->count; i++)
        if (surest < PROBE_SURE || probe_of(all->items[i].plugin, h) >= PROBE_SURE)
            r = try_dialect(e, &all->items[i], h, a, ret, &most);
    return r;
}
