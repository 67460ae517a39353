/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Writing a stream: bundles, mapping (or the pivot's own lines), plugin, bytes. Splits into several
 * files where the format's limits say so, and spools where totals stand before the records.
 */
#ifndef PIPELINE_OUTLET_H
#define PIPELINE_OUTLET_H

#include "pipeline/engine.h"
#include "pipeline/pivot.h"
#include "pipeline/session.h"
#include "pipeline/source.h"

struct outlet_options {
    const char *path;       /* "-", a file, or a folder ending in '/' when the format's limits split */
    struct gw_str date;     /* $date; absent: today */
    struct gw_str encoding; /* overrides the format's; absent */
    struct gw_str resource; /* only resources of this type; absent: all */
    struct buf *memory;     /* into memory instead of `path` (tests, the law) */
    int fd;                 /* into a descriptor: it + 1; 0: not */
};

struct spool;

struct outlet {
    struct codec *codec;
    struct outlet_options options;
    struct sink *sink;
    struct writing writing;
    struct pivot_writing pivot;
    struct session session;
    struct output output;
    struct spool *spool; /* totals first: bundles wait here */
    struct buf path;
    struct charset_fold fold;
    bool mapping_open, session_open, output_open, folder;
    uint64_t in_file; /* records in the file at hand */
    uint64_t files;
    uint64_t written; /* native records, all files */
};

GW_MUST_USE enum gw_result outlet_open(struct outlet *o, struct codec *c, const struct outlet_options *options,
                                       struct sink *sink);
/* The envelope's bundle, or a record's. *ret_written: native records it became; GW_OK and 0: nothing of it is
 * for this format (filtered). GW_REJECT: it cannot be written, nothing of it was. */
GW_MUST_USE enum gw_result outlet_put(struct outlet *o, const struct bundle *b, size_t *ret_written);
/* $date of what follows. */
void outlet_date(struct outlet *o, struct gw_str date);
/* Ends the stream: what was spooled, the trailer, the last file's name. keep false: the last file stays
 * .partial. */
GW_MUST_USE enum gw_result outlet_close(struct outlet *o, bool keep);

/* outlet_name.c: the path of the next file of a folder, into o->path; and the word for a format without writer.
 */
GW_MUST_USE enum gw_result outlet_name(struct outlet *o);
GW_MUST_USE enum gw_result outlet_unwritable(const struct outlet *o);

#endif
