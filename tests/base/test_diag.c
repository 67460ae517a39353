/* SPDX-License-Identifier: EUPL-1.2 */
/* How a diagnostic is shown: text and JSON, in French and English, masked or not. */
#include "support/unit.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"

static const struct gw_message words[] = {
    {"t.code", "{path} : « {value} » n'est pas un code", "{path}: \"{value}\" is not a code", "Voir la liste.",
     "See the list."},
    {"t.cells", "{found} cellules au lieu de {expected}", "{found} cells instead of {expected}", "", ""},
    {"t.rule", "non", "no", "Corriger {rule}.", "Correct {rule}."},
    {"t.fr", "seulement ici", "", "conseil", ""},
    {"t.part", "a<<: {found}>><<, {expected}>><<, {unknown}>>", "b<<: {path}, {found}>><<, {unknown}>>", "", ""},
    {"t.odd", "a {unknown} {open", "b {unknown} {open", "{", "}"},
    {NULL, NULL, NULL, NULL, NULL},
};

static struct arena arena;
static struct catalogue catalogue;

static int load_words(void **state)
{
    (void)state;
    catalogue = (struct catalogue){.arena = &arena};
    return catalogue_add(&catalogue, words) == GW_OK ? 0 : -1;
}

static int drop_words(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static const struct gw_arg cells[] = {{"found", GW_STR_INIT("8")}, {"expected", GW_STR_INIT("7")}};
static const struct gw_arg leak[] = {{"found", GW_STR_INIT("nom DUPONT ?")}, {"expected", GW_STR_INIT("7")}};
static const struct gw_arg named[] = {{"found", GW_STR_INIT("ok")},
                                      {"expected", GW_STR_INIT("l'un\ndes deux")}};

static const struct row {
    struct diag d;
    bool mask;
    const char *fr, *en;
    const char *json_fr, *json_en;
} rows[] = {
    {{.severity = GW_ERROR,
      .sensitivity = SENS_PERSONAL,
      .code = "t.code",
      .file = GW_STR_INIT("in.xml"),
      .line = 42,
      .column = 7,
      .byte = 1234,
      .record = 3,
      .path = GW_STR_INIT("Dossier/CIVI"),
      .value = GW_STR_INIT("XX"),
      .rule = GW_STR_INIT("f/fields.csv:12")},
     true,
     "in.xml:42:7: erreur: t.code: Dossier/CIVI : « XX » n'est pas un code\n  Voir la liste. "
     "[f/fields.csv:12]\n",
     "in.xml:42:7: error: t.code: Dossier/CIVI: \"XX\" is not a code\n  See the list. [f/fields.csv:12]\n",
     "{\"file\":\"in.xml\",\"line\":42,\"column\":7,\"byte\":1234,\"record\":3,\"severity\":\"error\","
     "\"code\":\"t.code\",\"path\":\"Dossier/CIVI\",\"value\":\"XX\","
     "\"message\":\"Dossier/CIVI : « XX » n'est pas un code\",\"advice\":\"Voir la liste. [f/fields.csv:12]\"}",
     "{\"file\":\"in.xml\",\"line\":42,\"column\":7,\"byte\":1234,\"record\":3,\"severity\":\"error\","
     "\"code\":\"t.code\",\"path\":\"Dossier/CIVI\",\"value\":\"XX\","
     "\"message\":\"Dossier/CIVI: \\\"XX\\\" is not a code\",\"advice\":\"See the list. [f/fields.csv:12]\"}"},
    /* identity and above: the first character, at most twelve stars */
    {{.severity = GW_WARNING,
      .sensitivity = SENS_IDENTITY,
      .code = "t.code",
      .file = GW_STR_INIT("in.xml"),
      .line = 1,
      .byte = UINT64_MAX,
      .path = GW_STR_INIT("NOM"),
      .value = GW_STR_INIT("Élodie")},
     true,
     "in.xml:1: avertissement: t.code: NOM : « É***** » n'est pas un code\n  Voir la liste.\n",
     "in.xml:1: warning: t.code: NOM: \"É*****\" is not a code\n  See the list.\n",
     "{\"file\":\"in.xml\",\"line\":1,\"column\":null,\"byte\":null,\"record\":null,\"severity\":\"warning\","
     "\"code\":\"t.code\",\"path\":\"NOM\",\"value\":\"É*****\","
     "\"message\":\"NOM : « É***** » n'est pas un code\",\"advice\":\"Voir la liste.\"}",
     "{\"file\":\"in.xml\",\"line\":1,\"column\":null,\"byte\":null,\"record\":null,\"severity\":\"warning\","
     "\"code\":\"t.code\",\"path\":\"NOM\",\"value\":\"É*****\","
     "\"message\":\"NOM: \\\"É*****\\\" is not a code\",\"advice\":\"See the list.\"}"},
    {{.severity = GW_INFO,
      .sensitivity = SENS_NIR,
      .code = "t.code",
      .byte = UINT64_MAX,
      .path = GW_STR_INIT("NIR"),
      .value = GW_STR_INIT("2991299999999")},
     true,
     "info: t.code: NIR : « 2************ » n'est pas un code\n  Voir la liste.\n",
     "info: t.code: NIR: \"2************\" is not a code\n  See the list.\n",
     NULL,
     NULL},
    {{.severity = GW_INFO,
      .sensitivity = SENS_SENSITIVE,
      .code = "t.code",
      .byte = UINT64_MAX,
      .path = GW_STR_INIT("X"),
      .value = GW_STR_INIT("a much longer text than that")},
     true,
     "info: t.code: X : « a************ » n'est pas un code\n  Voir la liste.\n",
     "info: t.code: X: \"a************\" is not a code\n  See the list.\n",
     NULL,
     NULL},
    {{.severity = GW_INFO,
      .sensitivity = SENS_JUDICIAL,
      .code = "t.code",
      .byte = UINT64_MAX,
      .path = GW_STR_INIT("X"),
      .value = GW_STR_INIT("a text")},
     false, /* a role that may see */
     "info: t.code: X : « a text » n'est pas un code\n  Voir la liste.\n",
     "info: t.code: X: \"a text\" is not a code\n  See the list.\n",
     NULL,
     NULL},
    /* an argument that holds the value is masked too */
    {{.severity = GW_ERROR,
      .sensitivity = SENS_IDENTITY,
      .code = "t.cells",
      .byte = UINT64_MAX,
      .value = GW_STR_INIT("DUPONT"),
      .args = leak,
      .nargs = 2},
     true,
     "erreur: t.cells: n*********** cellules au lieu de 7\n",
     "error: t.cells: n*********** cells instead of 7\n",
     NULL,
     NULL},
    /* no line: the record; a path that the message does not say */
    {{.severity = GW_ERROR,
      .code = "t.cells",
      .file = GW_STR_INIT("out.csv"),
      .byte = UINT64_MAX,
      .record = 12,
      .path = GW_STR_INIT("droit montant"),
      .args = cells,
      .nargs = 2},
     true,
     "out.csv: erreur: t.cells: 8 cellules au lieu de 7 [enregistrement 12, droit montant]\n",
     "out.csv: error: t.cells: 8 cells instead of 7 [record 12, droit montant]\n",
     "{\"file\":\"out.csv\",\"line\":null,\"column\":null,\"byte\":null,\"record\":12,\"severity\":\"error\","
     "\"code\":\"t.cells\",\"path\":\"droit montant\",\"value\":null,\"message\":\"8 cellules au lieu de 7\","
     "\"advice\":null}",
     "{\"file\":\"out.csv\",\"line\":null,\"column\":null,\"byte\":null,\"record\":12,\"severity\":\"error\","
     "\"code\":\"t.cells\",\"path\":\"droit montant\",\"value\":null,\"message\":\"8 cells instead of 7\","
     "\"advice\":null}"},
    /* the rule stands where the advice wants it */
    {{.severity = GW_ERROR, .code = "t.rule", .byte = 0, .rule = GW_STR_INIT("f:1")},
     true,
     "erreur: t.rule: non\n  Corriger f:1.\n",
     "error: t.rule: no\n  Correct f:1.\n",
     "{\"file\":null,\"line\":null,\"column\":null,\"byte\":0,\"record\":null,\"severity\":\"error\","
     "\"code\":\"t.rule\",\"path\":null,\"value\":null,\"message\":\"non\",\"advice\":\"Corriger f:1.\"}",
     NULL},
    /* what was not translated is shown in the other language; what is not known, as it stands */
    {{.severity = GW_INFO, .code = "t.fr", .byte = UINT64_MAX},
     true,
     "info: t.fr: seulement ici\n  conseil\n",
     "info: t.fr: seulement ici\n  conseil\n",
     NULL,
     NULL},
    {{.severity = GW_INFO, .code = "t.part", .byte = UINT64_MAX, .args = named, .nargs = 1},
     true,
     "info: t.part: a: ok\n",
     "info: t.part: b: , ok\n",
     NULL,
     NULL},
    {{.severity = GW_INFO, .code = "t.odd", .byte = UINT64_MAX},
     true,
     "info: t.odd: a {unknown} {open\n  {\n",
     "info: t.odd: b {unknown} {open\n  }\n",
     NULL,
     NULL},
    {{.severity = GW_INFO, .code = "t.nowhere", .byte = UINT64_MAX, .args = named, .nargs = 2},
     true,
     "info: t.nowhere: found=ok, expected=l'un?des deux\n",
     "info: t.nowhere: found=ok, expected=l'un?des deux\n",
     NULL,
     NULL},
    {{.severity = GW_INFO, .code = "t.nowhere", .byte = UINT64_MAX},
     true,
     "info: t.nowhere: t.nowhere\n",
     "info: t.nowhere: t.nowhere\n",
     NULL,
     NULL},
    /* no text of theirs steers a terminal */
    {{.severity = GW_INFO,
      .code = "t.code",
      .byte = UINT64_MAX,
      .path = GW_STR_INIT("a\x1b[31m"),
      .value = GW_STR_INIT("1\t2\n\x7f\xc2\x9b\xe2\x80\xae\xff{path}")},
     true,
     "info: t.code: a?[31m : « 1 2????\xef\xbf\xbd{path} » n'est pas un code\n  Voir la liste.\n",
     "info: t.code: a?[31m: \"1 2????\xef\xbf\xbd{path}\" is not a code\n  See the list.\n",
     NULL,
     NULL},
};

static void check_text(const struct row *row, enum lang lang, const char *want)
{
    struct buf b;

    buf_init(&b, 1 << 16);
    diag_text(&b, &catalogue, lang, &row->d, row->mask);
    assert_string_equal(b.data, want);
    buf_done(&b);
}

static void check_json(const struct row *row, enum lang lang, const char *want)
{
    struct buf b;

    if (!want)
        return;
    buf_init(&b, 1 << 16);
    diag_json(&b, &catalogue, lang, &row->d, row->mask);
    assert_string_equal(b.data, want);
    buf_done(&b);
}

static void every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_text(&rows[i], LANG_FR, rows[i].fr);
        check_text(&rows[i], LANG_EN, rows[i].en);
        check_json(&rows[i], LANG_FR, rows[i].json_fr);
        check_json(&rows[i], LANG_EN, rows[i].json_en);
    }
}

static void long_values_are_cut(void **state)
{
    static char text[100001];
    struct diag d = {.code = "t.code", .byte = UINT64_MAX, .value = {text, 100000}};
    struct buf b;

    (void)state;
    memset(text, 'v', 100000);
    buf_init(&b, 1 << 20);
    diag_render(&b, GW_STR("{value}"), &d, true);
    assert_int_equal(b.len, 200 + strlen("…"));
    assert_string_equal(b.data + 199, "v…");
    buf_clear(&b);
    diag_json(&b, &catalogue, LANG_EN, &d, true);
    assert_true(b.len < 1000);
    buf_done(&b);
}

static void always_there(void **state)
{
    struct diag d = {.code = "t.code",
                     .file = GW_STR("f"),
                     .line = 3,
                     .record = 2,
                     .path = GW_STR("p"),
                     .rule = GW_STR("r")};
    struct buf b;

    (void)state;
    buf_init(&b, 1 << 10);
    diag_render(&b, GW_STR("{file} {line} {record} {path} {rule} <{value}>"), &d, true);
    assert_string_equal(b.data, "f 3 2 p r <>");
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row),
        cmocka_unit_test(long_values_are_cut),
        cmocka_unit_test(always_there),
    };

    return cmocka_run_group_tests(tests, load_words, drop_words);
}
