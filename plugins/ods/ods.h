/* SPDX-License-Identifier: EUPL-1.2 */
/* ods - what the files of the plugin share: ods_sheet.c makes rows of content.xml, table/ does the rest. */
#ifndef ODS_H
#define ODS_H

#include "table/sheet.h"

struct ods_config {
    struct sheet_config sheet; /* first: table/sheet.h sets it */
    struct gw_str name;        /* of the sheet that is written */
};

/* Names of elements and attributes, interned for the part at hand. */
struct ods_names {
    const xmlChar *table, *row, *cell, *covered, *p, *s, *tab, *line_break;
    const xmlChar *name, *rows, *columns, *type, *value, *date, *time, *truth, *string, *formula, *count, *rows_spanned, *columns_spanned;
};

enum ods_type { ODS_NONE, ODS_NUMBER, ODS_DATE, ODS_TIME, ODS_TRUTH, ODS_STRING, ODS_ERROR };

struct ods_cell {
    uint8_t type; /* enum ods_type */
    uint32_t column, repeat;
    char value[64]; /* as the attribute has it */
    size_t value_len;
    unsigned depth;                /* of its element; 0: none is open */
    bool paragraph, formula, text; /* a paragraph is open; the text is an attribute's */
};

struct ods_reader {
    struct sheet sheet; /* first */
    struct ods_names names;
    struct ods_cell cell;
    uint32_t wanted, met; /* tables: the rank that is wanted, how many were met */
    uint32_t row, next_row;
    unsigned depth, table; /* open elements; the depth of the wanted table, 0: it is not open */
    bool found;
};

extern const struct sheet_codes ods_codes;
extern const struct gw_writer ods_writer;

enum gw_result ods_sheet_begin(struct sheet *sh, uint32_t rank);
enum gw_result ods_sheet_feed(struct sheet *sh);

#endif
