/* SPDX-License-Identifier: EUPL-1.2 */
/* Why a transfer failed, or might soon, as its process said it: a code and its arguments, told in the user's language. */
#ifndef CLI_CAUSE_H
#define CLI_CAUSE_H

#include "gateway/reject_rows.h"

/* With advice; `about`: the connector or the flow. Nothing without a code. */
void cause_print(void *file, const struct catalogue *c, enum lang lang, enum gw_severity severity,
                 struct gw_str about, const char *code, const struct gw_arg *args, size_t nargs);

#endif
