/* SPDX-License-Identifier: EUPL-1.2 */
/* Diagnostics kept, so that the proof can ask what was said of what. */
#include "law/proof.h"

#include <stdio.h>

static void keep(struct sink *sink, const struct diag *d)
{
    struct said *s = (struct said *)sink;
    struct told *t = &s->items[s->count];

    if (s->count == TOLD_MAX)
        return;
    s->count++;
    *t = (struct told){.severity = d->severity, .line = d->line, .column = d->column};
    (void)snprintf(t->code, sizeof(t->code), "%s", d->code);
    t->rule = d->rule.ptr ? arena_copy(&s->arena, d->rule) : (struct gw_str){NULL, 0};
    t->value = d->value.ptr ? arena_copy(&s->arena, d->value) : (struct gw_str){NULL, 0};
    t->path = d->path.ptr ? arena_copy(&s->arena, d->path) : (struct gw_str){NULL, 0};
}

void said_init(struct said *s)
{
    *s = (struct said){.sink = {keep}};
    arena_init(&s->arena, 4096, 0);
}

void said_clear(struct said *s)
{
    arena_reset(&s->arena);
    s->count = 0;
}

void said_done(struct said *s)
{
    arena_done(&s->arena);
}

const struct told *said_error(const struct said *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].severity == GW_ERROR)
            return &s->items[i];
    return NULL;
}
