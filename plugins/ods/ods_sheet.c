/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rows and cells of a table of content.xml, from the parser into the grid. All tables stand in one part, so
 * another sheet is another reading of it. A cell says its value in attributes, and what is shown of it in
 * paragraphs.
 */
#include "table/date.h"
#include "table/keep.h"
#include "table/number.h"

#include "ods.h"

#define TABLES_MOST 200u   /* each is looked for from the beginning */
#define REPEAT_MOST 10000u /* rows that are the same and not empty */
#define TABLE_DEPTH 4u     /* document-content, body, spreadsheet, table */

static void settle(struct part *p, struct ods_reader *o, enum gw_result r)
{
    if (r != GW_OK)
        part_stop(p, sheet_grid(&o->sheet, r));
}

static enum gw_result damaged(struct ods_reader *o, const char *what)
{
    struct gw_arg arg = {"what", {what, strlen(what)}};

    return gw_fail(o->sheet.s, o->sheet.at, o->sheet.codes->zip.damaged, &arg, 1);
}

/* ---- tables and rows ---- */

static void table_begin(struct part *p, struct ods_reader *o, const xmlChar **attributes, int n)
{
    if (o->depth != TABLE_DEPTH || o->met++ != o->wanted)
        return;
    o->table = o->depth;
    o->found = true;
    o->sheet.name = keep_text(p->s, part_value(attributes, n, o->names.name));
    if (!o->sheet.name.ptr)
        part_stop(p, GW_FATAL);
}

static void row_begin(struct part *p, struct ods_reader *o, const xmlChar **attributes, int n)
{
    uint32_t repeat = part_number(part_value(attributes, n, o->names.rows), 1);

    if (o->sheet.grid.open) {
        part_stop(p, damaged(o, "table-row"));
        return;
    }
    o->row = o->next_row;
    o->next_row += repeat ? repeat : 1;
    o->cell.column = 0;
    o->sheet.at = (struct gw_place){0, o->row, 1};
    settle(p, o, grid_begin(&o->sheet.grid, o->row, repeat ? repeat : 1));
}

static void row_end(struct part *p, struct ods_reader *o)
{
    struct grid *g = &o->sheet.grid;
    struct grid_row *row = &g->rows[g->nrows - 1];

    grid_end(g);
    if (row->count && row->repeat > REPEAT_MOST)
        settle(p, o, GW_REJECT);
}

/* ---- cells ---- */

static uint8_t type_of(struct gw_str word)
{
    static const struct {
        const char *word;
        uint8_t type;
    } types[] = {{"float", ODS_NUMBER},  {"currency", ODS_NUMBER}, {"percentage", ODS_NUMBER},
                 {"date", ODS_DATE},     {"time", ODS_TIME},       {"boolean", ODS_TRUTH},
                 {"string", ODS_STRING}, {"error", ODS_ERROR}};

    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (part_is(word, types[i].word))
            return types[i].type;
    return ODS_NONE;
}

/* The office's word comes first; LibreOffice's own, which comes too, knows errors. */
static uint8_t cell_type(const struct ods_reader *o, const xmlChar **attributes, int n)
{
    uint8_t type = ODS_NONE;

    for (int i = 0; i < n; i++) {
        struct gw_str word = {(const char *)attributes[5 * i + 3],
                              (size_t)(attributes[5 * i + 4] - attributes[5 * i + 3])};

        if (attributes[5 * i] != o->names.type)
            continue;
        if (type == ODS_NONE || type_of(word) == ODS_ERROR)
            type = type_of(word);
    }
    return type;
}

static struct gw_str cell_value(const struct ods_reader *o, uint8_t type, const xmlChar **attributes, int n)
{
    const xmlChar *const names[] = {
        [ODS_NUMBER] = o->names.value, [ODS_DATE] = o->names.date,     [ODS_TIME] = o->names.time,
        [ODS_TRUTH] = o->names.truth,  [ODS_STRING] = o->names.string, [ODS_ERROR] = NULL};

    return names[type] ? part_value(attributes, n, names[type]) : (struct gw_str){NULL, 0};
}

/* How far a cell is shown. */
static enum gw_result take_span(struct ods_reader *o, const xmlChar **attributes, int n)
{
    uint32_t rows = part_number(part_value(attributes, n, o->names.rows_spanned), 1);
    uint32_t columns = part_number(part_value(attributes, n, o->names.columns_spanned), 1);

    return merge_add(o->sheet.s, &o->sheet.merges,
                     (struct merge){.row = o->row,
                                    .last_row = o->row + (rows ? rows - 1 : 0),
                                    .column = o->cell.column,
                                    .last_column = o->cell.column + (columns ? columns - 1 : 0)});
}

static void cell_begin(struct part *p, struct ods_reader *o, const xmlChar **attributes, int n)
{
    struct ods_cell *c = &o->cell;
    uint32_t repeat = part_number(part_value(attributes, n, o->names.columns), 1);
    struct gw_str value;

    if (!o->sheet.grid.open || c->depth) {
        part_stop(p, damaged(o, "table-cell"));
        return;
    }
    *c = (struct ods_cell){.type = cell_type(o, attributes, n),
                           .column = c->column,
                           .repeat = repeat ? repeat : 1,
                           .depth = o->depth,
                           .formula = part_value(attributes, n, o->names.formula).len != 0};
    o->sheet.at.column = c->column + 1;
    grid_mark(&o->sheet.grid);
    settle(p, o, take_span(o, attributes, n));
    value = cell_value(o, c->type, attributes, n);
    if (c->type == ODS_STRING && value.len) {
        c->text = true;
        settle(p, o, grid_add(&o->sheet.grid, value.ptr, value.len));
    } else if (value.len && value.len <= sizeof(c->value)) {
        memcpy(c->value, value.ptr, value.len);
        c->value_len = value.len;
    }
}

/* As often as it stands there. The text is what was added. */
static enum gw_result put_all(struct ods_reader *o, enum gw_kind kind)
{
    enum gw_result r = GW_OK;

    for (uint32_t i = 0; r == GW_OK && i < o->cell.repeat; i++)
        r = grid_cell(&o->sheet.grid, o->cell.column + i, kind, (struct gw_str){NULL, 0});
    return r;
}

static enum gw_result put(struct ods_reader *o, enum gw_kind kind, struct gw_str text)
{
    struct grid *g = &o->sheet.grid;
    enum gw_result r;

    g->len = g->mark;
    r = grid_add(g, text.ptr, text.len);
    return r == GW_OK ? put_all(o, kind) : r;
}

/* What is shown is a code when it begins with a 0 that the value has not: "01500", "07 82 60 59 41". */
static bool is_code(struct gw_str shown, struct gw_str value, char room[NUMBER_ROOM], struct gw_str *ret)
{
    size_t len = 0, zeros = 0;

    for (size_t i = 0; i < shown.len; i++) {
        if (shown.ptr[i] == ' ')
            continue;
        if (shown.ptr[i] < '0' || shown.ptr[i] > '9' || len == NUMBER_ROOM)
            return false;
        room[len++] = shown.ptr[i];
    }
    while (zeros < len && room[zeros] == '0')
        zeros++;
    *ret = (struct gw_str){room, len};
    return zeros && len - zeros == value.len && value.len && memcmp(room + zeros, value.ptr, value.len) == 0;
}

static enum gw_result put_number(struct ods_reader *o, struct gw_str value)
{
    char room[NUMBER_ROOM], code_room[NUMBER_ROOM];
    struct gw_str plain, code;

    if (!number_plain(value, room, &plain))
        return put(o, GW_TEXT, value);
    if (is_code(grid_open(&o->sheet.grid), plain, code_room, &code))
        return put(o, GW_TEXT, code);
    if (o->sheet.config->comma)
        number_comma(plain, room);
    return put(o, GW_NUMBER, plain);
}

static enum gw_result put_day(struct ods_reader *o, struct gw_str value)
{
    char room[DATE_ROOM];
    uint64_t seconds;

    if (o->cell.type == ODS_TIME)
        return put(o, GW_TEXT, date_of_duration(value, &seconds) ? date_time(seconds, room) : value);
    return put(o, GW_TEXT, date_of_iso(value, o->sheet.config->dates == DATES_FRENCH, room));
}

static enum gw_result put_cell(struct ods_reader *o)
{
    struct ods_cell *c = &o->cell;
    struct grid *g = &o->sheet.grid;
    struct gw_str value = {c->value, c->value_len}, shown = grid_open(g);

    if (c->type == ODS_ERROR) {
        sheet_warn_error(&o->sheet, shown);
        g->len = g->mark;
        return GW_OK;
    }
    if (c->formula && !value.len && !shown.len && c->type != ODS_STRING)
        sheet_warn_formula(&o->sheet);
    if (!value.len)
        return shown.len ? put_all(o, GW_TEXT) : GW_OK;
    if (c->type == ODS_NUMBER)
        return put_number(o, value);
    if (c->type == ODS_TRUTH)
        return put(o, part_is(value, "true") ? GW_TRUE : GW_FALSE, value);
    return put_day(o, value);
}

static void cell_end(struct part *p, struct ods_reader *o)
{
    struct ods_cell *c = &o->cell;

    settle(p, o, put_cell(o));
    c->column = c->repeat < GRID_COLUMNS && c->column < GRID_COLUMNS ? c->column + c->repeat : GRID_COLUMNS;
    c->depth = 0;
    c->paragraph = false;
}

/* ---- texts ---- */

static void add(struct part *p, struct ods_reader *o, const char *text, size_t len)
{
    settle(p, o, grid_add(&o->sheet.grid, text, len));
}

/* Paragraphs of the cell itself, not of a note or a drawing in it. */
static void paragraph_begin(struct part *p, struct ods_reader *o)
{
    struct ods_cell *c = &o->cell;

    if (o->depth != c->depth + 1 || c->text)
        return;
    if (grid_open(&o->sheet.grid).len)
        add(p, o, "\n", 1);
    c->paragraph = true;
}

static void blanks(struct part *p, struct ods_reader *o, uint32_t n)
{
    for (uint32_t i = 0; i < n && i < 1000; i++)
        add(p, o, " ", 1);
}

/* ---- the part ---- */

static void in_cell(struct part *p, struct ods_reader *o, const xmlChar *name, const xmlChar **attributes,
                    int n)
{
    const struct ods_names *names = &o->names;

    if (name == names->p)
        paragraph_begin(p, o);
    else if (!o->cell.paragraph)
        return;
    else if (name == names->s)
        blanks(p, o, part_number(part_value(attributes, n, names->count), 1));
    else if (name == names->tab)
        add(p, o, "\t", 1);
    else if (name == names->line_break)
        add(p, o, "\n", 1);
}

static void start(struct part *p, const xmlChar *name, const xmlChar **attributes, int n)
{
    struct ods_reader *o = p->context;
    const struct ods_names *names = &o->names;

    o->depth++;
    if (!o->table) {
        if (name == names->table)
            table_begin(p, o, attributes, n);
    } else if (o->cell.depth) {
        in_cell(p, o, name, attributes, n);
    } else if (name == names->row) {
        row_begin(p, o, attributes, n);
    } else if (name == names->cell || name == names->covered) {
        cell_begin(p, o, attributes, n);
    }
}

static void end(struct part *p, const xmlChar *name)
{
    struct ods_reader *o = p->context;

    if (o->cell.depth == o->depth && o->depth)
        cell_end(p, o);
    else if (o->cell.depth && o->depth == o->cell.depth + 1)
        o->cell.paragraph = false;
    else if (o->table && name == o->names.row && o->sheet.grid.open && !o->cell.depth)
        row_end(p, o);
    else if (o->table == o->depth)
        o->table = 0;
    o->depth--;
}

static void text_in(struct part *p, const char *text, size_t len)
{
    struct ods_reader *o = p->context;

    if (o->cell.paragraph)
        add(p, o, text, len);
}

static const struct part_handlers handlers = {.start = start, .end = end, .text = text_in};

static bool intern(struct part *p, struct ods_names *n)
{
    const struct {
        const xmlChar **to;
        const char *name;
    } words[] = {{&n->table, "table"},
                 {&n->row, "table-row"},
                 {&n->cell, "table-cell"},
                 {&n->covered, "covered-table-cell"},
                 {&n->p, "p"},
                 {&n->s, "s"},
                 {&n->tab, "tab"},
                 {&n->line_break, "line-break"},
                 {&n->name, "name"},
                 {&n->rows, "number-rows-repeated"},
                 {&n->columns, "number-columns-repeated"},
                 {&n->type, "value-type"},
                 {&n->value, "value"},
                 {&n->date, "date-value"},
                 {&n->time, "time-value"},
                 {&n->truth, "boolean-value"},
                 {&n->string, "string-value"},
                 {&n->formula, "formula"},
                 {&n->count, "c"},
                 {&n->rows_spanned, "number-rows-spanned"},
                 {&n->columns_spanned, "number-columns-spanned"}};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        *words[i].to = part_intern(p, words[i].name);
        if (!*words[i].to)
            return false;
    }
    return true;
}

/* Reads on to where the table begins, so that its name is known. */
enum gw_result ods_sheet_begin(struct sheet *sh, uint32_t rank)
{
    static const struct gw_str content = GW_STR_INIT("content.xml");
    struct ods_reader *o = (struct ods_reader *)sh;
    struct gw_arg arg = {"part", content};
    enum gw_result r;

    part_close(&sh->part);
    if (rank == TABLES_MOST)
        return GW_END;
    o->wanted = rank;
    o->met = o->row = o->depth = o->table = 0;
    o->next_row = 1;
    o->found = false;
    o->cell = (struct ods_cell){0};
    r = part_open(&sh->part, &sh->zip, content, &sh->codes->part, &handlers, o);
    if (r == GW_END)
        return gw_fail(sh->s, (struct gw_place){0}, sh->codes->part.missing, &arg, 1);
    if (r == GW_OK && !intern(&sh->part, &o->names))
        r = GW_FATAL;
    while (r == GW_OK && !o->found)
        r = part_feed(&sh->part);
    sh->fed = r == GW_END;
    return r == GW_END && o->found ? GW_OK : r;
}

enum gw_result ods_sheet_feed(struct sheet *sh)
{
    return part_feed(&sh->part);
}
