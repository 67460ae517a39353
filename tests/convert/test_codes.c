/* SPDX-License-Identifier: EUPL-1.2 */
/* Code lists: directions, dates, conditions, else, what is ambiguous, what is lost, what is missing. */
#include "support/unit.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "convert/fixture.h"

#define HEAD "native;pivot;label;from;to;use;when\n"

static const struct {
    const char *name, *text;
} lists[] = {
    {"plain", "native;pivot\nM;HOMME\nF;FEMME\n"},
    {"same", "native;label\nEUR;Euro\n\"A;B\";\"said \"\"so\"\"\"\n"},
    {"ways", HEAD "demandeur;DEMANDEUR;;;;;\ndem;DEMANDEUR;;;;read;\nCONJOINT(E);CONJOINT;;;;read;\nconjoint;"
                  "CONJOINT;;;;;\n"},
    {"merge", HEAD "1;99100;FRANCE;;;write;\n2;99101;DANEMARK;;;write;\n2;99104;SUEDE;;;write;\n"},
    {"dated", HEAD
     "69123;;LYON;1900-01-01;1999-12-31;;\n69123;;LYON;2000-01-01;2010-02-16;;\n2B033;;BASTIA;2007-01-01;;;\n"},
    {"turn", HEAD "1;OLD;;;2020-06-30;;\n1;NEW;;2020-07-01;;;\n2;OLD;;2020-07-01;;;\n"},
    {"when", HEAD "3;EI;;;;;milieu=DC\n6;EI;;;;;milieu=MP\n4;ETTI;;;;;\n"},
    {"first", HEAD "9;SPECIAL;;;;read;milieu=DC\n9;COMMON;;;;;\n"},
    /* as it comes: out of order, quoted, beyond ASCII, both line ends, no last one */
    {"mixed", HEAD
     "M;DELTA;;;;;\r\nB;ALPHA;;;2019-12-31;;\n\"A\";BETA;;;;;\n\xc3\x89;\xc3\xa9;;;;;\nB;GAMMA;;2020-01-01;;;\n"
     "AVERYLONGNATIVE;Z;;;;;"},
    {"disorder", HEAD "02;;;;;;\n01;;;2020-01-01;;;\n03;;;2020-01-01;;;\n01;;;;2019-12-31;;\n"},
};

static const struct {
    const char *as;
    char way;
    const char *in, *day, *holding, *out, *said;
} rows[] = {
    {"code(plain)", 'r', "M", NULL, NULL, "HOMME", NULL},
    {"code(plain)", 'w', "FEMME", NULL, NULL, "F", NULL},
    {"code(plain)", 'r', "m", NULL, NULL, "(mapping.code)", NULL},
    {"code(plain)", 'r', "HOMME", NULL, NULL, "(mapping.code)", NULL},
    {"code(plain)", 'w', "M", NULL, NULL, "(mapping.code)", NULL},
    {"code(plain,else=nil)", 'r', "X", NULL, NULL, NULL, "mapping.else"},
    {"code(plain,else=nil)", 'w', "AUTRE", NULL, NULL, NULL, "mapping.else"},
    {"code(plain,else=AUTRE)", 'r', "X", NULL, NULL, "AUTRE", "mapping.else"},
    {"code(plain,else=AUTRE)", 'w', "AUTRE", NULL, NULL, "(mapping.code)", NULL},
    {"code(same)", 'r', "EUR", NULL, NULL, "EUR", NULL},
    {"code(same)", 'w', "A;B", NULL, NULL, "A;B", NULL},
    {"code(ways)", 'r', "dem", NULL, NULL, "DEMANDEUR", NULL},
    {"code(ways)", 'w', "DEMANDEUR", NULL, NULL, "demandeur", NULL},
    {"code(ways)", 'w', "CONJOINT", NULL, NULL, "conjoint", NULL},
    {"code(merge)", 'w', "99104", NULL, NULL, "2", NULL},
    {"code(merge)", 'r', "2", NULL, NULL, "(mapping.code)", NULL},
    {"code(dated,at=naissance)", 'r', "69123", "1980-05-05", NULL, "69123", NULL},
    {"code(dated,at=naissance)", 'r', "69123", "2010-02-16", NULL, "69123", NULL},
    {"code(dated,at=naissance)", 'r', "69123", "2010-02-17", NULL, "(mapping.code)", NULL},
    {"code(dated,at=naissance)", 'r', "69123", "1899-12-31", NULL, "(mapping.code)", NULL},
    {"code(dated,at=naissance)", 'r', "69123", NULL, NULL, "69123", NULL},
    {"code(dated)", 'r', "69123", NULL, NULL, "(mapping.code)", NULL}, /* $date is 2026-07-09 */
    {"code(dated,at=$date)", 'r', "2B033", NULL, NULL, "2B033", NULL},
    {"code(turn,at=naissance)", 'r', "1", "2020-06-30", NULL, "OLD", NULL},
    {"code(turn,at=naissance)", 'r', "1", "2020-07-01", NULL, "NEW", NULL},
    {"code(turn,at=naissance)", 'w', "OLD", "2020-06-30T10:00:00", NULL, "1", NULL},
    {"code(turn,at=naissance)", 'w', "OLD", "2020-07-01", NULL, "2", NULL},
    {"code(when)", 'w', "EI", NULL, "milieu=DC", "3", NULL},
    {"code(when)", 'w', "EI", NULL, "milieu=MP", "6", NULL},
    {"code(when)", 'w', "EI", NULL, NULL, "(mapping.code)", NULL},
    {"code(when)", 'r', "6", NULL, "milieu=DC", "(mapping.code)", NULL},
    {"code(first)", 'r', "9", NULL, "milieu=DC", "SPECIAL", NULL},
    {"code(first)", 'r', "9", NULL, NULL, "COMMON", NULL},
    {"code(mixed)", 'r', "A", NULL, NULL, "BETA", NULL},
    {"code(mixed)", 'r', "M", NULL, NULL, "DELTA", NULL},
    {"code(mixed)", 'r', "\xc3\x89", NULL, NULL, "\xc3\xa9", NULL},
    {"code(mixed)", 'r', "AVERYLONGNATIVE", NULL, NULL, "Z", NULL},
    {"code(mixed)", 'w', "Z", NULL, NULL, "AVERYLONGNATIVE", NULL},
    {"code(mixed)", 'w', "ALPHA", "2019-06-01", NULL, "(mapping.code)", NULL}, /* $date is 2026-07-09 */
    {"code(mixed,at=naissance)", 'r', "B", "2019-06-01", NULL, "ALPHA", NULL},
    {"code(mixed,at=naissance)", 'r', "B", "2020-01-01", NULL, "GAMMA", NULL},
    {"code(mixed,at=naissance)", 'w', "GAMMA", "2020-01-01", NULL, "B", NULL},
    {"code(mixed,at=naissance)", 'r', "ALPHA", "2020-01-01", NULL, "(mapping.code)", NULL},
    {"code(disorder,at=naissance)", 'r', "01", "2019-12-31", NULL, "01", NULL},
    {"code(disorder,at=naissance)", 'w', "03", "2019-12-31", NULL, "(mapping.code)", NULL},
    {"code(disorder,at=naissance)", 'w', "02", "1999-12-31", NULL, "02", NULL},
};

static void init(struct fixture *f)
{
    fixture_init(f);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        fixture_list(f, lists[i].name, lists[i].text);
}

static void test_rows(void **state)
{
    struct fixture f;

    (void)state;
    init(&f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct convs convs;
        const char *code, *got;

        if (!fixture_compile(&f, rows[i].as, &convs, &code))
            fail_msg("%s: %s", rows[i].as, code);
        f.day = rows[i].day;
        f.holding = rows[i].holding;
        got = rows[i].way == 'r' ? fixture_read(&f, &convs, NULL, rows[i].in)
                                 : fixture_write(&f, &convs, rows[i].in);
        if ((got == NULL) != (rows[i].out == NULL) || (got && strcmp(got, rows[i].out) != 0))
            fail_msg("%s %c %s: %s, not %s", rows[i].as, rows[i].way, rows[i].in, got, rows[i].out);
        if (rows[i].said)
            assert_string_equal(f.c.code, rows[i].said);
    }
    assert_int_equal(f.told.count, 0);
    fixture_done(&f);
}

static const struct {
    const char *list;
    enum gw_loss loss;
} losses[] = {
    {"plain", GW_EXACT}, {"same", GW_EXACT},     {"ways", GW_NORMALISES}, {"merge", GW_LOSSY},
    {"dated", GW_EXACT}, {"turn", GW_EXACT},     {"when", GW_EXACT},      {"first", GW_LOSSY},
    {"mixed", GW_EXACT}, {"disorder", GW_EXACT},
};

static void test_losses(void **state)
{
    const struct codes *codes;
    struct convs convs;
    struct fixture f;
    const char *code;

    (void)state;
    init(&f);
    for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
        assert_int_equal(codes_load(&f.env, str_of(losses[i].list), &codes), GW_OK);
        if (codes_loss(codes, NULL) != losses[i].loss)
            fail_msg("%s: %d", losses[i].list, codes_loss(codes, NULL));
    }
    assert_true(fixture_compile(&f, "code(plain,else=nil)", &convs, &code));
    assert_int_equal(convs_loss(&convs), GW_LOSSY);
    assert_true(fixture_compile(&f, "code(ways)", &convs, &code));
    assert_int_equal(convs_loss(&convs), GW_NORMALISES);
    fixture_done(&f);
}

/* The last cell: NULL when the list is good. */
static const struct {
    const char *text, *code;
    uint32_t line;
} bad[] = {
    {HEAD "1;A;;;;;\n2;A;;;;;\n", "mapping.ambiguous", 3}, /* two writable for A */
    {HEAD "1;A;;;;;\n1;B;;;;;\n", "mapping.ambiguous", 3}, /* two readable for 1 */
    {HEAD "1;A;;;;;\n2;A;;;;read;\n", NULL, 0},
    {HEAD "1;A;;;;;\n1;B;;;;write;\n", NULL, 0},
    {HEAD "1;A;;;2019-12-31;;\n1;B;;2020-01-01;;;\n", NULL, 0},
    {HEAD "1;A;;;2020-01-01;;\n1;B;;2020-01-01;;;\n", "mapping.ambiguous", 3},
    {HEAD "1;A;;;;;x=1\n1;B;;;;;x=2\n", NULL, 0},
    {HEAD "1;A;;;;;x=1\n1;B;;;;;\n", NULL, 0},
    {HEAD "1;A;;;;;x=1\n1;B;;;;;x=1\n", "mapping.ambiguous", 3},
    {HEAD "1;A;one;;;;\n1;A;two;;;;\n", NULL, 0},                              /* they answer alike */
    {HEAD "1;A;;2020-01-01;;;\n1;B;;2020-01-01;;;\n", "mapping.ambiguous", 3}, /* they end alike */
    {HEAD "1;A;;2020-01-01;2020-12-31;;\n2;C;;2020-01-01;2020-12-31;;\n1;B;;2020-12-31;;;\n",
     "mapping.ambiguous", 4},
    {HEAD "3;C;;;;;\n1;A;;;;;\n2;B;;;;;\n1;D;;;;;\n", "mapping.ambiguous", 5}, /* out of order */
    {HEAD "3;C;;;;;\n1;A;;;;;\n2;A;;;;;\n", "mapping.ambiguous", 4},
    {HEAD "1;A;;;;;\r\n\r\n\"1\";B;;;;;", "mapping.ambiguous", 4},
    {HEAD "\xc3\xa9;A;;;;;\n\xc3\xa9;B;;;;;\n", "mapping.ambiguous", 3},
    {HEAD "1;;;2020-01-01;;;\n1;;;2020-01-01;;;\n", NULL, 0},
    {HEAD "1;A;;2020-02-30;;;\n2;B;;2020-02-30;;;\n", "codes.date", 2},
    {HEAD "1;A;;2020-02-30;;;\n", "codes.date", 2},
    {HEAD "1;A;;01/01/2020;;;\n", "codes.date", 2},
    {HEAD "1;A;;;;both;\n", "codes.use", 2},
    {HEAD ";A;;;;;\n", "codes.native", 2},
    {HEAD "1;A\n", "codes.cells", 2},
    {HEAD "1;A;;;;;nonsense\n", "mapping.condition", 2},
    {"code;label\n1;A\n", "codes.header", 1},
    {"", "codes.header", 0},
};

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct codes *codes;
        struct fixture f;
        enum gw_result r;

        fixture_init(&f);
        fixture_list(&f, "bad", bad[i].text);
        r = codes_load(&f.env, GW_STR("bad"), &codes);
        if ((r == GW_OK) != (bad[i].code == NULL))
            fail_msg("row %zu: result %d, %s", i, r, f.told.diags[0].code);
        if (bad[i].code) {
            if (strcmp(f.told.diags[0].code, bad[i].code) != 0 || f.told.diags[0].line != bad[i].line)
                fail_msg("row %zu: %s, line %u", i, f.told.diags[0].code, f.told.diags[0].line);
        }
        fixture_done(&f);
    }
}

static void test_missing(void **state)
{
    const struct codes *codes;
    struct convs convs;
    struct gw_entry entry;
    struct fixture f;
    const char *code;

    (void)state;
    fixture_init(&f);
    fixture_list(&f, "sources", "list;source;date\nnot-there;somewhere;2026-01-01\n");
    /* named, not installed: once a warning, and texts pass */
    assert_true(fixture_compile(&f, "code(not-there)", &convs, &code));
    assert_true(fixture_compile(&f, "code(not-there,at=naissance)", &convs, &code));
    assert_int_equal(f.told.count, 1);
    assert_string_equal(f.told.diags[0].code, "mapping.list_absent");
    assert_int_equal(f.told.diags[0].severity, GW_WARNING);
    assert_string_equal(fixture_read(&f, &convs, NULL, "75056"), "75056");
    assert_string_equal(fixture_write(&f, &convs, "75056"), "75056");
    assert_int_equal(codes_lookup(&f.env, GW_STR("not-there"), GW_STR("1"), (struct gw_str){NULL, 0}, &entry),
                     GW_NO_LIST);
    /* nobody knows it */
    assert_false(fixture_compile(&f, "code(misspelt)", &convs, &code));
    assert_string_equal(code, "mapping.list");
    assert_int_equal(codes_load(&f.env, GW_STR("misspelt"), &codes), GW_FAIL);
    assert_int_equal(codes_load(&f.env, GW_STR("../sources"), &codes), GW_FAIL);
    assert_false(fixture_compile(&f, "code(sources,at=unknown)", &convs, &code));
    fixture_done(&f);
}

/* Whether or not the folder says what could be there: a name that nobody knows is a slip. */
static void test_unknown_without_sources(void **state)
{
    struct gw_str any = {NULL, 0};
    struct convs convs;
    struct gw_entry entry;
    struct fixture f;
    const char *code;

    (void)state;
    fixture_init(&f);
    assert_false(fixture_compile(&f, "code(misspelt)", &convs, &code));
    assert_string_equal(code, "mapping.list");
    f.env.nomenclatures = GW_STR("/no/such/folder");
    assert_false(fixture_compile(&f, "code(misspelt)", &convs, &code));
    assert_string_equal(code, "mapping.list");
    f.env.nomenclatures = any;
    assert_false(fixture_compile(&f, "code(misspelt)", &convs, &code));
    assert_string_equal(code, "mapping.list");
    assert_int_equal(f.told.count, 0);
    /* a rules plugin knows its lists: not installed, said once */
    assert_int_equal(codes_lookup(&f.env, GW_STR("streets"), GW_STR("1"), any, &entry), GW_NO_LIST);
    assert_int_equal(codes_lookup(&f.env, GW_STR("streets"), GW_STR("2"), any, &entry), GW_NO_LIST);
    assert_int_equal(f.told.count, 1);
    assert_string_equal(f.told.diags[0].code, "mapping.list_absent");
    fixture_done(&f);
}

static void test_lookup(void **state)
{
    struct gw_str today = GW_STR("2026-07-09"), any = {NULL, 0};
    struct gw_entry e;
    struct fixture f;

    (void)state;
    init(&f);
    assert_int_equal(codes_lookup(&f.env, GW_STR("dated"), GW_STR("2B033"), today, &e), GW_FOUND);
    assert_true(str_is(e.native, "2B033") && str_is(e.pivot, "2B033") && str_is(e.label, "BASTIA"));
    assert_int_equal(codes_lookup(&f.env, GW_STR("dated"), GW_STR("69123"), today, &e), GW_NOT_THEN);
    assert_int_equal(codes_lookup(&f.env, GW_STR("dated"), GW_STR("69123"), any, &e), GW_FOUND);
    assert_int_equal(codes_lookup(&f.env, GW_STR("dated"), GW_STR("00000"), any, &e), GW_NOT_FOUND);
    assert_int_equal(codes_lookup(&f.env, GW_STR("same"), GW_STR("A;B"), any, &e), GW_FOUND);
    assert_true(str_is(e.label, "said \"so\""));
    fixture_done(&f);
}

static void count_code(void *to, struct gw_str code)
{
    (void)code;
    ++*(size_t *)to;
}

static void test_rows_of(void **state)
{
    static const struct gw_str pivots[] = {GW_STR_INIT("CONJOINT"), GW_STR_INIT("DEMANDEUR"),
                                           GW_STR_INIT("ENFANT")};
    struct pivot_codes closed = {.name = GW_STR_INIT("role"), .codes = pivots, .count = 3};
    struct field field = {.type = FIELD_CODE, .codes = &closed};
    const struct codes *codes;
    const struct code_row *row;
    struct fixture f;
    size_t unwritable = 0, seen = 0;

    (void)state;
    init(&f);
    assert_int_equal(codes_load(&f.env, GW_STR("ways"), &codes), GW_OK);
    codes_unwritable(codes, &field, count_code, &unwritable);
    assert_int_equal(unwritable, 1);
    assert_int_equal(codes_count(codes), 4);
    for (size_t i = 0; i < 4; i++) {
        row = codes_row(codes, i);
        seen += str_is(row->native, "dem") && str_is(row->pivot, "DEMANDEUR") && row->use == USE_READ;
    }
    assert_int_equal(seen, 1);
    assert_int_equal(codes_load(&f.env, GW_STR("dated"), &codes), GW_OK);
    for (size_t i = 0; i < codes_count(codes); i++) {
        row = codes_row(codes, i);
        if (str_is(row->native, "69123") && str_is(row->from, "2000-01-01")) {
            assert_true(str_is(row->to, "2010-02-16") && str_is(row->label, "LYON"));
            seen++;
        }
    }
    assert_int_equal(seen, 2);
    fixture_done(&f);
}

/* 76 777 lines: the memory and the time that were promised, and each line found again. */
static void test_large(void **state)
{
    enum { LINES = 76777 };
    struct gw_str day = GW_STR("1980-05-05");
    const struct codes *codes;
    struct timespec from, to;
    struct gw_entry e;
    struct fixture f;
    size_t before, used;
    char path[512], native[16];
    FILE *file;

    (void)state;
    fixture_init(&f);
    snprintf(path, sizeof(path), "%s/large.csv", f.folder);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(HEAD, file);
    for (int i = 0; i < LINES; i++)
        fprintf(file, "%05d;;NAME OF PLACE %d;%s;%s;;\n", 1000 + i / 2, i, i % 2 ? "1900-01-01" : "2000-01-01",
                i % 2 ? "1999-12-31" : "");
    fclose(file);
    before = arena_mark(&f.stream);
    clock_gettime(CLOCK_MONOTONIC, &from);
    assert_int_equal(codes_load(&f.env, GW_STR("large"), &codes), GW_OK);
    clock_gettime(CLOCK_MONOTONIC, &to);
    used = arena_mark(&f.stream) - before;
    print_message("%zu bytes, %.1f ms\n", used,
                  (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6);
    assert_true(used <= (size_t)3 << 20);
    assert_int_equal(codes_count(codes), LINES);
    for (int i = 0; i + 1 < LINES; i += 2) {
        snprintf(native, sizeof(native), "%05d", 1000 + i / 2);
        assert_int_equal(codes_lookup(&f.env, GW_STR("large"), str_of(native), day, &e), GW_FOUND);
        assert_true(str_is(e.native, native));
    }
    assert_int_equal(codes_lookup(&f.env, GW_STR("large"), GW_STR("99999"), day, &e), GW_NOT_FOUND);
    fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_losses),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_unknown_without_sources),
        cmocka_unit_test(test_lookup),
        cmocka_unit_test(test_rows_of),
        cmocka_unit_test(test_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
