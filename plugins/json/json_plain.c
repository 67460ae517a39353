/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The plain case, which nearly all records are: an object whose keys were met before and are not escaped. It
 * goes from bytes to nodes in one pass; what is escaped in its texts is yyjson's, one by one. This only ever
 * says "plain": whatever else it meets, good or bad, is not for it to judge, and yyjson reads the value from
 * its beginning. That it is UTF-8 the host has seen to. Behind the text are JSON_MARGIN zeros: each loop ends
 * there.
 */
#include "json.h"

/* An object or a list that is being filled. */
struct plain_level {
    struct gw_node *node;
    uint16_t rank;    /* of its last key */
    bool map, unsure; /* unsure: a key may stand twice */
};

struct plain {
    struct builder *b;
    const char *text, *p;
    const char *at;              /* the last thing that has a position */
    struct gw_node *next, *done; /* the one to make, and the last that is complete */
    struct key *last;
};

enum taken {
    NOT_PLAIN,
    SCALAR,
    BEGUN, /* an object or a list */
};

enum gw_result plain_init(struct builder *b)
{
    b->levels = gw_keep(b->s, (b->s->stream->depth + (size_t)1) * sizeof(*b->levels));
    b->nodes = gw_keep(b->s, JSON_NODES * sizeof(*b->nodes));
    return b->levels && b->nodes ? GW_OK : GW_FATAL;
}

static inline const char *after_blanks(const char *p)
{
    while ((unsigned char)*p <= ' ' && json_blank(*p))
        p++;
    return p;
}

static struct key *unforeseen(struct keys *k, struct key *last, const char *p)
{
    const char *end = json_text_end(p);

    return *end == '"' ? keys_known(k, last, p, (size_t)(end - p)) : NULL;
}

/* A key and its colon: the value is at hand after. */
static inline bool take_key(struct plain *g, struct plain_level *l)
{
    const char *p = g->p;
    struct key *key = g->last->next;

    if (*p != '"')
        return false;
    g->at = p++;
    if (!keys_begin(key, p) && !(key = unforeseen(&g->b->keys, g->last, p)))
        return false;
    if (key->rank <= l->rank)
        l->unsure = true;
    l->rank = key->rank;
    g->last = key;
    p += key->len + 1;
    if (*p != ':')
        p = after_blanks(p);
    g->p = after_blanks(p + 1);
    return *p == ':';
}

static inline void add_node(struct plain *g, uint16_t name, uint8_t kind, const char *text, size_t len)
{
    *g->next = (struct gw_node){
        .text = text, .len = (uint32_t)len, .column = (uint32_t)(g->at - g->text), .name = name, .kind = kind};
    g->done = g->next++;
}

/* A text in which something is escaped. Returns its end, or NULL. */
static const char *unescape(struct builder *b, const char *quote, struct gw_str *ret)
{
    const char *end = json_text_end(quote + 1);

    while (end[0] == '\\' && end[1])
        end = json_text_end(end + 2);
    if (*end != '"' || !builder_text(b, (struct gw_str){quote, (size_t)(end + 1 - quote)}, ret))
        return NULL;
    return end;
}

static inline enum taken take_text(struct plain *g, uint16_t name)
{
    const char *end = json_text_end(g->p + 1);
    struct gw_str text = {g->p + 1, (size_t)(end - g->p - 1)};

    if (*end != '"') {
        end = unescape(g->b, g->p, &text);
        if (!end)
            return NOT_PLAIN;
    }
    g->at = g->p;
    g->p = end + 1;
    add_node(g, name, GW_TEXT, text.ptr, text.len);
    return SCALAR;
}

static inline enum taken take_word(struct plain *g, uint16_t name, uint8_t kind, const char *word, size_t len)
{
    if (json_load4(g->p) != json_load4(word) || g->p[len - 1] != word[len - 1])
        return NOT_PLAIN;
    g->p += len;
    add_node(g, name, kind, kind == GW_NULL ? NULL : word, kind == GW_NULL ? 0 : len);
    return SCALAR;
}

static inline bool is_of_number(char c)
{
    return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || (c | 0x20) == 'e';
}

static inline enum taken take_number(struct plain *g, uint16_t name)
{
    const char *p = g->p;

    g->at = p;
    while (is_of_number(*g->p))
        g->p++;
    add_node(g, name, GW_NUMBER, p, (size_t)(g->p - p));
    return json_number(p, (size_t)(g->p - p)) ? SCALAR : NOT_PLAIN;
}

/* The likely first; a table to jump by would take longer. */
static inline enum taken take_value(struct plain *g, uint16_t name)
{
    char c = *g->p;

    if (c == '"')
        return take_text(g, name);
    if (c == 'n')
        return take_word(g, name, GW_NULL, "null", 4);
    if (c == 'f')
        return take_word(g, name, GW_FALSE, "false", 5);
    if (c == 't')
        return take_word(g, name, GW_TRUE, "true", 4);
    if (c != '{' && c != '[')
        return take_number(g, name);
    add_node(g, name, c == '{' ? GW_MAP : GW_LIST, NULL, 0);
    return BEGUN;
}

/* The bracket at hand begins what `done` is. True: and its first child follows. */
static inline bool begin(struct plain *g, struct plain_level *l)
{
    *l = (struct plain_level){.node = g->done, .map = g->done->kind == GW_MAP};
    g->p = after_blanks(g->p + 1);
    if (*g->p == (l->map ? '}' : ']'))
        return false;
    g->done->first = g->next;
    return true;
}

static inline bool end(struct plain *g, const struct plain_level *l)
{
    if (*g->p != (l->map ? '}' : ']') || (l->unsure && keys_twice(&g->b->keys, l->node)))
        return false;
    g->p++;
    g->done = l->node;
    return true;
}

/* What is in the object that has begun, and its end. */
static bool take_children(struct plain *g, struct plain_level *first, const struct plain_level *deepest,
                          const struct gw_node *beyond)
{
    struct plain_level *l = first;
    enum taken taken;

    for (;;) {
        if (g->next == beyond || (l->map && !take_key(g, l)))
            return false;
        taken = take_value(g, l->map ? g->last->symbol : l->node->name);
        if (taken == NOT_PLAIN || (taken == BEGUN && l == deepest))
            return false;
        if (taken == BEGUN && begin(g, ++l))
            continue;
        while (*(g->p = after_blanks(g->p)) != ',') {
            if (!end(g, l))
                return false;
            if (l-- == first)
                return true;
        }
        g->p = after_blanks(g->p + 1);
        g->done->next = g->next;
    }
}

/* The text is an object, no deeper than it may. */
static bool take_object(struct plain *g, struct builder *b, uint16_t name)
{
    uint32_t depth = b->s->stream->depth;

    if (*g->p != '{' || depth == 0)
        return false;
    add_node(g, name, GW_MAP, NULL, 0);
    if (!begin(g, b->levels))
        return end(g, b->levels);
    return take_children(g, b->levels, b->levels + depth - 1, b->nodes + JSON_NODES);
}

bool plain_read(struct builder *b, size_t len, bool whole, uint16_t name, struct parsed *ret)
{
    struct plain g = {.b = b, .text = b->text, .next = b->nodes, .last = b->keys.of};

    b->nunescaped = 0;
    g.p = g.at = g.text;
    if (!take_object(&g, b, name) || (whole && after_blanks(g.p) != g.text + len))
        return false;
    ret->root = b->nodes;
    ret->nodes = (size_t)(g.next - b->nodes);
    ret->used = (size_t)(g.p - g.text);
    return true;
}
