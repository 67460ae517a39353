/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A verb run on an operator's behalf. Who is not the owner of STATE can open nothing in it, so their verb asks
 * the daemon, which starts a process afresh under its own user. The connection becomes that process's
 * descriptor 3: it learns from the kernel who is at the other end, reads the verb from there and takes the
 * operator's own standard input, output and error (SCM_RIGHTS). The supervisor reads none of it, and what is
 * shown goes from the store to the operator's terminal without another way out.
 *
 *   verb (operator)                     supervisor                  process (daemon's user)
 *       │ ── head, words, 3 descriptors ──▶ │ ── connection as 3 ──────▶ │
 *       │ ◀─────────────── "exit N" ─────────────────────────────────────│
 *
 * It ends when the operator's verb does (hang-up is a signal), or after `limits.wall`.
 */
#ifndef GATEWAY_BEHALF_H
#define GATEWAY_BEHALF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define BEHALF_SOCKET 3
#define BEHALF_HEAD   12 /* bytes: "verb", length of the words (32 bits of this machine), of them all */
#define BEHALF_WORDS  16384
#define BEHALF_MOST   8 /* at once */

struct gateway;

/* Is what begins so such a request? BEHALF_HEAD bytes. */
bool behalf_meant(const char *head);
/* Supervisor: starts the process; why it is not, as JSON. */
void behalf_start(struct gateway *g, int peer, struct buf *out);
void behalf_step(struct gateway *g); /* takes note of those that ended, ends those beyond their time */
void behalf_stop(struct gateway *g);

/* ---- the two ends ---- */

/* Each word ends with NUL. GW_END: nobody listens there; GW_REJECT: not by us; GW_RETRY. The answer goes to
 * `ret`: "exit N", or the error as JSON, or nothing when it died. */
GW_MUST_USE enum gw_result behalf_ask(const char *path, struct gw_str words, struct buf *ret);
/* Takes the words, and the operator's descriptors as our 0, 1, 2; a hang-up ends us from now on. */
GW_MUST_USE enum gw_result behalf_take(struct buf *ret_words);
void behalf_end(int code);

#endif
