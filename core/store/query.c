/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdint.h>

#include "store/inside.h"

static struct kept_query *slot_of(struct store *s, const char *sql)
{
    size_t at = (size_t)((uintptr_t)sql * 0x9e3779b97f4a7c15u >> 40) % KEPT_QUERIES;

    while (s->kept[at].sql && s->kept[at].sql != sql)
        at = (at + 1) % KEPT_QUERIES;
    return &s->kept[at];
}

enum gw_result query_open(struct store *s, const char *sql, struct query *ret)
{
    struct kept_query *k = slot_of(s, sql);
    bool keep = !k->open;
    enum gw_result r = GW_OK;

    *ret = (struct query){.s = s, .stmt = k->stmt, .kept = keep ? k : NULL};
    if (!keep || !k->stmt)
        r = s->driver->prepare(s, sql, keep, &ret->stmt);
    if (r == GW_OK && keep)
        *k = (struct kept_query){sql, ret->stmt, true};
    return r;
}

void query_cell(struct query *q, int at, const struct cell *value)
{
    enum gw_result r = q->s->driver->bind(q->s, q->stmt, at, value);

    if (r != GW_OK && !q->bound)
        q->bound = r;
}

void query_number(struct query *q, int at, int64_t value)
{
    query_cell(q, at, &(struct cell){.kind = CELL_NUMBER, .number = value});
}

void query_text(struct query *q, int at, struct gw_str value)
{
    query_cell(q, at, &(struct cell){.kind = CELL_TEXT, .bytes = value});
}

void query_bytes(struct query *q, int at, struct gw_str value)
{
    query_cell(q, at, &(struct cell){.kind = CELL_BYTES, .bytes = value});
}

enum gw_result query_step(struct query *q)
{
    return q->bound ? q->bound : q->s->driver->step(q->s, q->stmt);
}

void query_close(struct query *q)
{
    if (!q->kept) {
        q->s->driver->finish(q->s, q->stmt);
        return;
    }
    q->s->driver->reset(q->s, q->stmt);
    q->kept->open = false;
}

enum gw_result query_run(struct query *q)
{
    enum gw_result r = q->bound ? q->bound : q->s->driver->run(q->s, q->stmt);

    query_close(q);
    return r;
}

enum gw_result query_changed(struct store *s, int64_t *ret)
{
    return s->driver->changed(s, ret);
}

enum gw_result store_run(struct store *s, const char *sql)
{
    struct query q;
    enum gw_result r = query_open(s, sql, &q);

    return r == GW_OK ? query_run(&q) : r;
}

enum gw_result query_one(struct query *q, int64_t *ret)
{
    enum gw_result r = query_step(q);

    if (r == GW_OK)
        *ret = query_column_number(q, 0);
    query_close(q);
    return r;
}

struct gw_str query_column(struct query *q, int at)
{
    struct cell c;

    q->s->driver->column(q->stmt, at, &c);
    return c.bytes;
}

int64_t query_column_number(struct query *q, int at)
{
    struct cell c;

    q->s->driver->column(q->stmt, at, &c);
    return c.number;
}
