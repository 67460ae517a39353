/* SPDX-License-Identifier: EUPL-1.2 */
#include "fixture.h"

struct heard {
    char text[1024];
    uint8_t last[32];
    int most;
};

static bool hear(void *to, const struct audit_entry *e)
{
    struct heard *h = to;
    size_t len = strlen(h->text);

    if (e->id > 1 && len)
        assert_memory_equal(e->before, h->last, 32);
    memcpy(h->last, e->digest, 32);
    snprintf(h->text + len, sizeof(h->text) - len, "%lld %.*s %.*s %.*s %.*s\n", (long long)e->id,
             STR_ARG(e->actor), STR_ARG(e->action), STR_ARG(e->subject), STR_ARG(e->detail));
    assert_true(e->at > 0);
    return --h->most != 0;
}

static void what_moves_is_told(void **state)
{
    struct fixture *f = *state;
    int64_t id = put_queued(f->store, "in", "a", 1), broken = 0;
    struct heard all = {0}, second = {.most = 1}, behind = {0};
    int64_t last = -1;
    struct exchange e;

    assert_int_equal(exchange_claim(f->store, false, GW_STR("in"), 60000, &f->arena, &e), GW_OK);
    assert_int_equal(exchange_move(f->store, &e, EXCHANGE_HELD), GW_OK);
    assert_int_equal(exchange_move(f->store, &e, EXCHANGE_FAILED), GW_REJECT); /* not told: it did not happen */
    audit_actor(f->store, GW_STR("somebody"));
    assert_int_equal(exchange_move(f->store, &e, EXCHANGE_QUEUED), GW_OK);
    assert_int_equal(audit_add(f->store, (struct gw_str){NULL, 0}, GW_STR("reject.replay"), GW_STR("reject 3"),
                               (struct gw_str){NULL, 0}),
                     GW_OK);
    assert_int_equal(audit_add(f->store, GW_STR("another"), GW_STR("a"), GW_STR("b"), GW_STR("c")), GW_OK);
    assert_int_equal(id, 1);
    assert_int_equal(audit_last(f->store, &last), GW_OK);
    assert_int_equal(last, 7);
    assert_int_equal(audit_each(f->store, (struct gw_str){NULL, 0}, &f->arena, hear, &all), GW_OK);
    assert_string_equal(all.text, "1 gateway exchange.receive exchange 1 \n"
                                  "2 gateway exchange.move exchange 1 received>queued\n"
                                  "3 gateway exchange.move exchange 1 queued>working\n"
                                  "4 gateway exchange.move exchange 1 working>held\n"
                                  "5 somebody exchange.move exchange 1 held>queued\n"
                                  "6 somebody reject.replay reject 3 \n"
                                  "7 another a b c\n");
    assert_int_equal(audit_each(f->store, GW_STR("reject 3"), &f->arena, hear, &second), GW_OK);
    assert_string_equal(second.text, "6 somebody reject.replay reject 3 \n");
    assert_int_equal(audit_behind(f->store, 6, &f->arena, hear, &behind), GW_OK);
    assert_string_equal(behind.text, "7 another a b c\n");
    assert_int_equal(audit_behind(f->store, 7, &f->arena, hear, &behind), GW_OK);
    assert_string_equal(behind.text, "7 another a b c\n");
    assert_int_equal(audit_verify(f->store, &broken), GW_OK);
    assert_int_equal(broken, 0);
}

static void a_rollback_leaves_no_trace(void **state)
{
    struct fixture *f = *state;
    struct heard h = {0};
    int64_t broken;

    put_exchange(f->store, "in", "a", 1);
    assert_int_equal(store_begin(f->store), GW_OK);
    put_exchange(f->store, "in", "b", 1);
    store_rollback(f->store);
    put_exchange(f->store, "in", "c", 1);
    assert_int_equal(audit_each(f->store, (struct gw_str){NULL, 0}, &f->arena, hear, &h), GW_OK);
    assert_string_equal(h.text,
                        "1 gateway exchange.receive exchange 1 \n2 gateway exchange.receive exchange 2 \n");
    assert_int_equal(audit_verify(f->store, &broken), GW_OK);
}

static void an_empty_trail_is_whole(void **state)
{
    struct fixture *f = *state;
    struct heard h = {0};
    int64_t broken;

    assert_int_equal(audit_verify(f->store, &broken), GW_OK);
    assert_int_equal(audit_each(f->store, (struct gw_str){NULL, 0}, &f->arena, hear, &h), GW_OK);
    assert_string_equal(h.text, "");
}

/* Two stores in turn write one chain. */
static void two_write_one_chain(void **state)
{
    struct fixture *f = *state;
    struct store *other;
    int64_t broken;

    assert_int_equal(fixture_open_as(f, false, false, &other), GW_OK);
    for (int i = 0; i < 10; i++)
        assert_int_equal(audit_add(i % 2 ? f->store : other, GW_STR("x"), GW_STR("y"), GW_STR("z"), GW_STR("")),
                         GW_OK);
    assert_int_equal(audit_verify(f->store, &broken), GW_OK);
    store_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_moves_is_told, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_rollback_leaves_no_trace, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(an_empty_trail_is_whole, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(two_write_one_chain, fixture_open, fixture_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
