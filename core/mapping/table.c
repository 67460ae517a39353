/* SPDX-License-Identifier: EUPL-1.2 */
/* From a format's lines to its compiled table: scopes, lines, places, then what must not be. */
#include "mapping/compile.h"

#include "base/str.h"
#include "mapping/packed.h"

void table_fault(struct table *t, const struct line *line, const char *code, int cell, size_t column,
                 struct gw_str found)
{
    static const char *const cells[CELLS] = {"resource", "field", "path", "as", "use", "when", "note"};
    struct gw_arg args[] = {{"found", found}, {"cell", str_of(cells[cell])}};
    struct diag d = {
        .severity = GW_ERROR,
        .code = code,
        .file = line ? line->file : t->format->name,
        .line = line ? line->number : 0,
        .column = (uint32_t)column,
        .byte = UINT64_MAX,
        .rule = line ? line->where : (struct gw_str){NULL, 0},
        .value = found,
        .args = args,
        .nargs = 2,
    };

    t->faulty = true;
    if (t->convert.sink)
        t->convert.sink->put(t->convert.sink, &d);
}

static const struct profile *profile_find(const struct format *f, struct gw_str name)
{
    for (size_t i = 0; i < f->nprofiles; i++)
        if (name.ptr ? str_eq(f->profiles[i].name, name) : f->profiles[i].is_default)
            return &f->profiles[i];
    return NULL;
}

static enum gw_result steps_compile(struct table *t)
{
    struct paths paths = {0};
    struct fault fault;
    struct gw_str record = t->format->record;
    const struct path *path;

    if (!record.ptr || str_is(record, ".") || record.len == 0)
        return GW_OK;
    if (str_is(record, "[]")) {
        t->steps = arena_zero(t->arena, sizeof(*t->steps));
        t->nsteps = 1;
        if (t->steps)
            t->steps[0].many = 1;
        return t->steps ? GW_OK : GW_FATAL;
    }
    if (paths_parse(t->arena, record, &paths, &fault) != GW_OK || paths.count != 1) {
        table_fault(t, NULL, "format.record", CELL_PATH, 1, record);
        return GW_OK;
    }
    path = &paths.items[0];
    t->steps = arena_array(t->arena, path->nsteps + 1, sizeof(*t->steps));
    if (!t->steps)
        return GW_FATAL;
    for (t->nsteps = 0; t->nsteps < path->nsteps; t->nsteps++) {
        struct gw_str name = path->steps[t->nsteps].name;

        t->steps[t->nsteps] =
            (struct gw_step){names_add(t->names, name.ptr, name.len), path->steps[t->nsteps].many};
    }
    return GW_OK;
}

static bool place_required(const struct place *p)
{
    for (size_t i = 0; i < p->nwriters; i++)
        if ((p->writers[i]->use & USE_REQUIRED) && !p->writers[i]->when)
            return true;
    return false;
}

/* What a syntax of columns has: the places of the record's first level. */
static enum gw_result columns_compile(struct table *t)
{
    size_t n = 0;

    for (const struct place *p = t->places[FRAME_RECORD]->first; p; p = p->next)
        n++;
    t->columns = arena_array(t->arena, n + 1, sizeof(*t->columns));
    if (!t->columns)
        return GW_FATAL;
    for (const struct place *p = t->places[FRAME_RECORD]->first; p; p = p->next)
        if (p->leaf)
            t->columns[t->ncolumns++] = (struct gw_column){p->name, place_required(p)};
    return GW_OK;
}

/* A profile says its own columns and their order. */
static enum gw_result columns_of_profile(struct table *t)
{
    const struct profile *p = t->profile;

    if (!p || !p->ncolumns)
        return columns_compile(t);
    t->columns = arena_array(t->arena, p->ncolumns, sizeof(*t->columns));
    if (!t->columns)
        return GW_FATAL;
    for (size_t i = 0; i < p->ncolumns; i++) {
        struct gw_str rest, first = str_cut(p->columns[i], '/', &rest);
        uint16_t name = names_add(t->names, first.ptr, first.len);
        const struct place *place = edge_find(t, t->places[FRAME_RECORD], name);

        t->columns[t->ncolumns++] = (struct gw_column){name, place && place_required(place)};
    }
    return GW_OK;
}

/* The other names of columns, by which a file may call them. */
static enum gw_result aliases_compile(struct table *t)
{
    size_t n = 0;

    for (size_t i = 0; i < t->ncolumns; i++) {
        const struct place *p = edge_find(t, t->places[FRAME_RECORD], t->columns[i].name);

        n += p ? p->naliases : 0;
    }
    t->aliases = arena_array(t->arena, n + 1, sizeof(*t->aliases));
    if (!t->aliases)
        return GW_FATAL;
    for (size_t i = 0; i < t->ncolumns; i++) {
        const struct place *p = edge_find(t, t->places[FRAME_RECORD], t->columns[i].name);

        for (size_t k = 0; p && k < p->naliases; k++)
            t->aliases[t->naliases++] = (struct gw_alias){p->aliases[k], t->columns[i].name};
    }
    return GW_OK;
}

static void totals_find(struct table *t)
{
    for (size_t i = 0; i < t->nties; i++) {
        const struct tie *r = t->ties[i];

        if (r->form != FORM_COUNT && r->form != FORM_SUM)
            continue;
        t->totals = true;
        t->sums |= r->form == FORM_SUM;
        if (r->nplaces && r->up[0] == UP_CONTEXT && r->places[0]->rank < t->hole)
            t->totals_first = true;
    }
}

static enum gw_result ignored_mark(struct table *t)
{
    for (size_t i = 0; i < t->format->nignore; i++) {
        struct paths paths;
        struct fault fault = {0};
        struct place *p;

        if (paths_parse(t->arena, t->format->ignore[i], &paths, &fault) != GW_OK || !paths.count) {
            table_fault(t, NULL, "format.ignore", CELL_PATH, fault.column, t->format->ignore[i]);
            continue;
        }
        p = place_add(t, place_root(t, paths.items[0].base), &paths.items[0], 2e6, NULL, false);
        if (!p)
            return GW_FATAL;
        p->ignored = p->claimed = true;
    }
    return GW_OK;
}

static enum gw_result date_find(struct table *t)
{
    struct gw_str date = t->format->date;
    struct paths paths;
    struct fault fault = {0};

    if (!date.ptr)
        return GW_OK;
    if (str_begins(date, GW_STR("name."))) {
        t->date_param = str_from(date, 5);
        return GW_OK;
    }
    if (paths_parse(t->arena, date, &paths, &fault) != GW_OK || !paths.count) {
        table_fault(t, NULL, "format.date", CELL_PATH, fault.column, date);
        return GW_OK;
    }
    t->date = place_add(t, place_root(t, paths.items[0].base), &paths.items[0], 2e6, NULL, false);
    return t->date ? GW_OK : GW_FATAL;
}

/* What no line claims is kept and given back: a format without a `*` line gets one. */
static enum gw_result rest_add(struct table *t)
{
    struct line *l = arena_zero(t->arena, sizeof(*l));
    struct tie *r = arena_zero(t->arena, sizeof(*r));
    struct field *f;

    if (t->rest)
        return GW_OK;
    if (!l || !r)
        return GW_FATAL;
    f = shape_extend(t->model, t->root->shape, GW_STR("reste"), t->format->root_name, FIELD_TREE, false,
                     SENS_SENSITIVE);
    if (!f)
        return GW_FATAL;
    l->kind = LINE_FIELD;
    l->where = t->format->name;
    l->file = t->format->name;
    *r = (struct tie){.index = (uint32_t)t->format->lines.count,
                      .line = l,
                      .form = FORM_REST,
                      .scope = t->root,
                      .ntargets = 1,
                      .nplaces = 1,
                      .ref_slot = -1};
    r->targets[0] = (struct target){.slot = f->slot, .field = f, .shape = t->root->shape};
    r->places[0] = t->root->place;
    t->rest = r;
    return GW_OK;
}

static enum gw_result group_compile(struct table *t)
{
    struct paths paths;
    struct fault fault;

    if (!t->format->group.ptr)
        return GW_OK;
    if (paths_parse(t->arena, t->format->group, &paths, &fault) != GW_OK) {
        table_fault(t, NULL, "format.group", CELL_PATH, fault.column, t->format->group);
        return GW_OK;
    }
    t->group = place_add(t, place_root(t, BASE_CONTEXT), &paths.items[0], 2e6, NULL, false);
    t->group_by = arena_array(t->arena, t->format->ngroup_by + 1, sizeof(*t->group_by));
    t->group_scopes = arena_array(t->arena, t->format->ngroup_by + 1, sizeof(*t->group_scopes));
    if (!t->group || !t->group_by || !t->group_scopes)
        return GW_FATAL;
    for (size_t i = 0; i < t->format->ngroup_by; i++) {
        struct ref ref;

        if (ref_compile(t, t->root, t->format->group_by[i], &ref, &fault) != GW_OK || ref.kind != REF_FIELD) {
            table_fault(t, NULL, "format.group", CELL_PATH, 1, t->format->group_by[i]);
            continue;
        }
        t->group_scopes[t->ngroup_by] = ref.scope ? ref.scope : t->root;
        t->group_by[t->ngroup_by++] = ref.target;
    }
    return GW_OK;
}

enum gw_result table_compile(const struct format *f, const struct table_env *env, struct gw_str profile,
                             struct table **ret)
{
    static enum gw_result (*const parts[])(struct table *) = {
        scopes_compile, group_compile,      ties_compile,    ignored_mark,  date_find,   rest_add,
        places_finish,  columns_of_profile, aliases_compile, steps_compile, packed_make, table_check,
    };
    struct table *t = arena_zero(env->arena, sizeof(*t));
    enum gw_result result = t ? GW_OK : GW_FATAL;

    if (!t)
        return result;
    *t = (struct table){.arena = env->arena, .format = f, .model = env->model, .names = env->names};
    t->profile = profile_find(f, profile);
    t->convert = (struct converters){.arena = env->arena,
                                     .format = f,
                                     .model = env->model,
                                     .nomenclatures = env->nomenclatures,
                                     .sink = env->sink,
                                     .rule = env->rule,
                                     .rules = env->rules};
    if (profile.ptr && !t->profile)
        table_fault(t, NULL, "format.profile", CELL_NOTE, 0, profile);
    for (size_t i = 0; result == GW_OK && i < sizeof(parts) / sizeof(*parts); i++) {
        result = parts[i](t);
        if (!t->root)
            break;
    }
    if (result == GW_OK && !t->root)
        table_fault(t, NULL, "mapping.root", CELL_PATH, 1, f->name);
    if (result == GW_OK)
        totals_find(t);
    *ret = t;
    return result == GW_OK && t->faulty ? GW_FAIL : result;
}
