/* SPDX-License-Identifier: EUPL-1.2 */
/* Compiling field lines: what each reads and writes, and in which form. */
#include <stdlib.h>

#include "base/str.h"
#include "mapping/compile.h"

struct form_word {
    const char *name;
    enum form form;
    uint8_t kind; /* of gw_kind, written in a typed syntax */
};

static const struct form_word form_words[] = {
    {"join", FORM_JOIN, GW_TEXT},     {"words", FORM_WORDS, GW_TEXT}, {"list", FORM_LIST, GW_TEXT},
    {"member", FORM_MEMBER, GW_TRUE}, {"const", FORM_CONST, GW_TEXT}, {"nil", FORM_NIL, GW_NULL},
    {"test", FORM_TEST, GW_TRUE},     {"line", FORM_LINE, GW_NUMBER}, {"count", FORM_COUNT, GW_NUMBER},
    {"sum", FORM_SUM, GW_NUMBER},     {"now", FORM_NOW, GW_TEXT},     {"tree", FORM_TREE, GW_TEXT},
    {"rest", FORM_REST, GW_TEXT},     {"ref", FORM_REF, GW_TEXT},
};

static const struct form_word *form_word(const struct chain *chain)
{
    for (size_t i = 0; chain->count && i < sizeof(form_words) / sizeof(*form_words); i++)
        if (str_is(chain->items[0].name, form_words[i].name))
            return &form_words[i];
    return NULL;
}

static size_t split_at(const struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        if (str_is(chain->items[i].name, "split"))
            return i;
    return SIZE_MAX;
}

static void fault_as(struct table *t, struct tie *r, const struct fault *fault)
{
    table_fault(t, r->line, fault->code ? fault->code : "mapping.converter", CELL_AS, fault->column,
                fault->found);
}

/* ---- places ---- */

static struct place *tie_from(struct table *t, const struct tie *r, const struct path *path)
{
    if (path->base != BASE_HERE)
        return place_root(t, path->base);
    if (!r->scope)
        return place_root(t, BASE_RECORD);
    return r->scope->place;
}

/* How many frames up from the scope's the place's frame is; -1: it is not above. */
static int frames_up(const struct table *t, const struct scope *scope, const struct frame_kind *kind)
{
    const struct frame_kind *k = scope ? scope->frame : t->kinds[FRAME_RECORD];
    int up = 0;

    if (kind->id == FRAME_CONTEXT)
        return UP_CONTEXT;
    if (k->id == FRAME_CONTEXT)
        k = t->kinds[FRAME_RECORD];
    for (; k; k = k->parent, up++)
        if (k == kind)
            return up;
    return -1;
}

static void optional_add(struct tie *r, struct place *p, const struct frame_kind *kind)
{
    for (; p && p != kind->place; p = p->parent)
        if (p->optional && r->noptional < sizeof(r->optional) / sizeof(*r->optional))
            r->optional[r->noptional++] = p;
}

static void place_set(struct table *t, struct tie *r, size_t i, struct place *p)
{
    const struct frame_kind *kind = p->opens ? p->opens : p->frame;
    int up = frames_up(t, r->scope, kind);

    if (up < 0) {
        table_fault(t, r->line, "mapping.path", CELL_PATH, 1, r->line->cells[CELL_PATH]);
        up = 0;
    }
    r->places[i] = p;
    r->cells[i] = kind->place == p ? 0 : p->cell;
    r->up[i] = (uint8_t)up;
    p->leaf |= r->form != FORM_TREE && r->form != FORM_REST;
    p->tree |= r->form == FORM_TREE && p->parent && kind->place != p;
    p->claimed = true;
    p->late |= r->line->when && !profile_settles(t, r->line->when) && !(r->use & USE_WRITE);
    r->repeats |= r->form == FORM_LIST && p->many && !p->opens;
    p->items |= r->repeats;
    if (i == 0)
        optional_add(r, p, kind);
}

/* A part of the file's name: known when the stream opens, and nowhere in the record. */
static void param_set(struct table *t, struct tie *r, const struct path *path)
{
    const struct line *l = r->line;
    struct ref ref;
    struct fault fault;

    r->param = path->param;
    if (ref_compile(t, r->scope, path->text, &ref, &fault) != GW_OK)
        table_fault(t, l, fault.code, CELL_PATH, 1, path->text);
    else if (l->paths.count > 1 || (r->form != FORM_VALUE && r->form != FORM_SPLIT))
        table_fault(t, l, "mapping.name_alone", CELL_PATH, 1, path->text);
}

static enum gw_result tie_places(struct table *t, struct tie *r)
{
    const struct line *l = r->line;

    if (l->paths.count > RULE_PARTS) {
        table_fault(t, l, "mapping.path", CELL_PATH, 1, l->cells[CELL_PATH]);
        return GW_OK;
    }
    for (size_t i = 0; i < l->paths.count; i++) {
        const struct path *path = &l->paths.items[i];
        struct place *p;

        if (path->base == BASE_NAME) {
            param_set(t, r, path);
            continue;
        }
        if (path->all) {
            p = tie_from(t, r, path);
            p->rest = true;
            t->rest = r;
        } else {
            p = place_add(t, tie_from(t, r, path), path, r->index, &r->gates, false);
        }
        if (!p)
            return GW_FATAL;
        place_set(t, r, r->nplaces++, p);
    }
    return GW_OK;
}

/* ---- fields ---- */

static enum field_type ext_type(const struct tie *r, bool *ret_list)
{
    static const struct {
        const char *name;
        enum field_type type;
    } types[] = {{"date", FIELD_DATE},   {"datetime", FIELD_DATETIME}, {"month", FIELD_MONTH},
                 {"time", FIELD_TIME},   {"bool", FIELD_BOOLEAN},      {"decimal", FIELD_DECIMAL},
                 {"int", FIELD_INTEGER}, {"tree", FIELD_TREE},         {"rest", FIELD_TREE}};
    const struct chain *chain = &r->line->chain;

    *ret_list = r->form == FORM_LIST || r->form == FORM_MEMBER;
    for (size_t i = chain->count; i-- > 0;)
        for (size_t k = 0; k < sizeof(types) / sizeof(*types); k++)
            if (str_is(chain->items[i].name, types[k].name))
                return types[k].type;
    return FIELD_TEXT;
}

static void tie_targets(struct table *t, struct tie *r, size_t from)
{
    const struct line *l = r->line;
    bool list;
    enum field_type type = ext_type(r, &list);

    if (l->fields.count > RULE_PARTS) {
        table_fault(t, l, "mapping.field", CELL_FIELD, 1, l->cells[CELL_FIELD]);
        return;
    }
    for (size_t i = 0; i < l->fields.count; i++) {
        if (!target_compile(t, r->scope->shape, &l->fields.items[i], from, type, list, &r->targets[i]))
            table_fault(t, l, "mapping.field", CELL_FIELD, 1, l->fields.items[i].text);
        else
            r->ntargets = i + 1;
    }
}

/* ---- converters ---- */

struct resolver {
    struct table *table;
    struct scope *scope;
};

static const void *resolve_ref(void *resolver, struct gw_str text, struct fault *fault)
{
    struct resolver *r = resolver;
    struct ref *ref = arena_zero(r->table->arena, sizeof(*ref));

    return ref && ref_compile(r->table, r->scope, text, ref, fault) == GW_OK ? ref : NULL;
}

static const void *resolve_cond(void *resolver, struct gw_str text, struct fault *fault)
{
    struct resolver *r = resolver;
    struct condition *c;
    struct cond *cond;

    if (cond_parse(r->table->arena, text, &cond, fault) != GW_OK)
        return NULL;
    return condition_compile(r->table, r->scope, cond, &c, fault) == GW_OK ? c : NULL;
}

static enum gw_result compile_chain(struct table *t, struct tie *r, const struct chain *chain, size_t from,
                                    struct convs *ret)
{
    struct fault fault = {0};
    enum gw_result result = convs_compile(&t->convert, chain, from, ret, &fault);

    if (result == GW_FAIL) {
        fault_as(t, r, &fault);
        return GW_OK;
    }
    return result;
}

static enum gw_result tie_templates(struct table *t, struct tie *r, const struct conv_call *call, size_t want)
{
    struct fault fault = {0};

    r->templates = arena_array(t->arena, call->npatterns, sizeof(*r->templates));
    if (!r->templates)
        return GW_FATAL;
    for (size_t i = 0; i < call->npatterns; i++) {
        enum gw_result result = template_compile(&t->convert, &call->patterns[i], &r->templates[i], &fault);

        if (result == GW_FAIL)
            fault_as(t, r, &fault);
        else if (result != GW_OK)
            return result;
        if (call->patterns[i].holes != want)
            table_fault(t, r->line, "mapping.parts", CELL_AS, call->column, call->raw);
    }
    r->ntemplates = call->npatterns;
    r->loss = (uint8_t)template_loss(&r->templates[0]);
    return GW_OK;
}

static enum gw_result compile_split(struct table *t, struct tie *r, size_t at)
{
    struct chain before = r->line->chain;
    enum gw_result result;

    before.count = at;
    result = compile_chain(t, r, &before, 0, &r->before);
    return result == GW_OK ? tie_templates(t, r, &r->line->chain.items[at], r->ntargets) : result;
}

static void compile_ref(struct table *t, struct tie *r, const struct conv_call *call)
{
    struct gw_str key = call->nargs ? call->args[0] : (struct gw_str){NULL, 0}, field = {NULL, 0};
    const struct field *f;

    r->ref_slot = -1;
    r->ref_scope = scope_find(t, key);
    for (size_t i = key.len; !r->ref_scope && i-- > 0;)
        if (key.ptr[i] == '.') {
            r->ref_scope = scope_find(t, (struct gw_str){key.ptr, i});
            field = str_from(key, i + 1);
        }
    f = r->ref_scope && field.ptr ? shape_field(r->ref_scope->shape, field, (struct gw_str){NULL, 0}) : NULL;
    if (!r->ref_scope || (field.ptr && !f) || (r->nplaces && !f))
        table_fault(t, r->line, "mapping.scope", CELL_AS, call->column, key);
    else if (f)
        r->ref_slot = f->slot;
}

static void compile_sum(struct table *t, struct tie *r, const struct conv_call *call)
{
    struct ref ref;
    struct fault fault;

    if (!call->nargs || ref_compile(t, r->scope, call->args[0], &ref, &fault) != GW_OK ||
        ref.kind != REF_FIELD) {
        table_fault(t, r->line, "mapping.argument", CELL_AS, call->column, call->raw);
        return;
    }
    r->ref_scope = ref.scope ? ref.scope : r->scope;
    r->sum = ref.target;
}

static void compile_width(struct tie *r, const struct conv_call *call)
{
    size_t i = r->form == FORM_SUM ? 1 : 0;
    uint64_t n = 0;

    if (call->nargs > i && str_number(call->args[i], &n) && n < 64)
        r->width = (uint32_t)n;
    if (r->form == FORM_COUNT && call->nargs > 1 && str_number(call->args[1], &n) && n < 64)
        r->plus = (uint32_t)n;
}

static enum gw_result compile_test(struct table *t, struct tie *r, const struct conv_call *call)
{
    struct cond *cond;
    struct fault fault = {0};
    struct scope *at = r->scope ? r->scope : t->root;
    enum gw_result result = cond_parse(t->arena, call->raw, &cond, &fault);

    if (result == GW_OK)
        result = condition_compile(t, at, cond, &r->test, &fault);
    if (result == GW_FAIL) {
        fault_as(t, r, &fault);
        result = GW_OK;
    }
    return result;
}

/* Booleans of the language are booleans of the syntax. */
static uint8_t const_kind(struct gw_str word)
{
    return str_is(word, "true") ? GW_TRUE : str_is(word, "false") ? GW_FALSE : GW_TEXT;
}

static void compile_word(struct tie *r, const struct conv_call *call)
{
    struct gw_str rest;

    r->word = call->nargs ? call->args[0] : GW_STR("");
    if (r->form == FORM_MEMBER && r->word.len && r->word.ptr[0] == '!') {
        r->negated = true;
        r->word = str_from(r->word, 1);
    }
    if (r->form == FORM_CONST)
        r->kind = const_kind(str_cut(r->word, '|', &rest));
}

static enum gw_result compile_rule_call(struct table *t, struct tie *r)
{
    const struct conv_call *call = &r->line->chain.items[0];
    struct fault fault = {0};
    enum gw_result result = rule_compile(&t->convert, call, &r->rule, &fault);

    if (result == GW_FAIL)
        fault_as(t, r, &fault);
    else if (result == GW_OK && (r->rule.rule->natives != r->nplaces || r->rule.rule->fields != r->ntargets))
        table_fault(t, r->line, "mapping.parts", CELL_AS, call->column, call->name);
    return result == GW_FAIL ? GW_OK : result;
}

static bool is_rule_call(const struct table *t, const struct chain *chain)
{
    const struct gw_converter *c;

    if (chain->count != 1)
        return false;
    if (str_is(chain->items[0].name, "fn"))
        return true;
    c = t->convert.rule ? t->convert.rule(t->convert.rules, chain->items[0].name) : NULL;
    return c && (c->natives > 1 || c->fields > 1);
}

static void choose_form(const struct table *t, struct tie *r)
{
    const struct chain *chain = &r->line->chain;
    const struct form_word *word = form_word(chain);

    r->kind = GW_TEXT;
    if (word) {
        r->form = word->form;
        r->kind = word->kind;
    } else if (split_at(chain) != SIZE_MAX) {
        r->form = FORM_SPLIT;
    } else if (is_rule_call(t, chain)) {
        r->form = FORM_RULE;
    } else {
        r->form = FORM_VALUE;
    }
    if (r->form == FORM_CONST && !r->line->paths.count)
        r->form = FORM_SELECT;
}

static enum gw_result compile_value(struct table *t, struct tie *r)
{
    struct chain chain = r->line->chain;
    enum gw_result result;

    if (chain.count && str_is(chain.items[chain.count - 1].name, "sequence") &&
        chain.items[chain.count - 1].npatterns)
        r->sequence = chain.items[--chain.count].patterns;
    if (!chain.count && r->ntargets)
        result = convs_default(&t->convert, r->targets[0].field, &r->convs);
    else
        result = compile_chain(t, r, &chain, 0, &r->convs);
    r->kind = (uint8_t)convs_kind(&r->convs);
    r->loss = (uint8_t)convs_loss(&r->convs);
    return result;
}

static enum gw_result compile_form(struct table *t, struct tie *r)
{
    const struct chain *chain = &r->line->chain;
    const struct conv_call *call = chain->items;
    enum gw_result result;

    switch ((enum form)r->form) {
    case FORM_VALUE:
        return compile_value(t, r);
    case FORM_JOIN:
        result = tie_templates(t, r, call, r->line->paths.count);
        return result == GW_OK ? compile_chain(t, r, chain, 1, &r->convs) : result;
    case FORM_SPLIT:
        return compile_split(t, r, split_at(chain));
    case FORM_RULE:
        r->loss = GW_LOSSY;
        return compile_rule_call(t, r);
    case FORM_WORDS:
        r->loss = r->line->fields.count > 1 ? GW_LOSSY : GW_NORMALISES;
        return compile_chain(t, r, chain, 1, &r->convs);
    case FORM_LIST:
        compile_word(r, call);
        result = compile_chain(t, r, chain, 1, &r->convs);
        r->loss = (uint8_t)convs_loss(&r->convs);
        if (r->repeats)
            r->kind = (uint8_t)convs_kind(&r->convs);
        return result;
    case FORM_TEST:
        return compile_test(t, r, call);
    case FORM_SUM:
        compile_sum(t, r, call);
        compile_width(r, call);
        return GW_OK;
    case FORM_COUNT:
    case FORM_LINE:
        compile_width(r, call);
        return GW_OK;
    case FORM_REF:
        compile_ref(t, r, call);
        return GW_OK;
    case FORM_NOW:
        r->loss = GW_ONE_WAY;
        return compile_chain(t, r, chain, 0, &r->convs);
    case FORM_CONST:
    case FORM_SELECT:
    case FORM_MEMBER:
        compile_word(r, call);
        return GW_OK;
    case FORM_NIL:
    case FORM_TREE:
    case FORM_REST:
        return GW_OK;
    }
    return GW_OK;
}

/* A count with a width is text with zeros before it. */
static void fix_kind(struct tie *r)
{
    if ((r->form == FORM_COUNT || r->form == FORM_SUM) && r->width)
        r->kind = GW_TEXT;
    r->hard = r->form != FORM_CONST && r->form != FORM_NIL && r->form != FORM_TEST && r->form != FORM_LINE &&
              r->form != FORM_COUNT && r->form != FORM_SUM;
}

enum gw_result tie_compile(struct table *t, struct tie *r)
{
    const struct line *l = r->line;
    struct resolver resolver;
    struct fault fault = {0};
    size_t parts = 0;
    enum gw_result result;

    if (l->cells[CELL_RESOURCE].len) {
        r->scope = scope_of_line(t, l, &parts);
        if (!r->scope) {
            table_fault(t, l, "mapping.scope", CELL_RESOURCE, 1, l->cells[CELL_RESOURCE]);
            return GW_OK;
        }
    }
    choose_form(t, r);
    result = tie_places(t, r);
    if (result == GW_OK && r->scope && l->fields.count)
        tie_targets(t, r, parts);
    if (result != GW_OK || (l->fields.count && r->ntargets != l->fields.count))
        return result;
    resolver = (struct resolver){t, r->scope ? r->scope : t->root};
    t->convert.resolver = &resolver;
    t->convert.resolve_ref = resolve_ref;
    t->convert.resolve_cond = resolve_cond;
    result = compile_form(t, r);
    fix_kind(r);
    if (result == GW_OK && l->when && !profile_settles(t, l->when)) {
        result = condition_compile(t, resolver.scope, l->when, &r->when, &fault);
        if (result == GW_FAIL) {
            table_fault(t, l, fault.code, CELL_WHEN, fault.column, fault.found);
            result = GW_OK;
        }
    }
    t->convert.resolver = NULL; /* it ends here: a list that is loaded later has no line to look from */
    t->convert.resolve_ref = NULL;
    t->convert.resolve_cond = NULL;
    return result;
}
