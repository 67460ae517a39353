/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Texts that are not simply left where they lie: put together, beside elements, of the context. The pending
 * text is x->text up to x->cursor; in a record that is read in place it is among its bytes, else at the end of
 * a block.
 */
#include "xml.h"

#define TEXT_BLOCK 4096u

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

void xml_add_text(struct xml_reader *x, const xmlChar *text, size_t len)
{
    if ((size_t)(x->room - x->cursor) < len && !grow_text(x, len))
        return;
    memmove(x->cursor, text, len);
    x->cursor += len;
}

void xml_keep_text(struct xml_reader *x, struct gw_node *node)
{
    size_t len = (size_t)(x->cursor - x->text);
    char *text = gw_keep(x->s, len);

    x->cursor = x->text;
    if (!text) {
        xml_stop(x, GW_FATAL, NULL);
        return;
    }
    memcpy(text, x->text, len);
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

/* Text beside elements, or in one that is null: dropped when blank. */
void xml_settle_text(struct xml_reader *x, size_t pending)
{
    struct xml_frame *f = &x->frames[x->depth - 1];

    if (xml_all_blank(x->text, pending)) {
        x->cursor = x->text;
        return;
    }
    if (!x->record_depth)
        x->context_bytes += pending;
    if (f->node->kind == GW_NULL)
        f->node->kind = GW_TEXT;
    if (f->node->len)
        join_text(x, f);
    else
        xml_take_text(x, f->node);
}
