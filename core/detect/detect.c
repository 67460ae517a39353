/* SPDX-License-Identifier: EUPL-1.2 */
/* Who is a candidate for a head, who of them wins, what is said of one that nobody knows. */
#include "detect/inquiry.h"

#include "base/str.h"
#include "detect/weigh.h"

enum {
    PROBE_FAIR = 40, /* one plugin knows the syntax: those that say no are not asked */
    NEAR = 3,        /* so near are two that neither is said */
    WORTH_NAMING = 25,
    BYTES_SHOWN = 8,
};

/* ---- reasons ---- */

void reasons_init(struct reasons *r, struct arena *arena)
{
    *r = (struct reasons){.arena = arena, .tail = &r->first};
}

void reason_keep(struct reasons *r, const struct diag *d)
{
    struct reason *kept = arena_zero(r->arena, sizeof(*kept));
    struct gw_arg *args = arena_array(r->arena, d->nargs + 1, sizeof(*args));

    if (!kept || !args)
        return;
    kept->diag = *d;
    kept->diag.code = arena_text(r->arena, str_of(d->code));
    kept->diag.file = arena_copy(r->arena, d->file);
    kept->diag.path = arena_copy(r->arena, d->path);
    kept->diag.rule = arena_copy(r->arena, d->rule);
    kept->diag.value = arena_copy(r->arena, d->value);
    for (size_t i = 0; i < d->nargs; i++)
        args[i] = (struct gw_arg){arena_text(r->arena, str_of(d->args[i].name)),
                                  arena_copy(r->arena, d->args[i].value)};
    kept->diag.args = args;
    if (!kept->diag.code)
        return;
    *r->tail = kept;
    r->tail = &kept->next;
}

void reason_add(struct reasons *r, const char *code, const struct gw_arg *args, size_t nargs)
{
    struct diag d = {.severity = GW_INFO, .code = code, .byte = UINT64_MAX, .args = args, .nargs = nargs};

    reason_keep(r, &d);
}

/* ---- formats ---- */

static void hush(struct sink *sink, const struct diag *d)
{
    (void)sink;
    (void)d;
}

enum gw_result detector_open(struct detector *d, struct engine *e, struct arena *arena)
{
    struct sink sink = {hush};
    struct gw_str *names;
    size_t n = 0;
    enum gw_result r = formats_list(arena, e->formats, &names, &n);

    *d = (struct detector){.engine = e, .arena = arena};
    d->formats = r == GW_OK ? arena_array(arena, n + 1, sizeof(struct format *)) : NULL;
    for (size_t i = 0; d->formats && i < n; i++) {
        const struct gw_plugin *plugin;
        struct format *f;

        r = format_load(arena, e->formats, names[i], &sink, &f);
        if (r == GW_FATAL)
            return r;
        plugin = r == GW_OK ? registry_plugin(&e->registry, f->plugin) : NULL;
        if (plugin && plugin->reader)
            d->formats[d->nformats++] = f;
    }
    return d->formats ? GW_OK : r == GW_OK ? GW_FATAL : r;
}

/* ---- candidates ---- */

static bool fits_syntax(const struct inquiry *q, const struct gw_plugin *plugin)
{
    if (q->head.packed != ((plugin->flags & GW_SEEKS) != 0))
        return false;
    return q->surest < PROBE_FAIR || probe_of(plugin, &q->head) > 0;
}

/* The surer first; of two alike the one before, in the order of names. */
static void insert(struct candidate **list, struct candidate *c)
{
    while (*list && (*list)->rank >= c->rank)
        list = &(*list)->next;
    c->next = *list;
    *list = c;
}

/* Of two profiles that fit alike, the one that is recognised, then the one that lacks least, then the default.
 */
static bool better_profile(const struct candidate *c, const struct candidate *than)
{
    if (c->rank != than->rank)
        return c->rank > than->rank;
    if (c->recognised != than->recognised)
        return c->recognised;
    if (c->filled != than->filled)
        return c->filled > than->filled;
    return c->profile && c->profile->is_default;
}

static enum gw_result profile_try(struct inquiry *q, const struct format *f, const struct profile *p,
                                  struct candidate **best)
{
    struct evidence e;
    struct candidate *c;
    enum gw_result r = evidence_take(q->d, &q->head, f, p, q->d->arena, &e);

    if (r != GW_OK)
        return r;
    c = weigh(&e, q->d->arena);
    if (!c)
        return GW_FATAL;
    if (!*best || better_profile(c, *best))
        *best = c;
    return GW_OK;
}

static enum gw_result format_try(struct inquiry *q, const struct format *f)
{
    struct candidate *best = NULL;
    enum gw_result r = GW_OK;

    if (!f->nprofiles)
        r = profile_try(q, f, NULL, &best);
    for (size_t i = 0; r == GW_OK && i < f->nprofiles; i++)
        if (!f->profiles[i].write)
            r = profile_try(q, f, &f->profiles[i], &best);
    if (r == GW_OK && best && best->sure >= WORTH_NAMING)
        insert(&q->ret->best, best);
    return r;
}

static enum gw_result formats_try(struct inquiry *q)
{
    const struct registry *registry = &q->d->engine->registry;
    enum gw_result r = GW_OK;

    for (size_t i = 0; i < registry->nloaded; i++) {
        int p = probe_of(registry->loaded[i].plugin, &q->head);

        if (p > q->surest) {
            q->surest = p;
            q->ret->syntax = registry->loaded[i].plugin->name;
        }
    }
    for (size_t i = 0; r == GW_OK && i < q->d->nformats; i++) {
        const struct format *f = q->d->formats[i];

        if (fits_syntax(q, registry_plugin(registry, f->plugin)))
            r = format_try(q, f);
    }
    return r;
}

static void judge(struct detected *ret)
{
    const struct candidate *first = ret->best, *second = first ? first->next : NULL;

    ret->state = DETECT_UNKNOWN;
    if (first && first->sure >= SURE_POSSIBLE) {
        ret->state = DETECT_KNOWN;
        ret->syntax = first->format->plugin.ptr;
    }
    if (ret->state == DETECT_KNOWN && second && second->sure >= SURE_POSSIBLE &&
        second->rank + NEAR >= first->rank)
        ret->state = DETECT_AMBIGUOUS;
}

/* ---- what was seen of an unknown one ---- */

static void tell_columns(struct inquiry *q, const struct sight *s)
{
    struct buf list;
    char room[20];
    struct gw_arg args[2];
    size_t shown = s->ncolumns < SIGHT_COLUMNS ? s->ncolumns : SIGHT_COLUMNS;

    buf_init(&list, 4096);
    for (size_t i = 0; i < shown; i++) {
        buf_text(&list, i ? ", " : "");
        buf_str(&list, s->columns[i]);
    }
    args[0] = (struct gw_arg){"count", gw_digits(s->ncolumns, room)};
    args[1] = (struct gw_arg){"columns", buf_view(&list)};
    if (s->ncolumns)
        reason_add(&q->ret->why, "detect.columns", args, 2);
    buf_done(&list);
}

static enum gw_result tell_sight(struct inquiry *q)
{
    struct dialects all;
    struct sight s = {0};
    struct gw_arg args[] = {
        {"syntax", {NULL, 0}}, {"dialect", {"", 0}}, {"encoding", str_of(q->head.encoding)}};
    enum gw_result r = dialects_load(q->d->engine, q->d->arena, &all);

    if (r == GW_OK)
        r = look(q->d->engine, q->d->arena, &all, &q->head, &s);
    if (r != GW_OK)
        return r;
    if (s.best)
        q->ret->syntax = s.best->plugin->name;
    args[0].value = str_of(q->ret->syntax ? q->ret->syntax : "");
    if (s.best && s.best->profile)
        args[1].value = s.best->profile->name;
    reason_add(&q->ret->why, q->ret->syntax ? "detect.seen" : "detect.text", args, 3);
    tell_columns(q, &s);
    for (const struct reason *f = s.best ? NULL : s.faults.first; f; f = f->next)
        reason_keep(&q->ret->why, &f->diag);
    return GW_OK;
}

static void tell_bytes(struct inquiry *q)
{
    static const char hex[] = "0123456789ABCDEF";
    char shown[3 * BYTES_SHOWN];
    size_t n = q->head.bytes.len < BYTES_SHOWN ? q->head.bytes.len : BYTES_SHOWN, len = 0;
    struct gw_arg arg;

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)q->head.bytes.ptr[i];

        if (i)
            shown[len++] = ' ';
        shown[len++] = hex[c >> 4];
        shown[len++] = hex[c & 15];
    }
    arg = (struct gw_arg){"bytes", {shown, len}};
    reason_add(&q->ret->why, "detect.binary", &arg, 1);
}

static enum gw_result tell_unknown(struct inquiry *q)
{
    if (!q->head.bytes.len)
        reason_add(&q->ret->why, "detect.empty", NULL, 0);
    else if (!q->head.encoding && !q->head.packed)
        tell_bytes(q);
    else
        return tell_sight(q);
    return GW_OK;
}

enum gw_result inquire(struct inquiry *q)
{
    enum gw_result r = GW_OK;

    q->ret->file = arena_copy(q->d->arena, q->head.file);
    q->ret->encoding = q->head.encoding;
    reasons_init(&q->ret->why, q->d->arena);
    if (q->head.encoding || q->head.packed)
        r = formats_try(q);
    judge(q->ret);
    if (r == GW_OK && q->ret->state == DETECT_UNKNOWN)
        r = tell_unknown(q);
    return r;
}
