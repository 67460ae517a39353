/* SPDX-License-Identifier: EUPL-1.2 */
/* Between the files of reading: walk.c fills cells, read_line.c runs lines, read.c conducts. */
#ifndef MAPPING_READ_H
#define MAPPING_READ_H

#include "mapping/mapping.h"

enum { NODE_TAKEN = 1, NODE_ASIDE = 2, NODE_CLOSED = 4 }; /* flags of a node; CLOSED: a `try` line took it */

/* Fills the frames of the record (or of the context) from its tree. */
GW_MUST_USE enum gw_result walk_record(struct reading *r, struct gw_node *root);
GW_MUST_USE enum gw_result walk_context(struct reading *r, const struct gw_node *root);
/* Makes the instances of all frames, and links list items to what holds them. */
GW_MUST_USE enum gw_result instances_make(struct reading *r);
/* The predicates on nodes that do not repeat; a child that is not there differs from every value. */
bool gates_hold(const struct reading *r, const struct gates *gates, const struct frame *f);
void set_aside(struct reading *r, const struct frame *f, const struct place *parent, struct gw_node *node,
               const struct gw_node *before);
void set_aside_at(struct reading *r, const struct tie *tie, size_t n, struct gw_node *node);
/* The lines. */
GW_MUST_USE enum gw_result line_read(struct reading *r, const struct tie *tie, struct instance *i);
/* Another line may take this node; at the end of the record it is reported with this code if none did. */
void line_pend(struct reading *r, const struct tie *tie, struct gw_node *node, const char *code);
/* The lines, packed: those of the first phase of a scope, then those of the second. */
GW_MUST_USE enum gw_result scope_read(struct reading *r, const struct scope *scope, struct instance *i);
GW_MUST_USE enum gw_result late_read(struct reading *r);
struct packed;
/* A packed line that makes several texts of one (read_parts.c); false: the long way does it. */
bool parts_read(struct reading *r, const struct packed *p, struct instance *i, struct gw_node *n);
/* What we would write at a place, by the first line that would; false: nobody. */
bool would_write(struct reading *r, const struct place *p, struct frame *f, struct gw_str *ret,
                 const struct tie **ret_tie);
void pendings_settle(struct reading *r);
void derived_check(struct reading *r);
void refs_resolve(struct reading *r);
GW_MUST_USE enum gw_result rest_store(struct reading *r);
struct instance *scope_instance(const struct reading *r, const struct tie *tie);

/* Whether a text needs no trimming: false too where it may begin or end with U+00A0 or U+FEFF. */
static inline bool tight(struct gw_str s)
{
    unsigned char first, last;

    if (!s.len)
        return false;
    first = (unsigned char)s.ptr[0];
    last = (unsigned char)s.ptr[s.len - 1];
    return first > ' ' && first != 0xC2 && first != 0xEF && last > ' ' && last != 0xA0 && last != 0xBF;
}

/* The cell of a line's place, seen from an instance. */
static inline struct gw_node *cell_of(const struct reading *r, const struct tie *tie, size_t n,
                                      const struct instance *i)
{
    const struct frame *f = i->frame;

    if (tie->up[n] == UP_CONTEXT)
        return r->context->cells[tie->cells[n]];
    if (f->kind->id == FRAME_CONTEXT)
        f = r->view.record;
    for (uint8_t up = tie->up[n]; up; up--)
        f = f->parent;
    return f->cells[tie->cells[n]];
}

/* The frames of a scope's kind in this record; false: there are none. */
static inline bool has_frames(const struct reading *r, const struct scope *s, struct frame **ret)
{
    *ret = s->frame->id == FRAME_CONTEXT ? r->view.context : r->frames[s->frame->id];
    return *ret != NULL;
}

/* A count or sum that stands in a group, and what it is held against (read_totals.c). */
struct told_total {
    struct gw_node node; /* its text is `text`; len 0: none is told */
    char text[48];
    uint64_t records;
    __int128 sum;
};

void totals_add(struct reading *r);                          /* the record just read */
void totals_end(struct reading *r);                          /* all were */
void checks_read(struct reading *r, const struct bundle *b); /* read_checks.c */
void read_report(struct reading *r, enum gw_severity severity, const char *code, const struct tie *tie,
                 const struct place *place, const struct gw_node *node, const struct gw_arg *args,
                 size_t nargs);

#endif
