/* SPDX-License-Identifier: EUPL-1.2 */
/* What is of a stream: envelope, context, totals, profiles, names, parameters, other syntaxes (mapping.md §6,
 * §7). */
#include "mapping/stand.h"

#include "support/unit.h"

#define ROOT "dossier;;.;;;;\n"

static const char listed[] = "plugin = \"json\";\nrecord = \"lignes[]\";\nabsent = \"omit\";\n";

static const struct row context_rows[] = {
    {"envelope: the head of the file", .conf = listed,
     .table = ROOT "enveloppe;message;//msg;;required;;\ndossier;numero;n;;;;\n",
     .native = "{\"msg\":\"A\",\"lignes\":[{\"n\":\"1\"},{\"n\":\"2\"}]}",
     .pivot = "enveloppe1{message=A}\ndossier1{numero=1}\ndossier1{numero=2}"},
    {"envelope: head and trailer", .conf = listed,
     .table = ROOT "enveloppe;message;//msg;;required;;\ndossier;numero;n;;;;\nenveloppe;nombre;//"
                   "total;count;required check;;\n",
     .native = "{\"msg\":\"A\",\"lignes\":[{\"n\":\"1\"},{\"n\":\"2\"}],\"total\":2}",
     .pivot = "enveloppe1{message=A}\ndossier1{numero=1}\ndossier1{numero=2}\nenveloppe1{nombre=2 message=A}"},
    {"count with check: a difference warns", .gap = "B14", .conf = listed,
     .table = ROOT "dossier;numero;n;;;;\nenveloppe;nombre;//total;count;required check;;\n",
     .native = "{\"lignes\":[{\"n\":\"1\"},{\"n\":\"2\"}],\"total\":3}",
     .pivot = "dossier1{numero=1}\ndossier1{numero=2}\nenveloppe1{nombre=3}",
     .written = "{\"lignes\":[{\"n\":\"1\"},{\"n\":\"2\"}],\"total\":2}", .said = "mapping.total //total 1:41"},
    {"count without check: the file contradicts itself", .gap = "B14", .conf = listed,
     .table = ROOT "dossier;numero;n;;;;\nenveloppe;nombre;//total;count;required;;\n",
     .native = "{\"lignes\":[{\"n\":\"1\"}],\"total\":3}", .pivot = "dossier1{numero=1}\nFAIL", .written = "",
     .said = "!mapping.total //total 1:31"},
    {"count in a head: two passes", .conf = listed,
     .table = ROOT "enveloppe;nombre;//total;count(4);required check;;\ndossier;numero;n;;;;\n",
     .native = "{\"total\":\"0002\",\"lignes\":[{\"n\":\"1\"},{\"n\":\"2\"}]}",
     .pivot = "enveloppe1{nombre=2}\ndossier1{numero=1}\ndossier1{numero=2}"},
    {"count with what is no record; one that is only written is not compared", .conf = listed,
     .table = ROOT "dossier;numero;n;;;;\n;;//total;count(0,3);required check;;\n;;//autre;count;write;;\n",
     .native = "{\"lignes\":[{\"n\":\"1\"},{\"n\":\"2\"}],\"total\":5,\"autre\":9}",
     .pivot = "dossier1{numero=1}\ndossier1{numero=2}",
     .written = "{\"lignes\":[{\"n\":\"1\"},{\"n\":\"2\"}],\"total\":5,\"autre\":2}"},
    {"sum", .conf = listed,
     .table = ROOT
     "enveloppe;somme;//total;sum(dossier.montant);required check;;\ndossier;montant;m;decimal(2);;;\n",
     .native = "{\"total\":3.75,\"lignes\":[{\"m\":1.50},{\"m\":2.25}]}",
     .pivot = "enveloppe1{somme=3.75}\ndossier1{montant=1.50}\ndossier1{montant=2.25}"},
    {"// in a line of a record reads what encloses it", .conf = listed,
     .table = ROOT "dossier;nom;//chef;;read;;\ndossier;numero;n;;;;\n",
     .native = "{\"chef\":\"A\",\"lignes\":[{\"n\":\"1\"},{\"n\":\"2\"}]}",
     .pivot = "dossier1{numero=1 nom=A}\ndossier1{numero=2 nom=A}",
     .written = "{\"lignes\":[{\"n\":\"1\"},{\"n\":\"2\"}]}"},
    {"date: what $date is",
     .conf = "plugin = \"json\";\nrecord = \"lignes[]\";\nabsent = \"omit\";\ndate = \"//jour\";\n",
     .table = ROOT
     "enveloppe;jour;//jour;;required;;\ndossier;numero;n;;;;\ndossier;nom;m;;required;$date<2021-01-01;\n",
     .date = "", .native = "{\"jour\":\"2020-12-31\",\"lignes\":[{\"n\":\"1\",\"m\":\"A\"}]}",
     .pivot = "enveloppe1{jour=2020-12-31}\ndossier1{numero=1 nom=A}", .written = ""},
    {"an unknown leaf of the head is said", .conf = listed, .table = ROOT "dossier;numero;n;;;;\n",
     .native = "{\"z\":\"A\",\"lignes\":[{\"n\":\"1\"}]}", .pivot = "dossier1{numero=1}",
     .written = "{\"lignes\":[{\"n\":\"1\"}]}", .said = "mapping.unclaimed //z 1:6"},
    {"now: kept as text, the clock when it is written", .conf = listed,
     .table = ROOT "enveloppe;cree;//quand;now;;;\ndossier;numero;n;;;;\n",
     .native = "{\"quand\":\"2020-01-01T00:00:00\",\"lignes\":[{\"n\":\"1\"}]}",
     .pivot = "enveloppe1{cree=2020-01-01T00:00:00}\ndossier1{numero=1}",
     .written = "{\"quand\":\"2026-01-15T10:20:30\",\"lignes\":[{\"n\":\"1\"}]}"},
};

static void context(void **state)
{
    stand_rows(*state, ROWS(context_rows));
}

static const char named[] = "plugin = \"json\";\noptions = { lines = true; };\nrecord = \".\";\nabsent = "
                            "\"omit\";\nname = \"R_{lot:4}_{quand:date(YYYYMMDD)}.json\";\n";
static const char dated[] =
    "plugin = \"json\";\noptions = { lines = true; };\nrecord = \".\";\nabsent = \"omit\";\nname = "
    "\"R_{lot:4}_{quand:date(YYYYMMDD)}.json\";\ndate = \"name.quand\";\n";
static const char profiled[] =
    "plugin = \"csv\";\noptions = { delimiter = \";\"; };\nrecord = \".\";\nabsent = \"empty\";\n"
    "profiles = ( { name = \"long\"; default = true; columns = ( \"a\", \"b\", \"c\" ); }, { name = "
    "\"court\"; columns = ( \"c\", \"a\" ); } );\n";

static const struct row parameters_rows[] = {
    {"$name: what the file's name says", .conf = named,
     .table = ROOT "dossier;numero;n;;;;\ndossier;nom;$name.lot;;read;;\n", .native = "{\"n\":\"1\"}\n",
     .pivot = "dossier1{numero=1 nom=0007}", .file = "R_0007_20240229.json"},
    {"another name says nothing", .conf = named,
     .table = ROOT "dossier;numero;n;;;;\ndossier;nom;$name.lot;;read;;\n", .native = "{\"n\":\"1\"}\n",
     .pivot = "dossier1{numero=1}", .file = "autre.json"},
    {"$date of the name", .conf = dated,
     .table = ROOT "dossier;numero;n;;;;\n;;c;const(X);;$date=2024-02-29;\n",
     .native = "{\"n\":\"1\",\"c\":\"X\"}\n", .written = "", .pivot = "dossier1{numero=1}",
     .file = "R_0007_20240229.json", .date = ""},
    {"profile: the default's columns in its order", .conf = profiled,
     .table = ROOT "dossier;numero;a;;;;\ndossier;nom;b;;;;\ndossier;prenom;c;;;;\n",
     .native = "a;b;c\n1;2;3\n", .pivot = "dossier1{numero=1 nom=2 prenom=3}"},
    {"profile: a line outside does not exist", .conf = profiled, .profile = "court",
     .table = ROOT "dossier;numero;a;;;;\ndossier;nom;b;;required;;\ndossier;prenom;c;;;;\n",
     .native = "c;a\n3;1\n", .pivot = "dossier1{numero=1 prenom=3}"},
    {"$profile chooses lines", .conf = profiled, .profile = "court",
     .table = ROOT "dossier;numero;a;;;;\ndossier;nom;c;;;$profile=long;\ndossier;prenom;c;;;$profile=court;\n",
     .native = "c;a\n3;1\n", .pivot = "dossier1{numero=1 prenom=3}"},
    {"$profile chooses lines by what it is not", .conf = profiled, .profile = "court",
     .table = ROOT
     "dossier;numero;a;;;;\ndossier;nom;c;;;$profile!=court;\ndossier;prenom;c;;;$profile!=long,autre;\n",
     .native = "c;a\n3;1\n", .pivot = "dossier1{numero=1 prenom=3}"},
    {"$profile: one of several", .conf = profiled, .profile = "court",
     .table = ROOT "dossier;numero;a;;;;\ndossier;nom;c;;required;$profile=long,court;\n",
     .native = "c;a\n3;1\n", .pivot = "dossier1{numero=1 nom=3}"},
    {"a required column under another name",
     .conf = "plugin = \"csv\";\noptions = { delimiter = \";\"; };\nrecord = \".\";\nabsent = \"empty\";\n",
     .table = ROOT "dossier;numero;n|numero|no;;required;;\ndossier;nom;b;;;;\n", .native = "b;no\nA;1\n",
     .pivot = "dossier1{numero=1 nom=A}", .written = "n;b\n1;A\n"},
    {"nothing: texts that mean absent",
     .conf = "plugin = \"json\";\noptions = { lines = true; };\nrecord = \".\";\nabsent = "
             "\"omit\";\nnothing = ( \"-\", \"N/A\" );\n",
     .table = ROOT "dossier;numero;n;;;;\ndossier;nom;m;;;;\n", .native = "{\"n\":\"1\",\"m\":\"N/A\"}\n",
     .pivot = "dossier1{numero=1}", .written = "{\"n\":\"1\"}\n"},
    {"names loose: accents, case, blanks and punctuation",
     .conf = "plugin = \"csv\";\noptions = { delimiter = \";\"; };\nrecord = \".\";\nnames = \"loose\";\n",
     .table = ROOT "dossier;nom;Prénom usuel;;;;\ndossier;numero;N°;;;;\n", .native = "prenom_usuel;n\nA;1\n",
     .pivot = "dossier1{numero=1 nom=A}", .written = "Prénom usuel;N°\nA;1\n"},
    {"names exact: another spelling is another name", .table = ROOT "dossier;nom;Nom;;;;\n",
     .native = "{\"nom\":\"A\"}\n", .pivot = "dossier1{x.reste=((path= node(nom=A)))}",
     .said = "mapping.unclaimed nom 1:8"},
    {"trim off: blanks are data, until the pivot's own form",
     .conf = "plugin = \"json\";\noptions = { lines = true; };\nrecord = \".\";\nabsent = \"omit\";\ntrim "
             "= false;\n",
     .table = ROOT "dossier;nom;n;\"pad(4,' ',right)\";;;\n", .native = "{\"n\":\"CG  \"}\n",
     .pivot = "dossier1{nom=CG}"},
};

static void parameters(void **state)
{
    stand_rows(*state, ROWS(parameters_rows));
}

static const char xml[] =
    "plugin = \"xml\";\noptions = { root = \"R\"; };\nrecord = \"D[]\";\nabsent = \"omit\";\n";

static const struct row syntaxes_rows[] = {
    {"xml: elements, attributes, repeated siblings", .conf = xml,
     .table =
         ROOT "enveloppe;message;//T/M;;;;\ndossier;numero;@id;;;;\ndossier;montant;V/S;decimal(2);;;\n;;V/"
              "S/@dev;const(EUR);required;;\ndossier;membres[];P[];;;;\ndossier;membres[].nom;N;;;;\n",
     .native = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<R><T><M>A</M></T><D id=\"1\"><V><S "
               "dev=\"EUR\">2.50</S></V><P><N>X</N></P><P><N>Y</N></P></D></R>",
     .written = "",
     .pivot = "enveloppe1{message=A}\ndossier1{numero=1 montant=2.50 membres=[{nom=X},{nom=Y}]}"},
    {"csv: columns are the record's leaves",
     .conf = "plugin = \"csv\";\noptions = { delimiter = \";\"; };\nrecord = \".\";\nabsent = \"empty\";\n",
     .table = ROOT "dossier;numero;n;;required;;\ndossier;nom;m;;;;\n", .native = "n;m\n1;\"a;b\"\n2;\n",
     .pivot = "dossier1{numero=1 nom=a;b}\ndossier1{numero=2}"},
};

static void syntaxes(void **state)
{
    stand_rows(*state, ROWS(syntaxes_rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(context), cmocka_unit_test(parameters),
                                       cmocka_unit_test(syntaxes)};

    return cmocka_run_group_tests_name("mapping: streams", tests, stand_open, stand_close);
}
