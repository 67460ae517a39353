/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What comes before the rows: lines before the header, the header and the columns it must have.
 * The delimiter is chosen here, a line at a time, among those that the options allow.
 */
#include <string.h>

#include "csv_read.h"

#define MAX_COLUMNS 4000 /* the host's table of names has hardly more */
#define REPORTS     10   /* missing columns named one by one */
#define LIST_BYTES  400  /* of a list of names in one message */
#define NAME_LENGTH 48   /* of a name that is compared for resemblance */

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

    if (r != GW_OK)
        return r;
    if (!csv_only_delimiters(st, rest))
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

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

/* How many letters must change to make one of the other. */
static size_t distance(struct gw_str a, struct gw_str b)
{
    uint8_t row[NAME_LENGTH + 1];
    size_t n = a.len < NAME_LENGTH ? a.len : NAME_LENGTH, m = b.len < NAME_LENGTH ? b.len : NAME_LENGTH;

    for (size_t j = 0; j <= m; j++)
        row[j] = (uint8_t)j;
    for (size_t i = 1; i <= n; i++) {
        uint8_t before = row[0];

        row[0] = (uint8_t)i;
        for (size_t j = 1; j <= m; j++) {
            uint8_t above = row[j];
            bool other = (a.ptr[i - 1] | 0x20) != (b.ptr[j - 1] | 0x20);

            row[j] = (uint8_t)min3(above + 1u, row[j - 1] + 1u, before + (size_t)other);
            before = above;
        }
    }
    return row[m];
}

static uint32_t find_column(const struct reader *st, uint16_t name)
{
    for (uint32_t i = 0; i < st->ncolumns; i++)
        if (st->names[i] == name)
            return i;
    return UINT32_MAX;
}

static bool is_known(const struct gw_session *s, uint16_t name)
{
    for (size_t i = 0; i < s->stream->ncolumns; i++)
        if (s->stream->columns[i].name == name)
            return true;
    return false;
}

/* Of the file's columns the one most like `name`, rather one that nothing else claims. */
static struct gw_str nearest_column(struct gw_session *s, const struct reader *st, uint16_t name)
{
    struct gw_str wanted = gw_name_text(s, name), best = {NULL, 0};
    size_t least = SIZE_MAX;

    for (uint32_t i = 0; i < st->ncolumns; i++) {
        struct gw_str text = gw_name_text(s, st->names[i]);
        size_t far = distance(wanted, text) + (is_known(s, st->names[i]) ? NAME_LENGTH : 0);

        if (far < least) {
            least = far;
            best = text;
        }
    }
    return best;
}

static void report_missing(struct gw_session *s, const struct reader *st, struct gw_place at, uint16_t name)
{
    struct gw_arg args[2] = {{"column", gw_name_text(s, name)}, {"nearest", nearest_column(s, st, name)}};

    gw_report(s, GW_ERROR, at, "csv.column_missing", args, 2);
}

/* All optional columns that are not there, in one warning. */
static void report_optional(struct gw_session *s, const struct reader *st, struct gw_place at)
{
    char list[LIST_BYTES + 8], room[20];
    size_t len = 0, count = 0;
    struct gw_arg args[2];

    for (size_t i = 0; i < s->stream->ncolumns; i++) {
        struct gw_str name = gw_name_text(s, s->stream->columns[i].name);

        if (s->stream->columns[i].required || find_column(st, s->stream->columns[i].name) != UINT32_MAX)
            continue;
        if (len + name.len + 2 <= LIST_BYTES) {
            memcpy(list + len, ", ", len ? 2 : 0);
            len += len ? 2 : 0;
            memcpy(list + len, name.ptr, name.len);
            len += name.len;
        }
        count++;
    }
    if (count == 0)
        return;
    args[0] = (struct gw_arg){"columns", {list, len}};
    args[1] = (struct gw_arg){"count", gw_digits(count, room)};
    gw_report(s, GW_WARNING, at, "csv.column_optional", args, 2);
}

static enum gw_result check_columns(struct gw_session *s, struct reader *st, struct gw_place at)
{
    const struct gw_stream *stream = s->stream;
    size_t known = 0, missing = 0;

    for (size_t i = 0; i < stream->ncolumns; i++)
        known += find_column(st, stream->columns[i].name) != UINT32_MAX;
    if (stream->ncolumns && known == 0)
        return fail_here(s, st, "csv.header_missing", "line", at.line);
    for (size_t i = 0; i < stream->ncolumns; i++) {
        const struct gw_column *c = &stream->columns[i];

        if (c->required && find_column(st, c->name) == UINT32_MAX && missing++ < REPORTS)
            report_missing(s, st, at, c->name);
    }
    if (missing)
        return GW_FAIL;
    report_optional(s, st, at);
    return GW_OK;
}

/* Room for the cells of a row, and for one too many. */
static enum gw_result make_cells(struct gw_session *s, struct reader *st, uint32_t count)
{
    st->names = gw_keep(s, (count + 1u) * sizeof(*st->names));
    st->row.cells = gw_keep(s, (count + 1u) * sizeof(*st->row.cells));
    if (!st->names || !st->row.cells)
        return GW_FATAL;
    memset(st->names, 0, (count + 1u) * sizeof(*st->names));
    st->row.names = st->names;
    st->row.room = count + 1;
    return GW_OK;
}

/* A column without a name is called by its number, so that its cells are not lost. */
static uint16_t name_column(struct gw_session *s, uint32_t index, const struct gw_node *cell)
{
    char number[21], room[20];
    struct gw_str digits = gw_digits(index + 1u, room);

    if (cell->len)
        return gw_name(s, cell->text, cell->len);
    number[0] = '#';
    memcpy(number + 1, digits.ptr, digits.len);
    return gw_name(s, number, digits.len + 1);
}

static enum gw_result name_columns(struct gw_session *s, struct reader *st, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct gw_node *cell = &st->row.cells[i];
        struct gw_place at = {st->at, cell->line, cell->column};
        uint16_t name = name_column(s, i, cell);
        uint32_t first = find_column(st, name);

        if (!name)
            return GW_FATAL;
        if (first != UINT32_MAX) {
            char rooms[2][20];
            struct gw_arg args[3] = {{"column", gw_name_text(s, name)},
                                     {"first", gw_digits(first + 1u, rooms[0])},
                                     {"second", gw_digits(i + 1u, rooms[1])}};

            return gw_fail(s, at, "csv.column_twice", args, 3);
        }
        st->names[i] = name;
        st->ncolumns = i + 1;
    }
    return GW_OK;
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
    if (row->count > MAX_COLUMNS)
        return fail_here(s, st, "csv.columns_many", "found", row->count);
    r = make_cells(s, st, row->count);
    if (r == GW_OK)
        r = csv_cut_here(s, st, &cut);
    if (r == GW_OK)
        r = csv_unescape(s, st);
    if (r != GW_OK)
        return r;
    count = row->count;
    if (config_of(s)->pad_lines && count > 1 && row->cells[count - 1].len == 0)
        count--;
    st->dialect.padded = count < row->count; /* each line ends with a delimiter */
    r = name_columns(s, st, count);
    if (r == GW_OK)
        r = check_columns(s, st, at);
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
    return fail_here(s, st, "csv.header_missing", "line", st->line);
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
        st->names[i] = stream->columns[i].name;
    st->ncolumns = (uint32_t)stream->ncolumns;
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
    st->row.expected = st->ncolumns;
    return r;
}
