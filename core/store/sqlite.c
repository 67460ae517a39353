/* SPDX-License-Identifier: EUPL-1.2 */
/* SQLite: a file, one process that changes it at a time, readers beside it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store/inside.h"

/* Its messages name tables and columns, never values. */
static enum gw_result sqlite_fault(struct store *s, int rc)
{
    struct gw_arg found = {"found", str_of(s->link ? sqlite3_errmsg(s->link) : sqlite3_errstr(rc))};

    if (rc == SQLITE_IOERR_NOMEM)
        return memory_fault(s);
    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        return memory_fault(s);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return store_fault(s, GW_RETRY, "store.busy", &found, 1);
    case SQLITE_FULL:
        return store_fault(s, GW_RETRY, "store.full", &found, 1);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
        return store_fault(s, GW_RETRY, "store.io", &found, 1);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return store_fault(s, GW_FAIL, "store.read_only", &found, 1);
    case SQLITE_NOTADB:
        return store_fault(s, GW_FAIL, "store.foreign", &found, 1);
    case SQLITE_CORRUPT:
        return store_fault(s, GW_FAIL, "store.damaged", &found, 1);
    default:
        return store_fault(s, GW_FAIL, "store.query", &found, 1);
    }
}

/* ---- opening ---- */

/* A new file is ours alone; the log beside it takes over its rights. */
static enum gw_result make_file(struct store *s)
{
    int fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return system_fault(s, s->path);
    close(fd);
    return GW_OK;
}

static enum gw_result open_file(struct store *s)
{
    sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (s->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    enum gw_result r = s->create ? make_file(s) : GW_OK;
    int rc;

    if (r != GW_OK)
        return r;
    if (access(s->path, F_OK) != 0)
        return errno == ENOENT || errno == ENOTDIR ? path_fault(s, "store.absent") : system_fault(s, s->path);
    rc = sqlite3_open_v2(s->path, &db, flags, NULL);
    s->link = db;
    if (rc != SQLITE_OK)
        return sqlite_fault(s, rc);
    sqlite3_busy_timeout(s->link, STORE_WAIT_MS);
    sqlite3_db_config(s->link, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->link, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(s->link, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(s->link, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    return GW_OK;
}

static enum gw_result execute(struct store *s, const char *sql)
{
    int rc = sqlite3_exec(s->link, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? GW_OK : sqlite_fault(s, rc);
}

static enum gw_result version_of(struct store *s, int64_t *ret_version)
{
    struct query q;
    int64_t application, tables;
    enum gw_result r = query_open(s,
                                  "SELECT (SELECT user_version FROM pragma_user_version),"
                                  " (SELECT application_id FROM pragma_application_id),"
                                  " (SELECT count(*) FROM sqlite_schema)",
                                  &q);

    if (r != GW_OK)
        return r;
    r = query_step(&q);
    *ret_version = query_column_number(&q, 0);
    application = query_column_number(&q, 1);
    tables = query_column_number(&q, 2);
    query_close(&q);
    if (r == GW_OK && tables > 0 && application != STORE_APPLICATION)
        return path_fault(s, "store.foreign");
    if (r == GW_OK && tables == 0)
        *ret_version = 0;
    return r;
}

static enum gw_result version_set(struct store *s, int64_t version)
{
    char pragmas[96];

    snprintf(pragmas, sizeof(pragmas), "PRAGMA application_id=%d; PRAGMA user_version=%d", STORE_APPLICATION,
             (int)version);
    return execute(s, pragmas);
}

/* Readers and the writer do not wait for each other; what was committed is in the log, and durable. */
static enum gw_result use_log(struct store *s)
{
    struct gw_arg found = {"found", GW_STR("journal_mode")};
    struct query q;
    enum gw_result r = query_open(s, "PRAGMA journal_mode=WAL", &q);

    if (r != GW_OK)
        return r;
    r = query_step(&q);
    if (r == GW_OK && !str_is(query_column(&q, 0), "wal"))
        r = store_fault(s, GW_FAIL, "store.io", &found, 1);
    if (r == GW_OK)
        r = query_step(&q); /* it is committed with the end of the statement, not with its row */
    query_close(&q);
    return r == GW_END ? GW_OK : r;
}

/* A log that grows to 200 MB before it is moved by itself: random pages are then written once, not each time.
 */
static enum gw_result settle(struct store *s, const struct store_options *o)
{
    char sql[256];
    enum gw_result r;

    snprintf(sql, sizeof(sql),
             "PRAGMA cache_size=-%u; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=50000;"
             "PRAGMA temp_store=MEMORY; PRAGMA secure_delete=FAST; PRAGMA cell_size_check=ON",
             o->cache_kb ? o->cache_kb : STORE_CACHE_KB);
    r = execute(s, sql);
    return r == GW_OK && !s->read_only ? use_log(s) : r;
}

static void close_file(struct store *s)
{
    sqlite3_close(s->link);
}

/* ---- transactions ---- */

static enum gw_result begin(struct store *s, enum begin_to what)
{
    return store_run(s, what == BEGIN_VIEW ? "BEGIN" : "BEGIN IMMEDIATE");
}

/* Who adds beside others has it already. */
static enum gw_result lock(struct store *s)
{
    (void)s;
    return GW_OK;
}

/* SQLite itself undoes a transaction after some faults: there is then nothing to commit. */
static enum gw_result commit(struct store *s)
{
    return store_run(s, "COMMIT");
}

static void rollback(struct store *s)
{
    if (!sqlite3_get_autocommit(s->link))
        sqlite3_exec(s->link, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- statements ---- */

static enum gw_result prepare(struct store *s, const char *sql, bool kept, void **ret)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v3(s->link, sql, -1, kept ? SQLITE_PREPARE_PERSISTENT : 0, &stmt, NULL);

    *ret = stmt;
    return rc == SQLITE_OK ? GW_OK : sqlite_fault(s, rc);
}

static enum gw_result bind(struct store *s, void *stmt, int at, const struct cell *value)
{
    struct gw_str b = value->bytes;
    int rc = SQLITE_OK;

    if (value->kind == CELL_NUMBER)
        rc = sqlite3_bind_int64(stmt, at, value->number);
    else if (value->kind == CELL_TEXT)
        rc = sqlite3_bind_text64(stmt, at, b.ptr, b.len, SQLITE_STATIC, SQLITE_UTF8);
    else if (value->kind == CELL_BYTES)
        rc = sqlite3_bind_blob64(stmt, at, b.ptr, b.len, SQLITE_STATIC);
    return rc == SQLITE_OK ? GW_OK : sqlite_fault(s, rc);
}

static enum gw_result step(struct store *s, void *stmt)
{
    int rc = sqlite3_step(stmt);

    if (rc == SQLITE_ROW)
        return GW_OK;
    return rc == SQLITE_DONE ? GW_END : sqlite_fault(s, rc);
}

static enum gw_result run(struct store *s, void *stmt)
{
    enum gw_result r = step(s, stmt);

    return r == GW_END ? GW_OK : r;
}

static struct gw_str bytes_at(sqlite3_stmt *stmt, int at)
{
    const char *p = sqlite3_column_blob(stmt, at); /* of a text: its bytes */

    return (struct gw_str){p ? p : "", (size_t)sqlite3_column_bytes(stmt, at)};
}

static void column(void *stmt, int at, struct cell *ret)
{
    switch (sqlite3_column_type(stmt, at)) {
    case SQLITE_INTEGER:
        *ret = (struct cell){.kind = CELL_NUMBER, .number = sqlite3_column_int64(stmt, at)};
        break;
    case SQLITE_TEXT:
        *ret = (struct cell){.kind = CELL_TEXT, .bytes = bytes_at(stmt, at)};
        break;
    case SQLITE_BLOB:
        *ret = (struct cell){.kind = CELL_BYTES, .bytes = bytes_at(stmt, at)};
        break;
    case SQLITE_NULL:
        *ret = (struct cell){.kind = CELL_NULL};
        break;
    default:
        *ret = (struct cell){.kind = CELL_OTHER};
        break;
    }
}

static void reset(struct store *s, void *stmt)
{
    (void)s;
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
}

static void finish(struct store *s, void *stmt)
{
    (void)s;
    sqlite3_finalize(stmt);
}

static enum gw_result changed(struct store *s, int64_t *ret_rows)
{
    *ret_rows = sqlite3_changes(s->link);
    return GW_OK;
}

/* ---- the rest ---- */

/* One machine: its own clock. */
static enum gw_result now(struct store *s, int64_t *ret)
{
    (void)s;
    *ret = store_now();
    return GW_OK;
}

/* What other processes read may be in the way of emptying the log, not of moving it: that is enough. */
static enum gw_result checkpoint(struct store *s)
{
    int rc = sqlite3_wal_checkpoint_v2(s->link, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(s->link, 0);
        rc = sqlite3_wal_checkpoint_v2(s->link, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        sqlite3_busy_timeout(s->link, STORE_WAIT_MS);
    }
    return rc == SQLITE_OK || rc == SQLITE_BUSY ? GW_OK : sqlite_fault(s, rc);
}

static enum gw_result check(struct store *s, uint64_t *faults)
{
    struct query q;
    enum gw_result r = query_open(s, "PRAGMA integrity_check(100)", &q);

    if (r != GW_OK)
        return r;
    while ((r = query_step(&q)) == GW_OK) {
        struct gw_arg found = {"found", query_column(&q, 0)};

        if (!str_is(found.value, "ok")) {
            (void)store_fault(s, GW_REJECT, "store.damaged", &found, 1);
            ++*faults;
        }
    }
    query_close(&q);
    return r == GW_END ? GW_OK : r;
}

/* Pages that were given back hold what stood in them (secure_delete=FAST), and so does the log until it is
 * emptied: the file is written anew, and the log moved into it. */
static enum gw_result scrub(struct store *s)
{
    enum gw_result r = checkpoint(s);

    if (r == GW_OK) /* in files, closed to others: it may be larger than our memory */
        r = execute(s, "PRAGMA temp_store=FILE; VACUUM; PRAGMA temp_store=MEMORY");
    return r == GW_OK ? checkpoint(s) : r;
}

/* ---- a copy ---- */

static enum gw_result copy_fault(struct store *s, const char *path, sqlite3 *copy, int rc)
{
    struct gw_arg args[] = {{"found", str_of(path)},
                            {"error", str_of(copy ? sqlite3_errmsg(copy) : sqlite3_errstr(rc))}};

    return (rc & 0xff) == SQLITE_NOMEM ? memory_fault(s) : store_fault(s, GW_RETRY, "store.file", args, 2);
}

/* In one step: a writer does not wait for us, and we do not begin anew for it. */
static enum gw_result backup(struct store *s, const char *path)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    sqlite3 *copy = NULL;
    sqlite3_backup *b;
    enum gw_result r = GW_OK;
    int rc = sqlite3_open_v2(path, &copy, flags, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_exec(copy, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL, NULL);
    if (rc == SQLITE_OK) {
        b = sqlite3_backup_init(copy, "main", s->link, "main");
        if (b) {
            (void)sqlite3_backup_step(b, -1);
            rc = sqlite3_backup_finish(b);
        } else {
            rc = sqlite3_errcode(copy);
        }
    }
    if (rc != SQLITE_OK)
        r = copy_fault(s, path, copy, rc);
    sqlite3_close(copy);
    return r;
}

const struct driver sqlite_driver = {
    .open = open_file,
    .settle = settle,
    .close = close_file,
    .version = version_of,
    .version_set = version_set,
    .script = execute,
    .begin = begin,
    .lock = lock,
    .commit = commit,
    .rollback = rollback,
    .prepare = prepare,
    .bind = bind,
    .step = step,
    .run = run,
    .column = column,
    .reset = reset,
    .finish = finish,
    .changed = changed,
    .now = now,
    .checkpoint = checkpoint,
    .check = check,
    .scrub = scrub,
    .backup = backup,
};
