/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The pivot in a syntax without nesting: one type, one resource a row, dotted headers; what a
 * format keeps for itself is "ext.FORMAT.NAME", a field that is called like one of the first columns
 * "fields.NAME": so are their groups called where there is nesting. Lists of texts are joined by |.
 * Lists of groups and native trees have no cell: they are left out, which is said once a field.
 */
#include "base/str.h"
#include "pipeline/pivot.h"

static const struct gw_str separator = GW_STR_INIT("|");

static bool has_cell(const struct field *f)
{
    return f->type != FIELD_ITEMS && f->type != FIELD_TREE;
}

static const enum pivot_key first[] = {KEY_TYPE, KEY_ID, KEY_RECORD};

#define FIRST (sizeof(first) / sizeof(*first))

static bool is_first(struct gw_str name)
{
    for (size_t i = 0; i < FIRST; i++)
        if (str_is(name, pivot_key_names[first[i]]))
            return true;
    return false;
}

static struct gw_str header(struct arena *a, const struct field *f)
{
    if (f->ext.ptr)
        return str_of(arena_format(a, "ext.%.*s.%.*s", STR_ARG(f->ext), STR_ARG(f->name)));
    if (is_first(f->name))
        return str_of(arena_format(a, "fields.%.*s", STR_ARG(f->name)));
    return f->name;
}

/* type, id, record, then a column a field. */
enum gw_result pivot_flat_columns(struct pivot_writing *p, const struct shape *shape,
                                  const struct gw_column **ret, size_t *ret_n)
{
    struct gw_column *columns = arena_array(&p->stream_arena, shape->count + FIRST, sizeof(*columns));

    p->flat = shape;
    p->slots = arena_array(&p->stream_arena, shape->count + 1u, sizeof(*p->slots));
    if (!columns || !p->slots)
        return GW_FATAL;
    *ret_n = 0;
    for (size_t i = 0; i < FIRST; i++)
        columns[(*ret_n)++].name = p->keys[first[i]];
    for (uint16_t i = 0; i < shape->count; i++) {
        struct gw_str name =
            has_cell(shape->fields[i]) ? header(&p->stream_arena, shape->fields[i]) : (struct gw_str){NULL, 0};

        if (!name.ptr)
            continue;
        p->slots[i] = names_add(p->names, name.ptr, name.len);
        if (!p->slots[i])
            return GW_FATAL;
        columns[(*ret_n)++].name = p->slots[i];
    }
    p->nslots = shape->count;
    *ret = columns;
    return GW_OK;
}

static struct gw_str cell_text(struct pivot_writing *p, const struct field *f, const struct value *v)
{
    struct gw_str all = {NULL, 0};

    if (f->type == FIELD_REF)
        return v->ref->id;
    if (!f->list)
        return (struct gw_str){v->text, v->len};
    for (uint32_t i = 0; i < v->list->count; i++)
        all = i ? str_of(arena_format(&p->arena, "%.*s%.*s%.*s", STR_ARG(all), STR_ARG(separator),
                                      STR_ARG(v->list->texts[i])))
                : v->list->texts[i];
    return all;
}

/* For a syntax that tells numbers from texts. */
static enum gw_kind cell_kind(const struct field *f, const struct value *v)
{
    if (f->list)
        return GW_TEXT;
    if (f->type == FIELD_BOOLEAN)
        return v->len == 4 ? GW_TRUE : GW_FALSE;
    return f->type == FIELD_INTEGER || f->type == FIELD_DECIMAL ? GW_NUMBER : GW_TEXT;
}

static bool cell_add(struct pivot_writing *p, struct gw_node ***tail, uint16_t name, enum gw_kind kind,
                     struct gw_str text)
{
    struct gw_node *n = arena_alloc(&p->arena, sizeof(*n));

    if (!n)
        return false;
    *n = (struct gw_node){.text = text.ptr, .len = (uint32_t)text.len, .name = name, .kind = (uint8_t)kind};
    **tail = n;
    *tail = &n->next;
    return true;
}

enum gw_result pivot_flat_resource(struct pivot_writing *p, const struct bundle *b, const struct resource *r,
                                   struct gw_record *ret)
{
    struct gw_node *root, **tail;
    char *room;
    bool good;

    arena_reset(&p->arena);
    root = arena_zero(&p->arena, sizeof(*root));
    room = arena_alloc(&p->arena, 20);
    if (!root || !room)
        return GW_FATAL;
    root->kind = GW_MAP;
    tail = &root->first;
    good = cell_add(p, &tail, p->keys[KEY_TYPE], GW_TEXT, r->object.shape->name) &&
           cell_add(p, &tail, p->keys[KEY_ID], GW_TEXT, r->id) &&
           cell_add(p, &tail, p->keys[KEY_RECORD], GW_NUMBER, gw_digits(b->record, room));
    for (uint16_t i = 0; good && i < p->nslots; i++) {
        const struct value *v = object_value(&r->object, i);

        if (v && p->slots[i])
            good = cell_add(p, &tail, p->slots[i], cell_kind(r->object.shape->fields[i], v),
                            cell_text(p, r->object.shape->fields[i], v));
        else if (v && !has_cell(r->object.shape->fields[i]))
            p->left_out |= (uint64_t)1 << (i % 64);
    }
    *ret = (struct gw_record){.root = root, .line = b->line};
    return good ? GW_OK : GW_FATAL;
}

void pivot_flat_report(const struct pivot_writing *p, struct sink *sink)
{
    for (uint16_t i = 0; p->flat && p->left_out && i < p->nslots; i++) {
        struct gw_arg args[] = {{"field", p->flat->fields[i]->full}, {"type", p->flat->name}};
        struct diag d = {.severity = GW_WARNING,
                         .code = "pivot.left_out",
                         .byte = UINT64_MAX,
                         .path = p->flat->fields[i]->full,
                         .args = args,
                         .nargs = 2};

        if (!has_cell(p->flat->fields[i]) && (p->left_out >> (i % 64) & 1))
            sink->put(sink, &d);
    }
}
