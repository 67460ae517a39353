/* SPDX-License-Identifier: EUPL-1.2 */
/* Rejects, deliveries, cursors and what is counted of them. */
#include "fixture.h"

struct heard {
    char text[256];
    int most;
};

static void hear(struct heard *h, int64_t n, const char *behind)
{
    size_t len = strlen(h->text);

    snprintf(h->text + len, sizeof(h->text) - len, "%lld%s", (long long)n, behind);
}

static bool hear_reject(void *to, const struct reject_row *r)
{
    struct heard *h = to;

    hear(h, r->id, " ");
    return --h->most != 0;
}

static void a_reject_is_replaced_while_open(void **state)
{
    struct fixture *f = *state;
    int64_t exchange = put_exchange(f->store, "in", "a", 1), other = put_exchange(f->store, "in", "b", 2);
    int64_t id = put_reject(f->store, exchange, 3, "csv.columns", "one");
    struct reject_row r;

    assert_int_equal(put_reject(f->store, exchange, 3, "csv.quote", "two"), id);
    assert_int_equal(reject_get(f->store, id, &f->arena, &r), GW_OK);
    assert_true(str_is(r.raw, "two") && str_is(r.code, "csv.quote") && str_is(r.path, "/a/b"));
    assert_true(str_is(r.flow, "in") && r.exchange == exchange && r.record == 3 && r.line == 30 && r.at > 0);
    assert_true(str_is(r.diagnostics, "[{\"value\":\"" NAME_OF_SOMEBODY "\"}]"));
    assert_int_equal(r.state, REJECT_OPEN);
    assert_int_equal(reject_state_set(f->store, id, REJECT_REPLAYED, exchange), GW_OK);
    assert_int_equal(put_reject(f->store, exchange, 3, "csv.quote", "three"), id);
    assert_int_equal(reject_get(f->store, id, &f->arena, &r), GW_OK);
    assert_true(str_is(r.raw, "three") && r.state == REJECT_OPEN && r.replayed_in == 0);
    assert_int_equal(reject_state_set(f->store, id, REJECT_QUEUED, 0), GW_OK);
    assert_int_equal(put_reject(f->store, exchange, 3, "csv.quote", "three"), id);
    assert_int_equal(reject_get(f->store, id, &f->arena, &r), GW_OK);
    assert_true(r.state == REJECT_OPEN);
    assert_int_equal(reject_state_set(f->store, id, REJECT_REPLAYED, other), GW_OK);
    assert_int_equal(put_reject(f->store, exchange, 3, "csv.quote", "four"), id);
    assert_int_equal(reject_get(f->store, id, &f->arena, &r), GW_OK);
    assert_true(str_is(r.raw, "three") && r.state == REJECT_REPLAYED && r.replayed_in == other);
    assert_int_equal(reject_get(f->store, 99, &f->arena, &r), GW_END);
    assert_int_equal(reject_state_set(f->store, 99, REJECT_CLOSED, 0), GW_END);
    assert_sound(f->store);
}

static void a_state_of_rejects_is_there_or_not(void **state)
{
    struct fixture *f = *state;
    int64_t a = put_exchange(f->store, "in", "a", 1), b = put_exchange(f->store, "in", "b", 2);
    bool open = false, queued = true;

    assert_int_equal(reject_any(f->store, b, REJECT_OPEN, &open), GW_OK);
    assert_false(open);
    assert_int_equal(reject_state_set(f->store, put_reject(f->store, a, 1, "csv.quote", "x"), REJECT_QUEUED, 0),
                     GW_OK);
    put_reject(f->store, b, 1, "csv.quote", "x");
    assert_int_equal(reject_any(f->store, a, REJECT_OPEN, &open), GW_OK);
    assert_int_equal(reject_any(f->store, a, REJECT_QUEUED, &queued), GW_OK);
    assert_true(!open && queued);
    assert_int_equal(reject_any(f->store, b, REJECT_OPEN, &open), GW_OK);
    assert_int_equal(reject_any(f->store, b, REJECT_QUEUED, &queued), GW_OK);
    assert_true(open && !queued);
}

static void rejects_are_listed(void **state)
{
    static const struct {
        struct reject_filter filter;
        int most;
        const char *want;
    } rows[] = {
        {{.state = -1}, 0, "1 2 3 4 "},
        {{.state = -1}, 1, "1 "},
        {{.state = REJECT_OPEN}, 0, "1 3 4 "},
        {{.state = REJECT_CLOSED}, 0, "2 "},
        {{.state = -1, .exchange = 1}, 0, "1 2 "},
        {{.state = REJECT_OPEN, .exchange = 1}, 0, "1 "},
        {{.state = -1, .code = {"csv.quote", 9}}, 0, "2 4 "},
        {{.state = -1, .code = {"csv.*", 5}}, 0, "1 2 4 "},
        {{.state = -1, .code = {"*", 1}}, 0, "1 2 3 4 "},
        {{.state = -1, .code = {"csv.", 4}}, 0, ""},
        {{.state = -1, .exchange = 2, .code = {"csv.*", 5}}, 0, "4 "},
        {{.state = -1, .flow = {"in", 2}}, 0, "1 2 3 4 "},
        {{.state = -1, .flow = {"no", 2}}, 0, ""},
        {{.state = -1, .before = 1}, 0, ""},
        {{.state = -1, .since = INT64_MAX}, 0, ""},
    };
    struct fixture *f = *state;
    int64_t one = put_exchange(f->store, "in", "a", 1), two = put_exchange(f->store, "in", "b", 2);

    put_reject(f->store, one, 1, "csv.columns", "x");
    put_reject(f->store, one, 2, "csv.quote", "x");
    put_reject(f->store, two, 1, "csvx", "x");
    put_reject(f->store, two, 2, "csv.quote", NULL);
    assert_int_equal(reject_state_set(f->store, 2, REJECT_CLOSED, 0), GW_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct heard h = {.most = rows[i].most};

        assert_int_equal(reject_each(f->store, &rows[i].filter, &f->arena, hear_reject, &h), GW_OK);
        assert_string_equal(h.text, rows[i].want);
    }
}

static bool hear_delivery(void *to, const struct delivery *d)
{
    struct heard *h = to;

    assert_true(str_is(d->partner_ref, NUMBER_OF_SOMEBODY));
    hear(h, d->id, ":");
    hear(h, d->state, " ");
    return --h->most != 0;
}

static void deliveries(void **state)
{
    static const struct {
        enum delivery_state to;
        const char *want;
        uint64_t due;
    } moves[] = {
        {DELIVERY_SENT, "1:1 2:1 ", 1},    {DELIVERY_IN_DOUBT, "1:2 2:2 ", 3},
        {DELIVERY_WRITTEN, "1:0 2:0 ", 3}, {DELIVERY_CONFIRMED, "1:3 2:3 ", 1},
        {DELIVERY_REFUSED, "1:3 2:3 ", 1}, /* what has ended stays */
    };
    struct fixture *f = *state;
    int64_t exchange = put_exchange(f->store, "out", "a", 1), other = put_exchange(f->store, "out", "b", 2), id,
            unit;
    struct store_totals totals;
    struct delivery d;

    put_resource(f->store, "k", "x", NULL, &id);
    unit = put_unit(f->store, "k", &id, 1);
    assert_int_equal(put_delivery(f->store, "out", exchange, unit, id), 1);
    assert_int_equal(put_delivery(f->store, "out", exchange, unit, id), 2);
    assert_int_equal(put_delivery(f->store, "elsewhere", other, unit, id), 3);
    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        struct heard h = {0};

        assert_int_equal(delivery_move(f->store, exchange, moves[i].to), GW_OK);
        assert_int_equal(delivery_each(f->store, exchange, &f->arena, hear_delivery, &h), GW_OK);
        assert_string_equal(h.text, moves[i].want);
        assert_int_equal(store_totals(f->store, &totals), GW_OK);
        assert_int_equal(totals.deliveries_due, moves[i].due);
    }
    assert_int_equal(delivery_last(f->store, GW_STR("out"), unit, &f->arena, &d), GW_OK);
    assert_true(d.id == 2 && d.exchange == exchange && d.position == 1 && d.resource == id && d.version == 1);
    assert_true(str_is(d.flow, "out") && d.unit == unit && d.at > 0);
    assert_int_equal(delivery_last(f->store, GW_STR("out"), 99, &f->arena, &d), GW_END);
    assert_int_equal(delivery_last(f->store, GW_STR("nowhere"), unit, &f->arena, &d), GW_END);
    assert_string_equal(delivery_words[DELIVERY_IN_DOUBT], "in_doubt");
    assert_string_equal(delivery_words[DELIVERY_REFUSED], "refused");
    assert_sound(f->store);
}

static void cursors(void **state)
{
    struct fixture *f = *state;
    uint64_t seq = 9;

    assert_int_equal(cursor_get(f->store, GW_STR("out"), &seq), GW_OK);
    assert_int_equal(seq, 0);
    assert_int_equal(cursor_set(f->store, GW_STR("out"), 5), GW_OK);
    assert_int_equal(cursor_set(f->store, GW_STR("out"), 7), GW_OK);
    assert_int_equal(cursor_set(f->store, GW_STR("other"), 3), GW_OK);
    assert_int_equal(cursor_get(f->store, GW_STR("out"), &seq), GW_OK);
    assert_int_equal(seq, 7);
    assert_int_equal(cursor_get(f->store, GW_STR("other"), &seq), GW_OK);
    assert_int_equal(seq, 3);
}

static void totals(void **state)
{
    struct fixture *f = *state;
    struct store_totals t;
    int64_t id, exchange = put_exchange(f->store, "in", "a", 1);

    put_queued(f->store, "in", "b", 1);
    drive_exchange(f, put_exchange(f->store, "x", "c", 1), EXCHANGE_DONE);
    put_reject(f->store, exchange, 1, "a.b", "x");
    assert_int_equal(store_begin(f->store), GW_OK);
    put_resource(f->store, "k1", "a", NULL, &id);
    put_resource(f->store, "k2", "a", NULL, &id);
    put_resource(f->store, "k2", "b", NULL, &id);
    put_unit(f->store, "k2", &id, 1);
    assert_int_equal(store_commit(f->store), GW_OK);
    assert_int_equal(store_begin(f->store), GW_OK);
    put_resource(f->store, "k3", "a", NULL, &id);
    store_rollback(f->store);
    fixture_reopen(f);
    assert_int_equal(store_totals(f->store, &t), GW_OK);
    assert_int_equal(t.exchanges[0][EXCHANGE_RECEIVED], 1);
    assert_int_equal(t.exchanges[0][EXCHANGE_QUEUED], 1);
    assert_int_equal(t.exchanges[0][EXCHANGE_DONE], 1);
    assert_int_equal(t.exchanges[1][EXCHANGE_DONE], 0);
    assert_int_equal(t.units, 1);
    assert_int_equal(t.resources, 2);
    assert_int_equal(t.versions, 3);
    assert_int_equal(t.rejects_open, 1);
    assert_int_equal(t.deliveries_due, 0);
}

static bool hear_flow(void *to, const struct flow_totals *t)
{
    struct heard *h = to;

    if (str_is(t->flow, "in")) {
        hear(h, (int64_t)t->exchanges[EXCHANGE_DONE_REJECTS], " ");
        hear(h, (int64_t)t->exchanges[EXCHANGE_QUEUED], " ");
        hear(h, (int64_t)t->rejects_open, " ");
        hear(h, t->last_done > 0, " ");
    } else {
        hear(h, (int64_t)t->exchanges[EXCHANGE_RECEIVED], " ");
        hear(h, (int64_t)t->rejects_open + t->last_done, " ");
    }
    return --h->most != 0;
}

static void flows_are_counted_apart(void **state)
{
    struct fixture *f = *state;
    struct heard all = {.most = 9}, one = {.most = 1};
    int64_t exchange = put_queued(f->store, "in", "a", 1);

    drive_exchange(f, exchange, EXCHANGE_DONE_REJECTS);
    put_reject(f->store, exchange, 1, "a.b", "x");
    put_queued(f->store, "in", "b", 2);
    put_exchange(f->store, "else", "c", 1);
    assert_int_equal(flow_totals_each(f->store, &f->arena, hear_flow, &all), GW_OK);
    assert_string_equal(all.text, "1 1 1 1 1 0 ");
    assert_int_equal(flow_totals_each(f->store, &f->arena, hear_flow, &one), GW_OK);
    assert_string_equal(one.text, "1 1 1 1 ");
}

/* Of three rejects: one too old, one young, one whose exchange is not over. */
static void old_rejects_lose_what_they_hold(void **state)
{
    struct fixture *f = *state;
    int64_t over = put_queued(f->store, "in", "a", 1), open = put_exchange(f->store, "in", "b", 2), after = 0;
    struct reject_row young = {.exchange = over,
                               .flow = GW_STR("in"),
                               .record = 2,
                               .at = 5000,
                               .raw = GW_STR("y")},
                      old = young, waits = young, r;
    int64_t ids[3];
    uint64_t n;

    drive_exchange(f, over, EXCHANGE_DONE_REJECTS);
    old.record = 1;
    old.at = 1000;
    old.raw = old.diagnostics = GW_STR(NAME_OF_SOMEBODY);
    waits.exchange = open;
    waits.at = 1000;
    assert_int_equal(reject_put(f->store, &old, &ids[0]), GW_OK);
    assert_int_equal(reject_put(f->store, &young, &ids[1]), GW_OK);
    assert_int_equal(reject_put(f->store, &waits, &ids[2]), GW_OK);
    assert_int_equal(reject_forget(f->store, GW_STR("else"), 5000, &after, &n), GW_END);
    assert_int_equal(reject_forget(f->store, GW_STR("in"), 5000, &after, &n), GW_OK);
    assert_true(n == 1 && after == ids[0]);
    assert_int_equal(reject_forget(f->store, GW_STR("in"), 5000, &after, &n), GW_END);
    assert_int_equal(reject_get(f->store, ids[0], &f->arena, &r), GW_OK);
    assert_true(r.state == REJECT_CLOSED && !r.raw.ptr && !r.diagnostics.ptr && r.record == 1);
    assert_int_equal(reject_get(f->store, ids[1], &f->arena, &r), GW_OK);
    assert_true(r.state == REJECT_OPEN && str_is(r.raw, "y"));
    assert_int_equal(reject_get(f->store, ids[2], &f->arena, &r), GW_OK);
    assert_true(r.state == REJECT_OPEN && str_is(r.raw, "y"));
    assert_sound(f->store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reject_is_replaced_while_open, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_state_of_rejects_is_there_or_not, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(rejects_are_listed, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(deliveries, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(cursors, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(flows_are_counted_apart, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(old_rejects_lose_what_they_hold, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(totals, fixture_open, fixture_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
