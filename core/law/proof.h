/* SPDX-License-Identifier: EUPL-1.2 */
/* Between the files of core/law: one profile of one format being proved. */
#ifndef LAW_PROOF_H
#define LAW_PROOF_H

#include "base/str.h"
#include "law/law.h"
#include "pipeline/source.h"
#include "schema/canon.h"

/* ---- said.c: a sink that keeps ---- */

struct told {
    char code[48];
    enum gw_severity severity;
    struct gw_str rule, path, value;
    uint32_t line, column;
};

#define TOLD_MAX 256

struct said {
    struct sink sink; /* first */
    struct arena arena;
    struct told items[TOLD_MAX];
    size_t count;
};

void said_init(struct said *s);
void said_clear(struct said *s);
void said_done(struct said *s);
const struct told *said_error(const struct said *s); /* the first; NULL */

/* ---- the proof ---- */

struct texts {
    struct gw_str *items;
    size_t count, room;
};

struct pool { /* values of one target of a line */
    struct texts good, bad;
};

struct field_pool {
    struct field_pool *next;
    const struct field *field;
    struct texts texts;
    bool filled;
};

struct example {
    struct gw_str rule, value;
};

struct sample {
    struct sample *next;
    const char *name, *path;
};

struct proof {
    struct engine *engine;
    struct codec codec;
    const struct table *table;
    struct law_report *report;
    struct arena *arena;  /* of the report */
    struct arena scratch; /* of a case */
    struct arena keep;    /* of the proof */
    struct said said;
    uint64_t random;
    const struct law_options *options;
    struct pool *pools; /* by tie and target */
    struct field_pool *fields;
    struct texts dates;
    struct example *examples;
    size_t nexamples;
    struct sample *samples;
    struct condition **lets; /* by line; NULL: none */
    struct gw_str today;
};

uint64_t dice(struct proof *p, uint64_t n);                           /* 0..n-1 */
bool texts_add(struct arena *a, struct texts *t, struct gw_str text); /* once */
struct law_line *row_of(const struct proof *p, const struct line *line);
const struct scope *scope_of_tie(const struct table *t, const struct tie *tie);
const char *kept(struct proof *p, struct gw_str s); /* in the arena of the report */
const struct place *place_of_cell(const struct table *t, uint16_t kind, uint16_t cell);
void row_measured(struct proof *p, const struct tie *tie, enum gw_loss loss, struct gw_str before,
                  struct gw_str after);
/* Counts when the law, line and path are known already. `line` may be NULL. */
struct law_failure *fail(struct proof *p, enum law_kind law, const struct line *line, struct gw_str path,
                         struct gw_str expected, struct gw_str found);

/* ---- pool.c: values to try ---- */

GW_MUST_USE enum gw_result examples_load(struct proof *p);
GW_MUST_USE enum gw_result pools_make(struct proof *p);
struct pool *pool_of(const struct proof *p, const struct tie *tie, size_t target);
const struct texts *field_values(struct proof *p, const struct field *f);
void field_seen(struct proof *p, const struct field *f, struct gw_str text);
/* What a line would write of one value; absent: nothing. GW_REJECT: refused. */
GW_MUST_USE enum gw_result value_write(struct proof *p, const struct tie *tie, size_t target,
                                       struct gw_str text, struct gw_str *ret);

/* ---- plan.c: a resource tree for the table ---- */

struct spot { /* an instance of a scope */
    struct spot *next;
    const struct scope *scope;
    struct spot *parent;
    struct object *object;
    struct resource *resource; /* NULL: item of a list */
    bool gone;
};

struct plan {
    struct proof *proof;
    struct spot *first, **end;
    struct gw_str date;
    struct bundle bundle, envelope;
};

enum fullness { PLAN_BARE, PLAN_RANDOM, PLAN_FULL };

GW_MUST_USE enum gw_result plan_make(struct plan *plan, struct proof *p, enum fullness fullness);
struct spot *spot_add(struct plan *plan, const struct scope *s, struct spot *parent);
struct spot *spot_near(struct plan *plan, struct spot *from, const struct scope *s);
bool spot_there(const struct spot *s);
void plan_value(struct plan *plan, struct spot *at, const struct tie *tie, size_t target, struct gw_str text);
void plan_values(struct plan *plan, struct spot *at, const struct tie *tie); /* one of each target, by chance */
/* Lists and references as the spots say, now. */
GW_MUST_USE enum gw_result plan_assemble(struct plan *plan);
bool carries(const struct tie *tie); /* has a pivot value of its own */

/* ---- steer.c ---- */

void steer(struct plan *plan, struct spot *at, const struct condition *c, bool want);
void steer_refusal(struct plan *plan, const struct told *why);

/* ---- trip.c: to bytes and back ---- */

struct sheet {
    const struct bundle *envelope; /* may be empty */
    const struct bundle *record;
    struct gw_str date;
};

struct watcher { /* what was written, while it can be looked at */
    void (*record)(struct watcher *w, struct writing *writing);
    void (*context)(struct watcher *w, struct writing *writing);
};

GW_MUST_USE enum gw_result sheet_write(struct proof *p, const struct sheet *s, struct buf *out,
                                       struct watcher *watch);

struct trip {
    struct input input;
    struct source source;
    bool open;
};

GW_MUST_USE enum gw_result trip_open(struct proof *p, struct trip *t, struct gw_str bytes, struct gw_str name,
                                     struct gw_str date);
void trip_close(struct trip *t);

/* ---- carry.c: what lines carried ---- */

struct carried {
    struct carried *next;
    const struct tie *tie;
    uint16_t kind;
    uint32_t nth;
    struct gw_str texts[RULE_PARTS];
};

struct load {
    struct carried *first, **end;
};

void carry_out(struct proof *p, struct writing *w, bool context, struct load *load);
struct missed {
    const struct carried *carried;
    size_t target;
    struct gw_str found;
};
/* The next of the load that did not come back, from *at on; false: none. */
bool carry_back(struct proof *p, struct reading *r, bool context, const struct carried **at,
                struct missed *ret);
void cover_read(struct proof *p, struct reading *r, bool context);
struct gw_str target_print(struct arena *a, const struct names *names, const struct tie *tie, size_t k,
                           const struct object *o);
struct gw_str tree_print(struct arena *a, const struct names *names, const struct gw_node *n);

/* ---- cells.c: native texts by place ---- */

struct cell {
    uint16_t kind, cell;
    uint32_t nth;
    struct gw_str text;
};

struct cells {
    struct cell *items;
    size_t count, room;
};

bool cells_take(struct arena *a, const struct table *t, struct frame **frames, struct frame *context,
                struct cells *ret);
/* The next difference; NULL on the side that has none. Start with *i = *k = 0. */
bool cells_differ(const struct cells *a, const struct cells *b, size_t *i, size_t *k, const struct cell **ret_a,
                  const struct cell **ret_b);

/* ---- the laws ---- */

struct verdict {
    enum law_kind law;
    const struct line *line;
    struct gw_str path, expected, found;
};

#define VERDICTS 8

struct verdicts {
    struct verdict items[VERDICTS];
    size_t count;
    bool refused;
};

void verdict_add(struct verdicts *v, enum law_kind law, const struct line *line, struct gw_str path,
                 struct gw_str expected, struct gw_str found);
GW_MUST_USE enum gw_result putget_check(struct plan *plan, struct verdicts *ret);
GW_MUST_USE enum gw_result local_check(struct plan *plan, struct spot *at, const struct tie *tie, size_t target,
                                       struct gw_str other);
GW_MUST_USE enum gw_result shrink(struct plan *plan, const struct verdict *v, struct law_failure *to);
GW_MUST_USE enum gw_result cases_run(struct proof *p);
/* A good resource that this line has its part in, its `when` true. */
GW_MUST_USE enum gw_result plan_aimed(struct plan *plan, struct proof *p, const struct tie *tie,
                                      enum fullness fullness, bool *ret_good);
GW_MUST_USE enum gw_result pivot_prove(struct proof *p);
GW_MUST_USE enum gw_result natives_run(struct proof *p);
GW_MUST_USE enum gw_result measure_lines(struct proof *p);
GW_MUST_USE enum gw_result samples_find(struct proof *p);
GW_MUST_USE enum gw_result samples_prove(struct proof *p);
GW_MUST_USE enum gw_result broken_prove(struct proof *p, const struct sample *s, struct gw_str bytes);
bool tie_names(const struct proof *p, const struct tie *tie, const struct scope *scope,
               const struct target *target);
bool bundles_equal(const struct proof *p, const struct bundle *a, const struct bundle *b, struct verdict *ret);

#endif
