/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A code list in memory. Each different text stands once in a pool and has a number; a line is
 * 16 bytes, sorted by native, so that 77 000 lines with their index take 2 MB. Labels are kept
 * only for lists of reasonable size.
 */
#ifndef MAPPING_CODES_H
#define MAPPING_CODES_H

#include "mapping/converters.h"

#define NO_TEXT 0u /* its number is the empty text's */
#define NO_LINE UINT32_MAX

enum { CODES_READ = 1, CODES_WRITE = 2 };

/* A day as a number that keeps the order; no day at all is any day. */
#define ANY_DAY   0u
#define FIRST_DAY 1u
#define LAST_DAY  0xffffffu

struct code_line {
    uint32_t native, pivot; /* numbers of texts */
    uint64_t from : 24, to : 24, when : 14, use : 2;
};

struct code_text {
    uint32_t at;            /* in the pool; the next one's is its end */
    uint32_t native, pivot; /* first line that has it; NO_LINE */
};

struct code_when {
    struct gw_str text;
    const void *condition;
};

/* The last line found for a short native, and the days on which no line before it holds. */
struct code_near {
    uint64_t key;
    uint32_t from, to, line;
};

#define NEAR_SLOTS 256

struct codes {
    struct codes *next;
    struct gw_str name;
    bool missing; /* a nomenclature that is not installed: texts pass */
    bool dated;
    enum gw_loss loss;
    const char *pool;
    struct code_text *texts; /* count + 1 */
    uint32_t ntexts;
    uint32_t *slots; /* open addressing: number of a text + 1 */
    uint32_t mask;
    struct code_line *lines; /* by native, else in the order of the file */
    uint32_t nlines;
    uint32_t *by_pivot;      /* numbers of lines; NULL: the same order */
    uint32_t *labels;        /* by line; NULL: not kept */
    struct code_when *whens; /* 1...; 0 is always */
    uint32_t nwhens;
    struct code_near *near; /* of a dated list without conditions; NULL */
    struct code_row *shown; /* room of codes_row() */
    char *days;
};

/* ---- building (codes_build.c) ---- */

/* A line, and where it stands. */
struct codes_row {
    struct code_line line;
    uint32_t file, at;
};

struct codes_build {
    struct converters *env;
    struct codes *list;
    struct arena scratch;
    struct arena text;       /* of the files; labels point there */
    struct buf pool, begins; /* the texts: where each begins in the pool */
    uint32_t ntexts;
    uint32_t *slots; /* NULL as long as each text is short and greater than those before */
    uint32_t mask;
    uint64_t last;        /* without slots: the last text as a number */
    struct codes_row row; /* the last one */
    struct buf rows, labels;
    uint32_t nlines;
    struct gw_str files[8]; /* that rows are from; a chain has fewer */
    const char *file;       /* the last one as rows have it */
    uint32_t nfiles;
    uint32_t *order; /* the row of a line, once sorted; NULL: the same */
    struct code_when *whens;
    uint32_t nwhens, when_room;
    bool sorted, same; /* rows by native; each pivot its native */
    bool bad;
};

GW_MUST_USE enum gw_result build_begin(struct codes_build *b, struct converters *env, struct codes *list);
/* `to`: the build. What is wrong goes to the sink. */
GW_MUST_USE enum gw_result build_row(void *to, const struct code_row *row);
GW_MUST_USE enum gw_result build_end(struct codes_build *b);
void build_done(struct codes_build *b);

/* What a rules plugin asks for: not installed, it is `missing`, said once. */
GW_MUST_USE enum gw_result codes_of_rule(struct converters *env, struct gw_str list, const struct codes **ret);

/* ---- asking (codes_find.c) ---- */

struct gw_str codes_text(const struct codes *list, uint32_t number);
uint32_t codes_number(const struct codes *list, struct gw_str text); /* UINT32_MAX: none has it */
/* The first line that holds; `day` ANY_DAY: any. GW_NOT_THEN: there are lines, none holds. */
enum gw_lookup codes_find(const struct codes *list, struct lookup *l, bool reading, struct gw_str text,
                          uint32_t day, uint32_t *ret_line);
bool code_day(struct gw_str day, uint32_t *ret); /* YYYY-MM-DD and what may follow */
enum gw_loss codes_measure(const struct codes *list);
/* Whether two lines may hold at one time, in one direction. */
bool codes_together(const struct code_line *a, const struct code_line *b);

#endif
