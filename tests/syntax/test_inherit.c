/* SPDX-License-Identifier: EUPL-1.2 */
/* A child's table over its ancestors': the effective table, line by line, with where each line comes from. */
#include "support/unit.h"

#include "base/str.h"
#include "syntax/folder.h"

static const char parent[] = HEADER "let;young;;;;age<26;\n" /* 2 */
                                    "let;old;;;;age>60;\n"   /* 3 */
                                    "personne;;.;;;;root\n"  /* 4 */
                                    "personne;nom;NOM;text(28);required;;surname\n"
                                    "personne;prenom;PRENOM;;;;\n" /* 6 */
                                    "personne;ville;CP;cut(2);write;;\n"
                                    "personne;ville;CP;code(x);try;;\n"
                                    "personne;ville;PAYS;join(99{3});;;\n"
                                    ";;TYPE;const(A);;;\n" /* 10 */
                                    "personne;tel;TEL;;;@young;\n";

#define ROW(text, where) text ";" where "\n"
#define P1               ROW("let;young;;;;age<26;", "parent/fields.csv:2")
#define P2               ROW("let;old;;;;age>60;", "parent/fields.csv:3")
#define P3               ROW("personne;;.;;;;root", "parent/fields.csv:4")
#define P4               ROW("personne;nom;NOM;text(28);required;;surname", "parent/fields.csv:5")
#define P5               ROW("personne;prenom;PRENOM;;;;", "parent/fields.csv:6")
#define P6               ROW("personne;ville;CP;cut(2);write;;", "parent/fields.csv:7")
#define P7               ROW("personne;ville;CP;code(x);try;;", "parent/fields.csv:8")
#define P8               ROW("personne;ville;PAYS;join(99{3});;;", "parent/fields.csv:9")
#define P9               ROW(";;TYPE;const(A);;;", "parent/fields.csv:10")
#define P10              ROW("personne;tel;TEL;;;@young;", "parent/fields.csv:11")

/* The child's table, and the effective one behind the header. */
struct overlay {
    const char *name, *child, *effective;
};

static const struct overlay overlays[] = {
    {"nothing of its own", HEADER, P1 P2 P3 P4 P5 P6 P7 P8 P9 P10},
    {"same resource, field and path: replaced, empty cells inherit", HEADER "personne;nom;NOM;;;@old;\n",
     P1 P2 P3 ROW("personne;nom;NOM;text(28);required;@old;surname", "child/fields.csv:2") P5 P6 P7 P8 P9 P10},
    {"only line of that field: the path is renamed", HEADER "personne;nom;Nom usuel;;;;\n",
     P1 P2 P3 ROW("personne;nom;Nom usuel;text(28);required;;surname", "child/fields.csv:2")
         P5 P6 P7 P8 P9 P10},
    {"only line of that field: its path is inherited", HEADER "personne;nom;;text(3);;;\n",
     P1 P2 P3 ROW("personne;nom;NOM;text(3);required;;surname", "child/fields.csv:2") P5 P6 P7 P8 P9 P10},
    {"several with that path: the one with the same converter", HEADER "personne;ville;CP;code(y);;;\n",
     P1 P2 P3 P4 P5 P6 ROW("personne;ville;CP;code(y);try;;", "child/fields.csv:2") P8 P9 P10},
    {"several with that path, another converter: a new line, at the end for there is none above it",
     HEADER "personne;ville;CP;text(5);;;\n",
     P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 ROW("personne;ville;CP;text(5);;;", "child/fields.csv:2")},
    {"several of that field, another path: a new line",
     HEADER "personne;nom;NOM;;;;\npersonne;ville;VILLE;;;;\n",
     P1 P2 P3 ROW("personne;nom;NOM;text(28);required;;surname", "child/fields.csv:2")
         ROW("personne;ville;VILLE;;;;", "child/fields.csv:3") P5 P6 P7 P8 P9 P10},
    {"a line without field is replaced by its path alone", HEADER ";;TYPE;const(B);;;\n;;AUTRE;const(C);;;\n",
     P1 P2 P3 P4 P5 P6 P7 P8 ROW(";;TYPE;const(B);;;", "child/fields.csv:2")
         ROW(";;AUTRE;const(C);;;", "child/fields.csv:3") P10},
    {"add never replaces, and stands behind the line above",
     HEADER "personne;prenom;PRENOM;;;;\npersonne;nom;NOM;fold(upper);add try;;\npersonne;nom;NOM;;add;;\n",
     P1 P2 P3 P4 ROW("personne;prenom;PRENOM;;;;", "child/fields.csv:2")
         ROW("personne;nom;NOM;fold(upper);try;;", "child/fields.csv:3")
             ROW("personne;nom;NOM;;;;", "child/fields.csv:4") P6 P7 P8 P9 P10},
    {"drop removes; what comes next stands where it stood",
     HEADER "personne;prenom;;;drop;;\npersonne;surnom;SURNOM;;;;\n",
     P1 P2 P3 P4 ROW("personne;surnom;SURNOM;;;;", "child/fields.csv:3") P6 P7 P8 P9 P10},
    {"drop of one of several, by its converter", HEADER "personne;ville;CP;cut;drop;;\n",
     P1 P2 P3 P4 P5 P7 P8 P9 P10},
    {"move down: behind the line above it, its use inherited", HEADER ";;TYPE;;;;\npersonne;nom;NOM;;move;;\n",
     P1 P2 P3 P5 P6 P7 P8 ROW(";;TYPE;const(A);;;", "child/fields.csv:2")
         ROW("personne;nom;NOM;text(28);required;;surname", "child/fields.csv:3") P10},
    {"move up, with a use of its own",
     HEADER "personne;nom;NOM;;;;\npersonne;tel;TEL;;move empty;;\npersonne;fax;FAX;;;;\n",
     P1 P2 P3 ROW("personne;nom;NOM;text(28);required;;surname", "child/fields.csv:2")
         ROW("personne;tel;TEL;;empty;@young;", "child/fields.csv:3")
             ROW("personne;fax;FAX;;;;", "child/fields.csv:4") P5 P6 P7 P8 P9},
    {"let replaces by its name and keeps its place, a new one goes to the others",
     HEADER "let;young;;;;age<30;\nlet;new;;;;@old;\npersonne;prenom;PRENOM;;;@new;\n",
     ROW("let;young;;;;age<30;", "child/fields.csv:2") P2 ROW("let;new;;;;@old;", "child/fields.csv:3")
         P3 P4 ROW("personne;prenom;PRENOM;;;@new;", "child/fields.csv:4") P6 P7 P8 P9 P10},
    {"a let between lines does not move the next one",
     HEADER "personne;prenom;PRENOM;;;;\nlet;new;;;;@old;\npersonne;fax;FAX;;;;\n",
     P1 P2 ROW("let;new;;;;@old;", "child/fields.csv:3")
         P3 P4 ROW("personne;prenom;PRENOM;;;;", "child/fields.csv:2")
             ROW("personne;fax;FAX;;;;", "child/fields.csv:4") P6 P7 P8 P9 P10},
    {"let dropped", HEADER "let;old;;;drop;;\n", P1 P3 P4 P5 P6 P7 P8 P9 P10},
    {"two lines of the child never replace each other", HEADER "personne;nom;N;;;;\npersonne;nom;M;;try;;\n",
     P1 P2 P3 ROW("personne;nom;N;text(28);required;;surname", "child/fields.csv:2")
         ROW("personne;nom;M;;try;;", "child/fields.csv:3") P5 P6 P7 P8 P9 P10},
};

static void expect_table(const struct format *f, const char *name, const char *rows)
{
    static const char header[] = "resource;field;path;as;use;when;note;origin\n";
    struct buf out;

    buf_init(&out, 1 << 20);
    format_print(f, &out);
    assert_memory_equal(out.data, header, strlen(header));
    if (strcmp(out.data + strlen(header), rows) != 0)
        fail_msg("%s:\n%s\nexpected:\n%s", name, out.data + strlen(header), rows);
    buf_done(&out);
}

static void a_child_over_its_parent(void **state)
{
    struct folder f;

    (void)state;
    folder_open(&f);
    folder_format(&f, "parent", "plugin = \"csv\";", parent);
    for (size_t i = 0; i < sizeof(overlays) / sizeof(overlays[0]); i++) {
        folder_format(&f, "child", "extends = \"parent\";", overlays[i].child);
        folder_load_good(&f, "child");
        expect_table(f.format, overlays[i].name, overlays[i].effective);
    }
    folder_close(&f);
}

static void effective_lines_are_parsed(void **state)
{
    struct folder f;
    const struct line *line;

    (void)state;
    folder_open(&f);
    folder_format(&f, "parent", "plugin = \"csv\";", parent);
    folder_format(&f, "child", "extends = \"parent\";", HEADER "personne;nom;A/B;;;@old;\n");
    folder_load_good(&f, "child");
    line = &f.format->lines.items[3];
    assert_int_equal(line->use, USE_REQUIRED);
    assert_int_equal(line->paths.items[0].nsteps, 2);
    assert_true(str_is(line->chain.items[0].name, "text"));
    assert_int_equal(line->when->kind, COND_LET);
    assert_int_equal(line->number, 2);
    folder_close(&f);
}

static void four_generations(void **state)
{
    struct folder f;

    (void)state;
    folder_open(&f);
    folder_format(&f, "a", "plugin = \"csv\"; names = \"loose\"; record = \"A\";",
                  HEADER "personne;;.;;;;\npersonne;nom;N;;;;\n");
    folder_format(&f, "b", "extends = \"a\"; record = \"B\"; options = { x = 1; y = 2; };",
                  HEADER "personne;nom;N1;text(9);;;\n");
    folder_format(&f, "c", "extends = \"b\"; options = { y = 3; };",
                  HEADER "personne;nom;N2;;read;;\npersonne;tel;T;;;;\n");
    folder_format(&f, "d", "extends = \"c\";", HEADER "personne;nom;N3;;;;\npersonne;age;A;;;;\n");
    folder_load_good(&f, "d");
    expect_table(
        f.format, "d",
        ROW("personne;;.;;;;", "a/fields.csv:2") ROW("personne;nom;N3;text(9);read;;", "d/fields.csv:2")
            ROW("personne;age;A;;;;", "d/fields.csv:3") ROW("personne;tel;T;;;;", "c/fields.csv:3"));
    assert_int_equal(f.format->nchain, 4);
    assert_true(str_is(f.format->chain[0], "a") && str_is(f.format->chain[3], "d"));
    assert_true(str_is(f.format->root_name, "a"));
    assert_true(str_is(f.format->name, "d"));
    assert_true(f.format->loose);
    assert_true(str_is(f.format->record, "B"));
    assert_null(format_option(f.format, NULL, "x").ptr); /* a key replaces as a whole */
    assert_true(str_is(format_option(f.format, NULL, "y"), "3"));
    folder_close(&f);
}

static void a_child_without_table(void **state)
{
    struct folder f;

    (void)state;
    folder_open(&f);
    folder_format(&f, "parent", "plugin = \"csv\";", parent);
    folder_format(&f, "child", "extends = \"parent\";", NULL);
    folder_format(&f, "alone", "plugin = \"csv\";", NULL);
    folder_format(&f, "pivot", "plugin = \"json\"; pivot = true;", NULL);
    folder_load_good(&f, "child");
    expect_table(f.format, "child", P1 P2 P3 P4 P5 P6 P7 P8 P9 P10);
    folder_load_good(&f, "pivot");
    assert_true(f.format->pivot);
    assert_int_equal(f.format->lines.count, 0);
    assert_int_equal(folder_load(&f, "alone"), GW_FAIL);
    assert_string_equal(f.heard.data, "alone/fields.csv:0:0 format.file <> <>\n");
    folder_close(&f);
}

static void chains_that_cannot_be(void **state)
{
    static const struct {
        const char *name, *heard;
    } rows[] = {
        {"one", "two/format.conf:2:0 format.extends <one> <>\n"},
        {"self", "self/format.conf:1:0 format.extends <self> <>\n"},
        {"orphan", "orphan/format.conf:1:0 format.extends <paren> <parent>\n"},
        {"fifth", "fourth/format.conf:1:0 format.extends <parent> <>\n"},
        {"escape", "escape/format.conf:1:0 format.extends <../parent> <parent>\n"},
    };
    struct folder f;

    (void)state;
    folder_open(&f);
    folder_format(&f, "parent", "plugin = \"csv\";", parent);
    folder_format(&f, "one", "extends = \"two\";", HEADER);
    folder_format(&f, "two", "\nextends = \"one\";", HEADER);
    folder_format(&f, "self", "extends = \"self\";", HEADER);
    folder_format(&f, "orphan", "extends = \"paren\";", HEADER);
    folder_format(&f, "fourth", "extends = \"parent\";", HEADER);
    folder_format(&f, "second", "extends = \"fourth\";", HEADER);
    folder_format(&f, "third", "extends = \"second\";", HEADER);
    folder_format(&f, "fifth", "extends = \"third\";", HEADER);
    folder_format(&f, "escape", "extends = \"../parent\";", HEADER);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(folder_load(&f, rows[i].name), GW_FAIL);
        assert_string_equal(f.heard.data, rows[i].heard);
    }
    folder_load_good(&f, "third");
    folder_close(&f);
}

static void drops_of_nothing_are_told(void **state)
{
    struct folder f;

    (void)state;
    folder_open(&f);
    folder_format(&f, "parent", "plugin = \"csv\";", parent);
    folder_format(&f, "child", "extends = \"parent\";",
                  HEADER "personne;age;;;drop;;\npersonne;ville;;;drop;;\nlet;none;;;drop;;\n");
    assert_int_equal(folder_load(&f, "child"), GW_FAIL);
    assert_string_equal(f.heard.data, "child/fields.csv:2:0 mapping.extends <age> <>\n"
                                      "child/fields.csv:3:0 mapping.extends <ville> <>\n"
                                      "child/fields.csv:4:0 mapping.extends <none> <>\n");
    folder_close(&f);
}

static void cells_are_quoted_when_printed(void **state)
{
    struct folder f;

    (void)state;
    folder_open(&f);
    folder_format(&f, "one", "plugin = \"csv\";", HEADER "personne;nom;N;\"list(';')\";;;\"say \"\"so\"\"\"\n");
    folder_load_good(&f, "one");
    expect_table(f.format, "quotes", "personne;nom;N;\"list(';')\";;;\"say \"\"so\"\"\";one/fields.csv:2\n");
    folder_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_over_its_parent),
        cmocka_unit_test(effective_lines_are_parsed),
        cmocka_unit_test(four_generations),
        cmocka_unit_test(a_child_without_table),
        cmocka_unit_test(chains_that_cannot_be),
        cmocka_unit_test(drops_of_nothing_are_told),
        cmocka_unit_test(cells_are_quoted_when_printed),
    };

    return cmocka_run_group_tests_name("syntax_inherit", tests, NULL, NULL);
}
