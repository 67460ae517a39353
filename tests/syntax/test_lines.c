/* SPDX-License-Identifier: EUPL-1.2 */
/* fields.csv line by line: what kind each is, and what is complained of. */
#include "support/unit.h"

#include <stdio.h>

#include "base/str.h"
#include "syntax/folder.h"

static const char conf[] = "plugin = \"csv\";\n";

/* The only line of a table; the format stays in f. */
static const struct line *only_line(struct folder *f, const char *row)
{
    char table[2048];

    snprintf(table, sizeof(table), HEADER "%s\n", row);
    folder_format(f, "one", conf, table);
    folder_load_good(f, "one");
    assert_int_equal(f->format->lines.count, 1);
    return &f->format->lines.items[0];
}

static void kinds_of_lines(void **state)
{
    static const struct {
        const char *row;
        enum line_kind kind;
        size_t fields, paths, converters;
    } rows[] = {
        {"foyer;;.;;;;root", LINE_SCOPE, 0, 1, 0},
        {"droit:ass;;a[b=c];in etape;;;", LINE_SCOPE, 0, 1, 0},
        {"foyer;membres[];Personne[];;;;", LINE_LIST, 1, 1, 0},
        {"foyer;adresses[];A[];sort(rang) max(3);;;", LINE_LIST, 1, 1, 0},
        {"droit;suspensions[][objet=DROIT];S[];;;;", LINE_LIST, 1, 1, 0},
        {"foyer;x.asf[];P?/Asf[];max(2);;;", LINE_LIST, 1, 1, 0},
        {"droit;suspensions[][objet=DROIT].motif;M;text(2);;;", LINE_FIELD, 1, 1, 1},
        {"droit;clotures[anterieure=false].motif;F?/M;;;;", LINE_FIELD, 1, 1, 0},
        {"personne;etiquettes;Tags;\"list(';')\";;;", LINE_FIELD, 1, 1, 1},
        {"etape;mesure + milieu;mesure;split({*}_{});required;;", LINE_FIELD, 2, 1, 1},
        {"af;numero;a + b + c;join({*}A{#}M{#});;;", LINE_FIELD, 1, 3, 1},
        {"etape;kind;;const(experience);;;", LINE_FIELD, 1, 0, 1},
        {"droit;foyer;;ref(foyer);;;", LINE_FIELD, 1, 0, 1},
        {"accuse;fichier;$name.lot;split({14});read;;", LINE_FIELD, 1, 1, 1},
        {"foyer;x.reste;*;rest;;;", LINE_FIELD, 1, 1, 1},
        {"personne;in;sort;;;;", LINE_FIELD, 1, 1, 0},
        {";;numLigne;line;required;;", LINE_FIELD, 0, 1, 1},
        {"let;eiti;;;;etape.mesure=EITI;", LINE_LET, 0, 0, 0},
    };
    struct folder f;

    (void)state;
    folder_open(&f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct line *line = only_line(&f, rows[i].row);

        assert_int_equal(line->kind, rows[i].kind);
        assert_int_equal(line->fields.count, rows[i].fields);
        assert_int_equal(line->paths.count, rows[i].paths);
        assert_int_equal(line->chain.count, rows[i].converters);
        assert_int_equal(line->number, 2);
        assert_true(str_is(line->where, "one/fields.csv:2"));
    }
    folder_close(&f);
}

static void options_of_scopes(void **state)
{
    static const struct {
        const char *as, *in, *sort;
        bool descending;
        uint32_t max;
    } rows[] = {
        {"", NULL, NULL, false, 0},
        {"in etape:contrat", "etape:contrat", NULL, false, 0},
        {"in foyer.membres[]", "foyer.membres[]", NULL, false, 0},
        {"sort(rang)", NULL, "rang", false, 0},
        {"sort(+rang)", NULL, "rang", false, 0},
        {"in a  sort(-b.c)   max(12)", "a", "b.c", true, 12},
        {"max(3) sort(d) in e", "e", "d", false, 3},
    };
    struct folder f;

    (void)state;
    folder_open(&f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char row[256];
        const struct line *line;

        snprintf(row, sizeof(row), "droit;;P[];%s;;;", rows[i].as);
        line = only_line(&f, row);
        assert_int_equal(line->kind, LINE_SCOPE);
        assert_int_equal(line->in.ptr == NULL, rows[i].in == NULL);
        assert_true(str_eq(line->in, str_of(rows[i].in)));
        assert_int_equal(line->sort.ptr == NULL, rows[i].sort == NULL);
        assert_true(str_eq(line->sort, str_of(rows[i].sort)));
        assert_int_equal(line->descending, rows[i].descending);
        assert_int_equal(line->max, rows[i].max);
    }
    folder_close(&f);
}

static void words_of_use(void **state)
{
    static const struct {
        const char *use;
        unsigned bits;
    } rows[] = {
        {"", 0},
        {"required", USE_REQUIRED},
        {"optional", USE_OPTIONAL},
        {"read", USE_READ},
        {"write check  try", USE_WRITE | USE_CHECK | USE_TRY},
        {"null", USE_NULL},
        {"empty", USE_EMPTY},
        {"omit clears", USE_OMIT | USE_CLEARS},
        {"add read", USE_READ}, /* done once inheritance is */
    };
    struct folder f;

    (void)state;
    folder_open(&f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char row[256];

        snprintf(row, sizeof(row), "personne;nom;N;;%s;;", rows[i].use);
        assert_int_equal(only_line(&f, row)->use, rows[i].bits);
    }
    folder_close(&f);
}

static void conditions_are_parsed(void **state)
{
    struct folder f;
    const struct line *line;

    (void)state;
    folder_open(&f);
    line = only_line(&f, "personne;nom;N;;;a=1 & b;");
    assert_non_null(line->when);
    assert_int_equal(line->when->kind, COND_AND);
    line = only_line(&f, "personne;nom;N;;;;");
    assert_null(line->when);
    line = only_line(&f, "let;n;;;;x;");
    assert_int_equal(line->when->kind, COND_TEST);
    folder_close(&f);
}

/* One bad row each, in line 3 of the table: file, line and column, code, what was found, what is near. */
static void bad_lines(void **state)
{
    static const struct {
        const char *row, *heard;
    } rows[] = {
        {"a;b;c;d;e;f", "bad/fields.csv:3:0 mapping.cells <6> <7>\n"},
        {"a;b;c;d;e;f;g;h", "bad/fields.csv:3:0 mapping.cells <8> <7>\n"},
        {"only text", "bad/fields.csv:3:0 mapping.cells <1> <7>\n"},
        {"a;b;\"c\"d;;;;", "bad/fields.csv:3:0 mapping.csv <0> <7>\n"},
        {"personne;nom;a//b;;;;", "bad/fields.csv:3:3 mapping.path </b> <>\n"},
        {"personne;nom.;a;;;;", "bad/fields.csv:3:5 mapping.grammar <> <>\n"},
        {"personne;nom;a;text(3;;;", "bad/fields.csv:3:5 mapping.bracket <(3> <>\n"},
        {"personne;nom;a;text > ;;;", "bad/fields.csv:3:7 mapping.grammar <> <>\n"},
        {"personne;nom;a;join({};;;", "bad/fields.csv:3:5 mapping.bracket <({}> <>\n"},
        {"personne;nom;a;;;b &;", "bad/fields.csv:3:4 mapping.condition <> <>\n"},
        {"personne;nom;a;;requird;;", "bad/fields.csv:3:1 mapping.option <requird> <required>\n"},
        {"personne;nom;a;;read wriet;;", "bad/fields.csv:3:6 mapping.option <wriet> <write>\n"},
        {"personne;nom;a;;xyzzyx;;", "bad/fields.csv:3:1 mapping.option <xyzzyx> <>\n"},
        {"per sonne;nom;a;;;;", "bad/fields.csv:3:1 mapping.grammar <per sonne> <>\n"},
        {"personne:;nom;a;;;;", "bad/fields.csv:3:1 mapping.grammar <personne:> <>\n"},
        {";nom;a;;;;", "bad/fields.csv:3:1 mapping.grammar <> <>\n"},
        {"personne;nom;;;;;", "bad/fields.csv:3:1 mapping.no_path <> <>\n"},
        {"personne;;;in foyer;;;", "bad/fields.csv:3:1 mapping.no_path <> <>\n"},
        {"foyer;membres[];;;;;", "bad/fields.csv:3:1 mapping.no_path <> <>\n"},
        {"personne;;a + b;;;;", "bad/fields.csv:3:1 mapping.path <a + b> <>\n"},
        {"personne;;a;int;;;", "bad/fields.csv:3:1 mapping.grammar <int> <>\n"},
        {"personne;;a;in ;;;", "bad/fields.csv:3:1 mapping.grammar <in> <>\n"},
        {"personne;;a;in b in c;;;", "bad/fields.csv:3:6 mapping.grammar <in c> <>\n"},
        {"personne;;a;sort();;;", "bad/fields.csv:3:6 mapping.grammar <)> <>\n"},
        {"personne;;a;max(0);;;", "bad/fields.csv:3:5 mapping.grammar <0)> <>\n"},
        {"foyer;membres[];a[];text(3);;;", "bad/fields.csv:3:1 mapping.grammar <text(3)> <>\n"},
        {"let;a b;;;;x;", "bad/fields.csv:3:1 mapping.grammar <a b> <>\n"},
        {"let;a;;;;;", "bad/fields.csv:3:1 mapping.grammar <> <>\n"},
        {"let;a;p;;;x;", "bad/fields.csv:3:1 mapping.grammar <p> <>\n"},
        {"let;a;;text;;x;", "bad/fields.csv:3:1 mapping.grammar <text> <>\n"},
        {"let;known;;;;x;", "bad/fields.csv:3:1 mapping.let <known> <>\n"},
        {"personne;nom;N;;drop;;", "bad/fields.csv:3:0 mapping.extends <nom> <>\n"},
    };
    struct folder f;

    (void)state;
    folder_open(&f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char table[512];

        snprintf(table, sizeof(table), HEADER "let;known;;;;x;\n%s\npersonne;prenom;P;;;;\n", rows[i].row);
        folder_format(&f, "bad", conf, table);
        assert_int_equal(folder_load(&f, "bad"), GW_FAIL);
        assert_null(f.format);
        assert_string_equal(f.heard.data, rows[i].heard);
    }
    folder_close(&f);
}

static void all_faults_of_a_table_are_told(void **state)
{
    static const char table[] = HEADER "a;b.;c/;d(;nul;e=;\n"
                                       "\n"
                                       "personne;nom;N;;;;\n"
                                       "x;y\n"
                                       "personne;\"two\nlines\";N;;;;\n"
                                       ";;;;;;\n"
                                       "z;;z;z;;;\n";
    struct folder f;

    (void)state;
    folder_open(&f);
    folder_format(&f, "bad", conf, table);
    assert_int_equal(folder_load(&f, "bad"), GW_FAIL);
    assert_string_equal(f.heard.data, "bad/fields.csv:5:0 mapping.cells <2> <7>\n"
                                      "bad/fields.csv:2:1 mapping.option <nul> <null>\n"
                                      "bad/fields.csv:2:3 mapping.grammar <> <>\n"
                                      "bad/fields.csv:2:3 mapping.path <> <>\n"
                                      "bad/fields.csv:2:3 mapping.condition <> <>\n"
                                      "bad/fields.csv:2:2 mapping.bracket <(> <>\n"
                                      "bad/fields.csv:6:5 mapping.grammar <lines> <>\n"
                                      "bad/fields.csv:9:1 mapping.grammar <z> <>\n");
    folder_close(&f);
}

static void headers_and_encodings(void **state)
{
    static const struct {
        const char *table, *heard;
    } rows[] = {
        {"", "bad/fields.csv:1:0 mapping.header <> <resource;field;path;as;use;when;note>\n"},
        {"resource,field,path\n",
         "bad/fields.csv:1:0 mapping.header <resource,field,path> <resource;field;path;as;use;when;note>\n"},
        {"resource;field;path;as;use;note;when\na;b\n",
         "bad/fields.csv:1:0 mapping.header <resource> <resource;field;path;as;use;when;note>\n"},
        {HEADER "personne;nom;Pr\xe9nom;;;;\n", "bad/fields.csv:2:0 format.utf8 <> <>\n"},
    };
    struct folder f;

    (void)state;
    folder_open(&f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        folder_format(&f, "bad", conf, rows[i].table);
        assert_int_equal(folder_load(&f, "bad"), GW_FAIL);
        assert_string_equal(f.heard.data, rows[i].heard);
    }
    folder_format(&f, "good", conf,
                  "\xef\xbb\xbfresource;field;path;as;use;when;note\r\npersonne; nom ;N;;;;\r\n");
    folder_load_good(&f, "good");
    assert_true(str_is(f.format->lines.items[0].cells[CELL_FIELD], "nom"));
    folder_close(&f);
}

static void a_cell_beyond_the_bound(void **state)
{
    struct folder f;
    struct buf table;

    (void)state;
    folder_open(&f);
    buf_init(&table, 1 << 20);
    buf_text(&table, HEADER "personne;nom;");
    for (size_t i = 0; i < 4097; i++)
        buf_char(&table, 'a');
    buf_text(&table, ";;;;\n");
    folder_format(&f, "bad", conf, table.data);
    assert_int_equal(folder_load(&f, "bad"), GW_FAIL);
    assert_string_equal(f.heard.data, "bad/fields.csv:2:0 mapping.cell_long <4096> <7>\n");
    buf_done(&table);
    folder_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_of_lines),
        cmocka_unit_test(options_of_scopes),
        cmocka_unit_test(words_of_use),
        cmocka_unit_test(conditions_are_parsed),
        cmocka_unit_test(bad_lines),
        cmocka_unit_test(all_faults_of_a_table_are_told),
        cmocka_unit_test(headers_and_encodings),
        cmocka_unit_test(a_cell_beyond_the_bound),
    };

    return cmocka_run_group_tests_name("syntax_lines", tests, NULL, NULL);
}
