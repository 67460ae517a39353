/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Backups: all that a new machine needs, in one coffer (store/coffer.h), made while the daemon runs.
 *
 *   conf/...      gateway.conf and conf.d/ as they were read
 *   notices/...   which notices are raised
 *   receipts/...  those that wait to be sent
 *   heads/...     signed heads of the audit trail, and sign.key, which signed them, with sign.pub
 *   key           the master key that opens the store: it is nowhere outside the coffer
 *   store.db      the store as it was at one instant
 *   spool/...     each file that an exchange of that store has
 *   manifest      when, how many
 *
 * The store is copied first. A file is durable in the spool before its exchange is committed, so each file that
 * the copy knows is there; files first would miss those of exchanges committed meanwhile. It must only not go
 * before it was copied: what takes away (retention, a new master key) and a backup exclude each other by a
 * lock. So all that was acknowledged before the copy is in the backup, and what was not is in neither part.
 */
#ifndef GATEWAY_BACKUP_H
#define GATEWAY_BACKUP_H

#include "gateway/conf.h"
#include "store/coffer.h"
#include "store/store.h"

#define BACKUP_END ".backup" /* of names: passerelle-20261128T230000Z.backup */

struct backup_facts {
    int64_t at;         /* when the store was copied */
    uint64_t exchanges; /* in it */
    uint64_t files;     /* of the spool */
    uint64_t missing;   /* that should have been there, and were not: told as backup.missing */
    uint64_t held;      /* restored: files out that a person must decide on */
};

/* Who has it keeps the spool and the key as they are; closed to let go. -1: somebody else has it (`wait`: never
 * so), or the world. */
int backup_lock(const char *state, bool wait);
/* Writes it to `fd`, which is the caller's to make durable. `letter`: of its key for others; NULL none. What
 * goes wrong is reported; of a letter, GW_REJECT, by who makes it. */
GW_MUST_USE enum gw_result backup_make(const struct gateway_conf *c, struct store *s,
                                       const struct coffer_key *key, const struct coffer_letter *letter, int fd,
                                       struct sink *sink, struct backup_facts *ret);
/* "passerelle-...": the name of one made at that instant. */
void backup_name(int64_t at, char ret[48]);
/* The newest of the folder was made then, in ms; 0: none. */
int64_t backup_newest(const char *folder);
/* Removes the oldest of the folder; `keep` stay. */
GW_MUST_USE enum gw_result backup_prune(const char *folder, uint64_t keep);

/* ---- restore.c ---- */

struct backup_file {
    int fd;
    const char *name; /* as it is told */
    struct coffer_key key;
};

/* Into a folder that is not there, or empty: whole, or nothing of it. It becomes a STATE; gateway.conf lies in
 * conf/ below it, for a person to compare. GW_FAIL: it cannot be used (told); GW_RETRY. */
GW_MUST_USE enum gw_result backup_restore(const struct backup_file *from, const char *folder, struct sink *sink,
                                          struct backup_facts *ret);
/* The same, looked at and thrown away: is all there, and as it was written? *ret_faults as fsck counts them. */
GW_MUST_USE enum gw_result backup_verify(const struct backup_file *from, struct sink *sink,
                                         struct backup_facts *ret, uint64_t *ret_faults);
/* Its key as it was sealed for people (OpenPGP, armored), by a stream of bytes that nobody has vouched for.
 * What goes wrong, and that it has none (GW_END), is reported. */
GW_MUST_USE enum gw_result backup_letter(int fd, const char *name, struct sink *sink, struct buf *out);
/* Since when a restored state waits for a person, who says that what is owed may go out: destinations may have
 * had more than it knows. 0: it does not. */
int64_t restored_waits(const char *state);
GW_MUST_USE enum gw_result restored_release(const char *state);

#endif
