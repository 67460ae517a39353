/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The texts of the mapping language, one parser each: paths, fields, converters with their
 * templates, conditions. What is parsed lives in the arena and points into the text given.
 */
#ifndef MAPPING_GRAMMAR_H
#define MAPPING_GRAMMAR_H

#include <stdbool.h>

#include "base/arena.h"

/* What is wrong with a text of the language. */
struct fault {
    const char *code;    /* "mapping.path" ... ; of diagnostics.csv */
    size_t column;       /* in the text that was parsed, from 1 */
    struct gw_str found; /* what stands there */
};

/* ---- paths ---- */

enum base { BASE_HERE, BASE_RECORD, BASE_CONTEXT, BASE_NAME };

struct path;

struct pred {
    uint32_t index;    /* [2]; 0: a comparison */
    bool differs;      /* != */
    struct path *path; /* of the child compared */
    struct gw_str *values;
    size_t nvalues;
};

struct step {
    struct gw_str name; /* with its @ for an attribute */
    bool optional;      /* ? */
    bool many;          /* [] */
    struct pred *preds;
    size_t npreds;
};

struct path {
    enum base base;     /* BASE_NAME: `$name.x`, and `param` is x */
    bool all;           /* "*": what nobody claimed */
    struct gw_str text; /* as written */
    struct gw_str param;
    struct step *steps; /* none: "." */
    size_t nsteps;
    struct gw_str *aliases; /* other names of the last step */
    size_t naliases;
};

struct paths {
    struct path *items;
    size_t count; /* several: " + " */
};

GW_MUST_USE enum gw_result paths_parse(struct arena *a, struct gw_str text, struct paths *ret,
                                       struct fault *fault);

/* ---- fields ---- */

struct part {
    struct gw_str name;
    bool each;              /* x[] */
    struct gw_str key, val; /* x[key=val]; absent if none */
};

struct field_ref {
    struct gw_str text;
    struct part *parts;
    size_t nparts;
    bool ext; /* begins with "x." (which is then no part) */
};

struct field_refs {
    struct field_ref *items;
    size_t count;
};

GW_MUST_USE enum gw_result fields_parse(struct arena *a, struct gw_str text, struct field_refs *ret,
                                        struct fault *fault);

/* ---- converters and templates ---- */

struct conv_call;

struct chain {
    struct conv_call *items;
    size_t count;
};

enum hole { HOLE_SHORTEST, HOLE_LONGEST, HOLE_DIGITS, HOLE_EXACT, HOLE_ZEROS };

/* A template is a flat list: an optional part is OPEN ... CLOSE. */
struct piece {
    enum { PIECE_TEXT, PIECE_HOLE, PIECE_OPEN, PIECE_CLOSE } kind;
    struct gw_str text; /* PIECE_TEXT; PIECE_HOLE of a file's name: the hole's name; absent: none */
    enum hole hole;
    uint32_t width;     /* HOLE_EXACT, HOLE_ZEROS */
    uint32_t rank;      /* PIECE_HOLE: from 0 */
    struct chain chain; /* of the hole */
};

struct pattern {
    struct piece *pieces;
    size_t count;
    size_t holes;
};

struct conv_call {
    struct gw_str name;
    struct gw_str raw;   /* all between the parentheses; absent: no parentheses */
    struct gw_str *args; /* unquoted, split at top-level commas */
    size_t nargs;
    struct pattern *patterns; /* of join, split and sequence */
    size_t npatterns;
    size_t column; /* in the `as` cell */
};

GW_MUST_USE enum gw_result chain_parse(struct arena *a, struct gw_str text, struct chain *ret,
                                       struct fault *fault);
/* A template on its own, as `name` in format.conf: "OUT_{lot:14}.json". A word before ":" or "}" is the
 * hole's name, even when a converter is called so: "{now}", "{date:month}". */
GW_MUST_USE enum gw_result pattern_parse(struct arena *a, struct gw_str text, struct pattern *ret,
                                         struct fault *fault);

/* ---- conditions ---- */

enum cond_kind { COND_AND, COND_OR, COND_NOT, COND_LET, COND_TEST };
enum cond_op { OP_TRUE, OP_EQ, OP_NE, OP_GLOB, OP_LT, OP_LE, OP_GT, OP_GE };

struct cond {
    enum cond_kind kind;
    struct cond *kids; /* AND OR NOT: linked by next */
    struct cond *next;
    struct gw_str ref; /* TEST: "$date", "type:label", "type.field", "x"; LET: its name without @ */
    enum cond_op op;
    struct gw_str *values;
    size_t nvalues;
    size_t column;
};

GW_MUST_USE enum gw_result cond_parse(struct arena *a, struct gw_str text, struct cond **ret,
                                      struct fault *fault);

#endif
