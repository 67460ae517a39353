/* SPDX-License-Identifier: EUPL-1.2 */
/* All people in these texts are invented. */
#include "conformance/sample.h"

#define PIPES                                                                                                  \
    "delimiter=| quote= header_line=2 first_line=DEB last_line=FIN last_line_required=true pad_lines=true "    \
    "join_lines=true"

const struct sample samples[] = {
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
