/* SPDX-License-Identifier: EUPL-1.2 */
/* The json plugin over the real host, and what it gave as a text to compare. */
#ifndef PLUGINS_JSON_FIXTURE_H
#define PLUGINS_JSON_FIXTURE_H

#include "support/plugin_fixture.h"

/* Options: "indent=2 compact=false"; "lines" is one of them. */
int fixture_setup(void **state);

/*
 * All that reading gives, into f->out, a line each: `ok TREE`, `no RAW`, `! CODE LINE:COL FOUND`, at last
 * `end`, `fail` or `fatal`. With `context`, before the end `context TREE`.
 */
enum gw_result fixture_read(struct fixture *f, struct gw_str text, bool context);
/* {name:value ...}, [value ...], 'text', #number, true, false, null */
void fixture_tree(struct fixture *f, const struct gw_node *n, struct buf *out);

#endif
