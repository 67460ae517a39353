/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * New resources written before the store is locked. Whoever does not, or cannot, has the same in the end: in a file
 * these are the same questions with the same answers.
 */
#include "fixture.h"

#include <pthread.h>
#include <unistd.h>

enum { KEPT = 10, TURN_US = 300000 };

static void keep_ids(struct store *s, const char *first)
{
    int64_t id;

    assert_int_equal(store_begin(s), GW_OK);
    assert_int_equal(put_resource(s, first, "{}", NULL, &id), PUT_CREATED); /* its names are known from now on */
    assert_int_equal(resource_ids_keep(s, KEPT), GW_OK);
    assert_int_equal(store_commit(s), GW_OK);
}

static void look(struct store *s, const char *const *keys, size_t n)
{
    struct sought sought[8];

    for (size_t i = 0; i < n; i++) {
        store_hash(s, str_of(keys[i]), sought[i].key);
        sought[i].person = true;
    }
    assert_int_equal(units_look(s, NULL, 0), GW_OK);
    assert_int_equal(resources_look(s, sought, n), GW_OK);
}

static void ahead(struct store *s, const char *key, const char *payload)
{
    struct resource_row r = resource_of(s, key, payload, payload);

    assert_int_equal(resource_ahead(s, &r), GW_OK);
}

static void counted_once(void **state)
{
    static const char *const keys[] = {"k0", "k1", "k2"};
    struct fixture *f = *state;
    struct store_totals totals;
    struct resource_row got;
    int64_t id[3];

    keep_ids(f->store, "k0");
    assert_int_equal(store_begin_beside(f->store), GW_OK);
    look(f->store, keys, 3);
    for (size_t i = 0; i < 3; i++)
        ahead(f->store, keys[i], "{\"a\":1}");
    ahead(f->store, "k1", "{\"a\":1}");
    assert_int_equal(put_resource(f->store, "k1", "{\"a\":1}", "{\"a\":1}", &id[1]), PUT_CREATED);
    assert_int_equal(put_resource(f->store, "k1", "{\"a\":1}", "{\"a\":1}", &id[1]), PUT_UNCHANGED);
    assert_int_equal(put_resource(f->store, "k2", "{\"a\":1}", "{\"a\":1}", &id[2]), PUT_CREATED);
    assert_int_equal(put_resource(f->store, "k2", "{\"a\":2}", "{\"a\":1}", &id[2]), PUT_UPDATED);
    assert_int_equal(put_resource(f->store, "k0", "{}", NULL, &id[0]), PUT_UNCHANGED); /* left alone ahead */
    assert_int_equal(put_unit(f->store, "u", id, 3), 1);
    assert_int_equal(store_commit(f->store), GW_OK);

    fixture_reopen(f);
    assert_int_equal(resource_get(f->store, id[2], true, &f->arena, &got), GW_OK);
    assert_true(str_is(got.payload, "{\"a\":2}") && str_is(got.nir, "{\"a\":1}") && got.version == 2);
    assert_int_equal(store_totals(f->store, &totals), GW_OK);
    assert_true(totals.resources == 3 && totals.versions == 4);
    assert_int_equal(f->told.count, 0);
    assert_sound(f->store);
}

/* While one is ahead of its turn another has its own: their ids are not the same, and nobody waits. */
static void ids_of_their_own(void **state)
{
    static const char *const keys[] = {"k1"};
    struct fixture *f = *state;
    struct store *other;
    int64_t mine, theirs, more;

    if (fixture_has_file())
        skip();
    keep_ids(f->store, "k0");
    assert_int_equal(fixture_open_as(f, false, false, &other), GW_OK);
    assert_int_equal(store_begin_beside(f->store), GW_OK);
    look(f->store, keys, 1);
    ahead(f->store, "k1", "{}");
    assert_int_equal(put_resource(other, "o1", "{}", NULL, &theirs), PUT_CREATED);
    assert_int_equal(put_resource(f->store, "k1", "{}", "{}", &mine), PUT_CREATED);
    assert_int_equal(put_resource(f->store, "k9", "{}", NULL, &more), PUT_CREATED); /* nobody looked for it */
    assert_int_equal(store_commit(f->store), GW_OK);
    assert_true(mine == 2 && more == 3 && theirs == 2 + KEPT);
    store_close(other);
    assert_int_equal(f->told.count, 0);
    assert_sound(f->store);
}

static void undone(void **state)
{
    static const char *const keys[] = {"k1"};
    struct fixture *f = *state;
    struct resource_row r;
    int64_t id;

    if (fixture_has_file())
        skip();
    keep_ids(f->store, "k0");
    assert_int_equal(store_begin_beside(f->store), GW_OK);
    look(f->store, keys, 1);
    ahead(f->store, "k1", "{}");
    store_rollback(f->store);
    r = resource_of(f->store, "k1", "{}", NULL);
    assert_int_equal(resource_find(f->store, r.key, &id), GW_END);
    assert_int_equal(put_resource(f->store, "k1", "{}", NULL, &id), PUT_CREATED);
    assert_sound(f->store);
}

/* ---- somebody else was first ---- */

struct turn {
    struct store *store;
    pthread_t thread;
};

/* Has its turn, and the key, and takes its time. */
static void *take_turn(void *arg)
{
    struct turn *t = arg;

    (void)usleep(TURN_US);
    assert_int_equal(store_commit(t->store), GW_OK);
    return NULL;
}

static void somebody_first(void **state)
{
    static const char *const keys[] = {"k1"};
    struct fixture *f = *state;
    struct turn t;
    struct resource_row r;
    enum put_outcome outcome;
    int64_t id, theirs;

    if (fixture_has_file())
        skip();
    keep_ids(f->store, "k0");
    assert_int_equal(fixture_open_as(f, false, false, &t.store), GW_OK);
    assert_int_equal(store_begin(t.store), GW_OK);
    assert_int_equal(put_resource(t.store, "k1", "{\"a\":1}", NULL, &theirs), PUT_CREATED);
    assert_int_equal(resource_get(t.store, theirs, false, &f->arena, &r), GW_OK); /* all of it is sent */

    assert_int_equal(store_begin_beside(f->store), GW_OK);
    look(f->store, keys, 1);
    ahead(f->store, "k1", "{\"a\":2}");
    assert_int_equal(pthread_create(&t.thread, NULL, take_turn, &t), 0);
    r = resource_of(f->store, "k1", "{\"a\":2}", NULL);
    assert_int_equal(resource_put(f->store, &r, &id, &outcome), GW_RETRY);
    store_rollback(f->store);
    assert_int_equal(pthread_join(t.thread, NULL), 0);
    assert_int_equal(f->told.count, 0);

    assert_int_equal(put_resource(f->store, "k1", "{\"a\":2}", NULL, &id), PUT_UPDATED);
    assert_int_equal(id, theirs);
    store_close(t.store);
    assert_sound(f->store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counted_once, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(ids_of_their_own, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(undone, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(somebody_first, fixture_open, fixture_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
