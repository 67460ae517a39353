/* SPDX-License-Identifier: EUPL-1.2 */
/* Shapes: fields by slot, and an index by name that grows with them. */
#include "schema/shape.h"

#include <string.h>

#include "base/str.h"
#include "schema/build.h"

/* Open addressing, never more than half full. */
struct index {
    struct field **cells;
    size_t size; /* a power of two */
};

struct shape *shape_new(struct arena *a, struct gw_str name)
{
    struct shape *s = arena_zero(a, sizeof(*s));
    struct index *x = arena_zero(a, sizeof(*x));

    if (!s || !x)
        return NULL;
    s->name = name;
    s->index = x;
    return s;
}

/* The place of that name: its field, or the free cell where it would go. */
static struct field **cell_of(const struct index *x, struct gw_str name, struct gw_str ext)
{
    size_t i = str_hash(name.ptr, name.len) & (x->size - 1);

    for (;; i = (i + 1) & (x->size - 1)) {
        struct field *f = x->cells[i];

        if (!f || (str_eq(f->name, name) && str_eq(f->ext, ext)))
            return &x->cells[i];
    }
}

static bool index_grow(struct arena *a, struct shape *s)
{
    struct index *x = s->index;
    size_t size = x->size ? x->size * 2 : 32;
    struct field **cells = arena_array(a, size, sizeof(*cells));

    if (!cells)
        return false;
    *x = (struct index){cells, size};
    for (uint16_t i = 0; i < s->count; i++)
        *cell_of(x, s->fields[i]->name, s->fields[i]->ext) = s->fields[i];
    return true;
}

static bool fields_grow(struct arena *a, struct shape *s)
{
    uint16_t room = s->room ? (uint16_t)(s->room * 2) : 16;
    struct field **fields;

    if (s->count == SHAPE_FIELDS_MAX)
        return false;
    fields = arena_array(a, room, sizeof(struct field *));
    if (!fields)
        return false;
    if (s->count)
        memcpy(fields, s->fields, s->count * sizeof(struct field *));
    s->fields = fields;
    s->room = room;
    return true;
}

/* The name within the resource: an item shape is named "foyer.membres[]", its fields "membres[].date". */
static struct gw_str full_name(struct arena *a, const struct shape *s, const struct field *f)
{
    struct gw_str parts[4] = {{NULL, 0}};
    size_t at;

    if (s->name.len && s->name.ptr[s->name.len - 1] == ']') {
        (void)str_cut(s->name, '.', &parts[0]);
        parts[1] = GW_STR(".");
    }
    if (f->ext.ptr && !str_find(s->name, GW_STR(".x."), &at))
        parts[2] = GW_STR("x.");
    parts[3] = f->name;
    return parts[0].len || parts[2].len ? arena_join(a, parts, 4) : f->name;
}

struct field *shape_add(struct arena *a, struct shape *s, struct gw_str name, struct gw_str ext)
{
    struct index *x = s->index;
    struct field *f;

    if (s->count == s->room && !fields_grow(a, s))
        return NULL;
    if ((size_t)s->count * 2 >= x->size && !index_grow(a, s))
        return NULL;
    f = arena_zero(a, sizeof(*f));
    if (!f)
        return NULL;
    *f = (struct field){.slot = s->count, .scale = -1};
    f->name = arena_copy(a, name);
    f->ext = ext.ptr ? arena_copy(a, ext) : ext;
    f->full = full_name(a, s, f);
    if (!f->name.ptr || !f->full.ptr || (ext.ptr && !f->ext.ptr))
        return NULL;
    s->fields[s->count++] = f;
    *cell_of(x, f->name, f->ext) = f;
    return f;
}

struct shape *field_items(struct arena *a, struct shape *s, struct field *f)
{
    struct gw_str type, rest;
    char *name;

    type = str_cut(s->name, '.', &rest);
    name = arena_format(a, "%.*s.%.*s[]", STR_ARG(type), STR_ARG(f->full));
    f->type = FIELD_ITEMS;
    f->items = name ? shape_new(a, str_of(name)) : NULL;
    return f->items;
}

struct field *shape_field(const struct shape *s, struct gw_str name, struct gw_str ext)
{
    const struct index *x = s->index;

    return x->size ? *cell_of(x, name, ext) : NULL;
}

struct field *shape_extend(struct model *m, struct shape *s, struct gw_str name, struct gw_str ext,
                           enum field_type type, bool list, enum sensitivity sensitivity)
{
    struct field *f = shape_field(s, name, ext);

    if (f)
        return f;
    f = shape_add(m->arena, s, name, ext);
    if (!f)
        return NULL;
    f->type = (uint8_t)type;
    f->list = list && type != FIELD_ITEMS;
    f->sensitivity = (uint8_t)sensitivity;
    if (type == FIELD_ITEMS && !field_items(m->arena, s, f))
        return NULL;
    return f;
}

struct shape *model_type(const struct model *m, struct gw_str name)
{
    for (size_t i = 0; i < m->count; i++)
        if (str_eq(m->types[i]->name, name))
            return m->types[i];
    return NULL;
}
