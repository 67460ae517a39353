/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>

#include "store/known.h"

/* Small cells are gathered, so that the sum is asked for seldom. */
struct summing {
    const struct seal *seal;
    size_t len;
    uint8_t bytes[512];
};

static void sum_add(struct summing *m, const void *data, size_t len)
{
    if (len > sizeof(m->bytes) - m->len) {
        seal_sum_add(m->seal, m->bytes, m->len);
        m->len = 0;
    }
    if (len > sizeof(m->bytes)) {
        seal_sum_add(m->seal, data, len);
    } else if (len) {
        memcpy(m->bytes + m->len, data, len);
        m->len += len;
    }
}

static void sum_number(struct summing *m, uint8_t kind, uint64_t number)
{
    uint8_t bytes[9] = {kind};

    number = htole64(number);
    memcpy(bytes + 1, &number, sizeof(number));
    sum_add(m, bytes, sizeof(bytes));
}

static int64_t sum_of(struct store *s, const struct row *row)
{
    struct summing m = {.seal = &s->seal};

    seal_sum_begin(m.seal);
    sum_number(&m, 0, (uint64_t)row->table);
    for (unsigned i = 0; i < table_forms[row->table].n; i++) {
        const struct cell *c = &row->cells[i];

        if (c->kind == CELL_NUMBER) {
            sum_number(&m, CELL_NUMBER, (uint64_t)c->number);
        } else {
            size_t len = c->bytes.ptr ? c->bytes.len : 0;

            sum_number(&m, (uint8_t)c->kind, len);
            sum_add(&m, c->bytes.ptr, len);
        }
    }
    seal_sum_add(m.seal, m.bytes, m.len);
    return seal_sum_end(m.seal);
}

static void insert_sql(struct buf *b, const struct table_form *t)
{
    buf_format(b, "INSERT INTO %s(%s,sum) VALUES(", t->name, t->columns);
    for (unsigned i = 1; i <= t->n; i++)
        buf_format(b, "?%u,", i);
    buf_format(b, "?%u)", t->n + 1u);
}

static struct gw_str id_of(const struct table_form *t)
{
    struct gw_str rest;

    return str_cut(str_of(t->columns), ',', &rest);
}

static void update_sql(struct buf *b, const struct table_form *t)
{
    struct gw_str rest = str_of(t->columns), column;

    buf_format(b, "UPDATE %s SET ", t->name);
    for (unsigned i = 1; i <= t->n; i++) {
        column = str_cut(rest, ',', &rest);
        if (i > t->fixed)
            buf_format(b, "%.*s=?%u,", STR_ARG(column), i);
    }
    buf_format(b, "sum=?%u WHERE %.*s=?1", t->n + 1u, STR_ARG(id_of(t)));
}

static void make_sql(struct buf *b, const struct table_form *t, enum table_query which)
{
    struct gw_str id = id_of(t);

    switch (which) {
    case TABLE_INSERT:
        insert_sql(b, t);
        break;
    case TABLE_UPDATE:
        update_sql(b, t);
        break;
    case TABLE_LAST:
        buf_format(b, "SELECT coalesce(max(%.*s),0) FROM %s", STR_ARG(id), t->name);
        break;
    case TABLE_FIND:
        buf_format(b, "SELECT %s,sum FROM %s WHERE %.*s=?1", t->columns, t->name, STR_ARG(id));
        break;
    case TABLE_NEXT:
        buf_format(b, "SELECT %s,sum FROM %s WHERE %.*s>?1 ORDER BY 1 LIMIT 1", t->columns, t->name,
                   STR_ARG(id));
        break;
    case TABLE_REMOVE:
        buf_format(b, "DELETE FROM %s WHERE %.*s=?1", t->name, STR_ARG(id));
        break;
    case TABLE_QUERIES:
        break;
    }
}

static enum gw_result sql_of(struct store *s, enum table table, enum table_query which, const char **ret)
{
    const char **sql = &s->table_sql[table][which];
    struct buf b;

    if (!*sql) {
        buf_init(&b, 4096);
        make_sql(&b, &table_forms[table], which);
        *sql = b.failed ? NULL : arena_text(s->arena, buf_view(&b));
        buf_done(&b);
    }
    *ret = *sql;
    return *sql ? GW_OK : memory_fault(s);
}

static enum gw_result open_of(struct store *s, enum table table, enum table_query which, struct query *ret)
{
    const char *sql;
    enum gw_result r = sql_of(s, table, which, &sql);

    return r == GW_OK ? query_open(s, sql, ret) : r;
}

enum gw_result row_new_id(struct store *s, enum table table, int64_t *ret)
{
    struct query q;
    enum gw_result r;

    if (!s->last_ids[table]) {
        r = open_of(s, table, TABLE_LAST, &q);
        if (r == GW_OK)
            r = query_one(&q, &s->last_ids[table]);
        if (r != GW_OK)
            return r;
    }
    *ret = ++s->last_ids[table];
    return GW_OK;
}

static enum gw_result gather_row(struct store *s, const struct row *row, enum table_query which)
{
    unsigned n = table_forms[row->table].n, fixed = table_forms[row->table].fixed;
    struct cell cells[ROW_CELLS + 1];
    const char *update = NULL;
    enum gw_result r = which == TABLE_UPDATE ? sql_of(s, row->table, which, &update) : GW_OK;

    if (r != GW_OK)
        return r;
    memcpy(cells, row->cells, n * sizeof(*cells));
    for (unsigned i = 1; update && i < fixed; i++)
        cells[i] = (struct cell){.kind = CELL_OTHER};
    cells[n] = (struct cell){.kind = CELL_NUMBER, .number = sum_of(s, row)};
    r = s->driver->gather(s, row->table, update, cells, (int)n + 1);
    return r == GW_OK ? known_row(s, row) : r;
}

static bool gathers(const struct store *s, enum table table, enum table_query which)
{
    switch (table_forms[table].gathered) {
    case GATHERED_KNOWN:
        return known_gathers(s);
    case GATHERED_ALWAYS:
        return s->driver->gather && s->in_tx && which == TABLE_INSERT;
    case GATHERED_NEVER:
        break;
    }
    return false;
}

static enum gw_result write_row(struct store *s, const struct row *row, enum table_query which)
{
    int n = table_forms[row->table].n, fixed = which == TABLE_UPDATE ? table_forms[row->table].fixed : 0;
    struct query q;
    enum gw_result r;

    if (gathers(s, row->table, which))
        return gather_row(s, row, which);
    r = open_of(s, row->table, which, &q);
    if (r != GW_OK)
        return r;
    for (int i = 0; i < n; i++)
        if (i == 0 || i >= fixed)
            query_cell(&q, i + 1, &row->cells[i]);
    query_number(&q, n + 1, sum_of(s, row));
    return query_run(&q);
}

enum gw_result row_insert(struct store *s, const struct row *row)
{
    return write_row(s, row, TABLE_INSERT);
}

enum gw_result row_update(struct store *s, const struct row *row)
{
    return write_row(s, row, TABLE_UPDATE);
}

enum gw_result row_remove(struct store *s, enum table table, int64_t id)
{
    struct query q;
    enum gw_result r = open_of(s, table, TABLE_REMOVE, &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, id);
    return query_run(&q);
}

enum gw_result row_take(struct query *q, enum table table, struct row *ret)
{
    const struct table_form *t = &table_forms[table];

    row_start(ret, table);
    for (int i = 0; i < t->n; i++)
        q->s->driver->column(q->stmt, i, &ret->cells[i]);
    if (sum_of(q->s, ret) == query_column_number(q, t->n))
        return GW_OK;
    return row_fault(q->s, t->name, row_id(ret));
}

enum gw_result row_keep(struct store *s, struct row *row, struct arena *a)
{
    for (unsigned i = 0; i < table_forms[row->table].n; i++) {
        struct cell *c = &row->cells[i];

        if (!c->bytes.ptr)
            continue;
        c->bytes = arena_copy(a, c->bytes);
        if (!c->bytes.ptr)
            return memory_fault(s);
    }
    return GW_OK;
}

static enum gw_result read_row(struct store *s, enum table table, enum table_query which, int64_t id,
                               struct arena *a, struct row *ret)
{
    struct query q;
    enum gw_result r = open_of(s, table, which, &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, id);
    r = query_step(&q);
    if (r == GW_OK)
        r = row_take(&q, table, ret);
    if (r == GW_OK)
        r = row_keep(s, ret, a);
    query_close(&q);
    return r;
}

enum gw_result row_find(struct store *s, enum table table, int64_t id, struct arena *a, struct row *ret)
{
    enum gw_result r;

    if ((table == TABLE_RESOURCE || table == TABLE_PAYLOAD) && known_by_id(s, table, id, ret, &r) && r == GW_OK)
        return row_keep(s, ret, a);
    return read_row(s, table, TABLE_FIND, id, a, ret);
}

enum gw_result row_next(struct store *s, enum table table, int64_t id, struct arena *a, struct row *ret)
{
    return read_row(s, table, TABLE_NEXT, id, a, ret);
}

static struct seal_place place_of(const struct row *row, unsigned column)
{
    return (struct seal_place){(uint32_t)row->table, column, row_id(row)};
}

enum gw_result row_seal(struct store *s, struct seal *k, struct row *row, unsigned column, struct gw_str text,
                        struct arena *a)
{
    struct seal_place place = place_of(row, column);
    char *sealed;

    row->cells[column] = (struct cell){.kind = CELL_NULL};
    if (!text.ptr)
        return GW_OK;
    sealed = text.len < SIZE_MAX - SEAL_EXTRA ? arena_alloc(a, text.len + SEAL_EXTRA) : NULL;
    if (!sealed || seal_put(k, &place, text, (uint8_t *)sealed) != GW_OK)
        return memory_fault(s);
    row->cells[column] = (struct cell){.kind = CELL_BYTES, .bytes = {sealed, text.len + SEAL_EXTRA}};
    return GW_OK;
}

enum gw_result row_open(struct store *s, const struct row *row, unsigned column, struct arena *a,
                        struct gw_str *ret)
{
    struct seal_place place = place_of(row, column);
    struct gw_str sealed = row->cells[column].bytes;
    enum gw_result r;
    char *text;

    *ret = (struct gw_str){NULL, 0};
    if (!sealed.ptr)
        return GW_OK;
    if (!seal_is_of(&s->seal, sealed)) {
        r = keys_follow(s);
        if (r != GW_OK)
            return r;
        if (!seal_is_of(&s->seal, sealed))
            return row_fault(s, table_forms[row->table].name, row_id(row));
    }
    text = arena_alloc(a, sealed.len - SEAL_EXTRA + 1);
    if (!text)
        return memory_fault(s);
    if (seal_take(&s->seal, &place, sealed, (uint8_t *)text) != GW_OK)
        return row_fault(s, table_forms[row->table].name, row_id(row));
    text[sealed.len - SEAL_EXTRA] = '\0';
    *ret = (struct gw_str){text, sealed.len - SEAL_EXTRA};
    return GW_OK;
}
