/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_chunk {
    struct arena_chunk *older;
    size_t before; /* bytes of all older chunks: makes marks comparable */
    size_t size;
    _Alignas(16) char data[];
};

static _Thread_local size_t fail_at;

void arena_fail_at(size_t nth)
{
    fail_at = nth;
}

size_t arena_fail_left(void)
{
    return fail_at;
}

void arena_init(struct arena *a, size_t first_size, size_t cap)
{
    *a = (struct arena){.cap = cap, .first_size = first_size};
}

void arena_done(struct arena *a)
{
    while (a->chunk) {
        struct arena_chunk *older = a->chunk->older;

        free(a->chunk);
        a->chunk = older;
    }
    arena_init(a, a->first_size, a->cap);
}

static void use_chunk(struct arena *a, struct arena_chunk *chunk, size_t at)
{
    a->chunk = chunk;
    a->used = chunk->before;
    a->cursor = chunk->data + at;
    a->end = chunk->data + chunk->size;
}

void arena_reset(struct arena *a)
{
    a->full = false;
    if (!a->chunk)
        return;
    while (a->chunk->older) {
        struct arena_chunk *older = a->chunk->older;

        free(a->chunk);
        a->chunk = older;
    }
    use_chunk(a, a->chunk, 0);
}

/* `zero`: what is new is zeroed, by a system that has pages of zeros: a large array that is little used
 * costs little. */
static void *grow(struct arena *a, size_t size, bool zero)
{
    size_t first = a->first_size ? a->first_size : 65536;
    size_t need = (size + !size + 15) & ~(size_t)15;
    size_t taken = a->chunk ? a->chunk->before + a->chunk->size : 0;
    size_t room = a->chunk ? a->chunk->size * 2 : first;
    struct arena_chunk *chunk;

    if (need < size)
        return NULL;
    if (room > (1u << 20))
        room = 1u << 20;
    if (room < need)
        room = need;
    if (a->cap && (taken > a->cap || need > a->cap - taken)) {
        a->full = true;
        return NULL;
    }
    if (a->cap && room > a->cap - taken)
        room = (a->cap - taken) & ~(size_t)15;
    if (room < need)
        room = need;
    if (fail_at && --fail_at == 0)
        return NULL;
    chunk = zero ? calloc(1, sizeof(*chunk) + room) : malloc(sizeof(*chunk) + room);
    if (!chunk)
        return NULL;
    chunk->older = a->chunk;
    chunk->before = taken;
    chunk->size = room;
    use_chunk(a, chunk, need);
    return chunk->data;
}

void *arena_grow(struct arena *a, size_t size)
{
    return grow(a, size, false);
}

size_t arena_mark(const struct arena *a)
{
    return a->chunk ? a->chunk->before + (size_t)(a->cursor - a->chunk->data) : 0;
}

void arena_release(struct arena *a, size_t mark)
{
    while (a->chunk && a->chunk->older && a->chunk->before > mark) {
        struct arena_chunk *older = a->chunk->older;

        free(a->chunk);
        a->chunk = older;
    }
    if (a->chunk)
        use_chunk(a, a->chunk, mark > a->chunk->before ? mark - a->chunk->before : 0);
}

void *arena_zero(struct arena *a, size_t size)
{
    void *p;

    if (size > (size_t)(a->end - a->cursor))
        return grow(a, size, true);
    p = arena_alloc(a, size);
    return p ? memset(p, 0, size) : NULL;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    size_t total;

    if (__builtin_mul_overflow(n, size, &total))
        return NULL;
    return arena_zero(a, total);
}

char *arena_text(struct arena *a, struct gw_str s)
{
    char *p = arena_alloc(a, s.len + 1);

    if (!p)
        return NULL;
    if (s.len)
        memcpy(p, s.ptr, s.len);
    p[s.len] = '\0';
    return p;
}

struct gw_str arena_copy(struct arena *a, struct gw_str s)
{
    char *p = arena_text(a, s);

    return (struct gw_str){p, p ? s.len : 0};
}

struct gw_str arena_join(struct arena *a, const struct gw_str *parts, size_t n)
{
    size_t len = 0, used = 0;
    char *p;

    for (size_t i = 0; i < n; i++)
        len += parts[i].len;
    p = arena_alloc(a, len + 1);
    if (!p)
        return (struct gw_str){NULL, 0};
    for (size_t i = 0; i < n; used += parts[i++].len)
        if (parts[i].len)
            memcpy(p + used, parts[i].ptr, parts[i].len);
    p[len] = '\0';
    return (struct gw_str){p, len};
}

char *arena_format(struct arena *a, const char *format, ...)
{
    va_list ap;
    char *p;
    int len;

    va_start(ap, format);
    len = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    p = len < 0 ? NULL : arena_alloc(a, (size_t)len + 1);
    if (!p)
        return NULL;
    va_start(ap, format);
    (void)vsnprintf(p, (size_t)len + 1, format, ap);
    va_end(ap);
    return p;
}
