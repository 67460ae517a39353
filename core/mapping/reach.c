/* SPDX-License-Identifier: EUPL-1.2 */
/* What a table can read or write of the pivot: its lines, as fields with the codes they may have. */
#include "mapping/reach.h"

#include "base/str.h"
#include "mapping/codes.h"
#include "mapping/cursor.h"

/* ---- values ---- */

static bool has(const struct reach_values *v, struct gw_str code)
{
    for (size_t i = 0; i < v->count; i++)
        if (str_eq(v->items[i], code))
            return true;
    return v->any;
}

static bool value_add(struct arena *a, struct reach_values *v, struct gw_str code)
{
    if (has(v, code))
        return true;
    v->items = array_more(a, v->items, v->count, sizeof(*v->items));
    if (!v->items)
        return false;
    v->items[v->count++] = code;
    return true;
}

static bool words_add(struct arena *a, struct reach_values *v, struct gw_str words, bool first)
{
    bool good = true;

    while (good && words.ptr) {
        good = value_add(a, v, str_cut(words, '|', &words));
        if (first)
            break;
    }
    return good;
}

/* Whatever it may hold: the codes of a closed list, when there are. */
static bool whole_add(struct arena *a, struct reach_values *v, const struct field *f)
{
    bool good = true;

    if (f->type != FIELD_CODE || !f->codes || !f->codes->codes) {
        v->any = true;
        return true;
    }
    for (size_t i = 0; good && i < f->codes->count; i++)
        good = value_add(a, v, f->codes->codes[i]);
    return good;
}

static bool values_add(struct arena *a, struct reach_values *to, const struct reach_values *from)
{
    bool good = true;

    to->any |= from->any;
    for (size_t i = 0; good && i < from->count; i++)
        good = value_add(a, to, from->items[i]);
    return good;
}

static bool list_add(struct arena *a, struct reach_values *v, const struct codes *list, struct gw_str otherwise,
                     bool writing)
{
    unsigned use = writing ? CODES_WRITE : CODES_READ;
    bool good = true;

    for (uint32_t i = 0; good && i < list->nlines; i++)
        if (list->lines[i].use & use)
            good = value_add(a, v, codes_text(list, list->lines[i].pivot));
    return good && (writing || !otherwise.len || value_add(a, v, otherwise));
}

/* By the code() of the chain, if the field's codes are known and so is the list. */
static bool chain_add(struct arena *a, struct reach_values *v, const struct convs *convs, const struct field *f,
                      bool writing)
{
    struct gw_str otherwise = {NULL, 0};
    const struct codes *list = NULL;

    for (size_t i = 0; i < convs->count && !list; i++)
        list = code_list(&convs->items[i], &otherwise);
    if (!list || list->missing || f->type != FIELD_CODE || !f->codes || !f->codes->codes)
        return whole_add(a, v, f);
    return list_add(a, v, list, otherwise, writing);
}

static bool tie_values(struct arena *a, const struct tie *tie, size_t k, bool writing, struct reach_values *v)
{
    const struct field *f = tie->targets[k].field;

    switch ((enum form)tie->form) {
    case FORM_VALUE:
    case FORM_JOIN:
    case FORM_WORDS:
    case FORM_LIST:
        return chain_add(a, v, &tie->convs, f, writing);
    case FORM_SPLIT:
        return chain_add(a, v, &tie->templates[0].holes[k].convs, f, writing);
    case FORM_MEMBER:
        return value_add(a, v, tie->word);
    case FORM_CONST:
    case FORM_SELECT:
        return words_add(a, v, tie->word, !writing);
    case FORM_RULE:
    case FORM_NIL:
    case FORM_TEST:
    case FORM_LINE:
    case FORM_COUNT:
    case FORM_SUM:
    case FORM_NOW:
    case FORM_TREE:
    case FORM_REST:
    case FORM_REF:
        return whole_add(a, v, f);
    }
    return false;
}

/* ---- lines ---- */

/* Whether the line takes the field's value over in that direction; what is computed is not taken over. */
static bool takes(const struct tie *tie, bool writing)
{
    if (!tie->scope || (tie->use & (writing ? USE_READ : USE_WRITE)))
        return false;
    switch ((enum form)tie->form) {
    case FORM_VALUE:
    case FORM_JOIN:
    case FORM_SPLIT:
    case FORM_WORDS:
    case FORM_LIST:
    case FORM_MEMBER:
    case FORM_RULE:
    case FORM_TREE:
        return true;
    case FORM_SELECT:
        return !tie->scope->unread; /* else it only says what to look at */
    case FORM_CONST:
    case FORM_NOW:
        return !writing;
    case FORM_NIL:
    case FORM_TEST:
    case FORM_LINE:
    case FORM_COUNT:
    case FORM_SUM:
    case FORM_REST:
    case FORM_REF:
        return false;
    }
    return false;
}

/* ---- keys ---- */

/* What a line depends on: one more field and its codes. */
static bool key_add(struct arena *a, struct reach_item *item, const struct field *f, struct gw_str words,
                    bool first)
{
    struct reach_key *key = &item->keys[item->nkeys];

    if (!f || item->nkeys == REACH_KEYS)
        return true;
    *key = (struct reach_key){.field = f};
    item->nkeys++;
    return words_add(a, &key->values, words, first);
}

/* The key in the brackets of a list scope. */
static bool bracket_add(struct arena *a, struct reach_item *item, const struct scope *s)
{
    const struct field_ref *ref = s->list && s->line ? &s->line->fields.items[0] : NULL;
    const struct part *last = ref && ref->nparts ? &ref->parts[ref->nparts - 1] : NULL;

    if (!last || !last->key.ptr)
        return true;
    return key_add(a, item, shape_field(s->shape, last->key, (struct gw_str){NULL, 0}), last->val, true);
}

static bool hops_add(struct arena *a, struct reach_item *item, const struct target *target)
{
    const struct shape *shape = item->scope->shape;
    bool good = true;

    for (size_t i = 0; good && i < target->nhops; i++) {
        const struct hop *hop = &target->hops[i];

        shape = shape->fields[hop->slot]->items;
        good = key_add(a, item, shape->fields[hop->key_slot], hop->key, true);
    }
    return good;
}

/* Of the scope, and of those that hold its list. A selector itself depends on the others. */
static bool keys_add(struct arena *a, struct reach_item *item, const struct target *target, bool writing)
{
    const struct scope *s = item->scope;
    bool good = hops_add(a, item, target);

    for (; good && s; s = s->list && s->holder != s ? s->holder : NULL) {
        good = bracket_add(a, item, s);
        for (size_t i = 0; good && i < s->nselectors; i++)
            if (s->selectors[i]->ntargets && s->selectors[i]->targets[0].field != item->field)
                good = key_add(a, item, s->selectors[i]->targets[0].field, s->selectors[i]->word, !writing);
    }
    return good;
}

/* ---- a table ---- */

static struct reach_item *item_find(const struct reach *r, struct gw_str name)
{
    for (size_t i = 0; i < r->count; i++)
        if (str_eq(r->items[i].name, name))
            return &r->items[i];
    return NULL;
}

static bool target_add(struct reach *r, const struct tie *tie, size_t k, bool writing)
{
    const struct target *target = &tie->targets[k];
    struct gw_str name = str_of(arena_format(r->arena, "%.*s.%.*s", STR_ARG(tie->line->cells[CELL_RESOURCE]),
                                             STR_ARG(tie->line->fields.items[k].text)));
    struct reach_item *item = name.ptr ? item_find(r, name) : NULL;

    if (!name.ptr || target->field->type == FIELD_REF || target->field->type == FIELD_ITEMS)
        return name.ptr != NULL;
    if (!item) {
        item = &r->items[r->count++];
        *item =
            (struct reach_item){.name = name, .field = target->field, .scope = tie->scope, .loss = tie->loss};
        if (!keys_add(r->arena, item, target, writing))
            return false;
    }
    if (tie->loss < item->loss)
        item->loss = tie->loss;
    return tie_values(r->arena, tie, k, writing, &item->values);
}

enum gw_result reach_of_table(const struct table *t, bool writing, struct arena *a, struct reach *ret)
{
    bool good;

    *ret = (struct reach){.arena = a, .table = t};
    ret->items = arena_array(a, t->nties * RULE_PARTS + 1, sizeof(*ret->items));
    good = ret->items != NULL;
    for (size_t i = 0; good && i < t->nties; i++)
        for (size_t k = 0; good && takes(t->ties[i], writing) && k < t->ties[i]->ntargets; k++)
            good = target_add(ret, t->ties[i], k, writing);
    return good ? GW_OK : GW_FATAL;
}

/* ---- the pivot ---- */

static bool shape_add(struct reach *r, const struct shape *type, const struct shape *s, bool flat)
{
    bool good = true;

    for (uint16_t i = 0; good && i < s->count; i++) {
        const struct field *f = s->fields[i];

        if (f->ext.ptr || f->type == FIELD_REF || (flat && f->type == FIELD_TREE))
            continue;
        if (f->type == FIELD_ITEMS) {
            good = flat || !f->items || shape_add(r, type, f->items, flat);
            continue;
        }
        r->items = array_more(r->arena, r->items, r->count, sizeof(*r->items));
        if (!r->items)
            return false;
        r->items[r->count] = (struct reach_item){.field = f};
        r->items[r->count].name =
            str_of(arena_format(r->arena, "%.*s.%.*s", STR_ARG(type->name), STR_ARG(f->full)));
        good = r->items[r->count].name.ptr && whole_add(r->arena, &r->items[r->count].values, f);
        r->count++;
    }
    return good;
}

enum gw_result reach_of_model(const struct model *m, bool flat, struct arena *a, struct reach *ret)
{
    bool good = true;

    *ret = (struct reach){.arena = a, .flat = flat};
    for (size_t i = 0; good && i < m->count; i++)
        good = shape_add(ret, m->types[i], m->types[i], flat);
    return good ? GW_OK : GW_FATAL;
}

/* ---- comparing ---- */

/* One question: which writers have a place for the item. */
struct asking {
    struct arena *arena;
    const struct reach *from, *to;
    const struct reach_item *item;
    struct reach_values lost;
    bool part;
};

static const struct scope *resource_of(const struct scope *s)
{
    while (s && s->list && s->holder != s)
        s = s->holder;
    return s;
}

static bool holds(const struct scope *outer, const struct scope *s)
{
    while (s && s != outer && s->list && s->holder != s)
        s = s->holder;
    return s == outer;
}

/* What is known of that field where the item stands: by a key of its own, else by what is read there. */
static bool values_known(const struct asking *q, const struct field *f, struct reach_values *ret)
{
    bool good = true;

    *ret = (struct reach_values){0};
    for (size_t i = 0; i < q->item->nkeys; i++)
        if (q->item->keys[i].field == f)
            return values_add(q->arena, ret, &q->item->keys[i].values);
    for (size_t i = 0; good && i < q->from->count; i++)
        if (q->from->items[i].field == f && holds(q->from->items[i].scope, q->item->scope))
            good = values_add(q->arena, ret, &q->from->items[i].values);
    return good;
}

static bool overlap(const struct reach_values *a, const struct reach_values *b)
{
    if ((a->any && (b->any || b->count)) || (b->any && a->count))
        return true;
    for (size_t i = 0; i < a->count; i++)
        if (has(b, a->items[i]))
            return true;
    return false;
}

/* Two resources that the same type refers to, each by another field, are not the same. */
static bool same_role(const struct scope *a, const struct scope *b)
{
    bool apart = false;

    for (size_t i = 0; a && b && i < a->nnamed_by; i++)
        for (size_t k = 0; k < b->nnamed_by; k++) {
            const struct target *x = &a->named_by[i]->targets[0], *y = &b->named_by[k]->targets[0];

            if (x->field == y->field)
                return true;
            apart |= x->shape == y->shape;
        }
    return !apart;
}

/* No key of the writer keeps the item out. */
static bool may_take(const struct asking *q, const struct reach_item *writer, bool *ret)
{
    struct reach_values known;

    *ret = writer->field == q->item->field && overlap(&q->item->values, &writer->values) &&
           same_role(resource_of(q->item->scope), resource_of(writer->scope));
    for (size_t k = 0; *ret && k < writer->nkeys; k++) {
        if (!values_known(q, writer->keys[k].field, &known))
            return false;
        *ret = overlap(&known, &writer->keys[k].values);
    }
    return true;
}

/* `key`: the field that these are codes of, NULL the item's own. */
static bool lost_add(struct asking *q, const struct reach_values *all, const struct reach_values *kept,
                     const struct field *key)
{
    bool good = true;

    q->part |= all->any && !kept->any;
    for (size_t i = 0; good && i < all->count; i++) {
        struct gw_str code = all->items[i];

        if (has(kept, code))
            continue;
        if (key)
            code = str_of(arena_format(q->arena, "%.*s=%.*s", STR_ARG(key->name), STR_ARG(code)));
        good = code.ptr && value_add(q->arena, &q->lost, code);
    }
    return good;
}

/* Its values for that key; a writer without it takes all. */
static bool kept_add(struct asking *q, const struct reach_item *writer, const struct field *f,
                     struct reach_values *kept)
{
    for (size_t k = 0; k < writer->nkeys; k++)
        if (writer->keys[k].field == f)
            return values_add(q->arena, kept, &writer->keys[k].values);
    kept->any = true;
    return true;
}

/* What all writers together keep out by that key. */
static bool key_lost(struct asking *q, const struct field *f)
{
    struct reach_values known, kept = {0};
    bool taken, good = values_known(q, f, &known);

    for (size_t i = 0; good && i < q->to->count; i++) {
        good = may_take(q, &q->to->items[i], &taken);
        if (good && taken)
            good = kept_add(q, &q->to->items[i], f, &kept);
    }
    return good && lost_add(q, &known, &kept, f);
}

static bool ask_table(struct asking *q, bool *ret_any)
{
    struct reach_values kept = {0};
    uint8_t loss = GW_ONE_WAY;
    bool taken, good = true;

    for (size_t w = 0; good && w < q->to->count; w++) {
        const struct reach_item *writer = &q->to->items[w];

        good = may_take(q, writer, &taken);
        if (!good || !taken)
            continue;
        *ret_any = true;
        loss = writer->loss < loss ? writer->loss : loss;
        good = values_add(q->arena, &kept, &writer->values);
        for (size_t k = 0; good && k < writer->nkeys; k++)
            good = key_lost(q, writer->keys[k].field);
    }
    q->part |= loss >= GW_LOSSY;
    return good && (!*ret_any || lost_add(q, &q->item->values, &kept, NULL));
}

/* Of the pivot's own: all of it, or all that has a cell. */
static enum carried ask_model(const struct reach *to, const struct field *f)
{
    return to->flat && (f->type == FIELD_TREE || f->full.len != f->name.len) ? CARRIED_NOT : CARRIED;
}

enum gw_result reach_ask(const struct reach *from, size_t i, const struct reach *to, struct arena *a,
                         enum carried *ret, struct reach_values *ret_lost)
{
    struct asking q = {.arena = a, .from = from, .to = to, .item = &from->items[i]};
    bool any = false;

    *ret_lost = (struct reach_values){0};
    if (!to->table) {
        *ret = ask_model(to, q.item->field);
        return GW_OK;
    }
    if (!ask_table(&q, &any))
        return GW_FATAL;
    *ret_lost = q.lost;
    *ret = !any ? CARRIED_NOT : q.part || q.lost.count ? CARRIED_PARTLY : CARRIED;
    return GW_OK;
}

enum gw_result reach_feeds(const struct reach *from, const struct reach_item *writer, struct arena *a,
                           bool *ret)
{
    *ret = false;
    for (size_t i = 0; !*ret && i < from->count; i++)
        if (!may_take(&(struct asking){.arena = a, .from = from, .item = &from->items[i]}, writer, ret))
            return GW_FATAL;
    return GW_OK;
}

bool reach_roots(const struct reach *from, const struct reach *to)
{
    if (!from->table || !to->table)
        return true;
    for (uint16_t i = 0; i < from->table->nscopes; i++)
        if (str_eq(from->table->scopes[i]->type, to->table->root->type) && !from->table->scopes[i]->list &&
            !from->table->scopes[i]->unread)
            return true;
    return false;
}
