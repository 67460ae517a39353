/* SPDX-License-Identifier: EUPL-1.2 */
/* SHA-256 of what comes in pieces. One digester, used again and again. */
#ifndef STORE_DIGEST_H
#define STORE_DIGEST_H

#include "gw/base.h"

struct store_digester;

struct store_digester *store_digest_begin(void); /* NULL: no memory */
void store_digest_start(struct store_digester *d);
void store_digest_add(struct store_digester *d, struct gw_str bytes);
void store_digest_end(struct store_digester *d, uint8_t ret[32]);
void store_digest_free(struct store_digester *d); /* NULL is fine */

#endif
