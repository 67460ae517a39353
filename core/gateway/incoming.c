/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Exchanges that came in: claimed in the order of their flow, read by a reader, applied by an applier. With
 * apply = file everything is taken twice: once to see that it is good, once to apply it; the second time from
 * what the first one made of it, if that could be kept. A reader that dies
 * costs an attempt; the record that kills it twice is passed over in the next one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/applier.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"
#include "gateway/spooled.h"
#include "gateway/wanted.h"

#define ATTEMPTS_MOST 20
#define DEATHS_MOST   2 /* of a reader, at the same record, before the record is passed over */

static void say(const struct job *j, const char *event, const char *reason)
{
    char id[24], read[24], accepted[24], rejected[24];

    journal(event, "flow", j->flow->name.ptr, "exchange", journal_number(j->e.id, id), "read",
            journal_number((int64_t)j->e.counts.read, read), "accepted",
            journal_number((int64_t)j->e.counts.accepted, accepted), "rejected",
            journal_number((int64_t)j->e.counts.rejected, rejected), reason && *reason ? "reason" : NULL,
            reason, NULL);
}

/* ---- moves of the exchange, one transaction each ---- */

/* A record that killed its reader often enough is written down, so that no later attempt looks into it: not
 * even one that dies at another record before its own word of this one is stored. */
static enum gw_result write_down(struct gateway *g, const struct job *j)
{
    struct reject_row row = {.exchange = j->e.id,
                             .flow = j->e.flow,
                             .record = j->e.suspect,
                             .code = GW_STR("worker.crash"),
                             .path = GW_STR(""),
                             .at = store_now(),
                             .raw = GW_STR(""),
                             .diagnostics = GW_STR("{}")};
    int64_t id;

    return j->e.suspicion == DEATHS_MOST ? reject_put(g->store, &row, &id) : GW_OK;
}

static enum gw_result move(struct gateway *g, struct job *j, enum exchange_state to, const char *reason)
{
    enum gw_result result = store_begin(g->store);

    j->e.reason = str_of(reason);
    if (result == GW_OK && to == EXCHANGE_QUEUED && !j->wanted)
        result = write_down(g, j);
    if (result == GW_OK && to != EXCHANGE_QUEUED && j->wanted) {
        to = EXCHANGE_DONE_REJECTS; /* what was applied before stands */
        result = wanted_drop(g->store, j->e.id);
    }
    if (result == GW_OK)
        result = exchange_move(g->store, &j->e, to);
    if (result == GW_OK)
        return store_commit(g->store);
    store_rollback(g->store);
    return result;
}

/* ---- starting a phase ---- */

struct skips {
    struct order *o;
    bool full;
};

static bool add_skip(void *to, const struct reject_row *r)
{
    struct skips *s = to;

    s->full = s->o->nskips == ORDER_SKIPS;
    if (!s->full)
        s->o->skips[s->o->nskips++] = r->record;
    return !s->full;
}

/* Records that killed a reader are written down. */
static enum gw_result fill_skips(struct gateway *g, struct job *j, struct order *o)
{
    struct reject_filter filter = {.exchange = j->e.id, .code = GW_STR("worker.crash"), .state = REJECT_OPEN};
    struct skips s = {.o = o};
    enum gw_result result = reject_each(g->store, &filter, &j->arena, add_skip, &s);

    return result == GW_OK && s.full ? GW_REJECT : result;
}

static enum gw_result fill_order(struct gateway *g, struct job *j, struct order *o)
{
    *o = (struct order){.exchange = j->e.id, .fence = j->e.fence, .resume = j->e.resume, .wanted = j->wanted};
    o->chain = !g->stopping && !g->reload && job_place(g);
    (void)snprintf(o->flow, sizeof(o->flow), "%.*s", STR_ARG(j->flow->name));
    (void)snprintf(o->name, sizeof(o->name), "%.*s",
                   STR_ARG(openpgp_given(&j->flow->openpgp) ? sealing_inner(j->e.name) : j->e.name));
    order_clock(o);
    return fill_skips(g, j, o);
}

static void format_name(const struct flow *f, char ret[128])
{
    (void)snprintf(ret, 128, "%.*s%s%.*s", STR_ARG(f->format), f->profile.len ? ":" : "", STR_ARG(f->profile));
}

static void forget_lines(struct job *j)
{
    if (j->kept >= 0)
        (void)close(j->kept);
    j->kept = -1;
}

static enum gw_result send_orders(struct gateway *g, struct job *j, struct order *o, int input)
{
    int ends[2];
    enum gw_result result = job_pipe(ends);

    if (result != GW_OK)
        return result;
    o->kind = ORDER_READ;
    result = post_order(&g->posts, j->parser, o, (int[]){input, ends[1]}, 2);
    o->kind = j->phase == PHASE_CHECK ? ORDER_CHECK : ORDER_APPLY;
    if (result == GW_OK)
        result = post_order(&g->posts, j->applier, o, (int[]){ends[0], j->kept}, j->kept >= 0 ? 2 : 1);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return result;
}

/* What came, as the spool has it; or what it was in clear. */
static int input_open(struct gateway *g, const struct job *j)
{
    if (j->sealing.clear >= 0 && j->phase != PHASE_OPEN)
        return sealing_input(&j->sealing);
    return spooled_open(g, j->e.spool);
}

/* The spool keeps what came, so that it can be opened again at any time. */
static enum gw_result opening_start(struct gateway *g, struct job *j)
{
    int input;
    enum gw_result result = sealing_file(&j->sealing, g->spool);

    j->phase = PHASE_OPEN;
    input = result == GW_OK ? input_open(g, j) : -1;
    if (input < 0)
        return result == GW_OK && errno == ENOENT ? GW_FAIL : GW_RETRY;
    result = sealing_start(&j->sealing, g->transfers, j->flow, &g->conf.limits, input, j->sealing.clear);
    (void)close(input);
    return result == GW_OK ? GW_OK : GW_RETRY;
}

static enum gw_result phase_start(struct gateway *g, struct job *j)
{
    char format[128];
    struct order o;
    enum gw_result result = fill_order(g, j, &o);
    int input = result == GW_OK ? input_open(g, j) : -1;

    if (result != GW_OK)
        return result;
    if (input < 0)
        return errno == ENOENT ? GW_FAIL : GW_RETRY;
    forget_lines(j);
    if (j->phase == PHASE_CHECK)
        j->kept = openat(g->spool, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); /* where the disk can do that */
    format_name(j->flow, format);
    j->parser_done = j->applier_done = false;
    j->parser = j->parser ? j->parser : post_get(&g->posts, WORKER_READER, format);
    j->applier = j->applier ? j->applier : post_get(&g->posts, WORKER_APPLIER, "");
    result = j->parser && j->applier ? send_orders(g, j, &o, input) : GW_RETRY;
    (void)close(input);
    return result;
}

/* The first pass was good and kept what it made: no reader is needed any more. */
static enum gw_result apply_kept(struct gateway *g, struct job *j)
{
    struct order o;
    enum gw_result result = fill_order(g, j, &o);

    if (result != GW_OK)
        return result;
    if (lseek(j->kept, 0, SEEK_SET) != 0)
        return GW_RETRY;
    post_free(j->parser);
    j->parser = NULL;
    j->applier_done = false;
    o.kind = ORDER_KEPT;
    return post_order(&g->posts, j->applier, &o, (int[]){j->kept}, 1);
}

/* ---- ends ---- */

static void fail(struct gateway *g, struct job *j, enum exchange_state to, const char *reason)
{
    if (move(g, j, to, reason) != GW_OK)
        flow_trouble(g, j->flow, "store");
    else
        flow_well(g, j->flow);
    say(j, to == EXCHANGE_QUARANTINED ? "exchange.quarantined" : "exchange.failed", reason);
    job_end(j);
}

/* A worker died, or the world said no: the exchange waits for another attempt, which begins where the last
 * commit left it. */
static void again(struct gateway *g, struct job *j, bool died)
{
    uint64_t suspect = died && j->parser ? __atomic_load_n(&j->parser->page->record, __ATOMIC_ACQUIRE) : 0;
    struct exchange now;
    enum gw_result result = exchange_get(g->store, j->e.id, &j->arena, &now);

    if (result == GW_OK && now.state == EXCHANGE_WORKING && now.fence == j->e.fence) {
        j->e = now;
        if (suspect) {
            j->e.suspicion = suspect == j->e.suspect ? j->e.suspicion + 1 : 1;
            j->e.suspect = suspect;
        }
        if (j->e.attempts >= ATTEMPTS_MOST || j->e.suspicion > DEATHS_MOST + (j->wanted ? 0u : 1u)) {
            fail(g, j, EXCHANGE_QUARANTINED, "worker.crash");
            return;
        }
        result = move(g, j, EXCHANGE_QUEUED, died ? "worker.crash" : "exchange.again");
    }
    if (result != GW_OK || !died)
        flow_trouble(g, j->flow, "attempt");
    say(j, "exchange.again", died ? "worker.crash" : "");
    job_end(j);
}

static void begin(struct gateway *g, struct job *j);

/* The applier has claimed the flow's next one with the end of this one: the same pair goes on with it. */
static bool goes_on(struct gateway *g, struct job *j)
{
    int64_t id = j->applied.next;

    arena_reset(&j->arena);
    if (!id || exchange_get(g->store, id, &j->arena, &j->e) != GW_OK || j->e.state != EXCHANGE_WORKING)
        return false;
    begin(g, j);
    return true;
}

static void settle(struct gateway *g, struct job *j)
{
    struct exchange now;

    if (exchange_get(g->store, j->e.id, &j->arena, &now) == GW_OK)
        j->e = now;
    flow_well(g, j->flow);
    say(j, exchange_over(j->e.state) ? "exchange.done" : "exchange.moved", exchange_words[j->e.state]);
    if (str_is(j->e.reason, "exchange.twice"))
        say(j, "exchange.noted", "exchange.twice");
    if (!goes_on(g, j))
        job_end(j);
}

static void phase_begin(struct gateway *g, struct job *j);
static void phase_started(struct gateway *g, struct job *j, enum gw_result result);

/* Nothing that is not good to its end is read. */
static void opened(struct gateway *g, struct job *j)
{
    struct sealing *s = &j->sealing;

    g->worked = true;
    if (s->said && s->end == END_OK) {
        phase_begin(g, j);
    } else if (s->said && s->end == END_FAIL) {
        j->e.reason_args = str_of(s->args);
        fail(g, j, EXCHANGE_FAILED, s->code);
    } else {
        again(g, j, false);
    }
}

/* The applier, which keeps the lease later, has not begun yet. */
static void opening_keep(struct gateway *g, struct job *j)
{
    int64_t now = clock_ms();

    if (j->phase != PHASE_OPEN || now < j->sealing.keep_at)
        return;
    j->sealing.keep_at = now + APPLIER_LEASE / 4;
    if (store_begin(g->store) == GW_OK &&
        exchange_keep(g->store, j->e.id, j->e.fence, APPLIER_LEASE) == GW_OK && store_commit(g->store) == GW_OK)
        return;
    store_rollback(g->store);
}

static void advance(struct gateway *g, struct job *j)
{
    bool died = j->parser && j->parser->state == POST_DEAD;
    enum gw_result applied = (enum gw_result)j->applied.result, started;

    g->worked = true;
    if (applied == GW_REJECT) { /* somebody else has it */
        say(j, "exchange.lost", "");
        job_end(j);
    } else if (applied == GW_FAIL && !died) {
        fail(g, j, EXCHANGE_FAILED, "exchange.stream");
    } else if (applied != GW_OK || died) {
        again(g, j, died);
    } else if (j->phase == PHASE_CHECK && j->applied.more) {
        j->phase = PHASE_APPLY;
        j->e.checked = true;
        started = j->applied.kept ? apply_kept(g, j) : phase_start(g, j);
        if (started != GW_OK)
            again(g, j, false);
    } else {
        settle(g, j);
    }
}

/* ---- beginning ---- */

/* A file that is older than what was applied last would turn time back: it waits for a person. */
static bool is_older(struct gateway *g, const struct job *j)
{
    int64_t last = 0;

    return j->flow->order != ORDER_RECEIVED && j->e.order &&
           exchange_last_order(g->store, j->flow->name, &last) == GW_OK && j->e.order < last;
}

static void begin(struct gateway *g, struct job *j)
{
    enum gw_result result = reject_any(g->store, j->e.id, REJECT_QUEUED, &j->wanted);

    g->worked = true;
    if (!j->wanted && !str_is(j->e.reason, "exchange.released") && is_older(g, j)) {
        fail(g, j, EXCHANGE_HELD, "exchange.older");
        return;
    }
    if (result == GW_OK && openpgp_given(&j->flow->openpgp))
        result = opening_start(g, j);
    else if (result == GW_OK) {
        phase_begin(g, j);
        return;
    }
    phase_started(g, j, result);
}

static void phase_begin(struct gateway *g, struct job *j)
{
    j->phase = flow_state(g, j->flow)->by_file && !j->e.checked && !j->wanted ? PHASE_CHECK : PHASE_APPLY;
    phase_started(g, j, phase_start(g, j));
}

static void phase_started(struct gateway *g, struct job *j, enum gw_result result)
{
    if (result == GW_FAIL)
        fail(g, j, EXCHANGE_FAILED, "exchange.spool");
    else if (result == GW_REJECT)
        fail(g, j, EXCHANGE_QUARANTINED, "worker.crash");
    else if (result != GW_OK)
        again(g, j, false);
}

static void flow_begin(struct gateway *g, const struct flow *f)
{
    struct job *j = job_new(g, JOB_IN, f);
    enum gw_result result;

    if (!j)
        return;
    result = exchange_claim(g->store, false, f->name, APPLIER_LEASE, &j->arena, &j->e);
    if (result == GW_OK) {
        begin(g, j);
        return;
    }
    if (result != GW_END)
        flow_trouble(g, f, "store");
    else if (!flow_state(g, f)->of_folder)
        flow_well(g, f);
    job_end(j);
}

void incoming_step(struct gateway *g)
{
    int64_t now = clock_ms();

    for (size_t i = 0; i < JOBS_MAX; i++)
        if (g->jobs[i].kind == JOB_IN && job_settled(&g->jobs[i]))
            (g->jobs[i].phase == PHASE_OPEN ? opened : advance)(g, &g->jobs[i]);
        else if (g->jobs[i].kind == JOB_IN)
            opening_keep(g, &g->jobs[i]);
    for (size_t i = 0; !g->stopping && i < g->conf.nflows; i++) {
        const struct flow *f = &g->conf.flows[i];

        if (!f->out && now >= g->flows[i].not_before && !job_of_flow(g, f))
            flow_begin(g, f);
    }
}

/* A stop is no attempt: what was at work waits for its turn again, and need not wait for its lease to end. */
void incoming_stop(struct gateway *g)
{
    for (size_t i = 0; i < JOBS_MAX; i++) {
        struct job *j = &g->jobs[i];
        uint64_t fence = j->e.fence;

        if (j->kind != JOB_IN || exchange_get(g->store, j->e.id, &j->arena, &j->e) != GW_OK ||
            j->e.state != EXCHANGE_WORKING || j->e.fence != fence)
            continue;
        j->e.attempts -= j->e.attempts > 0;
        if (move(g, j, EXCHANGE_QUEUED, "exchange.again") != GW_OK)
            journal("exchange.kept", "flow", j->flow->name.ptr, NULL); /* its lease ends by itself */
    }
}
