/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The store for its own files: its queries, its transactions, its faults. Rows are in row.h, the database is
 * behind driver.h. Statements stay prepared; they are found by the address of their SQL, which stands beside
 * its use.
 */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include "base/str.h"
#include "store/driver.h"
#include "store/schema.h"
#include "store/seal.h"
#include "store/store.h"

#define KEPT_QUERIES 256 /* a power of two, above the number of queries there are */
#define NAME_SLOTS   128
#define CAME_SLOTS   256

struct kept_query {
    const char *sql;
    void *stmt;
    bool open;
};

struct name_slot {
    int64_t id;
    size_t len;
    char text[48];
};

struct came {
    int64_t exchange, at;
};

struct known_row;

/* What was asked for together (known.h). */
struct known {
    bool on;
    struct arena arena;
    struct known_row **slots;
};

/* What transactions count, so that totals need no look at every row. */
struct tally {
    int64_t units, resources, versions;
};

/* Ids that nobody else gives. */
struct id_block {
    int64_t next, end;
};

struct store {
    struct arena *arena;  /* the caller's: lives as long */
    struct arena scratch; /* released by whoever takes from it */
    struct sink *sink;
    const char *path, *key_path, *password; /* `path` as it is shown */
    const struct driver *driver;
    void *link; /* the driver's own */
    bool read_only, create;
    bool in_tx, in_view;
    bool beside;           /* in a transaction that has not locked the store yet */
    bool told_already;     /* row_fault says nothing: a check looks at a row once more */
    enum gw_result broken; /* of the transaction: it cannot be committed */
    struct seal seal;
    int64_t generation;
    int64_t last_ids[TABLES]; /* in this transaction; 0 not asked yet */
    uint64_t last_seq;
    struct id_block ids, ids_next; /* of resources (resource_ids_keep); of the transaction at hand, if it commits */
    struct tally tally; /* of this transaction */
    struct known known;
    bool names_made; /* in this transaction */
    struct name_slot by_text[NAME_SLOTS], by_id[NAME_SLOTS];
    struct came came[CAME_SLOTS]; /* when exchanges came; 0: not asked */
    struct kept_query kept[KEPT_QUERIES];
    const char *table_sql[TABLES][TABLE_QUERIES];
    char actor[128];
};

/* ---- faults: reported here, the result to be passed on ---- */

enum gw_result store_fault(struct store *s, enum gw_result r, const char *code, const struct gw_arg *args,
                           size_t nargs);
enum gw_result memory_fault(struct store *s);
enum gw_result system_fault(struct store *s, const char *path); /* errno */
enum gw_result path_fault(struct store *s, const char *code);   /* of what stands at the path */
enum gw_result row_fault(struct store *s, const char *table, int64_t id);

/* ---- queries ---- */

struct query {
    struct store *s;
    void *stmt;
    struct kept_query *kept; /* NULL: not kept */
    enum gw_result bound;    /* of the first bind that failed */
};

/* `sql` lives as long as the store. One that is still running is prepared a second time. */
GW_MUST_USE enum gw_result query_open(struct store *s, const char *sql, struct query *ret);
void query_number(struct query *q, int at, int64_t value);
void query_text(struct query *q, int at, struct gw_str value); /* lives until the query is closed */
void query_bytes(struct query *q, int at, struct gw_str value);
void query_cell(struct query *q, int at, const struct cell *value);
/* GW_OK: a row; GW_END: no more. */
GW_MUST_USE enum gw_result query_step(struct query *q);
void query_close(struct query *q);
/* Steps once, closes; GW_OK. For what gives no rows. */
GW_MUST_USE enum gw_result query_run(struct query *q);
GW_MUST_USE enum gw_result store_run(struct store *s, const char *sql);
/* The number that it gives; closes. GW_END: no row. */
GW_MUST_USE enum gw_result query_one(struct query *q, int64_t *ret);
/* Of the row; text lives until the next step. */
struct gw_str query_column(struct query *q, int at);
int64_t query_column_number(struct query *q, int at);
/* How many rows the last query_run changed. */
GW_MUST_USE enum gw_result query_changed(struct store *s, int64_t *ret);

/* ---- transactions ---- */

/* Nobody adds beside it either. */
GW_MUST_USE enum gw_result store_begin_alone(struct store *s);
/* A call that changes the store: in the caller's transaction, or one of its own. */
GW_MUST_USE enum gw_result change_begin(struct store *s, bool *ret_own);
GW_MUST_USE enum gw_result change_end(struct store *s, bool own, enum gw_result r);

/* Several reads that see the same commit. */
GW_MUST_USE enum gw_result view_begin(struct store *s, bool *ret_own);
GW_MUST_USE enum gw_result view_end(struct store *s, bool own, enum gw_result r);

/* The clock that leases go by: the same for all who have the store open. */
GW_MUST_USE enum gw_result lease_now(struct store *s, int64_t *ret);

/* ---- names: what is said in many rows is there once ---- */

GW_MUST_USE enum gw_result name_id(struct store *s, struct gw_str text, int64_t *ret); /* made if it is new */
/* GW_END: no row has it. */
GW_MUST_USE enum gw_result name_find(struct store *s, struct gw_str text, int64_t *ret);
GW_MUST_USE enum gw_result name_text(struct store *s, int64_t id, struct arena *a, struct gw_str *ret);
void names_forget(struct store *s);

/* ---- keys.c ---- */

GW_MUST_USE enum gw_result keys_make(struct store *s); /* of a new store, in the transaction that makes it */
GW_MUST_USE enum gw_result keys_load(struct store *s);
/* If another process changed them since. */
GW_MUST_USE enum gw_result keys_follow(struct store *s);

#endif
