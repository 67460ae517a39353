/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Statements. One is prepared when it is asked first: by then it is known of what type its parameters are. What
 * is ordered and has no LIMIT is a walk: its rows come from a cursor, so that they are never in memory at once.
 */
#include <endian.h>
#include <stdio.h>

#include "store/postgres.h"

enum {
    OID_BOOL = 16,
    OID_BYTES = 17,
    OID_INT8 = 20,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_LIST_BYTES = 1001,
    OID_LIST_INT8 = 1016
};

/* ---- words ---- */

/* All that is said otherwise. Texts compare by their bytes, as SQLite's do. */
static const struct {
    struct gw_str ours, theirs;
} words[] = {
    {{"INTEGER", 7}, {"BIGINT", 6}},
    {{"BLOB", 4}, {"BYTEA", 5}},
    {{"TEXT", 4}, {"TEXT COLLATE \"C\"", 16}},
    {{"INDEXED BY exchange_active", 26}, {"", 0}},
    {{"INDEXED BY exchange_working", 27}, {"", 0}},
};

static size_t word_at(struct gw_str sql)
{
    size_t i = 0, n = sizeof(words) / sizeof(words[0]);

    while (i < n && (sql.len < words[i].ours.len || memcmp(sql.ptr, words[i].ours.ptr, words[i].ours.len) != 0))
        i++;
    return i;
}

void postgres_translate(struct buf *b, struct gw_str sql)
{
    size_t at = 0;

    while (at < sql.len) {
        size_t word = word_at((struct gw_str){sql.ptr + at, sql.len - at});

        if (word < sizeof(words) / sizeof(words[0])) {
            buf_str(b, words[word].theirs);
            at += words[word].ours.len;
        } else {
            buf_char(b, sql.ptr[at] == '?' ? '$' : sql.ptr[at]);
            at++;
        }
    }
}

/* ---- statements ---- */

static enum gw_result statement_text(struct store *s, const char *sql, struct statement *t)
{
    struct buf b;

    buf_init(&b, 65536);
    postgres_translate(&b, str_of(sql));
    t->sql = b.failed ? NULL : arena_text(s->arena, buf_view(&b));
    buf_done(&b);
    t->walks = strstr(sql, "ORDER BY") && !strstr(sql, "LIMIT");
    return t->sql ? GW_OK : memory_fault(s);
}

enum gw_result postgres_prepare(struct store *s, const char *sql, bool kept, void **ret)
{
    struct postgres *p = postgres_of(s);
    struct statement *t = kept ? NULL : p->free;

    if (t) {
        p->free = t->next;
        *t = (struct statement){.link = 0};
    } else {
        t = arena_zero(s->arena, sizeof(*t));
    }
    *ret = t;
    return t ? statement_text(s, sql, t) : memory_fault(s);
}

static void list_number(struct buf *b, uint32_t number)
{
    number = htobe32(number);
    buf_add(b, &number, sizeof(number));
}

/* An array: its dimension, its elements with their lengths. */
static enum gw_result bind_list(struct store *s, struct statement *t, struct cell *list)
{
    bool keys = list->kind == CELL_KEYS;
    uint32_t size = keys ? STORE_KEY : sizeof(int64_t);
    struct gw_str rest = list->bytes;

    buf_init(&t->list, (size_t)1 << 30);
    list_number(&t->list, 1);
    list_number(&t->list, 0);
    list_number(&t->list, keys ? OID_BYTES : OID_INT8);
    list_number(&t->list, (uint32_t)(rest.len / size));
    list_number(&t->list, 1);
    for (; rest.len >= size; rest = str_from(rest, size)) {
        uint64_t number;

        list_number(&t->list, size);
        memcpy(&number, rest.ptr, sizeof(number));
        number = htobe64(number);
        buf_add(&t->list, keys ? rest.ptr : (const char *)&number, size);
    }
    list->bytes = buf_view(&t->list);
    return t->list.failed ? memory_fault(s) : GW_OK;
}

enum gw_result postgres_bind(struct store *s, void *stmt, int at, const struct cell *value)
{
    struct statement *t = stmt;

    t->bound[at - 1] = *value;
    if (value->kind == CELL_KEYS || value->kind == CELL_NUMBERS) {
        t->nbound = at > t->nbound ? at : t->nbound;
        return bind_list(s, t, &t->bound[at - 1]);
    }
    if (value->kind == CELL_NULL)
        t->bound[at - 1].kind = CELL_OTHER; /* of its column's type */
    if (value->kind == CELL_NUMBER)
        t->bound[at - 1].number = (int64_t)htobe64((uint64_t)value->number);
    if (at > t->nbound)
        t->nbound = at;
    return GW_OK;
}

/* As libpq wants them. */
struct parameters {
    Oid types[POSTGRES_PARAMS];
    const char *values[POSTGRES_PARAMS];
    int lengths[POSTGRES_PARAMS], formats[POSTGRES_PARAMS];
};

static void parameters_of(const struct statement *t, struct parameters *ret)
{
    /* What was never bound does not stand in the text, and must be of some type. */
    static const Oid types[] = {
        [CELL_NULL] = OID_TEXT,        [CELL_NUMBER] = OID_INT8, [CELL_TEXT] = OID_TEXT,
        [CELL_BYTES] = OID_BYTES,      [CELL_OTHER] = 0,         [CELL_KEYS] = OID_LIST_BYTES,
        [CELL_NUMBERS] = OID_LIST_INT8};

    for (int i = 0; i < t->nbound; i++) {
        const struct cell *c = &t->bound[i];
        bool number = c->kind == CELL_NUMBER;

        ret->types[i] = types[c->kind];
        ret->values[i] = number ? (const char *)&c->number : c->bytes.ptr;
        ret->lengths[i] = number ? (int)sizeof(c->number) : (int)c->bytes.len;
        ret->formats[i] = 1;
    }
}

static bool send_prepared(struct postgres *p, struct statement *t, const struct parameters *at)
{
    if (t->link != p->link) {
        snprintf(t->name, sizeof(t->name), "s%llu", (unsigned long long)++p->names);
        if (!libpq.PQsendPrepare(p->conn, t->name, t->sql, t->nbound, at->types))
            return false;
        t->link = p->link;
        t->next = p->unsure;
        p->unsure = t;
    }
    return libpq.PQsendQueryPrepared(p->conn, t->name, t->nbound, at->values, at->lengths, at->formats, 1);
}

static enum gw_result send(struct store *s, struct statement *t)
{
    struct postgres *p = postgres_of(s);
    struct parameters at;
    enum gw_result r = postgres_rows_out(s);

    if (r == GW_OK)
        r = postgres_ready(s);
    if (r != GW_OK)
        return r;
    parameters_of(t, &at);
    p->pending++;
    return send_prepared(p, t, &at) ? GW_OK : postgres_lost(s);
}

enum gw_result postgres_run(struct store *s, void *stmt)
{
    struct postgres *p = postgres_of(s);
    enum gw_result r = send(s, stmt);

    if (r == GW_OK && (!p->block || p->pending >= POSTGRES_PENDING))
        r = postgres_sync(s, NULL);
    return r;
}

/* ---- walks ---- */

static bool send_fetch(struct postgres *p, const struct statement *t)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "FETCH %d FROM %s", POSTGRES_FETCH, t->cursor);
    return libpq.PQsendQueryParams(p->conn, sql, 0, NULL, NULL, NULL, NULL, 1);
}

/* Outside of a transaction the server keeps the rows for it. */
static enum gw_result walk_begin(struct store *s, struct statement *t)
{
    struct postgres *p = postgres_of(s);
    enum gw_result r = postgres_rows_out(s);
    struct parameters at;
    struct buf b;
    bool sent;

    if (r == GW_OK)
        r = postgres_ready(s);
    if (r != GW_OK)
        return r;
    parameters_of(t, &at);
    snprintf(t->cursor, sizeof(t->cursor), "w%llu", (unsigned long long)++p->names);
    t->cursor_link = p->link;
    t->cursor_block = p->block;
    buf_init(&b, 65536);
    buf_format(&b, "DECLARE %s NO SCROLL CURSOR %sFOR %s", t->cursor, p->block ? "" : "WITH HOLD ", t->sql);
    buf_char(&b, '\0');
    if (b.failed) {
        buf_done(&b);
        return memory_fault(s);
    }
    sent = libpq.PQsendQueryParams(p->conn, b.data, t->nbound, at.types, at.values, at.lengths, at.formats, 1) &&
           send_fetch(p, t);
    buf_done(&b);
    return sent ? GW_OK : postgres_lost(s);
}

static enum gw_result walk_on(struct store *s, struct statement *t)
{
    struct postgres *p = postgres_of(s);
    enum gw_result r = postgres_rows_out(s);

    if (r != GW_OK)
        return r;
    if (t->cursor_link != p->link || libpq.PQstatus(p->conn) != CONNECTION_OK || !send_fetch(p, t))
        return postgres_lost(s);
    return GW_OK;
}

static void walk_end(struct store *s, struct statement *t)
{
    struct postgres *p = postgres_of(s);
    bool there = t->cursor[0] && t->cursor_link == p->link && libpq.PQstatus(p->conn) == CONNECTION_OK &&
                 (!t->cursor_block || t->cursor_block == p->block);
    char sql[32];

    snprintf(sql, sizeof(sql), "CLOSE %s", t->cursor);
    t->cursor[0] = '\0';
    if (!there || postgres_rows_out(s) != GW_OK || libpq.PQtransactionStatus(p->conn) == PQTRANS_INERROR)
        return;
    if (libpq.PQsendQueryParams(p->conn, sql, 0, NULL, NULL, NULL, NULL, 1)) {
        p->pending++;
        if (!p->block && postgres_sync(s, NULL) != GW_OK)
            return; /* told; it goes with the connection */
    }
}

/* ---- rows ---- */

static enum gw_result ask(struct store *s, struct statement *t)
{
    enum gw_result r;

    if (!t->walks)
        r = send(s, t);
    else
        r = t->sent ? walk_on(s, t) : walk_begin(s, t);
    t->sent = true;
    libpq.PQclear(t->rows);
    t->rows = NULL;
    t->row = 0;
    if (r == GW_OK)
        r = postgres_sync(s, &t->rows);
    t->last = r != GW_OK || !t->walks || libpq.PQntuples(t->rows) < POSTGRES_FETCH;
    return r;
}

enum gw_result postgres_step(struct store *s, void *stmt)
{
    struct statement *t = stmt;
    enum gw_result r = GW_OK;

    if (t->rows && t->row + 1 < libpq.PQntuples(t->rows)) {
        t->row++;
        return GW_OK;
    }
    if (t->sent && t->last)
        return GW_END;
    r = ask(s, t);
    if (r != GW_OK)
        return r;
    return t->rows && libpq.PQntuples(t->rows) > 0 ? GW_OK : GW_END;
}

static int64_t number_of(const char *at, int len)
{
    uint64_t eight;
    uint32_t four;

    if (len == 8) {
        memcpy(&eight, at, sizeof(eight));
        return (int64_t)be64toh(eight);
    }
    if (len == 4) {
        memcpy(&four, at, sizeof(four));
        return (int32_t)be32toh(four);
    }
    return *at;
}

void postgres_column(void *stmt, int at, struct cell *ret)
{
    const struct statement *t = stmt;
    const char *value;
    int len;

    *ret = (struct cell){.kind = CELL_NULL};
    if (!t->rows || t->row >= libpq.PQntuples(t->rows) || libpq.PQgetisnull(t->rows, t->row, at))
        return;
    value = libpq.PQgetvalue(t->rows, t->row, at);
    len = libpq.PQgetlength(t->rows, t->row, at);
    switch (libpq.PQftype(t->rows, at)) {
    case OID_INT8:
    case OID_INT4:
    case OID_BOOL:
        *ret = (struct cell){.kind = CELL_NUMBER, .number = number_of(value, len)};
        break;
    case OID_TEXT:
        *ret = (struct cell){.kind = CELL_TEXT, .bytes = {value, (size_t)len}};
        break;
    case OID_BYTES:
        *ret = (struct cell){.kind = CELL_BYTES, .bytes = {value, (size_t)len}};
        break;
    default:
        ret->kind = CELL_OTHER;
        break;
    }
}

void postgres_reset(struct store *s, void *stmt)
{
    struct statement *t = stmt;

    if (t->cursor[0])
        walk_end(s, t);
    libpq.PQclear(t->rows);
    t->rows = NULL;
    t->row = 0;
    t->sent = t->last = false;
    buf_done(&t->list);
    memset(t->bound, 0, sizeof(t->bound[0]) * (size_t)t->nbound);
}

/* One that is not kept may be on its way to the server still: its answer is taken before it is used again. */
void postgres_finish(struct store *s, void *stmt)
{
    struct postgres *p = postgres_of(s);
    struct statement *t = stmt;

    if (!t)
        return;
    postgres_reset(s, t);
    for (struct statement **at = &p->unsure; *at; at = &(*at)->next)
        if (*at == t) {
            *at = t->next;
            break;
        }
    t->next = p->free;
    p->free = t;
}
