/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef GATEWAY_SPOOLED_H
#define GATEWAY_SPOOLED_H

#include "gateway/gateway.h"

/* A file of the spool to read, fetched from the store if it is not here. -1: errno; ENOENT nobody has it. */
int spooled_open(struct gateway *g, struct gw_str name);
/* Its bytes are in the store with the transaction that is open, where others may need them. */
GW_MUST_USE enum gw_result spooled_keep(struct gateway *g, struct gw_str name);
/* Files that the store has not (any more) are removed when they are an hour old: another machine's retention
 * took them. Only where the store has the bytes. */
void spooled_sweep(struct gateway *g);

#endif
