/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Cells that a spreadsheet shows as one: the first holds the text. Below the header the others are rows that
 * look empty there: they are told, or hold the same text.
 */
#ifndef TABLE_MERGE_H
#define TABLE_MERGE_H

#include <stdbool.h>

#include "gw/plugin.h"

struct merge {
    uint32_t row, last_row;       /* from 1 */
    uint32_t column, last_column; /* from 0 */
};

/* What a column holds down to `last_row`: a copy. */
struct merge_held {
    char *text;
    size_t len, room;
    uint32_t last_row;
    uint8_t kind;
};

struct merges {
    struct merge *items;
    size_t count, room;
    size_t next;             /* the first that begins below the rows given */
    struct merge_held *held; /* by column; NULL: texts are not repeated */
    bool too_many;
};

/* Of the sheet at hand, in any order. GW_FATAL: no memory. */
GW_MUST_USE enum gw_result merge_add(struct gw_session *s, struct merges *m, struct merge merge);
/* By their first row: before the first merge_row(), where they were met in another order. */
void merge_sort(struct merges *m);
/* From now on texts are repeated. */
GW_MUST_USE enum gw_result merge_repeat(struct gw_session *s, struct merges *m, uint32_t columns);
/* The cells of a row, one a column: those that a merge covers hold its text. Valid until the next row. */
GW_MUST_USE enum gw_result merge_row(struct gw_session *s, struct merges *m, uint32_t row,
                                     struct gw_node *cells, uint32_t columns);
/* The first that reaches below that row; NULL: none. */
const struct merge *merge_below(const struct merges *m, uint32_t row);
/* A new sheet. */
void merge_clear(struct merges *m);

#endif
