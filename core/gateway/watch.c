/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a flow should do and did not, and the gateway as a whole. A file counts for the time it was expected by
 * if it came behind the time before; one that came late, and cleared the notice by that, counts for no other.
 * While nobody ran nothing was received: what lay in the folder meanwhile counts when it is taken, and what is
 * missing then is told once, with how many times were missed.
 */
#include <time.h>

#include "base/str.h"
#include "gateway/gateway.h"
#include "gateway/notices.h"

#define MISSED_MOST 1000 /* times that are counted */
#define BACKUP_S    3600 /* that a backup may take, however soon the next is due */
#define BACK_MOST   100  /* exchanges that are not over, before the last that is */

struct latest {
    int64_t id;       /* of the last that came; 0: none */
    bool empty;       /* the last that is over has no record */
    int64_t empty_at; /* seconds */
    unsigned looked;
};

static bool is_read(const struct exchange *e)
{
    return e->state == EXCHANGE_DONE || e->state == EXCHANGE_DONE_REJECTS ||
           (e->state == EXCHANGE_FAILED && str_is(e->reason, "exchange.few"));
}

static bool look_back(void *to, const struct exchange *e)
{
    struct latest *l = to;

    if (!l->id)
        l->id = e->id;
    if (is_read(e)) {
        l->empty = e->counts.read == 0;
        l->empty_at = e->received_at / 1000;
        return false;
    }
    return ++l->looked < BACK_MOST;
}

static void spend(struct flow_notices *n, const struct latest *l)
{
    n->spent = l->id;
    n->came = false;
    n->changed = true;
}

/* Times that have passed since the last one that was looked at. */
static uint64_t pass(const struct flow *f, struct flow_notices *n, int64_t now)
{
    uint64_t passed = 0;

    while (n->next <= now && passed < MISSED_MOST) {
        n->due = n->next;
        n->next = schedule_next(&f->expected, n->due);
        passed++;
    }
    if (n->next <= now) {
        n->due = now;
        n->next = schedule_next(&f->expected, now);
    }
    return passed;
}

static void watch_late(struct gateway *g, const struct flow *f, struct flow_notices *n, const struct latest *l)
{
    struct notice *late = &n->items[NOTICE_LATE];
    int64_t now = time(NULL), due;
    uint64_t passed;
    bool came;

    if (!n->due) { /* it is known from now on */
        n->due = now;
        spend(n, l);
    }
    if (!n->next)
        n->next = schedule_next(&f->expected, n->due);
    came = n->came || l->id > n->spent;
    if (late->raised && came) {
        notice_clear(g, f, NOTICE_LATE);
        spend(n, l);
    }
    if (now < n->next)
        return;
    due = n->next;
    passed = pass(f, n, now);
    if (!came) {
        notice_raise(g, f, NOTICE_LATE, due);
        late->missed += passed;
    }
    spend(n, l);
}

static void watch_empty(struct gateway *g, const struct flow *f, const struct latest *l)
{
    if (l->empty)
        notice_raise(g, f, NOTICE_EMPTY, l->empty_at);
    else
        notice_clear(g, f, NOTICE_EMPTY);
}

/* What lies in its folder has been seen, or cannot be; over the API nothing lies anywhere. */
static bool looked_into(const struct flow *f, const struct flow_state *s)
{
    return s->looked || s->troubles || (f->api && !f->folder.len);
}

static void watch_in(struct gateway *g, size_t i)
{
    const struct flow *f = &g->conf.flows[i];
    struct latest latest = {0};

    if (!looked_into(f, &g->flows[i]) || exchange_latest(g->store, false, f->name, look_back, &latest) != GW_OK)
        return;
    watch_late(g, f, &g->notices[i], &latest);
    watch_empty(g, f, &latest);
}

static void watch_out(struct gateway *g, const struct flow *f)
{
    int64_t since = 0;

    if (exchange_waiting_since(g->store, true, f->name, &since) != GW_OK)
        return;
    if (since && time(NULL) - since / 1000 >= (int64_t)f->deliver_within)
        notice_raise(g, f, NOTICE_UNDELIVERED, since / 1000);
    else
        notice_clear(g, f, NOTICE_UNDELIVERED);
}

/* Since we run it may not have been tried: then it is as it was. */
static void watch_connector(struct gateway *g, const struct flow *f)
{
    const struct remote_line *line = remote_line(g, f);

    if (line->open && time(NULL) - line->failing_since >= (int64_t)f->connector->tell_after)
        notice_raise(g, f, NOTICE_CONNECTOR, line->failing_since);
    else if (!line->failures && line->last_ok)
        notice_clear(g, f, NOTICE_CONNECTOR);
}

/* What was tried and failed is not made; one under way is too slow when it is time for the next. A start knows
 * of no failure: what was raised before stays until one is made. */
static void watch_backup(struct gateway *g)
{
    const struct backups *b = &g->backups;
    const struct schedule *schedule = &g->conf.backup.schedule;
    int64_t now = time(NULL);

    if (schedule->kind == SCHEDULE_NONE)
        notice_clear(g, NULL, NOTICE_BACKUP);
    else if (b->failures)
        notice_raise(g, NULL, NOTICE_BACKUP, now);
    else if (b->pid && now > schedule_next(schedule, b->since) && now > b->since + BACKUP_S)
        notice_raise(g, NULL, NOTICE_BACKUP, b->since);
    else if (!b->pid && b->due > now)
        notice_clear(g, NULL, NOTICE_BACKUP);
}

void notices_watch(struct gateway *g)
{
    watch_backup(g);
    for (size_t i = 0; i < g->conf.nflows; i++) {
        const struct flow *f = &g->conf.flows[i];

        if (notice_possible(f, NOTICE_CONNECTOR))
            watch_connector(g, f);
        else
            notice_clear(g, f, NOTICE_CONNECTOR); /* another speaks for it now */
        if (notice_possible(f, NOTICE_LATE))
            watch_in(g, i);
        else if (notice_possible(f, NOTICE_UNDELIVERED))
            watch_out(g, f);
    }
}
