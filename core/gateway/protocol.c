/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/protocol.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEEP_BYTES (16 << 20)

void memory_keep(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, KEEP_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
}

static ssize_t again(ssize_t (*call)(int, struct msghdr *, int), int socket, struct msghdr *m, int flags)
{
    ssize_t n;

    do
        n = call(socket, m, flags);
    while (n < 0 && errno == EINTR);
    return n;
}

static ssize_t send_message(int socket, struct msghdr *m, int flags)
{
    return sendmsg(socket, m, flags);
}

enum gw_result order_send(int socket, const struct order *o, const int *fds, size_t nfds)
{
    union {
        char room[CMSG_SPACE(ORDER_FDS * sizeof(int))];
        struct cmsghdr align;
    } control = {{0}};
    struct iovec part = {(void *)(uintptr_t)o, sizeof(*o)};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    struct cmsghdr *c;

    if (nfds) {
        m.msg_control = control.room;
        m.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
        c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
        memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
    }
    return again(send_message, socket, &m, MSG_NOSIGNAL) == (ssize_t)sizeof(*o) ? GW_OK : GW_RETRY;
}

enum gw_result order_receive(int socket, struct order *ret, int *ret_fds, size_t *ret_nfds)
{
    union {
        char room[CMSG_SPACE(ORDER_FDS * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec part = {ret, sizeof(*ret)};
    struct msghdr m = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room)};
    ssize_t n = again(recvmsg, socket, &m, MSG_CMSG_CLOEXEC);
    struct cmsghdr *c = n == (ssize_t)sizeof(*ret) ? CMSG_FIRSTHDR(&m) : NULL;

    *ret_nfds = 0;
    if (n != (ssize_t)sizeof(*ret) || (m.msg_flags & MSG_CTRUNC))
        return GW_RETRY;
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
        *ret_nfds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(ret_fds, CMSG_DATA(c), *ret_nfds * sizeof(int));
    }
    ret->flow[ORDER_TEXT - 1] = ret->name[ORDER_TEXT - 1] = ret->spool[ORDER_TEXT - 1] = '\0';
    ret->date[sizeof(ret->date) - 1] = ret->now[sizeof(ret->now) - 1] = '\0';
    return ret->nskips <= ORDER_SKIPS ? GW_OK : GW_RETRY;
}

enum gw_result answer_send(int socket, const struct answer *a)
{
    ssize_t n;

    do
        n = send(socket, a, sizeof(*a), MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof(*a) ? GW_OK : GW_RETRY;
}

enum gw_result answer_receive(int socket, struct answer *ret)
{
    ssize_t n;

    do
        n = recv(socket, ret, sizeof(*ret), MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return GW_END;
    if (n != (ssize_t)sizeof(*ret))
        return GW_RETRY;
    ret->reason[sizeof(ret->reason) - 1] = ret->name[sizeof(ret->name) - 1] = '\0';
    return GW_OK;
}
