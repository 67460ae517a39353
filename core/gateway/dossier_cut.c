/* SPDX-License-Identifier: EUPL-1.2 */
/* Payloads are the store's own lines: references are keys in hex, and an item of a list is of whom it refers
 * to. */
#include <string.h>

#include "base/str.h"
#include "gateway/dossier_parts.h"

static struct gw_str text_at(yyjson_val *v)
{
    return (struct gw_str){yyjson_get_str(v), yyjson_get_len(v)};
}

/* Is it the key of something that is that much theirs, or an object with one in it? */
static bool refers_to(const struct dossier *d, yyjson_val *v, enum part_of least)
{
    yyjson_val *key, *member;
    size_t i, n;

    if (yyjson_is_str(v)) {
        for (const struct dossier_part *p = d->parts; p; p = p->next)
            if (p->of >= least && str_is(text_at(v), p->hex))
                return true;
        return false;
    }
    if (!yyjson_is_obj(v))
        return false;
    yyjson_obj_foreach(v, i, n, key, member) if (refers_to(d, member, least)) return true;
    return false;
}

static bool refers(const struct dossier *d, yyjson_val *v)
{
    return refers_to(d, v, PART_WHOLE);
}

/* Their number in somebody else's words. */
static bool names_them(const struct dossier *d, yyjson_val *v)
{
    if (!yyjson_is_str(v))
        return false;
    for (const struct known_by *k = d->texts; k; k = k->next)
        if (k->alone && str_eq(k->text, text_at(v)))
            return true;
    return false;
}

static bool any_item(const struct dossier *d, yyjson_val *list)
{
    yyjson_val *item;
    size_t i, n;

    yyjson_arr_foreach(list, i, n, item) if (refers(d, item)) return true;
    return false;
}

static void separate(struct buf *out)
{
    char last = out->len ? out->data[out->len - 1] : '[';

    if (last != '{' && last != '[' && last != ':')
        buf_char(out, ',');
}

static void list_put(const struct dossier *d, yyjson_val *list, bool theirs, struct buf *out)
{
    bool some = any_item(d, list);
    yyjson_val *item;
    size_t i, n;

    buf_char(out, '[');
    yyjson_arr_foreach(list, i, n, item)
    {
        if (some ? refers(d, item) != theirs : !theirs && names_them(d, item))
            continue;
        separate(out);
        dossier_cut(d, item, theirs, out);
    }
    buf_char(out, ']');
}

static void members_put(const struct dossier *d, yyjson_val *object, bool theirs, struct buf *out)
{
    yyjson_val *key, *v;
    size_t i, n;

    buf_char(out, '{');
    yyjson_obj_foreach(object, i, n, key, v)
    {
        if (!theirs && names_them(d, v))
            continue;
        separate(out);
        buf_json(out, text_at(key));
        buf_char(out, ':');
        dossier_cut(d, v, theirs, out);
    }
    buf_char(out, '}');
}

void dossier_cut(const struct dossier *d, yyjson_val *v, bool theirs, struct buf *out)
{
    if (yyjson_is_str(v))
        buf_json(out, text_at(v));
    else if (yyjson_is_raw(v))
        buf_add(out, yyjson_get_raw(v), yyjson_get_len(v));
    else if (yyjson_is_obj(v))
        members_put(d, v, theirs, out);
    else if (yyjson_is_arr(v))
        list_put(d, v, theirs, out);
    else
        buf_text(out, yyjson_is_true(v) ? "true" : yyjson_is_false(v) ? "false" : "null");
}

/* *ret_rest: somebody else is in such a list too. */
static bool in_lists(const struct dossier *d, yyjson_val *v, bool *ret_rest)
{
    yyjson_val *key, *member;
    size_t i, n;
    bool found = false;

    if (yyjson_is_obj(v)) {
        yyjson_obj_foreach(v, i, n, key, member) found |= in_lists(d, member, ret_rest);
    } else if (yyjson_is_arr(v) && any_item(d, v)) {
        yyjson_arr_foreach(v, i, n, member) *ret_rest |= !refers(d, member);
        return true;
    } else if (yyjson_is_arr(v)) {
        yyjson_arr_foreach(v, i, n, member) found |= in_lists(d, member, ret_rest);
    } else {
        found = names_them(d, v);
        *ret_rest |= found;
    }
    return found;
}

enum part_of dossier_relation(const struct dossier *d, struct gw_str payload, bool present)
{
    yyjson_doc *doc = yyjson_read(payload.ptr, payload.len, YYJSON_READ_NUMBER_AS_RAW);
    yyjson_val *root = yyjson_doc_get_root(doc);
    enum part_of of = PART_NONE;
    bool rest = false;

    if (refers(d, yyjson_obj_get(root, "refs")))
        of = PART_WHOLE;
    else if (in_lists(d, root, &rest))
        of = present && !rest ? PART_WHOLE : PART_ITEMS;
    yyjson_doc_free(doc);
    return of;
}

bool dossier_is_shared(const struct dossier *d, struct gw_str payload)
{
    yyjson_doc *doc = yyjson_read(payload.ptr, payload.len, YYJSON_READ_NUMBER_AS_RAW);
    bool shared = refers_to(d, yyjson_obj_get(yyjson_doc_get_root(doc), "refs"), PART_ITEMS);

    yyjson_doc_free(doc);
    return shared;
}
