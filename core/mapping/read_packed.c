/* SPDX-License-Identifier: EUPL-1.2 */
/* The hot loops of reading: packed lines over instances. */
#include "mapping/packed.h"
#include "mapping/read.h"
#include "schema/canon.h"

static inline bool tight(struct gw_str s)
{
    return s.len && s.ptr[0] > ' ' && s.ptr[s.len - 1] > ' ';
}

/* A text through the chain to its canonical form. False: there is more to it (blanks to trim, a refusal, a
 * warning), nothing was done. */
static inline bool convert(struct conversion *c, const struct packed *p, struct gw_str *v)
{
    const struct conv *conv = p->convs.items, *end = conv + p->convs.count;
    const char *code;

    if (!tight(*v))
        return false;
    c->code = NULL;
    for (; conv < end; conv++)
        if (conv->ops->read(c, conv->data, v) != GW_OK || !v->len)
            return false;
    if (c->code)
        return false;
    return !p->field || (tight(*v) && canon(c->arena, p->field, *v, v, &code) == GW_OK);
}

static inline bool read_plain(struct reading *r, const struct packed *p, struct instance *i, struct gw_node *n)
{
    struct gw_str v = {n->text, n->len};

    if (n->flags & NODE_CLOSED)
        return true;
    if (!convert(&r->conversion, p, &v))
        return false;
    *object_put(i->object, p->slot) =
        (struct value){.text = v.ptr, .at = n, .len = (uint32_t)v.len, .line = p->line};
    n->flags |= NODE_TAKEN;
    i->live = true;
    return true;
}

/* Whether a line has nothing to do here, or did it. */
static inline bool packed_read(struct reading *r, const struct packed *p, struct instance *i)
{
    struct gw_node *const *cells = i->frame->cells, *n;

    if (!p->here)
        return false;
    n = cells[p->cell];
    if (!n || n->kind == GW_NULL)
        return p->absent == ABSENT_SKIP || (p->absent == ABSENT_GUARD && !cells[p->guard]);
    return p->plain && read_plain(r, p, i, n);
}

enum gw_result scope_read(struct reading *r, const struct scope *scope, struct instance *i)
{
    const struct packed *p = scope->packed, *end = p + scope->nfirst;
    enum gw_result result = GW_OK;

    r->view.at = i;
    for (; result == GW_OK && p < end; p++)
        if (!packed_read(r, p, i))
            result = line_read(r, p->tie, i);
    return result;
}

enum gw_result late_read(struct reading *r)
{
    const struct packed *p = r->table->late_packed, *end = p + r->table->nlate;
    enum gw_result result = GW_OK;

    for (; result == GW_OK && p < end; p++) {
        struct frame *f = p->kind == FRAME_CONTEXT ? r->view.context : r->frames[p->kind];

        for (; p->stream == r->envelope_only && result == GW_OK && f; f = f->all) {
            struct instance *i = &f->instances[p->local];

            r->view.at = i;
            if (i->object && !packed_read(r, p, i))
                result = line_read(r, p->tie, i);
        }
    }
    return result;
}
