/* SPDX-License-Identifier: EUPL-1.2 */
/* The json plugin over the real host, and what it gave as a text to compare. */
#ifndef PLUGINS_JSON_FIXTURE_H
#define PLUGINS_JSON_FIXTURE_H

#include "base/str.h"
#include "pipeline/options.h"
#include "pipeline/session.h"
#include "support/unit.h"

struct fixture {
    struct sink sink; /* first */
    const struct gw_plugin *plugin;
    void *library;
    struct arena arena;
    struct names names;
    struct gw_step steps[8];
    size_t nsteps;
    char config[256];
    struct input input;
    struct session session;
    struct session_limits limits;
    struct buf out;
    bool quiet; /* only codes of diagnostics */
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* steps: "a/b[]", "[]" or "" (a document); "lines" is an option. `options`: "indent=2 compact=false". */
void fixture_configure(struct fixture *f, const char *steps, const char *options);
/* Opens a session over the bytes, or over a descriptor (text.ptr NULL). */
enum gw_result fixture_open(struct fixture *f, struct gw_str text, int fd);
void fixture_close(struct fixture *f);

/*
 * All that reading gives, into f->out, a line each: `ok TREE`, `no RAW`, `! CODE LINE:COL FOUND`, at last
 * `end`, `fail` or `fatal`. With `context`, before the end `context TREE`.
 */
enum gw_result fixture_read(struct fixture *f, struct gw_str text, bool context);
/* {name:value ...}, [value ...], 'text', #number, true, false, null */
void fixture_tree(struct fixture *f, const struct gw_node *n, struct buf *out);

#endif
