/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The keys that partners call the API with: made, listed, revoked. Only the digest of one is ever kept, in
 * gateway.conf; a revocation is a file of its own beside it (conf.d), since no tool rewrites what a person
 * wrote. Each is entered in the trail under the first digits of its digest.
 */
#ifndef CLI_KEY_API_H
#define CLI_KEY_API_H

#include "cli/operate.h"

/* Shown once. For nobody in particular nothing is entered, and nothing need be there. */
enum exit_code key_api_make(const struct invocation *in);
/* The store is open for writing. */
enum exit_code key_api_make_for(struct operating *o, const char *partner);
enum exit_code key_api_list(const struct operating *o);
/* By its digest, or by so many of its first digits that it is the only one. The store is open for writing. */
enum exit_code key_api_revoke(struct operating *o, const char *digest);

#endif
