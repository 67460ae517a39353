/* SPDX-License-Identifier: EUPL-1.2 */
/* The hot loops of writing: packed lines into cells, then the places that may need something. */
#include "base/str.h"
#include "mapping/packed.h"
#include "mapping/write.h"

static inline bool has_any(const struct object *o, const struct packed_write *p)
{
    if (object_has(o, p->slots[0]))
        return true;
    for (uint8_t i = 1; i < p->nslots; i++)
        if (object_has(o, p->slots[i]))
            return true;
    return false;
}

static inline bool put(struct writing *w, const struct packed_write *p, struct frame *f, enum gw_kind kind,
                       struct gw_str text, unsigned flags)
{
    struct gw_node *n;

    if (p->deep && !f->cells[p->container] && !cell_touch(w, f, p->place->parent))
        return false;
    n = text_node(&w->arena, p->place->name, kind, text);
    f->cells[p->cell] = n;
    if (n)
        n->flags = (uint8_t)flags;
    return n != NULL;
}

/* False: nothing was done, and the long way shall do it. */
static inline bool put_value(struct writing *w, const struct packed_write *p, struct instance *i)
{
    const struct value *value = &i->object->values[p->slots[0]]; /* has_any() found it */
    struct gw_str v = {value->text, value->len};

    if (p->when && !condition_holds(&w->view, p->when))
        return true;
    if (p->convs.count && (convs_write(&w->conversion, &p->convs, &v) != GW_OK || w->conversion.warned))
        return false;
    if (!v.ptr)
        return true;
    return put(w, p, i->frame, p->words ? write_kind(p->tie, v) : (enum gw_kind)p->node_kind, v, 0);
}

static inline bool put_const(struct writing *w, const struct packed_write *p, struct instance *i)
{
    if ((p->guarded && !i->frame->cells[p->guard]) || (p->when && !condition_holds(&w->view, p->when)))
        return true;
    return put(w, p, i->frame, (enum gw_kind)p->node_kind, p->word, NODE_FIXED);
}

static inline bool put_plain(struct writing *w, const struct packed_write *p, struct instance *i)
{
    if (p->puts == PUTS_ASK)
        return false;
    if (i->frame->cells[p->cell])
        return cell_taken(i->frame, p->cell);
    return p->puts == PUTS_VALUE ? put_value(w, p, i) : put_const(w, p, i);
}

static inline enum gw_result run(struct writing *w, const struct packed_write *p)
{
    struct frame *f = p->kind == FRAME_CONTEXT ? w->view.context : w->frames[p->kind];
    enum gw_result result = GW_OK;

    for (; result == GW_OK && f; f = f->all) {
        struct instance *i = &f->instances[p->local];

        if (!i->object || (p->nslots && !has_any(i->object, p)))
            continue;
        w->view.at = i;
        if (!put_plain(w, p, i))
            result = write_line(w, p->tie, i);
    }
    return result;
}

static const struct packed_part *part_of(const struct writing *w, bool context)
{
    return context ? &w->table->writing->context : &w->table->writing->record;
}

enum gw_result lines_run(struct writing *w, bool context)
{
    const struct packed_part *part = part_of(w, context);
    enum gw_result result = GW_OK;

    for (size_t k = 0; result == GW_OK && k < part->nlines; k++)
        result = run(w, &part->lines[k]);
    return result;
}

/* A place that nobody misses, below a node that is there: null, or an empty text. */
static inline enum gw_result fill_plain(struct writing *w, const struct packed_fill *p, struct frame *f)
{
    bool null = p->place->absent == USE_NULL;

    if (p->fixed || p->required || f->cells[p->cell] || (p->deep && !f->cells[p->container]))
        return fill_place(w, p->place, f, p->fixed);
    f->cells[p->cell] = text_node(&w->arena, p->place->name, null ? GW_NULL : GW_TEXT,
                                  null ? (struct gw_str){NULL, 0} : GW_STR(""));
    return f->cells[p->cell] ? GW_OK : GW_FATAL;
}

enum gw_result places_fill(struct writing *w, bool context)
{
    const struct packed_part *part = part_of(w, context);
    enum gw_result result = GW_OK;

    for (size_t k = 0; result == GW_OK && k < part->nfills; k++) {
        const struct packed_fill *p = &part->fills[k];

        for (struct frame *f = context ? w->view.context : w->frames[p->kind]; result == GW_OK && f; f = f->all)
            if (!cell_taken(f, p->cell) && (!p->guarded || f->cells[p->guard]))
                result = fill_plain(w, p, f);
    }
    return result;
}
