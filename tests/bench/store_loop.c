/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The rows of a store written again by nothing but SQLite: as many resources, payloads and units, of the same
 * sizes, into the same tables, in transactions of as many units as the applier's. It is what the daemon's load
 * is held against.
 *
 *     store_loop STORE FOLDER      says: resources, wall and CPU seconds
 *     store_loop --fill FOLDER N   makes a store of N resources through the store's own interface
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "store/resources.h"

enum { BATCH = 2000, MEMBERS = 8, FILL_PAYLOAD = 300 };

struct sizes {
    int64_t payload, number;
};

struct loop {
    struct arena arena;
    struct sizes *resources;
    int64_t *members; /* bytes of each unit's list */
    int64_t nresources, nunits;
    char *tables; /* the SQL that makes them */
    sqlite3_stmt *resource, *payload, *unit;
    uint64_t random;
    char *text; /* as long as the longest cell */
};

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "store_loop: %s failed\n", what);
    exit(1);
}

static void execute(sqlite3 *db, const char *sql)
{
    must(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt;

    must(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK, sql);
    return stmt;
}

/* ---- what there is ---- */

static int64_t number_of(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = prepare(db, sql);
    int64_t n;

    must(sqlite3_step(stmt) == SQLITE_ROW, sql);
    n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

static void learn_tables(struct loop *l, sqlite3 *db)
{
    sqlite3_stmt *stmt = prepare(db, "SELECT group_concat(sql, ';') FROM sqlite_schema WHERE sql IS NOT NULL");

    must(sqlite3_step(stmt) == SQLITE_ROW, "tables");
    l->tables = arena_format(&l->arena, "%s", (const char *)sqlite3_column_text(stmt, 0));
    must(l->tables != NULL, "memory");
    sqlite3_finalize(stmt);
}

static void learn(struct loop *l, const char *path)
{
    sqlite3_stmt *stmt;
    sqlite3 *db;

    must(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK, path);
    learn_tables(l, db);
    l->nresources = number_of(db, "SELECT count(*) FROM resource");
    l->nunits = number_of(db, "SELECT count(*) FROM unit");
    l->resources = arena_array(&l->arena, (size_t)l->nresources, sizeof(*l->resources));
    l->members = arena_array(&l->arena, (size_t)l->nunits, sizeof(*l->members));
    l->text = arena_array(&l->arena, 1, (size_t)number_of(db, "SELECT max(length(sealed))+65536 FROM payload"));
    must(l->resources && l->members && l->text, "memory");
    stmt = prepare(db, "SELECT length(sealed), coalesce(length(number_sealed),-1) FROM payload, resource"
                       " WHERE payload.id = resource.id << 20 | 1 ORDER BY resource.id");
    for (int64_t i = 0; i < l->nresources && sqlite3_step(stmt) == SQLITE_ROW; i++)
        l->resources[i] = (struct sizes){sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1)};
    sqlite3_finalize(stmt);
    stmt = prepare(db, "SELECT length(members) FROM unit ORDER BY id");
    for (int64_t i = 0; i < l->nunits && sqlite3_step(stmt) == SQLITE_ROW; i++)
        l->members[i] = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    must(sqlite3_close(db) == SQLITE_OK, "close");
}

/* ---- the loop ---- */

static void next_key(struct loop *l, uint64_t ret[4])
{
    for (int i = 0; i < 4; i++) {
        l->random ^= l->random << 13;
        l->random ^= l->random >> 7;
        l->random ^= l->random << 17;
        ret[i] = l->random;
    }
}

static void numbers(sqlite3_stmt *stmt, int from, int to, int64_t value)
{
    for (int at = from; at <= to; at++)
        sqlite3_bind_int64(stmt, at, value);
}

static void step(sqlite3_stmt *stmt)
{
    must(sqlite3_step(stmt) == SQLITE_DONE, "insert");
    sqlite3_reset(stmt);
}

static void put_resource(struct loop *l, int64_t i)
{
    const struct sizes *size = &l->resources[i];
    uint64_t key[4];

    next_key(l, key);
    sqlite3_bind_int64(l->resource, 1, i + 1);
    sqlite3_bind_blob(l->resource, 2, key, 16, SQLITE_STATIC);
    numbers(l->resource, 3, 8, 1);
    sqlite3_bind_blob(l->resource, 9, key, 32, SQLITE_STATIC);
    sqlite3_bind_int64(l->resource, 10, 0);
    sqlite3_bind_blob(l->resource, 11, size->number < 0 ? NULL : key, 16, SQLITE_STATIC);
    sqlite3_bind_blob(l->resource, 12, size->number < 0 ? NULL : l->text, (int)size->number, SQLITE_STATIC);
    sqlite3_bind_int64(l->resource, 13, (int64_t)key[3]);
    step(l->resource);
    sqlite3_bind_int64(l->payload, 1, (i + 1) << 20 | 1);
    sqlite3_bind_blob(l->payload, 2, key, 32, SQLITE_STATIC);
    numbers(l->payload, 3, 5, 1000);
    numbers(l->payload, 6, 7, 1700000000000);
    sqlite3_bind_blob(l->payload, 8, l->text, (int)size->payload, SQLITE_STATIC);
    sqlite3_bind_int64(l->payload, 9, (int64_t)key[2]);
    step(l->payload);
}

static void put_unit(struct loop *l, int64_t i)
{
    uint64_t key[4];

    next_key(l, key);
    sqlite3_bind_int64(l->unit, 1, i + 1);
    sqlite3_bind_blob(l->unit, 2, key, 16, SQLITE_STATIC);
    numbers(l->unit, 3, 4, 1);
    sqlite3_bind_blob(l->unit, 5, key, 32, SQLITE_STATIC);
    sqlite3_bind_blob(l->unit, 6, l->text, (int)l->members[i], SQLITE_STATIC);
    numbers(l->unit, 7, 9, i + 1);
    sqlite3_bind_int64(l->unit, 10, (int64_t)key[3]);
    step(l->unit);
}

static void write_rows(struct loop *l, sqlite3 *db)
{
    int64_t at = 0;

    for (int64_t i = 0; i < l->nunits; i++) {
        if (i % BATCH == 0)
            execute(db, i ? "COMMIT; BEGIN IMMEDIATE" : "BEGIN IMMEDIATE");
        for (int64_t n = l->members[i] / MEMBERS; n > 0 && at < l->nresources; n--)
            put_resource(l, at++);
        put_unit(l, i);
    }
    execute(db, "COMMIT");
}

static void again(struct loop *l, const char *folder)
{
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
    char path[4096];
    sqlite3 *db;

    snprintf(path, sizeof(path), "%s/loop.db", folder);
    must(sqlite3_open(path, &db) == SQLITE_OK, path);
    execute(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=50000;"
                "PRAGMA cache_size=-65536");
    execute(db, l->tables);
    l->resource = prepare(db, "INSERT INTO resource VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)");
    l->payload = prepare(db, "INSERT INTO payload VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)");
    l->unit = prepare(db, "INSERT INTO unit VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)");
    write_rows(l, db);
    sqlite3_finalize(l->resource);
    sqlite3_finalize(l->payload);
    sqlite3_finalize(l->unit);
    must(sqlite3_close(db) == SQLITE_OK, "close");
    printf("%lld %.3f %.3f\n", (long long)l->nresources, seconds(CLOCK_MONOTONIC) - wall,
           seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
}

/* ---- a store of N ---- */

static void fill_one(struct store *s, struct loop *l, struct resource_row *r)
{
    enum put_outcome outcome;
    uint64_t key[4];
    int64_t id;
    struct unit u = {.partner = r->partner, .flow = r->flow, .members = &id, .nmembers = 1, .record = 1};

    next_key(l, key);
    memcpy(r->key, key, sizeof(r->key));
    memcpy(r->digest, key, sizeof(r->digest));
    memcpy(u.key, key, sizeof(u.key));
    memcpy(u.digest, key, sizeof(u.digest));
    must(resource_put(s, r, &id, &outcome) == GW_OK && unit_put(s, &u, &u.id) == GW_OK, "put");
}

static void fill(struct loop *l, const char *folder, long rows)
{
    struct resource_row r = {.partner = GW_STR("giver"),
                             .flow = GW_STR("people"),
                             .type = GW_STR("personne"),
                             .purpose = GW_STR("test"),
                             .payload = {l->text, FILL_PAYLOAD}};
    char path[4096], key[4096];
    struct store *s = NULL;

    snprintf(path, sizeof(path), "%s/store.db", folder);
    snprintf(key, sizeof(key), "%s/key", folder);
    must(store_open(&l->arena,
                    &(struct store_options){.path = path, .key_path = key, .create = true, .cache_kb = 65536},
                    &s) == GW_OK,
         "open");
    for (long i = 0; i < rows; i++) {
        if (i % BATCH == 0)
            must((!i || store_commit(s) == GW_OK) && store_begin(s) == GW_OK, "begin");
        fill_one(s, l, &r);
    }
    must(store_commit(s) == GW_OK && store_checkpoint(s) == GW_OK, "commit");
    store_close(s);
}

int main(int argc, char **argv)
{
    struct loop l = {.random = 88172645463325252u};

    must(argc > 2, "usage: store_loop STORE FOLDER | --fill FOLDER N");
    if (strcmp(argv[1], "--fill") == 0 && argc > 3) {
        l.text = arena_array(&l.arena, 1, FILL_PAYLOAD);
        must(l.text != NULL, "memory");
        fill(&l, argv[2], atol(argv[3]));
    } else {
        learn(&l, argv[1]);
        again(&l, argv[2]);
    }
    arena_done(&l.arena);
    return 0;
}
