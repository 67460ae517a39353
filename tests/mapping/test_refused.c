/* SPDX-License-Identifier: EUPL-1.2 */
/* Refused at load (mapping.md §9), each with line, column in its cell, code and what was found. */
#include "mapping/stand.h"

#include "support/unit.h"

#define ROOT  "dossier;;.;;;;\n"
#define NAMED "plugin = \"json\";\noptions = { lines = true; };\nrecord = \".\";\nname = \"F_{lot:3}.json\";\n"

struct refusal {
    const char *name, *table, *complaints, *codes, *conf, *gap;
};

static const struct refusal refused_rows[] = {
    {.name = "not seven cells", .table = ROOT "dossier;nom;n;;;\n", .complaints = "3:0 mapping.cells <6>\n"},
    {.name = "unknown converter",
     .table = ROOT "dossier;nom;n;upper;;;\n",
     .complaints = "3:1 mapping.converter <upper>\n"},
    {.name = "unknown converter, further on",
     .table = ROOT "dossier;nom;n;text(3) > uper;;;\n",
     .complaints = "3:11 mapping.converter <uper>\n"},
    {.name = "argument",
     .table = ROOT "dossier;nom;n;text(many);;;\n",
     .complaints = "3:1 mapping.argument <many>\n"},
    {.name = "unknown type of a scope",
     .table = ROOT "voiture;;v;;;;\n",
     .complaints = "3:1 mapping.resource <voiture>\n"},
    {.name = "unknown scope",
     .table = ROOT "personne;nom;n;;;;\n",
     .complaints = "3:1 mapping.scope <personne>\n"},
    {.name = "unknown parent",
     .table = ROOT "personne;;p;in droit;;;\ndossier;personne;;ref(personne);;;\n",
     .complaints = "3:1 mapping.scope <droit>\n4:1 mapping.scope <personne>\n"},
    {.name = "unknown field",
     .table = ROOT "dossier;couleur;n;;;;\n",
     .complaints = "3:1 mapping.field <couleur>\n"},
    {.name = "unknown list",
     .table = ROOT "dossier;sexe;n;code(autre);;;\n",
     .complaints = "3:1 mapping.list <autre>\n"},
    {.name = "unknown parameter",
     .table = ROOT "dossier;nom;n;;;$couleur=1;\n",
     .complaints = "3:1 mapping.parameter <$couleur>\n"},
    {.name = "unknown part of the file's name",
     .table = ROOT "dossier;nom;$name.lot;;read;;\n",
     .complaints = "3:1 mapping.parameter <$name.lot>\n"},
    {.name = "a part of the file's name joined to something",
     .conf = NAMED,
     .table = ROOT "dossier;nom;a + $name.lot;join({}-{});;;\n",
     .complaints = "3:1 mapping.name_alone <$name.lot>\n"},
    {.name = "or by itself in a form that needs a place",
     .conf = NAMED,
     .table = ROOT "dossier;tags;$name.lot;list(-);;;\n;;$name.lot;const(X);;;\n",
     .complaints = "3:1 mapping.name_alone <$name.lot>\n4:1 mapping.name_alone <$name.lot>\n"},
    {.name = "alone it is read",
     .conf = NAMED,
     .table =
         ROOT "dossier;nom;$name.lot;text(3);read;;\ndossier;prenom + pays;$name.lot;split({1}{2});read;;\n",
     .complaints = ""},
    {.name = "unknown let", .table = ROOT "dossier;nom;n;;;@rien;\n", .complaints = "3:1 mapping.let <rien>\n"},
    {.name = "unknown use",
     .table = ROOT "dossier;nom;n;;perhaps;;\n",
     .complaints = "3:1 mapping.option <perhaps>\n"},
    {.name = "unknown reference of a condition",
     .table = ROOT "dossier;nom;n;;;couleur=1;\n",
     .complaints = "3:1 mapping.reference <couleur>\n"},
    {.name = "grammar of a path",
     .table = ROOT "dossier;nom;a/[x;;;;\n",
     .complaints = "3:3 mapping.path <[x>\n"},
    {.name = "grammar of a condition",
     .table = ROOT "dossier;nom;n;;;nom=A &;\n",
     .complaints = "3:8 mapping.condition <>\n"},
    {.name = "grammar of converters",
     .table = ROOT "dossier;nom;n;text(3;;;\n",
     .complaints = "3:5 mapping.bracket <(3>\n"},
    {.name = "two open holes side by side",
     .table = ROOT "dossier;nom + prenom;n;split({*}{});;;\n",
     .complaints = "3:1 mapping.template <{*}{}>\n"},
    {.name = "join: counts",
     .table = ROOT "dossier;nom;a + b;join({*}-{}-{});;;\n",
     .complaints = "3:1 mapping.parts <{*}-{}-{}>\n"},
    {.name = "split: counts",
     .table = ROOT "dossier;nom + prenom;n;split({*}-{}-{});;;\n",
     .complaints = "3:1 mapping.parts <{*}-{}-{}>\n"},
    {.name = "two lines write one place",
     .table = ROOT "dossier;nom;n;;;;\ndossier;prenom;n;;;;\n",
     .complaints = "4:1 mapping.twice <n>\n"},
    {.name = "unless one is read",
     .table = ROOT "dossier;nom;n;;;;\ndossier;prenom;n;;read;;\n",
     .complaints = ""},
    {.name = "or try", .table = ROOT "dossier;nombre;n;;try;;\ndossier;prenom;n;;;;\n", .complaints = ""},
    {.name = "or when", .table = ROOT "dossier;nom;n;;;nom=A;\ndossier;prenom;n;;;;\n", .complaints = ""},
    {.name = "when cycle",
     .table = ROOT "dossier;nom;n;;;prenom=A;\ndossier;prenom;m;;;nom=A;\n",
     .complaints = "3:1 mapping.cycle <prenom>\n",
     .gap = "B18"},
    {.name = "let cycle",
     .table = "let;a;;;;@b;\nlet;b;;;;@a;\n" ROOT "dossier;nom;n;;;@a;\n",
     .complaints = "5:1 mapping.cycle <b>\n"},
    {.name = "circular in",
     .table = ROOT "personne;;p;in droit;;;\ndroit;;d;in personne;;;\n",
     .complaints = "3:1 mapping.cycle <droit>\n4:1 mapping.cycle <personne>\n"},
    {.name = "a list scope whose type no scope has",
     .table = ROOT "personne;membres[];p[];;;;\n",
     .complaints = "3:1 mapping.scope <personne>\n"},
    {.name = "a scope that nothing ties to the root",
     .table = ROOT "personne;;p;;;;\npersonne;nom;nom;;;;\n",
     .complaints = "3:1 mapping.loose <personne>\n"},
    {.name = "find may not be required when written",
     .table = ROOT "dossier;nom;n;find([0-9]);required;;\n",
     .complaints = "3:1 mapping.one_way <find>\n"},
    {.name = "words may not be required when written",
     .table = ROOT "dossier;nom;a + b;words;required;;\n",
     .complaints = "3:1 mapping.one_way <words>\n"},
    {.name = "a path through a tree",
     .table = ROOT "dossier;bloc;b;tree;;;\ndossier;nom;b/n;;;;\n",
     .complaints = "4:1 mapping.tree <b/n>\n"},
    {.name = "a selector's value is no code of the pivot",
     .table = ROOT "droit;;d;;;;\ndroit;type;;const(AAH);;;\ndroit;dossier;;ref(dossier);;;\n",
     .complaints = "4:1 mapping.selector <AAH>\n"},
    {.name = "a list scope without []",
     .table = ROOT "dossier;membres[];m;;;;\ndossier;membres[].nom;n;;;;\n",
     .complaints = "3:1 mapping.list_step <m>\n"},
    {.name = "a code list: two readable lines for one native",
     .table = ROOT "dossier;sexe;s;code(liste);;;\n",
     .complaints = "3:0 mapping.ambiguous <1>\n3:1 mapping.list <liste>\n",
     .codes = "1;M;;;;;\n1;F;;;;;\n"},
    {.name = "a code list: two writable lines for one pivot",
     .table = ROOT "dossier;sexe;s;code(liste);;;\n",
     .complaints = "3:0 mapping.ambiguous <M>\n3:1 mapping.list <liste>\n",
     .codes = "1;M;;;;;\n2;M;;;;;\n"},
    {.name = "a code list: dated apart is fine",
     .table = ROOT "dossier;sexe;s;code(liste);;;\n",
     .complaints = "",
     .codes = "1;M;;2020-01-01;;;\n1;F;;;2019-12-31;;\n"},
    {.name = "all faults are said",
     .table = ROOT "dossier;couleur;n;;;;\ndossier;nom;m;upper;;;\n",
     .complaints = "3:1 mapping.field <couleur>\n4:1 mapping.converter <upper>\n"},
};

static void refused(void **state)
{
    struct stand *s = *state;

    s->failed = 0;
    for (size_t i = 0; i < sizeof(refused_rows) / sizeof(*refused_rows); i++)
        stand_refused(s, refused_rows[i].name, refused_rows[i].conf, refused_rows[i].table,
                      refused_rows[i].codes, refused_rows[i].complaints, refused_rows[i].gap);
    assert_int_equal(s->failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(refused)};

    return cmocka_run_group_tests_name("mapping: refused at load", tests, stand_open, stand_close);
}
