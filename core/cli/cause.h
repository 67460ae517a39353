/* SPDX-License-Identifier: EUPL-1.2 */
/* Why a transfer failed, or might soon, as its process said it: a code and its arguments, told in the user's language. */
#ifndef CLI_CAUSE_H
#define CLI_CAUSE_H

#include "base/arena.h"
#include "base/diag.h"

#define CAUSE_ARGS 16

struct yyjson_val;

/* A JSON object of texts as arguments, which live in the arena. */
size_t cause_args(struct arena *a, struct yyjson_val *object, struct gw_arg ret[CAUSE_ARGS]);
/* With advice; `about`: the connector or the flow. Nothing without a code. */
void cause_print(void *file, const struct catalogue *c, enum lang lang, enum gw_severity severity,
                 struct gw_str about, const char *code, const struct gw_arg *args, size_t nargs);

#endif
