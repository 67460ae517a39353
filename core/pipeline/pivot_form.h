/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Resources of one type that have the same fields are the same tree but for its texts (gw_record.form). The first
 * of them is made the long way and kept; the others only change its leaves. The stream's memory; one thread.
 */
#ifndef PIPELINE_PIVOT_FORM_H
#define PIPELINE_PIVOT_FORM_H

#include "pipeline/pivot.h"

#define FORM_WORDS  2u  /* fields among the first 128 slots */
#define FORM_LISTS  8u  /* lists of texts, of up to 15 each */
#define FORM_LEAVES 64u /* fields in the tree, and items of lists */

/* What makes a tree another one. */
struct form_key {
    const struct shape *shape;
    uint64_t have[FORM_WORDS];
    uint32_t lists; /* lengths, four bits each */
};

/* A leaf whose text is that of the field in `slot`. */
struct form_leaf {
    struct gw_node *node;
    uint16_t slot;
    uint8_t what; /* LEAF_TEXT and so on: pivot_form.c */
    uint8_t item; /* of a list */
};

struct pivot_form {
    struct form_key key;
    struct gw_node *root, *id, *record;
    struct form_leaf *leaves; /* texts first */
    uint32_t ntexts, nleaves;
};

/* Fields that a form can have: texts, truths and references, and lists of texts; by slot. */
struct form_masks {
    uint64_t scalars[FORM_WORDS], truths[FORM_WORDS], refs[FORM_WORDS], lists[FORM_WORDS];
};

/* False: a resource like this one has no form. */
bool form_key_of(const struct object *o, const struct form_masks *m, struct form_key *ret);
/* NULL: not met yet. */
struct pivot_form *form_find(const struct pivot_writing *p, const struct form_key *key);
/* Keeps a tree that was just made as the form of those like it. False: no more are kept, or memory. */
bool form_keep(struct pivot_writing *p, const struct form_key *key, const struct form_masks *m,
               const struct gw_node *root);
/* The texts of this resource into its leaves. */
void form_fill(const struct pivot_form *f, const struct resource *r, struct gw_str number);

#endif
