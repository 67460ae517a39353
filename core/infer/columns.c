/* SPDX-License-Identifier: EUPL-1.2 */
#include "infer/columns.h"

#include "base/str.h"

enum { DEEP = 12, SAMPLE_BYTES = 200 };

struct reading_columns {
    struct columns *c;
    const struct names *names;
    size_t count;
    uint64_t nodes; /* with something below, met so far */
};

/* ---- one record ---- */

static struct column *column_of(struct reading_columns *r, struct column *parent, uint16_t symbol)
{
    struct column **at = &parent->first, *c;

    while (*at && (*at)->symbol != symbol)
        at = &(*at)->next;
    if (*at || r->count >= COLUMNS_MAX)
        return *at;
    c = arena_zero(r->c->arena, sizeof(*c));
    if (!c)
        return NULL;
    *c = (struct column){.symbol = symbol, .parent = parent == r->c->root ? NULL : parent};
    c->name = arena_copy(r->c->arena, names_text(r->names, symbol));
    r->count++;
    return *at = c;
}

static void sample_add(struct reading_columns *r, struct column *c, struct gw_str text)
{
    if (c->nsamples == COLUMN_SAMPLES)
        return;
    for (size_t i = 0; i < c->nsamples; i++)
        if (str_eq(c->samples[i], text))
            return;
    text = arena_copy(r->c->arena, str_chars_cut(text, SAMPLE_BYTES));
    if (text.ptr)
        c->samples[c->nsamples++] = text;
}

static void value_meet(struct reading_columns *r, struct column *c, const struct gw_node *n)
{
    struct gw_str text = {n->text, n->len};

    c->kinds |= 1u << n->kind;
    r->c->nulls |= n->kind == GW_NULL;
    text = str_trim(text);
    if (!text.len)
        return;
    c->filled++;
    sample_add(r, c, text);
}

static void children_meet(struct reading_columns *r, struct column *parent, const struct gw_node *n,
                          unsigned depth);

/* An item with nothing below is a text among the list's own. */
static void list_meet(struct reading_columns *r, struct column *c, const struct gw_node *list, unsigned depth)
{
    c->kinds |= 1u << GW_LIST;
    for (const struct gw_node *k = list->first; k; k = k->next)
        if (k->kind == GW_MAP)
            children_meet(r, c, k, depth + 1);
        else
            value_meet(r, c, k);
}

static void children_meet(struct reading_columns *r, struct column *parent, const struct gw_node *n,
                          unsigned depth)
{
    uint64_t node = ++r->nodes;

    parent->items++;
    for (const struct gw_node *k = n->first; k && depth < DEEP; k = k->next) {
        struct column *c = column_of(r, parent, k->name);

        if (!c)
            continue;
        c->many |= k->kind == GW_LIST || c->last == node;
        if (c->last != node)
            c->records++;
        c->last = node;
        if (k->kind == GW_LIST)
            list_meet(r, c, k, depth);
        else if (k->first)
            children_meet(r, c, k, depth + 1);
        else
            value_meet(r, c, k);
    }
}

static void record_take(struct reading_columns *r, const struct gw_node *root)
{
    if (r->c->records >= COLUMN_RECORDS)
        return;
    r->c->records++;
    children_meet(r, r->c->root, root, 0);
}

/* ---- where records are in a document ---- */

/* The way to a node that repeats: names from the document's root. */
struct way {
    const struct gw_node *parent; /* of the nodes, or the list of them */
    uint16_t name;
    struct gw_str text; /* "a/b[]" */
    size_t weight;
};

static size_t weigh_tree(const struct gw_node *n, unsigned depth)
{
    size_t weight = 1;

    for (const struct gw_node *k = n->first; k && depth < DEEP; k = k->next)
        weight += weigh_tree(k, depth + 1);
    return weight;
}

static bool repeats(const struct gw_node *first, const struct gw_node *k)
{
    for (const struct gw_node *n = first; n; n = n->next)
        if (n != k && n->name == k->name)
            return true;
    return false;
}

static void way_offer(struct way *best, struct arena *a, const struct gw_node *parent, const struct gw_node *k,
                      struct gw_str path, bool list)
{
    size_t weight = 0;

    for (const struct gw_node *n = list ? k->first : parent->first; n; n = n->next)
        if (n->first && (list || n->name == k->name))
            weight += weigh_tree(n, 0);
    if (weight <= best->weight)
        return;
    *best = (struct way){.parent = list ? k : parent, .name = k->name, .weight = weight};
    best->text = str_of(arena_format(a, "%.*s[]", STR_ARG(path)));
}

/* The heaviest list of maps; one inside another never weighs more. */
static void way_find(struct way *best, struct reading_columns *r, const struct gw_node *n, struct gw_str path,
                     unsigned depth)
{
    for (const struct gw_node *k = n->first; k && depth < DEEP; k = k->next) {
        struct gw_str name = names_text(r->names, k->name);
        struct gw_str below =
            str_of(path.len ? arena_format(r->c->arena, "%.*s/%.*s", STR_ARG(path), STR_ARG(name))
                            : arena_format(r->c->arena, "%.*s", STR_ARG(name)));

        if (!below.ptr)
            return;
        if (k->kind == GW_LIST)
            way_offer(best, r->c->arena, n, k, below, true);
        else if (k->first && repeats(n->first, k))
            way_offer(best, r->c->arena, n, k, below, false);
        else if (k->first)
            way_find(best, r, k, below, depth + 1);
    }
}

static void document_take(struct reading_columns *r, const struct gw_node *root)
{
    struct way way = {0};

    way_find(&way, r, root, GW_STR(""), 0);
    if (!way.parent || way.weight * 2 < weigh_tree(root, 0)) {
        r->c->record = (struct gw_str){NULL, 0};
        record_take(r, root);
        return;
    }
    r->c->record = way.text;
    for (const struct gw_node *n = way.parent->first; n; n = n->next)
        if (way.parent->kind == GW_LIST || n->name == way.name)
            record_take(r, n);
}

/* A dialect without a way to records gives the document whole, or runs of records. */
static void take(void *to, const struct gw_record *rec, const struct names *names)
{
    struct reading_columns *r = to;
    const struct dialect *d = &r->c->dialect;
    bool way = d->profile && d->profile->root.len;

    r->names = names;
    if (!r->c->enclosing.ptr && rec->root->name)
        r->c->enclosing = arena_copy(r->c->arena, names_text(names, rec->root->name));
    if (!way && (d->plugin->flags & GW_NESTED) && !format_option(d->format, d->profile, "lines").len)
        document_take(r, rec->root);
    else
        record_take(r, rec->root);
}

/* ---- leaves ---- */

static size_t leaves_count(const struct column *c)
{
    size_t n = 0;

    for (const struct column *k = c->first; k; k = k->next)
        n += k->first && !k->many ? leaves_count(k) : 1;
    return n;
}

static void leaves_put(struct columns *to, struct column *c)
{
    for (struct column *k = c->first; k; k = k->next)
        if (k->first && !k->many)
            leaves_put(to, k);
        else
            to->leaves[to->nleaves++] = k;
}

static enum gw_result leaves_make(struct columns *c)
{
    c->leaves = arena_array(c->arena, leaves_count(c->root) + 1, sizeof(*c->leaves));
    if (!c->leaves)
        return GW_FATAL;
    leaves_put(c, c->root);
    return GW_OK;
}

enum gw_result columns_below(const struct columns *above, struct column *list, struct columns *ret)
{
    if (!list->first || list->nsamples)
        return GW_END;
    *ret = *above;
    ret->root = list;
    ret->records = list->items;
    ret->nleaves = 0;
    return leaves_make(ret);
}

struct gw_str column_path(const struct columns *c, const struct column *column)
{
    struct gw_str above;

    if (!column->parent)
        return column->name;
    above = column_path(c, column->parent);
    return str_of(arena_format(c->arena, "%.*s/%.*s", STR_ARG(above), STR_ARG(column->name)));
}

enum gw_result columns_read(struct engine *e, struct arena *a, const struct head *h, struct columns *ret)
{
    struct dialects all;
    struct sight sight = {0};
    struct reading_columns r = {.c = ret};
    struct looking l = {.engine = e,
                        .arena = a,
                        .most = COLUMN_RECORDS,
                        .take = take,
                        .to = &r,
                        .record_bytes = (size_t)32 << 20};
    enum gw_result result = dialects_load(e, a, &all);

    *ret = (struct columns){.arena = a, .record = GW_STR("."), .encoding = h->encoding};
    if (result == GW_OK)
        result = look(e, a, &all, h, &sight);
    ret->faults = sight.faults;
    if (result == GW_OK && !sight.best)
        result = GW_END;
    ret->root = arena_zero(a, sizeof(*ret->root));
    if (result != GW_OK || !ret->root)
        return result == GW_OK ? GW_FATAL : result;
    ret->dialect = *sight.best;
    ret->typed = (ret->dialect.plugin->flags & GW_TYPED) != 0;
    if (ret->dialect.profile && ret->dialect.profile->root.len)
        ret->record = ret->dialect.profile->root;
    result = dialect_read(&l, &ret->dialect, h);
    ret->rejected = l.rejected;
    return result == GW_OK ? leaves_make(ret) : result;
}
