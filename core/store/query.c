/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdint.h>

#include "store/inside.h"

static struct kept_query *slot_of(struct store *s, const char *sql)
{
    size_t at = (size_t)((uintptr_t)sql * 0x9e3779b97f4a7c15u >> 40) % KEPT_QUERIES;

    while (s->kept[at].sql && s->kept[at].sql != sql)
        at = (at + 1) % KEPT_QUERIES;
    return &s->kept[at];
}

enum gw_result query_open(struct store *s, const char *sql, struct query *ret)
{
    struct kept_query *k = slot_of(s, sql);
    sqlite3_stmt *stmt;
    int rc;

    if (k->stmt && !sqlite3_stmt_busy(k->stmt)) {
        *ret = (struct query){.s = s, .stmt = k->stmt, .kept = true};
        return GW_OK;
    }
    rc = sqlite3_prepare_v3(s->db, sql, -1, k->stmt ? 0 : SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
    if (rc != SQLITE_OK)
        return sqlite_fault(s, rc);
    *ret = (struct query){.s = s, .stmt = stmt, .kept = !k->stmt};
    if (ret->kept)
        *k = (struct kept_query){sql, stmt};
    return GW_OK;
}

static void bound(struct query *q, int rc)
{
    if (rc != SQLITE_OK && !q->rc)
        q->rc = rc;
}

void query_number(struct query *q, int at, int64_t value)
{
    bound(q, sqlite3_bind_int64(q->stmt, at, value));
}

void query_text(struct query *q, int at, struct gw_str value)
{
    bound(q, sqlite3_bind_text64(q->stmt, at, value.ptr, value.len, SQLITE_STATIC, SQLITE_UTF8));
}

void query_bytes(struct query *q, int at, struct gw_str value)
{
    bound(q, sqlite3_bind_blob64(q->stmt, at, value.ptr, value.len, SQLITE_STATIC));
}

enum gw_result query_step(struct query *q)
{
    int rc = q->rc ? q->rc : sqlite3_step(q->stmt);

    if (rc == SQLITE_ROW)
        return GW_OK;
    return rc == SQLITE_DONE ? GW_END : sqlite_fault(q->s, rc);
}

void query_close(struct query *q)
{
    if (!q->kept) {
        sqlite3_finalize(q->stmt);
        return;
    }
    sqlite3_reset(q->stmt);
    sqlite3_clear_bindings(q->stmt);
}

enum gw_result query_run(struct query *q)
{
    enum gw_result r = query_step(q);

    query_close(q);
    return r == GW_END ? GW_OK : r;
}

enum gw_result store_run(struct store *s, const char *sql)
{
    struct query q;
    enum gw_result r = query_open(s, sql, &q);

    return r == GW_OK ? query_run(&q) : r;
}

enum gw_result query_one(struct query *q, int64_t *ret)
{
    enum gw_result r = query_step(q);

    if (r == GW_OK)
        *ret = sqlite3_column_int64(q->stmt, 0);
    query_close(q);
    return r;
}

struct gw_str query_column(struct query *q, int at)
{
    const char *p;

    if (sqlite3_column_type(q->stmt, at) == SQLITE_NULL)
        return (struct gw_str){NULL, 0};
    p = sqlite3_column_blob(q->stmt, at); /* of a text: its bytes */
    return (struct gw_str){p ? p : "", (size_t)sqlite3_column_bytes(q->stmt, at)};
}
