/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What encloses the records: the elements on the way to them, the root first, and what stands
 * beside them. It lives in the session's memory; a group gives its part back at its end.
 */
#include "xml.h"

void *xml_alloc(struct xml_reader *x, size_t size)
{
    void *p = x->record_depth ? gw_alloc(x->s, size) : gw_keep(x->s, size);

    if (!p)
        xml_stop(x, GW_FATAL, NULL);
    return p;
}

static void wrong_root(struct xml_reader *x, const char *code, struct gw_str expected, struct gw_str found)
{
    xml_stop(x, GW_FAIL, code);
    x->fault.byte = x->fault.token;
    xml_fault_arg(x, "expected", expected);
    xml_fault_arg(x, "found", found);
}

void xml_check_root(struct xml_reader *x, struct gw_str local, struct gw_str prefix, struct gw_str uri)
{
    const struct xml_config *c = x->s->config;
    struct gw_str want = c->root;
    struct gw_arg arg = {"expected", c->namespace};

    if (prefix.len && want.len > prefix.len && want.ptr[prefix.len] == ':' &&
        memcmp(want.ptr, prefix.ptr, prefix.len) == 0)
        want = (struct gw_str){want.ptr + prefix.len + 1, want.len - prefix.len - 1};
    if (want.len && !xml_same(want, local))
        wrong_root(x, "xml.root", c->root, local);
    else if (c->namespace.len && uri.len && !xml_same(c->namespace, uri))
        wrong_root(x, "xml.namespace", c->namespace, uri);
    else if (c->namespace.len && !uri.len)
        gw_report(x->s, GW_WARNING, (struct gw_place){.byte = xml_position(x, xml_tag_begin(x->ctxt->input))},
                  "xml.no_namespace", &arg, 1);
}

void xml_begin_ancestor(struct xml_reader *x, const struct xml_place *at, const xmlChar *local)
{
    struct xml_ancestor *a = &x->ancestors[x->depth];
    size_t len = (size_t)(x->ctxt->input->cur - at->tag);
    char *tag;

    *a = (struct xml_ancestor){.group = x->depth && x->steps[x->depth - 1].many,
                               .before = x->depth ? x->frames[x->depth - 1].last : NULL,
                               .mark = gw_mark(x->s),
                               .bytes = x->context_bytes};
    tag = xml_alloc(x, len + 1);
    if (!tag)
        return;
    memcpy(tag, at->tag, len);
    tag[len] = '>';
    a->tag = tag;
    a->tag_len = len + 1;
    a->local = xml_text(local);
    a->local.ptr = memmem(tag, len, a->local.ptr, a->local.len);
    x->opened++;
    x->changes++;
}

/* An element of the context is counted: there must not be more than a record may have. */
void xml_begin_item(struct xml_reader *x, const struct xml_place *at)
{
    if (x->depth == x->opened) {
        x->item_begin = at->byte;
        x->item_line = at->line;
        x->item_mark = gw_mark(x->s);
        x->before = x->frames[x->depth - 1].last;
    }
    if (x->context_bytes + (at->byte - x->item_begin) > x->record_bytes)
        xml_stop(x, GW_FAIL, "xml.context");
}

static void unlink_last(struct xml_frame *parent, struct gw_node *before)
{
    parent->last = before;
    if (before)
        before->next = NULL;
    else
        parent->node->first = NULL;
    if (!parent->node->first)
        parent->node->kind = GW_TEXT;
}

void xml_close_ancestor(struct xml_reader *x)
{
    struct xml_ancestor *a = &x->ancestors[--x->opened];

    x->depth = x->opened;
    x->changes++;
    if (!a->group)
        return;
    unlink_last(&x->frames[x->depth - 1], a->before);
    x->context_bytes = a->bytes;
    gw_release(x->s, a->mark);
}

void xml_drop_open(struct xml_reader *x)
{
    if (xml_is_item_open(x)) {
        unlink_last(&x->frames[x->opened - 1], x->before);
        gw_release(x->s, x->item_mark);
    }
    x->depth = x->opened;
    x->record_depth = 0;
    x->record = NULL;
    x->cursor = x->text;
}
