/* SPDX-License-Identifier: EUPL-1.2 */
/* A stream far larger than memory may be, made while it is read: what is resident must not grow. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conformance/suite.h"

#define BLOCK   65536u
#define ALLOWED ((size_t)1 << 20)

struct generator {
    const struct sample *sample;
    int fd;
    uint64_t records;
};

static bool put_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

/* {n} becomes the number of records. */
static bool put_head(const struct generator *g)
{
    struct gw_str head = g->sample->head;
    char digits[32];
    size_t at;

    if (!str_find(head, GW_STR("{n}"), &at))
        return put_all(g->fd, head.ptr, head.len);
    (void)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)g->records);
    return put_all(g->fd, head.ptr, at) && put_all(g->fd, digits, strlen(digits)) &&
           put_all(g->fd, head.ptr + at + 3, head.len - at - 3);
}

static void *generate(void *context)
{
    struct generator *g = context;
    struct gw_str record = g->sample->record;
    char block[BLOCK];
    uint64_t left = g->records;
    bool on = put_head(g);

    while (on && left > 0) {
        size_t len = 0;

        for (; left > 0 && len + record.len <= sizeof(block); left--) {
            memcpy(block + len, record.ptr, record.len);
            len += record.len;
        }
        on = put_all(g->fd, block, len);
    }
    if (on)
        (void)put_all(g->fd, g->sample->tail.ptr, g->sample->tail.len);
    close(g->fd);
    return NULL;
}

static size_t resident(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    unsigned long size = 0, pages = 0;

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu %lu", &size, &pages), 2);
    fclose(f);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* What was read goes out again; nothing of it is kept. */
static void write_record(struct session *w, struct output *o, const struct gw_record *rec, uint64_t number)
{
    struct gw_record out = {.root = rec->root, .level = 1};

    assert_int_equal(session_write(w, &out, number), GW_OK);
    assert_int_equal(output_flush(o), GW_OK);
}

static uint64_t read_all(struct stage *st, struct session *w, struct output *o)
{
    struct gw_record rec;
    enum gw_result r = GW_OK;
    uint64_t good = 0;
    size_t base = 0, most = 0;

    while (r == GW_OK) {
        r = session_next(&st->session, &rec);
        if (r != GW_OK)
            break;
        good++;
        if (w)
            write_record(w, o, &rec, good);
        if (good % 1024 == 0 && st->session.base > (4u << 20)) {
            size_t now = resident();

            base = base ? base : now;
            most = now > most ? now : most;
        }
    }
    if (r != GW_END)
        fail_msg("%s after %zu records: %s", result_word(r), (size_t)good, st->out.data);
    if (allocations_counted() && most > base + ALLOWED)
        fail_msg("%zu KB more than at 4 MB", (most - base) >> 10);
    return good;
}

static bool open_writer(struct stage *st, struct session *w, struct output *o, uint64_t records)
{
    struct session_stream stream = {.encoding = GW_STR("UTF-8"),
                                    .steps = st->steps,
                                    .nsteps = st->nsteps,
                                    .columns = st->columns,
                                    .ncolumns = st->ncolumns,
                                    .records = records};

    if (!subject.plugin->writer || st->nsteps > 1)
        return false;
    assert_int_equal(output_open_path(o, "/dev/null", 0, &st->sink), GW_OK);
    assert_int_equal(
        session_open_writer(w, subject.plugin, st->config, &st->names, NULL, &stream, o, &st->sink), GW_OK);
    return true;
}

void memory_does_not_grow(void **state)
{
    const struct sample *sample = *state;
    struct generator g = {.sample = sample};
    struct stage st;
    struct session w = {0};
    struct output o = {0};
    pthread_t thread;
    int ends[2];
    bool writes;

    if (!sample->record.len)
        skip();
    g.records = subject.stream_bytes / sample->record.len;
    assert_int_equal(pipe(ends), 0);
    g.fd = ends[1];
    assert_int_equal(pthread_create(&thread, NULL, generate, &g), 0);
    assert_true(stage_init(&st, subject.plugin, sample));
    assert_int_equal(stage_open_fd(&st, ends[0]), GW_OK);
    writes = open_writer(&st, &w, &o, subject.plugin->flags & GW_TOTALS ? g.records : UINT64_MAX);
    assert_in_range(read_all(&st, writes ? &w : NULL, &o), g.records, 2 * g.records + 1);
    session_close(&w);
    if (writes)
        assert_int_equal(output_close(&o, true), GW_OK);
    close(ends[0]);
    assert_int_equal(pthread_join(thread, NULL), 0);
    stage_done(&st);
}
