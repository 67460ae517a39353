/* SPDX-License-Identifier: EUPL-1.2 */
/* Who gets which exchange, with two processes' worth of stores on one file. */
#include "fixture.h"

/* Exchanges of the flow "in" as they are before, from the first on: state, order. 'x': working, lease over. */
static const struct {
    const char *title;
    const char *before;
    int64_t orders[4];
    int want; /* which of them is given, from 1; 0 none */
} claims[] = {
    {"nothing there", "", {0}, 0},
    {"received only", "r", {1}, 0},
    {"one queued", "q", {1}, 1},
    {"the first of two", "qq", {1, 2}, 1},
    {"by order, not by id", "qq", {2, 1}, 2},
    {"equal orders: by id", "qq", {3, 3}, 1},
    {"one is at work", "wq", {1, 2}, 0},
    {"one behind is at work", "qw", {1, 2}, 0},
    {"its lease is over", "xq", {1, 2}, 1},
    {"its lease is over, an earlier one waits", "xq", {2, 1}, 2},
    {"held before", "hq", {1, 2}, 0},
    {"held behind", "qh", {1, 2}, 1},
    {"held before one whose lease is over", "hx", {1, 2}, 0},
    {"ended ones do not count", "dfQq", {1, 2, 3, 4}, 4},
};

static enum exchange_state state_of(char c)
{
    static const char letters[] = "rqwhd.fQ";

    return c == 'd'   ? EXCHANGE_DONE
           : c == 'x' ? EXCHANGE_WORKING
                      : (enum exchange_state)(strchr(letters, c) - letters);
}

/* Those at work first, the waiting ones last, so that nothing stands before whom one drives. */
static int turn_of(char c)
{
    return c == 'w' || c == 'x' ? 0 : c == 'q' ? 2 : 1;
}

static void drive(struct fixture *f, int64_t id, const char *flow, char c)
{
    struct exchange e;

    if (c != 'x') {
        drive_exchange(f, id, state_of(c));
        return;
    }
    drive_exchange(f, id, EXCHANGE_QUEUED);
    assert_int_equal(exchange_claim(f->store, false, str_of(flow), -1, &f->arena, &e), GW_OK);
    assert_int_equal(e.id, id);
}

static void prepare(struct fixture *f, const char *flow, size_t row, int64_t ids[4])
{
    const char *before = claims[row].before;
    char name[40];

    for (size_t i = 0; before[i]; i++) {
        snprintf(name, sizeof(name), "%zu-%zu", row, i);
        ids[i] = put_exchange(f->store, flow, name, claims[row].orders[i]);
    }
    for (int turn = 0; turn < 3; turn++)
        for (size_t i = 0; before[i]; i++)
            if (turn_of(before[i]) == turn)
                drive(f, ids[i], flow, before[i]);
    for (size_t i = 0; before[i]; i++)
        assert_int_equal(get_exchange(f, ids[i]).state, state_of(before[i]));
}

static void who_is_next(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
        int64_t ids[4] = {0};
        struct exchange e = {0};

        prepare(f, claims[i].title, i, ids);
        assert_int_equal(exchange_claim(f->store, false, str_of(claims[i].title), 60000, &f->arena, &e),
                         claims[i].want ? GW_OK : GW_END);
        if (claims[i].want)
            assert_int_equal(e.id, ids[claims[i].want - 1]);
    }
    assert_sound(f->store);
}

static void any_flow(void **state)
{
    struct fixture *f = *state;
    int64_t b1 = put_queued(f->store, "b", "1", 1), a1 = put_queued(f->store, "a", "2", 1);
    int64_t a2 = put_queued(f->store, "a", "3", 2);
    struct gw_str any = {NULL, 0};
    struct exchange e, first;

    assert_int_equal(exchange_claim(f->store, true, any, 60000, &f->arena, &e), GW_END);
    assert_int_equal(exchange_claim(f->store, false, any, 60000, &f->arena, &first), GW_OK);
    assert_int_equal(first.id, b1);
    assert_int_equal(exchange_claim(f->store, false, any, 60000, &f->arena, &e), GW_OK);
    assert_int_equal(e.id, a1);
    assert_int_equal(exchange_claim(f->store, false, any, 60000, &f->arena, &e), GW_END);
    assert_int_equal(exchange_move(f->store, &first, EXCHANGE_QUEUED), GW_OK);
    assert_int_equal(exchange_claim(f->store, false, any, 60000, &f->arena, &e), GW_OK);
    assert_int_equal(e.id, b1);
    assert_int_equal(e.fence, 2);
    assert_int_equal(e.attempts, 2);
    assert_int_equal(get_exchange(f, a2).state, EXCHANGE_QUEUED);
    assert_int_equal(exchange_claim(f->store, false, GW_STR("nowhere"), 60000, &f->arena, &e), GW_END);
}

static void a_lease_is_kept_or_lost(void **state)
{
    struct fixture *f = *state;
    int64_t id = put_queued(f->store, "in", "a", 1);
    struct store *other;
    struct exchange mine, his, e;

    assert_int_equal(fixture_open_as(f, false, false, &other), GW_OK);
    assert_int_equal(exchange_claim(f->store, false, GW_STR("in"), 60000, &f->arena, &mine), GW_OK);
    assert_int_equal(mine.fence, 1);
    assert_int_equal(mine.state, EXCHANGE_WORKING);
    assert_int_equal(exchange_claim(other, false, GW_STR("in"), 60000, &f->arena, &his), GW_END);
    assert_int_equal(exchange_keep(f->store, id, 1, -1), GW_OK);
    assert_int_equal(exchange_keep(f->store, id, 1, 60000), GW_REJECT); /* it is over */
    assert_int_equal(exchange_claim(other, false, GW_STR("in"), 60000, &f->arena, &his), GW_OK);
    assert_int_equal(his.id, id);
    assert_int_equal(his.fence, 2);
    assert_int_equal(his.attempts, 2);
    assert_int_equal(exchange_keep(f->store, id, 1, 60000), GW_REJECT);
    assert_int_equal(exchange_move(f->store, &mine, EXCHANGE_DONE), GW_REJECT);
    assert_int_equal(exchange_save(f->store, &mine), GW_REJECT);
    assert_int_equal(exchange_keep(other, id, 2, 60000), GW_OK);
    assert_int_equal(exchange_keep(other, 99, 2, 60000), GW_REJECT);
    e = get_exchange(f, id);
    assert_true(e.lease_until > store_now() + 50000);
    assert_int_equal(exchange_move(other, &his, EXCHANGE_DONE), GW_OK);
    assert_int_equal(exchange_keep(other, id, 2, 60000), GW_REJECT);
    store_close(other);
    assert_int_equal(f->told.count, 0);
}

static void a_claim_is_part_of_a_transaction(void **state)
{
    struct fixture *f = *state;
    int64_t id = put_queued(f->store, "in", "a", 1);
    struct exchange e;

    assert_int_equal(store_begin(f->store), GW_OK);
    assert_int_equal(exchange_claim(f->store, false, GW_STR("in"), 60000, &f->arena, &e), GW_OK);
    store_rollback(f->store);
    assert_int_equal(get_exchange(f, id).state, EXCHANGE_QUEUED);
    assert_int_equal(exchange_keep(f->store, id, 1, 60000), GW_REJECT);
    assert_int_equal(store_begin(f->store), GW_OK);
    assert_int_equal(exchange_claim(f->store, false, GW_STR("in"), 60000, &f->arena, &e), GW_OK);
    assert_int_equal(exchange_keep(f->store, id, 1, 60000), GW_OK);
    assert_int_equal(store_commit(f->store), GW_OK);
    assert_int_equal(get_exchange(f, id).state, EXCHANGE_WORKING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_next, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(any_flow, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_lease_is_kept_or_lost, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_claim_is_part_of_a_transaction, fixture_open, fixture_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
