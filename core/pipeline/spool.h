/* SPDX-License-Identifier: EUPL-1.2 */
/* Bundles that wait in a temporary file, as the pivot's own lines: for formats whose head holds totals. */
#ifndef PIPELINE_SPOOL_H
#define PIPELINE_SPOOL_H

#include "pipeline/engine.h"

struct spool;

GW_MUST_USE enum gw_result spool_open(struct arena *a, struct engine *e, struct sink *sink, struct spool **ret);
GW_MUST_USE enum gw_result spool_put(struct spool *s, const struct bundle *b);
/* From the beginning; no more puts. */
GW_MUST_USE enum gw_result spool_rewind(struct spool *s);
GW_MUST_USE enum gw_result spool_next(struct spool *s, struct bundle *ret);
void spool_close(struct spool *s); /* NULL is fine */

#endif
