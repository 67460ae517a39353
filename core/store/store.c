/* SPDX-License-Identifier: EUPL-1.2 */
/* Opens and closes, begins and ends. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "store/inside.h"

int64_t store_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- opening ---- */

static enum gw_result path_fault(struct store *s, const char *code)
{
    struct gw_arg found = {"found", str_of(s->path)};

    return store_fault(s, GW_FAIL, code, &found, 1);
}

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
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (s->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    enum gw_result r = s->create ? make_file(s) : GW_OK;
    int rc;

    if (r != GW_OK)
        return r;
    if (access(s->path, F_OK) != 0)
        return errno == ENOENT || errno == ENOTDIR ? path_fault(s, "store.absent") : system_fault(s, s->path);
    rc = sqlite3_open_v2(s->path, &s->db, flags, NULL);
    if (rc != SQLITE_OK)
        return sqlite_fault(s, rc);
    sqlite3_busy_timeout(s->db, STORE_WAIT_MS);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    return GW_OK;
}

static enum gw_result execute(struct store *s, const char *sql)
{
    int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

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
    *ret_version = sqlite3_column_int64(q.stmt, 0);
    application = sqlite3_column_int64(q.stmt, 1);
    tables = sqlite3_column_int64(q.stmt, 2);
    query_close(&q);
    if (r == GW_OK && tables > 0 && application != STORE_APPLICATION)
        return path_fault(s, "store.foreign");
    if (r == GW_OK && tables == 0)
        *ret_version = 0;
    return r;
}

static enum gw_result version_fault(struct store *s, const char *code, int64_t version)
{
    char found[24], known[24];
    struct gw_arg args[] = {{"found", {found, 0}}, {"known", {known, 0}}};

    args[0].value.len = (size_t)snprintf(found, sizeof(found), "%lld", (long long)version);
    args[1].value.len = (size_t)snprintf(known, sizeof(known), "%d", STORE_SCHEMA);
    return store_fault(s, GW_FAIL, code, args, 2);
}

static enum gw_result run_migrations(struct store *s, int64_t version)
{
    char pragmas[96];
    enum gw_result r = GW_OK;

    for (int64_t v = version; r == GW_OK && v < STORE_SCHEMA; v++)
        r = execute(s, schema_migrations[v]);
    if (r == GW_OK && version == 0)
        r = keys_make(s);
    snprintf(pragmas, sizeof(pragmas), "PRAGMA application_id=%d; PRAGMA user_version=%d", STORE_APPLICATION,
             STORE_SCHEMA);
    return r == GW_OK ? execute(s, pragmas) : r;
}

/* Another process may do the same: who has the lock looks again. */
static enum gw_result migrate(struct store *s)
{
    enum gw_result r = execute(s, "BEGIN IMMEDIATE");
    int64_t version;

    if (r != GW_OK)
        return r;
    s->in_tx = true;
    r = version_of(s, &version);
    if (r == GW_OK)
        r = run_migrations(s, version);
    if (r == GW_OK)
        return store_commit(s);
    store_rollback(s);
    return r;
}

static enum gw_result fit_version(struct store *s)
{
    int64_t version;
    enum gw_result r = version_of(s, &version);

    if (r != GW_OK || version == STORE_SCHEMA)
        return r;
    if (version > STORE_SCHEMA)
        return version_fault(s, "store.newer", version);
    if (s->create)
        return migrate(s);
    return version ? version_fault(s, "store.older", version) : path_fault(s, "store.absent");
}

/* A log that grows to 200 MB before it is moved by itself: random pages are then written once, not each time.
 */
static enum gw_result settle(struct store *s, unsigned cache_kb)
{
    char sql[256];

    snprintf(sql, sizeof(sql),
             "PRAGMA cache_size=-%u; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=50000;"
             "PRAGMA temp_store=MEMORY; PRAGMA secure_delete=FAST; PRAGMA cell_size_check=ON",
             cache_kb ? cache_kb : STORE_CACHE_KB);
    return execute(s, sql);
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

enum gw_result store_open(struct arena *a, const struct store_options *o, struct store **ret)
{
    struct store *s = arena_zero(a, sizeof(*s));
    struct store failed = {.path = o->path, .sink = o->sink};
    enum gw_result r;

    if (!s)
        return memory_fault(&failed);
    *s = (struct store){.arena = a, .sink = o->sink, .read_only = o->read_only};
    s->create = o->create && !o->read_only;
    s->path = arena_text(a, str_of(o->path));
    s->key_path = arena_text(a, str_of(o->key_path));
    arena_init(&s->scratch, 16384, 0);
    snprintf(s->actor, sizeof(s->actor), "gateway");
    r = s->path && s->key_path ? open_file(s) : memory_fault(&failed);
    if (r == GW_OK)
        r = fit_version(s);
    if (r == GW_OK)
        r = settle(s, o->cache_kb);
    if (r == GW_OK && !s->read_only)
        r = use_log(s);
    if (r == GW_OK)
        r = keys_load(s);
    if (r == GW_OK)
        *ret = s;
    else
        store_close(s);
    return r;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    store_rollback(s);
    for (size_t i = 0; i < KEPT_QUERIES; i++)
        sqlite3_finalize(s->kept[i].stmt);
    sqlite3_close(s->db);
    seal_done(&s->seal);
    arena_done(&s->scratch);
    s->db = NULL;
}

/* ---- transactions ---- */

static void forget_transaction(struct store *s)
{
    s->in_tx = false;
    s->broken = GW_OK;
    s->names_made = false;
    s->last_seq = 0;
    s->tally = (struct tally){0};
    memset(s->last_ids, 0, sizeof(s->last_ids));
}

enum gw_result store_begin(struct store *s)
{
    enum gw_result r;

    if (s->in_tx)
        return store_fault(s, GW_FAIL, "store.nested", NULL, 0);
    if (s->read_only)
        return path_fault(s, "store.read_only");
    r = store_run(s, "BEGIN IMMEDIATE");
    if (r != GW_OK)
        return r;
    forget_transaction(s);
    s->in_tx = true;
    r = keys_follow(s);
    if (r != GW_OK)
        store_rollback(s);
    return r;
}

static enum gw_result write_tally(struct store *s)
{
    struct query q;
    enum gw_result r;

    if (!s->tally.units && !s->tally.resources && !s->tally.versions)
        return GW_OK;
    r = query_open(s, "UPDATE meta SET units=units+?1, resources=resources+?2, versions=versions+?3", &q);
    if (r != GW_OK)
        return r;
    query_number(&q, 1, s->tally.units);
    query_number(&q, 2, s->tally.resources);
    query_number(&q, 3, s->tally.versions);
    return query_run(&q);
}

/* SQLite itself undoes a transaction after some faults: there is then nothing to commit. */
enum gw_result store_commit(struct store *s)
{
    enum gw_result r = s->broken ? s->broken : write_tally(s);

    if (r == GW_OK)
        r = store_run(s, "COMMIT");
    if (r != GW_OK) {
        store_rollback(s);
        return r;
    }
    forget_transaction(s);
    return GW_OK;
}

void store_rollback(struct store *s)
{
    if (!s->in_tx)
        return;
    if (!sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    if (s->names_made)
        names_forget(s);
    forget_transaction(s);
}

enum gw_result change_begin(struct store *s, bool *ret_own)
{
    *ret_own = !s->in_tx;
    return *ret_own ? store_begin(s) : GW_OK;
}

enum gw_result change_end(struct store *s, bool own, enum gw_result r)
{
    if (!own)
        return r;
    if (r == GW_OK)
        return store_commit(s);
    store_rollback(s);
    return r;
}

enum gw_result view_begin(struct store *s, bool *ret_own)
{
    *ret_own = sqlite3_get_autocommit(s->db);
    return *ret_own ? store_run(s, "BEGIN") : GW_OK;
}

enum gw_result view_end(struct store *s, bool own, enum gw_result r)
{
    if (own)
        sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
    return r;
}

/* What other processes read may be in the way of emptying the log, not of moving it: that is enough. */
enum gw_result store_checkpoint(struct store *s)
{
    int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(s->db, 0);
        rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        sqlite3_busy_timeout(s->db, STORE_WAIT_MS);
    }
    return rc == SQLITE_OK || rc == SQLITE_BUSY ? GW_OK : sqlite_fault(s, rc);
}
