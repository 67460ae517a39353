/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * When a unit was spoken of last. The exchange that changed it says so by itself; that a later one said the
 * same again is a row of `sight`, which is written when the last word is old enough only: a load in which
 * nothing changed then writes nothing, most times.
 */
#ifndef STORE_SIGHTS_H
#define STORE_SIGHTS_H

#include "store/resources.h"

/* It is noted when the last word is so old. The flow's last file that comes once more is no duplicate when it
 * is so old: it is read again. So what was noted may be as late as both together. */
#define SIGHT_NOTED_MS ((int64_t)4 * 86400000)
#define SIGHT_AGAIN_MS ((int64_t)3 * 86400000)
#define SIGHT_LATE_MS  (SIGHT_NOTED_MS + SIGHT_AGAIN_MS)

/* Did an exchange that came at `since` or later speak of it, as far as that was noted when it was found? */
GW_MUST_USE enum gw_result unit_seen_since(struct store *s, const struct unit *u, int64_t since, bool *ret);
/* Noted: an exchange that came then spoke of it. */
GW_MUST_USE enum gw_result unit_seen(struct store *s, int64_t unit, int64_t at);

/* ---- for the store's own files ---- */

/* 0: nothing was noted. */
GW_MUST_USE enum gw_result sight_at(struct store *s, int64_t unit, int64_t *ret);
/* Of a store from before there were such rows: all of it may have been said by the last exchange that came. */
GW_MUST_USE enum gw_result sights_fill(struct store *s);

#endif
