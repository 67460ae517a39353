/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The local folder of a flow in (duty.h says what lies in it), as the one process that fetches into it sees it.
 * A name that a server gave is asked local_plain() before anything else is done with it.
 * GW_RETRY everywhere: the disk said no, errno says what.
 */
#ifndef TRANSFER_LOCAL_H
#define TRANSFER_LOCAL_H

#include "store/durable.h"
#include "transfer/memory.h"

#define LOCAL_TAKEN "taken"

struct local {
    int folder, taken; /* open directories; -1: none */
    struct arena *arena;
    struct memory memory;
};

/* A file as a server tells it: what makes it the same one. */
struct remote_file {
    struct gw_str name; /* NUL-terminated */
    uint64_t size;
    int64_t mtime; /* seconds; 0: not told */
};

/* Being fetched. */
struct incoming {
    struct durable d; /* write to d.fd, which stands behind `have` */
    struct remote_file file;
    uint64_t have; /* bytes of an earlier run that count */
};

/* Can it be a file's name here, and is it none of ours? One part, not hidden, valid UTF-8 without control
 * characters, short enough for the ends that we add. */
bool local_plain(struct gw_str name);

GW_MUST_USE enum gw_result local_open(struct local *l, struct arena *a, struct gw_str path);
/* Saves the memory. */
GW_MUST_USE enum gw_result local_close(struct local *l);
/* Fetched already, or taken and not yet dismissed. */
bool local_has(const struct local *l, struct gw_str name);
/* What is in taken/, texts and array of the arena. */
GW_MUST_USE enum gw_result local_taken(const struct local *l, struct remote_file **ret, size_t *ret_count);
GW_MUST_USE enum gw_result local_dismiss(const struct local *l, struct gw_str name);

/* Resumed when the interrupted one had that size and time, and the machine has been up since. */
GW_MUST_USE enum gw_result local_begin(struct local *l, const struct remote_file *file, struct incoming *ret);
/* Whole: durable under its name, with the server's time. */
GW_MUST_USE enum gw_result local_commit(struct local *l, struct incoming *in);
/* Interrupted: the first `good` bytes are kept for a later run. */
void local_suspend(struct local *l, struct incoming *in, uint64_t good);
void local_abandon(struct local *l, struct incoming *in); /* {.d.fd = -1} and after a commit is fine */

#endif
