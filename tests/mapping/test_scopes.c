/* SPDX-License-Identifier: EUPL-1.2 */
/* Scopes, lists, predicates, optional nodes, references, order (mapping.md §1, §2 step marks, §3.7, §4). */
#include "mapping/stand.h"

#include "support/unit.h"

#define ROOT "dossier;;.;;;;\n"

static const struct row scopes_rows[] = {
    {"a scope beside the root, and its reference",
     .table = ROOT
     "personne;;p;;;;\ndossier;numero;n;;;;\ndossier;personne;;ref(personne);;;\npersonne;nom;nom;;;;\n",
     .native = "{\"n\":\"1\",\"p\":{\"nom\":\"A\"}}\n",
     .pivot = "dossier1{numero=1 personne=personne1}\npersonne1{nom=A}"},
    {"a scope on the root's own node",
     .table =
         ROOT "personne;;.;in "
              "dossier;;;\ndossier;numero;n;;;;\ndossier;personne;;ref(personne);;;\npersonne;nom;nom;;;;\n",
     .native = "{\"n\":\"1\",\"nom\":\"A\"}\n",
     .pivot = "dossier1{numero=1 personne=personne1}\npersonne1{nom=A}"},
    {"nothing read: no resource, no reference; the constant makes its node all the same",
     .table = ROOT "personne;;p;;;;\ndossier;numero;n;;;;\ndossier;personne;;ref(personne);;;\npersonne;"
                   "nom;nom;;;;\n;;p/k;const(X);;;\n",
     .native = "{\"n\":\"1\",\"p\":{\"k\":\"X\"}}\n", .pivot = "dossier1{numero=1}"},
    {"several of a type, by label",
     .table = ROOT "personne:un;;a;;;;\npersonne:deux;;b;;;;\ndossier;personne;;ref(personne:un);;;\ndossier;"
                   "autre;;ref(personne:deux);;;\npersonne:un;nom;n;;;;\npersonne:deux;nom;n;;;;\n",
     .native = "{\"a\":{\"n\":\"A\"},\"b\":{\"n\":\"B\"}}\n",
     .pivot = "dossier1{personne=personne1 autre=personne2}\npersonne1{nom=A}\npersonne2{nom=B}"},
    {"one resource a node",
     .table = ROOT "droit;;d[];;;;\ndroit;dossier;;ref(dossier);;;\ndossier;numero;n;;;;\ndroit;type;t;;;;\n",
     .native = "{\"n\":\"1\",\"d\":[{\"t\":\"RSA\"},{\"t\":\"ASS\"}]}\n",
     .pivot = "dossier1{numero=1}\ndroit1{type=RSA dossier=dossier1}\ndroit2{type=ASS dossier=dossier1}"},
    {"in SCOPE: relative to it",
     .table = ROOT "droit;;d[];;;;\npersonne;;p;in "
                   "droit;;;\ndroit;dossier;;ref(dossier);;;\ndroit;personne;;ref(personne);;;\ndossier;"
                   "numero;n;;;;\ndroit;type;t;;;;\npersonne;nom;nom;;;;\n",
     .native = "{\"n\":\"1\",\"d\":[{\"t\":\"RSA\",\"p\":{\"nom\":\"A\"}},{\"t\":\"ASS\",\"p\":{\"nom\":"
               "\"B\"}}]}\n",
     .pivot = "dossier1{numero=1}\ndroit1{type=RSA dossier=dossier1 "
              "personne=personne1}\npersonne1{nom=A}\ndroit2{type=ASS dossier=dossier1 "
              "personne=personne2}\npersonne2{nom=B}"},
    {"/ starts at the record's node",
     .table = ROOT "personne;;p;;;;\ndossier;personne;;ref(personne);;;\npersonne;nom;nom;;;;\npersonne;"
                   "nir;/adr/nir;;;;\n",
     .native = "{\"p\":{\"nom\":\"A\"},\"adr\":{\"nir\":\"2\"}}\n",
     .pivot = "dossier1{personne=personne1}\npersonne1{nom=A nir=2}"},
    {"another name of the step is read, the first is written", .table = ROOT "dossier;nom;n|nom|libelle;;;;\n",
     .native = "{\"libelle\":\"A\"}\n", .pivot = "dossier1{nom=A}", .written = "{\"n\":\"A\"}\n"},
    {"when on a scope",
     .table = ROOT
     "droit;;d;;;dossier.sexe=M;\ndossier;sexe;s;;;;\ndroit;dossier;;ref(dossier);;;\ndroit;type;t;;;;\n",
     .native = "{\"s\":\"M\",\"d\":{\"t\":\"RSA\"}}\n",
     .pivot = "dossier1{sexe=M}\ndroit1{type=RSA dossier=dossier1}"},
    {"when on the root: all are read, those are written for which it holds",
     .table = "dossier;;.;;;sexe=M;\ndossier;numero;n;;;;\ndossier;sexe;s;;;;\n",
     .native = "{\"n\":\"1\",\"s\":\"M\"}\n{\"n\":\"2\",\"s\":\"F\"}\n{\"n\":\"3\"}\n",
     .pivot = "dossier1{numero=1 sexe=M}\ndossier1{numero=2 sexe=F}\ndossier1{numero=3}",
     .written = "{\"n\":\"1\",\"s\":\"M\"}\n"},
    {"when on the root: it may look at what is gathered",
     .table = "dossier;;.;;;!personne | "
              "personne.nom=A;\npersonne;;p;;;;\ndossier;numero;n;;;;\ndossier;personne;;ref(personne);;;\n"
              "personne;nom;nom;;;;\n",
     .native = "{\"n\":\"1\",\"p\":{\"nom\":\"A\"}}\n{\"n\":\"2\",\"p\":{\"nom\":\"B\"}}\n{\"n\":\"3\"}\n",
     .pivot = "dossier1{numero=1 personne=personne1}\npersonne1{nom=A}\ndossier1{numero=2 "
              "personne=personne1}\npersonne1{nom=B}\ndossier1{numero=3}",
     .written = "{\"n\":\"1\",\"p\":{\"nom\":\"A\"}}\n{\"n\":\"3\"}\n"},
    {"write on a scope: reading makes none, nor what its lines say",
     .table = ROOT "personne;;p;;;;\npersonne:x;;.;in "
                   "dossier;write;;\ndossier;personne;;ref(personne);;;\npersonne;nom;nom;;;;\npersonne:x;nom;"
                   "copie;;;;\n",
     .native = "{\"p\":{\"nom\":\"A\"},\"copie\":\"B\"}\n", .pivot = "dossier1{personne=personne1}\npersonne1{nom=A}",
     .written = "{\"p\":{\"nom\":\"A\"},\"copie\":\"A\"}\n"},
    {"write on a scope: its lists too",
     .table = ROOT "dossier:x;;.;in dossier;write;;\ndossier:x;membres[];m[];;;;\ndossier:x;membres[].nom;k;;;;\n"
                   "dossier;numero;n;;;;\n",
     .native = "{\"n\":\"1\",\"m\":[{\"k\":\"B\"}]}\n", .pivot = "dossier1{numero=1}", .written = "{\"n\":\"1\"}\n"},
    {"selector: reading sets it, writing takes only those",
     .table = ROOT "droit:rsa;;r;;;;\ndroit:ass;;a;;;;\ndroit:rsa;type;;const(RSA);;;\ndroit:ass;type;;"
                   "const(ASS);;;\ndroit:rsa;dossier;;ref(dossier);;;\ndroit:ass;dossier;;ref(dossier);;;"
                   "\ndroit:rsa;etat;e;;;;\ndroit:ass;etat;e;;;;\n",
     .native = "{\"r\":{\"e\":\"OUVERT\"},\"a\":{\"e\":\"CLOS\"}}\n",
     .pivot = "dossier1{}\ndroit1{type=RSA etat=OUVERT dossier=dossier1}\ndroit2{type=ASS etat=CLOS "
              "dossier=dossier1}"},
    {"reference by field: the one with that text",
     .table = ROOT "personne;;p[];;;;\ndossier;numero;n;;;;\ndossier;personne;chef;ref(personne.nir);;;"
                   "\npersonne;nir;nir;;;;\n",
     .native = "{\"n\":\"1\",\"chef\":\"22\",\"p\":[{\"nir\":\"11\"},{\"nir\":\"22\"}]}\n", .written = "",
     .pivot = "dossier1{numero=1 personne=personne2}\npersonne1{nir=11}\npersonne2{nir=22}"},
    {"reference by field: nobody has it",
     .table = ROOT "personne;;p[];;;;\ndossier;numero;n;;;;\ndossier;personne;chef;ref(personne.nir);;;"
                   "\npersonne;nir;nir;;;;\n",
     .native = "{\"n\":\"1\",\"chef\":\"33\",\"p\":[{\"nir\":\"11\"}]}\n", .written = "",
     .pivot = "dossier1{numero=1}\npersonne1{nir=11}", .said = "mapping.ref chef 1:17"},
    {"sort and max",
     .table = ROOT "droit;;d[];sort(debut) max(2);;;\ndroit;dossier;;ref(dossier);;;\ndroit;debut;q;;;;\n",
     .native = "{\"d\":[{\"q\":\"2024-03-01\"},{\"q\":\"2024-01-01\"},{\"q\":\"2024-02-01\"}]}\n",
     .pivot = "dossier1{}\ndroit1{debut=2024-03-01 dossier=dossier1}\ndroit2{debut=2024-01-01 "
              "dossier=dossier1}\ndroit3{debut=2024-02-01 dossier=dossier1}",
     .written = "{\"d\":[{\"q\":\"2024-01-01\"},{\"q\":\"2024-02-01\"}]}\n", .said = "mapping.max d"},
    {"sort backwards takes the last for a single place", .conf = NULL,
     .table = ROOT "droit;;d[];;;;\ndroit:dernier;;x;sort(-debut);;;\ndroit;dossier;;ref(dossier);;;\ndroit:"
                   "dernier;dossier;;ref(dossier);;;\ndroit;debut;q;;;;\ndroit:dernier;debut;q;;write;;\n",
     .native = "{\"d\":[{\"q\":\"2024-01-01\"},{\"q\":\"2024-03-01\"}]}\n",
     .pivot =
         "dossier1{}\ndroit1{debut=2024-01-01 dossier=dossier1}\ndroit2{debut=2024-03-01 dossier=dossier1}",
     .written = "{\"d\":[{\"q\":\"2024-01-01\"},{\"q\":\"2024-03-01\"}],\"x\":{\"q\":\"2024-03-01\"}}\n"},
};

static void scopes(void **state)
{
    stand_rows(*state, ROWS(scopes_rows));
}

static const struct row lists_rows[] = {
    {"one item a node",
     .table = ROOT "dossier;membres[];m[];;;;\ndossier;membres[].nom;n;;;;\ndossier;membres[].rang;r;int;;;\n",
     .native = "{\"m\":[{\"n\":\"A\",\"r\":1},{\"n\":\"B\",\"r\":2}]}\n",
     .pivot = "dossier1{membres=[{rang=1 nom=A},{rang=2 nom=B}]}"},
    {"a list in a list",
     .table = ROOT "dossier;membres[];m[];;;;\ndossier;membres[].enfants[];e[];;;;\ndossier;membres[].nom;"
                   "n;;;;\ndossier;membres[].enfants[].nom;n;;;;\n",
     .native = "{\"m\":[{\"n\":\"A\",\"e\":[{\"n\":\"a\"},{\"n\":\"b\"}]},{\"n\":\"B\",\"e\":[{\"n\":\"c\"}"
               "]}]}\n",
     .pivot = "dossier1{membres=[{nom=A enfants=[{nom=a},{nom=b}]},{nom=B enfants=[{nom=c}]}]}"},
    {"a list scope on the node itself", .table = ROOT "dossier;membres[];.;;;;\ndossier;membres[].nom;n;;;;\n",
     .native = "{\"n\":\"A\"}\n", .pivot = "dossier1{membres=[{nom=A}]}"},
    {"items with a key",
     .table = ROOT
     "dossier;effectifs[][categorie=TOTAL];t[];;;;\ndossier;effectifs[][categorie=IAE];i[];;;;\ndossier;"
     "effectifs[][categorie=TOTAL].nombre;n;int;;;\ndossier;effectifs[][categorie=IAE].nombre;n;int;;;\n",
     .native = "{\"t\":[{\"n\":12}],\"i\":[{\"n\":3}]}\n",
     .pivot = "dossier1{effectifs=[{categorie=TOTAL nombre=12},{categorie=IAE nombre=3}]}"},
    {"list scope sorted, with a most",
     .table = ROOT "dossier;membres[];m[];sort(rang) max(2);;;\ndossier;membres[].rang;r;int;;;\n",
     .native = "{\"m\":[{\"r\":10},{\"r\":9},{\"r\":2}]}\n",
     .pivot = "dossier1{membres=[{rang=10},{rang=9},{rang=2}]}", .written = "{\"m\":[{\"r\":2},{\"r\":9}]}\n",
     .said = "mapping.max m"},
    {"a resource of each item",
     .table = ROOT "dossier;membres[];m[];;;;\npersonne;;.;in "
                   "dossier.membres[];;;\ndossier;membres[].personne;;ref(personne);;;\ndossier;membres[]."
                   "rang;r;int;;;\npersonne;nom;n;;;;\n",
     .native = "{\"m\":[{\"r\":1,\"n\":\"A\"},{\"r\":2,\"n\":\"B\"}]}\n",
     .pivot = "dossier1{membres=[{rang=1 personne=personne1},{rang=2 "
              "personne=personne2}]}\npersonne1{nom=A}\npersonne2{nom=B}"},
    {"an empty list",
     .table = ROOT "dossier;membres[];m[];;;;\ndossier;membres[].nom;n;;;;\ndossier;numero;k;;;;\n",
     .native = "{\"k\":\"1\",\"m\":[]}\n", .pivot = "dossier1{numero=1}", .written = "{\"k\":\"1\"}\n"},
};

static void lists(void **state)
{
    stand_rows(*state, ROWS(lists_rows));
}

static const struct row predicates_rows[] = {
    {"one value: chosen, and written as the first child",
     .table = ROOT "dossier;nom;p[][k=A]/n;;;;\ndossier;prenom;p[][k=B]/n;;;;\n",
     .native = "{\"p\":[{\"k\":\"A\",\"n\":\"1\"},{\"k\":\"B\",\"n\":\"2\"}]}\n",
     .pivot = "dossier1{nom=1 prenom=2}"},
    {"in any order, canonical the second time",
     .table = ROOT "dossier;nom;p[][k=A]/n;;;;\ndossier;prenom;p[][k=B]/n;;;;\n",
     .native = "{\"p\":[{\"n\":\"2\",\"k\":\"B\"},{\"k\":\"A\",\"n\":\"1\"}]}\n",
     .pivot = "dossier1{nom=1 prenom=2}",
     .written = "{\"p\":[{\"k\":\"A\",\"n\":\"1\"},{\"k\":\"B\",\"n\":\"2\"}]}\n"},
    {"an index", .table = ROOT "dossier;nom;p[][1]/n;;;;\ndossier;prenom;p[][2]/n;;;;\n",
     .native = "{\"p\":[{\"n\":\"1\"},{\"n\":\"2\"}]}\n", .pivot = "dossier1{nom=1 prenom=2}"},
    {"a scope chosen by a predicate is there though nothing was read",
     .table = ROOT "droit:rsa;;s[rsa=true];;;;\ndroit:rsa;type;;const(RSA);;;\ndroit:rsa;dossier;;ref("
                   "dossier);;;\ndossier;numero;n;;;;\n;;s/rsa;const(false);write;!droit:rsa;\n",
     .native = "{\"n\":\"1\",\"s\":{\"rsa\":true}}\n{\"n\":\"2\",\"s\":{\"rsa\":false}}\n",
     .pivot = "dossier1{numero=1}\ndroit1{type=RSA dossier=dossier1}\ndossier1{numero=2}"},
    {"a scope chosen by several values: a line below writes one of them",
     .table = ROOT "droit;;s[e=OUVERT|SUSPENDU];;;;\ndroit;dossier;;ref(dossier);;;\ndroit;etat;e;;;;"
                   "\ndossier;numero;n;;;;\n",
     .native = "{\"s\":{\"e\":\"SUSPENDU\"},\"n\":\"1\"}\n",
     .pivot = "dossier1{numero=1}\ndroit1{etat=SUSPENDU dossier=dossier1}"},
    {"!= only chooses",
     .table =
         ROOT "droit;;s[e!=CLOS];;;;\ndroit;dossier;;ref(dossier);;;\ndroit;etat;e;;;;\ndossier;numero;n;;;;\n",
     .native = "{\"s\":{\"e\":\"OUVERT\"},\"n\":\"1\"}\n",
     .pivot = "dossier1{numero=1}\ndroit1{etat=OUVERT dossier=dossier1}"},
    {"the lines of a scope without resource are absent in the node without predicates",
     .conf = "plugin = \"json\";\noptions = { lines = true; };\nrecord = \".\";\nabsent = \"null\";\n",
     .table = ROOT "droit:rsa;;s[rsa=true];;;;\ndroit:rsa;type;;const(RSA);;;\ndroit:rsa;dossier;;ref("
                   "dossier);;;\n;;s/rsa;const(false);write;!droit:rsa;\ndroit:rsa;debut;q;;;;\n",
     .native = "{\"s\":{\"rsa\":false,\"q\":null}}\n", .pivot = "dossier1{}"},
    {"optional node missing: nothing below it is required",
     .table = ROOT "dossier;nom;a?/n;;required;;\ndossier;numero;k;;;;\n", .native = "{\"k\":\"1\"}\n",
     .pivot = "dossier1{numero=1}"},
    {"optional node there: required",
     .table = ROOT "dossier;nom;a?/n;;required;;\ndossier;commune;a?/c;;;;\ndossier;numero;k;;;;\n",
     .native = "{\"k\":\"1\",\"a\":{\"c\":\"X\"}}\n", .pivot = "REJECT", .written = "",
     .said = "!mapping.missing a/n 1:1"},
    {"constants do not make an optional node",
     .table = ROOT ";;a?/t;const(X);required;;\ndossier;nom;a?/n;;;;\ndossier;numero;k;;;;\n",
     .native = "{\"k\":\"1\"}\n{\"a\":{\"t\":\"X\",\"n\":\"A\"},\"k\":\"2\"}\n",
     .pivot = "dossier1{numero=1}\ndossier1{numero=2 nom=A}"},
    {"fillers do not make an optional node",
     .conf = "plugin = \"json\";\noptions = { lines = true; };\nrecord = \".\";\nabsent = \"null\";\n",
     .table = ROOT "dossier;nom;a?/n;;;;\ndossier;commune;a?/c;;;;\ndossier;numero;k;;;;\n",
     .native = "{\"k\":\"1\"}\n{\"a\":{\"n\":\"A\",\"c\":null},\"k\":\"2\"}\n",
     .pivot = "dossier1{numero=1}\ndossier1{numero=2 nom=A}"},
};

static void predicates(void **state)
{
    stand_rows(*state, ROWS(predicates_rows));
}

static const struct row order_rows[] = {
    {"children stand in the order of the lines",
     .table = ROOT "dossier;numero;b;;;;\ndossier;nom;a/y;;;;\ndossier;prenom;c;;;;\ndossier;commune;a/x;;;;\n",
     .native = "{\"c\":\"3\",\"a\":{\"x\":\"4\",\"y\":\"2\"},\"b\":\"1\"}\n",
     .pivot = "dossier1{numero=1 nom=2 prenom=3 commune=4}",
     .written = "{\"b\":\"1\",\"a\":{\"y\":\"2\",\"x\":\"4\"},\"c\":\"3\"}\n"},
    {"scope lines give a name its place only when no field line has it",
     .table = ROOT
     "personne;;p;;;;\ndossier;personne;;ref(personne);;;\ndossier;numero;n;;;;\npersonne;nom;nom;;;;\n",
     .native = "{\"n\":\"1\",\"p\":{\"nom\":\"A\"}}\n",
     .pivot = "dossier1{numero=1 personne=personne1}\npersonne1{nom=A}"},
    {"rest: kept, said, given back behind the sibling it followed",
     .table = ROOT "dossier;numero;a;;;;\ndossier;nom;c;;;;\n",
     .native = "{\"a\":\"1\",\"b\":{\"z\":[1,2]},\"c\":\"2\"}\n",
     .pivot = "dossier1{numero=1 nom=2 x.reste=((path= after=a node(b(z(z=1 z=2)))))}",
     .said = "mapping.unclaimed b 1:10"},
    {"rest: a list comes back as a list", .gap = "B24", .table = ROOT "dossier;numero;a;;;;\n",
     .native = "{\"a\":\"1\",\"z\":[1,{\"y\":2}]}\n",
     .pivot = "dossier1{numero=1 x.reste=((path= after=a node(z(z=1 z(y=2)))))}",
     .said = "mapping.unclaimed z 1:10"},
    {"rest: in its own frame", .table = ROOT "dossier;membres[];m[];;;;\ndossier;membres[].nom;n;;;;\n",
     .native = "{\"m\":[{\"n\":\"A\"},{\"n\":\"B\",\"z\":1}]}\n",
     .pivot = "dossier1{membres=[{nom=A},{nom=B}] x.reste=((path=m[2] after=n node(z=1)))}",
     .said = "mapping.unclaimed m/z 1:30"},
    {"rest: a line of the table holds it under its own name",
     .table = ROOT "dossier;numero;a;;;;\ndossier;x.autre;*;rest;;;\n", .native = "{\"a\":\"1\",\"z\":\"9\"}\n",
     .pivot = "dossier1{numero=1 x.autre=((path= after=a node(z=9)))}", .said = "mapping.unclaimed z 1:14"},
    {"ignored by name: claimed, not written",
     .conf = "plugin = \"json\";\noptions = { lines = true; };\nrecord = \".\";\nabsent = "
             "\"omit\";\nignore = ( \"z\", \"p/q\" );\n",
     .table = ROOT "dossier;numero;a;;;;\ndossier;nom;p/n;;;;\n",
     .native = "{\"a\":\"1\",\"z\":\"9\",\"p\":{\"n\":\"A\",\"q\":1}}\n", .pivot = "dossier1{numero=1 nom=A}",
     .written = "{\"a\":\"1\",\"p\":{\"n\":\"A\"}}\n"},
};

static void order(void **state)
{
    stand_rows(*state, ROWS(order_rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(scopes), cmocka_unit_test(lists),
                                       cmocka_unit_test(predicates), cmocka_unit_test(order)};

    return cmocka_run_group_tests_name("mapping: scopes", tests, stand_open, stand_close);
}
