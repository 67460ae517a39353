/* SPDX-License-Identifier: EUPL-1.2 */
/* A process started afresh: no signal blocked or handled, and of our descriptors none but these. */
#ifndef GATEWAY_SPAWN_H
#define GATEWAY_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

#define SPAWN_AS_OURS (-1) /* what we have at that number, if it stays open on exec */
#define SPAWN_NULL    (-2) /* /dev/null: to read for standard input, else to write */

/* fds[i] becomes its descriptor i; one of ours has another number than it becomes, or closes there. `argv` ends
 * with NULL. The error number, 0: started. */
int spawn_afresh(const char *path, const char *const *argv, const int *fds, size_t n, pid_t *ret);

#endif
