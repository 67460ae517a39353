/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the gateway remembers: exchanges, resources with their versions, rejects, deliveries, audit. One
 * interface; this header and exchange.h, resources.h, rejects.h, outbox.h, audit.h are all of it, and its test
 * suite includes nothing else, so that another backend passes the same suite.
 *
 * A store is used by one thread. Several processes may have the same store open: a transaction waits for the
 * other's (STORE_WAIT_MS), reads see the last commit. Everything given back lives in the arena that the caller
 * names. Texts are UTF-8, instants are milliseconds UTC since 1970, digests are SHA-256.
 *
 * Results: GW_OK; GW_END nothing (more) there; GW_REJECT the rule of the call says no (lost lease, transition
 * that is not one, row that was changed by hand); GW_FAIL the store cannot be used (made by a newer version,
 * not a store, wrong key); GW_RETRY the world (disk full, locked too long, input/output); GW_FATAL no memory.
 * Who gets anything but GW_OK inside a transaction rolls it back; after GW_FAIL and worse it cannot be
 * committed. The cause was reported to the sink, but for a GW_REJECT that the rule of a call explains.
 *
 * A function with `each` gives GW_OK at the end or when `each` returned false. A row that was changed by hand
 * is reported and passed over, and the result is then GW_REJECT. What `each` is given lives in the arena; it
 * may release the arena to a mark from before. It changes the store only in a transaction that was there
 * before.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/diag.h"

#define STORE_SCHEMA   5     /* version of the tables; forward migrations only */
#define STORE_WAIT_MS  10000 /* for another's transaction */
#define STORE_CACHE_KB 2048

struct store;

struct store_options {
    const char *path;     /* of the database file; its folder exists. Or postgresql://HOST,HOST/DATABASE?… */
    const char *password; /* of the user at a server; NULL: as libpq finds it (PGPASSFILE) */
    const char *key_path; /* of the master key: 32 bytes; made (0600) at first start when `create` */
    bool create;          /* make what is not there, migrate what is older */
    bool read_only;
    unsigned cache_kb; /* of the database kept in memory; 0: STORE_CACHE_KB, the applier wants 65536 */
    struct sink *sink; /* NULL: nobody listens */
};

GW_MUST_USE enum gw_result store_open(struct arena *a, const struct store_options *o, struct store **ret);
bool store_at_server(const char *path); /* it is a URL, not a file */
void store_close(struct store *s);      /* NULL is fine; an open transaction is rolled back */

/* Not nested. A call that changes something outside of one is one by itself. */
GW_MUST_USE enum gw_result store_begin(struct store *s);
/* Until something but bytes_put is called in it, others change the store meanwhile; then it waits for them. */
GW_MUST_USE enum gw_result store_begin_beside(struct store *s);
GW_MUST_USE enum gw_result store_commit(struct store *s);
void store_rollback(struct store *s); /* fine without a transaction */

/* Moves what the log of changes holds into the database; by the supervisor, now and then. */
GW_MUST_USE enum gw_result store_checkpoint(struct store *s);
int64_t store_now(void); /* the clock */

/* ---- secrets: seal.c, shared by all backends ---- */

#define STORE_KEY 16 /* bytes of a keyed hash that stands for a source key */

/* The keyed hash (HMAC of a key of the store's own) of a text that must not be guessable, cut to 16 bytes. */
void store_hash(const struct store *s, struct gw_str text, uint8_t ret[STORE_KEY]);
/* Of several texts one after another, as one. */
void store_hash_parts(const struct store *s, const struct gw_str *parts, size_t n, uint8_t ret[STORE_KEY]);
void store_digest(struct gw_str text, uint8_t ret[32]); /* SHA-256 */
/* A new master key in the place of the old one; everything sealed is sealed again, in one transaction of its
 * own. The new key is KEY.new until that is durable, then KEY: whoever opens the store finds the one that opens
 * it and puts it in its place. Backups made before need the key they were made with. Other processes go on.
 * Audited. */
GW_MUST_USE enum gw_result store_rotate(struct store *s);

/* ---- looking after it ---- */

/* Reports each row that is not what was written (checksum of the row, digest of the payload, sealed text that
 * does not open, dangling ids, counts that do not add up), with table and id: store.row. *ret_faults counts. */
GW_MUST_USE enum gw_result store_check(struct store *s, uint64_t *ret_faults);
/* Copies to a file that is a store by itself, with the same key. GW_FAIL: that file is there already. */
GW_MUST_USE enum gw_result store_backup(struct store *s, const char *path);
/* All of it into one that was just made with the same key, file or server; then a store_check of that.
 * *ret_rows counts. GW_FAIL: something is in it already. GW_REJECT: rows that are not what was written. */
GW_MUST_USE enum gw_result store_copy(struct store *from, struct store *to, uint64_t *ret_rows);
/* To the role of a daemon at a server: what it needs and no more. It makes no tables, and what is in the audit
 * trail it neither changes nor removes. By their owner; GW_FAIL: not at a server, or no name. */
GW_MUST_USE enum gw_result store_grant(struct store *s, struct gw_str role);
/* Totals for status and metrics. */
struct store_totals {
    uint64_t exchanges[2][8]; /* [out][enum exchange_state] */
    uint64_t units, resources, versions, rejects_open;
    uint64_t deliveries_due; /* written or in doubt */
};
GW_MUST_USE enum gw_result store_totals(struct store *s, struct store_totals *ret);

#endif
