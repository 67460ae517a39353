/* SPDX-License-Identifier: EUPL-1.2 */
/* fields.csv: its rows, and each effective row as a line of the language. A bad line does not end it. */
#include "gw/session.h"
#include "mapping/cursor.h"
#include "mapping/format.h"

static const char *const cell_names[CELLS] = {"resource", "field", "path", "as", "use", "when", "note"};

/* ---- rows ---- */

static bool header_read(struct loader *l, const struct layer *layer, struct csv *csv)
{
    struct gw_str cells[CELLS];
    size_t n = 0;
    enum gw_result r = csv_row(csv, cells, CELLS, &n);
    bool good = r == GW_OK && n == CELLS;

    for (size_t i = 0; good && i < CELLS; i++)
        good = str_is(cells[i], cell_names[i]);
    l->out_of_memory |= r == GW_FATAL;
    if (!good)
        loader_complain(l, &(struct complaint){.code = "mapping.header",
                                               .file = layer->table_file,
                                               .line = 1,
                                               .found = r == GW_OK ? cells[0] : GW_STR(""),
                                               .expected = "resource;field;path;as;use;when;note"});
    return good;
}

static void row_add(struct loader *l, struct layer *layer, const struct gw_str *cells, uint32_t number)
{
    struct rows *rows = &layer->rows;
    struct row row = {.file = layer->table_file, .number = number};
    bool blank = true;

    for (size_t i = 0; i < CELLS; i++) {
        row.cells[i] = str_trim(cells[i]);
        blank = blank && !row.cells[i].len;
    }
    if (blank)
        return;
    row.where = str_of(arena_format(l->arena, "%.*s/fields.csv:%u", STR_ARG(layer->name), number));
    rows->items = array_more(l->arena, rows->items, rows->count, sizeof(*rows->items));
    if (!rows->items || !row.where.ptr) {
        l->out_of_memory = true;
        rows->count = 0;
        return;
    }
    rows->items[rows->count++] = row;
}

static void complain_of_row(struct loader *l, const struct layer *layer, const char *code, uint32_t number,
                            size_t n)
{
    char room[20];

    loader_complain(l, &(struct complaint){.code = code,
                                           .file = layer->table_file,
                                           .line = number,
                                           .found = gw_digits(n, room),
                                           .expected = "7"});
}

static bool too_long(const struct gw_str *cells)
{
    for (size_t i = 0; i < CELLS; i++)
        if (cells[i].len > CELL_BYTES)
            return true;
    return false;
}

void rows_read(struct loader *l, struct layer *layer, struct gw_str text)
{
    struct gw_str cells[CELLS];
    struct csv csv;
    size_t n = 0;
    enum gw_result r;

    csv_open(&csv, l->arena, text);
    if (!header_read(l, layer, &csv))
        return;
    while ((r = csv_row(&csv, cells, CELLS, &n)) == GW_OK || r == GW_REJECT) {
        if (r == GW_REJECT)
            complain_of_row(l, layer, "mapping.csv", csv.line, 0);
        else if (n != CELLS)
            complain_of_row(l, layer, "mapping.cells", csv.line, n);
        else if (too_long(cells))
            complain_of_row(l, layer, "mapping.cell_long", csv.line, CELL_BYTES);
        else
            row_add(l, layer, cells, csv.line);
        if (l->out_of_memory)
            return;
    }
    l->out_of_memory |= r == GW_FATAL;
}

/* ---- lines ---- */

/* One line at hand. */
struct reading {
    struct loader *l;
    const struct row *row;
    struct line *line;
};

static void complain(const struct reading *d, int cell, const char *code, size_t column, struct gw_str found,
                     const char *expected)
{
    loader_complain(d->l, &(struct complaint){
                              .code = code,
                              .file = d->row->file,
                              .where = d->row->where,
                              .line = d->row->number,
                              .column = column,
                              .found = found,
                              .expected = expected,
                              .in = cell_names[cell],
                          });
}

static void parsed(const struct reading *d, int cell, enum gw_result r, const struct fault *fault)
{
    struct complaint place = {
        .file = d->row->file, .where = d->row->where, .line = d->row->number, .in = cell_names[cell]};

    loader_parsed(d->l, r, fault, &place);
}

/* In the order of enum use. */
static void use_parse(const struct reading *d)
{
    static const char *const words[] = {"required", "optional", "read",   "write", "check", "try", "null",
                                        "empty",    "omit",     "clears", "add",   "move",  "drop"};
    const size_t count = sizeof(words) / sizeof(*words);
    struct gw_str cell = d->row->cells[CELL_USE], word, rest = cell;

    while ((word = word_next(&rest)).len) {
        size_t i = 0;

        while (i < count && !str_is(word, words[i]))
            i++;
        if (i < count)
            d->line->use |= 1u << i;
        else
            complain(d, CELL_USE, "mapping.option", (size_t)(word.ptr - cell.ptr) + 1, word,
                     str_nearest(word, words, count));
    }
}

static void when_parse(const struct reading *d)
{
    struct fault fault = {0};

    if (d->row->cells[CELL_WHEN].len)
        parsed(d, CELL_WHEN, cond_parse(d->l->arena, d->row->cells[CELL_WHEN], &d->line->when, &fault), &fault);
}

static bool is_word(struct gw_str s)
{
    struct cursor c = cursor_of(NULL, s);

    return cursor_ident(&c).len == s.len && s.len > 0;
}

static void let_parse(const struct reading *d)
{
    const struct gw_str *cells = d->row->cells;

    d->line->kind = LINE_LET;
    if (!is_word(cells[CELL_FIELD]))
        complain(d, CELL_FIELD, "mapping.grammar", 1, cells[CELL_FIELD], NULL);
    if (cells[CELL_PATH].len)
        complain(d, CELL_PATH, "mapping.grammar", 1, cells[CELL_PATH], NULL);
    if (cells[CELL_AS].len)
        complain(d, CELL_AS, "mapping.grammar", 1, cells[CELL_AS], NULL);
    if (!cells[CELL_WHEN].len)
        complain(d, CELL_WHEN, "mapping.grammar", 1, cells[CELL_WHEN], NULL);
    when_parse(d);
}

/* ---- options of a scope ---- */

static bool sort_parse(struct cursor *c, struct line *line)
{
    size_t from;

    line->descending = cursor_skip(c, '-');
    if (!line->descending)
        cursor_skip(c, '+');
    from = c->at;
    while (is_ident(cursor_peek(c, 0)) || (cursor_peek(c, 0) == '.' && c->at > from))
        c->at++;
    line->sort = cursor_since(c, from);
    return line->sort.len || cursor_wrong(c, "mapping.grammar", from);
}

static bool in_parse(struct cursor *c, struct line *line)
{
    size_t from;

    cursor_blanks(c);
    from = c->at;
    while (cursor_peek(c, 0) >= 0 && !is_blank(cursor_peek(c, 0)))
        c->at++;
    line->in = cursor_since(c, from);
    return line->in.len || cursor_wrong(c, "mapping.grammar", from);
}

static bool scope_option(struct cursor *c, struct line *line)
{
    size_t from = c->at;
    struct gw_str word = cursor_ident(c);

    if (str_is(word, "in") && !line->in.ptr && is_blank(cursor_peek(c, 0)))
        return in_parse(c, line);
    if (str_is(word, "sort") && !line->sort.ptr && cursor_skip(c, '('))
        return sort_parse(c, line) && (cursor_skip(c, ')') || cursor_wrong(c, "mapping.grammar", c->at));
    if (str_is(word, "max") && !line->max && cursor_skip(c, '('))
        return cursor_number(c, UINT32_MAX, "mapping.grammar", &line->max) &&
               (cursor_skip(c, ')') || cursor_wrong(c, "mapping.grammar", c->at));
    return cursor_wrong(c, "mapping.grammar", from);
}

static void scope_parse(const struct reading *d)
{
    struct cursor c = cursor_of(d->l->arena, d->row->cells[CELL_AS]);
    struct fault fault;
    bool good = true;

    for (cursor_blanks(&c); good && cursor_peek(&c, 0) >= 0; cursor_blanks(&c))
        good = scope_option(&c, d->line);
    parsed(d, CELL_AS, cursor_result(&c, good, &fault), &fault);
    if (!d->row->cells[CELL_PATH].len)
        complain(d, CELL_PATH, "mapping.no_path", 1, GW_STR(""), NULL);
    else if (d->line->paths.count > 1)
        complain(d, CELL_PATH, "mapping.path", 1, d->row->cells[CELL_PATH], NULL);
}

/* ---- what kind of line ---- */

static void resource_check(const struct reading *d)
{
    struct gw_str cell = d->row->cells[CELL_RESOURCE], label, type = str_cut(cell, ':', &label);

    if (!is_word(type) || (label.ptr && !is_word(label)))
        complain(d, CELL_RESOURCE, "mapping.grammar", 1, cell, NULL);
}

static bool is_list(const struct field_refs *fields)
{
    const struct field_ref *f = fields->items;

    return fields->count == 1 && f->nparts && f->parts[f->nparts - 1].each;
}

static void value_parse(const struct reading *d)
{
    struct line *line = d->line;
    struct fault fault = {0};

    parsed(d, CELL_AS, chain_parse(d->l->arena, d->row->cells[CELL_AS], &line->chain, &fault), &fault);
    if (!line->paths.count && !d->row->cells[CELL_PATH].len && !d->row->cells[CELL_AS].len)
        complain(d, CELL_PATH, "mapping.no_path", 1, GW_STR(""), NULL);
}

static void other_parse(const struct reading *d)
{
    const struct gw_str *cells = d->row->cells;
    struct line *line = d->line;
    struct fault fault = {0};

    parsed(d, CELL_FIELD, fields_parse(d->l->arena, cells[CELL_FIELD], &line->fields, &fault), &fault);
    parsed(d, CELL_PATH, paths_parse(d->l->arena, cells[CELL_PATH], &line->paths, &fault), &fault);
    when_parse(d);
    if (cells[CELL_RESOURCE].len || cells[CELL_FIELD].len)
        resource_check(d);
    line->kind = cells[CELL_RESOURCE].len && !cells[CELL_FIELD].len ? LINE_SCOPE
                 : is_list(&line->fields)                           ? LINE_LIST
                                                                    : LINE_FIELD;
    if (line->kind == LINE_FIELD)
        value_parse(d);
    else
        scope_parse(d);
}

static void line_parse(const struct reading *d)
{
    const struct row *row = d->row;

    memcpy(d->line->cells, row->cells, sizeof(row->cells));
    d->line->where = row->where;
    d->line->file = row->file;
    d->line->number = row->number;
    use_parse(d);
    if (str_is(row->cells[CELL_RESOURCE], "let"))
        let_parse(d);
    else
        other_parse(d);
}

/* Two named conditions of one name: which one was meant cannot be known. */
static void lets_check(struct loader *l, const struct rows *rows, const struct lines *lines, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (lines->items[i].kind == LINE_LET &&
            str_eq(lines->items[i].cells[CELL_FIELD], rows->items[at].cells[CELL_FIELD])) {
            complain(&(struct reading){l, &rows->items[at], NULL}, CELL_FIELD, "mapping.let", 1,
                     rows->items[at].cells[CELL_FIELD], NULL);
            return;
        }
}

void lines_parse(struct loader *l, const struct rows *rows, struct lines *ret)
{
    ret->items = arena_array(l->arena, rows->count ? rows->count : 1, sizeof(*ret->items));
    if (!ret->items) {
        l->out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < rows->count && !l->out_of_memory; i++) {
        line_parse(&(struct reading){l, &rows->items[i], &ret->items[i]});
        if (ret->items[i].kind == LINE_LET)
            lets_check(l, rows, ret, i);
        ret->count++;
    }
}
