/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A format as it is written: the lines of fields.csv, the keys of format.conf, code lists,
 * inheritance done; parsed (grammar.h) and nothing more. What it means is compiled from here
 * (table.h). The language: schemas/README.md.
 *
 * All of it lives in the arena given; views point into texts that live there too.
 */
#ifndef MAPPING_SYNTAX_H
#define MAPPING_SYNTAX_H

#include "base/diag.h"
#include "mapping/grammar.h"

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
    struct gw_str where;        /* "format/fields.csv:42" */
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

/* What was written under a key that is not the core's business, as text: 5 is "5", yes is "true". */
struct setting {
    struct gw_str name, text;
    uint32_t line;
};

struct settings {
    struct setting *items;
    size_t count;
};

struct profile {
    struct gw_str name, recognise, root, wrap;
    struct gw_str *columns;
    size_t ncolumns;
    bool is_default, write;
    struct settings settings; /* its other keys: they override the plugin's options */
};

/* One format as its folder (and its ancestors') says it. */
struct format {
    struct gw_str name;
    struct gw_str root_name; /* the last ancestor: names the extension group */
    struct gw_str folder;
    struct gw_str formats;  /* the folder of them all */
    struct gw_str chain[4]; /* names, the ancestor first */
    size_t nchain;
    struct lines lines;
    struct gw_str conf_file; /* its own format.conf, for diagnostics */
    struct settings options; /* of the plugin */
    struct settings context; /* what the transfer gives */
    struct settings settles;
    struct gw_str options_file;         /* the format.conf that has them */
    struct gw_str label[2], summary[2]; /* fr, en */

    struct gw_str plugin, encoding, record, absent, name_template, date, group, receipt;
    struct gw_str charset, apply;
    struct gw_str evidence;  /* what its facts were seen in: a word of the key's, absent if not said */
    struct gw_str source[2]; /* who publishes them and which version: fr, en */
    struct pattern name_pattern;
    bool loose, trim, empty_clears, pivot;
    bool fold_unencodable;
    enum use absent_use;      /* USE_NULL, USE_EMPTY or USE_OMIT */
    struct paths record_path; /* `record`, parsed; count 0: the stream is a run of records */
    struct gw_str *nothing, *ignore, *group_by, *detect, *retry_key;
    size_t nnothing, nignore, ngroup_by, ndetect, nretry_key;
    uint64_t limit_records, limit_bytes, limit_files; /* 0: none */
    struct profile *profiles;
    size_t nprofiles;
};

/* Reads NAME's folder below `formats` and its ancestors'; inheritance, renames, `drop`, `add`, `move` done.
 * All faults of all lines go to the sink before GW_FAIL is returned. The format lives in the arena. */
GW_MUST_USE enum gw_result format_load(struct arena *a, struct gw_str formats, struct gw_str name,
                                       struct sink *sink, struct format **ret);
/* Names of the folders below `formats`, sorted. */
GW_MUST_USE enum gw_result formats_list(struct arena *a, struct gw_str formats, struct gw_str **ret,
                                        size_t *ret_n);
/* The effective table, each line with its origin in an eighth column. */
void format_print(const struct format *f, struct buf *out);
/* The plugin's option of that name as it would be written; absent if not set. The profile's settings win. */
struct gw_str format_option(const struct format *f, const struct profile *p, const char *name);
/* What stands in a table that an option names. GW_FAIL: it cannot be read. */
GW_MUST_USE enum gw_result format_option_file(struct arena *a, const struct format *f, struct gw_str name,
                                              struct gw_str *ret);
/* The rows of a code list through the chain: the child's rows replace the parent's of the same native. */
struct code_row {
    struct gw_str native, pivot, label, from, to, when;
    unsigned use; /* USE_READ, USE_WRITE; 0 both */
    uint32_t line;
    struct gw_str file; /* "child/codes/role.csv" */
    bool alike;         /* code_rows_each: days, use and condition are those of the row before */
};
/* `shared`: the nomenclatures folder, looked into when no format of the chain has the list. GW_END: no such
 * list. */
GW_MUST_USE enum gw_result code_rows_load(struct arena *a, const struct format *f, struct gw_str shared,
                                          struct gw_str list, struct sink *sink, struct code_row **ret,
                                          size_t *ret_n);
/* The same, one by one, without an array of them: for large lists. What `take` returns but GW_OK ends it
 * and is handed on; the texts of a row stay. codes.c compiles from it. */
GW_MUST_USE enum gw_result code_rows_each(struct arena *a, const struct format *f, struct gw_str shared,
                                          struct gw_str list, struct sink *sink,
                                          enum gw_result (*take)(void *to, const struct code_row *row),
                                          void *to);

#endif
