/* SPDX-License-Identifier: EUPL-1.2 */
/* One order to read: a file of the partner's into lines of the pivot, rejects among them. */
#include "base/str.h"
#include "gateway/worker.h"
#include "store/durable.h"

#include <stdio.h>
#include <unistd.h>

struct reader {
    struct worker *w;
    const struct order *order;
    struct remarks said; /* of the record at hand */
    struct outlet out;
    struct buf lines; /* not sent yet */
    struct buf raw;
    struct answer *answer;
    char date[12]; /* told last */
    int to;
};

static enum gw_result send_lines(struct reader *r)
{
    enum gw_result result;

    progress_waits(r->w->page, true);
    result = durable_write(r->to, r->lines.data, r->lines.len); /* else the applier has gone */
    progress_waits(r->w->page, false);
    buf_clear(&r->lines);
    return result;
}

static enum gw_result send_if_full(struct reader *r)
{
    if (r->lines.failed)
        return GW_FATAL;
    return r->lines.len < WORKER_BLOCK ? GW_OK : send_lines(r);
}

static void put_text(struct buf *out, const char *key, struct gw_str text)
{
    buf_format(out, ",\"%s\":", key);
    buf_json(out, text);
}

static enum gw_result reject(struct reader *r, struct source *s, uint64_t record)
{
    struct buf *out = &r->lines;

    r->answer->rejected++;
    buf_format(out, "{\"reject\":%llu,\"line\":%u", (unsigned long long)record,
               r->said.line ? r->said.line : s->rec.line);
    put_text(out, "code", str_of(r->said.code));
    put_text(out, "path", buf_view(&r->said.path));
    buf_clear(&r->raw);
    (void)source_raw(s, &r->raw);
    raw_json(out, buf_view(&r->raw));
    buf_char(out, ',');
    remarks_json(&r->said, out);
    buf_text(out, "}\n");
    return send_if_full(r);
}

/* What belongs to no record: said of the stream. */
static enum gw_result note(struct reader *r)
{
    if (!r->said.code[0])
        return GW_OK;
    buf_text(&r->lines, "{\"note\":");
    buf_json(&r->lines, str_of(r->said.code));
    buf_char(&r->lines, ',');
    remarks_json(&r->said, &r->lines);
    buf_text(&r->lines, "}\n");
    return send_if_full(r);
}

/* The day that the file tells is known before its first good record. */
static void tell_date(struct reader *r, struct gw_str day)
{
    (void)snprintf(r->date, sizeof(r->date), "%.*s", STR_ARG(day));
    buf_format(&r->lines, "{\"date\":\"%s\"}\n", r->date);
}

static bool skipped(const struct order *o, uint64_t record)
{
    for (uint32_t i = 0; i < o->nskips; i++)
        if (o->skips[i] == record)
            return true;
    return false;
}

static enum gw_result put(struct reader *r, struct source *s, const struct bundle *b)
{
    size_t written = 0;
    enum gw_result result = outlet_put(&r->out, b, &written);

    if (b->record == 0)
        return result;
    if (result == GW_REJECT)
        return reject(r, s, r->answer->records);
    if (result != GW_OK)
        return result;
    r->answer->resources += b->count;
    if (written)
        r->answer->written++;
    else
        r->answer->filtered++;
    return send_if_full(r);
}

/* Its number is in the page before anything looks at it: who dies, dies with it. */
static enum gw_result next(struct reader *r, struct source *s, uint64_t before, struct bundle *ret)
{
    uint64_t coming = before + source_record(s) + 1;

    __atomic_store_n(&r->w->page->record, coming, __ATOMIC_RELEASE);
    if (!skipped(r->order, coming))
        return source_next(s, ret);
    return source_pass(s, "worker.crash");
}

static enum gw_result member(struct reader *r, struct source *s)
{
    uint64_t before = r->answer->records;
    enum gw_result result = GW_OK;

    if (r->date[0]) /* that was another member's */
        tell_date(r, GW_STR(""));
    while (result == GW_OK) {
        struct bundle b;

        remarks_clear(&r->said);
        result = next(r, s, before, &b);
        r->answer->records = before + source_record(s);
        if (!r->date[0] && s->codec->table && reading_told(&s->reading)->len)
            tell_date(r, *reading_told(&s->reading));
        if (result == GW_REJECT)
            result = reject(r, s, r->answer->records);
        else if (result == GW_OK)
            result = put(r, s, &b);
        __atomic_store_n(&r->w->page->done, r->answer->records, __ATOMIC_RELEASE);
    }
    if (result != GW_END && r->answer->records > r->answer->written + r->answer->filtered + r->answer->rejected)
        return reject(r, s, r->answer->records) == GW_OK ? result : GW_RETRY;
    return result == GW_END && note(r) != GW_OK ? GW_RETRY : result;
}

static enum gw_result members(struct reader *r, struct input *input)
{
    struct source_options options = {.name = str_of(r->order->name),
                                     .date =
                                         r->order->date[0] ? str_of(r->order->date) : (struct gw_str){NULL, 0},
                                     .limits = r->w->session,
                                     .keep_raw = true};
    enum gw_result result = GW_OK;

    while (result == GW_OK) {
        struct source s = {0};

        result = input_next_member(input);
        if (result != GW_OK)
            break;
        if (input->inner.ptr)
            options.name = input->inner;
        result = source_open(&s, &r->w->codec, input, &options, &r->said.sink);
        if (result == GW_OK)
            result = member(r, &s);
        if (result == GW_END)
            result = GW_OK;
        else
            (void)note(r);
        options.before = source_last(&s);
        source_close(&s);
    }
    return result == GW_END ? GW_OK : result;
}

static const char *word(enum gw_result result)
{
    static const char *const words[] = {[GW_OK] = "ok",     [GW_END] = "ok",      [GW_REJECT] = "fail",
                                        [GW_FAIL] = "fail", [GW_RETRY] = "retry", [GW_FATAL] = "fatal"};

    return words[result];
}

static enum gw_result end(struct reader *r, enum gw_result result)
{
    const struct answer *a = r->answer;

    buf_format(&r->lines, "{\"end\":\"%s\",\"read\":%llu,\"written\":%llu,\"filtered\":%llu,\"rejected\":%llu",
               word(result), (unsigned long long)a->records, (unsigned long long)a->written,
               (unsigned long long)a->filtered, (unsigned long long)a->rejected);
    buf_text(&r->lines, "}\n");
    return r->lines.failed ? GW_FATAL : send_lines(r);
}

enum gw_result worker_read(struct worker *w, const struct order *o, const int *fds, struct answer *ret)
{
    struct reader r = {.w = w, .order = o, .answer = ret, .to = fds[1]};
    struct outlet_options to = {.memory = &r.lines};
    struct input_options from = {.sink = &r.said.sink, .plugin = w->codec.plugin};
    struct input input = {0};
    enum gw_result result, ended;

    remarks_init(&r.said, &w->engine.catalogue);
    buf_init(&r.lines, (size_t)512 << 20);
    buf_init(&r.raw, (size_t)64 << 20);
    result = input_open_fd(&input, fds[0], str_of(o->name), &from);
    if (result == GW_OK)
        result = outlet_open(&r.out, &w->lines, &to, &r.said.sink);
    if (result == GW_OK)
        result = members(&r, &input);
    if (outlet_close(&r.out, result == GW_OK) != GW_OK && result == GW_OK)
        result = GW_FATAL;
    ended = end(&r, result);
    input_close(&input);
    remarks_done(&r.said);
    buf_done(&r.lines);
    buf_done(&r.raw);
    return ended == GW_OK ? result : ended;
}
