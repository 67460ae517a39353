/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The writer: a record is put together in memory and written at once, or not at all. What
 * encloses the records is opened with the first of them; where a group changes, what follows
 * its records was put together when it was opened.
 */
#include "xml_put.h"

/* ---- what encloses the records ---- */

/* The child of `node` on the way to the records, by the name of the next level; the records
 * themselves behind the last. A group may come in a list: its last item is the open one. */
static const struct gw_node *way_of(const struct xml_writer *w, const struct gw_node *node, uint32_t level)
{
    bool last = level + 1 == w->nlevels;
    const struct gw_node *kid = node ? node->first : NULL;

    while (kid && (last ? kid->kind != GW_RECORDS : kid->name != w->levels[level + 1].name))
        kid = kid->next;
    return kid;
}

static const struct gw_node *inside_of(const struct gw_node *way)
{
    if (way && way->kind == GW_LIST)
        for (way = way->first; way && way->next;)
            way = way->next;
    return way;
}

/* In the element that is open at `level`. */
static bool put_siblings(struct xml_writer *w, const struct gw_node *from, const struct gw_node *to,
                         uint32_t level)
{
    bool compact = w->levels[level].compact;

    for (; from && from != to; from = from->next)
        if (from->kind != GW_RECORDS && !xml_is_attribute(w, from) &&
            !xml_put_tree(w, from, level + 1, compact))
            return false;
    return w->result == GW_OK;
}

/* What follows the way to the records, and the end tag. */
static bool put_tail(struct xml_writer *w, const struct gw_node *node, uint32_t level)
{
    const struct gw_node *way = way_of(w, node, level);
    const struct xml_name *name = xml_name_of(w, w->levels[level].name);

    if (!name || (way && !put_siblings(w, way->next, NULL, level)) ||
        !(w->levels[level].compact || xml_put_break(w, level)))
        return false;
    xml_put_end(w, name);
    return w->result == GW_OK;
}

/* For the day when another group begins, and this one's nodes are gone. */
static bool keep_tail(struct xml_writer *w, const struct gw_node *node, uint32_t level)
{
    struct xml_level *l = &w->levels[level];
    size_t at = (size_t)(w->cursor - w->start);

    if (!put_tail(w, node, level))
        return false;
    l->len = (size_t)(w->cursor - w->start) - at;
    if (l->len > l->room) {
        l->room = 2 * l->len;
        l->tail = gw_keep(w->s, l->room);
        if (!l->tail)
            return xml_fail(w, GW_FATAL);
    }
    memcpy(l->tail, w->start + at, l->len);
    w->cursor = w->start + at;
    return true;
}

static bool open_level(struct xml_writer *w, const struct gw_node *node, uint32_t level)
{
    const struct xml_name *name = xml_name_of(w, w->levels[level].name);
    const struct gw_node *way = way_of(w, node, level);
    bool outer = level && w->levels[level - 1].compact, inner;

    w->levels[level].compact = outer || (node && node->len);
    if (!name || !xml_put_start(w, name, node, level, outer, &inner))
        return false;
    xml_put(w, GW_STR(">"));
    if (node && node->len && !xml_put_text(w, node, IN_TEXT))
        return false;
    if (node && !put_siblings(w, node->first, way, level))
        return false;
    return keep_tail(w, node, level);
}

/* Closes what is no longer the same and opens what is new. */
static enum gw_result switch_levels(struct xml_writer *w, const struct gw_node *context, uint32_t same,
                                    uint32_t want)
{
    const struct gw_node *node = context;

    while (w->opened > same) {
        struct xml_level *l = &w->levels[--w->opened];

        xml_put(w, (struct gw_str){l->tail, l->len});
    }
    for (uint32_t i = 0; i < want; i++) {
        if (i == w->opened) {
            if (!open_level(w, node, i))
                break;
            w->opened++;
        }
        node = inside_of(way_of(w, node, i));
    }
    return w->result == GW_REJECT ? GW_FAIL : w->result;
}

/* All that is open; totals in the context may have changed since it was opened. */
static enum gw_result close_levels(struct xml_writer *w, const struct gw_node *context)
{
    while (w->opened && w->result == GW_OK) {
        const struct gw_node *node = context;
        struct xml_level *l = &w->levels[--w->opened];

        for (uint32_t i = 0; i < w->opened; i++)
            node = inside_of(way_of(w, node, i));
        if (node)
            (void)put_tail(w, node, w->opened);
        else
            xml_put(w, (struct gw_str){l->tail, l->len});
    }
    return w->result == GW_REJECT ? GW_FAIL : w->result;
}

/* ---- the contract ---- */

static enum gw_result flush(struct xml_writer *w)
{
    if (w->result != GW_OK)
        return w->result;
    return gw_write(w->s, w->start, (size_t)(w->cursor - w->start));
}

static enum gw_result make_levels(struct xml_writer *w, const struct gw_stream *stream)
{
    const struct gw_step *steps = stream->steps;
    size_t n = stream->nsteps;
    struct gw_str root = w->config->root;

    while (n && !steps->name) {
        steps++;
        n--;
    }
    w->nlevels = w->fixed = (uint32_t)n;
    w->levels = gw_keep(w->s, (n + 1) * sizeof(*w->levels));
    if (!w->levels)
        return GW_FATAL;
    memset(w->levels, 0, (n + 1) * sizeof(*w->levels));
    for (size_t i = n; i-- > 1;) {
        w->levels[i].name = steps[i - 1].name;
        if (steps[i - 1].many)
            w->fixed = (uint32_t)i;
    }
    if (root.len)
        w->root = gw_name(w->s, root.ptr, root.len);
    else if (stream->context)
        w->root = stream->context->name;
    if (root.len && !w->root)
        return GW_FATAL;
    w->levels[0].name = w->root;
    return w->root || !n ? GW_OK : gw_fail(w->s, (struct gw_place){0}, "xml.no_root", NULL, 0);
}

static bool make_indents(struct xml_writer *w)
{
    static const uint8_t widths[] = {0, 1, 2, 4};
    size_t room = 1 + XML_INDENTS * 4 + XML_PADDING;
    char *text = gw_keep(w->s, room);

    if (!text)
        return false;
    memset(text, w->config->indent == XML_INDENT_TAB ? '\t' : ' ', room);
    text[0] = '\n';
    w->indents = text;
    w->indent = widths[w->config->indent];
    return true;
}

static enum gw_result xml_open(struct gw_session *s)
{
    struct xml_writer *w = s->state;
    enum gw_result r;

    w->s = s;
    w->config = s->config;
    w->limit = 2 * s->stream->depth + 2; /* each element may stand in a list */
    w->block = gw_keep(s, XML_BLOCK);
    w->stack = gw_keep(s, w->limit * sizeof(*w->stack));
    if (!w->block || !w->stack || !make_indents(w))
        return GW_FATAL;
    r = make_levels(w, s->stream);
    if (r != GW_OK)
        return r;
    xml_begin_output(w);
    if (w->config->declaration.len) {
        xml_put(w, GW_STR("<?xml version=\"1.0\" encoding=\""));
        xml_put(w, w->config->declaration);
        xml_put(w, GW_STR("\"?>"));
    }
    return flush(w);
}

/* The element that a record is, when it does not say so itself. */
static enum gw_result name_record(struct xml_writer *w, struct gw_node *root)
{
    const struct gw_stream *stream = w->s->stream;

    if (!w->nlevels && w->records)
        return gw_fail(w->s, (struct gw_place){0}, "xml.one_root", NULL, 0);
    if (!w->nlevels && w->root)
        root->name = w->root;
    else if (!root->name && stream->nsteps)
        root->name = stream->steps[stream->nsteps - 1].name;
    return root->name ? GW_OK : gw_fail(w->s, (struct gw_place){0}, "xml.no_root", NULL, 0);
}

static bool is_switching(const struct xml_writer *w)
{
    return w->opened < w->nlevels || w->same < w->nlevels;
}

/* Will the record stand beside text? It is put together before what is to enclose it is opened. */
static bool is_compact(const struct xml_writer *w, const struct gw_node *context)
{
    uint32_t kept = w->opened < w->same ? w->opened : w->same;
    const struct gw_node *node = context;
    bool compact = false;

    if (w->nlevels && !is_switching(w))
        return w->levels[w->nlevels - 1].compact;
    for (uint32_t i = 0; i < w->nlevels && !compact; i++) {
        compact = i < kept ? w->levels[i].compact : node && node->len;
        node = inside_of(way_of(w, node, i));
    }
    return compact;
}

static enum gw_result xml_write(struct gw_session *s, const struct gw_record *rec)
{
    struct xml_writer *w = s->state;
    const struct gw_node *context = rec->context ? rec->context : s->stream->context;
    struct gw_node root = *rec->root;
    enum gw_result r = name_record(w, &root);
    uint32_t same = rec->level > w->fixed ? rec->level : w->fixed;
    size_t own;

    if (r != GW_OK)
        return r;
    w->result = GW_OK;
    w->same = same < w->same ? same : w->same;
    xml_begin_output(w);
    if (!xml_put_tree(w, &root, w->nlevels, is_compact(w, context)))
        return w->result;
    own = (size_t)(w->cursor - w->start);
    if (is_switching(w))
        r = switch_levels(w, context, w->same, w->nlevels);
    if (r == GW_OK && (size_t)(w->cursor - w->start) > own)
        r = gw_write(s, w->start + own, (size_t)(w->cursor - w->start) - own);
    if (r != GW_OK)
        return r;
    w->same = w->nlevels;
    w->records++;
    return gw_write(s, w->start, own);
}

static enum gw_result xml_finish(struct gw_session *s, const struct gw_node *context)
{
    struct xml_writer *w = s->state;
    struct gw_node root = {.name = w->root, .kind = GW_MAP};
    enum gw_result r = GW_OK;

    if (!context)
        context = s->stream->context;
    w->result = GW_OK;
    xml_begin_output(w);
    if (w->nlevels && !w->opened)
        r = switch_levels(w, context, 0, w->fixed);
    else if (!w->nlevels && !w->records && w->root)
        (void)xml_put_tree(w, context ? context : &root, 0, false);
    if (r == GW_OK)
        r = close_levels(w, context);
    if (w->config->final_newline)
        xml_put(w, GW_STR("\n"));
    return r == GW_OK ? flush(w) : r;
}

const struct gw_writer xml_writer = {
    .state_size = sizeof(struct xml_writer), .open = xml_open, .write = xml_write, .finish = xml_finish};
