/* SPDX-License-Identifier: EUPL-1.2 */
/* Each converter by rows: what it reads, what it writes, what it refuses and with which code. */
#include "support/unit.h"

#include "convert/fixture.h"

#define ABSENT NULL

struct row {
    const char *as;
    char way; /* r, w */
    const char *in, *out;
    const char *said; /* with the value taken; NULL nothing */
};

static const struct row rows[] = {
    /* text */
    {"text", 'r', "abc", "abc", NULL},
    {"text", 'r', "", ABSENT, NULL},
    {"text", 'r', " \t ", ABSENT, NULL},
    {"text(3)", 'r', "abc", "abc", NULL},
    {"text(3)", 'r', "\xc3\xa9\xc3\xa8\xc3\xa0", "\xc3\xa9\xc3\xa8\xc3\xa0", NULL},
    {"text(3)", 'r', "abcd", "(mapping.long)", NULL},
    {"text(3)", 'w', "\xc3\xa9\xc3\xa8\xc3\xa0\xc3\xa9", "(mapping.long)", NULL},
    {"text(3)", 'w', ABSENT, ABSENT, NULL},
    /* pad */
    {"pad(10,0)", 'r', "0001675.00", "1675.00", NULL},
    {"pad(10,0)", 'r', "0000000.00", "0.00", NULL},
    {"pad(10,0)", 'r', "0000000000", "0", NULL},
    {"pad(10,0)", 'w', "1675.00", "0001675.00", NULL},
    {"pad(10,0)", 'r', "-000012.50", "-12.50", NULL},
    {"pad(10,0)", 'w', "-12.50", "-000012.50", NULL},
    {"pad(3,0)", 'w', "1234", "(mapping.long)", NULL},
    {"pad(3,0)", 'w', "2A", "02A", NULL},
    {"pad(3,0)", 'w', "012", "(mapping.convert)", NULL},
    {"pad(3,0) > cut(2)", 'w', "01004", "001", NULL},
    {"pad(15,0,right,7)", 'r', "123450000000000", "1234500", NULL},
    {"pad(15,0,right,7)", 'r', "123456789000000", "123456789", NULL},
    {"pad(15,0,right,7)", 'w', "1234500", "123450000000000", NULL},
    {"pad(15,0,right,7)", 'w', "12345670", "(mapping.convert)", NULL},
    {"pad(15,0,right,7)", 'w', "12345", "(mapping.convert)", NULL},
    {"pad(4,' ',right)", 'r', "CG  ", "CG", NULL},
    {"pad(4,' ',right)", 'w', "CG", "CG  ", NULL},
    {"pad(5,0,left,5)", 'r', "01000", "01000", NULL},
    {"pad(5,0,left,5)", 'r', "1000", "01000", NULL},
    {"pad(5,0,left,5)", 'w', "01000", "01000", NULL},
    {"pad(0,0,left,7)", 'r', "12345", "0012345", NULL},
    {"pad(0,0,left,7)", 'r', "123456789", "123456789", NULL},
    {"pad(0,0,left,7)", 'w', "0012345", "0012345", NULL},
    {"pad(6,_)", 'r', "____ab", "ab", NULL},
    {"pad(6,_)", 'w', "ab", "____ab", NULL},
    {"pad(6,_)", 'w', "(ab", "(mapping.convert)", NULL},
    {"pad(6,' ')", 'r', "   (a)", "(a)", NULL},
    {"pad(4,0)", 'w', "\xc3\xa9", "000\xc3\xa9", NULL},
    /* int, decimal */
    {"int", 'r', "007", "7", NULL},
    {"int", 'r', "-007", "-7", NULL},
    {"int", 'r', "-0", "0", NULL},
    {"int", 'r', "000", "0", NULL},
    {"int", 'r', "12345678901234567890123", "12345678901234567890123", NULL},
    {"int", 'r', "1.0", "(mapping.convert)", NULL},
    {"int", 'r', "+1", "(mapping.convert)", NULL},
    {"int", 'r', "-", "(mapping.convert)", NULL},
    {"int", 'w', "42", "42", NULL},
    {"pad(3,0) > int", 'r', "000", "0", NULL},
    {"pad(3,0) > int", 'w', "0", "000", NULL},
    {"decimal(2)", 'r', "1675.00", "1675.00", NULL},
    {"decimal(2)", 'r', "0001675.5", "1675.5", NULL},
    {"decimal(2)", 'r', "-0001.5", "-1.5", NULL},
    {"decimal(2)", 'r', "-0.00", "0.00", NULL},
    {"decimal(2)", 'r', "1.005", "(mapping.decimals)", NULL},
    {"decimal(2)", 'r', "1,5", "(mapping.convert)", NULL},
    {"decimal(2)", 'r', ".5", "(mapping.convert)", NULL},
    {"decimal(2)", 'r', "5.", "(mapping.convert)", NULL},
    {"decimal(2)", 'r', "1e3", "(mapping.convert)", NULL},
    {"decimal > between(0.01,1)", 'r', "0.01", "0.01", NULL},
    {"decimal > between(0.01,1)", 'r', "1.00", "1.00", NULL},
    {"decimal > between(0.01,1)", 'r', "0.009", "(mapping.bounds)", NULL},
    {"decimal > between(0.01,1)", 'r', "-1", "(mapping.bounds)", NULL},
    {"decimal > between(0.01,1)", 'w', "80", "(mapping.bounds)", NULL},
    {"decimal > between(0.01,1)", 'w', "0.5", "0.5", NULL},
    {"decimal(,comma) > between(-2,10)", 'r', "-1,5", "-1.5", NULL},
    {"int > between(1,12)", 'r', "13", "(mapping.bounds)", NULL},
    {"between(1,12)", 'r', "mai", "(mapping.convert)", NULL},
    {"decimal(2)", 'w', "1675", "1675.00", NULL},
    {"decimal(2)", 'w', "1675.5", "1675.50", NULL},
    {"decimal(2)", 'w', "1675.500", "1675.50", NULL},
    {"decimal(2)", 'w', "1.005", "(mapping.decimals)", NULL},
    {"decimal(0)", 'w', "12.00", "12", NULL},
    {"decimal(0)", 'w', "12.50", "(mapping.decimals)", NULL},
    {"decimal(0)", 'r', "12", "12", NULL},
    {"decimal(2,comma)", 'r', "12345,67", "12345.67", NULL},
    {"decimal(2,comma)", 'w', "12345.6", "12345,60", NULL},
    {"decimal(,comma)", 'w', "-0.5", "-0,5", NULL},
    {"decimal", 'w', "12.50", "12.5", NULL},
    {"decimal", 'w', "12.00", "12", NULL},
    {"decimal", 'w', "12345678901234567890.10", "12345678901234567890.1", NULL},
    {"pad(10,0) > decimal(2)", 'r', "0001675.00", "1675.00", NULL},
    {"pad(10,0) > decimal(2)", 'r', "0000000.00", "0.00", NULL},
    {"pad(10,0) > decimal(2)", 'w', "0.00", "0000000.00", NULL},
    {"pad(10,0) > decimal(2)", 'w', "-3.1", "-000003.10", NULL},
    {"none('0,0') > decimal(2,comma)", 'r', "0,0", ABSENT, NULL},
    {"none('0,0') > decimal(2,comma)", 'w', ABSENT, "0,0", NULL},
    /* dates */
    {"date", 'r', "2024-02-29", "2024-02-29", NULL},
    {"date", 'r', "2023-02-29", "(mapping.date)", NULL},
    {"date", 'r', "2024-2-9", "(mapping.convert)", NULL},
    {"date", 'r', "2024-02-29x", "(mapping.convert)", NULL},
    {"date(DD/MM/YYYY)", 'r', "09/07/2026", "2026-07-09", NULL},
    {"date(DD/MM/YYYY)", 'r', "31/04/2026", "(mapping.date)", NULL},
    {"date(DD/MM/YYYY)", 'r', "00/01/2026", "(mapping.date)", NULL},
    {"date(DD/MM/YYYY)", 'r', "2026-07-09", "(mapping.convert)", NULL},
    {"date(DD/MM/YYYY)", 'w', "2026-07-09", "09/07/2026", NULL},
    {"date(DDMMYYYY)", 'w', "1999-12-31", "31121999", NULL},
    {"date(DD/MM/YYYY|YYYY-MM-DD|excel)", 'r', "2026-07-09", "2026-07-09", NULL},
    {"date(DD/MM/YYYY|YYYY-MM-DD|excel)", 'r', "45658", "2025-01-01", NULL},
    {"date(DD/MM/YYYY|YYYY-MM-DD|excel)", 'r', "00061", "1900-03-01", NULL},
    {"date(DD/MM/YYYY|YYYY-MM-DD|excel)", 'r', "36586", "2000-03-01", NULL},
    {"date(DD/MM/YYYY|YYYY-MM-DD|excel)", 'r', "36585", "2000-02-29", NULL},
    {"date(DD/MM/YYYY|YYYY-MM-DD|excel)", 'w', "2025-01-01", "01/01/2025", NULL},
    {"date(DD/MM/YYYY|MM/DD/YYYY)", 'r', "12/31/2025", "2025-12-31", NULL},
    {"date(YYYY-MM-DDTHH:mm:ss)", 'r', "2025-12-31T23:59:59", "2025-12-31", NULL},
    {"date(YYYY-MM-DDTHH:mm:ss)", 'w', "2025-12-31", "2025-12-31T00:00:00", NULL},
    {"datetime", 'r', "2026-07-09T10:11:12", "2026-07-09T10:11:12", NULL},
    {"datetime", 'r', "2026-07-09T10:11:12+02:00", "2026-07-09T10:11:12+02:00", NULL},
    {"datetime", 'r', "2026-07-09T10:11:12+0200", "2026-07-09T10:11:12+02:00", NULL},
    {"datetime", 'r', "2026-07-09T10:11:12.345Z", "2026-07-09T10:11:12.345Z", NULL},
    {"datetime", 'r', "2026-07-09T24:11:12", "(mapping.date)", NULL},
    {"datetime", 'r', "2026-07-09T10:11:12 Paris", "(mapping.convert)", NULL},
    {"datetime", 'w', "2026-07-09T10:11:12+02:00", "2026-07-09T10:11:12+02:00", NULL},
    {"datetime(DDMMYYYY_HHmmss)", 'r', "07022022_063004", "2022-02-07T06:30:04", NULL},
    {"datetime(DDMMYYYY_HHmmss)", 'w', "2022-02-07T06:30:04", "07022022_063004", NULL},
    {"datetime(DDMMYYYY_HHmmss)", 'w', "2022-02-07T06:30:04+02:00", "(mapping.convert)", NULL},
    {"datetime(YYYYMMDD)", 'r', "20220207", "2022-02-07T00:00:00", NULL},
    {"datetime(YYYYMMDD)", 'w', "2022-02-07T00:00:00", "20220207", NULL},
    {"datetime(YYYYMMDD)", 'w', "2022-02-07T00:00:01", "(mapping.convert)", NULL},
    {"month(01MMYYYY)", 'r', "01072026", "2026-07", NULL},
    {"month(01MMYYYY)", 'w', "2026-07", "01072026", NULL},
    {"month(YYYY-MM-01)", 'r', "2026-07-02", "(mapping.convert)", NULL},
    {"month", 'r', "2026-13", "(mapping.date)", NULL},
    {"time(HH:mm:ss.ffff)", 'r', "10:11:12.0000", "10:11:12", NULL},
    {"time(HH:mm:ss.ffff)", 'w', "10:11:12", "10:11:12.0000", NULL},
    {"time(HH:mm)", 'w', "10:11", "10:11", NULL},
    {"time(HH:mm)", 'w', "10:11:12", "(mapping.convert)", NULL},
    {"time", 'r', "10:11", "10:11", NULL},
    {"time", 'w', "10:11", "10:11", NULL},
    {"time", 'r', "10:61", "(mapping.date)", NULL},
    {"time(HH:mm)", 'r', "35:00", "35:00", NULL}, /* hours a week */
    {"now", 'r', "as it came", "as it came", NULL},
    {"now", 'w', ABSENT, "2026-07-10T11:12:13", NULL},
    {"now(DD/MM/YYYY HH:mm)", 'w', "kept", "10/07/2026 11:12", NULL},
    /* bool */
    {"bool", 'r', "true", "true", NULL},
    {"bool", 'r', "1", "(mapping.convert)", NULL},
    {"bool", 'w', "false", "false", NULL},
    {"bool(1|true,0|false)", 'r', "true", "true", NULL},
    {"bool(1|true,0|false)", 'r', "0", "false", NULL},
    {"bool(1|true,0|false)", 'w', "false", "0", NULL},
    {"bool(1|true,0|false)", 'r', "oui", "(mapping.convert)", NULL},
    {"bool(oui,*)", 'r', "whatever", "false", NULL},
    {"bool(oui,*)", 'r', "oui", "true", NULL},
    {"bool(oui,*)", 'w', "false", "(mapping.convert)", NULL},
    /* none, default */
    {"none(INCONNU) > text(3)", 'r', "INCONNU", ABSENT, NULL},
    {"none(INCONNU)", 'w', ABSENT, "INCONNU", NULL},
    {"none(INCONNU)", 'w', "INCONNU", "(mapping.convert)", NULL},
    {"none('',Non)", 'r', "Non", ABSENT, NULL},
    {"none('',Non)", 'w', ABSENT, "", NULL},
    {"none('',Non)", 'w', "x", "x", NULL},
    {"default(FR)", 'r', "", "FR", NULL},
    {"default(FR)", 'r', "BE", "BE", NULL},
    {"default(FR)", 'w', "FR", "FR", NULL},
    /* fold, cut, drop, fits */
    {"fold(ascii,upper)", 'w',
     "L\xc3\xa9"
     "a-Ma\xc3\xab",
     "LEA-MAE", NULL},
    {"fold(ascii)", 'w', "\xc5\x93uvre", "oeuvre", NULL},
    {"fold(ascii)", 'r', "\xc5\x93uvre", "\xc5\x93uvre", NULL},
    {"fold(ascii)", 'w', "a\xd0\x96", "a", "mapping.fold"},
    {"fold(upper)", 'w',
     "h\xc3\xa9l\xc3\xa8ne \xc5\x93uf stra\xc3\x9f"
     "e",
     "H\xc3\x89L\xc3\x88NE \xc5\x92UF STRASSE", NULL},
    {"fold(lower)", 'w', "H\xc3\x89L\xc3\x88NE", "h\xc3\xa9l\xc3\xa8ne", NULL},
    {"fold(sepa)", 'w', "Caf\xc3\xa9 & Cie_2 @", "Cafe + Cie-2 .", NULL},
    {"cut(3)", 'w', "97105", "971", NULL},
    {"cut(3)", 'r', "97105", "97105", NULL},
    {"cut(4)", 'w', "abc def", "abc", NULL},
    {"cut(10,word)", 'w', "JEAN PAUL MARIE", "JEAN PAUL", NULL},
    {"cut(9,word)", 'w', "JEAN PAUL MARIE", "JEAN PAUL", NULL},
    {"cut(4,word)", 'w', "MAXIMILIENNE", "MAXI", NULL},
    {"cut(2)", 'w', "\xc3\xa9\xc3\xa8\xc3\xa0", "\xc3\xa9\xc3\xa8", NULL},
    {"drop('()')", 'w', "BOIS (DU)", "BOIS DU", NULL},
    {"drop('()')", 'w', "()", ABSENT, NULL},
    {"drop(' ','-')", 'w', "Jean Pierre Marie", "Jean-Pierre-Marie", NULL},
    {"drop('\xc3\xa9','e')", 'w', "\xc3\xa9t\xc3\xa9", "ete", NULL},
    {"drop(' ','-')", 'r', "Jean Pierre", "Jean Pierre", NULL},
    {"drop('()')", 'r', "BOIS (DU)", "BOIS (DU)", NULL},
    {"drop('\xc3\xa9')", 'w', "\xc3\xa9t\xc3\xa8", "t\xc3\xa8", NULL},
    {"fits('a-zA-Z0-9@ ',32)", 'w', "Bat 3", "Bat 3", NULL},
    {"fits('a-zA-Z0-9@ ',32)", 'w', "B\xc3\xa2t 3", ABSENT, "mapping.fits"},
    {"fits('a-zA-Z0-9@ ',5)", 'w', "Bat 33", ABSENT, "mapping.fits"},
    {"fits('a-z\xc3\xa0-\xc3\xbf',5)", 'w', "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9", NULL},
    {"fits('a-zA-Z0-9@ ',32)", 'r', "B\xc3\xa2t 3", "B\xc3\xa2t 3", NULL},
    {"text(32) > drop('()') > fold(ascii)", 'w', "H\xc3\xb4pital (vieil)", "Hopital vieil", NULL},
    /* find */
    {"find([0-9a-f]{5})", 'r', "id 12 attendu : 0a1b2c3", "0a1b2", NULL},
    {"find([0-9]+)", 'r', "abc", ABSENT, NULL},
    {"find([0-9]+)", 'r', "ab 12 cd 345", "12", NULL},
    {"find(^[0-9]+)", 'r', "ab 12", ABSENT, NULL},
    {"find([0-9]+$)", 'r', "12 ab 345", "345", NULL},
    {"find(a.?b)", 'r',
     "axxb a\xc3\xa9"
     "b",
     "a\xc3\xa9"
     "b",
     NULL},
    {"find([^ ]*)", 'r', "mot autre", "mot", NULL},
    {"find(a*ab)", 'r', "caaab", "aaab", NULL},
    {"find(\\d{2}-\\d{2})", 'r', "x 1-2 34-567", "34-56", NULL},
    {"find('[A-Z]{2,3}')", 'r', "aBCDE", "BCD", NULL},
    {"find([0-9]+)", 'w', "12", "(mapping.convert)", NULL},
};

static void check_row(struct fixture *f, const struct row *row)
{
    struct convs convs;
    const char *code, *got;

    if (!fixture_compile(f, row->as, &convs, &code))
        fail_msg("%s: %s", row->as, code);
    got = row->way == 'r' ? fixture_read(f, &convs, NULL, row->in) : fixture_write(f, &convs, row->in);
    if ((got == NULL) != (row->out == NULL) || (got && strcmp(got, row->out) != 0))
        fail_msg("%s %c \"%s\": %s, not %s", row->as, row->way, row->in, got, row->out);
    if (got && got[0] == '(')
        return;
    if ((row->said != NULL) != f->c.warned || (row->said && strcmp(row->said, f->c.code) != 0))
        fail_msg("%s %c \"%s\": says %s", row->as, row->way, row->in, f->c.code);
    arena_reset(&f->record);
}

static const char fold_table[] = "char;ascii\n\xc3\xa9;e\n\xc3\xab;e\n\xc5\x93;oe\n\xc3\xb4;o\n\xcc\x81;\n";

static void test_rows(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f);
    fixture_list(&f, "fold-ascii", fold_table);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_row(&f, &rows[i]);
    assert_int_equal(f.told.count, 0);
    fixture_done(&f);
}

/* Every failing allocation: never another answer than the right one or GW_FATAL. */
static void test_memory(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f);
    fixture_list(&f, "fold-ascii", fold_table);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gw_str v = str_of(rows[i].in);
        struct convs convs;
        const char *code;
        enum gw_result r;

        assert_true(fixture_compile(&f, rows[i].as, &convs, &code));
        arena_done(&f.record);
        arena_fail_at(1);
        r = rows[i].way == 'r' ? convs_read(&f.c, &convs, NULL, &v) : convs_write(&f.c, &convs, &v);
        arena_fail_at(0);
        assert_true(r == GW_OK || r == GW_FATAL || (r == GW_REJECT && rows[i].out && rows[i].out[0] == '('));
        if (r == GW_OK && rows[i].out)
            assert_true(str_is(v, rows[i].out));
    }
    fixture_done(&f);
}

static const struct {
    const char *as, *code;
} faults[] = {
    {"pda(3,0)", "mapping.converter"},
    {"words", "mapping.converter"}, /* the engine's, not in the middle of a chain */
    {"text(x)", "mapping.argument"},
    {"text(1,2)", "mapping.argument"},
    {"pad", "mapping.argument"},
    {"pad(3,00)", "mapping.argument"},
    {"pad(3,0,middle)", "mapping.argument"},
    {"pad(3,0,left,4)", "mapping.argument"},
    {"pad(3,0,left,0)", "mapping.argument"},
    {"int(3)", "mapping.argument"},
    {"decimal > between(1)", "mapping.argument"},
    {"decimal > between(2,1)", "mapping.argument"},
    {"decimal > between(a,1)", "mapping.argument"},
    {"decimal(2,point)", "mapping.argument"},
    {"bool(oui)", "mapping.argument"},
    {"date(MM/YYYY)", "mapping.argument"},
    {"date(DD/DD/MM/YYYY)", "mapping.argument"},
    {"date(excel)", "mapping.argument"},
    {"month(YYYY)", "mapping.argument"},
    {"fold(up)", "mapping.argument"},
    {"cut(3,words)", "mapping.argument"},
    {"fits('z-a',3)", "mapping.argument"},
    {"find((a))", "mapping.argument"},
    {"find(a{3)", "mapping.argument"},
    {"find(a{1000})", "mapping.argument"},
    {"find([a)", "mapping.argument"},
    {"code(nowhere)", "mapping.list"},
};

static void test_faults(void **state)
{
    struct fixture f;
    struct convs convs;
    struct chain chain;
    struct fault fault;
    const char *code;

    (void)state;
    fixture_init(&f);
    fixture_list(&f, "other", "native;pivot\na;b\n");
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        if (fixture_compile(&f, faults[i].as, &convs, &code))
            fail_msg("%s is taken", faults[i].as);
        if (strcmp(code, faults[i].code) != 0 && strcmp(code, "mapping.grammar") != 0)
            fail_msg("%s: %s", faults[i].as, code);
    }
    assert_int_equal(chain_parse(&f.stream, GW_STR("text > pda(3)"), &chain, &fault), GW_OK);
    assert_int_equal(convs_compile(&f.env, &chain, 0, &convs, &fault), GW_FAIL);
    assert_true(str_is(fault.found, "pda (pad?)"));
    assert_int_equal(fault.column, 8);
    assert_int_equal(convs_compile(&f.env, &chain, 2, &convs, &fault), GW_OK);
    assert_int_equal(convs.count, 0);
    fixture_done(&f);
}

static const struct {
    const char *as;
    enum gw_loss loss;
    enum gw_kind kind;
} shapes[] = {
    {"text", GW_EXACT, GW_TEXT},
    {"text(3)", GW_EXACT, GW_TEXT},
    {"int", GW_NORMALISES, GW_NUMBER},
    {"decimal(2)", GW_NORMALISES, GW_NUMBER},
    {"decimal(2,comma)", GW_NORMALISES, GW_TEXT},
    {"text > decimal(2)", GW_NORMALISES, GW_TEXT},
    {"pad(3,0) > int", GW_NORMALISES, GW_TEXT},
    {"bool", GW_EXACT, GW_TRUE},
    {"bool(1,0)", GW_EXACT, GW_TEXT},
    {"bool(1|true,0)", GW_NORMALISES, GW_TEXT},
    {"date(DD/MM/YYYY)", GW_EXACT, GW_TEXT},
    {"date(DD/MM/YYYY|excel)", GW_NORMALISES, GW_TEXT},
    {"datetime", GW_NORMALISES, GW_TEXT},
    {"time", GW_EXACT, GW_TEXT},
    {"time(HH:mm:ss.ffff)", GW_NORMALISES, GW_TEXT},
    {"none(X)", GW_EXACT, GW_TEXT},
    {"default(X)", GW_NORMALISES, GW_TEXT},
    {"cut(3) > fold(upper)", GW_LOSSY, GW_TEXT},
    {"find(x)", GW_ONE_WAY, GW_TEXT},
    {"now", GW_ONE_WAY, GW_TEXT},
};

static void test_shapes(void **state)
{
    struct fixture f;
    struct convs convs;
    const char *code;

    (void)state;
    fixture_init(&f);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        assert_true(fixture_compile(&f, shapes[i].as, &convs, &code));
        if (convs_loss(&convs) != shapes[i].loss || convs_kind(&convs) != shapes[i].kind)
            fail_msg("%s: loss %d, kind %d", shapes[i].as, convs_loss(&convs), convs_kind(&convs));
    }
    fixture_done(&f);
}

/* An empty `as`, and the canonical form that a field's type asks for. */
static const struct {
    enum field_type type;
    int scale;
    const char *as, *in, *out, *back;
} canonical[] = {
    {FIELD_TEXT, -1, NULL, " e\xcc\x81t\xc3\xa9 ", "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9"},
    {FIELD_INTEGER, -1, NULL, "007", "7", "7"},
    {FIELD_DECIMAL, 2, NULL, "12.5", "12.50", "12.5"},
    {FIELD_DECIMAL, -1, NULL, "12.50", "12.5", "12.5"},
    {FIELD_DATE, -1, NULL, "2026-07-09", "2026-07-09", "2026-07-09"},
    {FIELD_DATETIME, -1, NULL, "2026-07-09T10:11:12+02:00", "2026-07-09T10:11:12+02:00",
     "2026-07-09T10:11:12+02:00"},
    {FIELD_MONTH, -1, NULL, "2026-07", "2026-07", "2026-07"},
    {FIELD_TIME, -1, NULL, "10:11", "10:11", "10:11"},
    {FIELD_BOOLEAN, -1, NULL, "true", "true", "true"},
    {FIELD_DECIMAL, 2, "pad(10,0) > decimal(2)", "0001675.5", "1675.50", "0001675.50"},
    {FIELD_DATE, -1, "text", "09/07/2026", "(schema.date)", NULL},
};

static void test_canonical(void **state)
{
    struct fixture f;
    struct convs convs;
    const char *code, *got;

    (void)state;
    fixture_init(&f);
    for (size_t i = 0; i < sizeof(canonical) / sizeof(canonical[0]); i++) {
        struct field field = {.name = GW_STR("x"),
                              .full = GW_STR("x"),
                              .type = (uint8_t)canonical[i].type,
                              .scale = (int8_t)canonical[i].scale};

        if (canonical[i].as)
            assert_true(fixture_compile(&f, canonical[i].as, &convs, &code));
        else
            assert_int_equal(convs_default(&f.env, &field, &convs), GW_OK);
        got = fixture_read(&f, &convs, &field, canonical[i].in);
        assert_string_equal(got, canonical[i].out);
        if (canonical[i].back)
            assert_string_equal(fixture_write(&f, &convs, got), canonical[i].back);
    }
    fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),   cmocka_unit_test(test_memory),    cmocka_unit_test(test_faults),
        cmocka_unit_test(test_shapes), cmocka_unit_test(test_canonical),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
