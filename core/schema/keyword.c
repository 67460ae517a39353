/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The written subset of JSON Schema (schemas/pivot/README.md): which keyword may stand where, and
 * with what value. Anything else is a fault, so that a misspelt keyword is never silently nothing.
 */
#include <string.h>

#include "base/str.h"
#include "schema/load.h"

enum kind { KIND_WORD, KIND_SWITCH, KIND_NUMBER, KIND_OBJECT, KIND_WORDS };

#define FORM_FILES  (FORM_TYPE | FORM_SHARED)
#define FORM_GROUPS (FORM_GROUP | FORM_ITEM_GROUP)
#define FORM_LEAVES (FORM_LEAF | FORM_ITEM_LEAF)
#define FORM_PLACES (FORM_GROUP | FORM_REF | FORM_LIST | FORM_LEAF | FORM_TREE)
#define FORM_ANY    (FORM_FILES | FORM_PLACES | FORM_ITEM_GROUP | FORM_ITEM_REF | FORM_ITEM_LEAF)

static const struct keyword {
    const char *name;
    enum kind kind;
    unsigned forms;
} keywords[] = {
    {"$comment", KIND_WORD, FORM_ANY},
    {"$id", KIND_WORD, FORM_FILES},
    {"$ref", KIND_WORD, FORM_REF | FORM_ITEM_REF},
    {"$schema", KIND_WORD, FORM_FILES},
    {"additionalProperties", KIND_SWITCH, FORM_FILES | FORM_GROUPS},
    {"format", KIND_WORD, FORM_LEAVES},
    {"items", KIND_OBJECT, FORM_LIST},
    {"properties", KIND_OBJECT, FORM_FILES | FORM_GROUPS},
    {"type", KIND_WORD, FORM_FILES | FORM_GROUPS | FORM_LIST | FORM_LEAVES},
    {"x-check", KIND_WORDS, FORM_TYPE | FORM_LEAVES},
    {"x-codes", KIND_WORD, FORM_LEAVES},
    {"x-en", KIND_WORD, FORM_FILES | FORM_PLACES},
    {"x-fr", KIND_WORD, FORM_FILES | FORM_PLACES},
    {"x-key", KIND_WORD, FORM_LIST | FORM_LEAF},
    {"x-open", KIND_SWITCH, FORM_LEAVES},
    {"x-ref", KIND_WORD, FORM_LEAVES},
    {"x-scale", KIND_NUMBER, FORM_LEAVES},
    {"x-sensitivity", KIND_WORD, FORM_PLACES},
    {"x-stream", KIND_SWITCH, FORM_TYPE},
    {"x-tree", KIND_SWITCH, FORM_TREE},
};

enum { NKEYWORDS = sizeof(keywords) / sizeof(keywords[0]) };

static const char *const draft = "https://json-schema.org/draft/2020-12/schema";
static const char *const sensitivities[] = {"none",      "personal", "identity", "nir",
                                            "sensitive", "judicial", NULL};
static const char *const keys[] = {"", "strong", "weak", "part", NULL};
static const char *const types[] = {"string", "integer", "boolean", NULL};
static const char *const formats[] = {"date", "datetime", "month", "clock", "decimal", NULL};

static bool kind_fits(enum kind kind, yyjson_val *v)
{
    size_t i, n;
    yyjson_val *item;

    switch (kind) {
    case KIND_WORD:
        return yyjson_is_str(v);
    case KIND_SWITCH:
        return yyjson_is_bool(v);
    case KIND_NUMBER:
        return yyjson_is_int(v);
    case KIND_OBJECT:
        return yyjson_is_obj(v);
    case KIND_WORDS:
        yyjson_arr_foreach(v, i, n, item) if (!yyjson_is_str(item)) return false;
        return yyjson_arr_size(v) > 0;
    }
    return false;
}

static const char *const kind_words[] = {
    [KIND_WORD] = "\"…\"", [KIND_SWITCH] = "true | false", [KIND_NUMBER] = "0…9",
    [KIND_OBJECT] = "{…}", [KIND_WORDS] = "[\"…\"]",
};

static const struct keyword *keyword_find(const char *name)
{
    for (size_t i = 0; i < NKEYWORDS; i++)
        if (strcmp(keywords[i].name, name) == 0)
            return &keywords[i];
    return NULL;
}

static void unknown_keyword(struct loader *l, const struct way *way, const char *name)
{
    const char *names[NKEYWORDS];
    const char *near;

    for (size_t i = 0; i < NKEYWORDS; i++)
        names[i] = keywords[i].name;
    near = str_nearest(str_of(name), names, NKEYWORDS);
    load_fault(l, way, "schema.keyword", str_of(name), near ? near : "schemas/pivot/README.md");
}

static bool keywords_check(struct loader *l, const struct way *up, yyjson_val *json, enum form form)
{
    bool good = true;
    size_t i, n;
    yyjson_val *key, *value;

    yyjson_obj_foreach(json, i, n, key, value)
    {
        const char *name = yyjson_get_str(key);
        const struct way way = {up, name, 0};
        const struct keyword *k = keyword_find(name);

        if (!k)
            unknown_keyword(l, &way, name);
        else if (!(k->forms & form))
            load_fault(l, &way, "schema.keyword_place", str_of(name), NULL);
        else if (!kind_fits(k->kind, value))
            load_fault(l, &way, "schema.value", str_of(name), kind_words[k->kind]);
        else
            continue;
        good = false;
    }
    return good;
}

/* The rank of a keyword's word among those it may have; `absent` when it is not there, -2 when at fault. */
static int choice(struct loader *l, const struct way *up, yyjson_val *json, const char *keyword,
                  const char *const *words, int absent)
{
    const char *word = yyjson_get_str(yyjson_obj_get(json, keyword));
    const struct way way = {up, keyword, 0};
    struct buf b;

    if (!word)
        return absent;
    for (int i = 0; words[i]; i++)
        if (words[i][0] && strcmp(word, words[i]) == 0)
            return i;
    buf_init(&b, 1024);
    for (int i = 0; words[i]; i++)
        buf_format(&b, "%s%s", b.len ? " | " : "", words[i]);
    load_fault(l, &way, "schema.value", str_of(word), b.data);
    buf_done(&b);
    return -2;
}

/* A word that is not there is absent; false: no memory for one that is. */
static bool word_of(struct loader *l, yyjson_val *json, const char *keyword, struct gw_str *ret)
{
    yyjson_val *v = yyjson_obj_get(json, keyword);

    *ret = (struct gw_str){NULL, 0};
    if (yyjson_is_str(v))
        *ret = arena_copy(l->m->arena, (struct gw_str){yyjson_get_str(v), yyjson_get_len(v)});
    return ret->ptr || !yyjson_is_str(v);
}

static enum gw_result checks_read(struct loader *l, yyjson_val *json, struct spec *ret)
{
    yyjson_val *list = yyjson_obj_get(json, "x-check");
    size_t n = yyjson_arr_size(list);
    struct gw_str *checks = n ? arena_array(l->m->arena, n, sizeof(*checks)) : NULL;

    for (size_t i = 0; checks && i < n; i++) {
        checks[i] = arena_copy(l->m->arena, str_of(yyjson_get_str(yyjson_arr_get(list, i))));
        if (!checks[i].ptr)
            return GW_FATAL;
    }
    ret->checks = checks;
    ret->nchecks = n;
    return n && !checks ? GW_FATAL : GW_OK;
}

static enum gw_result combination_fault(struct loader *l, const struct way *way, const char *found,
                                        const char *expected)
{
    load_fault(l, way, "schema.combination", str_of(found), expected);
    return GW_REJECT;
}

/* What a scalar is, from type, format, x-codes and x-ref: at most one of the last three. */
static enum gw_result leaf_read(struct loader *l, const struct way *way, yyjson_val *json, struct spec *s)
{
    static const enum field_type by_type[] = {FIELD_TEXT, FIELD_INTEGER, FIELD_BOOLEAN};
    static const enum field_type by_format[] = {FIELD_DATE, FIELD_DATETIME, FIELD_MONTH, FIELD_TIME,
                                                FIELD_DECIMAL};
    int type = choice(l, way, json, "type", types, -1);
    int format = choice(l, way, json, "format", formats, -1);
    yyjson_val *scale = yyjson_obj_get(json, "x-scale");
    int said = (format >= 0) + (s->codes.ptr != NULL) + (s->target.ptr != NULL);

    if (type == -1)
        load_fault(l, way, "schema.missing", str_of("type"), NULL);
    if (type < 0 || format == -2)
        return GW_REJECT;
    if (said > 1 || (said && by_type[type] != FIELD_TEXT))
        return combination_fault(l, way, "format, x-codes, x-ref", "\"type\": \"string\"");
    s->type = format >= 0     ? by_format[format]
              : s->codes.ptr  ? FIELD_CODE
              : s->target.ptr ? FIELD_REF
                              : by_type[type];
    if (s->open && s->type != FIELD_CODE)
        return combination_fault(l, way, "x-open", "x-codes");
    if (scale && s->type != FIELD_DECIMAL)
        return combination_fault(l, way, "x-scale", "\"format\": \"decimal\"");
    if (scale && (yyjson_get_sint(scale) < 0 || yyjson_get_sint(scale) > 9)) {
        load_fault(l, way, "schema.value", str_of("x-scale"), "0…9");
        return GW_REJECT;
    }
    s->scale = scale ? (int8_t)yyjson_get_sint(scale) : -1;
    return GW_OK;
}

static enum gw_result words_read(struct loader *l, const struct way *way, yyjson_val *json, struct spec *s)
{
    int key = choice(l, way, json, "x-key", keys, KEY_NONE);

    s->sensitivity = choice(l, way, json, "x-sensitivity", sensitivities, -1);
    s->key = key < 0 ? KEY_NONE : (enum key)key;
    if (!word_of(l, json, "$ref", &s->ref) || !word_of(l, json, "x-codes", &s->codes) ||
        !word_of(l, json, "x-ref", &s->target) || !word_of(l, json, "x-fr", &s->label[LANG_FR]) ||
        !word_of(l, json, "x-en", &s->label[LANG_EN]))
        return GW_FATAL;
    s->open = yyjson_is_true(yyjson_obj_get(json, "x-open"));
    s->stream = yyjson_is_true(yyjson_obj_get(json, "x-stream"));
    s->properties = yyjson_obj_get(json, "properties");
    s->items = yyjson_obj_get(json, "items");
    if (key == -2 || s->sensitivity == -2)
        return GW_REJECT;
    return checks_read(l, json, s);
}

/* What the form needs and what may not be otherwise. */
static enum gw_result form_check(struct loader *l, const struct way *way, yyjson_val *json,
                                 const struct spec *s)
{
    unsigned grouped = FORM_FILES | FORM_GROUPS;
    const char *missing = (s->form & grouped) && !s->properties ? "properties"
                          : s->form == FORM_LIST && !s->items   ? "items"
                                                                : NULL;
    const char *off = yyjson_is_true(yyjson_obj_get(json, "additionalProperties")) ? "additionalProperties"
                      : yyjson_is_false(yyjson_obj_get(json, "x-tree"))            ? "x-tree"
                                                                                   : NULL;

    if (missing)
        load_fault(l, way, "schema.missing", str_of(missing), NULL);
    else if (off)
        load_fault(l, way, "schema.value", str_of(off), off[0] == 'x' ? "true" : "false");
    return missing || off ? GW_REJECT : GW_OK;
}

static enum form form_of(yyjson_val *json, bool item)
{
    const char *type = yyjson_get_str(yyjson_obj_get(json, "type"));

    if (yyjson_obj_get(json, "$ref"))
        return item ? FORM_ITEM_REF : FORM_REF;
    if (type && strcmp(type, "object") == 0)
        return item ? FORM_ITEM_GROUP : FORM_GROUP;
    if (type && strcmp(type, "array") == 0 && !item)
        return FORM_LIST;
    if (yyjson_obj_get(json, "x-tree") && !item)
        return FORM_TREE;
    return item ? FORM_ITEM_LEAF : FORM_LEAF;
}

enum gw_result spec_read(struct loader *l, const struct way *way, yyjson_val *json, bool item, struct spec *ret)
{
    enum gw_result r;

    *ret = (struct spec){.form = form_of(json, item), .sensitivity = -1, .scale = -1};
    if (!yyjson_is_obj(json)) {
        load_fault(l, way, "schema.value", str_of(item ? "items" : "properties"), kind_words[KIND_OBJECT]);
        return GW_REJECT;
    }
    if (!keywords_check(l, way, json, ret->form))
        return GW_REJECT;
    r = words_read(l, way, json, ret);
    if (r == GW_OK)
        r = form_check(l, way, json, ret);
    if (r == GW_OK && (ret->form & FORM_LEAVES))
        r = leaf_read(l, way, json, ret);
    if (ret->form == FORM_TREE)
        ret->type = FIELD_TREE;
    return r;
}

enum gw_result spec_read_file(struct loader *l, yyjson_val *json, enum form form, struct spec *ret)
{
    static const char *const object[] = {"object", NULL};
    const char *const drafts[] = {draft, NULL};
    enum gw_result r;

    *ret = (struct spec){.form = form, .sensitivity = -1, .scale = -1};
    if (!yyjson_is_obj(json)) {
        load_fault(l, NULL, "schema.value", l->doc->name, kind_words[KIND_OBJECT]);
        return GW_REJECT;
    }
    if (!keywords_check(l, NULL, json, form))
        return GW_REJECT;
    if (choice(l, NULL, json, "$schema", drafts, 0) || choice(l, NULL, json, "type", object, 0))
        return GW_REJECT;
    r = words_read(l, NULL, json, ret);
    return r == GW_OK ? form_check(l, NULL, json, ret) : r;
}
