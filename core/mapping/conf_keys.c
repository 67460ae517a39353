/* SPDX-License-Identifier: EUPL-1.2 */
/* The keys of format.conf: one entry each {name, how it is taken, where it goes}. */
#include "mapping/cursor.h"
#include "mapping/format.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char texts[] = "\"...\" | ( \"...\", \"...\" )";
static const char group[] = "{ ... }";
static const char flag[] = "true | false";
static const char number[] = "0, 1, 2 ...";

/* ---- values ---- */

static bool take_nothing(const struct conf_value *v)
{
    return v->setting != NULL; /* `extends`, which was followed before */
}

static bool take_text(const struct conf_value *v)
{
    return config_setting_type(v->setting) == CONFIG_TYPE_STRING && conf_text(v->loader, v->setting, v->to);
}

static bool take_flag(const struct conf_value *v)
{
    if (config_setting_type(v->setting) != CONFIG_TYPE_BOOL)
        return false;
    *(bool *)v->to = config_setting_get_bool(v->setting);
    return true;
}

static bool take_number(const struct conf_value *v)
{
    int type = config_setting_type(v->setting);
    long long n = config_setting_get_int64(v->setting);

    if ((type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64) || n < 0)
        return false;
    *(uint64_t *)v->to = (uint64_t)n;
    return true;
}

static bool add_text(const struct conf_value *v, struct gw_str text)
{
    struct gw_str **list = v->to;

    *list = array_more(v->loader->arena, *list, *v->count, sizeof(**list));
    if (!*list) {
        v->loader->out_of_memory = true;
        *v->count = 0;
        return true;
    }
    (*list)[(*v->count)++] = text;
    return true;
}

static bool add_setting(const struct conf_value *v, const config_setting_t *s)
{
    struct gw_str text;

    return config_setting_type(s) == CONFIG_TYPE_STRING && conf_text(v->loader, s, &text) && add_text(v, text);
}

/* A text, or several in a list or an array. */
static bool take_texts(const struct conf_value *v)
{
    int type = config_setting_type(v->setting);

    if (type == CONFIG_TYPE_STRING)
        return add_setting(v, v->setting);
    if (type != CONFIG_TYPE_LIST && type != CONFIG_TYPE_ARRAY)
        return false;
    for (int i = 0; i < config_setting_length(v->setting); i++)
        if (!add_setting(v, config_setting_get_elem(v->setting, (unsigned)i)))
            return false;
    return true;
}

/* The same, or one text of words between blanks. */
static bool take_words(const struct conf_value *v)
{
    struct gw_str all, word;

    if (config_setting_type(v->setting) != CONFIG_TYPE_STRING)
        return take_texts(v);
    if (!conf_text(v->loader, v->setting, &all))
        return false;
    while ((word = word_next(&all)).len)
        (void)add_text(v, word);
    return true;
}

static bool take_settings(const struct conf_value *v)
{
    if (config_setting_type(v->setting) != CONFIG_TYPE_GROUP)
        return false;
    conf_take_group(v, NULL, 0, v->loader->format, v->to);
    return true;
}

/* "" or one of the words between bars, as its rank; -1: none of them. */
static int rank_of(const struct conf_value *v)
{
    struct gw_str text, word, rest = str_of(v->expected);

    if (!take_text(&(struct conf_value){.loader = v->loader, .setting = v->setting, .to = &text}))
        return -1;
    for (int i = 0; rest.ptr; i++) {
        word = str_trim(str_cut(rest, '|', &rest));
        if (str_eq(word, text))
            return i;
    }
    return -1;
}

static bool take_choice(const struct conf_value *v)
{
    return rank_of(v) >= 0 && take_text(v);
}

/* The second word is true. */
static bool take_either(const struct conf_value *v)
{
    int rank = rank_of(v);

    *(bool *)v->to = rank == 1;
    return rank >= 0;
}

/* ---- what is more than a value ---- */

static bool take_options(const struct conf_value *v)
{
    v->loader->format->options_file = v->layer->conf_file;
    return take_settings(v);
}

static bool take_absent(const struct conf_value *v)
{
    static const enum use policies[] = {USE_NULL, USE_EMPTY, USE_OMIT};
    struct format *f = v->to;
    int rank = rank_of(v);

    if (rank < 0)
        return false;
    f->absent_use = policies[rank];
    return take_text(&(struct conf_value){.loader = v->loader, .setting = v->setting, .to = &f->absent});
}

static void path_check(const struct conf_value *v, struct gw_str text, struct paths *ret)
{
    struct complaint place = {.file = v->layer->conf_file,
                              .line = config_setting_source_line(v->setting),
                              .in = config_setting_name(v->setting)};
    struct fault fault = {0};
    enum gw_result r = paths_parse(v->loader->arena, text, ret, &fault);

    if (r == GW_OK && ret->count != 1) {
        fault = (struct fault){"mapping.path", 1, text};
        r = GW_FAIL;
    }
    loader_parsed(v->loader, r, &fault, &place);
}

static bool take_record(const struct conf_value *v)
{
    struct format *f = v->to;

    if (!take_text(&(struct conf_value){.loader = v->loader, .setting = v->setting, .to = &f->record}))
        return false;
    path_check(v, f->record, &f->record_path);
    if (f->record_path.count && !f->record_path.items[0].nsteps)
        f->record_path.count = 0;
    return true;
}

static bool take_group_node(const struct conf_value *v)
{
    struct paths paths;

    if (!take_text(v))
        return false;
    path_check(v, *(struct gw_str *)v->to, &paths);
    return true;
}

static bool take_ignore(const struct conf_value *v)
{
    struct paths paths;

    if (!take_texts(v))
        return false;
    for (size_t i = 0; i < *v->count; i++)
        path_check(v, (*(struct gw_str **)v->to)[i], &paths);
    return true;
}

static bool take_name(const struct conf_value *v)
{
    struct format *f = v->to;
    struct complaint place = {
        .file = v->layer->conf_file, .line = config_setting_source_line(v->setting), .in = "name"};
    struct fault fault = {0};
    enum gw_result r;

    if (!take_text(&(struct conf_value){.loader = v->loader, .setting = v->setting, .to = &f->name_template}))
        return false;
    r = pattern_parse(v->loader->arena, f->name_template, &f->name_pattern, &fault);
    loader_parsed(v->loader, r, &fault, &place);
    return true;
}

static bool take_limits(const struct conf_value *v)
{
    static const struct conf_key limits[] = {
        {"records", take_number, offsetof(struct format, limit_records), 0, number},
        {"bytes", take_number, offsetof(struct format, limit_bytes), 0, number},
        {"files_per_run", take_number, offsetof(struct format, limit_files), 0, number},
    };

    if (config_setting_type(v->setting) != CONFIG_TYPE_GROUP)
        return false;
    conf_take_group(v, limits, COUNT(limits), v->to, NULL);
    return true;
}

/* One text for all, or { fr = ...; en = ...; }. */
static bool take_languages(const struct conf_value *v)
{
    static const struct conf_key languages[] = {
        {"fr", take_text, 0, 0, texts},
        {"en", take_text, sizeof(struct gw_str), 0, texts},
    };
    struct gw_str *both = v->to;

    if (config_setting_type(v->setting) == CONFIG_TYPE_GROUP) {
        conf_take_group(v, languages, COUNT(languages), both, NULL);
        return true;
    }
    if (!take_text(v))
        return false;
    both[1] = both[0];
    return true;
}

/* ---- profiles ---- */

static const struct conf_key profile_keys[] = {
    {"name", take_text, offsetof(struct profile, name), 0, texts},
    {"recognise", take_text, offsetof(struct profile, recognise), 0, texts},
    {"root", take_text, offsetof(struct profile, root), 0, texts},
    {"wrap", take_text, offsetof(struct profile, wrap), 0, texts},
    {"columns", take_words, offsetof(struct profile, columns), offsetof(struct profile, ncolumns), texts},
    {"default", take_flag, offsetof(struct profile, is_default), 0, flag},
    {"write", take_flag, offsetof(struct profile, write), 0, flag},
};

static void profile_check(const struct conf_value *v, const config_setting_t *s, const struct profile *p)
{
    const struct format *f = v->loader->format;

    if (!p->name.len)
        conf_complain(v->loader, v->layer, s, "format.missing", GW_STR("name"), NULL);
    for (const struct profile *other = f->profiles; other < p; other++)
        if (str_eq(other->name, p->name) || (other->is_default && p->is_default))
            conf_complain(v->loader, v->layer, s, "format.profile_twice", p->name, NULL);
}

static bool take_profile(const struct conf_value *v, config_setting_t *s)
{
    struct format *f = v->to;
    struct conf_value inner = *v;
    struct profile *p;

    if (config_setting_type(s) != CONFIG_TYPE_GROUP)
        return false;
    f->profiles = array_more(v->loader->arena, f->profiles, f->nprofiles, sizeof(*f->profiles));
    if (!f->profiles) {
        v->loader->out_of_memory = true;
        f->nprofiles = 0;
        return true;
    }
    p = &f->profiles[f->nprofiles++];
    inner.setting = s;
    conf_take_group(&inner, profile_keys, COUNT(profile_keys), p, &p->settings);
    profile_check(v, s, p);
    return true;
}

static bool take_profiles(const struct conf_value *v)
{
    if (config_setting_type(v->setting) != CONFIG_TYPE_LIST)
        return false;
    for (int i = 0; i < config_setting_length(v->setting); i++)
        if (!take_profile(v, config_setting_get_elem(v->setting, (unsigned)i)))
            return false;
    return true;
}

/* ---- the table ---- */

#define AT(field)   offsetof(struct format, field), 0
#define LIST(field) offsetof(struct format, field), offsetof(struct format, n##field)
#define WHOLE       0, 0

const struct conf_key conf_keys[] = {
    {"extends", take_nothing, WHOLE, texts},
    {"plugin", take_text, AT(plugin), texts},
    {"options", take_options, AT(options), group},
    {"label", take_languages, AT(label), texts},
    {"summary", take_languages, AT(summary), texts},
    {"evidence", take_choice, AT(evidence), "schema | sample | derived | code"},
    {"source", take_languages, AT(source), texts},
    {"encoding", take_text, AT(encoding), texts},
    {"unencodable", take_either, AT(fold_unencodable), "reject | fold"},
    {"charset", take_text, AT(charset), texts},
    {"record", take_record, WHOLE, texts},
    {"names", take_either, AT(loose), "exact | loose"},
    {"absent", take_absent, WHOLE, "null | empty | omit"},
    {"nothing", take_texts, LIST(nothing), texts},
    {"empty_clears", take_flag, AT(empty_clears), flag},
    {"trim", take_flag, AT(trim), flag},
    {"ignore", take_ignore, LIST(ignore), texts},
    {"group", take_group_node, AT(group), texts},
    {"group_by", take_texts, LIST(group_by), texts},
    {"name", take_name, WHOLE, texts},
    {"date", take_text, AT(date), texts},
    {"context", take_settings, AT(context), group},
    {"limits", take_limits, WHOLE, group},
    {"detect", take_texts, LIST(detect), texts},
    {"receipt", take_text, AT(receipt), texts},
    {"settles", take_settings, AT(settles), group},
    {"retry_key", take_texts, LIST(retry_key), texts},
    {"apply", take_choice, AT(apply), "file | record"},
    {"profiles", take_profiles, WHOLE, "( { name = \"...\"; }, ... )"},
    {"pivot", take_flag, AT(pivot), flag},
};
const size_t conf_nkeys = COUNT(conf_keys);
