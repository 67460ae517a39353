/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/sftp.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

#define PORT 22

/* ---- the watch: libssh waits for ever in places; a second's tick ends what has waited for too long ---- */

static struct {
    volatile sig_atomic_t fd, left, fired;
    volatile sig_atomic_t idle; /* seconds without a byte; 0: `left` is a deadline */
    uint64_t seen;
    struct ssh_counter_struct bytes; /* of the socket, counted by libssh */
} watch = {.fd = -1};

static void tick(int signal)
{
    uint64_t now = watch.bytes.in_bytes + watch.bytes.out_bytes;

    (void)signal;
    if (watch.idle && now != watch.seen)
        watch.left = watch.idle;
    else if (watch.left-- <= 0 && watch.fd >= 0) {
        watch.fired = 1;
        (void)shutdown(watch.fd, SHUT_RDWR);
    }
    watch.seen = now;
}

static void watch_begin(uint64_t seconds)
{
    const struct itimerval each = {{1, 0}, {1, 0}};
    struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};

    watch.fd = -1;
    watch.fired = watch.idle = 0;
    watch.left = (sig_atomic_t)seconds;
    (void)sigaction(SIGALRM, &action, NULL);
    (void)setitimer(ITIMER_REAL, &each, NULL);
}

static void watch_idle(uint64_t seconds)
{
    watch.left = (sig_atomic_t)seconds;
    watch.idle = (sig_atomic_t)(seconds ? seconds : 1);
}

static void watch_end(void)
{
    const struct itimerval never = {{0, 0}, {0, 0}};

    (void)setitimer(ITIMER_REAL, &never, NULL);
    watch.fd = -1;
}

bool sftp_timed_out(void)
{
    return watch.fired;
}

/* ---- where it is ---- */

static bool parse(struct sftp *s)
{
    struct gw_str rest = str_from(s->run->duty.connector.url, strlen("sftp://")), port = GW_STR(""), host;
    struct arena *a = &s->run->arena;
    uint64_t number = PORT;

    host = str_cut(rest, '/', &rest);
    if (host.len && host.ptr[0] == '[') {
        host = str_cut(str_from(host, 1), ']', &port);
        port = port.len && port.ptr[0] == ':' ? str_from(port, 1) : GW_STR("");
    } else
        host = str_cut(host, ':', &port);
    if (!host.len || (port.len && (!str_number(port, &number) || !number || number > 65535)))
        return false;
    s->port = (int)number;
    s->host = str_of(arena_text(a, host));
    s->server = arena_format(a, "%.*s:%d", STR_ARG(host), s->port);
    return s->host.ptr && s->server;
}

static void fails(struct sftp *s, enum ending end, const char *code, const char *error)
{
    const struct gw_arg args[] = {{"server", str_of(s->server)}, {"error", str_of(error)}};

    run_end(s->run, end, code, args, 2);
}

void sftp_lost(struct sftp *s, enum ending end)
{
    const char *why = s->session ? ssh_get_error(s->session) : "";

    fails(s, end, watch.fired ? "transfer.timeout" : "transfer.cut", why);
}

/* ---- resolve, connect ---- */

static struct addrinfo *resolve(struct sftp *s)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char port[8];
    int fault;

    run_step(s->run, "resolve");
    (void)snprintf(port, sizeof(port), "%d", s->port);
    fault = getaddrinfo(s->host.ptr, port, &hints, &found);
    if (fault)
        fails(s, END_RETRY, "transfer.resolve", gai_strerror(fault));
    else
        run_done(s->run, true, s->server);
    return found;
}

/* 0, or errno. The watch's ticks wake it. */
static int wait_connected(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    int fault = 0, n;
    int64_t until = clock_ms() + ms, left = ms;
    socklen_t len = sizeof(fault);

    while ((n = poll(&p, 1, left > 0 ? (int)left : 0)) < 0 && errno == EINTR)
        left = until - clock_ms();
    if (n == 0)
        return ETIMEDOUT;
    return n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &len) != 0 ? errno : fault;
}

static int connect_one(const struct addrinfo *to, int ms, int *ret_fd)
{
    int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1, fault = 0;

    *ret_fd = -1;
    if (fd < 0)
        return errno;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (connect(fd, to->ai_addr, to->ai_addrlen) != 0)
        fault = errno == EINPROGRESS ? wait_connected(fd, ms) : errno;
    if (fault)
        (void)close(fd);
    else
        *ret_fd = fd;
    return fault;
}

static bool reach(struct sftp *s, const struct addrinfo *found)
{
    int count = 0, fault = 0, ms;

    run_step(s->run, "connect");
    for (const struct addrinfo *a = found; a; a = a->ai_next)
        count++;
    for (const struct addrinfo *a = found; a && s->fd < 0; a = a->ai_next, count--) {
        ms = (int)(watch.left > 0 ? watch.left : 1) * 1000 / count;
        fault = connect_one(a, ms, &s->fd);
    }
    watch.fd = s->fd;
    if (s->fd < 0)
        fails(s, END_RETRY, fault == ETIMEDOUT ? "transfer.timeout" : "transfer.connect", strerror(fault));
    return s->fd >= 0;
}

/* ---- the session ---- */

/* Nothing of the account's own ~/.ssh is looked at. */
static bool prepare(struct sftp *s)
{
    const char *user = arena_text(&s->run->arena, s->run->duty.connector.user);
    bool no = false;

    s->session = ssh_new();
    if (!s->session || !user)
        return false;
    ssh_set_counters(s->session, &watch.bytes, NULL);
    return ssh_options_set(s->session, SSH_OPTIONS_PROCESS_CONFIG, &no) == 0 &&
           ssh_options_set(s->session, SSH_OPTIONS_SSH_DIR, "/nonexistent") == 0 &&
           ssh_options_set(s->session, SSH_OPTIONS_USER, user) == 0 &&
           ssh_options_set(s->session, SSH_OPTIONS_HOST, s->host.ptr) == 0 &&
           ssh_options_set(s->session, SSH_OPTIONS_FD, &s->fd) == 0;
}

static bool greet(struct sftp *s)
{
    const char *said;

    if (!prepare(s)) {
        fails(s, END_RETRY, "transfer.connect", "libssh");
        return false;
    }
    if (!sftp_algorithms(s))
        return false;
    if (ssh_connect(s->session) == SSH_OK) {
        run_done(s->run, true, ssh_get_serverbanner(s->session));
        return true;
    }
    said = ssh_get_error(s->session);
    if (!strstr(said, "no match for method"))
        sftp_lost(s, END_RETRY);
    else if (!s->kind)
        sftp_no_agreement(s, said);
    return false;
}

static bool begin(struct sftp *s)
{
    s->channel = ssh_channel_new(s->session);
    if (s->channel && ssh_channel_open_session(s->channel) == SSH_OK &&
        ssh_channel_request_sftp(s->channel) == SSH_OK && wire_begin(&s->wire, s->channel) == FX_OK)
        return true;
    if (ssh_is_connected(s->session) && !watch.fired)
        fails(s, END_FAIL, "transfer.subsystem", ssh_get_error(s->session));
    else
        sftp_lost(s, END_RETRY);
    return false;
}

static void hang_up(struct sftp *s)
{
    watch.fd = -1;
    if (s->session) {
        ssh_disconnect(s->session); /* closes the socket */
        ssh_free(s->session);
    } else if (s->fd >= 0)
        (void)close(s->fd);
    s->session = NULL;
    s->fd = -1;
}

/* Connected to the server whose key is known: asked for keys of other kinds while it shows a strange one. */
static bool meet(struct sftp *s, const struct addrinfo *found)
{
    const struct run *r = s->run;

    for (s->kind = 0; s->kind < SFTP_KINDS && !r->ended; s->kind++) {
        hang_up(s);
        if (reach(s, found) && greet(s) && sftp_host_key(s))
            return true;
        if (!r->duty.connector.host_keys.count)
            break;
    }
    if (!r->ended)
        sftp_not_trusted(s);
    return false;
}

bool sftp_open(struct sftp *s, struct run *r)
{
    struct addrinfo *found = NULL;
    bool good = false;

    s->run = r;
    s->fd = -1;
    s->session = NULL;
    s->channel = NULL;
    s->seen[0] = s->seen[1] = NULL;
    if (!parse(s)) {
        run_fails(r, END_FAIL, "transfer.url", r->duty.connector.url.ptr);
        goto done;
    }
    watch_begin(r->duty.connector.connect_timeout);
    found = resolve(s);
    good = found && meet(s, found) && sftp_login(s) && begin(s);
    watch_idle(r->duty.connector.timeout);
done:
    if (found)
        freeaddrinfo(found);
    return good;
}

void sftp_close(struct sftp *s)
{
    wire_end(&s->wire);
    if (s->channel && s->session && ssh_is_connected(s->session))
        (void)ssh_channel_close(s->channel);
    hang_up(s);
    s->channel = NULL;
    watch_end();
}
