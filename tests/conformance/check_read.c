/* SPDX-License-Identifier: EUPL-1.2 */
/* What reading gives must not depend on how the bytes come, and a text that is cut never passes for whole. */
#include <string.h>

#include "conformance/suite.h"

void read_whole(struct stage *st, const struct sample *sample, const struct gw_plugin *plugin)
{
    assert_true(stage_init(st, plugin, sample));
    (void)stage_read(st, sample->text);
}

void sample_is_read(void **state)
{
    const struct sample *sample = *state;
    struct stage st;
    enum gw_result r;

    assert_true(stage_init(&st, subject.plugin, sample));
    r = stage_read(&st, sample->text);
    if (r != GW_END || st.good != sample->good || st.bad != sample->bad)
        fail_msg("%u good and %u bad instead of %u and %u:\n%s", st.good, st.bad, sample->good, sample->bad,
                 st.out.data);
    stage_done(&st);
}

void any_window_gives_the_same(void **state)
{
    const struct sample *sample = *state;
    struct stage whole, st;

    read_whole(&whole, sample, subject.plugin);
    assert_true(stage_init(&st, subject.plugin, sample));
    for (size_t step = 1; step <= sample->text.len; step++) {
        st.limits.step = step;
        (void)stage_read(&st, sample->text);
        if (strcmp(st.out.data, whole.out.data) != 0)
            fail_msg("step %zu:\n%s\ninstead of:\n%s", step, st.out.data, whole.out.data);
    }
    stage_done(&st);
    stage_done(&whole);
}

/* ---- cut short ---- */

/* The next line of a transcript that begins with '!'; NULL: no more. */
static const char *next_report(const char *at)
{
    while (*at && *at != '!')
        at = strchr(at, '\n') + 1;
    return *at ? at : NULL;
}

/* Whether something was told that the whole does not tell. */
static bool told_more(const struct stage *st, const struct stage *whole)
{
    const char *a = next_report(st->out.data), *b = next_report(whole->out.data);

    for (; a; a = next_report(strchr(a, '\n'))) {
        size_t len = (size_t)(strchr(a, '\n') - a);

        if (!b || strncmp(a, b, len + 1) != 0)
            return true;
        b = next_report(strchr(b, '\n'));
    }
    return false;
}

static bool is_start(const struct buf *part, const struct buf *whole)
{
    return part->len <= whole->len && memcmp(part->data, whole->data, part->len) == 0;
}

static void check_cut(struct stage *st, const struct stage *whole, size_t len)
{
    const struct sample *sample = st->sample;
    enum gw_result r = stage_read(st, (struct gw_str){sample->text.ptr, len});

    if (r != GW_END && st->reports == 0)
        fail_msg("cut at %zu: %s, and nobody is told why", len, result_word(r));
    if (r != GW_END || told_more(st, whole))
        return;
    if (sample->end == ENDS_SEEN && strcmp(st->text.data, whole->text.data) != 0)
        fail_msg("cut at %zu: a clean end with\n%s", len, st->out.data);
    if (!is_start(&st->text, &whole->text))
        fail_msg("cut at %zu: a record that is not in the whole\n%s", len, st->out.data);
}

void a_cut_is_never_silent(void **state)
{
    static const size_t steps[] = {0, 1, 7};
    const struct sample *sample = *state;
    struct stage whole, st;

    read_whole(&whole, sample, subject.plugin);
    assert_true(stage_init(&st, subject.plugin, sample));
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        st.limits.step = steps[i];
        for (size_t len = 0; len < sample->text.len; len++)
            check_cut(&st, &whole, len);
    }
    stage_done(&st);
    stage_done(&whole);
}

/* ---- what the plugin is given fails ---- */

void a_failing_input_is_told(void **state)
{
    const struct sample *sample = *state;
    struct stage whole, st;

    read_whole(&whole, sample, subject.plugin);
    for (size_t nth = 1; nth < 10000; nth++) {
        enum gw_result r;

        assert_true(stage_init(&st, subject.plugin, sample));
        st.plugin = faulty_plugin(subject.plugin, FAULT_PEEK, nth);
        st.limits.step = 5;
        r = stage_read(&st, sample->text);
        if (faulty_hit() && r != GW_RETRY)
            fail_msg("the %zuth look at the input failed: %s\n%s", nth, result_word(r), st.out.data);
        if (!is_start(&st.text, &whole.text))
            fail_msg("the %zuth look at the input failed: a record that is not in the whole", nth);
        stage_done(&st);
        if (!faulty_hit())
            break;
    }
    stage_done(&whole);
}

/* Records in a window and memory of a few bytes: told, or just read, and never a crash. */
void a_small_bound_is_told(void **state)
{
    static const size_t bounds[] = {16, 64, 256, 1024, 4096};
    const struct sample *sample = *state;
    struct stage st;

    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
        for (size_t which = 0; which < 4; which++) {
            enum gw_result r;

            assert_true(stage_init(&st, subject.plugin, sample));
            st.limits.record_bytes = which == 0 ? bounds[i] : 0;
            st.limits.record_memory = which == 1 ? bounds[i] : 0;
            st.limits.session_memory = which == 2 ? 16 * bounds[i] : 0;
            st.limits.depth = which == 3 ? (uint32_t)i + 1 : 0;
            r = stage_read(&st, sample->text);
            if ((r != GW_END || st.good != sample->good || st.bad != sample->bad) && st.reports == 0)
                fail_msg("bound %zu of kind %zu: nobody is told:\n%s", bounds[i], which, st.out.data);
            stage_done(&st);
        }
    }
}

/* close() after a failed open, in the middle, and twice. */
void closing_at_any_time_is_fine(void **state)
{
    const struct sample *sample = *state;
    struct stage st;

    assert_true(stage_init(&st, subject.plugin, sample));
    for (unsigned n = 0; n <= sample->good + sample->bad + 1; n++) {
        enum gw_result r = stage_open(&st, sample->text);

        for (unsigned i = 0; i < n && (r == GW_OK || r == GW_REJECT); i++)
            r = stage_next(&st);
        stage_close(&st);
        stage_close(&st);
    }
    for (size_t len = 0; len < 4; len++) {
        (void)stage_open(&st, (struct gw_str){"\0\1\xFF\xFE", len});
        stage_close(&st);
    }
    assert_int_equal(stage_read(&st, sample->text), GW_END);
    stage_done(&st);
}
