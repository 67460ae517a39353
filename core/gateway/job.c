/* SPDX-License-Identifier: EUPL-1.2 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"
#include "gateway/worker.h"

#define WAIT_FIRST_MS 1000
#define WAIT_MOST_MS  300000

bool job_place(const struct gateway *g)
{
    uint64_t busy = 0;

    for (size_t i = 0; i < JOBS_MAX; i++)
        busy += g->jobs[i].kind != JOB_NONE;
    return busy < JOBS_MAX && busy < g->conf.readers;
}

struct job *job_new(struct gateway *g, enum job_kind kind, const struct flow *f)
{
    struct job *j = g->jobs;

    if (!job_place(g))
        return NULL;
    while (j->kind != JOB_NONE)
        j++;
    *j = (struct job){
        .kind = kind, .flow = f, .kept = -1, .results = -1, .sealing = {.clear = -1}, .file = {.fd = -1}, .since = clock_ms()};
    arena_init(&j->arena, 4096, 0);
    return j;
}

bool job_of_flow(const struct gateway *g, const struct flow *f)
{
    for (size_t i = 0; i < JOBS_MAX; i++)
        if (g->jobs[i].kind != JOB_NONE && g->jobs[i].flow == f)
            return true;
    return false;
}

static bool take(struct post **w, bool *done, struct answer *ret)
{
    if (*done || !*w)
        return true;
    if (!(*w)->answered && (*w)->state != POST_DEAD)
        return false;
    *ret = (*w)->answered ? (*w)->answer : (struct answer){.result = GW_FATAL};
    *done = true;
    return true;
}

static bool workers_settled(struct job *j)
{
    bool parser = take(&j->parser, &j->parser_done, &j->parsed);
    bool applier = take(&j->applier, &j->applier_done, &j->applied);

    return parser && applier;
}

bool job_settled(struct job *j)
{
    if (j->phase == PHASE_OPEN || j->phase == PHASE_SEAL)
        return sealing_over(&j->sealing);
    return workers_settled(j);
}

void job_end(struct job *j)
{
    if (j->parser)
        post_free(j->parser);
    if (j->applier)
        post_free(j->applier);
    job_drop(j);
}

void job_drop(struct job *j)
{
    sealing_clear(&j->sealing);
    if (j->kept >= 0)
        (void)close(j->kept);
    if (j->results >= 0)
        (void)close(j->results);
    if (j->file.fd >= 0 || j->file.aside[0])
        durable_abandon(&j->file);
    arena_done(&j->arena);
    *j = (struct job){.kind = JOB_NONE, .kept = -1, .results = -1};
}

enum gw_result job_pipe(int ret[2])
{
    if (pipe2(ret, O_CLOEXEC) != 0)
        return GW_RETRY;
    (void)fcntl(ret[1], F_SETPIPE_SZ, WORKER_BLOCK); /* where the machine allows it */
    return GW_OK;
}

bool flow_meant(const struct gateway *g, const struct flow *f)
{
    return !g->only || str_is(f->name, g->only);
}

struct flow_state *flow_state(struct gateway *g, const struct flow *f)
{
    return &g->flows[f - g->conf.flows];
}

void flow_trouble(struct gateway *g, const struct flow *f, const char *what)
{
    struct flow_state *s = flow_state(g, f);
    int64_t wait = WAIT_FIRST_MS << (s->troubles < 9 ? s->troubles : 9);

    s->troubles++;
    s->of_folder = str_is(str_of(what), "folder");
    s->not_before = clock_ms() + (wait < WAIT_MOST_MS ? wait : WAIT_MOST_MS);
    journal("flow.trouble", "flow", f->name.ptr, "what", what, "reason", strerror(errno), NULL);
}

void flow_well(struct gateway *g, const struct flow *f)
{
    struct flow_state *s = flow_state(g, f);

    if (s->troubles)
        journal("flow.well", "flow", f->name.ptr, NULL);
    s->troubles = 0;
    s->not_before = 0;
}

void flow_reads(struct gateway *g, const struct flow *f)
{
    if (flow_state(g, f)->of_folder)
        flow_well(g, f);
}

void order_clock(struct order *o)
{
    time_t t = time(NULL);
    struct tm tm;

    localtime_r(&t, &tm);
    if (!strftime(o->now, sizeof(o->now), "%Y-%m-%dT%H:%M:%S", &tm))
        o->now[0] = '\0';
}
