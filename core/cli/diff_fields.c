/* SPDX-License-Identifier: EUPL-1.2 */
/* Which fields of a resource differ. A value is shown only where its field is not more than personal. */
#include <stdio.h>
#include <yyjson.h>

#include "base/str.h"
#include "cli/diff_compare.h"
#include "gateway/plans.h"

struct fields {
    const struct comparing *c;
    const struct shape *shape;
    struct buf out;
    size_t count;
};

static void value_put(struct buf *out, yyjson_val *v)
{
    if (yyjson_is_str(v))
        buf_json(out, (struct gw_str){yyjson_get_str(v), yyjson_get_len(v)});
    else if (yyjson_is_raw(v))
        buf_add(out, yyjson_get_raw(v), yyjson_get_len(v));
    else
        buf_text(out, yyjson_is_true(v) ? "true" : yyjson_is_false(v) ? "false" : "null");
}

static bool is_plain(yyjson_val *v)
{
    return !yyjson_is_obj(v) && !yyjson_is_arr(v);
}

static void report(struct fields *f, struct gw_str name, bool shown, yyjson_val *before, yyjson_val *after)
{
    bool json = f->c->o->in->json;

    shown = shown && is_plain(before) && is_plain(after);
    if (f->count++)
        buf_text(&f->out, json ? "," : ", ");
    if (json) {
        buf_text(&f->out, "{\"name\":");
        buf_json(&f->out, name);
    } else {
        buf_str(&f->out, name);
    }
    if (shown) {
        buf_text(&f->out, json ? ",\"before\":" : " (");
        value_put(&f->out, before);
        buf_text(&f->out, json ? ",\"after\":" : " > ");
        value_put(&f->out, after);
        buf_text(&f->out, json ? "" : ")");
    } else if (json) {
        buf_text(&f->out, ",\"masked\":true");
    }
    buf_text(&f->out, json ? "}" : "");
}

/* A group, or the absence of one. */
static bool is_group(yyjson_val *before, yyjson_val *after)
{
    return (yyjson_is_obj(before) || !before) && (yyjson_is_obj(after) || !after);
}

static void walk(struct fields *f, struct gw_str prefix, bool fields, yyjson_val *before, yyjson_val *after);

static void one(struct fields *f, struct gw_str prefix, bool fields, yyjson_val *key, yyjson_val *before,
                yyjson_val *after)
{
    struct gw_str none = {NULL, 0};
    const struct field *known;
    struct buf name;

    if (before && after && yyjson_equals(before, after))
        return;
    buf_init(&name, 4096);
    buf_str(&name, prefix);
    buf_add(&name, yyjson_get_str(key), yyjson_get_len(key));
    known = fields ? shape_field(f->shape, buf_view(&name), none) : NULL;
    if (!known && is_group(before, after)) {
        buf_char(&name, '.');
        walk(f, buf_view(&name), fields, before, after);
    } else {
        report(f, buf_view(&name), known && known->sensitivity <= SENS_PERSONAL, before, after);
    }
    buf_done(&name);
}

static void walk(struct fields *f, struct gw_str prefix, bool fields, yyjson_val *before, yyjson_val *after)
{
    yyjson_val *key, *v;
    size_t i, n;

    yyjson_obj_foreach(before, i, n, key, v)
    {
        one(f, prefix, fields, key, v, yyjson_obj_getn(after, yyjson_get_str(key), yyjson_get_len(key)));
    }
    yyjson_obj_foreach(after, i, n, key, v)
    {
        if (!yyjson_obj_getn(before, yyjson_get_str(key), yyjson_get_len(key)))
            one(f, prefix, fields, key, NULL, v);
    }
}

static void lists_of(struct fields *f, struct gw_str before, struct gw_str after)
{
    yyjson_doc *old = yyjson_read(before.ptr, before.len, YYJSON_READ_NUMBER_AS_RAW);
    yyjson_doc *now = yyjson_read(after.ptr, after.len, YYJSON_READ_NUMBER_AS_RAW);
    yyjson_val *a = yyjson_doc_get_root(old), *b = yyjson_doc_get_root(now);

    walk(f, GW_STR(""), true, yyjson_obj_get(a, "fields"), yyjson_obj_get(b, "fields"));
    walk(f, GW_STR(""), false, yyjson_obj_get(a, "refs"), yyjson_obj_get(b, "refs"));
    walk(f, GW_STR("ext."), false, yyjson_obj_get(a, "ext"), yyjson_obj_get(b, "ext"));
    yyjson_doc_free(old);
    yyjson_doc_free(now);
}

static void print(const struct fields *f, const struct pivot_line *l)
{
    const struct comparing *c = f->c;
    char key[2 * STORE_KEY + 1];

    for (size_t i = 0; i < STORE_KEY; i++)
        (void)snprintf(key + 2 * i, 3, "%02x", l->key[i]);
    if (c->o->in->json)
        printf("{\"exchange\":%lld,\"record\":%llu,\"type\":\"%.*s\",\"key\":\"%s\",\"fields\":[%s]}\n",
               (long long)c->exchange, (unsigned long long)c->lines.at.record, STR_ARG(l->type), key,
               f->out.data);
    else
        printf("  %lld:%llu  %.*s %.8s  %s\n", (long long)c->exchange, (unsigned long long)c->lines.at.record,
               STR_ARG(l->type), key, f->out.data);
}

void fields_print(const struct comparing *c, const struct pivot_line *l, const struct resource_row *stored)
{
    struct fields f = {.c = c, .shape = l->plan->shape};

    buf_init(&f.out, (size_t)1 << 20);
    lists_of(&f, stored->payload, l->payload);
    if (!str_eq(stored->nir, l->nir))
        report(&f, l->plan->nir.name, false, NULL, NULL);
    print(&f, l);
    buf_done(&f.out);
}
