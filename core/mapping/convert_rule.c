/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Converters of a rules plugin as entries of the table, and the call that a rule is given:
 * memory of the record, the code lists, and a report that becomes what the conversion says.
 */
#include "mapping/codes.h"

/* ---- the call ---- */

static struct conversion *of_call(struct gw_call *call)
{
    return (struct conversion *)call; /* `call` is its first member */
}

static void *call_alloc(struct gw_call *call, size_t size)
{
    return arena_alloc(of_call(call)->arena, size);
}

/* Rules ask for the same few lists again and again, by names that are constants of theirs. */
static enum gw_lookup call_lookup(struct gw_call *call, const char *list, struct gw_str native,
                                  struct gw_str day, struct gw_entry *ret)
{
    struct conversion *c = of_call(call);
    struct asked_list *asked = &c->asked[(uintptr_t)list % ASKED_LISTS];

    if (asked->name != list || strncmp(list, asked->list->name.ptr, asked->list->name.len) != 0 ||
        list[asked->list->name.len]) {
        asked->name = NULL;
        if (codes_of_rule(c->env, str_of(list), &asked->list) != GW_OK)
            return GW_NO_LIST;
        asked->name = list;
    }
    return codes_ask(asked->list, native, day, ret);
}

static void call_report(struct gw_call *call, enum gw_severity severity, size_t field, const char *code,
                        const struct gw_arg *args, size_t nargs)
{
    struct conversion *c = of_call(call);

    (void)field;
    if (c->code && c->severity >= severity)
        return;
    c->code = NULL;
    conv_say(c, severity, code, args, nargs);
    for (size_t i = 0; i < c->nargs; i++)
        c->args[i].value = arena_copy(c->arena, args[i].value); /* theirs may stand on a stack */
}

void conversion_init(struct conversion *c, struct converters *env, struct arena *record, struct lookup *lookup,
                     struct gw_str date, struct gw_str now)
{
    *c = (struct conversion){
        .call = {.size = sizeof(c->call),
                 .date = date,
                 .alloc = call_alloc,
                 .lookup = call_lookup,
                 .report = call_report},
        .arena = record,
        .lookup = lookup,
        .env = env,
        .date = date,
        .now = now,
    };
}

/* ---- compiling ---- */

enum gw_result rule_compile(struct converters *env, const struct conv_call *call, struct rule *ret,
                            struct fault *fault)
{
    bool named = str_is(call->name, "fn") && call->nargs;
    struct gw_str name = named ? call->args[0] : call->name;
    const struct gw_converter *rule = env->rule ? env->rule(env->rules, name) : NULL;
    struct rule r = {rule, named ? call->args + 1 : call->args, call->nargs - named};

    if (!rule)
        return conv_fault(fault, "mapping.converter", call, name);
    if (r.nargs > rule->max_args || (rule->check_args && rule->check_args(r.args, r.nargs) != GW_OK))
        return conv_fault(fault, "mapping.argument", call, conv_written(env->arena, call));
    *ret = r;
    return GW_OK;
}

/* A rule that ends badly and does not say why is a fault of the plugin; the user gets a word all the same. */
static enum gw_result said(struct conversion *c, const struct rule *r, enum gw_result result)
{
    if (result == GW_OK || result == GW_FATAL)
        return result;
    if (!c->code)
        return conv_refuse(c, "mapping.convert", "expected", str_of(r->rule->name));
    c->severity = GW_ERROR;
    return GW_REJECT;
}

enum gw_result rule_read(struct conversion *c, const struct rule *r, const struct gw_str *natives,
                         struct gw_str *ret_fields)
{
    return said(c, r, r->rule->read(&c->call, r->args, r->nargs, natives, ret_fields));
}

enum gw_result rule_write(struct conversion *c, const struct rule *r, const struct gw_str *fields,
                          struct gw_str *ret_natives)
{
    return said(c, r, r->rule->write(&c->call, r->args, r->nargs, fields, ret_natives));
}

/* ---- as an entry ---- */

static enum gw_result entry_read(struct conversion *c, const void *data, struct gw_str *v)
{
    struct gw_str in = *v, out = absent();
    enum gw_result r = rule_read(c, data, &in, &out);

    if (r == GW_OK)
        *v = out;
    return r;
}

static enum gw_result entry_write(struct conversion *c, const void *data, struct gw_str *v)
{
    struct gw_str in = *v, out = absent();
    enum gw_result r = rule_write(c, data, &in, &out);

    if (r == GW_OK)
        *v = out;
    return r;
}

static enum gw_loss entry_loss(const void *data)
{
    return (enum gw_loss)((const struct rule *)data)->rule->loss;
}

static const struct conv_ops rule_ops = {
    .name = "fn",
    .help = "a rule of a plugin",
    .read = entry_read,
    .write = entry_write,
    .loss_of = entry_loss,
};

enum gw_result rule_entry(struct converters *env, const struct conv_call *call, struct conv *ret,
                          struct fault *fault)
{
    struct rule *r = arena_zero(env->arena, sizeof(*r));
    enum gw_result result;

    if (!r)
        return GW_FATAL;
    if (!str_is(call->name, "fn") && (!env->rule || !env->rule(env->rules, call->name)))
        return GW_END;
    result = rule_compile(env, call, r, fault);
    if (result != GW_OK)
        return result;
    if (r->rule->natives != 1 || r->rule->fields != 1)
        return conv_fault(fault, "mapping.argument", call, conv_written(env->arena, call));
    *ret = (struct conv){&rule_ops, r};
    return GW_OK;
}
