/* SPDX-License-Identifier: EUPL-1.2 */
/* The hot loop of reading: a scope's packed lines over one instance. */
#include "mapping/packed.h"
#include "mapping/read.h"

static inline bool tight(const struct gw_node *n)
{
    return n->text[0] > ' ' && n->text[n->len - 1] > ' ';
}

/* False: nothing was done, and the long way shall do it (blanks to trim, a refusal, a warning). */
static inline bool read_plain(struct reading *r, const struct packed *p, struct instance *i, struct gw_node *n)
{
    struct gw_str v = {n->text, n->len};
    struct value *to;

    if (n->flags & NODE_CLOSED)
        return true;
    if (!v.len || !tight(n) || convs_read(&r->conversion, &p->convs, p->field, &v) != GW_OK ||
        r->conversion.warned || !v.ptr)
        return false;
    to = object_set(i->object, p->slot);
    *to = (struct value){.text = v.ptr, .at = n, .len = (uint32_t)v.len, .line = p->line};
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

enum gw_result late_read(struct reading *r, const struct packed *p, struct instance *i)
{
    r->view.at = i;
    return packed_read(r, p, i) ? GW_OK : line_read(r, p->tie, i);
}
