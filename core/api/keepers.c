/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What keeps one client from being everybody's: requests a minute of a partner, wrong keys a minute of an
 * address, and a deadline of each connection. A request has the time that a slow line needs for its bytes, and
 * no more: who sends a byte now and then is cut.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "api/api.h"

#define SLOWEST   4000u /* bytes a second */
#define STRANGERS 256   /* addresses that are remembered; the one that came longest ago is forgotten */

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

static unsigned wait_of(double left, double rate)
{
    return left < 1 ? 1 + (unsigned)((1 - left) * 60.0 / rate) : 0;
}

unsigned rate_take(struct api *a, const struct partner *p)
{
    struct tally *t = &a->tallies[p - a->conf->partners];
    double rate = (double)a->conf->api.rate, left;
    int64_t now = clock_ms();

    pthread_mutex_lock(&a->lock);
    left = filled(t, now, rate);
    *t = (struct tally){.at = now, .left = left >= 1 ? left - 1 : left};
    pthread_mutex_unlock(&a->lock);
    return wait_of(left, rate);
}

/* ---- addresses from where a key came that is nobody's: the same bucket ---- */

struct stranger {
    uint8_t address[8];
    struct tally tally;
};

static struct stranger strangers[STRANGERS];

/* IPv4 whole, of IPv6 the network: who has one has all of it. False: not to be known. */
static bool address_of(const struct call *c, uint8_t ret[8])
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c->c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *at = info ? info->client_addr : NULL;
    const struct in6_addr *six;

    memset(ret, 0, 8);
    if (at && at->sa_family == AF_INET) {
        memcpy(ret + 4, &((const struct sockaddr_in *)(const void *)at)->sin_addr, 4);
    } else if (at && at->sa_family == AF_INET6) {
        six = &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr;
        memcpy(ret, six->s6_addr + (IN6_IS_ADDR_V4MAPPED(six) ? 8 : 0), 8);
    } else {
        return false;
    }
    return true;
}

/* Its own, or the one of who came longest ago. */
static struct stranger *stranger_find(const uint8_t address[8], bool *ret_known)
{
    struct stranger *oldest = &strangers[0];

    for (size_t i = 0; i < STRANGERS; i++) {
        struct stranger *s = &strangers[i];

        *ret_known = s->tally.at && memcmp(s->address, address, 8) == 0;
        if (*ret_known)
            return s;
        if (s->tally.at < oldest->tally.at)
            oldest = s;
    }
    return oldest;
}

unsigned stranger_wait(const struct call *c)
{
    struct api *a = c->api;
    double rate = (double)a->conf->api.rate, left = rate;
    const struct stranger *s;
    uint8_t address[8];
    bool known;

    if (a->conf->api.behind_proxy || !address_of(c, address))
        return 0;
    pthread_mutex_lock(&a->lock);
    s = stranger_find(address, &known);
    if (known)
        left = filled(&s->tally, clock_ms(), rate);
    pthread_mutex_unlock(&a->lock);
    return wait_of(left, rate);
}

void stranger_came(const struct call *c)
{
    struct api *a = c->api;
    double rate = (double)a->conf->api.rate;
    int64_t now = clock_ms();
    struct stranger *s;
    uint8_t address[8];
    bool known;

    if (a->conf->api.behind_proxy || !address_of(c, address))
        return;
    pthread_mutex_lock(&a->lock);
    s = stranger_find(address, &known);
    s->tally = (struct tally){.at = now, .left = (known ? filled(&s->tally, now, rate) : rate) - 1};
    memcpy(s->address, address, 8);
    pthread_mutex_unlock(&a->lock);
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
    l->since = clock_ms();
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
    c->link->since = clock_ms();
    c->link->moved = bytes;
    due(c->api, c->link);
    pthread_mutex_unlock(&c->api->lock);
}

void links_cut(struct api *a)
{
    int64_t now = clock_ms();

    pthread_mutex_lock(&a->lock);
    for (size_t i = 0; i < FRONT_FILES; i++)
        if (a->links[i].used && a->links[i].deadline && now > a->links[i].deadline)
            (void)shutdown(a->links[i].fd, SHUT_RDWR);
    pthread_mutex_unlock(&a->lock);
}
