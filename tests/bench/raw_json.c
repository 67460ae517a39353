/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * raw_json FILE: the limit for JSON. Each element of the first array is found by its braces, 16
 * bytes at a time, and parsed where it stands by yyjson into a pool that is used again.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#define WINDOW ((size_t)1 << 20)
#define POOL   ((size_t)12 << 20)

/* 16 bytes with bit i set where p[i] is one of the four (the last may repeat). */
#if defined(__SSE2__)
#include <emmintrin.h>
static unsigned among(const char *p, char a, char b, char c)
{
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i hit =
        _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(a)),
                     _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(b)), _mm_cmpeq_epi8(x, _mm_set1_epi8(c))));

    return (unsigned)_mm_movemask_epi8(hit);
}
#else
static unsigned among(const char *p, char a, char b, char c)
{
    unsigned hit = 0;

    for (unsigned i = 0; i < 16; i++)
        hit |= (unsigned)(p[i] == a || p[i] == b || p[i] == c) << i;
    return hit;
}
#endif

/* The first of the three from p on. The window has 16 zeros behind it, so this may look too far. */
static const char *find(const char *p, const char *end, char a, char b, char c)
{
    for (; p < end; p += 16) {
        unsigned hit = among(p, a, b, c);

        if (hit)
            return p + __builtin_ctz(hit);
    }
    return end;
}

/* Behind the object that begins at p; NULL: it does not end in view. */
static const char *object_end(const char *p, const char *end)
{
    size_t depth = 0;

    while ((p = find(p, end, '"', '{', '}')) < end) {
        if (*p == '"') {
            for (p++; (p = find(p, end, '"', '\\', '\\')) < end && *p != '"';)
                p += 2;
        } else {
            depth += *p == '{' ? 1 : (size_t)-1;
            if (!depth)
                return p + 1;
        }
        p++;
    }
    return NULL;
}

static bool parse(char *p, size_t len, yyjson_alc *pool)
{
    char kept[YYJSON_PADDING_SIZE];
    yyjson_doc *doc;
    bool good;

    memcpy(kept, p + len, sizeof(kept));
    memset(p + len, 0, sizeof(kept));
    doc = yyjson_read_opts(p, len, YYJSON_READ_INSITU | YYJSON_READ_NUMBER_AS_RAW, pool, NULL);
    memcpy(p + len, kept, sizeof(kept));
    good = doc != NULL;
    yyjson_doc_free(doc);
    return good;
}

/* Every object that is whole; what is left of the window. */
static char *elements(char *p, char *end, yyjson_alc *pool, bool *good)
{
    char *next;

    while ((p = memchr(p, '{', (size_t)(end - p))) && (next = (char *)object_end(p, end))) {
        *good = *good && parse(p, (size_t)(next - p), pool);
        p = next;
    }
    return p ? p : end;
}

int main(int argc, char **argv)
{
    static char window[WINDOW + 16], pool[POOL];
    int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    char *from = window, *end = window;
    bool good = fd >= 0, begun = false;
    yyjson_alc alc;
    ssize_t got;

    good = good && yyjson_alc_pool_init(&alc, pool, POOL);
    while (good && (got = read(fd, end, (size_t)(window + WINDOW - end))) > 0) {
        end += got;
        memset(end, 0, 16);
        if (!begun)
            from = memchr(window, '[', (size_t)(end - window));
        begun = from != NULL;
        from = begun ? elements(from, end, &alc, &good) : end;
        memmove(window, from, (size_t)(end - from));
        end -= from - window;
        from = window;
        good = good && begun && end < window + WINDOW;
    }
    if (!good)
        (void)fprintf(stderr, "raw_json: %s cannot be read\n", argc == 2 ? argv[1] : "FILE");
    return !good;
}
