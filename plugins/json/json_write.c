/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The writer. The document around the records is opened with the first of them and closed by
 * finish(). What it knows of its own output changes only when a record was written whole: the
 * host takes a rejected one back.
 */
#include "json_write.h"

static enum gw_result keep_tail(struct out *o, const char *text, size_t len)
{
    struct tail *t = ((struct writer *)o)->tail;
    size_t room = 2 * (t->len + len);
    char *grown;

    if (t->len + len > t->room) {
        grown = gw_keep(o->s, room);
        if (!grown)
            return GW_FATAL;
        if (t->len)
            memcpy(grown, t->text, t->len);
        t->text = grown;
        t->room = room;
    }
    memcpy(t->text + t->len, text, len);
    t->len += len;
    return GW_OK;
}

/* ---- the document around the records ---- */

/* The way to the GW_RECORDS node, which is its last; its length, 0: there is none within LEVELS. */
static size_t find_records(const struct gw_node *n, const struct gw_node **way, size_t len)
{
    const struct gw_node *child;
    size_t found = n->kind == GW_RECORDS ? len + 1 : 0;

    way[len] = n;
    if (n->kind != GW_MAP && n->kind != GW_LIST)
        return found;
    for (child = n->first; child && !found && len < LEVELS; child = child->next)
        found = find_records(child, way, len + 1);
    return found;
}

static void put_member(struct writer *w, struct open *o, const struct gw_node *n, size_t depth)
{
    value_begin(w, n, o->map, !o->filled, depth);
    o->filled = true;
    if (n->kind != GW_RECORDS)
        value_put(w, n, depth);
}

static void save_tail(struct writer *w, struct open *o, const struct gw_node *next, size_t depth)
{
    struct tail spare = o->spare;

    o->spare = o->tail;
    o->tail = spare;
    o->tail.len = 0;
    out_flush(&w->out);
    w->tail = &o->tail;
    w->out.to = keep_tail;
    for (; next; next = next->next)
        put_member(w, o, next, depth);
    out_flush(&w->out);
    w->out.to = NULL;
}

/* Opens way[from .. n-2]; way[n-1] are the records. */
static void open_way(struct writer *w, const struct gw_node *const *way, size_t n, size_t from)
{
    const struct gw_node *child;
    struct open *o;

    for (size_t i = from; i + 1 < n && w->out.failed == GW_OK; i++) {
        o = &w->open[i];
        if (i > 0 && i == from) {
            value_begin(w, way[i], w->open[i - 1].map, !w->open[i - 1].filled, i);
            w->open[i - 1].filled = true;
        }
        value_open(w, way[i], i);
        o->map = way[i]->kind == GW_MAP;
        o->filled = o->map && way[i]->len > 0;
        for (child = way[i]->first; child != way[i + 1]; child = child->next)
            put_member(w, o, child, i + 1);
        value_begin(w, child, o->map, !o->filled, i + 1);
        o->filled = true;
        if (i > 0)
            save_tail(w, o, child->next, i + 1);
    }
    w->nopen = (uint32_t)(n - 1);
    if (w->many)
        out_char(&w->out, '[');
    w->written = false;
}

static void close_records(struct writer *w)
{
    if (w->many)
        value_close(w, false, w->written, w->nopen);
    else if (!w->written)
        out_put(&w->out, "null", 4);
}

/* Closes down to `level`; way NULL: what follows the records is as it was said when they were opened. */
static void close_way(struct writer *w, const struct gw_node *const *way, size_t level)
{
    const struct gw_node *n;

    close_records(w);
    while (w->nopen > level) {
        struct open *o = &w->open[--w->nopen];

        if (!way)
            out_put(&w->out, o->tail.text, o->tail.len);
        for (n = way ? way[w->nopen + 1]->next : NULL; n; n = n->next)
            put_member(w, o, n, w->nopen + 1);
        value_close(w, o->map, o->filled, w->nopen);
    }
}

/* The tree to write around the records when the mapping says none: the steps alone. */
static const struct gw_node *plain_context(struct writer *w)
{
    const struct gw_stream *t = w->s->stream;
    bool rooted = t->nsteps && t->steps[0].name;
    struct gw_node *nodes = gw_keep(w->s, (2 * t->nsteps + 2) * sizeof(*nodes)), *n = nodes;

    if (!nodes)
        return NULL;
    memset(nodes, 0, (2 * t->nsteps + 2) * sizeof(*nodes));
    if (rooted)
        n->kind = GW_MAP;
    for (size_t i = 0; i < t->nsteps; i++) {
        if (i > 0 || rooted) {
            n->first = n + 1;
            n++;
        }
        n->name = t->steps[i].name;
        n->kind = GW_MAP;
        if (i + 1 < t->nsteps && t->steps[i].many) {
            n->kind = GW_LIST;
            n->first = n + 1;
            n++;
            *n = (struct gw_node){.name = t->steps[i].name, .kind = GW_MAP};
        }
    }
    n->kind = GW_RECORDS;
    return nodes;
}

/* Makes the document's open part that of `context`. */
static enum gw_result turn_to(struct writer *w, const struct gw_node *context, uint32_t level)
{
    const struct gw_node *way[LEVELS + 1];
    size_t n = find_records(context ? context : w->context, way, 0);

    if (n == 0) {
        struct gw_arg arg = {"place", GW_STR("GW_RECORDS")};

        w->out.failed = GW_FAIL;
        return gw_fail(w->s, (struct gw_place){0}, "json.no_records", &arg, 1);
    }
    if (w->begun)
        close_way(w, NULL, level);
    open_way(w, way, n, w->begun ? level : 0);
    w->begun = true;
    return w->out.failed;
}

/* ---- the plugin ---- */

static const char comma[1 + 2 * JSON_PADDING] = ",";

static enum gw_result writer_open(struct gw_session *s)
{
    struct writer *w = s->state;
    const struct gw_stream *t = s->stream;
    bool lines;

    w->s = w->out.s = s;
    w->config = s->config;
    lines = w->config->lines;
    w->pretty = !w->config->compact && !lines;
    w->out.mask = w->config->escape_non_ascii ? UINT64_MAX / 255 * 0x80 : 0;
    w->copies = !w->pretty && !w->out.mask;
    w->many = t->nsteps > 0 && t->steps[t->nsteps - 1].many;
    w->out.block = w->out.at =
        gw_keep(s, JSON_BLOCK + 2 * JSON_PADDING + t->depth); /* closing brackets do not ask */
    w->members = gw_keep(s, JSON_NAMES * sizeof(*w->members));
    w->stack =
        gw_keep(s, ((size_t)t->depth + 1) * sizeof(*w->stack)); // NOLINT(bugprone-sizeof-expression): pointers
    w->context = t->context ? t->context : plain_context(w);
    if (!w->out.block || !w->members || !w->stack || !w->context)
        return GW_FATAL;
    memset(w->members, 0, JSON_NAMES * sizeof(*w->members));
    if (lines && w->copies && forms_init(w) != GW_OK)
        return GW_FATAL;
    w->item = (struct member){comma, 1};
    w->out.end = w->out.block + JSON_BLOCK;
    w->copy_end = w->out.end - COPY_ROOM;
    return GW_OK;
}

static void put_record(struct writer *w, const struct gw_record *rec)
{
    bool lines = w->config->lines;

    if (rec->form && w->forms && form_put(w, rec))
        return;
    if (w->written && !lines)
        out_char(&w->out, ',');
    if (w->many && w->pretty)
        value_line_end(w, w->nopen + 1);
    value_put(w, rec->root, lines ? 0 : w->nopen + w->many);
    if (lines)
        out_char(&w->out, '\n');
    out_flush(&w->out);
}

static void write_around(struct writer *w, const struct gw_record *rec)
{
    struct writer before = *w;

    if (turn_to(w, rec->context, rec->level) == GW_OK)
        put_record(w, rec);
    if (w->out.failed == GW_OK)
        return;
    before.out.failed = w->out.failed;
    *w = before;
}

static enum gw_result writer_write(struct gw_session *s, const struct gw_record *rec)
{
    struct writer *w = s->state;
    bool lines = w->config->lines, turns = !w->begun || (rec->context && rec->level < w->nopen);

    w->out.failed = GW_OK;
    w->out.at = w->out.block;
    if (!lines && !w->many && w->written && !turns)
        return gw_fail(s, (struct gw_place){0}, "json.single", NULL, 0);
    if (!lines && turns)
        write_around(w, rec);
    else
        put_record(w, rec);
    w->written |= w->out.failed == GW_OK;
    return w->out.failed;
}

static enum gw_result writer_finish(struct gw_session *s, const struct gw_node *context)
{
    struct writer *w = s->state;
    const struct gw_node *way[LEVELS + 1];
    size_t n;

    w->out.failed = GW_OK;
    w->out.at = w->out.block;
    if (w->config->lines)
        return GW_OK;
    if (!w->begun && turn_to(w, context, 0) != GW_OK)
        return w->out.failed;
    n = find_records(context ? context : w->context, way, 0);
    close_way(w, n == (size_t)w->nopen + 1 ? way : NULL, 0);
    if (w->config->final_newline)
        out_char(&w->out, '\n');
    out_flush(&w->out);
    return w->out.failed;
}

const struct gw_writer json_writer = {
    .state_size = sizeof(struct writer),
    .open = writer_open,
    .write = writer_write,
    .finish = writer_finish,
};
