/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"

#define HELD_ELSEWHERE_MS 2000 /* another process has the connector */

const char *const remote_words[REMOTE_RESULTS] = {"ok", "retry", "fail", "doubt", "died"};

void remote_line_init(struct remote_line *l)
{
    *l = (struct remote_line){.busy = NULL};
    buf_init(&l->args, 65536);
    buf_init(&l->warning_args, 65536);
}

static void remote_line_done(struct remote_line *l)
{
    buf_done(&l->args);
    buf_done(&l->warning_args);
}

struct remote_line *remote_line(struct gateway *g, const struct flow *f)
{
    return &g->remote.lines[f->connector - g->conf.connectors];
}

bool remote_running(const struct gateway *g)
{
    for (size_t i = 0; i < REMOTE_MAX; i++)
        if (g->remote.items[i].flow)
            return true;
    return false;
}

size_t remote_pipes(const struct gateway *g, int *ret, size_t most)
{
    size_t n = 0;

    for (size_t i = 0; i < REMOTE_MAX && n < most; i++)
        if (g->remote.items[i].flow)
            ret[n++] = g->remote.items[i].courier.answers;
    return n;
}

/* ---- may it start ---- */

static int minutes_of(const char *clock)
{
    return ((clock[0] - '0') * 10 + clock[1] - '0') * 60 + (clock[3] - '0') * 10 + clock[4] - '0';
}

static bool is_quiet(const struct connector *k)
{
    time_t t = time(NULL);
    struct tm tm;
    int now;

    localtime_r(&t, &tm);
    now = tm.tm_hour * 60 + tm.tm_min;
    for (size_t i = 0; i < k->quiet.count; i++) {
        int from = minutes_of(k->quiet.items[i].ptr), to = minutes_of(k->quiet.items[i].ptr + 6);

        if (from <= to ? now >= from && now < to : now >= from || now < to)
            return true;
    }
    return false;
}

static struct carriage *place(struct gateway *g)
{
    for (size_t i = 0; i < REMOTE_MAX; i++)
        if (!g->remote.items[i].flow)
            return &g->remote.items[i];
    return NULL;
}

bool remote_free(const struct gateway *g, const struct connector *k)
{
    const struct remote_line *line = &g->remote.lines[k - g->conf.connectors];

    return !line->busy && clock_ms() >= line->not_before && !line->rests_until;
}

/* Within a run the program keeps it; its first request comes behind our last one. */
void remote_rest(struct gateway *g, const struct connector *k)
{
    if (k->requests_per_minute)
        g->remote.lines[k - g->conf.connectors].rests_until =
            clock_ms() + (int64_t)(60000 / k->requests_per_minute);
}

bool remote_rests(const struct gateway *g)
{
    for (size_t i = 0; i < g->conf.nconnectors; i++)
        if (g->remote.lines[i].rests_until)
            return true;
    return false;
}

bool remote_may(struct gateway *g, const struct flow *f)
{
    const struct remote_line *line = remote_line(g, f);
    const struct flow_state *s = flow_state(g, f);
    bool free = s->remote.asked ? !line->busy && !line->rests_until
                                : remote_free(g, f->connector) && clock_ms() >= s->not_before;

    return free && place(g) && !is_quiet(f->connector);
}

uint64_t remote_ask(struct gateway *g, const struct flow *f)
{
    struct remote_flow *r = &flow_state(g, f)->remote;

    r->asked = true;
    flow_state(g, f)->due = 0;
    flow_state(g, f)->not_before = 0;
    remote_line(g, f)->not_before = 0;
    return r->turns + (remote_line(g, f)->busy == f ? 2 : 1);
}

static void answer(struct remote_flow *r)
{
    if (!r->answers)
        return;
    r->answers = false;
    r->answer.turn = r->turns;
    (void)snprintf(r->answer.code, sizeof(r->answer.code), "%s", r->code);
    buf_clear(&r->answer.args);
    buf_str(&r->answer.args, buf_view(&r->args));
}

/* ---- starting ---- */

/* Held by the process itself for as long as it lives: one that outlives us keeps the connector. -1: another has
 * it. */
int remote_lock(struct gateway *g, struct gw_str connector)
{
    char path[4096];
    int folder = -1, fd = -1;

    (void)snprintf(path, sizeof(path), "%.*s/remote", STR_ARG(g->conf.state));
    if (durable_folder(path, 0700, &folder) != GW_OK)
        return -1;
    (void)snprintf(path, sizeof(path), "%.*s.lock", STR_ARG(connector));
    fd = openat(folder, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    (void)close(folder);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

static void say_failure(const struct flow *f, const struct remote_end *e)
{
    journal("transfer.failed", "flow", f->name.ptr, "connector", f->connector_name.ptr, "end",
            remote_words[e->result], "step", e->step, "code", e->code, "said",
            e->args.len ? e->args.data : "{}", NULL);
}

static void failed(struct gateway *g, const struct flow *f, const struct remote_end *e);

struct carriage *remote_start(struct gateway *g, const struct flow *f, const struct duty *d, int file)
{
    struct carriage *c = place(g);
    struct remote_line *line = remote_line(g, f);
    struct remote_flow *r = &flow_state(g, f)->remote;
    int held = c ? remote_lock(g, f->connector_name) : -1;
    enum gw_result result;

    if (held < 0) {
        line->not_before = clock_ms() + HELD_ELSEWHERE_MS;
        return NULL;
    }
    r->answers = r->asked;
    r->asked = false;
    result = courier_start(&c->courier, g->transfers, d, file, held);
    (void)close(held);
    buf_init(&c->end.args, 65536);
    c->end.result = REMOTE_DIED;
    if (result != GW_OK) {
        buf_format(&c->end.args, "{\"program\":\"%s\",\"connector\":\"%.*s\",\"reason\":", c->courier.program,
                   STR_ARG(f->connector_name));
        buf_json(&c->end.args, str_of(strerror(errno)));
        buf_char(&c->end.args, '}');
        (void)snprintf(c->end.code, sizeof(c->end.code), "%s", c->courier.code);
        c->end.of_line = true;
        r->turns++;
        failed(g, f, &c->end);
        answer(r);
        buf_done(&c->end.args);
        *c = (struct carriage){.flow = NULL};
        return NULL;
    }
    c->flow = line->busy = f;
    c->line = line;
    g->worked = true;
    return c;
}

/* ---- what is heard ---- */

/* Steps that come before the flow's own business. */
static bool is_of_line(struct gw_str step)
{
    return str_among(GW_STR("resolve|connect|tls|host_key|certificate|login|token"), '|', step);
}

static void keep_args(struct buf *out, const struct courier_said *s)
{
    buf_clear(out);
    for (size_t i = 0; i < s->nargs; i++) {
        buf_char(out, i ? ',' : '{');
        buf_json(out, str_of(s->args[i].name));
        buf_char(out, ':');
        buf_json(out, s->args[i].value);
    }
    buf_text(out, s->nargs ? "}" : "{}");
}

static void hear_end(struct remote_end *e, const struct courier_said *s)
{
    e->result = (enum remote_result)s->end;
    e->of_line = s->end != END_OK && s->end != END_DOUBT && is_of_line(s->step);
    e->after = s->after < 86400 ? s->after : 86400;
    (void)snprintf(e->step, sizeof(e->step), "%.*s", STR_ARG(s->step));
    (void)snprintf(e->code, sizeof(e->code), "%.*s", STR_ARG(s->code));
    keep_args(&e->args, s);
}

/* Once for all its transfers: a certificate that ends is not said again at each look. */
static void hear_warning(struct carriage *c, const struct courier_said *s)
{
    struct remote_line *l = c->line;
    struct buf args;

    buf_init(&args, 65536);
    keep_args(&args, s);
    if (!str_is(s->code, l->warning) || !str_eq(buf_view(&args), buf_view(&l->warning_args))) {
        (void)snprintf(l->warning, sizeof(l->warning), "%.*s", STR_ARG(s->code));
        buf_clear(&l->warning_args);
        buf_str(&l->warning_args, buf_view(&args));
        journal("transfer.warning", "flow", c->flow->name.ptr, "connector", c->flow->connector_name.ptr, "code",
                l->warning, "said", args.len ? args.data : "{}", NULL);
    }
    buf_done(&args);
}

/* Another certificate, and nothing is said about it. */
static void hear_step(struct carriage *c, const struct courier_said *s)
{
    if (s->code.len)
        hear_warning(c, s);
    else if (s->ok && str_is(s->step, "certificate"))
        c->line->warning[0] = '\0';
}

static void hear(void *to, const struct courier_said *s)
{
    struct carriage *c = to;

    switch (s->kind) {
    case SAID_STEP:
        hear_step(c, s);
        break;
    case SAID_FILE:
        c->end.files++;
        c->end.bytes += s->size;
        break;
    case SAID_DISMISSED:
        c->end.dismissed++;
        break;
    case SAID_END:
        hear_end(&c->end, s);
        break;
    }
}

/* ---- what became of it ---- */

/* Between three quarters and five quarters of it: those that failed together do not come back together. */
static int64_t jittered(int64_t ms)
{
    uint32_t random = 0;

    if (getrandom(&random, sizeof(random), 0) != sizeof(random))
        random = 0;
    return ms / 4 * 3 + (int64_t)(random % 1000) * (ms / 2) / 1000;
}

static int64_t pause_of(const struct connector *k, unsigned failures, const struct remote_end *e)
{
    uint64_t seconds = k->pause;

    for (unsigned i = 1; i < failures && seconds < k->pause_max; i++)
        seconds *= 2;
    if (e->result == REMOTE_FAIL || seconds > k->pause_max)
        seconds = k->pause_max;
    return (int64_t)e->after * 1000 > jittered((int64_t)seconds * 1000) ? (int64_t)e->after * 1000
                                                                        : jittered((int64_t)seconds * 1000);
}

static void line_fails(struct gateway *g, const struct flow *f, const struct remote_end *e)
{
    struct remote_line *line = remote_line(g, f);
    const struct connector *k = f->connector;
    char room[24];

    if (!line->failures++)
        line->failing_since = time(NULL);
    (void)snprintf(line->code, sizeof(line->code), "%s", e->code);
    buf_clear(&line->args);
    buf_str(&line->args, buf_view(&e->args));
    line->not_before = clock_ms() + pause_of(k, line->failures, e);
    if (!k->breaker || line->failures < k->breaker)
        return;
    if (!e->after)
        line->not_before = clock_ms() + jittered((int64_t)k->pause_max * 1000);
    if (!line->open)
        journal("connector.open", "connector", k->name.ptr, "failures", journal_number(line->failures, room),
                "code", e->code, NULL);
    line->open = true;
}

static void failed(struct gateway *g, const struct flow *f, const struct remote_end *e)
{
    struct flow_state *s = flow_state(g, f);

    say_failure(f, e);
    (void)snprintf(s->remote.code, sizeof(s->remote.code), "%s", e->code);
    buf_clear(&s->remote.args);
    buf_str(&s->remote.args, buf_view(&e->args));
    s->remote.tried = true;
    if (e->of_line) {
        line_fails(g, f, e);
        return;
    }
    s->troubles++;
    s->not_before = clock_ms() + pause_of(f->connector, s->troubles, e);
}

static void line_well(struct gateway *g, const struct flow *f)
{
    struct remote_line *line = remote_line(g, f);

    if (line->open)
        journal("connector.closed", "connector", f->connector_name.ptr, NULL);
    line->failures = 0;
    line->open = false;
    line->not_before = 0;
    line->last_ok = time(NULL);
    line->code[0] = '\0';
}

static void count(struct gateway *g, const struct carriage *c)
{
    struct remote_flow *r = &flow_state(g, c->flow)->remote;

    r->turns++;
    r->ended[c->end.result]++;
    r->ms += (uint64_t)(clock_ms() - c->courier.since);
    r->bytes += !c->flow->out                                                 ? c->end.bytes
                : c->end.result == REMOTE_OK || c->end.result == REMOTE_DOUBT ? c->e.size
                                                                              : 0;
    if (c->end.result != REMOTE_OK && c->end.result != REMOTE_DOUBT)
        return;
    r->last_ok = time(NULL);
    r->code[0] = '\0';
}

/* Without an end it may have been anywhere. */
static void died(struct carriage *c)
{
    struct remote_end *e = &c->end;

    if (c->courier.ended)
        return;
    e->result = REMOTE_DIED;
    e->of_line = true;
    (void)snprintf(e->code, sizeof(e->code), "%s", courier_fate(&c->courier));
    buf_clear(&e->args);
    buf_format(&e->args, "{\"program\":\"%s\",\"connector\":\"%.*s\"}", c->courier.program,
               STR_ARG(c->flow->connector_name));
}

static void drop(struct gateway *g, struct carriage *c)
{
    remote_line(g, c->flow)->busy = NULL;
    remote_rest(g, c->flow->connector);
    buf_done(&c->end.args);
    if (c->flow->out)
        arena_done(&c->arena);
    *c = (struct carriage){.flow = NULL};
}

static void over(struct gateway *g, struct carriage *c)
{
    g->worked = true;
    died(c);
    count(g, c);
    if (c->end.result == REMOTE_OK || c->end.result == REMOTE_DOUBT) {
        line_well(g, c->flow);
        flow_well(g, c->flow);
    } else {
        if (!c->end.of_line)
            line_well(g, c->flow); /* it got that far */
        failed(g, c->flow, &c->end);
    }
    answer(&flow_state(g, c->flow)->remote);
    if (c->flow->out)
        send_over(g, c);
    else
        fetch_over(g, c);
    drop(g, c);
}

/* ---- the step ---- */

static void look(struct gateway *g, struct carriage *c)
{
    uint64_t wall = g->conf.limits.wall;

    if (wall && clock_ms() - c->courier.since > (int64_t)wall * 1000)
        courier_kill(&c->courier, "transfer.limit");
    if (c->flow->out)
        send_keep(g, c);
    if (courier_step(&c->courier, hear, c))
        over(g, c);
}

static void begin(struct gateway *g, const struct flow *f)
{
    if (!f->connector || !flow_meant(g, f) || !remote_may(g, f))
        return;
    if (f->out)
        send_start(g, f);
    else if (fetch_due(g, f))
        fetch_start(g, f);
}

/* Each flow has its turn, whoever came first the last time. */
void remote_step(struct gateway *g)
{
    struct remote *r = &g->remote;

    for (size_t i = 0; i < g->conf.nconnectors; i++)
        if (clock_ms() >= r->lines[i].rests_until)
            r->lines[i].rests_until = 0;
    for (size_t i = 0; i < REMOTE_MAX; i++)
        if (r->items[i].flow)
            look(g, &r->items[i]);
    for (size_t i = 0; !g->stopping && !g->reload && g->conf.nconnectors && i < g->conf.nflows; i++) {
        if (r->next >= g->conf.nflows)
            r->next = 0;
        begin(g, &g->conf.flows[r->next++]);
    }
    r->next++;
}

/* Something may go by a connector that only keeps its distance. */
static bool waits_for_rest(struct gateway *g, const struct flow *f)
{
    const struct connector *told =
        f->receipt.connector.len && !g->only ? conf_connector(&g->conf, f->receipt.connector) : NULL;
    int64_t since = 0;

    if (told && !flow_state(g, f)->receipts_gone && g->remote.lines[told - g->conf.connectors].rests_until)
        return true;
    return f->connector && f->out && flow_meant(g, f) && remote_line(g, f)->rests_until &&
           exchange_waiting_since(g->store, true, f->name, &since) == GW_OK && since;
}

bool remote_waits(struct gateway *g)
{
    if (remote_running(g))
        return true;
    for (size_t i = 0; i < g->conf.nflows; i++)
        if (waits_for_rest(g, &g->conf.flows[i]))
            return true;
    for (size_t i = 0; i < g->conf.nflows; i++) {
        const struct flow *f = &g->conf.flows[i];

        if (f->connector && !f->out && flow_meant(g, f) && fetch_due(g, f) && !is_quiet(f->connector) &&
            !(g->once && flow_state(g, f)->remote.tried && !remote_may(g, f)))
            return true;
    }
    return false;
}

bool remote_well(struct gateway *g)
{
    for (size_t i = 0; i < g->conf.nflows; i++)
        if (flow_meant(g, &g->conf.flows[i]) && g->flows[i].remote.code[0])
            return false;
    return true;
}

void remote_stop(struct gateway *g)
{
    for (size_t i = 0; i < REMOTE_MAX; i++) {
        struct carriage *c = &g->remote.items[i];

        if (!c->flow)
            continue;
        courier_stop(&c->courier);
        c->end.result = REMOTE_DIED;
        if (c->flow->out)
            send_over(g, c);
        drop(g, c);
    }
}

void remote_clear(struct gateway *g)
{
    for (size_t i = 0; g->remote.lines && i < g->conf.nconnectors; i++)
        remote_line_done(&g->remote.lines[i]);
    for (size_t i = 0; g->flows && i < g->conf.nflows; i++) {
        buf_done(&g->flows[i].remote.args);
        buf_done(&g->flows[i].remote.answer.args);
    }
    g->remote = (struct remote){.lines = NULL};
}
