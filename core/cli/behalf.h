/* SPDX-License-Identifier: EUPL-1.2 */
/* A verb that somebody else than the owner of STATE runs: passed to the daemon, and run there. */
#ifndef CLI_BEHALF_H
#define CLI_BEHALF_H

#include "cli/operate.h"

/* Is STATE another user's, closed to us? */
bool behalf_needed(const struct operating *o);
/* The verb as it was given, but for where things are: that is the daemon's to know. */
enum exit_code behalf_pass(struct operating *o);
/* The process that the daemon started: reads the verb and runs it. */
enum exit_code behalf_serve(struct invocation *in);

#endif
