/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Loads the pivot types: files, shared definitions, properties into shapes. It goes on after a
 * fault, so that all of them are said at once.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "schema/build.h"
#include "schema/load.h"

enum { FILE_BYTES_MAX = 4 << 20, FILES_MAX = 512, PROPERTIES_MAX = 16384, DEPTH_MAX = 12 };

/* Where properties go: a shape, the dotted group in it, and who says how sensitive they are. */
struct scope {
    struct shape *shape;
    struct gw_str prefix; /* "adresse." */
    int forced;           /* of a shared definition: the place that refers to it decides; -1 */
    int fallback;         /* for a field that says nothing; -1 */
    unsigned depth;
};

static bool told_before(struct loader *l, const struct diag *d)
{
    size_t room = sizeof(l->told) / sizeof(l->told[0]);

    for (size_t i = 0; i < l->ntold && i < room; i++) {
        const struct told *t = &l->told[i];

        if (t->doc == l->doc && t->line == d->line && t->column == d->column && strcmp(t->code, d->code) == 0)
            return true;
    }
    l->told[l->ntold++ % room] = (struct told){l->doc, d->code, d->line, d->column};
    return false;
}

void load_fault(struct loader *l, const struct way *way, const char *code, struct gw_str found,
                const char *expected)
{
    const struct gw_arg args[] = {{"found", found}, {"expected", str_of(expected ? expected : "")}};
    struct diag d = {.severity = GW_ERROR, .code = code, .file = l->doc->file, .byte = UINT64_MAX};

    d.path = way_text(l->m->arena, way);
    way_place(l->doc->text, way, &d.line, &d.column);
    d.args = args;
    d.nargs = 2;
    l->failed = true;
    if (!d.line || !told_before(l, &d))
        l->sink->put(l->sink, &d);
}

/* ---- properties ---- */

static enum gw_result properties_load(struct loader *l, const struct way *up, yyjson_val *properties,
                                      struct scope scope);

static bool field_name(const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < n; i++)
        if (!((name[i] >= 'a' && name[i] <= 'z') || (i && name[i] >= '0' && name[i] <= '9') ||
              (i && name[i] == '_')))
            return false;
    return n > 0 && n < 64 && strcmp(name, "x") != 0; /* x.NAME is an extension */
}

static const struct document *definition(const struct loader *l, struct gw_str ref)
{
    for (size_t i = 0; i < l->ndocs; i++) {
        const struct document *d = &l->docs[i];

        if (d->name.ptr[0] == '_' && ref.len == d->name.len + 5 && str_begins(ref, d->name) &&
            str_is(str_from(ref, d->name.len), ".json"))
            return d;
    }
    return NULL;
}

/* The fields of a shared definition, into the scope of the place that names it. */
static enum gw_result shared_load(struct loader *l, const struct way *way, struct gw_str ref,
                                  struct scope scope)
{
    const struct document *here = l->doc;
    const struct document *there = definition(l, ref);
    const struct way properties = {NULL, "properties", 0};
    struct spec spec;
    enum gw_result r;

    if (!there) {
        load_fault(l, way, "schema.definition", ref, NULL);
        return GW_OK;
    }
    if (!there->root)
        return GW_OK;
    l->doc = there;
    r = spec_read_file(l, there->root, FORM_SHARED, &spec);
    if (r == GW_OK)
        r = properties_load(l, &properties, spec.properties, scope);
    l->doc = here;
    return r == GW_REJECT ? GW_OK : r;
}

static void field_fill(struct field *f, const struct spec *outer, const struct spec *type, int sensitivity)
{
    f->type = (uint8_t)type->type;
    f->scale = type->scale;
    f->target = type->target;
    f->checks = type->checks;
    f->nchecks = type->nchecks;
    f->key = (uint8_t)outer->key;
    f->sensitivity = (uint8_t)(sensitivity < 0 ? SENS_JUDICIAL : sensitivity);
    f->label[LANG_FR] = outer->label[LANG_FR];
    f->label[LANG_EN] = outer->label[LANG_EN];
}

static enum gw_result field_new(struct loader *l, struct scope scope, struct field **ret)
{
    *ret = shape_add(l->m->arena, scope.shape, scope.prefix, (struct gw_str){NULL, 0});
    return *ret ? GW_OK : GW_FATAL;
}

static int sensitivity_of(struct loader *l, const struct way *way, const struct spec *s, struct scope scope)
{
    int n = scope.forced >= 0 ? scope.forced : s->sensitivity >= 0 ? s->sensitivity : scope.fallback;

    if (n < 0)
        load_fault(l, way, "schema.missing", GW_STR("x-sensitivity"), NULL);
    return n;
}

/* A scalar, or with `outer` the list that holds it. */
static enum gw_result leaf_load(struct loader *l, const struct way *way, const struct spec *outer,
                                const struct spec *type, struct scope scope)
{
    int sensitivity = sensitivity_of(l, way, outer, scope);
    struct field *f;
    enum gw_result r = field_new(l, scope, &f);

    if (r != GW_OK)
        return r;
    field_fill(f, outer, type, sensitivity);
    f->list = outer != type;
    return type->type == FIELD_CODE ? codes_read(l, way, type, &f->codes) : GW_OK;
}

static enum gw_result items_load(struct loader *l, const struct way *way, const struct spec *s,
                                 const struct spec *item, struct scope scope)
{
    const struct way items = {way, "items", 0}, properties = {&items, "properties", 0};
    int sensitivity = sensitivity_of(l, way, s, scope);
    bool shared = item->form == FORM_ITEM_REF;
    struct scope inner = {.forced = scope.forced, .fallback = -1, .depth = scope.depth + 1};
    struct field *f;
    enum gw_result r = field_new(l, scope, &f);

    if (r != GW_OK)
        return r;
    field_fill(f, s, item, sensitivity);
    inner.shape = field_items(l->m->arena, scope.shape, f);
    if (!inner.shape)
        return GW_FATAL;
    if (shared && inner.forced < 0)
        inner.forced = s->sensitivity;
    if (!shared)
        inner.fallback = s->sensitivity;
    return shared ? shared_load(l, &items, item->ref, inner)
                  : properties_load(l, &properties, item->properties, inner);
}

static enum gw_result list_load(struct loader *l, const struct way *way, const struct spec *s,
                                struct scope scope)
{
    const struct way items = {way, "items", 0};
    struct spec item;
    enum gw_result r = spec_read(l, &items, s->items, true, &item);

    if (r != GW_OK)
        return r;
    if (item.form == FORM_ITEM_LEAF)
        return leaf_load(l, way, s, &item, scope);
    return items_load(l, way, s, &item, scope);
}

/* A group of one is flattened: its fields are dotted names of the same shape. */
static enum gw_result group_load(struct loader *l, const struct way *way, const struct spec *s,
                                 struct scope scope)
{
    const struct way properties = {way, "properties", 0};
    char *prefix = arena_format(l->m->arena, "%.*s.", STR_ARG(scope.prefix));

    if (!prefix)
        return GW_FATAL;
    scope.prefix = str_of(prefix);
    scope.depth++;
    if (s->form == FORM_REF) {
        if (scope.forced < 0)
            scope.forced = s->sensitivity;
        return shared_load(l, way, s->ref, scope);
    }
    if (s->sensitivity >= 0)
        scope.fallback = s->sensitivity;
    return properties_load(l, &properties, s->properties, scope);
}

static enum gw_result property_load(struct loader *l, const struct way *way, yyjson_val *json,
                                    struct scope scope)
{
    struct spec s;
    enum gw_result r = spec_read(l, way, json, false, &s);
    const struct gw_str parts[] = {scope.prefix, str_of(way->key)};

    if (r != GW_OK)
        return r;
    scope.prefix = arena_join(l->m->arena, parts, 2);
    if (!scope.prefix.ptr)
        return GW_FATAL;
    if (s.form == FORM_LIST)
        return list_load(l, way, &s, scope);
    if (s.form == FORM_GROUP || s.form == FORM_REF)
        return group_load(l, way, &s, scope);
    return leaf_load(l, way, &s, &s, scope);
}

static enum gw_result properties_load(struct loader *l, const struct way *up, yyjson_val *properties,
                                      struct scope scope)
{
    size_t i, n;
    yyjson_val *key, *json;

    if (scope.depth > DEPTH_MAX) {
        load_fault(l, up, "schema.depth", (struct gw_str){NULL, 0}, "12");
        return GW_REJECT;
    }
    yyjson_obj_foreach(properties, i, n, key, json)
    {
        const char *name = yyjson_get_str(key);
        const struct way way = {up, name, 0};
        enum gw_result r = GW_OK;

        if (++l->nproperties > PROPERTIES_MAX) {
            load_fault(l, &way, "schema.size", str_of(name), "16384");
            return GW_FAIL;
        }
        if (field_name(name))
            r = property_load(l, &way, json, scope);
        else
            load_fault(l, &way, "schema.name", str_of(name), NULL);
        if (r != GW_OK && r != GW_REJECT)
            return r;
    }
    return GW_OK;
}

/* ---- types ---- */

static enum gw_result type_load(struct loader *l, const struct document *doc)
{
    const struct way properties = {NULL, "properties", 0};
    struct model *m = l->m;
    struct spec s;
    struct scope scope = {.forced = -1, .fallback = -1};
    enum gw_result r;

    l->doc = doc;
    r = spec_read_file(l, doc->root, FORM_TYPE, &s);
    if (r != GW_OK)
        return r;
    scope.shape = shape_new(m->arena, doc->name);
    if (!scope.shape)
        return GW_FATAL;
    scope.shape->checks = s.checks;
    scope.shape->nchecks = s.nchecks;
    scope.shape->stream = s.stream;
    m->types[m->count++] = scope.shape;
    return properties_load(l, &properties, s.properties, scope);
}

static void targets_check(struct loader *l, const struct shape *s)
{
    for (uint16_t i = 0; i < s->count; i++) {
        const struct field *f = s->fields[i];

        if (f->items)
            targets_check(l, f->items);
        if (f->type == FIELD_REF && !model_type(l->m, f->target)) {
            const struct way way = {NULL, f->full.ptr, 0}; /* names the field; its line is not known any more */

            load_fault(l, &way, "schema.reference", f->target, NULL);
        }
    }
}

static enum gw_result types_load(struct loader *l)
{
    enum gw_result r = GW_OK;

    l->m->types = arena_array(l->m->arena, l->ndocs, sizeof(struct shape *));
    if (!l->m->types)
        return GW_FATAL;
    for (size_t i = 0; i < l->ndocs && (r == GW_OK || r == GW_REJECT); i++)
        if (l->docs[i].root && l->docs[i].name.ptr[0] != '_')
            r = type_load(l, &l->docs[i]);
    if (r != GW_OK && r != GW_REJECT)
        return r;
    for (size_t t = 0; t < l->m->count && !l->failed; t++) {
        for (size_t i = 0; i < l->ndocs; i++)
            if (str_eq(l->docs[i].name, l->m->types[t]->name))
                l->doc = &l->docs[i];
        targets_check(l, l->m->types[t]);
    }
    return l->failed ? GW_FAIL : GW_OK;
}

/* ---- files ---- */

static enum gw_result document_read(struct loader *l, struct document *d)
{
    struct buf text;
    enum gw_result r;

    buf_init(&text, FILE_BYTES_MAX);
    r = buf_read_file(&text, d->file.ptr);
    if (r == GW_OK) {
        d->text = arena_copy(l->m->arena, buf_view(&text));
        r = d->text.ptr ? GW_OK : GW_FATAL;
    } else {
        file_fault(l, d, "schema.read", strerror(errno), SIZE_MAX);
    }
    buf_done(&text);
    if (r == GW_OK)
        r = document_parse(l, d);
    return r == GW_FATAL ? r : GW_OK;
}

static int is_schema(const struct dirent *e)
{
    size_t n = strlen(e->d_name);

    return n > 5 && e->d_name[0] != '.' && strcmp(e->d_name + n - 5, ".json") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum gw_result documents_read(struct loader *l, struct dirent **entries, size_t n)
{
    enum gw_result r = GW_OK;

    l->docs = arena_array(l->m->arena, n, sizeof(*l->docs));
    if (!l->docs)
        return GW_FATAL;
    for (; l->ndocs < n && r == GW_OK; l->ndocs++) {
        const char *file = entries[l->ndocs]->d_name;
        struct document *d = &l->docs[l->ndocs];

        d->file = str_of(arena_format(l->m->arena, "%.*s/%s", STR_ARG(l->folder), file));
        d->name = arena_copy(l->m->arena, (struct gw_str){file, strlen(file) - 5});
        r = d->file.ptr && d->name.ptr ? document_read(l, d) : GW_FATAL;
    }
    return r;
}

static enum gw_result folder_read(struct loader *l)
{
    struct dirent **entries = NULL;
    const struct document folder = {.file = l->folder};
    int n = scandir(l->folder.ptr, &entries, is_schema, by_name);
    enum gw_result r = GW_FAIL;

    if (n < 0) {
        file_fault(l, &folder, "schema.read", strerror(errno), SIZE_MAX);
    } else if (n == 0 || n > FILES_MAX) {
        file_fault(l, &folder, "schema.folder", strerror(n ? EFBIG : ENOENT), SIZE_MAX);
    } else {
        r = documents_read(l, entries, (size_t)n);
    }
    for (int i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
    return r;
}

static enum gw_result load_done(struct loader *l, enum gw_result r)
{
    for (size_t i = 0; i < l->ndocs; i++)
        document_free(&l->docs[i]);
    return r == GW_REJECT || (r == GW_OK && l->failed) ? GW_FAIL : r;
}

enum gw_result model_load(struct model *m, struct arena *arena, const char *folder, struct sink *sink)
{
    struct loader l = {.m = m, .sink = sink};
    enum gw_result r;

    *m = (struct model){.arena = arena};
    l.folder = arena_copy(arena, str_of(folder));
    if (!l.folder.ptr)
        return GW_FATAL;
    r = folder_read(&l);
    return load_done(&l, r == GW_OK ? types_load(&l) : r);
}

enum gw_result model_load_text(struct model *m, struct arena *arena, struct gw_str name, struct gw_str text,
                               struct sink *sink)
{
    struct document doc = {.file = name, .name = name, .text = text};
    struct loader l = {.m = m, .sink = sink, .docs = &doc, .ndocs = 1};

    enum gw_result r;

    *m = (struct model){.arena = arena};
    r = document_parse(&l, &doc);
    return load_done(&l, r == GW_OK ? types_load(&l) : r);
}
