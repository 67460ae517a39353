/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Signed heads of the audit trail: {"entry":N,"digest":"HEX","at":MS} and a signature (store/sign.h), one small
 * file each in STATE/heads. Copied to another place they tell of a trail that was cut or made anew by somebody
 * who has the store's own key.
 */
#ifndef GATEWAY_HEADS_H
#define GATEWAY_HEADS_H

#include "base/diag.h"
#include "store/sign.h"
#include "store/store.h"

/* Of the last entry, made durable; GW_END: the trail is empty, or that head is there already. The signing key
 * is made when there is none. GW_FAIL: what is there is no key. `name`: of the file, "00000012.json". */
GW_MUST_USE enum gw_result heads_write(struct store *s, const char *state, char name[32]);
/* Compares the trail with each head of the folder; each that does not agree is reported, and counted. */
GW_MUST_USE enum gw_result heads_check(struct store *s, const char *folder, const uint8_t shown[SIGN_PUBLIC],
                                       struct sink *sink, uint64_t *ret_heads, uint64_t *ret_faults);

#endif
