/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What keeps one client from being everybody's: requests a minute of a partner, and a deadline of each
 * connection. A request has the time that a slow line needs for its bytes, and no more: who sends a byte now
 * and then is cut.
 */
#include <sys/socket.h>
#include <time.h>

#include "api/api.h"

#define SLOWEST 4000u /* bytes a second */

int64_t api_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- requests of a partner: a bucket that fills by `rate` a minute, and holds as many ---- */

struct tally {
    int64_t at; /* ms; 0: never asked */
    double left;
};

static double filled(const struct tally *t, int64_t now, double rate)
{
    double left = t->at ? t->left + (double)(now - t->at) * rate / 60000.0 : rate;

    return left < rate ? left : rate;
}

unsigned rate_take(struct api *a, const struct partner *p)
{
    struct tally *t = &a->tallies[p - a->conf->partners];
    double rate = (double)a->conf->api.rate, left;
    int64_t now = api_clock();
    unsigned wait = 0;

    pthread_mutex_lock(&a->lock);
    left = filled(t, now, rate);
    *t = (struct tally){.at = now, .left = left >= 1 ? left - 1 : left};
    if (left < 1)
        wait = 1 + (unsigned)((1 - left) * 60.0 / rate);
    pthread_mutex_unlock(&a->lock);
    return wait;
}

size_t tally_size(void)
{
    return sizeof(struct tally);
}

/* ---- connections ---- */

static void due(struct api *a, struct link *l)
{
    l->deadline = l->since + (int64_t)a->conf->api.timeout * 1000 + (int64_t)(l->moved / SLOWEST) * 1000;
}

void link_head(struct api *a, struct link *l)
{
    l->since = api_clock();
    l->moved = 0;
    due(a, l);
}

static struct link *link_new(struct api *a, int fd)
{
    for (size_t i = 0; i < FRONT_FILES; i++) {
        struct link *l = &a->links[i];

        if (l->used)
            continue;
        *l = (struct link){.used = true, .fd = fd};
        link_head(a, l);
        return l;
    }
    return NULL;
}

void link_notify(void *cls, struct MHD_Connection *c, void **room, enum MHD_ConnectionNotificationCode what)
{
    struct api *a = cls;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);

    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        auth_begin(c);
    pthread_mutex_lock(&a->lock);
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        *room = info ? link_new(a, info->connect_fd) : NULL;
    else if (*room)
        ((struct link *)*room)->used = false;
    pthread_mutex_unlock(&a->lock);
}

void link_came(struct call *c, uint64_t bytes)
{
    pthread_mutex_lock(&c->api->lock);
    c->link->moved += bytes;
    due(c->api, c->link);
    pthread_mutex_unlock(&c->api->lock);
}

void link_work(struct call *c)
{
    pthread_mutex_lock(&c->api->lock);
    c->link->deadline = 0;
    pthread_mutex_unlock(&c->api->lock);
}

void link_goes(struct call *c, uint64_t bytes)
{
    pthread_mutex_lock(&c->api->lock);
    c->link->since = api_clock();
    c->link->moved = bytes;
    due(c->api, c->link);
    pthread_mutex_unlock(&c->api->lock);
}

void links_cut(struct api *a)
{
    int64_t now = api_clock();

    pthread_mutex_lock(&a->lock);
    for (size_t i = 0; i < FRONT_FILES; i++)
        if (a->links[i].used && a->links[i].deadline && now > a->links[i].deadline)
            (void)shutdown(a->links[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&a->lock);
}
