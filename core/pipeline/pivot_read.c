/* SPDX-License-Identifier: EUPL-1.2 */
/* Lines of the pivot to bundles of resources. A line may come from anybody: everything is checked. */
#include "base/str.h"
#include "pipeline/pivot.h"
#include "schema/canon.h"

#define TREE_DEPTH 200

static void report(struct pivot_reading *p, const char *code, const struct gw_node *node, struct gw_str found,
                   enum sensitivity sensitivity)
{
    struct gw_place at = {UINT64_MAX, 0, 0};
    struct gw_arg args[] = {{"found", found}};
    struct diag d = {.severity = GW_ERROR,
                     .sensitivity = sensitivity,
                     .code = code,
                     .file = p->file,
                     .byte = UINT64_MAX,
                     .record = p->line_record,
                     .args = args,
                     .nargs = 1};

    if (node && p->locator)
        p->locator->place(p->locator, node, &at);
    d.line = at.line;
    d.column = at.column;
    d.byte = at.byte;
    if (node)
        d.path = names_text(p->names, node->name);
    d.value = found;
    p->bad = true;
    p->sink->put(p->sink, &d);
}

static struct gw_str text_of(const struct gw_node *n)
{
    return n && n->kind < GW_LIST && n->kind != GW_NULL ? (struct gw_str){n->text, n->len}
                                                        : (struct gw_str){NULL, 0};
}

static const struct gw_node *member(const struct pivot_reading *p, const struct gw_node *map,
                                    enum pivot_key key)
{
    for (const struct gw_node *k = map->first; k; k = k->next)
        if (k->name == p->keys[key])
            return k;
    return NULL;
}

/* ---- native trees ---- */

static struct gw_node *tree_read(struct pivot_reading *p, const struct gw_node *map, unsigned depth)
{
    struct arena *a = &p->arenas[p->at];
    struct gw_node *n = arena_zero(a, sizeof(*n)), **tail;
    struct gw_str kind = text_of(member(p, map, KEY_KIND)), name = text_of(member(p, map, KEY_NAME));
    const struct gw_node *text = member(p, map, KEY_TEXT), *kids = member(p, map, KEY_CHILDREN);
    struct gw_str copy = arena_copy(a, text_of(text));

    if (!n || depth > TREE_DEPTH)
        return NULL;
    n->kind = GW_TEXT;
    for (uint8_t k = GW_NULL; k <= GW_MAP; k++)
        if (str_is(kind, pivot_kind_names[k]))
            n->kind = k;
    n->name = name.len ? names_add(p->names, name.ptr, name.len) : 0;
    if (text) {
        n->text = copy.ptr;
        n->len = (uint32_t)copy.len;
    }
    tail = &n->first;
    for (const struct gw_node *k = kids ? kids->first : NULL; k; k = k->next) {
        *tail = tree_read(p, k, depth + 1);
        if (!*tail)
            return NULL;
        tail = &(*tail)->next;
    }
    return n;
}

/* ---- values ---- */

static void object_read(struct pivot_reading *p, struct object *o, const struct gw_node *map,
                        struct gw_str prefix, struct gw_str ext);

static void scalar_read(struct pivot_reading *p, struct object *o, const struct field *f,
                        const struct gw_node *node)
{
    struct gw_str text = str_trim(text_of(node)), canonical;
    const char *code = NULL;
    enum gw_result result;

    if (!text.len)
        return;
    text = arena_copy(&p->arenas[p->at], text);
    result = text.ptr ? canon(&p->arenas[p->at], f, text, &canonical, &code) : GW_FATAL;
    if (result != GW_OK) {
        report(p, code ? code : "memory.out", node, text, (enum sensitivity)f->sensitivity);
        return;
    }
    *object_set(o, f->slot) = (struct value){.text = canonical.ptr, .len = (uint32_t)canonical.len};
}

static void list_read(struct pivot_reading *p, struct object *o, const struct field *f,
                      const struct gw_node *node)
{
    struct arena *a = &p->arenas[p->at];

    if (node->kind != GW_LIST) {
        report(p, "pivot.list", node, f->full, SENS_NONE);
        return;
    }
    for (const struct gw_node *k = node->first; k; k = k->next) {
        if (f->type == FIELD_ITEMS) {
            struct object *item = list_add_object(a, object_set(o, f->slot), f->items);

            if (item)
                object_read(p, item, k, (struct gw_str){NULL, 0}, f->ext);
        } else if (text_of(k).len) {
            struct gw_str text = arena_copy(a, text_of(k)), canonical;
            const char *code = NULL;

            if (!text.ptr || canon(a, f, text, &canonical, &code) != GW_OK)
                report(p, code ? code : "memory.out", k, text, (enum sensitivity)f->sensitivity);
            else if (!list_add_text(a, object_set(o, f->slot), canonical))
                report(p, "memory.out", k, text, SENS_NIR);
        }
    }
}

/* In a syntax without nesting a list is one text, joined by |. */
static void joined_read(struct pivot_reading *p, struct object *o, const struct field *f,
                        const struct gw_node *node)
{
    struct gw_str rest = text_of(node);

    while (rest.ptr && rest.len && f->type != FIELD_ITEMS) {
        struct gw_str item = str_cut(rest, '|', &rest);
        struct gw_node one = {.text = item.ptr,
                              .len = (uint32_t)item.len,
                              .kind = GW_TEXT,
                              .line = node->line,
                              .column = node->column,
                              .name = node->name};
        struct gw_node list = {.first = &one, .kind = GW_LIST, .name = node->name};

        list_read(p, o, f, &list);
    }
}

/* The id of what is referred to, until the record is complete: kept as a text in the slot. */
static void ref_read(struct pivot_reading *p, struct object *o, const struct field *f,
                     const struct gw_node *node)
{
    struct gw_str id = arena_copy(&p->arenas[p->at], text_of(node));

    if (id.len)
        *object_set(o, f->slot) = (struct value){.text = id.ptr, .len = (uint32_t)id.len};
}

static void value_read(struct pivot_reading *p, struct object *o, const struct field *f,
                       const struct gw_node *node)
{
    const struct gw_node *tree;

    if (node->kind == GW_NULL)
        return;
    if ((f->list || f->type == FIELD_ITEMS) && p->flat && node->kind < GW_LIST) {
        joined_read(p, o, f, node);
    } else if (f->list || f->type == FIELD_ITEMS) {
        list_read(p, o, f, node);
    } else if (f->type == FIELD_REF) {
        ref_read(p, o, f, node);
    } else if (f->type == FIELD_TREE) {
        tree = member(p, node, KEY_TREE);
        if (tree)
            *object_set(o, f->slot) = (struct value){.tree = tree_read(p, tree, 0)};
    } else if (node->kind >= GW_LIST) {
        report(p, "pivot.scalar", node, f->full, SENS_NONE);
    } else {
        scalar_read(p, o, f, node);
    }
}

static struct gw_str dotted(struct arena *a, struct gw_str prefix, struct gw_str name)
{
    if (!prefix.len)
        return name;
    return str_of(arena_format(a, "%.*s.%.*s", STR_ARG(prefix), STR_ARG(name)));
}

static bool is_key(const struct pivot_reading *p, const struct gw_node *node)
{
    return node->name == p->keys[KEY_TYPE] || node->name == p->keys[KEY_ID] ||
           node->name == p->keys[KEY_RECORD] || !text_of(node).len;
}

/* "ext.FORMAT.NAME" is a column of a format's extension, "fields.NAME" one of a field, whatever its name. */
static const struct field *flat_field(const struct pivot_reading *p, const struct shape *shape,
                                      struct gw_str name, struct gw_str ext, const struct gw_node *node)
{
    struct gw_str rest;
    const struct gw_str mark = GW_STR("ext."), own = GW_STR("fields.");

    if (p->flat && str_begins(name, own))
        return shape_field(shape, str_from(name, own.len), ext);
    if (!p->flat || !str_begins(name, mark))
        return p->flat && is_key(p, node) ? NULL : shape_field(shape, name, ext);
    rest = str_from(name, mark.len);
    ext = str_cut(rest, '.', &rest);
    return rest.ptr ? shape_field(shape, rest, ext) : NULL;
}

static void object_read(struct pivot_reading *p, struct object *o, const struct gw_node *map,
                        struct gw_str prefix, struct gw_str ext)
{
    for (const struct gw_node *k = map->first; k; k = k->next) {
        struct gw_str name = dotted(&p->arenas[p->at], prefix, names_text(p->names, k->name));
        const struct field *f = flat_field(p, o->shape, name, ext, k);

        if (!f && p->flat && is_key(p, k))
            continue;
        if (f && f->slot < o->slots)
            value_read(p, o, f, k);
        else if (k->kind == GW_MAP)
            object_read(p, o, k, name, ext);
        else
            report(p, "pivot.field", k, name, SENS_NONE);
    }
}

/* ---- extension groups: what no loaded format declared is declared as it comes ---- */

static enum field_type guess(const struct pivot_reading *p, const struct gw_node *node, bool *ret_list)
{
    const struct gw_node *first = node->kind == GW_LIST ? node->first : NULL;

    *ret_list = node->kind == GW_LIST;
    if (first && first->kind == GW_MAP)
        return FIELD_ITEMS;
    if (node->kind == GW_MAP && member(p, node, KEY_TREE))
        return FIELD_TREE;
    if (node->kind == GW_TRUE || node->kind == GW_FALSE)
        return FIELD_BOOLEAN;
    return node->kind == GW_NUMBER ? FIELD_INTEGER : FIELD_TEXT;
}

static void ext_declare(struct pivot_reading *p, struct shape *s, const struct gw_node *map, struct gw_str ext)
{
    for (const struct gw_node *k = map->first; k; k = k->next) {
        struct gw_str name = names_text(p->names, k->name);
        struct field *f = shape_field(s, name, ext);
        bool list;
        enum field_type type = guess(p, k, &list);

        if (!f && k->kind != GW_NULL)
            f = shape_extend(p->model, s, name, ext, type, list, SENS_SENSITIVE);
        if (f && f->type == FIELD_ITEMS && f->items && k->kind == GW_LIST)
            for (const struct gw_node *item = k->first; item; item = item->next)
                ext_declare(p, f->items, item, ext);
    }
}

static void exts_each(struct pivot_reading *p, struct shape *s, struct object *o, const struct gw_node *line)
{
    const struct gw_node *ext = member(p, line, KEY_EXT);

    for (const struct gw_node *k = ext ? ext->first : NULL; k; k = k->next) {
        struct gw_str name = names_text(p->names, k->name);

        if (k->kind != GW_MAP)
            continue;
        if (o)
            object_read(p, o, k, (struct gw_str){NULL, 0}, name);
        else
            ext_declare(p, s, k, name);
    }
}

/* ---- lines ---- */

static bool resource_read(struct pivot_reading *p, const struct gw_node *line)
{
    struct arena *a = &p->arenas[p->at];
    struct gw_str type = text_of(member(p, line, KEY_TYPE));
    struct shape *shape = type.len ? model_type(p->model, type) : NULL;
    const struct gw_node *fields = member(p, line, KEY_FIELDS), *refs = member(p, line, KEY_REFS);
    struct resource *r;

    if (!shape) {
        report(p, "pivot.type", line, type, SENS_NONE);
        return true;
    }
    p->flat = !fields;
    if (!p->flat)
        exts_each(p, shape, NULL, line);
    r = resource_new(a, shape);
    if (!r)
        return false;
    r->id = arena_copy(a, text_of(member(p, line, KEY_ID)));
    r->live = true;
    if (p->flat)
        object_read(p, &r->object, line, (struct gw_str){NULL, 0}, (struct gw_str){NULL, 0});
    if (fields && fields->kind == GW_MAP)
        object_read(p, &r->object, fields, (struct gw_str){NULL, 0}, (struct gw_str){NULL, 0});
    if (refs && refs->kind == GW_MAP)
        object_read(p, &r->object, refs, (struct gw_str){NULL, 0}, (struct gw_str){NULL, 0});
    if (!p->flat)
        exts_each(p, shape, &r->object, line);
    bundle_add(&p->bundle, r);
    return true;
}

static struct resource *by_id(const struct bundle *b, struct gw_str id)
{
    for (struct resource *r = b->first; r; r = r->next)
        if (str_eq(r->id, id))
            return r;
    return NULL;
}

static void refs_link(struct pivot_reading *p, struct object *o)
{
    for (unsigned slot = 0; slot < o->slots; slot++) {
        struct value *v = object_value(o, slot);
        const struct field *f = o->shape->fields[slot];

        if (!v)
            continue;
        for (uint32_t k = 0; f->type == FIELD_ITEMS && k < v->list->count; k++)
            refs_link(p, v->list->objects[k]);
        if (f->type == FIELD_REF) {
            struct gw_str id = {v->text, v->len};
            struct resource *to = by_id(&p->bundle, id);

            if (to && str_eq(to->object.shape->name, f->target)) {
                *v = (struct value){.ref = to};
                continue;
            }
            object_clear(o, slot);
            report(p, "pivot.ref", NULL, id, SENS_NONE);
        }
    }
}

static void checked(struct check_report *to, enum gw_severity severity, const char *code,
                    const struct resource *res, const struct field *field, const struct value *value,
                    const struct gw_arg *args, size_t nargs);

struct pivot_checks {
    struct check_report report; /* first */
    struct pivot_reading *reading;
};

static void checked(struct check_report *to, enum gw_severity severity, const char *code,
                    const struct resource *res, const struct field *field, const struct value *value,
                    const struct gw_arg *args, size_t nargs)
{
    struct pivot_reading *p = ((struct pivot_checks *)to)->reading;
    struct diag d = {.severity = severity,
                     .code = code,
                     .file = p->file,
                     .byte = UINT64_MAX,
                     .record = p->bundle.record,
                     .line = p->bundle.line,
                     .path = field ? field->full : res->object.shape->name,
                     .args = args,
                     .nargs = nargs};

    if (value && field && field->type < FIELD_REF) {
        d.value = (struct gw_str){value->text, value->len};
        d.sensitivity = (enum sensitivity)field->sensitivity;
    }
    p->bad |= severity == GW_ERROR;
    p->sink->put(p->sink, &d);
}

static enum gw_result complete(struct pivot_reading *p, struct bundle *ret)
{
    struct pivot_checks to = {{checked}, p};
    bool bad;

    for (struct resource *r = p->bundle.first; r; r = r->next)
        refs_link(p, &r->object);
    p->conversion.arena = &p->arenas[p->at];
    for (const struct resource *r = p->bundle.first; p->checks && r; r = r->next)
        checks_run(p->checks, &p->conversion, r, &to.report);
    *ret = p->bundle;
    bad = p->bad;
    p->at = !p->at;
    arena_reset(&p->arenas[p->at]);
    p->bundle = (struct bundle){.names = p->names};
    p->open = p->bad = false;
    return bad ? GW_REJECT : GW_OK;
}

enum gw_result pivot_line(struct pivot_reading *p, const struct gw_record *rec, uint64_t number,
                          struct bundle *ret, bool *ret_done)
{
    struct gw_str text = text_of(member(p, rec->root, KEY_RECORD));
    uint64_t record;

    if (!str_number(text, &record))
        record = number;
    *ret_done = p->open && record != p->number;
    if (*ret_done)
        return complete(p, ret);
    p->line_record = number;
    if (!p->open) {
        p->open = true;
        p->number = record;
        p->bundle.record = record;
        p->bundle.line = rec->line;
    }
    return resource_read(p, rec->root) ? GW_OK : GW_FATAL;
}

enum gw_result pivot_end(struct pivot_reading *p, struct bundle *ret, bool *ret_done)
{
    *ret_done = p->open;
    return p->open ? complete(p, ret) : GW_OK;
}

static struct gw_str no_ref(struct lookup *l, const void *ref)
{
    (void)l;
    (void)ref;
    return (struct gw_str){NULL, 0};
}

static bool no_condition(struct lookup *l, const void *condition)
{
    (void)l;
    (void)condition;
    return false;
}

enum gw_result pivot_reading_open(struct pivot_reading *p, struct model *model, struct names *names,
                                  const struct checks *checks, struct sink *sink, struct locator *locator,
                                  struct gw_str file)
{
    *p = (struct pivot_reading){.model = model,
                                .names = names,
                                .checks = checks,
                                .sink = sink,
                                .locator = locator,
                                .file = file,
                                .lookup = {no_ref, no_condition}};
    p->bundle.names = names;
    for (unsigned k = 0; k < 2; k++)
        arena_init(&p->arenas[k], 65536, (size_t)256 << 20);
    conversion_init(&p->conversion, &p->converters, &p->arenas[0], &p->lookup, (struct gw_str){NULL, 0},
                    (struct gw_str){NULL, 0});
    for (size_t k = 0; k < PIVOT_KEYS; k++) {
        p->keys[k] = names_add(names, pivot_key_names[k], strlen(pivot_key_names[k]));
        if (!p->keys[k])
            return GW_FATAL;
    }
    return GW_OK;
}

void pivot_reading_close(struct pivot_reading *p)
{
    arena_done(&p->arenas[0]);
    arena_done(&p->arenas[1]);
}
