/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The driver of PostgreSQL, for its own files. The connection is in pipeline mode: what gives no rows is sent
 * and not waited for, in a transaction; an answer that is needed brings those before it along. So a batch costs
 * a trip to the server for each question, not for each row.
 */
#ifndef STORE_POSTGRES_H
#define STORE_POSTGRES_H

#include <libpq-fe.h>

#include "base/late.h"

#include "store/inside.h"

#define POSTGRES_PARAMS  40
#define POSTGRES_PENDING 256 /* sent and not looked at, at most */
#define POSTGRES_FETCH   100 /* rows of a walk that are in memory at once */

/* Loaded with the first store that is a database (late.h): postgres_link.c. */
#define LIBPQ_CALLS(X) \
    X(PQclear) X(PQcmdStatus) X(PQcmdTuples) X(PQconnectdbParams) X(PQenterPipelineMode) \
    X(PQerrorMessage) X(PQexec) X(PQexitPipelineMode) X(PQfinish) X(PQftype) X(PQgetResult) \
    X(PQgetisnull) X(PQgetlength) X(PQgetvalue) X(PQntuples) X(PQparameterStatus) \
    X(PQpipelineStatus) X(PQpipelineSync) X(PQputCopyData) X(PQputCopyEnd) X(PQreset) \
    X(PQresultErrorField) X(PQresultStatus) X(PQsendPrepare) X(PQsendQuery) X(PQsendQueryParams) X(PQsendQueryPrepared) \
    X(PQserverVersion) X(PQsetErrorVerbosity) X(PQsetNoticeProcessor) X(PQstatus) X(PQtransactionStatus)

struct libpq {
    LIBPQ_CALLS(LATE_MEMBER)
};
extern struct libpq libpq;

struct statement {
    const char *sql; /* PostgreSQL's */
    bool walks;      /* rows by and by, from a cursor */
    char name[16];   /* at the server */
    uint64_t link;   /* number of the connection that knows it; 0 none */
    bool sent;       /* with its parameters */
    struct cell bound[POSTGRES_PARAMS];
    struct buf list; /* a list that is bound, as the server wants it */
    int nbound;
    char cursor[16]; /* empty: none is open */
    uint64_t cursor_link, cursor_block;
    PGresult *rows;
    int row;
    bool last;              /* there are no more behind these rows */
    struct statement *next; /* of those that are free, or not known to be at the server yet */
};

struct postgres {
    PGconn *conn;
    const char *url, *password;
    uint64_t link;  /* number of the connection, from 1 */
    uint64_t block; /* number of the transaction; 0: none */
    uint64_t blocks, names;
    size_t pending;
    int64_t changed;
    struct statement *unsure, *free;
    bool quiet;             /* faults are not told: the transaction is being undone */
    bool gathered;                    /* rows wait to go */
    const struct table_form *copying; /* what the COPY at hand is of; NULL: there is none */
    struct buf rows[TABLES];
    struct arena laters;
    struct later *later, **later_end; /* changes of rows */
    size_t nlater;
};

static inline struct postgres *postgres_of(const struct store *s)
{
    return s->link;
}

/* ---- postgres_link.c ---- */

GW_MUST_USE enum gw_result postgres_open(struct store *s);
void postgres_close(struct store *s);
/* A connection that can be used: outside of a transaction a lost one is made again. */
GW_MUST_USE enum gw_result postgres_ready(struct store *s);
enum gw_result postgres_lost(struct store *s);
enum gw_result postgres_fault(struct store *s, const PGresult *answer);
/* Takes the answers to all that was sent; the last one is the caller's, who clears it. *ret_last may be NULL.
 */
GW_MUST_USE enum gw_result postgres_sync(struct store *s, PGresult **ret_last);
/* One command without parameters, by itself. */
GW_MUST_USE enum gw_result postgres_do(struct store *s, const char *sql);

/* ---- postgres_rows.c ---- */

void postgres_rows_open(struct postgres *p);
void postgres_rows_close(struct postgres *p);
GW_MUST_USE enum gw_result postgres_gather(struct store *s, enum table table, const char *update,
                                           const struct cell *cells, int n);
/* Before anything else is said. */
GW_MUST_USE enum gw_result postgres_rows_out(struct store *s);
void postgres_rows_drop(struct store *s); /* the transaction is being undone */

/* ---- postgres_query.c ---- */

/* SQLite's words become PostgreSQL's. */
void postgres_translate(struct buf *b, struct gw_str sql);
GW_MUST_USE enum gw_result postgres_prepare(struct store *s, const char *sql, bool kept, void **ret);
GW_MUST_USE enum gw_result postgres_bind(struct store *s, void *stmt, int at, const struct cell *value);
GW_MUST_USE enum gw_result postgres_step(struct store *s, void *stmt);
GW_MUST_USE enum gw_result postgres_run(struct store *s, void *stmt);
void postgres_column(void *stmt, int at, struct cell *ret);
void postgres_reset(struct store *s, void *stmt);
void postgres_finish(struct store *s, void *stmt);

#endif
