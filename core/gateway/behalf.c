/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/behalf.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"
#include "gateway/spawn.h"

#define MAGIC "verb\0\0\0" /* 8 bytes with the last zero */

struct head {
    char magic[8];
    uint32_t size;
};
_Static_assert(sizeof(struct head) == BEHALF_HEAD, "what is peeked at");

bool behalf_meant(const char *head)
{
    return memcmp(head, MAGIC, 8) == 0;
}

/* ---- supervisor ---- */

static bool spawn(struct gateway *g, int peer, pid_t *ret)
{
    const char *argv[] = {"passerelle",     "worker",         "behalf",
                          "--schemas",      g->posts.schemas, "--plugins",
                          g->posts.plugins, "--transfers",    g->transfers ? g->transfers : "",
                          "--config",       g->conf.path.ptr, NULL};
    const int fds[] = {SPAWN_NULL, SPAWN_NULL, SPAWN_AS_OURS, [BEHALF_SOCKET] = peer};

    return spawn_afresh(g->posts.executable, argv, fds, BEHALF_SOCKET + 1, ret) == 0;
}

void behalf_start(struct gateway *g, int peer, struct buf *out)
{
    struct behalf *b = NULL;
    int other = -1;

    for (size_t i = 0; i < BEHALF_MOST && !b; i++)
        b = g->behalf[i].pid ? NULL : &g->behalf[i];
    if (!b) {
        buf_text(out, "{\"error\":\"control.busy\"}\n");
        return;
    }
    if (peer == BEHALF_SOCKET) /* it would be closed on exec: dup2 onto itself changes nothing */
        peer = other = fcntl(peer, F_DUPFD_CLOEXEC, BEHALF_SOCKET + 1);
    if (peer < 0 || !spawn(g, peer, &b->pid)) {
        b->pid = 0;
        buf_text(out, "{\"error\":\"control.busy\"}\n");
    }
    b->since = clock_ms();
    if (other >= 0)
        (void)close(other);
}

void behalf_step(struct gateway *g)
{
    int64_t most = (int64_t)g->conf.limits.wall * 1000;

    for (size_t i = 0; i < BEHALF_MOST; i++) {
        struct behalf *b = &g->behalf[i];

        if (b->pid && most && clock_ms() - b->since > most)
            (void)kill(b->pid, SIGKILL);
        if (b->pid && waitpid(b->pid, NULL, WNOHANG) == b->pid)
            b->pid = 0;
    }
}

void behalf_stop(struct gateway *g)
{
    for (size_t i = 0; i < BEHALF_MOST; i++) {
        struct behalf *b = &g->behalf[i];

        if (!b->pid)
            continue;
        (void)kill(b->pid, SIGKILL);
        while (waitpid(b->pid, NULL, 0) < 0 && errno == EINTR)
            ;
        b->pid = 0;
    }
}

/* ---- the operator's end ---- */

static bool say_all(int fd, struct gw_str words)
{
    union {
        char room[CMSG_SPACE(3 * sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    static const int ours[3] = {0, 1, 2};
    struct head head = {MAGIC, (uint32_t)words.len};
    struct iovec parts[] = {{&head, sizeof(head)}, {(void *)(uintptr_t)words.ptr, words.len}};
    struct msghdr m = {
        .msg_iov = parts, .msg_iovlen = 2, .msg_control = control.room, .msg_controllen = sizeof(control.room)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(ours));
    memcpy(CMSG_DATA(c), ours, sizeof(ours));
    return sendmsg(fd, &m, MSG_NOSIGNAL) == (ssize_t)(sizeof(head) + words.len);
}

enum gw_result behalf_ask(const char *path, struct gw_str words, struct buf *ret)
{
    int fd;
    enum gw_result result = control_connect(path, &fd);

    if (result == GW_OK && words.len > BEHALF_WORDS)
        result = GW_RETRY;
    if (result == GW_OK)
        (void)!say_all(fd, words); /* who is refused need not be listened to: the answer says */
    if (result == GW_OK)
        control_hear(fd, ret);
    if (fd >= 0)
        (void)close(fd);
    return result;
}

/* ---- the process's end ---- */

/* The head, and with it three descriptors. */
static bool head_take(struct head *ret, int fds[3])
{
    union {
        char room[CMSG_SPACE(3 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec part = {ret, sizeof(*ret)};
    struct msghdr m = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room)};
    ssize_t n = recvmsg(BEHALF_SOCKET, &m, MSG_CMSG_CLOEXEC | MSG_WAITALL);
    struct cmsghdr *c = n == (ssize_t)sizeof(*ret) ? CMSG_FIRSTHDR(&m) : NULL;

    if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
        c->cmsg_len != CMSG_LEN(3 * sizeof(int)) || (m.msg_flags & MSG_CTRUNC))
        return false;
    memcpy(fds, CMSG_DATA(c), 3 * sizeof(int));
    return behalf_meant(ret->magic) && ret->size > 0 && ret->size <= BEHALF_WORDS;
}

static bool words_take(struct buf *ret, size_t size)
{
    char *room = buf_room(ret, size);

    if (!room || recv(BEHALF_SOCKET, room, size, MSG_WAITALL) != (ssize_t)size || room[size - 1])
        return false;
    ret->len += size;
    return true;
}

enum gw_result behalf_take(struct buf *ret_words)
{
    struct head head;
    int fds[3];

    if (!head_take(&head, fds) || !words_take(ret_words, head.size))
        return GW_REJECT;
    for (int i = 0; i < 3; i++)
        if (dup2(fds[i], i) < 0 || close(fds[i]) != 0)
            return GW_RETRY;
    if (fcntl(BEHALF_SOCKET, F_SETOWN, getpid()) != 0 ||
        fcntl(BEHALF_SOCKET, F_SETFL, fcntl(BEHALF_SOCKET, F_GETFL) | O_ASYNC) != 0 ||
        fcntl(BEHALF_SOCKET, F_SETFD, FD_CLOEXEC) != 0)
        return GW_RETRY;
    return GW_OK;
}

void behalf_end(int code)
{
    char line[24];
    int n = snprintf(line, sizeof(line), "exit %d", code);

    (void)!send(BEHALF_SOCKET, line, (size_t)n, MSG_NOSIGNAL);
}
