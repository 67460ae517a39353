/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The writer. The document around the records is opened with the first of them and closed by
 * finish(). What it knows of its own output changes only when a record was written whole: the
 * host takes a rejected one back.
 */
#include "json_put.h"

#define LEVELS    64u /* of the document around the records */
#define NAME_MAX  256u
#define NAME_ROOM 8192u /* a name of that length, escaped */

/* What follows the records in a group: rendered when the group opens, for its tree is gone when it ends. */
struct tail {
    char *text;
    size_t len, room;
};

/* An object or list of the document around the records, open now. */
struct open {
    bool map, filled;
    struct tail tail, spare; /* spare: of the group before, which comes back when this one's record is bad */
};

struct writer {
    struct out out; /* first: out.to() finds the writer by it */
    struct gw_session *s;
    const struct json_config *config;
    struct tail *tail;      /* not NULL: what is written goes there */
    struct member *members; /* by symbol */
    struct member item;     /* what stands before one of a list */
    const struct gw_node **stack;
    const struct gw_node *context; /* where rec->context is NULL */
    struct open open[LEVELS];
    uint32_t nopen;
    bool begun;   /* the document is open */
    bool many;    /* the records are a list */
    bool written; /* one is */
    bool pretty;
    bool copies; /* most values are written as they are: nothing between them, nothing escaped beyond ASCII */
};

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

/* ---- values ---- */

static void line_end(struct writer *w, size_t depth)
{
    size_t blanks = depth * (w->config->indent < 8 ? w->config->indent : 8);

    out_char(&w->out, '\n');
    while (blanks-- > 0)
        out_char(&w->out, ' ');
}

static enum gw_result refuse(struct writer *w, const char *code, const char *name, struct gw_str value)
{
    struct gw_arg args[] = {{name, value}};

    w->out.failed = gw_reject(w->s, (struct gw_place){0}, code, args, 1);
    return w->out.failed;
}

static void put_number(struct writer *w, const struct gw_node *n)
{
    if (json_number(n->text, n->len))
        out_put(&w->out, n->text, n->len);
    else
        (void)refuse(w, "json.number", "value", (struct gw_str){n->text, n->len});
}

/* `,"name":` laid ready, from what was written without the comma. */
static void remember(struct writer *w, uint16_t name, const char *text, size_t len)
{
    size_t room = 1 + len + 2 * JSON_PADDING;
    char *kept = gw_keep(w->s, room);

    if (!kept) {
        w->out.failed = GW_FATAL;
        return;
    }
    memset(kept, 0, room);
    kept[0] = ',';
    memcpy(kept + 1, text, len);
    w->members[name] = (struct member){kept, (uint32_t)len + 1};
}

/* Writes `"name":` the long way, and remembers it. */
static void learn(struct writer *w, uint16_t name)
{
    struct gw_str text = gw_name_text(w->s, name);
    char *from;

    if (text.len <= NAME_MAX)
        out_room(&w->out, NAME_ROOM);
    from = w->out.at;
    out_text(&w->out, text.ptr, text.len);
    out_put(&w->out, ": ", w->pretty ? 2 : 1);
    if (text.len <= NAME_MAX && name < JSON_NAMES)
        remember(w, name, from, (size_t)(w->out.at - from));
}

/* What stands before a child; NULL: it was not met yet. */
static inline const struct member *member_of(const struct writer *w, const struct gw_node *n, bool map)
{
    if (!map)
        return &w->item;
    return n->name < JSON_NAMES && w->members[n->name].text ? &w->members[n->name] : NULL;
}

/* All that stands before a child's value. */
static void begin_child(struct writer *w, const struct gw_node *n, bool map, bool first, size_t depth)
{
    const struct member *m = member_of(w, n, map);

    if (!first)
        out_char(&w->out, ',');
    if (w->pretty)
        line_end(w, depth);
    if (!m)
        learn(w, n->name);
    else if (map)
        out_put(&w->out, m->text + 1, m->len - 1);
}

static inline void put_scalar(struct writer *w, const struct gw_node *n)
{
    switch ((enum gw_kind)n->kind) {
    case GW_TEXT:
        out_text(&w->out, n->text, n->len);
        break;
    case GW_NUMBER:
        put_number(w, n);
        break;
    case GW_TRUE:
        out_put(&w->out, "true", 4);
        break;
    case GW_FALSE:
        out_put(&w->out, "false", 5);
        break;
    case GW_NULL:
    case GW_LIST:
    case GW_MAP:
    case GW_RECORDS:
        out_put(&w->out, "null", 4);
        break;
    }
}

static void close_node(struct writer *w, bool map, bool filled, size_t depth)
{
    if (filled && w->pretty)
        line_end(w, depth);
    out_char(&w->out, map ? '}' : ']');
}

/* An opening bracket, and the text that an element with attributes has. */
static void open_node(struct writer *w, const struct gw_node *n, size_t depth)
{
    out_char(&w->out, n->kind == GW_MAP ? '{' : '[');
    if (n->kind != GW_MAP || n->len == 0)
        return;
    if (w->pretty)
        line_end(w, depth + 1);
    out_put(&w->out, "\"#text\":", 8);
    out_text(&w->out, n->text, n->len);
}

/* One level deeper; false: that is too deep. */
static inline bool push(struct writer *w, const struct gw_node *n, size_t depth)
{
    char room[20];

    if (depth < w->s->stream->depth) {
        w->stack[depth] = n;
        return true;
    }
    (void)refuse(w, "json.depth", "depth", gw_digits(depth, room));
    return false;
}

/* A value at `base` levels of the document, without recursion: stack[] holds what is open of it. Whatever the
 * options. */
static void put_loosely(struct writer *w, const struct gw_node *n, size_t base)
{
    const struct gw_node *root = n, *up;
    size_t depth = 0;

    while (w->out.failed == GW_OK) {
        if (n->kind == GW_MAP || n->kind == GW_LIST) {
            open_node(w, n, base + depth);
            if (n->first && !push(w, n, depth))
                return;
            if (n->first) {
                depth++;
                begin_child(w, n->first, n->kind == GW_MAP, n->kind == GW_LIST || n->len == 0, base + depth);
                n = n->first;
                continue;
            }
            close_node(w, n->kind == GW_MAP, n->len > 0 && n->kind == GW_MAP, base + depth);
        } else {
            put_scalar(w, n);
        }
        for (; n != root && !n->next; n = up) {
            up = w->stack[--depth];
            close_node(w, up->kind == GW_MAP, true, base + depth);
        }
        if (n == root)
            return;
        begin_child(w, n->next, w->stack[depth - 1]->kind == GW_MAP, false, base + depth);
        n = n->next;
    }
}

/* ---- the same where nothing stands between values and only ASCII is escaped: copies, nearly always ---- */

static const struct {
    char text[8];
    size_t len;
} words[] = {[GW_NULL] = {"null", 4}, [GW_FALSE] = {"false", 5}, [GW_TRUE] = {"true", 4}};

static bool is_inner(const struct gw_node *n)
{
    return (n->kind == GW_MAP || n->kind == GW_LIST) && n->first;
}

/* A value without others in it, whatever it is. */
static char *put_leaf(struct writer *w, char *at, const struct gw_node *n)
{
    w->out.at = at;
    if (n->kind == GW_MAP || n->kind == GW_LIST) {
        open_node(w, n, 0);
        close_node(w, n->kind == GW_MAP, false, 0);
    } else {
        put_scalar(w, n);
    }
    return w->out.at;
}

static inline char *copy_leaf(struct writer *w, char *at, const struct gw_node *n)
{
    size_t len = n->len;

    if (n->kind == GW_TEXT && len <= (size_t)(w->out.end - at) && copy_plain(at + 1, n->text, len, 0)) {
        at[0] = at[1 + len] = '"';
        return at + len + 2;
    }
    if (n->kind >= GW_NUMBER)
        return put_leaf(w, at, n);
    memcpy(at, words[n->kind].text, sizeof(words->text));
    return at + words[n->kind].len;
}

static char *begin_again(struct writer *w, char *at, const struct gw_node *n, bool map, bool first)
{
    w->out.at = at;
    begin_child(w, n, map, first, 0);
    out_room(&w->out, JSON_BLOCK / 2);
    return w->out.at;
}

/* What stands before a child that is not the first. */
static inline char *copy_begin(struct writer *w, char *at, const struct gw_node *n, bool map)
{
    const struct member *m = member_of(w, n, map);

    if (!m || m->len > (size_t)(w->out.end - at))
        return begin_again(w, at, n, map, false);
    return put_member_name(at, m->text, m->len);
}

/* A bracket, the text that an element with attributes has, and what stands before the first child. */
static char *copy_open(struct writer *w, char *at, const struct gw_node *n)
{
    bool map = n->kind == GW_MAP;
    const struct member *m = member_of(w, n->first, map);
    size_t len = m ? m->len : 0;

    if (m && len <= (size_t)(w->out.end - at) && (!map || !n->len)) {
        (void)put_member_name(at, m->text, len);
        *at = map ? '{' : '['; /* in the comma's place */
        return at + len;
    }
    w->out.at = at;
    open_node(w, n, 0);
    return begin_again(w, w->out.at, n->first, map, !map || !n->len);
}

static void put_copies(struct writer *w, const struct gw_node *n)
{
    char *at = w->out.at;
    size_t depth = 0;
    bool map = false;

    while (w->out.failed == GW_OK) {
        if (n->kind != GW_TEXT && is_inner(n)) {
            if (!push(w, n, depth++))
                return;
            map = n->kind == GW_MAP;
            at = copy_open(w, at, n);
            n = n->first;
            continue;
        }
        at = copy_leaf(w, at, n);
        for (; !n->next && depth; n = w->stack[depth]) {
            *at++ = map ? '}' : ']';
            depth--;
            map = depth && w->stack[depth - 1]->kind == GW_MAP;
        }
        if (!depth)
            break;
        n = n->next;
        at = copy_begin(w, at, n, map);
    }
    w->out.at = at;
}

static void put_value(struct writer *w, const struct gw_node *n, size_t base)
{
    if (w->copies)
        put_copies(w, n);
    else
        put_loosely(w, n, base);
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
    begin_child(w, n, o->map, !o->filled, depth);
    o->filled = true;
    if (n->kind != GW_RECORDS)
        put_value(w, n, depth);
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
            begin_child(w, way[i], w->open[i - 1].map, !w->open[i - 1].filled, i);
            w->open[i - 1].filled = true;
        }
        open_node(w, way[i], i);
        o->map = way[i]->kind == GW_MAP;
        o->filled = o->map && way[i]->len > 0;
        for (child = way[i]->first; child != way[i + 1]; child = child->next)
            put_member(w, o, child, i + 1);
        begin_child(w, child, o->map, !o->filled, i + 1);
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
        close_node(w, false, w->written, w->nopen);
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
        close_node(w, o->map, o->filled, w->nopen);
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
    w->item = (struct member){comma, 1};
    w->out.end = w->out.block + JSON_BLOCK;
    return GW_OK;
}

static void put_record(struct writer *w, const struct gw_record *rec)
{
    bool lines = w->config->lines;

    if (w->written && !lines)
        out_char(&w->out, ',');
    if (w->many && w->pretty)
        line_end(w, w->nopen + 1);
    put_value(w, rec->root, lines ? 0 : w->nopen + w->many);
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
