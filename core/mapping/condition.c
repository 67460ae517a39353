/* SPDX-License-Identifier: EUPL-1.2 */
/* References and conditions: compiled against a scope, asked of a view. */
#include "base/str.h"
#include "mapping/frame.h"
#include "schema/canon.h"

static const struct gw_str yes = GW_STR_INIT("true");
static const struct gw_str nothing = {NULL, 0};

/* A field of the line's own object, or of one that holds it. */
static bool own_field(struct table *t, struct scope *at, const struct field_ref *field, struct ref *ret)
{
    for (uint8_t climb = 0; at; climb++, at = at->list ? at->parent : NULL)
        if (target_compile(t, at->shape, field, 0, FIELD_TEXT, false, &ret->target)) {
            ret->kind = REF_FIELD;
            ret->climb = climb;
            return true;
        }
    return false;
}

/* "type:label.field": the longest beginning that is a scope. */
static bool scope_field(struct table *t, struct gw_str text, struct ref *ret, struct gw_str *ret_field)
{
    for (size_t i = text.len; i > 0; i--) {
        struct scope *s;

        if (i < text.len && text.ptr[i] != '.')
            continue;
        s = scope_find(t, (struct gw_str){text.ptr, i});
        if (s) {
            ret->scope = s;
            *ret_field = i < text.len ? str_from(text, i + 1) : nothing;
            return true;
        }
    }
    return false;
}

/* $name.x of the file's name, a key of `context`, or one that every stream has. */
static bool param_known(const struct format *f, struct gw_str name)
{
    static const char *const words[] = {"date", "profile", "flow", "partner"};
    const struct gw_str mark = GW_STR("name.");

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (str_is(name, words[i]))
            return true;
    for (size_t i = 0; i < f->context.count; i++)
        if (str_eq(f->context.items[i].name, name))
            return true;
    for (size_t i = 0; str_begins(name, mark) && i < f->name_pattern.count; i++)
        if (f->name_pattern.pieces[i].kind == PIECE_HOLE &&
            str_eq(f->name_pattern.pieces[i].text, str_from(name, mark.len)))
            return true;
    return false;
}

enum gw_result ref_compile(struct table *t, struct scope *at, struct gw_str text, struct ref *ret,
                           struct fault *fault)
{
    struct field_refs fields;
    struct gw_str rest;

    *ret = (struct ref){0};
    *fault = (struct fault){"mapping.reference", 1, text};
    if (text.len && text.ptr[0] == '$') {
        ret->kind = REF_PARAM;
        ret->param = str_from(text, 1);
        fault->code = "mapping.parameter";
        return param_known(t->format, ret->param) ? GW_OK : GW_FAIL;
    }
    if (scope_field(t, text, ret, &rest)) {
        ret->kind = REF_SCOPE;
        if (!rest.ptr)
            return GW_OK;
        ret->kind = REF_FIELD;
        if (fields_parse(t->arena, rest, &fields, fault) != GW_OK)
            return GW_FAIL;
        return target_compile(t, ret->scope->shape, &fields.items[0], 0, FIELD_TEXT, false, &ret->target)
                   ? GW_OK
                   : GW_FAIL;
    }
    if (fields_parse(t->arena, text, &fields, fault) != GW_OK)
        return GW_FAIL;
    *fault = (struct fault){"mapping.reference", 1, text};
    return own_field(t, at, &fields.items[0], ret) ? GW_OK : GW_FAIL;
}

static const struct cond *let_of(const struct table *t, struct gw_str name)
{
    for (size_t i = 0; i < t->format->lines.count; i++) {
        const struct line *l = &t->format->lines.items[i];

        if (l->kind == LINE_LET && str_eq(l->cells[CELL_FIELD], name))
            return l->when;
    }
    return NULL;
}

/* `column`: of the `let` it comes from, in the line's cell; 0: it stands there itself. */
static enum gw_result compile(struct table *t, struct scope *at, const struct cond *cond, size_t column,
                              struct condition **ret, struct fault *fault, unsigned depth)
{
    struct condition *c = arena_zero(t->arena, sizeof(*c)), **tail;
    size_t from = column ? column : cond->column;

    if (!c)
        return GW_FATAL;
    *ret = c;
    if (depth > 32) {
        *fault = (struct fault){"mapping.cycle", from, cond->ref};
        return GW_FAIL;
    }
    *c = (struct condition){.kind = cond->kind,
                            .op = cond->op,
                            .values = cond->values,
                            .nvalues = cond->nvalues,
                            .text = cond->ref,
                            .column = from};
    if (cond->kind == COND_LET) {
        const struct cond *let = let_of(t, cond->ref);

        *fault = (struct fault){"mapping.let", from, cond->ref};
        return let ? compile(t, at, let, from, ret, fault, depth + 1) : GW_FAIL;
    }
    if (cond->kind == COND_TEST) {
        enum gw_result result = ref_compile(t, at, cond->ref, &c->ref, fault);

        fault->column = column ? column : cond->column + fault->column - 1;
        return result;
    }
    tail = &c->kids;
    for (const struct cond *kid = cond->kids; kid; kid = kid->next) {
        enum gw_result result = compile(t, at, kid, column, tail, fault, depth + 1);

        if (result != GW_OK)
            return result;
        tail = &(*tail)->next;
    }
    return GW_OK;
}

enum gw_result condition_compile(struct table *t, struct scope *at, const struct cond *cond,
                                 struct condition **ret, struct fault *fault)
{
    enum gw_result result = compile(t, at, cond, 0, ret, fault, 0);

    return result == GW_OK && !questions_make(t->arena, *ret) ? GW_FATAL : result;
}

/* ---- asking ---- */

static struct gw_str param_get(const struct view *v, struct gw_str name)
{
    if (str_is(name, "date"))
        return v->date;
    if (str_is(name, "profile"))
        return v->table->profile ? v->table->profile->name : nothing;
    if (str_begins(name, GW_STR("name.")))
        name = str_from(name, 5);
    for (size_t i = 0; i < v->nparams; i++)
        if (str_eq(v->params[i].name, name))
            return v->params[i].value;
    return nothing;
}

const struct value *ref_value(const struct view *v, const struct ref *ref)
{
    const struct instance *i = ref->scope ? instance_find(v, ref->scope) : v->at;

    for (uint8_t n = ref->climb; i && n; n--)
        i = i->parent;
    return i && i->object ? target_value(i->object, &ref->target) : NULL;
}

/* A list or a group that is there reads as "true". */
struct gw_str ref_get(const struct view *v, const struct ref *ref)
{
    const struct value *value;
    const struct instance *i;

    switch (ref->kind) {
    case REF_PARAM:
        return param_get(v, ref->param);
    case REF_SCOPE:
        i = instance_find(v, ref->scope);
        return i && i->object && (i->live || i->scope->chosen) ? yes : nothing;
    case REF_FIELD:
        break;
    }
    value = ref_value(v, ref);
    if (!value)
        return nothing;
    if (ref->target.field->list || ref->target.field->type == FIELD_ITEMS)
        return value->list->count ? yes : nothing;
    if (ref->target.field->type == FIELD_REF || ref->target.field->type == FIELD_TREE)
        return yes;
    return (struct gw_str){value->text, value->len};
}

static struct gw_str lookup_get(struct lookup *l, const void *ref)
{
    return ref_get((const struct view *)l, ref);
}

static bool lookup_holds(struct lookup *l, const void *condition)
{
    return condition_holds((const struct view *)l, condition);
}

void view_init(struct view *v, const struct table *t)
{
    *v = (struct view){.lookup = {.get = lookup_get, .holds = lookup_holds}, .table = t};
}
