/* SPDX-License-Identifier: EUPL-1.2 */
/* PutGet and Local on one resource tree, and the shrinking of one that fails. */
#include "law/proof.h"
#include "mapping/codes.h"

void verdict_add(struct verdicts *v, enum law_kind law, const struct line *line, struct gw_str path,
                 struct gw_str expected, struct gw_str found)
{
    if (v->count < VERDICTS)
        v->items[v->count++] = (struct verdict){law, line, path, expected, found};
}

struct viewer {
    struct watcher watcher; /* first */
    struct proof *proof;
    struct load load;
    struct cells cells; /* of the record */
    bool carry;
};

static void see_record(struct watcher *watcher, struct writing *w)
{
    struct viewer *v = (struct viewer *)watcher;

    (void)cells_take(&v->proof->scratch, v->proof->table, w->frames, NULL, &v->cells);
    if (v->carry)
        carry_out(v->proof, w, false, &v->load);
}

static void see_context(struct watcher *watcher, struct writing *w)
{
    struct viewer *v = (struct viewer *)watcher;

    if (v->carry)
        carry_out(v->proof, w, true, &v->load);
}

static void viewer_init(struct viewer *v, struct proof *p, bool carry)
{
    *v = (struct viewer){.watcher = {see_record, see_context}, .proof = p, .carry = carry};
    v->load.end = &v->load.first;
}

/* ---- what came back ---- */

static struct gw_str subject(struct arena *a, const struct tie *tie, size_t k)
{
    const struct line *l = tie->line;

    return str_of(
        arena_format(a, "%.*s.%.*s", STR_ARG(l->cells[CELL_RESOURCE]), STR_ARG(l->fields.items[k].text)));
}

static void compare(struct proof *p, struct reading *r, bool context, const struct load *load,
                    struct verdicts *ret)
{
    const struct carried *at = load->first;
    struct missed missed;

    while (carry_back(p, r, context, &at, &missed)) {
        const struct tie *tie = missed.carried->tie;
        struct gw_str had = missed.carried->texts[missed.target];

        row_measured(p, tie, GW_LOSSY, had, missed.found);
        if (row_of(p, tie->line)->declared < GW_LOSSY)
            verdict_add(ret, LAW_PUTGET, tie->line, subject(&p->scratch, tie, missed.target), had,
                        missed.found.ptr ? arena_copy(&p->scratch, missed.found) : missed.found);
    }
    cover_read(p, r, context);
}

static void unreadable(struct proof *p, struct verdicts *ret)
{
    const struct told *t = said_error(&p->said);
    const struct line *line = NULL;

    for (size_t k = 0; t && k < p->table->nties; k++)
        if (str_eq(p->table->ties[k]->line->where, t->rule))
            line = p->table->ties[k]->line;
    verdict_add(ret, LAW_PUTGET, line, t ? t->path : GW_STR(""), GW_STR("written, so readable"),
                t ? arena_copy(&p->scratch, str_of(t->code)) : GW_STR("nothing came back"));
}

/* Writes again what was read: `again` must get the same bytes. */
static enum gw_result read_back(struct plan *plan, const struct buf *bytes, const struct load *load,
                                struct buf *again, struct viewer *second, struct verdicts *ret)
{
    struct proof *p = plan->proof;
    struct bundle b;
    struct trip t;
    bool seen = false;
    enum gw_result result;

    said_clear(&p->said);
    result = trip_open(p, &t, buf_view(bytes), (struct gw_str){NULL, 0}, plan->date);
    while (result == GW_OK) {
        result = source_next(&t.source, &b);
        if (result == GW_OK && b.record && !seen) {
            struct sheet sheet = {&plan->envelope, &b, plan->date};

            seen = true;
            compare(p, &t.source.reading, false, load, ret);
            if (ret->count == 0 && sheet_write(p, &sheet, again, &second->watcher) != GW_OK)
                unreadable(p, ret);
        }
    }
    if (result == GW_END)
        compare(p, &t.source.reading, true, load, ret);
    if (result == GW_REJECT || result == GW_FAIL || (result == GW_END && !seen)) {
        unreadable(p, ret);
        result = GW_OK;
    }
    trip_close(&t);
    return result == GW_END ? GW_OK : result;
}

/* At which place the second writing differs; in the context it is not known. */
static void bytes_compare(struct proof *p, const struct buf *first, const struct buf *again,
                          const struct cells *before, const struct cells *after, struct verdicts *ret)
{
    const struct cell *a = NULL, *b = NULL;
    const struct place *place;
    size_t i = 0, k = 0;

    if (!again->len || str_eq(buf_view(first), buf_view(again)))
        return;
    if (!cells_differ(before, after, &i, &k, &a, &b)) {
        verdict_add(ret, LAW_GETPUT, NULL, GW_STR("//"), GW_STR("the same bytes the second time"),
                    GW_STR("others"));
        return;
    }
    place = place_of_cell(p->table, a ? a->kind : b->kind, a ? a->cell : b->cell);
    verdict_add(ret, LAW_GETPUT, place && place->nwriters ? place->writers[0]->line : NULL,
                place ? place->path : GW_STR("?"), a ? a->text : GW_STR("absent"),
                b ? b->text : GW_STR("absent"));
}

static enum gw_result refusal(struct proof *p, enum gw_result result, struct verdicts *ret)
{
    if (result != GW_REJECT && result != GW_FAIL)
        return result;
    ret->refused = true;
    if (!said_error(&p->said))
        verdict_add(ret, LAW_REFUSAL, NULL, GW_STR(""), GW_STR("a reason"), GW_STR("nothing was said"));
    return GW_OK;
}

enum gw_result putget_check(struct plan *plan, struct verdicts *ret)
{
    struct proof *p = plan->proof;
    struct buf bytes, again;
    struct viewer v, second;
    struct sheet sheet;
    enum gw_result result = plan_assemble(plan);

    *ret = (struct verdicts){0};
    if (result != GW_OK)
        return result;
    buf_init(&bytes, (size_t)16 << 20);
    buf_init(&again, (size_t)16 << 20);
    viewer_init(&v, p, true);
    viewer_init(&second, p, false);
    said_clear(&p->said);
    sheet = (struct sheet){&plan->envelope, &plan->bundle, plan->date};
    result = sheet_write(p, &sheet, &bytes, &v.watcher);
    if (result == GW_OK)
        result = read_back(plan, &bytes, &v.load, &again, &second, ret);
    else
        result = refusal(p, result, ret);
    if (result == GW_OK)
        bytes_compare(p, &bytes, &again, &v.cells, &second.cells, ret);
    buf_done(&bytes);
    buf_done(&again);
    return result;
}

/* ---- locality ---- */

static bool cond_names(const struct condition *c, const struct scope *at, const struct scope *scope,
                       const struct target *t)
{
    const struct scope *of = c->ref.scope ? c->ref.scope : at;

    for (const struct condition *k = c->kids; k; k = k->next)
        if (cond_names(k, at, scope, t))
            return true;
    for (uint8_t n = c->kind == COND_TEST ? c->ref.climb : 0; of && n; n--)
        of = of->parent;
    return c->kind == COND_TEST && c->ref.kind == REF_FIELD && c->ref.target.field == t->field && of == scope;
}

static bool target_same(const struct target *a, const struct target *b)
{
    if (a->field != b->field || a->nhops != b->nhops)
        return false;
    for (size_t i = 0; i < a->nhops; i++)
        if (a->hops[i].slot != b->hops[i].slot || !str_eq(a->hops[i].key, b->hops[i].key))
            return false;
    return true;
}

static bool list_names(const struct proof *p, const struct conv_call *call, struct gw_str name)
{
    const struct codes *list;
    size_t at;

    if (!call->nargs || codes_load((struct converters *)&p->table->convert, call->args[0], &list) != GW_OK)
        return false;
    for (uint32_t i = 1; i < list->nwhens; i++)
        if (str_find(list->whens[i].text, name, &at))
            return true;
    return false;
}

/* `at=` of a code list, or any argument that is such a field: the name is looked for in the cell, and in the
 * `when` of the rows of the list. */
static bool as_names(const struct proof *p, const struct tie *tie, const struct target *t)
{
    size_t at;

    for (size_t i = 0; i < tie->line->chain.count; i++) {
        const struct conv_call *call = &tie->line->chain.items[i];

        if (str_is(call->name, "code") && list_names(p, call, t->field->name))
            return true;
    }
    return str_find(tie->line->cells[CELL_AS], t->field->name, &at);
}

bool tie_names(const struct proof *p, const struct tie *tie, const struct scope *scope, const struct target *t)
{
    const struct scope *at = scope_of_tie(p->table, tie);

    for (size_t k = 0; k < tie->ntargets; k++)
        if (tie->scope == scope && target_same(&tie->targets[k], t))
            return true;
    if (tie->form == FORM_SUM && tie->sum.field == t->field)
        return true;
    if (tie->scope && tie->scope->when && cond_names(tie->scope->when, tie->scope, scope, t))
        return true;
    return (tie->when && cond_names(tie->when, at, scope, t)) ||
           (tie->test && cond_names(tie->test, at, scope, t)) || as_names(p, tie, t);
}

static bool below_optional(const struct place *p, const struct place *changed)
{
    for (const struct place *up = p; up; up = up->parent)
        if (up->optional)
            for (const struct place *k = changed; k; k = k->parent)
                if (k == up)
                    return true;
    return false;
}

static bool may_change(const struct proof *p, const struct place *changed, const struct scope *scope,
                       const struct target *t)
{
    for (size_t k = 0; k < p->table->nties; k++) {
        const struct tie *tie = p->table->ties[k];

        if (!tie_names(p, tie, scope, t))
            continue;
        if (tie->form == FORM_REF)
            return true;
        for (size_t n = 0; n < tie->nplaces; n++)
            if (tie->places[n] == changed || below_optional(tie->places[n], changed))
                return true;
    }
    return false;
}

/* Does the order or the choice of instances hang on it? */
static bool orders(const struct proof *p, const struct target *t)
{
    for (uint16_t k = 0; k < p->table->nscopes; k++) {
        const struct scope *s = p->table->scopes[k];

        if (s->sort_slot >= 0 && s->shape->fields[s->sort_slot] == t->field)
            return true;
        for (size_t n = 0; n < s->nselectors; n++)
            if (s->selectors[n]->ntargets && s->selectors[n]->targets[0].field == t->field)
                return true;
    }
    return false;
}

static void changes_check(struct proof *p, const struct cells *before, const struct cells *after,
                          const struct spot *at, const struct tie *tie, size_t k)
{
    const struct cell *a, *b;
    size_t i = 0, n = 0;

    while (cells_differ(before, after, &i, &n, &a, &b)) {
        const struct cell *any = a ? a : b;
        const struct place *place = place_of_cell(p->table, any->kind, any->cell);

        if (place && !may_change(p, place, at->scope, &tie->targets[k]))
            (void)fail(p, LAW_LOCALITY, tie->line, place->path, GW_STR("unchanged"),
                       subject(&p->scratch, tie, k));
    }
}

enum gw_result local_check(struct plan *plan, struct spot *at, const struct tie *tie, size_t k,
                           struct gw_str other)
{
    struct proof *p = plan->proof;
    struct sheet sheet = {&plan->envelope, &plan->bundle, plan->date};
    struct viewer before, after;
    struct buf bytes;
    enum gw_result result;

    if (orders(p, &tie->targets[k]) || at->scope->stream)
        return GW_OK;
    buf_init(&bytes, (size_t)16 << 20);
    viewer_init(&before, p, false);
    viewer_init(&after, p, false);
    result = sheet_write(p, &sheet, &bytes, &before.watcher);
    if (result == GW_OK) {
        plan_value(plan, at, tie, k, other);
        result = sheet_write(p, &sheet, &bytes, &after.watcher);
    }
    if (result == GW_OK)
        changes_check(p, &before.cells, &after.cells, at, tie, k);
    buf_done(&bytes);
    return result == GW_REJECT || result == GW_FAIL ? GW_OK : result;
}

/* ---- shrinking ---- */

static bool still(struct plan *plan, const struct verdict *v)
{
    struct verdicts now;

    if (putget_check(plan, &now) != GW_OK)
        return false;
    for (size_t i = 0; i < now.count; i++)
        if (now.items[i].law == v->law && now.items[i].line == v->line)
            return true;
    return false;
}

static void shrink_object(struct plan *plan, struct object *o, const struct verdict *v)
{
    for (uint16_t k = 0; k < o->slots; k++) {
        if (!object_has(o, k) || o->shape->fields[k]->type == FIELD_REF)
            continue;
        object_clear(o, k);
        if (!still(plan, v))
            o->have[k / 64] |= (uint64_t)1 << (k % 64);
    }
}

enum gw_result shrink(struct plan *plan, const struct verdict *v, struct law_failure *to)
{
    struct proof *p = plan->proof;
    struct buf b;

    for (struct spot *i = plan->first; i; i = i->next) {
        if (i->gone || i->scope == p->table->root)
            continue;
        i->gone = true;
        if (!still(plan, v))
            i->gone = false;
    }
    for (struct spot *i = plan->first; i; i = i->next)
        if (spot_there(i))
            shrink_object(plan, i->object, v);
    if (plan_assemble(plan) != GW_OK)
        return GW_FATAL;
    buf_init(&b, 65536);
    for (struct spot *i = plan->first; i; i = i->next) {
        if (!spot_there(i))
            continue;
        buf_format(&b, "%s%.*s {", b.len ? " " : "", STR_ARG(i->scope->key));
        for (uint16_t k = 0, n = 0; k < i->object->slots; k++) {
            const struct field *f = i->object->shape->fields[k];

            if (!object_has(i->object, k) || f->list || f->type >= FIELD_REF)
                continue;
            buf_format(&b, "%s%.*s=", n++ ? ", " : "", STR_ARG(f->name));
            buf_str(&b, object_text(i->object, k));
        }
        buf_text(&b, "}");
    }
    to->resource = kept(p, buf_view(&b));
    buf_done(&b);
    return GW_OK;
}
