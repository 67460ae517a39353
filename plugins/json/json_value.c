/* SPDX-License-Identifier: EUPL-1.2 */
/* Values as they are written, in whatever layout; the compact one by copying, nearly always. */
#include "json_write.h"

void value_line_end(struct writer *w, size_t depth)
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
void value_begin(struct writer *w, const struct gw_node *n, bool map, bool first, size_t depth)
{
    const struct member *m = member_of(w, n, map);

    if (!first)
        out_char(&w->out, ',');
    if (w->pretty)
        value_line_end(w, depth);
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

void value_close(struct writer *w, bool map, bool filled, size_t depth)
{
    if (filled && w->pretty)
        value_line_end(w, depth);
    out_char(&w->out, map ? '}' : ']');
}

/* An opening bracket, and the text that an element with attributes has. */
void value_open(struct writer *w, const struct gw_node *n, size_t depth)
{
    out_char(&w->out, n->kind == GW_MAP ? '{' : '[');
    if (n->kind != GW_MAP || n->len == 0)
        return;
    if (w->pretty)
        value_line_end(w, depth + 1);
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
            value_open(w, n, base + depth);
            if (n->first && !push(w, n, depth))
                return;
            if (n->first) {
                depth++;
                value_begin(w, n->first, n->kind == GW_MAP, n->kind == GW_LIST || n->len == 0, base + depth);
                n = n->first;
                continue;
            }
            value_close(w, n->kind == GW_MAP, n->len > 0 && n->kind == GW_MAP, base + depth);
        } else {
            put_scalar(w, n);
        }
        for (; n != root && !n->next; n = up) {
            up = w->stack[--depth];
            value_close(w, up->kind == GW_MAP, true, base + depth);
        }
        if (n == root)
            return;
        value_begin(w, n->next, w->stack[depth - 1]->kind == GW_MAP, false, base + depth);
        n = n->next;
    }
}

/* ---- the same where nothing stands between values and only ASCII is escaped: copies, nearly always ---- */

static bool is_inner(const struct gw_node *n)
{
    return (n->kind == GW_MAP || n->kind == GW_LIST) && n->first;
}

char *value_leaf(struct writer *w, char *at, const struct gw_node *n)
{
    w->out.at = at;
    if (n->kind == GW_MAP || n->kind == GW_LIST) {
        value_open(w, n, 0);
        value_close(w, n->kind == GW_MAP, false, 0);
    } else {
        put_scalar(w, n);
    }
    return w->out.failed == GW_OK ? w->out.at : NULL;
}

/* How the children of what is open begin: by name, below `names`, else by `other`. */
struct begins {
    const struct member *members, *other;
    uint32_t names;
    bool map;
};

static inline struct begins begins_of(const struct writer *w, bool map)
{
    static const struct member unknown;

    return map ? (struct begins){w->members, &unknown, JSON_NAMES, true}
               : (struct begins){w->members, &w->item, 0, false};
}

/* NULL: it failed. */
static __attribute__((cold, noinline)) char *begin_again(struct writer *w, char *at, const struct gw_node *n, bool map, bool first)
{
    w->out.at = at;
    value_begin(w, n, map, first, 0);
    out_room(&w->out, COPY_ROOM);
    return w->out.failed == GW_OK ? w->out.at : NULL;
}

/* What stands before a child that is not the first. */
static inline char *copy_begin(struct writer *w, char *at, const struct gw_node *n, const struct begins *in)
{
    const struct member *m = n->name < in->names ? &in->members[n->name] : in->other;

    if (!m->text || at > w->copy_end)
        return begin_again(w, at, n, in->map, false);
    return put_member_name(at, m->text, m->len);
}

/* A bracket, the text that an element with attributes has, and what stands before the first child. */
static inline char *copy_open(struct writer *w, char *at, const struct gw_node *n, const struct begins *in)
{
    const struct gw_node *child = n->first;
    const struct member *m = child->name < in->names ? &in->members[child->name] : in->other;

    if (m->text && at <= w->copy_end && (!in->map || !n->len)) {
        (void)put_member_name(at, m->text, m->len);
        *at = in->map ? '{' : '['; /* in the comma's place */
        return at + m->len;
    }
    w->out.at = at;
    value_open(w, n, 0);
    return begin_again(w, w->out.at, child, in->map, !in->map || !n->len);
}

/* A container with something in it, and all that is below. */
static void put_copies(struct writer *w, const struct gw_node *n)
{
    const struct gw_node **top = w->stack; /* behind what is open */
    struct begins in = begins_of(w, false);
    char *at = w->out.at;

    while (at) {
        if (n->kind != GW_TEXT && is_inner(n)) {
            if (!push(w, n, (size_t)(top - w->stack)))
                return;
            top++;
            in = begins_of(w, n->kind == GW_MAP);
            at = copy_open(w, at, n, &in);
            n = n->first;
            continue;
        }
        at = copy_leaf(w, at, n);
        for (; at && !n->next; n = *top) {
            *at++ = in.map ? '}' : ']';
            if (--top == w->stack) {
                w->out.at = at;
                return;
            }
            in = begins_of(w, top[-1]->kind == GW_MAP);
        }
        n = n->next;
        if (at)
            at = copy_begin(w, at, n, &in);
    }
}

void value_put(struct writer *w, const struct gw_node *n, size_t base)
{
    if (w->copies && is_inner(n))
        put_copies(w, n);
    else
        put_loosely(w, n, base);
}
