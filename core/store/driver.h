/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What one database does otherwise than another: all else of the store is the same for each. SQL is SQLite's,
 * in words that PostgreSQL has too; where it has another, its driver says so in one table.
 *
 * A driver reports its own faults and gives the result to be passed on.
 */
#ifndef STORE_DRIVER_H
#define STORE_DRIVER_H

#include "store/schema.h"

/* The last two are for a question about many, of those who gather: keys and ids, one behind the other. */
enum cell_kind { CELL_NULL, CELL_NUMBER, CELL_TEXT, CELL_BYTES, CELL_OTHER, CELL_KEYS, CELL_NUMBERS };

struct cell {
    enum cell_kind kind;
    int64_t number;
    struct gw_str bytes; /* of a text and a list too */
};

/* To change: nobody else does meanwhile. To change alone: nor adds beside us. To add beside those who change,
 * until `lock`. To migrate: nobody makes the tables meanwhile. To view: one commit for all reads. */
enum begin_to { BEGIN_CHANGE, BEGIN_CHANGE_ALONE, BEGIN_BESIDE, BEGIN_MIGRATION, BEGIN_VIEW };

struct driver {
    bool shared; /* several machines may have the store open */
    /* Before and behind the look at the version of the tables; `close` is fine without. */
    enum gw_result (*open)(struct store *s);
    enum gw_result (*settle)(struct store *s, const struct store_options *o);
    void (*close)(struct store *s);

    /* 0: no tables yet. GW_FAIL: tables of somebody else. */
    enum gw_result (*version)(struct store *s, int64_t *ret);
    enum gw_result (*version_set)(struct store *s, int64_t version);
    enum gw_result (*script)(struct store *s, const char *sql);

    enum gw_result (*begin)(struct store *s, enum begin_to what);
    enum gw_result (*lock)(struct store *s); /* beside until now: to change from now on */
    enum gw_result (*commit)(struct store *s);
    void (*rollback)(struct store *s); /* fine when the database did it already */

    /* `kept`: it will be asked again and again. What is bound lives until the statement is reset. */
    enum gw_result (*prepare)(struct store *s, const char *sql, bool kept, void **ret);
    enum gw_result (*bind)(struct store *s, void *stmt, int at, const struct cell *value);
    enum gw_result (*step)(struct store *s, void *stmt); /* GW_OK: a row; GW_END */
    /* What gives no rows. In a transaction its fault may be told by a later call. */
    enum gw_result (*run)(struct store *s, void *stmt);
    /* A row with its sum, to be written before anything is asked; `update`: by that statement, where CELL_OTHER
     * is no parameter. Its fault is told by a later call. NULL: each by itself is as fast. */
    enum gw_result (*gather)(struct store *s, enum table table, const char *update, const struct cell *cells,
                             int n);
    void (*column)(void *stmt, int at, struct cell *ret); /* lives until the next step */
    void (*reset)(struct store *s, void *stmt);           /* as it was prepared */
    void (*finish)(struct store *s, void *stmt);
    enum gw_result (*changed)(struct store *s, int64_t *ret_rows); /* by the last one that was run */

    enum gw_result (*now)(struct store *s, int64_t *ret); /* the clock that leases go by */
    enum gw_result (*checkpoint)(struct store *s);
    enum gw_result (*check)(struct store *s, uint64_t *faults); /* what is below the rows; adds */
    enum gw_result (*scrub)(struct store *s); /* what was taken away is nowhere in its files any more */
    /* A file that is a store of SQLite; half of it if that fails. */
    enum gw_result (*backup)(struct store *s, const char *path);
};

extern const struct driver sqlite_driver, postgres_driver;

#endif
