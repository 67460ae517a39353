/* SPDX-License-Identifier: EUPL-1.2 */
/* A sink that keeps the last diagnostics, for tests: code, file, line, path and {found}. */
#ifndef SUPPORT_TOLD_H
#define SUPPORT_TOLD_H

#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/str.h"

struct told_diag {
    char code[48], file[256], path[256], found[128];
    enum gw_severity severity;
    uint32_t line, column;
};

struct told_sink {
    struct sink sink; /* first */
    size_t count;     /* of all; the first 16 are kept */
    struct told_diag diags[16];
};

static inline void told_put(struct sink *sink, const struct diag *d)
{
    struct told_sink *t = (struct told_sink *)sink;
    struct told_diag *to = &t->diags[t->count < 16 ? t->count : 15];

    *to = (struct told_diag){.severity = d->severity, .line = d->line, .column = d->column};
    snprintf(to->code, sizeof(to->code), "%s", d->code);
    snprintf(to->file, sizeof(to->file), "%.*s", STR_ARG(d->file));
    snprintf(to->path, sizeof(to->path), "%.*s", STR_ARG(d->path));
    for (size_t i = 0; i < d->nargs; i++)
        if (strcmp(d->args[i].name, "found") == 0)
            snprintf(to->found, sizeof(to->found), "%.*s", STR_ARG(d->args[i].value));
    t->count++;
}

static inline void told_init(struct told_sink *t)
{
    memset(t, 0, sizeof(*t));
    t->sink.put = told_put;
}

#endif
