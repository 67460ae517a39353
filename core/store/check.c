/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Looks at everything: the file by the driver, each row by its sum, each sealed text by opening it, and by
 * queries what rows say of each other. All in one view of the store, in memory that does not grow with it.
 */
#include "store/audit.h"
#include "store/exchange_row.h"
#include "store/resources.h"

struct check {
    struct store *s;
    uint64_t faults;
};

/* Faults are counted, everything else ends it. */
static enum gw_result noted(struct check *c, enum gw_result r)
{
    if (r != GW_REJECT)
        return r;
    c->faults++;
    return GW_OK;
}

/* ---- rows by themselves ---- */

/* What is wrong with a row that another row leads to is told with its own table. */
static enum gw_result open_present(struct store *s, const struct row *row, struct arena *a,
                                   struct gw_str *ret_payload, struct gw_str *ret_number)
{
    struct row version;
    enum gw_result r;

    s->told_already = true;
    r = row_find(s, TABLE_PAYLOAD, payload_id(row_id(row), row->cells[RESOURCE_VERSION].number), a, &version);
    if (r == GW_OK)
        r = row_open(s, &version, PAYLOAD_SEALED, a, ret_payload);
    if (r == GW_OK)
        r = row_open(s, row, RESOURCE_NUMBER, a, ret_number);
    s->told_already = false;
    return r;
}

/* The digest of a resource is that of its present payload and number; older payloads have their seal. */
static enum gw_result check_digest(struct store *s, const struct row *row, struct arena *a)
{
    struct gw_str payload, number;
    uint8_t digest[32];
    enum gw_result r = open_present(s, row, a, &payload, &number);

    if (r == GW_END || r == GW_REJECT) /* not there: the relations below say so */
        return GW_OK;
    if (r != GW_OK)
        return r;
    resource_digest(s, payload, number, digest);
    if (memcmp(digest, row->cells[RESOURCE_DIGEST].bytes.ptr, sizeof(digest)) == 0)
        return GW_OK;
    return row_fault(s, "resource", row_id(row));
}

static enum gw_result check_counts(struct store *s, struct row *row)
{
    int64_t state = row->cells[EXCHANGE_STATE].number;
    struct exchange_counts counts;

    if (state != EXCHANGE_DONE && state != EXCHANGE_DONE_REJECTS)
        return GW_OK;
    exchange_counts_of(row, &counts);
    return counts_balance(&counts) ? GW_OK : row_fault(s, "exchange", row_id(row));
}

static enum gw_result is_there(struct store *s, int64_t resource)
{
    struct query q;
    int64_t id;
    enum gw_result r = query_open(s, "SELECT id FROM resource WHERE id=?1", &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, resource);
    return query_one(&q, &id);
}

static enum gw_result check_members(struct store *s, const struct row *row)
{
    struct gw_str members = row->cells[UNIT_MEMBERS].bytes;
    enum gw_result r = GW_OK;
    uint64_t id;

    for (size_t at = 0; r == GW_OK && at + sizeof(id) <= members.len; at += sizeof(id)) {
        memcpy(&id, members.ptr + at, sizeof(id));
        r = is_there(s, (int64_t)le64toh(id));
    }
    return r == GW_END ? row_fault(s, "unit", row_id(row)) : r;
}

static enum gw_result check_row(struct check *c, struct row *row, struct arena *a)
{
    const struct table_form *t = &table_forms[row->table];
    struct gw_str text;
    enum gw_result r = GW_OK;

    for (size_t i = 0; r == GW_OK && i < 2 && t->sealed[i]; i++)
        r = noted(c, row_open(c->s, row, t->sealed[i], a, &text));
    if (r == GW_OK && row->table == TABLE_RESOURCE)
        r = noted(c, check_digest(c->s, row, a));
    if (r == GW_OK && row->table == TABLE_EXCHANGE)
        r = noted(c, check_counts(c->s, row));
    if (r == GW_OK && row->table == TABLE_UNIT)
        r = noted(c, check_members(c->s, row));
    return r;
}

static enum gw_result check_table(struct check *c, enum table table)
{
    struct arena a = {0};
    struct row row;
    enum gw_result r;
    int64_t id = INT64_MIN;

    while ((r = row_next(c->s, table, id, &a, &row)) == GW_OK || r == GW_REJECT) {
        id = row_id(&row);
        r = r == GW_REJECT ? noted(c, r) : check_row(c, &row, &a);
        if (r != GW_OK)
            break;
        arena_reset(&a);
    }
    arena_done(&a);
    return r == GW_END ? GW_OK : r;
}

/* ---- rows by each other ---- */

#define DANGLING(table, column, to)                                                                            \
    {                                                                                                          \
#table, "SELECT id FROM " #table " t WHERE " #column "<>0 AND NOT EXISTS (SELECT 1 FROM " #to          \
                " o WHERE o.id=t." #column ")"                                                                 \
    }

static const struct {
    const char *table, *sql;
} relations[] = {
    DANGLING(exchange, same_as, exchange),
    DANGLING(exchange, flow, name),
    DANGLING(exchange, partner, name),
    DANGLING(resource, partner, name),
    DANGLING(resource, flow, name),
    DANGLING(resource, type, name),
    DANGLING(resource, purpose, name),
    DANGLING(payload, exchange, exchange),
    DANGLING(unit, exchange, exchange),
    DANGLING(sight, id, unit),
    DANGLING(reject, exchange, exchange),
    DANGLING(reject, replayed_in, exchange),
    DANGLING(delivery, exchange, exchange),
    DANGLING(delivery, unit, unit),
    DANGLING(delivery, resource, resource),
    {"payload", "SELECT id FROM payload p WHERE NOT EXISTS"
                " (SELECT 1 FROM resource r WHERE r.id=p.id>>20 AND r.version>=(p.id&1048575))"},
    /* retention takes the oldest versions: those that are left have no gap up to the present one */
    {"resource", "SELECT id FROM resource r WHERE coalesce((SELECT max(p.id)<>(r.id<<20|r.version)"
                 " OR max(p.id)-min(p.id)+1<>count(*) FROM payload p"
                 " WHERE p.id>r.id<<20 AND p.id<(r.id+1)<<20),TRUE)"},
    {"meta", "SELECT id FROM meta WHERE units<>(SELECT count(*) FROM unit)"
             " OR resources<>(SELECT count(*) FROM resource) OR versions<>(SELECT count(*) FROM payload)"},
};

static enum gw_result check_relation(struct check *c, const char *table, const char *sql)
{
    struct query q;
    enum gw_result r = query_open(c->s, sql, &q);

    if (r != GW_OK)
        return r;
    while ((r = query_step(&q)) == GW_OK)
        (void)noted(c, row_fault(c->s, table, query_column_number(&q, 0)));
    query_close(&q);
    return r == GW_END ? GW_OK : r;
}

static enum gw_result check_all(struct check *c)
{
    int64_t id;
    enum gw_result r = c->s->driver->check(c->s, &c->faults);

    for (int t = 0; r == GW_OK && t < TABLES; t++)
        r = check_table(c, (enum table)t);
    for (size_t i = 0; r == GW_OK && i < sizeof(relations) / sizeof(relations[0]); i++)
        r = check_relation(c, relations[i].table, relations[i].sql);
    return r == GW_OK ? noted(c, audit_verify(c->s, &id)) : r;
}

enum gw_result store_check(struct store *s, uint64_t *ret_faults)
{
    struct check c = {.s = s};
    bool own;
    enum gw_result r = view_begin(s, &own);

    if (r != GW_OK)
        return r;
    r = view_end(s, own, check_all(&c));
    if (r == GW_OK)
        *ret_faults = c.faults;
    return r;
}
