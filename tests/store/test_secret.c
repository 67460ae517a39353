/* SPDX-License-Identifier: EUPL-1.2 */
/* What may not be read from the disk, and the keys: changed while others work, and cut at every point. */
#include "fixture.h"

#include <sys/stat.h>
#include <unistd.h>

#define PAYLOAD "{\"type\":\"somebody\",\"name\":\"" NAME_OF_SOMEBODY "\"}"

static int64_t fill(struct store *s)
{
    int64_t exchange = put_exchange(s, "in", "a", 1), id, unit;
    struct exchange e;
    struct arena a = {0};

    put_resource(s, "key of " NUMBER_OF_SOMEBODY, PAYLOAD, NUMBER_OF_SOMEBODY, &id);
    unit = put_unit(s, "key of " NUMBER_OF_SOMEBODY, &id, 1);
    put_reject(s, exchange, 1, "csv.columns", "raw " NAME_OF_SOMEBODY);
    put_delivery(s, "out", exchange, unit, id);
    assert_int_equal(exchange_get(s, exchange, &a, &e), GW_OK);
    e.reason_args = GW_STR("{\"value\":\"" NAME_OF_SOMEBODY "\"}");
    assert_int_equal(exchange_save(s, &e), GW_OK);
    arena_done(&a);
    return id;
}

static void assert_readable(struct store *s, int64_t id)
{
    struct resource_row r;
    struct reject_row reject;
    struct exchange e;
    struct arena a = {0};

    assert_int_equal(resource_get(s, id, true, &a, &r), GW_OK);
    assert_true(str_is(r.payload, PAYLOAD) && str_is(r.nir, NUMBER_OF_SOMEBODY));
    assert_int_equal(reject_get(s, 1, &a, &reject), GW_OK);
    assert_true(str_is(reject.raw, "raw " NAME_OF_SOMEBODY));
    assert_int_equal(exchange_get(s, 1, &a, &e), GW_OK);
    assert_true(str_is(e.reason_args, "{\"value\":\"" NAME_OF_SOMEBODY "\"}"));
    arena_done(&a);
}

static void nothing_personal_is_on_the_disk(void **state)
{
    static const char *const secrets[] = {NAME_OF_SOMEBODY, "Quatrebarbes", NUMBER_OF_SOMEBODY, "\"name\""};
    struct fixture *f = *state;
    int64_t id = fill(f->store);

    if (!fixture_has_file())
        skip(); /* who runs the server looks into its files */
    for (int pass = 0; pass < 3; pass++) {
        for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
            assert_false(folder_holds(f->folder, secrets[i]));
        assert_true(folder_holds(f->folder, "csv.columns")); /* what filters ask is found */
        if (pass == 0)
            put_resource(f->store, "key of " NUMBER_OF_SOMEBODY, "{}", NULL, &id);
        if (pass == 1)
            fixture_reopen(f);
    }
}

static void the_key_file_is_ours_alone(void **state)
{
    struct fixture *f = *state;
    struct stat st;

    assert_int_equal(stat(f->key, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, 32);
    if (fixture_has_file()) {
        assert_int_equal(stat(f->path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
    }
}

/* ---- another key in its place ---- */

static void write_key(const char *path, const char *bytes, size_t len)
{
    FILE *out = fopen(path, "wb");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
}

static void wrong_keys(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *code;
    } rows[] = {
        {"0123456789abcdef0123456789abcdef", 32, "store.key"},
        {"0123456789abcdef0123456789abcdef\n", 33, "store.key_file"},
        {"0123456789abcdef", 16, "store.key_file"},
        {"", 0, "store.key_file"},
        {NULL, 0, "store.key"},
    };
    struct fixture *f = *state;
    struct store *s = NULL;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].bytes)
            write_key(f->key, rows[i].bytes, rows[i].len);
        else
            unlink(f->key);
        assert_int_equal(fixture_open_as(f, true, false, &s),
                         GW_FAIL); /* a new key is never made for an old store */
        assert_told(f, rows[i].code, f->key);
    }
    assert_null(s);
}

/* ---- rotation ---- */

static void a_rotation_changes_all_but_what_is_found_by_hash(void **state)
{
    struct fixture *f = *state;
    int64_t id = fill(f->store), found = 0;
    uint8_t key[STORE_KEY], again[STORE_KEY];
    char old[96];

    store_hash(f->store, GW_STR("x"), key);
    snprintf(old, sizeof(old), "%s/old.key", f->folder);
    copy_file(f->key, old);
    assert_int_equal(store_rotate(f->store), GW_OK);
    assert_readable(f->store, id);
    assert_sound(f->store);
    store_hash(f->store, GW_STR("x"), again);
    assert_memory_equal(key, again, STORE_KEY);
    fixture_reopen(f);
    assert_readable(f->store, id);
    assert_int_equal(store_rotate(f->store), GW_OK);
    assert_readable(f->store, id);
    store_hash(f->store, GW_STR("key of " NUMBER_OF_SOMEBODY), key);
    assert_int_equal(resource_find(f->store, key, &found), GW_OK);
    assert_int_equal(found, id);
    assert_int_equal(put_resource(f->store, "key of " NUMBER_OF_SOMEBODY, PAYLOAD, NUMBER_OF_SOMEBODY, &id),
                     PUT_UNCHANGED);
    store_close(f->store);
    copy_file(old, f->key);
    assert_int_equal(fixture_open_as(f, false, false, &f->store), GW_FAIL);
    f->store = NULL;
    assert_told(f, "store.key", f->key);
}

static void others_follow_a_rotation(void **state)
{
    struct fixture *f = *state;
    int64_t id = fill(f->store), other_id;
    struct store *reader, *writer;

    assert_int_equal(fixture_open_as(f, false, true, &reader), GW_OK);
    assert_int_equal(fixture_open_as(f, false, false, &writer), GW_OK);
    assert_readable(reader, id);
    for (int i = 0; i < 3; i++) {
        char key[16];

        assert_int_equal(store_rotate(f->store), GW_OK);
        assert_readable(reader, id);
        snprintf(key, sizeof(key), "%d", i);
        put_resource(writer, key, PAYLOAD, NUMBER_OF_SOMEBODY, &other_id);
        assert_readable(f->store, id);
        assert_sound(reader);
    }
    store_close(reader);
    store_close(writer);
    fixture_reopen(f);
    assert_readable(f->store, other_id);
    assert_int_equal(f->told.count, 0);
}

/* The files before and after a rotation, put together as a crash may leave them. '0' before, '1' after, '-' not
 * there, 'p' half written. */
static const struct {
    const char *title;
    char store, key, aside;
    bool opens;
} crashes[] = {
    {"before anything", '0', '0', '-', true},
    {"while the new key is written", '0', '0', 'p', true},
    {"the new key is written", '0', '0', '1', true},
    {"committed, the key not yet in its place", '1', '0', '1', true},
    {"all done", '1', '1', '-', true},
    {"the folder lost the old name only", '1', '-', '1', true},
    {"committed, the new key lost", '1', '0', '-', false},
    {"committed, the new key cut", '1', '0', 'p', false},
};

static void put_part(const struct fixture *f, char which, const char *name, const char *as)
{
    char from[256], to[256];

    snprintf(from, sizeof(from), "%s/%s.%c", f->folder, name, which == 'p' ? '1' : which);
    snprintf(to, sizeof(to), "%s/%s", f->folder, as);
    copy_file(from, to);
    if (which == 'p')
        assert_int_equal(truncate(to, 20), 0);
}

static void keep_part(const struct fixture *f, char which, const char *name)
{
    char from[256], to[256];

    snprintf(from, sizeof(from), "%s/%s", f->folder, name);
    snprintf(to, sizeof(to), "%s/%s.%c", f->folder, name, which);
    copy_file(from, to);
}

static void keep_all(struct fixture *f, char which)
{
    store_close(f->store);
    f->store = NULL;
    keep_part(f, which, "store.db");
    keep_part(f, which, "store.key");
    assert_int_equal(fixture_open_as(f, false, false, &f->store), GW_OK);
}

static void every_crash_of_a_rotation_is_survived(void **state)
{
    struct fixture *f = *state;
    int64_t id = fill(f->store);
    char aside[100];

    if (!fixture_has_file())
        skip(); /* the store goes back by its file */
    keep_all(f, '0');
    assert_int_equal(store_rotate(f->store), GW_OK);
    keep_all(f, '1');
    snprintf(aside, sizeof(aside), "%s.new", f->key);
    for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
        store_close(f->store);
        f->store = NULL;
        put_part(f, crashes[i].store, "store.db", "store.db");
        put_part(f, crashes[i].key, "store.key", "store.key");
        put_part(f, crashes[i].aside, "store.key", "store.key.new");
        if (!crashes[i].opens) {
            assert_int_equal(fixture_open_as(f, true, false, &f->store), GW_FAIL);
            assert_told(f, "store.key", f->key);
            continue;
        }
        assert_int_equal(fixture_open_as(f, false, true, &f->store),
                         GW_OK); /* who only reads puts nothing right */
        assert_readable(f->store, id);
        assert_int_equal(access(aside, F_OK) == 0, crashes[i].aside != '-');
        fixture_reopen(f);
        assert_readable(f->store, id);
        assert_int_equal(access(aside, F_OK) == 0, crashes[i].aside != '-' && crashes[i].store == '0');
        assert_int_equal(store_rotate(f->store), GW_OK); /* and it can be done again */
        fixture_reopen(f);
        assert_readable(f->store, id);
        assert_sound(f->store);
    }
    assert_int_equal(f->told.count, 0);
}

/* The commit is in the log only, as a killed process leaves it. */
static void the_log_of_a_killed_rotation_counts(void **state)
{
    struct fixture *f = *state;
    int64_t id = fill(f->store);
    struct fixture copy = *f;
    char from[256], to[256];
    static const char *const parts[] = {"", "-wal"};

    if (!fixture_has_file())
        skip();
    assert_int_equal(store_rotate(f->store), GW_OK);
    put_resource(f->store, "later", PAYLOAD, NULL, &(int64_t){0}); /* after the checkpoint of the rotation */
    snprintf(copy.path, sizeof(copy.path), "%s/copy.db", f->folder);
    for (int i = 0; i < 2; i++) {
        snprintf(from, sizeof(from), "%s%s", f->path, parts[i]);
        snprintf(to, sizeof(to), "%s%s", copy.path, parts[i]);
        copy_file(from, to);
    }
    copy.arena = (struct arena){0};
    assert_int_equal(fixture_open_as(&copy, false, false, &copy.store), GW_OK);
    assert_readable(copy.store, id);
    assert_sound(copy.store);
    store_close(copy.store);
    arena_done(&copy.arena);
}

/* A key that cannot be written beside the old one: nothing has happened. */
static void a_rotation_that_fails_changes_nothing(void **state)
{
    struct fixture *f = *state;
    int64_t id = fill(f->store);
    char aside[100];

    snprintf(aside, sizeof(aside), "%s.new", f->key);
    assert_int_equal(mkdir(aside, 0700), 0);
    assert_int_equal(store_rotate(f->store), GW_RETRY);
    assert_told(f, "store.file", f->key);
    assert_readable(f->store, id);
    assert_int_equal(rmdir(aside), 0);
    fixture_reopen(f);
    assert_readable(f->store, id);
    assert_int_equal(store_begin(f->store), GW_OK);
    assert_int_equal(store_rotate(f->store), GW_FAIL);
    assert_told(f, "store.nested", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_personal_is_on_the_disk, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(the_key_file_is_ours_alone, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(wrong_keys, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_rotation_changes_all_but_what_is_found_by_hash, fixture_open,
                                        fixture_close),
        cmocka_unit_test_setup_teardown(others_follow_a_rotation, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(every_crash_of_a_rotation_is_survived, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(the_log_of_a_killed_rotation_counts, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_rotation_that_fails_changes_nothing, fixture_open, fixture_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
