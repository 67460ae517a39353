/* SPDX-License-Identifier: EUPL-1.2 */
#include "table/sheet.h"

#include <stdio.h>
#include <string.h>

#define HEAD_ROWS 30  /* among which the header is looked for */
#define HEAD_CELL 256 /* a longer text is no name of a column */

enum gw_result sheet_grid(struct sheet *sh, enum gw_result r)
{
    char rooms[2][20];
    struct gw_arg args[] = {{"row", gw_digits(sh->at.line, rooms[0])},
                            {"limit", gw_digits(sh->s->stream->record_bytes, rooms[1])}};

    return r == GW_REJECT ? gw_fail(sh->s, sh->at, sh->codes->large, args, 2) : r;
}

void sheet_warn_error(struct sheet *sh, struct gw_str value)
{
    struct gw_arg arg = {"value", value};

    gw_report(sh->s, GW_WARNING, sh->at, sh->codes->error, &arg, 1);
}

void sheet_warn_formula(struct sheet *sh)
{
    if (!sh->warned_formula)
        gw_report(sh->s, GW_WARNING, sh->at, sh->codes->formula, NULL, 0);
    sh->warned_formula = true;
}

static bool is_blank(struct gw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] > ' ')
            return false;
    return true;
}

/* How many of the row's cells have something in them, of the first `columns`. */
static uint32_t filled(const struct grid *g, const struct grid_row *row, uint32_t columns)
{
    const struct grid_cell *c = &g->cells[row->first];
    uint32_t n = 0;

    for (uint32_t i = 0; i < row->count; i++, c++)
        n += c->column < columns && !is_blank(grid_text(g, c));
    return n;
}

static enum gw_result feed(struct sheet *sh)
{
    enum gw_result r = sh->fed ? GW_END : sh->way->feed(sh);

    sh->fed |= r == GW_END;
    return r;
}

/* ---- the header ---- */

/* How much of a header the row is: known columns; where none are known, all that has something in it. */
static enum gw_result score(struct sheet *sh, const struct grid_row *row, uint32_t *ret)
{
    const struct grid *g = &sh->grid;

    *ret = 0;
    if (sh->s->stream->ncolumns == 0) {
        *ret = filled(g, row, GRID_COLUMNS);
        return GW_OK;
    }
    for (uint32_t i = 0; i < row->count; i++) {
        const struct grid_cell *c = &g->cells[row->first + i];
        struct gw_str text = grid_text(g, c);
        uint16_t name;

        if (c->kind != GW_TEXT || text.len == 0 || text.len > HEAD_CELL)
            continue;
        name = gw_name(sh->s, text.ptr, text.len);
        if (!name)
            return GW_FATAL;
        *ret += columns_known(sh->s, name);
    }
    return GW_OK;
}

/* Where no column is known the first row is the header, unless it is a title: then one below has twice its
 * cells. */
static bool is_better(const struct sheet *sh, uint32_t found, uint32_t best)
{
    return sh->s->stream->ncolumns ? found > best : found > best && found / 2 >= best;
}

/* The row that the options name, or the best. The grid has all that it may be. */
static enum gw_result choose(struct sheet *sh, const struct grid_row **ret)
{
    const struct grid *g = &sh->grid;
    uint64_t line = sh->config->header_line;
    uint32_t best = 0, found;
    enum gw_result r = GW_OK;

    *ret = NULL;
    for (size_t i = 0; r == GW_OK && i < g->nrows - g->open; i++) {
        const struct grid_row *row = &g->rows[i];

        if (line ? row->number != line : i >= HEAD_ROWS)
            continue;
        r = line ? GW_OK : score(sh, row, &found);
        if (line)
            found = filled(g, row, GRID_COLUMNS) > 0;
        if (r == GW_OK && is_better(sh, found, best)) {
            best = found;
            *ret = row;
        }
    }
    return r;
}

/* Whether rows that may be the header are still to come. */
static bool wants_more(const struct sheet *sh)
{
    const struct grid *g = &sh->grid;
    size_t whole = g->nrows - g->open;

    if (sh->config->header_line)
        return whole == 0 || g->rows[whole - 1].number < sh->config->header_line;
    return whole < HEAD_ROWS;
}

static enum gw_result find_header(struct sheet *sh, const struct grid_row **ret)
{
    enum gw_result r = GW_OK;

    while (r == GW_OK && wants_more(sh)) {
        if (sh->grid.nrows > 2 * HEAD_ROWS)
            grid_compact(&sh->grid); /* rows above the one that was named */
        r = feed(sh);
    }
    return r == GW_OK || r == GW_END ? choose(sh, ret) : r;
}

/* The header's cells become columns, up to the last that has a name. */
static enum gw_result take_header(struct sheet *sh, const struct grid_row *row)
{
    struct grid *g = &sh->grid;
    struct gw_place at = {0, row->number, 1};
    struct gw_str names[1] = {{NULL, 0}};
    uint32_t count = 0, next = 0;
    enum gw_result r;

    for (uint32_t i = 0; i < row->count; i++)
        if (!is_blank(grid_text(g, &g->cells[row->first + i])))
            count = g->cells[row->first + i].column + 1;
    r = columns_make(sh->s, &sh->columns, count, at);
    for (uint32_t i = 0; r == GW_OK && i < row->count && next < count; i++) {
        const struct grid_cell *c = &g->cells[row->first + i];

        while (r == GW_OK && next < c->column && next < count)
            r = columns_add(sh->s, &sh->columns, names[0], (struct gw_place){0, row->number, ++next});
        if (r == GW_OK && next == c->column)
            r = columns_add(sh->s, &sh->columns, grid_text(g, c), (struct gw_place){0, row->number, ++next});
    }
    sh->cells = r == GW_OK ? gw_keep(sh->s, (count + 1u) * sizeof(*sh->cells)) : NULL;
    if (r == GW_OK && !sh->cells)
        return GW_FATAL;
    g->taken = (size_t)(row - g->rows) + 1;
    sh->header = row->number;
    if (r == GW_OK && sh->config->merged == MERGED_REPEAT)
        r = merge_repeat(sh->s, &sh->merges, count);
    return r == GW_OK ? columns_check(sh->s, &sh->columns, at) : r;
}

/* ---- which sheet ---- */

static bool is_wanted(const struct sheet *sh, uint32_t rank)
{
    struct gw_str wanted = sh->config->sheet;

    if (wanted.len == 0)
        return !sh->hidden;
    return (wanted.len == sh->name.len && memcmp(wanted.ptr, sh->name.ptr, wanted.len) == 0) ||
           part_number(wanted, 0) == rank + 1;
}

static enum gw_result no_sheet(struct sheet *sh, bool any_row)
{
    struct gw_arg arg = {"found", sh->config->sheet};

    if (sh->config->sheet.len)
        return gw_fail(sh->s, (struct gw_place){0}, sh->codes->none, &arg, 1);
    return gw_fail(sh->s, (struct gw_place){0}, any_row ? sh->codes->unknown : sh->codes->empty, NULL, 0);
}

enum gw_result sheet_open(struct sheet *sh)
{
    const struct grid_row *header = NULL;
    bool any_row = false;
    enum gw_result r = GW_OK;

    sh->columns.codes = &sh->codes->columns;
    sh->grid.s = sh->s;
    sh->root.kind = GW_MAP;
    for (uint32_t rank = 0; r == GW_OK && !header; rank++) {
        grid_clear(&sh->grid);
        merge_clear(&sh->merges);
        sh->fed = sh->hidden = false;
        r = sh->way->begin(sh, rank);
        if (r != GW_OK || !is_wanted(sh, rank))
            continue;
        r = find_header(sh, &header);
        any_row |= sh->grid.nrows > 0;
        if (r == GW_OK && !header && sh->config->sheet.len)
            return columns_no_header(
                sh->s, &sh->columns,
                (struct gw_place){0, sh->config->header_line ? (uint32_t)sh->config->header_line : 1, 1});
    }
    if (r == GW_END)
        return no_sheet(sh, any_row);
    return r == GW_OK ? take_header(sh, header) : r;
}

/* ---- rows ---- */

/* What has no header above it. */
static void report_strays(struct sheet *sh, const struct grid_row *row)
{
    const struct grid_cell *c = &sh->grid.cells[row->first];

    for (uint32_t i = 0; i < row->count; i++, c++) {
        struct gw_arg arg = {"value", grid_text(&sh->grid, c)};

        if (c->column >= sh->columns.count && !is_blank(arg.value))
            gw_report(sh->s, GW_WARNING, (struct gw_place){0, row->number, c->column + 1}, sh->codes->stray,
                      &arg, 1);
    }
}

static enum gw_result take_row(struct sheet *sh, struct grid_row *ret)
{
    struct grid_row *row;
    enum gw_result r = GW_OK;

    if (sh->again.repeat > 1) {
        sh->again.repeat--;
        sh->again.number++;
        *ret = sh->again;
        return GW_OK;
    }
    while (r == GW_OK) {
        row = grid_take(&sh->grid);
        if (row) {
            report_strays(sh, row);
            if (!filled(&sh->grid, row, sh->columns.count))
                continue;
            *ret = sh->again = *row;
            return GW_OK;
        }
        if (sh->grid.nrows)
            grid_compact(&sh->grid);
        r = feed(sh);
        if (r == GW_END && sh->grid.taken < sh->grid.nrows - sh->grid.open)
            r = GW_OK; /* the last block made rows too */
    }
    return r;
}

static void make_record(struct sheet *sh, const struct grid_row *row)
{
    const struct grid_cell *c = &sh->grid.cells[row->first];
    uint32_t n = sh->columns.count;

    for (uint32_t i = 0; i < n; i++)
        sh->cells[i] = (struct gw_node){.name = sh->columns.names[i],
                                        .next = i + 1 < n ? &sh->cells[i + 1] : NULL,
                                        .kind = GW_TEXT,
                                        .line = row->number,
                                        .column = i + 1};
    for (uint32_t i = 0; i < row->count; i++, c++) {
        struct gw_str text = grid_text(&sh->grid, c);

        if (c->column < n) {
            sh->cells[c->column].text = text.len ? text.ptr : NULL;
            sh->cells[c->column].len = (uint32_t)text.len;
            sh->cells[c->column].kind = text.len ? c->kind : GW_TEXT;
        }
    }
}

/* "B4:B7" */
static struct gw_str cells_of(const struct merge *m, char room[64])
{
    uint32_t columns[] = {m->column, m->last_column}, rows[] = {m->row, m->last_row};
    size_t len = 0;

    for (int i = 0; i < 2; i++) {
        char letters[8];
        size_t n = 0;

        for (uint32_t c = columns[i] + 1; c && n < sizeof(letters); c = (c - 1) / 26)
            letters[n++] = (char)('A' + (c - 1) % 26);
        while (n)
            room[len++] = letters[--n];
        len += (size_t)snprintf(room + len, 64 - len, "%u%s", rows[i], i ? "" : ":");
    }
    return (struct gw_str){room, len};
}

/* At the end, as some say them there: those that nothing was done for. */
static void report_merged(struct sheet *sh)
{
    const struct merge *m = !sh->merges.held || sh->merges.too_many ? merge_below(&sh->merges, sh->header) : NULL;
    char room[64];
    struct gw_arg arg = {"cells", m ? cells_of(m, room) : (struct gw_str){NULL, 0}};

    if (m)
        gw_report(sh->s, GW_WARNING, (struct gw_place){0, m->row, m->column + 1}, sh->codes->merged, &arg, 1);
}

enum gw_result sheet_next(struct sheet *sh, struct gw_record *rec)
{
    struct grid_row row;
    enum gw_result r = take_row(sh, &row);

    if (r == GW_END)
        report_merged(sh);
    if (r != GW_OK)
        return r;
    make_record(sh, &row);
    r = merge_row(sh->s, &sh->merges, row.number, sh->cells, sh->columns.count);
    if (r != GW_OK)
        return r;
    sh->root.first = sh->cells;
    sh->root.line = row.number;
    sh->root.column = 1;
    rec->root = &sh->root;
    rec->line = row.number;
    return GW_OK;
}
