/* SPDX-License-Identifier: EUPL-1.2 */
/* A resource as a tree of the pivot's own shape. */
#include "base/str.h"
#include "pipeline/pivot.h"

const char *const pivot_key_names[PIVOT_KEYS] = {
    [KEY_TYPE] = "type",     [KEY_ID] = "id",     [KEY_RECORD] = "record",     [KEY_REFS] = "refs",
    [KEY_FIELDS] = "fields", [KEY_EXT] = "ext",   [KEY_TREE] = "@tree",        [KEY_NAME] = "name",
    [KEY_KIND] = "kind",     [KEY_TEXT] = "text", [KEY_CHILDREN] = "children",
};

const char *const pivot_kind_names[] = {
    [GW_NULL] = "null", [GW_FALSE] = "false", [GW_TRUE] = "true", [GW_NUMBER] = "number",
    [GW_TEXT] = "text", [GW_LIST] = "list",   [GW_MAP] = "map",   [GW_RECORDS] = "records",
};

/* How a value becomes a node. */
enum way { WAY_TEXT, WAY_NUMBER, WAY_TRUTH, WAY_REF, WAY_TREE, WAY_TEXTS, WAY_ITEMS };

/* The dotted parts of each field's name as symbols. */
struct field_names {
    uint16_t parts[6];
    uint8_t nparts;
    uint8_t way; /* enum way */
};

/* Where a field stands in the tree. */
enum group { OWN, REFS, EXTS, GROUPS };

/* What the fields of a shape are, small and in a row: a resource has few of them. */
struct shape_names {
    struct shape_names *next;
    const struct shape *shape;
    uint16_t count;
    struct field_names *fields;
    uint64_t *masks[GROUPS]; /* slots of each */
};

struct builder {
    struct pivot_writing *p;
    const struct names *trees; /* of FIELD_TREE values */
    bool failed;
};

static struct gw_node *add(struct builder *b, struct gw_node *parent, struct gw_node ***tail, enum gw_kind kind,
                           uint16_t name, struct gw_str text)
{
    struct gw_node *n = arena_alloc(&b->p->arena, sizeof(*n));

    if (!n) {
        b->failed = true;
        return parent;
    }
    *n = (struct gw_node){.text = text.ptr, .len = (uint32_t)text.len, .name = name, .kind = (uint8_t)kind};
    **tail = n;
    *tail = &n->next;
    return n;
}

static bool field_symbols(struct pivot_writing *p, const struct field *f, struct field_names *ret)
{
    struct gw_str rest = f->name;

    while (rest.ptr && ret->nparts < sizeof(ret->parts) / sizeof(*ret->parts)) {
        struct gw_str part = str_cut(rest, '.', &rest);
        uint16_t symbol = names_add(p->names, part.ptr, part.len);

        if (!symbol)
            return false;
        ret->parts[ret->nparts++] = symbol;
    }
    return !rest.ptr;
}

static enum way way_of(const struct field *f)
{
    if (f->type == FIELD_ITEMS)
        return WAY_ITEMS;
    if (f->list)
        return WAY_TEXTS;
    switch ((enum field_type)f->type) {
    case FIELD_REF:
        return WAY_REF;
    case FIELD_TREE:
        return WAY_TREE;
    case FIELD_BOOLEAN:
        return WAY_TRUTH;
    case FIELD_INTEGER:
        return WAY_NUMBER;
    case FIELD_TEXT:
    case FIELD_DECIMAL:
    case FIELD_DATE:
    case FIELD_DATETIME:
    case FIELD_MONTH:
    case FIELD_TIME:
    case FIELD_CODE:
    case FIELD_ITEMS:
        break;
    }
    return WAY_TEXT;
}

static bool shape_learn(struct pivot_writing *p, struct shape_names *s, const struct shape *shape)
{
    s->fields = arena_array(&p->stream_arena, shape->count + 1u, sizeof(*s->fields));
    for (size_t g = 0; g < GROUPS; g++) {
        s->masks[g] = arena_array(&p->stream_arena, shape->count / 64u + 1, sizeof(uint64_t));
        if (!s->masks[g])
            return false;
    }
    for (uint16_t i = 0; s->fields && i < shape->count; i++) {
        const struct field *f = shape->fields[i];
        enum group g = f->ext.ptr ? EXTS : f->type == FIELD_REF ? REFS : OWN;

        if (!field_symbols(p, f, &s->fields[i]))
            return false;
        s->fields[i].way = (uint8_t)way_of(f);
        s->masks[g][i / 64] |= (uint64_t)1 << (i % 64);
    }
    s->shape = shape;
    s->count = shape->count;
    return s->fields != NULL;
}

/* A shape may have been extended since its names were made. */
static struct shape_names *names_find_or_make(struct pivot_writing *p, const struct shape *shape)
{
    struct shape_names *s = p->shapes;

    while (s && (s->shape != shape || s->count < shape->count))
        s = s->next;
    if (s)
        return s;
    s = arena_zero(&p->stream_arena, sizeof(*s));
    if (!s || !shape_learn(p, s, shape))
        return NULL;
    s->next = p->shapes;
    p->shapes = s;
    return s;
}

static const struct shape_names *names_of(struct pivot_writing *p, const struct shape *shape)
{
    struct shape_names **last = &p->last[((uintptr_t)shape >> 4) * 0x9e3779b97f4a7c15u >> 58];

    if (!*last || (*last)->shape != shape || (*last)->count < shape->count)
        *last = names_find_or_make(p, shape);
    return *last;
}

static struct gw_str digits(struct builder *b, uint64_t n)
{
    char *room = arena_alloc(&b->p->arena, 20);

    if (!room) {
        b->failed = true;
        return GW_STR("0");
    }
    return gw_digits(n, room);
}

static void tree_add(struct builder *b, struct gw_node *parent, struct gw_node ***tail,
                     const struct gw_node *from, uint16_t as)
{
    const uint16_t *keys = b->p->keys;
    struct gw_node *map = add(b, parent, tail, GW_MAP, as, (struct gw_str){NULL, 0});
    struct gw_node **end = &map->first, **items;
    struct gw_str name = names_text(b->trees, from->name);

    if (b->failed)
        return;
    if (from->name)
        add(b, map, &end, GW_TEXT, keys[KEY_NAME], name);
    add(b, map, &end, GW_TEXT, keys[KEY_KIND], str_of(pivot_kind_names[from->kind]));
    if (from->text)
        add(b, map, &end, GW_TEXT, keys[KEY_TEXT], (struct gw_str){from->text, from->len});
    if (!from->first)
        return;
    map = add(b, map, &end, GW_LIST, keys[KEY_CHILDREN], (struct gw_str){NULL, 0});
    items = &map->first;
    for (const struct gw_node *k = from->first; k && !b->failed; k = k->next)
        tree_add(b, map, &items, k, 0);
}

static void items_add(struct builder *b, struct gw_node *parent, const struct object *o, struct gw_str ext);

static void list_add(struct builder *b, struct gw_node *parent, struct gw_node ***tail, const struct field *f,
                     const struct value *v, uint16_t name)
{
    struct gw_node *list = add(b, parent, tail, GW_LIST, name, (struct gw_str){NULL, 0});
    struct gw_node **end = &list->first;

    for (uint32_t i = 0; i < v->list->count && !b->failed; i++) {
        if (f->type == FIELD_ITEMS) {
            struct gw_node *item = add(b, list, &end, GW_MAP, name, (struct gw_str){NULL, 0});

            items_add(b, item, v->list->objects[i], f->ext);
        } else {
            add(b, list, &end, GW_TEXT, name, v->list->texts[i]);
        }
    }
}

static void value_add(struct builder *b, struct gw_node *parent, struct gw_node ***tail, const struct object *o,
                      unsigned slot, const struct field_names *names)
{
    const struct value *v = &o->values[slot];
    uint16_t name = names->parts[names->nparts - 1];
    struct gw_str text = {v->text, v->len};
    struct gw_node *n;
    struct gw_node **end;

    switch ((enum way)names->way) {
    case WAY_TEXT:
        add(b, parent, tail, GW_TEXT, name, text);
        break;
    case WAY_NUMBER:
        add(b, parent, tail, GW_NUMBER, name, text);
        break;
    case WAY_TRUTH:
        add(b, parent, tail, text.len == 4 ? GW_TRUE : GW_FALSE, name, text);
        break;
    case WAY_REF:
        add(b, parent, tail, GW_TEXT, name, v->ref->id);
        break;
    case WAY_TREE:
        n = add(b, parent, tail, GW_MAP, name, (struct gw_str){NULL, 0});
        end = &n->first;
        tree_add(b, n, &end, v->tree, b->p->keys[KEY_TREE]);
        break;
    case WAY_TEXTS:
    case WAY_ITEMS:
        list_add(b, parent, tail, o->shape->fields[slot], v, name);
        break;
    }
}

/* Groups open while consecutive fields share them; a shape keeps a group's fields together. */
struct groups {
    struct gw_node **tails[6];
    struct gw_node *nodes[6];
    uint16_t names[6];
    unsigned depth;
};

static void enter_groups(struct builder *b, struct groups *g, const struct field_names *f)
{
    unsigned same = 0;

    while (same < g->depth && same + 1u < f->nparts && g->names[same] == f->parts[same])
        same++;
    g->depth = same;
    while (g->depth + 1u < f->nparts && !b->failed) {
        unsigned d = g->depth;
        struct gw_node *n = add(b, g->nodes[d], &g->tails[d], GW_MAP, f->parts[d], (struct gw_str){NULL, 0});

        g->names[d] = f->parts[d];
        g->nodes[d + 1] = n;
        g->tails[d + 1] = &n->first;
        g->depth++;
    }
}

static bool of_ext(const struct object *o, unsigned slot, struct gw_str ext)
{
    return str_eq(o->shape->fields[slot]->ext, ext);
}

/* The fields that these masks show; with `ext` only those of that extension. */
static void fields_add(struct builder *b, struct gw_node *parent, const struct object *o,
                       const struct shape_names *names, const uint64_t *one, const uint64_t *other,
                       struct gw_str ext)
{
    struct groups g = {.nodes = {parent}, .tails = {&parent->first}};

    for (unsigned w = 0; w * 64 < o->slots; w++)
        for (uint64_t bits = o->have[w] & (one[w] | other[w]); bits && !b->failed; bits &= bits - 1) {
            unsigned slot = w * 64 + (unsigned)__builtin_ctzll(bits);
            const struct field_names *f = &names->fields[slot];

            if (ext.ptr && !of_ext(o, slot, ext))
                continue;
            if (g.depth || f->nparts > 1)
                enter_groups(b, &g, f);
            value_add(b, g.nodes[g.depth], &g.tails[g.depth], o, slot, f);
        }
}

/* An item of a list: its references stand among its fields. */
static void items_add(struct builder *b, struct gw_node *parent, const struct object *o, struct gw_str ext)
{
    const struct shape_names *names = names_of(b->p, o->shape);

    if (!names)
        b->failed = true;
    else if (ext.ptr)
        fields_add(b, parent, o, names, names->masks[EXTS], names->masks[EXTS], ext);
    else
        fields_add(b, parent, o, names, names->masks[OWN], names->masks[REFS], ext);
}

static bool has_any(const struct object *o, const uint64_t *mask)
{
    for (unsigned w = 0; w * 64 < o->slots; w++)
        if (o->have[w] & mask[w])
            return true;
    return false;
}

static void refs_add(struct builder *b, struct gw_node *root, struct gw_node ***tail, const struct object *o,
                     const struct shape_names *names)
{
    struct gw_node *refs;

    if (!has_any(o, names->masks[REFS]))
        return;
    refs = add(b, root, tail, GW_MAP, b->p->keys[KEY_REFS], (struct gw_str){NULL, 0});
    if (!b->failed)
        fields_add(b, refs, o, names, names->masks[REFS], names->masks[REFS], (struct gw_str){NULL, 0});
}

/* One group a format whose extension the resource has something of. */
static void ext_add(struct builder *b, struct gw_node *root, struct gw_node ***tail, const struct object *o,
                    const struct shape_names *names)
{
    struct gw_str seen[8];
    size_t nseen = 0;
    struct gw_node *ext, **end;

    if (!has_any(o, names->masks[EXTS]))
        return;
    ext = add(b, root, tail, GW_MAP, b->p->keys[KEY_EXT], (struct gw_str){NULL, 0});
    end = &ext->first;
    for (unsigned slot = 0; slot < o->slots; slot++) {
        const struct field *f = o->shape->fields[slot];
        bool done = !f->ext.ptr || !object_has(o, slot) || nseen == 8;
        struct gw_node *group;

        for (size_t k = 0; k < nseen; k++)
            done |= str_eq(seen[k], f->ext);
        if (done || b->failed)
            continue;
        group =
            add(b, ext, &end, GW_MAP, names_add(b->p->names, f->ext.ptr, f->ext.len), (struct gw_str){NULL, 0});
        fields_add(b, group, o, names, names->masks[EXTS], names->masks[EXTS], f->ext);
        seen[nseen++] = f->ext;
    }
}

enum gw_result pivot_resource(struct pivot_writing *p, const struct bundle *bundle, const struct resource *r,
                              struct gw_record *ret)
{
    struct builder b = {.p = p, .trees = bundle->names};
    const struct shape_names *names = names_of(p, r->object.shape);
    struct gw_node *root, **tail, *fields;

    arena_reset(&p->arena);
    root = arena_zero(&p->arena, sizeof(*root));
    if (!root || !names)
        return GW_FATAL;
    root->kind = GW_MAP;
    tail = &root->first;
    add(&b, root, &tail, GW_TEXT, p->keys[KEY_TYPE], r->object.shape->name);
    add(&b, root, &tail, GW_TEXT, p->keys[KEY_ID], r->id);
    add(&b, root, &tail, GW_NUMBER, p->keys[KEY_RECORD], digits(&b, bundle->record));
    refs_add(&b, root, &tail, &r->object, names);
    fields = add(&b, root, &tail, GW_MAP, p->keys[KEY_FIELDS], (struct gw_str){NULL, 0});
    if (!b.failed)
        fields_add(&b, fields, &r->object, names, names->masks[OWN], names->masks[OWN],
                   (struct gw_str){NULL, 0});
    ext_add(&b, root, &tail, &r->object, names);
    *ret = (struct gw_record){.root = root, .line = bundle->line};
    return b.failed ? GW_FATAL : GW_OK;
}

enum gw_result pivot_writing_open(struct pivot_writing *p, struct names *names)
{
    *p = (struct pivot_writing){.names = names};
    arena_init(&p->arena, 65536, (size_t)512 << 20);
    arena_init(&p->stream_arena, 4096, (size_t)64 << 20);
    for (size_t k = 0; k < PIVOT_KEYS; k++) {
        p->keys[k] = names_add(names, pivot_key_names[k], strlen(pivot_key_names[k]));
        if (!p->keys[k])
            return GW_FATAL;
    }
    return GW_OK;
}

void pivot_writing_close(struct pivot_writing *p)
{
    arena_done(&p->arena);
    arena_done(&p->stream_arena);
}
