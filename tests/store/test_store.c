/* SPDX-License-Identifier: EUPL-1.2 */
/* Opening, transactions, what the world does to them, copies. */
#include "fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void what_is_not_there_is_said(void **state)
{
    static const struct {
        bool create, read_only, empty_file;
    } rows[] = {{false, false, false},
                {false, true, false},
                {true, true, false},
                {false, false, true},
                {false, true, true}};
    struct fixture *f = *state;
    size_t n = fixture_has_file() ? sizeof(rows) / sizeof(rows[0]) : 3;
    bool found;

    fixture_remove(f);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].empty_file)
            copy_file("/dev/null", f->path);
        assert_int_equal(fixture_open_as(f, rows[i].create, rows[i].read_only, &f->store), GW_FAIL);
        assert_told(f, "store.absent", fixture_has_file() ? f->path : NULL);
        found = access(f->path, F_OK) == 0;
        assert_int_equal(found, rows[i].empty_file);
    }
    assert_int_equal(fixture_open_as(f, true, false, &f->store),
                     GW_OK); /* a file cut before its first commit */
    assert_sound(f->store);
}

/* A first start that was cut after the key was made: the key is used. */
static void a_key_without_a_store_is_used(void **state)
{
    struct fixture *f = *state;
    char old[96];

    snprintf(old, sizeof(old), "%s/old.key", f->folder);
    copy_file(f->key, old);
    fixture_remove(f);
    assert_int_equal(fixture_open_as(f, true, false, &f->store), GW_OK);
    store_close(f->store);
    copy_file(old, f->key);
    assert_int_equal(fixture_open_as(f, true, false, &f->store), GW_OK);
}

static void what_cannot_be_opened_is_said(void **state)
{
    struct fixture *f = *state;
    struct store_options o = {.path = "/nowhere/at/all/store.db", .key_path = f->key, .create = true};
    struct store *s;

    o.sink = &f->told.sink;
    assert_int_equal(store_open(&f->arena, &o, &s), GW_RETRY);
    assert_told(f, "store.file", o.path);
    o.create = false;
    assert_int_equal(store_open(&f->arena, &o, &s), GW_FAIL);
    assert_told(f, "store.absent", o.path);
    o.sink = NULL;
    assert_int_equal(store_open(&f->arena, &o, &s), GW_FAIL);
    store_close(NULL);
}

/* ---- beside others ---- */

static void reading_beside_a_writer(void **state)
{
    struct fixture *f = *state;
    struct store *reader;
    struct store_totals t;
    int64_t id;

    put_resource(f->store, "a", "x", NULL, &id);
    assert_int_equal(fixture_open_as(f, false, true, &reader), GW_OK);
    assert_int_equal(store_begin(f->store), GW_OK);
    put_resource(f->store, "b", "x", NULL, &id);
    assert_int_equal(store_totals(reader, &t), GW_OK); /* does not wait, sees the last commit */
    assert_int_equal(t.resources, 1);
    assert_int_equal(store_commit(f->store), GW_OK);
    assert_int_equal(store_totals(reader, &t), GW_OK);
    assert_int_equal(t.resources, 2);
    assert_sound(reader);
    assert_int_equal(f->told.count, 0);
    assert_int_equal(cursor_set(reader, GW_STR("x"), 1), GW_FAIL);
    assert_told(f, "store.read_only", NULL);
    assert_int_equal(store_begin(reader), GW_FAIL);
    assert_told(f, "store.read_only", NULL);
    assert_int_equal(store_checkpoint(f->store), GW_OK);
    store_close(reader);
}

static void transactions(void **state)
{
    struct fixture *f = *state;
    uint64_t seq;

    store_rollback(f->store);
    assert_int_equal(store_begin(f->store), GW_OK);
    assert_int_equal(cursor_set(f->store, GW_STR("x"), 1), GW_OK);
    assert_int_equal(store_begin(f->store), GW_FAIL);
    assert_told(f, "store.nested", NULL);
    assert_int_equal(store_commit(f->store), GW_FAIL); /* what failed is not committed */
    assert_int_equal(cursor_get(f->store, GW_STR("x"), &seq), GW_OK);
    assert_int_equal(seq, 0);
    assert_int_equal(store_begin(f->store), GW_OK);
    assert_int_equal(cursor_set(f->store, GW_STR("x"), 2), GW_OK);
    store_close(f->store); /* rolls back */
    assert_int_equal(fixture_open_as(f, false, false, &f->store), GW_OK);
    assert_int_equal(cursor_get(f->store, GW_STR("x"), &seq), GW_OK);
    assert_int_equal(seq, 0);
    assert_int_equal(cursor_set(f->store, GW_STR("x"), 3), GW_OK); /* a transaction by itself */
    fixture_reopen(f);
    assert_int_equal(cursor_get(f->store, GW_STR("x"), &seq), GW_OK);
    assert_int_equal(seq, 3);
}

static bool ask_again(void *to, const struct exchange *e)
{
    struct fixture *f = to;
    struct exchange_filter all = {.state = -1, .out = -1};
    struct exchange got;

    assert_int_equal(exchange_get(f->store, e->id, &f->arena, &got), GW_OK);
    assert_true(str_eq(got.name, e->name));
    f->told.count++;
    return f->told.count < 4 ? exchange_each(f->store, &all, ask_again, f) == GW_OK : true;
}

/* A walk in a walk of the same kind does not disturb it. */
static void walks_nest(void **state)
{
    struct fixture *f = *state;
    struct exchange_filter all = {.state = -1, .out = -1};

    put_exchange(f->store, "in", "a", 1);
    put_exchange(f->store, "in", "b", 1);
    assert_int_equal(exchange_each(f->store, &all, ask_again, f), GW_OK);
    assert_int_equal(f->told.count, 8); /* 1 > 2 > 3 > 4, 5; then 6, 7, 8: one more on each level */
}

/* ---- what the world does ---- */

static char large[20000];

/* No room: the transaction that meets it is undone, what was committed stays, and the next one works. */
static void a_full_disk(void **state)
{
    struct fixture *f = *state;
    struct rlimit old, small = {.rlim_cur = 400000};
    struct resource_row r = {.partner = GW_STR("p"), .payload = {large, sizeof(large)}};
    enum put_outcome outcome;
    enum gw_result res = GW_OK;
    int64_t id, first;

    if (!fixture_has_file())
        skip(); /* its disk is the server's */
    put_resource(f->store, "before", "x", NULL, &first);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int tx = 0; res == GW_OK && tx < 100; tx++) {
        res = store_begin(f->store);
        for (int i = 0; res == GW_OK && i < 3; i++) {
            r.key[0] = (uint8_t)tx;
            r.key[1] = (uint8_t)i;
            resource_digest(f->store, r.payload, r.nir, r.digest);
            res = resource_put(f->store, &r, &id, &outcome);
        }
        if (res == GW_OK)
            res = store_commit(f->store);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(res, GW_RETRY);
    assert_told(f, "store.io", NULL);
    store_rollback(f->store);
    put_resource(f->store, "after", "x", NULL, &id);
    assert_sound(f->store);
    fixture_reopen(f);
    assert_sound(f->store);
    assert_int_equal(put_resource(f->store, "before", "x", NULL, &id), PUT_UNCHANGED);
    assert_int_equal(id, first);
}

/* One of each, from an arena that must grow for it. */
static enum gw_result use_all(struct fixture *f, struct arena *a)
{
    struct exchange_filter all = {.state = -1, .out = -1};
    struct resource_row r, put = {.partner = GW_STR("p"), .key = "again", .payload = {large, sizeof(large)}};
    enum put_outcome outcome;
    struct exchange e;
    struct store *s = NULL;
    struct store_options o = {.path = f->path, .key_path = f->key, .sink = &f->told.sink};
    enum gw_result res = store_open(a, &o, &s);
    int64_t id;

    if (res != GW_OK)
        return res;
    put.nir = GW_STR("x");
    resource_digest(s, put.payload, put.nir, put.digest);
    res = resource_put(s, &put, &id, &outcome);
    if (res == GW_OK)
        res = resource_get(s, 1, true, a, &r);
    if (res == GW_OK)
        res = exchange_get(s, 1, a, &e);
    if (res == GW_OK)
        res = exchange_each(s, &all, ask_again, f);
    store_close(s);
    return res;
}

static void each_allocation_fails_once(void **state)
{
    struct fixture *f = *state;
    int64_t id;

    put_exchange(f->store, "in", "a", 1);
    put_resource(f->store, "k", "x", "1", &id);
    f->told.count = 100;
    for (size_t nth = 1;; nth++) {
        struct arena a;
        enum gw_result r;

        arena_init(&a, 256, 0);
        f->told.count = 100; /* no walk in a walk */
        arena_fail_at(nth);
        r = use_all(f, &a);
        if (arena_fail_left()) {
            arena_fail_at(0);
            arena_done(&a);
            assert_int_equal(r, GW_OK);
            assert_true(nth > 5);
            break;
        }
        assert_int_equal(r, GW_FATAL);
        assert_string_equal(f->told.diags[15].code, "memory.out");
        arena_done(&a);
    }
    assert_sound(f->store);
}

/* ---- other processes ---- */

/* Who is killed leaves what it committed, and nothing of what it had begun. */
static void a_killed_writer(void **state)
{
    struct fixture *f = *state;
    int64_t id;
    int status;
    pid_t child;

    store_close(f->store);
    child = fork();
    if (child == 0) {
        if (fixture_open_as(f, false, false, &f->store) != GW_OK)
            _exit(1);
        put_resource(f->store, "committed", "x", NULL, &id);
        if (store_begin(f->store) != GW_OK)
            _exit(1);
        put_resource(f->store, "begun", "x", NULL, &id);
        raise(SIGKILL);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(fixture_open_as(f, false, false, &f->store), GW_OK);
    assert_sound(f->store);
    assert_int_equal(put_resource(f->store, "committed", "x", NULL, &id), PUT_UNCHANGED);
    assert_int_equal(put_resource(f->store, "begun", "x", NULL, &id), PUT_CREATED);
}

static void many_make_it_at_once(void **state)
{
    struct fixture *f = *state;
    int64_t id;
    int status;

    fixture_remove(f);
    unlink(f->key);
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            char key[16];

            snprintf(key, sizeof(key), "%d", i);
            if (fixture_open_as(f, true, false, &f->store) != GW_OK)
                _exit(1);
            put_resource(f->store, key, "x", "1", &id);
            store_close(f->store);
            _exit(0);
        }
    for (int i = 0; i < 4; i++) {
        assert_true(wait(&status) > 0);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    assert_int_equal(fixture_open_as(f, false, false, &f->store), GW_OK);
    assert_int_equal(put_resource(f->store, "3", "x", "1", &id), PUT_UNCHANGED);
    assert_int_equal(id <= 4, true);
    assert_sound(f->store);
}

/* ---- copies ---- */

static void a_backup_is_a_store(void **state)
{
    struct fixture *f = *state, copy = *f;
    int64_t id;

    put_resource(f->store, "k", "payload", "1", &id);
    snprintf(copy.path, sizeof(copy.path), "%s/copy.db", f->folder);
    assert_int_equal(store_backup(f->store, copy.path), GW_OK);
    assert_int_equal(store_backup(f->store, copy.path), GW_FAIL);
    assert_told(f, "store.exists", copy.path);
    assert_int_equal(store_backup(f->store, f->key), GW_FAIL);
    assert_told(f, "store.exists", f->key);
    assert_int_equal(store_backup(f->store, "/nowhere/copy.db"), GW_RETRY);
    assert_told(f, "store.file", NULL);
    put_resource(f->store, "k", "later", "1", &id);
    copy.arena = (struct arena){0};
    assert_int_equal(fixture_open_as(&copy, false, false, &copy.store), GW_OK);
    assert_int_equal(put_resource(copy.store, "k", "payload", "1", &id), PUT_UNCHANGED);
    assert_sound(copy.store);
    store_close(copy.store);
    arena_done(&copy.arena);
}

/* Into the store under test from a file, and out of it into another: the same rows, ids and sums. */
static void a_copy_is_the_same_store(void **state)
{
    struct fixture *f = *state, file = *f, back = *f;
    uint64_t rows = 0, again = 0;
    int64_t id, copied;

    file.arena = back.arena = (struct arena){0};
    snprintf(file.path, sizeof(file.path), "%s/first.db", f->folder);
    snprintf(back.path, sizeof(back.path), "%s/second.db", f->folder);
    assert_int_equal(fixture_open_as(&file, true, false, &file.store), GW_OK);
    put_resource(file.store, "k", "payload", NUMBER_OF_SOMEBODY, &id);
    put_resource(file.store, "k", "another", NULL, &id);
    put_unit(file.store, "k", &id, 1);
    put_reject(file.store, put_queued(file.store, "in", "a", 1), 1, "csv.columns", "raw");
    put_delivery(file.store, "out", 1, 1, id);
    assert_int_equal(cursor_set(file.store, GW_STR("out"), 1), GW_OK);
    assert_int_equal(store_copy(file.store, f->store, &rows), GW_OK);
    assert_int_equal(put_resource(f->store, "k", "another", NULL, &copied), PUT_UNCHANGED);
    assert_int_equal(copied, id);
    assert_int_equal(store_copy(file.store, f->store, &again), GW_FAIL);
    assert_told(f, "store.exists", NULL);
    assert_int_equal(fixture_open_as(&back, true, false, &back.store), GW_OK);
    assert_int_equal(store_copy(f->store, back.store, &again), GW_OK);
    assert_int_equal(again, rows);
    assert_sound(back.store);
    assert_int_equal(put_resource(back.store, "k", "another", NULL, &copied), PUT_UNCHANGED);
    store_close(file.store);
    store_close(back.store);
    arena_done(&file.arena);
    arena_done(&back.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_not_there_is_said, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_key_without_a_store_is_used, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(what_cannot_be_opened_is_said, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(reading_beside_a_writer, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(transactions, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(walks_nest, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_full_disk, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(each_allocation_fails_once, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_killed_writer, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(many_make_it_at_once, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_backup_is_a_store, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_copy_is_the_same_store, fixture_open, fixture_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
