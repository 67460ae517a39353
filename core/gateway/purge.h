/* SPDX-License-Identifier: EUPL-1.2 */
/* The report of what went at the end of its time: STATE/purges/MS.json, a line a flow and kind, no names of
 * files. */
#ifndef GATEWAY_PURGE_H
#define GATEWAY_PURGE_H

#include "base/buf.h"
#include "gateway/conf.h"

void purge_note(struct buf *report, struct gw_str flow, enum keep_kind kind, uint64_t gone);
/* Made durable, if anything went; emptied. */
GW_MUST_USE enum gw_result purge_report(struct buf *report, const char *state);

#endif
