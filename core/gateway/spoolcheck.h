/* SPDX-License-Identifier: EUPL-1.2 */
/* The spool against the store: each exchange's file is there with its digest, and no file is nobody's. */
#ifndef GATEWAY_SPOOLCHECK_H
#define GATEWAY_SPOOLCHECK_H

#include "base/diag.h"
#include "store/exchange.h"

/* Reports spool.missing, spool.changed (error) and spool.orphan (warning). With `repair` orphans are removed
 * once they are an hour old. *ret_faults counts errors. */
GW_MUST_USE enum gw_result spool_check(struct store *s, const char *folder, bool repair, struct sink *sink,
                                       uint64_t *ret_faults);

#endif
