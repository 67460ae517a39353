/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows of our own tables (catalogue, code lists, fields.csv): UTF-8, `;`, quotes as in RFC 4180,
 * a line break inside quotes allowed. Partners' files are read by a plugin, not by this.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/arena.h"
#include "base/buf.h"

struct csv {
    struct arena *arena; /* for cells with doubled quotes; the others point into the text */
    struct gw_str left;
    const char *last_end; /* the last line feed of the text; NULL */
    uint32_t line;        /* of the row that csv_row() gave last, from 1 */
    uint32_t next_line;
};

void csv_open(struct csv *c, struct arena *arena, struct gw_str text);
/* The next row that is not blank. GW_END: no more. GW_REJECT: a quote that is never closed or is
 * followed by something; that row is passed over. *ret_n may be more than `max`, the room in `cells`. */
GW_MUST_USE enum gw_result csv_row(struct csv *c, struct gw_str *cells, size_t max, size_t *ret_n);
/* The next row, if it has no quote in its first `n` cells and `tail` is what stands behind them, the line end
 * included. False: nothing is taken. For long lists, where most rows end as the row before. */
bool csv_row_ending(struct csv *c, struct gw_str tail, struct gw_str *cells, size_t n);

/* For tables that people open with a spreadsheet: each cell in quotes, CR LF behind the row. What a spreadsheet
 * would take for a formula, and what looks as if it had one, has an apostrophe before it; amounts are no
 * formulas. It is the rule of the csv plugin's `guard`, which takes the apostrophe away again. */
void csv_cells(struct buf *out, const struct gw_str *cells, size_t n);
void csv_cell(struct buf *out, struct gw_str text);
struct gw_str csv_bare(struct gw_str cell); /* without that apostrophe */

#endif
