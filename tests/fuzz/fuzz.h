/* SPDX-License-Identifier: EUPL-1.2 */
/* What the libFuzzer targets share: their entry points, a sink that only counts, how they complain. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/diag.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct counter {
    struct sink sink; /* first */
    size_t errors, reports;
};

/* Each diagnostic is rendered, as a terminal and as a machine would be given it. */
static inline void counter_put(struct sink *sink, const struct diag *d)
{
    struct counter *c = (struct counter *)sink;
    static const struct catalogue none;
    struct buf b;

    buf_init(&b, 1 << 20);
    diag_text(&b, &none, LANG_FR, d, true);
    diag_json(&b, &none, LANG_EN, d, false);
    buf_done(&b);
    c->reports++;
    c->errors += d->severity == GW_ERROR;
}

static inline struct counter counter_make(void)
{
    return (struct counter){.sink = {counter_put}};
}

/* An answer that no input may bring about. */
#define MUST(condition, ...)                                                                                   \
    do {                                                                                                       \
        if (!(condition)) {                                                                                    \
            fprintf(stderr, __VA_ARGS__);                                                                      \
            fprintf(stderr, "\n%s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
            abort();                                                                                           \
        }                                                                                                      \
    } while (0)

/* The input without its first byte, which is a choice of `n`; *ret_choice 0 when there is none. */
static inline struct gw_str take_choice(struct gw_str s, size_t n, size_t *ret_choice)
{
    *ret_choice = 0;
    if (!s.len)
        return s;
    *ret_choice = (unsigned char)s.ptr[0] % n;
    return (struct gw_str){s.ptr + 1, s.len - 1};
}

#endif
