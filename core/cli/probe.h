/* SPDX-License-Identifier: EUPL-1.2 */
/* A transfer process that a person watches: each step as it is said, the reason of a failure with advice. */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include "cli/operate.h"
#include "transfer/duty.h"

/* EXIT_DONE, or EXIT_WORLD when it did not end well. `file`: of VERB_SEND; -1 none. */
enum exit_code probe_run(struct operating *o, const struct duty *d, int file);
/* Those of that flow or connector, all when NULL. */
enum exit_code probe_all(struct operating *o, const char *only);

#endif
