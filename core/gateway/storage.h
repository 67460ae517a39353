/* SPDX-License-Identifier: EUPL-1.2 */
/* The store as the configuration says it: a file of the state folder, or a database at a server. */
#ifndef GATEWAY_STORAGE_H
#define GATEWAY_STORAGE_H

#include "gateway/conf.h"
#include "store/store.h"

/* o says all but path, password and key. The store lives in the arena. */
GW_MUST_USE enum gw_result storage_open(struct arena *a, const struct gateway_conf *c,
                                        const struct store_options *o, struct store **ret);
/* A URL of a database without a password in it. */
bool storage_url(struct gw_str text);

#endif
