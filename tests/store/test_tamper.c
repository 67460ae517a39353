/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The file under the store, by SQLite itself: rows changed by hand are found, in every table and column;
 * versions that are not ours are refused. The only test that knows which backend it is.
 */
#include <sqlite3.h>
#include <unistd.h>

#include "fixture.h"

#include "store/people.h"
#include "store/sights.h"
#include "store/unseen.h"

static void raw(struct fixture *f, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* ---- versions ---- */

static void versions(void **state)
{
    static const struct {
        const char *sql;
        bool create;
        const char *code, *found;
    } rows[] = {
        {"PRAGMA user_version=6", false, "store.newer", "6"},
        {"PRAGMA user_version=900", true, "store.newer", "900"},
        {"PRAGMA user_version=0", false, "store.absent", NULL},
        {"PRAGMA user_version=1; PRAGMA application_id=7", true, "store.foreign", NULL},
        {"PRAGMA application_id=0; PRAGMA user_version=0", true, "store.foreign", NULL},
    };
    struct fixture *f = *state;

    store_close(f->store);
    f->store = NULL;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        raw(f, rows[i].sql);
        assert_int_equal(fixture_open_as(f, rows[i].create, false, &f->store), GW_FAIL);
        assert_told(f, rows[i].code, rows[i].found ? rows[i].found : f->path);
    }
}

static void what_is_no_database_is_refused(void **state)
{
    struct fixture *f = *state;

    store_close(f->store);
    f->store = NULL;
    copy_file("/proc/self/exe", f->path);
    assert_int_equal(fixture_open_as(f, true, false, &f->store), GW_FAIL);
    assert_told(f, "store.foreign", NULL);
}

/* A store as version 1 made it is opened by every later version. */
static void a_store_of_version_1_is_opened(void **state)
{
    struct fixture *f = *state;
    struct resource_row r;
    int64_t id;

    put_resource(f->store, "k", "payload", NULL, &id);
    store_close(f->store);
    assert_int_equal(fixture_open_as(f, true, false, &f->store), GW_OK);
    assert_int_equal(resource_get(f->store, id, false, &f->arena, &r), GW_OK);
    assert_true(str_is(r.payload, "payload"));
    assert_sound(f->store);
}

/* It did not know who is in which unit: that is written down when it is opened for good. */
static void a_store_of_version_2_learns_where_people_are(void **state)
{
    struct fixture *f = *state;
    int64_t ids[2], unit;
    struct ids units;

    put_exchange(f->store, "in", "a", 1);
    put_resource(f->store, "k1", "payload", NULL, &ids[0]);
    put_resource(f->store, "k2", "payload", NULL, &ids[1]);
    unit = put_unit(f->store, "k1", ids, 2);
    store_close(f->store);
    raw(f, "DROP TABLE bearer; DROP TABLE departed; DROP TABLE person; DROP TABLE chunk; DROP TABLE sight;"
           "PRAGMA user_version=2");
    assert_int_equal(fixture_open_as(f, true, false, &f->store), GW_OK);
    assert_int_equal(units_bearing(f->store, ids[1], &f->arena, &units), GW_OK);
    assert_int_equal(units.count, 1);
    assert_int_equal(units.items[0], unit);
    assert_sound(f->store);
}

/* The table of pieces came to version 3 before it had a version of its own: some of those stores have none. */
static void a_store_of_version_3_has_pieces_or_gets_them(void **state)
{
    static const char *const as_it_was[] = {"DROP TABLE sight; PRAGMA user_version=3",
                                            "DROP TABLE sight; DROP TABLE chunk; PRAGMA user_version=3"};
    struct fixture *f = *state;

    for (size_t i = 0; i < 2; i++) {
        store_close(f->store);
        raw(f, as_it_was[i]);
        assert_int_equal(fixture_open_as(f, false, false, &f->store), GW_FAIL);
        assert_int_equal(fixture_open_as(f, true, false, &f->store), GW_OK);
        assert_sound(f->store);
        assert_int_equal(store_rotate(f->store), GW_OK);
    }
}

/* It did not know when what stayed the same was seen: none of it is older than the last file that came. */
static void a_store_of_version_4_saw_all_when_the_last_file_came(void **state)
{
    struct fixture *f = *state;
    struct exchange last;
    int64_t id, unit;
    struct unit u;
    bool is;

    last = get_exchange(f, put_exchange(f->store, "in", "a", 1));
    put_resource(f->store, "k1", "payload", NULL, &id);
    unit = put_unit(f->store, "k1", &id, 1);
    store_close(f->store);
    raw(f, "DROP TABLE sight; PRAGMA user_version=4");
    assert_int_equal(fixture_open_as(f, true, false, &f->store), GW_OK);
    assert_int_equal(unit_get(f->store, unit, &f->arena, &u), GW_OK);
    assert_int_equal(unit_seen_since(f->store, &u, last.received_at, &is), GW_OK);
    assert_true(is);
    assert_int_equal(unit_seen_since(f->store, &u, last.received_at + 1, &is), GW_OK);
    assert_false(is);
    assert_sound(f->store);
}

/* ---- rows ---- */

static void fill(struct fixture *f)
{
    struct store *s = f->store;
    int64_t one, two, ids[2], unit;

    one = put_exchange(s, "in", "a", 1);
    two = put_queued(s, "in", "b", 2);
    put_resource(s, "k1", "first", "111", &ids[0]);
    put_resource(s, "k1", "second", "111", &ids[0]);
    put_resource(s, "k2", "first", "222", &ids[1]);
    put_resource(s, "k2", "third", "222", &ids[1]);
    unit = put_unit(s, "k1", ids, 2);
    put_unit(s, "k2", ids, 1);
    put_reject(s, one, 1, "csv.columns", "raw 1");
    put_reject(s, two, 2, "csv.quote", "raw 2");
    put_delivery(s, "out", one, unit, ids[0]);
    put_delivery(s, "out", two, unit, ids[1]);
    assert_int_equal(cursor_set(s, GW_STR("out"), 5), GW_OK);
    assert_int_equal(unit_seen(s, unit, 1000), GW_OK);
}

#define SWAP(table, column, a, b)                                                                              \
    "UPDATE " #table " SET " #column "=(SELECT " #column " FROM " #table " o WHERE o.id<>" #table ".id"        \
    " AND o.id IN (" #a "," #b ")) WHERE id IN (" #a "," #b ")"

static const struct {
    const char *sql;
    const char *found; /* the row of which one of the diagnostics speaks */
} tampers[] = {
    {"UPDATE name SET text='else' WHERE id=1", "name 1"},
    {"UPDATE exchange SET size=size+1 WHERE id=1", "exchange 1"},
    {"UPDATE exchange SET state=4 WHERE id=2", "exchange 2"},
    {"UPDATE exchange SET held=1 WHERE id=2", "exchange 2"},
    {"UPDATE exchange SET name='else' WHERE id=1", "exchange 1"},
    {"UPDATE exchange SET spool=NULL WHERE id=1", "exchange 1"},
    {"UPDATE exchange SET reason='' WHERE id=1", "exchange 1"},
    {"UPDATE exchange SET rank=1.5 WHERE id=1", "exchange 1"},
    {"UPDATE exchange SET sum=sum+1 WHERE id=1", "exchange 1"},
    {"UPDATE exchange SET digest=zeroblob(32) WHERE id=1", "exchange 1"},
    {"UPDATE resource SET version=1 WHERE id=1", "resource 1"},
    {"UPDATE resource SET entity=9 WHERE id=2", "resource 2"},
    {"UPDATE resource SET purpose=flow WHERE id=2", "resource 2"},
    {"UPDATE resource SET number_hash=NULL WHERE id=2", "resource 2"},
    {"UPDATE resource SET id=99 WHERE id=2", "resource 99"},
    {SWAP(resource, number_sealed, 1, 2), "resource 1"},
    {"UPDATE payload SET received_at=1 WHERE id=1<<20|1", "payload 1048577"},
    {"UPDATE payload SET sealed=zeroblob(40) WHERE id=1<<20|2", "payload 1048578"},
    {"UPDATE payload SET id=3<<20|1 WHERE id=1<<20|1", "payload 3145729"},
    {"DELETE FROM payload WHERE id=1<<20|1", "meta 1"}, /* as after a retention, but uncounted */
    {"DELETE FROM payload WHERE id=1<<20|2", "resource 1"},
    {"DELETE FROM resource WHERE id=1", "payload 1048577"},
    {"UPDATE unit SET seq=50 WHERE id=1", "unit 1"},
    {"UPDATE unit SET members=zeroblob(16) WHERE id=1", "unit 1"},
    {"DELETE FROM resource WHERE id=2", "unit 1"},
    {"UPDATE reject SET state=2 WHERE id=1", "reject 1"},
    {SWAP(reject, raw, 1, 2), "reject 1"},
    {SWAP(reject, diagnostics, 1, 2), "reject 1"},
    {"DELETE FROM exchange WHERE id=2", "reject 2"},
    {"UPDATE delivery SET state=3 WHERE id=1", "delivery 1"},
    {SWAP(delivery, partner_ref, 1, 2), "delivery 1"},
    {"DELETE FROM unit WHERE id=1", "delivery 1"},
    {"UPDATE cursor SET seq=7", NULL},
    {"UPDATE sight SET seen_at=seen_at+1", "sight 1"},
    {"UPDATE sight SET id=99", "sight 99"},
    {"UPDATE meta SET resources=resources+1", "meta 1"},
    {"UPDATE audit SET at=at+1 WHERE id=2", "audit 2"},
    {"UPDATE audit SET detail='' WHERE id=3", "audit 3"},
    {"DELETE FROM audit WHERE id=2", "audit 3"},
    {"DELETE FROM audit WHERE id=3", "audit 3"},
    {"DELETE FROM audit WHERE id=3; UPDATE meta SET audit_id=2,"
     " audit_digest=(SELECT digest FROM audit WHERE id=2)",
     "audit 3"},
    {"DELETE FROM audit; UPDATE meta SET audit_id=0", "audit 1"},
};

static bool told_of(const struct fixture *f, const char *found)
{
    for (size_t i = 0; i < f->told.count && i < 16; i++)
        if (strcmp(f->told.diags[i].code, "store.row") == 0 && strcmp(f->told.diags[i].found, found) == 0)
            return true;
    return false;
}

static void rows_changed_by_hand_are_found(void **state)
{
    struct fixture *f = *state;
    char good[128];

    fill(f);
    assert_sound(f->store);
    store_close(f->store);
    snprintf(good, sizeof(good), "%s/good.db", f->folder);
    copy_file(f->path, good);
    for (size_t i = 0; i < sizeof(tampers) / sizeof(tampers[0]); i++) {
        uint64_t faults = 0;

        copy_file(good, f->path);
        raw(f, tampers[i].sql);
        assert_int_equal(fixture_open_as(f, false, false, &f->store), GW_OK);
        assert_int_equal(store_check(f->store, &faults), GW_OK);
        if (faults == 0 || faults != f->told.count || (tampers[i].found && !told_of(f, tampers[i].found)))
            fail_msg("%s: %llu faults, %zu told, first %s %s", tampers[i].sql, (unsigned long long)faults,
                     f->told.count, f->told.diags[0].code, f->told.diags[0].found);
        told_init(&f->told);
        store_close(f->store);
        f->store = NULL;
    }
}

/* Every cell of every row of every table, one after another. */
static void every_cell_counts(void **state)
{
    static const char *const tables[] = {"name", "exchange", "resource", "payload",
                                         "unit", "reject",   "delivery", "sight"};
    struct fixture *f = *state;
    char good[128], sql[400];
    sqlite3 *db;

    fill(f);
    store_close(f->store);
    f->store = NULL;
    snprintf(good, sizeof(good), "%s/good.db", f->folder);
    copy_file(f->path, good);
    assert_int_equal(sqlite3_open(good, &db), SQLITE_OK);
    for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
        sqlite3_stmt *columns;

        snprintf(sql, sizeof(sql), "SELECT name FROM pragma_table_info('%s') WHERE name<>'id'", tables[t]);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &columns, NULL), SQLITE_OK);
        while (sqlite3_step(columns) == SQLITE_ROW) {
            const char *c = (const char *)sqlite3_column_text(columns, 0);
            uint64_t faults = 0;

            copy_file(good, f->path);
            snprintf(sql, sizeof(sql),
                     "UPDATE %s SET %s=CASE typeof(%s) WHEN 'integer' THEN %s+100 WHEN 'null' THEN x'00'"
                     " WHEN 'text' THEN %s||'x' ELSE %s||x'00' END WHERE id=(SELECT max(id) FROM %s)",
                     tables[t], c, c, c, c, c, tables[t]);
            raw(f, sql);
            assert_int_equal(fixture_open_as(f, false, false, &f->store), GW_OK);
            assert_int_equal(store_check(f->store, &faults), GW_OK);
            if (faults == 0)
                fail_msg("%s finds nothing", sql);
            store_close(f->store);
            f->store = NULL;
        }
        sqlite3_finalize(columns);
    }
    sqlite3_close(db);
}

static bool count_one(void *to, const struct exchange *e)
{
    assert_int_not_equal(e->id, 1);
    return ++*(int *)to > 0;
}

/* Who reads such a row is told, and the others are not stopped by it. */
static void a_bad_row_harms_only_itself(void **state)
{
    struct fixture *f = *state;
    struct exchange_filter all = {.state = -1, .out = -1};
    struct resource_row r;
    struct exchange e;
    int n = 0;

    fill(f);
    put_queued(f->store, "zother", "c", 1);
    put_queued(f->store, "in", "d", 3);
    raw(f, "UPDATE exchange SET size=1 WHERE id IN (1, 2); UPDATE resource SET entity=9 WHERE id=1;"
           "UPDATE payload SET sealed=zeroblob(40) WHERE id=2<<20|2");
    assert_int_equal(exchange_get(f->store, 1, &f->arena, &e), GW_REJECT);
    assert_told(f, "store.row", "exchange 1");
    assert_int_equal(resource_get(f->store, 1, false, &f->arena, &r), GW_REJECT);
    assert_told(f, "store.row", "resource 1");
    assert_int_equal(resource_get(f->store, 2, false, &f->arena, &r), GW_REJECT);
    assert_told(f, "store.row", "payload 2097154");
    assert_int_equal(exchange_each(f->store, &all, count_one, &n), GW_REJECT);
    assert_int_equal(n, 2);
    assert_told(f, "store.row", "exchange 2");
    assert_int_equal(exchange_claim(f->store, false, (struct gw_str){NULL, 0}, 60000, &f->arena, &e), GW_OK);
    assert_true(str_is(e.flow, "zother"));
    assert_told(f, "store.row", "exchange 2");
    assert_int_equal(exchange_claim(f->store, false, GW_STR("in"), 60000, &f->arena, &e), GW_END);
    raw(f, "UPDATE exchange SET flow='none' WHERE id=2");
    assert_int_equal(exchange_claim(f->store, false, (struct gw_str){NULL, 0}, 60000, &f->arena, &e), GW_OK);
    assert_true(str_is(e.name, "d"));
    assert_int_equal(store_rotate(f->store), GW_REJECT);
    assert_int_equal(resource_get(f->store, 1, false, &f->arena, &r), GW_REJECT);
}

/* Nothing goes by an age that somebody wrote by hand. */
static void what_looks_old_stays(void **state)
{
    static const char *const aged[] = {"UPDATE exchange SET received_at=1 WHERE id=1",
                                       "UPDATE unit SET record=9"};
    struct fixture *f = *state;
    struct unseen_rule rule = {.flow = GW_STR("in"), .before = 1000, .served = UINT64_MAX};
    struct unseen at = {.nunits = 0};
    struct unit u = {.partner = GW_STR("p"), .flow = GW_STR("in"), .nmembers = 1};
    int64_t member, after = 0;
    uint64_t n;

    put_resource(f->store, "k1", "first", NULL, &member);
    u.members = &member;
    u.exchange = put_exchange(f->store, "in", "a", 1);
    assert_int_equal(unit_put(f->store, &u, &u.id), GW_OK);
    for (size_t i = 0; i < 2; i++, after = 0) {
        raw(f, aged[i]);
        while (unseen_forget(f->store, &rule, &at, &after, &n) == GW_OK)
            assert_int_equal(n, 0);
        assert_told(f, "store.row", i ? "unit 1" : "exchange 1");
    }
}

static void a_damaged_file_is_said(void **state)
{
    struct fixture *f = *state;
    uint64_t faults = 0;
    FILE *file;
    enum gw_result r;

    fill(f);
    store_close(f->store);
    f->store = NULL;
    file = fopen(f->path, "r+b");
    assert_non_null(file);
    for (long at = 8 * 4096L; at < 30 * 4096L; at += 4096) {
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        assert_int_equal(fwrite("\x77\x77\x77\x77\x77\x77\x77\x77", 1, 8, file), 8);
    }
    assert_int_equal(fclose(file), 0);
    r = fixture_open_as(f, false, false, &f->store);
    if (r == GW_OK)
        r = store_check(f->store, &faults);
    else
        f->store = NULL;
    assert_true(r == GW_FAIL || faults > 0);
    assert_int_not_equal(f->told.count, 0);
    assert_string_equal(f->told.diags[0].code, "store.damaged");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(versions, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(what_is_no_database_is_refused, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_store_of_version_1_is_opened, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_store_of_version_2_learns_where_people_are, fixture_open,
                                        fixture_close),
        cmocka_unit_test_setup_teardown(a_store_of_version_3_has_pieces_or_gets_them, fixture_open,
                                        fixture_close),
        cmocka_unit_test_setup_teardown(a_store_of_version_4_saw_all_when_the_last_file_came, fixture_open,
                                        fixture_close),
        cmocka_unit_test_setup_teardown(rows_changed_by_hand_are_found, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(every_cell_counts, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_bad_row_harms_only_itself, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(what_looks_old_stays, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_damaged_file_is_said, fixture_open, fixture_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
