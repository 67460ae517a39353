/* SPDX-License-Identifier: EUPL-1.2 */
/* format.conf: what each key gives, and what is complained of with its line. */
#include "support/unit.h"

#include <stdio.h>

#include "base/str.h"
#include "syntax/folder.h"

static const char all_keys[] =
    "# every key there is\n"
    "label = { fr = \"Exemple\"; en = \"Sample\"; };\n"
    "summary = \"one for both\";\n"
    "evidence = \"sample\";\n"
    "source = { fr = \"modèle 2\"; en = \"template 2\"; };\n"
    "plugin = \"csv\";\n"
    "options = { delimiter = \";\"; quote = \"\"; header_line = 2; big = 5000000000L; ratio = 0.25; bom = "
    "true; };\n"
    "encoding = \"ISO-8859-15\";\n"
    "unencodable = \"fold\";\n"
    "charset = \"narrow\";\n"
    "record = \"Root/Group[]/Item[]\";\n"
    "names = \"loose\";\n"
    "absent = \"null\";\n"
    "nothing = [ \"-\", \"NC\" ];\n"
    "empty_clears = true;\n"
    "trim = false;\n"
    "ignore = ( \"a/b\", \"'c d'\" );\n"
    "group = \"Root/Group[]\";\n"
    "group_by = ( \"versement.date\" );\n"
    "name = \"X{lot:14}.csv\";\n"
    "date = \"//Head/Day\";\n"
    "context = { person = \"token\"; };\n"
    "limits = { records = 700; bytes = 3000000000L; files_per_run = 1; };\n"
    "detect = \"header~Nom\";\n"
    "receipt = \"sample-return\";\n"
    "settles = { file = \"accuse.fichier\"; line = \"accuse.ligne\"; };\n"
    "retry_key = ( \"structure.siret\" );\n"
    "apply = \"record\";\n"
    "pivot = false;\n"
    "profiles = (\n"
    "  { name = \"v2\"; default = true; recognise = \"statut\"; columns = \"a b  c/*\"; namespace = \"urn:2\"; "
    "},\n"
    "  { name = \"v1\"; write = true; root = \"r\"; wrap = \"none\"; columns = ( \"a b\", \"c\" ); }\n"
    ");\n";

static void every_key(void **state)
{
    struct folder f;
    const struct format *c;

    (void)state;
    folder_open(&f);
    folder_format(&f, "all", all_keys, HEADER "personne;;.;;;;\n");
    folder_load_good(&f, "all");
    c = f.format;
    assert_true(str_is(c->label[0], "Exemple") && str_is(c->label[1], "Sample"));
    assert_true(str_is(c->summary[0], "one for both") && str_is(c->summary[1], "one for both"));
    assert_true(str_is(c->evidence, "sample"));
    assert_true(str_is(c->source[0], "modèle 2") && str_is(c->source[1], "template 2"));
    assert_true(str_is(c->plugin, "csv"));
    assert_true(str_is(c->encoding, "ISO-8859-15"));
    assert_true(c->fold_unencodable && c->loose && c->empty_clears && !c->trim && !c->pivot);
    assert_true(str_is(c->charset, "narrow"));
    assert_true(str_is(c->record, "Root/Group[]/Item[]"));
    assert_int_equal(c->record_path.count, 1);
    assert_int_equal(c->record_path.items[0].nsteps, 3);
    assert_true(str_is(c->absent, "null"));
    assert_int_equal(c->absent_use, USE_NULL);
    assert_int_equal(c->nnothing, 2);
    assert_true(str_is(c->nothing[1], "NC"));
    assert_int_equal(c->nignore, 2);
    assert_true(str_is(c->ignore[1], "'c d'"));
    assert_true(str_is(c->group, "Root/Group[]"));
    assert_int_equal(c->ngroup_by, 1);
    assert_true(str_is(c->name_template, "X{lot:14}.csv"));
    assert_int_equal(c->name_pattern.holes, 1);
    assert_true(str_is(c->date, "//Head/Day"));
    assert_int_equal(c->context.count, 1);
    assert_true(str_is(c->context.items[0].name, "person") && str_is(c->context.items[0].text, "token"));
    assert_int_equal(c->limit_records, 700);
    assert_int_equal(c->limit_bytes, 3000000000u);
    assert_int_equal(c->limit_files, 1);
    assert_int_equal(c->ndetect, 1);
    assert_true(str_is(c->receipt, "sample-return"));
    assert_int_equal(c->settles.count, 2);
    assert_int_equal(c->settles.items[1].line, 26);
    assert_int_equal(c->nretry_key, 1);
    assert_true(str_is(c->apply, "record"));
    folder_close(&f);
}

static void options_are_texts(void **state)
{
    static const struct {
        const char *name, *text;
    } rows[] = {
        {"delimiter", ";"}, {"quote", ""},   {"header_line", "2"}, {"big", "5000000000"},
        {"ratio", "0.25"},  {"bom", "true"}, {"none", NULL},       {"namespace", NULL},
    };
    struct folder f;

    (void)state;
    folder_open(&f);
    folder_format(&f, "all", all_keys, HEADER "personne;;.;;;;\n");
    folder_load_good(&f, "all");
    assert_int_equal(f.format->options.count, 6);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gw_str text = format_option(f.format, NULL, rows[i].name);

        assert_int_equal(text.ptr == NULL, rows[i].text == NULL);
        assert_true(str_eq(text, str_of(rows[i].text)));
    }
    assert_true(str_is(format_option(f.format, &f.format->profiles[0], "namespace"), "urn:2"));
    assert_true(str_is(format_option(f.format, &f.format->profiles[0], "delimiter"), ";"));
    folder_close(&f);
}

static void profiles_are_in_order(void **state)
{
    struct folder f;
    const struct profile *p;

    (void)state;
    folder_open(&f);
    folder_format(&f, "all", all_keys, HEADER "personne;;.;;;;\n");
    folder_load_good(&f, "all");
    assert_int_equal(f.format->nprofiles, 2);
    p = f.format->profiles;
    assert_true(str_is(p[0].name, "v2") && p[0].is_default && !p[0].write);
    assert_true(str_is(p[0].recognise, "statut"));
    assert_int_equal(p[0].ncolumns, 3);
    assert_true(str_is(p[0].columns[2], "c/*"));
    assert_true(str_is(p[1].name, "v1") && !p[1].is_default && p[1].write);
    assert_int_equal(p[1].ncolumns, 2);
    assert_true(str_is(p[1].columns[0], "a b"));
    assert_true(str_is(p[1].root, "r") && str_is(p[1].wrap, "none"));
    folder_close(&f);
}

static void quotes_in_comments_are_no_texts(void **state)
{
    struct folder f;

    (void)state;
    folder_open(&f);
    folder_format(&f, "good", "/* \" */ plugin = \"c\\\"#\"; // \"\n# \"\n", HEADER "personne;;.;;;;\n");
    folder_load_good(&f, "good");
    assert_true(str_is(f.format->plugin, "c\"#"));
    folder_close(&f);
}

static void what_is_not_said(void **state)
{
    struct folder f;
    const struct format *c;

    (void)state;
    folder_open(&f);
    folder_format(&f, "bare", "plugin = \"csv\"; record = \".\";", HEADER "personne;;.;;;;\n");
    folder_load_good(&f, "bare");
    c = f.format;
    assert_true(c->trim && !c->loose && !c->empty_clears && !c->fold_unencodable && !c->pivot);
    assert_int_equal(c->absent_use, USE_OMIT);
    assert_null(c->encoding.ptr);
    assert_null(c->name_template.ptr);
    assert_null(c->apply.ptr);
    assert_int_equal(c->record_path.count, 0);
    assert_int_equal(c->limit_records, 0);
    assert_int_equal(c->nprofiles, 0);
    assert_true(str_is(c->root_name, "bare"));
    folder_close(&f);
}

static void bad_keys(void **state)
{
    static const struct {
        const char *conf, *heard;
    } rows[] = {
        {"encodng = \"x\";", "bad/format.conf:2:0 format.key <encodng> <encoding>\n"},
        {"wxyzwxyz = 1;", "bad/format.conf:2:0 format.key <wxyzwxyz> <>\n"},
        {"limits = { record = 1; };", "bad/format.conf:2:0 format.key <record> <records>\n"},
        {"limits = { records = -1; };", "bad/format.conf:2:0 format.value <-1> <0, 1, 2 ...>\n"},
        {"limits = 5;", "bad/format.conf:2:0 format.value <5> <{ ... }>\n"},
        {"label = { de = \"x\"; };", "bad/format.conf:2:0 format.key <de> <>\n"},
        {"encoding = 3;", "bad/format.conf:2:0 format.value <3> <\"...\" | ( \"...\", \"...\" )>\n"},
        {"trim = \"no\";", "bad/format.conf:2:0 format.value <no> <true | false>\n"},
        {"names = \"lose\";", "bad/format.conf:2:0 format.value <lose> <exact | loose>\n"},
        {"unencodable = true;", "bad/format.conf:2:0 format.value <true> <reject | fold>\n"},
        {"absent = \"nil\";", "bad/format.conf:2:0 format.value <nil> <null | empty | omit>\n"},
        {"evidence = \"seen\";",
         "bad/format.conf:2:0 format.value <seen> <schema | sample | derived | code>\n"},
        {"source = 3;", "bad/format.conf:2:0 format.value <3> <\"...\" | ( \"...\", \"...\" )>\n"},
        {"apply = \"all\";", "bad/format.conf:2:0 format.value <all> <file | record>\n"},
        {"nothing = [ 1, 2 ];", "bad/format.conf:2:0 format.value <> <\"...\" | ( \"...\", \"...\" )>\n"},
        {"options = { a = [ 1 ]; };", "bad/format.conf:2:0 format.value <> <\"...\" | 0 | true | false>\n"},
        {"options = \"a\";", "bad/format.conf:2:0 format.value <a> <{ ... }>\n"},
        {"record = \"a//b\";", "bad/format.conf:2:3 mapping.path </b> <>\n"},
        {"record = \"a + b\";", "bad/format.conf:2:1 mapping.path <a + b> <>\n"},
        {"group = \"a[\";", "bad/format.conf:2:3 mapping.path <> <>\n"},
        {"ignore = ( \"a\", \"b/\" );", "bad/format.conf:2:3 mapping.path <> <>\n"},
        {"name = \"a{lot:14\";", "bad/format.conf:2:2 mapping.bracket <{lot:14> <>\n"},
        {"profiles = ( { default = true; } );", "bad/format.conf:2:0 format.missing <name> <>\n"},
        {"profiles = ( { name = \"a\"; },\n{ name = \"a\"; } );",
         "bad/format.conf:3:0 format.profile_twice <a> <>\n"},
        {"profiles = ( { name = \"a\"; default = true; }, { name = \"b\"; default = true; } );",
         "bad/format.conf:2:0 format.profile_twice <b> <>\n"},
        {"profiles = ( \"a\" );", "bad/format.conf:2:0 format.value <> <( { name = \"...\"; }, ... )>\n"},
        {"profiles = ( { name = \"a\"; write = 1; } );",
         "bad/format.conf:2:0 format.value <1> <true | false>\n"},
        {"options = { a = 1;", "bad/format.conf:3:0 format.conf <syntax error> <>\n"},
        {"record = \"a\"; record = \"b\";", "bad/format.conf:2:0 format.conf <duplicate setting name> <>\n"},
        {"record = \"a", "bad/format.conf:2:0 format.quote <\"a\n> <>\n"},
        {"record = \"a\\\\\"; encoding = \"x", "bad/format.conf:2:0 format.quote <\"x\n> <>\n"},
        {"/* \" */ // \"\n# \"\nencoding = \"b", "bad/format.conf:4:0 format.quote <\"b\n> <>\n"},
        {"@include \"other.conf\"", "bad/format.conf:2:1 format.conf <@include \"other.conf\"> <@include>\n"},
        {"record = \"\xff\";", "bad/format.conf:2:0 format.utf8 <> <>\n"},
        {"extends = 3;", "bad/format.conf:2:0 format.value <> <\"...\">\n"},
    };
    struct folder f;

    (void)state;
    folder_open(&f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char conf[512];
        enum gw_result r;

        snprintf(conf, sizeof(conf), "plugin = \"csv\";\n%s\n", rows[i].conf);
        folder_format(&f, "bad", conf, HEADER "personne;;.;;;;\n");
        r = folder_load(&f, "bad");
        assert_string_equal(f.heard.data, rows[i].heard);
        assert_int_equal(r, GW_FAIL);
    }
    folder_close(&f);
}

static void faults_of_conf_and_table_are_told_together(void **state)
{
    struct folder f;

    (void)state;
    folder_open(&f);
    folder_format(&f, "bad", "trm = true;\n\nplugin = \"csv\";\nabsent = \"x\";\n",
                  HEADER "personne;nom;a/;;;;\n");
    assert_int_equal(folder_load(&f, "bad"), GW_FAIL);
    assert_string_equal(f.heard.data, "bad/format.conf:1:0 format.key <trm> <trim>\n"
                                      "bad/format.conf:4:0 format.value <x> <null | empty | omit>\n"
                                      "bad/fields.csv:2:3 mapping.path <> <>\n");
    folder_format(&f, "none", "trim = true;\n", HEADER);
    assert_int_equal(folder_load(&f, "none"), GW_FAIL);
    assert_string_equal(f.heard.data, "none/format.conf:0:0 format.missing <plugin> <>\n");
    folder_close(&f);
}

static void an_ancestor_with_faults_is_named(void **state)
{
    struct folder f;

    (void)state;
    folder_open(&f);
    folder_format(&f, "parent", "plugin = \"csv\";\nnothing = 5;\n", HEADER "personne;nom;a/;;;;\n");
    folder_format(&f, "child", "extends = \"parent\";\n", HEADER);
    assert_int_equal(folder_load(&f, "child"), GW_FAIL);
    assert_string_equal(f.heard.data,
                        "parent/format.conf:2:0 format.value <5> <\"...\" | ( \"...\", \"...\" )>\n"
                        "parent/fields.csv:2:3 mapping.path <> <>\n");
    folder_close(&f);
}

/* A name is looked up below the folder, whatever it says. */
static void names_of_formats(void **state)
{
    static const struct {
        const char *name, *expected;
    } rows[] = {{"al", "all"}, {"all2", "all"}, {"zzzzzzzz", ""}, {"../all", "all"}, {"all/", "all"},
                {"", ""},      {".", ""},       {"..", ""},       {"All", "all"},    {"/etc", ""}};
    struct folder f;
    struct gw_str *names;
    size_t n;

    (void)state;
    folder_open(&f);
    folder_format(&f, "all", all_keys, HEADER "personne;;.;;;;\n");
    folder_format(&f, "zebra-2", "plugin = \"csv\";", HEADER);
    folder_format(&f, "Upper", "plugin = \"csv\";", HEADER);
    folder_write(&f, "no-format/fields.csv", GW_STR(HEADER));
    folder_write(&f, "file", GW_STR("x"));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char heard[512];

        snprintf(heard, sizeof(heard), "%s:0:0 format.unknown <%s> <%s>\n", f.path, rows[i].name,
                 rows[i].expected);
        assert_int_equal(folder_load(&f, rows[i].name), GW_FAIL);
        if (rows[i].expected[0] || rows[i].name[0] == 'z')
            assert_string_equal(f.heard.data, heard);
    }
    assert_int_equal(formats_list(&f.arena, str_of(f.path), &names, &n), GW_OK);
    assert_int_equal(n, 2);
    assert_true(str_is(names[0], "all") && str_is(names[1], "zebra-2"));
    assert_int_equal(formats_list(&f.arena, GW_STR("/nowhere/at/all"), &names, &n), GW_FAIL);
    folder_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key),
        cmocka_unit_test(options_are_texts),
        cmocka_unit_test(profiles_are_in_order),
        cmocka_unit_test(quotes_in_comments_are_no_texts),
        cmocka_unit_test(what_is_not_said),
        cmocka_unit_test(bad_keys),
        cmocka_unit_test(faults_of_conf_and_table_are_told_together),
        cmocka_unit_test(an_ancestor_with_faults_is_named),
        cmocka_unit_test(names_of_formats),
    };

    return cmocka_run_group_tests_name("syntax_conf", tests, NULL, NULL);
}
