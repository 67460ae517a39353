/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Between the files of the dsn plugin. A line is "S21.G00.40.001,'01092026'": block, rubric, value. Which block
 * stands in which is not in the file: it is a table of the format (option `blocks`).
 */
#ifndef DSN_H
#define DSN_H

#include <stdbool.h>

#include "gw/plugin.h"

#define DSN_BLOCKS  256u /* of a table */
#define DSN_DEPTH   16u  /* blocks within blocks */
#define DSN_WAY     8u   /* steps to the records */
#define DSN_RUBRICS 1000u
#define DSN_NAME    10u /* bytes of "S21.G00.40" */
#define DSN_NONE    UINT16_MAX

/* Blocks that the norm itself gives a meaning for the file. */
enum {
    DSN_TOTALS = 900090,        /* S90.G00.90: how many rubrics and declarations a message has */
    DSN_ENVELOPE_BEGIN = 55100, /* S05.G51.00, S95.G51.00: around messages that were gathered into a file */
    DSN_ENVELOPE_END = 955100,
};

enum dsn_newline { DSN_LF, DSN_CRLF };

struct dsn_config {
    struct gw_str blocks; /* what stands in the table */
    uint8_t newline;
};

struct dsn_block {
    struct gw_str name;
    uint32_t key;    /* 210040 of S21.G00.40 */
    uint16_t parent; /* DSN_NONE: none */
    uint16_t symbol;
    bool inside; /* the records' block, or below it */
};

struct dsn_tree {
    struct dsn_block *blocks; /* in the order of writing, parents before children */
    uint16_t *by_key;         /* their ranks, in the order of keys */
    uint16_t *rubrics;        /* symbols of 000 to 999; 0: not asked for yet */
    uint16_t count;
    uint16_t way[DSN_WAY]; /* ranks of the blocks on the way to the records, theirs the last */
    uint16_t nway;
};

struct dsn_line {
    struct gw_str block; /* its name */
    struct gw_str value;
    uint32_t key;
    uint16_t rubric;
};

/* The table, and the steps to the records in it. GW_FAIL: one of them is wrong, and said. */
GW_MUST_USE enum gw_result dsn_tree_open(struct gw_session *s, struct dsn_tree *t);
/* The rank of a block, or DSN_NONE. */
uint16_t dsn_tree_find(const struct dsn_tree *t, uint32_t key);
/* The symbol of a rubric; 0: GW_FATAL. */
GW_MUST_USE uint16_t dsn_tree_rubric(struct gw_session *s, struct dsn_tree *t, uint16_t rubric);

/* A line without its end. false: it is none. */
bool dsn_line_parse(struct gw_str text, struct dsn_line *ret);
/* "S21.G00.40" to 210040, "001" to 1; false: no such name. */
bool dsn_block_key(struct gw_str name, uint32_t *ret);
bool dsn_rubric_number(struct gw_str name, uint16_t *ret);
bool dsn_number(struct gw_str text, uint64_t *ret);

extern const struct gw_reader dsn_reader;
extern const struct gw_writer dsn_writer;

#endif
