/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Posts: the supervisor's side of its workers. A post is one process of one kind and format, started afresh
 * from our own executable; it is given one order at a time and may be killed at any moment.
 */
#ifndef GATEWAY_POST_H
#define GATEWAY_POST_H

#include <sys/types.h>

#include "base/clock.h"
#include "gateway/conf.h"
#include "gateway/protocol.h"

#define POSTS_MAX 32

enum post_state { POST_NONE, POST_STARTING, POST_IDLE, POST_BUSY, POST_DEAD };

struct post {
    enum worker_kind kind;
    enum post_state state;
    char format[128]; /* "NAME:PROFILE"; of a table the plugin's name; "" an applier's */
    pid_t pid;
    int socket;
    int page_fd;
    struct progress_page *page;
    uint64_t order; /* number of the order it works on */
    int64_t since;  /* monotonic ms: begun, or idle */
    int64_t moved;  /* when `done` was seen to grow */
    uint64_t done;
    int status; /* of waitpid, once dead */
    bool killed;
    bool answered;
    struct answer answer;
};

struct posts {
    struct arena arena;
    const struct gateway_conf *conf;
    const char *executable, *schemas, *plugins;
    const char *running; /* the configuration as workers read it */
    struct post items[POSTS_MAX];
    uint64_t orders;
    uint64_t deaths; /* of workers that nobody had told to go */
};

/* An idle post of that kind and format, or a new one (starting: it takes orders at once, and reads them when it
 * is ready). NULL: no place now. */
struct post *post_get(struct posts *p, enum worker_kind kind, const char *format);
/* Numbers the order; the descriptors stay the caller's; the page of progress goes along as the last one for
 * readers and writers. GW_RETRY: the worker is gone. */
GW_MUST_USE enum gw_result post_order(struct posts *p, struct post *w, struct order *o, const int *fds,
                                      size_t n);
/* Takes what arrived, notices who died, kills who is beyond a limit. */
void posts_look(struct posts *p);
void post_kill(struct post *w);
void post_free(struct post *w);   /* idle again (its answer is taken), or its place is free if it is dead */
void posts_stop(struct posts *p); /* all of them, now */
/* Sockets to poll. */
size_t posts_sockets(const struct posts *p, int *ret, size_t most);

#endif
