/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * All of a store into an empty one, of whatever kind: rows as they are, with their ids and sums, which the same
 * keys vouch for. One view of the one, one transaction of the other; then what is there is looked at.
 */
#include "store/row.h"

#define META_COLUMNS  "id,generation,keys,units,resources,versions,audit_id,audit_digest,audit_mac"
#define AUDIT_COLUMNS "id,at,actor,action,subject,detail,before,digest"

/* Its row is what others wait for: it stays. */
#define META_UPDATE                                                                                            \
    "UPDATE meta SET id=?1, generation=?2, keys=?3, units=?4, resources=?5, versions=?6, audit_id=?7,"         \
    " audit_digest=?8, audit_mac=?9"

struct copy {
    struct store *from, *to;
    uint64_t rows;
};

/* A table with all its columns, as many as the row's cells and the sum at most. */
struct copied {
    const char *name, *columns;
    bool sums;
    const char *into; /* NULL: an INSERT */
};

static const char *select_sql(struct arena *a, const struct copied *t)
{
    return arena_format(a, "SELECT %s%s FROM %s ORDER BY 1", t->columns, t->sums ? ",sum" : "", t->name);
}

static int columns_of(const struct copied *t)
{
    int n = 1 + t->sums;

    for (const char *at = t->columns; *at; at++)
        n += *at == ',';
    return n;
}

static const char *insert_sql(struct arena *a, const struct copied *t)
{
    struct buf b;
    char *sql;

    if (t->into)
        return t->into;
    buf_init(&b, 8192);
    buf_format(&b, "INSERT INTO %s(%s%s) VALUES(?1", t->name, t->columns, t->sums ? ",sum" : "");
    for (int i = 2; i <= columns_of(t); i++)
        buf_format(&b, ",?%d", i);
    buf_char(&b, ')');
    sql = b.failed ? NULL : arena_text(a, buf_view(&b));
    buf_done(&b);
    return sql;
}

static enum gw_result put_row(struct copy *c, struct query *from, const char *sql, int n)
{
    struct query q;
    enum gw_result r = query_open(c->to, sql, &q);

    for (int i = 0; r == GW_OK && i < n; i++) {
        struct cell cell;

        c->from->driver->column(from->stmt, i, &cell);
        query_cell(&q, i + 1, &cell);
    }
    c->rows++;
    return r == GW_OK ? query_run(&q) : r;
}

static enum gw_result copy_table(struct copy *c, const struct copied *t)
{
    const char *sql = select_sql(c->from->arena, t), *into = insert_sql(c->to->arena, t);
    struct query q;
    enum gw_result r = sql && into ? query_open(c->from, sql, &q) : memory_fault(c->to);

    if (r != GW_OK)
        return r;
    while ((r = query_step(&q)) == GW_OK)
        if ((r = put_row(c, &q, into, columns_of(t))) != GW_OK)
            break;
    query_close(&q);
    return r == GW_END ? GW_OK : r;
}

static enum gw_result copy_all(struct copy *c)
{
    static const struct copied meta = {"meta", META_COLUMNS, false, META_UPDATE};
    static const struct copied audit = {"audit", AUDIT_COLUMNS, false, NULL};
    enum gw_result r = copy_table(c, &meta);

    for (int t = 0; r == GW_OK && t < TABLES; t++)
        r = copy_table(c, &(struct copied){table_forms[t].name, table_forms[t].columns, true, NULL});
    return r == GW_OK ? copy_table(c, &audit) : r;
}

/* GW_OK: nothing was ever put into it. */
static enum gw_result is_empty(struct store *s)
{
    struct query q;
    int64_t n = 0;
    enum gw_result r = query_open(s, "SELECT (SELECT count(*) FROM name)+(SELECT count(*) FROM audit)", &q);

    if (r == GW_OK)
        r = query_one(&q, &n);
    return r == GW_OK && n ? path_fault(s, "store.exists") : r;
}

static enum gw_result copy_into(struct copy *c)
{
    bool own;
    enum gw_result r = view_begin(c->from, &own);

    if (r != GW_OK)
        return r;
    r = store_begin(c->to);
    if (r == GW_OK)
        r = is_empty(c->to);
    if (r == GW_OK)
        r = copy_all(c);
    if (r == GW_OK)
        r = store_commit(c->to);
    else
        store_rollback(c->to);
    return view_end(c->from, own, r);
}

enum gw_result store_copy(struct store *from, struct store *to, uint64_t *ret_rows)
{
    struct copy c = {.from = from, .to = to};
    uint64_t faults = 0;
    enum gw_result r = copy_into(&c);

    if (r == GW_OK)
        r = keys_load(to);
    if (r == GW_OK)
        r = store_check(to, &faults);
    *ret_rows = c.rows;
    return r == GW_OK && faults ? GW_REJECT : r;
}
