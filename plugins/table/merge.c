/* SPDX-License-Identifier: EUPL-1.2 */
#include "table/merge.h"

#include <stdlib.h>

#include "table/keep.h"

#define MERGES_MOST 100000u

enum gw_result merge_add(struct gw_session *s, struct merges *m, struct merge merge)
{
    struct merge *items;

    if (merge.row == merge.last_row && merge.column == merge.last_column)
        return GW_OK;
    m->too_many |= m->count == MERGES_MOST;
    if (m->too_many)
        return GW_OK;
    items = keep_more(s, m->items, m->count, m->count + 1, &m->room, sizeof(*items));
    if (!items)
        return GW_FATAL;
    m->items = items;
    m->items[m->count++] = merge;
    return GW_OK;
}

static int above(const void *a, const void *b)
{
    const struct merge *x = a, *y = b;

    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return x->column < y->column ? -1 : x->column > y->column;
}

enum gw_result merge_repeat(struct gw_session *s, struct merges *m, uint32_t columns)
{
    m->held = gw_keep(s, (columns + 1u) * sizeof(*m->held));
    if (!m->held)
        return GW_FATAL;
    memset(m->held, 0, (columns + 1u) * sizeof(*m->held));
    return GW_OK;
}

static enum gw_result hold(struct gw_session *s, struct merge_held *h, const struct gw_node *cell,
                           uint32_t last_row)
{
    char *text = keep_more(s, h->text, 0, cell->len + 1u, &h->room, 1);

    if (!text)
        return GW_FATAL;
    h->text = text;
    if (cell->len)
        memcpy(h->text, cell->text, cell->len);
    h->len = cell->len;
    h->kind = cell->kind;
    h->last_row = last_row;
    return GW_OK;
}

/* The merges that begin in this row: what their columns hold from now on. Rows passed over begin none. */
static enum gw_result begin(struct gw_session *s, struct merges *m, uint32_t row, const struct gw_node *cells,
                            uint32_t columns)
{
    enum gw_result r = GW_OK;

    for (; r == GW_OK && m->next < m->count && m->items[m->next].row <= row; m->next++) {
        const struct merge *merge = &m->items[m->next];

        for (uint32_t c = merge->column;
             r == GW_OK && merge->row == row && c <= merge->last_column && c < columns; c++)
            r = hold(s, &m->held[c], &cells[merge->column], merge->last_row);
    }
    return r;
}

enum gw_result merge_row(struct gw_session *s, struct merges *m, uint32_t row, struct gw_node *cells,
                         uint32_t columns)
{
    enum gw_result r;

    if (!m->held)
        return GW_OK;
    r = begin(s, m, row, cells, columns);
    for (uint32_t c = 0; r == GW_OK && c < columns; c++) {
        const struct merge_held *h = &m->held[c];

        if (row > h->last_row || !h->len || cells[c].len)
            continue;
        cells[c].text = h->text;
        cells[c].len = (uint32_t)h->len;
        cells[c].kind = h->kind;
    }
    return r;
}

const struct merge *merge_below(const struct merges *m, uint32_t row)
{
    const struct merge *first = NULL;

    for (size_t i = 0; i < m->count; i++)
        if (m->items[i].last_row > row && (!first || above(&m->items[i], first) < 0))
            first = &m->items[i];
    return first;
}

void merge_sort(struct merges *m)
{
    if (m->count)
        qsort(m->items, m->count, sizeof(*m->items), above);
}

void merge_clear(struct merges *m)
{
    m->count = m->next = 0;
    m->too_many = false;
}
