/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One row into cells, 16 bytes at a look. When the window ends before the row does, the
 * caller gets more and the row is cut anew: no state is kept between two calls.
 */
#include <string.h>

#include "csv.h"

/* Runs over the marked bytes of [next, end). */
struct scan {
    const char *base;
    const char *next;
    const char *end;
    uint32_t mask;
};

static inline const char *scan_next(struct scan *m, char delimiter)
{
    const char *p;

    while (m->mask == 0) {
        if (m->next >= m->end)
            return NULL;
        m->base = m->next;
        m->mask = csv_marks(m->base, (size_t)(m->end - m->base), delimiter, delimiter);
        m->next += 16;
    }
    p = m->base + __builtin_ctz(m->mask);
    m->mask &= m->mask - 1;
    return p;
}

static struct gw_place place_of(const struct csv_row *r, const char *p)
{
    return (struct gw_place){r->at + (uint64_t)(p - r->begin), r->line, (uint32_t)(p - r->line_begin) + 1};
}

static void note_fault(struct csv_row *r, const char *code, const char *p)
{
    if (r->fault)
        return;
    r->fault = code;
    r->fault_at = place_of(r, p);
}

static inline void add_cell(struct csv_row *r, const char *text, const char *end)
{
    if (r->count < r->room) {
        struct gw_node *n = &r->cells[r->count];

        *n = (struct gw_node){.text = text,
                              .next = n + 1,
                              .len = (uint32_t)(end - text),
                              .line = r->line,
                              .column = (uint32_t)(text - r->line_begin) + 1,
                              .name = r->names[r->count],
                              .kind = GW_TEXT};
    }
    r->count++;
}

const char *csv_line_end(const struct csv_dialect *d, const char *p, const char *limit, const char **ret_end)
{
    const char *lf = p < limit ? memchr(p, '\n', (size_t)(limit - p)) : NULL;
    const char *stop = lf ? lf : limit;
    const char *cr = NULL;

    if (d->cr != CSV_CR_DATA && p < stop)
        cr = memchr(p, '\r', (size_t)(stop - p));
    if (cr && cr + 1 != lf) {
        *ret_end = cr + 1;
        return cr;
    }
    if (!lf)
        return NULL;
    *ret_end = lf + 1;
    return lf > p && lf[-1] == '\r' ? lf - 1 : lf;
}

/*
 * A line with too few cells whose next line begins with the delimiter: the line end is data
 * of its last cell, if both together are not too much. Where rows end with a delimiter, the
 * empty cell behind it is not too much. *ret_more: cannot be seen yet.
 */
static bool joins(const struct csv_dialect *d, const struct csv_row *r, const char *next, bool *ret_more)
{
    const char *stop, *behind;
    size_t cells = r->count + 1u;

    if (!d->join || cells >= r->expected)
        return false;
    if (next == r->limit) {
        *ret_more = !r->last;
        return false;
    }
    if (*next != d->delimiter)
        return false;
    stop = csv_line_end(d, next, r->limit, &behind);
    if (!stop && !r->last) {
        *ret_more = true;
        return false;
    }
    if (!stop)
        stop = r->limit;
    for (const char *p = next; (p = memchr(p, d->delimiter, (size_t)(stop - p))); p++)
        cells++;
    return cells <= r->expected || (d->padded && cells == r->expected + 1u && stop[-1] == d->delimiter);
}

enum end { END_NO, END_LINE, END_JOIN, END_MORE };

/* Is the LF or CR at p the end of the row? If so `end` is set. */
static enum end ends_row(const struct csv_dialect *d, struct csv_row *r, const char *p, bool may_join)
{
    bool more = false;

    if (*p == '\r') {
        if (p + 1 == r->limit && !r->last)
            return END_MORE;
        if (p + 1 < r->limit && (p[1] == '\n' || d->cr == CSV_CR_DATA))
            return END_NO; /* the LF will end it, or it is data */
    }
    if (may_join && joins(d, r, p + 1, &more))
        return END_JOIN;
    if (more)
        return END_MORE;
    r->end = p + 1;
    r->ended = *p == '\n' || d->cr != CSV_CR_DATA; /* else half of a CR LF, at the very end */
    return END_LINE;
}

/* How a run of cells of one sort, quoted or plain, came to its end. */
enum run {
    RUN_CELL, /* a cell of the other sort follows */
    RUN_ROW,  /* the row is at its end */
    RUN_MORE,
    RUN_OPEN,
    RUN_JUNK, /* text behind a closing quote: goes on as a plain cell */
};

/* A line end in quotes: the row's idea of where its line begins moves on. */
static void pass_line_end(const struct csv_dialect *d, struct csv_row *r, const char *p)
{
    if (*p == '\r' && (d->cr == CSV_CR_DATA || p + 1 == r->limit || p[1] == '\n'))
        return;
    r->line++;
    r->line_begin = p + 1;
}

/* The closing quote of the one at `open`; NULL: not in sight. At the window's end it may be half of a pair. */
static const char *closing_quote(const struct csv_dialect *d, struct csv_row *r, const char *open,
                                 bool *ret_escaped)
{
    struct scan m = {.next = open + 1, .end = r->limit};
    const char *p;

    *ret_escaped = false;
    while ((p = scan_next(&m, d->quote))) {
        if (*p == d->quote) {
            if (p + 1 == r->limit)
                return r->last ? p : NULL;
            if (p[1] != d->quote)
                return p;
            *ret_escaped = true;
            (void)scan_next(&m, d->quote);
        } else if (*p == '\n' || *p == '\r') {
            pass_line_end(d, r, p);
        } else if (*p == 0) {
            note_fault(r, "csv.nul", p);
        }
    }
    return NULL;
}

/* p is behind a closing quote: what is there? *cell is moved behind it. */
static enum run behind_quote(const struct csv_dialect *d, struct csv_row *r, const char *p, const char **cell)
{
    if (p == r->limit) {
        r->end = p;
        r->ended = false;
        return r->last ? RUN_ROW : RUN_MORE;
    }
    if (*p == d->delimiter) {
        *cell = p + 1;
        return RUN_CELL;
    }
    if (*p == '\r' && p + 1 < r->limit && p[1] == '\n')
        p++;
    if (*p == '\n' || *p == '\r') {
        switch (ends_row(d, r, p, false)) {
        case END_LINE:
        case END_JOIN:
            return RUN_ROW;
        case END_MORE:
            return RUN_MORE;
        case END_NO:
            break;
        }
    }
    return RUN_JUNK;
}

/* The cell whose quote is at *cell. */
static enum run cut_quoted(const struct csv_dialect *d, struct csv_row *r, const char **cell,
                           const char **ret_behind)
{
    const char *open = *cell, *close;
    struct gw_place at = place_of(r, open);
    uint32_t line = r->line, index = r->count;
    bool escaped;
    enum run what;

    r->quote = open;
    r->quote_at = at;
    close = closing_quote(d, r, open, &escaped);
    if (!close)
        return r->last ? RUN_OPEN : RUN_MORE;
    what = behind_quote(d, r, close + 1, cell);
    if (what == RUN_JUNK && r->line != line)
        return RUN_OPEN; /* that quote was meant to open: ours was never closed */
    r->quote = NULL;
    if (what == RUN_MORE)
        return what;
    *ret_behind = close + 1;
    if (what == RUN_JUNK) {
        note_fault(r, "csv.quote_text", close + 1);
        return what;
    }
    add_cell(r, open + 1, close);
    if (index < r->room) {
        r->cells[index].line = line;
        r->cells[index].column = at.column;
        r->cells[index].flags = escaped;
        r->escaped |= escaped;
    }
    return what;
}

static inline bool is_quoted(const struct csv_dialect *d, const struct csv_row *r, const char *cell)
{
    return d->quote && cell < r->limit && *cell == d->quote;
}

/* As many quoted cells as follow each other. Then a plain one is at *cell, to be cut from *ret_from. */
static enum run cut_quotes(const struct csv_dialect *d, struct csv_row *r, const char **cell,
                           const char **ret_from)
{
    enum run what = RUN_CELL;
    const char *behind = *cell;

    while (what == RUN_CELL && is_quoted(d, r, *cell))
        what = cut_quoted(d, r, cell, &behind);
    *ret_from = what == RUN_JUNK ? behind : *cell;
    return what;
}

static enum csv_cut cut_of(enum run what)
{
    switch (what) {
    case RUN_MORE:
        return CSV_MORE;
    case RUN_OPEN:
        return CSV_OPEN;
    case RUN_CELL:
    case RUN_ROW:
    case RUN_JUNK:
        break;
    }
    return CSV_ROW;
}

/* The delimiter is the next line's first byte: what is before it, line end included, is a cell. */
static const char *join_line(const struct csv_dialect *d, struct csv_row *r, struct scan *m, const char *text)
{
    const char *p = scan_next(m, d->delimiter);

    add_cell(r, text, p);
    r->line++;
    r->line_begin = p;
    return p + 1;
}

/* The plain cells, from the one at *cell on, that delimiters end, while there is room for them: what a row mostly
 * is, so all of it stays in registers. Returns what was met first that is no such delimiter, NULL at the limit; or
 * the delimiter behind which a quoted cell begins, with *cell there. */
static inline const char *cut_delimited(const struct csv_dialect *d, struct csv_row *r, struct scan *scan,
                                        const char **cell)
{
    struct scan m = *scan;
    const char delimiter = d->delimiter, quote = d->quote, *text = *cell, *p, *line_begin = r->line_begin;
    const uint32_t line = r->line, room = r->room;
    struct gw_node *cells = r->cells;
    const uint16_t *names = r->names;
    uint32_t count = r->count;

    while ((p = scan_next(&m, delimiter)) && *p == delimiter && count < room) {
        cells[count] = (struct gw_node){.text = text,
                                        .next = &cells[count + 1],
                                        .len = (uint32_t)(p - text),
                                        .line = line,
                                        .column = (uint32_t)(text - line_begin) + 1,
                                        .name = names[count],
                                        .kind = GW_TEXT};
        count++;
        text = p + 1;
        if (text < m.end && *text == quote)
            break;
    }
    *scan = m;
    *cell = text;
    r->count = count;
    return p;
}

/* Plain cells from `from` on, the first begins at *cell. RUN_CELL: a quoted one is at *cell. */
static enum run cut_plain(const struct csv_dialect *d, struct csv_row *r, const char **cell, const char *from)
{
    struct scan m = {.next = from, .end = r->limit};
    const char *text = *cell, *p;

    while ((p = cut_delimited(d, r, &m, &text))) {
        if (*p == d->delimiter && text <= p) {
            add_cell(r, text, p);
            text = p + 1;
        } else if (*p == '\n' || *p == '\r') {
            enum end end = ends_row(d, r, p, true);

            if (end == END_MORE)
                return RUN_MORE;
            if (end == END_LINE) {
                add_cell(r, text, *p == '\n' && p > text && p[-1] == '\r' ? p - 1 : p);
                return RUN_ROW;
            }
            if (end == END_JOIN)
                text = join_line(d, r, &m, text);
        } else if (*p == 0) {
            note_fault(r, "csv.nul", p);
        }
        if (is_quoted(d, r, text) && text > p) {
            *cell = text;
            return RUN_CELL;
        }
    }
    if (!r->last)
        return RUN_MORE;
    add_cell(r, text, r->limit);
    r->end = r->limit;
    r->ended = false;
    return RUN_ROW;
}

static void start_row(struct csv_row *r)
{
    r->count = 0;
    r->line = r->first_line;
    r->line_begin = r->begin;
    r->escaped = false;
    r->quote = NULL;
    r->fault = NULL;
}

enum csv_cut csv_cut_row(const struct csv_dialect *d, struct csv_row *r)
{
    const char *cell = r->begin, *from = cell;
    enum run what = RUN_CELL;

    start_row(r);
    while (what == RUN_CELL) {
        what = cut_quotes(d, r, &cell, &from);
        if (what == RUN_CELL || what == RUN_JUNK)
            what = cut_plain(d, r, &cell, from);
    }
    return cut_of(what);
}
