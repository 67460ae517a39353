/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Converters of one text to one text: one entry each {name, args, loss, read, write}. Those that
 * tie several places or fields (join, split, words, list, member, ref) and those without a value
 * (const, nil, test, line, count, sum, tree, rest) are the table's business (table.h); templates
 * of join and split are matched and assembled here.
 */
#ifndef MAPPING_CONVERT_H
#define MAPPING_CONVERT_H

#include "gw/rules.h"
#include "mapping/syntax.h"
#include "schema/shape.h"

struct conv;
struct codes;
struct fold;

/* How a converter asks for what the record or the stream knows: `at=` of a code list, `when` of its rows. */
struct lookup {
    struct gw_str (*get)(struct lookup *l, const void *ref); /* ref: compiled by `resolve` */
    bool (*holds)(struct lookup *l, const void *condition);
};

/* A list that a rule asked for, by the very text it gave as its name. */
struct asked_list {
    const char *name;
    const struct codes *list;
};

#define ASKED_LISTS 8

/* One conversion: what it may use and what it says, made once a stream by conversion_init(). Passed
 * down every converter of a line; convs_read and convs_write forget first what was said before. */
struct conversion {
    struct gw_call call; /* for rules; first */
    struct arena *arena; /* of the record */
    struct lookup *lookup;
    struct converters *env; /* not const: a rule may ask for a list that is not loaded yet */
    struct gw_str date;     /* $date */
    struct gw_str now;      /* YYYY-MM-DDTHH:mm:ss, fixed for the stream */
    /* said by a converter that returns GW_REJECT, or with GW_OK for a warning or an info; arguments
     * live as long as the table or the record: */
    enum gw_severity severity;
    const char *code; /* NULL: nothing said */
    struct gw_arg args[4];
    size_t nargs;
    bool warned;                          /* something was said, and the value was taken */
    void *user;                           /* the check that runs, if one does (checks.c) */
    struct passed *passed;                /* what checks need not look at again (memo.h); NULL: not kept */
    struct asked_list asked[ASKED_LISTS]; /* by where the name stands */
};

struct conv_ops {
    const char *name;
    uint8_t min_args, max_args;
    uint8_t loss;
    bool takes_absent; /* none, default, now: called with an absent value too */
    bool lasting;      /* what it reads is the text itself, or one that lives as long as the table */
    uint16_t gives;    /* 1 << enum field_type: what it reads is canonical for those already */
    const char *help;
    /* Checks and compiles the arguments; *ret_data is handed to read and write. */
    enum gw_result (*compile)(struct converters *env, const struct conv_call *call, void **ret_data,
                              struct fault *fault);
    /* In place: *v in, *v out, absent allowed out. GW_REJECT: c->code says why. */
    enum gw_result (*read)(struct conversion *c, const void *data, struct gw_str *v);
    enum gw_result (*write)(struct conversion *c, const void *data, struct gw_str *v);
    enum gw_loss (*loss_of)(const void *data); /* NULL: `loss`; for what the arguments decide */
    enum gw_kind (*kind_of)(const void *data); /* NULL: GW_TEXT */
    bool (*asks)(const void *data); /* whether what it does depends on the record at hand; NULL: no */
};

/* One converter of a compiled chain. */
struct conv {
    const struct conv_ops *ops;
    const void *data;
};

struct convs {
    struct conv *items;
    size_t count;
};

/* What compiling needs: where lists are, who offers rules, how a text of the language resolves. */
struct converters {
    struct arena *arena;
    const struct format *format;
    const struct model *model;
    struct gw_str nomenclatures; /* folder */
    struct sink *sink;
    const struct gw_converter *(*rule)(void *rules, struct gw_str name); /* NULL result: none */
    void *rules;
    /* From `at=` and `when` texts to what lookup->get / holds take; NULL with fault set when unknown. */
    const void *(*resolve_ref)(void *resolver, struct gw_str ref, struct fault *fault);
    const void *(*resolve_cond)(void *resolver, struct gw_str cond, struct fault *fault);
    void *resolver;
    struct codes *loaded; /* lists loaded so far */
    bool closed;          /* no file may be opened any more: what is not loaded is not there */
    struct fold *fold;    /* loaded by the first fold(ascii) */
};

/* Fills `call` (memory, lists, reports) and the rest; `date` and `now` are views that stay. */
void conversion_init(struct conversion *c, struct converters *env, struct arena *record, struct lookup *lookup,
                     struct gw_str date, struct gw_str now);

const struct conv_ops *conv_find(struct gw_str name); /* the core's own; NULL: none */
/* Faults (GW_FAIL): mapping.converter (with the nearest name), mapping.argument, mapping.list. */
GW_MUST_USE enum gw_result convs_compile(struct converters *env, const struct chain *chain, size_t from,
                                         struct convs *ret, struct fault *fault);
/* The pivot type's own converter, for an empty `as`. */
GW_MUST_USE enum gw_result convs_default(struct converters *env, const struct field *f, struct convs *ret);
/* native > ... > pivot, then canonical form of `f` (NULL: none). An empty or blank text is absent. */
GW_MUST_USE enum gw_result convs_read(struct conversion *c, const struct convs *convs, const struct field *f,
                                      struct gw_str *v);
GW_MUST_USE enum gw_result convs_write(struct conversion *c, const struct convs *convs, struct gw_str *v);
/* Whether what the chain reads is in the field's canonical form already. */
bool convs_give(const struct convs *convs, const struct field *f);
/* What a text must be to go through a chain as it is and be canonical for its field: most are. */
enum plain {
    PLAIN_NO,     /* it cannot be told so easily */
    PLAIN_TEXT,   /* trimmed, ASCII, of at most `most` bytes */
    PLAIN_NUMBER, /* canon_plain(), with the field's decimals */
    PLAIN_DAY,    /* canon_day() */
};
enum plain convs_plain(const struct convs *convs, const struct field *f, uint32_t *ret_most);
/* Whether it reads every text as it is. */
bool conv_is_idle(const struct conv *conv);
/* Whether one text becomes the same, in each direction, all along the stream. */
bool convs_pure(const struct conv *convs, const struct conv *end);
/* Whether it writes every text as it is. */
bool conv_keeps(const struct conv *conv);
/* Whether it may read an absent text as something. */
bool convs_fill(const struct convs *convs);
/* The worst of the chain; a code list's is computed from the list. */
enum gw_loss convs_loss(const struct convs *convs);
/* What the leftmost converter writes in a typed syntax: GW_NUMBER, GW_TRUE (a boolean) or GW_TEXT. */
enum gw_kind convs_kind(const struct convs *convs);

/* ---- rules that tie several natives or fields: fn(NAME), and any of gw_converter ---- */

struct rule {
    const struct gw_converter *rule;
    const struct gw_str *args; /* without the NAME of fn() */
    size_t nargs;
};

/* `name` or `fn(name)`. GW_FAIL: mapping.converter, mapping.argument. */
GW_MUST_USE enum gw_result rule_compile(struct converters *env, const struct conv_call *call, struct rule *ret,
                                        struct fault *fault);
/* `ret` has room for as many as the rule says. */
GW_MUST_USE enum gw_result rule_read(struct conversion *c, const struct rule *r, const struct gw_str *natives,
                                     struct gw_str *ret_fields);
GW_MUST_USE enum gw_result rule_write(struct conversion *c, const struct rule *r, const struct gw_str *fields,
                                      struct gw_str *ret_natives);

/* ---- templates ---- */

#define TEMPLATE_HOLES 8

struct template_hole {
    struct convs convs;
};

struct template
{
    const struct pattern *pattern;
    struct template_hole *holes;
    struct gw_str text; /* as written, for diagnostics */
};

/* template_match and template_build are of texts alone: who calls runs the converters of the holes (and
 * their fields' types) before or after. Faults: mapping.template and those of converters. */
GW_MUST_USE enum gw_result template_compile(struct converters *env, const struct pattern *p,
                                            struct template *ret, struct fault *fault);
/* parts[i] absent when an optional part is missing. GW_REJECT mapping.split: the text is not of this shape. */
GW_MUST_USE enum gw_result template_match(struct conversion *c, const struct template *t, struct gw_str text,
                                          struct gw_str *parts);
/* GW_REJECT: a part is missing or of a wrong width, or the text would not split back alike. */
GW_MUST_USE enum gw_result template_build(struct conversion *c, const struct template *t,
                                          const struct gw_str *parts, struct gw_str *ret);

/* The first part that its own hole cannot hold; TEMPLATE_HOLES: each fits, by itself. */
size_t template_misfit(const struct template *t, const struct gw_str *parts);
enum gw_loss template_loss(const struct template *t); /* the worst of its holes */

/* ---- code lists ---- */

/* Loaded once a stream, shared by lines; GW_FAIL with the reason in the sink (ambiguous, unknown). */
GW_MUST_USE enum gw_result codes_load(struct converters *env, struct gw_str list, const struct codes **ret);
/* Loads it now, silently: for who may open no file later. */
GW_MUST_USE enum gw_result codes_warm(struct converters *env, struct gw_str list);
/* For rules: any list of the nomenclatures. */
enum gw_lookup codes_lookup(struct converters *env, struct gw_str list, struct gw_str native, struct gw_str day,
                            struct gw_entry *ret);
enum gw_lookup codes_ask(const struct codes *list, struct gw_str native, struct gw_str day,
                         struct gw_entry *ret);
enum gw_loss codes_loss(const struct codes *list, const struct field *f);
/* Calls back for each pivot code of `f` that no line can write. */
void codes_unwritable(const struct codes *list, const struct field *f,
                      void (*say)(void *to, struct gw_str code), void *to);
/* Every row, for generating samples; valid until the next codes_row() of this list. Sorted by native,
 * without their place; `pivot` is never empty. */
size_t codes_count(const struct codes *list);
const struct code_row *codes_row(const struct codes *list, size_t i);

/* ---- folding ---- */

/* The dated table schemas/nomenclatures/fold-ascii.csv (char;ascii), loaded by the first fold(ascii) or
 * here. Not there: mapping.list_absent, once, and texts pass as they are. */
GW_MUST_USE enum gw_result fold_load(struct converters *env);
/* A character that the table lacks is left out, with a warning: mapping.fold. */
GW_MUST_USE enum gw_result fold_ascii(struct conversion *c, struct gw_str *v);

#endif
