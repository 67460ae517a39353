/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows on their way from a parser, which makes several at a time, to records, which are wanted one by one. What
 * is whole is taken from the front; what is begun moves there when nothing else is left. Memory grows with the
 * largest row and the parser's block, not with the sheet.
 */
#ifndef TABLE_GRID_H
#define TABLE_GRID_H

#include <stdbool.h>

#include "gw/plugin.h"

#define GRID_COLUMNS 16384u /* more no spreadsheet has */

struct grid_cell {
    const char *text; /* NULL: it lies in the grid's own text, at `at` */
    size_t at;
    uint32_t len;
    uint32_t column; /* from 0 */
    uint8_t kind;    /* of gw_kind; GW_NULL: something is wrong with it, said */
};

struct grid_row {
    uint32_t number; /* from 1 */
    uint32_t first, count;
    uint32_t repeat; /* how often it stands there */
};

struct grid {
    struct gw_session *s;
    struct grid_cell *cells;
    struct grid_row *rows;
    char *text;
    size_t ncells, cells_room, nrows, rows_room, len, room;
    size_t taken;     /* rows given */
    size_t row_begin; /* of the open row's text */
    size_t mark;      /* of the open cell's */
    bool open;        /* the last row is not whole */
};

void grid_clear(struct grid *g);
/* GW_FATAL: no memory. GW_REJECT: a row larger than a record may be; not said. */
GW_MUST_USE enum gw_result grid_begin(struct grid *g, uint32_t number, uint32_t repeat);
GW_MUST_USE enum gw_result grid_add(struct grid *g, const char *text, size_t len);
/* A cell begins: what is added from now on is its text. */
static inline void grid_mark(struct grid *g)
{
    g->mark = g->len;
}

/* The open cell's text, up to now. */
static inline struct gw_str grid_open(const struct grid *g)
{
    return (struct gw_str){g->text ? g->text + g->mark : NULL, g->len - g->mark};
}

/* The open cell is whole: with the text that was added, or with `shared` if that is there. */
GW_MUST_USE enum gw_result grid_cell(struct grid *g, uint32_t column, enum gw_kind kind, struct gw_str shared);
void grid_end(struct grid *g);
/* The next whole row; NULL: none, feed the parser. Valid until grid_compact(). */
struct grid_row *grid_take(struct grid *g);
/* After the last was taken: what is begun moves to the front. */
void grid_compact(struct grid *g);

static inline struct gw_str grid_text(const struct grid *g, const struct grid_cell *c)
{
    return (struct gw_str){c->text ? c->text : g->text + c->at, c->len};
}

#endif
