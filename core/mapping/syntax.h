/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The mapping language as it is written: paths, fields, converters, templates, conditions,
 * the lines of fields.csv and the keys of format.conf, parsed and nothing more. What it
 * means is compiled from here (table.h). Grammar: schemas/README.md.
 *
 * All of it lives in the arena given; views point into texts that live there too.
 */
#ifndef MAPPING_SYNTAX_H
#define MAPPING_SYNTAX_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"

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
    struct gw_str text; /* PIECE_TEXT; PIECE_HOLE: the name written in it, if it is none of the converters */
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
/* A template on its own, as `name` in format.conf: "RIAE_{lot:14}.json". The word in a hole is a
 * name when no converter is called so. */
GW_MUST_USE enum gw_result pattern_parse(struct arena *a, struct gw_str text, struct pattern *ret,
                                         struct fault *fault);

/* ---- conditions ---- */

enum cond_kind { COND_AND, COND_OR, COND_NOT, COND_LET, COND_TEST };
enum cond_op { OP_TRUE, OP_EQ, OP_NE, OP_GLOB, OP_LT, OP_LE, OP_GT, OP_GE };

struct cond {
    enum cond_kind kind;
    struct cond *kids; /* AND OR NOT: linked by next */
    struct cond *next;
    struct gw_str ref; /* TEST: "$date", "droit:rsa", "etape.mesure", "x"; LET: its name without @ */
    enum cond_op op;
    struct gw_str *values;
    size_t nvalues;
    size_t column;
};

GW_MUST_USE enum gw_result cond_parse(struct arena *a, struct gw_str text, struct cond **ret,
                                      struct fault *fault);

/* ---- lines of fields.csv ---- */

enum line_kind { LINE_LET, LINE_SCOPE, LINE_LIST, LINE_FIELD };

enum use {
    USE_REQUIRED = 1 << 0,
    USE_OPTIONAL = 1 << 1,
    USE_READ = 1 << 2,
    USE_WRITE = 1 << 3,
    USE_CHECK = 1 << 4,
    USE_TRY = 1 << 5,
    USE_NULL = 1 << 6,
    USE_EMPTY = 1 << 7,
    USE_OMIT = 1 << 8,
    USE_CLEARS = 1 << 9,
    USE_ADD = 1 << 10,
    USE_MOVE = 1 << 11,
    USE_DROP = 1 << 12,
};

enum { CELL_RESOURCE, CELL_FIELD, CELL_PATH, CELL_AS, CELL_USE, CELL_WHEN, CELL_NOTE, CELLS };

struct line {
    enum line_kind kind;
    struct gw_str cells[CELLS]; /* effective: inheritance is done */
    struct gw_str where;        /* "cnaf-rsa/fields.csv:42" */
    struct gw_str file;         /* path of the file, for diagnostics */
    uint32_t number;            /* in that file */
    struct field_refs fields;
    struct paths paths; /* count 0: empty, except `line` of a list or `$name` */
    struct chain chain; /* LINE_FIELD */
    unsigned use;
    struct cond *when; /* NULL: always */
    /* LINE_SCOPE and LINE_LIST */
    struct gw_str in;   /* absent: default parent */
    struct gw_str sort; /* absent: none */
    bool descending;
    uint32_t max; /* 0: none */
};

struct lines {
    struct line *items;
    size_t count;
};

/* ---- format.conf ---- */

struct profile {
    struct gw_str name, recognise, root, wrap;
    struct gw_str *columns;
    size_t ncolumns;
    bool is_default, write;
    void *settings; /* the whole group (config_setting_t): other keys override the format's */
};

struct code_file {
    struct gw_str list; /* file name without .csv */
    struct gw_str path;
    struct gw_str format;
};

/* One format as its folder (and its ancestors') says it. */
struct format {
    struct gw_str name;
    struct gw_str root_name; /* the last ancestor: names the extension group */
    struct gw_str folder;
    struct gw_str chain[4]; /* names, the ancestor first */
    size_t nchain;
    struct lines lines;
    void *conf; /* config_t after inheritance, for plugin options; read by conf_* */

    struct gw_str plugin, encoding, record, absent, name_template, date, group, receipt;
    struct gw_str charset, apply;
    struct pattern name_pattern;
    bool loose, trim, empty_clears, pivot;
    bool fold_unencodable;
    enum use absent_use; /* USE_NULL, USE_EMPTY or USE_OMIT */
    struct gw_str *nothing, *ignore, *group_by, *detect;
    size_t nnothing, nignore, ngroup_by, ndetect;
    uint64_t limit_records, limit_bytes, limit_files; /* 0: none */
    struct profile *profiles;
    size_t nprofiles;
};

/* Reads NAME's folder below `formats` and its ancestors'; inheritance, renames, `drop`, `add`, `move` done.
 * All faults of all lines go to the sink before GW_FAIL is returned. */
GW_MUST_USE enum gw_result format_load(struct arena *a, struct gw_str formats, struct gw_str name,
                                       struct sink *sink, struct format **ret);
void format_done(struct format *f); /* frees what libconfig holds */
/* Names of the folders below `formats`, sorted. */
GW_MUST_USE enum gw_result formats_list(struct arena *a, struct gw_str formats, struct gw_str **ret,
                                        size_t *ret_n);
/* The effective table, each line with its origin in an eighth column. */
void format_print(const struct format *f, struct buf *out);
/* The plugin's option of that name as it would be written; absent if not set. The profile's settings win. */
struct gw_str format_option(const struct format *f, const struct profile *p, const char *name);
/* The rows of a code list through the chain: the child's rows replace the parent's of the same native. */
struct code_row {
    struct gw_str native, pivot, label, from, to, when;
    unsigned use; /* USE_READ, USE_WRITE; 0 both */
    struct gw_str where;
};
/* `shared`: the nomenclatures folder, looked into when no format of the chain has the list. GW_END: no such
 * list. */
GW_MUST_USE enum gw_result code_rows_load(struct arena *a, const struct format *f, struct gw_str shared,
                                          struct gw_str list, struct sink *sink, struct code_row **ret,
                                          size_t *ret_n);

#endif
