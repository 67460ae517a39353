/* SPDX-License-Identifier: EUPL-1.2 */
/* What was parsed, as a text that shows its structure: tables of tests compare with it. */
#ifndef SYNTAX_WRITTEN_H
#define SYNTAX_WRITTEN_H

#include "base/buf.h"
#include "mapping/grammar.h"

/* Parses `text`, and writes what it gave as below. */
enum grammar { PATHS, FIELDS, CHAIN, PATTERN, COND };

enum gw_result parse_written(enum grammar g, struct arena *a, struct gw_str text, struct buf *out,
                             struct fault *fault);

/* <a>?[]{<k>=v|w}/<b>|<alias>; // and / in front; $x; here; all. Several: with " + ". */
void write_paths(struct buf *out, const struct paths *p);
/* <a>[]{k=v}.<b>; x: in front of an extension. */
void write_fields(struct buf *out, const struct field_refs *f);
/* name(<arg>,<arg>); templates: T"text" H0 H1# H2* H3=5 H4=02, [ and ], "name" and chain behind a hole. */
void write_chain(struct buf *out, const struct chain *c);
void write_pattern(struct buf *out, const struct pattern *p);
/* and(..) or(..) not(..) @x, <ref>op<value>,<value>. */
void write_cond(struct buf *out, const struct cond *c);

#endif
