/* SPDX-License-Identifier: EUPL-1.2 */
/* Broken schemas: each is refused with its code, at its place. */
#include "support/unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/shape.h"
#include "schema/test_model.h"
#include "support/told.h"

/* One property on line 3 of a type. */
#define FIELD(text) "{\"type\": \"object\",\n\"properties\": {\n  \"a\": " text "\n}}"

#define FOUR(text) text text text text
#define DEEP(one)  FOUR(FOUR(FOUR(one))) /* 64 of them */

static const struct {
    const char *text;
    const char *code, *path;
    uint32_t line;
} rows[] = {
    /* not JSON, or not a schema */
    {"", "schema.json", "", 1},
    {"{\"type\": \"object\",\n\"properties\": }", "schema.json", "", 2},
    {"{\"type\": \"object\", \"properties\": {\"a\": {},\n \"a\": {}}}", "schema.json", "", 2},
    {"{\"x-fr\": \"\xff\"}", "schema.json", "", 1},
    {"{\"x-fr\": \"\\u0000\"}", "schema.json", "", 1},
    {"{\"x-fr\":\n\"ab\\u0000\"}", "schema.json", "", 2},
    {"{\"properties\": {\n\"a\\u0000\": {}}}", "schema.json", "", 2},
    {"{\"type\": \"object\", \"properties\": {\"a\": {},\n\n \"\\u0061\": {}}}", "schema.json", "", 3},
    {"{\"properties\": " DEEP("[") DEEP("]") "}", "schema.json", "", 1},
    {"[]", "schema.value", "", 1},
    {"{}", "schema.missing", "", 1},
    {"{\"type\": \"array\", \"properties\": {}}", "schema.value", "/type", 1},
    {"{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"properties\": {}}", "schema.value",
     "/$schema", 1},
    {"{\"properties\": {},\n\"additionalProperties\": true}", "schema.value", "", 1},
    {"{\"properties\": []}", "schema.value", "/properties", 1},
    {"{\n\"required\": [\"a\"],\n\"properties\": {}}", "schema.keyword", "/required", 2},
    {"{\n\"x-key\": \"strong\",\n\"properties\": {}}", "schema.keyword_place", "/x-key", 2},
    {"{\"x-stream\": \"yes\", \"properties\": {}}", "schema.value", "/x-stream", 1},
    {"{\"x-check\": \"a\", \"properties\": {}}", "schema.value", "/x-check", 1},
    {"{\"x-check\": [1], \"properties\": {}}", "schema.value", "/x-check", 1},
    {"{\"x-check\": [], \"properties\": {}}", "schema.value", "/x-check", 1},
    /* names */
    {"{\"properties\": {\n\"Nom\": {\"type\": \"string\", \"x-sensitivity\": \"none\"}}}", "schema.name",
     "/properties/Nom", 2},
    {"{\"properties\": {\n\"a.b\": {}}}", "schema.name", "/properties/a.b", 2},
    {"{\"properties\": {\n\"1a\": {}}}", "schema.name", "/properties/1a", 2},
    {"{\"properties\": {\n\"\": {}}}", "schema.name", "/properties/", 2},
    {"{\"properties\": {\n\"x\": {}}}", "schema.name", "/properties/x", 2},
    {"{\"properties\": {\n\"pr\xc3\xa9nom\": {}}}", "schema.name", "/properties/pr\xc3\xa9nom", 2},
    /* fields */
    {FIELD("1"), "schema.value", "/properties/a", 3},
    {FIELD("{\"x-sensitivity\": \"none\"}"), "schema.missing", "/properties/a", 3},
    {FIELD("{\"type\": \"string\"}"), "schema.missing", "/properties/a", 3},
    {FIELD("{\"type\": \"string\",\n \"x-sensitivty\": \"nir\"}"), "schema.keyword",
     "/properties/a/x-sensitivty", 4},
    {FIELD("{\"type\": \"string\",\n \"x-sensitivity\": \"secret\"}"), "schema.value",
     "/properties/a/x-sensitivity", 4},
    {FIELD("{\"type\": \"number\", \"x-sensitivity\": \"none\"}"), "schema.value", "/properties/a/type", 3},
    {FIELD("{\"type\": [\"string\", \"null\"], \"x-sensitivity\": \"none\"}"), "schema.value",
     "/properties/a/type", 3},
    {FIELD("{\"type\": \"string\", \"x-key\": \"\", \"x-sensitivity\": \"none\"}"), "schema.value",
     "/properties/a/x-key", 3},
    {FIELD("{\"type\": \"string\", \"format\": \"date-time\", \"x-sensitivity\": \"none\"}"), "schema.value",
     "/properties/a/format", 3},
    {FIELD("{\"type\": \"string\", \"pattern\": \"x\", \"x-sensitivity\": \"none\"}"), "schema.keyword",
     "/properties/a/pattern", 3},
    {FIELD("{\"type\": \"string\", \"properties\": {}, \"x-sensitivity\": \"none\"}"), "schema.keyword_place",
     "/properties/a/properties", 3},
    {FIELD("{\"type\": \"integer\", \"format\": \"date\", \"x-sensitivity\": \"none\"}"), "schema.combination",
     "/properties/a", 3},
    {FIELD("{\"type\": \"string\", \"format\": \"date\", \"x-codes\": \"b\", \"x-open\": true, "
           "\"x-sensitivity\": \"none\"}"),
     "schema.combination", "/properties/a", 3},
    {FIELD("{\"type\": \"string\", \"x-open\": true, \"x-sensitivity\": \"none\"}"), "schema.combination",
     "/properties/a", 3},
    {FIELD("{\"type\": \"string\", \"x-scale\": 2, \"x-sensitivity\": \"none\"}"), "schema.combination",
     "/properties/a", 3},
    {FIELD("{\"type\": \"string\", \"format\": \"decimal\", \"x-scale\": 10, \"x-sensitivity\": \"none\"}"),
     "schema.value", "/properties/a", 3},
    {FIELD("{\"type\": \"string\", \"format\": \"decimal\", \"x-scale\": 0.5, \"x-sensitivity\": \"none\"}"),
     "schema.value", "/properties/a/x-scale", 3},
    {FIELD("{\"type\": \"string\", \"x-codes\": \"../b\", \"x-sensitivity\": \"none\"}"), "schema.name",
     "/properties/a", 3},
    {FIELD("{\"type\": \"string\", \"x-ref\": \"nobody\", \"x-sensitivity\": \"none\"}"), "schema.reference",
     "/a", 0},
    {FIELD("{\"x-tree\": false, \"x-sensitivity\": \"none\"}"), "schema.value", "/properties/a", 3},
    {FIELD("{\"$ref\": \"_b.json\"}"), "schema.definition", "/properties/a", 3},
    {FIELD("{\"$ref\": \"_b.json\", \"type\": \"object\"}"), "schema.keyword_place", "/properties/a/type", 3},
    /* groups and lists */
    {FIELD("{\"type\": \"object\"}"), "schema.missing", "/properties/a", 3},
    {FIELD("{\"type\": \"object\", \"properties\": {\n\"b\": {\"type\": \"string\"}}}"), "schema.missing",
     "/properties/a/properties/b", 4},
    {FIELD("{\"type\": \"array\", \"x-sensitivity\": \"none\"}"), "schema.missing", "/properties/a", 3},
    {FIELD("{\"type\": \"array\", \"x-sensitivity\": \"none\",\n\"items\": {\"type\": \"array\"}}"),
     "schema.value", "/properties/a/items/type", 4},
    {FIELD("{\"type\": \"array\", \"x-sensitivity\": \"none\",\n\"items\": {\"type\": \"string\", \"x-key\": "
           "\"part\"}}"),
     "schema.keyword_place", "/properties/a/items/x-key", 4},
    {FIELD("{\"type\": \"array\", \"x-sensitivity\": \"none\",\n\"items\": {\"$ref\": \"b\"}}"),
     "schema.definition", "/properties/a/items", 4},
    {FIELD("{\"type\": \"array\", \"x-sensitivity\": \"none\",\n\"items\": {\"type\": \"object\", "
           "\"properties\": {\n\"b\": {\"type\": \"text\"}}}}"),
     "schema.value", "/properties/a/items/properties/b/type", 5},
    {FIELD("{\"type\": \"array\", \"items\": {\"type\": \"string\"}}"), "schema.missing", "/properties/a", 3},
};

static void broken_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct model m;
        struct told_sink told;
        const struct told_diag *d = &told.diags[0];

        told_init(&told);
        if (model_load_text(&m, &a, GW_STR("t"), str_of(rows[i].text), &told.sink) != GW_FAIL || !told.count)
            fail_msg("accepted: %s", rows[i].text);
        if (strcmp(d->code, rows[i].code) || strcmp(d->path, rows[i].path) || d->line != rows[i].line)
            fail_msg("%s\nsaid %s at %s, line %u (%s)", rows[i].text, d->code, d->path, d->line, d->found);
        assert_int_equal(d->severity, GW_ERROR);
        assert_string_equal(d->file, "t");
        arena_done(&a);
    }
}

static void all_faults_are_said(void **state)
{
    struct arena a = {0};
    struct model m;
    struct told_sink told;

    (void)state;
    told_init(&told);
    assert_int_equal(model_load_text(&m, &a, GW_STR("t"),
                                     GW_STR("{\"properties\": {\n\"A\": {},\n\"b\": {\"typ\": 1},\n"
                                            "\"c\": {\"type\": \"string\"}}}"),
                                     &told.sink),
                     GW_FAIL);
    assert_int_equal(told.count, 3);
    assert_string_equal(told.diags[0].code, "schema.name");
    assert_string_equal(told.diags[1].code, "schema.keyword");
    assert_string_equal(told.diags[2].code, "schema.missing");
    assert_int_equal(told.diags[2].line, 4);
    arena_done(&a);
}

static void cut_texts_do_no_harm(void **state)
{
    static const char text[] =
        "{\"$id\": \"t\", \"properties\": {\"a\": {\"type\": \"array\", \"x-sensitivity\": \"nir\", "
        "\"items\": {\"type\": \"object\", \"properties\": {\"b\": {\"type\": \"string\"}}}}}}";

    (void)state;
    for (size_t n = 0; n < sizeof(text); n++) {
        struct arena a = {0};
        struct model m;
        struct told_sink told;
        enum gw_result r;

        told_init(&told);
        r = model_load_text(&m, &a, GW_STR("t"), (struct gw_str){text, n}, &told.sink);
        assert_int_equal(r, n == sizeof(text) - 1 ? GW_OK : GW_FAIL);
        assert_int_equal(told.count, n == sizeof(text) - 1 ? 0 : 1);
        arena_done(&a);
    }
}

/* ---- folders ---- */

static char folder[] = "/tmp/gw-model-XXXXXX";

static void put_file(const char *name, const char *text)
{
    char path[256];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int make_folder(void **state)
{
    char path[256];

    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/gw-model-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/codes", folder);
    return mkdir(path, 0700);
}

static int drop_folder(void **state)
{
    static const char *const names[] = {"codes/l.csv", "codes", "_a.json", "_b.json", "t.json", "u.json", ""};
    char path[256];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        (void)remove(path);
    }
    return 0;
}

static struct told_sink load_folder(struct arena *a, struct model *m, enum gw_result want)
{
    struct told_sink told;
    enum gw_result r;

    told_init(&told);
    r = model_load(m, a, folder, &told.sink);
    if (r != want)
        fail_msg("result %d, %s %s", r, told.diags[0].code, told.diags[0].path);
    return told;
}

static void refused(const char *code, const char *file, const char *path, uint32_t line)
{
    struct arena a = {0};
    struct model m;
    struct told_sink told = load_folder(&a, &m, GW_FAIL);
    const struct told_diag *d = &told.diags[0];
    size_t n = strlen(d->file), want = strlen(file);

    if (told.count != 1 || strcmp(d->code, code) || strcmp(d->path, path) || d->line != line || n < want ||
        strcmp(d->file + n - want, file))
        fail_msg("%zu said, %s at %s:%u %s (%s)", told.count, d->code, d->file, d->line, d->path, d->found);
    arena_done(&a);
}

#define USES(name) "{\"properties\": {\"a\": {\"$ref\": \"" name "\"}, \"b\": {\"$ref\": \"" name "\"}}}"

static void broken_folders(void **state)
{
    (void)state;
    refused("schema.folder", folder, "", 0);
    put_file(
        "t.json",
        "{\"properties\": {\"a\": {\"type\": \"string\", \"x-codes\": \"l\", \"x-sensitivity\": \"none\"}}}");
    refused("schema.list_missing", "t.json", "/properties/a", 1);
    put_file("codes/l.csv", "");
    refused("schema.list_row", "codes/l.csv", "", 1);
    put_file("codes/l.csv", "code;fr\nA;a\n");
    refused("schema.list_row", "codes/l.csv", "", 1);
    put_file("codes/l.csv", "code;fr;en\nA;a;a\nB;b\n");
    refused("schema.list_row", "codes/l.csv", "", 3);
    put_file("codes/l.csv", "code;fr;en\nA;a;a\n;b;b\n");
    refused("schema.list_row", "codes/l.csv", "", 3);
    put_file("codes/l.csv", "code;fr;en\nA;a;\"a\n\n");
    refused("schema.list_row", "codes/l.csv", "", 2);
    put_file("codes/l.csv", "code;fr;en\nA;a;a\nB;b;b\nA;c;c\n");
    refused("schema.list_twice", "codes/l.csv", "", 0);
    /* a fault of a definition is said once, where it is */
    put_file("t.json", USES("_a.json"));
    put_file("_a.json", "{\"properties\": {\n\"c\": {\"type\": \"strin\", \"x-sensitivity\": \"none\"}}}");
    refused("schema.value", "_a.json", "/properties/c/type", 2);
    put_file("_a.json", "{\"x-check\": [\"c\"], \"properties\": {}}");
    refused("schema.keyword_place", "_a.json", "/x-check", 1);
    put_file("_a.json", "{");
    refused("schema.json", "_a.json", "", 1);
    put_file("_a.json", "{\"properties\": {}}");
    put_file("t.json", USES("t.json"));
    {
        struct arena a = {0};
        struct model m;

        assert_int_equal(load_folder(&a, &m, GW_FAIL).count, 2); /* two places, both said */
        arena_done(&a);
    }
}

static void circles_end(void **state)
{
    struct arena a = {0};
    struct model m;

    (void)state;
    put_file("t.json", USES("_a.json"));
    put_file("_a.json", "{\"properties\": {\"c\": {\"$ref\": \"_b.json\"}}}");
    put_file("_b.json", "{\"properties\": {\"d\": {\"$ref\": \"_a.json\"}}}");
    refused("schema.depth", "_a.json", "/properties", 1);
    /* definitions that multiply are bounded by their number, not by time */
    put_file("_a.json", "{\"properties\": {\"c\": {\"$ref\": \"_b.json\"}, \"d\": {\"$ref\": \"_b.json\"},"
                        "\"e\": {\"$ref\": \"_b.json\"}, \"f\": {\"$ref\": \"_b.json\"}}}");
    put_file("_b.json", "{\"properties\": {\"c\": {\"$ref\": \"_a.json\"}, \"d\": {\"$ref\": \"_a.json\"},"
                        "\"e\": {\"$ref\": \"_a.json\"}, \"f\": {\"$ref\": \"_a.json\"}}}");
    assert_true(load_folder(&a, &m, GW_FAIL).count > 0);
    arena_done(&a);
}

static void sound_folder(void **state)
{
    struct arena a = {0};
    struct model m;
    struct gw_str none = {NULL, 0};
    const struct shape *s;

    (void)state;
    put_file("codes/l.csv", "\xef\xbb\xbf"
                            "code;fr;en\r\nZ;z;z\r\n\"A;1\";\"a \"\"b\"\"\";a\r\n");
    put_file("_a.json", "{\"properties\": {\"c\": {\"type\": \"string\", \"x-sensitivity\": \"nir\"}}}");
    put_file("u.json", "{\"properties\": {}}");
    put_file(
        "t.json",
        "{\"properties\": {\n"
        "\"a\": {\"$ref\": \"_a.json\"},\n"
        "\"b\": {\"$ref\": \"_a.json\", \"x-sensitivity\": \"none\"},\n"
        "\"d\": {\"type\": \"array\", \"x-sensitivity\": \"identity\", \"items\": {\"$ref\": \"_a.json\"}},\n"
        "\"e\": {\"type\": \"array\", \"x-sensitivity\": \"sensitive\", \"items\": {\"type\": \"object\","
        " \"properties\": {\"f\": {\"type\": \"string\", \"x-codes\": \"l\"}}}},\n"
        "\"g\": {\"type\": \"string\", \"x-ref\": \"u\", \"x-sensitivity\": \"none\"}}}");
    assert_int_equal(load_folder(&a, &m, GW_OK).count, 0);
    assert_int_equal(m.count, 2);
    s = model_type(&m, GW_STR("t"));
    assert_int_equal(s->count, 5);
    assert_int_equal(shape_field(s, GW_STR("a.c"), none)->sensitivity, SENS_NIR);
    assert_int_equal(shape_field(s, GW_STR("b.c"), none)->sensitivity, SENS_NONE);
    s = shape_field(s, GW_STR("d"), none)->items;
    assert_int_equal(shape_field(s, GW_STR("c"), none)->sensitivity, SENS_IDENTITY);
    s = shape_field(model_type(&m, GW_STR("t")), GW_STR("e"), none)->items;
    assert_int_equal(shape_field(s, GW_STR("f"), none)->sensitivity, SENS_SENSITIVE);
    assert_true(codes_has(shape_field(s, GW_STR("f"), none)->codes, GW_STR("A;1")));
    assert_false(codes_has(shape_field(s, GW_STR("f"), none)->codes, GW_STR("A")));
    arena_done(&a);
}

static void missing_folder(void **state)
{
    struct arena a = {0};
    struct model m;
    struct told_sink told;

    (void)state;
    told_init(&told);
    assert_int_equal(model_load(&m, &a, "/nowhere/at/all", &told.sink), GW_FAIL);
    assert_string_equal(told.diags[0].code, "schema.read");
    assert_string_equal(told.diags[0].file, "/nowhere/at/all");
    arena_done(&a);
}

int model_faults(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_texts),
        cmocka_unit_test(all_faults_are_said),
        cmocka_unit_test(cut_texts_do_no_harm),
        cmocka_unit_test_setup_teardown(broken_folders, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(circles_end, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(sound_folder, make_folder, drop_folder),
        cmocka_unit_test(missing_folder),
    };

    return cmocka_run_group_tests_name("broken schemas", tests, NULL, NULL);
}
