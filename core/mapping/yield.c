/* SPDX-License-Identifier: EUPL-1.2 */
/* One line, one instance, pivot to native: what it would write. Used to write, and to compare when reading. */
#include "base/str.h"
#include "mapping/converters.h"
#include "mapping/mapping.h"

/* A number of ours for what has none: {date} is the day, {04} the counter. */
static struct gw_str sequence_text(const struct conversion *c, const struct view *v, const struct pattern *p)
{
    struct gw_str all = GW_STR("");

    for (size_t k = 0; k < p->count && all.ptr; k++) {
        const struct piece *piece = &p->pieces[k];
        struct gw_str part = piece->text;

        if (piece->kind == PIECE_HOLE)
            part = piece->width ? str_of(arena_format(c->arena, "%0*llu", (int)piece->width,
                                                      (unsigned long long)v->sequence))
                                : v->date;
        all = str_of(arena_format(c->arena, "%.*s%.*s", STR_ARG(all), STR_ARG(part)));
    }
    return all;
}

static enum gw_result yield_value(struct conversion *c, const struct view *v, const struct tie *tie,
                                  const struct instance *i, struct gw_str *natives)
{
    natives[0] = tie->ntargets ? target_text(i->object, &tie->targets[0]) : absent();
    if (!natives[0].ptr && tie->sequence)
        natives[0] = sequence_text(c, v, tie->sequence);
    return convs_write(c, &tie->convs, &natives[0]);
}

static enum gw_result yield_join(struct conversion *c, const struct tie *tie, const struct instance *i,
                                 struct gw_str *natives)
{
    struct gw_str v = target_text(i->object, &tie->targets[0]);
    enum gw_result result = convs_write(c, &tie->convs, &v);

    if (result != GW_OK || !v.ptr)
        return result;
    result = template_match(c, &tie->templates[0], v, natives);
    for (size_t k = 0; result == GW_OK && k < tie->nplaces; k++)
        if (natives[k].ptr)
            result = convs_write(c, &tie->templates[0].holes[k].convs, &natives[k]);
    return result;
}

static enum gw_result yield_split(struct conversion *c, const struct tie *tie, const struct instance *i,
                                  struct gw_str *natives)
{
    struct gw_str parts[RULE_PARTS];
    enum gw_result result = GW_OK;
    bool any = false;

    for (size_t k = 0; result == GW_OK && k < tie->ntargets; k++) {
        parts[k] = target_text(i->object, &tie->targets[k]);
        any |= parts[k].ptr != NULL;
        if (parts[k].ptr)
            result = convs_write(c, &tie->templates[0].holes[k].convs, &parts[k]);
    }
    if (result != GW_OK || !any)
        return result;
    result = template_build(c, &tie->templates[0], parts, &natives[0]);
    return result == GW_OK ? convs_write(c, &tie->before, &natives[0]) : result;
}

static struct gw_str list_text(const struct tie *tie, const struct instance *i, size_t k, bool *more)
{
    const struct target *t = &tie->targets[0];
    const struct value *v = t->each ? object_value(i->object, t->each_slot) : target_value(i->object, t);

    *more = v && k < v->list->count;
    if (!*more)
        return absent();
    return t->each ? object_text(v->list->objects[k], t->slot) : v->list->texts[k];
}

enum gw_result tie_item(struct conversion *c, const struct tie *tie, const struct instance *i, size_t k,
                        struct gw_str *ret, bool *ret_more)
{
    c->code = NULL;
    c->nargs = 0;
    c->warned = false;
    *ret = list_text(tie, i, k, ret_more);
    return ret->ptr ? convs_write(c, &tie->convs, ret) : GW_OK;
}

/* An item that holds the separator would be read back as two. */
static enum gw_result yield_list(struct conversion *c, const struct tie *tie, const struct instance *i,
                                 struct gw_str *natives)
{
    const char *separator = tie->word.len ? tie->word.ptr : ",";
    enum gw_result result = GW_OK;
    bool more = true;

    for (size_t k = 0; result == GW_OK && more; k++) {
        struct gw_str item = list_text(tie, i, k, &more);

        if (!item.ptr)
            continue;
        result = convs_write(c, &tie->convs, &item);
        if (result == GW_OK && item.ptr && !tie->repeats && memchr(item.ptr, *separator, item.len))
            return conv_refuse(c, "mapping.split", "value", item);
        if (result == GW_OK && item.ptr)
            natives[0] = natives[0].ptr ? str_of(arena_format(c->arena, "%.*s%c%.*s", STR_ARG(natives[0]),
                                                              *separator, STR_ARG(item)))
                                        : item;
    }
    return result;
}

/* All fields joined by a blank, into the first place: what is read back is in the first field. */
static enum gw_result yield_words(struct conversion *c, const struct tie *tie, const struct instance *i,
                                  struct gw_str *natives)
{
    struct gw_str all = absent();

    for (size_t k = 0; k < tie->ntargets; k++) {
        struct gw_str v = target_text(i->object, &tie->targets[k]);

        if (v.ptr)
            all = all.ptr ? str_of(arena_format(c->arena, "%.*s %.*s", STR_ARG(all), STR_ARG(v))) : v;
    }
    natives[0] = all;
    return all.ptr ? convs_write(c, &tie->convs, &natives[0]) : GW_OK;
}

static enum gw_result yield_member(const struct tie *tie, const struct instance *i, struct gw_str *natives)
{
    const struct value *v = target_value(i->object, &tie->targets[0]);
    bool has = false;

    for (uint32_t k = 0; v && k < v->list->count; k++)
        has |= str_eq(v->list->texts[k], tie->word);
    natives[0] = has != tie->negated ? GW_STR("true") : GW_STR("false");
    return GW_OK;
}

static enum gw_result yield_rule(struct conversion *c, const struct tie *tie, const struct instance *i,
                                 struct gw_str *natives)
{
    struct gw_str fields[RULE_PARTS];
    bool any = false;

    for (size_t k = 0; k < tie->ntargets; k++) {
        fields[k] = target_text(i->object, &tie->targets[k]);
        any |= fields[k].ptr != NULL;
    }
    return any ? rule_write(c, &tie->rule, fields, natives) : GW_OK;
}

static enum gw_result yield_ref(const struct tie *tie, const struct instance *i, struct gw_str *natives)
{
    const struct value *v = tie->ntargets ? target_value(i->object, &tie->targets[0]) : NULL;

    if (v && v->ref && tie->ref_slot >= 0)
        natives[0] = object_text(&v->ref->object, (unsigned)tie->ref_slot);
    return GW_OK;
}

enum gw_result tie_yield(struct conversion *c, const struct view *v, const struct tie *tie,
                         const struct instance *i, struct gw_str *natives)
{
    c->code = NULL;
    c->nargs = 0;
    c->warned = false;
    switch ((enum form)tie->form) {
    case FORM_VALUE:
    case FORM_NOW:
        return yield_value(c, v, tie, i, natives);
    case FORM_JOIN:
        return yield_join(c, tie, i, natives);
    case FORM_SPLIT:
        return yield_split(c, tie, i, natives);
    case FORM_WORDS:
        return yield_words(c, tie, i, natives);
    case FORM_LIST:
        return yield_list(c, tie, i, natives);
    case FORM_MEMBER:
        return yield_member(tie, i, natives);
    case FORM_RULE:
        return yield_rule(c, tie, i, natives);
    case FORM_REF:
        return yield_ref(tie, i, natives);
    case FORM_CONST:
    case FORM_NIL:
    case FORM_TEST:
    case FORM_LINE:
    case FORM_COUNT:
    case FORM_SUM:
    case FORM_TREE:
    case FORM_REST:
    case FORM_SELECT:
        return GW_OK;
    }
    return GW_OK;
}

static struct gw_str number(struct arena *a, uint64_t n, uint32_t width)
{
    char room[20];
    struct gw_str digits = gw_digits(n, room);
    size_t zeros = width > digits.len ? width - digits.len : 0;
    char *to = arena_alloc(a, zeros + digits.len);

    if (!to)
        return absent();
    memset(to, '0', zeros);
    memcpy(to + zeros, digits.ptr, digits.len);
    return (struct gw_str){to, zeros + digits.len};
}

struct gw_str tie_fixed(struct arena *a, const struct view *v, const struct tie *tie, const struct instance *i,
                        uint64_t line, uint64_t records)
{
    struct gw_str rest;

    (void)i;
    switch ((enum form)tie->form) {
    case FORM_CONST:
        return str_cut(tie->word, '|', &rest);
    case FORM_TEST:
        return condition_holds(v, tie->test) ? GW_STR("true") : GW_STR("false");
    case FORM_LINE:
        return number(a, line, tie->width);
    case FORM_COUNT:
        return records == UINT64_MAX ? absent() : number(a, records + tie->plus, tie->width);
    case FORM_VALUE:
    case FORM_JOIN:
    case FORM_SPLIT:
    case FORM_WORDS:
    case FORM_LIST:
    case FORM_MEMBER:
    case FORM_RULE:
    case FORM_NIL:
    case FORM_SUM:
    case FORM_NOW:
    case FORM_TREE:
    case FORM_REST:
    case FORM_REF:
    case FORM_SELECT:
        break;
    }
    return absent();
}
