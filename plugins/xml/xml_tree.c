/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the parser calls: elements become nodes, in the record's memory or, outside of records,
 * in the session's. Text is gathered at the end of a block: a leaf takes it where it lies, blank
 * text between elements is taken back.
 */
#include "xml.h"

#define NODES 64u

/* Out of the way of what is done for each element. */
#define APART __attribute__((noinline))

/* ---- names ---- */

static uint32_t hash_of(const xmlChar *local, const xmlChar *prefix, bool attribute)
{
    uint64_t key = (uintptr_t)local + 3 * (uintptr_t)prefix + attribute;

    return (uint32_t)(key * 0x9e3779b97f4a7c15u >> 52) & (XML_SLOTS - 1);
}

/* "@x", "@prefix:x", "prefix:x" are put together in the record's memory; a plain name is not. */
static uint16_t new_symbol(struct xml_reader *x, struct gw_str local, struct gw_str prefix, bool attribute)
{
    size_t len = 0;
    char *name;

    if (!prefix.len && !attribute)
        return gw_name(x->s, local.ptr, local.len);
    name = gw_alloc(x->s, prefix.len + local.len + 2);
    if (!name)
        return 0;
    if (attribute)
        name[len++] = '@';
    if (prefix.len) {
        memcpy(name + len, prefix.ptr, prefix.len);
        len += prefix.len;
        name[len++] = ':';
    }
    memcpy(name + len, local.ptr, local.len);
    return gw_name(x->s, name, len + local.len);
}

APART static const struct xml_slot *fill_slot(struct xml_reader *x, struct xml_slot *slot, const xmlChar *local,
                                              const xmlChar *prefix, bool attribute)
{
    struct gw_str name = xml_text(local);
    uint16_t symbol = new_symbol(x, name, xml_text(prefix), attribute);

    if (!symbol) {
        xml_stop(x, GW_FATAL, NULL);
        return NULL;
    }
    *slot = (struct xml_slot){local, prefix, (uint32_t)name.len, symbol, attribute};
    return slot;
}

/* NULL: stopped. */
static inline const struct xml_slot *name_of(struct xml_reader *x, const xmlChar *local, const xmlChar *prefix,
                                             bool attribute)
{
    struct xml_slot *slot = &x->slots[hash_of(local, prefix, attribute)];

    if (slot->local == local && slot->prefix == prefix && slot->attribute == attribute)
        return slot;
    return fill_slot(x, slot, local, prefix, attribute);
}

static inline const struct xml_slot *element_name(struct xml_reader *x, const xmlChar *local,
                                                  const xmlChar *prefix, const xmlChar *uri)
{
    return name_of(x, local, prefix && (uri != x->uri || !uri) ? prefix : NULL, false);
}

/* ---- text ---- */

/* A text among the bytes of a record stays there. What more there is of it moves to its end: to bytes that were
 * read, for no text is longer than it was written. */
static inline bool leave_text(struct xml_reader *x, const xmlChar *text, size_t len)
{
    size_t at = (uintptr_t)text - (uintptr_t)x->place;

    if (at >= x->place_len || x->cursor != x->text)
        return false;
    x->text = x->place + at;
    x->cursor = x->text + len;
    return true;
}

/* Mostly it is a line end and a few tabs: as many bytes are there to be read, see grow_text(). */
static inline void settle_text(struct xml_reader *x)
{
    size_t pending = (size_t)(x->cursor - x->text);

    if (!pending)
        return;
    if (pending <= 8 && xml_eight_blank(x->text, pending))
        x->cursor = x->text;
    else
        xml_settle_text(x, pending);
}

/* ---- nodes ---- */

/* The '<' of the start tag that was read. */
static inline const xmlChar *start_tag(const xmlParserInput *in, uint32_t name_len)
{
    if ((size_t)(in->cur - in->base) > name_len && in->cur[-1 - (ptrdiff_t)name_len] == '<')
        return in->cur - name_len - 1;
    return xml_tag_begin(in);
}

static void find_tag(const struct xml_reader *x, uint32_t name_len, struct xml_place *at)
{
    const xmlParserInput *in = x->ctxt->input;

    at->tag = start_tag(in, name_len);
    at->byte = xml_position(x, at->tag);
    at->line = (uint32_t)in->line;
    for (const xmlChar *p = at->tag; p < in->cur; p++)
        at->line -= *p == '\n';
}

/* In bytes, from the window: the parser counts bytes in some markup and characters in other, and lets go of
 * the line's begin. On from the last one asked for, so that a long line is looked through once. */
static uint32_t column_of(struct xml_reader *x, const struct xml_place *at)
{
    if (x->met < x->at || x->met > at->byte) {
        x->met = x->at;
        x->met_begin = x->line_begin;
    }
    x->met_begin = xml_line_begin(x->seen + (x->met - x->at), x->met, at->byte, x->met_begin);
    x->met = at->byte;
    return (uint32_t)(at->byte - x->met_begin + 1);
}

APART static struct gw_node *more_nodes(struct xml_reader *x)
{
    struct gw_node *nodes = xml_alloc(x, NODES * sizeof(*nodes));

    if (!nodes)
        return NULL;
    x->spare = nodes + 1;
    x->spares = NODES - 1;
    return nodes;
}

static inline struct gw_node *record_node(struct xml_reader *x, uint16_t symbol, uint32_t offset)
{
    struct gw_node *node = x->spare;

    if (x->spares) {
        x->spare++;
        x->spares--;
    } else if (!(node = more_nodes(x))) {
        return NULL;
    }
    *node = (struct gw_node){.column = offset, .name = symbol, .kind = GW_TEXT};
    return node;
}

/* Nodes of a record come by the dozen; those of the context stay, so none is wasted. */
static struct gw_node *new_node(struct xml_reader *x, uint16_t symbol, uint32_t line, uint32_t column)
{
    struct gw_node *node;

    if (x->record_depth)
        return record_node(x, symbol, column);
    node = xml_alloc(x, sizeof(*node));
    if (node)
        *node = (struct gw_node){.line = line, .column = column, .name = symbol, .kind = GW_TEXT};
    return node;
}

static inline void link_node(struct xml_frame *f, struct gw_node *node)
{
    if (f->last)
        f->last->next = node;
    else
        f->node->first = node;
    f->last = node;
    f->node->kind = GW_MAP;
}

/* As the parser gives them: five pointers each. A bare & comes as &#38;. */
struct attribute {
    const xmlChar *local, *prefix, *uri, *value, *end;
};

static bool is_nil(const struct attribute *a)
{
    return a->prefix && xml_same(xml_text(a->local), GW_STR("nil")) &&
           (a->uri ? xml_same(xml_text(a->uri), GW_STR(XML_NIL_NAMESPACE))
                   : xml_same(xml_text(a->prefix), GW_STR("xsi")));
}

static bool is_true(const struct attribute *a)
{
    struct gw_str value = {(const char *)a->value, (size_t)(a->end - a->value)};

    return xml_same(value, GW_STR("true")) || xml_same(value, GW_STR("1"));
}

static void set_value(struct xml_reader *x, struct gw_node *node, const struct attribute *a)
{
    const xmlChar *from = a->value;
    size_t room = (size_t)(a->end - a->value);
    char *text = room ? xml_alloc(x, room) : NULL, *to = text;

    if (!text)
        return;
    while (from < a->end) {
        *to++ = (char)*from;
        from += a->end - from >= 5 && memcmp(from, "&#38;", 5) == 0 ? 5 : 1;
    }
    node->text = text;
    node->len = (uint32_t)(to - text);
}

APART static void add_attributes(struct xml_reader *x, const xmlChar **five, int n, uint32_t line,
                                 uint32_t column)
{
    struct xml_frame *f = &x->frames[x->depth - 1];

    for (int i = 0; i < n && !x->fault.result; i++, five += 5) {
        struct attribute a = {five[0], five[1], five[2], five[3], five[4]};
        const struct xml_slot *slot;
        struct gw_node *node;

        if (is_nil(&a)) {
            if (is_true(&a) && !f->node->first)
                f->node->kind = GW_NULL;
            continue;
        }
        slot = name_of(x, a.local, a.prefix, true);
        node = slot ? new_node(x, slot->symbol, line, column) : NULL;
        if (!node)
            return;
        set_value(x, node, &a);
        link_node(f, node);
    }
}

/* ---- the way to the records ---- */

enum role { INSIDE, ANCESTOR, RECORD };

static enum role role_of(const struct xml_reader *x, uint16_t symbol)
{
    if (x->record_depth || x->depth != x->opened)
        return INSIDE;
    if (x->depth == 0)
        return x->nsteps ? ANCESTOR : RECORD;
    if (symbol != x->steps[x->depth - 1].name)
        return INSIDE;
    return x->depth == x->nsteps ? RECORD : ANCESTOR;
}

/* Names may be folded: what is searched for in the bytes is what stands there. */
static void learn_spelling(struct xml_reader *x, struct gw_str local)
{
    if (xml_same(x->record_name, local) || local.len > sizeof(x->spelling))
        return;
    memcpy(x->spelling, local.ptr, local.len);
    x->record_name = (struct gw_str){x->spelling, local.len};
}

static void begin_record(struct xml_reader *x, struct xml_place *at, const xmlChar *local)
{
    x->record_depth = x->depth + 1;
    x->begin = at->byte;
    x->begin_line = at->line;
    if (x->opened)
        x->ancestors[x->opened - 1].records++;
    if (x->nsteps)
        learn_spelling(x, xml_text(local));
}

static void push(struct xml_reader *x, struct gw_node *node, enum role role)
{
    if (role == RECORD)
        x->record = node;
    else if (x->depth == 0)
        x->context = node;
    else
        link_node(&x->frames[x->depth - 1], node);
    x->frames[x->depth++] = (struct xml_frame){.node = node};
}

/* ---- handlers ---- */

/* Ancestors that are opened again, or something behind a record that is done. */
APART static void start_idle(struct xml_reader *x, const xmlChar *uri)
{
    if (x->done)
        x->overrun = true;
    if (!x->replay)
        return;
    if (x->replay == x->opened)
        x->uri = uri;
    x->idle = --x->replay > 0;
}

/* What is to be done before an element outside of records; false: stopped. */
static bool may_begin(struct xml_reader *x, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    if (x->depth == 0) {
        x->uri = uri;
        x->rooted = true;
        xml_check_root(x, xml_text(local), xml_text(prefix), xml_text(uri));
    } else {
        settle_text(x);
    }
    return x->fault.result == GW_OK;
}

/* The record itself, and what encloses it. */
static void add_element(struct xml_reader *x, const struct xml_slot *slot, const xmlChar *local,
                        const xmlChar **attributes, int nattributes)
{
    enum role role = role_of(x, slot->symbol);
    struct gw_node *node;
    struct xml_place at;

    find_tag(x, slot->len, &at);
    if (role == RECORD) {
        begin_record(x, &at, local);
        at.line = at.column = 0;
    } else if (x->place) {
        xml_stop(x, GW_REJECT, "xml.syntax"); /* no record after all */
    } else {
        at.column = column_of(x, &at);
        if (role == ANCESTOR)
            xml_begin_ancestor(x, &at, local);
        else
            xml_begin_item(x, &at);
    }
    node = x->fault.result ? NULL : new_node(x, slot->symbol, at.line, at.column);
    if (!node)
        return;
    push(x, node, role);
    if (nattributes)
        add_attributes(x, attributes, nattributes, at.line, at.column);
}

APART static void add_outer(struct xml_reader *x, const xmlChar *local, const xmlChar *prefix,
                            const xmlChar *uri, const xmlChar **attributes, int nattributes)
{
    const struct xml_slot *slot;

    if (!may_begin(x, local, prefix, uri))
        return;
    slot = element_name(x, local, prefix, uri);
    if (slot)
        add_element(x, slot, local, attributes, nattributes);
}

/* An element of the record. */
static inline void add_inner(struct xml_reader *x, const struct xml_slot *slot, const xmlChar **attributes,
                             int nattributes)
{
    uint64_t at = xml_position(x, start_tag(x->ctxt->input, slot->len));
    uint32_t offset = (uint32_t)(at - x->begin);
    struct gw_node *node = record_node(x, slot->symbol, offset);
    struct xml_frame *f = &x->frames[x->depth - 1];

    if (!node)
        return;
    link_node(f, node);
    f[1] = (struct xml_frame){.node = node};
    x->depth++;
    if (nattributes)
        add_attributes(x, attributes, nattributes, 0, offset);
}

static void on_start(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int nspaces,
                     const xmlChar **spaces, int nattributes, int ndefaulted, const xmlChar **attributes)
{
    struct xml_reader *x = ctx;
    const xmlChar *cur = x->ctxt->input->cur;
    const struct xml_slot *slot;

    (void)nspaces;
    (void)spaces;
    (void)ndefaulted;
    if (x->idle) {
        start_idle(x, uri);
    } else if (*cur != '>' && *cur != '/') {
        return; /* its tag is not whole: stopped, or about to be */
    } else if (x->depth == x->limit) {
        xml_stop(x, GW_REJECT, "xml.depth");
    } else if (x->record_depth) {
        settle_text(x);
        slot = element_name(x, local, prefix, uri);
        if (slot)
            add_inner(x, slot, attributes, nattributes);
    } else {
        add_outer(x, local, prefix, uri, attributes, nattributes);
    }
}

/* What is on the way to the records is no leaf, though they are not among its children. */
static inline void end_text(struct xml_reader *x, struct gw_node *node)
{
    if (node->first || node->kind == GW_NULL || x->depth <= x->opened)
        settle_text(x);
    else
        xml_take_text(x, node);
}

APART static void end_outside(struct xml_reader *x)
{
    if (x->depth < x->opened) {
        xml_close_ancestor(x);
    } else if (x->depth == x->opened) {
        x->context_bytes += xml_position(x, x->ctxt->input->cur) - x->item_begin;
        x->changes++;
    }
}

APART static void end_record(struct xml_reader *x)
{
    x->end = xml_position(x, x->ctxt->input->cur);
    x->end_line = (uint32_t)x->ctxt->input->line;
    x->record_depth = 0;
    x->done = x->idle = true;
}

static void on_end(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    struct xml_reader *x = ctx;

    (void)local;
    (void)prefix;
    (void)uri;
    if (x->idle) {
        x->overrun = x->overrun || x->done;
        return;
    }
    if (x->cursor != x->text)
        end_text(x, x->frames[x->depth - 1].node);
    x->depth--;
    if (!x->record_depth)
        end_outside(x);
    else if (x->record_depth > x->depth)
        end_record(x);
}

APART static void on_other_text(struct xml_reader *x, const xmlChar *text, size_t len)
{
    if (!x->idle)
        xml_add_text(x, text, len);
    else if (x->done && !xml_all_blank((const char *)text, len))
        x->overrun = true;
}

static void on_text(void *ctx, const xmlChar *text, int len)
{
    struct xml_reader *x = ctx;

    if (!leave_text(x, text, (size_t)len))
        on_other_text(x, text, (size_t)len);
}

static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
    struct xml_reader *x = ctx;

    (void)public_id;
    (void)system_id;
    xml_stop(x, GW_FAIL, "xml.doctype");
    x->fault.byte = x->fault.token;
    xml_fault_arg(x, "name", xml_text(name));
}

const xmlSAXHandler xml_handlers = {
    .initialized = XML_SAX2_MAGIC,
    .internalSubset = on_doctype,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
    .ignorableWhitespace = on_text, /* the same: else each white space is looked at twice */
    .cdataBlock = on_text,
    .error = xml_on_error,
};
