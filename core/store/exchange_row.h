/* SPDX-License-Identifier: EUPL-1.2 */
/* An exchange to and from its row, for the two files that query exchanges. */
#ifndef STORE_EXCHANGE_ROW_H
#define STORE_EXCHANGE_ROW_H

#include "store/exchange.h"
#include "store/row.h"

#define SELECT_EXCHANGE "SELECT " EXCHANGE_COLUMNS ",sum FROM exchange "

/* Sealed and interned in the arena, which the row then points into. */
GW_MUST_USE enum gw_result exchange_to_row(struct store *s, const struct exchange *e, struct arena *a,
                                           struct row *ret);
GW_MUST_USE enum gw_result exchange_of_row(struct store *s, struct row *row, struct arena *a,
                                           struct exchange *ret);
void exchange_counts_of(struct row *row, struct exchange_counts *ret);
/* Writes *e, which has `to` as its new state, and says so in the audit trail. */
GW_MUST_USE enum gw_result exchange_change(struct store *s, struct exchange *e, enum exchange_state to);

#endif
