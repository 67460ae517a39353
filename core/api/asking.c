/* SPDX-License-Identifier: EUPL-1.2 */
/* Questions of many threads over one socket; the first thread hears the answers and wakes who asked. */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "api/api.h"

#define PATIENCE 60 /* seconds; the supervisor answers in less, or is gone and we with it */

struct waiting {
    uint64_t number; /* 0: nobody */
    struct told told;
    int fd;
    bool done;
    pthread_cond_t news;
};

static struct waiting waiters[FRONT_FILES];
static uint64_t numbers;

static struct waiting *enrol(struct ask *a)
{
    for (size_t i = 0; i < FRONT_FILES; i++) {
        struct waiting *w = &waiters[i];

        if (w->number)
            continue;
        a->number = w->number = ++numbers;
        w->done = false;
        w->fd = -1;
        pthread_cond_init(&w->news, NULL);
        return w;
    }
    return NULL;
}

static void await(struct api *a, struct waiting *w)
{
    struct timespec end;

    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE;
    while (!w->done && pthread_cond_timedwait(&w->news, &a->lock, &end) != ETIMEDOUT)
        ;
}

bool ask_supervisor(struct call *c, struct ask *a, struct told *ret, int *ret_fd)
{
    struct api *api = c->api;
    struct waiting *w;
    bool answered = false;

    a->lang = (uint32_t)c->lang;
    *ret_fd = -1;
    pthread_mutex_lock(&api->lock);
    w = enrol(a);
    pthread_mutex_unlock(&api->lock);
    if (!w)
        return false;
    if (front_ask(FRONT_SOCKET, a) == GW_OK) {
        pthread_mutex_lock(&api->lock);
        await(api, w);
        answered = w->done;
        *ret = w->told;
        *ret_fd = w->fd;
        pthread_mutex_unlock(&api->lock);
    }
    pthread_mutex_lock(&api->lock);
    w->number = 0;
    pthread_cond_destroy(&w->news);
    pthread_mutex_unlock(&api->lock);
    return answered;
}

static void hand(struct api *a, const struct told *t, int fd)
{
    for (size_t i = 0; i < FRONT_FILES; i++) {
        struct waiting *w = &waiters[i];

        if (w->number != t->number)
            continue;
        w->told = *t;
        w->fd = fd;
        w->done = true;
        pthread_cond_signal(&w->news);
        return;
    }
    if (fd >= 0)
        (void)close(fd); /* nobody waits for it any more */
    (void)a;
}

bool asking_listen(struct api *a)
{
    struct told t;
    int fd;

    if (front_told(FRONT_SOCKET, &t, &fd) != GW_OK)
        return false;
    t.code[sizeof(t.code) - 1] = t.name[sizeof(t.name) - 1] = '\0';
    pthread_mutex_lock(&a->lock);
    if (t.number)
        hand(a, &t, fd);
    else if (t.slot < FRONT_FILES)
        a->files[t.slot] = fd;
    pthread_mutex_unlock(&a->lock);
    return true;
}
