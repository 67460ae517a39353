/* SPDX-License-Identifier: EUPL-1.2 */
/* A sink that keeps what it was told, one line a diagnostic: "CODE LINE:COLUMN #RECORD NAME=VALUE ...". */
#ifndef PIPELINE_TOLD_H
#define PIPELINE_TOLD_H

#include "base/diag.h"

struct told {
    struct sink sink; /* first */
    struct buf text;
};

static inline void told_put(struct sink *sink, const struct diag *d)
{
    struct buf *b = &((struct told *)sink)->text;

    buf_format(b, "%s %u:%u #%u", d->code, d->line, d->column, (unsigned)d->record);
    for (size_t i = 0; i < d->nargs; i++)
        buf_format(b, " %s=%.*s", d->args[i].name, (int)d->args[i].value.len, d->args[i].value.ptr);
    buf_char(b, '\n');
}

static inline void told_init(struct told *t)
{
    t->sink.put = told_put;
    buf_init(&t->text, 1 << 20);
}

#endif
