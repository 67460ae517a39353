/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Where bytes go: a file, a descriptor or memory, through one buffer. What was added is
 * tentative until output_commit(); output_rollback() takes it back, so that a rejected record
 * leaves no trace. A regular file is written as NAME.partial and renamed by output_close().
 */
#ifndef PIPELINE_OUTPUT_H
#define PIPELINE_OUTPUT_H

#include <stdbool.h>

#include "base/diag.h"

#define OUTPUT_BLOCK     262144u
#define OUTPUT_TENTATIVE ((size_t)64 << 20)

struct output {
    struct buf buf;     /* what is not written yet; may be added to directly */
    size_t committed;   /* of it */
    uint64_t written;   /* bytes committed since the opening */
    struct gw_str name; /* the caller's text, for messages */
    struct sink *sink;  /* may be NULL */
    struct buf *memory; /* where it goes when fd is -1 */
    int fd;
    bool close_fd;
    bool failed;                /* reported; nothing is written any more */
    bool durable;               /* fsync before the renaming; set by the caller */
    struct buf target, partial; /* paths; empty: not written aside */
};

/* "-" is standard output; a pipe or device is written as it is. GW_RETRY: `output.open`.
 * output_close() in any case. `max`: the most that may be tentative; 0: OUTPUT_TENTATIVE. */
GW_MUST_USE enum gw_result output_open_path(struct output *o, const char *path, size_t max, struct sink *sink);
/* The descriptor stays the caller's. */
GW_MUST_USE enum gw_result output_open_fd(struct output *o, int fd, struct gw_str name, size_t max,
                                          struct sink *sink);
void output_open_memory(struct output *o, struct buf *memory, struct gw_str name, size_t max,
                        struct sink *sink);

/* A failure is kept and told by the following commit. */
void output_add(struct output *o, const void *data, size_t len);
/* GW_RETRY: the disk is full, the reader has gone ... (`output.write`, once). GW_FATAL: more than `max` was
 * tentative, or memory is out; nothing is reported. */
GW_MUST_USE enum gw_result output_commit(struct output *o);
void output_rollback(struct output *o);
GW_MUST_USE enum gw_result output_flush(struct output *o); /* what is committed goes out now */
/* keep: flush, then the file gets its name. Else what was committed stays as NAME.partial. */
GW_MUST_USE enum gw_result output_close(struct output *o, bool keep);

#endif
