/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/pace.h"

#include <errno.h>
#include <time.h>

#define SECOND 1000000000ll
#define AHEAD  (SECOND / 4)

void pace_init(struct pace *p, uint64_t rate)
{
    *p = (struct pace){.rate = rate};
}

int64_t pace_count(struct pace *p, uint64_t bytes, int64_t now)
{
    if (!p->rate)
        return 0;
    if (p->due < now - AHEAD)
        p->due = now - AHEAD;
    p->due += (int64_t)((double)bytes * (double)SECOND / (double)p->rate);
    return p->due > now ? p->due - now : 0;
}

void pace_wait(struct pace *p, uint64_t bytes)
{
    struct timespec t;
    int64_t wait;

    if (!p->rate)
        return;
    clock_gettime(CLOCK_MONOTONIC, &t);
    wait = pace_count(p, bytes, t.tv_sec * SECOND + t.tv_nsec);
    t = (struct timespec){wait / SECOND, wait % SECOND};
    while (wait && nanosleep(&t, &t) != 0 && errno == EINTR)
        ;
}
