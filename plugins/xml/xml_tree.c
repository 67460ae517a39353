/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the parser calls: elements become nodes, in the record's memory or, outside of records,
 * in the session's. Text is gathered at the end of a block: a leaf takes it where it lies, blank
 * text between elements is taken back.
 */
#include "xml.h"

#define TEXT_BLOCK 4096u
#define NODES      32u

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

static const struct xml_slot *fill_slot(struct xml_reader *x, struct xml_slot *slot, const xmlChar *local,
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

/* ---- text ---- */

static bool grow_text(struct xml_reader *x, size_t more)
{
    size_t pending = (size_t)(x->cursor - x->text), size;
    char *block;

    /* between records there may be any number of blanks: their block is used again */
    if (!x->record_depth && x->depth == x->opened && xml_all_blank(x->text, pending)) {
        pending = 0;
        x->cursor = x->text;
        if ((size_t)(x->room - x->text) >= more)
            return true;
    }
    size = 2 * (pending + more);
    if (pending + more > x->record_bytes + XML_FEED) {
        xml_stop(x, GW_REJECT, "xml.too_large");
        return false;
    }
    if (size < TEXT_BLOCK)
        size = TEXT_BLOCK;
    block = gw_alloc(x->s, size + 8);
    if (!block) {
        xml_stop(x, GW_FATAL, NULL);
        return false;
    }
    if (pending)
        memcpy(block, x->text, pending);
    x->text = block;
    x->cursor = block + pending;
    x->room = block + size;
    return true;
}

/* In place it may be where it is, or move to the text before it: to bytes that were read, for no text is longer
 * than it was written. */
static void add_text(struct xml_reader *x, const xmlChar *text, size_t len)
{
    if (x->place && x->cursor == x->text &&
        (size_t)((const char *)text - x->place) < (size_t)(x->place_end - x->place)) {
        x->text = (char *)(uintptr_t)text;
        x->cursor = x->text + len;
        return;
    }
    if ((size_t)(x->room - x->cursor) < len && !grow_text(x, len))
        return;
    memmove(x->cursor, text, len);
    x->cursor += len;
}

/* The pending text for good: where it lies, or in the session's memory. */
static void take_text(struct xml_reader *x, struct gw_node *node)
{
    size_t len = (size_t)(x->cursor - x->text);
    char *text = x->text;

    if (!len)
        return;
    if (x->record_depth) {
        x->text = x->cursor;
    } else {
        x->cursor = text;
        text = gw_keep(x->s, len);
        if (!text) {
            xml_stop(x, GW_FATAL, NULL);
            return;
        }
        memcpy(text, x->text, len);
    }
    node->text = text;
    node->len = (uint32_t)len;
}

/* More text for a node that has some: mixed content. */
static void join_text(struct xml_reader *x, struct xml_frame *f)
{
    size_t pending = (size_t)(x->cursor - x->text), len = f->node->len + pending;
    char *text = (char *)(uintptr_t)f->node->text;

    if (len > x->record_bytes + XML_FEED) {
        xml_stop(x, GW_REJECT, "xml.too_large");
        return;
    }
    if (pending > f->room) {
        char *more = xml_alloc(x, 2 * len);

        if (!more)
            return;
        memcpy(more, text, f->node->len);
        text = more;
        f->room = (uint32_t)(len + pending);
    }
    memcpy(text + f->node->len, x->text, pending);
    f->room -= (uint32_t)pending;
    f->node->text = text;
    f->node->len = (uint32_t)len;
    x->cursor = x->text;
}

/* Text beside elements: dropped when blank. */
static void settle_long_text(struct xml_reader *x, size_t pending)
{
    struct xml_frame *f = &x->frames[x->depth - 1];

    if (xml_all_blank(x->text, pending)) {
        x->cursor = x->text;
        return;
    }
    if (!x->record_depth)
        x->context_bytes += pending;
    if (f->node->len)
        join_text(x, f);
    else
        take_text(x, f->node);
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
        settle_long_text(x, pending);
}

/* ---- nodes ---- */

static void find_tag(const struct xml_reader *x, uint32_t name_len, struct xml_place *at)
{
    const xmlParserInput *in = x->ctxt->input;

    at->line = (uint32_t)in->line;
    if ((size_t)(in->cur - in->base) > name_len && in->cur[-1 - (ptrdiff_t)name_len] == '<') {
        at->tag = in->cur - name_len - 1;
    } else {
        at->tag = xml_tag_begin(in);
        for (const xmlChar *p = at->tag; p < in->cur; p++)
            at->line -= *p == '\n';
    }
    at->byte = xml_position(x, at->tag);
}

static uint32_t column_of(const struct xml_reader *x, const struct xml_place *at)
{
    const xmlParserInput *in = x->ctxt->input;
    uint64_t seen = at->byte > x->unseen_to ? at->byte - x->unseen_to : 0;
    size_t known = (size_t)(at->tag - in->base);
    const xmlChar *end;

    if (known > seen)
        known = (size_t)seen;
    end = memrchr(at->tag - known, '\n', known);
    if (end)
        return (uint32_t)(at->tag - end);
    return (uint32_t)in->col > in->cur - at->tag ? (uint32_t)(in->col - (in->cur - at->tag)) : 1;
}

/* Nodes of a record come by the dozen; those of the context stay, so none is wasted. */
static struct gw_node *new_node(struct xml_reader *x, uint16_t symbol, const struct xml_place *at)
{
    struct gw_node *node = x->spare;

    if (!x->record_depth) {
        node = xml_alloc(x, sizeof(*node));
    } else if (x->spares) {
        x->spares--;
        x->spare++;
    } else {
        node = xml_alloc(x, NODES * sizeof(*node));
        x->spares = node ? NODES - 1 : 0;
        x->spare = node ? node + 1 : NULL;
    }
    if (node)
        *node = (struct gw_node){.line = at->line, .column = at->column, .name = symbol, .kind = GW_TEXT};
    return node;
}

static void link_node(struct xml_frame *f, struct gw_node *node)
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

static void add_attributes(struct xml_reader *x, const xmlChar **five, int n, const struct xml_place *at)
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
        node = slot ? new_node(x, slot->symbol, at) : NULL;
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
static void start_idle(struct xml_reader *x, const xmlChar *uri)
{
    if (x->done)
        x->overrun = true;
    if (!x->replay)
        return;
    if (x->replay == x->opened)
        x->uri = uri;
    x->idle = --x->replay > 0;
}

/* What is to be done before an element; false: stopped, or about to be: its tag is not whole. */
static bool may_begin(struct xml_reader *x, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    if (*x->ctxt->input->cur != '>' && *x->ctxt->input->cur != '/')
        return false;
    if (x->depth == x->limit) {
        xml_stop(x, GW_REJECT, "xml.depth");
    } else if (x->depth == 0) {
        x->uri = uri;
        x->rooted = true;
        xml_check_root(x, xml_text(local), xml_text(prefix), xml_text(uri));
    } else if (x->cursor != x->text) {
        settle_text(x);
    }
    return x->fault.result == GW_OK;
}

static void add_element(struct xml_reader *x, const struct xml_slot *slot, const xmlChar *local,
                        const xmlChar **attributes, int nattributes)
{
    enum role role = role_of(x, slot->symbol);
    struct gw_node *node;
    struct xml_place at;

    find_tag(x, slot->len, &at);
    if (role == RECORD)
        begin_record(x, &at, local);
    if (x->record_depth) {
        at.column = (uint32_t)(at.byte - x->begin);
        at.line = 0;
    } else if (x->place) {
        xml_stop(x, GW_REJECT, "xml.syntax"); /* no record after all */
    } else {
        at.column = column_of(x, &at);
        if (role == ANCESTOR)
            xml_begin_ancestor(x, &at, local);
        else
            xml_begin_item(x, &at);
    }
    node = x->fault.result ? NULL : new_node(x, slot->symbol, &at);
    if (!node)
        return;
    push(x, node, role);
    if (nattributes)
        add_attributes(x, attributes, nattributes, &at);
}

static void on_start(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int nspaces,
                     const xmlChar **spaces, int nattributes, int ndefaulted, const xmlChar **attributes)
{
    struct xml_reader *x = ctx;
    const struct xml_slot *slot;

    (void)nspaces;
    (void)spaces;
    (void)ndefaulted;
    if (x->idle) {
        start_idle(x, uri);
    } else if (may_begin(x, local, prefix, uri)) {
        slot = name_of(x, local, prefix && (uri != x->uri || !uri) ? prefix : NULL, false);
        if (slot)
            add_element(x, slot, local, attributes, nattributes);
    }
}

static void end_element(struct xml_reader *x)
{
    struct gw_node *node = x->frames[x->depth - 1].node;

    if (x->cursor == x->text)
        return;
    if (node->first || (node->kind == GW_NULL && xml_all_blank(x->text, (size_t)(x->cursor - x->text)))) {
        settle_text(x);
        return;
    }
    node->kind = GW_TEXT;
    take_text(x, node);
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
    end_element(x);
    x->depth--;
    if (x->record_depth) {
        if (x->record_depth == x->depth + 1) {
            x->end = xml_position(x, x->ctxt->input->cur);
            x->end_line = (uint32_t)x->ctxt->input->line;
            x->record_depth = 0;
            x->done = x->idle = true;
        }
    } else if (x->depth < x->opened) {
        xml_close_ancestor(x);
    } else if (x->depth == x->opened) {
        x->context_bytes += xml_position(x, x->ctxt->input->cur) - x->item_begin;
        x->changes++;
    }
}

static void on_text(void *ctx, const xmlChar *text, int len)
{
    struct xml_reader *x = ctx;

    if (!x->idle)
        add_text(x, text, (size_t)len);
    else if (x->done && !xml_all_blank((const char *)text, (size_t)len))
        x->overrun = true;
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
