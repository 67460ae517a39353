/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The host that a plugin meets, and the loop's side of it. A plugin that cannot go on says only
 * GW_FATAL; what was noted when it was refused (`stop`) tells what to report and whether the
 * stream or the process is at fault.
 */
#include "pipeline/session.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "pipeline/window.h"

static struct session *of(struct gw_session *gw)
{
    return (struct session *)gw;
}

/* ---- diagnostics ---- */

static uint32_t narrow(uint64_t n)
{
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* Fills in what the plugin left to us: line 0 asks for the line of the byte. */
static void set_place(struct session *s, struct diag *d, struct gw_place place)
{
    struct line_cursor c = {0};

    d->line = place.line;
    d->column = place.column;
    d->byte = place.byte || place.line <= 1 ? place.byte : UINT64_MAX;
    if (place.line || !s->input || (s->plugin->flags & GW_SEEKS))
        return;
    c = window_line(s, place.byte);
    d->line = narrow(c.line);
    d->column = c.line ? narrow(place.byte - c.start + 1) : 0;
}

static void host_report(struct gw_session *gw, enum gw_severity severity, struct gw_place place,
                        const char *code, const struct gw_arg *args, size_t nargs)
{
    struct session *s = of(gw);
    struct diag d = {.severity = severity,
                     .code = code,
                     .file = s->file,
                     .byte = UINT64_MAX,
                     .record = s->inside ? s->record : 0,
                     .args = args,
                     .nargs = nargs};

    if (s->input || place.line || place.byte)
        set_place(s, &d, place);
    for (size_t i = 0; i < nargs; i++) {
        if (strcmp(args[i].name, "path") == 0)
            d.path = args[i].value;
        else if (strcmp(args[i].name, "value") == 0)
            d.value = args[i].value;
    }
    if (s->sink)
        s->sink->put(s->sink, &d);
}

/* Where the record at hand seems to begin: white space behind the last one is no part of it. Where
 * that is gone, the place where the plugin is. */
static uint64_t record_begin(const struct session *s)
{
    size_t at = s->kept >= s->base ? (size_t)(s->kept - s->base) : s->at;

    while (at < s->shown && memchr(" \t\r\n", s->window.data[at], 4))
        at++;
    return s->base + at;
}

/* A bound of ours. */
static enum gw_result too_large(struct session *s, const char *code, uint64_t limit)
{
    struct gw_place place = {.byte = record_begin(s)};
    char room[20];
    struct gw_arg arg = {"limit", gw_digits(limit, room)};

    host_report(&s->gw, GW_ERROR, place, code, &arg, 1);
    return GW_FAIL;
}

static enum gw_result whole(struct session *s, enum gw_result r, const char *code, const char *name,
                            struct gw_str value)
{
    struct gw_arg arg = {name, value};
    struct diag d = {.severity = GW_ERROR,
                     .code = code,
                     .file = s->file,
                     .byte = UINT64_MAX,
                     .args = &arg,
                     .nargs = name ? 1 : 0};

    if (s->sink)
        s->sink->put(s->sink, &d);
    return r;
}

/* What GW_FATAL was about. */
static enum gw_result explain(struct session *s)
{
    switch (s->stop) {
    case STOP_WINDOW:
        return too_large(s, "record.too_large", s->limits.record_bytes);
    case STOP_RECORD_MEMORY:
        return too_large(s, "record.too_large", s->limits.record_memory);
    case STOP_SESSION_MEMORY:
        return too_large(s, "stream.too_large", s->limits.session_memory);
    case STOP_NAMES:
        return too_large(s, "record.many_names", NAMES_MAX);
    case STOP_WORLD:
        return s->stopped;
    case STOP_NONE:
    case STOP_MEMORY:
        break;
    }
    return whole(s, GW_FATAL, "memory.out", NULL, (struct gw_str){NULL, 0});
}

/* What a plugin answered, as the caller shall see it. */
static enum gw_result settle(struct session *s, enum gw_result r)
{
    bool bound = s->stop == STOP_WINDOW || s->stop == STOP_RECORD_MEMORY;

    if (s->stop == STOP_WORLD && r != GW_OK)
        return s->stopped;
    if (r == GW_FATAL)
        return explain(s);
    if (r == GW_REJECT && bound)
        (void)explain(s);
    if (bound)
        s->stop = STOP_NONE;
    return r;
}

/* ---- what the host does ---- */

static void *host_alloc(struct gw_session *gw, enum gw_life life, size_t size)
{
    struct session *s = of(gw);
    struct arena *a = life == GW_SESSION_LIFE ? &s->keep : &s->scratch;
    void *p = arena_alloc(a, size);

    if (p)
        return p;
    if (!a->full)
        s->stop = STOP_MEMORY;
    else
        s->stop = life == GW_SESSION_LIFE ? STOP_SESSION_MEMORY : STOP_RECORD_MEMORY;
    a->full = false;
    return NULL;
}

static size_t host_mark(struct gw_session *gw)
{
    return arena_mark(&of(gw)->keep);
}

static void host_release(struct gw_session *gw, size_t mark)
{
    arena_release(&of(gw)->keep, mark);
}

static uint16_t host_name(struct gw_session *gw, const char *text, size_t len)
{
    struct names *n = of(gw)->names;
    uint16_t symbol = names_add(n, text, len);
    bool bound = n->count == NAMES_MAX || n->spellings >= 2 * NAMES_MAX || n->arena->full;

    if (!symbol)
        of(gw)->stop = bound ? STOP_NAMES : STOP_MEMORY;
    return symbol;
}

static struct gw_str host_name_text(struct gw_session *gw, uint16_t name)
{
    return names_text(of(gw)->names, name);
}

static enum gw_result host_peek(struct gw_session *gw, size_t min, struct gw_str *ret)
{
    struct session *s = of(gw);

    if (min && s->shown - s->at >= min) {
        *ret = (struct gw_str){s->window.data + s->at, s->shown - s->at};
        return GW_OK;
    }
    return window_peek(s, min, ret);
}

static void host_consume(struct gw_session *gw, size_t len)
{
    window_consume(of(gw), len);
}

static enum gw_result host_read_at(struct gw_session *gw, uint64_t at, void *data, size_t len)
{
    struct session *s = of(gw);
    enum gw_result r = input_read_at(s->input, at, data, len);

    if (r != GW_OK && r != GW_END) {
        s->stop = STOP_WORLD;
        s->stopped = r;
    }
    return r;
}

static enum gw_result host_write(struct gw_session *gw, const void *data, size_t len)
{
    struct session *s = of(gw);

    if (buf_put(s->into, data, len))
        return GW_OK;
    s->stop = s->into->len + len > s->into->max ? STOP_WINDOW : STOP_MEMORY;
    return GW_FATAL;
}

/* A plugin that writes while it reads, or the other way round, is stopped. */
static enum gw_result no_peek(struct gw_session *gw, size_t min, struct gw_str *ret)
{
    (void)gw;
    (void)min;
    *ret = (struct gw_str){NULL, 0};
    return GW_FAIL;
}

static void no_consume(struct gw_session *gw, size_t len)
{
    (void)gw;
    (void)len;
}

static enum gw_result no_read_at(struct gw_session *gw, uint64_t at, void *data, size_t len)
{
    (void)gw;
    (void)at;
    (void)data;
    (void)len;
    return GW_FAIL;
}

static enum gw_result no_write(struct gw_session *gw, const void *data, size_t len)
{
    (void)gw, (void)data, (void)len;
    return GW_FAIL;
}

#define BOTH_WAYS                                                                                              \
    .size = sizeof(struct gw_host), .alloc = host_alloc, .mark = host_mark, .release = host_release,           \
    .name = host_name, .name_text = host_name_text, .report = host_report

static const struct gw_host reading = {BOTH_WAYS, .peek = host_peek, .consume = host_consume,
                                       .read_at = host_read_at, .write = no_write};
static const struct gw_host writing = {BOTH_WAYS, .peek = no_peek, .consume = no_consume, .read_at = no_read_at,
                                       .write = host_write};

/* ---- opening ---- */

static void set_limits(struct session *s, const struct session_limits *limits)
{
    if (limits)
        s->limits = *limits;
    if (!s->limits.record_bytes)
        s->limits.record_bytes = SESSION_RECORD_BYTES;
    if (!s->limits.session_memory)
        s->limits.session_memory = SESSION_MEMORY;
    if (!s->limits.record_memory)
        s->limits.record_memory = 16 * s->limits.record_bytes;
    if (!s->limits.depth)
        s->limits.depth = SESSION_DEPTH;
}

static void start(struct session *s, const struct gw_plugin *p, const void *config, struct names *names,
                  const struct session_limits *limits, const struct session_stream *stream, struct sink *sink)
{
    *s = (struct session){.plugin = p, .names = names, .sink = sink};
    set_limits(s, limits);
    arena_init(&s->keep, 0, s->limits.session_memory);
    arena_init(&s->scratch, 0, s->limits.record_memory);
    s->stream = (struct gw_stream){.size = sizeof(s->stream),
                                   .steps = stream->steps,
                                   .nsteps = stream->nsteps,
                                   .columns = stream->columns,
                                   .ncolumns = stream->ncolumns,
                                   .context = stream->context,
                                   .records = stream->records,
                                   .record_bytes = s->limits.record_bytes,
                                   .depth = s->limits.depth,
                                   .aliases = stream->aliases,
                                   .naliases = stream->naliases};
    s->fold = stream->fold;
    s->gw = (struct gw_session){.stream = &s->stream, .config = config};
    buf_init(&s->pending, s->limits.record_memory);
}

static enum gw_result make_state(struct session *s, size_t size)
{
    s->gw.state = arena_zero(&s->keep, size ? size : 1);
    if (s->gw.state)
        return GW_OK;
    s->stop = s->keep.full ? STOP_SESSION_MEMORY : STOP_MEMORY;
    return settle(s, GW_FATAL);
}

static enum gw_result wrong_way(struct session *s, const char *code)
{
    return whole(s, GW_FAIL, code, "plugin", str_of(s->plugin->name));
}

static enum gw_result choose_charset(struct session *s, struct gw_str encoding)
{
    struct charset_choice choice;
    struct gw_str head;
    char mark[4];
    size_t got;
    enum gw_result r = input_head(s->input, &head);

    if (r != GW_OK)
        return r;
    if (charset_choose(head, encoding, &choice) != GW_OK)
        return whole(s, GW_FAIL, "charset.declared", "found", choice.of);
    s->charset = choice.charset;
    s->detect = choice.detect;
    return choice.bom ? input_read(s->input, mark, choice.bom, &got) : GW_OK;
}

enum gw_result session_open_reader(struct session *s, const struct gw_plugin *p, const void *config,
                                   struct names *names, const struct session_limits *limits,
                                   const struct session_stream *stream, struct input *input, struct sink *sink)
{
    enum gw_result r = GW_OK;

    start(s, p, config, names, limits, stream, sink);
    s->gw.host = &reading;
    s->input = input;
    s->file = input->member;
    if (!p->reader)
        return wrong_way(s, "plugin.cannot_read");
    if (!(p->flags & GW_SEEKS))
        r = choose_charset(s, stream->encoding);
    if (r == GW_OK && window_open(s) != GW_OK)
        return explain(s);
    if (r == GW_OK)
        r = make_state(s, p->reader->state_size);
    if (r != GW_OK)
        return r;
    s->opened = true;
    return settle(s, p->reader->open(&s->gw));
}

void session_close(struct session *s)
{
    if (s->opened && s->input && s->plugin->reader->close)
        s->plugin->reader->close(&s->gw);
    if (s->opened && s->output && s->plugin->writer->close)
        s->plugin->writer->close(&s->gw);
    s->opened = false;
    window_close(s);
    buf_done(&s->pending);
    arena_done(&s->keep);
    arena_done(&s->scratch);
}

/* ---- reading ---- */

/* Reports the first invalid byte of that range; whether there was one. */
static bool report_bad(struct session *s, uint64_t begin, uint64_t end)
{
    static const char hex[] = "0123456789ABCDEF";
    struct gw_str text;
    unsigned char byte;
    char shown[4] = "0x";
    bool complete;
    size_t at;

    if (s->last_bad == UINT64_MAX || s->last_bad < begin)
        return false;
    text = window_range(s, begin, end, &complete);
    at = charset_find_bad(text, &byte);
    if (at == SIZE_MAX)
        return false;
    shown[2] = hex[byte >> 4];
    shown[3] = hex[byte & 15];
    {
        struct gw_place place = {.byte = s->base + (uint64_t)(text.ptr - s->window.data) + at};
        struct gw_arg args[] = {{"byte", {shown, 4}}, {"charset", str_of(charset_name(s->charset))}};

        host_report(&s->gw, GW_ERROR, place, "charset.invalid", args, 2);
    }
    return true;
}

/* Where what is between two records ends. */
static uint64_t gap_end(const struct session *s, enum gw_result r, const struct gw_record *rec)
{
    return r == GW_END ? s->base + s->at : rec->begin;
}

enum gw_result session_next(struct session *s, struct gw_record *rec)
{
    enum gw_result r;

    arena_reset(&s->scratch);
    *rec = (struct gw_record){0};
    s->kept = s->ended;
    s->record++;
    s->inside = true;
    r = settle(s, session_turn(s)(&s->gw, rec));
    if (r == GW_END)
        s->record--;
    s->inside = false;
    if (r != GW_OK && r != GW_REJECT && r != GW_END)
        return r;
    s->spoilt |= report_bad(s, s->kept, gap_end(s, r, rec));
    s->inside = true;
    if (r == GW_OK && report_bad(s, rec->begin, rec->end))
        r = GW_REJECT;
    s->inside = false;
    if (rec->end > s->ended)
        s->ended = rec->end;
    if (r == GW_END && s->spoilt)
        return GW_FAIL; /* what encloses the records is not what was sent */
    return r;
}

void session_place(struct session *s, const struct gw_record *rec, const struct gw_node *node,
                   uint32_t *ret_line, uint32_t *ret_column)
{
    struct diag d = {0};

    if (node && node->line) {
        *ret_line = node->line;
        *ret_column = node->column;
        return;
    }
    set_place(s, &d, (struct gw_place){.byte = rec->begin + (node ? node->column : 0)});
    *ret_line = !node && rec->line ? rec->line : d.line;
    *ret_column = d.column;
}

/* ---- writing ---- */

static enum gw_result unencodable(struct session *s, struct gw_str path, struct gw_str bad)
{
    struct gw_arg args[] = {{"value", bad}, {"charset", str_of(charset_name(s->charset))}, {"path", path}};

    host_report(&s->gw, GW_ERROR, (struct gw_place){0}, "charset.unencodable", args, 3);
    return GW_REJECT;
}

/* Before the plugin writes anything of a record: once it has, the record cannot be taken back
 * without confusing the plugin. */
static enum gw_result check_tree(struct session *s, const struct gw_node *n, struct buf *path)
{
    size_t len = path->len;
    struct gw_str name = names_text(s->names, n->name), bad;
    enum gw_result r;

    if (name.len && n->kind != GW_LIST) {
        if (len)
            buf_char(path, '/');
        buf_str(path, name);
    }
    r = charset_encode(s->charset, (struct gw_str){n->text, n->text ? n->len : 0}, false, s->fold, NULL, &bad);
    if (r != GW_OK)
        return unencodable(s, buf_view(path), bad);
    for (const struct gw_node *kid = n->first; kid && r == GW_OK; kid = kid->next)
        r = check_tree(s, kid, path);
    path->len = len;
    return r;
}

/* The same without saying where: nearly all texts are ASCII, and nearly all others can be encoded. */
static inline bool text_encodable(const struct session *s, const struct gw_node *n)
{
    struct gw_str text = {n->text, n->text ? n->len : 0}, bad;

    return charset_is_ascii(text) || charset_encode(s->charset, text, false, s->fold, NULL, &bad) == GW_OK;
}

static bool is_encodable(const struct session *s, const struct gw_node *n)
{
    bool good = text_encodable(s, n);

    for (const struct gw_node *kid = n->first; good && kid; kid = kid->next)
        good = kid->first ? is_encodable(s, kid) : text_encodable(s, kid);
    return good;
}

static enum gw_result check_encodable(struct session *s, const struct gw_node *root)
{
    struct buf path;
    enum gw_result r;

    if (s->charset == CHARSET_UTF8 || !root || is_encodable(s, root))
        return GW_OK;
    buf_init(&path, 4096);
    r = check_tree(s, root, &path);
    buf_done(&path);
    return r;
}

/* What the plugin wrote goes into the output, or the reason why not is reported. */
static enum gw_result commit(struct session *s)
{
    struct gw_str bad;
    enum gw_result r = GW_OK;

    if (s->into == &s->pending) {
        r = charset_encode(s->charset, buf_view(&s->pending), false, s->fold, &s->output->buf, &bad);
        buf_clear(&s->pending);
    }
    if (r != GW_OK) {
        output_rollback(s->output);
        (void)unencodable(s, (struct gw_str){NULL, 0}, bad);
        return GW_FAIL;
    }
    r = output_commit(s->output);
    return r == GW_FATAL ? too_large(s, "record.too_large", s->output->buf.max) : r;
}

/* After each call of the plugin: all of it, or nothing. */
static enum gw_result conclude(struct session *s, enum gw_result r)
{
    if (r != GW_OK || s->stop != STOP_NONE)
        r = settle(s, r);
    if (r == GW_OK)
        return commit(s);
    buf_clear(&s->pending);
    output_rollback(s->output);
    return r;
}

enum gw_result session_open_writer(struct session *s, const struct gw_plugin *p, const void *config,
                                   struct names *names, const struct session_limits *limits,
                                   const struct session_stream *stream, struct output *output,
                                   struct sink *sink)
{
    enum gw_result r;

    start(s, p, config, names, limits, stream, sink);
    s->gw.host = &writing;
    s->output = output;
    s->file = output->name;
    if (!p->writer)
        return wrong_way(s, "plugin.cannot_write");
    if (stream->encoding.len && !str_is(stream->encoding, "detect") && !str_is(stream->encoding, "declared") &&
        !charset_find(stream->encoding, &s->charset))
        return whole(s, GW_FAIL, "charset.declared", "found", stream->encoding);
    s->into = s->charset == CHARSET_UTF8 ? &output->buf : &s->pending;
    if (check_encodable(s, stream->context) != GW_OK)
        return GW_FAIL;
    s->context = stream->context;
    r = make_state(s, p->writer->state_size);
    if (r != GW_OK)
        return r;
    s->opened = true;
    return conclude(s, p->writer->open(&s->gw));
}

enum gw_result session_write(struct session *s, const struct gw_record *rec, uint64_t number)
{
    enum gw_result r = GW_OK;

    arena_reset(&s->scratch);
    s->record = number;
    s->inside = true;
    if (s->charset != CHARSET_UTF8 && rec->context != s->context)
        r = check_encodable(s, rec->context);
    if (s->charset != CHARSET_UTF8 && r == GW_OK)
        r = check_encodable(s, rec->root);
    if (r == GW_OK) {
        s->context = rec->context;
        r = conclude(s, s->plugin->writer->write(&s->gw, rec));
    }
    s->inside = false;
    return r;
}

enum gw_result session_finish(struct session *s, const struct gw_node *context)
{
    if (context && check_encodable(s, context) != GW_OK)
        return GW_FAIL;
    return conclude(s, s->plugin->writer->finish(&s->gw, context));
}
