/* SPDX-License-Identifier: EUPL-1.2 */
/* A resource as a tree of the pivot's own shape. */
#include "base/str.h"
#include "pipeline/pivot_form.h"

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
enum way { WAY_TEXT, WAY_REF, WAY_TRUTH, WAY_TREE, WAY_TEXTS, WAY_ITEMS };

/* A field as it is written. */
struct field_names {
    struct gw_node node; /* its name is the last part's; of a resource itself, or to be copied */
    uint16_t parts[6];   /* of the dotted name, as symbols */
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
    bool some[GROUPS];       /* any slot is */
    struct form_masks forms; /* what a form can have */
};

struct builder {
    struct pivot_writing *p;
    const struct names *trees;  /* of FIELD_TREE values */
    struct gw_node *free, *end; /* nodes at hand */
    bool failed;
};

/* A resource that has more nodes than fit into the stream's. */
static struct gw_node *more_nodes(struct builder *b)
{
    struct gw_node *nodes = arena_alloc(&b->p->arena, PIVOT_NODES * sizeof(*nodes));

    b->p->spilt = true;
    if (!nodes) {
        b->failed = true;
        nodes = b->p->nodes; /* of no more use: what is built is thrown away */
    }
    b->end = nodes + PIVOT_NODES;
    return nodes;
}

static inline struct gw_node *append(struct builder *b, struct gw_node ***tail, const struct gw_node *like)
{
    struct gw_node *n = b->free == b->end ? more_nodes(b) : b->free;

    b->free = n + 1;
    *n = *like;
    **tail = n;
    *tail = &n->next;
    return n;
}

static struct gw_node *add(struct builder *b, struct gw_node ***tail, enum gw_kind kind, uint16_t name,
                           struct gw_str text)
{
    return append(
        b, tail,
        &(struct gw_node){.text = text.ptr, .len = (uint32_t)text.len, .name = name, .kind = (uint8_t)kind});
}

static struct gw_node *add_group(struct builder *b, struct gw_node ***tail, enum gw_kind kind, uint16_t name)
{
    return add(b, tail, kind, name, (struct gw_str){NULL, 0});
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

static void form_learn(struct form_masks *m, uint16_t slot, enum way way, enum group g)
{
    uint64_t bit = (uint64_t)1 << (slot % 64);
    unsigned w = slot / 64u;

    if (w >= FORM_WORDS || g == EXTS)
        return;
    if (way <= WAY_TRUTH)
        m->scalars[w] |= bit;
    if (way == WAY_TRUTH)
        m->truths[w] |= bit;
    if (way == WAY_TEXTS && g == OWN)
        m->lists[w] |= bit;
    if (g == REFS)
        m->refs[w] |= bit;
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
        s->fields[i].node.kind = f->type == FIELD_INTEGER ? GW_NUMBER : GW_TEXT;
        s->fields[i].node.name = s->fields[i].parts[s->fields[i].nparts - 1];
        s->masks[g][i / 64] |= (uint64_t)1 << (i % 64);
        s->some[g] = true;
        form_learn(&s->forms, i, way_of(f), g);
    }
    s->shape = shape;
    s->count = shape->count;
    return s->fields != NULL;
}

/* A shape may have been extended since its names were made. */
static __attribute__((noinline)) struct shape_names *names_find_or_make(struct pivot_writing *p, const struct shape *shape)
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

static inline bool are_of(const struct shape_names *s, const struct shape *shape)
{
    return s && s->shape == shape && s->count >= shape->count;
}

/* Either of two places: shapes of one record that meet at one do not drive each other out. */
static inline const struct shape_names *names_of(struct pivot_writing *p, const struct shape *shape)
{
    size_t at = ((uintptr_t)shape >> 4) * 0x9e3779b97f4a7c15u >> 58;

    if (are_of(p->last[at], shape))
        return p->last[at];
    if (!are_of(p->last[at ^ 1], shape)) {
        at ^= p->last[at] != NULL;
        p->last[at] = names_find_or_make(p, shape);
        return p->last[at];
    }
    return p->last[at ^ 1];
}

static void tree_add(struct builder *b, struct gw_node ***tail, const struct gw_node *from, uint16_t as)
{
    const uint16_t *keys = b->p->keys;
    struct gw_node *map = add_group(b, tail, GW_MAP, as);
    struct gw_node **end = &map->first, **items;

    if (from->name)
        add(b, &end, GW_TEXT, keys[KEY_NAME], names_text(b->trees, from->name));
    add(b, &end, GW_TEXT, keys[KEY_KIND], str_of(pivot_kind_names[from->kind]));
    if (from->text)
        add(b, &end, GW_TEXT, keys[KEY_TEXT], (struct gw_str){from->text, from->len});
    if (!from->first)
        return;
    items = &add_group(b, &end, GW_LIST, keys[KEY_CHILDREN])->first;
    for (const struct gw_node *k = from->first; k && !b->failed; k = k->next)
        tree_add(b, &items, k, 0);
}

static void items_add(struct builder *b, struct gw_node *item, const struct object *o, struct gw_str ext);

static void list_add(struct builder *b, struct gw_node ***tail, const struct field *f, const struct value *v,
                     uint16_t name)
{
    struct gw_node **end = &add_group(b, tail, GW_LIST, name)->first;

    for (uint32_t i = 0; i < v->list->count && !b->failed; i++) {
        if (f->type == FIELD_ITEMS)
            items_add(b, add_group(b, &end, GW_MAP, name), v->list->objects[i], f->ext);
        else
            add(b, &end, GW_TEXT, name, v->list->texts[i]);
    }
}

static inline void set_text(struct gw_node *n, struct gw_str text)
{
    n->text = text.ptr;
    n->len = (uint32_t)text.len;
}

static inline void set_scalar(struct gw_node *n, const struct value *v, enum way way)
{
    if (way == WAY_REF) {
        set_text(n, v->ref->id);
        return;
    }
    n->text = v->text;
    n->len = v->len;
    if (way == WAY_TRUTH)
        n->kind = v->len == 4 ? GW_TRUE : GW_FALSE;
}

/* A copy of the field's node, with the text of the value. */
static inline void scalar_add(struct builder *b, struct gw_node ***tail, const struct value *v,
                              const struct field_names *names)
{
    struct gw_node *n = append(b, tail, &names->node);

    n->next = NULL; /* the field's own may have one */
    set_scalar(n, v, (enum way)names->way);
}

/* Out of the loop over fields, which has no need of its many variables. */
static __attribute__((noinline)) void value_add(struct builder *b, struct gw_node ***tail,
                                                const struct object *o, unsigned slot,
                                                const struct field_names *names)
{
    const struct value *v = &o->values[slot];
    uint16_t name = names->node.name;
    struct gw_node **end;

    switch ((enum way)names->way) {
    case WAY_TEXT:
    case WAY_REF:
    case WAY_TRUTH:
        scalar_add(b, tail, v, names);
        break;
    case WAY_TREE:
        end = &add_group(b, tail, GW_MAP, name)->first;
        tree_add(b, &end, v->tree, b->p->keys[KEY_TREE]);
        break;
    case WAY_TEXTS:
    case WAY_ITEMS:
        list_add(b, tail, o->shape->fields[slot], v, name);
        break;
    }
}

/* Groups open while consecutive fields share them; a shape keeps a group's fields together. */
struct groups {
    struct gw_node **tails[6];
    uint16_t names[6];
    unsigned depth;
};

static void enter_groups(struct builder *b, struct groups *g, const struct field_names *f)
{
    unsigned same = 0;

    while (same < g->depth && same + 1u < f->nparts && g->names[same] == f->parts[same])
        same++;
    g->depth = same;
    while (g->depth + 1u < f->nparts) {
        unsigned d = g->depth++;

        g->names[d] = f->parts[d];
        g->tails[d + 1] = &add_group(b, &g->tails[d], GW_MAP, f->parts[d])->first;
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
    struct groups g;

    g.depth = 0;
    g.tails[0] = &parent->first;
    for (unsigned w = 0; w * 64 < o->slots; w++)
        for (uint64_t bits = o->have[w] & (one[w] | other[w]); bits; bits &= bits - 1) {
            unsigned slot = w * 64 + (unsigned)__builtin_ctzll(bits);
            const struct field_names *f = &names->fields[slot];

            if (ext.ptr && !of_ext(o, slot, ext))
                continue;
            if (g.depth || f->nparts > 1)
                enter_groups(b, &g, f);
            if (f->way <= WAY_TRUTH)
                scalar_add(b, &g.tails[g.depth], &o->values[slot], f);
            else
                value_add(b, &g.tails[g.depth], o, slot, f);
        }
}

/* The same of a resource itself, which has each field once: the fields' own nodes. False: one has a dotted name. */
static bool own_add(struct builder *b, struct gw_node *parent, const struct object *o,
                    const struct shape_names *names, const uint64_t *mask)
{
    struct gw_node **tail = &parent->first;

    for (unsigned w = 0; w * 64 < o->slots; w++)
        for (uint64_t bits = o->have[w] & mask[w]; bits; bits &= bits - 1) {
            unsigned slot = w * 64 + (unsigned)__builtin_ctzll(bits);
            struct field_names *f = &names->fields[slot];

            if (f->nparts > 1)
                return false;
            if (f->way <= WAY_TRUTH) {
                set_scalar(&f->node, &o->values[slot], (enum way)f->way);
                *tail = &f->node;
                tail = &f->node.next;
            } else {
                struct gw_node **end = tail;

                value_add(b, &end, o, slot, f);
                tail = end;
            }
        }
    *tail = NULL;
    return true;
}

static void group_add(struct builder *b, struct gw_node *parent, const struct object *o,
                      const struct shape_names *names, enum group g)
{
    if (!own_add(b, parent, o, names, names->masks[g]))
        fields_add(b, parent, o, names, names->masks[g], names->masks[g], (struct gw_str){NULL, 0});
}

/* An item of a list: its references stand among its fields. */
static void items_add(struct builder *b, struct gw_node *item, const struct object *o, struct gw_str ext)
{
    const struct shape_names *names = names_of(b->p, o->shape);

    if (!names)
        b->failed = true;
    else if (ext.ptr)
        fields_add(b, item, o, names, names->masks[EXTS], names->masks[EXTS], ext);
    else
        fields_add(b, item, o, names, names->masks[OWN], names->masks[REFS], ext);
}

static bool has_any(const struct object *o, const struct shape_names *names, enum group g)
{
    for (unsigned w = 0; names->some[g] && w * 64 < o->slots; w++)
        if (o->have[w] & names->masks[g][w])
            return true;
    return false;
}

/* One group a format whose extension the resource has something of. */
static void ext_add(struct builder *b, struct gw_node *ext, const struct object *o,
                    const struct shape_names *names)
{
    struct gw_node **end = &ext->first;
    struct gw_str seen[8];
    size_t nseen = 0;

    for (unsigned slot = 0; slot < o->slots; slot++) {
        const struct field *f = o->shape->fields[slot];
        bool done = !f->ext.ptr || !object_has(o, slot) || nseen == 8;
        struct gw_node *group;

        for (size_t k = 0; k < nseen; k++)
            done |= str_eq(seen[k], f->ext);
        if (done || b->failed)
            continue;
        group = add_group(b, &end, GW_MAP, names_add(b->p->names, f->ext.ptr, f->ext.len));
        fields_add(b, group, o, names, names->masks[EXTS], names->masks[EXTS], f->ext);
        seen[nseen++] = f->ext;
    }
}

/* The resources of one record are consecutive. */
static struct gw_str number_text(struct pivot_writing *p, uint64_t record)
{
    if (!p->number.ptr || p->record != record)
        p->number = gw_digits(record, p->digits);
    p->record = record;
    return p->number;
}

/* A group of the root, empty. */
static struct gw_node *open_group(struct gw_node ***tail, struct gw_node *group)
{
    group->first = NULL;
    **tail = group;
    *tail = &group->next;
    return group;
}

static void resource_tree(struct builder *b, const struct resource *r, const struct shape_names *names)
{
    struct pivot_writing *p = b->p;
    const struct object *o = &r->object;
    struct gw_node **tail = &p->spine[KEY_RECORD].next;

    set_text(&p->spine[KEY_TYPE], o->shape->name);
    set_text(&p->spine[KEY_ID], r->id);
    set_text(&p->spine[KEY_RECORD], p->number);
    if (has_any(o, names, REFS))
        group_add(b, open_group(&tail, &p->spine[KEY_REFS]), o, names, REFS);
    group_add(b, open_group(&tail, &p->spine[KEY_FIELDS]), o, names, OWN);
    if (has_any(o, names, EXTS))
        ext_add(b, open_group(&tail, &p->spine[KEY_EXT]), o, names);
    *tail = NULL;
}

enum gw_result pivot_resource(struct pivot_writing *p, const struct bundle *bundle, const struct resource *r,
                              struct gw_record *ret)
{
    const struct shape_names *names = names_of(p, r->object.shape);
    struct gw_str number = number_text(p, bundle->record);
    struct form_key key;
    struct pivot_form *f;
    struct builder b;
    bool formed;

    if (!names)
        return GW_FATAL;
    formed = form_key_of(&r->object, &names->forms, &key);
    f = formed ? form_find(p, &key) : NULL;
    if (f) {
        form_fill(f, r, number);
        *ret = (struct gw_record){
            .root = f->root, .line = bundle->line, .form = (uint32_t)(f - p->forms) + 1};
        return GW_OK;
    }
    if (p->spilt)
        arena_reset(&p->arena);
    p->spilt = false;
    b = (struct builder){p, bundle->names, p->nodes, p->nodes + PIVOT_NODES, false};
    resource_tree(&b, r, names);
    *ret = (struct gw_record){.root = &p->root, .line = bundle->line};
    if (formed && !b.failed)
        (void)form_keep(p, &key, &names->forms, &p->root);
    return b.failed ? GW_FATAL : GW_OK;
}

/* What every resource has: only texts and links change. */
static void spine_make(struct pivot_writing *p)
{
    static const uint8_t kinds[] = {[KEY_TYPE] = GW_TEXT, [KEY_ID] = GW_TEXT,    [KEY_RECORD] = GW_NUMBER,
                                    [KEY_REFS] = GW_MAP,  [KEY_FIELDS] = GW_MAP, [KEY_EXT] = GW_MAP};

    for (size_t k = KEY_TYPE; k <= KEY_EXT; k++)
        p->spine[k] = (struct gw_node){.name = p->keys[k], .kind = kinds[k]};
    p->root = (struct gw_node){.first = &p->spine[KEY_TYPE], .kind = GW_MAP};
    p->spine[KEY_TYPE].next = &p->spine[KEY_ID];
    p->spine[KEY_ID].next = &p->spine[KEY_RECORD];
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
    p->nodes = arena_array(&p->stream_arena, PIVOT_NODES, sizeof(*p->nodes));
    spine_make(p);
    return p->nodes ? GW_OK : GW_FATAL;
}

void pivot_writing_close(struct pivot_writing *p)
{
    arena_done(&p->arena);
    arena_done(&p->stream_arena);
}
