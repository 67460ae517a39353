/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * resource_put against a bare SQLite loop that writes rows of the same shape: random keys, payloads of 300
 * bytes, transactions of 10 000. Rows a second of CPU time, since a shared machine takes wall time away.
 *
 *     store_bench FOLDER [ROWS [ROUNDS]]
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/resources.h"

enum { BATCH = 10000, PAYLOAD = 300 };

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
    fprintf(stderr, "store_bench: %s failed\n", what);
    exit(1);
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

struct timing {
    double cpu, wall;
};

static void begin_timing(struct timing *t)
{
    t->cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    t->wall = seconds(CLOCK_MONOTONIC);
}

static double end_timing(const struct timing *t, const char *what, long rows)
{
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - t->cpu, wall = seconds(CLOCK_MONOTONIC) - t->wall;

    printf("%-10s %8.0f rows/s of CPU, %8.0f of wall\n", what, (double)rows / cpu, (double)rows / wall);
    return (double)rows / cpu;
}

static void fresh(const char *folder, char path[512])
{
    static const char *const ends[] = {"", "-wal", "-shm"};

    for (int i = 0; i < 3; i++) {
        snprintf(path, 512, "%s/bench.db%s", folder, ends[i]);
        unlink(path);
    }
    snprintf(path, 512, "%s/bench.db", folder);
}

/* ---- the bare loop ---- */

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt;

    must(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK, sql);
    return stmt;
}

static void bare_row(sqlite3_stmt *resource, sqlite3_stmt *payload, long i, const uint8_t key[16],
                     const char *text)
{
    uint8_t digest[32] = {0};

    memcpy(digest, key, 16);
    sqlite3_bind_int64(resource, 1, i);
    sqlite3_bind_blob(resource, 2, key, 16, SQLITE_STATIC);
    for (int at = 3; at <= 8; at++)
        sqlite3_bind_int64(resource, at, at - 2);
    sqlite3_bind_blob(resource, 9, digest, 32, SQLITE_STATIC);
    sqlite3_bind_int64(resource, 10, 0);
    must(sqlite3_step(resource) == SQLITE_DONE, "insert");
    sqlite3_reset(resource);
    sqlite3_bind_int64(payload, 1, i << 20 | 1);
    sqlite3_bind_blob(payload, 2, digest, 32, SQLITE_STATIC);
    for (int at = 3; at <= 7; at++)
        sqlite3_bind_int64(payload, at, 1000 * i);
    sqlite3_bind_blob(payload, 8, text, PAYLOAD, SQLITE_STATIC);
    must(sqlite3_step(payload) == SQLITE_DONE, "insert");
    sqlite3_reset(payload);
}

static double bare(const char *folder, long rows, const char *text)
{
    uint64_t state = 88172645463325252u, key[2];
    sqlite3_stmt *resource, *payload;
    struct timing t;
    char path[512];
    sqlite3 *db;

    fresh(folder, path);
    must(sqlite3_open(path, &db) == SQLITE_OK, "open");
    must(sqlite3_exec(
             db,
             "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=50000;"
             "PRAGMA cache_size=-65536;"
             "CREATE TABLE resource(id INTEGER PRIMARY KEY, key BLOB, a, b, c, d, e, version, digest BLOB,"
             " closed); CREATE UNIQUE INDEX resource_key ON resource(key);"
             "CREATE TABLE payload(id INTEGER PRIMARY KEY, digest BLOB, a, b, c, d, e, text BLOB)",
             NULL, NULL, NULL) == SQLITE_OK,
         "create");
    resource = prepare(db, "INSERT INTO resource VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)");
    payload = prepare(db, "INSERT INTO payload VALUES(?1,?2,?3,?4,?5,?6,?7,?8)");
    begin_timing(&t);
    for (long i = 0; i < rows; i++) {
        if (i % BATCH == 0)
            must(sqlite3_exec(db, i ? "COMMIT; BEGIN IMMEDIATE" : "BEGIN IMMEDIATE", NULL, NULL, NULL) ==
                     SQLITE_OK,
                 "begin");
        key[0] = next_random(&state);
        key[1] = next_random(&state);
        bare_row(resource, payload, i + 1, (const uint8_t *)key, text);
    }
    must(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK, "commit");
    sqlite3_finalize(resource);
    sqlite3_finalize(payload);
    must(sqlite3_close(db) == SQLITE_OK, "close");
    return end_timing(&t, "bare", rows);
}

/* ---- ours ---- */

static double ours(struct store *s, const char *what, long rows, const char *text, enum put_outcome want)
{
    struct resource_row r = {.partner = GW_STR("partner"),
                             .flow = GW_STR("flow"),
                             .type = GW_STR("type"),
                             .purpose = GW_STR("purpose"),
                             .payload = {text, PAYLOAD}};
    uint64_t state = 88172645463325252u, key[2];
    enum put_outcome outcome;
    struct timing t;
    int64_t id;

    begin_timing(&t);
    for (long i = 0; i < rows; i++) {
        if (i % BATCH == 0)
            must((!i || store_commit(s) == GW_OK) && store_begin(s) == GW_OK, "begin");
        key[0] = next_random(&state);
        key[1] = next_random(&state);
        memcpy(r.key, key, sizeof(r.key));
        resource_digest(s, r.payload, r.nir, r.digest);
        must(resource_put(s, &r, &id, &outcome) == GW_OK && outcome == want, "put");
    }
    must(store_commit(s) == GW_OK && store_checkpoint(s) == GW_OK, "commit");
    return end_timing(&t, what, rows);
}

int main(int argc, char **argv)
{
    long rows = argc > 2 ? atol(argv[2]) : 300000, rounds = argc > 3 ? atol(argv[3]) : 3;
    char path[512], key_path[512], text[PAYLOAD], other[PAYLOAD];

    must(argc > 1, "usage: store_bench FOLDER [ROWS [ROUNDS]]");
    for (int i = 0; i < PAYLOAD; i++)
        text[i] = other[i] = (char)('a' + i * 7 % 26);
    other[0] = 'z';
    for (long round = 0; round < rounds; round++) {
        double limit = bare(argv[1], rows, text), put;
        struct arena arena = {0};
        struct store *s = NULL;

        fresh(argv[1], path);
        snprintf(key_path, sizeof(key_path), "%s/bench.key", argv[1]);
        must(store_open(
                 &arena,
                 &(struct store_options){.path = path, .key_path = key_path, .create = true, .cache_kb = 65536},
                 &s) == GW_OK,
             "open");
        put = ours(s, "created", rows, text, PUT_CREATED);
        printf("           %.2f of bare\n", put / limit);
        ours(s, "unchanged", rows, text, PUT_UNCHANGED);
        ours(s, "updated", rows, other, PUT_UPDATED);
        store_close(s);
        arena_done(&arena);
    }
    fresh(argv[1], path);
    return 0;
}
