/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One order to write: lines of the pivot into one file of the partner's. What came of each record is told in a
 * file of results, a line a record; when the format's limit is reached the rest is left for another order.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/worker.h"

struct writer {
    struct worker *w;
    const struct order *order;
    struct remarks said;
    struct outlet out;
    struct buf results;
    struct answer *answer;
    int to;
};

static enum gw_result send_results(struct writer *t)
{
    const char *p = t->results.data;
    size_t left = t->results.len;

    while (left > 0) {
        ssize_t n = write(t->to, p, left);

        if (n < 0)
            return GW_RETRY;
        p += n;
        left -= (size_t)n;
    }
    buf_clear(&t->results);
    return GW_OK;
}

static enum gw_result told(struct writer *t)
{
    buf_text(&t->results, "}\n");
    if (t->results.failed)
        return GW_FATAL;
    return t->results.len < WORKER_BLOCK ? GW_OK : send_results(t);
}

static enum gw_result refused(struct writer *t, uint64_t record)
{
    t->answer->rejected++;
    buf_format(&t->results, "{\"reject\":%llu,\"code\":", (unsigned long long)record);
    buf_json(&t->results, str_of(t->said.code));
    buf_text(&t->results, ",\"path\":");
    buf_json(&t->results, buf_view(&t->said.path));
    buf_char(&t->results, ',');
    remarks_json(&t->said, &t->results);
    return told(t);
}

static enum gw_result put(struct writer *t, const struct bundle *b)
{
    size_t written = 0;
    enum gw_result result = outlet_put(&t->out, b, &written);

    if (b->record == 0)
        return result;
    if (result == GW_REJECT)
        return refused(t, b->record);
    if (result != GW_OK)
        return result;
    if (written)
        t->answer->written++;
    else
        t->answer->filtered++;
    buf_format(&t->results, "{\"record\":%llu,\"written\":%llu", (unsigned long long)b->record,
               (unsigned long long)written);
    return told(t);
}

static bool full(const struct writer *t)
{
    uint64_t most = t->w->codec.format->limit_records;

    return most && t->out.in_file >= most;
}

static enum gw_result records(struct writer *t, struct source *s)
{
    enum gw_result result = GW_OK;

    while (result == GW_OK && !full(t)) {
        struct bundle b;

        remarks_clear(&t->said);
        result = source_next(s, &b);
        progress_waits(t->w->page, false);
        if (result == GW_OK)
            result = put(t, &b);
        else if (result == GW_REJECT)
            result = refused(t, source_record(s));
        t->answer->last = t->answer->records = source_record(s);
        __atomic_store_n(&t->w->page->done, t->answer->records, __ATOMIC_RELEASE);
        progress_waits(t->w->page, true);
    }
    return result == GW_END ? GW_OK : result;
}

/* By the format's own rule; a format that has none leaves it to the supervisor. */
static void name_file(struct writer *t)
{
    const char *slash;

    if (!t->w->codec.format->name_pattern.count || outlet_name(&t->out) != GW_OK)
        return;
    slash = strrchr(t->out.path.data, '/');
    (void)snprintf(t->answer->name, sizeof(t->answer->name), "%s", slash ? slash + 1 : t->out.path.data);
}

static enum gw_result write_all(struct writer *t, int from)
{
    struct input_options io = {.sink = &t->said.sink};
    struct source_options options = {.limits = t->w->session};
    struct input input = {0};
    struct source s = {0};
    enum gw_result result;

    progress_waits(t->w->page, true); /* until there are lines, and for the next ones: they are our own */
    result = input_open_fd(&input, from, GW_STR("pivot"), &io);
    if (result == GW_OK)
        result = input_next_member(&input);
    if (result == GW_OK)
        result = source_open(&s, &t->w->lines, &input, &options, &t->said.sink);
    if (result == GW_OK)
        result = records(t, &s);
    source_close(&s);
    input_close(&input);
    progress_waits(t->w->page, false);
    return result;
}

enum gw_result worker_write(struct worker *w, const struct order *o, const int *fds, struct answer *ret)
{
    struct writer t = {.w = w, .order = o, .answer = ret, .to = fds[2]};
    struct outlet_options to = {.fd = fds[1] + 1, .path = "./"};
    enum gw_result result, closed;

    remarks_init(&t.said, &w->engine.catalogue);
    buf_init(&t.results, (size_t)64 << 20);
    w->engine.checks = NULL; /* what is stored was checked when it came */
    if (o->date[0])
        to.date = str_of(o->date);
    result = outlet_open(&t.out, &w->codec, &to, &t.said.sink);
    if (result == GW_OK) {
        name_file(&t);
        result = write_all(&t, fds[0]);
    }
    (void)snprintf(ret->reason, sizeof(ret->reason), "%s", result == GW_OK ? "" : t.said.code);
    closed = outlet_close(&t.out, result == GW_OK);
    if (result == GW_OK)
        result = closed;
    if (result == GW_OK)
        result = send_results(&t);
    remarks_done(&t.said);
    buf_done(&t.results);
    return result;
}
