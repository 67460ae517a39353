/* SPDX-License-Identifier: EUPL-1.2 */
#include "fixture.h"

static void created_unchanged_updated(void **state)
{
    static const struct {
        const char *key, *payload, *nir;
        enum put_outcome want;
        int64_t id;
        uint32_t version;
    } rows[] = {
        {"k1", "{\"a\":1}", "1", PUT_CREATED, 1, 1},
        {"k2", "{\"a\":1}", NULL, PUT_CREATED, 2, 1},
        {"k1", "{\"a\":1}", "1", PUT_UNCHANGED, 1, 1},
        {"k1", "{\"a\":2}", "1", PUT_UPDATED, 1, 2},
        {"k1", "{\"a\":2}", "2", PUT_UPDATED, 1, 3},
        {"k1", "{\"a\":2}", NULL, PUT_UPDATED, 1, 4},
        {"k1", "{\"a\":1}", "1", PUT_UPDATED, 1, 5},
        {"k2", "{\"a\":1}", NULL, PUT_UNCHANGED, 2, 1},
        {"k3", "", "", PUT_CREATED, 3, 1},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct resource_row got;
        int64_t id = 0;

        assert_int_equal(put_resource(f->store, rows[i].key, rows[i].payload, rows[i].nir, &id), rows[i].want);
        assert_int_equal(id, rows[i].id);
        assert_int_equal(resource_get(f->store, id, true, &f->arena, &got), GW_OK);
        assert_int_equal(got.version, rows[i].version);
        assert_true(str_is(got.payload, rows[i].payload));
        assert_int_equal(got.nir.ptr != NULL, rows[i].nir != NULL);
        assert_true(!rows[i].nir || str_is(got.nir, rows[i].nir));
    }
    assert_int_equal(f->told.count, 0);
    assert_sound(f->store);
}

static void all_of_a_row_comes_back(void **state)
{
    struct fixture *f = *state;
    struct resource_row r = {.key = "0123456789abcde",
                             .partner = GW_STR("p"),
                             .flow = GW_STR("f"),
                             .type = GW_STR("t"),
                             .purpose = GW_STR("u"),
                             .entity = 4,
                             .record = 6,
                             .line = INT64_MAX,
                             .said_at = -8,
                             .received_at = 9,
                             .payload = GW_STR("{}"),
                             .nir = GW_STR(NUMBER_OF_SOMEBODY)};
    enum put_outcome outcome;
    struct resource_row got;
    int64_t id, found;

    r.exchange = put_exchange(f->store, "f", "n", 1);
    resource_digest(f->store, r.payload, r.nir, r.digest);
    assert_int_equal(resource_put(f->store, &r, &id, &outcome), GW_OK);
    fixture_reopen(f);
    assert_int_equal(resource_find(f->store, r.key, &found), GW_OK);
    assert_int_equal(found, id);
    assert_int_equal(resource_get(f->store, id, false, &f->arena, &got), GW_OK);
    assert_null(got.nir.ptr);
    assert_memory_equal(got.key, r.key, STORE_KEY);
    assert_memory_equal(got.digest, r.digest, 32);
    assert_true(str_is(got.partner, "p") && str_is(got.flow, "f") && str_is(got.type, "t") &&
                str_is(got.purpose, "u"));
    assert_true(got.id == id && got.entity == 4 && got.version == 1 && got.exchange == r.exchange &&
                got.record == 6);
    assert_true(got.line == INT64_MAX && got.said_at == -8 && got.received_at == 9 && got.closed_at == 0);
    assert_true(str_is(got.payload, "{}"));
    r.key[0] ^= 1;
    assert_int_equal(resource_find(f->store, r.key, &found), GW_END);
    assert_int_equal(resource_get(f->store, 99, false, &f->arena, &got), GW_END);
    assert_sound(f->store);
}

struct heard {
    char text[256];
    int most;
};

static void hear(struct heard *h, const char *text, size_t len)
{
    snprintf(h->text + strlen(h->text), sizeof(h->text) - strlen(h->text), "%.*s ", (int)len, text);
}

static bool hear_version(void *to, const struct resource_row *r)
{
    struct heard *h = to;
    char version[16];

    hear(h, version, (size_t)snprintf(version, sizeof(version), "%u", r->version));
    hear(h, r->payload.ptr, r->payload.len);
    return --h->most != 0;
}

static void history(void **state)
{
    struct fixture *f = *state;
    struct heard all = {0}, one = {.most = 1}, none = {0};
    int64_t id, other;

    put_resource(f->store, "k0", "zero", NULL, &other);
    put_resource(f->store, "k1", "a", NULL, &id);
    put_resource(f->store, "k2", "other", NULL, &other);
    put_resource(f->store, "k1", "b", NULL, &id);
    put_resource(f->store, "k1", "a", NULL, &id);
    assert_int_equal(resource_versions(f->store, id, &f->arena, hear_version, &all), GW_OK);
    assert_string_equal(all.text, "1 a 2 b 3 a ");
    assert_int_equal(resource_versions(f->store, id, &f->arena, hear_version, &one), GW_OK);
    assert_string_equal(one.text, "1 a ");
    assert_int_equal(resource_versions(f->store, 99, &f->arena, hear_version, &none), GW_END);
}

static bool hear_walked(void *to, const struct resource_row *r)
{
    char id[24];

    hear(to, id, (size_t)snprintf(id, sizeof(id), "%lld:", (long long)r->id));
    return hear_version(to, r);
}

static void walked_through(void **state)
{
    struct fixture *f = *state;
    struct heard all = {0}, two = {.most = 2};
    char expected[128];
    int64_t one, other;

    assert_int_equal(resource_walk(f->store, &f->arena, hear_walked, &all), GW_OK);
    assert_string_equal(all.text, "");
    put_resource(f->store, "k1", "a", NULL, &one);
    put_resource(f->store, "k2", "other", NULL, &other);
    put_resource(f->store, "k1", "b", NULL, &one);
    (void)snprintf(expected, sizeof(expected), "%lld: 1 a %lld: 2 b %lld: 1 other ", (long long)one,
                   (long long)one, (long long)other);
    assert_int_equal(resource_walk(f->store, &f->arena, hear_walked, &all), GW_OK);
    assert_string_equal(all.text, expected);
    assert_int_equal(resource_walk(f->store, &f->arena, hear_walked, &two), GW_OK);
    (void)snprintf(expected, sizeof(expected), "%lld: 1 a %lld: 2 b ", (long long)one, (long long)one);
    assert_string_equal(two.text, expected);
}

static void closed_and_said_again(void **state)
{
    struct fixture *f = *state;
    struct resource_row got;
    int64_t id;

    put_resource(f->store, "k", "a", NULL, &id);
    assert_int_equal(resource_close(f->store, id, 500), GW_OK);
    assert_int_equal(resource_close(f->store, id, 600), GW_OK);
    assert_int_equal(resource_close(f->store, 99, 600), GW_END);
    assert_int_equal(resource_get(f->store, id, false, &f->arena, &got), GW_OK);
    assert_int_equal(got.closed_at, 500);
    assert_int_equal(put_resource(f->store, "k", "a", NULL, &id), PUT_UPDATED);
    assert_int_equal(resource_get(f->store, id, false, &f->arena, &got), GW_OK);
    assert_int_equal(got.closed_at, 0);
    assert_int_equal(got.version, 2);
    assert_sound(f->store);
}

static bool hear_id(void *to, int64_t id)
{
    struct heard *h = to;
    char text[24];

    hear(h, text, (size_t)snprintf(text, sizeof(text), "%lld", (long long)id));
    return --h->most != 0;
}

static void by_number(void **state)
{
    static const struct {
        const char *nir;
        int most;
        const char *want;
    } rows[] = {{"111", 0, "1 3 "}, {"111", 1, "1 "}, {"222", 0, "2 "},
                {"333", 0, ""},     {"11", 0, ""},    {"", 0, ""}};
    struct fixture *f = *state;
    int64_t id;

    put_resource(f->store, "k1", "a", "111", &id);
    put_resource(f->store, "k2", "a", "333", &id);
    put_resource(f->store, "k3", "b", "111", &id);
    put_resource(f->store, "k4", "b", NULL, &id);
    put_resource(f->store, "k2", "a", "222", &id);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct heard h = {.most = rows[i].most};

        assert_int_equal(resource_by_nir(f->store, str_of(rows[i].nir), hear_id, &h), GW_OK);
        assert_string_equal(h.text, rows[i].want);
    }
}

/* A digest or a hash says of what it is, in which role. */
static void hashes_tell_things_apart(void **state)
{
    struct fixture *f = *state;
    uint8_t digests[4][32], keys[2][STORE_KEY], plain[32];
    static const uint8_t abc[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea};

    resource_digest(f->store, GW_STR("ab"), GW_STR("c"), digests[0]);
    resource_digest(f->store, GW_STR("a"), GW_STR("bc"), digests[1]);
    resource_digest(f->store, GW_STR("abc"), (struct gw_str){NULL, 0}, digests[2]);
    resource_digest(f->store, GW_STR("abc"), GW_STR(""), digests[3]);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(digests[i], digests[j], 32);
    store_hash(f->store, GW_STR("abc"), keys[0]);
    store_hash(f->store, GW_STR("abd"), keys[1]);
    assert_memory_not_equal(keys[0], keys[1], STORE_KEY);
    store_digest(GW_STR("abc"), plain); /* FIPS 180-2, appendix B.1 */
    assert_memory_equal(plain, abc, sizeof(abc));
    assert_memory_not_equal(plain, keys[0], STORE_KEY);
    assert_memory_not_equal(plain, digests[2], 32);
}

static bool hear_unit(void *to, const struct unit *u)
{
    struct heard *h = to;
    char text[64];

    hear(h, text,
         (size_t)snprintf(text, sizeof(text), "%lld:%llu:%zu", (long long)u->id, (unsigned long long)u->seq,
                          u->nmembers));
    return --h->most != 0;
}

static void units(void **state)
{
    static const struct {
        uint64_t after;
        int most;
        const char *want;
    } rows[] = {
        {0, 0, "2:2:0 3:3:1 1:4:3 "}, {0, 2, "2:2:0 3:3:1 "}, {2, 0, "3:3:1 1:4:3 "}, {4, 0, ""}, {9, 0, ""}};
    struct fixture *f = *state;
    int64_t ids[3];
    uint64_t seq = 9;
    uint8_t key[STORE_KEY];
    struct unit u;

    assert_int_equal(unit_last_seq(f->store, &seq), GW_OK);
    assert_int_equal(seq, 0);
    for (int i = 0; i < 3; i++)
        put_resource(f->store, (const char *const[]){"r1", "r2", "r3"}[i], "x", NULL, &ids[i]);
    assert_int_equal(put_unit(f->store, "u1", ids, 2), 1);
    assert_int_equal(store_begin(f->store), GW_OK);
    assert_int_equal(put_unit(f->store, "u2", NULL, 0), 2);
    assert_int_equal(put_unit(f->store, "u3", ids, 1), 3);
    assert_int_equal(put_unit(f->store, "u1", ids, 3), 1);
    assert_int_equal(store_commit(f->store), GW_OK);
    assert_int_equal(store_begin(f->store), GW_OK);
    assert_int_equal(put_unit(f->store, "u4", ids, 3), 4);
    store_rollback(f->store);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct heard h = {.most = rows[i].most};

        assert_int_equal(unit_each(f->store, rows[i].after, &f->arena, hear_unit, &h), GW_OK);
        assert_string_equal(h.text, rows[i].want);
    }
    assert_int_equal(unit_last_seq(f->store, &seq), GW_OK);
    assert_int_equal(seq, 4);
    store_hash(f->store, GW_STR("u1"), key);
    assert_int_equal(unit_find(f->store, key, &f->arena, &u), GW_OK);
    assert_true(str_is(u.partner, "somewhere") && str_is(u.flow, "in") && u.record == 5 && u.nmembers == 3);
    assert_memory_equal(u.members, ids, sizeof(ids));
    assert_memory_equal(u.key, key, STORE_KEY);
    store_hash(f->store, GW_STR("u4"), key);
    assert_int_equal(unit_find(f->store, key, &f->arena, &u), GW_END);
    assert_sound(f->store);
}

/* Names that a rolled back transaction made are made again. */
static void names_outlive_a_rollback(void **state)
{
    struct fixture *f = *state;
    struct resource_row got;
    int64_t id;

    assert_int_equal(store_begin(f->store), GW_OK);
    put_resource(f->store, "k", "a", NULL, &id);
    store_rollback(f->store);
    put_exchange(f->store, "another name first", "x", 1);
    assert_int_equal(put_resource(f->store, "k", "a", NULL, &id), PUT_CREATED);
    fixture_reopen(f);
    assert_int_equal(resource_get(f->store, id, false, &f->arena, &got), GW_OK);
    assert_true(str_is(got.type, "somebody") && str_is(got.purpose, "help"));
    assert_sound(f->store);
}

struct counted {
    unsigned count, first;
};

static bool count_version(void *to, const struct resource_row *r)
{
    struct counted *c = to;

    if (!c->count++)
        c->first = r->version;
    return true;
}

/* The fixture's versions are of instant 2000: none is too old at 2000, all but the present one at 2001. */
static void old_versions_go(void **state)
{
    struct fixture *f = *state;
    struct counted c = {0};
    struct store_totals t;
    struct resource_row r;
    int64_t id, other, after = 0;
    uint64_t n;

    put_resource(f->store, "k", "one", NULL, &id);
    put_resource(f->store, "k", "two", NULL, &id);
    put_resource(f->store, "k", "three", NULL, &id);
    put_resource(f->store, "l", "one", NULL, &other);
    assert_int_equal(resource_forget(f->store, GW_STR("in"), 2000, &after, &n), GW_OK);
    assert_int_equal(n, 0);
    assert_int_equal(resource_forget(f->store, GW_STR("in"), 2001, &after, &n), GW_END);
    after = 0;
    assert_int_equal(resource_forget(f->store, GW_STR("in"), 2001, &after, &n), GW_OK);
    assert_int_equal(n, 2);
    assert_int_equal(resource_versions(f->store, id, &f->arena, count_version, &c), GW_OK);
    assert_true(c.count == 1 && c.first == 3);
    assert_int_equal(resource_get(f->store, id, false, &f->arena, &r), GW_OK);
    assert_true(str_is(r.payload, "three") && r.version == 3);
    assert_int_equal(put_resource(f->store, "k", "four", NULL, &id), PUT_UPDATED);
    assert_int_equal(store_totals(f->store, &t), GW_OK);
    assert_int_equal(t.versions, 3);
    assert_sound(f->store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(created_unchanged_updated, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(all_of_a_row_comes_back, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(history, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(walked_through, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(closed_and_said_again, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(by_number, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(hashes_tell_things_apart, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(units, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(names_outlive_a_rollback, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(old_versions_go, fixture_open, fixture_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
