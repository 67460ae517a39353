/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Trees as XML text. Names are checked and laid ready once, room is asked for an element at a
 * time, and no depth of a tree makes the stack grow.
 */
#include "xml_put.h"

bool xml_fail(struct xml_writer *w, enum gw_result result)
{
    if (w->result == GW_OK)
        w->result = result;
    return false;
}

/* ---- output ---- */

static bool grow(struct xml_writer *w, size_t more)
{
    size_t used = (size_t)(w->cursor - w->start), room = 2 * (used + more);
    char *block = gw_alloc(w->s, room);

    if (!block)
        return xml_fail(w, GW_FATAL);
    memcpy(block, w->start, used);
    w->start = block;
    w->cursor = block + used;
    w->end = block + room;
    return true;
}

static inline bool room_for(struct xml_writer *w, size_t more)
{
    return (size_t)(w->end - w->cursor) >= more || grow(w, more);
}

void xml_begin_output(struct xml_writer *w)
{
    w->start = w->cursor = w->block;
    w->end = w->block + XML_BLOCK;
}

/* Without asking for room. `from` has XML_PADDING bytes to spare, and so has the room. */
static inline void put_padded(struct xml_writer *w, const char *from, size_t len)
{
    w->cursor = xml_copy_padded(w->cursor, from, len);
}

void xml_put(struct xml_writer *w, struct gw_str text)
{
    if (!text.len || !room_for(w, text.len))
        return;
    memcpy(w->cursor, text.ptr, text.len);
    w->cursor += text.len;
}

/* ---- names ---- */

static bool is_name(struct gw_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        bool letter = (unsigned char)((c | 0x20) - 'a') < 26 || c == '_' || c >= 0x80;
        bool inner = (unsigned char)(c - '0') < 10 || c == '-' || c == '.' || c == ':';

        if (!letter && (i == 0 || !inner))
            return false;
    }
    return name.len > 0 && name.ptr[name.len - 1] != ':';
}

static struct xml_name *new_page(struct xml_writer *w, uint16_t symbol)
{
    struct xml_name *page = gw_keep(w->s, XML_PAGE * sizeof(*page));

    if (!page) {
        (void)xml_fail(w, GW_FATAL);
        return NULL;
    }
    memset(page, 0, XML_PAGE * sizeof(*page));
    w->pages[symbol / XML_PAGE] = page;
    return page;
}

const struct xml_name *xml_new_name(struct xml_writer *w, uint16_t symbol)
{
    struct xml_name *page = w->pages[symbol / XML_PAGE];
    struct gw_str name = gw_name_text(w->s, symbol);
    struct gw_arg arg = {"name", name};
    bool attribute = name.len && name.ptr[0] == '@';
    char *text;

    if (!page)
        page = new_page(w, symbol);
    if (!page)
        return NULL;
    if (attribute)
        name = (struct gw_str){name.ptr + 1, name.len - 1};
    if (!is_name(name)) {
        (void)xml_fail(w, gw_reject(w->s, (struct gw_place){0}, "xml.name", &arg, 1));
        return NULL;
    }
    text = gw_keep(w->s, name.len + 2 + XML_PADDING);
    if (!text) {
        (void)xml_fail(w, GW_FATAL);
        return NULL;
    }
    memcpy(text, name.ptr, name.len);
    text[name.len] = attribute ? '=' : '>';
    text[name.len + 1] = '"';
    page[symbol % XML_PAGE] = (struct xml_name){text, (uint32_t)name.len, attribute};
    return &page[symbol % XML_PAGE];
}

/* ---- text ---- */

/* Which bytes are not copied as they are: controls, markup, and the first byte of U+FFFE. */
static const uint8_t special[256] = {
    [0] = ANYWHERE,    [1] = ANYWHERE,    [2] = ANYWHERE,   [3] = ANYWHERE,    [4] = ANYWHERE,
    [5] = ANYWHERE,    [6] = ANYWHERE,    [7] = ANYWHERE,   [8] = ANYWHERE,    ['\t'] = IN_VALUE,
    ['\n'] = IN_VALUE, [11] = ANYWHERE,   [12] = ANYWHERE,  ['\r'] = ANYWHERE, [14] = ANYWHERE,
    [15] = ANYWHERE,   [16] = ANYWHERE,   [17] = ANYWHERE,  [18] = ANYWHERE,   [19] = ANYWHERE,
    [20] = ANYWHERE,   [21] = ANYWHERE,   [22] = ANYWHERE,  [23] = ANYWHERE,   [24] = ANYWHERE,
    [25] = ANYWHERE,   [26] = ANYWHERE,   [27] = ANYWHERE,  [28] = ANYWHERE,   [29] = ANYWHERE,
    [30] = ANYWHERE,   [31] = ANYWHERE,   ['"'] = IN_VALUE, ['&'] = ANYWHERE,  ['<'] = ANYWHERE,
    ['>'] = ANYWHERE,  [0xef] = ANYWHERE,
};

/* Absent: XML has no way to write it. */
static struct gw_str escape_of(const char *p, const char *end)
{
    switch (*p) {
    case '&':
        return GW_STR("&amp;");
    case '<':
        return GW_STR("&lt;");
    case '>':
        return GW_STR("&gt;");
    case '"':
        return GW_STR("&quot;");
    case '\t':
        return GW_STR("&#9;");
    case '\n':
        return GW_STR("&#10;");
    case '\r':
        return GW_STR("&#13;");
    case '\xef':
        if (end - p >= 3 && p[1] == '\xbf' && (p[2] == '\xbe' || p[2] == '\xbf'))
            break;
        return (struct gw_str){p, 1};
    default:
        break;
    }
    return (struct gw_str){NULL, 0};
}

/* Room for the text six times over was asked for. */
static bool put_slowly(struct xml_writer *w, const char *p, size_t len, uint8_t where)
{
    const char *end = p + len;
    char *to = w->cursor;

    for (; p < end; p++) {
        struct gw_str escape;

        if (!(special[(unsigned char)*p] & where)) {
            *to++ = *p;
            continue;
        }
        escape = escape_of(p, end);
        if (!escape.len)
            return false;
        for (size_t i = 0; i < escape.len; i++)
            *to++ = escape.ptr[i];
    }
    w->cursor = to;
    return true;
}

static bool put_escaped(struct xml_writer *w, const char *p, size_t len, uint8_t where)
{
    if (where != IN_TEXT || !xml_copy_plain(w->cursor, p, len))
        return put_slowly(w, p, len, where);
    w->cursor += len;
    return true;
}

static size_t path_len(const struct xml_writer *w, uint16_t last)
{
    size_t len = gw_name_text(w->s, last).len;

    for (uint32_t i = 0; i < w->height; i++)
        len += w->stack[i].name ? w->stack[i].name->len + 1 : 0;
    return len;
}

static bool refuse_text(struct xml_writer *w, uint16_t last)
{
    struct gw_str name = gw_name_text(w->s, last);
    size_t len = path_len(w, last);
    char *path = gw_alloc(w->s, len), *to = path;
    struct gw_arg arg = {"path", {path, len}};

    if (!path)
        return xml_fail(w, GW_FATAL);
    for (uint32_t i = 0; i < w->height; i++) {
        if (!w->stack[i].name)
            continue;
        memcpy(to, w->stack[i].name->text, w->stack[i].name->len);
        to += w->stack[i].name->len;
        *to++ = '/';
    }
    memcpy(to, name.ptr, name.len);
    return xml_fail(w, gw_reject(w->s, (struct gw_place){0}, "xml.unwritable", &arg, 1));
}

bool xml_put_text(struct xml_writer *w, const struct gw_node *node, uint8_t where)
{
    if (!node->len)
        return true;
    if (!room_for(w, 6 * (size_t)node->len + 1))
        return false;
    return put_escaped(w, node->text, node->len, where) || refuse_text(w, node->name);
}

/* ---- elements ---- */

#define BREAK_ROOM (1 + XML_INDENTS * 4 + XML_PADDING)

/* Room was asked for. */
static inline void put_break(struct xml_writer *w, uint32_t level)
{
    if (w->indent)
        put_padded(w, w->indents, 1 + w->indent * (level > XML_INDENTS ? XML_INDENTS : level));
}

bool xml_put_break(struct xml_writer *w, uint32_t level)
{
    if (!room_for(w, BREAK_ROOM))
        return false;
    put_break(w, level);
    return true;
}

static bool put_attribute(struct xml_writer *w, const struct gw_node *node)
{
    const struct xml_name *name = xml_name_of(w, node->name);
    struct gw_arg arg = {"name", gw_name_text(w->s, node->name)};

    if (node->kind == GW_NULL)
        return true;
    if (node->first)
        return xml_fail(w, gw_reject(w->s, (struct gw_place){0}, "xml.attribute_value", &arg, 1));
    if (!room_for(w, name->len + 3 + 2 * XML_PADDING))
        return false;
    *w->cursor++ = ' ';
    put_padded(w, name->text, name->len + 2);
    if (!xml_put_text(w, node, IN_VALUE) || !room_for(w, 1))
        return false;
    *w->cursor++ = '"';
    return true;
}

/* Is the attribute among those that the options give? */
static bool is_given(const struct xml_writer *w, const struct xml_name *name)
{
    struct gw_str given = w->config->attributes;
    const char *hit = given.ptr;

    while (given.len && (hit = memmem(hit, (size_t)(given.ptr + given.len - hit), name->text, name->len))) {
        bool begins = hit == given.ptr || xml_blank(hit[-1]);

        hit += name->len;
        if (begins && hit < given.ptr + given.len && (*hit == '=' || xml_blank(*hit)))
            return true;
    }
    return false;
}

static void put_root_attributes(struct xml_writer *w)
{
    const struct xml_config *c = w->config;
    struct gw_str given = c->attributes;

    if (c->namespace.len) {
        xml_put(w, GW_STR(" xmlns=\""));
        if (room_for(w, 6 * c->namespace.len))
            (void)put_escaped(w, c->namespace.ptr, c->namespace.len, IN_VALUE);
        xml_put(w, GW_STR("\""));
    }
    if (c->nil && !(given.len && memmem(given.ptr, given.len, "xmlns:xsi", 9)))
        xml_put(w, GW_STR(" xmlns:xsi=\"" XML_NIL_NAMESPACE "\""));
    if (given.len) {
        xml_put(w, GW_STR(" "));
        xml_put(w, given);
    }
}

/* A line end, "<name" and attributes. *ret_inner: has it elements in it? */
bool xml_put_start(struct xml_writer *w, const struct xml_name *name, const struct gw_node *node,
                   uint32_t level, bool compact, bool *ret_inner)
{
    bool root = level == 0, inner = false;

    *ret_inner = false;
    if (!room_for(w, BREAK_ROOM + name->len + 1 + 2 * XML_PADDING))
        return false;
    if (!compact && (!root || w->config->declaration.len))
        put_break(w, level);
    *w->cursor++ = '<';
    put_padded(w, name->text, name->len);
    if (root)
        put_root_attributes(w);
    for (const struct gw_node *kid = node ? node->first : NULL; kid; kid = kid->next) {
        if (!xml_is_attribute(w, kid))
            inner |= kid->kind != GW_LIST || kid->first;
        else if (!(root && is_given(w, xml_name_of(w, kid->name))) && !put_attribute(w, kid))
            return false;
    }
    *ret_inner = inner;
    return w->result == GW_OK;
}

void xml_put_end(struct xml_writer *w, const struct xml_name *name)
{
    if (!room_for(w, name->len + 3 + 2 * XML_PADDING))
        return;
    *w->cursor++ = '<';
    *w->cursor++ = '/';
    put_padded(w, name->text, name->len + 1);
}

/* Of an element that has others in it. */
static inline bool put_close(struct xml_writer *w, const struct xml_open *o, uint32_t level)
{
    if (!room_for(w, BREAK_ROOM + o->name->len + 3 + 2 * XML_PADDING))
        return false;
    if (!o->inline_end)
        put_break(w, level);
    memcpy(w->cursor, "</", 2);
    w->cursor = xml_copy_padded(w->cursor + 2, o->name->text, o->name->len + 1);
    return true;
}

/* Behind "<name" and attributes, when nothing is in it. */
static void put_empty(struct xml_writer *w, const struct xml_name *name)
{
    switch ((enum xml_empty)w->config->empty) {
    case XML_EMPTY_SELFCLOSE:
        xml_put(w, GW_STR("/>"));
        break;
    case XML_EMPTY_SELFCLOSE_SPACE:
        xml_put(w, GW_STR(" />"));
        break;
    case XML_EMPTY_PAIR:
        xml_put(w, GW_STR(">"));
        xml_put_end(w, name);
        break;
    }
}

/* A leaf without attributes: most of what is written. */
static inline bool put_leaf(struct xml_writer *w, const struct xml_name *name, const struct gw_node *node,
                            uint32_t level, bool compact)
{
    size_t len = node->len, tag = name->len + 1;
    char *to;

    if (!room_for(w, BREAK_ROOM + 2 * tag + 6 * len + 3 + 4 * XML_PADDING))
        return false;
    if (!compact)
        put_break(w, level);
    to = w->cursor;
    *to++ = '<';
    to = xml_copy_padded(to, name->text, tag);
    if (xml_copy_plain(to, node->text, len)) {
        to += len;
    } else {
        w->cursor = to;
        if (!put_slowly(w, node->text, len, IN_TEXT))
            return refuse_text(w, node->name);
        to = w->cursor;
    }
    memcpy(to, "</", 2);
    w->cursor = xml_copy_padded(to + 2, name->text, tag);
    return true;
}

/* Those that follow each other, from *node on; then *node is what is none. */
static bool put_leaves(struct xml_writer *w, const struct gw_node **node, uint32_t level, bool compact)
{
    const struct gw_node *n = *node;

    for (; n && level && n->len && !n->first && n->kind < GW_LIST; n = n->next) {
        const struct xml_name *name = xml_name_of(w, n->name);

        if (!name || (!name->attribute && !put_leaf(w, name, n, level, compact)))
            return false;
    }
    *node = n;
    return true;
}

static bool too_deep(struct xml_writer *w)
{
    return xml_fail(w, gw_reject(w->s, (struct gw_place){0}, "xml.depth", NULL, 0));
}

static bool push(struct xml_writer *w, struct xml_open open)
{
    if (w->height == w->limit)
        return too_deep(w);
    w->stack[w->height++] = open;
    return true;
}

/* One element, or the begin of one that has others in it: then *ret_first is the first of them. */
static bool put_element(struct xml_writer *w, const struct gw_node *node, uint32_t level, bool compact,
                        const struct gw_node **ret_first)
{
    const struct xml_name *name = xml_name_of(w, node->name);
    bool inner;

    *ret_first = NULL;
    if (!name)
        return false;
    if (!node->first && node->len && level)
        return put_leaf(w, name, node, level, compact);
    if (!xml_put_start(w, name, node, level, compact, &inner))
        return false;
    if (node->kind == GW_NULL && w->config->nil)
        xml_put(w, GW_STR(" xsi:nil=\"true\""));
    if (!inner && !node->len) {
        put_empty(w, name);
        return w->result == GW_OK;
    }
    if (!room_for(w, 1))
        return false;
    *w->cursor++ = '>';
    if (node->len && !xml_put_text(w, node, IN_TEXT))
        return false;
    if (!inner) {
        xml_put_end(w, name);
        return w->result == GW_OK;
    }
    *ret_first = node->first;
    if (level + 1 >= w->s->stream->depth)
        return too_deep(w);
    return push(w, (struct xml_open){NULL, name, node->len || compact});
}

/* The tree below `node`, itself at `level`. Lists are transparent. */
bool xml_put_tree(struct xml_writer *w, const struct gw_node *node, uint32_t level, bool compact)
{
    const struct gw_node *first, *next = NULL;
    bool outer = compact;

    w->height = 0;
    for (;;) {
        while (!node) {
            struct xml_open *o;

            if (!w->height)
                return w->result == GW_OK;
            o = &w->stack[--w->height];
            node = o->next;
            if (!o->name)
                continue;
            level--;
            if (!put_close(w, o, level))
                return false;
            compact = w->height ? w->stack[w->height - 1].inline_end : outer;
        }
        if (w->height && !put_leaves(w, &node, level, compact))
            return false;
        if (!node)
            continue;
        next = w->height ? node->next : NULL;
        if (node->kind == GW_LIST) {
            if (!push(w, (struct xml_open){next, NULL, compact}))
                return false;
            node = node->first;
            continue;
        }
        if (w->height && (node->kind == GW_RECORDS || xml_is_attribute(w, node))) {
            node = next;
            continue;
        }
        if (!put_element(w, node, level, compact, &first))
            return false;
        if (first) {
            w->stack[w->height - 1].next = next;
            compact = w->stack[w->height - 1].inline_end;
            level++;
            next = first;
        }
        node = next;
    }
}
