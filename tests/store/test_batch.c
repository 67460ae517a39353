/* SPDX-License-Identifier: EUPL-1.2 */
/* Rows that are asked for together and written in numbers: what is there is what one by one would have made. */
#include "fixture.h"

#include <stdlib.h>

#include "store/people.h"

enum { MANY = 3000 };

static struct unit unit_of(struct store *s, const char *key, const char *content)
{
    struct unit u = {.partner = GW_STR("somewhere"), .flow = GW_STR("in"), .record = 5};

    store_hash(s, str_of(key), u.key);
    store_digest(str_of(content), u.digest);
    return u;
}

static void look(struct store *s, const char *const *units, size_t nunits, const char *const *keys,
                 size_t nkeys)
{
    struct unit u[8];
    struct sought sought[8];

    for (size_t i = 0; i < nunits; i++)
        u[i] = unit_of(s, units[i], "new");
    for (size_t i = 0; i < nkeys; i++) {
        store_hash(s, str_of(keys[i]), sought[i].key);
        sought[i].person = true;
    }
    assert_int_equal(units_look(s, u, nunits), GW_OK);
    assert_int_equal(resources_look(s, sought, nkeys), GW_OK);
}

static int64_t write_unit(struct store *s, const char *key, const char *content, const int64_t *members,
                          size_t n)
{
    static const bool people[] = {false, true, true};
    struct unit u = unit_of(s, key, content);

    u.members = members;
    u.nmembers = n;
    u.people = people;
    assert_int_equal(unit_put(s, &u, &u.id), GW_OK);
    return u.id;
}

static bool find_unit(struct fixture *f, const char *key, struct unit *ret)
{
    struct unit u = unit_of(f->store, key, "");

    return unit_find(f->store, u.key, &f->arena, ret) == GW_OK;
}

static void assert_version(struct fixture *f, int64_t id, uint32_t version, const char *payload)
{
    struct resource_row got;

    assert_int_equal(resource_get(f->store, id, false, &f->arena, &got), GW_OK);
    assert_int_equal(got.version, version);
    assert_true(str_is(got.payload, payload));
}

static void assert_ids(const struct ids *got, const int64_t *want, size_t n)
{
    assert_int_equal(got->count, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(got->items[i], want[i]);
}

/* Before: unit A of k1 and k2. */
static void before(struct fixture *f, int64_t id[5])
{
    assert_int_equal(put_resource(f->store, "k1", "{\"a\":1}", "1", &id[1]), PUT_CREATED);
    assert_int_equal(put_resource(f->store, "k2", "{\"a\":2}", NULL, &id[2]), PUT_CREATED);
    write_unit(f->store, "A", "old", (const int64_t[]){id[1], id[2]}, 2);
}

static void as_one_by_one(void **state)
{
    static const char *const units[] = {"A", "B"}, *const keys[] = {"k1", "k2", "k3"};
    struct fixture *f = *state;
    int64_t id[5] = {0}, a, b;
    struct unit got;
    struct ids ids;

    before(f, id);
    assert_int_equal(store_begin(f->store), GW_OK);
    look(f->store, units, 2, keys, 3);
    assert_false(find_unit(f, "B", &got));
    assert_int_equal(put_resource(f->store, "k1", "{\"a\":9}", "1", &id[1]), PUT_UPDATED);
    assert_int_equal(put_resource(f->store, "k2", "{\"a\":2}", NULL, &id[2]), PUT_UNCHANGED);
    assert_int_equal(put_resource(f->store, "k3", "{\"a\":3}", NULL, &id[3]), PUT_CREATED);
    assert_int_equal(put_resource(f->store, "k3", "{\"a\":3}", NULL, &id[3]), PUT_UNCHANGED);
    a = write_unit(f->store, "A", "new", (const int64_t[]){id[1], id[3]}, 2);
    assert_int_equal(put_resource(f->store, "k3", "{\"a\":4}", NULL, &id[3]), PUT_UPDATED);
    assert_int_equal(put_resource(f->store, "k4", "{}", NULL, &id[4]), PUT_CREATED); /* nobody asked for it */
    b = write_unit(f->store, "B", "new", (const int64_t[]){id[4], id[3]}, 2);
    b = write_unit(f->store, "B", "newer", (const int64_t[]){id[4], id[1], id[3]}, 3);
    assert_version(f, id[3], 2, "{\"a\":4}"); /* what was gathered is seen */
    assert_int_equal(put_resource(f->store, "k3", "{\"a\":5}", NULL, &id[3]), PUT_UPDATED);
    assert_int_equal(store_commit(f->store), GW_OK);

    fixture_reopen(f);
    assert_version(f, id[1], 2, "{\"a\":9}");
    assert_version(f, id[2], 1, "{\"a\":2}");
    assert_version(f, id[3], 3, "{\"a\":5}");
    assert_true(find_unit(f, "A", &got) && got.id == a && got.seq == 2 && got.nmembers == 2);
    assert_true(find_unit(f, "B", &got) && got.id == b && got.seq == 4 && got.nmembers == 3);
    assert_int_equal(unit_departed(f->store, a, &f->arena, &ids), GW_OK);
    assert_ids(&ids, &id[2], 1);
    assert_int_equal(units_bearing(f->store, id[3], &f->arena, &ids), GW_OK);
    assert_ids(&ids, (const int64_t[]){a, b}, 2);
    assert_int_equal(units_bearing(f->store, id[1], &f->arena, &ids), GW_OK);
    assert_ids(&ids, &b, 1);
    assert_int_equal(f->told.count, 0);
    assert_sound(f->store);
}

static void undone(void **state)
{
    static const char *const units[] = {"A"}, *const keys[] = {"k1", "k3"};
    struct fixture *f = *state;
    struct store_totals totals;
    int64_t id[5] = {0}, first;

    before(f, id);
    assert_int_equal(store_begin(f->store), GW_OK);
    look(f->store, units, 1, keys, 2);
    assert_int_equal(put_resource(f->store, "k1", "{\"a\":9}", "1", &id[1]), PUT_UPDATED);
    assert_int_equal(put_resource(f->store, "k3", "{\"a\":3}", NULL, &first), PUT_CREATED);
    write_unit(f->store, "A", "new", (const int64_t[]){id[1], first}, 2);
    store_rollback(f->store);

    assert_version(f, id[1], 1, "{\"a\":1}");
    assert_int_equal(put_resource(f->store, "k1", "{\"a\":1}", "1", &id[1]), PUT_UNCHANGED);
    assert_int_equal(put_resource(f->store, "k3", "{\"a\":3}", NULL, &id[3]), PUT_CREATED);
    assert_int_equal(id[3], first); /* no gap */
    assert_int_equal(store_totals(f->store, &totals), GW_OK);
    assert_true(totals.units == 1 && totals.resources == 3 && totals.versions == 3);
    assert_sound(f->store);
}

/* Without a transaction it is a look, which ends. */
static void a_look_alone(void **state)
{
    static const char *const units[] = {"A", "B"}, *const keys[] = {"k1", "k3"};
    struct fixture *f = *state;
    int64_t id[5] = {0};
    struct unit got;

    before(f, id);
    look(f->store, units, 2, keys, 2);
    assert_true(find_unit(f, "A", &got) && got.nmembers == 2);
    assert_false(find_unit(f, "B", &got));
    looks_end(f->store);
    write_unit(f->store, "B", "new", &id[2], 1);
    assert_true(find_unit(f, "B", &got));
    look(f->store, units, 2, keys, 2);
    assert_int_equal(put_resource(f->store, "k3", "{\"a\":3}", NULL, &id[3]), PUT_CREATED);
    assert_int_equal(put_resource(f->store, "k3", "{\"a\":3}", NULL, &id[3]), PUT_UNCHANGED);
    assert_sound(f->store);
}

/* More than is sent at once, new ones and changed ones. */
static void put_many(struct fixture *f, const char *text, uint64_t want[3])
{
    struct sought *sought = calloc(MANY, sizeof(*sought));
    struct unit *units = calloc(MANY, sizeof(*units));
    char key[16], payload[512];
    uint64_t got[3] = {0};
    int64_t id;

    assert_true(sought && units);
    assert_int_equal(store_begin(f->store), GW_OK);
    for (int i = 0; i < MANY; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        store_hash(f->store, str_of(key), sought[i].key);
        units[i] = unit_of(f->store, key, text);
    }
    assert_int_equal(units_look(f->store, units, MANY), GW_OK);
    assert_int_equal(resources_look(f->store, sought, MANY), GW_OK);
    for (int i = 0; i < MANY; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        snprintf(payload, sizeof(payload), "{\"%s\":\"%0*d\"}", i % 3 ? text : "same", 400, i);
        got[put_resource(f->store, key, payload, i % 2 ? payload : NULL, &id)]++;
        write_unit(f->store, key, text, &id, 1);
    }
    assert_int_equal(store_commit(f->store), GW_OK);
    assert_memory_equal(got, want, sizeof(got));
    free(sought);
    free(units);
}

static void many(void **state)
{
    struct fixture *f = *state;
    struct store_totals totals;
    uint64_t seq;

    put_many(f, "one", (uint64_t[]){[PUT_CREATED] = MANY, 0, 0});
    put_many(f, "two", (uint64_t[]){[PUT_UPDATED] = MANY / 3 * 2, [PUT_UNCHANGED] = MANY / 3});
    assert_int_equal(store_totals(f->store, &totals), GW_OK);
    assert_true(totals.units == MANY && totals.resources == MANY && totals.versions == MANY / 3 * 5);
    assert_int_equal(unit_last_seq(f->store, &seq), GW_OK);
    assert_int_equal(seq, 2 * MANY);
    assert_int_equal(f->told.count, 0);
    assert_sound(f->store);
}

/* ---- read one by one, asked for at once ---- */

static int64_t tell(struct store *s, int64_t unit, int64_t resource, const char *what)
{
    struct delivery d = {.flow = GW_STR("out"), .exchange = 1, .unit = unit, .resource = resource, .at = 5};
    int64_t id;

    store_digest(str_of(what), d.digest);
    assert_int_equal(delivery_put(s, &d, &id), GW_OK);
    return id;
}

static void assert_told_last(struct fixture *f, int64_t unit, int64_t id, const char *what)
{
    uint8_t digest[32];
    struct delivery d;

    store_digest(str_of(what), digest);
    assert_int_equal(delivery_last(f->store, GW_STR("out"), unit, &f->arena, &d), GW_OK);
    assert_true(d.id == id && d.unit == unit && str_is(d.flow, "out"));
    assert_memory_equal(d.digest, digest, 32);
}

static void fetched(void **state)
{
    struct fixture *f = *state;
    int64_t id[5] = {0}, units[3], told[3];
    struct resource_row got;
    struct delivery d;

    before(f, id);
    units[0] = 1;
    assert_int_equal(put_resource(f->store, "k1", "{\"a\":9}", "1", &id[1]), PUT_UPDATED);
    assert_int_equal(put_resource(f->store, "k3", "{\"a\":3}", NULL, &id[3]), PUT_CREATED);
    units[1] = write_unit(f->store, "B", "old", &id[3], 1);
    units[2] = write_unit(f->store, "C", "old", &id[2], 1);
    assert_int_equal(deliveries_fetch(f->store, GW_STR("out"), units, 3), GW_OK); /* nobody knows that flow */
    looks_end(f->store);
    told[0] = put_exchange(f->store, "in", "a", 1);
    told[0] = tell(f->store, units[0], id[1], "one");
    told[0] = tell(f->store, units[0], id[1], "two");
    told[1] = tell(f->store, units[1], id[3], "three");
    assert_int_equal(resources_fetch(f->store, id + 1, 3), GW_OK);
    assert_int_equal(deliveries_fetch(f->store, GW_STR("out"), units, 3), GW_OK);
    for (int again = 0; again < 2; again++) {
        assert_version(f, id[1], 2, "{\"a\":9}");
        assert_version(f, id[2], 1, "{\"a\":2}");
        assert_int_equal(resource_get(f->store, id[1], true, &f->arena, &got), GW_OK);
        assert_true(str_is(got.nir, "1") && str_is(got.type, "somebody"));
        assert_int_equal(resource_get(f->store, 99, true, &f->arena, &got), GW_END);
        assert_told_last(f, units[0], told[0], "two");
        assert_told_last(f, units[1], told[1], "three");
        assert_int_equal(delivery_last(f->store, GW_STR("out"), units[2], &f->arena, &d), GW_END);
        assert_int_equal(delivery_last(f->store, GW_STR("in"), units[0], &f->arena, &d), GW_END);
        looks_end(f->store);
    }
    assert_int_equal(resources_fetch(f->store, id + 1, 3), GW_OK);
    assert_int_equal(store_begin(f->store), GW_OK); /* what was fetched is forgotten when something is changed */
    assert_int_equal(put_resource(f->store, "k1", "{\"a\":10}", "1", &id[1]), PUT_UPDATED);
    assert_version(f, id[1], 3, "{\"a\":10}");
    assert_int_equal(store_commit(f->store), GW_OK);
    assert_version(f, id[1], 3, "{\"a\":10}");
    assert_int_equal(f->told.count, 0);
    assert_sound(f->store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(as_one_by_one, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(undone, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_look_alone, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(many, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(fetched, fixture_open, fixture_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
