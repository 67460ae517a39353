/* SPDX-License-Identifier: EUPL-1.2 */
/* The ods plugin: what is in a table of content.xml, and what is read. */
#include <dlfcn.h>
#include <stdio.h>

#include "conformance/containers.h"
#include "conformance/stage.h"
#include "support/unit.h"

#define OPEN                                                                                                   \
    "<o:document-content xmlns:o=\"urn:o\" xmlns:t=\"urn:t\" xmlns:x=\"urn:x\" xmlns:c=\"urn:c\"><o:body>"     \
    "<o:spreadsheet>"
#define CLOSE      "</o:spreadsheet></o:body></o:document-content>"
#define P(text)    "<t:table-cell o:value-type=\"string\"><x:p>" text "</x:p></t:table-cell>"
#define HEAD       "<t:table-row>" P("a") P("b") "</t:table-row>"
#define ROW(cells) "<t:table t:name=\"L\">" HEAD "<t:table-row>" cells "</t:table-row></t:table>"

static const struct {
    const char *name, *columns, *options, *tables, *expected;
} rows[] = {
    {"texts in pieces", NULL, NULL, ROW(P("un<x:s/>deux<x:tab/><x:line-break/>") P("<x:a>lien</x:a>")),
     "{a'un deux\t\n' b'lien'}\n"},
    {"paragraphs, not those of a note or a drawing", NULL, NULL,
     ROW("<t:table-cell "
         "o:value-type=\"string\"><o:annotation><x:p>note</x:p></o:annotation><x:p>1</x:p><x:p>2</x:p>"
         "<d:frame xmlns:d=\"d\"><x:p>image</x:p></d:frame></t:table-cell>"),
     "{a'1\n2' b''}\n"},
    {"a value that the paragraph does not show", NULL, NULL,
     ROW("<t:table-cell o:value-type=\"float\" o:value=\"89931.899999999994\"><x:p>89 932 "
         "€</x:p></t:table-cell>"
         "<t:table-cell o:value-type=\"string\" o:string-value=\"x  y\"><x:p>x y</x:p></t:table-cell>"),
     "{a#'89931.9' b'x  y'}\n"},
    {"a code keeps its zeros", NULL, NULL,
     ROW("<t:table-cell o:value-type=\"float\" o:value=\"782605941\"><x:p>07 82 60 59 41</x:p></t:table-cell>"
         "<t:table-cell o:value-type=\"float\" o:value=\"0\"><x:p>0</x:p></t:table-cell>"),
     "{a'0782605941' b#'0'}\n"},
    {"dates, times, truth", NULL, "dates=french",
     ROW("<t:table-cell o:value-type=\"date\" o:date-value=\"2026-01-31\"/><t:table-cell o:value-type=\"time\" "
         "o:time-value=\"PT07H30M00S\"/>"),
     "{a'31/01/2026' b'07:30'}\n"},
    {"cells that stand there several times", NULL, NULL,
     ROW("<t:table-cell t:number-columns-repeated=\"2\" o:value-type=\"float\" o:value=\"5\"/>"),
     "{a#'5' b#'5'}\n"},
    {"rows that do", NULL, NULL,
     "<t:table>" HEAD "<t:table-row t:number-rows-repeated=\"2\">" P(
         "x") "</t:table-row><t:table-row "
              "t:number-rows-repeated=\"5\"><t:table-cell/></t:table-row><t:table-row>" P(
                  "y") "</t:table-row></t:table>",
     "{a'x' b''}\n{a'x' b''}\n{a'y' b''}\n"},
    {"too often to be meant", NULL, NULL,
     "<t:table>" HEAD "<t:table-row t:number-rows-repeated=\"1000000\">" P("x") "</t:table-row></t:table>",
     "! ods.large 2 2:1 #0 row=2 limit=4194304\n"},
    {"an error, a formula without its value", NULL, NULL,
     ROW("<t:table-cell o:value-type=\"string\" "
         "c:value-type=\"error\"><x:p>#REF!</x:p></t:table-cell><t:table-cell "
         "t:formula=\"of:=1\"/>"),
     "! ods.error 1 2:1 #0 value=#REF!\n! ods.formula 1 2:2 #0\n"},
    {"merged rows: told, with what to do", NULL, NULL,
     "<t:table>" HEAD "<t:table-row><t:table-cell t:number-rows-spanned=\"2\" o:value-type=\"string\"><x:p>x</x:p></t:table-cell>" P("1")
     "</t:table-row><t:table-row><t:covered-table-cell/>" P("2") "</t:table-row></t:table>",
     "{a'x' b'1'}\n{a'' b'2'}\n! ods.merged 1 2:1 #3 cells=A2:A3\n"},
    {"repeated, where it is asked", NULL, "merged=repeat",
     "<t:table>" HEAD "<t:table-row><t:table-cell t:number-rows-spanned=\"2\" o:value-type=\"string\"><x:p>x</x:p></t:table-cell>" P("1")
     "</t:table-row><t:table-row><t:covered-table-cell/>" P("2") "</t:table-row><t:table-row><t:table-cell/>" P("3") "</t:table-row></t:table>",
     "{a'x' b'1'}\n{a'x' b'2'}\n{a'' b'3'}\n"},
    {"groups and header rows", NULL, NULL,
     "<t:table><t:table-header-rows>" HEAD "</t:table-header-rows><t:table-row-group><t:table-row>" P(
         "x") "</t:table-row></t:table-row-group></t:table>",
     "{a'x' b''}\n"},
    {"a table in a cell is its own", NULL, NULL,
     ROW("<t:table-cell "
         "o:value-type=\"string\"><t:table><t:table-row><t:table-cell><x:p>non</x:p></t:table-cell>"
         "</t:table-row></t:table><x:p>oui</x:p></t:table-cell>"),
     "{a'oui' b''}\n"},
    {"the second table", "a b", NULL,
     "<t:table><t:table-row>" P("titre") "</t:table-row></t:table>" ROW(P("x")), "{a'x' b''}\n"},
    {"by its name", NULL, "sheet=L",
     "<t:table t:name=\"A\"><t:table-row>" P("titre") "</t:table-row></t:table>" ROW(P("x")), "{a'x' b''}\n"},
    {"none", NULL, "sheet=B", ROW(P("x")), "! ods.sheet 2 0:0 #0 found=B\n"},
    {"a row in a row", NULL, NULL, "<t:table><t:table-row><t:table-row/></t:table-row></t:table>",
     "! ods.damaged 2 1:1 #0 what=table-row\n"},
};

static const struct gw_plugin *plugin_of(void)
{
    static const struct gw_plugin *plugin;
    void *library = plugin ? NULL : dlopen(BUILD_DIR "/plugins/ods.so", RTLD_NOW | RTLD_LOCAL);

    if (library)
        plugin = dlsym(library, "gw_plugin");
    assert_non_null(plugin);
    return plugin;
}

static void make(const char *tables, struct buf *bytes)
{
    static char content[65536];
    const struct sample_part parts[] = {
        {"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}, {"content.xml", content}, {NULL, NULL}};

    (void)snprintf(content, sizeof(content), OPEN "%s" CLOSE, tables);
    buf_init(bytes, 4 * CONTAINER_ROOM);
    container_make(parts, 2, "zip:compression=store", bytes);
}

static enum gw_result read_bytes(size_t row, struct gw_str bytes, struct buf *out)
{
    struct sample sample = {
        .plugin = "ods", .name = "table", .columns = rows[row].columns, .options = rows[row].options};
    struct stage st;
    enum gw_result r;

    buf_init(out, 1 << 20);
    assert_true(stage_init(&st, plugin_of(), &sample));
    r = stage_read(&st, bytes);
    buf_str(out, buf_view(&st.text));
    for (const char *line = st.out.data; *line; line = strchr(line, '\n') + 1)
        if (*line == '!')
            buf_add(out, line, (size_t)(strchr(line, '\n') + 1 - line));
    stage_done(&st);
    return r;
}

static void tables_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct buf bytes, out;

        make(rows[i].tables, &bytes);
        (void)read_bytes(i, buf_view(&bytes), &out);
        if (strcmp(out.data, rows[i].expected) != 0)
            fail_msg("%s: %s instead of %s", rows[i].name, out.data, rows[i].expected);
        buf_done(&out);
        buf_done(&bytes);
    }
}

static void a_wrong_byte_anywhere(void **state)
{
    struct buf bytes;

    (void)state;
    make(rows[0].tables, &bytes);
    for (size_t i = 0; i < bytes.len; i++) {
        struct buf out;
        char was = bytes.data[i];
        enum gw_result r;

        bytes.data[i] = (char)(was ^ 0x55);
        r = read_bytes(0, buf_view(&bytes), &out);
        bytes.data[i] = was;
        if (!strchr(out.data, '!') && (r != GW_END || strcmp(out.data, rows[0].expected) != 0))
            fail_msg("byte %zu: %s", i, out.data);
        buf_done(&out);
    }
    buf_done(&bytes);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(tables_are_read),
                                              cmocka_unit_test(a_wrong_byte_anywhere)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
