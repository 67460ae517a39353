/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * PostgreSQL: many machines. Who changes the store holds the row of `meta` until the end of its transaction: as
 * on SQLite one writes at a time, so that seq and the audit chain have no gaps and two claims never meet.
 * Each statement then sees what was committed before it; who only looks has one snapshot.
 */
#include "store/postgres.h"

#define MIGRATING "1347636293" /* STORE_APPLICATION: the advisory lock of whoever makes the tables */

/* ---- tables ---- */

static enum gw_result tables_there(struct store *s, int64_t *ret_ours, int64_t *ret_any)
{
    struct query q;
    enum gw_result r = query_open(s,
                                  "SELECT CAST(to_regclass('store_version') IS NOT NULL AS INT),"
                                  " (SELECT count(*) FROM pg_class WHERE relkind='r' AND relnamespace="
                                  "(SELECT oid FROM pg_namespace WHERE nspname=current_schema()))",
                                  &q);

    if (r != GW_OK)
        return r;
    r = query_step(&q);
    *ret_ours = query_column_number(&q, 0);
    *ret_any = query_column_number(&q, 1);
    query_close(&q);
    return r;
}

static enum gw_result version(struct store *s, int64_t *ret)
{
    struct query q;
    int64_t ours = 0, any = 0;
    enum gw_result r = tables_there(s, &ours, &any);

    *ret = 0;
    if (r == GW_OK && !ours)
        return any ? path_fault(s, "store.foreign") : GW_OK;
    if (r == GW_OK)
        r = query_open(s, "SELECT version FROM store_version", &q);
    if (r == GW_OK)
        r = query_one(&q, ret);
    return r == GW_END ? path_fault(s, "store.foreign") : r;
}

static enum gw_result one_of_script(struct store *s, struct gw_str sql)
{
    struct buf b;
    enum gw_result r;

    buf_init(&b, 65536);
    postgres_translate(&b, sql);
    buf_char(&b, '\0');
    r = b.failed ? memory_fault(s) : postgres_do(s, b.data);
    buf_done(&b);
    return r;
}

static enum gw_result script(struct store *s, const char *sql)
{
    struct gw_str rest = str_of(sql), one;
    enum gw_result r = GW_OK;

    while (r == GW_OK && rest.len) {
        one = str_cut(rest, ';', &rest);
        if (one.len)
            r = one_of_script(s, one);
    }
    return r;
}

/* What is sealed has nothing to be compressed, and a chunk (bytes.c) is made to fit into its row; one that was
 * made before need not. */
static const char on_making[] = "CREATE TABLE IF NOT EXISTS store_version(version INTEGER NOT NULL);"
                                "DELETE FROM store_version;"
                                "ALTER TABLE payload ALTER sealed SET STORAGE EXTERNAL;"
                                "ALTER TABLE chunk ALTER sealed SET STORAGE MAIN";

static enum gw_result version_set(struct store *s, int64_t to)
{
    struct query q;
    enum gw_result r = script(s, on_making);

    if (r == GW_OK)
        r = query_open(s, "INSERT INTO store_version VALUES(?1)", &q);
    if (r != GW_OK)
        return r;
    query_number(&q, 1, to);
    return query_run(&q);
}

static enum gw_result settle(struct store *s, const struct store_options *o)
{
    (void)s;
    (void)o;
    return GW_OK;
}

/* ---- transactions ---- */

/* In the way of others who change, not of those who add beside us. */
static enum gw_result lock(struct store *s)
{
    return store_run(s, "SELECT id FROM meta FOR NO KEY UPDATE");
}

static enum gw_result begin(struct store *s, enum begin_to what)
{
    struct postgres *p = postgres_of(s);
    enum gw_result r = postgres_ready(s);

    if (r != GW_OK)
        return r;
    p->block = ++p->blocks;
    if (what == BEGIN_VIEW)
        r = store_run(s, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    else
        r = store_run(s, "BEGIN");
    if (r == GW_OK && what == BEGIN_CHANGE)
        r = lock(s);
    if (r == GW_OK && what == BEGIN_CHANGE_ALONE)
        r = store_run(s, "SELECT id FROM meta FOR UPDATE");
    if (r == GW_OK && what == BEGIN_BESIDE)
        r = store_run(s, "SELECT id FROM meta FOR KEY SHARE");
    if (r == GW_OK && what == BEGIN_MIGRATION)
        r = store_run(s, "SELECT pg_advisory_xact_lock(" MIGRATING ")");
    if (r == GW_OK && what == BEGIN_MIGRATION)
        r = postgres_sync(s, NULL);
    if (r != GW_OK)
        s->driver->rollback(s);
    return r;
}

static void rollback(struct store *s)
{
    struct postgres *p = postgres_of(s);

    if (!p->block)
        return;
    p->quiet = true;
    postgres_rows_drop(s);
    if (libpq.PQstatus(p->conn) == CONNECTION_OK && p->pending)
        (void)!postgres_sync(s, NULL);
    if (libpq.PQstatus(p->conn) == CONNECTION_OK && postgres_do(s, "ROLLBACK") != GW_OK) {
        libpq.PQfinish(p->conn); /* nobody knows what it holds */
        p->conn = NULL;
    }
    p->block = 0;
    p->quiet = false;
}

/* A transaction that failed ends with "ROLLBACK", and no fault. */
static enum gw_result commit(struct store *s)
{
    struct postgres *p = postgres_of(s);
    PGresult *answer = NULL;
    struct query q;
    enum gw_result r = query_open(s, "COMMIT", &q);

    if (r != GW_OK)
        return r;
    r = query_run(&q);
    if (r == GW_OK && p->pending)
        r = postgres_sync(s, &answer);
    if (r == GW_OK && (!answer || strcmp(libpq.PQcmdStatus(answer), "COMMIT") != 0))
        r = postgres_lost(s);
    libpq.PQclear(answer);
    if (r == GW_OK)
        p->block = 0;
    return r;
}

/* ---- the rest ---- */

static enum gw_result changed(struct store *s, int64_t *ret_rows)
{
    enum gw_result r = postgres_rows_out(s);

    if (r == GW_OK && postgres_of(s)->pending)
        r = postgres_sync(s, NULL);
    *ret_rows = postgres_of(s)->changed;
    return r;
}

static enum gw_result now(struct store *s, int64_t *ret)
{
    struct query q;
    enum gw_result r =
        query_open(s, "SELECT CAST(floor(extract(epoch FROM clock_timestamp())*1000) AS BIGINT)", &q);

    return r == GW_OK ? query_one(&q, ret) : r;
}

/* The server looks after its own files. */
static enum gw_result checkpoint(struct store *s)
{
    (void)s;
    return GW_OK;
}

static enum gw_result check(struct store *s, uint64_t *found)
{
    (void)s;
    (void)found;
    return GW_OK;
}

/* Each table is written anew. What the server's log and its copies hold of it is the server's to let go. */
static enum gw_result scrub(struct store *s)
{
    char sql[64];
    enum gw_result r = postgres_ready(s);

    for (int t = 0; r == GW_OK && t < TABLES; t++) {
        (void)snprintf(sql, sizeof(sql), "VACUUM (FULL) %s", table_forms[t].name);
        r = postgres_do(s, sql);
    }
    return r;
}

static enum gw_result backup(struct store *s, const char *path)
{
    struct store_options o = {.path = path, .key_path = s->key_path, .create = true, .sink = s->sink};
    struct arena a = {0};
    struct store *copy = NULL;
    uint64_t rows;
    enum gw_result r = store_open(&a, &o, &copy);

    if (r == GW_OK)
        r = store_copy(s, copy, &rows);
    store_close(copy);
    arena_done(&a);
    return r;
}

const struct driver postgres_driver = {
    .shared = true,
    .open = postgres_open,
    .settle = settle,
    .close = postgres_close,
    .version = version,
    .version_set = version_set,
    .script = script,
    .begin = begin,
    .lock = lock,
    .commit = commit,
    .rollback = rollback,
    .prepare = postgres_prepare,
    .bind = postgres_bind,
    .step = postgres_step,
    .run = postgres_run,
    .gather = postgres_gather,
    .column = postgres_column,
    .reset = postgres_reset,
    .finish = postgres_finish,
    .changed = changed,
    .now = now,
    .checkpoint = checkpoint,
    .check = check,
    .scrub = scrub,
    .backup = backup,
};
