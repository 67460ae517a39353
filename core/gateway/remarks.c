/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>

#include "base/str.h"
#include "gateway/worker.h"

#define SAID_MAX ((size_t)1 << 20) /* of one record */

static void add(struct buf *list, const struct catalogue *c, enum lang lang, const struct diag *d)
{
    size_t before = list->len;

    if (before)
        buf_char(list, ',');
    diag_json(list, c, lang, d, true); /* the record's bytes say the rest, to whom may see them */
    if (list->failed) {                /* enough was said of this record */
        list->failed = false;
        list->len = before;
    }
}

static void take(struct sink *sink, const struct diag *d)
{
    struct remarks *s = (struct remarks *)sink;

    if (!s->code[0] || (d->severity == GW_ERROR && !s->error)) {
        (void)snprintf(s->code, sizeof(s->code), "%s", d->code);
        buf_clear(&s->path);
        buf_str(&s->path, d->path);
        s->line = d->line;
        s->error = d->severity == GW_ERROR;
    }
    add(&s->fr, s->catalogue, LANG_FR, d);
    add(&s->en, s->catalogue, LANG_EN, d);
}

void remarks_init(struct remarks *s, const struct catalogue *c)
{
    *s = (struct remarks){.sink = {take}, .catalogue = c};
    buf_init(&s->fr, SAID_MAX);
    buf_init(&s->en, SAID_MAX);
    buf_init(&s->path, 65536);
}

void remarks_clear(struct remarks *s)
{
    buf_clear(&s->fr);
    buf_clear(&s->en);
    buf_clear(&s->path);
    s->code[0] = '\0';
    s->line = 0;
    s->error = false;
}

void remarks_json(const struct remarks *s, struct buf *out)
{
    buf_text(out, "\"fr\":[");
    buf_str(out, buf_view(&s->fr));
    buf_text(out, "],\"en\":[");
    buf_str(out, buf_view(&s->en));
    buf_char(out, ']');
}

void remarks_done(struct remarks *s)
{
    buf_done(&s->fr);
    buf_done(&s->en);
    buf_done(&s->path);
}
