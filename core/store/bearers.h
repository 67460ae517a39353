/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Lists of ids by an id, for the store's own files: the units that speak of a person (`bearer`), the resources
 * that a unit had (`departed`). A row each that is needed, so that the first load of a file hardly has any.
 */
#ifndef STORE_BEARERS_H
#define STORE_BEARERS_H

#include "store/people.h"
#include "store/row.h"

GW_MUST_USE enum gw_result ids_find(struct store *s, enum table table, int64_t id, struct arena *a,
                                    struct ids *ret);
GW_MUST_USE enum gw_result ids_add(struct store *s, enum table table, int64_t id, int64_t one);
/* One of the list; with the last one the row goes. */
GW_MUST_USE enum gw_result ids_drop(struct store *s, enum table table, int64_t id, int64_t one);
/* Of a store from before there were such rows. */
GW_MUST_USE enum gw_result bearers_fill(struct store *s);
/* Before a unit goes: no later one gets its seq, behind which others were told all there was. */
GW_MUST_USE enum gw_result seq_keep(struct store *s);
/* Members as they stand in a row of `unit`. */
GW_MUST_USE enum gw_result ids_of(struct store *s, struct gw_str bytes, struct arena *a, struct ids *ret);

#endif
