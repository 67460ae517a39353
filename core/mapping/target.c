/* SPDX-License-Identifier: EUPL-1.2 */
/* From a field as it is written, "effectifs[categorie=TOTAL].nombre", to slots. */
#include "base/str.h"
#include "mapping/compile.h"

static void name_add(struct buf *b, struct gw_str part)
{
    if (b->len)
        buf_char(b, '.');
    buf_str(b, part);
}

static struct field *field_of(struct table *t, struct shape *shape, struct gw_str name, bool ext,
                              enum field_type type, bool list)
{
    if (!ext)
        return shape_field(shape, name, (struct gw_str){NULL, 0});
    return shape_extend(t->model, shape, name, t->format->root_name, type, list, SENS_SENSITIVE);
}

/* x[key=value]: through the item with that key. */
static bool hop_add(struct table *t, struct shape **shape, struct gw_str name, const struct part *part,
                    bool ext, struct target *ret)
{
    const struct field *list = field_of(t, *shape, name, ext, FIELD_ITEMS, true);
    const struct field *key;

    if (!list || !list->items || ret->nhops == sizeof(ret->hops) / sizeof(*ret->hops))
        return false;
    key = field_of(t, list->items, part->key, ext, FIELD_TEXT, false);
    if (!key)
        return false;
    ret->hops[ret->nhops++] = (struct hop){list->slot, key->slot, part->val};
    *shape = list->items;
    return true;
}

static bool each_set(struct table *t, struct shape **shape, struct gw_str name, bool ext, struct target *ret)
{
    const struct field *list = field_of(t, *shape, name, ext, FIELD_ITEMS, true);

    if (!list || !list->items || ret->each)
        return false;
    ret->each = true;
    ret->each_slot = list->slot;
    *shape = list->items;
    return true;
}

bool target_compile(struct table *t, struct shape *shape, const struct field_ref *ref, size_t from,
                    enum field_type ext_type, bool ext_list, struct target *ret)
{
    struct buf name;
    bool good = true;

    *ret = (struct target){0};
    buf_init(&name, 1024);
    for (size_t i = from; good && i < ref->nparts; i++) {
        const struct part *part = &ref->parts[i];
        bool last = i + 1 == ref->nparts;

        name_add(&name, part->name);
        if (part->key.ptr && !last) {
            good = hop_add(t, &shape, buf_view(&name), part, ref->ext, ret);
            buf_clear(&name);
        } else if (part->each && !last) {
            good = each_set(t, &shape, buf_view(&name), ref->ext, ret);
            buf_clear(&name);
        }
    }
    ret->field = good && name.len ? field_of(t, shape, buf_view(&name), ref->ext, ext_type, ext_list) : NULL;
    ret->shape = shape;
    if (ret->field)
        ret->slot = ret->field->slot;
    good = ret->field && !name.failed;
    buf_done(&name);
    return good;
}
