/* SPDX-License-Identifier: EUPL-1.2 */
/* What a transfer process is told: every key of the tables there and back, and what is no duty. */
#include "support/unit.h"

#include <stdbool.h>

#include "base/str.h"
#include "transfer/duty.h"
#include "transfer/pace.h"

static const struct gw_str three[] = {GW_STR_INIT("a"), GW_STR_INIT("b \"c\""), GW_STR_INIT("é\n")};

/* Another value for each key, by its kind, so that a key left out of either way is seen. */
static void fill(const struct key_row *keys, size_t n, void *of)
{
    for (size_t i = 0; i < n; i++) {
        void *at = (char *)of + keys[i].offset;

        switch (keys[i].kind) {
        case VALUE_TEXT:
        case VALUE_FILE:
        case VALUE_SECRET:
            *(struct gw_str *)at = str_of(keys[i].name);
            break;
        case VALUE_TEXTS:
            *(struct texts *)at = (struct texts){three, 3};
            break;
        case VALUE_NUMBER:
        case VALUE_SECONDS:
        case VALUE_BYTES:
            *(uint64_t *)at = 1000000007u * (i + 1);
            break;
        case VALUE_BOOL:
            *(bool *)at = !*(bool *)at;
            break;
        case VALUE_WORD:
            *(unsigned *)at = 1;
            break;
        }
    }
}

static void assert_texts(const struct texts *t)
{
    assert_int_equal(t->count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(str_eq(t->items[i], three[i]));
}

static void assert_filled(const struct key_row *keys, size_t n, const void *of, const void *as)
{
    for (size_t i = 0; i < n; i++) {
        const void *at = (const char *)of + keys[i].offset, *with = (const char *)as + keys[i].offset;

        if (keys[i].kind == VALUE_TEXTS)
            assert_texts(at);
        else if (keys[i].kind == VALUE_BOOL)
            assert_int_equal(*(const bool *)at, *(const bool *)with);
        else if (keys[i].kind == VALUE_WORD)
            assert_int_equal(*(const unsigned *)at, 1);
        else if (keys[i].kind <= VALUE_SECRET)
            assert_true(str_is(*(const struct gw_str *)at, keys[i].name));
        else
            assert_int_equal(*(const uint64_t *)at, 1000000007u * (i + 1));
    }
}

static void a_duty_goes_there_and_back(void **state)
{
    struct duty d = {.verb = VERB_SEND,
                     .out = true,
                     .dry = true,
                     .again = true,
                     .flow = GW_STR("f"),
                     .local = GW_STR("/l"),
                     .name = GW_STR("n.xml"),
                     .size = UINT64_MAX},
                back;
    struct arena a = {0};
    struct buf text;

    (void)state;
    connector_defaults(&d.connector);
    errand_defaults(&d.errand);
    fill(connector_keys, connector_nkeys, &d.connector);
    fill(errand_keys, errand_nkeys, &d.errand);
    buf_init(&text, 1 << 16);
    duty_write(&text, &d);
    assert_false(text.failed);
    assert_int_equal(duty_read(&a, buf_view(&text), &back), GW_OK);
    assert_int_equal(back.verb, VERB_SEND);
    assert_true(back.out && back.dry && back.again);
    assert_true(str_is(back.flow, "f") && str_is(back.local, "/l") && str_is(back.name, "n.xml"));
    assert_true(back.size == UINT64_MAX);
    assert_filled(connector_keys, connector_nkeys, &back.connector, &d.connector);
    assert_filled(errand_keys, errand_nkeys, &back.errand, &d.errand);
    buf_done(&text);
    arena_done(&a);
}

static void what_is_not_said_keeps_its_default(void **state)
{
    struct duty d;
    struct arena a = {0};

    (void)state;
    assert_int_equal(duty_read(&a, GW_STR("{\"duty\":{},\"connector\":{},\"errand\":{}}"), &d), GW_OK);
    assert_true(str_is(d.errand.pattern, "*") && str_is(d.errand.aside, ".part"));
    assert_int_equal(d.errand.after, SOURCE_DELETE);
    assert_int_equal(d.connector.connect_timeout, 30);
    assert_true(!d.connector.key.ptr);
    arena_done(&a);
}

static void what_is_no_duty(void **state)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"duty\":{},\"connector\":{}}",
        "{\"duty\":{\"verb\":\"steal\"},\"connector\":{},\"errand\":{}}",
        "{\"duty\":{\"size\":-1},\"connector\":{},\"errand\":{}}",
        "{\"duty\":{\"size\":\"1\"},\"connector\":{},\"errand\":{}}",
        "{\"duty\":{\"dry\":1},\"connector\":{},\"errand\":{}}",
        "{\"duty\":{},\"connector\":{\"nome\":\"x\"},\"errand\":{}}",
        "{\"duty\":{},\"connector\":{\"host_keys\":\"x\"},\"errand\":{}}",
        "{\"duty\":{},\"connector\":{\"host_keys\":[1]},\"errand\":{}}",
        "{\"duty\":{},\"connector\":{},\"errand\":{\"after\":\"burn\"}}",
        "{\"duty\":{},\"connector\":{},\"errand\":{\"path\":null}}",
        "{\"duty\":{},\"connector\":{},\"errand\":{}",
    };
    struct duty d;
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        if (duty_read(&a, str_of(texts[i]), &d) != GW_FAIL)
            fail_msg("taken for a duty: %s", texts[i]);
    arena_done(&a);
}

/* No name twice, a place of its own for each, and the words of VALUE_WORD in the order of their enum. */
static void assert_table(const struct key_row *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (str_is(str_of(keys[i].name), keys[j].name) || keys[i].offset == keys[j].offset)
                fail_msg("%s and %s", keys[i].name, keys[j].name);
}

static const struct key_row *find_key(const struct key_row *keys, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(str_of(keys[i].name), name))
            return &keys[i];
    fail_msg("no key %s", name);
    return NULL;
}

static void tables_of_keys(void **state)
{
    static const struct {
        const char *key, *word;
        unsigned rank;
    } words[] = {
        {"after", "move", SOURCE_MOVE},  {"after", "delete", SOURCE_DELETE}, {"after", "leave", SOURCE_LEAVE},
        {"paging", "none", PAGING_NONE}, {"paging", "link", PAGING_LINK},    {"paging", "next", PAGING_NEXT},
        {"paging", "page", PAGING_PAGE},
    };
    unsigned rank;

    (void)state;
    assert_table(connector_keys, connector_nkeys);
    assert_table(errand_keys, errand_nkeys);
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        const struct key_row *k = find_key(errand_keys, errand_nkeys, words[i].key);

        assert_true(key_rank(k, str_of(words[i].word), &rank));
        assert_int_equal(rank, words[i].rank);
        assert_true(str_is(key_word(k, words[i].rank), words[i].word));
    }
    assert_true(key_rank(find_key(connector_keys, connector_nkeys, "auth"), GW_STR("oauth2"), &rank));
    assert_int_equal(rank, AUTH_OAUTH2);
    assert_false(key_rank(find_key(connector_keys, connector_nkeys, "auth"), GW_STR(""), &rank));
}

static void programs_by_scheme(void **state)
{
    static const struct {
        const char *url, *program;
    } rows[] = {
        {"sftp://h", "passerelle-sftp"},
        {"https://h", "passerelle-http"},
        {"ftps://h", "passerelle-http"},
        {"smtp://h", "passerelle-http"},
        {"gopher://h", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct connector c = {.url = str_of(rows[i].url)};
        const char *program = connector_program(&c);

        assert_true(rows[i].program ? program && str_is(str_of(program), rows[i].program) : !program);
    }
}

#define MS 1000000ll

static void a_rate_holds(void **state)
{
    struct pace p;
    int64_t now = 10000 * MS, start = now;

    (void)state;
    pace_init(&p, 0);
    assert_int_equal(pace_count(&p, UINT64_MAX, now), 0);
    pace_init(&p, 1000000); /* 10 MB at 1 MB/s: ten seconds, less the quarter ahead */
    for (int i = 0; i < 10000; i++)
        now += pace_count(&p, 1000, now);
    assert_in_range(now - start, 9740 * MS, 9760 * MS);
    now += 3600 * 1000 * MS; /* an hour without traffic is not saved up */
    start = now;
    for (int i = 0; i < 1000; i++)
        now += pace_count(&p, 1000, now);
    assert_in_range(now - start, 740 * MS, 760 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duty_goes_there_and_back),
        cmocka_unit_test(what_is_not_said_keeps_its_default),
        cmocka_unit_test(what_is_no_duty),
        cmocka_unit_test(tables_of_keys),
        cmocka_unit_test(programs_by_scheme),
        cmocka_unit_test(a_rate_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
