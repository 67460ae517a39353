/* SPDX-License-Identifier: EUPL-1.2 */
#include "pipeline/pivot_form.h"

#include "base/str.h"

#define LIST_MOST 15u
#define FORM_HEAD 3u /* leaves that every resource begins with: type, id, record */

enum { LEAF_TEXT, LEAF_TRUTH, LEAF_REF, LEAF_ITEM };

/* ---- what tells forms apart ---- */

static bool add_lists(const struct object *o, unsigned word, uint64_t bits, uint32_t *nlists, uint32_t *lists)
{
    for (; bits; bits &= bits - 1) {
        uint32_t count = o->values[word * 64 + (unsigned)__builtin_ctzll(bits)].list->count;

        if (count == 0 || count > LIST_MOST || *nlists == FORM_LISTS)
            return false;
        *lists |= count << 4 * (*nlists)++;
    }
    return true;
}

bool form_key_of(const struct object *o, const struct form_masks *m, struct form_key *ret)
{
    uint32_t nlists = 0, lists = 0;
    uint64_t have[FORM_WORDS] = {0};

    for (unsigned w = 0; w * 64 < o->slots; w++) {
        uint64_t word = o->have[w];

        if (!word)
            continue;
        if (w >= FORM_WORDS || (word & ~(m->scalars[w] | m->lists[w])) ||
            ((word & m->lists[w]) && !add_lists(o, w, word & m->lists[w], &nlists, &lists)))
            return false;
        have[w] = word;
    }
    *ret = (struct form_key){o->shape, {have[0], have[1]}, lists};
    return true;
}

static inline bool same(const struct form_key *a, const struct form_key *b)
{
    return a->shape == b->shape && a->have[0] == b->have[0] && a->have[1] == b->have[1] && a->lists == b->lists;
}

static inline uint8_t hash_of(const struct form_key *k)
{
    uint64_t h = (uintptr_t)k->shape ^ k->have[0] * 0x9e3779b97f4a7c15u ^ k->have[1] * 0xc4ceb9fe1a85ec53u ^
                 (uint64_t)k->lists << 17;

    return (uint8_t)(h * 0x9e3779b97f4a7c15u >> 56);
}

struct pivot_form *form_find(const struct pivot_writing *p, const struct form_key *key)
{
    uint8_t number;

    for (uint8_t at = hash_of(key); (number = p->form_at[at]); at++)
        if (same(&p->forms[number - 1].key, key))
            return &p->forms[number - 1];
    return NULL;
}

/* ---- keeping one ---- */

struct keeping {
    struct arena *arena;
    struct gw_node *leaves[FORM_HEAD + FORM_LEAVES]; /* as they stand in the tree */
    size_t count;
};

static size_t count_leaves(const struct gw_node *n)
{
    size_t count = !n->first && n->kind < GW_LIST;

    for (const struct gw_node *child = n->first; child; child = child->next)
        count += count_leaves(child);
    return count;
}

/* NULL: memory. */
static struct gw_node *copy_tree(struct keeping *k, const struct gw_node *from)
{
    struct gw_node *n = arena_alloc(k->arena, sizeof(*n)), **tail;

    if (!n)
        return NULL;
    *n = *from;
    n->next = n->first = NULL;
    if (!from->first && n->kind < GW_LIST)
        k->leaves[k->count++] = n;
    tail = &n->first;
    for (const struct gw_node *child = from->first; child; child = child->next) {
        *tail = copy_tree(k, child);
        if (!*tail)
            return NULL;
        tail = &(*tail)->next;
    }
    return n;
}

/* How many leaves a field has, and what they are. */
static uint32_t items_of(const struct form_key *key, const struct form_masks *m, unsigned slot, uint32_t *nlists,
                         uint8_t *ret_what)
{
    uint64_t bit = (uint64_t)1 << slot % 64;
    unsigned w = slot / 64;

    *ret_what = m->refs[w] & bit ? LEAF_REF : m->truths[w] & bit ? LEAF_TRUTH : LEAF_TEXT;
    if (!(m->lists[w] & bit))
        return 1;
    *ret_what = LEAF_ITEM;
    return key->lists >> 4 * (*nlists)++ & 15;
}

/* The leaves of the fields: references stand before the others, each by slot. */
static void name_leaves(struct pivot_form *f, const struct form_masks *m, const struct keeping *k, bool texts)
{
    struct gw_node *const *node = k->leaves + FORM_HEAD;
    uint32_t nlists = 0;

    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned slot = 0; slot < 64 * FORM_WORDS; slot++) {
            uint64_t bit = (uint64_t)1 << slot % 64, refs = m->refs[slot / 64];
            uint32_t count;
            uint8_t what;

            if (!(f->key.have[slot / 64] & (pass ? ~refs : refs) & bit))
                continue;
            count = items_of(&f->key, m, slot, &nlists, &what);
            for (uint32_t i = 0; i < count; i++, node++)
                if ((what == LEAF_TEXT) == texts)
                    f->leaves[f->nleaves++] = (struct form_leaf){*node, (uint16_t)slot, what, (uint8_t)i};
        }
}

bool form_keep(struct pivot_writing *p, const struct form_key *key, const struct form_masks *m,
               const struct gw_node *root)
{
    struct keeping k = {.arena = &p->stream_arena};
    struct pivot_form *f;
    uint8_t at = hash_of(key);

    if (p->nforms == GW_FORMS || count_leaves(root) > FORM_HEAD + FORM_LEAVES)
        return false;
    if (!p->forms)
        p->forms = arena_array(&p->stream_arena, GW_FORMS, sizeof(*p->forms));
    if (!p->forms)
        return false;
    f = &p->forms[p->nforms];
    *f = (struct pivot_form){.key = *key, .root = copy_tree(&k, root)};
    f->leaves = arena_array(&p->stream_arena, k.count, sizeof(*f->leaves));
    if (!f->root || !f->leaves) {
        p->nforms = GW_FORMS; /* no more: the next would fare no better */
        return false;
    }
    f->id = k.leaves[1];
    f->record = k.leaves[2];
    name_leaves(f, m, &k, true);
    f->ntexts = f->nleaves;
    name_leaves(f, m, &k, false);
    while (p->form_at[at])
        at++;
    p->form_at[at] = (uint8_t)++p->nforms;
    return true;
}

/* ---- using it ---- */

static inline void set(struct gw_node *n, struct gw_str text)
{
    n->text = text.ptr;
    n->len = (uint32_t)text.len;
}

static void fill_other(const struct form_leaf *leaf, const struct value *v)
{
    if (leaf->what == LEAF_REF) {
        set(leaf->node, v->ref->id);
    } else if (leaf->what == LEAF_ITEM) {
        set(leaf->node, v->list->texts[leaf->item]);
    } else {
        set(leaf->node, (struct gw_str){v->text, v->len});
        leaf->node->kind = v->len == 4 ? GW_TRUE : GW_FALSE;
    }
}

void form_fill(const struct pivot_form *f, const struct resource *r, struct gw_str number)
{
    const struct form_leaf *leaf = f->leaves, *texts = leaf + f->ntexts, *end = leaf + f->nleaves;
    const struct value *values = r->object.values;

    set(f->id, r->id);
    set(f->record, number);
    for (; leaf < texts; leaf++)
        set(leaf->node, (struct gw_str){values[leaf->slot].text, values[leaf->slot].len});
    for (; leaf < end; leaf++)
        fill_other(leaf, &values[leaf->slot]);
}
