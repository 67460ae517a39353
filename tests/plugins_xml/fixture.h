/* SPDX-License-Identifier: EUPL-1.2 */
/* The xml plugin over the real host, and what it gave as a text to compare. */
#ifndef PLUGINS_XML_FIXTURE_H
#define PLUGINS_XML_FIXTURE_H

#include "support/plugin_fixture.h"

/* Options: "indent=tab;root=r". */
int fixture_setup(void **state);

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
