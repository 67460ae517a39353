/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/post.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/journal.h"
#include "gateway/spawn.h"

#define IDLE_MS 10000 /* after that an idle worker is let go: its memory is worth more than a start */

static const char *const kinds[] = {[WORKER_READER] = "reader",
                                    [WORKER_WRITER] = "writer",
                                    [WORKER_APPLIER] = "applier",
                                    [WORKER_TABLE] = "table"};

/* ---- starting ---- */

static bool page_make(struct post *w)
{
    w->page_fd = memfd_create("progress", MFD_CLOEXEC);
    if (w->page_fd < 0 || ftruncate(w->page_fd, sizeof(*w->page)) != 0)
        return false;
    w->page = mmap(NULL, sizeof(*w->page), PROT_READ | PROT_WRITE, MAP_SHARED, w->page_fd, 0);
    return w->page != MAP_FAILED;
}

static bool spawn(struct posts *p, struct post *w, int theirs)
{
    const char *argv[] = {"passerelle",      "worker",   kinds[w->kind], "--schemas", p->schemas,
                          "--plugins",       p->plugins, "--config",     p->running,  "--base",
                          p->conf->base.ptr, "--format", w->format,      NULL};
    const int fds[] = {SPAWN_NULL, SPAWN_AS_OURS, SPAWN_AS_OURS, [WORKER_SOCKET] = theirs};

    return spawn_afresh(p->executable, argv, fds, WORKER_SOCKET + 1, &w->pid) == 0;
}

static void release(struct post *w)
{
    if (w->page && w->page != MAP_FAILED)
        (void)munmap(w->page, sizeof(*w->page));
    if (w->page_fd >= 0)
        (void)close(w->page_fd);
    if (w->socket >= 0)
        (void)close(w->socket);
    *w = (struct post){.socket = -1, .page_fd = -1};
}

static bool start(struct posts *p, struct post *w, enum worker_kind kind, const char *format)
{
    int pair[2] = {-1, -1};
    bool good;

    *w = (struct post){.kind = kind, .socket = -1, .page_fd = -1, .since = clock_ms()};
    (void)snprintf(w->format, sizeof(w->format), "%s", format);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    if (pair[1] == WORKER_SOCKET) { /* it would be closed on exec: dup2 onto itself changes nothing */
        int other = fcntl(pair[1], F_DUPFD_CLOEXEC, WORKER_SOCKET + 1);

        (void)close(pair[1]);
        pair[1] = other;
    }
    w->socket = pair[0];
    good = page_make(w) && spawn(p, w, pair[1]);
    (void)close(pair[1]);
    if (!good) {
        release(w);
        return false;
    }
    w->state = POST_STARTING;
    return true;
}

struct post *post_get(struct posts *p, enum worker_kind kind, const char *format)
{
    struct post *place = NULL, *oldest = NULL;

    for (size_t i = 0; i < POSTS_MAX; i++) {
        struct post *w = &p->items[i];

        if (w->state == POST_IDLE && w->kind == kind && strcmp(w->format, format) == 0)
            return w;
        if (w->state == POST_NONE && !place)
            place = w;
        if (w->state == POST_IDLE && (!oldest || w->since < oldest->since))
            oldest = w;
    }
    if (!place && oldest) {
        post_kill(oldest);
        return NULL; /* its place is free when it is gone */
    }
    return place && start(p, place, kind, format) ? place : NULL;
}

/* ---- orders and answers ---- */

enum gw_result post_order(struct posts *p, struct post *w, struct order *o, const int *fds, size_t n)
{
    int all[ORDER_FDS];
    enum gw_result result;

    memcpy(all, fds, n * sizeof(*all));
    if (w->kind != WORKER_APPLIER)
        all[n++] = w->page_fd;
    memset(w->page, 0, sizeof(*w->page));
    o->number = w->order = ++p->orders;
    w->answered = false;
    w->done = 0;
    w->since = w->moved = clock_ms();
    result = order_send(w->socket, o, all, n);
    w->state = result == GW_OK ? POST_BUSY : w->state;
    return result;
}

static void look(struct post *w)
{
    struct answer a;
    enum gw_result result = answer_receive(w->socket, &a);

    if (result != GW_OK)
        return;
    if (a.ready) {
        if (w->state == POST_STARTING)
            w->state = POST_IDLE;
        w->moved = clock_ms();
        return;
    }
    if (a.number == w->order) {
        w->answer = a;
        w->answered = true;
    }
}

static void bound(const struct job_limits *l, struct post *w)
{
    int64_t now = clock_ms();
    uint64_t done = __atomic_load_n(&w->page->done, __ATOMIC_ACQUIRE);

    if (done != w->done || __atomic_load_n(&w->page->waits, __ATOMIC_ACQUIRE)) {
        w->done = done;
        w->moved = now;
    }
    if (w->state != POST_BUSY || w->answered || w->killed)
        return;
    if ((l->wall && now - w->since > (int64_t)l->wall * 1000) ||
        (w->kind != WORKER_APPLIER && l->record_wall && now - w->moved > (int64_t)l->record_wall * 1000)) {
        journal("worker.limit", "kind", kinds[w->kind], "format", w->format, NULL);
        post_kill(w);
    }
}

/* True: it died by itself, or for going beyond a limit. */
static bool reap(struct post *w)
{
    bool died;
    char room[24];

    if (w->pid <= 0 || waitpid(w->pid, &w->status, WNOHANG) != w->pid)
        return false;
    look(w); /* its last word */
    died = w->state == POST_BUSY || (w->state == POST_STARTING && !w->killed);
    if (w->state == POST_BUSY || w->state == POST_STARTING)
        journal("worker.died", "kind", kinds[w->kind], "format", w->format,
                WIFSIGNALED(w->status) ? "signal" : "code",
                journal_number(WIFSIGNALED(w->status) ? WTERMSIG(w->status) : WEXITSTATUS(w->status), room),
                NULL);
    w->pid = 0;
    if (w->state == POST_BUSY)
        w->state = POST_DEAD; /* whose order it was takes note */
    else
        release(w);
    return died;
}

void posts_look(struct posts *p)
{
    int64_t now = clock_ms();

    for (size_t i = 0; i < POSTS_MAX; i++) {
        struct post *w = &p->items[i];

        if (w->state == POST_NONE || w->state == POST_DEAD)
            continue;
        look(w);
        bound(&p->conf->limits, w);
        if (w->state == POST_IDLE && now - w->since > IDLE_MS)
            post_kill(w);
        p->deaths += reap(w);
    }
}

void post_kill(struct post *w)
{
    if (w->pid > 0 && !w->killed)
        (void)kill(w->pid, SIGKILL);
    w->killed = true;
    if (w->state == POST_IDLE)
        w->state = POST_STARTING; /* takes no orders; reap() gives its place back */
}

void post_free(struct post *w)
{
    if (w->state == POST_DEAD) {
        release(w);
        return;
    }
    if (w->state == POST_BUSY && !w->answered) { /* in the middle of something that nobody waits for any more */
        post_kill(w);
        w->state = POST_STARTING;
        return;
    }
    w->state = POST_IDLE;
    w->since = clock_ms();
}

void posts_stop(struct posts *p)
{
    for (size_t i = 0; i < POSTS_MAX; i++) {
        struct post *w = &p->items[i];

        if (w->pid > 0) {
            (void)kill(w->pid, SIGKILL);
            while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
                ;
        }
        if (w->state != POST_NONE)
            release(w);
    }
}

size_t posts_sockets(const struct posts *p, int *ret, size_t most)
{
    size_t n = 0;

    for (size_t i = 0; i < POSTS_MAX && n < most; i++)
        if (p->items[i].state != POST_NONE && p->items[i].state != POST_DEAD)
            ret[n++] = p->items[i].socket;
    return n;
}
