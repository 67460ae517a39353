/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/duty.h"

#include <yyjson.h>

#include "base/str.h"

const char *const verb_words[3] = {"fetch", "send", "probe"};

#define OF(m) offsetof(struct duty, m)

static const struct key_row duty_keys[] = {
    {"verb", VALUE_WORD, OF(verb), "\"fetch\" | \"send\" | \"probe\""},
    {"out", VALUE_BOOL, OF(out), ""},
    {"dry", VALUE_BOOL, OF(dry), ""},
    {"again", VALUE_BOOL, OF(again), ""},
    {"flow", VALUE_TEXT, OF(flow), ""},
    {"local", VALUE_TEXT, OF(local), ""},
    {"name", VALUE_TEXT, OF(name), ""},
    {"size", VALUE_NUMBER, OF(size), ""},
};

/* ---- writing ---- */

static void write_texts(struct buf *out, const struct texts *t)
{
    for (size_t i = 0; i < t->count; i++) {
        buf_char(out, i ? ',' : '[');
        buf_json(out, t->items[i]);
    }
    buf_text(out, t->count ? "]" : "[]");
}

static void write_value(struct buf *out, const struct key_row *k, const void *at)
{
    switch (k->kind) {
    case VALUE_TEXT:
    case VALUE_FILE:
    case VALUE_SECRET:
        buf_json(out, *(const struct gw_str *)at);
        break;
    case VALUE_TEXTS:
        write_texts(out, at);
        break;
    case VALUE_NUMBER:
    case VALUE_SECONDS:
    case VALUE_BYTES:
        buf_number(out, *(const uint64_t *)at);
        break;
    case VALUE_BOOL:
        buf_text(out, *(const bool *)at ? "true" : "false");
        break;
    case VALUE_WORD:
        buf_json(out, key_word(k, *(const unsigned *)at));
        break;
    }
}

static bool is_absent(const struct key_row *k, const void *at)
{
    return k->kind <= VALUE_SECRET && k->kind != VALUE_TEXTS && !((const struct gw_str *)at)->ptr;
}

void keys_write(struct buf *out, const struct key_row *keys, size_t n, const void *of)
{
    bool first = true;

    for (size_t i = 0; i < n; i++) {
        const void *at = (const char *)of + keys[i].offset;

        if (is_absent(&keys[i], at))
            continue;
        buf_char(out, first ? '{' : ',');
        first = false;
        buf_json(out, str_of(keys[i].name));
        buf_char(out, ':');
        write_value(out, &keys[i], at);
    }
    buf_text(out, first ? "{}" : "}");
}

void duty_write(struct buf *out, const struct duty *d)
{
    buf_text(out, "{\"duty\":");
    keys_write(out, duty_keys, sizeof(duty_keys) / sizeof(*duty_keys), d);
    buf_text(out, ",\"connector\":");
    keys_write(out, connector_keys, connector_nkeys, &d->connector);
    buf_text(out, ",\"errand\":");
    keys_write(out, errand_keys, errand_nkeys, &d->errand);
    buf_text(out, "}");
}

/* ---- reading ---- */

static bool read_text(struct arena *a, yyjson_val *v, struct gw_str *ret)
{
    const char *copy;

    if (!yyjson_is_str(v))
        return false;
    copy = arena_text(a, (struct gw_str){yyjson_get_str(v), yyjson_get_len(v)});
    *ret = (struct gw_str){copy, yyjson_get_len(v)};
    return copy != NULL;
}

static bool read_texts(struct arena *a, yyjson_val *v, struct texts *ret)
{
    size_t n = yyjson_arr_size(v);
    struct gw_str *items = arena_array(a, n + 1, sizeof(*items));

    if (!yyjson_is_arr(v) || !items)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!read_text(a, yyjson_arr_get(v, i), &items[i]))
            return false;
    *ret = (struct texts){items, n};
    return true;
}

static bool read_word(const struct key_row *k, yyjson_val *v, unsigned *ret)
{
    return yyjson_is_str(v) && key_rank(k, (struct gw_str){yyjson_get_str(v), yyjson_get_len(v)}, ret);
}

static bool read_value(struct arena *a, const struct key_row *k, yyjson_val *v, void *at)
{
    switch (k->kind) {
    case VALUE_TEXT:
    case VALUE_FILE:
    case VALUE_SECRET:
        return read_text(a, v, at);
    case VALUE_TEXTS:
        return read_texts(a, v, at);
    case VALUE_NUMBER:
    case VALUE_SECONDS:
    case VALUE_BYTES:
        *(uint64_t *)at = yyjson_get_uint(v);
        return yyjson_is_uint(v);
    case VALUE_BOOL:
        *(bool *)at = yyjson_is_true(v);
        return yyjson_is_bool(v);
    case VALUE_WORD:
        return read_word(k, v, at);
    }
    return false;
}

bool keys_read(struct arena *a, struct yyjson_val *object, const struct key_row *keys, size_t n, void *to)
{
    size_t known = 0;

    for (size_t i = 0; i < n; i++) {
        yyjson_val *v = yyjson_obj_get(object, keys[i].name);

        if (v && !read_value(a, &keys[i], v, (char *)to + keys[i].offset))
            return false;
        known += v != NULL;
    }
    return yyjson_is_obj(object) && known == yyjson_obj_size(object);
}

enum gw_result duty_read(struct arena *a, struct gw_str text, struct duty *ret)
{
    yyjson_doc *doc = yyjson_read(text.ptr, text.len, 0);
    yyjson_val *root = yyjson_doc_get_root(doc);
    bool good;

    *ret = (struct duty){.verb = VERB_FETCH};
    connector_defaults(&ret->connector);
    errand_defaults(&ret->errand);
    good = keys_read(a, yyjson_obj_get(root, "duty"), duty_keys, sizeof(duty_keys) / sizeof(*duty_keys), ret) &&
           keys_read(a, yyjson_obj_get(root, "connector"), connector_keys, connector_nkeys, &ret->connector) &&
           keys_read(a, yyjson_obj_get(root, "errand"), errand_keys, errand_nkeys, &ret->errand);
    yyjson_doc_free(doc);
    return good ? GW_OK : GW_FAIL;
}
