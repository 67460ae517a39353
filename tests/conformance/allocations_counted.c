/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The process's own malloc, so that libraries run out of memory too: glibc's is called by its
 * other name. Counting is on between allocations_begin() and allocations_end() only.
 */
#include <errno.h>
#include <stdlib.h>

#include "conformance/faulty.h"

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

static _Thread_local struct {
    bool on, hit;
    size_t left;
    long live;
} a;

static bool fails(void)
{
    if (!a.on || a.left == 0 || --a.left > 0)
        return false;
    a.hit = true;
    errno = ENOMEM;
    return true;
}

static void *count(void *p)
{
    a.live += a.on && p;
    return p;
}

void *malloc(size_t size)
{
    return fails() ? NULL : count(__libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : count(__libc_calloc(n, size));
}

void *realloc(void *p, size_t size)
{
    void *grown;

    if (fails())
        return NULL;
    grown = __libc_realloc(p, size);
    if (!p)
        count(grown);
    return grown;
}

void free(void *p)
{
    a.live -= a.on && p;
    __libc_free(p);
}

void allocations_begin(size_t nth)
{
    a.live = 0;
    a.left = nth;
    a.hit = false;
    a.on = true;
}

bool allocations_hit(void)
{
    return a.hit;
}

long allocations_end(void)
{
    a.on = false;
    return a.live;
}

bool allocations_counted(void)
{
    return true;
}
