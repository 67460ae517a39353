/* SPDX-License-Identifier: EUPL-1.2 */
/* One line, one instance, native to pivot: each form of line is a function here. */
#include "mapping/read_line.h"
#include "base/str.h"

static const struct gw_str absent = {NULL, 0};

struct gw_str line_text(const struct reading *r, const struct gw_node *n)
{
    const struct format *f = r->table->format;
    struct gw_str text;

    if (!n || n->kind == GW_NULL || (n->kind >= GW_LIST && !n->text))
        return absent;
    text = (struct gw_str){n->text, n->len};
    if (f->trim || str_trim(text).len == 0)
        text = str_trim(text);
    if (text.len == 0)
        return absent;
    for (size_t i = 0; i < f->nnothing; i++)
        if (str_eq(text, f->nothing[i]))
            return absent;
    return text;
}

/* What a converter said, at the line's place. */
static void said(struct reading *r, const struct tie *tie, size_t n, const struct gw_node *node,
                 enum gw_severity severity)
{
    struct conversion *c = &r->conversion;

    read_report(r, severity, c->code ? c->code : "mapping.convert", tie,
                n < tie->nplaces ? tie->places[n] : NULL, node, c->args, c->nargs);
}

static enum gw_result failed(struct reading *r, const struct tie *tie, size_t n, struct gw_node *node)
{
    bool required = tie->use & USE_REQUIRED;

    if (tie->use & USE_TRY)
        return GW_OK;
    said(r, tie, n, node, required ? GW_ERROR : GW_WARNING);
    if (!required && node && !r->envelope_only)
        set_aside_at(r, tie, n, node);
    if (node)
        node->flags |= NODE_TAKEN;
    return GW_OK;
}

static void fresh(struct conversion *c)
{
    c->code = NULL;
    c->nargs = 0;
    c->warned = false;
}

static void warned(struct reading *r, const struct tie *tie, size_t n, const struct gw_node *node)
{
    if (r->conversion.warned && r->conversion.code)
        said(r, tie, n, node, r->conversion.severity);
}

static bool optional_missing(const struct reading *r, const struct tie *tie, const struct instance *i)
{
    for (size_t k = 0; k < tie->noptional; k++) {
        const struct place *p = tie->optional[k];
        const struct frame *f = p->frame->id == FRAME_CONTEXT ? r->context : i->frame;

        if (f->kind->id == FRAME_CONTEXT && p->frame->id != FRAME_CONTEXT)
            f = r->view.record;
        while (f && f->kind != p->frame)
            f = f->parent;
        if (!f || !f->cells[p->cell])
            return true;
    }
    return false;
}

/* No text at the line's place. */
enum gw_result line_missing(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct gw_arg args[] = {{"path", tie->places[0]->path}};

    if (!(tie->use & USE_REQUIRED) || (tie->use & (USE_NULL | USE_OPTIONAL)) || optional_missing(r, tie, i))
        return GW_OK;
    if (tie->when && !condition_holds(&r->view, tie->when))
        return GW_OK;
    read_report(r, GW_ERROR, "mapping.missing", tie, tie->places[0], i->frame->cells[0], args, 1);
    return GW_OK;
}

/* ---- setting fields ---- */

struct before {
    struct value value;
    bool had;
};

static void remember(const struct object *o, const struct target *t, struct before *ret)
{
    const struct value *v = target_value(o, t);

    ret->had = v != NULL;
    if (v)
        ret->value = *v;
}

static void restore(struct reading *r, struct object *o, const struct target *t, const struct before *b)
{
    if (b->had)
        *target_make(&r->arena, o, t) = b->value;
    else
        target_clear(o, t);
}

enum gw_result line_put(struct reading *r, const struct tie *tie, size_t k, struct instance *i,
                        struct gw_str text, const struct gw_node *node)
{
    struct value *v;

    if (!text.ptr)
        return GW_OK;
    v = target_make(&r->arena, i->object, &tie->targets[k]);
    if (!v)
        return GW_FATAL;
    *v = (struct value){.text = text.ptr, .at = node, .len = (uint32_t)text.len, .line = tie->index};
    return GW_OK;
}

/* The frame of a line's place, of the instance at hand; NULL in the context. */
static struct frame *frame_at(const struct reading *r, const struct tie *tie)
{
    struct frame *f = r->view.at->frame;

    if (!tie->nplaces || tie->up[0] == UP_CONTEXT)
        return NULL;
    if (f->kind->id == FRAME_CONTEXT)
        f = r->view.record;
    for (uint8_t up = tie->up[0]; up; up--)
        f = f->parent;
    return f;
}

void line_pend(struct reading *r, const struct tie *tie, struct gw_node *node, const char *code)
{
    struct pending *p = node ? arena_alloc(&r->arena, sizeof(*p)) : NULL;

    if (!p)
        return;
    *p = (struct pending){r->pendings, tie, tie->nplaces ? tie->places[0] : NULL, frame_at(r, tie), node, code};
    r->pendings = p;
}

/* The line is an invariant: when it does not hold, what was set is undone. */
static enum gw_result settle(struct reading *r, const struct tie *tie, struct instance *i, struct gw_node *node,
                             const struct gw_str *values, size_t n)
{
    struct before before[RULE_PARTS];
    enum gw_result result = GW_OK;
    bool any = false;

    for (size_t k = 0; k < n; k++)
        any |= values[k].ptr != NULL;
    if (!any)
        return GW_OK;
    for (size_t k = 0; tie->when && k < n; k++)
        remember(i->object, &tie->targets[k], &before[k]);
    for (size_t k = 0; result == GW_OK && k < n; k++)
        result = line_put(r, tie, k, i, values[k], node);
    if (result != GW_OK)
        return result;
    if (tie->when && !condition_holds(&r->view, tie->when)) {
        for (size_t k = 0; k < n; k++)
            restore(r, i->object, &tie->targets[k], &before[k]);
        line_pend(r, tie, node, "mapping.unexpected");
        return GW_OK;
    }
    if (node)
        node->flags |= tie->use & USE_TRY ? NODE_TAKEN | NODE_CLOSED : NODE_TAKEN;
    i->live = true;
    return GW_OK;
}

/* ---- the forms ---- */

static enum gw_result read_value(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct gw_node *node = tie->nplaces ? cell_of(r, tie, 0, i) : NULL;
    struct gw_str v = tie->param.ptr ? ref_get(&r->view, &(struct ref){.kind = REF_PARAM, .param = tie->param})
                                     : line_text(r, node);
    bool had = v.ptr != NULL;
    enum gw_result result;

    fresh(&r->conversion);
    result = convs_read(&r->conversion, &tie->convs, tie->ntargets ? tie->targets[0].field : NULL, &v);
    if (result == GW_REJECT)
        return failed(r, tie, 0, node);
    if (result != GW_OK)
        return result;
    warned(r, tie, 0, node);
    if (!v.ptr) {
        if (had && node)
            node->flags |= NODE_TAKEN;
        return had || !tie->nplaces ? GW_OK : line_missing(r, tie, i);
    }
    return tie->ntargets ? settle(r, tie, i, node, &v, 1) : GW_OK;
}

/* The parts of a text that could not be put together, but one: none is lost. */
static void parts_keep(struct reading *r, const struct tie *tie, struct instance *i, size_t but)
{
    for (size_t k = 0; k < tie->nplaces; k++) {
        struct gw_node *n = cell_of(r, tie, k, i);

        if (k == but || !line_text(r, n).ptr)
            continue;
        if (!(tie->use & USE_REQUIRED) && !r->envelope_only)
            set_aside_at(r, tie, k, n);
        n->flags |= NODE_TAKEN;
    }
}

/* Of a text that several places make, one is absent: said at its own place. */
static bool part_missing(struct reading *r, const struct tie *tie, struct instance *i,
                         const struct gw_str *parts)
{
    for (size_t k = 0; k < tie->nplaces; k++) {
        const struct gw_node *n = cell_of(r, tie, k, i);
        struct gw_arg args[] = {{"path", tie->places[k]->path}};

        if (parts[k].ptr)
            continue;
        read_report(r, tie->use & USE_REQUIRED ? GW_ERROR : GW_WARNING, "mapping.missing", tie, tie->places[k],
                    n ? n : i->frame->cells[0], args, 1);
        parts_keep(r, tie, i, k);
        return true;
    }
    return false;
}

static size_t first_part(const struct tie *tie, const struct gw_str *parts)
{
    size_t k = 0;

    while (k + 1 < tie->nplaces && !parts[k].ptr)
        k++;
    return k;
}

/* Said at the part that its own hole refuses; when each is good by itself, at the first. */
static enum gw_result join_failed(struct reading *r, const struct tie *tie, struct instance *i,
                                  const struct gw_str *parts, size_t refused, bool built)
{
    size_t at = refused < tie->nplaces ? refused : template_misfit(&tie->templates[0], parts);

    if (tie->use & USE_TRY)
        return GW_OK;
    if (at >= tie->nplaces && !built && part_missing(r, tie, i, parts))
        return GW_OK;
    if (at >= tie->nplaces)
        at = first_part(tie, parts);
    parts_keep(r, tie, i, at);
    return failed(r, tie, at, cell_of(r, tie, at, i));
}

static enum gw_result read_join(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct gw_str parts[RULE_PARTS], v = absent;
    struct gw_node *node = NULL;
    enum gw_result result = GW_OK;
    size_t refused = tie->nplaces;

    fresh(&r->conversion);
    for (size_t k = 0; k < tie->nplaces; k++) {
        struct gw_node *n = cell_of(r, tie, k, i);

        parts[k] = line_text(r, n);
        node = parts[k].ptr && !node ? n : node;
        if (parts[k].ptr && result == GW_OK)
            result = convs_read(&r->conversion, &tie->templates[0].holes[k].convs, NULL, &parts[k]);
        if (result == GW_REJECT && refused == tie->nplaces)
            refused = k;
    }
    if (!node)
        return line_missing(r, tie, i);
    if (result == GW_OK)
        result = template_build(&r->conversion, &tie->templates[0], parts, &v);
    if (result == GW_OK)
        result = convs_read(&r->conversion, &tie->convs, tie->targets[0].field, &v);
    if (result == GW_REJECT)
        return join_failed(r, tie, i, parts, refused, v.ptr != NULL);
    for (size_t k = 0; k < tie->nplaces; k++) {
        struct gw_node *n = cell_of(r, tie, k, i);

        if (n && n != node && !tie->when)
            n->flags |= NODE_TAKEN;
    }
    return result == GW_OK ? settle(r, tie, i, node, &v, 1) : result;
}

static enum gw_result match_any(struct reading *r, const struct tie *tie, struct gw_str text,
                                struct gw_str *parts)
{
    enum gw_result result = GW_REJECT;

    for (size_t k = 0; result == GW_REJECT && k < tie->ntemplates; k++) {
        fresh(&r->conversion);
        memset(parts, 0, RULE_PARTS * sizeof(*parts));
        result = template_match(&r->conversion, &tie->templates[k], text, parts);
        for (size_t p = 0; result == GW_OK && p < tie->ntargets; p++)
            if (parts[p].ptr)
                result = convs_read(&r->conversion, &tie->templates[k].holes[p].convs, tie->targets[p].field,
                                    &parts[p]);
    }
    return result;
}

static enum gw_result read_split(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct gw_node *node = tie->nplaces ? cell_of(r, tie, 0, i) : NULL;
    struct gw_str v = tie->param.ptr ? ref_get(&r->view, &(struct ref){.kind = REF_PARAM, .param = tie->param})
                                     : line_text(r, node);
    struct gw_str parts[RULE_PARTS];
    enum gw_result result;

    if (!v.ptr)
        return tie->nplaces ? line_missing(r, tie, i) : GW_OK;
    fresh(&r->conversion);
    result = convs_read(&r->conversion, &tie->before, NULL, &v);
    if (result == GW_OK && v.ptr)
        result = match_any(r, tie, v, parts);
    if (result == GW_REJECT)
        return failed(r, tie, 0, node);
    return result == GW_OK && v.ptr ? settle(r, tie, i, node, parts, tie->ntargets) : result;
}

static enum gw_result read_words(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct gw_str all = absent;
    struct gw_node *node = NULL;
    enum gw_result result;

    for (size_t k = 0; k < tie->nplaces; k++) {
        struct gw_node *n = cell_of(r, tie, k, i);
        struct gw_str v = line_text(r, n);

        if (!v.ptr)
            continue;
        node = node ? node : n;
        n->flags |= NODE_TAKEN;
        all = all.ptr ? str_of(arena_format(&r->arena, "%.*s %.*s", STR_ARG(all), STR_ARG(v))) : v;
    }
    if (!all.ptr)
        return line_missing(r, tie, i);
    fresh(&r->conversion);
    result = convs_read(&r->conversion, &tie->convs, tie->targets[0].field, &all);
    if (result == GW_REJECT)
        return failed(r, tie, 0, node);
    return result == GW_OK ? settle(r, tie, i, node, &all, 1) : result;
}

/* One item of a list, into a list of texts or a field of each item of a list of groups. */
static enum gw_result add_item(struct reading *r, const struct tie *tie, struct instance *i, struct gw_str text)
{
    const struct target *t = &tie->targets[0];
    struct object *item;
    struct value *v;

    if (!t->each) {
        v = target_make(&r->arena, i->object, t);
        return v && list_add_text(&r->arena, v, text) ? GW_OK : GW_FATAL;
    }
    item = list_add_object(&r->arena, object_set(i->object, t->each_slot), t->shape);
    if (!item)
        return GW_FATAL;
    v = object_set(item, t->slot);
    *v = (struct value){.text = text.ptr, .len = (uint32_t)text.len, .line = tie->index};
    return GW_OK;
}

static enum gw_result read_item(struct reading *r, const struct tie *tie, struct instance *i,
                                struct gw_str item)
{
    enum gw_result result;

    fresh(&r->conversion);
    result = convs_read(&r->conversion, &tie->convs, tie->targets[0].field, &item);
    return result == GW_OK && item.ptr ? add_item(r, tie, i, item) : result;
}

/* Each node of the place is an item; one that cannot be converted leaves the others be. */
static enum gw_result read_items(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct gw_node *first = cell_of(r, tie, 0, i);
    enum gw_result result = GW_OK;
    bool any = false;

    for (struct gw_node *n = first; n && result == GW_OK; n = n->next) {
        struct gw_str text = n->name == first->name ? line_text(r, n) : (struct gw_str){NULL, 0};

        if (!text.ptr)
            continue;
        any = true;
        result = read_item(r, tie, i, text);
        if (result == GW_REJECT)
            result = failed(r, tie, 0, n);
        else
            n->flags |= NODE_TAKEN;
    }
    i->live |= any;
    return any || result != GW_OK ? result : line_missing(r, tie, i);
}

static enum gw_result read_list(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct gw_node *node = cell_of(r, tie, 0, i);
    struct gw_str text = line_text(r, node), rest = text;
    char separator = tie->word.len ? tie->word.ptr[0] : ',';
    enum gw_result result = GW_OK;

    if (!text.ptr)
        return line_missing(r, tie, i);
    while (result == GW_OK && rest.ptr) {
        struct gw_str item = str_trim(str_cut(rest, separator, &rest));

        if (item.len)
            result = read_item(r, tie, i, item);
    }
    if (result == GW_REJECT)
        return failed(r, tie, 0, node);
    node->flags |= NODE_TAKEN;
    i->live = true;
    return result;
}

static bool list_has(const struct value *v, struct gw_str text)
{
    for (uint32_t k = 0; v && k < v->list->count; k++)
        if (str_eq(v->list->texts[k], text))
            return true;
    return false;
}

static enum gw_result read_member(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct gw_node *node = cell_of(r, tie, 0, i);
    struct gw_str text = line_text(r, node);
    struct value *v;
    bool yes = str_is(text, "true");

    if (tie->when && !condition_holds(&r->view, tie->when))
        return GW_OK;
    if (!text.ptr)
        return line_missing(r, tie, i);
    if (!yes && !str_is(text, "false")) {
        r->conversion.code = "schema.boolean";
        r->conversion.nargs = 0;
        return failed(r, tie, 0, node);
    }
    node->flags |= NODE_TAKEN;
    i->live = true;
    if (yes == tie->negated || list_has(target_value(i->object, &tie->targets[0]), tie->word))
        return GW_OK;
    v = target_make(&r->arena, i->object, &tie->targets[0]);
    return v && list_add_text(&r->arena, v, tie->word) ? GW_OK : GW_FATAL;
}

static enum gw_result read_rule(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct gw_str natives[RULE_PARTS], fields[RULE_PARTS] = {{NULL, 0}};
    struct gw_node *node = NULL;
    enum gw_result result;

    for (size_t k = 0; k < tie->nplaces; k++) {
        struct gw_node *n = cell_of(r, tie, k, i);

        natives[k] = line_text(r, n);
        node = natives[k].ptr && !node ? n : node;
    }
    if (!node)
        return line_missing(r, tie, i);
    fresh(&r->conversion);
    result = rule_read(&r->conversion, &tie->rule, natives, fields);
    if (result == GW_REJECT)
        return failed(r, tie, 0, node);
    warned(r, tie, 0, node);
    return result == GW_OK ? settle(r, tie, i, node, fields, tie->ntargets) : result;
}

static enum gw_result read_select(struct reading *r, const struct tie *tie, struct instance *i)
{
    struct gw_str rest, first = str_cut(tie->word, '|', &rest);

    if (!tie->ntargets || (tie->when && !condition_holds(&r->view, tie->when)))
        return GW_OK;
    return line_put(r, tie, 0, i, first, NULL);
}

enum gw_result line_read(struct reading *r, const struct tie *tie, struct instance *i)
{
    r->view.at = i;
    if (tie->nplaces) {
        const struct gw_node *n = cell_of(r, tie, 0, i);

        if (n && (n->flags & NODE_CLOSED))
            return GW_OK;
    }
    if (tie->gates.count &&
        !gates_hold(r, &tie->gates, i->frame->kind->id == FRAME_CONTEXT ? r->view.record : i->frame))
        return GW_OK;
    switch ((enum form)tie->form) {
    case FORM_VALUE:
    case FORM_NOW:
        return read_value(r, tie, i);
    case FORM_JOIN:
        return read_join(r, tie, i);
    case FORM_SPLIT:
        return read_split(r, tie, i);
    case FORM_WORDS:
        return read_words(r, tie, i);
    case FORM_LIST:
        return tie->repeats ? read_items(r, tie, i) : read_list(r, tie, i);
    case FORM_MEMBER:
        return read_member(r, tie, i);
    case FORM_RULE:
        return read_rule(r, tie, i);
    case FORM_CONST:
        return read_const(r, tie, i);
    case FORM_SELECT:
        return read_select(r, tie, i);
    case FORM_NIL:
        return read_nil(r, tie, i);
    case FORM_LINE:
        return read_line_number(r, tie, i);
    case FORM_COUNT:
    case FORM_SUM:
        return read_total(r, tie, i);
    case FORM_TREE:
        return read_tree(r, tie, i);
    case FORM_TEST:
    case FORM_REST:
    case FORM_REF:
        return GW_OK;
    }
    return GW_OK;
}
