/* SPDX-License-Identifier: EUPL-1.2 */
#include "table/grid.h"

#include <string.h>

#include "table/keep.h"

void grid_clear(struct grid *g)
{
    g->ncells = g->nrows = g->len = g->taken = g->row_begin = g->mark = 0;
    g->open = false;
}

enum gw_result grid_begin(struct grid *g, uint32_t number, uint32_t repeat)
{
    struct grid_row *rows = keep_more(g->s, g->rows, g->nrows, g->nrows + 1, &g->rows_room, sizeof(*rows));

    if (!rows)
        return GW_FATAL;
    g->rows = rows;
    g->rows[g->nrows++] = (struct grid_row){.number = number, .repeat = repeat, .first = (uint32_t)g->ncells};
    g->row_begin = g->len;
    g->open = true;
    return GW_OK;
}

enum gw_result grid_add(struct grid *g, const char *text, size_t len)
{
    char *grown;

    if (g->len - g->row_begin + len > g->s->stream->record_bytes)
        return GW_REJECT;
    grown = keep_more(g->s, g->text, g->len, g->len + len + 1, &g->room, 1);
    if (!grown)
        return GW_FATAL;
    g->text = grown;
    if (len)
        memcpy(g->text + g->len, text, len);
    g->len += len;
    return GW_OK;
}

enum gw_result grid_cell(struct grid *g, uint32_t column, enum gw_kind kind, struct gw_str shared)
{
    size_t at = g->mark;
    struct grid_cell *cells =
        keep_more(g->s, g->cells, g->ncells, g->ncells + 1, &g->cells_room, sizeof(*cells));

    if (!cells)
        return GW_FATAL;
    g->cells = cells;
    if (column >= GRID_COLUMNS || g->ncells - g->rows[g->nrows - 1].first >= GRID_COLUMNS)
        return GW_REJECT;
    if (shared.ptr)
        g->len = at;
    g->cells[g->ncells++] = (struct grid_cell){.text = shared.ptr,
                                               .at = at,
                                               .len = (uint32_t)(shared.ptr ? shared.len : g->len - at),
                                               .column = column,
                                               .kind = (uint8_t)kind};
    return GW_OK;
}

void grid_end(struct grid *g)
{
    struct grid_row *row = &g->rows[g->nrows - 1];

    row->count = (uint32_t)g->ncells - row->first;
    g->open = false;
}

struct grid_row *grid_take(struct grid *g)
{
    return g->taken < g->nrows - g->open ? &g->rows[g->taken++] : NULL;
}

void grid_compact(struct grid *g)
{
    struct grid_row *row = &g->rows[g->nrows - 1];
    size_t begin = g->row_begin;

    if (!g->open) {
        grid_clear(g);
        return;
    }
    g->ncells -= row->first;
    if (g->ncells)
        memmove(g->cells, g->cells + row->first, g->ncells * sizeof(*g->cells));
    for (size_t i = 0; i < g->ncells; i++)
        g->cells[i].at -= begin;
    g->len -= begin;
    g->mark = g->mark > begin ? g->mark - begin : 0;
    if (g->len)
        memmove(g->text, g->text + begin, g->len);
    row->first = 0;
    g->rows[0] = *row;
    g->nrows = 1;
    g->taken = g->row_begin = 0;
}
