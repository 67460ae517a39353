/* SPDX-License-Identifier: EUPL-1.2 */
/* Where people are, what they are called, and that nothing is left of who was forgotten. */
#include "fixture.h"

#include "store/people.h"

static void bearing(struct fixture *f, int64_t resource, const int64_t *units, size_t n)
{
    struct ids ids;

    assert_int_equal(units_bearing(f->store, resource, &f->arena, &ids), GW_OK);
    assert_int_equal(ids.count, n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(ids.items[i], units[i]);
}

static int64_t put_household(struct store *s, const char *key, const int64_t *members, const bool *people,
                             size_t n)
{
    struct unit u = {.partner = GW_STR("giver"),
                     .flow = GW_STR("in"),
                     .members = members,
                     .nmembers = n,
                     .people = people,
                     .exchange = 1};
    int64_t id;

    store_hash(s, str_of(key), u.key);
    memset(u.digest, (int)n, sizeof(u.digest));
    assert_int_equal(unit_put(s, &u, &id), GW_OK);
    return id;
}

/* Three members of two units; the one in the middle leaves the first. */
static void units_know_who_they_speak_of(void **state)
{
    static const bool people[] = {true, true, false};
    struct fixture *f = *state;
    struct store *s = f->store;
    int64_t m[3], left[2], units[2], exchange = put_exchange(s, "in", "a", 1);
    struct ids gone;

    put_resource(s, "one", "p1", NULL, &m[0]);
    put_resource(s, "two", "p2", NULL, &m[1]);
    put_resource(s, "three", "p3", NULL, &m[2]);
    assert_int_equal(exchange, 1);
    units[0] = put_household(s, "one", m, people, 3);
    units[1] = put_household(s, "else", m, people, 2);
    bearing(f, m[0], NULL, 0); /* the root is found by its key */
    bearing(f, m[1], units, 2);
    bearing(f, m[2], NULL, 0); /* no person */
    left[0] = m[0];
    left[1] = m[2];
    put_household(s, "one", left, people, 2);
    bearing(f, m[1], units, 2);
    assert_int_equal(unit_departed(s, units[0], &f->arena, &gone), GW_OK);
    assert_int_equal(gone.count, 1);
    assert_int_equal(gone.items[0], m[1]);
    assert_sound(s);
}

static void called_by_a_salt_that_ends(void **state)
{
    struct fixture *f = *state;
    struct store *s = f->store;
    uint8_t key[STORE_KEY] = {1}, other[STORE_KEY] = {2}, mark[STORE_KEY], same[STORE_KEY];
    char first[PERSON_CALLED], again[PERSON_CALLED], late[PERSON_CALLED];
    bool is;

    person_mark(s, GW_STR(NUMBER_OF_SOMEBODY), key, mark);
    person_mark(s, GW_STR(NUMBER_OF_SOMEBODY), other, same);
    assert_memory_equal(mark, same, STORE_KEY); /* whatever partner calls them */
    person_mark(s, (struct gw_str){NULL, 0}, key, same);
    assert_memory_equal(key, same, STORE_KEY);
    assert_int_equal(person_called(s, mark, false, first), GW_END);
    assert_int_equal(person_called(s, mark, true, first), GW_OK);
    assert_int_equal(person_called(s, mark, false, again), GW_OK);
    assert_string_equal(first, again);
    assert_int_equal(strlen(first), 16);
    assert_int_equal(people_forgotten(s, 0, &is), GW_OK);
    assert_false(is);
    assert_int_equal(person_forget(s, mark, 1000), GW_OK);
    assert_int_equal(person_called(s, mark, false, again), GW_END);
    assert_int_equal(person_called(s, mark, true, late), GW_OK);
    assert_string_not_equal(first, late); /* what was said of them before can be said of nobody now */
    assert_int_equal(people_forgotten(s, 999, &is), GW_OK);
    assert_true(is);
    assert_int_equal(people_forgotten(s, 1000, &is), GW_OK);
    assert_false(is);
    assert_int_equal(person_forgotten(s, mark, 999, &is), GW_OK);
    assert_true(is);
    assert_int_equal(person_forgotten(s, mark, 1000, &is), GW_OK); /* what came since is new */
    assert_false(is);
    assert_int_equal(person_forgotten(s, other, 0, &is), GW_OK);
    assert_false(is);
    assert_sound(s);
}

static void what_is_erased_leaves_a_sound_store(void **state)
{
    struct fixture *f = *state;
    struct store *s = f->store;
    int64_t m[2], unit, other, exchange = put_exchange(s, "in", "a", 1), reject;
    struct resource_row r;
    struct reject_row text;
    struct unit u;

    put_resource(s, "one", "p1 " NAME_OF_SOMEBODY, NUMBER_OF_SOMEBODY, &m[0]);
    put_resource(s, "one", "p1 again " NAME_OF_SOMEBODY, NUMBER_OF_SOMEBODY, &m[0]);
    put_resource(s, "two", "p2", NULL, &m[1]);
    put_resource(s, "two", "p2 again", NULL, &m[1]);
    unit = put_unit(s, "one", m, 1);
    other = put_unit(s, "two", m + 1, 1);
    put_delivery(s, "out", exchange, unit, m[0]);
    put_delivery(s, "out", exchange, other, m[1]);
    reject = put_reject(s, exchange, 3, "csv.columns", NAME_OF_SOMEBODY);
    assert_int_equal(unit_erase(s, unit), GW_OK);
    assert_int_equal(resource_erase(s, m[0]), GW_OK);
    assert_int_equal(resource_trim(s, m[1]), GW_OK);
    assert_int_equal(reject_erase(s, reject), GW_OK);
    assert_int_equal(resource_get(s, m[0], true, &f->arena, &r), GW_END);
    assert_int_equal(resource_get(s, m[1], true, &f->arena, &r), GW_OK);
    assert_int_equal(r.version, 2);
    assert_int_equal(unit_get(s, unit, &f->arena, &u), GW_END);
    assert_int_equal(unit_get(s, other, &f->arena, &u), GW_OK);
    assert_int_equal(reject_get(s, reject, &f->arena, &text), GW_OK);
    assert_null(text.raw.ptr);
    assert_int_equal(text.state, REJECT_CLOSED);
    assert_sound(s);
    assert_int_equal(store_scrub(s), GW_OK);
    assert_sound(s);
}

/* A destination that was told all there was is told of what comes then. */
static void what_comes_after_is_behind(void **state)
{
    struct fixture *f = *state;
    struct store *s = f->store;
    int64_t m[2], first, last;
    struct unit u;

    put_resource(s, "one", "p1", NULL, &m[0]);
    put_resource(s, "two", "p2", NULL, &m[1]);
    first = put_unit(s, "one", m, 1);
    last = put_unit(s, "two", m + 1, 1);
    assert_int_equal(unit_erase(s, last), GW_OK);
    assert_int_equal(unit_erase(s, first), GW_OK);
    assert_int_equal(unit_get(s, put_unit(s, "two", m + 1, 1), &f->arena, &u), GW_OK);
    assert_int_equal(u.seq, 3);
    assert_int_equal(unit_get(s, put_unit(s, "one", m, 1), &f->arena, &u), GW_OK);
    assert_int_equal(u.seq, 4);
    assert_sound(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(units_know_who_they_speak_of, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(called_by_a_salt_that_ends, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(what_is_erased_leaves_a_sound_store, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(what_comes_after_is_behind, fixture_open, fixture_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
