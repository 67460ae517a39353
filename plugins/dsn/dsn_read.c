/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The reader. Lines come one by one; the blocks that are open now are a stack, the context's in the session's
 * memory and the record's above them in the record's. A line opens a block when it is of another block than the
 * line before, or when its rubric does not follow.
 */
#include <string.h>

#include "dsn.h"

struct level {
    struct gw_node *node;
    struct gw_node **end; /* where its next child goes */
    uint16_t block;       /* DSN_NONE: one that the table has not */
};

struct reader {
    struct gw_str window; /* not consumed yet */
    bool last;            /* nothing comes behind the window */
    bool any;             /* a line was read */
    uint64_t at, line;    /* of the window's first byte */

    struct dsn_tree tree;
    struct level levels[DSN_DEPTH + 1];
    size_t nlevels;
    uint32_t key; /* of the line before */
    uint16_t rubric;
    struct gw_node root;
    uint64_t changes;
    size_t mark; /* of the memory before the message */
    bool marked;

    bool open;             /* a message is: what ends now is cut */
    bool enveloped;        /* S05 was, S95 was not yet */
    uint64_t told;         /* by S90.G00.90.001 */
    uint64_t lines;        /* of the message at hand */
    uint64_t declarations; /* in it */
    bool unknown;          /* that a block is not in the table was said */
};

static struct gw_place here(const struct reader *st, uint32_t column)
{
    return (struct gw_place){st->at + column - 1, (uint32_t)st->line, column};
}

static enum gw_result fail(struct gw_session *s, const char *code, struct gw_str found)
{
    struct gw_arg arg = {"found", found};

    return gw_fail(s, here(s->state, 1), code, &arg, 1);
}

static void tell_long(struct gw_session *s)
{
    char digits[20];
    struct gw_arg arg = {"limit", gw_digits(s->stream->record_bytes, digits)};

    gw_report(s, GW_ERROR, here(s->state, 1), "dsn.long", &arg, 1);
}

/* ---- the line at hand ---- */

static void advance(struct gw_session *s, struct reader *st, size_t len)
{
    gw_consume(s, len);
    st->window.ptr += len;
    st->window.len -= len;
    st->at += len;
}

static enum gw_result more(struct gw_session *s, struct reader *st)
{
    size_t want = st->window.len + 1, max = s->stream->record_bytes;
    enum gw_result r = gw_peek(s, want < max ? want : max, &st->window);

    st->last |= r == GW_END;
    return r == GW_END ? GW_OK : r;
}

/* *ret with its end, which may be that of the file. GW_REJECT: it is longer than a record may be. */
static enum gw_result line_peek(struct gw_session *s, struct reader *st, struct gw_str *ret)
{
    size_t max = s->stream->record_bytes, seen = 0;
    enum gw_result r = GW_OK;

    while (r == GW_OK) {
        size_t len = st->window.len < max ? st->window.len : max;
        const char *end = len > seen ? memchr(st->window.ptr + seen, '\n', len - seen) : NULL;

        *ret = (struct gw_str){st->window.ptr, end ? (size_t)(end + 1 - st->window.ptr) : len};
        if (end || (st->last && len < max))
            return len ? GW_OK : GW_END;
        if (len == max)
            return GW_REJECT;
        seen = len;
        r = more(s, st);
    }
    return r;
}

static bool is_blank(struct gw_str line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] != ' ' && line.ptr[i] != '\r' && line.ptr[i] != '\n')
            return false;
    return true;
}

/* To the next line that is not blank. *ret_size: with its end; 0: too long. */
static enum gw_result look(struct gw_session *s, struct reader *st, struct gw_str *ret, size_t *ret_size)
{
    enum gw_result r;

    while ((r = line_peek(s, st, ret)) == GW_OK && is_blank(*ret)) {
        advance(s, st, ret->len);
        st->line++;
    }
    *ret_size = r == GW_OK ? ret->len : 0;
    if (r == GW_OK && ret->ptr[ret->len - 1] == '\n')
        ret->len--;
    return r == GW_REJECT ? GW_OK : r;
}

/* `size` 0: to the next end of line, however far it is. */
static enum gw_result pass_line(struct gw_session *s, struct reader *st, size_t size)
{
    enum gw_result r = GW_OK;
    bool ended = size > 0;

    advance(s, st, size);
    while (!ended && r == GW_OK) {
        const char *end = st->window.len ? memchr(st->window.ptr, '\n', st->window.len) : NULL;

        ended = end || (st->last && !st->window.len);
        advance(s, st, end ? (size_t)(end + 1 - st->window.ptr) : st->window.len);
        if (!ended)
            r = more(s, st);
    }
    st->line++;
    return r;
}

/* ---- blocks and rubrics ---- */

static void *room(struct gw_session *s, enum gw_life life, size_t size)
{
    return life == GW_RECORD_LIFE ? gw_alloc(s, size) : gw_keep(s, size);
}

static struct gw_node *node_add(struct gw_session *s, enum gw_life life, uint16_t name, struct gw_node ***end)
{
    struct reader *st = s->state;
    struct gw_node *n = room(s, life, sizeof(*n));

    if (!n || !name)
        return NULL;
    *n = (struct gw_node){.name = name, .kind = GW_MAP, .line = (uint32_t)st->line, .column = 1};
    **end = n;
    *end = &n->next;
    return n;
}

static struct level *top(struct reader *st)
{
    return st->nlevels ? &st->levels[st->nlevels - 1] : NULL;
}

/* Where a block goes: how many levels stay open. false: its parent is not open. */
static bool find_parent(const struct reader *st, uint16_t block, size_t *ret)
{
    uint16_t parent = block == DSN_NONE ? DSN_NONE : st->tree.blocks[block].parent;

    *ret = st->nlevels;
    if (block == DSN_NONE) { /* not in the table: within what is open */
        *ret -= *ret && st->levels[*ret - 1].block == DSN_NONE;
        return *ret > 0;
    }
    while (*ret > 0 && st->levels[*ret - 1].block != parent)
        (*ret)--;
    return *ret > 0 || parent == DSN_NONE;
}

/* Of the blocks on the way the context has one each: the last. */
static void drop_twin(struct reader *st, struct level *parent, uint16_t symbol)
{
    struct gw_node **at = parent ? &parent->node->first : &st->root.first;

    while (*at && (*at)->name != symbol)
        at = &(*at)->next;
    if (*at)
        *at = (*at)->next;
    while (*at)
        at = &(*at)->next;
    if (parent)
        parent->end = at;
}

static bool on_the_way(const struct dsn_tree *t, uint16_t block)
{
    for (uint16_t i = 0; i + 1 < t->nway; i++)
        if (t->way[i] == block)
            return true;
    return false;
}

static enum gw_result block_open(struct gw_session *s, enum gw_life life, const struct dsn_line *l,
                                 uint16_t block, size_t keep)
{
    struct reader *st = s->state;
    uint16_t symbol =
        block == DSN_NONE ? gw_name(s, l->block.ptr, l->block.len) : st->tree.blocks[block].symbol;
    struct level *parent;
    struct gw_node **end, *n;

    st->nlevels = keep;
    parent = top(st);
    if (on_the_way(&st->tree, block))
        drop_twin(st, parent, symbol);
    end = &st->root.first;
    while (!parent && *end)
        end = &(*end)->next;
    n = node_add(s, life, symbol, parent ? &parent->end : &(struct gw_node **){end});
    if (!n)
        return GW_FATAL;
    st->levels[st->nlevels++] = (struct level){n, &n->first, block};
    if (st->tree.nway > 1 && block == st->tree.way[1])
        st->declarations++;
    return GW_OK;
}

static enum gw_result rubric_add(struct gw_session *s, enum gw_life life, const struct dsn_line *l)
{
    struct reader *st = s->state;
    char *text = room(s, life, l->value.len + 1);
    struct gw_node *n = node_add(s, life, dsn_tree_rubric(s, &st->tree, l->rubric), &top(st)->end);

    if (!text || !n)
        return GW_FATAL;
    if (l->value.len)
        memcpy(text, l->value.ptr, l->value.len);
    n->text = text;
    n->len = (uint32_t)l->value.len;
    n->kind = GW_TEXT;
    n->column = DSN_NAME + 7;
    return GW_OK;
}

/* Does the line go on with the block of the line before? */
static bool goes_on(const struct reader *st, const struct dsn_line *l)
{
    return l->key == st->key && l->rubric > st->rubric;
}

static void tell_unknown(struct gw_session *s, const struct dsn_line *l)
{
    struct reader *st = s->state;
    struct gw_arg arg = {"found", l->block};

    if (!st->unknown)
        gw_report(s, GW_WARNING, here(st, 1), "dsn.block_unknown", &arg, 1);
    st->unknown = true;
}

/* GW_REJECT: the block's parent is not open; nothing was done and nothing said. */
static enum gw_result line_take(struct gw_session *s, enum gw_life life, const struct dsn_line *l,
                                uint16_t block)
{
    struct reader *st = s->state;
    enum gw_result r = GW_OK;
    size_t keep;

    if (!goes_on(st, l) || !st->nlevels) {
        if (!find_parent(st, block, &keep))
            return GW_REJECT;
        if (block == DSN_NONE)
            tell_unknown(s, l);
        r = block_open(s, life, l, block, keep);
    }
    if (r == GW_OK)
        r = rubric_add(s, life, l);
    st->key = l->key;
    st->rubric = l->rubric;
    return r;
}

/* ---- the context ---- */

static void check_total(struct gw_session *s, uint64_t found, uint64_t counted)
{
    char rooms[2][20];
    struct gw_arg args[] = {{"found", gw_digits(found, rooms[0])}, {"expected", gw_digits(counted, rooms[1])}};

    if (found != counted)
        gw_report(s, GW_WARNING, here(s->state, DSN_NAME + 7), "dsn.total", args, 2);
}

/* S90.G00.90.001 counts the rubrics of the message with these two, 002 the declarations. */
static enum gw_result take_totals(struct gw_session *s, const struct dsn_line *l)
{
    struct reader *st = s->state;
    uint64_t n = UINT64_MAX;

    if (!st->open)
        return fail(s, "dsn.parent", l->block);
    (void)dsn_number(l->value, &n);
    if (l->rubric == 1)
        st->told = n;
    if (l->rubric != 2)
        return GW_OK;
    check_total(s, st->told, st->lines);
    check_total(s, n, st->declarations);
    st->open = false;
    st->nlevels = 0;
    return GW_OK;
}

static void message_begin(struct gw_session *s, struct reader *st)
{
    if (st->marked)
        gw_release(s, st->mark);
    st->mark = gw_mark(s);
    st->marked = true;
    st->root.first = NULL;
    st->nlevels = 0;
    st->open = true;
    st->key = 0;
    st->told = UINT64_MAX;
    st->lines = st->declarations = 0;
}

/* What stands outside the messages is of who carried the file: passed over. */
static enum gw_result take_outside(struct gw_session *s, const struct dsn_line *l)
{
    struct reader *st = s->state;

    if (st->open)
        return fail(s, "dsn.truncated", GW_STR("S90.G00.90"));
    if (l->key == DSN_ENVELOPE_BEGIN || l->key == DSN_ENVELOPE_END)
        st->enveloped = l->key == DSN_ENVELOPE_BEGIN;
    return GW_OK;
}

static enum gw_result take_context(struct gw_session *s, const struct dsn_line *l, uint16_t block)
{
    struct reader *st = s->state;
    bool first = block == st->tree.way[0] && !goes_on(st, l);
    bool outside = block == DSN_NONE ? !st->nlevels : st->tree.blocks[block].parent == DSN_NONE;
    enum gw_result r;

    if (l->key == DSN_TOTALS) {
        st->lines++;
        return take_totals(s, l);
    }
    if ((outside && block != st->tree.way[0]) || (first && st->open))
        return take_outside(s, l);
    if (first)
        message_begin(s, st);
    st->lines++;
    st->changes++;
    r = line_take(s, GW_SESSION_LIFE, l, block);
    return r == GW_REJECT ? fail(s, "dsn.parent", l->block) : r;
}

/* ---- records ---- */

struct trial {
    struct gw_record *rec;
    size_t base; /* levels of the context */
    bool bad;
};

/* Only the first thing that is wrong is said. */
static void spoil(struct gw_session *s, struct trial *t, const char *code, struct gw_str found)
{
    struct gw_arg arg = {"found", found};

    if (!t->bad)
        gw_report(s, GW_ERROR, here(s->state, 1), code, &arg, 1);
    t->bad = true;
}

static void spoil_large(struct gw_session *s, struct trial *t)
{
    if (!t->bad)
        tell_long(s);
    t->bad = true;
}

static bool ends_record(const struct reader *st, const struct dsn_line *l, uint16_t block)
{
    if (block == st->tree.way[st->tree.nway - 1])
        return !goes_on(st, l);
    return block == DSN_NONE ? l->key == DSN_TOTALS : !st->tree.blocks[block].inside;
}

static enum gw_result record_line(struct gw_session *s, struct trial *t, const struct dsn_line *l,
                                  uint16_t block)
{
    struct reader *st = s->state;
    enum gw_result r = GW_OK;

    if (!t->bad)
        r = line_take(s, GW_RECORD_LIFE, l, block);
    if (r == GW_REJECT) {
        spoil(s, t, "dsn.parent", l->block);
        r = GW_OK;
    }
    st->key = l->key;
    st->rubric = l->rubric;
    return r;
}

static struct gw_str shown(struct gw_str line)
{
    return (struct gw_str){line.ptr, line.len < 32 ? line.len : 32};
}

/* The next line of the record, taken; *ret_done: it is of something else. */
static enum gw_result record_step(struct gw_session *s, struct trial *t, bool *ret_done)
{
    struct reader *st = s->state;
    struct dsn_line l;
    struct gw_str text;
    size_t size;
    enum gw_result r = look(s, st, &text, &size);

    if (r == GW_END)
        return fail(s, "dsn.truncated", GW_STR("S90.G00.90"));
    if (r != GW_OK)
        return r;
    if (!size) {
        spoil_large(s, t);
    } else if (!dsn_line_parse(text, &l)) {
        spoil(s, t, "dsn.line", shown(text));
    } else {
        uint16_t block = dsn_tree_find(&st->tree, l.key);

        *ret_done = ends_record(st, &l, block);
        if (*ret_done)
            return GW_OK;
        if (st->at + size - t->rec->begin > s->stream->record_bytes)
            spoil_large(s, t);
        r = record_line(s, t, &l, block);
    }
    st->lines++;
    return r == GW_OK ? pass_line(s, st, size) : r;
}

/* The record's own block; its root is no child of the context. */
static enum gw_result record_open(struct gw_session *s, struct trial *t, const struct dsn_line *l)
{
    struct reader *st = s->state;
    uint16_t block = st->tree.way[st->tree.nway - 1];
    struct gw_node **end = &t->rec->root, *n;

    if (dsn_tree_find(&st->tree, l->key) != block || !find_parent(st, block, &t->base)) {
        spoil(s, t, "dsn.parent", l->block);
        return GW_OK;
    }
    st->nlevels = t->base;
    n = node_add(s, GW_RECORD_LIFE, st->tree.blocks[block].symbol, &end);
    if (!n)
        return GW_FATAL;
    st->levels[st->nlevels++] = (struct level){n, &n->first, block};
    return rubric_add(s, GW_RECORD_LIFE, l);
}

static enum gw_result take_record(struct gw_session *s, struct gw_record *rec, const struct dsn_line *l,
                                  size_t size)
{
    struct reader *st = s->state;
    struct trial t = {rec, st->nlevels, false};
    bool done = false;
    enum gw_result r;

    rec->begin = st->at;
    rec->line = (uint32_t)st->line;
    r = record_open(s, &t, l);
    st->key = l->key;
    st->rubric = l->rubric;
    st->lines++;
    if (r == GW_OK)
        r = pass_line(s, st, size);
    while (r == GW_OK && !done)
        r = record_step(s, &t, &done);
    rec->end = st->at;
    st->nlevels = t.base;
    if (r != GW_OK || t.bad)
        rec->root = NULL;
    return r == GW_OK && t.bad ? GW_REJECT : r;
}

/* ---- the plugin ---- */

static enum gw_result end_stream(struct gw_session *s)
{
    struct reader *st = s->state;

    if (!st->any)
        return fail(s, "dsn.empty", GW_STR(""));
    if (st->open)
        return fail(s, "dsn.truncated", GW_STR("S90.G00.90"));
    return st->enveloped ? fail(s, "dsn.truncated", GW_STR("S95.G51.00")) : GW_END;
}

static enum gw_result context_line(struct gw_session *s, const struct dsn_line *l, uint16_t block, size_t size)
{
    enum gw_result r = take_context(s, l, block);
    struct reader *st = s->state;

    st->key = l->key;
    st->rubric = l->rubric;
    return r == GW_OK ? pass_line(s, st, size) : r;
}

static enum gw_result reader_open(struct gw_session *s)
{
    struct reader *st = s->state;

    st->line = 1;
    st->root.kind = GW_MAP;
    return dsn_tree_open(s, &st->tree);
}

/* Of the context, a line that is none or too long leaves nothing to be sure of: the stream ends there. */
static enum gw_result next_line(struct gw_session *s, struct gw_record *rec, bool *ret_record)
{
    struct reader *st = s->state;
    struct dsn_line l;
    struct gw_str text;
    size_t size;
    uint16_t block;
    enum gw_result r = look(s, st, &text, &size);

    if (r != GW_OK)
        return r == GW_END ? end_stream(s) : r;
    if (!size) {
        tell_long(s);
        return GW_FAIL;
    }
    if (!dsn_line_parse(text, &l))
        return fail(s, "dsn.line", shown(text));
    st->any = true;
    block = dsn_tree_find(&st->tree, l.key);
    *ret_record = block != DSN_NONE && st->tree.blocks[block].inside;
    return *ret_record ? take_record(s, rec, &l, size) : context_line(s, &l, block, size);
}

static enum gw_result reader_next(struct gw_session *s, struct gw_record *rec)
{
    struct reader *st = s->state;
    enum gw_result r = GW_OK;
    bool record = false;

    *rec = (struct gw_record){.context = &st->root};
    while (r == GW_OK && !record)
        r = next_line(s, rec, &record);
    if (r == GW_END)
        rec->begin = rec->end = st->at;
    rec->changes = st->changes;
    return r;
}

const struct gw_reader dsn_reader = {
    .state_size = sizeof(struct reader),
    .open = reader_open,
    .next = reader_next,
};
