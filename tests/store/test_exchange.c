/* SPDX-License-Identifier: EUPL-1.2 */
#include "fixture.h"

#include "store/sights.h"

/* ---- the machine ---- */

static const char *const may[EXCHANGE_STATES] = {
    /* to: received queued working held done done_rejects failed quarantined */
    [EXCHANGE_RECEIVED] = ".q.....Q", [EXCHANGE_QUEUED] = "..w.....",      [EXCHANGE_WORKING] = ".q.hdrfQ",
    [EXCHANGE_HELD] = ".q..dr..",     [EXCHANGE_DONE] = ".q......",        [EXCHANGE_DONE_REJECTS] = ".q..d...",
    [EXCHANGE_FAILED] = ".q......",   [EXCHANGE_QUARANTINED] = ".q......",
};

static void arrows(void **state)
{
    (void)state;
    for (int from = 0; from < EXCHANGE_STATES; from++)
        for (int to = 0; to < EXCHANGE_STATES; to++)
            assert_int_equal(exchange_may((enum exchange_state)from, (enum exchange_state)to),
                             may[from][to] != '.');
    assert_false(exchange_may(EXCHANGE_STATES, EXCHANGE_QUEUED));
    assert_false(exchange_may(EXCHANGE_DONE, EXCHANGE_STATES));
}

static void words_and_ends(void **state)
{
    static const struct {
        const char *word;
        bool over;
    } rows[EXCHANGE_STATES] = {{"received", false}, {"queued", false},    {"working", false},
                               {"held", false},     {"done", true},       {"done_rejects", true},
                               {"failed", true},    {"quarantined", true}};

    (void)state;
    for (int i = 0; i < EXCHANGE_STATES; i++) {
        assert_string_equal(exchange_words[i], rows[i].word);
        assert_int_equal(exchange_over((enum exchange_state)i), rows[i].over);
    }
}

static void counts(void **state)
{
    static const struct {
        struct exchange_counts counts;
        bool balance;
    } rows[] = {
        {{0}, true},
        {{.read = 6, .accepted = 1, .filtered = 2, .rejected = 3}, true},
        {{.read = 7, .accepted = 1, .filtered = 2, .rejected = 3}, false},
        {{.produced = 10, .created = 1, .updated = 2, .unchanged = 3, .held = 4}, true},
        {{.produced = 10, .created = 1, .updated = 2, .unchanged = 3, .held = 5}, false},
        {{.read = 1, .accepted = 1, .produced = 1}, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(counts_balance(&rows[i].counts), rows[i].balance);
}

/* Each state is left for each other: what is no arrow is refused and changes nothing. */
static void moves(void **state)
{
    struct fixture *f = *state;
    char name[32], flow[40];

    for (int from = 0; from < EXCHANGE_STATES; from++)
        for (int to = 0; to < EXCHANGE_STATES; to++) {
            bool allowed = may[from][to] != '.' && to != EXCHANGE_WORKING;
            struct exchange e;
            int64_t id;

            snprintf(name, sizeof(name), "%d-%d", from, to);
            snprintf(flow, sizeof(flow), "flow %d-%d", from, to);
            id = put_exchange(f->store, flow, name, 1);
            drive_exchange(f, id, (enum exchange_state)from);
            e = get_exchange(f, id);
            assert_int_equal(e.state, from);
            assert_int_equal(exchange_move(f->store, &e, (enum exchange_state)to), allowed ? GW_OK : GW_REJECT);
            assert_int_equal(e.state, allowed ? to : from);
            assert_int_equal(get_exchange(f, id).state, allowed ? to : from);
        }
    assert_int_equal(f->told.count, 0);
    assert_sound(f->store);
}

static void what_moves_and_what_stays(void **state)
{
    struct fixture *f = *state;
    int64_t id = put_queued(f->store, "in", "a", 5);
    struct exchange e, got;

    assert_int_equal(exchange_claim(f->store, false, GW_STR("in"), 60000, &f->arena, &e), GW_OK);
    e.name = GW_STR("another");
    e.order = 99;
    e.checked = true;
    e.resume = 10;
    e.suspect = 11;
    e.suspicion = 2;
    e.counts = (struct exchange_counts){.read = 6, .accepted = 1, .filtered = 2, .rejected = 3};
    e.reason = GW_STR("stream.cut");
    e.reason_args = GW_STR("{\"found\":\"" NAME_OF_SOMEBODY "\"}");
    e.spool = (struct gw_str){NULL, 0};
    assert_int_equal(exchange_save(f->store, &e), GW_OK);
    got = get_exchange(f, id);
    assert_int_equal(got.state, EXCHANGE_WORKING);
    assert_int_equal(got.resume, 10);
    e.resume = 12;
    assert_int_equal(exchange_move(f->store, &e, EXCHANGE_DONE_REJECTS), GW_OK);
    got = get_exchange(f, id);
    assert_true(str_is(got.name, "a") && str_is(got.flow, "in") && str_is(got.partner, "somewhere"));
    assert_true(str_is(got.format, "one:two") && got.size == 1234 && got.order == 5 && !got.out);
    assert_true(got.checked && got.resume == 12 && got.suspect == 11 && got.suspicion == 2);
    assert_memory_equal(&got.counts, &e.counts, sizeof(e.counts));
    assert_true(str_is(got.reason, "stream.cut"));
    assert_true(str_is(got.reason_args, "{\"found\":\"" NAME_OF_SOMEBODY "\"}"));
    assert_null(got.spool.ptr);
    assert_int_equal(got.attempts, 1);
    assert_int_equal(got.lease_until, 0);
    assert_true(got.received_at > 0 && got.changed_at >= got.received_at);
}

static void who_believes_wrongly_is_refused(void **state)
{
    struct fixture *f = *state;
    int64_t id = put_queued(f->store, "in", "a", 1);
    struct exchange old = get_exchange(f, id), e, none = {.id = 77, .state = EXCHANGE_RECEIVED};

    assert_int_equal(exchange_claim(f->store, false, GW_STR("in"), 60000, &f->arena, &e), GW_OK);
    old.state = EXCHANGE_WORKING; /* the fence is not his */
    assert_int_equal(exchange_move(f->store, &old, EXCHANGE_DONE), GW_REJECT);
    assert_int_equal(exchange_save(f->store, &old), GW_REJECT);
    old = e;
    old.state = EXCHANGE_HELD;
    assert_int_equal(exchange_move(f->store, &old, EXCHANGE_QUEUED), GW_REJECT);
    assert_int_equal(exchange_move(f->store, &none, EXCHANGE_QUEUED), GW_REJECT);
    assert_int_equal(exchange_get(f->store, 77, &f->arena, &none), GW_END);
    assert_int_equal(get_exchange(f, id).state, EXCHANGE_WORKING);
}

/* ---- seen before ---- */

/* Files of one flow, one after another: name and content. `want`: N new, or the place of the one it is. */
static const struct {
    const char *title;
    enum duplicates rule;
    const char *files[5]; /* name, content; a '!' behind: it fails afterwards */
    const char *want;
} seen[] = {
    {"name: the same file twice", DUPLICATES_NAME, {"nA", "nA"}, "N0"},
    {"name: another name, the last content", DUPLICATES_NAME, {"nA", "mA"}, "N0"},
    {"name: back to an earlier content", DUPLICATES_NAME, {"nA", "mB", "oA"}, "NNN"},
    {"name: back to an earlier content and name", DUPLICATES_NAME, {"nA", "nB", "nA"}, "NN0"},
    {"last: back to an earlier content", DUPLICATES_LAST, {"nA", "nB", "nA", "nA"}, "NNN2"},
    {"ever: back to an earlier content", DUPLICATES_EVER, {"nA", "mB", "oA", "oC"}, "NN0N"},
    {"name: what failed does not count", DUPLICATES_NAME, {"nA!", "nA"}, "NN"},
    {"last: what failed does not count", DUPLICATES_LAST, {"nA", "nB!", "nA"}, "NN0"},
    {"ever: what failed does not count", DUPLICATES_EVER, {"nA!", "nA", "mA"}, "NN1"},
};

static void seen_before(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
        int64_t ids[5] = {0}, other = put_exchange(f->store, "other", seen[i].title, 0);

        for (size_t j = 0; j < strlen(seen[i].want); j++) {
            const char *file = seen[i].files[j];
            struct exchange e = {.flow = str_of(seen[i].title), .partner = GW_STR("p"), .name = {file, 1}};
            char want = seen[i].want[j];

            store_digest((struct gw_str){file + 1, 1}, e.digest);
            assert_int_equal(exchange_receive(f->store, &e, seen[i].rule, &ids[j]),
                             want == 'N' ? GW_OK : GW_REJECT);
            if (want != 'N')
                assert_int_equal(ids[j], ids[want - '0']);
            else
                assert_true(ids[j] > other);
            if (file[2] == '!')
                drive_exchange(f, ids[j], EXCHANGE_FAILED);
        }
    }
    assert_int_equal(f->told.count, 0);
}

/* Days later it says what is still so; an earlier one would turn time back. */
static void the_last_one_is_heard_again_after_days(void **state)
{
    static const enum duplicates rules[] = {DUPLICATES_NAME, DUPLICATES_LAST, DUPLICATES_EVER};
    struct fixture *f = *state;

    for (size_t i = 0; i < 3; i++) {
        struct exchange e = {.flow = str_of((const char *[]){"x", "y", "z"}[i]),
                             .partner = GW_STR("p"),
                             .name = GW_STR("n"),
                             .received_at = 1000};
        int64_t first, id;

        assert_int_equal(exchange_receive(f->store, &e, rules[i], &first), GW_OK);
        e.received_at += SIGHT_AGAIN_MS;
        assert_int_equal(exchange_receive(f->store, &e, rules[i], &id), GW_REJECT);
        assert_int_equal(id, first);
        e.received_at++;
        assert_int_equal(exchange_seen(f->store, &e, rules[i]), GW_END);
        assert_int_equal(exchange_receive(f->store, &e, rules[i], &id), GW_OK);
        e.digest[0] = 1;
        assert_int_equal(exchange_receive(f->store, &e, rules[i], &id), GW_OK);
        e.digest[0] = 0;
        e.received_at += 9 * SIGHT_AGAIN_MS;
        assert_int_equal(exchange_receive(f->store, &e, rules[i], &id),
                         rules[i] == DUPLICATES_LAST ? GW_OK : GW_REJECT);
    }
}

static void other_flows_and_directions_are_others(void **state)
{
    struct fixture *f = *state;
    struct exchange e = {.flow = GW_STR("a"), .partner = GW_STR("p"), .name = GW_STR("n")};
    int64_t id;

    assert_int_equal(exchange_receive(f->store, &e, DUPLICATES_EVER, &id), GW_OK);
    e.flow = GW_STR("b");
    assert_int_equal(exchange_receive(f->store, &e, DUPLICATES_EVER, &id), GW_OK);
    e.out = true;
    assert_int_equal(exchange_receive(f->store, &e, DUPLICATES_EVER, &id), GW_OK);
    assert_int_equal(exchange_receive(f->store, &e, DUPLICATES_EVER, &id), GW_REJECT);
    assert_int_equal(id, 3);
}

/* ---- looking ---- */

static void a_source_is_known_by_name_and_content(void **state)
{
    static const struct {
        const char *flow, *name, *content;
        enum gw_result want;
        enum exchange_state state;
    } rows[] = {
        {"in", "a", "a", GW_OK, EXCHANGE_RECEIVED}, /* of two the one that is less far */
        {"in", "b", "b", GW_OK, EXCHANGE_FAILED},
        {"in", "b", "a", GW_END, 0},
        {"in", "a", "b", GW_END, 0},
        {"other", "a", "a", GW_END, 0},
        {"unheard", "a", "a", GW_END, 0},
    };
    struct fixture *f = *state;
    enum exchange_state is;
    uint8_t digest[32];

    drive_exchange(f, put_exchange(f->store, "in", "a", 1), EXCHANGE_DONE);
    drive_exchange(f, put_exchange(f->store, "in", "b", 2), EXCHANGE_FAILED);
    put_exchange(f->store, "in", "c", 3);
    put_exchange(f->store, "in", "a", 4);
    put_exchange(f->store, "other", "c", 5);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        store_digest(str_of(rows[i].content), digest);
        assert_int_equal(exchange_source(f->store, str_of(rows[i].flow), str_of(rows[i].name), digest, &is),
                         rows[i].want);
        assert_true(rows[i].want != GW_OK || is == rows[i].state);
    }
}

struct seen_ids {
    char text[64];
    int most;
};

static bool note_id(void *to, const struct exchange *e)
{
    struct seen_ids *n = to;

    snprintf(n->text + strlen(n->text), sizeof(n->text) - strlen(n->text), "%lld ", (long long)e->id);
    return --n->most != 0;
}

static void lists(void **state)
{
    static const struct {
        struct exchange_filter filter;
        int most;
        const char *want;
    } rows[] = {
        {{.state = -1, .out = -1}, 0, "1 2 3 4 "},
        {{.state = -1, .out = -1}, 2, "1 2 "},
        {{.state = -1, .out = -1, .after_id = 2}, 0, "3 4 "},
        {{.flow = {"a", 1}, .state = -1, .out = -1}, 0, "1 3 "},
        {{.flow = {"zz", 2}, .state = -1, .out = -1}, 0, ""},
        {{.state = EXCHANGE_QUEUED, .out = -1}, 0, "2 3 "},
        {{.state = -1, .out = 1}, 0, "4 "},
        {{.state = -1, .out = 0}, 0, "1 2 3 "},
        {{.state = -1, .out = -1, .since = 5000}, 0, "4 "},
        {{.state = -1, .out = -1, .before = 5000}, 0, "1 2 3 "},
    };
    struct fixture *f = *state;
    struct exchange e = {.partner = GW_STR("p"), .received_at = 1000};
    const char *const flows[] = {"a", "b", "a", "b"};

    for (int i = 0; i < 4; i++) {
        e.flow = str_of(flows[i]);
        e.out = i == 3;
        e.received_at = i == 3 ? 5000 : 1000;
        e.digest[0] = (uint8_t)i;
        assert_int_equal(exchange_receive(f->store, &e, DUPLICATES_EVER, &e.id), GW_OK);
        if (i == 1 || i == 2)
            drive_exchange(f, e.id, EXCHANGE_QUEUED);
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct seen_ids n = {.most = rows[i].most};

        assert_int_equal(exchange_each(f->store, &rows[i].filter, note_id, &n), GW_OK);
        assert_string_equal(n.text, rows[i].want);
    }
}

static void the_latest_comes_first(void **state)
{
    struct fixture *f = *state;
    struct seen_ids in = {0}, two = {.most = 2}, none = {0};

    put_exchange(f->store, "in", "a", 1);
    put_exchange(f->store, "other", "b", 1);
    put_exchange(f->store, "in", "c", 1);
    put_exchange(f->store, "in", "d", 1);
    assert_int_equal(exchange_latest(f->store, false, GW_STR("in"), note_id, &in), GW_OK);
    assert_string_equal(in.text, "4 3 1 ");
    assert_int_equal(exchange_latest(f->store, false, GW_STR("in"), note_id, &two), GW_OK);
    assert_string_equal(two.text, "4 3 ");
    assert_int_equal(exchange_latest(f->store, true, GW_STR("in"), note_id, &none), GW_OK);
    assert_int_equal(exchange_latest(f->store, false, GW_STR("unheard"), note_id, &none), GW_OK);
    assert_string_equal(none.text, "");
}

static void what_waits_is_what_is_not_over(void **state)
{
    static const struct {
        int64_t received_at;
        enum exchange_state state;
        int64_t want;
    } rows[] = {
        {4000, EXCHANGE_DONE, 0},
        {3000, EXCHANGE_QUEUED, 3000},
        {2000, EXCHANGE_HELD, 2000},
        {1000, EXCHANGE_FAILED, 2000},
        {5000, EXCHANGE_QUEUED, 2000},
    };
    struct fixture *f = *state;
    int64_t since = -1;

    assert_int_equal(exchange_waiting_since(f->store, false, GW_STR("in"), &since), GW_OK);
    assert_int_equal(since, 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct exchange e = {.flow = GW_STR("in"), .partner = GW_STR("p"), .received_at = rows[i].received_at};

        e.order = (int64_t)(10 - i); /* so that none waits for one before it */
        e.digest[0] = (uint8_t)i;
        assert_int_equal(exchange_receive(f->store, &e, DUPLICATES_EVER, &e.id), GW_OK);
        drive_exchange(f, e.id, rows[i].state);
        assert_int_equal(exchange_waiting_since(f->store, false, GW_STR("in"), &since), GW_OK);
        assert_int_equal(since, rows[i].want);
    }
    assert_int_equal(exchange_waiting_since(f->store, true, GW_STR("in"), &since), GW_OK);
    assert_int_equal(since, 0);
}

static void the_last_order_is_of_what_was_applied(void **state)
{
    static const enum exchange_state ends[] = {EXCHANGE_DONE, EXCHANGE_DONE_REJECTS, EXCHANGE_FAILED,
                                               EXCHANGE_HELD};
    static const int64_t want[] = {10, 20, 20, 20};
    struct fixture *f = *state;
    int64_t last = -1;
    char name[16];

    assert_int_equal(exchange_last_order(f->store, GW_STR("in"), &last), GW_OK);
    assert_int_equal(last, 0);
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof(name), "%d", i);
        drive_exchange(f, put_exchange(f->store, "in", name, 10 * (i + 1)), ends[i]);
        assert_int_equal(exchange_last_order(f->store, GW_STR("in"), &last), GW_OK);
        assert_int_equal(last, want[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrows),
        cmocka_unit_test(words_and_ends),
        cmocka_unit_test(counts),
        cmocka_unit_test_setup_teardown(moves, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(what_moves_and_what_stays, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(who_believes_wrongly_is_refused, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(seen_before, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(the_last_one_is_heard_again_after_days, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(other_flows_and_directions_are_others, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(a_source_is_known_by_name_and_content, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(lists, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(the_latest_comes_first, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(what_waits_is_what_is_not_over, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(the_last_order_is_of_what_was_applied, fixture_open, fixture_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
