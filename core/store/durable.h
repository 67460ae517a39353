/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Files that are there whole or not at all, even after a loss of power: written aside, fsynced, renamed, and
 * the folder fsynced. All that the gateway does to files goes through here, so that the proof can fail each
 * call and each order of them. After a failed fsync nothing is known of what the disk has: the file written
 * aside is given up and made again from its source, the fsync is never tried again.
 *
 * Results: GW_OK; GW_RETRY the world said no, and errno says what; nothing is reported here.
 */
#ifndef STORE_DURABLE_H
#define STORE_DURABLE_H

#include <stdbool.h>

#include "gw/base.h"

#define DURABLE_ASIDE ".aside" /* end of the name of what is being written; such files are nobody's */

struct durable {
    int folder; /* open directory */
    int fd;     /* the file written aside */
    char name[256], aside[264];
};

/* A new file in the folder; write to d->fd. The umask applies to the mode. */
GW_MUST_USE enum gw_result durable_create(struct durable *d, int folder, const char *name, unsigned mode);
GW_MUST_USE enum gw_result durable_write(int fd, const void *data, size_t len);
/* Fsynced and renamed: whole or not there. It keeps its name after durable_sync() of the folder, which may
 * serve many files. A file of that name is replaced. */
GW_MUST_USE enum gw_result durable_commit(struct durable *d);
GW_MUST_USE enum gw_result durable_sync(int folder);
void durable_abandon(struct durable *d); /* as if it had never been; {0} after a commit is fine */
/* All of that in one: a small file with these bytes, its folder synced. */
GW_MUST_USE enum gw_result durable_put(int folder, const char *name, unsigned mode, const void *data, size_t len);
/* SHA-256 and size of what is behind the descriptor's position. */
GW_MUST_USE enum gw_result durable_digest(int fd, uint8_t *ret_digest, uint64_t *ret_size);
/* Copies what is behind `from` (from its present position to its end); *digest is SHA-256, *size bytes. */
GW_MUST_USE enum gw_result durable_copy(struct durable *d, int from, uint8_t *ret_digest, uint64_t *ret_size);
/* Kept after durable_sync() of both folders. Never over a file that is there: GW_END. */
GW_MUST_USE enum gw_result durable_rename(int from_folder, const char *from, int to_folder, const char *to);
GW_MUST_USE enum gw_result durable_remove(int folder, const char *name);
/* Removes what was left aside. */
GW_MUST_USE enum gw_result durable_sweep(int folder);
/* Removes all files, not folders. */
GW_MUST_USE enum gw_result durable_empty(int folder);
/* Makes the folder and those above it, each kept by the one it is in. */
GW_MUST_USE enum gw_result durable_folder(const char *path, unsigned mode, int *ret_fd);

#endif
