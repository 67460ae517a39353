/* SPDX-License-Identifier: EUPL-1.2 */
/* The xml plugin over the real host, and what it gave as a text to compare. */
#ifndef PLUGINS_XML_FIXTURE_H
#define PLUGINS_XML_FIXTURE_H

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
    _Alignas(16) char config[256];
    struct input input;
    struct session session;
    struct session_limits limits;
    struct buf out;
    bool places;  /* trees show line:column */
    bool context; /* each new context is shown */
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* steps: "a/b[]", or "" (the root is the record). `options`: "indent=tab;root=r". */
void fixture_configure(struct fixture *f, const char *steps, const char *options);
/* Opens a session over the bytes, or over a descriptor (text.ptr NULL). */
enum gw_result fixture_open(struct fixture *f, struct gw_str text, int fd);
void fixture_close(struct fixture *f);

/*
 * All that reading gives, into f->out, a line each: `ok TREE`, `no RAW`, `context TREE`, `! CODE LINE:COL
 * ARGS`, at last `end`, `fail` or `fatal`. Line ends in texts are shown as `~`.
 */
enum gw_result fixture_read(struct fixture *f, struct gw_str text);
/* The same over a session that is open. */
enum gw_result fixture_read_all(struct fixture *f);
/* name'text'{children}; name[items]; name! is null */
void fixture_tree(struct fixture *f, const struct gw_record *rec, const struct gw_node *n, struct buf *out);

/* A text and what reading it gives, as fixture_read() says. */
struct reading {
    const char *name, *steps, *options, *text, *expected;
    bool places, context;
};
/* Under every window step. */
int fixture_run(const char *group, const struct reading *readings, size_t n);

#endif
