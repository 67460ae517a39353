/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>

#include "base/late.h"
#include "base/str.h"
#include "gateway/journal.h"

#define MICROHTTPD_CALLS(X) \
    X(MHD_add_response_header) X(MHD_create_response_from_buffer) X(MHD_destroy_response) \
    X(MHD_get_daemon_info) X(MHD_get_timeout) X(MHD_queue_response) X(MHD_run) X(MHD_start_daemon) \
    X(MHD_stop_daemon)
static struct {
    MICROHTTPD_CALLS(LATE_MEMBER)
} microhttpd;

#define CONNECTIONS 8u
#define SECONDS     5u /* that a client may say nothing */
#define MEMORY      16384
#define PAGE_MAX    ((size_t)4 << 20)
#define ROUNDS_MOST 64 /* of a step: then others have their turn */

bool metrics_address(struct gw_str text, struct sockaddr_storage *ret)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    bool is_v4 = str_begins(text, GW_STR("127.0.0.1:")), is_v6 = str_begins(text, GW_STR("[::1]:"));
    uint64_t port = 0;

    if ((!is_v4 && !is_v6) || !str_number(str_from(text, is_v4 ? 10 : 6), &port) || !port || port > 65535)
        return false;
    v4.sin_port = v6.sin6_port = htons((uint16_t)port);
    *ret = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
    if (is_v4)
        memcpy(ret, &v4, sizeof(v4));
    else
        memcpy(ret, &v6, sizeof(v6));
    return true;
}

static enum MHD_Result reply(struct MHD_Connection *c, unsigned code, const char *type, struct gw_str body)
{
    struct MHD_Response *r =
        microhttpd.MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)body.ptr, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = MHD_NO;

    if (r && microhttpd.MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES &&
        (code != MHD_HTTP_METHOD_NOT_ALLOWED ||
         microhttpd.MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW, "GET") == MHD_YES))
        result = microhttpd.MHD_queue_response(c, code, r);
    if (r)
        microhttpd.MHD_destroy_response(r);
    return result;
}

static enum MHD_Result reply_plain(struct MHD_Connection *c, unsigned code, const char *text)
{
    return reply(c, code, "text/plain; charset=utf-8", str_of(text));
}

static enum MHD_Result reply_metrics(struct gateway *g, struct MHD_Connection *c)
{
    struct buf page;
    enum MHD_Result result;

    buf_init(&page, PAGE_MAX);
    if (metrics_text(g, &page) == GW_OK)
        result = reply(c, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", buf_view(&page));
    else
        result = reply_plain(c, MHD_HTTP_SERVICE_UNAVAILABLE, "store\n");
    buf_done(&page);
    return result;
}

/* Alive is who answers; well is whose store answers too. */
static enum MHD_Result reply_health(struct gateway *g, struct MHD_Connection *c)
{
    struct store_totals totals;

    return store_totals(g->store, &totals) == GW_OK ? reply_plain(c, MHD_HTTP_OK, "ok\n")
                                                    : reply_plain(c, MHD_HTTP_SERVICE_UNAVAILABLE, "store\n");
}

static enum MHD_Result serve(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                             const char *version, const char *body, size_t *body_len, void **state)
{
    (void)version, (void)body, (void)body_len, (void)state;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
        return reply_plain(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET\n");
    if (strcmp(url, "/metrics") == 0)
        return reply_metrics(cls, c);
    if (strcmp(url, "/health") == 0)
        return reply_health(cls, c);
    return reply_plain(c, MHD_HTTP_NOT_FOUND, "/metrics, /health\n");
}

static bool library_load(const char **ret_why)
{
#define CALL(name) LATE_CALL(microhttpd, name)
    static const struct late_call calls[] = {MICROHTTPD_CALLS(CALL)};
#undef CALL

    return late_load("libmicrohttpd.so.12", calls, sizeof(calls) / sizeof(*calls), ret_why);
}

void metrics_open(struct gateway *g)
{
    struct sockaddr_storage at;
    unsigned flags = MHD_USE_EPOLL;
    const char *why;

    if (!g->conf.metrics.len || !metrics_address(g->conf.metrics, &at))
        return;
    if (!library_load(&why)) {
        journal("metrics.failed", "address", g->conf.metrics.ptr, "reason", why, NULL);
        return;
    }
    if (at.ss_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    errno = 0;
    g->metrics = microhttpd.MHD_start_daemon(flags, 0, NULL, NULL, serve, g, MHD_OPTION_SOCK_ADDR, &at,
                                  MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_CONNECTION_LIMIT,
                                  CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, SECONDS,
                                  MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY, MHD_OPTION_END);
    journal(g->metrics ? "metrics.open" : "metrics.failed", "address", g->conf.metrics.ptr,
            g->metrics ? NULL : "reason", strerror(errno), NULL);
}

int metrics_fd(const struct gateway *g)
{
    const union MHD_DaemonInfo *info =
        g->metrics ? microhttpd.MHD_get_daemon_info(g->metrics, MHD_DAEMON_INFO_EPOLL_FD) : NULL;

    return info ? info->epoll_fd : -1;
}

void metrics_step(struct gateway *g)
{
    MHD_UNSIGNED_LONG_LONG wait = 0;

    for (int i = 0; g->metrics && i < ROUNDS_MOST; i++)
        if (microhttpd.MHD_run(g->metrics) != MHD_YES || microhttpd.MHD_get_timeout(g->metrics, &wait) != MHD_YES || wait > 0)
            return;
}

void metrics_close(struct gateway *g)
{
    if (g->metrics)
        microhttpd.MHD_stop_daemon(g->metrics);
    g->metrics = NULL;
}
