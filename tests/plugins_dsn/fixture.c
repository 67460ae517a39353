/* SPDX-License-Identifier: EUPL-1.2 */
#include "plugins_dsn/fixture.h"

static void put(struct sink *sink, const struct diag *d)
{
    struct fixture *f = (struct fixture *)sink;

    buf_format(&f->out, "! %s %u:%u", d->code, d->line, d->column);
    for (size_t i = 0; i < d->nargs; i++)
        buf_format(&f->out, " %.*s", STR_ARG(d->args[i].value));
    buf_char(&f->out, '\n');
}

int fixture_setup(void **state)
{
    return fixture_load(state, "dsn", '|', put);
}

void fixture_tree(struct fixture *f, const struct gw_node *n, struct buf *out)
{
    buf_format(out, "(%.*s", STR_ARG(names_text(&f->names, n->name)));
    for (const struct gw_node *kid = n->first; kid; kid = kid->next) {
        buf_char(out, ' ');
        if (kid->kind == GW_TEXT)
            buf_format(out, "%.*s=%.*s", STR_ARG(names_text(&f->names, kid->name)), (int)kid->len, kid->text);
        else
            fixture_tree(f, kid, out);
    }
    buf_char(out, ')');
}
