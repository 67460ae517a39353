/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Tokens signed by an issuer that the configuration names (RFC 7519), checked by keys of a file. RS256 and
 * ES256 with a key of that kind, and no other algorithm: what the token says of itself is believed only after
 * its signature.
 */
#ifndef API_TOKEN_H
#define API_TOKEN_H

#include "gateway/conf.h"

/* Before the process shuts itself in. GW_FAIL: the file is not there, or has no such key. */
GW_MUST_USE enum gw_result token_keys_load(const char *path);
/* NULL: not signed by one of the keys, not for us, not now, or of a subject that no partner has. */
const struct partner *token_partner(const struct gateway_conf *conf, struct gw_str token);

/* The claims alone: issuer, audience, times. *ret_sub is `sub`, of the object. For tests and the above. */
bool token_claims_good(const void *claims, const struct api_conf *conf, int64_t now, struct gw_str *ret_sub);

#endif
