/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The bytes of files in the store, where several machines have it open: each one's spool is then a cache, and
 * what was received or is to be sent outlives the machine that has it. In a file of SQLite the spool beside it
 * is enough: nothing is kept, and nothing is found.
 */
#ifndef STORE_BYTES_H
#define STORE_BYTES_H

#include "store/store.h"

/* All that is behind the descriptor from its first byte, under the file's name in the spool, sealed. In the
 * transaction that says who it is, or before; beside those who change the store, if it has not changed it yet.
 * They go when the exchange loses its file (exchange_save). */
GW_MUST_USE enum gw_result bytes_put(struct store *s, struct gw_str spool, int fd);
/* In the caller's transaction; absent is fine. */
GW_MUST_USE enum gw_result bytes_forget(struct store *s, struct gw_str spool);
/* Does it have them? GW_END: no. */
GW_MUST_USE enum gw_result bytes_there(struct store *s, struct gw_str spool);
bool bytes_shared(const struct store *s); /* several machines may have it open: it keeps bytes */
/* Written to the descriptor. GW_END: none of that name. */
GW_MUST_USE enum gw_result bytes_get(struct store *s, struct gw_str spool, int fd);
/* The file to read: in that folder, else out of the store, without a name. -1: nobody has it. */
int bytes_open(struct store *s, int folder, struct gw_str spool);

#endif
