/* SPDX-License-Identifier: EUPL-1.2 */
/* audit verify, audit head: is the tale whole, and what holds it to that from outside. */
#ifndef CLI_AUDIT_VERIFY_H
#define CLI_AUDIT_VERIFY_H

#include "cli/operate.h"

/* The chain by itself. EXIT_REJECTS: it is broken, and where was said. */
enum exit_code audit_chain(struct operating *o);
/* The chain, and the heads or the proof that options name. */
enum exit_code audit_verify_run(struct operating *o);
enum exit_code audit_head_run(struct operating *o);

#endif
