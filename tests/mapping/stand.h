/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A home of its own for tables of a test: a small pivot of made-up types, the real plugins, one format
 * "t" at a time. Rows give a table, native text and what mapping.md says must come of it.
 */
#ifndef MAPPING_STAND_H
#define MAPPING_STAND_H

#include "base/str.h"
#include "pipeline/convert.h"
#include "syntax/folder.h"

struct stand {
    struct folder folder;
    struct engine engine;
    struct sink sink;
    struct buf said; /* "CODE PATH; ..." of the last run, errors with a "!" before */
    bool open;
    unsigned failed; /* rows that were not as expected */
};

/* Native text, its resources, and the native text they are written as. */
struct row {
    const char *name;
    const char *conf;  /* NULL: one JSON object a line */
    const char *table; /* without its header */
    const char *native;
    const char *pivot;   /* as resources_print() says it */
    const char *written; /* NULL: as `native`; "": not tried; "!": refused */
    const char *said;    /* NULL: nothing */
    const char *date;    /* $date; NULL: 2026-01-15 */
    const char *profile;
    const char *file;  /* its name; NULL: "in.json" */
    const char *gap;   /* the engine is not there yet: said, not counted; what it waits for */
    const char *codes; /* codes/liste.csv without its header; NULL: none */
};

int stand_open(void **state);
int stand_close(void **state);
/* Format "t" from now on; `sample` NULL: it has none. */
void stand_format(struct stand *s, const char *conf, const char *table, const char *codes, const char *sample);
/* Reads, compares, writes back, compares. Fails the test with the row's name. */
void stand_run(struct stand *s, const struct row *row);
void stand_rows(struct stand *s, const struct row *rows, size_t n);
/* A table that must not load, or does with warnings: the complaints, one a line: "LINE:COLUMN CODE FOUND". */
void stand_refused(struct stand *s, const char *name, const char *conf, const char *table, const char *codes,
                   const char *complaints, bool loads);

#define ROWS(rows) rows, sizeof(rows) / sizeof(*(rows))

#endif
