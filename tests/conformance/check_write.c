/* SPDX-License-Identifier: EUPL-1.2 */
/* Written and read again is the same, and sessions of one plugin do not know of each other. */
#include <pthread.h>
#include <string.h>

#include "conformance/suite.h"

static void write_kept(struct stage *st, struct buf *out)
{
    buf_init(out, 1 << 20);
    if (stage_write(st, out) != GW_OK)
        fail_msg("cannot be written:\n%s", st->out.data);
}

/* As the records were given to the writer: where a name repeats there is a list. */
static void kept_text(struct stage *st, struct buf *out)
{
    buf_init(out, 1 << 20);
    for (const struct kept *k = st->records; k; k = k->next) {
        stage_tree(st, k->root, false, out);
        buf_char(out, '\n');
    }
    if (st->context) {
        buf_text(out, "context ");
        stage_tree(st, st->context, false, out);
        buf_char(out, '\n');
    }
}

void written_and_read_is_the_same(void **state)
{
    const struct sample *sample = *state;
    struct stage st;
    struct buf first, second, before, after;

    if (sample->one_way || !subject.plugin->writer)
        skip();
    assert_true(stage_init(&st, subject.plugin, sample));
    st.keep = true;
    assert_int_equal(stage_read(&st, sample->text), GW_END);
    kept_text(&st, &before);
    write_kept(&st, &first);
    if (stage_read(&st, buf_view(&first)) != GW_END || st.bad)
        fail_msg("what was written cannot be read:\n%s\n%s", first.data, st.out.data);
    assert_int_equal(st.good, sample->good);
    kept_text(&st, &after);
    if (strcmp(before.data, after.data) != 0)
        fail_msg("written:\n%s\nread:\n%s\ninstead of:\n%s", first.data, after.data, before.data);
    write_kept(&st, &second);
    assert_string_equal(second.data, first.data);
    buf_done(&first);
    buf_done(&second);
    buf_done(&before);
    buf_done(&after);
    stage_done(&st);
}

/* ---- two at once ---- */

static bool is_mine(const struct sample *sample)
{
    return strcmp(sample->plugin, subject.plugin->name) == 0;
}

static void step(struct stage *st, enum gw_result *r)
{
    if (*r != GW_OK && *r != GW_REJECT)
        return;
    *r = stage_next(st);
    if (*r != GW_OK && *r != GW_REJECT)
        buf_format(&st->out, "%s\n", result_word(*r));
}

static void interleave(const struct sample *a, const struct sample *b)
{
    struct stage whole[2], st[2];
    enum gw_result r[2];

    read_whole(&whole[0], a, subject.plugin);
    read_whole(&whole[1], b, subject.plugin);
    for (int i = 0; i < 2; i++) {
        assert_true(stage_init(&st[i], subject.plugin, i ? b : a));
        st[i].limits.step = i ? 3 : 0;
        r[i] = stage_open(&st[i], st[i].sample->text);
    }
    for (int round = 0; round < 64; round++) {
        step(&st[0], &r[0]);
        step(&st[1], &r[1]);
    }
    for (int i = 0; i < 2; i++) {
        if (strcmp(st[i].out.data, whole[i].out.data) != 0)
            fail_msg("%s beside %s:\n%s\ninstead of:\n%s", a->name, b->name, st[i].out.data, whole[i].out.data);
        stage_done(&st[i]);
        stage_done(&whole[i]);
    }
}

/* A writer of `a` is open while `b` is read. */
static void write_beside(const struct sample *a, const struct sample *b)
{
    struct stage st, whole, other;
    struct buf alone, beside;
    enum gw_result r;

    assert_true(stage_init(&st, subject.plugin, a));
    st.keep = true;
    assert_int_equal(stage_read(&st, a->text), GW_END);
    write_kept(&st, &alone);
    read_whole(&whole, b, subject.plugin);
    assert_true(stage_init(&other, subject.plugin, b));
    r = stage_open(&other, b->text);
    while (r == GW_OK || r == GW_REJECT) {
        write_kept(&st, &beside);
        assert_string_equal(beside.data, alone.data);
        buf_done(&beside);
        r = stage_next(&other);
    }
    buf_format(&other.out, "%s\n", result_word(r));
    assert_string_equal(other.out.data, whole.out.data);
    buf_done(&alone);
    stage_done(&other);
    stage_done(&whole);
    stage_done(&st);
}

void sessions_run_side_by_side(void **state)
{
    (void)state;
    for (size_t i = 0; i < nsamples; i++)
        for (size_t j = 0; j < nsamples; j++)
            if (is_mine(&samples[i]) && is_mine(&samples[j])) {
                interleave(&samples[i], &samples[j]);
                if (!samples[i].one_way && subject.plugin->writer)
                    write_beside(&samples[i], &samples[j]);
            }
}

/* ---- in two threads ---- */

struct work {
    const struct stage *whole;
    bool same;
};

static void *read_often(void *context)
{
    struct work *w = context;

    w->same = true;
    for (int i = 0; i < 50 && w->same; i++) {
        struct stage st;

        if (!stage_init(&st, subject.plugin, w->whole->sample))
            return NULL;
        st.limits.step = (size_t)i % 9;
        (void)stage_read(&st, st.sample->text);
        w->same = strcmp(st.out.data, w->whole->out.data) == 0;
        stage_done(&st);
    }
    return NULL;
}

void threads_do_not_meet(void **state)
{
    (void)state;
    for (size_t i = 0; i < nsamples; i++) {
        struct work work[2];
        struct stage whole;
        pthread_t threads[2];

        if (!is_mine(&samples[i]))
            continue;
        read_whole(&whole, &samples[i], subject.plugin);
        for (int t = 0; t < 2; t++) {
            work[t] = (struct work){.whole = &whole};
            assert_int_equal(pthread_create(&threads[t], NULL, read_often, &work[t]), 0);
        }
        for (int t = 0; t < 2; t++)
            assert_int_equal(pthread_join(threads[t], NULL), 0);
        assert_true(work[0].same && work[1].same);
        stage_done(&whole);
    }
}
