/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Retention: what is older than its flow may keep goes, an hour after the last look and when we start. A look
 * is many short steps, so that the loop goes on: first the files of exchanges that are over, then what is kept
 * of rejects, then versions that are not the present ones, then sources that lie in `done`, then receipts, then
 * the present versions of what no file speaks of any more. The row of a file is changed before the file goes:
 * killed in between we leave a file that is nobody's, which fsck finds.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"
#include "gateway/purge.h"
#include "gateway/receipts.h"
#include "gateway/spooled.h"
#include "store/audit.h"
#include "store/outbox.h"
#include "store/rejects.h"
#include "store/resources.h"
#include "store/sights.h"

#define LOOK_MS      3600000
#define LOOK_SOON_MS 5000 /* when a flow keeps nothing at all */
#define DAY_MS       86400000
#define FILES_STEP   32

struct found {
    int64_t ids[FILES_STEP];
    size_t count;
    int64_t last;
};

static bool pick(void *to, const struct exchange *e)
{
    struct found *f = to;

    f->last = e->id;
    if (exchange_over(e->state) && (e->spool.ptr || e->reason_args.ptr))
        f->ids[f->count++] = e->id;
    return f->count < FILES_STEP;
}

static enum gw_result say_so(struct gateway *g, const char *kind, const char *about, const char *what)
{
    char subject[96];

    (void)snprintf(subject, sizeof(subject), "%s %s", kind, about);
    return audit_add(g->store, (struct gw_str){NULL, 0}, GW_STR("retention.end"), str_of(subject),
                     str_of(what));
}

/* GW_REJECT: somebody queued it meanwhile; it stays. */
static enum gw_result file_forget(struct gateway *g, int64_t id, struct arena *a)
{
    struct exchange e;
    struct gw_str file;
    char number[24];
    enum gw_result result = exchange_get(g->store, id, a, &e);

    if (result == GW_OK)
        result = store_begin(g->store);
    if (result != GW_OK)
        return result;
    file = e.spool;
    e.spool = e.reason_args = (struct gw_str){NULL, 0};
    result = exchange_over(e.state) ? exchange_save(g->store, &e) : GW_REJECT;
    if (result == GW_OK)
        result = say_so(g, "exchange", journal_number(id, number), "file");
    if (result == GW_OK)
        result = store_commit(g->store);
    else
        store_rollback(g->store);
    return result == GW_OK && file.ptr ? durable_remove(g->spool, arena_text(a, file)) : result;
}

static enum gw_result files_forget(struct gateway *g, const struct flow *f, int64_t before)
{
    struct retention *r = &g->retention;
    struct exchange_filter filter = {
        .flow = f->name, .state = -1, .out = f->out, .before = before, .after_id = r->after};
    struct found found = {.count = 0, .last = r->after};
    struct arena a;
    enum gw_result result = exchange_each(g->store, &filter, pick, &found), one;

    if (result == GW_REJECT) /* rows that were changed by hand were told, and keep what they have */
        result = GW_OK;
    arena_init(&a, 4096, 0);
    for (size_t i = 0; result == GW_OK && i < found.count; i++) {
        one = r->counting ? GW_OK : file_forget(g, found.ids[i], &a);
        r->gone += one == GW_OK;
        result = one == GW_REJECT || one == GW_END ? GW_OK : one;
    }
    arena_done(&a);
    if (result == GW_OK && found.count && !r->counting)
        result = durable_sync(g->spool);
    r->after = found.last;
    return result == GW_OK && found.count < FILES_STEP ? GW_END : result;
}

/* A backup copies the files of its store: they go when it is done. */
static enum gw_result files_unless_backup(struct gateway *g, const struct flow *f, int64_t before)
{
    int lock = backup_lock(g->conf.state.ptr, g->once);
    enum gw_result result = lock >= 0 ? files_forget(g, f, before) : GW_OK;

    if (lock >= 0)
        (void)close(lock);
    else
        g->worked = false;
    return result;
}

/* What a destination has not been told yet waits, as the file of an exchange that is not over does. */
static enum gw_result served(struct gateway *g, const struct flow *f, uint64_t *ret)
{
    enum gw_result result = GW_OK;
    uint64_t seq;

    *ret = UINT64_MAX;
    for (size_t i = 0; result == GW_OK && i < g->conf.nflows; i++) {
        const struct flow *to = &g->conf.flows[i];

        if (!to->out || !flow_gives(to, f->name, f->partner->name))
            continue;
        result = cursor_get(g->store, to->name, &seq);
        if (seq < *ret)
            *ret = seq;
    }
    return result;
}

/* Never early: what is kept at all is kept as long again as its last sight may be late. */
static enum gw_result resources_forget(struct gateway *g, const struct flow *f, int64_t before, uint64_t *n)
{
    struct retention *r = &g->retention;
    int64_t late = f->kept[KEPT_RESOURCES] ? SIGHT_LATE_MS : 0;
    struct unseen_rule rule = {.flow = f->name, .before = before - late};
    enum gw_result result = f->out ? GW_END : served(g, f, &rule.served);

    return result == GW_OK ? unseen_forget(g->store, &rule, &r->unseen, &r->after, n) : result;
}

/* One step of the kind at hand; GW_END: it is through. */
static enum gw_result kind_step(struct gateway *g, const struct flow *f)
{
    struct retention *r = &g->retention;
    uint64_t days = f->kept[r->kind], n = 0;
    int64_t before = store_now() - (int64_t)(days > KEPT_MOST ? 0 : days) * DAY_MS;
    enum gw_result result = GW_END;

    if (days > KEPT_MOST)
        return GW_END;
    switch (r->kind) {
    case KEPT_FILES:
        return files_unless_backup(g, f, before);
    case KEPT_REJECTS:
        result = reject_forget(g->store, f->name, before, &r->after, &n);
        break;
    case KEPT_VERSIONS:
        result = resource_forget(g->store, f->name, before, &r->after, &n);
        break;
    case KEPT_SOURCES:
        return sources_forget(g, f, before);
    case KEPT_RECEIPTS:
        return receipts_forget(g, f, before);
    case KEPT_RESOURCES:
        result = resources_forget(g, f, before, &n);
        break;
    case KEPT_KINDS:
        break;
    }
    r->gone += n;
    return result;
}

/* What went is in the trail, and in the report of the look. */
static void kind_end(struct gateway *g, const struct flow *f)
{
    struct retention *r = &g->retention;
    char room[24], what[64];

    if (r->gone && !r->counting) {
        journal("retention.end", "flow", f->name.ptr, "what", kept_words[r->kind], "gone",
                journal_number((int64_t)r->gone, room), NULL);
        (void)snprintf(what, sizeof(what), "%s %s", kept_words[r->kind], room);
        if (say_so(g, "flow", f->name.ptr, what) != GW_OK)
            journal("retention.failed", "flow", f->name.ptr, NULL);
        purge_note(&r->report, f->name, r->kind, r->gone);
    }
    unseen_drop(&r->unseen);
    r->after = 0;
    r->gone = 0;
}

enum gw_result retention_kind(struct gateway *g, const struct flow *f, enum keep_kind kind, uint64_t *ret_gone)
{
    enum gw_result result;

    g->retention.kind = kind;
    do
        result = kind_step(g, f);
    while (result == GW_OK);
    *ret_gone = g->retention.gone;
    kind_end(g, f);
    return result == GW_END ? GW_OK : result;
}

static int64_t next_look(const struct gateway *g)
{
    int64_t wait = LOOK_MS;

    for (size_t i = 0; i < g->conf.nflows; i++)
        for (size_t k = 0; k < KEPT_KINDS; k++)
            if (!g->conf.flows[i].kept[k])
                wait = LOOK_SOON_MS;
    return clock_ms() + wait;
}

static void look_end(struct gateway *g)
{
    sources_close(g);
    unseen_drop(&g->retention.unseen);
    if (purge_report(&g->retention.report, g->conf.state.ptr) != GW_OK)
        journal("retention.failed", "state", g->conf.state.ptr, NULL);
    g->retention = (struct retention){.next = next_look(g)};
}

void retention_step(struct gateway *g)
{
    struct retention *r = &g->retention;
    const struct flow *f;
    enum gw_result result;

    if (clock_ms() < r->next)
        return;
    if (r->flow >= g->conf.nflows) {
        spooled_sweep(g);
        look_end(g);
        return;
    }
    g->worked = true;
    f = &g->conf.flows[r->flow];
    result = kind_step(g, f);
    if (result == GW_END) {
        kind_end(g, f);
        r->kind = (r->kind + 1) % KEPT_KINDS;
        r->flow += r->kind == KEPT_FILES;
    } else if (result != GW_OK) {
        journal("retention.failed", "flow", f->name.ptr, NULL);
        look_end(g);
    }
}

void retention_stop(struct gateway *g)
{
    sources_close(g);
    unseen_drop(&g->retention.unseen);
    buf_done(&g->retention.report);
    g->retention = (struct retention){.next = 0};
}

void retention_all(struct gateway *g)
{
    retention_stop(g);
    do
        retention_step(g);
    while (!g->retention.next);
}
