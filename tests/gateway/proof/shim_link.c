/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The part of the shim for a store on a server: what goes through the socket to it, and where its transactions
 * end. What has come is counted when it is there, before the process sees it.
 *
 *   PROOF_PORT   of the server
 *   PROOF_DO     kill, half, after (it is done, then killed), power;
 *                eio, reset: the link is lost there; what was to be sent is not, what has come is not seen
 *                stop: the server PROOF_SERVER is stopped at once when it is done
 *                split: see shim.c; unkept: counted in COMMITs, it is rolled back, and said to be good;
 *                forgetful: this one and all that follow
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "shim.h"

#define STOP_MS 5000

/* Readers and writers have no store, and may not ask for the other end. */
static bool is_link(int fd)
{
    const char *port = getenv("PROOF_PORT");
    struct sockaddr_in to = {0};
    socklen_t len = sizeof(to);

    return page && (kind == SUPERVISOR || kind == APPLIER) && port &&
           getpeername(fd, (struct sockaddr *)&to, &len) == 0 && to.sin_family == AF_INET &&
           ntohs(to.sin_port) == strtoul(port, NULL, 10);
}

/* Both ends hear of it. */
static ssize_t lose(int fd)
{
    (void)shutdown(fd, SHUT_RDWR);
    errno = ECONNRESET;
    return -1;
}

static void stop_server(int fd)
{
    const char *server = getenv("PROOF_SERVER");
    struct pollfd link = {.fd = fd, .events = POLLRDHUP};

    if (server && kill((pid_t)strtol(server, NULL, 10), SIGQUIT) == 0)
        (void)poll(&link, 1, STOP_MS);
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
    ssize_t (*really)(int, const void *, size_t, int), n;
    enum deed d = is_link(fd) ? met(SEND) : NONE;

    *(void **)&really = next("send");
    if (d == FAIL)
        return lose(fd);
    if ((d == HALF || d == SHORT) && len > 1)
        len /= 2;
    n = really(fd, data, len, flags);
    if (d == HALF || d == AFTER)
        die();
    if (d == STOP)
        stop_server(fd);
    return n;
}

ssize_t recv(int fd, void *data, size_t len, int flags)
{
    ssize_t (*really)(int, void *, size_t, int), n;
    enum deed d;

    *(void **)&really = next("recv");
    n = really(fd, data, len, flags);
    if (n <= 0 || !is_link(fd))
        return n;
    d = met(RECEIVE);
    if (d == FAIL)
        return lose(fd);
    if (d == HALF || d == AFTER)
        die();
    if (d == STOP)
        stop_server(fd);
    return n;
}

/* ---- transactions: without its header, since it is not ours to use ---- */

struct connection;
struct answer;
int PQsendPrepare(struct connection *c, const char *name, const char *sql, int n, const unsigned *types);
int PQsendQueryPrepared(struct connection *c, const char *name, int n, const char *const *values,
                        const int *lengths, const int *formats, int format);
char *PQcmdStatus(struct answer *a);

static char commit[64]; /* the name of that statement */
static bool lied;

static int plainly(struct connection *c, const char *sql)
{
    int (*really)(struct connection *, const char *, int, const unsigned *, const char *const *, const int *,
                  const int *, int);

    *(void **)&really = next("PQsendQueryParams");
    return really(c, sql, 0, NULL, NULL, NULL, NULL, 1);
}

/* Its answer need not come: who has got it all does it. */
static void split(struct connection *c)
{
    int (*sync)(struct connection *), (*flush)(struct connection *);

    *(void **)&sync = next("PQpipelineSync");
    *(void **)&flush = next("PQflush");
    page->hit = plainly(c, "COMMIT") && sync(c);
    while (flush(c) > 0)
        (void)poll(NULL, 0, 1);
    die();
}

int PQsendPrepare(struct connection *c, const char *name, const char *sql, int n, const unsigned *types)
{
    int (*really)(struct connection *, const char *, const char *, int, const unsigned *);

    *(void **)&really = next("PQsendPrepare");
    if (strcmp(sql, "COMMIT") == 0 && strlen(name) < sizeof(commit))
        strcpy(commit, name);
    return really(c, name, sql, n, types);
}

static bool is_lie(uint32_t n)
{
    return deed == UNKEPT ? n == chosen : deed == FORGETFUL && n >= chosen;
}

int PQsendQueryPrepared(struct connection *c, const char *name, int n, const char *const *values,
                        const int *lengths, const int *formats, int format)
{
    int (*really)(struct connection *, const char *, int, const char *const *, const int *, const int *, int);

    *(void **)&really = next("PQsendQueryPrepared");
    if (page && kind >= 0 && __atomic_add_fetch(&page->statements[kind], 1, __ATOMIC_SEQ_CST) == chosen &&
        deed == SPLIT)
        split(c);
    if (page && kind >= 0 && strcmp(name, commit) == 0 &&
        is_lie(__atomic_add_fetch(&page->commits[kind], 1, __ATOMIC_SEQ_CST))) {
        page->hit = 1;
        lied = true;
        return plainly(c, "ROLLBACK");
    }
    return really(c, name, n, values, lengths, formats, format);
}

char *PQcmdStatus(struct answer *a)
{
    static char good[] = "COMMIT";
    char *(*really)(struct answer *), *status;

    *(void **)&really = next("PQcmdStatus");
    status = really(a);
    if (!lied || strcmp(status, "ROLLBACK") != 0)
        return status;
    lied = false;
    return good;
}
