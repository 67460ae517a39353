/* SPDX-License-Identifier: EUPL-1.2 */
/* A workbook of a few texts, and what the plugin makes of it. */
#ifndef PLUGINS_XLSX_BOOK_H
#define PLUGINS_XLSX_BOOK_H

#include "conformance/containers.h"
#include "conformance/stage.h"
#include "support/unit.h"

struct book {
    const char *sheets;     /* in <sheets>; NULL: one, "Liste" */
    const char *properties; /* before them */
    const char *styles, *strings, *rows, *rows_2;
    const char *merges; /* of the first sheet */
    const char *columns, *options;
};

/* Records and what was told, without places but those of what was told; to be freed with buf_done(). */
enum gw_result book_read(const struct book *b, const char *zip, struct buf *out);
void book_make(const struct book *b, const char *zip, struct buf *bytes);
enum gw_result book_bytes(const struct book *b, struct gw_str bytes, struct buf *out);
const struct gw_plugin *book_plugin(void);

#endif
