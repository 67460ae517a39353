/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The pivot as a stream of its own: one resource a record, {"type","id","record","refs","fields",
 * "ext"}, the resources of one record consecutive. A syntax plugin gives and takes the trees; here
 * they become resources and come from them.
 *
 * Booleans are booleans and whole numbers are numbers; amounts and decimals stay text. A native
 * tree is {"@tree": {"name","kind","text","children"}}.
 */
#ifndef PIPELINE_PIVOT_H
#define PIPELINE_PIVOT_H

#include "base/names.h"
#include "mapping/mapping.h"

enum pivot_key {
    KEY_TYPE,
    KEY_ID,
    KEY_RECORD,
    KEY_REFS,
    KEY_FIELDS,
    KEY_EXT,
    KEY_TREE,
    KEY_NAME,
    KEY_KIND,
    KEY_TEXT,
    KEY_CHILDREN,
    PIVOT_KEYS,
};

struct pivot_reading {
    struct model *model;
    struct names *names;
    struct sink *sink;
    struct locator *locator;
    struct gw_str file;
    struct arena arenas[2]; /* the record at hand, and the one before that was given back */
    unsigned at;
    struct bundle bundle; /* growing */
    uint64_t number;      /* as the lines say it */
    uint64_t line_record; /* number of the line in the stream, for diagnostics */
    bool open, bad;
    bool flat; /* the line at hand has columns, not groups */
    const struct checks *checks;
    struct conversion conversion;
    struct converters converters;
    struct lookup lookup;
    uint16_t keys[16];
};

GW_MUST_USE enum gw_result pivot_reading_open(struct pivot_reading *p, struct model *model, struct names *names,
                                              const struct checks *checks, struct sink *sink,
                                              struct locator *locator, struct gw_str file);
/* Takes one line. *ret_done: it is of another record and was not taken: the record before is complete, *ret is
 * it until the next call, and the line is to be given again, so that what is said of it is said of its record.
 * GW_REJECT with *ret_done: the record is bad, and why was said. */
GW_MUST_USE enum gw_result pivot_line(struct pivot_reading *p, const struct gw_record *rec, uint64_t number,
                                      struct bundle *ret, bool *ret_done);
/* At the end of the stream: the last record, if there is one. */
GW_MUST_USE enum gw_result pivot_end(struct pivot_reading *p, struct bundle *ret, bool *ret_done);
void pivot_reading_close(struct pivot_reading *p);

#define PIVOT_NODES 256u /* of a resource, of the stream's memory; then so many at a time of the record's */

struct pivot_writing {
    struct names *names;
    struct arena arena;
    bool spilt; /* something is in it */
    uint16_t keys[16];
    struct arena stream_arena;
    struct gw_node *nodes;
    struct gw_node root, spine[KEY_EXT + 1]; /* by key: what every resource has */
    uint64_t record;                         /* whose digits these are */
    char digits[20];
    struct gw_str number;
    struct pivot_form *forms;     /* GW_FORMS, made with the first */
    uint8_t form_at[256];         /* by hash: number of a form; 0 none */
    uint32_t nforms;
    struct shape_names *shapes;   /* symbols of the fields of each shape */
    struct shape_names *last[64]; /* of them, by the shape's address */
    const struct shape *flat;     /* the one type of a syntax without nesting */
    uint16_t *slots;              /* its columns' symbols by slot; 0: no cell */
    uint16_t nslots;
    uint64_t left_out; /* by slot modulo 64: it had a value that has no cell */
};

GW_MUST_USE enum gw_result pivot_writing_open(struct pivot_writing *p, struct names *names);
/* The tree of one resource, until the next call. */
GW_MUST_USE enum gw_result pivot_resource(struct pivot_writing *p, const struct bundle *b,
                                          const struct resource *r, struct gw_record *ret);
void pivot_writing_close(struct pivot_writing *p);

/* pivot_flat.c: the same in a syntax without nesting. */
GW_MUST_USE enum gw_result pivot_flat_columns(struct pivot_writing *p, const struct shape *shape,
                                              const struct gw_column **ret, size_t *ret_n);
GW_MUST_USE enum gw_result pivot_flat_resource(struct pivot_writing *p, const struct bundle *b,
                                               const struct resource *r, struct gw_record *ret);
/* What had no cell, a warning a field. */
void pivot_flat_report(const struct pivot_writing *p, struct sink *sink);

extern const char *const pivot_key_names[PIVOT_KEYS];
extern const char *const pivot_kind_names[];

#endif
