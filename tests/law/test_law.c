/* SPDX-License-Identifier: EUPL-1.2 */
/* The proof itself: a good table holds, and each law finds the fault that is planted for it. */
#include "law/law.h"

#include "mapping/stand.h"
#include "support/unit.h"

#include <stdio.h>

#define ROOT "dossier;;.;;;;\n"

struct planted {
    const char *name, *table;
    const char *sample; /* NULL: none */
    const char *found;  /* "CODE LINE PATH" of each failure, one a line; "": the laws hold */
    const char *codes;
    const char *declared; /* "LINE E" ...: losses that must be measured as declared; NULL: not asked */
};

static void prove(struct stand *s, const struct planted *row, uint64_t seed, struct buf *found)
{
    struct law_options options = {.seed = seed, .count = 60};
    struct law_report *r;
    struct arena arena;

    arena_init(&arena, 65536, 0);
    s->open = false;
    buf_clear(&s->said);
    if (law_prove(&s->engine, GW_STR("t"), &options, &arena, &s->sink, &r) != GW_OK)
        fail_msg("%s: the table does not load\n%s", row->name, s->said.data);
    for (const struct law_failure *f = r->failures; f; f = f->next)
        buf_format(found, "%s %s %s\n", law_codes[f->law],
                   *f->where ? f->where + sizeof("t/fields.csv:") - 1 : "-", f->path);
    for (size_t i = 0; row->declared && i < r->nlines; i++)
        if (r->lines[i].measures)
            buf_format(found, "%c", "ENLO"[r->lines[i].measured]);
    arena_done(&arena);
}

static const struct planted rows[] = {
    {.name = "good: every form",
     .found = "ENNLNEEEN",
     .declared = "",
     .codes = "a;A;;;;;\nb;B;;;;;\n",
     .table = ROOT
     "dossier;nom;n;;;;\ndossier;montant;m;\"decimal(2,comma)\";;;\ndossier;date;d;date(DD/MM/"
     "YYYY|YYYY-MM-DD);;;\n"
     "dossier;prenom;p;fold(upper);;;\ndossier;actif;b;\"bool(O|1,N|0)\";;;\n"
     "dossier;criteres;t;\"list(',') > code(liste)\";;;\ndossier;x.note;x;;;;\ndossier;commune;c;text(5);;;\n"
     "dossier;effectifs[categorie=TOTAL].nombre;e;int;;;\n"},
    {.name = "good: scopes, references, conditions",
     .found = "",
     .table = ROOT
     "droit;;d[];;;;\npersonne;;p;;;;\ndossier;personne;;ref(personne);;;\ndroit;dossier;;ref(dossier);;;"
     "\ndroit;type;t;;required;;\npersonne;nom;n;;;;\n"
     "dossier;sexe;s;;;;\ndossier;nom;n;;;sexe=M;\ndossier;prenom;n;;;sexe=F;\n;;k;test(droit);check;;\n"},
    {.name = "good: a scope that is only written, and what selects it",
     .found = "",
     .table = ROOT "droit;;.;in dossier;write;;\ndroit;dossier;;ref(dossier);write;;\n"
                   "droit;type;;const(RSA);write;;\ndossier;nom;n;;;;\ndroit;debut;n;;write;!dossier.nom;\n"},
    {.name = "a later line overwrites what was carried",
     .found = "law.putget 3 dossier.nom\nlaw.uncovered 3 dossier.nom\n",
     .table = ROOT "dossier;nom;n;;;;\ndossier;nom;m;;read;;\ndossier;nom;m;fold(upper);write;;\n"},
    {.name = "a condition that is never true",
     .found = "law.uncovered 4 dossier.prenom\n",
     .table = ROOT "dossier;sexe;s;;;;\ndossier;prenom;p;;;sexe=M & sexe=F;\n"},
    {.name = "a line that another hides",
     .found = "law.getput 3 n\nlaw.putget 4 dossier.prenom\nlaw.uncovered 4 dossier.prenom\n",
     .table = ROOT "dossier;nom;n;default(X);try;;\ndossier;prenom;n;;;;\n"},
    {.name = "a line says less than it does",
     .found = "law.undeclared 3 dossier.nombre\n",
     .table = ROOT "dossier;nombre;n;text(5);;;\n"},
    {.name = "a sample that is rejected",
     .sample = "{\"n\":\"x\"}\n",
     .found = "law.sample - in.json: read and written\n",
     .table = ROOT "dossier;nombre;n;;required;;\n"},
    {.name = "each part of a join, broken, is reported at its own place",
     .sample = "{\"a\":\"X\",\"b\":\"0\",\"c\":\"1\",\"d\":\"2024-02-29\",\"h\":\"08:30:15\"}\n",
     .found = "",
     .table = ROOT "dossier;numero;a + b + c;join({*}A{#}M{#});required;;\n"
                   "dossier;cree;d + h;join({date}T{time(HH:mm:ss)});;;\n"},
    {.name = "good: a condition that only reading makes false, and undoes the line",
     .found = "",
     .table = ROOT "dossier;nom;n;;write;!nom~X*;\ndossier;nom;n;;read try;!nom~X*;\n"
                   "dossier;commune;n;;;commune~X*;\n"},
    {.name = "a constant that differs does not make its condition false",
     .sample = "{\"n\":\"A\",\"t\":\"x\"}\n",
     .found = "law.uncovered 4 t\n",
     .table = ROOT "dossier;nom;n;;required;;\n;;t;const(C);read;dossier.nom;\n"},
    {.name = "a sample that holds",
     .sample = "{\"n\":\"007\",\"z\":{\"y\":2}}\n",
     .found = "",
     .table = ROOT "dossier;nombre;n;text > int;required;;\n"},
};

static void planted(void **state)
{
    struct stand *s = *state;
    struct buf found;

    buf_init(&found, 1 << 20);
    s->failed = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        for (uint64_t seed = 1; seed < 4; seed++) {
            stand_format(s, NULL, rows[i].table, rows[i].codes, rows[i].sample);
            buf_clear(&found);
            prove(s, &rows[i], seed, &found);
            if (str_is(buf_view(&found), rows[i].found))
                continue;
            print_error("%s, seed %u:\n  expected %s\n  found    %s\n", rows[i].name, (unsigned)seed,
                        rows[i].found, found.data);
            s->failed++;
        }
    buf_done(&found);
    assert_int_equal(s->failed, 0);
}

/* The same seed gives the same proof. */
static void seeded(void **state)
{
    static const struct planted row = {
        .name = "seed",
        .table = ROOT "dossier;nom;n;;;;\ndossier;nom;m;;read;;\ndossier;nom;m;fold(upper);write;;\n"};
    struct stand *s = *state;
    struct buf once, twice;

    buf_init(&once, 1 << 20);
    buf_init(&twice, 1 << 20);
    stand_format(s, NULL, row.table, NULL, NULL);
    prove(s, &row, 7, &once);
    prove(s, &row, 7, &twice);
    assert_string_equal(once.data, twice.data);
    buf_done(&once);
    buf_done(&twice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(planted), cmocka_unit_test(seeded)};

    return cmocka_run_group_tests_name("law", tests, stand_open, stand_close);
}
