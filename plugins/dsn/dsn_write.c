/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The writer. In a block rubrics stand first, by number, then the blocks in it, as the table has them: a rubric
 * behind a block would begin its own block anew. The message's totals are counted while it is written. What the
 * writer knows changes only when a record was written whole.
 */
#include <string.h>

#include "dsn.h"

#define NODES 64u /* of the context, on the way to the records */

/* What follows the records in a block of the context: rendered when it opens, for its tree is gone when it
 * ends. */
struct tail {
    char *text;
    size_t len, room;
    uint64_t lines;
};

struct open {
    uint16_t block;          /* DSN_NONE: the root, or a list */
    struct tail tail, spare; /* spare: of the group before, which comes back when this one's record is bad */
};

struct writer {
    struct dsn_tree tree;
    struct open open[NODES];
    uint32_t nopen;
    bool begun;
    struct tail *to;              /* not NULL: what is written goes there */
    uint64_t lines, declarations; /* of the message */
    uint32_t key;                 /* of the line before */
    uint16_t rubric;
};

/* A child to be written: its place among its siblings, rubrics before blocks. */
struct item {
    const struct gw_node *node;
    uint32_t rank;
};

enum { UNKNOWN_RANK = DSN_RUBRICS, BLOCK_RANK }; /* a rubric's rank is its number */

static enum gw_result refuse(struct gw_session *s, const char *code, struct gw_str found)
{
    struct gw_arg arg = {"found", found};

    return gw_reject(s, (struct gw_place){0}, code, &arg, 1);
}

/* ---- lines ---- */

static enum gw_result tail_add(struct gw_session *s, struct tail *t, const char *text, size_t len)
{
    if (t->len + len > t->room) {
        size_t room = 2 * (t->len + len);
        char *grown = gw_keep(s, room);

        if (!grown)
            return GW_FATAL;
        if (t->len)
            memcpy(grown, t->text, t->len);
        t->text = grown;
        t->room = room;
    }
    memcpy(t->text + t->len, text, len);
    t->len += len;
    t->lines++;
    return GW_OK;
}

static enum gw_result put_text(struct gw_session *s, const char *text, size_t len)
{
    struct writer *w = s->state;

    if (w->to)
        return tail_add(s, w->to, text, len);
    w->lines++;
    return gw_write(s, text, len);
}

static enum gw_result put_line(struct gw_session *s, struct gw_str block, struct gw_str rubric,
                               struct gw_str value)
{
    const struct dsn_config *c = s->config;
    size_t len = 0;
    char *text;

    if (value.len && (memchr(value.ptr, '\n', value.len) || memchr(value.ptr, '\r', value.len)))
        return refuse(s, "dsn.newline", block);
    text = gw_alloc(s, DSN_NAME + value.len + 16);
    if (!text)
        return GW_FATAL;
    memcpy(text, block.ptr, DSN_NAME);
    text[DSN_NAME] = '.';
    memcpy(text + DSN_NAME + 1, rubric.ptr, 3);
    memcpy(text + DSN_NAME + 4, ",'", 2);
    len = DSN_NAME + 6;
    if (value.len)
        memcpy(text + len, value.ptr, value.len);
    len += value.len;
    text[len++] = '\'';
    if (c->newline == DSN_CRLF)
        text[len++] = '\r';
    text[len++] = '\n';
    return put_text(s, text, len);
}

/* ---- blocks ---- */

static bool is_block(struct gw_session *s, const struct gw_node *n, uint32_t *ret_key)
{
    return dsn_block_key(gw_name_text(s, n->name), ret_key);
}

static enum gw_result rank_of(struct gw_session *s, const struct gw_node *n, uint32_t *ret)
{
    const struct writer *w = s->state;
    uint16_t block, rubric;
    uint32_t key;

    if (is_block(s, n, &key)) {
        block = dsn_tree_find(&w->tree, key);
        *ret = block == DSN_NONE ? UNKNOWN_RANK : BLOCK_RANK + (uint32_t)block;
        return GW_OK;
    }
    if (!dsn_rubric_number(gw_name_text(s, n->name), &rubric))
        return refuse(s, "dsn.name", gw_name_text(s, n->name));
    *ret = rubric;
    return n->first || n->kind >= GW_LIST ? refuse(s, "dsn.nested", gw_name_text(s, n->name)) : GW_OK;
}

/* The children of a block in the order of writing; *ret_n of them. */
static enum gw_result children_sort(struct gw_session *s, const struct gw_node *block, struct item **ret,
                                    size_t *ret_n)
{
    enum gw_result r = GW_OK;
    size_t n = 0;

    for (const struct gw_node *k = block->first; k; k = k->next)
        n++;
    *ret = gw_alloc(s, (n + 1) * sizeof(**ret));
    *ret_n = 0;
    if (!*ret)
        return GW_FATAL;
    for (const struct gw_node *k = block->first; k && r == GW_OK; k = k->next) {
        struct item item = {k, 0};
        size_t at = *ret_n;

        if (k->kind == GW_NULL || k->kind == GW_RECORDS)
            continue;
        r = rank_of(s, k, &item.rank);
        for (; at > 0 && (*ret)[at - 1].rank > item.rank; at--)
            (*ret)[at] = (*ret)[at - 1];
        (*ret)[at] = item;
        (*ret_n)++;
    }
    return r;
}

/* The rubrics of a block, which are the first of its children. */
static enum gw_result put_rubrics(struct gw_session *s, const struct gw_node *block, const struct item *items,
                                  size_t n)
{
    struct writer *w = s->state;
    struct gw_str name = gw_name_text(s, block->name);
    enum gw_result r = GW_OK;
    uint32_t key = 0;

    (void)dsn_block_key(name, &key);
    if (n && items[0].rank >= UNKNOWN_RANK)
        return refuse(s, "dsn.block_empty", name);
    if (n && key == w->key && items[0].rank > w->rubric)
        return refuse(s, "dsn.block_merge", name);
    for (size_t i = 0; r == GW_OK && i < n && items[i].rank < UNKNOWN_RANK; i++) {
        const struct gw_node *rubric = items[i].node;

        if (i && items[i].rank == items[i - 1].rank)
            return refuse(s, "dsn.nested", gw_name_text(s, rubric->name));
        r = put_line(s, name, gw_name_text(s, rubric->name), (struct gw_str){rubric->text, rubric->len});
        w->key = key;
        w->rubric = (uint16_t)items[i].rank;
    }
    return r;
}

static enum gw_result put_blocks(struct gw_session *s, const struct gw_node *n, uint32_t depth);

/* A block with all that is in it. */
static enum gw_result put_block(struct gw_session *s, const struct gw_node *block, uint32_t depth)
{
    struct item *items;
    size_t n;
    enum gw_result r = children_sort(s, block, &items, &n);

    if (r == GW_OK)
        r = put_rubrics(s, block, items, n);
    for (size_t i = 0; r == GW_OK && i < n; i++)
        if (items[i].rank >= UNKNOWN_RANK)
            r = put_blocks(s, items[i].node, depth + 1);
    return r;
}

/* A child that is a block, or a list of them. */
static enum gw_result put_blocks(struct gw_session *s, const struct gw_node *n, uint32_t depth)
{
    enum gw_result r = GW_OK;

    if (depth > DSN_DEPTH)
        return refuse(s, "dsn.nested", gw_name_text(s, n->name));
    if (n->kind != GW_LIST)
        return put_block(s, n, depth);
    for (const struct gw_node *k = n->first; k && r == GW_OK; k = k->next)
        r = put_block(s, k, depth);
    return r;
}

/* ---- the blocks around the records ---- */

/* The way to the GW_RECORDS node, which is its last; its length, 0: there is none. */
static size_t find_records(const struct gw_node *n, const struct gw_node **way, size_t len)
{
    size_t found = n->kind == GW_RECORDS ? len + 1 : 0;

    way[len] = n;
    if (n->kind != GW_MAP && n->kind != GW_LIST)
        return found;
    for (const struct gw_node *k = n->first; k && !found && len + 1 < NODES; k = k->next)
        found = find_records(k, way, len + 1);
    return found;
}

static uint16_t block_of(struct gw_session *s, const struct gw_node *n)
{
    const struct writer *w = s->state;
    uint32_t key;

    return n->kind == GW_MAP && n->name && is_block(s, n, &key) ? dsn_tree_find(&w->tree, key) : DSN_NONE;
}

/* The next block on the way, behind which the tail of the one at `i` begins. */
static uint32_t rank_behind(struct gw_session *s, const struct gw_node *const *way, size_t n, size_t i)
{
    const struct writer *w = s->state;

    while (++i + 1 < n)
        if (block_of(s, way[i]) != DSN_NONE)
            return BLOCK_RANK + (uint32_t)block_of(s, way[i]);
    return BLOCK_RANK + (uint32_t)w->tree.way[w->tree.nway - 1];
}

static void swap_tails(struct open *o)
{
    struct tail spare = o->spare;

    o->spare = o->tail;
    o->tail = spare;
    o->tail.len = 0;
    o->tail.lines = 0;
}

/* A block on the way: its rubrics and what stands before the records; what stands behind them is kept. */
static enum gw_result open_block(struct gw_session *s, struct open *o, const struct gw_node *node,
                                 const struct gw_node *next, uint32_t behind)
{
    struct writer *w = s->state;
    struct item *items;
    size_t n;
    enum gw_result r = children_sort(s, node, &items, &n);

    if (r == GW_OK)
        r = put_rubrics(s, node, items, n);
    swap_tails(o);
    for (size_t i = 0; r == GW_OK && i < n; i++) {
        if (items[i].rank < UNKNOWN_RANK || items[i].node == next)
            continue;
        w->to = items[i].rank > behind ? &o->tail : NULL;
        r = put_blocks(s, items[i].node, 1);
        w->to = NULL;
    }
    if (o->block == w->tree.way[1])
        w->declarations++;
    return r;
}

static enum gw_result open_way(struct gw_session *s, const struct gw_node *const *way, size_t n, size_t from)
{
    struct writer *w = s->state;
    enum gw_result r = GW_OK;

    for (size_t i = from; r == GW_OK && i + 1 < n; i++) {
        struct open *o = &w->open[i];

        o->block = block_of(s, way[i]);
        o->tail.len = 0;
        o->tail.lines = 0;
        if (o->block != DSN_NONE)
            r = open_block(s, o, way[i], way[i + 1], rank_behind(s, way, n, i));
    }
    w->nopen = (uint32_t)(n - 1);
    w->begun = true;
    return r;
}

/* S90: how many rubrics the message has, with these two, and how many declarations. */
static enum gw_result put_totals(struct gw_session *s)
{
    struct writer *w = s->state;
    struct gw_str block = GW_STR("S90.G00.90");
    char room[20];
    enum gw_result r = GW_OK;

    if (w->lines) {
        r = put_line(s, block, GW_STR("001"), gw_digits(w->lines + 2, room));
        if (r == GW_OK)
            r = put_line(s, block, GW_STR("002"), gw_digits(w->declarations, room));
    }
    w->lines = w->declarations = 0;
    w->key = DSN_TOTALS;
    return r;
}

static enum gw_result close_way(struct gw_session *s, size_t level)
{
    struct writer *w = s->state;
    enum gw_result r = GW_OK;

    while (r == GW_OK && w->nopen > level) {
        struct open *o = &w->open[--w->nopen];

        if (o->block == DSN_NONE)
            continue;
        if (o->tail.len) {
            r = gw_write(s, o->tail.text, o->tail.len);
            w->lines += o->tail.lines;
            w->key = 0;
        }
        if (r == GW_OK && o->block == w->tree.way[0])
            r = put_totals(s);
    }
    return r;
}

static enum gw_result turn_to(struct gw_session *s, const struct gw_node *context, uint32_t level)
{
    struct writer *w = s->state;
    const struct gw_node *way[NODES + 1];
    size_t n = context ? find_records(context, way, 0) : 0;
    enum gw_result r = GW_OK;

    if (n == 0)
        return refuse(s, "dsn.block_empty", w->tree.blocks[w->tree.way[0]].name);
    if (w->begun)
        r = close_way(s, level);
    return r == GW_OK ? open_way(s, way, n, w->begun ? level : 0) : r;
}

/* ---- the plugin ---- */

static enum gw_result writer_open(struct gw_session *s)
{
    struct writer *w = s->state;

    return dsn_tree_open(s, &w->tree);
}

static enum gw_result writer_write(struct gw_session *s, const struct gw_record *rec)
{
    struct writer *w = s->state, before = *w;
    enum gw_result r = GW_OK;

    if (!w->begun || (rec->context && rec->level < w->nopen))
        r = turn_to(s, rec->context ? rec->context : s->stream->context, rec->level);
    if (r == GW_OK)
        r = put_block(s, rec->root, 0);
    if (r != GW_OK)
        *w = before;
    return r;
}

static enum gw_result writer_finish(struct gw_session *s, const struct gw_node *context)
{
    struct writer *w = s->state;
    enum gw_result r = GW_OK;

    if (!w->begun && context)
        r = turn_to(s, context, 0);
    if (r == GW_OK)
        r = close_way(s, 0);
    return r == GW_REJECT ? GW_FAIL : r;
}

const struct gw_writer dsn_writer = {
    .state_size = sizeof(struct writer),
    .open = writer_open,
    .write = writer_write,
    .finish = writer_finish,
};
