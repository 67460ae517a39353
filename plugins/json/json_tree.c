/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From the bytes of one value to a tree of nodes: yyjson reads a copy in place, and its flat
 * run of values becomes nodes without recursion.
 */
#include <yyjson.h>

#include "json.h"

#define MEMORY_TIMES 15u /* the most that a record may use of memory: its largest size so many times */

/* An object or a list that is being filled; the first holds the root. */
struct frame {
    struct gw_node **link; /* where the next child goes */
    struct gw_node *node;
    yyjson_val *begin, *end;
    uint16_t name; /* of a list's items */
    uint16_t rank; /* of its last key */
    bool map, unsure;
};

struct growth {
    struct builder *b;
    const char *text; /* positions count from here */
    struct gw_node *next;
    struct parsed *ret;
    size_t at;        /* of the last thing that had a position */
    struct key *last; /* what the following key is predicted from */
};

enum gw_result builder_init(struct builder *b, struct gw_session *s)
{
    size_t levels = (size_t)s->stream->depth + 2;

    b->s = s;
    b->room = 4 * s->stream->record_bytes;
    b->pool_size = yyjson_read_max_memory_usage(JSON_TEXT, YYJSON_READ_INSITU);
    b->text = gw_keep(s, JSON_TEXT + JSON_MARGIN);
    b->unescaped = gw_keep(s, JSON_TEXT + JSON_MARGIN);
    b->pool = gw_keep(s, b->pool_size);
    b->frames = gw_keep(s, levels * sizeof(*b->frames));
    if (!b->text || !b->unescaped || !b->pool || !b->frames)
        return GW_FATAL;
    return plain_init(b) == GW_OK ? keys_init(&b->keys, s) : GW_FATAL;
}

static enum gw_result refuse(struct parsed *ret, const char *code, size_t at)
{
    ret->code = code;
    ret->at = at;
    return GW_REJECT;
}

/* The key of one of the members of an object that was filled. */
static size_t key_at(const struct growth *g, const struct frame *f, const struct gw_node *member)
{
    yyjson_val *key = f->begin;
    const struct gw_node *n;

    for (n = f->node->first; n != member; n = n->next)
        key = unsafe_yyjson_get_next(key + 1);
    return (size_t)(key->uni.str - g->text) - 1;
}

static enum gw_result check_members(struct growth *g, const struct frame *f)
{
    const struct gw_node *n = keys_twice(&g->b->keys, f->node);

    if (!n)
        return GW_OK;
    g->ret->key = gw_name_text(g->b->s, n->name);
    return refuse(g->ret, "json.duplicate_key", key_at(g, f, n));
}

/* NUL passes JSON as \u0000 but neither XML nor a database. */
static inline bool has_nul(yyjson_val *v)
{
    return !(unsafe_yyjson_get_subtype(v) & YYJSON_SUBTYPE_NOESC) &&
           memchr(v->uni.str, 0, unsafe_yyjson_get_len(v));
}

/* Its kind and text; where it is, if it has a place of its own. */
static inline void fill(struct growth *g, yyjson_val *v, struct gw_node *n)
{
    uint8_t type = unsafe_yyjson_get_type(v);

    if (type == YYJSON_TYPE_STR || type == YYJSON_TYPE_RAW) {
        n->kind = type == YYJSON_TYPE_STR ? GW_TEXT : GW_NUMBER;
        n->text = v->uni.str;
        n->len = (uint32_t)unsafe_yyjson_get_len(v);
        g->at = (size_t)(v->uni.str - g->text) - (type == YYJSON_TYPE_STR);
    } else if (type == YYJSON_TYPE_BOOL) {
        n->kind = unsafe_yyjson_get_bool(v) ? GW_TRUE : GW_FALSE;
        n->text = n->kind == GW_TRUE ? "true" : "false";
        n->len = n->kind == GW_TRUE ? 4 : 5;
    } else if (type != YYJSON_TYPE_NULL) {
        n->kind = type == YYJSON_TYPE_OBJ ? GW_MAP : GW_LIST;
    }
}

/* The name of a member whose key is at hand. */
static inline enum gw_result name_member(struct growth *g, struct frame *f, yyjson_val *v, struct gw_node *n)
{
    size_t len = unsafe_yyjson_get_len(v);
    struct key *key;

    g->at = (size_t)(v->uni.str - g->text) - 1;
    if (has_nul(v))
        return refuse(g->ret, "json.nul", g->at);
    key = g->last->next;
    if (!len || !keys_same(key, v->uni.str, len))
        key = keys_find(&g->b->keys, g->last, v->uni.str, len);
    if (!key)
        return GW_FATAL;
    if (key->rank <= f->rank)
        f->unsure = true;
    f->rank = key->rank;
    n->name = key->symbol;
    g->last = key;
    return GW_OK;
}

/* One child of the frame, whose value is returned by *v; its key before it in a map. */
static inline enum gw_result add_child(struct growth *g, struct frame *f, yyjson_val **v)
{
    struct gw_node *n = g->next++;
    enum gw_result result;

    *n = (struct gw_node){.name = f->name, .kind = GW_NULL};
    if (f->map && (result = name_member(g, f, (*v)++, n)) != GW_OK)
        return result;
    *f->link = n;
    f->link = &n->next;
    fill(g, *v, n);
    n->column = (uint32_t)g->at;
    return n->kind == GW_TEXT && has_nul(*v) ? refuse(g->ret, "json.nul", g->at) : GW_OK;
}

static enum gw_result grow(struct growth *g, yyjson_val *v, uint16_t name)
{
    const struct frame *deepest = g->b->frames + g->b->s->stream->depth;
    struct frame *f = g->b->frames;
    enum gw_result result;
    struct gw_node *n;

    *f = (struct frame){&g->ret->root, NULL, v, unsafe_yyjson_get_next(v), name, 0, false, false};
    for (;;) {
        while (v == f->end) {
            if (f->unsure && (result = check_members(g, f)) != GW_OK)
                return result;
            if (f-- == g->b->frames)
                return GW_OK;
        }
        n = g->next;
        if ((result = add_child(g, f, &v)) != GW_OK)
            return result;
        if (n->kind == GW_MAP || n->kind == GW_LIST) {
            if (f++ == deepest)
                return refuse(g->ret, "json.depth", g->at);
            *f = (struct frame){&n->first,         n,    v + 1, unsafe_yyjson_get_next(v), n->name, 0,
                                n->kind == GW_MAP, false};
        }
        v++;
    }
}

/* Each value and key but the root has a comma, a colon or a bracket of its own before it. */
static size_t values_at_most(struct gw_str bytes)
{
    size_t n = 1, i;

    for (i = 0; i < bytes.len; i++)
        n += (size_t)(bytes.ptr[i] == ',') + (bytes.ptr[i] == ':') + (bytes.ptr[i] == '[') +
             (bytes.ptr[i] == '{');
    return n;
}

/* What yyjson will use of it at most: it begins with a guess and grows by half. */
static size_t pool_for(size_t len, size_t values)
{
    size_t first = len / 6;

    return ((values > first ? values : first) + 16) * sizeof(yyjson_val) * 3 / 2 + 1024;
}

/* Where a value is read: its bytes copied, a pool, and the memory that this took. */
struct place {
    char *text;
    yyjson_alc alc;
    size_t spent;
};

/* GW_REJECT: it would need too much memory. */
static enum gw_result make_place(struct builder *b, struct gw_str bytes, enum gw_life life, struct place *ret)
{
    bool small = bytes.len <= JSON_TEXT, own = small && life == GW_RECORD_LIFE;
    size_t size = small ? b->pool_size : pool_for(bytes.len, values_at_most(bytes));
    char *pool = b->pool;

    ret->spent = (small ? 0 : size) + (own ? 0 : bytes.len);
    if (ret->spent > MEMORY_TIMES * b->s->stream->record_bytes)
        return GW_REJECT;
    if (life == GW_SESSION_LIFE && bytes.len > b->room)
        return GW_REJECT;
    if (!small)
        pool = gw_alloc(b->s, size);
    ret->text = own ? b->text : b->s->host->alloc(b->s, life, bytes.len + JSON_MARGIN);
    if (!pool || !ret->text)
        return GW_FATAL;
    if (life == GW_SESSION_LIFE)
        b->room -= bytes.len;
    memcpy(ret->text, bytes.ptr, bytes.len);
    memset(ret->text + bytes.len, 0, JSON_MARGIN);
    yyjson_alc_pool_init(&ret->alc, pool, size);
    return GW_OK;
}

/* Room for the nodes of a value; GW_REJECT: too much. */
static enum gw_result make_nodes(struct builder *b, size_t values, enum gw_life life, size_t spent,
                                 struct gw_node **ret)
{
    size_t size = values * sizeof(**ret);

    if (values <= JSON_NODES && life == GW_RECORD_LIFE) {
        *ret = b->nodes;
        return GW_OK;
    }
    if (size + spent > MEMORY_TIMES * b->s->stream->record_bytes)
        return GW_REJECT;
    if (life == GW_SESSION_LIFE) {
        if (size > b->room)
            return GW_REJECT;
        b->room -= size;
    }
    *ret = b->s->host->alloc(b->s, life, size);
    return *ret ? GW_OK : GW_FATAL;
}

static enum gw_result explain(const yyjson_read_err *e, struct gw_str bytes, bool whole, struct parsed *ret)
{
    bool word;

    ret->cut = e->code == YYJSON_READ_ERROR_UNEXPECTED_END;
    if (e->code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
        return refuse(ret, "json.too_large", 0);
    if (ret->cut && !whole)
        return GW_END;
    if (e->code == YYJSON_READ_ERROR_UNEXPECTED_CONTENT)
        return refuse(ret, "json.trailing", e->pos);
    if (e->pos < bytes.len)
        return refuse(ret, "json.syntax", e->pos);
    word = bytes.ptr[0] != '{' && bytes.ptr[0] != '[' && bytes.ptr[0] != '"';
    return refuse(ret, "json.syntax", word ? 0 : bytes.len - 1);
}

enum gw_result builder_read(struct builder *b, struct gw_str bytes, bool whole, enum gw_life life,
                            uint16_t name, struct parsed *ret)
{
    yyjson_read_flag how = YYJSON_READ_INSITU | YYJSON_READ_NUMBER_AS_RAW;
    struct growth g = {.b = b, .ret = ret, .last = b->keys.of};
    enum gw_result result;
    yyjson_read_err error = {0};
    struct place place;
    yyjson_doc *doc;

    *ret = (struct parsed){0};
    result = make_place(b, bytes, life, &place);
    if (result != GW_OK)
        return result == GW_REJECT ? refuse(ret, "json.too_large", 0) : result;
    if (place.text == b->text && plain_read(b, bytes.len, whole, name, ret))
        return GW_OK;
    doc = yyjson_read_opts(place.text, bytes.len, whole ? how : how | YYJSON_READ_STOP_WHEN_DONE, &place.alc,
                           &error);
    if (!doc)
        return explain(&error, bytes, whole, ret);
    ret->used = yyjson_doc_get_read_size(doc);
    g.text = place.text;
    result = make_nodes(b, yyjson_doc_get_val_count(doc), life, place.spent, &g.next);
    if (result != GW_OK)
        return result == GW_REJECT ? refuse(ret, "json.too_large", 0) : result;
    result = grow(&g, yyjson_doc_get_root(doc), name);
    ret->nodes = result == GW_OK ? (size_t)(g.next - ret->root) : 0;
    return result;
}

bool builder_text(struct builder *b, struct gw_str quoted, struct gw_str *ret)
{
    char *copy = b->unescaped + b->nunescaped;
    yyjson_alc alc;
    yyjson_doc *doc;
    yyjson_val *v;

    memcpy(copy, quoted.ptr, quoted.len);
    memset(copy + quoted.len, 0, JSON_MARGIN);
    yyjson_alc_pool_init(&alc, b->pool, b->pool_size);
    doc = yyjson_read_opts(copy, quoted.len, YYJSON_READ_INSITU, &alc, NULL);
    v = yyjson_doc_get_root(doc);
    if (!yyjson_is_str(v) || has_nul(v))
        return false;
    *ret = (struct gw_str){v->uni.str, unsafe_yyjson_get_len(v)};
    b->nunescaped += ret->len + 1;
    return true;
}

static inline bool top_is_map(const struct slicer *c)
{
    uint32_t level = c->depth - 1;

    return level < 8 * sizeof(c->maps) && (c->maps[level / 8] >> level % 8 & 1);
}

static void open_level(struct slicer *c, bool map)
{
    uint32_t level = c->depth++;
    unsigned char bit = (unsigned char)(1u << level % 8);

    if (level >= 8 * sizeof(c->maps))
        return;
    c->maps[level / 8] = (unsigned char)(map ? c->maps[level / 8] | bit : c->maps[level / 8] & ~bit);
}

/* A closing one that is not expected closes what it can: in a bad value, an object's brace ends the lists that
 * were left open in it, and a stray bracket ends nothing. */
static void close_level(struct slicer *c, bool map)
{
    uint32_t depth = c->depth;

    if (c->depth > 8 * sizeof(c->maps) || top_is_map(c) == map) {
        c->depth--;
        return;
    }
    while (c->depth > 0 && top_is_map(c) != map)
        c->depth--;
    c->depth = c->depth > 0 ? c->depth - 1 : depth;
}

/* In a string: up to behind its end, or all. */
static size_t run_string(struct slicer *c, const char *text, size_t at, size_t len)
{
    for (; at < len; at++) {
        if (c->escape)
            c->escape = false;
        else if (text[at] == '\\')
            c->escape = true;
        else if (text[at] == '"') {
            c->string = false;
            return at + 1;
        }
    }
    return at;
}

/* One character outside of strings. True: the value ended, *at is behind it. */
static bool step_over(struct slicer *c, char ch, size_t *at)
{
    bool closes = ch == '}' || ch == ']';

    if (c->word && (ch == ',' || closes || json_blank(ch)))
        return true;
    ++*at;
    if (c->word)
        return false;
    if (ch == '"')
        c->string = true;
    else if (ch == '{' || ch == '[')
        open_level(c, ch == '{');
    else if (c->depth == 0)
        c->word = true;
    else if (closes)
        close_level(c, ch == '}');
    return c->depth == 0 && !c->string && !c->word;
}

size_t slicer_run(struct slicer *c, const char *text, size_t len, bool *ret_done)
{
    size_t at = 0;

    *ret_done = false;
    while (at < len && !*ret_done) {
        if (c->string) {
            at = run_string(c, text, at, len);
            *ret_done = !c->string && c->depth == 0;
        } else {
            *ret_done = step_over(c, text[at], &at);
        }
    }
    return at;
}

struct gw_str json_shown(struct gw_str text, char room[8])
{
    static const char hex[] = "0123456789ABCDEF", code[] = "U+00";
    unsigned char c = (unsigned char)text.ptr[0];
    size_t len = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;

    if (c >= 0x20 && c != 0x7F)
        return (struct gw_str){text.ptr, len < text.len ? len : text.len};
    memcpy(room, code, sizeof(code));
    room[4] = hex[c >> 4];
    room[5] = hex[c & 15];
    return (struct gw_str){room, 6};
}
