/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How a format's folder is read, for the files of the syntax only: its layers (the format and
 * its ancestors), the rows of their tables, and how what is wrong there is said.
 */
#ifndef MAPPING_FORMAT_H
#define MAPPING_FORMAT_H

#include <libconfig.h>

#include "base/csv.h"
#include "base/str.h"
#include "mapping/syntax.h"

#define CHAIN_MAX  4
#define TABLE_MAX  ((size_t)8 << 20)  /* bytes of a fields.csv, a format.conf */
#define CODES_MAX  ((size_t)64 << 20) /* of a code list */
#define CELL_BYTES 4096

/* A line of a fields.csv as it stands there. */
struct row {
    struct gw_str cells[CELLS]; /* trimmed */
    struct gw_str file, where;
    uint32_t number;
    bool inherited; /* an ancestor's, or the child's in its place */
    bool replaced;  /* by the child at hand */
};

struct rows {
    struct row *items;
    size_t count;
};

/* One format of the chain, by itself. */
struct layer {
    struct gw_str name, folder, conf_file, table_file;
    config_t config;
    bool opened; /* config is to be destroyed */
    struct rows rows;
};

struct loader {
    struct arena *arena;
    struct sink *sink;
    struct gw_str formats;
    struct layer layers[CHAIN_MAX]; /* the format itself first */
    size_t nlayers;
    struct format *format;
    bool failed;
    bool out_of_memory;
};

/* A place in a file of ours, and what is wrong there. */
struct complaint {
    const char *code;
    struct gw_str file, where;
    uint32_t line;
    size_t column; /* in the cell or the value */
    struct gw_str found;
    const char *expected; /* NULL: nothing to offer */
    const char *in;       /* the cell or the key; NULL: none */
};

void loader_complain(struct loader *l, const struct complaint *what);
GW_MUST_USE enum gw_result loader_result(const struct loader *l);
/* `{fault}` of a parser; `r` is what the parser returned, GW_OK included. */
void loader_parsed(struct loader *l, enum gw_result r, const struct fault *fault,
                   const struct complaint *place);

/* The whole of a file. GW_END: it is not there. GW_REJECT: it is no UTF-8; *ret_line then says where. */
GW_MUST_USE enum gw_result file_text(struct arena *a, struct gw_str path, size_t max, struct gw_str *ret,
                                     uint32_t *ret_line);
uint32_t text_line(struct gw_str text, size_t at); /* the line of that byte, from 1 */
struct gw_str path_join(struct arena *a, struct gw_str folder, const char *name); /* ptr NULL: memory */
/* Of formats and code lists: [a-z0-9-], for `codes` also capitals and _. Never a way out of a folder. */
bool name_is_plain(struct gw_str name, bool codes);
struct gw_str word_next(struct gw_str *rest); /* cuts the next word at blanks; len 0: no more */
bool words_have(struct gw_str words, const char *word);

/* ---- lines.c ---- */

/* All rows of a text, with those that are not seven cells complained of. */
void rows_read(struct loader *l, struct layer *layer, struct gw_str text);
void lines_parse(struct loader *l, const struct rows *rows, struct lines *ret);

/* ---- inherit.c ---- */

/* `rows` is the ancestors' table and becomes the effective one. */
void rows_inherit(struct loader *l, struct rows *rows, const struct rows *child);
/* Words of a `use` cell that are about inheritance, taken out. */
struct gw_str use_without(struct arena *a, struct gw_str use, unsigned words);

/* ---- conf.c ---- */

/* Reads and checks one format.conf; *ret_extends absent when it has none. GW_END: there is no such file. */
GW_MUST_USE enum gw_result conf_open(struct loader *l, struct layer *layer, struct gw_str *ret_extends);
/* Fills l->format from all layers, the child's keys before its ancestors'. */
void conf_fill(struct loader *l);

/* The value of a key, and where it is to be stored. */
struct conf_value {
    struct loader *loader;
    const struct layer *layer;
    config_setting_t *setting;
    void *to;      /* in the struct of the format, of a profile ... */
    size_t *count; /* of a list */
    const char *expected;
};

struct conf_key {
    const char *name;
    bool (*take)(const struct conf_value *v); /* false: not such a value */
    size_t offset, count;                     /* of what it fills, in its struct */
    const char *expected;                     /* said when it is something else */
};

void conf_complain(struct loader *l, const struct layer *layer, const config_setting_t *at, const char *code,
                   struct gw_str found, const char *expected);
/* Takes all settings of a group; those that no key has go to `others`, or are complained of when it is NULL. */
void conf_take_group(const struct conf_value *group, const struct conf_key *keys, size_t nkeys, void *to,
                     struct settings *others);
bool conf_text(struct loader *l, const config_setting_t *s, struct gw_str *ret); /* of any scalar */
bool conf_setting(const struct conf_value *v, const config_setting_t *s, struct settings *to);

/* ---- conf_keys.c ---- */

extern const struct conf_key conf_keys[];
extern const size_t conf_nkeys;

#endif
