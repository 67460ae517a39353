/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Signed texts (Ed25519): lines of JSON and a last one, {"ed25519":"HEX"}, over all that stands before it. What
 * is signed is believed without the store and without its key: who has the public half alone can check it.
 *
 * Results: GW_OK; GW_END no key there; GW_FAIL that is none, or (sign_check) the text is not what was signed;
 * GW_RETRY the world, errno; GW_FATAL no memory, or the library will not serve. Nothing is reported here.
 */
#ifndef STORE_SIGN_H
#define STORE_SIGN_H

#include "base/buf.h"

#define SIGN_PUBLIC 32
#define SIGN_KEY    "sign.key" /* in the state folder, 0600 */
#define SIGN_SHOWN  "sign.pub" /* its public half: "ed25519:HEX" */

struct signer {
    uint8_t secret[64], shown[SIGN_PUBLIC];
};

/* The key in that folder; `create`: made, with its public half beside it, when there is none. */
GW_MUST_USE enum gw_result sign_open(int folder, bool create, struct signer *ret);
void sign_close(struct signer *k); /* overwrites; {0} is fine */
/* Adds the last line. */
GW_MUST_USE enum gw_result sign_text(const struct signer *k, struct buf *text);
/* The public half as it was handed on. */
GW_MUST_USE enum gw_result sign_shown(const char *path, uint8_t ret[SIGN_PUBLIC]);
/* *ret_body: what was signed. */
GW_MUST_USE enum gw_result sign_check(const uint8_t shown[SIGN_PUBLIC], struct gw_str text,
                                      struct gw_str *ret_body);

#endif
