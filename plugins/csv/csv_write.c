/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The writer: a row is built in the record's memory and written at once, or not at all. Cells
 * are where table/cells.c put them.
 */
#include <string.h>

#include "csv.h"
#include "table/cells.h"

struct writer {
    struct cells cells;
};

static const struct cells_codes codes = CELLS_CODES("csv");

/* Text on its way out; `room` was reckoned before. */
struct line {
    char *text;
    size_t len;
};

static const struct csv_config *config_of(const struct gw_session *s)
{
    return s->config;
}

static void put(struct line *l, const char *text, size_t len)
{
    if (len)
        memcpy(l->text + l->len, text, len);
    l->len += len;
}

/* Most texts are short. */
static inline void put_short(struct line *l, const char *from, size_t len)
{
    char *to = l->text + l->len;

    l->len += len;
    if (len >= 16) {
        memcpy(to, from, len);
    } else if (len >= 8) {
        memcpy(to, from, 8);
        memcpy(to + len - 8, from + len - 8, 8);
    } else if (len >= 4) {
        memcpy(to, from, 4);
        memcpy(to + len - 4, from + len - 4, 4);
    } else if (len) {
        to[0] = from[0];
        to[len / 2] = from[len / 2];
        to[len - 1] = from[len - 1];
    }
}

static void put_line_end(const struct csv_config *c, struct line *l)
{
    if (c->end_delimiter)
        put(l, &c->delimiter, 1);
    if (c->newline == CSV_CRLF)
        put(l, "\r\n", 2);
    else
        put(l, "\n", 1);
}

static void put_quoted(struct line *l, char quote, struct gw_str text)
{
    const char *p = text.ptr, *end = p + text.len, *q;

    put(l, &quote, 1);
    while (p < end && (q = memchr(p, quote, (size_t)(end - p)))) {
        put(l, p, (size_t)(q + 1 - p));
        put(l, &quote, 1);
        p = q + 1;
    }
    put(l, p, (size_t)(end - p));
    put(l, &quote, 1);
}

/* Where the first byte is that has a meaning of its own; text.len: nowhere. */
static size_t first_special(const struct csv_config *c, struct gw_str text)
{
    for (size_t at = 0; at < text.len; at += 16) {
        uint32_t mask = csv_marks(text.ptr + at, text.len - at, c->delimiter, c->quote);

        for (; mask; mask &= mask - 1) {
            size_t i = at + (size_t)__builtin_ctz(mask);
            char byte = text.ptr[i];

            if (byte == c->delimiter || byte == c->quote || byte == '\n' || byte == '\r')
                return i;
        }
    }
    return text.len;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool wants_quotes(const struct csv_config *c, struct gw_str text)
{
    if (c->quote_all || first_special(c, text) < text.len)
        return true;
    return text.len && (is_blank(text.ptr[0]) || is_blank(text.ptr[text.len - 1]));
}

/* Most texts need no second look. Copied first, they can be looked at 16 bytes at a time: there is room. */
static inline bool put_plain(const struct csv_config *c, struct line *l, struct gw_str text)
{
    const char *copy = l->text + l->len;
    uint32_t mask = 0;

    if (c->quote_all)
        return false;
    if (text.len == 0)
        return true;
    if (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ')
        return false;
    put_short(l, text.ptr, text.len);
    for (size_t at = 0; at < text.len && mask == 0; at += 16) {
        size_t left = text.len - at;

        mask = csv_marks(copy + at, 16, c->delimiter, c->quote) & (left < 16 ? (1u << left) - 1 : 0xFFFF);
    }
    if (mask)
        l->len -= text.len;
    return mask == 0;
}

static bool begins_with(struct gw_str text, struct gw_str prefix)
{
    return prefix.len && text.len >= prefix.len && memcmp(text.ptr, prefix.ptr, prefix.len) == 0;
}

/* Without quotes. A line end that closes a cell is read back where lines are joined: the next line
 * then begins with the delimiter. But a line end alone in the first column would be a blank line. */
static bool is_writable_bare(const struct csv_config *c, struct gw_str text, uint32_t column, uint32_t ncolumns)
{
    size_t special = first_special(c, text);

    if (special == text.len)
        return true;
    if (!c->join_lines || column + 1 == ncolumns || (special == 0 && column == 0))
        return false;
    if (text.ptr[special] == '\r')
        special++;
    return special + 1 == text.len && text.ptr[special] == '\n';
}

static enum gw_result put_slowly(struct gw_session *s, struct line *l, struct gw_str text, uint32_t column,
                                 bool force)
{
    const struct csv_config *c = config_of(s);
    uint32_t ncolumns = (uint32_t)s->stream->ncolumns;

    if (text.len && memchr(text.ptr, 0, text.len))
        return cells_refuse(s, column, "csv.nul");
    if (c->quote && (force || wants_quotes(c, text))) {
        put_quoted(l, c->quote, text);
        return GW_OK;
    }
    if (force || !is_writable_bare(c, text, column, ncolumns))
        return cells_refuse(s, column, "csv.unquotable");
    put(l, text.ptr, text.len);
    return GW_OK;
}

/* With an apostrophe before it. */
static enum gw_result guard(struct gw_session *s, struct gw_str *text)
{
    char *guarded = gw_alloc(s, text->len + 1);

    if (!guarded)
        return GW_FATAL;
    guarded[0] = '\'';
    memcpy(guarded + 1, text->ptr, text->len);
    *text = (struct gw_str){guarded, text->len + 1};
    return GW_OK;
}

static inline enum gw_result put_cell(struct gw_session *s, struct line *l, struct gw_str text, uint32_t column,
                                      bool force)
{
    if (config_of(s)->guard && csv_needs_guard(text) && guard(s, &text) != GW_OK)
        return GW_FATAL;
    if (!force && put_plain(config_of(s), l, text))
        return GW_OK;
    return put_slowly(s, l, text, column, force);
}

/* Each byte may be a quote to be doubled; two quotes, a guard and a delimiter a cell, a line end; put_plain()'s
 * look. The guard may be the quote. */
static size_t room_for(size_t bytes, size_t cells)
{
    return 2 * bytes + 5 * cells + 2 + 16;
}

static enum gw_result make_line(struct gw_session *s, struct line *l, size_t bytes, size_t cells)
{
    *l = (struct line){gw_alloc(s, room_for(bytes, cells)), 0};
    return l->text ? GW_OK : GW_FATAL;
}

static bool is_writable_context(const struct csv_config *c, const struct gw_node *node)
{
    struct gw_str text = cells_text(node);

    return !node->first && first_special(c, text) == text.len && !(text.len && memchr(text.ptr, 0, text.len));
}

static const struct gw_node *find_child(const struct gw_node *parent, uint16_t name)
{
    const struct gw_node *node = parent ? parent->first : NULL;

    while (node && node->name != name)
        node = node->next;
    return node;
}

#define LINE_CELLS 64u /* of a line of context */

static bool has_cell(const struct gw_node *const *cells, size_t from)
{
    for (; from <= LINE_CELLS; from++)
        if (cells[from])
            return true;
    return false;
}

/* The cells of a line of context by their numbers; *ret_bytes grows by their texts. */
static enum gw_result line_place(struct gw_session *s, const struct gw_node *line,
                                  const struct gw_node **cells, size_t *ret_bytes)
{
    memset(cells, 0, (LINE_CELLS + 1) * sizeof(const struct gw_node *));
    for (const struct gw_node *n = line->first; n; n = n->next) {
        struct gw_str name = gw_name_text(s, n->name);
        struct gw_arg arg = {"column", name};
        size_t number = 0;

        for (size_t i = 0; i < name.len && number <= LINE_CELLS; i++)
            number = name.ptr[i] >= '0' && name.ptr[i] <= '9' ? number * 10 + (size_t)(name.ptr[i] - '0')
                                                              : LINE_CELLS + 1;
        if (number < 2 || number > LINE_CELLS || cells[number] || !is_writable_context(config_of(s), n))
            return gw_fail(s, (struct gw_place){0}, "csv.unquotable", &arg, 1);
        cells[number] = n;
        *ret_bytes += n->len;
    }
    return GW_OK;
}

/* The line of `prefix`, if the context has it: prefix and text, filled with delimiters. */
static enum gw_result write_context(struct gw_session *s, const struct gw_node *context, struct gw_str prefix)
{
    const struct csv_config *c = config_of(s);
    uint16_t name = prefix.len ? gw_name(s, prefix.ptr, prefix.len) : 0;
    const struct gw_node *node = name ? find_child(context, name) : NULL;
    struct gw_arg arg = {"column", prefix};
    struct gw_str text = cells_text(node);
    const struct gw_node *cells[LINE_CELLS + 1];
    size_t bytes = prefix.len + text.len;
    struct line l;
    enum gw_result r;

    if (prefix.len && !name)
        return GW_FATAL;
    if (!node)
        return GW_OK;
    r = c->line_cells ? line_place(s, node, cells, &bytes) : GW_OK;
    if (r == GW_OK && (c->line_cells ? text.len > 0 : !is_writable_context(c, node)))
        r = gw_fail(s, (struct gw_place){0}, "csv.unquotable", &arg, 1);
    if (r == GW_OK)
        r = make_line(s, &l, bytes, s->stream->ncolumns + LINE_CELLS);
    if (r != GW_OK)
        return r;
    put(&l, prefix.ptr, prefix.len);
    put(&l, text.ptr, text.len);
    for (size_t i = 2; c->line_cells && i <= LINE_CELLS && has_cell(cells, i); i++) {
        put(&l, &c->delimiter, 1);
        put(&l, cells_text(cells[i]).ptr, cells_text(cells[i]).len);
    }
    for (size_t i = 1; !c->line_cells && c->pad_lines && i < s->stream->ncolumns; i++)
        put(&l, &c->delimiter, 1);
    put_line_end(c, &l);
    return gw_write(s, l.text, l.len);
}

/* The header stands on line header_line, whether or not there are lines to come before it. */
static enum gw_result write_lines_before(struct gw_session *s)
{
    const struct csv_config *c = config_of(s);
    enum gw_result r = write_context(s, s->stream->context, c->first_line);
    uint64_t lines = c->first_line.len ? 2 : 1;
    struct line l = {(char[2]){0}, 0};

    put_line_end(c, &l);
    for (; r == GW_OK && lines < c->header_line; lines++)
        r = gw_write(s, l.text, l.len);
    return r;
}

static enum gw_result write_header(struct gw_session *s)
{
    const struct gw_stream *stream = s->stream;
    const struct csv_config *c = config_of(s);
    size_t bytes = 0;
    struct line l;
    enum gw_result r;

    for (size_t i = 0; i < stream->ncolumns; i++)
        bytes += gw_name_text(s, stream->columns[i].name).len;
    r = make_line(s, &l, bytes, stream->ncolumns);
    for (size_t i = 0; r == GW_OK && i < stream->ncolumns; i++) {
        if (i)
            put(&l, &c->delimiter, 1);
        r = put_cell(s, &l, gw_name_text(s, stream->columns[i].name), (uint32_t)i, false);
    }
    if (r != GW_OK)
        return r == GW_REJECT ? GW_FAIL : r;
    put_line_end(c, &l);
    return gw_write(s, l.text, l.len);
}

static enum gw_result open_writer(struct gw_session *s)
{
    const struct csv_config *c = config_of(s);
    enum gw_result r;

    if (csv_bad_delimiter(c, c->delimiter))
        return gw_fail(s, (struct gw_place){0}, "csv.delimiter", NULL, 0);
    r = cells_open(s, &((struct writer *)s->state)->cells, &codes);
    if (r == GW_OK && c->bom == CSV_BOM_WRITE)
        r = gw_write(s, "\xEF\xBB\xBF", 3);
    if (r == GW_OK)
        r = write_lines_before(s);
    if (r == GW_OK && c->header_line)
        r = write_header(s);
    return r;
}

/* Must the first cell be in quotes, so that the row is not taken for a blank line or for the last one? */
static bool looks_special(const struct csv_config *c, const struct cells *cells)
{
    struct gw_str first = cells_text(cells->items[0]);

    if (cells->count == 1 && first.len == 0)
        return true;
    if (!begins_with(first, c->last_line) || memchr(first.ptr, '\n', first.len))
        return false;
    for (uint32_t i = 1; i < cells->count; i++)
        if (cells_text(cells->items[i]).len)
            return false;
    return true;
}

static enum gw_result write_row(struct gw_session *s, const struct gw_record *rec)
{
    const struct csv_config *c = config_of(s);
    struct cells *cells = &((struct writer *)s->state)->cells;
    struct line l;
    size_t bytes;
    enum gw_result r = cells_place(s, cells, rec->root, &bytes);

    if (r == GW_OK)
        r = make_line(s, &l, bytes, cells->count);
    if (r != GW_OK)
        return r;
    r = put_cell(s, &l, cells_text(cells->items[0]), 0, looks_special(c, cells));
    for (uint32_t i = 1; r == GW_OK && i < cells->count; i++) {
        l.text[l.len++] = c->delimiter;
        r = put_cell(s, &l, cells_text(cells->items[i]), i, false);
    }
    if (r != GW_OK)
        return r;
    put_line_end(c, &l);
    return gw_write(s, l.text, l.len);
}

static enum gw_result finish_writer(struct gw_session *s, const struct gw_node *context)
{
    return write_context(s, context, config_of(s)->last_line);
}

const struct gw_writer csv_writer = {
    .state_size = sizeof(struct writer),
    .open = open_writer,
    .write = write_row,
    .finish = finish_writer,
};
