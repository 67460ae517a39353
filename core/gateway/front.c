/* SPDX-License-Identifier: EUPL-1.2 */
/* The API's process, as the supervisor has it: started, given empty files, listened to, started again. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/front_side.h"
#include "gateway/journal.h"
#include "gateway/spawn.h"

#define AGAIN_MS 1000

struct slot_name front_slot(uint32_t slot)
{
    struct slot_name name;

    (void)snprintf(name.text, sizeof(name.text), "%u", slot);
    return name;
}

void front_answer(struct gateway *g, const struct told *t, int fd)
{
    if (g->front.socket >= 0 && front_tell(g->front.socket, t, fd) != GW_OK)
        front_close(g); /* it takes no more: it is started again */
}

void front_hand_over(struct gateway *g, uint32_t slot)
{
    struct told t = {.slot = slot};
    int fd;

    if (g->front.socket < 0 || slot >= FRONT_FILES)
        return;
    fd = openat(g->front.folder, front_slot(slot).text, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                0600);
    if (fd < 0) {
        journal("front.no_file", "reason", strerror(errno), NULL);
        return;
    }
    front_answer(g, &t, fd);
    (void)close(fd);
}

static bool spawn(struct gateway *g, int theirs)
{
    const char *argv[] = {FRONT_PROGRAM, g->posts.schemas, g->posts.running, g->conf.base.ptr, NULL};
    const int fds[] = {SPAWN_NULL, SPAWN_AS_OURS, SPAWN_AS_OURS, [FRONT_SOCKET] = theirs};
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/%s", g->transfers, FRONT_PROGRAM);
    errno = spawn_afresh(path, argv, fds, FRONT_SOCKET + 1, &g->front.pid);
    return errno == 0;
}

/* What was written there before and has no exchange was never acknowledged: it is nobody's. */
static bool start(struct gateway *g)
{
    static const struct timeval moment = {.tv_sec = 2}; /* that it may stand still */
    struct front *f = &g->front;
    char path[4096];
    int pair[2] = {-1, -1};

    (void)snprintf(path, sizeof(path), "%.*s/api", STR_ARG(g->conf.state));
    if (durable_folder(path, 0700, &f->folder) != GW_OK || durable_empty(f->folder) != GW_OK ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    f->socket = fcntl(pair[0], F_DUPFD_CLOEXEC, FRONT_SOCKET + 1);
    (void)close(pair[0]);
    pair[0] =
        fcntl(pair[1], F_DUPFD_CLOEXEC, FRONT_SOCKET + 1); /* dup2 onto itself would keep it close-on-exec */
    (void)close(pair[1]);
    if (f->socket < 0 || pair[0] < 0 || !spawn(g, pair[0])) {
        (void)close(pair[0]);
        return false;
    }
    (void)close(pair[0]);
    (void)setsockopt(f->socket, SOL_SOCKET, SO_SNDTIMEO, &moment, sizeof(moment));
    for (uint32_t i = 0; i < g->conf.api.connections; i++)
        front_hand_over(g, i);
    return f->socket >= 0;
}

void front_open(struct gateway *g)
{
    if (!g->conf.api.address.len)
        return;
    if (start(g)) {
        journal("front.started", "address", g->conf.api.address.ptr, NULL);
        return;
    }
    journal("front.failed", "program", FRONT_PROGRAM, "address", g->conf.api.address.ptr, "reason",
            strerror(errno), NULL);
    front_close(g);
    g->front.not_before = clock_ms() + AGAIN_MS;
}

void front_close(struct gateway *g)
{
    struct front *f = &g->front;

    if (f->pid > 0) {
        (void)kill(f->pid, SIGKILL);
        while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    for (size_t i = 0; i < FRONT_READS; i++)
        if (f->reading[i])
            post_free(f->reading[i]);
    if (f->socket >= 0)
        (void)close(f->socket);
    if (f->folder >= 0)
        (void)close(f->folder);
    *f = (struct front){.socket = -1, .folder = -1};
}

int front_fd(const struct gateway *g)
{
    return g->front.socket;
}

static bool same_key(const struct ask *asks, size_t n, const struct ask *a)
{
    for (size_t i = 0; i < n; i++)
        if (a->keyed && asks[i].keyed && memcmp(asks[i].key, a->key, sizeof(a->key)) == 0)
            return true;
    return false;
}

/* Files in one batch; the second of a key waits until the first has its exchange. */
static enum gw_result listen_once(struct gateway *g)
{
    static struct ask asks[FRONT_BATCH];
    struct ask a;
    size_t n = 0;
    bool second = false;
    enum gw_result result = GW_OK;

    while (n < FRONT_BATCH && !second && (result = front_asked(g->front.socket, &a)) == GW_OK) {
        second = a.kind == ASK_FILE && same_key(asks, n, &a);
        if (a.kind != ASK_FILE)
            front_show(g, &a);
        else if (!second)
            asks[n++] = a;
        if (g->front.socket < 0)
            return GW_RETRY;
    }
    if (n)
        front_take(g, asks, n);
    if (second && g->front.socket >= 0)
        front_take(g, &a, 1);
    return result;
}

void front_step(struct gateway *g)
{
    struct front *f = &g->front;
    enum gw_result result;

    if (f->socket < 0) {
        if (f->not_before && clock_ms() >= f->not_before && !g->stopping)
            front_open(g);
        return;
    }
    front_read_step(g);
    result = listen_once(g);
    if (result != GW_RETRY && f->socket >= 0)
        return;
    journal("front.died", NULL, NULL);
    front_close(g);
    f->not_before = clock_ms() + AGAIN_MS;
}
