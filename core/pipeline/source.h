/* SPDX-License-Identifier: EUPL-1.2 */
/* Reading a stream: bytes, plugin, mapping (or the pivot's own lines), bundle by bundle. */
#ifndef PIPELINE_SOURCE_H
#define PIPELINE_SOURCE_H

#include "pipeline/engine.h"
#include "pipeline/pivot.h"
#include "pipeline/session.h"

struct source {
    struct codec *codec;
    struct session session;
    struct locator locator;
    struct gw_record rec;
    struct reading reading;
    struct pivot_reading pivot;
    struct sink *sink;
    struct gw_str file, date;
    struct buf raw; /* of the pivot's lines of the record at hand */
    struct buf raw_next;
    bool keep_raw, session_open, mapping_open, started, ended;
    struct bundle first; /* the envelope comes before the first record */
    enum gw_result first_result;
    bool first_waits;
    bool line_waits; /* the line at hand begins the next record */
    uint64_t told_count;
    uint64_t before;  /* as in the options */
    uint64_t last;    /* number of a record given */
    uint64_t records; /* read, good or bad */
};

struct source_options {
    struct gw_str name;     /* of the file: $name.x */
    struct gw_str date;     /* overrides $date; absent: from the stream */
    struct gw_str encoding; /* overrides the format's; absent */
    struct session_limits limits;
    uint64_t before; /* number of the last record of the members before: this one's are numbered behind it */
    bool keep_raw;   /* rejected records are wanted with their bytes */
};

/* The input's present member. */
GW_MUST_USE enum gw_result source_open(struct source *s, struct codec *c, struct input *input,
                                       const struct source_options *o, struct sink *sink);
/*
 * GW_OK: *ret is the next record's bundle; ret->record 0: the envelope, as known so far. GW_REJECT: a record is
 * bad, and why was said; its number is source_record(). GW_END: all was read. Others: the stream failed, said.
 */
GW_MUST_USE enum gw_result source_next(struct source *s, struct bundle *ret);
/* The next record is passed over unread: GW_REJECT with that code said of it. GW_END as source_next(). */
GW_MUST_USE enum gw_result source_pass(struct source *s, const char *code);
uint64_t source_record(const struct source *s);
/* The number of the last record: the pivot's own lines may have higher ones than there are records. */
uint64_t source_last(const struct source *s);
/* The bytes of the record just given or rejected. */
bool source_raw(struct source *s, struct buf *out);
void source_close(struct source *s); /* {0} is fine */

#endif
