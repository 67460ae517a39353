/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What comes before the rows: lines before the header, the header and the columns it must have.
 * The delimiter is chosen here, a line at a time, among those that the options allow.
 */
#include <string.h>

#include "csv_read.h"

static const struct columns_codes codes = COLUMNS_CODES("csv");

static enum gw_result fail_here(struct gw_session *s, const struct reader *st, const char *code,
                                const char *name, uint64_t number)
{
    char room[20];
    struct gw_arg arg = {name, gw_digits(number, room)};

    return gw_fail(s, here(st), code, &arg, 1);
}

/* Of the candidates, the delimiter that gives this line most cells. */
static enum gw_result choose_delimiter(struct gw_session *s, struct reader *st)
{
    const struct csv_config *c = config_of(s);
    char best = c->delimiter;
    uint32_t most = 0;
    enum csv_cut cut;

    for (size_t i = 0; i <= c->delimiter_read.len; i++) {
        char candidate = i ? c->delimiter_read.ptr[i - 1] : c->delimiter;
        enum gw_result r;

        if (csv_bad_delimiter(c, candidate))
            continue;
        st->dialect.delimiter = candidate;
        r = csv_cut_here(s, st, &cut);
        if (r != GW_OK)
            return r;
        if (st->row.count > most) {
            most = st->row.count;
            best = candidate;
        }
    }
    st->dialect.delimiter = best;
    return GW_OK;
}

static enum gw_result read_head(struct gw_session *s, struct reader *st)
{
    struct gw_str rest, cell = csv_first_cell(st, &rest);
    enum gw_result r = csv_keep_line(s, st, cell, config_of(s)->first_line, &st->head);

    if (r == GW_OK && config_of(s)->line_cells)
        r = csv_keep_cells(s, st, rest, &st->head);
    if (r != GW_OK)
        return r;
    if (!config_of(s)->line_cells && !csv_only_delimiters(st, rest))
        gw_report(s, GW_WARNING, here(st), "csv.context_cells", NULL, 0);
    csv_add_context(st, &st->head);
    return GW_OK;
}

/* One line before the header. GW_REJECT: it is not one of them, so it is the header. */
static enum gw_result read_before(struct gw_session *s, struct reader *st, bool must_be_head)
{
    const struct csv_config *c = config_of(s);
    enum csv_cut cut;
    enum gw_result r = choose_delimiter(s, st);

    if (r == GW_OK)
        r = csv_cut_here(s, st, &cut);
    if (r != GW_OK)
        return r;
    if (cut != CSV_ROW)
        return fail_here(s, st, "csv.long", "limit", s->stream->record_bytes);
    if (csv_begins_with(&st->row, c->first_line) && !st->head.name) {
        r = read_head(s, st);
    } else if (must_be_head) {
        struct gw_arg arg = {"prefix", c->first_line};

        gw_report(s, GW_WARNING, here(st), "csv.first_line", &arg, 1);
        return GW_REJECT;
    }
    csv_pass_row(s, st);
    return r;
}

/* Lines before the header are lines as they stand: no quotes, no joining. */
static enum gw_result read_lines_before(struct gw_session *s, struct reader *st)
{
    const struct csv_config *c = config_of(s);
    uint64_t count = c->header_line > 1 ? c->header_line - 1 : c->first_line.len != 0;
    char quote = st->dialect.quote;
    enum gw_result r = GW_OK;

    st->dialect.quote = 0;
    for (uint64_t i = 0; i < count && r == GW_OK; i++)
        r = read_before(s, st, c->first_line.len && i + 1 == count && !st->head.name);
    st->dialect.quote = quote;
    return r == GW_REJECT ? GW_OK : r;
}

/* ---- the header ---- */

/* Room for the cells of a row, and for one too many. */
static enum gw_result make_cells(struct gw_session *s, struct reader *st, uint32_t count)
{
    enum gw_result r = columns_make(s, &st->columns, count, here(st));

    if (r != GW_OK)
        return r;
    st->row.cells = gw_keep(s, (count + 1u) * sizeof(*st->row.cells));
    if (!st->row.cells)
        return GW_FATAL;
    st->row.names = st->columns.names;
    st->row.room = count + 1;
    return GW_OK;
}

static enum gw_result name_columns(struct gw_session *s, struct reader *st, uint32_t count)
{
    enum gw_result r = GW_OK;

    for (uint32_t i = 0; r == GW_OK && i < count; i++) {
        const struct gw_node *cell = &st->row.cells[i];

        r = columns_add(s, &st->columns, (struct gw_str){cell->text, cell->len},
                        (struct gw_place){st->at, cell->line, cell->column});
    }
    return r;
}

/* The header row is at the window's begin, its delimiter is known. */
static enum gw_result intern_header(struct gw_session *s, struct reader *st)
{
    struct gw_place at = here(st);
    struct csv_row *row = &st->row;
    enum csv_cut cut;
    uint32_t count;
    enum gw_result r = csv_cut_here(s, st, &cut);

    if (r != GW_OK)
        return r;
    if (cut == CSV_OPEN)
        return gw_fail(s, row->quote_at, "csv.quote_open", NULL, 0);
    if (cut == CSV_LONG)
        return fail_here(s, st, "csv.long", "limit", s->stream->record_bytes);
    if (row->fault)
        return gw_fail(s, row->fault_at, row->fault, NULL, 0);
    r = make_cells(s, st, row->count);
    if (r == GW_OK)
        r = csv_cut_here(s, st, &cut);
    if (r == GW_OK)
        r = csv_unescape(s, st);
    if (r != GW_OK)
        return r;
    count = row->count;
    if (config_of(s)->guard)
        csv_unguard(row, count);
    if (config_of(s)->pad_lines && count > 1 && row->cells[count - 1].len == 0)
        count--;
    st->dialect.padded = count < row->count; /* each line ends with a delimiter */
    r = name_columns(s, st, count);
    if (r == GW_OK)
        r = columns_check(s, &st->columns, at);
    return r;
}

static enum gw_result read_header(struct gw_session *s, struct reader *st)
{
    enum gw_result r = csv_skip_blank(s, st);

    if (r == GW_OK)
        r = choose_delimiter(s, st);
    if (r == GW_OK)
        r = intern_header(s, st);
    if (r == GW_OK) {
        csv_warn_cut_short(s, st);
        csv_pass_row(s, st);
    }
    if (r != GW_END)
        return r;
    if (!st->any)
        return gw_fail(s, here(st), "csv.empty", NULL, 0);
    return columns_no_header(s, &st->columns, here(st));
}

/* Without a header the columns are those of the mapping, in its order. */
static enum gw_result assume_columns(struct gw_session *s, struct reader *st)
{
    const struct gw_stream *stream = s->stream;
    enum gw_result r;

    if (stream->ncolumns == 0)
        return gw_fail(s, here(st), "csv.columns_unknown", NULL, 0);
    r = make_cells(s, st, (uint32_t)stream->ncolumns);
    if (r != GW_OK)
        return r;
    for (size_t i = 0; i < stream->ncolumns; i++)
        st->columns.names[i] = stream->columns[i].name;
    st->columns.count = (uint32_t)stream->ncolumns;
    r = csv_skip_blank(s, st);
    if (r == GW_OK)
        r = choose_delimiter(s, st);
    return r == GW_END ? GW_OK : r;
}

static bool has_delimiter(const struct csv_config *c)
{
    bool found = !csv_bad_delimiter(c, c->delimiter);

    for (size_t i = 0; i < c->delimiter_read.len; i++)
        found |= !csv_bad_delimiter(c, c->delimiter_read.ptr[i]);
    return found;
}

enum gw_result csv_open_reader(struct gw_session *s)
{
    const struct csv_config *c = config_of(s);
    struct reader *st = s->state;
    enum gw_result r;

    st->line = 1;
    st->columns.codes = &codes;
    st->dialect = (struct csv_dialect){
        .delimiter = c->delimiter, .quote = c->quote, .join = c->join_lines, .cr = CSV_CR_UNKNOWN};
    st->context.kind = st->root.kind = GW_MAP;
    if (!has_delimiter(c))
        return gw_fail(s, here(st), "csv.delimiter", NULL, 0);
    r = csv_skip_mark(s, st);
    if (r == GW_OK)
        r = read_lines_before(s, st);
    if (r == GW_OK || r == GW_END)
        r = c->header_line ? read_header(s, st) : assume_columns(s, st);
    st->row.expected = st->columns.count;
    return r;
}
