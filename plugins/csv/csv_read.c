/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The reader: window and rows. The window last peeked serves until a row does not fit in it any
 * more; text of a record points into it. All state lies between two rows: a row is taken whole or not.
 */
#include <string.h>

#include "csv_read.h"

#define SMALL_ROW 4096 /* up to here a row grows by what comes, then by a quarter */

static void advance(struct gw_session *s, struct reader *st, size_t len)
{
    gw_consume(s, len);
    st->window.ptr += len;
    st->window.len -= len;
    st->at += len;
}

/* A larger window. Asked for one byte more, or a quarter, so that a long row is not cut over and over. */
static enum gw_result more(struct gw_session *s, struct reader *st)
{
    size_t want = st->window.len + 1, max = s->stream->record_bytes;
    enum gw_result r;

    if (want > SMALL_ROW)
        want += want / 4;
    r = gw_peek(s, want < max ? want : max, &st->window);
    if (r != GW_END)
        return r;
    st->last = true;
    return GW_OK;
}

/* GW_END: no byte is left. */
static enum gw_result need(struct gw_session *s, struct reader *st, size_t len)
{
    enum gw_result r = GW_OK;

    while (r == GW_OK && st->window.len < len && !st->last)
        r = more(s, st);
    return r == GW_OK && st->window.len == 0 ? GW_END : r;
}

/* GW_OK: the window begins with a row. */
enum gw_result csv_skip_blank(struct gw_session *s, struct reader *st)
{
    enum gw_result r;

    while ((r = need(s, st, 1)) == GW_OK) {
        size_t len = 1;

        if (*st->window.ptr != '\n' && *st->window.ptr != '\r')
            return GW_OK;
        if (*st->window.ptr == '\r') {
            r = need(s, st, 2);
            if (r != GW_OK)
                return r;
            if (st->window.len > 1 && st->window.ptr[1] == '\n')
                len = 2;
            else if (st->window.len > 1 && st->dialect.cr == CSV_CR_DATA)
                return GW_OK;
        }
        advance(s, st, len);
        st->line++;
    }
    return r;
}

/* The row at the window's begin, cut into st->row. A record may not be larger than record_bytes whatever
 * the window is, else what is found would depend on how bytes came. */
enum gw_result csv_cut_here(struct gw_session *s, struct reader *st, enum csv_cut *ret_cut)
{
    size_t max = s->stream->record_bytes;
    struct csv_row *row = &st->row;
    enum gw_result r = need(s, st, 1);

    while (r == GW_OK) {
        size_t len = st->window.len < max ? st->window.len : max;

        row->begin = st->window.ptr;
        row->limit = st->window.ptr + len;
        row->last = st->last && st->window.len < max;
        row->first_line = st->line;
        row->at = st->at;
        *ret_cut = csv_cut_row(&st->dialect, row);
        if (*ret_cut != CSV_MORE)
            return GW_OK;
        if (len == max) {
            *ret_cut = row->quote ? CSV_OPEN : CSV_LONG;
            return GW_OK;
        }
        r = more(s, st);
    }
    return r;
}

static void settle_line_ends(struct reader *st)
{
    if (st->dialect.cr == CSV_CR_UNKNOWN && st->row.ended)
        st->dialect.cr = st->row.end[-1] == '\n' ? CSV_CR_DATA : CSV_CR_ENDS;
}

void csv_pass_row(struct gw_session *s, struct reader *st)
{
    settle_line_ends(st);
    st->any = true;
    st->line = st->row.line + 1;
    advance(s, st, (size_t)(st->row.end - st->row.begin));
}

/* To behind the first line end at or behind `from`, however far it is. */
static enum gw_result pass_line(struct gw_session *s, struct reader *st, size_t from)
{
    enum gw_result r = GW_OK;

    while (r == GW_OK) {
        const char *p = st->window.ptr, *end = p + st->window.len, *behind;
        size_t held = !st->last && end > p + from && end[-1] == '\r'; /* may be half of a line end */

        if (csv_line_end(&st->dialect, p + from, end - held, &behind)) {
            advance(s, st, (size_t)(behind - p));
            st->line++;
            return GW_OK;
        }
        advance(s, st, st->window.len - held);
        from = 0;
        r = need(s, st, held + 1);
    }
    return r == GW_END ? GW_OK : r;
}

void csv_warn_cut_short(struct gw_session *s, struct reader *st)
{
    const struct csv_row *row = &st->row;

    if (row->ended || st->warned)
        return;
    st->warned = true;
    gw_report(s, GW_WARNING,
              (struct gw_place){row->at + (uint64_t)(row->end - row->begin), row->line,
                                (uint32_t)(row->end - row->line_begin) + 1},
              "csv.last_line", NULL, 0);
}

enum gw_result csv_skip_mark(struct gw_session *s, struct reader *st)
{
    enum gw_result r = need(s, st, 3);

    if (r == GW_OK && st->window.len >= 3 && memcmp(st->window.ptr, "\xEF\xBB\xBF", 3) == 0)
        advance(s, st, 3);
    return r == GW_END ? GW_OK : r;
}

/* "" becomes " in the cells that have it. */
enum gw_result csv_unescape(struct gw_session *s, struct reader *st)
{
    const struct csv_row *row = &st->row;
    char quote = st->dialect.quote;
    uint32_t count = row->count < row->room ? row->count : row->room;

    for (uint32_t i = 0; i < count; i++) {
        struct gw_node *cell = &row->cells[i];
        const char *from = cell->text, *end = from + cell->len;
        char *text, *to;

        if (!cell->flags)
            continue;
        text = to = gw_alloc(s, cell->len);
        if (!text)
            return GW_FATAL;
        while (from < end) {
            from += *from == quote;
            *to++ = *from++;
        }
        cell->text = text;
        cell->len = (uint32_t)(to - text);
        cell->flags = 0;
    }
    return GW_OK;
}

/* ---- lines of context ---- */

bool csv_begins_with(const struct csv_row *row, struct gw_str prefix)
{
    return prefix.len && (size_t)(row->end - row->begin) >= prefix.len &&
           memcmp(row->begin, prefix.ptr, prefix.len) == 0;
}

struct gw_str csv_first_cell(const struct reader *st, struct gw_str *ret_rest)
{
    const char *begin = st->row.begin, *delimiter, *behind;
    const char *stop = csv_line_end(&st->dialect, begin, st->row.end, &behind);

    if (!stop)
        stop = st->row.end;
    delimiter = memchr(begin, st->dialect.delimiter, (size_t)(stop - begin));
    if (!delimiter)
        delimiter = stop;
    *ret_rest = (struct gw_str){delimiter, (size_t)(stop - delimiter)};
    return (struct gw_str){begin, (size_t)(delimiter - begin)};
}

bool csv_only_delimiters(const struct reader *st, struct gw_str rest)
{
    for (size_t i = 0; i < rest.len; i++)
        if (rest.ptr[i] != st->dialect.delimiter)
            return false;
    return true;
}

enum gw_result csv_keep_line(struct gw_session *s, const struct reader *st, struct gw_str cell,
                             struct gw_str prefix, struct gw_node *ret)
{
    size_t len = cell.len - prefix.len;
    char *text = gw_keep(s, len ? len : 1);
    uint16_t name = gw_name(s, prefix.ptr, prefix.len);

    if (!text || !name)
        return GW_FATAL;
    memcpy(text, cell.ptr + prefix.len, len);
    *ret = (struct gw_node){.text = text,
                            .len = (uint32_t)len,
                            .line = st->line,
                            .column = (uint32_t)prefix.len + 1,
                            .name = name,
                            .kind = GW_TEXT};
    return GW_OK;
}

/* One more cell of a line of context, named by its number. */
static struct gw_node *keep_cell(struct gw_session *s, struct gw_str text, unsigned number)
{
    struct gw_node *n = gw_keep(s, sizeof(*n) + text.len + 1);
    char digits[20];
    struct gw_str name = gw_digits(number, digits);

    if (!n)
        return NULL;
    *n = (struct gw_node){.text = (const char *)(n + 1), .len = (uint32_t)text.len, .kind = GW_TEXT};
    memcpy(n + 1, text.ptr, text.len);
    n->name = gw_name(s, name.ptr, name.len);
    return n->name ? n : NULL;
}

/* `rest` begins with the delimiter behind the first cell, or is empty; one at the end is no cell more. */
enum gw_result csv_keep_cells(struct gw_session *s, const struct reader *st, struct gw_str rest,
                              struct gw_node *line)
{
    struct gw_node **end = &line->first;
    const char *p = rest.ptr, *limit = p + rest.len;

    line->kind = GW_MAP;
    for (unsigned number = 2; p < limit && p + 1 < limit; number++) {
        const char *begin = p + 1;

        p = memchr(begin, st->dialect.delimiter, (size_t)(limit - begin));
        p = p ? p : limit;
        *end = keep_cell(s, (struct gw_str){begin, (size_t)(p - begin)}, number);
        if (!*end)
            return GW_FATAL;
        (*end)->line = line->line;
        (*end)->column = (uint32_t)(begin - st->row.begin) + 1;
        end = &(*end)->next;
    }
    return GW_OK;
}

void csv_add_context(struct reader *st, struct gw_node *node)
{
    struct gw_node **end = &st->context.first;

    while (*end)
        end = &(*end)->next;
    *end = node;
    st->changes++;
}

/* ---- rows ---- */

/* A row without end, or with a quote that is never closed: only the line where that is goes. */
static enum gw_result reject_open(struct gw_session *s, struct reader *st, struct gw_record *rec,
                                  enum csv_cut cut)
{
    const struct csv_row *row = &st->row;
    char room[20];
    struct gw_arg limit = {"limit", gw_digits(s->stream->record_bytes, room)};
    size_t from = 0;
    enum gw_result r;

    if (cut == CSV_OPEN) {
        gw_report(s, GW_ERROR, row->quote_at, "csv.quote_open", NULL, 0);
        from = (size_t)(row->quote - row->begin);
        st->line = row->quote_at.line;
    } else {
        gw_report(s, GW_ERROR, here(st), "csv.long", &limit, 1);
    }
    r = pass_line(s, st, from);
    rec->end = st->at;
    return r == GW_OK ? GW_REJECT : r;
}

static enum gw_result reject_cells(struct gw_session *s, const struct reader *st)
{
    const struct csv_row *row = &st->row;
    struct gw_place at = {row->at, row->first_line, 1};
    const char *code = "csv.cells_few";
    char rooms[2][20];
    struct gw_arg args[2] = {{"found", gw_digits(row->count, rooms[0])},
                             {"expected", gw_digits(st->columns.count, rooms[1])}};

    if (row->count > st->columns.count) {
        code = "csv.cells_many";
        at.line = row->cells[st->columns.count].line;
        at.column = row->cells[st->columns.count].column;
    }
    return gw_reject(s, at, code, args, 2);
}

void csv_unguard(struct csv_row *row, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct gw_node *cell = &row->cells[i];

        if (csv_is_guarded((struct gw_str){cell->text, cell->len})) {
            cell->text++;
            cell->len--;
        }
    }
}

/* With pad_lines a line may end with one delimiter more; once one does, others will. */
static bool is_padded(const struct gw_session *s, const struct reader *st)
{
    return config_of(s)->pad_lines && st->row.count == st->columns.count + 1 &&
           st->row.room > st->columns.count && st->row.cells[st->columns.count].len == 0;
}

/* The row is whole in the window. */
static enum gw_result take_row(struct gw_session *s, struct reader *st, struct gw_record *rec)
{
    struct csv_row *row = &st->row;
    enum gw_result r = GW_OK;

    if (row->fault)
        r = gw_reject(s, row->fault_at, row->fault, NULL, 0);
    else if (row->count != st->columns.count && !is_padded(s, st))
        r = reject_cells(s, st);
    else if (row->escaped)
        r = csv_unescape(s, st);
    if (r == GW_OK && config_of(s)->guard)
        csv_unguard(row, st->columns.count);
    if (r == GW_OK) {
        csv_warn_cut_short(s, st);
        row->cells[st->columns.count - 1].next = NULL;
        st->root.first = row->cells;
        st->root.line = row->first_line;
        st->root.column = 1;
        rec->root = &st->root;
    }
    st->dialect.padded |= r == GW_OK && row->count > st->columns.count;
    csv_pass_row(s, st);
    rec->end = st->at;
    return r;
}

/* The stream is at its end. */
static enum gw_result end_stream(struct gw_session *s, struct reader *st)
{
    const struct csv_config *c = config_of(s);
    struct gw_arg prefix = {"prefix", c->last_line};

    if (c->last_line_required && c->last_line.len && !st->tail.name)
        return gw_fail(s, here(st), "csv.trailer_missing", &prefix, 1);
    return GW_END;
}

static bool is_tail(const struct gw_session *s, const struct reader *st)
{
    struct gw_str rest, cell;

    if (!csv_begins_with(&st->row, config_of(s)->last_line) || st->row.line != st->row.first_line)
        return false; /* a record of several lines is no last line */
    cell = csv_first_cell(st, &rest);
    return config_of(s)->line_cells ? cell.len == config_of(s)->last_line.len : csv_only_delimiters(st, rest);
}

/* The last line, if it is that: what follows a line that looks like it must be nothing. */
static enum gw_result take_tail(struct gw_session *s, struct reader *st, struct gw_record *rec)
{
    struct gw_arg prefix = {"prefix", config_of(s)->last_line};
    struct gw_place at = here(st);
    size_t mark = gw_mark(s);
    struct gw_str rest, cell = csv_first_cell(st, &rest);
    enum gw_result r = csv_keep_line(s, st, cell, prefix.value, &st->tail);

    if (r == GW_OK && config_of(s)->line_cells)
        r = csv_keep_cells(s, st, rest, &st->tail);
    if (r != GW_OK)
        return r;
    csv_warn_cut_short(s, st);
    csv_pass_row(s, st);
    rec->end = st->at;
    r = csv_skip_blank(s, st);
    if (r == GW_END) {
        csv_add_context(st, &st->tail);
        return GW_END;
    }
    st->tail = (struct gw_node){0};
    gw_release(s, mark);
    return r == GW_OK ? gw_reject(s, at, "csv.trailer_middle", &prefix, 1) : r;
}

static enum gw_result next_row(struct gw_session *s, struct gw_record *rec)
{
    struct reader *st = s->state;
    enum csv_cut cut = CSV_ROW;
    enum gw_result r = csv_skip_blank(s, st);

    if (r == GW_OK) {
        rec->begin = st->at;
        rec->line = st->line;
        r = csv_cut_here(s, st, &cut);
    }
    if (r == GW_OK && cut == CSV_ROW && config_of(s)->last_line.len && is_tail(s, st))
        r = take_tail(s, st, rec);
    else if (r == GW_OK && cut == CSV_ROW)
        r = take_row(s, st, rec);
    else if (r == GW_OK)
        r = reject_open(s, st, rec, cut);
    if (r == GW_END)
        r = end_stream(s, st);
    rec->context = &st->context;
    rec->changes = st->changes;
    return r;
}

const struct gw_reader csv_reader = {
    .state_size = sizeof(struct reader),
    .open = csv_open_reader,
    .next = next_row,
};
