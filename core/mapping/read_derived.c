/* SPDX-License-Identifier: EUPL-1.2 */
/* What we would write where something stands already: said when it is not the same. */
#include "base/str.h"
#include "mapping/memo.h"
#include "mapping/read.h"

bool would_write(struct reading *r, const struct place *p, struct frame *f, struct gw_str *ret,
                 const struct tie **ret_tie)
{
    struct gw_str natives[RULE_PARTS];

    for (size_t k = 0; k < p->nwriters; k++) {
        const struct tie *tie = p->writers[k];
        struct instance from = {.frame = f};
        struct instance *i = instance_near(&r->view, &from, tie_scope(r->table, tie));

        r->view.at = i;
        if (!i || !i->object || (tie->when && !condition_holds(&r->view, tie->when)))
            continue;
        memset(natives, 0, sizeof(natives));
        *ret = tie_fixed(&r->arena, &r->view, tie, i, r->record, r->records);
        if (!ret->ptr) {
            if (tie_yield(&r->conversion, &r->view, tie, i, natives) != GW_OK)
                continue;
            for (size_t n = 0; n < tie->nplaces; n++)
                if (tie->places[n] == p)
                    *ret = natives[n];
        }
        *ret_tie = tie;
        if (ret->ptr)
            return true;
    }
    return false;
}

/* Nothing stands where we would write something that is required. */
static void derived_missing(struct reading *r, const struct place *p, struct frame *f,
                            const struct gw_node *node)
{
    const struct gw_node *above = p->parent == f->kind->place ? f->cells[0] : f->cells[p->parent->cell];
    struct gw_arg args[] = {{"path", p->path}};
    const struct tie *tie = NULL;
    struct gw_str want;

    if (above && would_write(r, p, f, &want, &tie) && (tie->use & USE_REQUIRED))
        read_report(r, GW_ERROR, "mapping.missing", tie, p, node ? node : above, args, 1);
}

/* ---- what we wrote before ---- */

/* The value of a line that writes one short text for another; false: it is not told by that alone. */
static bool short_key(const struct tie *tie, const struct instance *i, struct gw_str found, uint64_t keys[2])
{
    keys[0] = tie->pure && tie->form == FORM_VALUE ? str_key(target_text(i->object, &tie->targets[0])) : 0;
    keys[1] = str_key(found);
    return keys[0] && keys[1];
}

static bool add_text(struct written *w, struct gw_str text)
{
    if (text.len + 1 > WRITTEN_BYTES - w->size || text.len >= UINT8_MAX)
        return false;
    w->bytes[w->size++] = (char)(text.ptr ? text.len : UINT8_MAX);
    if (text.len)
        memcpy(w->bytes + w->size, text.ptr, text.len);
    w->size += (uint32_t)text.len;
    return true;
}

/* The same of longer texts, and of a line that makes one of several. */
static bool long_key(const struct tie *tie, const struct instance *i, struct gw_str found, struct written *ret)
{
    ret->by = tie;
    ret->size = 0;
    if (!tie->pure || !add_text(ret, found))
        return false;
    for (size_t k = 0; k < tie->ntargets; k++) {
        struct gw_str text = target_text(i->object, &tie->targets[k]);

        if ((!text.ptr && tie->form == FORM_VALUE) || !add_text(ret, text))
            return false;
    }
    return true;
}

static struct written *written_slot(struct written *all, const struct written *w)
{
    uint64_t h = memo_mix((struct gw_str){w->bytes, w->size}) ^ (uintptr_t)w->by;

    return &all[h * 0x9e3779b97f4a7c15u >> 58];
}

/* Whether would_write() gave this very text for the same values before. */
static bool written_before(struct reading *r, const struct place *p, struct frame *f, struct gw_str found)
{
    for (size_t k = 0; k < p->nwriters; k++) {
        const struct tie *tie = p->writers[k];
        struct instance from = {.frame = f};
        struct instance *i = instance_near(&r->view, &from, tie_scope(r->table, tie));
        const struct written *w;
        struct written key;
        uint64_t keys[2];

        r->view.at = i;
        if (!i || !i->object || (tie->when && !condition_holds(&r->view, tie->when)))
            continue;
        if (short_key(tie, i, found, keys))
            return has_passed(passed_slot(r->conversion.passed, tie, keys), tie, keys);
        if (!r->written || !long_key(tie, i, found, &key))
            return false;
        w = written_slot(r->written, &key);
        return w->by == tie && w->size == key.size && memcmp(w->bytes, key.bytes, key.size) == 0;
    }
    return false;
}

static void written_keep(struct reading *r, const struct tie *tie, struct gw_str found)
{
    struct written key;
    uint64_t keys[2];

    if (short_key(tie, r->view.at, found, keys)) {
        *passed_slot(r->conversion.passed, tie, keys) = (struct passed){tie, {keys[0], keys[1]}};
        return;
    }
    if (!long_key(tie, r->view.at, found, &key))
        return;
    if (!r->written)
        r->written = arena_array(&r->stream_arena, WRITTEN_SLOTS, sizeof(*r->written));
    if (r->written)
        *written_slot(r->written, &key) = key;
}

void derived_check(struct reading *r)
{
    for (uint16_t k = FRAME_RECORD; k < r->table->nkinds; k++)
        for (struct frame *f = r->frames[k]; f; f = f->all)
            for (size_t n = 0; n < f->kind->nchecked; n++) {
                const struct place *p = f->kind->checked[n];
                struct gw_node *node = f->cells[p->cell];
                const struct tie *tie = NULL;
                struct gw_str want = {NULL, 0}, found;
                struct gw_arg args[] = {{"path", p->path}, {"own", want}};

                if (!node || node->kind == GW_NULL) {
                    derived_missing(r, p, f, node);
                    continue;
                }
                if (node->kind >= GW_LIST)
                    continue;
                found = str_trim((struct gw_str){node->text, node->len});
                if (written_before(r, p, f, found) || !would_write(r, p, f, &want, &tie))
                    continue;
                if (str_eq(want, found)) {
                    written_keep(r, tie, found);
                    continue;
                }
                args[1].value = want;
                read_report(r, GW_WARNING, "mapping.derived", tie, p, node, args, 2);
            }
}
