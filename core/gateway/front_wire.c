/* SPDX-License-Identifier: EUPL-1.2 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "gateway/front.h"

union one_fd {
    char room[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

static enum gw_result send_whole(int socket, struct msghdr *m, size_t len)
{
    ssize_t n;

    do
        n = sendmsg(socket, m, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)len ? GW_OK : GW_RETRY;
}

enum gw_result front_ask(int socket, const struct ask *a)
{
    struct iovec part = {(void *)(uintptr_t)a, sizeof(*a)};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

    return send_whole(socket, &m, sizeof(*a));
}

enum gw_result front_asked(int socket, struct ask *ret)
{
    ssize_t n;

    do
        n = recv(socket, ret, sizeof(*ret), MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return GW_END;
    if (n != (ssize_t)sizeof(*ret))
        return GW_RETRY;
    ret->partner[FRONT_TEXT - 1] = ret->flow[FRONT_TEXT - 1] = ret->name[FRONT_TEXT - 1] = '\0';
    return GW_OK;
}

enum gw_result front_tell(int socket, const struct told *t, int fd)
{
    union one_fd control = {{0}};
    struct iovec part = {(void *)(uintptr_t)t, sizeof(*t)};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    struct cmsghdr *c;

    if (fd >= 0) {
        m.msg_control = control.room;
        m.msg_controllen = sizeof(control.room);
        c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof(int));
    }
    return send_whole(socket, &m, sizeof(*t));
}

enum gw_result front_told(int socket, struct told *ret, int *ret_fd)
{
    union one_fd control;
    struct iovec part = {ret, sizeof(*ret)};
    struct msghdr m = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room)};
    struct cmsghdr *c;
    ssize_t n;

    *ret_fd = -1;
    do
        n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof(*ret))
        return GW_RETRY;
    c = CMSG_FIRSTHDR(&m);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
    return GW_OK;
}
