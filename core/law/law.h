/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Proof that a format's table says the same both ways, on its samples and on generated resources:
 *
 *   PutGet    read(write(p)) is what the lines carried of p; on lossy lines writing again gives the same
 *   GetPut    with n' = write(read(n)): read(n') is read(n), and write(read(n')) is n' byte for byte
 *   Lost      each leaf of n is read, checked, set aside, ignored by name or reported
 *   Locality  changing one field changes only places whose line, `when` or `test` names it
 *   Broken    each leaf of a sample, broken, is reported at its place (or is good as any text)
 *   Uncovered a line not used in a direction it has, a `when` never true or never false
 *   Undeclared  a line is seen to lose other than it is declared to
 */
#ifndef LAW_LAW_H
#define LAW_LAW_H

#include "pipeline/engine.h"

enum law_kind {
    LAW_PUTGET,
    LAW_GETPUT,
    LAW_LOST,
    LAW_LOCALITY,
    LAW_BROKEN,
    LAW_UNCOVERED,
    LAW_UNDECLARED,
    LAW_REFUSAL, /* write refused and said nothing */
    LAW_SAMPLE,  /* a sample cannot be read, or is not what stands beside it */
    LAWS,
};

/* Of diagnostics. */
extern const char *const law_codes[LAWS];

enum { LINE_WRITTEN = 1, LINE_READ = 2, LINE_TRUE = 4, LINE_FALSE = 8 };

/* One line of the table. */
struct law_line {
    const char *where;   /* "NAME/fields.csv:42" */
    const char *subject; /* "type.field", or the path of a line without field */
    const char *path;
    bool counted;               /* in some profile it exists */
    bool measures;              /* it carries a value, so that its loss can be measured */
    uint8_t declared, measured; /* enum gw_loss */
    unsigned wants, reached;    /* LINE_... */
    const char *before, *after; /* an example of what is lost; NULL */
};

struct law_failure {
    struct law_failure *next;
    enum law_kind law;
    const char *where, *path; /* line of the table, native place or field; "" */
    const char *expected, *found;
    const char *sample;   /* its name; NULL: generated */
    const char *resource; /* the smallest resource that still fails, as one line of the pivot; NULL */
    uint64_t count;       /* how often */
};

/* A native text that one pass changes. */
struct law_change {
    struct law_change *next;
    const char *where, *path, *before, *after;
    uint64_t count;
};

/* Why resources were outside the domain. */
struct law_refusal {
    struct law_refusal *next;
    const char *code, *where, *value; /* an example */
    uint64_t count;
};

struct law_counts {
    uint64_t read, checked, aside, ignored, reported, lost;
};

struct law_report {
    const char *format;
    struct arena *arena;
    struct law_line *lines;
    size_t nlines;
    struct law_failure *failures, **failures_end;
    struct law_change *changes;
    struct law_refusal *refusals;
    struct law_counts leaves;
    uint64_t samples, cases, refused, broken, broken_reported, broken_good;
};

struct law_options {
    uint64_t seed;
    unsigned count; /* random resources a profile, besides those that are aimed at a line */
};

/* All profiles of one format. GW_OK: *ret is complete, the laws may still be broken. Others: it could not be
 * loaded, and why was said to the sink. */
GW_MUST_USE enum gw_result law_prove(struct engine *e, struct gw_str format, const struct law_options *o,
                                     struct arena *a, struct sink *sink, struct law_report **ret);

static inline bool law_broken(const struct law_report *r)
{
    return r->failures != NULL;
}

#endif
