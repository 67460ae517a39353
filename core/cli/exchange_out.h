/* SPDX-License-Identifier: EUPL-1.2 */
/* How an exchange is shown, for people and as JSON. */
#ifndef CLI_EXCHANGE_OUT_H
#define CLI_EXCHANGE_OUT_H

#include "cli/cli.h"
#include "store/exchange.h"

void exchange_head(const struct invocation *in);
void exchange_print(const struct invocation *in, const struct exchange *e);

#endif
