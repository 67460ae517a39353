/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The writer: one sheet, a bold header, numbers as numbers where nothing of them is lost, all else as text. A
 * text with line ends or blanks that a paragraph would not keep stands in an attribute too, which is what is
 * read.
 */
#include <string.h>

#include "table/cells.h"
#include "table/date.h"
#include "table/line.h"
#include "table/number.h"
#include "table/pack.h"

#include "ods.h"

#define ROWS_MOST 1048576u

static const struct cells_codes codes = CELLS_CODES("ods");

struct writer {
    struct pack pack;
    struct cells cells;
    uint32_t row;
};

/* ---- texts ---- */

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
        else if (c == '\n')
            put_word(l, "&#10;");
        else if (c == '\r')
            put_word(l, "&#13;");
        else if (c == '\t')
            put_word(l, "&#9;");
        else
            l->text[l->len++] = c;
    }
}

static bool is_control(char c)
{
    return (unsigned char)c < ' ' && c != '\n' && c != '\t' && c != '\r';
}

static bool is_writable(struct gw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (is_control(text.ptr[i]))
            return false;
    return cells_writable(text);
}

/* Whether a paragraph would change it. */
static bool needs_attribute(struct gw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' ||
            (text.ptr[i] == ' ' && (i == 0 || i + 1 == text.len || text.ptr[i + 1] == ' ')))
            return true;
    return false;
}

/* ---- cells ---- */

static void put_text_cell(struct line *l, const char *style, struct gw_str text)
{
    put_word(l, "<table:table-cell");
    put_word(l, style);
    put_word(l, " office:value-type=\"string\"");
    if (needs_attribute(text)) {
        put_word(l, " office:string-value=\"");
        put_text(l, text);
        put_word(l, "\"");
    }
    put_word(l, "><text:p>");
    put_text(l, text);
    put_word(l, "</text:p></table:table-cell>");
}

static void put_value_cell(struct line *l, const char *type, struct gw_str text, char mark)
{
    char *value;

    put_word(l, "<table:table-cell office:value-type=\"");
    put_word(l, type);
    value = l->text + l->len;
    put(l, text.ptr, text.len);
    value = memchr(value, mark, text.len);
    if (value)
        *value = '.';
    put_word(l, "\"><text:p>");
    put(l, text.ptr, text.len);
    put_word(l, "</text:p></table:table-cell>");
}

static bool put_date(struct line *l, const struct sheet_config *c, struct gw_str text)
{
    char room[DATE_ROOM];
    struct gw_str iso;
    int64_t days;

    if (!c->date_cells || !date_days(text, c->dates == DATES_FRENCH, &days))
        return false;
    iso = date_text(days, 0, false, room);
    put_word(l, "<table:table-cell office:value-type=\"date\" office:date-value=\"");
    put(l, iso.ptr, iso.len);
    put_word(l, "\"><text:p>");
    put(l, text.ptr, text.len);
    put_word(l, "</text:p></table:table-cell>");
    return true;
}

static void put_cell(struct line *l, const struct sheet_config *c, const struct gw_node *node)
{
    struct gw_str text = cells_text(node);
    char mark = c->comma ? ',' : '.';
    size_t decimals;

    if (text.len == 0)
        put_word(l, "<table:table-cell/>");
    else if (node->kind == GW_TRUE || node->kind == GW_FALSE)
        put_value_cell(l, "boolean\" office:boolean-value=\"",
                       node->kind == GW_TRUE ? GW_STR("true") : GW_STR("false"), mark);
    else if (node->kind == GW_NUMBER && number_exact(text, mark, &decimals))
        put_value_cell(l, "float\" office:value=\"", text, mark);
    else if (!put_date(l, c, text))
        put_text_cell(l, "", text);
}

/* Twice each text, of which each byte may become six; 192 for what is around a cell. */
static enum gw_result make_line(struct gw_session *s, struct line *l, size_t bytes, size_t cells)
{
    *l = (struct line){gw_alloc(s, 12 * bytes + 192 * (cells + 1)), 0};
    return l->text ? GW_OK : GW_FATAL;
}

/* ---- the parts ---- */

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define ODF      "urn:oasis:names:tc:opendocument:xmlns:"
#define SHEETS   "application/vnd.oasis.opendocument.spreadsheet"

static const char manifest_xml[] = XML_HEAD
    "<manifest:manifest xmlns:manifest=\"" ODF "manifest:1.0\" manifest:version=\"1.2\"><manifest:file-entry "
    "manifest:full-path=\"/\" manifest:version=\"1.2\" manifest:media-type=\"" SHEETS
    "\"/><manifest:file-entry manifest:full-path=\"content.xml\" "
    "manifest:media-type=\"text/xml\"/></manifest:manifest>";
static const char content_begin[] = XML_HEAD
    "<office:document-content xmlns:office=\"" ODF "office:1.0\" xmlns:style=\"" ODF
    "style:1.0\" xmlns:fo=\"" ODF "xsl-fo-compatible:1.0\" xmlns:table=\"" ODF "table:1.0\" xmlns:text=\"" ODF
    "text:1.0\" office:version=\"1.2\"><office:automatic-styles><style:style style:name=\"h\" "
    "style:family=\"table-cell\"><style:text-properties fo:font-weight=\"bold\"/></style:style>"
    "</office:automatic-styles><office:body><office:spreadsheet><table:table table:name=\"";
static const char content_end[] = "</table:table></office:spreadsheet></office:body></office:document-content>";

static struct gw_str sheet_name(const struct gw_session *s)
{
    const struct ods_config *config = s->config;
    bool by_name = config->sheet.sheet.len && part_number(config->sheet.sheet, 0) == 0;

    return by_name ? config->sheet.sheet : config->name;
}

/* The header stands on its line, whether or not there is something above it. */
static enum gw_result write_head(struct gw_session *s, struct writer *w)
{
    const struct gw_stream *stream = s->stream;
    uint64_t line = ((const struct ods_config *)s->config)->sheet.header_line;
    size_t bytes = sizeof(content_begin) + sheet_name(s).len;
    char room[20];
    struct gw_str above = gw_digits(line ? line - 1 : 0, room);
    struct line l;
    enum gw_result r;

    for (size_t i = 0; i < stream->ncolumns; i++)
        bytes += gw_name_text(s, stream->columns[i].name).len;
    r = make_line(s, &l, bytes, stream->ncolumns);
    if (r != GW_OK)
        return r;
    put_word(&l, content_begin);
    put_text(&l, sheet_name(s));
    put_word(&l, "\">");
    if (line > 1 && line < ROWS_MOST) {
        put_word(&l, "<table:table-row table:number-rows-repeated=\"");
        put(&l, above.ptr, above.len);
        put_word(&l, "\"><table:table-cell/></table:table-row>");
    }
    put_word(&l, "<table:table-row>");
    for (size_t i = 0; i < stream->ncolumns; i++)
        put_text_cell(&l, " table:style-name=\"h\"", columns_title(s, (uint32_t)i, stream->columns[i].name));
    put_word(&l, "</table:table-row>");
    w->row = line > 1 && line < ROWS_MOST ? (uint32_t)line : 1;
    return pack_put(&w->pack, l.text, l.len);
}

static enum gw_result open_writer(struct gw_session *s)
{
    struct writer *w = s->state;
    struct pack *p = &w->pack;
    enum gw_result r = cells_open(s, &w->cells, &codes);

    p->s = s;
    if (r == GW_OK && w->cells.count > GRID_COLUMNS)
        r = gw_fail(s, (struct gw_place){0}, codes.columns, NULL, 0);
    if (r == GW_OK)
        r = pack_stored(p, "mimetype", SHEETS);
    if (r == GW_OK)
        r = pack_text(p, "META-INF/manifest.xml", manifest_xml);
    if (r == GW_OK)
        r = pack_begin(p, "content.xml");
    return r == GW_OK ? write_head(s, w) : r;
}

static enum gw_result check_texts(struct gw_session *s, const struct cells *cells)
{
    for (uint32_t i = 0; i < cells->count; i++)
        if (!is_writable(cells_text(cells->items[i])))
            return cells_refuse(s, i, "ods.character");
    return cells_empty(cells) ? gw_reject(s, (struct gw_place){0}, "ods.row_empty", NULL, 0) : GW_OK;
}

static enum gw_result write_row(struct gw_session *s, const struct gw_record *rec)
{
    const struct ods_config *config = s->config;
    struct writer *w = s->state;
    struct line l;
    size_t bytes;
    enum gw_result r = cells_place(s, &w->cells, rec->root, &bytes);

    if (r == GW_OK)
        r = check_texts(s, &w->cells);
    if (r == GW_OK && w->row == ROWS_MOST)
        return gw_fail(s, (struct gw_place){0}, "ods.rows_many", NULL, 0);
    if (r == GW_OK)
        r = make_line(s, &l, bytes, w->cells.count);
    if (r != GW_OK)
        return r;
    w->row++;
    put_word(&l, "<table:table-row>");
    for (uint32_t i = 0; i < w->cells.count; i++)
        put_cell(&l, &config->sheet, w->cells.items[i]);
    put_word(&l, "</table:table-row>");
    return pack_put(&w->pack, l.text, l.len);
}

static enum gw_result finish_writer(struct gw_session *s, const struct gw_node *context)
{
    struct writer *w = s->state;
    bool fits = true;
    enum gw_result r = pack_put(&w->pack, content_end, sizeof(content_end) - 1);

    (void)context;
    if (r == GW_OK)
        r = pack_end(&w->pack);
    if (r == GW_OK)
        r = pack_finish(&w->pack, &fits);
    return r == GW_OK && !fits ? gw_fail(s, (struct gw_place){0}, "ods.rows_many", NULL, 0) : r;
}

const struct gw_writer ods_writer = {
    .state_size = sizeof(struct writer), .open = open_writer, .write = write_row, .finish = finish_writer};
