/* SPDX-License-Identifier: EUPL-1.2 */
/* Field lines (mapping.md §1, §2, §3, §4): each form both ways, alternatives, conditions, absence. */
#include "mapping/stand.h"

#include "support/unit.h"

#define ROOT "dossier;;.;;;;\n"

static const struct row values_rows[] = {
    {"text", .table = ROOT "dossier;nom;n;;;;\n", .native = "{\"n\":\"Zoé\"}\n", .pivot = "dossier1{nom=Zoé}"},
    {"blanks are trimmed once", .table = ROOT "dossier;nom;n;;;;\n", .native = "{\"n\":\" Zoé \"}\n",
     .pivot = "dossier1{nom=Zoé}", .written = "{\"n\":\"Zoé\"}\n"},
    {"absent sets nothing", .table = ROOT "dossier;nom;n;;;;\ndossier;numero;m;;;;\n",
     .native = "{\"m\":\"1\"}\n", .pivot = "dossier1{numero=1}"},
    {"null and empty are absent",
     .table = ROOT "dossier;nom;n;;;;\ndossier;numero;m;;;;\ndossier;commune;c;;;;\n",
     .native = "{\"n\":null,\"m\":\"1\",\"c\":\"\"}\n", .pivot = "dossier1{numero=1}",
     .written = "{\"m\":\"1\"}\n"},
    {"empty `as` is the type's own",
     .table = ROOT "dossier;date;d;;;;\ndossier;montant;m;;;;\ndossier;nombre;i;;;;\ndossier;actif;b;;;;\n",
     .native = "{\"d\":\"2024-02-29\",\"m\":\"12.50\",\"i\":7,\"b\":true}\n",
     .pivot = "dossier1{date=2024-02-29 montant=12.50 nombre=7 actif=true}",
     .written = "{\"d\":\"2024-02-29\",\"m\":12.5,\"i\":7,\"b\":true}\n"},
    {"kind: decimal(2) is a number", .table = ROOT "dossier;montant;m;decimal(2);;;\n",
     .native = "{\"m\":12.50}\n", .pivot = "dossier1{montant=12.50}"},
    {"kind: a decimal comma is text", .table = ROOT "dossier;montant;m;\"decimal(2,comma)\";;;\n",
     .native = "{\"m\":\"12,50\"}\n", .pivot = "dossier1{montant=12.50}"},
    {"kind: text > forces text", .table = ROOT "dossier;nombre;i;text > int;;;\n", .native = "{\"i\":\"7\"}\n",
     .pivot = "dossier1{nombre=7}"},
    {"kind: bool with texts is text", .table = ROOT "dossier;actif;b;\"bool(O,N)\";;;\n",
     .native = "{\"b\":\"O\"}\n", .pivot = "dossier1{actif=true}"},
    {"chains run left to right and back", .table = ROOT "dossier;nom;n;\"pad(5,0) > text(3)\";;;\n",
     .native = "{\"n\":\"00A1B\"}\n", .pivot = "dossier1{nom=A1B}"},
    {"none", .table = ROOT "dossier;nom;n;none(NEANT);;;\n", .native = "{\"n\":\"NEANT\"}\n",
     .pivot = "dossier1{}"},
    {"default", .table = ROOT "dossier;nom;n;default(X);;;\n", .native = "{}\n", .pivot = "dossier1{nom=X}",
     .written = "{\"n\":\"X\"}\n"},
    {"not convertible, optional: left out, warned, kept",
     .table = ROOT "dossier;nombre;i;;;;\ndossier;nom;n;;;;\n", .native = "{\"i\":\"sept\",\"n\":\"A\"}\n",
     .pivot = "dossier1{nom=A x.reste=((path= node(i=sept)))}", .said = "mapping.convert i 1:6"},
    {"not convertible, required: rejected", .table = ROOT "dossier;nombre;i;;required;;\ndossier;nom;n;;;;\n",
     .native = "{\"i\":\"sept\",\"n\":\"A\"}\n", .pivot = "REJECT", .written = "",
     .said = "!mapping.convert i 1:6"},
    {"required and missing", .table = ROOT "dossier;nom;n;;required;;\n", .native = "{}\n", .pivot = "REJECT",
     .written = "", .said = "!mapping.missing n 1:1"},
    {"a second node is never a silent first", .table = ROOT "dossier;nom;a/n;;;;\n",
     .native = "{\"a\":[{\"n\":\"1\"},{\"n\":\"2\"}]}\n", .pivot = "REJECT", .written = "",
     .said = "!mapping.several a/n 1:22"},
};

static void values(void **state)
{
    stand_rows(*state, ROWS(values_rows));
}

static const struct row fixed_rows[] = {
    {"const is checked and written", .table = ROOT ";;t;const(C);required;;\ndossier;nom;n;;;;\n",
     .native = "{\"t\":\"C\",\"n\":\"A\"}\n", .pivot = "dossier1{nom=A}"},
    {"another const", .table = ROOT ";;t;const(C);required;;\ndossier;nom;n;;;;\n",
     .native = "{\"t\":\"M\",\"n\":\"A\"}\n", .pivot = "REJECT", .written = "", .said = "!mapping.const t 1:6"},
    {"another const, not required: warned and kept", .table = ROOT ";;t;const(C);;;\ndossier;nom;n;;;;\n",
     .native = "{\"t\":\"M\",\"n\":\"A\"}\n", .pivot = "dossier1{nom=A x.reste=((path= node(t=M)))}",
     .said = "mapping.const t 1:6"},
    {"boolean const", .table = ROOT ";;t;const(false);;;\ndossier;nom;n;;;;\n",
     .native = "{\"t\":false,\"n\":\"A\"}\n", .pivot = "dossier1{nom=A}"},
    {"test is computed, and compared", .table = ROOT ";;t;test(dossier.nom);required;;\ndossier;nom;n;;;;\n",
     .native = "{\"t\":true,\"n\":\"A\"}\n{\"t\":false}\n", .pivot = "dossier1{nom=A}\ndossier1{}"},
    {"test that differs: derived, a warning, never a change",
     .table = ROOT ";;t;test(dossier.nom);check;;\ndossier;nom;n;;;;\n",
     .native = "{\"t\":false,\"n\":\"A\"}\n", .pivot = "dossier1{nom=A}",
     .written = "{\"t\":true,\"n\":\"A\"}\n", .said = "mapping.derived t 1:2"},
    {"write check compares what we would write",
     .table = ROOT "dossier;nom;m;fold(upper);write check;;\ndossier;nom;n;;;;\n",
     .native = "{\"m\":\"AUTRE\",\"n\":\"a\"}\n", .pivot = "dossier1{nom=a}",
     .written = "{\"m\":\"A\",\"n\":\"a\"}\n", .said = "mapping.derived m 1:6"},
    {"nil: never anything", .table = ROOT ";;t;nil;;;\ndossier;nom;n;;;;\n",
     .native = "{\"t\":\"x\",\"n\":\"A\"}\n", .pivot = "dossier1{nom=A x.reste=((path= node(t=x)))}",
     .said = "mapping.unexpected t 1:6"},
    {"nil and absent null",
     .conf = "plugin = \"json\";\noptions = { lines = true; };\nrecord = \".\";\nabsent = \"null\";\n",
     .table = ROOT ";;t;nil;;;\ndossier;nom;n;;;;\n", .native = "{\"t\":null,\"n\":\"A\"}\n",
     .pivot = "dossier1{nom=A}"},
    {"line: rank of the record", .table = ROOT ";;l;line;required;;\ndossier;nom;n;;;;\n",
     .native = "{\"l\":1,\"n\":\"A\"}\n{\"l\":2,\"n\":\"B\"}\n", .pivot = "dossier1{nom=A}\ndossier1{nom=B}"},
    {"line: another rank is said", .table = ROOT ";;l;line;required;;\ndossier;nom;n;;;;\n",
     .native = "{\"l\":5,\"n\":\"A\"}\n", .pivot = "dossier1{nom=A}", .written = "{\"l\":1,\"n\":\"A\"}\n",
     .said = "mapping.line l 1:6"},
    {"filler null", .table = ROOT "dossier;nom;n;;null;;\ndossier;numero;m;;;;\n",
     .native = "{\"n\":null,\"m\":\"1\"}\n", .pivot = "dossier1{numero=1}"},
    {"filler empty", .table = ROOT "dossier;nom;n;;empty;;\ndossier;numero;m;;;;\n",
     .native = "{\"n\":\"\",\"m\":\"1\"}\n", .pivot = "dossier1{numero=1}"},
    {"the format's filler, and a line that omits",
     .conf = "plugin = \"json\";\noptions = { lines = true; };\nrecord = \".\";\nabsent = \"null\";\n",
     .table = ROOT "dossier;nom;n;;;;\ndossier;commune;c;;omit;;\ndossier;numero;m;;;;\n",
     .native = "{\"n\":null,\"m\":\"1\"}\n", .pivot = "dossier1{numero=1}"},
    {"read: never written", .table = ROOT "dossier;nom;n;;;;\ndossier;numero;m;;read;;\n",
     .native = "{\"n\":\"A\",\"m\":\"1\"}\n", .pivot = "dossier1{numero=1 nom=A}",
     .written = "{\"n\":\"A\"}\n"},
    {"write: never read", .table = ROOT "dossier;nom;n;;;;\ndossier;nom;m;fold(upper);write;;\n",
     .native = "{\"n\":\"a\",\"m\":\"ZZ\"}\n", .pivot = "dossier1{nom=a}",
     .written = "{\"n\":\"a\",\"m\":\"A\"}\n"},
};

static void fixed(void **state)
{
    stand_rows(*state, ROWS(fixed_rows));
}

static const struct row parts_rows[] = {
    {"join", .table = ROOT "dossier;numero;a + b + c;join({*}A{#}M{#});required;;\n",
     .native = "{\"a\":\"ACI054180019\",\"b\":\"0\",\"c\":\"1\"}\n",
     .pivot = "dossier1{numero=ACI054180019A0M1}"},
    {"join: converters in holes",
     .table = ROOT "dossier;cree;d + h;join({date}T{time(HH:mm:ss.ffff)});required;;\n",
     .native = "{\"d\":\"2024-02-29\",\"h\":\"08:30:15.0000\"}\n",
     .pivot = "dossier1{cree=2024-02-29T08:30:15}"},
    {"join: of one", .table = ROOT "dossier;pays;p;join(99{3});required;;\n", .native = "{\"p\":\"100\"}\n",
     .pivot = "dossier1{pays=99100}"},
    {"join: wrong width", .table = ROOT "dossier;pays;p;join(99{3});required;;\n",
     .native = "{\"p\":\"1000\"}\n", .pivot = "REJECT", .written = "", .said = "!mapping.split p 1:6"},
    {"split", .table = ROOT "dossier;nom + commune;m;split({*}_{});required;;\n",
     .native = "{\"m\":\"ACI_DC\"}\n", .pivot = "dossier1{nom=ACI commune=DC}"},
    {"split: optional part", .table = ROOT "dossier;debut + fin;p;split({}[/{}]);required;;\n",
     .native = "{\"p\":\"2024-01-01\"}\n{\"p\":\"2024-01-01/2024-12-31\"}\n",
     .pivot = "dossier1{debut=2024-01-01}\ndossier1{debut=2024-01-01 fin=2024-12-31}"},
    {"split: another template is read, the first written",
     .table = ROOT "dossier;debut + fin;p;split({}[/{}]|{}_{});required;;\n",
     .native = "{\"p\":\"2024-01-01_2024-12-31\"}\n", .pivot = "dossier1{debut=2024-01-01 fin=2024-12-31}",
     .written = "{\"p\":\"2024-01-01/2024-12-31\"}\n"},
    {"split: converters in holes",
     .table = ROOT "dossier;nom + date;m;\"split({*}{8:date(DDMMYYYY)})\";required;;\n",
     .native = "{\"m\":\"VUE29022024\"}\n", .pivot = "dossier1{nom=VUE date=2024-02-29}"},
    {"zeros only in the assembled text", .table = ROOT "dossier;numero;a + b;join({*}-{02});;;\n",
     .native = "{\"a\":\"X\",\"b\":\"7\"}\n", .pivot = "dossier1{numero=X-07}"},
    {"words: joined by a blank, all in the first", .table = ROOT "dossier;nom;a + b;words;;;\n",
     .native = "{\"a\":\"Jeanne\",\"b\":\"d'Arc\"}\n", .pivot = "dossier1{nom=Jeanne d'Arc}",
     .written = "{\"a\":\"Jeanne d'Arc\"}\n"},
    {"list", .table = ROOT "dossier;tags;t;\"list(';')\";;;\n", .native = "{\"t\":\"a;b;c\"}\n",
     .pivot = "dossier1{tags=[a,b,c]}"},
    {"list: trimmed items", .table = ROOT "dossier;tags;t;\"list(';')\";;;\n", .native = "{\"t\":\"a; b\"}\n",
     .pivot = "dossier1{tags=[a,b]}", .written = "{\"t\":\"a;b\"}\n"},
    {"list: what follows applies to each item",
     .table = ROOT "dossier;criteres;t;\"list(',') > code(liste)\";;;\n", .native = "{\"t\":\"a,b\"}\n",
     .pivot = "dossier1{criteres=[A,B]}", .codes = "a;A;;;;;\nb;B;;;;;\n"},
    {"list: an item that holds the separator is not written",
     .table = ROOT "dossier;tags;t;\"list(';')\";read;;\ndossier;tags;u;\"list(',')\";write;;\n",
     .native = "{\"t\":\"a,b;c\"}\n", .pivot = "dossier1{tags=[a,b,c]}", .written = "!",
     .said = "!mapping.split dossier tags"},
    {"list: unless another line may",
     .table = ROOT "dossier;tags;t;\"list(';')\";read;;\ndossier;tags;u;\"list(',')\";write try;;\n"
                   "dossier;tags;u;\"list('|')\";write;;\n",
     .native = "{\"t\":\"a,b;c\"}\n", .pivot = "dossier1{tags=[a,b,c]}", .written = "{\"u\":\"a,b|c\"}\n"},
    {"list of groups", .table = ROOT "dossier;membres[].nom;t;\"list(';')\";;;\n",
     .native = "{\"t\":\"a;b\"}\n", .pivot = "dossier1{membres=[{nom=a},{nom=b}]}"},
    {"member", .table = ROOT "dossier;criteres;a;member(A);;;\ndossier;criteres;b;member(B);;;\n",
     .native = "{\"a\":true,\"b\":false}\n", .pivot = "dossier1{criteres=[A]}"},
    {"member negated", .table = ROOT "dossier;criteres;a;member(!A);;;\n",
     .native = "{\"a\":false}\n{\"a\":true}\n", .pivot = "dossier1{criteres=[A]}\ndossier1{}"},
    {"keyed item",
     .table = ROOT "dossier;effectifs[categorie=TOTAL].nombre;t;int;;;\ndossier;effectifs[categorie=IAE]."
                   "nombre;i;int;;;\n",
     .native = "{\"t\":12,\"i\":3}\n",
     .pivot = "dossier1{effectifs=[{categorie=TOTAL nombre=12},{categorie=IAE nombre=3}]}"},
    {"group of one", .table = ROOT "dossier;adresse.ville;a/v;;;;\n", .native = "{\"a\":{\"v\":\"Metz\"}}\n",
     .pivot = "dossier1{adresse.ville=Metz}"},
    {"tree: whole, with kinds", .table = ROOT "dossier;bloc;b;tree;;;\n",
     .native = "{\"b\":{\"x\":1,\"y\":[true,null]}}\n", .pivot = "dossier1{bloc=b(x=1 y(y=true y))}"},
    {"extension: kept under the root ancestor's name",
     .table = ROOT "dossier;x.note;n;;;;\ndossier;x.quand;q;date(DD/MM/YYYY);;;\n",
     .native = "{\"n\":\"A\",\"q\":\"29/02/2024\"}\n", .pivot = "dossier1{x.note=A x.quand=2024-02-29}"},
    {"code list", .table = ROOT "dossier;sexe;s;code(liste);required;;\n", .native = "{\"s\":\"1\"}\n",
     .pivot = "dossier1{sexe=M}", .codes = "1;M;;;;;\n2;F;;;;;\n"},
    {"code list: unknown, required", .table = ROOT "dossier;sexe;s;code(liste);required;;\n",
     .native = "{\"s\":\"9\"}\n", .pivot = "REJECT", .written = "", .said = "!mapping.code s 1:6",
     .codes = "1;M;;;;;\n"},
    {"code list: unknown, given back", .table = ROOT "dossier;sexe;s;code(liste);;;\n",
     .native = "{\"s\":\"9\"}\n", .pivot = "dossier1{x.reste=((path= node(s=9)))}",
     .said = "mapping.code s 1:6", .codes = "1;M;;;;;\n"},
    {"code list: read line, then the first with the pivot is written",
     .table = ROOT "dossier;sexe;s;code(liste);;;\n", .native = "{\"s\":\"3\"}\n", .pivot = "dossier1{sexe=F}",
     .written = "{\"s\":\"2\"}\n", .codes = "2;F;;;;;\n3;F;;;;read;\n"},
    {"code list: else", .table = ROOT "dossier;sexe;s;\"code(liste,else=X)\";;;\n", .native = "{\"s\":\"9\"}\n",
     .pivot = "dossier1{sexe=X}", .written = "", .said = "mapping.else s 1:6", .codes = "1;M;;;;;\n"},
    {"code list: dated, on $date", .table = ROOT "dossier;sexe;s;code(liste);;;\n", .native = "{\"s\":\"1\"}\n",
     .pivot = "dossier1{sexe=F}", .date = "2020-01-01", .codes = "1;M;;2021-01-01;;;\n1;F;;;2020-12-31;;\n"},
    {"code list: dated, on a field",
     .table = ROOT "dossier;date;d;;;;\ndossier;sexe;s;\"code(liste,at=date)\";;;\n",
     .native = "{\"d\":\"2020-12-31\",\"s\":\"1\"}\n{\"d\":\"2021-01-01\",\"s\":\"1\"}\n",
     .pivot = "dossier1{date=2020-12-31 sexe=F}\ndossier1{date=2021-01-01 sexe=M}",
     .codes = "1;M;;2021-01-01;;;\n1;F;;;2020-12-31;;\n"},
};

static void parts(void **state)
{
    stand_rows(*state, ROWS(parts_rows));
}

static const struct row alternatives_rows[] = {
    {"one native feeds several fields", .table = ROOT "dossier;nom;n;;;;\ndossier;commune;n;;read;;\n",
     .native = "{\"n\":\"A\"}\n", .pivot = "dossier1{nom=A commune=A}"},
    {"try takes the place when it converts",
     .table = ROOT "dossier;nombre;n;text > int;try;;\ndossier;nom;n;;;;\n",
     .native = "{\"n\":\"12\"}\n{\"n\":\"douze\"}\n", .pivot = "dossier1{nombre=12}\ndossier1{nom=douze}"},
    {"when chooses the line",
     .table = ROOT "dossier;sexe;s;;;;\ndossier;nom;n;;;sexe=M;\ndossier;prenom;n;;;sexe=F;\n",
     .native = "{\"s\":\"M\",\"n\":\"A\"}\n{\"s\":\"F\",\"n\":\"B\"}\n",
     .pivot = "dossier1{nom=A sexe=M}\ndossier1{prenom=B sexe=F}"},
    {"when is an invariant: undone, unexpected, kept",
     .table = ROOT "dossier;sexe;s;;;;\ndossier;nom;n;;;sexe=M;\n", .native = "{\"s\":\"F\",\"n\":\"A\"}\n",
     .pivot = "dossier1{sexe=F x.reste=((path= node(n=A)))}", .said = "mapping.unexpected n 1:14"},
    {"when of a required line rejects", .table = ROOT "dossier;sexe;s;;;;\ndossier;nom;n;;required;sexe=M;\n",
     .native = "{\"s\":\"F\",\"n\":\"A\"}\n", .pivot = "REJECT", .written = "",
     .said = "!mapping.unexpected n 1:14"},
    {"when with the line applied: it may look at its own field",
     .table = ROOT "dossier;nom;n;;try;nom~A*;\ndossier;prenom;n;;;;\n",
     .native = "{\"n\":\"Anne\"}\n{\"n\":\"Zoé\"}\n", .pivot = "dossier1{nom=Anne}\ndossier1{prenom=Zoé}"},
    {"named condition",
     .table = "let;homme;;;;dossier.sexe=M;\n" ROOT
              "dossier;sexe;s;;;;\ndossier;nom;n;;;@homme;\n;;c;const(X);write;!@homme;\n",
     .native = "{\"s\":\"M\",\"n\":\"A\"}\n{\"s\":\"F\",\"c\":\"X\"}\n",
     .pivot = "dossier1{nom=A sexe=M}\ndossier1{sexe=F}"},
    {"several values are any of them, and an absent satisfies no operator",
     .table = ROOT "dossier;sexe;s;;;;\n;;c;const(X);write;sexe=M,F;\n;;d;const(Y);write;sexe!=M;\n",
     .native = "{\"s\":\"M\",\"c\":\"X\"}\n{\"s\":\"F\",\"c\":\"X\",\"d\":\"Y\"}\n{}\n",
     .pivot = "dossier1{sexe=M}\ndossier1{sexe=F}\ndossier1{}"},
    {"comparison by value", .table = ROOT "dossier;montant;m;decimal(2);;;\n;;c;const(X);write;montant>9.5;\n",
     .native = "{\"m\":10.00,\"c\":\"X\"}\n{\"m\":9.50}\n",
     .pivot = "dossier1{montant=10.00}\ndossier1{montant=9.50}"},
    {"and, or, not",
     .table = ROOT
     "dossier;nom;n;;;;\ndossier;commune;o;;;;\n;;c;const(X);write;nom & !commune | (commune=B & !nom);\n",
     .native = "{\"n\":\"A\",\"c\":\"X\"}\n{\"o\":\"B\",\"c\":\"X\"}\n{\"n\":\"A\",\"o\":\"B\"}\n",
     .pivot = "dossier1{nom=A}\ndossier1{commune=B}\ndossier1{nom=A commune=B}"},
    {"glob", .table = ROOT "dossier;commune;o;;;;\n;;c;const(X);write;commune~97*,2?004;\n",
     .native = "{\"o\":\"97411\",\"c\":\"X\"}\n{\"o\":\"2A004\",\"c\":\"X\"}\n{\"o\":\"57463\"}\n",
     .pivot = "dossier1{commune=97411}\ndossier1{commune=2A004}\ndossier1{commune=57463}"},
    {"a date chooses lines: before",
     .table = ROOT "dossier;criteres;l;member(!A);required;$date<2026-07-09;\ndossier;criteres;l;member(B);"
                   "required;$date>=2026-07-09;\n",
     .native = "{\"l\":false}\n", .pivot = "dossier1{criteres=[A]}", .date = "2026-07-08"},
    {"a date chooses lines: from",
     .table = ROOT "dossier;criteres;l;member(!A);required;$date<2026-07-09;\ndossier;criteres;l;member(B);"
                   "required;$date>=2026-07-09;\n",
     .native = "{\"l\":true}\n", .pivot = "dossier1{criteres=[B]}", .date = "2026-07-09"},
    {"writing: the first that yields",
     .table = ROOT "dossier;nom;n;\"fits('A-Z',3)\";try;;\ndossier;nom;n;fold(ascii);;;\n",
     .native = "{\"n\":\"ABCDE\"}\n", .pivot = "dossier1{nom=ABCDE}", .said = "mapping.fits dossier nom"},
    {"a filler is an alternative",
     .table = ROOT "dossier;nom;n;;;;\n;;n;const(INCONNU);write;!dossier.nom;\ndossier;numero;m;;;;\n",
     .native = "{\"n\":\"A\",\"m\":\"1\"}\n", .pivot = "dossier1{numero=1 nom=A}"},
};

static void alternatives(void **state)
{
    stand_rows(*state, ROWS(alternatives_rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values), cmocka_unit_test(fixed),
                                       cmocka_unit_test(parts), cmocka_unit_test(alternatives)};

    return cmocka_run_group_tests_name("mapping: lines", tests, stand_open, stand_close);
}
