/* SPDX-License-Identifier: EUPL-1.2 */
/* A record's tree to its resources: cells, instances, lines in two phases, references, checks. */
#include "mapping/read.h"

#include "base/str.h"
#include "mapping/memo.h"
#include "mapping/packed.h"
#include "schema/canon.h"

void read_report(struct reading *r, enum gw_severity severity, const char *code, const struct tie *tie,
                 const struct place *place, const struct gw_node *node, const struct gw_arg *args, size_t nargs)
{
    struct gw_place at = {UINT64_MAX, 0, 0};
    struct diag d = {.severity = severity,
                     .code = code,
                     .file = r->file,
                     .byte = UINT64_MAX,
                     .record = r->record,
                     .path = place ? place->path : (struct gw_str){NULL, 0},
                     .args = args,
                     .nargs = nargs};

    if (r->mute)
        return;
    if (node && r->locator)
        r->locator->place(r->locator, node, &at);
    d.line = at.line;
    d.column = at.column;
    d.byte = at.byte;
    if (tie)
        d.rule = tie->line->where;
    if (node && node->text)
        d.value = str_trim((struct gw_str){node->text, node->len});
    if (tie && tie->ntargets)
        d.sensitivity = (enum sensitivity)tie->targets[0].field->sensitivity;
    if (severity == GW_ERROR)
        r->rejected = true;
    r->sink->put(r->sink, &d);
}

/* ---- phases ---- */

static enum gw_result first_phase(struct reading *r, struct frame *f)
{
    enum gw_result result = GW_OK;

    for (size_t s = 0; result == GW_OK && s < f->kind->nscopes; s++)
        if (f->instances[s].object)
            result = scope_read(r, f->kind->scopes[s], &f->instances[s]);
    return result;
}

/* Another line of the place writes this very text here: it is no surprise. */
static bool as_we_write(struct reading *r, const struct pending *p)
{
    const struct tie *tie = NULL;
    struct gw_str want = {NULL, 0};

    return p->place && p->frame && would_write(r, p->place, p->frame, &want, &tie) &&
           str_eq(want, str_trim((struct gw_str){p->node->text, p->node->len}));
}

/* A text that no line took, though one would have if its condition held. */
void pendings_settle(struct reading *r)
{
    for (struct pending *p = r->pendings; p; p = p->next) {
        const struct place *place = p->tie->nplaces ? p->tie->places[0] : NULL;
        struct gw_arg args[] = {{"path", place ? place->path : GW_STR("")},
                                {"expected", p->tie->word},
                                {"when", p->tie->line->cells[CELL_WHEN]}};

        if ((p->node->flags & NODE_TAKEN) || as_we_write(r, p))
            continue;
        p->node->flags |= NODE_TAKEN;
        read_report(r, p->tie->use & USE_REQUIRED ? GW_ERROR : GW_WARNING, p->code, p->tie, place, p->node,
                    args, 3);
        if (!(p->tie->use & USE_REQUIRED))
            set_aside_at(r, p->tie, 0, p->node);
    }
}

/* ---- references ---- */

static struct resource *resource_with(const struct reading *r, const struct scope *s, int slot,
                                      struct gw_str text)
{
    struct frame *f;

    if (!has_frames(r, s, &f))
        return NULL;
    for (; f; f = f->all) {
        const struct instance *i = &f->instances[s->local];

        if (i->object && str_eq(object_text(i->object, (unsigned)slot), text))
            return i->resource;
    }
    return NULL;
}

static bool is_live(const struct instance *i)
{
    return i->object && (i->live || i->scope->chosen);
}

static void ref_resolve(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct resource *to = NULL;
    struct value *v;

    r->view.at = i;
    if (tie->when && !condition_holds(&r->view, tie->when))
        return;
    if (tie->nplaces) {
        struct gw_node *node = cell_of(r, tie, 0, i);
        struct gw_str text = node ? str_trim((struct gw_str){node->text, node->len}) : (struct gw_str){NULL, 0};
        struct gw_arg args[] = {{"scope", tie->ref_scope->key}};

        if (!text.len)
            return;
        to = resource_with(r, tie->ref_scope, tie->ref_slot, text);
        if (!to)
            read_report(r, GW_WARNING, "mapping.ref", tie, tie->places[0], node, args, 1);
    } else {
        const struct instance *near = instance_find(&r->view, tie->ref_scope);

        to = near && is_live(near) ? near->resource : NULL;
    }
    v = to && tie->ntargets ? target_make(&r->arena, i->object, &tie->targets[0]) : NULL;
    if (v)
        *v = (struct value){.ref = to, .line = tie->index};
}

void refs_resolve(struct reading *r)
{
    struct frame *f;

    for (size_t k = 0; k < r->table->nrefs; k++) {
        const struct tie *tie = r->table->refs[k];

        if (tie->scope->stream || !has_frames(r, tie->scope, &f))
            continue;
        for (; f; f = f->all)
            if (f->instances[tie->scope->local].object)
                ref_resolve(r, tie, &f->instances[tie->scope->local]);
    }
}

/* ---- the record ---- */

/* The `when` of a scope is an invariant too: a resource that does not hold to it is none. */
static void scope_settle(struct reading *r, const struct scope *s, struct instance *i)
{
    const struct frame *f = i->frame;
    struct gw_arg args[] = {{"path", s->place->path},
                            {"when", s->line ? s->line->cells[CELL_WHEN] : GW_STR("")}};

    r->view.at = i->parent;
    if (!i->object || condition_holds(&r->view, s->when))
        return;
    read_report(r, GW_WARNING, "mapping.unexpected", NULL, s->place,
                s->place == f->kind->place ? f->cells[0] : f->cells[s->place->cell], args, 2);
    i->object = NULL;
    i->resource = NULL;
    i->live = false;
}

static void scopes_settle(struct reading *r)
{
    struct frame *f;

    for (uint16_t k = 0; k < r->table->nscopes; k++) {
        const struct scope *s = r->table->scopes[k];

        if (!s->when || s == r->table->root || s->stream != r->envelope_only || !has_frames(r, s, &f))
            continue; /* the root's says which resources are written */
        for (; f; f = f->all)
            scope_settle(r, s, &f->instances[s->local]);
    }
}

static void collect(struct reading *r, struct frame *f, struct bundle *ret)
{
    for (size_t s = 0; s < f->kind->nscopes; s++) {
        struct instance *i = &f->instances[s];

        if (!i->resource || i->scope->stream != r->envelope_only || !is_live(i))
            continue;
        i->resource->live = true;
        bundle_add(ret, i->resource);
    }
}

static enum gw_result run(struct reading *r, struct bundle *ret)
{
    enum gw_result result = instances_make(r);

    for (uint16_t k = FRAME_RECORD; !r->envelope_only && result == GW_OK && k < r->table->nkinds; k++)
        for (struct frame *f = r->frames[k]; result == GW_OK && f; f = f->all)
            result = first_phase(r, f);
    if (result == GW_OK)
        result = first_phase(r, r->view.context);
    if (result == GW_OK)
        result = late_read(r);
    if (result != GW_OK)
        return result;
    scopes_settle(r);
    pendings_settle(r);
    if (!r->envelope_only) {
        derived_check(r);
        refs_resolve(r);
        result = rest_store(r);
        for (uint16_t k = FRAME_RECORD; k < r->table->nkinds; k++)
            for (struct frame *f = r->frames[k]; f; f = f->all)
                collect(r, f, ret);
    }
    collect(r, r->view.context, ret);
    checks_read(r, ret);
    return result;
}

static void begin(struct reading *r, const struct gw_record *rec, uint64_t number, bool envelope,
                  struct bundle *ret)
{
    arena_reset(&r->arena);
    *ret = (struct bundle){.record = number, .line = rec->line, .names = r->table->names};
    r->rec = rec;
    r->record = number;
    r->rejected = false;
    r->envelope_only = envelope;
    r->asides = NULL;
    r->aside_tail = &r->asides;
    r->pendings = NULL;
    r->view.at = NULL;
}

static enum gw_result context_read(struct reading *r, const struct gw_record *rec)
{
    if (r->context && rec->changes == r->changes)
        return GW_OK;
    r->changes = rec->changes;
    return walk_context(r, rec->context);
}

enum gw_result reading_record(struct reading *r, const struct gw_record *rec, uint64_t number,
                              struct bundle *ret)
{
    enum gw_result result;

    begin(r, rec, number, false, ret);
    r->records++;
    result = context_read(r, rec);
    if (result == GW_OK)
        result = walk_record(r, rec->root);
    if (result == GW_OK)
        result = run(r, ret);
    if (result == GW_OK)
        totals_add(r);
    if (result == GW_OK)
        result = bundle_name(ret, &r->arena);
    return result == GW_OK && r->rejected ? GW_REJECT : result;
}

/* ---- the envelope ---- */

enum gw_result reading_envelope(struct reading *r, const struct gw_record *rec, bool end, struct bundle *ret)
{
    enum gw_result result;

    begin(r, rec, 0, true, ret);
    r->counted = end;
    if (!r->table->envelope)
        return GW_OK;
    result = context_read(r, rec);
    memset(r->frames, 0, r->table->nkinds * sizeof(struct frame *));
    if (result == GW_OK)
        result = run(r, ret);
    if (end && result == GW_OK)
        totals_end(r);
    if (result == GW_OK)
        result = bundle_name(ret, &r->arena);
    return result == GW_OK && r->rejected ? GW_REJECT : result;
}

/* ---- opening ---- */

/* The day in a text that is a date, an instant, or holds one the way a line of the envelope reads it. */
static struct gw_str day_of(struct gw_str text)
{
    int32_t days;

    if (text.len >= 10 && date_days((struct gw_str){text.ptr, 10}, &days))
        return (struct gw_str){text.ptr, 10};
    return (struct gw_str){NULL, 0};
}

static struct name_param *params_match(struct reading *r, struct gw_str name, size_t *ret_n)
{
    const struct pattern *p = &r->table->format->name_pattern;
    struct template t;
    struct gw_str parts[TEMPLATE_HOLES] = {{NULL, 0}};
    struct name_param *params;
    struct fault fault;

    *ret_n = 0;
    if (!p->count || !name.ptr || !p->holes || p->holes > TEMPLATE_HOLES)
        return NULL;
    params = arena_array(&r->stream_arena, p->holes, sizeof(*params));
    if (!params || template_compile((struct converters *)&r->table->convert, p, &t, &fault) != GW_OK ||
        template_match(&r->conversion, &t, name, parts) != GW_OK)
        return NULL;
    for (size_t i = 0; i < p->count; i++) {
        const struct piece *piece = &p->pieces[i];
        struct gw_str v = piece->kind == PIECE_HOLE ? parts[piece->rank] : (struct gw_str){NULL, 0};

        if (!v.ptr || convs_read(&r->conversion, &t.holes[piece->rank].convs, NULL, &v) != GW_OK)
            continue;
        params[(*ret_n)++] = (struct name_param){piece->text, arena_copy(&r->stream_arena, v)};
    }
    return params;
}

/* $date, by the format: of the file's name, or of a place of the context once it is read. */
static void date_from_context(struct reading *r)
{
    struct gw_node *node = r->table->date ? r->context->cells[r->table->date->cell] : NULL;
    struct gw_str day = {NULL, 0};

    if (!node || r->date.ptr)
        return;
    day = day_of(str_trim((struct gw_str){node->text, node->len}));
    if (day.ptr)
        r->date = r->view.date = r->conversion.date = r->conversion.call.date =
            arena_copy(&r->stream_arena, day);
}

const struct gw_str *reading_date(const struct reading *r)
{
    return &r->view.date;
}

const struct gw_str *reading_told(const struct reading *r)
{
    return &r->date;
}

/* The date that a line of the envelope read from the place of $date. */
static void date_from_envelope(struct reading *r, const struct bundle *b)
{
    const struct table *t = r->table;

    for (size_t k = 0; !r->date.ptr && t->date && b->first && k < t->nties; k++) {
        const struct tie *tie = t->ties[k];

        for (size_t n = 0; tie->scope == t->envelope && n < tie->nplaces; n++)
            for (size_t f = 0; tie->places[n] == t->date && f < tie->ntargets; f++) {
                struct gw_str day = day_of(target_text(&b->first->object, &tie->targets[f]));

                if (day.ptr)
                    r->date = r->view.date = r->conversion.date = r->conversion.call.date =
                        arena_copy(&r->stream_arena, day);
            }
    }
}

static void memos_forget(struct reading *r)
{
    for (size_t k = 0; k <= r->table->nsplits; k++)
        if (r->splits[k].slots)
            memset(r->splits[k].slots, 0, MEMO_SLOTS * sizeof(*r->splits[k].slots));
    if (r->written)
        memset(r->written, 0, WRITTEN_SLOTS * sizeof(*r->written));
    memset(r->memos, 0, (r->table->nmemos + 1u) * sizeof(*r->memos));
    memset(r->conversion.passed, 0, PASSED_SLOTS * sizeof(*r->conversion.passed));
}

enum gw_result reading_start(struct reading *r, const struct gw_record *rec, struct bundle *ret)
{
    enum gw_result result = context_read(r, rec);

    if (result != GW_OK)
        return result;
    date_from_context(r);
    r->mute = true; /* what is wrong with it is said at the end, when it is complete */
    result = reading_envelope(r, rec, false, ret);
    r->mute = false;
    if (result == GW_OK || result == GW_REJECT)
        date_from_envelope(r, ret);
    memos_forget(r); /* they are of another day */
    return result;
}

enum gw_result reading_open(struct reading *r, const struct table *t, struct gw_str name, struct gw_str date,
                            struct gw_str today, struct sink *sink, struct locator *locator, struct gw_str file)
{
    struct passed *passed;

    *r = (struct reading){.table = t, .sink = sink, .locator = locator, .file = file};
    view_init(&r->view, t);
    arena_init(&r->arena, 65536, (size_t)256 << 20);
    arena_init(&r->stream_arena, 4096, (size_t)64 << 20);
    arena_init(&r->context_arena, 4096, (size_t)64 << 20);
    r->frames = arena_array(&r->stream_arena, t->nkinds, sizeof(struct frame *));
    r->tails = arena_array(&r->stream_arena, t->nkinds, sizeof(struct frame *));
    r->sums = arena_array(&r->stream_arena, t->nties + 1, sizeof(*r->sums));
    r->told = arena_array(&r->stream_arena, t->group ? t->nties + 1 : 1, sizeof(*r->told));
    r->memos = arena_array(&r->stream_arena, t->nmemos + 1u, sizeof(*r->memos));
    r->splits = arena_array(&r->stream_arena, t->nsplits + 1u, sizeof(*r->splits));
    r->answers = arena_array(&r->stream_arena, t->nanswers + 1u, 1);
    passed = arena_array(&r->stream_arena, PASSED_SLOTS, sizeof(*passed));
    if (!r->frames || !r->tails || !r->sums || !r->told || !r->memos || !r->splits || !r->answers || !passed)
        return GW_FATAL;
    conversion_init(&r->conversion, (struct converters *)&t->convert, &r->arena, &r->view.lookup, today, today);
    r->conversion.passed = passed;
    r->view.params = params_match(r, name, &r->view.nparams);
    r->date = date;
    for (size_t i = 0; !date.ptr && t->date_param.ptr && i < r->view.nparams; i++)
        if (str_eq(r->view.params[i].name, t->date_param))
            r->date = day_of(r->view.params[i].value);
    r->view.date = r->date.ptr ? r->date : today;
    r->conversion.date = r->conversion.call.date = r->view.date;
    return GW_OK;
}

void reading_close(struct reading *r)
{
    arena_done(&r->arena);
    arena_done(&r->stream_arena);
    arena_done(&r->context_arena);
}
