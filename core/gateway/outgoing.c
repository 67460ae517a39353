/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What destinations are owed: an applier selects, a writer writes into a file aside in the spool; when both are
 * good the file gets its name there, and the applier writes exchange, deliveries and cursor in one transaction.
 * Before that commit nothing has happened; a file without exchange is nobody's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"
#include "gateway/spooled.h"
#include "store/outbox.h"
#include "store/resources.h"

static enum gw_result start_select(struct gateway *g, struct job *j)
{
    struct order o = {.kind = ORDER_SELECT};
    char format[128];
    int ends[2];
    enum gw_result result;

    (void)snprintf(o.flow, sizeof(o.flow), "%.*s", STR_ARG(j->flow->name));
    (void)snprintf(format, sizeof(format), "%.*s%s%.*s", STR_ARG(j->flow->format),
                   j->flow->profile.len ? ":" : "", STR_ARG(j->flow->profile));
    order_clock(&o);
    j->parser = post_get(&g->posts, WORKER_WRITER, format);
    j->applier = post_get(&g->posts, WORKER_APPLIER, "");
    if (!j->parser || !j->applier || job_pipe(ends) != GW_OK)
        return GW_RETRY;
    result = post_order(&g->posts, j->applier, &o, (int[]){ends[1]}, 1);
    o.kind = ORDER_WRITE;
    if (result == GW_OK)
        result =
            post_order(&g->posts, j->parser, &o,
                       (int[]){ends[0], j->sealing.clear >= 0 ? j->sealing.clear : j->file.fd, j->results}, 3);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return result;
}

static void begin(struct gateway *g, struct job *j, uint64_t seen)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    (void)snprintf(j->spool, sizeof(j->spool), "out-%lld%09ld-%u", (long long)t.tv_sec, t.tv_nsec,
                   (unsigned)(j - g->jobs));
    j->results = memfd_create("results", MFD_CLOEXEC);
    j->phase = PHASE_SELECT;
    j->seen = seen;
    if (j->results < 0 || durable_create(&j->file, g->spool, j->spool, 0600) != GW_OK ||
        (openpgp_given(&j->flow->openpgp) && sealing_file(&j->sealing, g->spool) != GW_OK) ||
        start_select(g, j) != GW_OK) {
        flow_trouble(g, j->flow, "begin");
        job_end(j);
    }
}

/* ---- the file is written ---- */

static enum gw_result digest_file(struct job *j, struct order *o)
{
    return lseek(j->file.fd, 0, SEEK_SET) == 0 ? durable_digest(j->file.fd, o->digest, &o->size) : GW_RETRY;
}

/* A worker's word is not trusted to be a name: it may not lead anywhere. */
static void name_file(const struct job *j, char ret[ORDER_TEXT])
{
    const char *name = j->parsed.name;

    if (*name && *name != '.' && !strchr(name, '/') && str_valid(str_of(name)))
        (void)snprintf(ret, ORDER_TEXT, "%s", name);
    else
        (void)snprintf(ret, ORDER_TEXT, "%.*s-%s", STR_ARG(j->flow->name), j->spool + strlen("out-"));
}

static enum gw_result start_sent(struct gateway *g, struct job *j)
{
    struct order o = {.kind = ORDER_SENT};
    enum gw_result result = GW_OK;

    (void)snprintf(o.flow, sizeof(o.flow), "%.*s", STR_ARG(j->flow->name));
    name_file(j, o.name);
    if (openpgp_given(&j->flow->openpgp) && !sealing_has_end(str_of(o.name)) &&
        strlen(o.name) + 5 < sizeof(o.name))
        memcpy(o.name + strlen(o.name), ".pgp", 5);
    (void)snprintf(o.spool, sizeof(o.spool), "%s", j->spool);
    if (j->parsed.written) {
        result = digest_file(j, &o);
        if (result == GW_OK)
            result = durable_commit(&j->file);
        if (result == GW_OK)
            result = durable_sync(g->spool);
        if (result == GW_OK)
            result = spooled_keep(g, str_of(j->spool));
    } else {
        durable_abandon(&j->file);
    }
    if (result != GW_OK || lseek(j->results, 0, SEEK_SET) != 0)
        return GW_RETRY;
    j->phase = PHASE_SENT;
    j->applier_done = false;
    post_free(j->parser);
    j->parser = NULL;
    return post_order(&g->posts, j->applier, &o, (int[]){j->results}, 1);
}

static void trouble(struct gateway *g, struct job *j)
{
    journal("flow.unwritten", "flow", j->flow->name.ptr, "reason", j->parsed.reason, NULL);
    flow_trouble(g, j->flow, "writer");
    job_end(j);
}

/* What is promised, by name, size and digest, is what the partner gets. */
static enum gw_result start_seal(struct gateway *g, struct job *j)
{
    if (j->sealing.clear < 0 || !j->parsed.written)
        return start_sent(g, j);
    j->phase = PHASE_SEAL;
    return sealing_start(&j->sealing, g->transfers, j->flow, &g->conf.limits, j->sealing.clear, j->file.fd);
}

static void sealed(struct gateway *g, struct job *j)
{
    const struct sealing *s = &j->sealing;

    g->worked = true;
    if (s->said && s->end == END_OK && start_sent(g, j) == GW_OK)
        return;
    journal("flow.unsealed", "flow", j->flow->name.ptr, "reason", s->said ? s->code : courier_fate(&s->courier),
            "said", s->args, NULL);
    flow_trouble(g, j->flow, "openpgp");
    job_end(j);
}

/* What was written is written down: a server that lost it would be asked for it again and again. */
static bool is_kept(struct gateway *g, const struct job *j)
{
    uint64_t now = 0;

    return cursor_get(g->store, j->flow->name, &now) == GW_OK && now > j->seen;
}

static void advance(struct gateway *g, struct job *j)
{
    char written[24], rejected[24];

    g->worked = true;
    if (j->applied.result != GW_OK ||
        (j->parser && (j->parser->state == POST_DEAD || j->parsed.result != GW_OK))) {
        trouble(g, j);
    } else if (j->phase == PHASE_SELECT) {
        if (start_seal(g, j) != GW_OK)
            trouble(g, j);
    } else if (!is_kept(g, j)) {
        (void)snprintf(j->parsed.reason, sizeof(j->parsed.reason), "store.unkept");
        trouble(g, j);
    } else {
        journal("exchange.written", "flow", j->flow->name.ptr, "written",
                journal_number((int64_t)j->applied.written, written), "rejected",
                journal_number((int64_t)j->applied.rejected, rejected), NULL);
        flow_well(g, j->flow);
        flow_state(g, j->flow)->next_look = clock_ms() + (int64_t)j->flow->every * 1000;
        job_end(j);
    }
}

static bool is_owed(struct gateway *g, const struct flow *f, uint64_t *ret_seen)
{
    uint64_t last = 0;

    *ret_seen = 0;
    return cursor_get(g->store, f->name, ret_seen) == GW_OK && unit_last_seq(g->store, &last) == GW_OK &&
           *ret_seen < last;
}

static bool newest(void *to, const struct exchange *e)
{
    *(int64_t *)to = e->received_at / 1000;
    return false;
}

/* A time that passed up to an hour ago, while nobody ran, is made up for. */
static int64_t first_due(struct gateway *g, const struct flow *f)
{
    int64_t now = time(NULL), hour_ago = now - 3600, last = 0;

    if (exchange_latest(g->store, true, f->name, newest, &last) != GW_OK || last < hour_ago || last > now)
        last = hour_ago;
    return schedule_next(&f->schedule, last);
}

/* Then all is written that is owed by then, in as many files as it takes. */
static bool on_schedule(struct gateway *g, const struct flow *f)
{
    struct flow_state *s = flow_state(g, f);

    if (f->schedule.kind == SCHEDULE_NONE || g->once)
        return true;
    if (!s->due)
        s->due = first_due(g, f);
    return time(NULL) >= s->due;
}

/* While files come in, what they change is gathered; a file out is made when there is a pause. */
static bool incoming_busy(const struct gateway *g)
{
    for (size_t i = 0; i < JOBS_MAX; i++)
        if (g->jobs[i].kind == JOB_IN)
            return true;
    return false;
}

/* Nothing new is written while a person has to look at what destinations have had. */
static bool waits_for_person(struct gateway *g)
{
    if (g->restored && !restored_waits(g->conf.state.ptr)) {
        g->restored = false;
        journal("backup.released", NULL, NULL);
    }
    return g->restored;
}

void outgoing_step(struct gateway *g)
{
    int64_t now = clock_ms();

    for (size_t i = 0; i < JOBS_MAX; i++)
        if (g->jobs[i].kind == JOB_OUT && job_settled(&g->jobs[i]))
            (g->jobs[i].phase == PHASE_SEAL ? sealed : advance)(g, &g->jobs[i]);
    if (waits_for_person(g))
        return;
    for (size_t i = 0; !g->stopping && !incoming_busy(g) && i < g->conf.nflows; i++) {
        const struct flow *f = &g->conf.flows[i];
        struct flow_state *s = &g->flows[i];
        struct job *j;
        uint64_t seen;
        bool owed;

        if (!f->out || now < s->not_before || now < s->next_look || job_of_flow(g, f) || !on_schedule(g, f))
            continue;
        owed = is_owed(g, f, &seen);
        if (!owed && f->schedule.kind != SCHEDULE_NONE)
            s->due = schedule_next(&f->schedule, time(NULL));
        j = owed ? job_new(g, JOB_OUT, f) : NULL;
        if (j)
            begin(g, j, seen);
    }
}
