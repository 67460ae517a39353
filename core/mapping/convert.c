/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The table of converters and how a chain of them is compiled and run. What a converter does
 * is in convert_*.c; a new one is an entry here and its rows in tests/convert.
 */
#include "mapping/converters.h"

static const struct conv_ops *const table[] = {
    &text_ops, &pad_ops,  &int_ops,  &decimal_ops, &date_ops,    &datetime_ops, &month_ops,
    &time_ops, &bool_ops, &code_ops, &none_ops,    &default_ops, &fold_ops,     &cut_ops,
    &drop_ops, &fits_ops, &find_ops, &now_ops,     &between_ops,
};

/* What the engine does itself: only for "did you mean". */
static const char *const engine[] = {"join", "split", "words", "list", "member", "const", "nil", "test",
                                     "line", "count", "sum",   "tree", "rest",   "ref",   "fn",  "sequence"};

const struct conv_ops *conv_find(struct gw_str name)
{
    for (size_t i = 0; i < LEN(table); i++)
        if (str_is(name, table[i]->name))
            return table[i];
    return NULL;
}

/* ---- what is said ---- */

void conv_say(struct conversion *c, enum gw_severity severity, const char *code, const struct gw_arg *args,
              size_t nargs)
{
    if (c->code && c->severity >= severity)
        return;
    c->severity = severity;
    c->code = code;
    c->nargs = nargs < LEN(c->args) ? nargs : LEN(c->args);
    for (size_t i = 0; i < c->nargs; i++)
        c->args[i] = args[i];
}

enum gw_result conv_keep(struct conversion *c, const void *data, struct gw_str *v)
{
    (void)c, (void)data, (void)v;
    return GW_OK;
}

enum gw_result conv_refuse(struct conversion *c, const char *code, const char *arg, struct gw_str value)
{
    c->code = NULL;
    conv_say(c, GW_ERROR, code, &(struct gw_arg){arg, value}, 1);
    return GW_REJECT;
}

enum gw_result conv_fault(struct fault *fault, const char *code, const struct conv_call *call,
                          struct gw_str found)
{
    *fault = (struct fault){.code = code, .column = call->column, .found = found};
    return GW_FAIL;
}

enum gw_result conv_size(const struct conv_call *call, size_t i, size_t *ret, struct fault *fault)
{
    uint64_t n;

    if (!str_number(call->args[i], &n) || n > 9999)
        return conv_fault(fault, "mapping.argument", call, call->args[i]);
    *ret = (size_t)n;
    return GW_OK;
}

struct gw_str conv_written(struct arena *a, const struct conv_call *call)
{
    const char *text = call->raw.ptr ? arena_format(a, "%.*s(%.*s)", STR_ARG(call->name), STR_ARG(call->raw))
                                     : arena_text(a, call->name);

    return str_of(text);
}

/* ---- compiling ---- */

/* "pda" becomes "pda (pad?)". */
static enum gw_result unknown(struct converters *env, const struct conv_call *call, struct fault *fault)
{
    const char *names[LEN(table) + LEN(engine)];
    const char *near;

    for (size_t i = 0; i < LEN(table); i++)
        names[i] = table[i]->name;
    memcpy(names + LEN(table), engine, sizeof(engine));
    near = str_nearest(call->name, names, LEN(names));
    if (near)
        near = arena_format(env->arena, "%.*s (%s?)", STR_ARG(call->name), near);
    return conv_fault(fault, "mapping.converter", call, near ? str_of(near) : call->name);
}

static enum gw_result compile_one(struct converters *env, const struct conv_call *call, struct conv *ret,
                                  struct fault *fault)
{
    const struct conv_ops *ops = conv_find(call->name);
    void *data = NULL;
    enum gw_result r;

    if (!ops) {
        r = rule_entry(env, call, ret, fault);
        return r == GW_END ? unknown(env, call, fault) : r;
    }
    if (call->nargs < ops->min_args || call->nargs > ops->max_args)
        return conv_fault(fault, "mapping.argument", call, conv_written(env->arena, call));
    r = ops->compile ? ops->compile(env, call, &data, fault) : GW_OK;
    *ret = (struct conv){ops, data};
    return r;
}

enum gw_result convs_compile(struct converters *env, const struct chain *chain, size_t from, struct convs *ret,
                             struct fault *fault)
{
    size_t n = chain->count > from ? chain->count - from : 0;
    struct conv *items = arena_array(env->arena, n ? n : 1, sizeof(*items));
    enum gw_result r = items ? GW_OK : GW_FATAL;

    for (size_t i = 0; i < n && r == GW_OK; i++)
        r = compile_one(env, &chain->items[from + i], &items[i], fault);
    if (r != GW_OK)
        return r;
    for (size_t i = n; i-- > 0 && (items[i].ops == &text_ops || items[i].ops == &pad_ops);)
        if (items[i].ops == &pad_ops)
            pad_exact((void *)(uintptr_t)items[i].data);
    *ret = (struct convs){items, n};
    return GW_OK;
}

static const struct conv_ops *own_converter(enum field_type type)
{
    switch (type) {
    case FIELD_TEXT:
    case FIELD_CODE:
        return &text_ops;
    case FIELD_INTEGER:
        return &int_ops;
    case FIELD_DECIMAL:
        return &decimal_ops;
    case FIELD_DATE:
        return &date_ops;
    case FIELD_DATETIME:
        return &datetime_ops;
    case FIELD_MONTH:
        return &month_ops;
    case FIELD_TIME:
        return &time_ops;
    case FIELD_BOOLEAN:
        return &bool_ops;
    case FIELD_REF:
    case FIELD_TREE:
    case FIELD_ITEMS:
        break;
    }
    return NULL;
}

enum gw_result convs_default(struct converters *env, const struct field *f, struct convs *ret)
{
    const struct conv_ops *ops = own_converter((enum field_type)f->type);
    struct conv_call call = {.name = ops ? str_of(ops->name) : absent()};
    struct chain chain = {&call, ops ? 1 : 0};
    struct fault fault;

    return convs_compile(env, &chain, 0, ret, &fault);
}

/* ---- running ---- */

/* A text that begins and ends with a visible ASCII character needs no trimming. */
static inline bool tight(struct gw_str s)
{
    return s.len && s.ptr[0] > ' ' && s.ptr[s.len - 1] > ' ';
}

static enum gw_result finish(struct conversion *c, const struct field *f, struct gw_str *v)
{
    struct gw_str text = tight(*v) ? *v : str_trim(*v);
    const char *code = NULL;
    enum gw_result r;

    if (!text.len) {
        *v = absent();
        return GW_OK;
    }
    r = canon(c->arena, f, text, v, &code);
    if (r == GW_REJECT)
        return conv_refuse(c, code, "field", f->full);
    return r;
}

enum gw_result convs_read(struct conversion *c, const struct convs *convs, const struct field *f,
                          struct gw_str *v)
{
    const struct conv *conv = convs->items, *end = conv + convs->count;
    enum gw_result r;

    conv_forget(c);
    if (v->ptr && !tight(*v) && str_trim(*v).len == 0)
        *v = absent();
    for (; conv < end; conv++) {
        if (!v->ptr && !conv->ops->takes_absent)
            continue;
        r = conv->ops->read(c, conv->data, v);
        if (r != GW_OK)
            return r;
        if (!v->len)
            *v = absent();
    }
    c->warned = c->code != NULL;
    if (!f || !v->ptr || (convs->count && end[-1].ops->gives >> f->type & 1))
        return GW_OK;
    return finish(c, f, v);
}

enum gw_result convs_write(struct conversion *c, const struct convs *convs, struct gw_str *v)
{
    enum gw_result r;

    conv_forget(c);
    for (size_t i = convs->count; i-- > 0;) {
        const struct conv *conv = &convs->items[i];

        if (!v->ptr && !conv->ops->takes_absent)
            continue;
        r = conv->ops->write(c, conv->data, v);
        if (r != GW_OK)
            return r;
    }
    c->warned = c->code != NULL;
    return GW_OK;
}

bool convs_give(const struct convs *convs, const struct field *f)
{
    const struct conv *last = convs->count ? &convs->items[convs->count - 1] : NULL;

    if (!last)
        return false;
    return last->ops->gives >> f->type & 1 || (last->ops == &code_ops && code_gives(last->data, f));
}

bool conv_is_idle(const struct conv *conv)
{
    return conv->ops->read == conv_keep || (conv->ops == &text_ops && !conv->data);
}

enum plain convs_plain(const struct convs *convs, const struct field *f, uint32_t *ret_most)
{
    const struct conv *only = NULL;

    *ret_most = UINT32_MAX;
    for (size_t i = 0; i < convs->count; i++) {
        if (conv_is_idle(&convs->items[i]))
            continue;
        if (only)
            return PLAIN_NO;
        only = &convs->items[i];
    }
    if (f->type == FIELD_TEXT || (f->type == FIELD_CODE && !f->codes)) {
        if (only && only->ops == &text_ops)
            *ret_most = (uint32_t)text_most(only->data);
        return !only || only->ops == &text_ops ? PLAIN_TEXT : PLAIN_NO;
    }
    if (f->type == FIELD_DECIMAL)
        return !only || (only->ops == &decimal_ops && decimal_is_any(only->data)) ? PLAIN_NUMBER : PLAIN_NO;
    if (f->type == FIELD_DATE)
        return !only || (only->ops == &date_ops && date_is_iso(only->data)) ? PLAIN_DAY : PLAIN_NO;
    return PLAIN_NO;
}

bool convs_pure(const struct conv *convs, const struct conv *end)
{
    for (; convs < end; convs++)
        if (convs->ops->asks && convs->ops->asks(convs->data))
            return false;
    return true;
}

bool conv_keeps(const struct conv *conv)
{
    return conv->ops->write == conv_keep || (conv->ops == &text_ops && !conv->data);
}

bool convs_fill(const struct convs *convs)
{
    for (size_t i = 0; i < convs->count; i++)
        if (convs->items[i].ops->takes_absent && convs->items[i].ops != &none_ops)
            return true;
    return false;
}

enum gw_loss convs_loss(const struct convs *convs)
{
    enum gw_loss worst = GW_EXACT;

    for (size_t i = 0; i < convs->count; i++) {
        const struct conv *conv = &convs->items[i];
        enum gw_loss loss = conv->ops->loss_of ? conv->ops->loss_of(conv->data) : conv->ops->loss;

        if (loss > worst)
            worst = loss;
    }
    return worst;
}

enum gw_kind convs_kind(const struct convs *convs)
{
    const struct conv *first = convs->items;

    return convs->count && first->ops->kind_of ? first->ops->kind_of(first->data) : GW_TEXT;
}
