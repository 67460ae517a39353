/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Real tables: those that the language was tried on (beside the work tree, when they are there)
 * and those of ours. What they give was counted with the reference interpreter. Then the same
 * tables cut anywhere and with bytes changed: no crash, and never a failure without a word.
 */
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "mapping/format.h"
#include "syntax/folder.h"

static const char reference[] = SOURCE_DIR "/../shared/mapping";
static const char ours[] = SOURCE_DIR "/schemas/formats";

static void need(const char *path)
{
    if (access(path, R_OK) == 0)
        return;
    print_message("not there, so not tried: %s\n", path);
    skip();
}

static void load_good(struct folder *f, const char *folder, struct gw_str name)
{
    enum gw_result r;

    buf_clear(&f->heard);
    r = format_load(&f->arena, str_of(folder), name, &f->sink, &f->format);
    assert_string_equal(f->heard.data, "");
    assert_int_equal(r, GW_OK);
}

static void reference_tables_load(void **state)
{
    static const struct {
        const char *name;
        size_t lines;
    } rows[] = {
        {"asp-annexe-financiere", 136},
        {"asp-fiche-salarie", 112},
        {"asp-fiche-salarie-m", 125},
        {"asp-fiche-salarie-retour", 12},
        {"cnaf-rsa", 212},
        {"cnaf-rsa-iodas", 211},
        {"dsn-contrats", 69},
        {"rdv-insertion-drome", 26},
        {"rdv-insertion-usagers", 23},
        {"france-travail-orientation", 71},
        {"scdl-subventions", 48},
        {"sepa-pain001", 33},
    };
    struct folder f;
    struct gw_str *names;
    size_t n;

    (void)state;
    need(reference);
    folder_open(&f);
    assert_int_equal(formats_list(&f.arena, str_of(reference), &names, &n), GW_OK);
    assert_int_equal(n, sizeof(rows) / sizeof(rows[0]));
    for (size_t i = 0; i < n; i++) {
        load_good(&f, reference, str_of(rows[i].name));
        assert_int_equal(f.format->lines.count, rows[i].lines);
    }
    folder_close(&f);
}

/* The line at that rank (from 0), as the interpreter lists it. */
static const struct {
    const char *name;
    size_t rank;
    const char *line;
} listed[] = {
    {"cnaf-rsa-iodas", 180,
     "droit;montant;DetailDroitRSA/MontantsCalculDroitRSA?/MTTOTDRORSA;pad(10,0) > "
     "decimal(2,comma);required;;chemin hérité : cellule vide = celle du "
     "parent;cnaf-rsa-iodas/fields.csv:2"},
    {"cnaf-rsa-iodas", 40, "personne;naissance_date;Identification/DTNAI;;required;;;cnaf-rsa/fields.csv:42"},
    {"cnaf-rsa-iodas", 41,
     "personne;naissance_precision;Identification/TYPEDTNAI;code(precision-date);;;;cnaf-rsa/"
     "fields.csv:44"},
    {"asp-fiche-salarie-m", 42,
     "structure:employeur;siret;siret;;required;;ordre M : mesure puis siret, SIRET actuel et non celui de "
     "la création;asp-fiche-salarie-m/fields.csv:7"},
    {"asp-fiche-salarie-m", 44,
     "personne;id_itou;idItou;;required;;écart avec l'ASP = 3437;asp-fiche-salarie/fields.csv:43"},
    {"asp-fiche-salarie-m", 45,
     "personne;civilite;civilite;;required try;;M ou MME;asp-fiche-salarie-m/fields.csv:8"},
    {"asp-fiche-salarie-m", 46,
     ";;personnePhysique/civilite;const(M);write try;!personne.civilite & @sans_etat_civil;bloc de "
     "remplacement : M par défaut;asp-fiche-salarie-m/fields.csv:9"},
    {"asp-fiche-salarie-m", 47,
     ";;personnePhysique/civilite;const(M);write try;!personne.civilite & personne.nir~1*,3*,7*;civilité "
     "inconnue : 1er chiffre du NIR;asp-fiche-salarie/fields.csv:45"},
    {"asp-fiche-salarie-m", 48,
     ";;personnePhysique/civilite;const(MME);write;!personne.civilite;;asp-fiche-salarie/fields.csv:46"},
    {"asp-fiche-salarie-m", 66,
     "personne;id_itou;salarieNIR;split(1130030133{});write;@sans_etat_civil & !civilite=MME;sexe + SIREN "
     "de la plateforme + idItou;asp-fiche-salarie-m/fields.csv:20"},
    {"asp-fiche-salarie-m", 67,
     "personne;id_itou;salarieNIR;split(2130030133{});write;@sans_etat_civil & "
     "civilite=MME;;asp-fiche-salarie-m/fields.csv:21"},
    {"asp-fiche-salarie-m", 74,
     "personne;adresse.type_voie;/adresse/"
     "codetypevoie;code(type-voie);write;!@sans_adresse;;asp-fiche-salarie-m/fields.csv:25"},
    {"asp-fiche-salarie-m", 75,
     ";;adresse/codetypevoie;const(AV);write;@sans_adresse;;asp-fiche-salarie-m/fields.csv:26"},
    {"asp-fiche-salarie-m", 57,
     "personne;naissance_commune;codeInseePays;code(communes-outremer);write try;@ne_outremer & "
     "!@sans_etat_civil;818 = NOUMEA;asp-fiche-salarie-m/fields.csv:12"},
    {"asp-fiche-salarie-m", 58,
     "personne;naissance_pays;codeInseePays;join(99{3});write;!@sans_etat_civil;100 = France (pivot : "
     "99100);asp-fiche-salarie-m/fields.csv:13"},
    {"asp-fiche-salarie-m", 59,
     ";;personnePhysique/codeInseePays;const(102);write;@sans_etat_civil;Islande;asp-fiche-salarie-m/"
     "fields.csv:14"},
    {"asp-fiche-salarie-m", 60,
     "personne;naissance_pays;codeGroupePays;code(groupe-pays);write;!@sans_etat_civil;;asp-fiche-salarie-"
     "m/fields.csv:16"},
    {"rdv-insertion-drome", 6,
     "personne;prenom;Prénom bénéficiaire;text(100);required;;;rdv-insertion-drome/fields.csv:2"},
    {"rdv-insertion-drome", 15, "personne;x.rsa;RSA;;;;;rdv-insertion-drome/fields.csv:9"},
    {"rdv-insertion-drome", 18,
     "personne;telephone;N° Téléphones;telephone;;;0 initial rendu;rdv-insertion-drome/fields.csv:5"},
    {"rdv-insertion-drome", 19,
     "personne;adresse.code_postal + adresse.commune_nom;CP Ville;split({5} {*});;;« 26000 Valence "
     "»;rdv-insertion-drome/fields.csv:6"},
    {"rdv-insertion-drome", 20,
     "personne;adresse.texte;Adresse + Complément adresse;words;;;1 à 5 colonnes jointes par un blanc, "
     "écrite dans la première;rdv-insertion-drome/fields.csv:7"},
};

static void reference_lines_are_as_the_interpreter_has_them(void **state)
{
    struct folder f;

    (void)state;
    need(reference);
    folder_open(&f);
    for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++) {
        const struct line *line;
        struct buf out;

        load_good(&f, reference, str_of(listed[i].name));
        buf_init(&out, 4096);
        line = &f.format->lines.items[listed[i].rank];
        for (size_t k = 0; k < CELLS; k++)
            buf_format(&out, "%.*s;", STR_ARG(line->cells[k]));
        buf_str(&out, line->where);
        assert_string_equal(out.data, listed[i].line);
        buf_done(&out);
    }
    folder_close(&f);
}

static void our_formats_load(void **state)
{
    struct folder f;
    struct gw_str *names;
    size_t n;

    (void)state;
    need(ours);
    folder_open(&f);
    assert_int_equal(formats_list(&f.arena, str_of(ours), &names, &n), GW_OK);
    for (size_t i = 0; i < n; i++)
        load_good(&f, ours, names[i]);
    folder_close(&f);
}

/* ---- cut and changed ---- */

/* As format_load does with one table; the number of lines. */
static size_t parse(struct folder *f, struct gw_str text)
{
    struct loader l = {.arena = &f->arena, .sink = &f->sink};
    struct layer layer = {.name = GW_STR("one"), .table_file = GW_STR("fields.csv")};
    struct rows rows = {0};
    struct lines lines = {0};

    buf_clear(&f->heard);
    rows_read(&l, &layer, text);
    rows_inherit(&l, &rows, &layer.rows);
    lines_parse(&l, &rows, &lines);
    assert_false(l.out_of_memory);
    assert_int_equal(l.failed, f->heard.len > 0);
    arena_reset(&f->arena);
    return lines.count;
}

static const char table[] = HEADER
    "let;young;;;;age<26 & !old;note\n"
    "personne;;.;in foyer.membres[] sort(-rang) max(3);;;root\n"
    "foyer;suspensions[][objet=DROIT];//A?/'B c'[][k=v|w][2]/d|e;;;;\n"
    "personne;nom + prenom;Nom d'usage + P;split({*}[_{02:code(m)}]|{}'x'{#}) > fold(upper);required "
    "try;@young;\n"
    "personne;x.rue;$name.lot;\"pad(4,'0',right)\";write null;a~1*,2? | (b.c>=3 & d:e);\"say \"\"so\"\"\"\n";

/* Rows do not know each other: each with its end cut off, behind the header, is the table cut there. */
static void cut_rows(struct folder *f, struct gw_str text)
{
    struct gw_str rest = text, header = str_cut(text, '\n', &rest), row;
    struct buf cut;

    buf_init(&cut, 1 << 16);
    while (rest.ptr && rest.len) {
        row = str_cut(rest, '\n', &rest);
        for (size_t n = 0; n < row.len; n++) {
            buf_clear(&cut);
            buf_format(&cut, "%.*s\n%.*s", STR_ARG(header), (int)n, row.ptr);
            assert_in_range(parse(f, buf_view(&cut)), 0, 1);
        }
    }
    buf_done(&cut);
}

/* Behind a line end nothing is missing but lines. */
static void cut_between_rows(struct folder *f, struct gw_str text, bool child)
{
    size_t lines = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\n')
            continue;
        if (child)
            parse(f, (struct gw_str){text.ptr, i + 1});
        else
            assert_int_equal(parse(f, (struct gw_str){text.ptr, i + 1}), lines++);
        if (!child)
            assert_string_equal(f->heard.data, "");
    }
}

static void change_bytes(struct folder *f, struct gw_str text, unsigned rounds)
{
    char *copy = malloc(text.len);
    uint64_t random = 0x9e3779b97f4a7c15u;

    assert_non_null(copy);
    for (unsigned i = 0; i < rounds; i++) {
        memcpy(copy, text.ptr, text.len);
        for (int k = 0; k < 4; k++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            copy[random % text.len] = (char)(random >> 32);
        }
        parse(f, (struct gw_str){copy, text.len});
    }
    free(copy);
}

static void our_table_is_cut_and_changed(void **state)
{
    struct folder f;
    struct gw_str text = GW_STR(table);

    (void)state;
    folder_open(&f);
    assert_int_equal(parse(&f, text), 5);
    assert_string_equal(f.heard.data, "");
    for (size_t n = 0; n < text.len; n++)
        parse(&f, (struct gw_str){text.ptr, n});
    cut_between_rows(&f, text, false);
    change_bytes(&f, text, 20000);
    folder_close(&f);
}

static void reference_tables_are_cut_and_changed(void **state)
{
    struct folder f;
    struct arena keep = {0};
    struct gw_str *names;
    size_t n;

    (void)state;
    need(reference);
    folder_open(&f);
    assert_int_equal(formats_list(&keep, str_of(reference), &names, &n), GW_OK);
    for (size_t i = 0; i < n; i++) {
        const char *path = arena_format(&keep, "%s/%s/fields.csv", reference, names[i].ptr);
        struct buf text;
        bool child;

        buf_init(&text, 1 << 20);
        assert_int_equal(buf_read_file(&text, path), GW_OK);
        load_good(&f, reference, names[i]);
        child = f.format->nchain > 1; /* the format goes with the arena */
        cut_rows(&f, buf_view(&text));
        cut_between_rows(&f, buf_view(&text), child);
        change_bytes(&f, buf_view(&text), 300);
        buf_done(&text);
    }
    arena_done(&keep);
    folder_close(&f);
}

static void load_or_tell(struct folder *f)
{
    enum gw_result r = folder_load(f, "one");

    assert_int_equal(r == GW_OK, f->heard.len == 0);
}

/* format.conf goes through a library: the same, from a file. */
static void a_conf_is_cut_and_changed(void **state)
{
    static const char conf[] =
        "plugin = \"csv\";\noptions = { a = 1; b = \"x\\ty\"; };\nnothing = [ \"-\", \"NC\" ];\n"
        "record = \"A[]/B\";\nname = \"X{lot:14}.csv\";\nlimits = { records = 7; };\n"
        "profiles = ( { name = \"v2\"; default = true; columns = \"a b\"; } );\n# end\n";
    struct folder f;
    char copy[sizeof(conf)];

    (void)state;
    folder_open(&f);
    folder_format(&f, "one", conf, HEADER "personne;;.;;;;\n");
    folder_load_good(&f, "one");
    for (size_t at = 0; at < sizeof(conf) - 1; at++) {
        static const char signs[] = "\"{}[]();=\\#\n\0\xff";

        folder_write(&f, "one/format.conf", (struct gw_str){conf, at});
        load_or_tell(&f);
        for (size_t k = 0; k < sizeof(signs) - 1; k++) {
            memcpy(copy, conf, sizeof(conf));
            copy[at] = signs[k];
            folder_write(&f, "one/format.conf", (struct gw_str){copy, sizeof(conf) - 1});
            load_or_tell(&f);
        }
        arena_reset(&f.arena);
    }
    folder_close(&f);
}

/* Memory ends a little later each time: always said to be that, and nothing leaks. */
static void ending_memory_is_fatal(void **state)
{
    struct folder f;
    enum gw_result r = GW_FATAL;

    (void)state;
    folder_open(&f);
    folder_format(&f, "parent",
                  "plugin = \"csv\"; record = \"A/B\"; options = { a = 1; }; nothing = [ \"x\" ];", table);
    folder_format(&f, "child", "extends = \"parent\"; name = \"{lot:3}\";",
                  HEADER "personne;x.rue;Rue;;move;;\n");
    for (size_t cap = 32; r == GW_FATAL; cap += 32) {
        arena_done(&f.arena);
        arena_init(&f.arena, 16, cap);
        r = folder_load(&f, "child");
        assert_string_equal(f.heard.data, "");
        assert_true(r == GW_FATAL || cap > 4096);
    }
    assert_int_equal(r, GW_OK);
    folder_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_tables_load),
        cmocka_unit_test(reference_lines_are_as_the_interpreter_has_them),
        cmocka_unit_test(our_formats_load),
        cmocka_unit_test(our_table_is_cut_and_changed),
        cmocka_unit_test(reference_tables_are_cut_and_changed),
        cmocka_unit_test(a_conf_is_cut_and_changed),
        cmocka_unit_test(ending_memory_is_fatal),
    };

    return cmocka_run_group_tests_name("syntax_tables", tests, NULL, NULL);
}
