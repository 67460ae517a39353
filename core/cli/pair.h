/* SPDX-License-Identifier: EUPL-1.2 */
/* What one format can carry of another, field by field. */
#ifndef CLI_PAIR_H
#define CLI_PAIR_H

#include "cli/cli.h"

/* `formats FROM --to TO`. */
enum exit_code pair_print(struct invocation *in, struct engine *e, struct gw_str from, struct gw_str to,
                          struct sink *sink);

#endif
