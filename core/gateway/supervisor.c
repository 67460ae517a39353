/* SPDX-License-Identifier: EUPL-1.2 */
/* The loop: what arrived, what is due, and a wait until either is so again. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "gateway/gateway.h"
#include "gateway/heads.h"
#include "gateway/journal.h"
#include "gateway/metrics.h"
#include "gateway/storage.h"
#include "mapping/syntax.h"
#include "store/audit.h"
#include "transfer/sandbox.h"

#define WAIT_MS       1000 /* the longest wait */
#define CHECKPOINT_MS 60000
#define HEAD_MS       86400000 /* a signed head a day, and one at each start and stop */
#define HEAD_SOON_MS  600000   /* when it could not be written */
#define CLOCK_SLACK   2 /* seconds that the two clocks part by themselves */

/* ---- configuration ---- */

static enum gw_result flow_prepare(struct gateway *g, size_t i, struct arena *scratch)
{
    const struct flow *f = &g->conf.flows[i];
    struct flow_state *s = &g->flows[i];
    struct format *format;
    enum gw_result result = format_load(scratch, str_of(g->formats), f->format, g->sink, &format);

    *s = (struct flow_state){.folder = -1, .done = -1};
    buf_init(&s->remote.args, 65536);
    buf_init(&s->remote.answer.args, 65536);
    if (result == GW_OK)
        s->by_file = f->apply == APPLY_FILE || (f->apply == APPLY_BY_FORMAT && str_is(format->apply, "file"));
    return result;
}

static enum gw_result configure(struct gateway *g, const char *path)
{
    struct arena scratch;
    enum gw_result result;

    arena_init(&g->conf_arena, 65536, 0);
    arena_init(&scratch, 65536, 0);
    result = conf_load(&g->conf_arena, path, NULL, g->sink, &g->conf);
    g->flows = result == GW_OK ? arena_array(&g->conf_arena, g->conf.nflows + 1, sizeof(*g->flows)) : NULL;
    g->notices = result == GW_OK ? arena_array(&g->conf_arena, g->conf.nflows + 1, sizeof(*g->notices)) : NULL;
    g->remote.lines =
        result == GW_OK ? arena_array(&g->conf_arena, g->conf.nconnectors + 1, sizeof(*g->remote.lines)) : NULL;
    for (size_t i = 0; g->remote.lines && i < g->conf.nconnectors; i++)
        remote_line_init(&g->remote.lines[i]);
    if (result == GW_OK && (!g->flows || !g->notices || !g->remote.lines))
        result = GW_FATAL;
    for (size_t i = 0; result == GW_OK && i < g->conf.nflows; i++)
        result = flow_prepare(g, i, &scratch);
    arena_done(&scratch);
    return result;
}

static void flows_close(struct gateway *g)
{
    for (size_t i = 0; g->flows && i < g->conf.nflows; i++) {
        if (g->flows[i].folder >= 0)
            (void)close(g->flows[i].folder);
        if (g->flows[i].done >= 0)
            (void)close(g->flows[i].done);
    }
}

/* ---- state ---- */

static const char *in_state(struct gateway *g, const char *name)
{
    return arena_format(&g->conf_arena, "%.*s/%s", STR_ARG(g->conf.state), name);
}

static void complain(struct gateway *g, const char *code, const char *path)
{
    struct gw_arg args[] = {{"reason", str_of(strerror(errno))}, {"path", str_of(path)}};
    struct diag d = {
        .severity = GW_ERROR, .code = code, .file = str_of(path), .byte = UINT64_MAX, .args = args, .nargs = 2};

    g->sink->put(g->sink, &d);
}

/* One supervisor a state folder. */
static enum gw_result lock(struct gateway *g, int state)
{
    g->lock = openat(state, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (g->lock >= 0 && flock(g->lock, LOCK_EX | LOCK_NB) == 0)
        return GW_OK;
    complain(g, "gateway.locked", g->conf.state.ptr);
    return GW_RETRY;
}

static enum gw_result open_state(struct gateway *g)
{
    struct store_options o = {.create = true, .sink = g->sink};
    int state = -1;
    enum gw_result result = durable_folder(g->conf.state.ptr, 0700, &state);

    sandbox_no_dump();
    if (result != GW_OK) {
        complain(g, "gateway.state", g->conf.state.ptr);
        return result;
    }
    result = lock(g, state);
    (void)close(state);
    if (result == GW_OK && durable_folder(in_state(g, "spool"), 0700, &g->spool) != GW_OK) {
        complain(g, "gateway.state", g->conf.state.ptr);
        result = GW_RETRY;
    }
    if (result == GW_OK)
        result = durable_sweep(g->spool); /* what was written aside when we stopped is nobody's */
    g->restored = restored_waits(g->conf.state.ptr) != 0;
    if (g->restored)
        journal("backup.restored", "what", "nothing new goes out until `passerelle release --restored`", NULL);
    return result != GW_OK ? result : storage_open(&g->posts.arena, &g->conf, &o, &g->store);
}

/* What workers read: the configuration as we run it, whatever happens to the files meanwhile. */
static enum gw_result snapshot(struct gateway *g)
{
    const char *folders[] = {in_state(g, "running"), in_state(g, "running/conf.d")};
    int fds[] = {-1, -1};
    enum gw_result result = GW_OK;

    for (size_t i = 0; result == GW_OK && i < 2; i++) {
        result = durable_folder(folders[i], 0700, &fds[i]);
        if (result == GW_OK)
            result = durable_empty(fds[i]);
    }
    for (size_t i = 0; result == GW_OK && i < g->conf.ntexts; i++) {
        const struct conf_text *t = &g->conf.texts[i];
        const char *slash = strrchr(t->name.ptr, '/');
        struct durable d;

        result = durable_create(&d, fds[slash != NULL], slash ? slash + 1 : t->name.ptr, 0600);
        if (result == GW_OK)
            result = durable_write(d.fd, t->text.ptr, t->text.len);
        if (result == GW_OK)
            result = durable_commit(&d);
    }
    for (size_t i = 0; i < 2; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    g->posts.running = in_state(g, "running/gateway.conf");
    return result;
}

static bool keep_detail(void *to, const struct audit_entry *e)
{
    (void)snprintf(to, 65, "%.*s", STR_ARG(e->detail));
    return true;
}

/* What was decided by who writes the configuration is part of the trail: its digest, once a change. */
static enum gw_result conf_enter(struct gateway *g)
{
    char now[65], before[65] = "";
    uint8_t digest[32];
    struct arena a;
    struct buf all;
    enum gw_result result;

    buf_init(&all, (size_t)512 << 20);
    for (size_t i = 0; i < g->conf.ntexts; i++) {
        buf_json(&all, g->conf.texts[i].name);
        buf_json(&all, g->conf.texts[i].text);
    }
    store_digest(buf_view(&all), digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        (void)snprintf(now + 2 * i, 3, "%02x", digest[i]);
    arena_init(&a, 4096, 0);
    result = all.failed ? GW_FATAL : audit_each(g->store, GW_STR("configuration"), &a, keep_detail, before);
    arena_done(&a);
    buf_done(&all);
    if (result != GW_OK || strcmp(now, before) == 0)
        return result;
    return audit_add(g->store, (struct gw_str){NULL, 0}, GW_STR("conf.load"), GW_STR("configuration"),
                     str_of(now));
}

/* Wholly or not at all: the new one is read beside the old one, and takes its place when it is good and no job
 * is at work with the old. */
static void reload(struct gateway *g)
{
    struct gateway next = {.sink = g->sink, .formats = g->formats};

    g->reload = false;
    if (configure(&next, g->conf.path.ptr) != GW_OK) {
        journal("conf.refused", "file", g->conf.path.ptr, NULL);
        arena_done(&next.conf_arena);
        return;
    }
    flows_close(g);
    remote_clear(g);
    posts_stop(&g->posts);
    front_close(g);
    arena_done(&g->conf_arena);
    g->conf_arena = next.conf_arena;
    g->conf = next.conf;
    g->flows = next.flows;
    g->notices = next.notices;
    g->remote = next.remote;
    retention_stop(g);
    metrics_close(g);
    metrics_open(g);
    notices_close(g);
    if (notices_open(g) != GW_OK)
        journal("notice.unwritten", NULL, NULL);
    if (snapshot(g) != GW_OK || conf_enter(g) != GW_OK)
        journal("conf.unwritten", "file", g->conf.path.ptr, NULL);
    front_open(g);
    control_follow(g);
    g->backups.due = 0;
    journal("conf.loaded", "file", g->conf.path.ptr, NULL);
}

static void head_write(struct gateway *g)
{
    char name[32] = "";
    enum gw_result result = heads_write(g->store, g->conf.state.ptr, name);
    bool good = result == GW_OK || result == GW_END;

    if (good) {
        notice_clear(g, NULL, NOTICE_HEAD);
    } else {
        journal("audit.head_unwritten", "state", g->conf.state.ptr, NULL);
        notice_raise(g, NULL, NOTICE_HEAD, time(NULL));
    }
    g->next_head = clock_ms() + (good ? HEAD_MS : HEAD_SOON_MS);
}

/* ---- the loop ---- */

static bool jobs_running(const struct gateway *g)
{
    for (size_t i = 0; i < JOBS_MAX; i++)
        if (g->jobs[i].kind != JOB_NONE)
            return true;
    return remote_running(g) || g->mailman.connector || g->book.flow;
}

static void wait_for_news(struct gateway *g, int signals, int ms)
{
    struct pollfd fds[POSTS_MAX + REMOTE_MAX + 4];
    int sockets[POSTS_MAX + REMOTE_MAX];
    size_t n = posts_sockets(&g->posts, sockets, POSTS_MAX);

    n += remote_pipes(g, sockets + n, REMOTE_MAX);

    fds[0] = (struct pollfd){.fd = signals, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = g->control, .events = POLLIN};
    for (size_t i = 0; i < n; i++)
        fds[i + 2] = (struct pollfd){.fd = sockets[i], .events = POLLIN};
    fds[n + 2] = (struct pollfd){.fd = metrics_fd(g), .events = POLLIN};
    fds[n + 3] = (struct pollfd){.fd = front_fd(g), .events = POLLIN};
    (void)poll(fds, n + 4, ms);
}

static void signals_take(struct gateway *g, int signals)
{
    struct signalfd_siginfo info;

    while (read(signals, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            g->stopping = true;
        if (info.ssi_signo == SIGHUP)
            g->reload = true;
    }
}

/* With `once`: what is there is worked off, also what must lie still for a moment first. The pause after a
 * transfer that failed is not waited for: it may be an hour. */
static bool waits(struct gateway *g)
{
    int64_t now = clock_ms();

    for (size_t i = 0; i < g->conf.nflows; i++) {
        const struct flow_state *s = &g->flows[i];

        if (s->unsettled || (s->not_before > now && s->troubles < 3 && !s->remote.code[0]))
            return true;
    }
    return remote_waits(g);
}

/* With `once`: nothing more comes of it. */
static bool quiet(struct gateway *g)
{
    return !g->worked && !jobs_running(g) && !waits(g);
}

/* The machine's clock was set back: what is due by it would wait until that time has come again, years after a
 * wrong date at boot. As after a start, each looks at once. Ahead is no matter: it is due. */
static void follow_clock(struct gateway *g)
{
    int64_t ahead = time(NULL) - clock_ms() / 1000;

    for (size_t i = 0; ahead < g->clock_ahead - CLOCK_SLACK && i < g->conf.nflows; i++)
        g->flows[i].due = 0;
    g->clock_ahead = ahead;
}

static void step(struct gateway *g)
{
    g->worked = false;
    posts_look(&g->posts);
    follow_clock(g);
    control_step(g);
    metrics_step(g);
    if (!g->only)
        receipts_step(g); /* first: what ends from now on has one */
    front_step(g);
    if (!g->stopping && !g->reload)
        intake_step(g);
    if (!g->only) {
        incoming_step(g);
        outgoing_step(g);
        delivery_step(g);
    }
    remote_step(g);
    if (!g->stopping && !g->reload && !g->only && (!g->once || quiet(g)))
        notices_step(g);
    if (!g->only)
        mailman_step(g);
    if (!g->stopping && !g->reload && !g->only)
        retention_step(g);
    if (!g->once)
        backups_step(g);
    if (g->reload && !jobs_running(g))
        reload(g);
    if (!g->once && clock_ms() >= g->next_head)
        head_write(g);
    if (clock_ms() >= g->next_checkpoint) {
        g->next_checkpoint = clock_ms() + CHECKPOINT_MS;
        if (store_checkpoint(g->store) != GW_OK)
            journal("checkpoint.failed", NULL, NULL);
    }
}

/* A stop does not wait for jobs: what they did not commit is done again. */
static bool over(struct gateway *g)
{
    return g->stopping || (g->once && quiet(g));
}

static void loop(struct gateway *g, int signals)
{
    journal("gateway.started", "conf", g->conf.path.ptr, NULL);
    notify_systemd("READY=1");
    for (;;) {
        signals_take(g, signals);
        step(g);
        notify_systemd("WATCHDOG=1");
        if (over(g))
            break;
        wait_for_news(g, signals, g->worked ? 0 : jobs_running(g) || remote_rests(g) ? 100 : WAIT_MS);
    }
    notify_systemd("STOPPING=1");
    journal("gateway.stopped", NULL, NULL);
}

static int signals_open(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

enum gw_result gateway_run(const struct gateway_options *o)
{
    static struct gateway g;
    int signals = signals_open();
    enum gw_result result;

    g = (struct gateway){.sink = o->sink,
                         .formats = o->formats,
                         .words = o->words,
                         .once = o->once,
                         .only = o->only,
                         .spool = -1,
                         .control = -1,
                         .lock = -1,
                         .front = {.socket = -1, .folder = -1}};
    g.notices_folder = -1;
    arena_init(&g.posts.arena, 4096, 0);
    g.posts.conf = &g.conf;
    g.posts.executable = o->executable;
    g.posts.schemas = o->schemas;
    g.posts.plugins = o->plugins;
    g.transfers = o->transfers;
    for (size_t i = 0; i < POSTS_MAX; i++)
        g.posts.items[i] = (struct post){.socket = -1, .page_fd = -1};
    result = configure(&g, o->conf_path);
    if (result == GW_OK)
        result = open_state(&g);
    if (result == GW_OK)
        result = snapshot(&g);
    if (result == GW_OK)
        result = conf_enter(&g);
    if (result == GW_OK && (result = notices_open(&g)) != GW_OK)
        complain(&g, "gateway.state", g.conf.state.ptr);
    if (result == GW_OK && !o->once)
        result = control_open(&g);
    if (result == GW_OK && !o->once)
        metrics_open(&g);
    if (result == GW_OK && !o->once)
        front_open(&g);
    if (result == GW_OK)
        loop(&g, signals);
    metrics_close(&g);
    front_close(&g);
    if (result == GW_OK && o->only)
        result = remote_well(&g) ? GW_OK : GW_RETRY;
    if (result == GW_OK && o->once && !o->only && !g.stopping)
        retention_all(&g);
    retention_stop(&g);
    posts_stop(&g.posts);
    behalf_stop(&g);
    backups_stop(&g);
    control_close(&g);
    if (g.store) {
        incoming_stop(&g);
        remote_stop(&g);
    }
    mailman_stop(&g);
    receipts_stop(&g);
    remote_clear(&g);
    for (size_t i = 0; i < JOBS_MAX; i++)
        if (g.jobs[i].kind != JOB_NONE)
            job_drop(&g.jobs[i]);
    if (g.store)
        head_write(&g);
    if (g.store && store_checkpoint(g.store) != GW_OK && result == GW_OK)
        result = GW_RETRY;
    store_close(g.store);
    flows_close(&g);
    notices_close(&g);
    arena_done(&g.conf_arena);
    arena_done(&g.posts.arena);
    return result;
}
