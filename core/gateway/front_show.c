/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the front may know: exchanges of the partner who asks, files that wait for it, and what a reader says of
 * a file that is only looked at. What is another's is not there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/str.h"
#include "gateway/applier.h"
#include "gateway/exchange_json.h"
#include "gateway/front_side.h"
#include "gateway/journal.h"
#include "gateway/reject_rows.h"
#include "gateway/spooled.h"
#include "store/outbox.h"
#include "store/rejects.h"

#define PAGE_ROWS 500
#define PAGE_MAX  ((size_t)64 << 20)

struct showing {
    struct gateway *g;
    const struct ask *ask;
    struct told told;
    struct arena arena;
    struct buf page;
    size_t rows;
    int64_t next; /* there is more behind it; 0 none */
    int fd;       /* of the body; -1 */
};

static void problem(struct showing *s, uint32_t status, const char *code)
{
    s->told.status = status;
    (void)snprintf(s->told.code, sizeof(s->told.code), "%s", code);
}

/* ---- an exchange ---- */

/* GW_END: there is none of that number, for this partner. */
static enum gw_result find(struct showing *s, struct exchange *ret)
{
    enum gw_result result = exchange_get(s->g->store, s->ask->id, &s->arena, ret);

    if (result == GW_OK && !str_is(ret->partner, s->ask->partner))
        result = GW_END;
    if (result != GW_OK)
        problem(s, result == GW_END ? 404 : 503, result == GW_END ? "api.exchange" : "api.store");
    return result;
}

/* Of a file of theirs, with its arguments; those of ours to them may name what is behind us. */
static void put_reason(struct showing *s, const struct exchange *of)
{
    const struct catalogue_entry *words =
        of->reason.len ? catalogue_find(s->g->words, arena_text(&s->arena, of->reason)) : NULL;
    enum lang lang = s->ask->lang == LANG_EN ? LANG_EN : LANG_FR;
    struct gw_arg args[SAID_ARGS];
    yyjson_doc *kept =
        of->reason_args.len && !of->out ? yyjson_read(of->reason_args.ptr, of->reason_args.len, 0) : NULL;
    struct diag d = {.code = "", .byte = UINT64_MAX, .args = args};
    struct buf text;

    d.nargs = said_args(&s->arena, yyjson_doc_get_root(kept), args);
    yyjson_doc_free(kept);
    buf_init(&text, 65536);
    for (size_t i = 0; words && i < 2; i++) {
        buf_clear(&text);
        diag_render(&text, i ? words->advice[lang] : words->text[lang], &d, true);
        buf_text(&s->page, i ? ",\"advice\":" : ",\"message\":");
        buf_json(&s->page, buf_view(&text));
    }
    buf_done(&text);
}

/* The list in the caller's language, as it was stored: its values are masked. */
static void put_diagnostics(struct showing *s, const struct reject_row *r)
{
    size_t mark = arena_mark(&s->arena), len = 0, room = 8 * r->diagnostics.len + 65536;
    void *pool = arena_alloc(&s->arena, room);
    yyjson_alc alc;
    yyjson_doc *doc = NULL;
    yyjson_val *list;
    char *text;

    if (pool && yyjson_alc_pool_init(&alc, pool, room))
        doc = yyjson_read_opts((char *)(uintptr_t)r->diagnostics.ptr, r->diagnostics.len, 0, &alc, NULL);
    list = yyjson_obj_get(yyjson_doc_get_root(doc), s->ask->lang == LANG_EN ? "en" : "fr");
    text = list ? yyjson_val_write_opts(list, 0, &alc, &len, NULL) : NULL;
    buf_text(&s->page, ",\"diagnostics\":");
    buf_str(&s->page, text ? (struct gw_str){text, len} : GW_STR("[]"));
    arena_release(&s->arena, mark);
}

static bool put_reject(void *to, const struct reject_row *r)
{
    static const char *const states[] = {"open", "replayed", "closed", "queued"};
    struct showing *s = to;

    if (r->id <= s->ask->after)
        return true;
    if (s->rows == PAGE_ROWS) {
        s->next = s->told.id;
        return false;
    }
    buf_format(&s->page, "%s{\"record\":%llu,\"line\":%llu,\"state\":\"%s\",\"code\":", s->rows++ ? "," : "",
               (unsigned long long)r->record, (unsigned long long)r->line, states[r->state]);
    buf_json(&s->page, r->code);
    buf_text(&s->page, ",\"path\":");
    buf_json(&s->page, r->path);
    put_diagnostics(s, r);
    buf_char(&s->page, '}');
    s->told.id = r->id;
    return true;
}

static void put_next(struct showing *s)
{
    if (s->next)
        buf_format(&s->page, "],\"next\":%lld}\n", (long long)s->next);
    else
        buf_text(&s->page, "],\"next\":null}\n");
    s->told.status = s->page.failed ? 503 : 200;
}

static void show_exchange(struct showing *s)
{
    struct reject_filter filter = {.exchange = s->ask->id, .state = -1};
    struct exchange e;

    if (find(s, &e) != GW_OK)
        return;
    exchange_json(&s->page, &e);
    put_reason(s, &e);
    buf_text(&s->page, ",\"rejects\":[");
    if (reject_each(s->g->store, &filter, &s->arena, put_reject, s) != GW_OK)
        problem(s, 503, "api.store");
    else
        put_next(s);
}

static void show_receipt(struct showing *s)
{
    static const struct receipt_rule as_json = {.form = RECEIPT_JSON};
    struct exchange e;
    off_t size = -1;

    if (find(s, &e) != GW_OK)
        return;
    if (!receipt_due(&e)) {
        problem(s, 404, "api.receipt");
        return;
    }
    s->fd = memfd_create("receipt", MFD_CLOEXEC);
    if (s->fd >= 0 && receipt_write(s->fd, s->g->store, s->g->words, &as_json, &e) == GW_OK)
        size = lseek(s->fd, 0, SEEK_CUR);
    s->told.size = size > 0 ? (uint64_t)size : 0;
    s->told.status = 200;
    if (size < 0)
        problem(s, 503, "api.store");
}

/* ---- the outbox: exchanges out that are queued until the partner says that it has them ---- */

static const struct flow *outbox_of(struct showing *s)
{
    const struct flow *f = conf_flow(&s->g->conf, str_of(s->ask->flow));

    if (f && f->out && f->api && str_is(f->partner->name, s->ask->partner))
        return f;
    problem(s, 404, "api.flow");
    return NULL;
}

static bool put_file(void *to, const struct exchange *e)
{
    struct showing *s = to;

    if (s->rows == PAGE_ROWS) {
        s->next = s->told.id;
        return false;
    }
    buf_format(&s->page, "%s{\"id\":%lld,\"name\":", s->rows++ ? "," : "", (long long)e->id);
    buf_json(&s->page, e->name);
    buf_format(&s->page,
               ",\"size\":%llu,\"received_at\":%lld,\"digest\":\"sha256:", (unsigned long long)e->size,
               (long long)e->received_at);
    for (size_t i = 0; i < sizeof(e->digest); i++)
        buf_format(&s->page, "%02x", e->digest[i]);
    buf_text(&s->page, "\"}");
    s->told.id = e->id;
    return true;
}

static void show_outbox(struct showing *s)
{
    const struct flow *f = outbox_of(s);
    struct exchange_filter filter = {.state = EXCHANGE_QUEUED, .out = 1, .after_id = s->ask->after};

    if (!f)
        return;
    filter.flow = f->name;
    buf_text(&s->page, "{\"files\":[");
    if (exchange_each(s->g->store, &filter, put_file, s) != GW_OK)
        problem(s, 503, "api.store");
    else
        put_next(s);
}

/* GW_END: nothing of that number waits there. */
static enum gw_result waiting(struct showing *s, const struct flow *f, struct exchange *ret)
{
    enum gw_result result = f ? find(s, ret) : GW_END;

    if (result == GW_OK && (!ret->out || !str_eq(ret->flow, f->name) || ret->state != EXCHANGE_QUEUED)) {
        problem(s, 404, "api.outbox_file");
        result = GW_END;
    }
    return result;
}

static void give_file(struct showing *s)
{
    struct exchange e;

    if (waiting(s, outbox_of(s), &e) != GW_OK)
        return;
    s->fd = spooled_open(s->g, e.spool.ptr ? e.spool : GW_STR("."));
    if (s->fd < 0) {
        problem(s, 404, "api.outbox_file");
        return;
    }
    s->told.status = 200;
    s->told.size = e.size;
    memcpy(s->told.digest, e.digest, sizeof(e.digest));
    (void)snprintf(s->told.name, sizeof(s->told.name), "%.*s", STR_ARG(e.name));
}

static enum gw_result confirm(struct showing *s, int64_t id)
{
    struct exchange e;
    enum gw_result result = store_begin(s->g->store);

    if (result != GW_OK)
        return result;
    result = exchange_claim_one(s->g->store, id, APPLIER_LEASE, &s->arena, &e);
    if (result == GW_OK)
        result = delivery_move(s->g->store, id, DELIVERY_CONFIRMED);
    if (result == GW_OK)
        result = exchange_move(s->g->store, &e, e.counts.rejected ? EXCHANGE_DONE_REJECTS : EXCHANGE_DONE);
    if (result == GW_OK)
        return store_commit(s->g->store);
    store_rollback(s->g->store);
    return result;
}

/* Once more is no fault: its answer may have been lost. */
static void acknowledge(struct showing *s)
{
    const struct flow *f = outbox_of(s);
    struct exchange e;
    char id[24];

    if (!f || find(s, &e) != GW_OK)
        return;
    if (!e.out || !str_eq(e.flow, f->name)) {
        problem(s, 404, "api.outbox_file");
        return;
    }
    if (e.state == EXCHANGE_QUEUED && confirm(s, e.id) != GW_OK) {
        problem(s, 503, "api.store");
        return;
    }
    if (e.state == EXCHANGE_QUEUED)
        journal("exchange.confirmed", "flow", f->name.ptr, "exchange", journal_number(e.id, id), NULL);
    s->told.status = 204;
}

/* ---- a file that is only looked at ---- */

static struct post **free_place(struct gateway *g)
{
    for (size_t i = 0; i < FRONT_READS; i++)
        if (!g->front.reading[i])
            return &g->front.reading[i];
    return NULL;
}

static enum gw_result order_read(struct showing *s, struct post *reader, int pipe_end)
{
    struct order o = {.kind = ORDER_READ};
    int file = openat(s->g->front.folder, front_slot(s->ask->slot).text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    enum gw_result result = file >= 0 ? GW_OK : GW_RETRY;

    (void)snprintf(o.name, sizeof(o.name), "%.*s", (int)sizeof(o.name) - 1, s->ask->name);
    order_clock(&o);
    if (result == GW_OK)
        result = post_order(&s->g->posts, reader, &o, (int[]){file, pipe_end}, 2);
    if (file >= 0)
        (void)close(file);
    return result;
}

static void validate(struct showing *s)
{
    struct post **place = free_place(s->g), *reader = NULL;
    char format[128];
    int ends[2] = {-1, -1};

    (void)snprintf(format, sizeof(format), "%.*s", (int)sizeof(format) - 1, s->ask->flow);
    if (place)
        reader = post_get(&s->g->posts, WORKER_READER, format);
    if (!reader || job_pipe(ends) != GW_OK || order_read(s, reader, ends[1]) != GW_OK) {
        problem(s, 503, "api.busy");
    } else {
        *place = reader;
        s->fd = ends[0];
        s->told.status = 200;
    }
    if (ends[1] >= 0)
        (void)close(ends[1]);
    if (ends[0] >= 0 && s->fd < 0)
        (void)close(ends[0]);
}

void front_read_step(struct gateway *g)
{
    for (size_t i = 0; i < FRONT_READS; i++) {
        struct post **place = &g->front.reading[i];

        if (!*place || (!(*place)->answered && (*place)->state != POST_DEAD))
            continue;
        post_free(*place);
        *place = NULL;
    }
}

/* ---- */

static enum gw_result page_into_file(struct showing *s)
{
    s->fd = memfd_create("page", MFD_CLOEXEC);
    s->told.size = s->page.len;
    return s->fd >= 0 && durable_write(s->fd, s->page.data, s->page.len) == GW_OK ? GW_OK : GW_RETRY;
}

void front_show(struct gateway *g, const struct ask *a)
{
    static void (*const shows[])(struct showing *) = {
        [ASK_EXCHANGE] = show_exchange, [ASK_RECEIPT] = show_receipt, [ASK_OUTBOX] = show_outbox,
        [ASK_TAKE] = give_file,         [ASK_ACK] = acknowledge,      [ASK_VALIDATE] = validate,
    };
    struct showing s = {.g = g, .ask = a, .told = {.number = a->number}, .fd = -1};

    arena_init(&s.arena, 65536, 0);
    buf_init(&s.page, PAGE_MAX);
    if (a->kind < sizeof(shows) / sizeof(*shows) && shows[a->kind])
        shows[a->kind](&s);
    if (s.told.status == 200 && s.page.len && page_into_file(&s) != GW_OK)
        problem(&s, 503, "api.busy");
    front_answer(g, &s.told, s.told.status == 200 ? s.fd : -1);
    if (s.fd >= 0)
        (void)close(s.fd);
    buf_done(&s.page);
    arena_done(&s.arena);
}
