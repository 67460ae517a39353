/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The writer: one sheet for people. A header that stays in view, numbers as numbers where nothing of them is
 * lost, all else as text, so that no code loses its zeros or its last digits; a text that could be taken for a
 * formula says that it is none. A row is made in the record's memory and then packed.
 */
#include <string.h>

#include "table/cells.h"
#include "table/date.h"
#include "table/line.h"
#include "table/number.h"
#include "table/pack.h"

#include "xlsx.h"

#define ROWS_MOST 1048576u
#define TEXT_MOST 32767u /* of a cell, in UTF-16 */

/* By its place in styles.xml. */
enum style { STYLE_PLAIN, STYLE_HEAD, STYLE_TEXT, STYLE_QUOTED, STYLE_CENTS, STYLE_DATE };

static const struct cells_codes codes = CELLS_CODES("xlsx");

struct writer {
    struct pack pack;
    struct cells cells;
    uint32_t row;
};

static void put_digits(struct line *l, uint64_t n)
{
    char room[20];
    struct gw_str digits = gw_digits(n, room);

    put(l, digits.ptr, digits.len);
}

/* ---- texts ---- */

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* "_x000D_": would be read as a character. */
static bool looks_escaped(const char *p, size_t left)
{
    return left >= 7 && p[0] == '_' && (p[1] | 0x20) == 'x' && is_hex(p[2]) && is_hex(p[3]) && is_hex(p[4]) &&
           is_hex(p[5]) && p[6] == '_';
}

/* What XML cannot say, in the way of these workbooks; at most seven bytes for one. */
static void put_escaped(struct line *l, unsigned char c)
{
    static const char hex[] = "0123456789ABCDEF";
    char text[7] = {'_', 'x', '0', '0', hex[c >> 4], hex[c & 15], '_'};

    put(l, text, sizeof(text));
}

static void put_text(struct line *l, struct gw_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '&')
            put_word(l, "&amp;");
        else if (c == '<')
            put_word(l, "&lt;");
        else if (c == '>')
            put_word(l, "&gt;");
        else if (c == '"')
            put_word(l, "&quot;");
        else if (((unsigned char)c < ' ' && c != '\n' && c != '\t') ||
                 looks_escaped(text.ptr + i, text.len - i))
            put_escaped(l, (unsigned char)c);
        else
            l->text[l->len++] = c;
    }
}

/* Its length as these programs count it. */
static size_t utf16_length(struct gw_str text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        n += (c & 0xC0) != 0x80;
        n += c >= 0xF0;
    }
    return n;
}

/* ---- cells ---- */

static bool looks_like_formula(struct gw_str text)
{
    return text.len && memchr("=+-@\t\r", *text.ptr, 6);
}

static void put_column(struct line *l, uint32_t column)
{
    char name[4];
    size_t at = sizeof(name);

    for (column++; column && at; column = (column - 1) / 26)
        name[--at] = (char)('A' + (column - 1) % 26);
    put(l, name + at, sizeof(name) - at);
}

static void cell_begin(struct line *l, uint32_t column, uint32_t row, enum style style, const char *type)
{
    put_word(l, "<c r=\"");
    put_column(l, column);
    put_digits(l, row);
    put_word(l, "\"");
    if (style != STYLE_PLAIN) {
        put_word(l, " s=\"");
        put_digits(l, style);
        put_word(l, "\"");
    }
    put_word(l, type);
}

static void put_text_cell(struct line *l, uint32_t column, uint32_t row, enum style style, struct gw_str text)
{
    cell_begin(l, column, row, style, " t=\"inlineStr\"><is><t xml:space=\"preserve\">");
    put_text(l, text);
    put_word(l, "</t></is></c>");
}

static void put_number(struct line *l, struct gw_str text, char mark)
{
    char *to = l->text + l->len;

    put(l, text.ptr, text.len);
    to = memchr(to, mark, text.len);
    if (to)
        *to = '.';
}

/* Days as they count them, from behind the day that never was. */
#define FIRST_DAY 61
#define UNIX_DAY  25569

static bool put_date(struct line *l, const struct sheet_config *c, uint32_t column, uint32_t row,
                     struct gw_str text)
{
    int64_t days;

    if (!c->date_cells || !date_days(text, c->dates == DATES_FRENCH, &days) || days + UNIX_DAY < FIRST_DAY)
        return false;
    cell_begin(l, column, row, STYLE_DATE, "><v>");
    put_digits(l, (uint64_t)(days + UNIX_DAY));
    put_word(l, "</v></c>");
    return true;
}

static void put_cell(struct line *l, const struct sheet_config *c, uint32_t column, uint32_t row,
                     const struct gw_node *node)
{
    struct gw_str text = cells_text(node);
    char mark = c->comma ? ',' : '.';
    size_t decimals;

    if (text.len == 0)
        return;
    if (node->kind == GW_TRUE || node->kind == GW_FALSE) {
        cell_begin(l, column, row, STYLE_PLAIN, node->kind == GW_TRUE ? " t=\"b\"><v>1" : " t=\"b\"><v>0");
        put_word(l, "</v></c>");
    } else if (node->kind == GW_NUMBER && number_exact(text, mark, &decimals)) {
        cell_begin(l, column, row, decimals == 2 ? STYLE_CENTS : STYLE_PLAIN, "><v>");
        put_number(l, text, mark);
        put_word(l, "</v></c>");
    } else if (!put_date(l, c, column, row, text)) {
        put_text_cell(l, column, row, looks_like_formula(text) ? STYLE_QUOTED : STYLE_TEXT, text);
    }
}

/* Each byte may become seven; 96 for what is around a cell, and as much for the row. */
static enum gw_result make_line(struct gw_session *s, struct line *l, size_t bytes, size_t cells)
{
    *l = (struct line){gw_alloc(s, 7 * bytes + 96 * (cells + 1)), 0};
    return l->text ? GW_OK : GW_FATAL;
}

static void row_begin(struct line *l, uint32_t row)
{
    put_word(l, "<row r=\"");
    put_digits(l, row);
    put_word(l, "\">");
}

/* ---- the parts around ---- */

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define OFFICE   "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE  "http://schemas.openxmlformats.org/package/2006/"
#define MAIN     "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define TYPE     "application/vnd.openxmlformats-officedocument.spreadsheetml."

static const char types_xml[] = XML_HEAD
    "<Types xmlns=\"" PACKAGE "content-types\"><Default Extension=\"rels\" "
    "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" "
    "ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"" TYPE
    "sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"" TYPE
    "worksheet+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"" TYPE "styles+xml\"/></Types>";
static const char root_xml[] =
    XML_HEAD "<Relationships xmlns=\"" PACKAGE "relationships\"><Relationship Id=\"rId1\" Type=\"" OFFICE
             "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
static const char relations_xml[] =
    XML_HEAD "<Relationships xmlns=\"" PACKAGE "relationships\"><Relationship Id=\"rId1\" Type=\"" OFFICE
             "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"" OFFICE
             "/styles\" Target=\"styles.xml\"/></Relationships>";
static const char styles_xml[] =
    XML_HEAD "<styleSheet xmlns=\"" MAIN
             "\"><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/>"
             "<sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills count=\"2\"><fill><patternFill "
             "patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills><borders "
             "count=\"1\">"
             "<border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs "
             "count=\"1\"><xf numFmtId=\"0\" "
             "fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs><cellXfs count=\"6\"><xf numFmtId=\"0\" "
             "fontId=\"0\" "
             "fillId=\"0\" borderId=\"0\" xfId=\"0\"/><xf numFmtId=\"49\" fontId=\"1\" fillId=\"0\" "
             "borderId=\"0\" xfId=\"0\" "
             "applyNumberFormat=\"1\" applyFont=\"1\"/><xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" "
             "borderId=\"0\" xfId=\"0\" "
             "applyNumberFormat=\"1\"/><xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" "
             "applyNumberFormat=\"1\" quotePrefix=\"1\"/><xf numFmtId=\"2\" fontId=\"0\" fillId=\"0\" "
             "borderId=\"0\" xfId=\"0\" "
             "applyNumberFormat=\"1\"/><xf numFmtId=\"14\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" "
             "applyNumberFormat=\"1\"/></cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" "
             "builtinId=\"0\"/></cellStyles></styleSheet>";
static const char book_begin[] =
    XML_HEAD "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" OFFICE "\"><sheets><sheet name=\"";
static const char book_end[] = "\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>";
static const char sheet_begin[] =
    XML_HEAD "<worksheet xmlns=\"" MAIN "\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"";
static const char sheet_cols[] =
    "\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><cols>";
static const char sheet_end[] = "</sheetData></worksheet>";

/* A sheet's name has at most 31 characters, and some it may not have. */
static struct gw_str sheet_name(const struct gw_session *s, char room[31])
{
    const struct xlsx_config *config = s->config;
    bool by_name = config->sheet.sheet.len && part_number(config->sheet.sheet, 0) == 0;
    struct gw_str name = by_name ? config->sheet.sheet : config->name;
    size_t len = 0;

    for (; len < name.len && len < 31; len++)
        room[len] = memchr("[]:*?/\\'", name.ptr[len], 8) ? ' ' : name.ptr[len];
    while (len && len < name.len && ((unsigned char)name.ptr[len] & 0xC0) == 0x80)
        len--; /* not within a character */
    return len ? (struct gw_str){room, len} : GW_STR("1");
}

static enum gw_result write_book(struct gw_session *s, struct pack *p)
{
    char room[31];
    struct gw_str name = sheet_name(s, room);
    struct line l;
    enum gw_result r = make_line(s, &l, name.len, 8);

    if (r != GW_OK)
        return r;
    put_word(&l, book_begin);
    put_text(&l, name);
    put_word(&l, book_end);
    l.text[l.len] = '\0';
    return pack_text(p, "xl/workbook.xml", l.text);
}

/* Wide enough for its header. */
static void put_width(struct line *l, uint32_t column, struct gw_str name)
{
    size_t width = utf16_length(name) + 3;

    put_word(l, "<col min=\"");
    put_digits(l, column + 1u);
    put_word(l, "\" max=\"");
    put_digits(l, column + 1u);
    put_word(l, "\" width=\"");
    put_digits(l, width < 12 ? 12 : width > 40 ? 40 : width);
    put_word(l, "\" customWidth=\"1\"/>");
}

static enum gw_result write_head(struct gw_session *s, struct writer *w)
{
    const struct gw_stream *stream = s->stream;
    uint64_t line = ((const struct xlsx_config *)s->config)->sheet.header_line;
    size_t bytes = sizeof(sheet_begin) + sizeof(sheet_cols);
    struct line l;
    enum gw_result r;

    for (size_t i = 0; i < stream->ncolumns; i++)
        bytes += gw_name_text(s, stream->columns[i].name).len;
    r = make_line(s, &l, bytes, 2 * stream->ncolumns);
    if (r != GW_OK)
        return r;
    w->row = line && line < ROWS_MOST ? (uint32_t)line : 1;
    put_word(&l, sheet_begin);
    put_digits(&l, w->row);
    put_word(&l, "\" topLeftCell=\"A");
    put_digits(&l, w->row + 1u);
    put_word(&l, sheet_cols);
    for (uint32_t i = 0; i < stream->ncolumns; i++)
        put_width(&l, i, gw_name_text(s, stream->columns[i].name));
    put_word(&l, "</cols><sheetData>");
    row_begin(&l, w->row);
    for (uint32_t i = 0; i < stream->ncolumns; i++) {
        struct gw_str title = columns_title(s, i, stream->columns[i].name);

        if (title.len)
            put_text_cell(&l, i, w->row, STYLE_HEAD, title);
    }
    put_word(&l, "</row>");
    return pack_put(&w->pack, l.text, l.len);
}

/* ---- the plugin's functions ---- */

static enum gw_result open_writer(struct gw_session *s)
{
    struct writer *w = s->state;
    struct pack *p = &w->pack;
    enum gw_result r = cells_open(s, &w->cells, &codes);

    p->s = s;
    if (r == GW_OK && w->cells.count > GRID_COLUMNS)
        r = gw_fail(s, (struct gw_place){0}, codes.columns, NULL, 0);
    if (r == GW_OK)
        r = pack_text(p, "[Content_Types].xml", types_xml);
    if (r == GW_OK)
        r = pack_text(p, "_rels/.rels", root_xml);
    if (r == GW_OK)
        r = write_book(s, p);
    if (r == GW_OK)
        r = pack_text(p, "xl/_rels/workbook.xml.rels", relations_xml);
    if (r == GW_OK)
        r = pack_text(p, "xl/styles.xml", styles_xml);
    if (r == GW_OK)
        r = pack_begin(p, "xl/worksheets/sheet1.xml");
    return r == GW_OK ? write_head(s, w) : r;
}

/* What a cell cannot hold. */
static enum gw_result check_texts(struct gw_session *s, const struct cells *cells)
{
    for (uint32_t i = 0; i < cells->count; i++) {
        struct gw_str text = cells_text(cells->items[i]);

        if (text.len > TEXT_MOST && utf16_length(text) > TEXT_MOST)
            return cells_refuse(s, i, "xlsx.text_long");
        if (!cells_writable(text))
            return cells_refuse(s, i, "xlsx.character");
    }
    return GW_OK;
}

static enum gw_result write_row(struct gw_session *s, const struct gw_record *rec)
{
    const struct xlsx_config *config = s->config;
    struct writer *w = s->state;
    struct line l;
    size_t bytes;
    enum gw_result r = cells_place(s, &w->cells, rec->root, &bytes);

    if (r == GW_OK)
        r = check_texts(s, &w->cells);
    if (r == GW_OK && cells_empty(&w->cells))
        return gw_reject(s, (struct gw_place){0}, "xlsx.row_empty", NULL, 0);
    if (r == GW_OK && w->row == ROWS_MOST)
        return gw_fail(s, (struct gw_place){0}, "xlsx.rows_many", NULL, 0);
    if (r == GW_OK)
        r = make_line(s, &l, bytes, w->cells.count);
    if (r != GW_OK)
        return r;
    row_begin(&l, ++w->row);
    for (uint32_t i = 0; i < w->cells.count; i++)
        if (w->cells.items[i])
            put_cell(&l, &config->sheet, i, w->row, w->cells.items[i]);
    put_word(&l, "</row>");
    return pack_put(&w->pack, l.text, l.len);
}

static enum gw_result finish_writer(struct gw_session *s, const struct gw_node *context)
{
    struct writer *w = s->state;
    bool fits = true;
    enum gw_result r = pack_put(&w->pack, sheet_end, sizeof(sheet_end) - 1);

    (void)context;
    if (r == GW_OK)
        r = pack_end(&w->pack);
    if (r == GW_OK)
        r = pack_finish(&w->pack, &fits);
    return r == GW_OK && !fits ? gw_fail(s, (struct gw_place){0}, "xlsx.rows_many", NULL, 0) : r;
}

const struct gw_writer xlsx_writer = {
    .state_size = sizeof(struct writer), .open = open_writer, .write = write_row, .finish = finish_writer};
