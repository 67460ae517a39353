/* SPDX-License-Identifier: EUPL-1.2 */
/* The hot loops of writing: packed lines into cells, then the places that may need something. */
#include "base/str.h"
#include "mapping/packed.h"
#include "mapping/write.h"

static bool has_any(const struct object *o, const struct packed_write *p)
{
    for (uint8_t i = 0; i < p->nslots; i++)
        if (object_has(o, p->slots[i]))
            return true;
    return false;
}

/* False: nothing was done, and the long way shall do it. */
static inline bool write_plain(struct writing *w, const struct packed_write *p, struct instance *i)
{
    struct frame *f = i->frame;
    struct gw_str v = object_text(i->object, p->slots[0]);
    struct gw_node *n;

    if (f->cells[p->cell] || (p->container && !f->cells[p->container]))
        return false;
    if (convs_write(&w->conversion, &p->convs, &v) != GW_OK || w->conversion.warned)
        return false;
    if (!v.ptr)
        return true;
    n = text_node(&w->arena, p->place->name, write_kind(p->tie, v), v);
    f->cells[p->cell] = n;
    return n != NULL;
}

static enum gw_result run(struct writing *w, const struct packed_write *p)
{
    struct frame *f = p->kind == FRAME_CONTEXT ? w->view.context : w->frames[p->kind];
    enum gw_result result = GW_OK;

    for (; result == GW_OK && f; f = f->all) {
        struct instance *i = &f->instances[p->local];

        if (!i->object || (p->nslots && !has_any(i->object, p)))
            continue;
        w->view.at = i;
        if (!p->plain || !write_plain(w, p, i))
            result = write_line(w, p->tie, i);
    }
    return result;
}

enum gw_result lines_run(struct writing *w, bool context)
{
    const struct packed_writing *packed = w->table->writing;
    enum gw_result result = GW_OK;

    for (size_t k = 0; result == GW_OK && k < packed->nlines; k++)
        if (packed->lines[k].context == context)
            result = run(w, &packed->lines[k]);
    return result;
}

enum gw_result places_fill(struct writing *w, bool context)
{
    const struct packed_writing *packed = w->table->writing;
    enum gw_result result = GW_OK;

    for (size_t k = 0; result == GW_OK && k < packed->nfills; k++) {
        const struct packed_fill *p = &packed->fills[k];
        struct frame *f = context ? w->view.context : w->frames[p->kind];

        if (p->context != context)
            continue;
        for (; result == GW_OK && f; f = f->all)
            if (!cell_taken(f, p->cell) && (!p->guarded || f->cells[p->guard]))
                result = fill_place(w, p->place, f);
    }
    return result;
}
