/* SPDX-License-Identifier: EUPL-1.2 */
/* What the applier makes of lines: keys, payloads, what a destination may see. */
#include "gateway/lines.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct fixture {
    struct arena arena;
    struct model model;
    struct store *store;
    struct pivot_lines lines;
    char folder[64];
};

static void quiet(struct sink *sink, const struct diag *d)
{
    (void)sink, (void)d;
}

static int set_up(void **state)
{
    static struct fixture f;
    static struct sink sink = {quiet};
    struct store_options o = {.create = true, .sink = &sink};
    static char store[96], key[96];

    f = (struct fixture){.folder = "/tmp/lines-XXXXXX"};
    arena_init(&f.arena, 65536, 0);
    assert_non_null(mkdtemp(f.folder));
    (void)snprintf(store, sizeof(store), "%s/store.db", f.folder);
    (void)snprintf(key, sizeof(key), "%s/key", f.folder);
    o.path = store;
    o.key_path = key;
    assert_int_equal(model_load(&f.model, &f.arena, SOURCE_DIR "/schemas/pivot", &sink), GW_OK);
    assert_int_equal(store_open(&f.arena, &o, &f.store), GW_OK);
    assert_int_equal(lines_open(&f.lines, &f.model, f.store, GW_STR("giver")), GW_OK);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    char command[128];

    lines_close(&f->lines);
    store_close(f->store);
    for (const char *const *name =
             (const char *const[]){"store.db", "store.db-wal", "store.db-shm", "key", NULL};
         *name; name++) {
        (void)snprintf(command, sizeof(command), "%s/%s", f->folder, *name);
        (void)unlink(command);
    }
    (void)rmdir(f->folder);
    arena_done(&f->arena);
    return 0;
}

/* One record of these lines; its nth. */
static struct pivot_line *record(struct fixture *f, const char *const *texts, size_t nth)
{
    struct pivot_line *l;

    lines_clear(&f->lines);
    for (; *texts; texts++)
        assert_int_equal(lines_add(&f->lines, (struct gw_str){*texts, strlen(*texts)}), GW_OK);
    assert_int_equal(lines_settle(&f->lines), GW_OK);
    for (l = f->lines.at.first; nth--; l = l->next)
        assert_non_null(l);
    return l;
}

#define PERSON(id, record, fields)                                                                             \
    "{\"type\":\"personne\",\"id\":\"" id "\",\"record\":" record ",\"fields\":{" fields "}}"
#define RIGHT(id, record, person, fields)                                                                      \
    "{\"type\":\"droit\",\"id\":\"" id "\",\"record\":" record ",\"refs\":{\"personne\":\"" person             \
    "\"},\"fields\":{" fields "}}"

#define NAMES     "\"nom_usage\":\"A\",\"nom_naissance\":\"C\",\"prenom\":\"B\""
#define WEAK(day) "\"nom_usage\":\"A\",\"prenom\":\"B\",\"naissance_date\":\"" day "\""
#define STRUCTURE(id, fields)                                                                                  \
    "{\"type\":\"structure\",\"id\":\"" id "\",\"record\":1,\"fields\":{" fields "}}"
#define EXTENDED(id, record, text)                                                                             \
    "{\"type\":\"personne\",\"id\":\"" id "\",\"record\":" record ",\"ext\":{\"f\":{\"a\":\"" text "\"}}}"

/* Two records' lines: have they the same key? */
static void keys(void **state)
{
    static const struct {
        const char *what, *one, *other;
        bool same;
    } cases[] = {
        {"place in the file", PERSON("p", "1", "\"id_departement\":\"7\""),
         PERSON("q", "99", "\"id_departement\":\"7\""), true},
        {"other content", PERSON("p", "1", "\"id_departement\":\"7\",\"prenom\":\"A\""),
         PERSON("p", "1", "\"id_departement\":\"7\",\"prenom\":\"B\""), true},
        {"other strong key", PERSON("p", "1", "\"id_departement\":\"7\""),
         PERSON("p", "1", "\"id_departement\":\"8\""), false},
        {"another strong key", PERSON("p", "1", "\"id_departement\":\"7\""),
         PERSON("p", "1", "\"id_itou\":\"7\""), false},
        {"the number before others", PERSON("p", "1", "\"nir\":\"1\",\"id_departement\":\"7\""),
         PERSON("p", "1", "\"nir\":\"1\",\"id_departement\":\"8\""), true},
        {"a first name alone says nobody", PERSON("p", "1", "\"prenom\":\"A\",\"sexe\":\"F\""),
         PERSON("p", "2", "\"prenom\":\"A\",\"sexe\":\"M\""), false},
        {"who says the same is the same", PERSON("p", "1", "\"prenom\":\"A\""), PERSON("q", "2", "\"prenom\":\"A\""), true},
        {"nothing but what is not of the pivot, the same", EXTENDED("p", "1", "1"), EXTENDED("q", "2", "1"), true},
        {"and another", EXTENDED("p", "1", "1"), EXTENDED("p", "1", "2"), false},
        {"names and a birthday", PERSON("p", "1", WEAK("1990-07-02") ",\"sexe\":\"F\""), PERSON("q", "2", WEAK("1990-07-02")), true},
        {"namesakes", PERSON("p", "1", NAMES ",\"sexe\":\"F\""), PERSON("q", "2", NAMES ",\"sexe\":\"M\""), false},
        {"another birthday", PERSON("p", "1", WEAK("1990-07-02")), PERSON("p", "1", WEAK("1990-07-03")), false},
        {"the only one that the type has", STRUCTURE("p", "\"nom\":\"A\",\"courriel\":\"a@b.fr\""), STRUCTURE("q", "\"nom\":\"A\""), true},
        {"a name is no number", STRUCTURE("p", "\"nom\":\"A\""), STRUCTURE("p", "\"nom\":\"A\",\"siret\":\"1\""), false},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint8_t key[STORE_KEY];

        memcpy(key, record(f, (const char *const[]){cases[i].one, NULL}, 0)->key, STORE_KEY);
        if ((memcmp(key, record(f, (const char *const[]){cases[i].other, NULL}, 0)->key, STORE_KEY) == 0) !=
            cases[i].same)
            fail_msg("%s", cases[i].what);
    }
}

/* Of whom nothing is known: what is said beside them tells one record from another. */
static void nobody(void **state)
{
    static const char *const one[] = {PERSON("p", "1", ""), RIGHT("d", "1", "p", "\"nature\":\"RSA\""), NULL};
    static const char *const other[] = {PERSON("p", "2", ""), RIGHT("d", "2", "p", "\"nature\":\"ASS\""), NULL};
    struct fixture *f = *state;
    uint8_t key[STORE_KEY];

    memcpy(key, record(f, one, 0)->key, STORE_KEY);
    assert_memory_equal(key, record(f, one, 0)->key, STORE_KEY);
    assert_memory_not_equal(key, record(f, other, 0)->key, STORE_KEY);
}

/* A part key holds its target's key, not the target's id of that file. */
static void parts(void **state)
{
    static const char *const one[] = {
        PERSON("p-1", "1", "\"id_departement\":\"7\""), RIGHT("d-1", "1", "p-1", "\"nature\":\"RSA\""),
        RIGHT("d-2", "1", "p-1", "\"nature\":\"ASS\""), RIGHT("d-3", "1", "p-1", "\"nature\":\"ASS\""), NULL};
    static const char *const other[] = {PERSON("p-9", "9", "\"id_departement\":\"7\""),
                                        RIGHT("d-9", "9", "p-9", "\"nature\":\"RSA\""), NULL};
    struct fixture *f = *state;
    uint8_t keys_of[3][STORE_KEY];

    for (size_t i = 0; i < 3; i++)
        memcpy(keys_of[i], record(f, one, i + 1)->key, STORE_KEY);
    assert_memory_not_equal(keys_of[0], keys_of[1], STORE_KEY);
    assert_memory_not_equal(keys_of[1], keys_of[2], STORE_KEY);
    assert_memory_equal(keys_of[0], record(f, other, 1)->key, STORE_KEY);
}

/* The payload does not know where it stood, and has no number. */
static void payloads(void **state)
{
    static const struct {
        const char *line, *payload;
    } cases[] = {
        {PERSON("p", "1", "\"nir\":\"171085746305134\",\"prenom\":\"A\""),
         "{\"type\":\"personne\",\"fields\":{\"prenom\":\"A\"}}"},
        {PERSON("p", "1", "\"prenom\":\"A\",\"nir\":\"171085746305134\""),
         "{\"type\":\"personne\",\"fields\":{\"prenom\":\"A\"}}"},
        {PERSON("p", "1", "\"nir\":\"171085746305134\""), "{\"type\":\"personne\",\"fields\":{}}"},
        {PERSON("p", "12", "\"prenom\":\"\\u00e9\\\"\""),
         "{\"type\":\"personne\",\"fields\":{\"prenom\":\"\\u00e9\\\"\"}}"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct pivot_line *l = record(f, (const char *const[]){cases[i].line, NULL}, 0);

        assert_int_equal(l->payload.len, strlen(cases[i].payload));
        assert_memory_equal(l->payload.ptr, cases[i].payload, l->payload.len);
    }
}

/* What a reader does not write is not taken. */
static void strangers(void **state)
{
    static const char *const lines[] = {"",
                                        "{}",
                                        "[]",
                                        "{\"type\":\"personne\"}",
                                        "{\"type\":\"nobody\",\"id\":\"p\",\"record\":1,\"fields\":{}}",
                                        "{\"id\":\"p\",\"type\":\"personne\",\"record\":1,\"fields\":{}}",
                                        "{\"type\":\"personne\",\"id\":\"p\",\"record\":-1}",
                                        "{\"type\": \"personne\",\"id\":\"p\",\"record\":1}",
                                        "{\"type\":\"personne\",\"id\":\"p\",\"record\":1,\"fields\":{}",
                                        "{\"type\":\"pers\\u006fnne\",\"id\":\"p\",\"record\":1}"};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        lines_clear(&f->lines);
        if (lines_add(&f->lines, (struct gw_str){lines[i], strlen(lines[i])}) != GW_FAIL)
            fail_msg("%s", lines[i]);
    }
}

static void records_end(void **state)
{
    struct fixture *f = *state;

    lines_clear(&f->lines);
    assert_int_equal(lines_add(&f->lines, GW_STR(PERSON("p", "1", ""))), GW_OK);
    assert_int_equal(lines_add(&f->lines, GW_STR(PERSON("q", "1", ""))), GW_OK);
    assert_int_equal(lines_add(&f->lines, GW_STR(PERSON("p", "2", ""))), GW_END);
    assert_int_equal(f->lines.at.count, 2);
}

/* What a destination sees of a payload. */
static void filters(void **state)
{
    static const struct {
        const char *payload, *fields, *expected;
    } cases[] = {
        {"{\"type\":\"personne\",\"fields\":{\"prenom\":\"A\",\"nom_usage\":\"B\"}}", "personne.prenom",
         "\"fields\":{\"prenom\":\"A\"}"},
        {"{\"type\":\"personne\",\"fields\":{\"prenom\":\"A\"}}", "structure.*", NULL},
        {"{\"type\":\"personne\",\"fields\":{\"prenom\":\"A\",\"adresse\":{\"code_postal\":\"75001\",\"nom_"
         "voie\":\"C\"}}}",
         "personne.adresse.code_postal", "\"fields\":{\"adresse\":{\"code_postal\":\"75001\"}}"},
        {"{\"type\":\"personne\",\"fields\":{\"adresse\":{\"code_postal\":\"75001\"}}}", "personne.adresse",
         "\"fields\":{\"adresse\":{\"code_postal\":\"75001\"}}"},
        {"{\"type\":\"droit\",\"fields\":{\"nature\":\"RSA\",\"origine\":\"API\"}}", "droit.*",
         "\"fields\":{\"origine\":\"API\"}"},
        {"{\"type\":\"droit\",\"fields\":{\"nature\":\"RSA\"}}", "droit.nature",
         "\"fields\":{\"nature\":\"RSA\"}"},
        {"{\"type\":\"droit\",\"refs\":{\"personne\":\"0a\"},\"fields\":{}}", "droit.*", "\"fields\":{}"},
        {"{\"type\":\"personne\",\"fields\":{},\"ext\":{\"f\":{\"x\":\"1\"}}}", "personne.*", "\"fields\":{}"},
        {"{\"type\":\"personne\",\"fields\":{},\"ext\":{\"f\":{\"x\":\"1\"}}}", "personne.ext",
         "\"fields\":{},\"ext\":{\"f\":{\"x\":\"1\"}}"},
    };
    static const uint8_t key[STORE_KEY] = {0xab};
    static const char head[] = ",\"id\":\"ab000000000000000000000000000000\",\"record\":5,";
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct gw_str field = {cases[i].fields, strlen(cases[i].fields)};
        struct lines_filter filter = {&field, 1};
        struct buf out;
        char expected[512];
        bool given;

        buf_init(&out, 65536);
        given = line_rebuild(&f->lines, (struct gw_str){cases[i].payload, strlen(cases[i].payload)}, key,
                             (struct gw_str){NULL, 0}, 5, &filter, &out);
        assert_int_equal(given, cases[i].expected != NULL);
        if (given) {
            const char *type = strchr(cases[i].payload, ',');

            (void)snprintf(expected, sizeof(expected), "%.*s%s%s}\n", (int)(type - cases[i].payload),
                           cases[i].payload, head, cases[i].expected);
            assert_string_equal(out.data, expected);
        }
        buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys),      cmocka_unit_test(nobody), cmocka_unit_test(parts),       cmocka_unit_test(payloads),
        cmocka_unit_test(strangers), cmocka_unit_test(records_end), cmocka_unit_test(filters),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
