/* SPDX-License-Identifier: EUPL-1.2 */
/* An exchange as the verbs and the API show it: ids, counts, codes, no value of a record. */
#ifndef GATEWAY_EXCHANGE_JSON_H
#define GATEWAY_EXCHANGE_JSON_H

#include "base/buf.h"
#include "store/exchange.h"

void exchange_json(struct buf *b, const struct exchange *e); /* an object, still open */

#endif
