/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The table of blocks: "block;parent" a line, a parent above its children, in the order of writing; what stands
 * behind a second semicolon is for people. The way to the records is found in it once.
 */
#include <stdlib.h>
#include <string.h>

#include "dsn.h"

static struct gw_str cut(struct gw_str text, char at, struct gw_str *ret_rest)
{
    const char *p = text.len ? memchr(text.ptr, at, text.len) : NULL;
    size_t len = p ? (size_t)(p - text.ptr) : text.len;

    *ret_rest = p ? (struct gw_str){p + 1, text.len - len - 1} : (struct gw_str){NULL, 0};
    return (struct gw_str){text.ptr, len};
}

static enum gw_result fault(struct gw_session *s, struct gw_str found)
{
    struct gw_arg arg = {"found", found};

    return gw_fail(s, (struct gw_place){0}, "dsn.blocks", &arg, 1);
}

/* Before there is an order of keys. */
static uint16_t above(const struct dsn_tree *t, uint32_t key)
{
    for (uint16_t i = 0; i < t->count; i++)
        if (t->blocks[i].key == key)
            return i;
    return DSN_NONE;
}

static enum gw_result add_block(struct gw_session *s, struct dsn_tree *t, struct gw_str row)
{
    struct gw_str rest, name = cut(row, ';', &rest), parent = cut(rest, ';', &rest);
    struct dsn_block b = {.name = name, .parent = DSN_NONE};
    uint32_t up;

    if (t->count == DSN_BLOCKS || !dsn_block_key(name, &b.key) || above(t, b.key) != DSN_NONE)
        return fault(s, row);
    if (parent.len) {
        b.parent = dsn_block_key(parent, &up) ? above(t, up) : DSN_NONE;
        if (b.parent == DSN_NONE)
            return fault(s, row);
    }
    b.symbol = gw_name(s, name.ptr, name.len);
    if (!b.symbol)
        return GW_FATAL;
    t->blocks[t->count++] = b;
    return GW_OK;
}

static enum gw_result read_table(struct gw_session *s, struct dsn_tree *t, struct gw_str text)
{
    enum gw_result r = GW_OK;
    bool header = true;

    for (struct gw_str row = {NULL, 0}; r == GW_OK && text.len; header = false) {
        row = cut(text, '\n', &text);
        if (row.len && row.ptr[row.len - 1] == '\r')
            row.len--;
        if (row.len && !(header && row.len >= 5 && memcmp(row.ptr, "block", 5) == 0))
            r = add_block(s, t, row);
    }
    return r;
}

static void sort_keys(struct dsn_tree *t)
{
    for (uint16_t i = 0; i < t->count; i++) {
        uint16_t k = i;

        for (; k > 0 && t->blocks[t->by_key[k - 1]].key > t->blocks[i].key; k--)
            t->by_key[k] = t->by_key[k - 1];
        t->by_key[k] = i;
    }
}

uint16_t dsn_tree_find(const struct dsn_tree *t, uint32_t key)
{
    uint16_t low = 0, high = t->count;

    while (low < high) {
        uint16_t mid = (uint16_t)((low + high) / 2);

        if (t->blocks[t->by_key[mid]].key < key)
            low = (uint16_t)(mid + 1);
        else
            high = mid;
    }
    return low < t->count && t->blocks[t->by_key[low]].key == key ? t->by_key[low] : DSN_NONE;
}

/* Each step is a block of the table, in the one before. */
static enum gw_result find_way(struct gw_session *s, struct dsn_tree *t)
{
    const struct gw_stream *stream = s->stream;
    uint16_t parent = DSN_NONE;

    for (size_t i = 0; i < stream->nsteps; i++) {
        struct gw_str name =
            stream->steps[i].name ? gw_name_text(s, stream->steps[i].name) : (struct gw_str){NULL, 0};
        uint32_t key;
        uint16_t b = dsn_block_key(name, &key) ? dsn_tree_find(t, key) : DSN_NONE;
        struct gw_arg arg = {"found", name};

        if (b == DSN_NONE || t->blocks[b].parent != parent || t->nway == DSN_WAY)
            return gw_fail(s, (struct gw_place){0}, "dsn.steps", &arg, 1);
        t->way[t->nway++] = parent = b;
    }
    if (t->nway < 2) { /* a message, and records in it */
        struct gw_arg arg = {"found", GW_STR("-")};

        return gw_fail(s, (struct gw_place){0}, "dsn.steps", &arg, 1);
    }
    return GW_OK;
}

static enum gw_result mark_inside(struct gw_session *s, struct dsn_tree *t)
{
    uint8_t depth[DSN_BLOCKS];

    for (uint16_t i = 0; i < t->count; i++) {
        struct dsn_block *b = &t->blocks[i];

        depth[i] = b->parent == DSN_NONE ? 1 : (uint8_t)(depth[b->parent] + 1);
        b->inside = i == t->way[t->nway - 1] || (b->parent != DSN_NONE && t->blocks[b->parent].inside);
        if (depth[i] >= DSN_DEPTH)
            return fault(s, b->name);
    }
    return GW_OK;
}

enum gw_result dsn_tree_open(struct gw_session *s, struct dsn_tree *t)
{
    const struct dsn_config *c = s->config;
    enum gw_result r;

    *t = (struct dsn_tree){0};
    t->blocks = gw_keep(s, DSN_BLOCKS * sizeof(*t->blocks));
    t->by_key = gw_keep(s, DSN_BLOCKS * sizeof(*t->by_key));
    t->rubrics = gw_keep(s, DSN_RUBRICS * sizeof(*t->rubrics));
    if (!t->blocks || !t->by_key || !t->rubrics)
        return GW_FATAL;
    memset(t->rubrics, 0, DSN_RUBRICS * sizeof(*t->rubrics));
    if (!c->blocks.len)
        return fault(s, GW_STR("-"));
    r = read_table(s, t, c->blocks);
    if (r != GW_OK)
        return r;
    sort_keys(t);
    r = find_way(s, t);
    return r == GW_OK ? mark_inside(s, t) : r;
}

uint16_t dsn_tree_rubric(struct gw_session *s, struct dsn_tree *t, uint16_t rubric)
{
    char name[3] = {(char)('0' + rubric / 100), (char)('0' + rubric / 10 % 10), (char)('0' + rubric % 10)};

    if (!t->rubrics[rubric])
        t->rubrics[rubric] = gw_name(s, name, sizeof(name));
    return t->rubrics[rubric];
}
