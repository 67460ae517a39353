/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the suite knows of a plugin: a few texts in its syntax, and how many records are in them.
 * A new plugin is a few more rows in samples.c and a line in CMakeLists.txt.
 */
#ifndef CONFORMANCE_SAMPLE_H
#define CONFORMANCE_SAMPLE_H

#include <stdbool.h>

#include "gw/plugin.h"

/* How a text is bounded, which decides what cutting it short may look like. */
enum sample_end {
    ENDS_SEEN, /* any cut is told */
    ENDS_OPEN, /* a run of records: a cut between two of them cannot be seen */
};

struct sample_part {
    const char *name, *text;
};

#define SAMPLE_PARTS 6

struct sample {
    const char *plugin;
    const char *name;
    const char *steps;    /* "a/b[]", "[]", "" */
    const char *columns;  /* "name! city": ! is required; NULL: none are known */
    const char *options;  /* "delimiter=; quote=" */
    const char *encoding; /* NULL: detected or declared */
    struct gw_str text;
    struct sample_part parts[SAMPLE_PARTS]; /* of a container that samples_make() puts into `text` */
    unsigned good, bad;                     /* records that are in it, by the syntax's own rules */
    enum sample_end end;
    bool one_way; /* writing it back is not tried */
    /* Head, one record and tail of a stream of any length in the same dialect, {n} being how many records; no
     * record: not for that. */
    struct gw_str head, record, tail;
};

extern struct sample samples[];
extern const size_t nsamples;

/* Before anything else: the texts of containers. */
void samples_make(void);

#endif
