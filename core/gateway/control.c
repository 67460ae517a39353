/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The control socket: a word a connection, an answer in JSON; or a whole verb, which a process of its own then
 * runs (behalf.h). Who may: roles.h, by what the kernel says of the other end.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/behalf.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"
#include "store/audit.h"

static bool address(const char *path, struct sockaddr_un *ret)
{
    int n;

    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    n = snprintf(ret->sun_path, sizeof(ret->sun_path), "%s", path);
    return n > 0 && (size_t)n < sizeof(ret->sun_path);
}

/* What a daemon before us left; the lock says that it is no longer there. Nothing but a socket goes. */
static void clear_way(const char *path)
{
    struct stat st;

    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
        (void)unlink(path);
}

/* Whoever reaches it may connect when there are operators: the kernel says who it is, and the folder's mode who
 * reaches it. */
enum gw_result control_open(struct gateway *g)
{
    const char *path = g->conf.control.ptr;
    struct sockaddr_un a;

    if (!address(path, &a)) {
        journal("control.path_too_long", "path", path, NULL);
        return GW_OK; /* it runs without */
    }
    clear_way(path);
    g->control = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (g->control < 0 || bind(g->control, (struct sockaddr *)&a, sizeof(a)) != 0 ||
        chmod(path, g->conf.noperators ? 0666 : 0660) != 0 || listen(g->control, 64) != 0) {
        journal("control.failed", "path", path, "reason", strerror(errno), NULL);
        return GW_RETRY;
    }
    return GW_OK;
}

void control_close(struct gateway *g)
{
    if (g->control >= 0)
        (void)close(g->control);
    g->control = -1;
}

void control_follow(struct gateway *g)
{
    struct sockaddr_un a, now = {.sun_family = AF_UNIX};
    socklen_t len = sizeof(now);

    if (g->control >= 0 && address(g->conf.control.ptr, &a) &&
        getsockname(g->control, (struct sockaddr *)&now, &len) == 0 && strcmp(a.sun_path, now.sun_path) == 0) {
        (void)!chmod(a.sun_path, g->conf.noperators ? 0666 : 0660);
        return;
    }
    control_close(g);
    (void)!control_open(g); /* it says so, and goes on without */
}

/* In words: operate_may(). */
static void refuse(const struct gateway *g, const struct operator* who, const char *duty, struct buf *out)
{
    buf_text(out, "{\"error\":\"role.refused\",\"operator\":");
    buf_json(out, str_of(who->name));
    buf_text(out, ",\"duty\":");
    buf_json(out, str_of(duty));
    buf_text(out, ",\"needed\":\"");
    roles_text(duty_roles(&g->conf, duty), out);
    buf_text(out, "\"}\n");
}

static void connector_status(const struct connector *k, const struct remote_line *l, size_t rank,
                             struct buf *out)
{
    int64_t wait = l->not_before - clock_ms();

    buf_format(out, "%s{\"connector\":", rank ? "," : "");
    buf_json(out, k->name);
    buf_format(out, ",\"state\":\"%s\",\"failures\":%u,\"at_work\":%s,\"last_success\":%lld,\"retry_in\":%lld",
               l->open       ? "open"
               : l->failures ? "failing"
                             : "well",
               l->failures, l->busy ? "true" : "false", (long long)l->last_ok,
               (long long)(wait > 0 ? (wait + 999) / 1000 : 0));
    if (l->code[0])
        buf_format(out, ",\"code\":\"%s\",\"args\":%s", l->code, l->args.len ? l->args.data : "{}");
    if (l->warning[0])
        buf_format(out, ",\"warning\":\"%s\",\"warning_args\":%s", l->warning,
                   l->warning_args.len ? l->warning_args.data : "{}");
    buf_char(out, '}');
}

static void transfer_status(const struct remote_flow *r, struct buf *out)
{
    buf_format(out, ",\"turns\":%llu,\"last_success\":%lld", (unsigned long long)r->turns,
               (long long)r->last_ok);
    if (r->code[0])
        buf_format(out, ",\"code\":\"%s\",\"args\":%s", r->code, r->args.len ? r->args.data : "{}");
    if (r->answer.turn)
        buf_format(out, ",\"asked\":{\"turn\":%llu,\"code\":\"%s\",\"args\":%s}",
                   (unsigned long long)r->answer.turn, r->answer.code,
                   r->answer.args.len ? r->answer.args.data : "{}");
}

static void status(struct gateway *g, struct buf *out)
{
    size_t jobs = 0, workers = 0;

    for (size_t i = 0; i < JOBS_MAX; i++)
        jobs += g->jobs[i].kind != JOB_NONE;
    for (size_t i = 0; i < POSTS_MAX; i++)
        workers += g->posts.items[i].state != POST_NONE;
    buf_format(out, "{\"pid\":%d,\"jobs\":%zu,\"workers\":%zu,\"flows\":[", (int)getpid(), jobs, workers);
    for (size_t i = 0; i < g->conf.nflows; i++) {
        buf_format(out, "%s{\"flow\":", i ? "," : "");
        buf_json(out, g->conf.flows[i].name);
        buf_format(out, ",\"troubles\":%u,\"at_work\":%s", g->flows[i].troubles,
                   job_of_flow(g, &g->conf.flows[i]) ? "true" : "false");
        if (g->conf.flows[i].connector)
            transfer_status(&g->flows[i].remote, out);
        buf_char(out, '}');
    }
    buf_text(out, "],\"connectors\":[");
    for (size_t i = 0; i < g->conf.nconnectors; i++)
        connector_status(&g->conf.connectors[i], &g->remote.lines[i], i, out);
    buf_text(out, "]}\n");
}

/* "fetch FLOW", "send FLOW"; 0: it is none. */
static uint64_t ask(struct gateway *g, struct gw_str word)
{
    struct gw_str name, verb = str_cut(word, ' ', &name);
    const struct flow *f = name.len ? conf_flow(&g->conf, name) : NULL;

    if (!f || !f->connector || !str_is(verb, f->out ? "send" : "fetch"))
        return 0;
    return remote_ask(g, f);
}

static void answer(struct gateway *g, struct gw_str word, struct buf *out)
{
    uint64_t turn;

    if (str_is(word, "status")) {
        status(g, out);
        return;
    }
    turn = ask(g, word);
    if (turn) {
        buf_format(out, "{\"done\":true,\"turn\":%llu}\n", (unsigned long long)turn);
        return;
    }
    if (str_is(word, "reload"))
        g->reload = true;
    else if (str_is(word, "stop"))
        g->stopping = true;
    else if (!str_is(word, "wake")) {
        buf_text(out, "{\"error\":\"control.word\"}\n");
        return;
    }
    for (size_t i = 0; i < g->conf.nflows; i++) {
        g->flows[i].next_look = 0;
        g->flows[i].due = 1;
    }
    buf_text(out, "{\"done\":true}\n");
}

/* Who has no role at all is not entered: they could fill the trail. */
static void refusal_enter(struct gateway *g, const struct operator* who, const char *duty)
{
    char name[OPERATOR_CALLED];

    operator_called(who, name);
    if (!duty_known(duty))
        duty = "word"; /* theirs is no word of ours to keep */
    if (audit_add(g->store, str_of(name), GW_STR("role.refused"), str_of(duty), GW_STR("")) != GW_OK)
        journal("role.unwritten", "operator", name, "duty", duty, NULL);
}

/* A word by who may say it. */
static void word_take(struct gateway *g, const struct operator* who, struct gw_str word, struct buf *out)
{
    struct gw_str rest;
    char duty[32];

    (void)snprintf(duty, sizeof(duty), "%.*s", STR_ARG(str_cut(word, ' ', &rest)));
    if (operator_may(&g->conf, who, duty))
        answer(g, word, out);
    else {
        refusal_enter(g, who, duty);
        refuse(g, who, duty, out);
    }
}

/* Who has no role is not listened to; who has one and says nothing is not waited for longer than a moment. */
static void serve(struct gateway *g, int peer)
{
    struct timeval moment = {.tv_usec = 200000};
    struct operator who;
    char word[128];
    struct buf out;
    ssize_t n;

    (void)setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof(moment));
    (void)setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &moment, sizeof(moment));
    buf_init(&out, (size_t)1 << 20);
    if (operator_of_peer(&g->conf, peer, &who) != GW_OK || !who.roles)
        refuse(g, &who, "status", &out);
    else if ((n = recv(peer, word, sizeof(word), MSG_PEEK)) >= BEHALF_HEAD && behalf_meant(word))
        behalf_start(g, peer, &out);
    else if (n > 0 && (n = recv(peer, word, sizeof(word), 0)) > 0)
        word_take(g, &who, str_trim((struct gw_str){word, (size_t)n}), &out);
    if (out.len)
        (void)!send(peer, out.data, out.len, MSG_NOSIGNAL);
    buf_done(&out);
}

void control_step(struct gateway *g)
{
    int peer;

    while (g->control >= 0 && (peer = accept4(g->control, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        serve(g, peer);
        (void)close(peer);
    }
    behalf_step(g);
}

enum gw_result control_connect(const char *path, int *ret)
{
    struct sockaddr_un a;

    *ret = -1;
    if (!address(path, &a))
        return GW_END;
    *ret = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*ret < 0)
        return GW_RETRY;
    if (connect(*ret, (struct sockaddr *)&a, sizeof(a)) == 0)
        return GW_OK;
    return errno == EACCES || errno == EPERM ? GW_REJECT : GW_END;
}

void control_hear(int fd, struct buf *ret)
{
    ssize_t n = 1;

    while (n > 0) {
        char *room = buf_room(ret, 4096);

        n = room ? recv(fd, room, 4096, 0) : 0;
        ret->len += n > 0 ? (size_t)n : 0;
    }
}

enum gw_result control_say(const char *path, const char *word, struct buf *ret)
{
    int fd;
    enum gw_result result = control_connect(path, &fd) == GW_OK ? GW_OK : GW_END;

    if (result == GW_OK && send(fd, word, strlen(word), MSG_NOSIGNAL) <= 0)
        result = GW_RETRY;
    if (result == GW_OK)
        control_hear(fd, ret);
    if (fd >= 0)
        (void)close(fd);
    return result;
}
