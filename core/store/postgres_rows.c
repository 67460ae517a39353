/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows in numbers. New ones are gathered by table and go to the server by COPY, one at a time, open until rows of
 * another table go or something else is to be said: it writes some while we make the next. The line is out of
 * pipeline mode meanwhile; all that was gathered goes first then, and the changes of rows last, in order.
 */
#include <endian.h>

#include "store/postgres.h"

#define ROWS_BLOCK   262144 /* of one table, before they go */
#define ROWS_LATER   2048   /* changes of rows that wait */
#define ROWS_LARGEST ((size_t)1 << 30)

static const char copy_head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
static const char copy_end[] = "\377\377";

/* ---- the line ---- */

static enum gw_result answers_take(struct store *s)
{
    struct postgres *p = postgres_of(s);
    enum gw_result r = GW_OK, one;
    PGresult *answer;

    while ((answer = libpq.PQgetResult(p->conn))) {
        one = libpq.PQresultStatus(answer) == PGRES_COMMAND_OK ? GW_OK : postgres_fault(s, answer);
        if (r == GW_OK)
            r = one;
        libpq.PQclear(answer);
        if (libpq.PQstatus(p->conn) != CONNECTION_OK)
            break;
    }
    return r;
}

/* The COPY at hand is over: its answer. */
static enum gw_result copy_answer(struct store *s)
{
    struct postgres *p = postgres_of(s);
    enum gw_result r = GW_OK, answered;

    if (!p->copying)
        return GW_OK;
    p->copying = NULL;
    if (libpq.PQputCopyData(p->conn, copy_end, sizeof(copy_end) - 1) != 1 ||
        libpq.PQputCopyEnd(p->conn, NULL) != 1)
        r = postgres_lost(s);
    answered = answers_take(s);
    return r == GW_OK ? answered : r;
}

static enum gw_result pipeline_leave(struct store *s)
{
    struct postgres *p = postgres_of(s);
    enum gw_result r = postgres_ready(s);

    if (r == GW_OK && p->pending)
        r = postgres_sync(s, NULL);
    if (r == GW_OK && libpq.PQpipelineStatus(p->conn) != PQ_PIPELINE_OFF && !libpq.PQexitPipelineMode(p->conn))
        r = postgres_lost(s);
    return r;
}

static enum gw_result pipeline_enter(struct store *s)
{
    struct postgres *p = postgres_of(s);

    if (libpq.PQstatus(p->conn) != CONNECTION_OK || libpq.PQpipelineStatus(p->conn) != PQ_PIPELINE_OFF)
        return GW_OK; /* who is lost is told by what comes next */
    return libpq.PQenterPipelineMode(p->conn) ? GW_OK : postgres_lost(s);
}

static enum gw_result copy_begin(struct store *s, enum table table)
{
    struct postgres *p = postgres_of(s);
    const struct table_form *t = &table_forms[table];
    enum gw_result r = GW_OK;
    PGresult *answer;
    char sql[512];

    snprintf(sql, sizeof(sql), "COPY %s(%s,sum) FROM STDIN (FORMAT binary)", t->name, t->columns);
    if (!libpq.PQsendQuery(p->conn, sql))
        return postgres_lost(s);
    answer = libpq.PQgetResult(p->conn);
    if (libpq.PQresultStatus(answer) == PGRES_COPY_IN)
        p->copying = t;
    else
        r = postgres_fault(s, answer);
    libpq.PQclear(answer);
    if (!p->copying)
        (void)!answers_take(s); /* nothing more is said */
    if (r == GW_OK && libpq.PQputCopyData(p->conn, copy_head, sizeof(copy_head) - 1) != 1)
        r = postgres_lost(s);
    return r;
}

/* All that was gathered of the table, and no answer: more of it may come. */
static enum gw_result copy_out(struct store *s, enum table table)
{
    struct postgres *p = postgres_of(s);
    struct buf *rows = &p->rows[table];
    bool other = p->copying != &table_forms[table];
    enum gw_result r = other ? copy_answer(s) : GW_OK;

    if (r == GW_OK && other)
        r = pipeline_leave(s);
    if (r == GW_OK && other)
        r = copy_begin(s, table);
    if (r != GW_OK)
        return r;
    if (libpq.PQputCopyData(p->conn, rows->data, (int)rows->len) != 1)
        r = postgres_lost(s);
    buf_clear(rows);
    return r;
}

/* ---- what was gathered ---- */

struct later {
    struct later *next;
    const char *sql;
    int n;
    struct cell cells[];
};

static enum gw_result change_row(struct store *s, const struct later *l)
{
    struct query q;
    enum gw_result r = query_open(s, l->sql, &q);

    if (r != GW_OK)
        return r;
    for (int i = 0; i < l->n; i++)
        if (l->cells[i].kind != CELL_OTHER)
            query_cell(&q, i + 1, &l->cells[i]);
    return query_run(&q);
}

static enum gw_result change_rows(struct store *s)
{
    struct postgres *p = postgres_of(s);
    const struct later *l = p->later;
    enum gw_result r = GW_OK;

    p->later = NULL;
    p->later_end = &p->later;
    p->nlater = 0;
    for (; r == GW_OK && l; l = l->next)
        r = change_row(s, l);
    arena_reset(&p->laters);
    return r;
}

enum gw_result postgres_rows_out(struct store *s)
{
    struct postgres *p = postgres_of(s);
    enum gw_result r = GW_OK, entered;

    if (!p->gathered)
        return GW_OK;
    p->gathered = false;
    for (int t = 0; r == GW_OK && t < TABLES; t++)
        if (p->rows[t].len)
            r = copy_out(s, (enum table)t);
    if (r == GW_OK)
        r = copy_answer(s);
    entered = pipeline_enter(s);
    if (r == GW_OK)
        r = entered;
    return r == GW_OK ? change_rows(s) : r;
}

void postgres_rows_drop(struct store *s)
{
    struct postgres *p = postgres_of(s);

    for (int t = 0; t < TABLES; t++)
        buf_clear(&p->rows[t]);
    p->later = NULL;
    p->later_end = &p->later;
    p->nlater = 0;
    arena_reset(&p->laters);
    p->gathered = false;
    if (libpq.PQstatus(p->conn) == CONNECTION_OK)
        (void)!copy_answer(s);
    p->copying = NULL;
    (void)!pipeline_enter(s);
}

void postgres_rows_open(struct postgres *p)
{
    for (int t = 0; t < TABLES; t++)
        buf_init(&p->rows[t], ROWS_LARGEST);
    arena_init(&p->laters, 65536, 0);
    p->later_end = &p->later;
}

void postgres_rows_close(struct postgres *p)
{
    for (int t = 0; t < TABLES; t++)
        buf_done(&p->rows[t]);
    arena_done(&p->laters);
}

/* ---- gathering ---- */

static void add_cell(struct buf *b, const struct cell *c)
{
    bool number = c->kind == CELL_NUMBER;
    uint64_t value = htobe64((uint64_t)c->number);
    uint32_t len = htobe32(number ? (uint32_t)sizeof(value) : (uint32_t)c->bytes.len);

    if (c->kind == CELL_NULL)
        len = UINT32_MAX;
    (void)buf_put(b, &len, sizeof(len));
    if (number)
        (void)buf_put(b, &value, sizeof(value));
    else if (c->kind != CELL_NULL && c->bytes.len)
        (void)buf_put(b, c->bytes.ptr, c->bytes.len);
}

static enum gw_result gather_new(struct store *s, enum table table, const struct cell *cells, int n)
{
    struct buf *b = &postgres_of(s)->rows[table];
    uint16_t count = htobe16((uint16_t)n);

    (void)buf_put(b, &count, sizeof(count));
    for (int i = 0; i < n; i++)
        add_cell(b, &cells[i]);
    if (b->failed)
        return memory_fault(s);
    return b->len >= ROWS_BLOCK ? copy_out(s, table) : GW_OK;
}

static enum gw_result gather_later(struct store *s, const char *sql, const struct cell *cells, int n)
{
    struct postgres *p = postgres_of(s);
    struct later *l = arena_alloc(&p->laters, sizeof(*l) + (size_t)n * sizeof(*cells));

    if (!l)
        return memory_fault(s);
    *l = (struct later){.sql = sql, .n = n};
    memcpy(l->cells, cells, (size_t)n * sizeof(*cells));
    for (int i = 0; i < n; i++) {
        struct gw_str *bytes = &l->cells[i].bytes;

        if (!bytes->ptr)
            continue;
        *bytes = arena_copy(&p->laters, *bytes);
        if (!bytes->ptr)
            return memory_fault(s);
    }
    *p->later_end = l;
    p->later_end = &l->next;
    return ++p->nlater >= ROWS_LATER ? postgres_rows_out(s) : GW_OK;
}

enum gw_result postgres_gather(struct store *s, enum table table, const char *update, const struct cell *cells,
                               int n)
{
    postgres_of(s)->gathered = true;
    return update ? gather_later(s, update, cells, n) : gather_new(s, table, cells, n);
}
