/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * format.conf, by libconfig: reading one, finding each key's entry, taking the nearest layer's
 * value. What a key is stands in conf_keys.c. Nothing of libconfig outlives the loading.
 */
#include <stdio.h>

#include "mapping/cursor.h"
#include "mapping/format.h"

void conf_complain(struct loader *l, const struct layer *layer, const config_setting_t *at, const char *code,
                   struct gw_str found, const char *expected)
{
    loader_complain(l, &(struct complaint){
                           .code = code,
                           .file = layer->conf_file,
                           .line = at ? config_setting_source_line(at) : 0,
                           .found = found,
                           .expected = expected,
                           .in = at ? config_setting_name(at) : NULL,
                       });
}

/* ---- reading ---- */

/* An include would hide where a key stands, and reach out of the folder. */
static bool includes(struct loader *l, const struct layer *layer, struct gw_str text)
{
    struct gw_str line, rest = text;
    uint32_t number = 0;

    while (rest.ptr) {
        line = str_trim(str_cut(rest, '\n', &rest));
        number++;
        if (!str_begins(line, GW_STR("@include")))
            continue;
        loader_complain(l, &(struct complaint){.code = "format.conf",
                                               .file = layer->conf_file,
                                               .line = number,
                                               .column = 1,
                                               .found = line,
                                               .expected = "@include"});
        return true;
    }
    return false;
}

/* Behind the text that begins at `at`, or the end. */
static size_t text_pass(struct gw_str s, size_t at)
{
    for (at++; at < s.len && s.ptr[at] != '"'; at++)
        at += s.ptr[at] == '\\';
    return at < s.len ? at + 1 : s.len + 1;
}

static size_t comment_pass(struct gw_str s, size_t at)
{
    struct gw_str rest = str_from(s, at), end = GW_STR("\n");
    size_t n;

    if (str_begins(rest, GW_STR("/*")))
        end = GW_STR("*/");
    else if (s.ptr[at] != '#' && !str_begins(rest, GW_STR("//")))
        return at + 1;
    return str_find(rest, end, &n) ? at + n + end.len : s.len;
}

/* libconfig would name the last line. */
static bool unclosed(struct loader *l, const struct layer *layer, struct gw_str text)
{
    size_t at = 0, from = 0;

    while (at < text.len) {
        from = at;
        at = text.ptr[at] == '"' ? text_pass(text, at) : comment_pass(text, at);
    }
    if (at <= text.len)
        return false;
    loader_complain(l, &(struct complaint){.code = "format.quote",
                                           .file = layer->conf_file,
                                           .line = text_line(text, from),
                                           .found = str_chars_cut(str_from(text, from), 24)});
    return true;
}

static void extends_read(struct loader *l, struct layer *layer, struct gw_str *ret)
{
    const config_setting_t *s = config_lookup(&layer->config, "extends");

    if (!s)
        return;
    if (config_setting_type(s) != CONFIG_TYPE_STRING || !conf_text(l, s, ret))
        conf_complain(l, layer, s, "format.value", GW_STR(""), "\"...\"");
}

enum gw_result conf_open(struct loader *l, struct layer *layer, struct gw_str *ret_extends)
{
    struct complaint what = {.file = layer->conf_file};
    struct gw_str text;
    enum gw_result r = file_text(l->arena, layer->conf_file, TABLE_MAX, &text, &what.line);

    *ret_extends = (struct gw_str){NULL, 0};
    if (r == GW_FATAL || r == GW_END)
        return r;
    if (r != GW_OK) {
        what.code = r == GW_REJECT ? "format.utf8" : "format.file";
        loader_complain(l, &what);
        return GW_FAIL;
    }
    if (includes(l, layer, text) || unclosed(l, layer, text))
        return GW_FAIL;
    config_init(&layer->config);
    layer->opened = true;
    if (memchr(text.ptr, '\0', text.len) || config_read_string(&layer->config, text.ptr) != CONFIG_TRUE) {
        what.code = "format.conf";
        what.line = (uint32_t)config_error_line(&layer->config);
        what.found = str_of(config_error_text(&layer->config));
        loader_complain(l, &what);
        return GW_FAIL;
    }
    extends_read(l, layer, ret_extends);
    return GW_OK;
}

/* ---- scalars ---- */

bool conf_text(struct loader *l, const config_setting_t *s, struct gw_str *ret)
{
    const char *text;

    switch (config_setting_type(s)) {
    case CONFIG_TYPE_STRING:
        text = config_setting_get_string(s);
        break;
    case CONFIG_TYPE_BOOL:
        text = config_setting_get_bool(s) ? "true" : "false";
        break;
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        text = arena_format(l->arena, "%lld", (long long)config_setting_get_int64(s));
        break;
    case CONFIG_TYPE_FLOAT:
        text = arena_format(l->arena, "%.15g", config_setting_get_float(s));
        break;
    default:
        return false;
    }
    *ret = arena_copy(l->arena, str_of(text));
    l->out_of_memory |= !ret->ptr;
    return true;
}

bool conf_setting(const struct conf_value *v, const config_setting_t *s, struct settings *to)
{
    struct setting one = {.name = arena_copy(v->loader->arena, str_of(config_setting_name(s))),
                          .line = config_setting_source_line(s)};

    if (!conf_text(v->loader, s, &one.text))
        return false;
    to->items = array_more(v->loader->arena, to->items, to->count, sizeof(*to->items));
    if (!to->items || !one.name.ptr) {
        v->loader->out_of_memory = true;
        to->count = 0;
        return true;
    }
    to->items[to->count++] = one;
    return true;
}

/* ---- keys ---- */

static const struct conf_key *find(const struct conf_key *keys, size_t nkeys, const char *name)
{
    for (size_t i = 0; i < nkeys; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

static void unknown(struct loader *l, const struct layer *layer, const config_setting_t *s,
                    const struct conf_key *keys, size_t nkeys)
{
    const char *names[64];
    size_t n = nkeys < 64 ? nkeys : 64;
    struct gw_str name = str_of(config_setting_name(s));

    for (size_t i = 0; i < n; i++)
        names[i] = keys[i].name;
    conf_complain(l, layer, s, "format.key", name, str_nearest(name, names, n));
}

static void take(struct loader *l, const struct layer *layer, config_setting_t *s, const struct conf_key *key,
                 void *to)
{
    struct conf_value v = {
        l, layer, s, (char *)to + key->offset, (size_t *)((char *)to + key->count), key->expected};
    struct gw_str found = GW_STR("");

    if (key->take(&v))
        return;
    (void)conf_text(l, s, &found);
    conf_complain(l, layer, s, "format.value", found, key->expected);
}

void conf_take_group(const struct conf_value *group, const struct conf_key *keys, size_t nkeys, void *to,
                     struct settings *others)
{
    for (int i = 0; i < config_setting_length(group->setting); i++) {
        config_setting_t *s = config_setting_get_elem(group->setting, (unsigned)i);
        const struct conf_key *key = find(keys, nkeys, config_setting_name(s));

        if (key)
            take(group->loader, group->layer, s, key, to);
        else if (!others)
            unknown(group->loader, group->layer, s, keys, nkeys);
        else if (!conf_setting(group, s, others))
            conf_complain(group->loader, group->layer, s, "format.value", GW_STR(""),
                          "\"...\" | 0 | true | false");
    }
}

static bool overridden(const struct loader *l, size_t layer, const char *name)
{
    for (size_t i = 0; i < layer; i++)
        if (config_lookup(&l->layers[i].config, name))
            return true;
    return false;
}

void conf_fill(struct loader *l)
{
    for (size_t i = 0; i < l->nlayers; i++) {
        const struct layer *layer = &l->layers[i];
        config_setting_t *root = config_root_setting(&layer->config);

        for (int k = 0; k < config_setting_length(root); k++) {
            config_setting_t *s = config_setting_get_elem(root, (unsigned)k);
            const struct conf_key *key = find(conf_keys, conf_nkeys, config_setting_name(s));

            if (!key)
                unknown(l, layer, s, conf_keys, conf_nkeys);
            else if (!overridden(l, i, key->name))
                take(l, layer, s, key, l->format);
        }
    }
    if (!l->failed && !l->format->plugin.ptr)
        conf_complain(l, &l->layers[0], NULL, "format.missing", GW_STR("plugin"), NULL);
}
