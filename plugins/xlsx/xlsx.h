/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * xlsx - what the files of the plugin share. xlsx_book.c finds the parts of a workbook, xlsx_styles.c which
 * cells are dates, xlsx_strings.c keeps the shared strings, xlsx_sheet.c makes rows; table/ does the rest. The
 * writer is xlsx_write.c over table/pack.c.
 */
#ifndef XLSX_H
#define XLSX_H

#include "table/sheet.h"

struct xlsx_config {
    struct sheet_config sheet; /* first: table/sheet.h sets it */
    struct gw_str name;        /* of the sheet that is written */
};

/* How a number is shown, as far as it says what it is. */
enum xlsx_shown { SHOWN_PLAIN, SHOWN_DATE, SHOWN_DATE_TIME, SHOWN_TIME };

struct xlsx_style {
    uint8_t shown;  /* enum xlsx_shown */
    uint8_t digits; /* SHOWN_PLAIN: at least so many */
};

struct xlsx_format {
    uint32_t id;
    struct xlsx_style style;
};

struct xlsx_styles {
    struct xlsx_style *cells; /* by the number of a cell's style */
    size_t count, room;
    struct xlsx_format *own; /* of the workbook */
    size_t nown, own_room;
};

/* Texts that cells refer to by number, in blocks; a text lies in one block, behind its length. */
struct xlsx_strings {
    struct gw_session *s;
    char **blocks;
    uint32_t **index; /* of each text the offset, in blocks of its own */
    uint32_t nblocks, count;
    size_t used; /* of the last block */
};

struct xlsx_place {
    struct gw_str name, part; /* what people call it, and where it is */
    bool hidden;
};

struct xlsx_book {
    struct gw_str part; /* xl/workbook.xml, wherever it is */
    struct gw_str strings, styles;
    struct xlsx_place *sheets;
    size_t count, room;
    bool from_1904;
};

/* Names of elements and attributes, interned for the part at hand. */
struct xlsx_names {
    const xmlChar *row, *c, *v, *t, *rph, *f, *r, *s, *merge, *ref;
};

struct xlsx_cell {
    struct gw_str type; /* copied into type_room */
    char type_room[12];
    uint32_t column, style;
    bool open, in_text, formula, any;
    unsigned aside; /* depth in what is no text of the cell (phonetic signs) */
};

struct xlsx_reader {
    struct sheet sheet; /* first */
    struct xlsx_book book;
    struct xlsx_styles styles;
    struct xlsx_strings strings;
    struct xlsx_names names;
    struct xlsx_cell cell;
    uint32_t row;
};

extern const struct sheet_codes xlsx_codes;
extern const struct gw_reader xlsx_reader;
extern const struct gw_writer xlsx_writer;

GW_MUST_USE enum gw_result xlsx_book_read(struct xlsx_reader *x);
GW_MUST_USE enum gw_result xlsx_styles_read(struct xlsx_reader *x);
struct xlsx_style xlsx_style_of(const struct xlsx_styles *s, uint32_t number);

GW_MUST_USE enum gw_result xlsx_strings_read(struct xlsx_reader *x);
/* False: there is no such text. */
bool xlsx_string(const struct xlsx_strings *s, uint32_t number, struct gw_str *ret);
/* "_x000D_" becomes its character, in place; the new length. */
size_t xlsx_unescape(char *text, size_t len);

/* A serial number of days as a text. False: it is no date that can be. */
bool xlsx_serial(struct gw_str number, bool from_1904, enum xlsx_shown shown, bool french, char *room,
                 struct gw_str *ret);

enum gw_result xlsx_sheet_begin(struct sheet *sh, uint32_t rank);
enum gw_result xlsx_sheet_feed(struct sheet *sh);

#endif
