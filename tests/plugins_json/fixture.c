/* SPDX-License-Identifier: EUPL-1.2 */
#include "plugins_json/fixture.h"

static void put(struct sink *sink, const struct diag *d)
{
    struct fixture *f = (struct fixture *)sink;

    if (f->quiet) {
        buf_format(&f->out, "! %s\n", d->code);
        return;
    }
    buf_format(&f->out, "! %s %u:%u", d->code, d->line, d->column);
    for (size_t i = 0; i < d->nargs; i++)
        if (d->args[i].value.len &&
            (str_is(str_of(d->args[i].name), "found") || str_is(str_of(d->args[i].name), "key")))
            buf_format(&f->out, " %.*s", STR_ARG(d->args[i].value));
    buf_char(&f->out, '\n');
}

int fixture_setup(void **state)
{
    return fixture_load(state, "json", ' ', put);
}

void fixture_tree(struct fixture *f, const struct gw_node *n, struct buf *out)
{
    bool map = n->kind == GW_MAP;

    if (n->kind == GW_NULL)
        buf_text(out, "null");
    else if (n->kind == GW_TEXT)
        buf_format(out, "'%.*s'", (int)n->len, n->text);
    else if (n->kind == GW_NUMBER)
        buf_format(out, "#%.*s", (int)n->len, n->text);
    else if (n->kind == GW_TRUE || n->kind == GW_FALSE)
        buf_add(out, n->text, n->len);
    if (!map && n->kind != GW_LIST)
        return;
    buf_char(out, map ? '{' : '[');
    for (const struct gw_node *kid = n->first; kid; kid = kid->next) {
        if (map)
            buf_format(out, "%.*s:", STR_ARG(names_text(&f->names, kid->name)));
        else
            assert_int_equal(kid->name, n->name);
        fixture_tree(f, kid, out);
        if (kid->next)
            buf_char(out, ' ');
    }
    buf_char(out, map ? '}' : ']');
}

static void put_record(struct fixture *f, enum gw_result r, const struct gw_record *rec)
{
    buf_text(&f->out, r == GW_OK ? "ok " : "no ");
    if (r == GW_OK)
        fixture_tree(f, rec->root, &f->out);
    else
        (void)session_raw(&f->session, rec, &f->out);
    buf_char(&f->out, '\n');
}

enum gw_result fixture_read(struct fixture *f, struct gw_str text, bool context)
{
    static const char *const ends[] = {"ok", "end", "no", "fail", "retry", "fatal"};
    struct gw_record rec;
    enum gw_result r;

    buf_clear(&f->out);
    r = fixture_open(f, text, -1);
    while (r == GW_OK || r == GW_REJECT) {
        r = session_next(&f->session, &rec);
        if (r == GW_OK || r == GW_REJECT)
            put_record(f, r, &rec);
    }
    if (r == GW_END && context && rec.context) {
        buf_text(&f->out, "context ");
        fixture_tree(f, rec.context, &f->out);
        buf_char(&f->out, '\n');
    }
    buf_format(&f->out, "%s\n", ends[r]);
    return r;
}
