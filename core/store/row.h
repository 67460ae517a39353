/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A row as cells, in the order of its table's columns: filled and taken one after the other. Writing adds the
 * keyed sum over the cells, reading compares it, so that a row that was changed by hand is never believed.
 */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include "store/inside.h"

struct row {
    enum table table;
    unsigned at; /* the next cell to be filled or taken */
    struct cell cells[ROW_CELLS];
};

static inline void row_start(struct row *row, enum table table)
{
    row->table = table;
    row->at = 0;
}

static inline void row_add_number(struct row *row, int64_t value)
{
    row->cells[row->at++] = (struct cell){.kind = CELL_NUMBER, .number = value};
}

static inline void row_add_text(struct row *row, struct gw_str value)
{
    row->cells[row->at++] = (struct cell){.kind = value.ptr ? CELL_TEXT : CELL_NULL, .bytes = value};
}

static inline void row_add_bytes(struct row *row, struct gw_str value)
{
    row->cells[row->at++] = (struct cell){.kind = value.ptr ? CELL_BYTES : CELL_NULL, .bytes = value};
}

static inline void row_add_digest(struct row *row, const uint8_t *digest, size_t len)
{
    row_add_bytes(row, (struct gw_str){(const char *)digest, len});
}

static inline int64_t row_number(struct row *row)
{
    return row->cells[row->at++].number;
}

static inline struct gw_str row_bytes(struct row *row)
{
    return row->cells[row->at++].bytes;
}

/* Of another length than it was written with it would not have passed its sum. */
static inline void row_digest(struct row *row, uint8_t *ret, size_t len)
{
    struct gw_str b = row_bytes(row);

    memcpy(ret, b.ptr, b.len < len ? b.len : len);
}

static inline int64_t row_id(const struct row *row)
{
    return row->cells[0].number;
}

/* The id of a row to be made. */
GW_MUST_USE enum gw_result row_new_id(struct store *s, enum table table, int64_t *ret);
GW_MUST_USE enum gw_result row_insert(struct store *s, const struct row *row);
/* By its id; what is fixed in the table stays. */
GW_MUST_USE enum gw_result row_update(struct store *s, const struct row *row);
/* The row of that id, if there is one. */
GW_MUST_USE enum gw_result row_remove(struct store *s, enum table table, int64_t id);
/* GW_END: no such row. GW_REJECT: reported. Lives in the arena. */
GW_MUST_USE enum gw_result row_find(struct store *s, enum table table, int64_t id, struct arena *a,
                                    struct row *ret);
/* The row that a query of the table's columns and `sum` is at: it lives until the next step. GW_REJECT:
 * reported. */
GW_MUST_USE enum gw_result row_take(struct query *q, enum table table, struct row *ret);
GW_MUST_USE enum gw_result row_keep(struct store *s, struct row *row,
                                    struct arena *a); /* copied into the arena */
/* The first row behind `id`; GW_END. A row that is not what was written is GW_REJECT with its id in *ret. */
GW_MUST_USE enum gw_result row_next(struct store *s, enum table table, int64_t id, struct arena *a,
                                    struct row *ret);

/* Of a walk over rows: stopped or at its end is good, unless a row on the way was not. */
static inline enum gw_result each_result(enum gw_result r, bool bad)
{
    if (r == GW_OK || r == GW_END || r == GW_REJECT)
        return bad ? GW_REJECT : GW_OK;
    return r;
}

/* Text to and from a sealed cell; absent stays absent. `k`: the store's own, but for a rotation. */
GW_MUST_USE enum gw_result row_seal(struct store *s, struct seal *k, struct row *row, unsigned column,
                                    struct gw_str text, struct arena *a);
GW_MUST_USE enum gw_result row_open(struct store *s, const struct row *row, unsigned column, struct arena *a,
                                    struct gw_str *ret);

#endif
