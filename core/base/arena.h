/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A chunked bump allocator with a cap: one lifetime, freed as a whole. arena_reset() keeps the
 * first chunk, so a record costs no malloc. NULL from an allocation means that the cap is
 * reached or memory is out; `full` tells which (true: the cap).
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gw/base.h"

struct arena_chunk;

struct arena {
    char *cursor;
    char *end;
    struct arena_chunk *chunk; /* the one in use; older ones behind it */
    size_t used;               /* by older chunks */
    size_t cap;                /* 0: none */
    size_t first_size;         /* 0: 64 KB */
    bool full;
};

void arena_init(struct arena *a, size_t first_size, size_t cap);
void arena_done(struct arena *a); /* {0} and twice is fine */
void arena_reset(struct arena *a);
void *arena_grow(struct arena *a, size_t size); /* the slow path of arena_alloc() */
size_t arena_mark(const struct arena *a);
void arena_release(struct arena *a, size_t mark);
void *arena_zero(struct arena *a, size_t size);
void *arena_array(struct arena *a, size_t n, size_t size); /* zeroed, the product checked */
/* NUL-terminated copies, for those who need one. */
char *arena_text(struct arena *a, struct gw_str s);
struct gw_str arena_copy(struct arena *a, struct gw_str s);
struct gw_str arena_join(struct arena *a, const struct gw_str *parts, size_t n); /* one behind the other */
char *arena_format(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For tests: the nth allocation from now fails, on this thread; 0 turns it off. */
void arena_fail_at(size_t nth);
size_t arena_fail_left(void);

/* 16-byte aligned, not zeroed; of size 0 too it is not NULL. */
GW_MUST_USE static inline void *arena_alloc(struct arena *a, size_t size)
{
    size_t need = (size + !size + 15) & ~(size_t)15;
    char *p = a->cursor;

    if (need < size || (size_t)(a->end - p) < need)
        return arena_grow(a, size);
    a->cursor = p + need;
    return p;
}

#endif
