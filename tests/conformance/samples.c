/* SPDX-License-Identifier: EUPL-1.2 */
/* All people in these texts are invented. */
#include "conformance/containers.h"

#define RELATIONS "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
#define OFFICE    "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

/* A workbook with three shared strings and three styles; `sheets` is what stands in xl/workbook.xml. */
#define XLSX_AROUND(sheets)                                                                                    \
    {"_rels/.rels", RELATIONS "<Relationship Id=\"r1\" Type=\"" OFFICE                                         \
                              "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"},               \
        {"xl/workbook.xml", "<workbook xmlns:r=\"" OFFICE "\"><sheets>" sheets "</sheets></workbook>"},        \
        {"xl/_rels/workbook.xml.rels",                                                                         \
         RELATIONS "<Relationship Id=\"r1\" Type=\"" OFFICE                                                    \
                   "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"" OFFICE     \
                   "/worksheet\" Target=\"/xl/worksheets/sheet2.xml\"/><Relationship Id=\"r3\" Type=\"" OFFICE \
                   "/sharedStrings\" Target=\"all.xml\"/><Relationship Id=\"r4\" Type=\"" OFFICE               \
                   "/styles\" Target=\"all.xml\"/></Relationships>"},                                          \
    {                                                                                                          \
        "xl/all.xml",                                                                                          \
            "<all><numFmts><numFmt numFmtId=\"170\" formatCode=\"dd/mm/yyyy\"/><numFmt numFmtId=\"171\" "      \
            "formatCode=\"00000\"/></numFmts><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"170\"/><xf "          \
            "numFmtId=\"171\"/></cellXfs><si><t>nom</t></si><si><r><t>vil</t></r><rPh><t>x</t></rPh>"          \
            "<r><t>le</t></r></si><si><t>No\xC3\xABl_x000D_</t></si><si><t>Liste</t></si></all>"               \
    }

#define ODS(tables)                                                                                            \
    "<o:document-content xmlns:o=\"urn:o\" xmlns:t=\"urn:t\" xmlns:x=\"urn:x\" xmlns:c=\"urn:c\"><o:body>"     \
    "<o:spreadsheet>" tables "</o:spreadsheet></o:body></o:document-content>"

#define PIPES                                                                                                  \
    "delimiter=| quote= header_line=2 first_line=DEB last_line=FIN last_line_required=true pad_lines=true "    \
    "join_lines=true"

#define DSN_STEPS "S10.G00.00[]/S20.G00.05[]/S21.G00.06/S21.G00.11/S21.G00.30[]"
#define DSN_BLOCKS                                                                                             \
    "blocks=S10.G00.00\nS10.G00.01;S10.G00.00\nS20.G00.05;S10.G00.00\nS20.G00.07;S20.G00.05\n"                 \
    "S21.G00.06;S20.G00.05\nS21.G00.11;S21.G00.06\nS21.G00.30;S21.G00.11\nS21.G00.40;S21.G00.30\n"             \
    "S21.G00.62;S21.G00.40\nS21.G00.44;S21.G00.11\n"
#define DSN_HEAD                                                                                               \
    "S10.G00.00.001,'Paie'\nS10.G00.01.001,'783601966'\nS20.G00.05.001,'01'\nS20.G00.07.001,'A'\n"             \
    "S20.G00.07.001,'B'\nS21.G00.06.001,'783601966'\nS21.G00.11.001,'01442'\n"

struct sample samples[] = {
    {.plugin = "csv",
     .name = "csv: RFC 4180",
     .columns = "nom! ville note",
     .text = GW_STR_INIT("nom,ville,note\r\n"
                         "No\xC3\xABl,N\xC3\xAEmes,\"dit \"\"le grand\"\"\"\r\n"
                         "\"Diallo, Aminata\",,\"deux\r\nlignes\"\r\n"
                         "\r\n"
                         "Zo\xC3\xA9,Brest,\"\"\r\n"),
     .good = 3,
     .end = ENDS_OPEN,
     .head = GW_STR_INIT("nom,ville,note\n"),
     .record = GW_STR_INIT("\"Diallo, Aminata\",Saint-Denis,\"elle a dit \"\"oui\"\" deux fois\"\n")},
    {.plugin = "csv",
     .name = "csv: bad rows among good ones",
     .columns = "nom ville",
     .options = "delimiter=; newline=lf",
     .encoding = "windows-1252",
     .text = GW_STR_INIT("nom;ville\nNo\xEBl;N\xEEmes\nun;deux;trois\nA\xEF"
                         "da;Nice\n\"jamais ferm\xE9;x\nOum;Lyon\n"),
     .good = 3,
     .bad = 2,
     .end = ENDS_OPEN},
    {.plugin = "csv",
     .name = "csv: texts that a spreadsheet would run",
     .columns = "nom @ville",
     .options = "delimiter=; guard=true",
     .text = GW_STR_INIT("nom;'@ville\n'=1+1;-12,50\n''=x;'abc\n'-x;+33 6\n\"'@a;b\";''''\n"),
     .good = 4,
     .end = ENDS_OPEN},
    {.plugin = "csv",
     .name = "csv: pipes, with a first and a last line",
     .columns = "nom ville date",
     .options = PIPES,
     .text = GW_STR_INIT("DEBVue2026||\nnom|ville|date\nDiallo|\"Lyon|2026-01-02\nLe\n|Mans|2026-01-03\n"
                         "Noor|Nice|\nFIN3||\n"),
     .good = 3,
     .end = ENDS_SEEN,
     .head = GW_STR_INIT("DEBVue2026||\nnom|ville|date\n"),
     .record = GW_STR_INIT("Diallo|Lyon|2026-01-02\n"),
     .tail = GW_STR_INIT("FIN0||\n")},
    {.plugin = "csv",
     .name = "csv: lines around with cells of their own, a delimiter at the end",
     .columns = "R nom ville",
     .options =
         "delimiter=| quote= header_line=2 first_line=L last_line=Z last_line_required=true pad_lines=true "
         "line_cells=true end_delimiter=true",
     .text = GW_STR_INIT("L|ASP||V1.0|\nR|nom|ville|\nR|Diallo|Lyon|\nR|Noor||\nZ|2|5|\n"),
     .good = 2,
     .end = ENDS_SEEN,
     .head = GW_STR_INIT("L|ASP||V1.0|\nR|nom|ville|\n"),
     .record = GW_STR_INIT("R|Diallo|Lyon|\n"),
     .tail = GW_STR_INIT("Z|2|5|\n")},
    {.plugin = "dsn",
     .name = "dsn: a message, with a block behind the records",
     .steps = DSN_STEPS,
     .options = DSN_BLOCKS,
     .encoding = "ISO-8859-1",
     .text = GW_STR_INIT(DSN_HEAD "S21.G00.30.002,'No\xEBl'\nS21.G00.40.001,'01092026'\nS21.G00.40.009,'1'\n"
                                  "S21.G00.40.001,'01102026'\nS21.G00.62.001,'31102026'\nS21.G00.99.901,'x'\n"
                                  "S21.G00.30.002,'d'Arc'\nS21.G00.30.004,''\nS21.G00.30.001,'2'\n"
                                  "S21.G00.44.001,'99'\nS90.G00.90.001,'19'\nS90.G00.90.002,'1'\n"),
     .good = 3,
     .end = ENDS_SEEN,
     .head = GW_STR_INIT(DSN_HEAD),
     .record =
         GW_STR_INIT("S21.G00.30.001,'1850578006084'\nS21.G00.30.002,'Diallo'\nS21.G00.40.001,'01092026'\n"),
     .tail = GW_STR_INIT("S90.G00.90.001,'9'\nS90.G00.90.002,'1'\n")},
    {.plugin = "dsn",
     .name = "dsn: messages in an envelope, records that are wrong",
     .steps = DSN_STEPS,
     .options = DSN_BLOCKS " newline=crlf",
     .text = GW_STR_INIT("S05.G51.00.001,'V01R02'\r\n" DSN_HEAD
                         "S21.G00.30.002,'A'\r\nS21.G00.62.001,'31102026'\r\nS21.G00.30.002,'B'\r\n"
                         "S21.G00.40.001,01092026\r\nS21.G00.30.002,'C'\r\nS90.G00.90.001,'14'\r\n"
                         "S90.G00.90.002,'1'\r\n\r\n" DSN_HEAD "S21.G00.40.001,'x'\r\nS21.G00.30.002,'D'\r\n"
                         "S90.G00.90.001,'11'\r\nS90.G00.90.002,'1'\r\nS95.G51.00.001,'V01R02'\r\n"),
     .good = 2,
     .bad = 3,
     .end = ENDS_SEEN,
     .one_way = true},
    {.plugin = "json",
     .name = "json: an array in an object",
     .steps = "lignes[]",
     .text = GW_STR_INIT(
         "{\"flux\": \"A\", \"lignes\": [\n"
         " {\"nom\": \"No\\u00ebl\", \"age\": 31, \"montant\": 1234.10, \"actif\": true},\n"
         " {\"nom\": \"\\ud83d\\ude00 \\\"x\\\" \\n\", \"vide\": null, \"non\": false,\n"
         "  \"adresses\": [{\"ville\": \"Brest\", \"codes\": [29200, -1.5e3]}, {\"ville\": \"\"}]},\n"
         " {}\n"
         "], \"nombre\": 3, \"fin\": {\"ok\": true}}\n"),
     .good = 3,
     .end = ENDS_SEEN,
     .head = GW_STR_INIT("{\"flux\":\"A\",\"lignes\":[{}"),
     .record = GW_STR_INIT(
         ",{\"nom\":\"Diallo\",\"montants\":[1234.10,{\"net\":12}],\"adresse\":{\"ville\":\"Nice\"}}\n"),
     .tail = GW_STR_INIT("],\"nombre\":0}")},
    {.plugin = "json",
     .name = "json: an array of its own, with bad items",
     .steps = "[]",
     .text = GW_STR_INIT("[{\"a\": 1}, {\"a\": 2, \"a\": 3}, 7, {\"b\": \"\xC3\xA9t\xC3\xA9\"}]"),
     .good = 2,
     .bad = 2,
     .end = ENDS_SEEN,
     .head = GW_STR_INIT("[{}"),
     .record = GW_STR_INIT(",{\"nom\":\"Diallo\",\"ville\":\"Nice\"}"),
     .tail = GW_STR_INIT("]")},
    {.plugin = "json",
     .name = "json: lines",
     .options = "lines=true",
     .text = GW_STR_INIT("{\"nom\":\"Diallo\",\"ages\":[1,2]}\n{\"nom\":\"Noor\"\n{\"nom\":\"Zo\xC3\xA9\"}\n"),
     .good = 2,
     .bad = 1,
     .end = ENDS_OPEN,
     .record = GW_STR_INIT(
         "{\"type\":\"personne\",\"nom\":\"Diallo\",\"fields\":{\"age\":31,\"ville\":\"Nice\"}}\n")},
    {.plugin = "json",
     .name = "json: one document",
     .text = GW_STR_INIT("{\n  \"a\": [1, [2, []], {\"b\": {\"c\": \"d\"}}]\n}\n"),
     .good = 1,
     .end = ENDS_SEEN},
    {.plugin = "xml",
     .name = "xml: attributes, entities, CDATA",
     .steps = "Personne[]",
     .options = "root=Flux indent=tab",
     .text =
         GW_STR_INIT("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- un essai --><Flux version='2'>\n"
                     "\t<Tete><Date>2026-01-02</Date></Tete>\n"
                     "\t<Personne id=\"1\"><Nom>No\xC3\xABl &amp; "
                     "fils</Nom><Vide/><Note><![CDATA[a<b]]></Note></Personne>\n"
                     "\t<Personne id='&lt;2'>\n\t\t<Nom>Diallo</Nom>\n\t\t<Tel type=\"a\">1</Tel><Tel>2</Tel>"
                     "<Adresse><Ville>L&#xE9;on</Ville></Adresse>\n\t</Personne >\n"
                     "\t<Personne/>\n\t<Pied><Nombre>3</Nombre></Pied>\n</Flux>\n"),
     .good = 3,
     .end = ENDS_SEEN,
     .head = GW_STR_INIT("<?xml version=\"1.0\"?><Flux><Tete>1</Tete>"),
     .record = GW_STR_INIT("<Personne id=\"1\"><Nom>Diallo</Nom><Adresse><Ville>Nice &amp; "
                           "Cannes</Ville></Adresse></Personne>\n"),
     .tail = GW_STR_INIT("<Pied>0</Pied></Flux>")},
    {.plugin = "xml",
     .name = "xml: namespaces and windows-1252",
     .steps = "Corps/L[]",
     .text = GW_STR_INIT("<?xml version=\"1.0\" encoding=\"windows-1252\"?>\n<e:R xmlns:e=\"urn:essai\" "
                         "xmlns=\"urn:x\"><e:Corps>"
                         "<L a=\"\x80\">\xE9t\xE9</L><e:L><m/></e:L></e:Corps><fin/></e:R>"),
     .good = 2,
     .end = ENDS_SEEN,
     .one_way = true},
    {.plugin = "xml",
     .name = "xml: groups, and a record that is wrong",
     .steps = "G[]/L[]",
     .text = GW_STR_INIT("<R><G><n>1</n><L>a</L><L>b&inconnu;</L></G><G><n>2</n><L>c</L><x/></G></R>"),
     .good = 2,
     .bad = 1,
     .end = ENDS_SEEN,
     .one_way = true,
     .head = GW_STR_INIT("<R>"),
     .record = GW_STR_INIT("<G><n>1</n><L>a</L><L>b</L><suite>rien</suite></G>"),
     .tail = GW_STR_INIT("</R>")},
    {.plugin = "xml",
     .name = "xml: the root is the record",
     .text = GW_STR_INIT("<a><b>1</b><b>2</b></a>\n"),
     .good = 1,
     .end = ENDS_SEEN,
     .one_way = true},
    {.plugin = "xlsx",
     .name = "xlsx: types of cells",
     .columns = "nom! ville note naissance",
     .parts =
         {XLSX_AROUND("<sheet name=\"Vide\" sheetId=\"1\" r:id=\"r1\"/><sheet name=\"Liste\" sheetId=\"2\" "
                      "r:id=\"r2\"/>"),
          {"xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>"},
          {"xl/worksheets/sheet2.xml",
           "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>3</v></c></row><row r=\"3\"><c "
           "r=\"A3\" t=\"s\"><v>0</v></c><c r=\"B3\" t=\"s\"><v>1</v></c><c r=\"C3\" "
           "t=\"str\"><v>note</v></c><c r=\"D3\" "
           "t=\"inlineStr\"><is><t>naissance</t></is></c></row>\n<row r=\"4\"><c r=\"A4\" "
           "t=\"s\"><v>2</v></c><c "
           "r=\"B4\" t=\"b\"><v>1</v></c><c r=\"C4\"><v>1.1000000000000001</v></c><c r=\"D4\" "
           "s=\"1\"><v>34394</v></c></row><row r=\"5\"/><row><c t=\"str\"><f>A4</f><v>Zo\xC3\xA9</v></c><c "
           "s=\"2\"><v>1500</v></c><c/><c "
           "t=\"d\"><v>1994-03-02T00:00:00</v></c></row></sheetData></worksheet>"}},
     .good = 2,
     .end = ENDS_SEEN},
    {.plugin = "xlsx",
     .name = "xlsx: errors, what is outside, a sheet by its name",
     .columns = "nom ville",
     .options = "sheet=Liste header_line=2 decimal_comma=true dates=french date_cells=true",
     .parts =
         {XLSX_AROUND("<sheet name=\"Liste\" sheetId=\"2\" state=\"hidden\" r:id=\"r2\"/>"),
          {"xl/worksheets/sheet2.xml",
           "<worksheet><sheetData><row><c><v>1</v></c></row><row><c t=\"s\"><v>0</v></c><c "
           "t=\"s\"><v>1</v></c></row><row><c "
           "t=\"e\"><v>#N/A</v></c><c><f>1/0</f></c><c><v>7</v></c></row><row>"
           "<c><v>-12.5</v></c><c s=\"1\"><v>34394.75</v></c><c><v>1</v></c></row></sheetData></worksheet>"}},
     .good = 1,
     .end = ENDS_SEEN},
    {.plugin = "ods",
     .name = "ods: types of cells, repeated and covered ones",
     .columns = "nom! ville note naissance",
     .options = "date_cells=true",
     .parts =
         {{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"},
          {"content.xml",
           ODS("<t:table t:name=\"Lisez-moi\"><t:table-row "
               "t:number-rows-repeated=\"3\"><t:table-cell/></t:table-row>"
               "</t:table><t:table t:name=\"Liste\"><t:table-row><t:table-cell/></t:table-row><t:table-row>"
               "<t:table-cell o:value-type=\"string\"><x:p>nom</x:p></t:table-cell><t:table-cell "
               "o:value-type=\"string\"><x:p>vi<x:span>lle</x:span></x:p></t:table-cell><t:table-cell "
               "o:value-type=\"string\"><o:annotation><x:p>non</x:p></o:annotation><x:p>note</x:p></"
               "t:table-cell>"
               "<t:table-cell o:value-type=\"string\"><x:p>naissance</x:p></t:table-cell></t:table-row>"
               "<t:table-row t:number-rows-repeated=\"2\"><t:table-cell "
               "o:value-type=\"string\"><x:p>No\xC3\xABl"
               "<x:s x:c=\"2\"/>x</x:p><x:p>y</x:p></t:table-cell><t:table-cell o:value-type=\"float\" "
               "o:value=\"1500\"><x:p>01500</x:p></t:table-cell><t:table-cell o:value-type=\"currency\" "
               "o:value=\"1.1000000000000001\"><x:p>1,10</x:p></t:table-cell><t:table-cell "
               "o:value-type=\"date\" "
               "o:date-value=\"1994-03-01T00:00:00\"><x:p>01/03/94</x:p></t:table-cell><t:table-cell "
               "t:number-columns-repeated=\"1000\"/></t:table-row><t:table-row><t:table-cell "
               "o:value-type=\"string\" t:number-columns-repeated=\"2\"><x:p>deux</x:p></t:table-cell>"
               "<t:covered-table-cell/><t:table-cell o:value-type=\"boolean\" o:boolean-value=\"true\"/>"
               "</t:table-row><t:table-row "
               "t:number-rows-repeated=\"1048570\"><t:table-cell/></t:table-row></t:table>")}},
     .good = 3,
     .end = ENDS_SEEN},
    {.plugin = "ods",
     .name = "ods: errors, times, what is outside",
     .columns = "nom ville",
     .options = "sheet=1 header_line=2 decimal_comma=true dates=french",
     .parts =
         {{"content.xml",
           ODS("<t:table t:name=\"1\"><t:table-row/><t:table-row><t:table-cell o:value-type=\"string\" "
               "o:string-value=\"nom\"/><t:table-cell o:value-type=\"string\"><x:p>ville</x:p></t:table-cell>"
               "</t:table-row><t:table-row><t:table-cell o:value-type=\"string\" "
               "c:value-type=\"error\"><x:p>Err:502"
               "</x:p></t:table-cell><t:table-cell t:formula=\"of:=1/0\"/><t:table-cell "
               "o:value-type=\"float\" o:value=\"7\"/></t:table-row><t:table-row><t:table-cell "
               "o:value-type=\"percentage\" o:value=\"-0.5\"/><t:table-cell o:value-type=\"time\" "
               "o:time-value=\"PT35H30M00S\"/></t:table-row></t:table>")}},
     .good = 1,
     .end = ENDS_SEEN,
     .one_way = true},
    {.plugin = "exec",
     .name = "exec: a bad record among good ones",
     .options = "command=" SPEAKER,
     .text = GW_STR_INIT("nom=Zo\xC3\xA9\n!non\nnom=Noor\nfin\n"),
     .good = 2,
     .bad = 1,
     .end = ENDS_SEEN,
     .one_way = true},
    {.plugin = "exec",
     .name = "exec: there and back",
     .options = "command=" SPEAKER,
     .text = GW_STR_INIT("nom=Zo\xC3\xA9\nnom=Noor\nfin\n"),
     .good = 2,
     .end = ENDS_SEEN},
    {.plugin = "counted",
     .name = "counted: the number of records at the head",
     .text = GW_STR_INIT("counted 3\nnom=Noor\tville=Lille\nnom=Zo\xC3\xA9\tville=\nsans nom\n"),
     .good = 2,
     .bad = 1,
     .end = ENDS_SEEN,
     .one_way = true},
    {.plugin = "counted",
     .name = "counted: there and back",
     .text = GW_STR_INIT("counted 2\nnom=Noor\tville=Lille\nnom=Zo\xC3\xA9\tville=\n"),
     .good = 2,
     .end = ENDS_SEEN,
     .head = GW_STR_INIT("counted {n}\n"),
     .record = GW_STR_INIT("nom=Noor\tville=Lille\tnote=rien de neuf\n")},
};

const size_t nsamples = sizeof(samples) / sizeof(samples[0]);

void samples_make(void)
{
    static struct buf made[64];

    for (size_t i = 0; i < nsamples; i++) {
        if (!samples[i].parts[0].name)
            continue;
        buf_init(&made[i], 4 * CONTAINER_ROOM);
        container_make(samples[i].parts, SAMPLE_PARTS, "", &made[i]);
        samples[i].text = buf_view(&made[i]);
    }
}
