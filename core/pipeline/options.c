/* SPDX-License-Identifier: EUPL-1.2 */
#include "pipeline/options.h"

#include <string.h>

#include "base/str.h"

static const struct {
    const char *word;
    const char *expected; /* told when a value is none; of a choice, its words are */
    size_t size, align;
} types[] = {
    [GW_OPT_BOOL] = {"bool", "true | false", sizeof(bool), _Alignof(bool)},
    [GW_OPT_CHAR] = {"char", "; | , | \\t | ...", 1, 1},
    [GW_OPT_UINT] = {"uint", "0 | 1 | 2 | ...", sizeof(uint64_t), _Alignof(uint64_t)},
    [GW_OPT_TEXT] = {"text", "...", sizeof(struct gw_str), _Alignof(struct gw_str)},
    [GW_OPT_CHOICE] = {"choice", NULL, 1, 1},
    [GW_OPT_FILE] = {"file", "NAME.csv", sizeof(struct gw_str), _Alignof(struct gw_str)},
};

#define NTYPES (sizeof(types) / sizeof(types[0]))
#define MOST   64 /* options of one plugin */

/* ---- one value ---- */

static bool parse_bool(struct gw_str text, bool *ret)
{
    *ret = str_is(text, "true");
    return *ret || !text.len || str_is(text, "false");
}

static bool parse_char(struct gw_str text, char *ret)
{
    bool tab = str_is(text, "\\t") || str_is(text, "tab");

    *ret = tab ? '\t' : text.len ? text.ptr[0] : '\0';
    return tab || !text.len || (text.len == 1 && (unsigned char)text.ptr[0] < 0x80);
}

static bool parse_uint(struct gw_str text, uint64_t *ret)
{
    *ret = 0;
    return !text.len || str_number(text, ret);
}

static bool parse_choice(struct gw_str text, const char *choices, uint8_t *ret)
{
    struct gw_str rest = str_of(choices);

    *ret = 0;
    for (uint8_t rank = 0; rest.ptr; rank++) {
        if (str_eq(str_cut(rest, '|', &rest), text)) {
            *ret = rank;
            return true;
        }
    }
    return false;
}

/* `to` is where it lies in the config. */
static bool parse(const struct gw_option *o, struct gw_str text, void *to)
{
    switch ((enum gw_option_type)o->type) {
    case GW_OPT_BOOL:
        return parse_bool(text, to);
    case GW_OPT_CHAR:
        return parse_char(text, to);
    case GW_OPT_UINT:
        return parse_uint(text, to);
    case GW_OPT_TEXT:
    case GW_OPT_FILE:
        memcpy(to, &text, sizeof(text));
        return true;
    case GW_OPT_CHOICE:
        return parse_choice(text, o->choices, to);
    }
    return false;
}

/* ---- filling ---- */

static void report(const struct option_source *source, const char *code, const struct gw_arg *args,
                   size_t nargs)
{
    struct diag d = {.severity = GW_ERROR,
                     .code = code,
                     .file = source->file,
                     .byte = UINT64_MAX,
                     .args = args,
                     .nargs = nargs};

    if (source->sink)
        source->sink->put(source->sink, &d);
}

static enum gw_result refuse(const struct gw_plugin *p, const struct gw_option *o, struct gw_str found,
                             const char *code, const struct option_source *source)
{
    const char *expected = o->type == GW_OPT_CHOICE ? o->choices : types[o->type].expected;
    struct gw_arg args[] = {{"plugin", str_of(p->name)},
                            {"option", str_of(o->name)},
                            {"found", found},
                            {"expected", str_of(expected)}};

    report(source, code, args, 4);
    return GW_FAIL;
}

static enum gw_result fill_one(const struct gw_plugin *p, const struct gw_option *o, void *config,
                               const struct option_source *source)
{
    struct gw_str text = source->get ? source->get(source->context, o->name) : (struct gw_str){NULL, 0};
    struct gw_str name = text;
    enum gw_result r = GW_OK;

    if (!text.ptr)
        text = str_of(o->initial);
    else if (o->type == GW_OPT_FILE && source->load)
        r = source->load(source->context, name, &text);
    if (r == GW_FAIL)
        return refuse(p, o, name, "option.file", source);
    if (r == GW_OK && !parse(o, text, (char *)config + o->offset))
        return refuse(p, o, text, "option.value", source);
    return r;
}

enum gw_result options_fill(const struct gw_plugin *p, void *config, const struct option_source *source)
{
    enum gw_result r = GW_OK;

    for (const struct gw_option *o = p->options; o && o->name; o++) {
        enum gw_result one = fill_one(p, o, config, source);

        r = one == GW_OK ? r : one;
    }
    return r;
}

static size_t option_names(const struct gw_plugin *p, const char *names[MOST])
{
    size_t n = 0;

    for (const struct gw_option *o = p->options; o && o->name && n < MOST; o++)
        names[n++] = o->name;
    return n;
}

static bool knows(const char *const *words, size_t n, struct gw_str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(name, words[i]))
            return true;
    return false;
}

enum gw_result options_known(const struct gw_plugin *p, const struct gw_str *names, size_t n,
                             const struct option_source *source)
{
    const char *words[MOST];
    size_t nwords = option_names(p, words);
    enum gw_result r = GW_OK;

    for (size_t i = 0; i < n; i++) {
        const char *nearest;

        if (knows(words, nwords, names[i]))
            continue;
        nearest = str_nearest(names[i], words, nwords);
        {
            struct gw_arg args[] = {{"plugin", str_of(p->name)},
                                    {"option", names[i]},
                                    {"nearest", str_of(nearest ? nearest : "-")}};

            report(source, "option.unknown", args, 3);
        }
        r = GW_FAIL;
    }
    return r;
}

/* ---- checking a table ---- */

static bool good_choices(const char *choices)
{
    struct gw_str rest = str_of(choices);
    size_t n = 0;

    for (; rest.ptr; n++)
        if (!str_cut(rest, '|', &rest).len)
            return false;
    return n > 0 && n < 256;
}

static const char *fault_of(const struct gw_plugin *p, const struct gw_option *o)
{
    union {
        bool b;
        char c;
        uint64_t u;
        struct gw_str s;
        uint8_t rank;
    } scratch;

    if (o->type >= NTYPES)
        return "type";
    if (o->offset > p->config_size || p->config_size - o->offset < types[o->type].size ||
        o->offset % types[o->type].align)
        return "offset";
    if (o->type == GW_OPT_CHOICE && !good_choices(o->choices))
        return "choices";
    if (!parse(o, str_of(o->initial), &scratch))
        return "initial";
    if (!o->help_fr || !o->help_en)
        return "help";
    for (const struct gw_option *other = p->options; other != o; other++)
        if (strcmp(other->name, o->name) == 0)
            return "twice";
    return o - p->options < MOST ? NULL : "count";
}

const struct gw_option *options_fault(const struct gw_plugin *p, const char **ret_why)
{
    for (const struct gw_option *o = p->options; o && o->name; o++) {
        *ret_why = o->name[0] ? fault_of(p, o) : "name";
        if (*ret_why)
            return o;
    }
    return NULL;
}

/* ---- printing ---- */

void options_print(const struct gw_plugin *p, enum lang lang, struct buf *out)
{
    for (const struct gw_option *o = p->options; o && o->name; o++) {
        const char *type = o->type == GW_OPT_CHOICE ? o->choices : types[o->type].word;

        buf_format(out, "  %-20s %-10s %-10s %s\n", o->name, type,
                   !o->initial                 ? "-"
                   : !strcmp(o->initial, "\t") ? "\\t"
                                               : o->initial,
                   lang == LANG_FR ? o->help_fr : o->help_en);
    }
}
