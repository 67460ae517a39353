/* SPDX-License-Identifier: EUPL-1.2 */
/* Cells, headers and sheets: what is in the workbook, and what is read. */
#include "book.h"

int test_books(void);

#define HEAD       "<row r=\"1\"><c t=\"str\"><v>a</v></c><c t=\"str\"><v>b</v></c></row>"
#define ROW(cells) HEAD "<row r=\"2\">" cells "</row>"
#define FORMAT(code)                                                                                           \
    "<numFmts><numFmt numFmtId=\"164\" formatCode=\"" code                                                     \
    "\"/></numFmts><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/></cellXfs>"
#define BUILTIN(id)                                                                                            \
    "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"" id        \
    "\"/></cellXfs>"
#define SHOWN(value) ROW("<c s=\"1\"><v>" value "</v></c>")

static const struct {
    const char *name;
    struct book book;
    const char *expected;
} rows[] = {
    {"a number", {.rows = ROW("<c><v>12.5</v></c><c t=\"n\"><v>3</v></c>")}, "{a#'12.5' b#'3'}\n"},
    {"a number of a double", {.rows = ROW("<c><v>89931.899999999994</v></c>")}, "{a#'89931.9' b''}\n"},
    {"truth",
     {.rows = ROW("<c t=\"b\"><v>1</v></c><c t=\"b\"><v>0</v></c>")},
     "{atrue 'true' bfalse 'false'}\n"},
    {"an error is empty",
     {.rows = ROW("<c t=\"e\"><v>#REF!</v></c><c><v>1</v></c>")},
     "{a'' b#'1'}\n! xlsx.error 1 2:1 #0 value=#REF!\n"},
    {"a formula with its value", {.rows = ROW("<c><f>1+1</f><v>2</v></c>")}, "{a#'2' b''}\n"},
    {"a formula without",
     {.rows = ROW("<c><f>1+1</f></c><c><v>1</v></c>")},
     "{a'' b#'1'}\n! xlsx.formula 1 2:1 #0\n"},
    {"shared strings, in pieces, without phonetic signs",
     {.strings = "<si><t>x</t></si><si><r><t>No</t></r><r><t xml:space=\"preserve\">\xC3\xABl </t></r>"
                 "<rPh sb=\"0\" eb=\"1\"><t>noeru</t></rPh></si><si/>",
      .rows = ROW("<c t=\"s\"><v>1</v></c><c t=\"s\"><v>2</v></c>")},
     "{a'No\xC3\xABl ' b''}\n"},
    {"a shared string that is not there",
     {.rows = ROW("<c t=\"s\"><v>9</v></c>")},
     "! xlsx.damaged 2 2:1 #0 what=sharedStrings\n"},
    {"inline strings, escapes and entities",
     {.rows = ROW(
          "<c t=\"inlineStr\"><is><t>a&amp;b&lt;_x000A_</t></is></c><c t=\"str\"><v>_x005F_x000D_</v></c>")},
     "{a'a&b<\n' b'_x000D_'}\n"},
    {"places of cells count, whatever their order in the row",
     {.rows = HEAD "<row r=\"7\"><c r=\"B7\"><v>2</v></c><c r=\"A7\"><v>1</v></c></row>"},
     "{a#'1' b#'2'}\n"},
    {"what is beside the table",
     {.rows = ROW("<c><v>1</v></c><c/><c t=\"str\"><v>note</v></c>")},
     "{a#'1' b''}\n! xlsx.stray 1 2:3 #1 value=note\n"},
    {"only blanks is no row", {.rows = ROW("<c t=\"str\"><v>  </v></c>")}, ""},
    {"a header without a name in it",
     {.rows =
          "<row><c t=\"str\"><v>a</v></c><c/><c t=\"str\"><v>c</v></c></row><row><c><v>1</v></c><c><v>2</v></c>"
          "<c><v>3</v></c></row>"},
     "{a#'1' #2#'2' c#'3'}\n"},
    {"a name twice",
     {.rows = "<row><c t=\"str\"><v>a</v></c><c t=\"str\"><v>a</v></c></row>"},
     "! xlsx.column_twice 2 1:2 #0 column=a first=1 second=2\n"},

    /* dates are numbers that are shown as dates */
    {"a built-in date", {.styles = BUILTIN("14"), .rows = SHOWN("45658")}, "{a'2025-01-01' b''}\n"},
    {"a date with its time",
     {.styles = BUILTIN("22"), .rows = SHOWN("45658.520833333336")},
     "{a'2025-01-01T12:30:00' b''}\n"},
    {"at midnight it has none", {.styles = BUILTIN("22"), .rows = SHOWN("45658")}, "{a'2025-01-01' b''}\n"},
    {"a date shows no time", {.styles = BUILTIN("14"), .rows = SHOWN("45658.75")}, "{a'2025-01-01' b''}\n"},
    {"nearly midnight", {.styles = BUILTIN("22"), .rows = SHOWN("45657.999999999")}, "{a'2025-01-01' b''}\n"},
    {"hours beyond a day",
     {.styles = FORMAT("[h]:mm"), .rows = SHOWN("1.4583333333333333")},
     "{a'35:00' b''}\n"},
    {"minutes", {.styles = FORMAT("mm:ss"), .rows = SHOWN("0.5")}, "{a'12:00' b''}\n"},
    {"a month", {.styles = FORMAT("mmmm"), .rows = SHOWN("45658")}, "{a'2025-01-01' b''}\n"},
    {"with a language",
     {.styles = FORMAT("[$-40C]d mmmm yyyy;@"), .rows = SHOWN("45658")},
     "{a'2025-01-01' b''}\n"},
    {"French letters", {.styles = FORMAT("jj/mm/aaaa"), .rows = SHOWN("45658")}, "{a'2025-01-01' b''}\n"},
    {"letters in quotes are no date",
     {.styles = FORMAT("0&quot; days&quot;"), .rows = SHOWN("12")},
     "{a#'12' b''}\n"},
    {"nor is a colour",
     {.styles = FORMAT("#,##0.00;[Red]-#,##0.00"), .rows = SHOWN("-12.5")},
     "{a#'-12.5' b''}\n"},
    {"nor an escape", {.styles = FORMAT("0\\d"), .rows = SHOWN("12")}, "{a#'12' b''}\n"},
    {"the first days", {.styles = BUILTIN("14"), .rows = SHOWN("1")}, "{a'1900-01-01' b''}\n"},
    {"before the day that never was", {.styles = BUILTIN("14"), .rows = SHOWN("59")}, "{a'1900-02-28' b''}\n"},
    {"the day that never was", {.styles = BUILTIN("14"), .rows = SHOWN("60")}, "{a#'60' b''}\n"},
    {"behind it", {.styles = BUILTIN("14"), .rows = SHOWN("61")}, "{a'1900-03-01' b''}\n"},
    {"no day", {.styles = BUILTIN("14"), .rows = SHOWN("0")}, "{a#'0' b''}\n"},
    {"beyond all days", {.styles = BUILTIN("14"), .rows = SHOWN("2958466")}, "{a#'2958466' b''}\n"},
    {"before all days", {.styles = BUILTIN("14"), .rows = SHOWN("-1")}, "{a#'-1' b''}\n"},
    {"counted from 1904",
     {.properties = "<workbookPr date1904=\"1\"/>", .styles = BUILTIN("14"), .rows = SHOWN("44196")},
     "{a'2025-01-01' b''}\n"},
    {"in French",
     {.options = "dates=french decimal_comma=true",
      .styles = BUILTIN("14"),
      .rows = ROW("<c s=\"1\"><v>45658</v></c><c><v>-12.50</v></c>")},
     "{a'01/01/2025' b#'-12,5'}\n"},
    {"a date as a text", {.rows = ROW("<c t=\"d\"><v>2025-01-01T00:00:00Z</v></c>")}, "{a'2025-01-01' b''}\n"},

    /* codes that are kept as numbers */
    {"a postal code", {.styles = FORMAT("00000"), .rows = SHOWN("1500")}, "{a'01500' b''}\n"},
    {"a telephone",
     {.styles = FORMAT("0#&quot; &quot;##&quot; &quot;##&quot; &quot;##&quot; &quot;##"),
      .rows = SHOWN("782605941")},
     "{a'0782605941' b''}\n"},
    {"cents are no code", {.styles = FORMAT("000.00"), .rows = SHOWN("1.5")}, "{a#'1.5' b''}\n"},

    /* where the header is */
    {"below a title",
     {.columns = "a b",
      .rows =
          "<row r=\"1\"><c t=\"str\"><v>Liste au 01/01</v></c></row><row r=\"3\"><c t=\"str\"><v>a</v></c><c "
          "t=\"str\"><v>b</v></c></row><row r=\"4\"><c><v>1</v></c></row>"},
     "{a#'1' b''}\n"},
    {"below a title, of a table that nobody knows",
     {.rows =
          "<row r=\"1\"><c t=\"str\"><v>Liste au 01/01</v></c></row>" ROW("<c><v>1</v></c><c><v>2</v></c>")},
     "{a#'1' b#'2'}\n"},
    {"a row with one cell more is no header",
     {.rows = ROW("<c><v>1</v></c><c><v>2</v></c><c><v>3</v></c>")},
     "{a#'1' b#'2'}\n! xlsx.stray 1 2:3 #1 value=3\n"},
    {"the row with most of the columns",
     {.columns = "a b",
      .rows =
          "<row><c t=\"str\"><v>a</v></c></row><row><c t=\"str\"><v>b</v></c><c t=\"str\"><v>a</v></c></row>"
          "<row><c><v>1</v></c></row>"},
     "{b#'1' a''}\n"},
    {"where it is said",
     {.columns = "a b",
      .options = "header_line=2",
      .rows = "<row><c t=\"str\"><v>a</v></c></row>" ROW("<c><v>1</v></c>")},
     "! xlsx.header_missing 2 2:1 #0 line=2\n"},
    {"not there",
     {.columns = "a b", .options = "header_line=9", .rows = ROW("<c><v>1</v></c>")},
     "! xlsx.header_unknown 2 0:0 #0\n"},
    {"in no sheet", {.columns = "x y", .rows = ROW("<c><v>1</v></c>")}, "! xlsx.header_unknown 2 0:0 #0\n"},
    {"a column that must be there",
     {.columns = "a! c!", .rows = ROW("<c><v>1</v></c>")},
     "! xlsx.column_missing 2 1:1 #0 column=c nearest=b\n"},
    {"nothing at all", {.rows = ""}, "! xlsx.empty 2 0:0 #0\n"},

    /* which sheet */
    {"the first that has it",
     {.sheets = "<sheet name=\"Lisez-moi\" r:id=\"r1\"/><sheet name=\"Liste\" r:id=\"r2\"/>",
      .columns = "a b",
      .rows = "<row><c t=\"str\"><v>Ce classeur</v></c></row>",
      .rows_2 = ROW("<c><v>1</v></c>")},
     "{a#'1' b''}\n"},
    {"not one that is hidden",
     {.sheets = "<sheet name=\"A\" state=\"hidden\" r:id=\"r1\"/><sheet name=\"B\" r:id=\"r2\"/>",
      .rows = ROW("<c><v>1</v></c>"),
      .rows_2 = ROW("<c><v>2</v></c>")},
     "{a#'2' b''}\n"},
    {"unless by its name",
     {.sheets = "<sheet name=\"A\" state=\"hidden\" r:id=\"r1\"/><sheet name=\"B\" r:id=\"r2\"/>",
      .options = "sheet=A",
      .rows = ROW("<c><v>1</v></c>"),
      .rows_2 = ROW("<c><v>2</v></c>")},
     "{a#'1' b''}\n"},
    {"by its number",
     {.sheets = "<sheet name=\"A\" r:id=\"r1\"/><sheet name=\"B\" r:id=\"r2\"/>",
      .options = "sheet=2",
      .rows = ROW("<c><v>1</v></c>"),
      .rows_2 = ROW("<c><v>2</v></c>")},
     "{a#'2' b''}\n"},
    {"none of that name",
     {.options = "sheet=B", .rows = ROW("<c><v>1</v></c>")},
     "! xlsx.sheet 2 0:0 #0 found=B\n"},
    {"one without its part", {.sheets = "<sheet name=\"A\" r:id=\"none\"/>"}, "! xlsx.part 2 0:0 #0 part=A\n"},

    /* merged cells */
    {"merged rows: told, with what to do",
     {.rows = HEAD "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>x</v></c><c r=\"B2\"><v>1</v></c></row><row r=\"3\"><c r=\"B3\"><v>2</v></c></row>",
      .merges = "<mergeCell ref=\"A2:A3\"/>"},
     "{a'x' b#'1'}\n{a'' b#'2'}\n! xlsx.merged 1 2:1 #3 cells=A2:A3\n"},
    {"repeated, where it is asked, whatever their order; not beyond, and nothing that is there is written over",
     {.options = "merged=repeat",
      .rows = HEAD "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>x</v></c><c r=\"B2\"><v>1</v></c></row><row r=\"3\"><c r=\"B3\"><v>2</v></c></row>"
                   "<row r=\"4\"><c r=\"B4\"><v>3</v></c></row><row r=\"6\"><c r=\"A6\" t=\"str\"><v>y</v></c></row>"
                   "<row r=\"7\"><c r=\"A7\" t=\"str\"><v>z</v></c><c r=\"B7\"><v>4</v></c></row>",
      .merges = "<mergeCell ref=\"A6:B7\"/><mergeCell ref=\"A2:A3\"/>"},
     "{a'x' b#'1'}\n{a'x' b#'2'}\n{a'' b#'3'}\n{a'y' b'y'}\n{a'z' b#'4'}\n"},
    {"a title above the header is no matter",
     {.columns = "a b",
      .rows = "<row r=\"1\"><c t=\"str\"><v>Liste</v></c></row><row r=\"2\"><c t=\"str\"><v>a</v></c><c t=\"str\"><v>b</v></c></row>"
              "<row r=\"3\"><c><v>1</v></c></row>",
      .merges = "<mergeCell ref=\"A1:B1\"/>"},
     "{a#'1' b''}\n"},
    {"no cells, backwards, beyond all columns, one",
     {.options = "merged=repeat", .rows = ROW("<c><v>1</v></c>"),
      .merges = "<mergeCell/><mergeCell ref=\"A\"/><mergeCell ref=\"B3:A2\"/><mergeCell ref=\"A2:ZZZZ9\"/><mergeCell ref=\"A2\"/>"},
     "{a#'1' b''}\n"},

    /* what is not well */
    {"a DTD", {.rows = "<!DOCTYPE x>"}, NULL},
    {"an entity", {.rows = ROW("<c t=\"str\"><v>&x;</v></c>")}, NULL},
    {"an element that is not closed", {.rows = ROW("<c>")}, NULL},
    {"a row in a row", {.rows = HEAD "<row><row/></row>"}, "! xlsx.damaged 2 3:1 #0 what=row\n"},
    {"a cell without a row", {.rows = HEAD "<c><v>1</v></c>"}, "! xlsx.damaged 2 1:2 #0 what=c\n"},
    {"a column that no sheet has", {.rows = ROW("<c r=\"ZZZ2\"><v>1</v></c>")}, NULL},
};

static void workbooks_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct buf out;
        enum gw_result r = book_read(&rows[i].book, "", &out);

        if (!rows[i].expected && r == GW_FAIL && out.len)
            assert_non_null(strchr(out.data, '!'));
        else if (!rows[i].expected || strcmp(out.data, rows[i].expected) != 0)
            fail_msg("%s: %s instead of %s", rows[i].name, out.data,
                     rows[i].expected ? rows[i].expected : "a fault");
        buf_done(&out);
    }
}

int test_books(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(workbooks_are_read)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
