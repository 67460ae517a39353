/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Lines that are the same nodes again and again (gw_record.form): what stands between their texts is laid ready
 * once, by walking the tree, so that a line is a run of copies. What cannot be laid ready is written as any value.
 */
#include "json_write.h"

#define FORM_DEPTH  8u
#define FORM_LEAVES 256u
#define FORM_TEXT   (COPY_TEXT / 2)

/* What stands before a leaf, and the leaf. */
struct piece {
    const char *text;
    uint32_t len;
    const struct gw_node *leaf; /* NULL: the line ends here */
};

struct form {
    struct piece *pieces; /* NULL: not laid ready */
    bool met, never;      /* met: so its names are known */
};

/* One being laid ready. */
struct laying {
    struct writer *w;
    struct piece pieces[FORM_LEAVES + 1];
    size_t count;
    char text[FORM_TEXT]; /* all that stands between, one behind the other */
    size_t at, from;      /* from: of the piece at hand */
};

enum gw_result forms_init(struct writer *w)
{
    w->forms = gw_keep(w->s, (GW_FORMS + 1) * sizeof(*w->forms));
    if (!w->forms)
        return GW_FATAL;
    memset(w->forms, 0, (GW_FORMS + 1) * sizeof(*w->forms));
    return GW_OK;
}

static bool lay(struct laying *l, const char *text, size_t len)
{
    if (len > sizeof(l->text) - l->at)
        return false;
    memcpy(l->text + l->at, text, len);
    l->at += len;
    return true;
}

static bool lay_leaf(struct laying *l, const struct gw_node *leaf)
{
    if (l->count > FORM_LEAVES)
        return false;
    l->pieces[l->count++] = (struct piece){l->text + l->from, (uint32_t)(l->at - l->from), leaf};
    l->from = l->at;
    return true;
}

/* Its name or the comma, as members are laid ready: the first has no comma. */
static bool lay_before(struct laying *l, const struct gw_node *n, bool map, bool first)
{
    const struct member *m = map && n->name < JSON_NAMES ? &l->w->members[n->name] : NULL;

    if (!map)
        return first || lay(l, ",", 1);
    return m && m->text && lay(l, m->text + first, m->len - first);
}

/* False: some name was never written yet, or there is too much of it. */
static bool lay_value(struct laying *l, const struct gw_node *n, size_t depth)
{
    bool map = n->kind == GW_MAP;

    if (n->kind != GW_MAP && n->kind != GW_LIST)
        return lay_leaf(l, n);
    if (n->len || depth == FORM_DEPTH || depth >= l->w->s->stream->depth || !lay(l, map ? "{" : "[", 1))
        return false;
    for (const struct gw_node *child = n->first; child; child = child->next)
        if (!lay_before(l, child, map, child == n->first) || !lay_value(l, child, depth + 1))
            return false;
    return lay(l, map ? "}" : "]", 1);
}

/* Into memory of the stream, each piece with room behind it to be copied in blocks. */
static struct piece *keep(struct writer *w, const struct laying *l)
{
    struct piece *pieces = gw_keep(w->s, l->count * sizeof(*pieces));
    char *text = gw_keep(w->s, l->at + 2 * JSON_PADDING);

    if (!pieces || !text)
        return NULL;
    memset(text, 0, l->at + 2 * JSON_PADDING);
    memcpy(text, l->text, l->at);
    for (size_t i = 0; i < l->count; i++) {
        pieces[i] = l->pieces[i];
        pieces[i].text = text + (l->pieces[i].text - l->text);
    }
    return pieces;
}

static void form_make(struct writer *w, struct form *f, const struct gw_node *root)
{
    struct laying l;

    l.w = w;
    l.count = l.at = l.from = 0;
    if (lay_value(&l, root, 0) && lay(&l, "\n", 1) && lay_leaf(&l, NULL))
        f->pieces = keep(w, &l);
    f->never = !f->pieces;
}

bool form_put(struct writer *w, const struct gw_record *rec)
{
    struct form *f = &w->forms[rec->form < GW_FORMS ? rec->form : GW_FORMS];
    const struct piece *p = f->pieces;
    char *at = w->out.at;

    if (!p) {
        if (f->met && !f->never)
            form_make(w, f, rec->root);
        f->met = true;
        return false;
    }
    for (;; p++) {
        if (at > w->copy_end) {
            w->out.at = at;
            out_room(&w->out, COPY_ROOM);
            at = w->out.at;
        }
        at = put_member_name(at, p->text, p->len);
        if (!p->leaf)
            break;
        at = copy_leaf(w, at, p->leaf);
        if (!at)
            return true;
    }
    w->out.at = at;
    out_flush(&w->out);
    return true;
}
