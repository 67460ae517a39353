/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * From one format to another, record by record, with the law that each one is accounted for:
 * read = written + filtered + rejected.
 */
#ifndef PIPELINE_CONVERT_H
#define PIPELINE_CONVERT_H

#include "pipeline/outlet.h"
#include "pipeline/source.h"

struct law {
    uint64_t read, written, filtered, rejected;
    uint64_t resources; /* produced by what was read */
    uint64_t natives;   /* records of the target's own shape that were written */
    uint64_t files;
};

static inline bool law_holds(const struct law *l)
{
    return l->read == l->written + l->filtered + l->rejected;
}

/* Where rejected records go, one JSON object a line: {"record","raw"|"raw_base64","diagnostics"}. */
struct rejects;
struct reject_options {
    const struct catalogue *catalogue;
    enum lang lang;
    bool mask;
    struct sink *next; /* everything is passed on to it */
};

/* `path` NULL: nothing is kept, diagnostics are only passed on. */
GW_MUST_USE enum gw_result rejects_open(struct arena *a, const char *path, const struct reject_options *o,
                                        struct rejects **ret);
struct sink *rejects_sink(struct rejects *r);
/* A record begins: what is said from now on is its. */
void rejects_begin(struct rejects *r);
GW_MUST_USE enum gw_result rejects_put(struct rejects *r, uint64_t record, struct source *s);
GW_MUST_USE enum gw_result rejects_close(struct rejects *r, bool keep);
bool rejects_kept(const struct rejects *r);
/* `,"raw":"..."`, or `,"raw_base64":"..."` when it is no UTF-8. */
void raw_json(struct buf *out, struct gw_str raw);

struct conversion_job {
    struct codec *from, *to; /* `to` NULL: only validate */
    struct source_options source;
    struct outlet_options outlet;
    struct rejects *rejects;
    void (*progress)(void *context, const struct law *law); /* now and then; NULL: none */
    void *context;
};

/* All members of the input, one after another, into one output. GW_FAIL, GW_RETRY: the law up to there is in
 * *ret. */
GW_MUST_USE enum gw_result convert_run(struct conversion_job *job, struct input *input, struct law *ret);

#endif
