/* SPDX-License-Identifier: EUPL-1.2 */
/* What a table must not be, once it is compiled: said with the line, before a record is read. */
#include "base/str.h"
#include "mapping/compile.h"

/* Two lines that write one place need a `when`, a `try` or a `read` between them. */
static void written_twice(struct table *t, const struct place *p)
{
    for (size_t k = 0; k + 1 < p->nwriters; k++) {
        const struct tie *a = p->writers[k], *b = p->writers[k + 1];

        if (a->line->when || (a->use & USE_TRY) || a->form == FORM_CONST || a->form == FORM_NIL ||
            a->line == b->line)
            continue;
        if (b->line->when || (b->use & USE_TRY) || a->scope != b->scope)
            continue;
        table_fault(t, b->line, "mapping.twice", CELL_PATH, 1, b->line->cells[CELL_PATH]);
    }
}

static void through_tree(struct table *t, const struct place *p)
{
    for (const struct place *up = p->parent; up; up = up->parent)
        if (up->tree && p->nwriters)
            table_fault(t, p->writers[0]->line, "mapping.tree", CELL_PATH, 1,
                        p->writers[0]->line->cells[CELL_PATH]);
}

static void selector_known(struct table *t, const struct tie *tie)
{
    const struct field *field = tie->ntargets ? tie->targets[0].field : NULL; /* NULL: at fault, and said */
    const struct pivot_codes *codes = field ? field->codes : NULL;
    struct gw_str words = tie->word;

    while (tie->form == FORM_SELECT && codes && codes->codes && words.ptr) {
        struct gw_str word = str_cut(words, '|', &words);

        if (!codes_has(codes, word))
            table_fault(t, tie->line, "mapping.selector", CELL_AS, 1, word);
    }
}

/* `find` and `words` cannot give back what was there: not on a line that must be written. */
static void one_way_required(struct table *t, const struct tie *tie)
{
    const struct chain *chain = &tie->line->chain;

    if (!(tie->use & USE_REQUIRED) || (tie->use & USE_READ))
        return;
    for (size_t i = 0; i < chain->count; i++)
        if (str_is(chain->items[i].name, "find") || str_is(chain->items[i].name, "words"))
            table_fault(t, tie->line, "mapping.one_way", CELL_AS, chain->items[i].column, chain->items[i].name);
}

static bool takes_paths(const struct tie *tie)
{
    return tie->form == FORM_JOIN || tie->form == FORM_WORDS || tie->form == FORM_RULE;
}

static bool takes_fields(const struct tie *tie)
{
    return tie->form == FORM_SPLIT || tie->form == FORM_WORDS || tie->form == FORM_RULE;
}

/* What would have nowhere to go, or come from nowhere. */
static void counts_fit(struct table *t, const struct tie *tie)
{
    const struct line *l = tie->line;
    bool needs_field =
        tie->form == FORM_JOIN || tie->form == FORM_WORDS || tie->form == FORM_LIST || tie->form == FORM_MEMBER;

    if (l->paths.count > 1 && !takes_paths(tie))
        table_fault(t, l, "mapping.parts", CELL_PATH, 1, l->cells[CELL_PATH]);
    if (l->fields.count > 1 && !takes_fields(tie))
        table_fault(t, l, "mapping.parts", CELL_FIELD, 1, l->cells[CELL_FIELD]);
    if (!l->fields.count && needs_field)
        table_fault(t, l, "mapping.parts", CELL_AS, 1, l->cells[CELL_AS]);
    for (size_t k = 0; k < tie->ntargets; k++) /* a field of each item, and one text */
        if (tie->targets[k].each && tie->form != FORM_LIST)
            table_fault(t, l, "mapping.each", CELL_FIELD, 1, l->cells[CELL_FIELD]);
}

static bool refers(const struct table *t, const struct scope *from, const struct scope *to)
{
    for (size_t k = 0; k < t->nrefs; k++) {
        const struct tie *tie = t->refs[k];
        const struct scope *owner = tie->scope->list ? tie->scope->holder : tie->scope;

        if ((tie->scope == from && tie->ref_scope == to) || (tie->scope == to && tie->ref_scope == from) ||
            (owner == from && tie->ref_scope == to) || (owner == to && tie->ref_scope == from))
            return true;
    }
    return false;
}

/* Writing must find a scope's resource: by a reference to or from another scope, or by a predicate. */
static void scope_tied(struct table *t, const struct scope *s)
{
    if (s == t->root || s->stream || s->list || s->chosen || s->line->in.ptr)
        return;
    for (uint16_t i = 0; i < t->nscopes; i++)
        if (t->scopes[i] != s && refers(t, s, t->scopes[i]))
            return;
    table_fault(t, s->line, "mapping.loose", CELL_RESOURCE, 1, s->key);
}

static void list_repeats(struct table *t, const struct scope *s)
{
    if (s->list && !s->many && s->line->paths.items[0].nsteps)
        table_fault(t, s->line, "mapping.list_step", CELL_PATH, 1, s->line->cells[CELL_PATH]);
}

static void warn(struct table *t, const struct line *line, const char *code, struct gw_str found)
{
    bool before = t->faulty;
    struct gw_arg args[] = {{"found", found}};
    struct diag d = {.severity = GW_WARNING,
                     .code = code,
                     .file = line->file,
                     .line = line->number,
                     .column = 1,
                     .byte = UINT64_MAX,
                     .rule = line->where,
                     .value = found,
                     .args = args,
                     .nargs = 1};

    if (t->convert.sink)
        t->convert.sink->put(t->convert.sink, &d);
    t->faulty = before;
}

/* A path relative to its scope that says the scope's own last step again is most often a slip. */
static void own_step_again(struct table *t, const struct tie *tie)
{
    const struct path *path = tie->line->paths.count ? &tie->line->paths.items[0] : NULL;
    const struct path *own;

    if (!path || path->base != BASE_HERE || path->nsteps < 2 || !tie->scope || !tie->scope->line)
        return;
    own = &tie->scope->line->paths.items[0];
    if (own->nsteps && str_eq(own->steps[own->nsteps - 1].name, path->steps[0].name))
        warn(t, tie->line, "mapping.own_step", path->steps[0].name);
}

enum gw_result table_check(struct table *t)
{
    for (uint16_t i = FRAMES_FIXED; i < t->nplaces; i++) {
        written_twice(t, t->places[i]);
        through_tree(t, t->places[i]);
    }
    for (size_t k = 0; k < t->nties; k++) {
        selector_known(t, t->ties[k]);
        one_way_required(t, t->ties[k]);
        counts_fit(t, t->ties[k]);
        own_step_again(t, t->ties[k]);
    }
    for (uint16_t i = 0; i < t->nscopes; i++) {
        scope_tied(t, t->scopes[i]);
        if (t->scopes[i]->line)
            list_repeats(t, t->scopes[i]);
    }
    whens_check(t);
    return GW_OK;
}
