/* SPDX-License-Identifier: EUPL-1.2 */
/* What no file speaks of any more goes with all that was its own, and nothing else does. */
#include "fixture.h"

#include <stdlib.h>

#include "store/people.h"
#include "store/sights.h"
#include "store/unseen.h"

#define EVERYTHING UINT64_MAX

static int64_t came(struct store *s, const char *name, int64_t at)
{
    struct exchange e = {.flow = GW_STR("in"),
                         .partner = GW_STR("giver"),
                         .name = str_of(name),
                         .format = GW_STR("one:two"),
                         .received_at = at};
    int64_t id = 0;

    store_digest(e.name, e.digest);
    assert_int_equal(exchange_receive(s, &e, DUPLICATES_LAST, &id), GW_OK);
    return id;
}

/* All members stand for people. */
static int64_t say(struct store *s, const char *flow, const char *key, int64_t exchange, const int64_t *members,
                   size_t n)
{
    static const bool people[] = {true, true, true, true};
    struct unit u = {.partner = GW_STR("giver"),
                     .flow = str_of(flow),
                     .members = members,
                     .nmembers = n,
                     .people = people,
                     .exchange = exchange};
    int64_t id;

    store_hash(s, str_of(key), u.key);
    store_digest((struct gw_str){(const char *)members, n * sizeof(*members)}, u.digest);
    assert_int_equal(unit_put(s, &u, &id), GW_OK);
    return id;
}

static uint64_t forget(struct fixture *f, int64_t before, uint64_t served)
{
    struct unseen_rule rule = {.flow = GW_STR("in"), .before = before, .served = served};
    struct unseen at = {.nunits = 0};
    uint64_t all = 0, n;
    int64_t after = 0;
    enum gw_result r;

    while ((r = unseen_forget(f->store, &rule, &at, &after, &n)) == GW_OK)
        all += n;
    assert_int_equal(r, GW_END);
    assert_int_equal(at.nunits, 0);
    return all;
}

static void assert_gone(struct fixture *f, int64_t resource)
{
    struct resource_row r;

    assert_int_equal(resource_get(f->store, resource, true, &f->arena, &r), GW_END);
}

static void assert_there(struct fixture *f, int64_t resource)
{
    struct resource_row r;

    assert_int_equal(resource_get(f->store, resource, true, &f->arena, &r), GW_OK);
}

static bool is_unit(struct fixture *f, int64_t unit)
{
    struct unit u;

    return unit_get(f->store, unit, &f->arena, &u) == GW_OK;
}

static bool note_entry(void *to, const struct audit_entry *e)
{
    snprintf(to, 256, "%.*s", STR_ARG(e->detail));
    return true;
}

static void it_goes_with_all_that_is_its_own(void **state)
{
    struct fixture *f = *state;
    struct store *s = f->store;
    int64_t one = came(s, "a", 1000), m[3], two[2], unit, other, last;
    char detail[256] = "";
    struct store_totals t;
    struct ids ids;

    put_resource(s, "one", "p1 " NAME_OF_SOMEBODY, NUMBER_OF_SOMEBODY, &m[0]);
    put_resource(s, "one", "p1 again", NUMBER_OF_SOMEBODY, &m[0]);
    put_resource(s, "shared", "p2", NULL, &m[1]);
    put_resource(s, "two", "p3", NULL, &m[2]);
    two[0] = m[2];
    two[1] = m[1];
    unit = say(s, "in", "one", one, m, 2);
    other = say(s, "in", "two", one, two, 2);
    put_delivery(s, "out", one, unit, m[0]);
    assert_int_equal(delivery_move(s, one, DELIVERY_SENT), GW_OK);
    assert_int_equal(unit_seen(s, other, 5000), GW_OK);
    assert_int_equal(forget(f, 1000, EVERYTHING), 0); /* not older */
    assert_int_equal(forget(f, 1001, EVERYTHING), 1);
    assert_false(is_unit(f, unit));
    assert_true(is_unit(f, other));
    assert_gone(f, m[0]);
    assert_there(f, m[1]);
    assert_there(f, m[2]);
    assert_int_equal(units_bearing(s, m[1], &f->arena, &ids), GW_OK);
    assert_true(ids.count == 1 && ids.items[0] == other);
    assert_int_equal(store_totals(s, &t), GW_OK);
    assert_true(t.units == 1 && t.resources == 2 && t.versions == 2);
    assert_int_equal(audit_each(s, GW_STR("unit 1"), &f->arena, note_entry, detail), GW_OK);
    assert_string_equal(strchr(detail, ','), ", resources 1");
    assert_int_equal(audit_verify(s, &last), GW_OK);
    assert_sound(s);
    assert_int_equal(forget(f, 5000, EVERYTHING), 0);
    assert_int_equal(forget(f, 5001, EVERYTHING), 2); /* nobody else has it any more */
    assert_gone(f, m[1]);
    assert_sound(s);
}

/* Said again it is new, and those who were told all there was are told of it. */
static void said_again_it_is_new(void **state)
{
    struct fixture *f = *state;
    struct store *s = f->store;
    int64_t m, unit;
    struct unit u;

    put_resource(s, "one", "p1", NULL, &m);
    say(s, "in", "one", came(s, "a", 1000), &m, 1);
    assert_int_equal(forget(f, 2000, EVERYTHING), 1);
    assert_int_equal(put_resource(s, "one", "p1", NULL, &m), PUT_CREATED);
    unit = say(s, "in", "one", came(s, "b", 3000), &m, 1);
    assert_int_equal(unit_get(s, unit, &f->arena, &u), GW_OK);
    assert_int_equal(u.seq, 2);
    assert_sound(s);
}

/* Who left a unit goes with it, unless another one has them, or had. */
static void who_left_goes_too(void **state)
{
    struct fixture *f = *state;
    struct store *s = f->store;
    int64_t one = came(s, "a", 1000), late = came(s, "b", 5000), m[4], unit;

    for (size_t i = 0; i < 4; i++)
        put_resource(s, (const char *[]){"r1", "r2", "r3", "r4"}[i], "p", NULL, &m[i]);
    unit = say(s, "in", "r1", one, m, 3);
    say(s, "in", "r1", one, m, 1); /* r2 and r3 left */
    say(s, "in", "r4", one, (int64_t[]){m[3], m[1]}, 2);
    say(s, "in", "r4", late, m + 3, 1); /* r2 left there too */
    assert_int_equal(forget(f, 2000, EVERYTHING), 2);
    assert_false(is_unit(f, unit));
    assert_gone(f, m[0]);
    assert_there(f, m[1]);
    assert_gone(f, m[2]);
    assert_there(f, m[3]);
    assert_sound(s);
    assert_int_equal(forget(f, 6000, EVERYTHING), 2);
    assert_gone(f, m[1]);
    assert_sound(s);
}

static void what_is_owed_waits(void **state)
{
    struct fixture *f = *state;
    struct store *s = f->store;
    int64_t one = came(s, "a", 1000), m[3], unit;

    for (size_t i = 0; i < 3; i++)
        put_resource(s, (const char *[]){"r1", "r2", "r3"}[i], "p", NULL, &m[i]);
    unit = say(s, "in", "r1", one, m, 1);
    say(s, "in", "r2", one, m + 1, 1);
    say(s, "else", "r3", one, m + 2, 1);
    put_delivery(s, "out", one, unit, m[0]); /* written, and nobody knows yet whether it came */
    assert_int_equal(forget(f, 2000, 1), 0);
    assert_int_equal(forget(f, 2000, 2), 1);
    assert_gone(f, m[1]);
    assert_int_equal(delivery_move(s, one, DELIVERY_CONFIRMED), GW_OK);
    assert_int_equal(forget(f, 2000, 2), 1);
    assert_gone(f, m[0]);
    assert_there(f, m[2]); /* of another flow */
    assert_sound(s);
}

/* Between the steps others go on. */
static void what_changes_meanwhile_stays(void **state)
{
    struct fixture *f = *state;
    struct store *s = f->store;
    struct unseen_rule rule = {.flow = GW_STR("in"), .before = 2000, .served = EVERYTHING};
    int64_t one = came(s, "a", 1000), late = came(s, "b", 5000), after = 0, m[4], unit;
    struct unseen at = {.nunits = 0};
    uint64_t n;

    for (size_t i = 0; i < 4; i++)
        put_resource(s, (const char *[]){"r1", "r2", "r3", "r4"}[i], "p", NULL, &m[i]);
    unit = say(s, "in", "r1", one, m, 2);
    assert_int_equal(unseen_forget(s, &rule, &at, &after, &n), GW_OK);
    assert_int_equal(at.nunits, 1);
    assert_int_equal(unseen_forget(s, &rule, &at, &after, &n), GW_OK); /* nobody has them */
    say(s, "in", "r3", late, (int64_t[]){m[2], m[1]}, 2);
    assert_int_equal(unseen_forget(s, &rule, &at, &after, &n), GW_OK); /* as far as there are units */
    if (at.nunits)
        assert_int_equal(unseen_forget(s, &rule, &at, &after, &n), GW_OK);
    assert_int_equal(at.nunits, 0);
    assert_false(is_unit(f, unit));
    assert_gone(f, m[0]);
    assert_there(f, m[1]);
    assert_sound(s);
    unit = say(s, "in", "r4", one, m + 3, 1);
    after = 0;
    assert_int_equal(unseen_forget(s, &rule, &at, &after, &n), GW_OK);
    assert_int_equal(at.nunits, 1);
    assert_int_equal(unit_seen(s, unit, 4000), GW_OK);
    while (unseen_forget(s, &rule, &at, &after, &n) == GW_OK)
        assert_int_equal(n, 0);
    assert_true(is_unit(f, unit));
    assert_sound(s);
}

/* More than go at a time; one of them is in all. */
static void many_go_by_and_by(void **state)
{
    enum { MANY = 450 };
    struct fixture *f = *state;
    struct store *s = f->store;
    int64_t one = came(s, "a", 1000), m[2];
    struct store_totals t;
    char key[16];

    assert_int_equal(store_begin(s), GW_OK);
    put_resource(s, "shared", "p", NULL, &m[1]);
    for (int i = 0; i < MANY; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        put_resource(s, key, "p", NULL, &m[0]);
        say(s, "in", key, one, m, 2);
    }
    assert_int_equal(store_commit(s), GW_OK);
    assert_int_equal(forget(f, 2000, EVERYTHING), MANY + 1);
    assert_int_equal(store_totals(s, &t), GW_OK);
    assert_true(t.units == 0 && t.resources == 0 && t.versions == 0);
    assert_sound(s);
}

/* The trail calls people by a salt, which goes with the last that is held of them. */
static void what_they_were_called_goes(void **state)
{
    struct fixture *f = *state;
    struct store *s = f->store;
    int64_t one = came(s, "a", 1000), late = came(s, "b", 5000), m[2];
    uint8_t mark[STORE_KEY], key[STORE_KEY] = {0};
    char called[PERSON_CALLED];
    bool is;

    put_resource(s, "one", "p1", NUMBER_OF_SOMEBODY, &m[0]);
    put_resource(s, "two", "p2", NUMBER_OF_SOMEBODY, &m[1]);
    say(s, "in", "one", one, m, 1);
    say(s, "in", "two", late, m + 1, 1);
    person_mark(s, GW_STR(NUMBER_OF_SOMEBODY), key, mark);
    assert_int_equal(person_forget(s, mark, 500), GW_OK);
    assert_int_equal(person_called(s, mark, true, called), GW_OK);
    store_hash(s, GW_STR("one"), key);
    assert_int_equal(person_called(s, key, true, called), GW_OK);
    assert_int_equal(forget(f, 2000, EVERYTHING), 1);
    assert_int_equal(person_called(s, key, false, called), GW_END);
    assert_int_equal(person_called(s, mark, false, called), GW_OK);
    assert_int_equal(forget(f, 6000, EVERYTHING), 1);
    assert_int_equal(person_called(s, mark, false, called), GW_END);
    assert_int_equal(person_forgotten(s, mark, 499, &is), GW_OK);
    assert_true(is);
    assert_sound(s);
}

/* The exchange that changed it speaks for itself; asked for together or one by one. */
static void when_it_was_seen(void **state)
{
    struct fixture *f = *state;
    struct store *s = f->store;
    int64_t m;
    struct unit u;
    bool is;

    put_resource(s, "one", "p1", NULL, &m);
    assert_int_equal(unit_get(s, say(s, "in", "one", came(s, "a", 1000), &m, 1), &f->arena, &u), GW_OK);
    for (int far = 0; far < 2; far++) {
        const int64_t at = 1000 + far * 1000;

        if (far)
            assert_int_equal(units_look(s, &u, 1), GW_OK);
        assert_int_equal(unit_find(s, u.key, &f->arena, &u), GW_OK);
        assert_int_equal(unit_seen_since(s, &u, at, &is), GW_OK);
        assert_true(is);
        assert_int_equal(unit_seen_since(s, &u, at + 1, &is), GW_OK);
        assert_false(is);
        looks_end(s);
        assert_int_equal(store_begin(s), GW_OK);
        assert_int_equal(units_look(s, &u, 1), GW_OK);
        assert_int_equal(unit_seen(s, u.id, at + 1000), GW_OK);
        assert_int_equal(unit_seen(s, u.id, at + 500), GW_OK); /* never back */
        assert_int_equal(store_commit(s), GW_OK);
    }
    assert_int_equal(unit_get(s, u.id, &f->arena, &u), GW_OK);
    assert_int_equal(unit_seen_since(s, &u, 3000, &is), GW_OK);
    assert_true(is);
    assert_int_equal(unit_seen_since(s, &u, 3001, &is), GW_OK);
    assert_false(is);
    assert_sound(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_goes_with_all_that_is_its_own, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(said_again_it_is_new, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(who_left_goes_too, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(what_is_owed_waits, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(what_changes_meanwhile_stays, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(many_go_by_and_by, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(what_they_were_called_goes, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(when_it_was_seen, fixture_open, fixture_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
