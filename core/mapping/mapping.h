/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Running a compiled table: a record's tree to a bundle of resources (reading), a bundle to
 * record trees (writing). One thread; everything given back lives in the arena of the record,
 * until the next call.
 */
#ifndef MAPPING_MAPPING_H
#define MAPPING_MAPPING_H

#include "mapping/frame.h"

/* Line and column of a node of the record at hand; the host of the stream knows. */
struct locator {
    void (*place)(struct locator *l, const struct gw_node *node, struct gw_place *ret);
};

/* What no line claimed, or could not be converted: kept, given back in its place. */
struct aside {
    struct aside *next;
    const struct gw_node *node;
    struct gw_str path;  /* of its parent from the record, "Personne[2]/Identification"; "" the record */
    struct gw_str after; /* name of the sibling before it; absent: first */
};

struct unclaimed {
    struct unclaimed *next;
    struct gw_str path;
    uint64_t count;
    struct gw_place place; /* the first time */
    uint64_t record;
};

struct pending {
    struct pending *next;
    const struct tie *tie;
    const struct place *place;
    struct frame *frame; /* NULL: of the context */
    struct gw_node *node;
    const char *code;
};

struct checks;
struct told_total;

struct reading {
    const struct table *table;
    struct view view;
    struct conversion conversion;
    struct arena arena;        /* of the record */
    struct arena stream_arena; /* of the stream: parameters, unclaimed paths */
    struct arena context_arena;
    struct sink *sink;
    struct locator *locator;
    struct gw_str file;
    struct frame **frames; /* by kind: all of this record, linked by `all` in order */
    struct frame **tails;
    struct frame *context; /* cells of the context tree as last walked */
    uint64_t changes;
    const struct gw_record *rec;
    uint64_t record; /* number, from 1 */
    bool rejected;
    bool mute;
    bool envelope_only;
    struct aside *asides, **aside_tail;
    struct pending *pendings; /* of the record at hand: lines that were undone */
    struct unclaimed *unclaimed;
    const struct checks *checks;
    struct memos *memos;       /* of packed lines (memo.h) */
    struct memo_line *splits;  /* of those that make several texts of one */
    struct written *written;   /* WRITTEN_SLOTS, made when the first comes */
    uint8_t *answers;          /* of the second phase: 0 not asked yet, 1 no, 2 yes */
    uint64_t records;          /* read so far: what count() must say */
    __int128 *sums;            /* by rule index, scaled by 10^6 */
    struct told_total *told;   /* by rule index: what the group at hand says of itself */
    bool totals_wrong;         /* of a group that is over */
    bool counted;              /* an envelope was read with a count or sum */
    struct gw_str date;
};

/* `name`: of the file, for $name.x and $date; absent if none. `date`: overrides; absent: from the stream,
 * else `today`. */
GW_MUST_USE enum gw_result reading_open(struct reading *r, const struct table *t, struct gw_str name,
                                        struct gw_str date, struct gw_str today, struct sink *sink,
                                        struct locator *locator, struct gw_str file);
/* With the first record, before it is read: what the context says of $date, and the envelope as known then. */
GW_MUST_USE enum gw_result reading_start(struct reading *r, const struct gw_record *rec, struct bundle *ret);
/* GW_REJECT: diagnostics of severity error were said. *ret and all it holds live until the next call. */
GW_MUST_USE enum gw_result reading_record(struct reading *r, const struct gw_record *rec, uint64_t number,
                                          struct bundle *ret);
/* The envelope as known now; an empty bundle if the format has none, or nothing was said. With `end`, totals
 * are compared; GW_REJECT: they differ and the format says that this is an error. */
GW_MUST_USE enum gw_result reading_envelope(struct reading *r, const struct gw_record *rec, bool end,
                                            struct bundle *ret);
/* One warning a path that no line claims, with how often. */
void reading_unclaimed(struct reading *r);
void reading_close(struct reading *r);
const struct gw_str *reading_date(const struct reading *r);
/* The same, absent when nothing tells it; from the first good record on it is what it will be. */
const struct gw_str *reading_told(const struct reading *r);

struct writing {
    const struct table *table;
    struct view view;
    struct conversion conversion;
    struct arena arena;         /* of the record */
    struct arena context_arena; /* of the envelope */
    struct arena file_arena;    /* of the context as the writer was given it */
    struct arena stream_arena;
    struct sink *sink;
    struct gw_str file;
    struct frame **frames, **tails; /* by kind, of this record */
    struct frame *context;
    struct bundle *bundle;
    struct resource *envelope;
    bool rejected;
    uint64_t record;      /* number of the bundle, for diagnostics */
    uint64_t file_number; /* from 1 */
    uint64_t line;        /* rank of the record in its file, from 1 */
    uint64_t records;     /* in the file: counts; UINT64_MAX: not known yet */
    __int128 *sums;       /* of the file, by line, scaled by 10^6: what is written */
    __int128 *sums_now;   /* as they grow */
    struct extra *extras;
    struct grouping *grouping; /* NULL: the format has no groups */
    bool in_context, at_end;   /* what is being made: the context, at its second time */
};

GW_MUST_USE enum gw_result writing_open(struct writing *w, const struct table *t, struct gw_str date,
                                        struct gw_str now, struct sink *sink, struct gw_str file);
/* The stream's envelope, kept: NULL when none came. */
GW_MUST_USE enum gw_result writing_envelope(struct writing *w, const struct bundle *b);
/* A new file begins: counts from 1. `records`: how many it will have, UINT64_MAX if not known. */
void writing_begin(struct writing *w, uint64_t records);
/* The context tree with its GW_RECORDS node: for the writer's open, then with `end` for its finish, when totals
 * and trailer are known. What must stand before the records is missed at the first, the rest at the second. The
 * first lives until the next first, the second until the next record. */
GW_MUST_USE enum gw_result writing_context(struct writing *w, bool end, const struct gw_node **ret);
/* The resources in b that are a native record each: of the root's type, its selectors and its `when`. */
size_t writing_roots(struct writing *w, const struct bundle *b);
/* The native record of the nth root. GW_REJECT: it cannot be written, and why was said. */
GW_MUST_USE enum gw_result writing_record(struct writing *w, const struct bundle *b, size_t nth,
                                          struct gw_record *ret);
/* The record counted in: its line number, its sums and its group are used up. */
GW_MUST_USE enum gw_result writing_done(struct writing *w);
void writing_close(struct writing *w);

/* ---- shared by both directions (yield.c) ---- */

/* What a line would write for an instance: natives[i] absent when nothing. GW_REJECT: cannot. */
GW_MUST_USE enum gw_result tie_yield(struct conversion *c, const struct view *v, const struct tie *r,
                                     const struct instance *i, struct gw_str *natives);
/* The kth item of a list, as native text; *ret_more false: there are no more. */
GW_MUST_USE enum gw_result tie_item(struct conversion *c, const struct tie *r, const struct instance *i,
                                    size_t k, struct gw_str *ret, bool *ret_more);
/* The text of a line without value: const, test, line, count. */
struct gw_str tie_fixed(struct arena *a, const struct view *v, const struct tie *r, const struct instance *i,
                        uint64_t line, uint64_t records);

/* ---- checks of the pivot (checks.c) ---- */

struct check_env {
    struct arena *arena;
    struct model *model;
    const struct gw_check *(*check)(void *rules, struct gw_str name); /* NULL result: none */
    void *rules;
    struct sink *sink;
};

/* Every x-check of the model bound to its rule; one that no plugin offers is a warning. */
GW_MUST_USE enum gw_result checks_bind(const struct check_env *env, const struct checks **ret);

struct check_report {
    void (*put)(struct check_report *to, enum gw_severity severity, const char *code, const struct resource *r,
                const struct field *field, const struct value *value, const struct gw_arg *args, size_t nargs);
};

void checks_run(const struct checks *c, struct conversion *conversion, const struct resource *r,
                struct check_report *to);

#endif
