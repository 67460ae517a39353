/* SPDX-License-Identifier: EUPL-1.2 */
#include "book.h"

#include <dlfcn.h>
#include <stdio.h>

#define R                    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
#define OFFICE               "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define OF(id, kind, target) "<Relationship Id=\"" id "\" Type=\"" OFFICE "/" kind "\" Target=\"" target "\"/>"

const struct gw_plugin *book_plugin(void)
{
    static const struct gw_plugin *plugin;
    void *library = plugin ? NULL : dlopen(BUILD_DIR "/plugins/xlsx.so", RTLD_NOW | RTLD_LOCAL);

    if (library)
        plugin = dlsym(library, "gw_plugin");
    assert_non_null(plugin);
    return plugin;
}

static const char *text(const char *given)
{
    return given ? given : "";
}

void book_make(const struct book *b, const char *zip, struct buf *bytes)
{
    static char book[8192], styles[8192], strings[8192], first[65536], second[65536];
    const struct sample_part parts[] = {
        {"[Content_Types].xml", "<Types/>"},
        {"_rels/.rels", R OF("a", "officeDocument", "/xl/book.xml") "</Relationships>"},
        {"xl/book.xml", book},
        {"xl/_rels/book.xml.rels",
         R OF("r1", "worksheet", "sheets/a.xml") OF("r2", "worksheet", "sheets/b.xml")
             OF("s", "styles", "Styles.xml") OF("t", "sharedStrings", "sst.xml") "</Relationships>"},
        {"xl/styles.xml", styles},
        {"xl/sst.xml", strings},
        {"xl/sheets/a.xml", first},
        {"xl/sheets/b.xml", second},
        {NULL, NULL},
    };

    (void)snprintf(book, sizeof(book), "<workbook xmlns:r=\"" OFFICE "\">%s<sheets>%s</sheets></workbook>",
                   text(b->properties),
                   b->sheets ? b->sheets : "<sheet name=\"Liste\" sheetId=\"1\" r:id=\"r1\"/>");
    (void)snprintf(styles, sizeof(styles), "<styleSheet>%s</styleSheet>", text(b->styles));
    (void)snprintf(strings, sizeof(strings), "<sst>%s</sst>", text(b->strings));
    (void)snprintf(first, sizeof(first), "<worksheet><sheetData>%s</sheetData><mergeCells>%s</mergeCells></worksheet>",
                   text(b->rows), text(b->merges));
    (void)snprintf(second, sizeof(second), "<worksheet><sheetData>%s</sheetData></worksheet>", text(b->rows_2));
    container_make(parts, sizeof(parts) / sizeof(*parts), zip, bytes);
}

enum gw_result book_bytes(const struct book *b, struct gw_str bytes, struct buf *out)
{
    struct sample sample = {.plugin = "xlsx", .name = "book", .columns = b->columns, .options = b->options};
    struct stage st;
    enum gw_result r;

    assert_true(stage_init(&st, book_plugin(), &sample));
    r = stage_read(&st, bytes);
    buf_str(out, buf_view(&st.text));
    for (const char *line = st.out.data; *line; line = strchr(line, '\n') + 1)
        if (*line == '!')
            buf_add(out, line, (size_t)(strchr(line, '\n') + 1 - line));
    stage_done(&st);
    return r;
}

enum gw_result book_read(const struct book *b, const char *zip, struct buf *out)
{
    struct buf bytes;
    enum gw_result r;

    buf_init(&bytes, 4 * CONTAINER_ROOM);
    buf_init(out, 1 << 20);
    book_make(b, zip, &bytes);
    r = book_bytes(b, buf_view(&bytes), out);
    buf_done(&bytes);
    return r;
}
