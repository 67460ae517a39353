/* SPDX-License-Identifier: EUPL-1.2 */
/* A schema's text made JSON: stricter than the parser is, so that nothing in it is silently nothing. */
#include <string.h>

#include "base/str.h"
#include "schema/load.h"

#define DEEPEST 64 /* of a document; groups in groups end earlier */

struct fault {
    const char *reason;
    size_t at;
};

void file_fault(struct loader *l, const struct document *d, const char *code, const char *reason, size_t at)
{
    const struct gw_arg arg = {"reason", str_of(reason)};
    struct diag diag = {
        .severity = GW_ERROR, .code = code, .file = d->file, .byte = UINT64_MAX, .args = &arg, .nargs = 1};

    if (at != SIZE_MAX) {
        diag.byte = at;
        text_place(d->text, at, &diag.line, &diag.column);
    }
    l->sink->put(l->sink, &diag);
    l->failed = true;
}

/* Texts lie where they stood in the document. */
static bool is_fault(const struct document *d, yyjson_val *text, const char *reason, struct fault *ret)
{
    *ret = (struct fault){reason, (size_t)(yyjson_get_str(text) - d->json.data)};
    return false;
}

static bool text_good(const struct document *d, yyjson_val *v, struct fault *ret)
{
    return strlen(yyjson_get_str(v)) == yyjson_get_len(v) || is_fault(d, v, "\\u0000", ret);
}

static bool value_good(const struct document *d, yyjson_val *v, unsigned depth, struct fault *ret);

static bool members_good(const struct document *d, yyjson_val *object, unsigned depth, struct fault *ret)
{
    size_t i, n;
    yyjson_val *key, *value;

    yyjson_obj_foreach(object, i, n, key, value)
    {
        if (!text_good(d, key, ret) || !value_good(d, value, depth, ret))
            return false;
        if (yyjson_obj_getn(object, yyjson_get_str(key), yyjson_get_len(key)) != value)
            return is_fault(d, key, "a key twice", ret);
    }
    return true;
}

static bool value_good(const struct document *d, yyjson_val *v, unsigned depth, struct fault *ret)
{
    size_t i, n;
    yyjson_val *item;

    if (yyjson_is_str(v))
        return text_good(d, v, ret);
    if (yyjson_is_ctn(v) && depth == DEEPEST) {
        *ret = (struct fault){"too deep", 0};
        return false;
    }
    if (yyjson_is_obj(v))
        return members_good(d, v, depth + 1, ret);
    yyjson_arr_foreach(v, i, n, item) if (!value_good(d, item, depth + 1, ret)) return false;
    return true;
}

enum gw_result document_parse(struct loader *l, struct document *d)
{
    static const char end[YYJSON_PADDING_SIZE];
    yyjson_read_err error = {.pos = 0};
    struct fault fault;

    buf_init(&d->json, d->text.len + sizeof(end) + 1);
    buf_str(&d->json, d->text);
    buf_add(&d->json, end, sizeof(end));
    if (d->json.failed)
        return GW_FATAL;
    d->parsed = yyjson_read_opts(d->json.data, d->text.len, YYJSON_READ_INSITU, NULL, &error);
    fault = (struct fault){error.msg, error.pos};
    if (d->parsed && value_good(d, yyjson_doc_get_root(d->parsed), 0, &fault))
        d->root = yyjson_doc_get_root(d->parsed);
    else if (error.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
        return GW_FATAL;
    else
        file_fault(l, d, "schema.json", fault.reason, fault.at);
    return GW_OK;
}

void document_free(struct document *d)
{
    yyjson_doc_free(d->parsed);
    buf_done(&d->json);
}
