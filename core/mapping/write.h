/* SPDX-License-Identifier: EUPL-1.2 */
/* Between the files of writing: gather.c binds scopes to resources, write.c runs lines into cells,
 * build.c makes the tree. */
#ifndef MAPPING_WRITE_H
#define MAPPING_WRITE_H

#include "mapping/mapping.h"

enum { NODE_FIXED = 1 }; /* flag of a node: no value of the pivot, a constant or the like */

/* An unknown node to be put back under a container. */
struct extra {
    struct extra *next;
    const struct frame *frame;
    const struct place *place;
    uint16_t after; /* symbol of the sibling it followed; 0: last */
    struct gw_node *node;
};

GW_MUST_USE enum gw_result gather(struct writing *w, struct resource *root);
/* Containers from this place up to its frame's root exist now. */
bool cell_touch(struct writing *w, struct frame *f, const struct place *p);
/* A node chosen by `[k=v]` has that child. */
bool fill_gates(struct writing *w, const struct gates *gates, struct frame *f);
/* The frame of a place, seen from an instance. */
struct frame *frame_of(const struct writing *w, const struct instance *i, const struct frame_kind *kind);
GW_MUST_USE enum gw_result extra_add(struct writing *w, const struct frame *f, const struct place *p,
                                     struct gw_str after, struct gw_node *node);
/* A node more at a place whose nodes are the items of a list. *end: where the one before left it; NULL: not
 * known. */
GW_MUST_USE enum gw_result item_put(struct writing *w, struct frame *f, const struct place *p,
                                    struct gw_node *item, struct gw_node ***end);
GW_MUST_USE enum gw_result rest_restore(struct writing *w);
struct gw_node *tree_copy(struct writing *w, const struct gw_node *from);
/* The tree below a place of a frame; `hole`: of the context, with GW_RECORDS in it. */
struct gw_node *tree_build(struct writing *w, const struct frame *f, const struct place *p);
GW_MUST_USE enum gw_result context_open(struct writing *w);
/* Is the resource (or item) one of those that the scope's selectors take? */
bool scope_selects(const struct scope *s, const struct object *o);
struct gw_node *context_build(struct writing *w, const struct frame *f);
/* One line for one instance, whatever its form. */
GW_MUST_USE enum gw_result write_line(struct writing *w, const struct tie *tie, struct instance *i);
/* A place that no line wrote: its constant if one waits (`fixed`), its policy, or what is missing. */
GW_MUST_USE enum gw_result fill_place(struct writing *w, const struct place *p, struct frame *f, bool fixed);
enum gw_kind write_kind(const struct tie *tie, struct gw_str text);
/* All lines of the record (or of the context), then all places. */
GW_MUST_USE enum gw_result lines_run(struct writing *w, bool context);
GW_MUST_USE enum gw_result places_fill(struct writing *w, bool context);

static inline struct gw_node *text_node(struct arena *a, uint16_t name, enum gw_kind kind, struct gw_str text)
{
    struct gw_node *n = arena_alloc(a, sizeof(*n));

    if (n)
        *n = (struct gw_node){.text = text.ptr, .len = (uint32_t)text.len, .name = name, .kind = (uint8_t)kind};
    return n;
}

/* No value of the pivot. */
static inline bool is_fixed(const struct tie *tie)
{
    return tie->form == FORM_CONST || tie->form == FORM_TEST || tie->form == FORM_LINE ||
           tie->form == FORM_COUNT || tie->form == FORM_SUM;
}

static inline bool cell_taken(const struct frame *f, uint16_t cell)
{
    const struct gw_node *n = f->cells[cell];

    return n && (n->kind != GW_MAP || n->text);
}

/* group.c */
GW_MUST_USE enum gw_result grouping_open(struct writing *w);
void grouping_begin(struct writing *w);
bool grouping_changes(struct writing *w);
GW_MUST_USE enum gw_result grouping_done(struct writing *w);
bool grouping_total(const struct writing *w, const struct tie *tie, uint64_t *ret_records, __int128 *ret_sum);
/* The number that a `sequence` of this line writes: of its group, else of its file. */
uint64_t sequence_at(const struct writing *w, const struct tie *tie);
/* What a sum line adds up, over the record at hand, scaled by 10^6. */
__int128 sum_of_record(const struct writing *w, const struct tie *tie);
void write_report(struct writing *w, enum gw_severity severity, const char *code, const struct tie *tie,
                  const struct place *place, struct gw_str value, const struct gw_arg *args, size_t nargs);

#endif
