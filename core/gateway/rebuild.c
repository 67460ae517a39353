/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A stored payload as a line of the pivot again, cut down to what a destination may see. "TYPE.*" is all of a
 * type but what the schema marks as more than identity; that, and extensions ("TYPE.ext"), only by name.
 */
#include <yyjson.h>

#include "base/str.h"
#include "gateway/lines.h"
#include "gateway/plans.h"

struct rebuilding {
    const struct lines_filter *filter;
    struct gw_str type;
    struct buf *out;
};

static bool first_put(struct buf *out)
{
    return out->len && (out->data[out->len - 1] == '{' || out->data[out->len - 1] == '[');
}

static void key_put(struct buf *out, yyjson_val *key)
{
    if (!first_put(out))
        buf_char(out, ',');
    buf_json(out, (struct gw_str){yyjson_get_str(key), yyjson_get_len(key)});
    buf_char(out, ':');
}

static void value_put(struct buf *out, yyjson_val *v)
{
    yyjson_val *key, *item;
    size_t i, n;

    if (yyjson_is_str(v)) {
        buf_json(out, (struct gw_str){yyjson_get_str(v), yyjson_get_len(v)});
    } else if (yyjson_is_raw(v)) {
        buf_add(out, yyjson_get_raw(v), yyjson_get_len(v));
    } else if (yyjson_is_obj(v)) {
        buf_char(out, '{');
        yyjson_obj_foreach(v, i, n, key, item)
        {
            key_put(out, key);
            value_put(out, item);
        }
        buf_char(out, '}');
    } else if (yyjson_is_arr(v)) {
        buf_char(out, '[');
        yyjson_arr_foreach(v, i, n, item)
        {
            if (i)
                buf_char(out, ',');
            value_put(out, item);
        }
        buf_char(out, ']');
    } else {
        buf_text(out, yyjson_is_true(v) ? "true" : yyjson_is_false(v) ? "false" : "null");
    }
}

/* ---- what is allowed ---- */

static bool names_it(const struct rebuilding *r, struct gw_str field)
{
    for (size_t i = 0; i < r->filter->nfields; i++) {
        struct gw_str rest, type = str_cut(r->filter->fields[i], '.', &rest);

        if (str_eq(type, r->type) && rest.len &&
            (str_eq(rest, field) || (str_begins(field, rest) && field.len > rest.len &&
                                     (field.ptr[rest.len] == '.' || field.ptr[rest.len] == '['))))
            return true;
    }
    return false;
}

static bool has_type(const struct lines_filter *f, struct gw_str type)
{
    for (size_t i = 0; i < f->nfields; i++) {
        struct gw_str rest;

        if (str_eq(str_cut(f->fields[i], '.', &rest), type))
            return true;
    }
    return false;
}

static bool field_allowed(const struct rebuilding *r, const struct field *f)
{
    if (f->type == FIELD_REF && !has_type(r->filter, f->target))
        return false;
    return names_it(r, f->full) || (f->sensitivity < SENS_NIR && names_it(r, GW_STR("*")));
}

/* ---- objects ---- */

static void members_put(struct rebuilding *r, const struct shape *shape, yyjson_val *object,
                        struct gw_str prefix);

static void items_put(struct rebuilding *r, const struct field *f, yyjson_val *list)
{
    yyjson_val *item;
    size_t i, n;

    buf_char(r->out, '[');
    yyjson_arr_foreach(list, i, n, item)
    {
        if (i)
            buf_char(r->out, ',');
        buf_char(r->out, '{');
        members_put(r, f->items, item, GW_STR(""));
        buf_char(r->out, '}');
    }
    buf_char(r->out, ']');
}

static void group_put(struct rebuilding *r, const struct shape *shape, yyjson_val *key, yyjson_val *group,
                      struct gw_str name)
{
    size_t before = r->out->len, opened;
    struct buf dotted;

    key_put(r->out, key);
    buf_char(r->out, '{');
    opened = r->out->len;
    buf_init(&dotted, 1024);
    buf_str(&dotted, name);
    buf_char(&dotted, '.');
    members_put(r, shape, group, buf_view(&dotted));
    buf_done(&dotted);
    if (r->out->len == opened)
        r->out->len = before;
    else
        buf_char(r->out, '}');
}

static void member_put(struct rebuilding *r, const struct shape *shape, yyjson_val *key, yyjson_val *v,
                       struct gw_str name)
{
    const struct field *f = shape_field(shape, name, (struct gw_str){NULL, 0});

    if (!f && yyjson_is_obj(v)) {
        group_put(r, shape, key, v, name);
    } else if (f && f->type == FIELD_ITEMS && (field_allowed(r, f) || names_it(r, f->full))) {
        key_put(r->out, key);
        items_put(r, f, v);
    } else if (f && f->type != FIELD_ITEMS && field_allowed(r, f)) {
        key_put(r->out, key);
        value_put(r->out, v);
    }
}

static void members_put(struct rebuilding *r, const struct shape *shape, yyjson_val *object,
                        struct gw_str prefix)
{
    yyjson_val *key, *v;
    size_t i, n;

    if (!yyjson_is_obj(object))
        return;
    yyjson_obj_foreach(object, i, n, key, v)
    {
        struct buf name;

        buf_init(&name, 1024);
        buf_str(&name, prefix);
        buf_add(&name, yyjson_get_str(key), yyjson_get_len(key));
        if (!name.failed)
            member_put(r, shape, key, v, buf_view(&name));
        buf_done(&name);
    }
}

/* "refs":{...}, or nothing when nothing of it is left. */
static void part_put(struct rebuilding *r, const struct shape *shape, const char *name, yyjson_val *object,
                     bool always)
{
    size_t before = r->out->len, opened;

    buf_format(r->out, ",\"%s\":{", name);
    opened = r->out->len;
    members_put(r, shape, object, GW_STR(""));
    if (r->out->len == opened && !always)
        r->out->len = before;
    else
        buf_char(r->out, '}');
}

static void nir_put(struct rebuilding *r, const struct plan *plan, struct gw_str nir)
{
    if (!nir.ptr)
        return;
    if (!first_put(r->out))
        buf_char(r->out, ',');
    buf_json(r->out, plan->nir.name);
    buf_char(r->out, ':');
    buf_json(r->out, nir);
}

static void head_put(struct rebuilding *r, const uint8_t key[STORE_KEY], uint64_t record)
{
    buf_text(r->out, "{\"type\":");
    buf_json(r->out, r->type);
    buf_text(r->out, ",\"id\":\"");
    for (size_t i = 0; i < STORE_KEY; i++)
        buf_format(r->out, "%02x", key[i]);
    buf_format(r->out, "\",\"record\":%llu", (unsigned long long)record);
}

bool line_rebuild(struct pivot_lines *l, struct gw_str payload, const uint8_t key[STORE_KEY], struct gw_str nir,
                  uint64_t record, const struct lines_filter *allowed, struct buf *out)
{
    yyjson_doc *doc = yyjson_read(payload.ptr, payload.len, YYJSON_READ_NUMBER_AS_RAW);
    yyjson_val *root = yyjson_doc_get_root(doc), *type = yyjson_obj_get(root, "type");
    struct rebuilding r = {allowed, {yyjson_get_str(type), yyjson_get_len(type)}, out};
    const struct plan *plan = type ? plan_of(l->plans, r.type) : NULL;
    bool good = plan && has_type(allowed, r.type);

    if (good) {
        head_put(&r, key, record);
        part_put(&r, plan->shape, "refs", yyjson_obj_get(root, "refs"), false);
        part_put(&r, plan->shape, "fields", yyjson_obj_get(root, "fields"), true);
        if (nir.ptr) {
            out->len--;
            nir_put(&r, plan, nir);
            buf_char(out, '}');
        }
        if (names_it(&r, GW_STR("ext")) && yyjson_obj_get(root, "ext")) {
            buf_text(out, ",\"ext\":");
            value_put(out, yyjson_obj_get(root, "ext"));
        }
        buf_text(out, "}\n");
    }
    yyjson_doc_free(doc);
    return good;
}
