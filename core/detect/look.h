/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Reading without a table: a file whose format nobody knows, by a dialect of schemas/dialects (a plugin with
 * options, each of its profiles one attempt). `root` of a profile is where its records are.
 */
#ifndef DETECT_LOOK_H
#define DETECT_LOOK_H

#include "detect/evidence.h"

enum { PROBE_SURE = 75, SIGHT_COLUMNS = 24 }; /* a plugin that is so sure leaves no room for the others */

struct dialect {
    const struct format *format;
    const struct profile *profile; /* NULL: it has none */
    const struct gw_plugin *plugin;
};

struct dialects {
    struct dialect *items;
    size_t count;
};

/* All that stand in the folder and have their plugin. */
GW_MUST_USE enum gw_result dialects_load(struct engine *e, struct arena *a, struct dialects *ret);
/* The names of its records and their trees, up to `most` of them. */
struct looking {
    struct engine *engine;
    struct arena *arena;
    struct names names;
    uint64_t read, rejected; /* rejected: of these */
    bool failed;
    uint64_t most;
    struct reasons *faults; /* of the stream, not of its records; NULL: not kept */
    void (*take)(void *to, const struct gw_record *rec, const struct names *names); /* may be NULL */
    void *to;
    struct gw_str encoding; /* absent: the dialect's */
    size_t record_bytes;    /* 0: the session's own bound */
};

GW_MUST_USE enum gw_result dialect_read(struct looking *l, const struct dialect *d, const struct head *h);

/* What can be said of a head without any format. `best` NULL: no dialect reads it. */
struct sight {
    const struct dialect *best;
    struct gw_str columns[SIGHT_COLUMNS]; /* of its first record */
    size_t ncolumns;                      /* all there are */
    uint64_t read;
    struct reasons faults; /* why the first that failed did */
};

GW_MUST_USE enum gw_result look(struct engine *e, struct arena *a, const struct dialects *all,
                                const struct head *h, struct sight *ret);
/* What the plugin's probe thinks of it, 0 to 100. */
int probe_of(const struct gw_plugin *p, const struct head *h);

#endif
