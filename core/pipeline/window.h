/* SPDX-License-Identifier: EUPL-1.2 */
/* The part of a reading session that holds the decoded bytes; for session.c only. */
#ifndef PIPELINE_WINDOW_H
#define PIPELINE_WINDOW_H

#include "pipeline/session.h"

/* s->charset, s->detect and s->limits are set; the input is behind its byte order mark. */
GW_MUST_USE enum gw_result window_open(struct session *s);
void window_close(struct session *s);
GW_MUST_USE enum gw_result window_peek(struct session *s, size_t min, struct gw_str *ret);
void window_consume(struct session *s, size_t len);
/* What is still there of a range of the stream; *ret_whole: all of it. */
struct gw_str window_range(const struct session *s, uint64_t begin, uint64_t end, bool *ret_whole);
/* line 0: the place is no longer there. */
struct line_cursor window_line(struct session *s, uint64_t byte);

#endif
