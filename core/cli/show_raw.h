/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CLI_SHOW_RAW_H
#define CLI_SHOW_RAW_H

#include "cli/operate.h"
#include "store/exchange.h"

/* To standard output, unless that is a screen. The store is open for writing. */
enum exit_code show_raw(struct operating *o, const struct exchange *e);

#endif
