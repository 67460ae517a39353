/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Each allocation of a session fails once: of the plugin (gw_alloc, gw_name), of the arenas below, of
 * libraries (malloc). Either nobody notices, or the stream ends with GW_FATAL or GW_FAIL and nothing is left.
 */
#include <string.h>

#include "conformance/suite.h"

#define MOST 20000

static void check_end(const struct stage *st, const struct stage *whole, enum gw_result r, const char *what,
                      size_t nth)
{
    if (strcmp(st->out.data, whole->out.data) == 0)
        return;
    if (r != GW_FATAL && r != GW_FAIL)
        fail_msg("%s, the %zuth: %s\n%s", what, nth, result_word(r), st->out.data);
    if (st->reports == 0)
        fail_msg("%s, the %zuth: nobody is told", what, nth);
}

static void try_kind(const struct sample *sample, const struct stage *whole, enum fault_kind kind,
                     const char *what)
{
    struct stage st;
    bool hit = true;

    for (size_t nth = 1; hit && nth < MOST; nth++) {
        enum gw_result r;

        assert_true(stage_init(&st, subject.plugin, sample));
        st.plugin = faulty_plugin(subject.plugin, kind, nth);
        r = stage_read(&st, sample->text);
        hit = faulty_hit();
        check_end(&st, whole, r, what, nth);
        stage_done(&st);
    }
}

static void try_arenas(const struct sample *sample, const struct stage *whole)
{
    struct stage st;
    bool hit = true;

    for (size_t nth = 1; hit && nth < MOST; nth++) {
        enum gw_result r;

        assert_true(stage_init(&st, subject.plugin, sample));
        arena_fail_at(nth);
        r = stage_read(&st, sample->text);
        hit = arena_fail_left() == 0;
        arena_fail_at(0);
        check_end(&st, whole, r, "an arena fails", nth);
        stage_done(&st);
    }
}

void failing_memory_ends_the_stream(void **state)
{
    const struct sample *sample = *state;
    struct stage whole, after;

    read_whole(&whole, sample, subject.plugin);
    try_kind(sample, &whole, FAULT_ALLOC, "gw_alloc or gw_keep fails");
    try_kind(sample, &whole, FAULT_NAME, "gw_name fails");
    try_arenas(sample, &whole);
    read_whole(&after, sample, subject.plugin);
    assert_string_equal(after.out.data, whole.out.data);
    stage_done(&after);
    stage_done(&whole);
}

/* A run with the nth malloc failing; whether it was reached. */
static bool try_malloc(const struct sample *sample, const struct stage *whole, size_t nth, long *ret_live)
{
    struct stage st;
    enum gw_result r;
    bool hit;

    assert_true(stage_init(&st, subject.plugin, sample));
    allocations_begin(nth);
    r = stage_read(&st, sample->text);
    hit = allocations_hit();
    *ret_live = allocations_end();
    if (!hit || (r != GW_RETRY && r != GW_FATAL))
        check_end(&st, whole, r, "malloc fails", nth);
    stage_done(&st);
    return hit;
}

void failing_malloc_ends_the_stream(void **state)
{
    const struct sample *sample = *state;
    struct stage whole;
    long live, usual;

    if (!allocations_counted())
        skip();
    read_whole(&whole, sample, subject.plugin);
    (void)try_malloc(sample, &whole, 0, &usual);
    assert_int_equal(usual, 0);
    for (size_t nth = 1; nth < MOST && try_malloc(sample, &whole, nth, &live); nth++)
        if (live != 0)
            fail_msg("the %zuth malloc fails: %ld are not freed", nth, live);
    stage_done(&whole);
}

/* ---- writing ---- */

static bool skips_writing(const struct sample *sample)
{
    return sample->one_way || !subject.plugin->writer;
}

static void write_whole(struct stage *st, const struct sample *sample, struct buf *out)
{
    assert_true(stage_init(st, subject.plugin, sample));
    st->keep = true;
    assert_int_equal(stage_read(st, sample->text), GW_END);
    buf_init(out, 1 << 20);
    assert_non_null(buf_room(out, 65536));
    assert_int_equal(stage_write(st, out), GW_OK);
}

/* One try; false: the fault was not reached any more. */
static bool try_write(struct stage *st, const struct buf *whole, enum fault_kind kind, size_t nth)
{
    struct buf out;
    enum gw_result r;

    buf_init(&out, 1 << 20);
    st->plugin = faulty_plugin(subject.plugin, kind, nth);
    st->reports = 0;
    r = stage_write(st, &out);
    st->plugin = subject.plugin;
    if (faulty_hit() && r == GW_OK && strcmp(out.data, whole->data) != 0)
        fail_msg("fault %d, the %zuth: a clean end with\n%s", (int)kind, nth, out.data);
    if (r == GW_REJECT || r == GW_END)
        fail_msg("fault %d, the %zuth: %s", (int)kind, nth, result_word(r));
    buf_done(&out);
    return faulty_hit();
}

static void try_writes(const struct sample *sample, enum fault_kind kind)
{
    struct stage st;
    struct buf whole;
    size_t nth = 1;

    if (skips_writing(sample))
        skip();
    write_whole(&st, sample, &whole);
    while (nth < MOST && try_write(&st, &whole, kind, nth))
        nth++;
    if (kind == FAULT_WRITE)
        assert_true(nth > 1);
    buf_done(&whole);
    stage_done(&st);
}

void failing_memory_ends_the_writing(void **state)
{
    try_writes(*state, FAULT_ALLOC);
    try_writes(*state, FAULT_NAME);
}

void a_failing_output_is_told(void **state)
{
    try_writes(*state, FAULT_WRITE);
}
