/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One plugin over the real host: a text read into a transcript, trees copied, trees written.
 * The transcript has a line for all that can be seen: records with their place, rejects with
 * their bytes, reports with their arguments, the context at the end, the result.
 */
#ifndef CONFORMANCE_STAGE_H
#define CONFORMANCE_STAGE_H

#include "base/str.h"
#include "conformance/sample.h"
#include "pipeline/options.h"
#include "pipeline/session.h"

struct kept {
    struct kept *next;
    struct gw_node *root;
    uint64_t number;
};

struct stage {
    struct sink sink; /* first */
    const struct gw_plugin *plugin;
    const struct sample *sample;
    struct session_limits limits;
    struct arena arena; /* names, config */
    struct names names;
    struct gw_step steps[8];
    size_t nsteps;
    struct gw_column columns[16];
    size_t ncolumns;
    void *config;
    struct input input;
    struct output output;
    struct session session;
    struct buf out;  /* the transcript */
    struct buf text; /* of it only records and context, without places */
    size_t reports;
    unsigned good, bad;
    /* when `keep`: copies of what was read */
    bool keep;
    struct arena trees;
    struct kept *records, **tail;
    struct gw_node *context; /* as a writer is given it */
    size_t before;           /* children of the context's innermost node before the first record */
};

/* false: the sample's options or the plugin are at fault, printed. */
bool stage_init(struct stage *st, const struct gw_plugin *plugin, const struct sample *sample);
void stage_done(struct stage *st); /* {0} and twice is fine */

enum gw_result stage_open(struct stage *st, struct gw_str text);
enum gw_result stage_open_fd(struct stage *st, int fd);
/* One record, or the end, into the transcript. */
enum gw_result stage_next(struct stage *st);
void stage_close(struct stage *st);
/* Open, all records, close. The transcript ends with the word of the result. */
enum gw_result stage_read(struct stage *st, struct gw_str text);

/* What was kept, written into `out` (tentative: not when it fails). */
enum gw_result stage_write(struct stage *st, struct buf *out);
enum gw_result stage_write_open(struct stage *st, struct buf *out, uint64_t records);

/* name'text'{children} name[items]; kinds other than text are marked. `places`: with line:column. */
void stage_tree(struct stage *st, const struct gw_node *n, bool places, struct buf *out);
const char *result_word(enum gw_result r);

#endif
