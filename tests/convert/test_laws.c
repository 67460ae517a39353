/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The laws that a converter declares, over values of its domain, made at random and repeatable. What
 * write refuses is outside the domain; a row that refuses more than half of them fails.
 *   E, N  read(write(p)) = p, and writing that again gives the same bytes
 *   E     write(read(n)) = n for what it wrote
 *   L     write(read(write(p))) = write(p)
 */
#include "support/unit.h"

#include "convert/fixture.h"

enum domain { WORDS, DIGITS, INTEGER, AMOUNT, DECIMAL, DATE, STAMP, MONTH, TIME, TRUTH, ROLE };

static const struct {
    const char *as;
    enum domain domain;
    enum field_type type;
} rows[] = {
    {"text", WORDS, FIELD_TEXT},
    {"text(20)", WORDS, FIELD_TEXT},
    {"pad(40,' ',right)", WORDS, FIELD_TEXT},
    {"pad(40,_)", WORDS, FIELD_TEXT},
    {"pad(15,0)", DIGITS, FIELD_TEXT},
    {"pad(15,0,right,7)", DIGITS, FIELD_TEXT},
    {"pad(0,0,left,7)", DIGITS, FIELD_TEXT},
    {"pad(9,0,left,5) > text(8)", DIGITS, FIELD_TEXT},
    {"int", INTEGER, FIELD_INTEGER},
    {"pad(12,0) > int", INTEGER, FIELD_INTEGER},
    {"decimal(2)", AMOUNT, FIELD_DECIMAL},
    {"decimal(2,comma)", AMOUNT, FIELD_DECIMAL},
    {"pad(12,0) > decimal(2)", AMOUNT, FIELD_DECIMAL},
    {"pad(14,0) > decimal(3,comma)", AMOUNT, FIELD_DECIMAL},
    {"decimal", DECIMAL, FIELD_DECIMAL},
    {"decimal(4)", DECIMAL, FIELD_DECIMAL},
    {"date", DATE, FIELD_DATE},
    {"date(DD/MM/YYYY)", DATE, FIELD_DATE},
    {"date(DDMMYYYY|YYYY-MM-DD|excel)", DATE, FIELD_DATE},
    {"date(YYYY-MM-DDTHH:mm:ss)", DATE, FIELD_DATE},
    {"datetime", STAMP, FIELD_DATETIME},
    {"datetime(DDMMYYYY_HHmmss|YYYYMMDDHHmmss)", STAMP, FIELD_DATETIME},
    {"month(YYYY-MM-01)", MONTH, FIELD_MONTH},
    {"month(MM/YYYY)", MONTH, FIELD_MONTH},
    {"time(HH:mm:ss.ffff)", TIME, FIELD_TIME},
    {"time(HHmmss)", TIME, FIELD_TIME},
    {"bool", TRUTH, FIELD_BOOLEAN},
    {"bool(1|true,0|false)", TRUTH, FIELD_BOOLEAN},
    {"bool(oui,non|*)", TRUTH, FIELD_BOOLEAN},
    {"none(a,'')", WORDS, FIELD_TEXT},
    {"default(xyz)", WORDS, FIELD_TEXT},
    {"code(role)", ROLE, FIELD_TEXT},
    {"code(merge)", ROLE, FIELD_TEXT},
    {"code(role,else=nil)", WORDS, FIELD_TEXT},
    {"fold(ascii)", WORDS, FIELD_TEXT},
    {"fold(ascii,upper)", WORDS, FIELD_TEXT},
    {"fold(upper)", WORDS, FIELD_TEXT},
    {"fold(lower)", WORDS, FIELD_TEXT},
    {"fold(sepa)", WORDS, FIELD_TEXT},
    {"cut(5)", WORDS, FIELD_TEXT},
    {"cut(9,word)", WORDS, FIELD_TEXT},
    {"drop('ab ')", WORDS, FIELD_TEXT},
    {"fits('a-z ',20)", WORDS, FIELD_TEXT},
    {"cut(12,word) > fold(ascii,upper)", WORDS, FIELD_TEXT},
    {"text(18) > drop('()') > fold(ascii)", WORDS, FIELD_TEXT},
    {"none(bc) > cut(7,word) > fold(upper)", WORDS, FIELD_TEXT},
};

static const char *number(struct fixture *f, uint32_t *seed, uint32_t decimals)
{
    uint32_t whole = chance(seed, 4) ? chance(seed, 1000000) : chance(seed, 2), part = chance(seed, 100);
    bool minus = (whole || part) && chance(seed, 4) == 0;

    if (!decimals)
        return arena_format(&f->record, "%s%u", minus && whole ? "-" : "", whole);
    return arena_format(&f->record, "%s%u.%02u", minus ? "-" : "", whole, part);
}

static const char *word(struct fixture *f, uint32_t *seed)
{
    static const char *const letters[] = {"a",        "b", "c", " ", "z", "\xc3\xa9",
                                          "\xc5\x93", "-", "(", ")", "'", "7"};
    char *text = arena_zero(&f->record, 80);
    uint32_t n = 1 + chance(seed, 16);

    for (uint32_t i = 0; i < n; i++)
        strcat(text, letters[chance(seed, 12)]);
    return text;
}

static const char *value(struct fixture *f, uint32_t *seed, enum domain domain)
{
    unsigned y = 1900 + chance(seed, 200), m = 1 + chance(seed, 12), d = 1 + chance(seed, 28);
    unsigned hour = chance(seed, 24), minute = chance(seed, 60), second = chance(seed, 60);

    switch (domain) {
    case WORDS:
        return word(f, seed);
    case DIGITS:
        return arena_format(&f->record, "%u%u", 1 + chance(seed, 9), 100000 + chance(seed, 900000));
    case INTEGER:
        return number(f, seed, 0);
    case AMOUNT:
    case DECIMAL:
        return number(f, seed, 2);
    case DATE:
        return arena_format(&f->record, "%04u-%02u-%02u", y, m, d);
    case STAMP:
        return arena_format(&f->record, "%04u-%02u-%02uT%02u:%02u:%02u", y, m, d, hour, minute, second);
    case MONTH:
        return arena_format(&f->record, "%04u-%02u", y, m);
    case TIME:
        return arena_format(&f->record, "%02u:%02u:%02u", hour, minute, second);
    case TRUTH:
        return chance(seed, 2) ? "true" : "false";
    case ROLE:
        return chance(seed, 2) ? "DEMANDEUR" : "CONJOINT";
    }
    return NULL;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* False: outside the domain. */
static bool check_law(struct fixture *f, size_t row, const struct convs *convs, const struct field *field,
                      const char *raw)
{
    struct convs none = {NULL, 0};
    enum gw_loss loss = convs_loss(convs);
    const char *p = fixture_read(f, &none, field, raw), *n, *back, *again;

    if (!p)
        return false;
    n = fixture_write(f, convs, p);
    if (n && n[0] == '(' && f->c.code)
        return false;
    back = fixture_read(f, convs, field, n);
    again = fixture_write(f, convs, back);
    if (!same(again, n) || (loss <= GW_NORMALISES && !same(back, p)))
        fail_msg("%s: %s -> %s -> %s -> %s", rows[row].as, p, n, back, again);
    return true;
}

static void test_laws(void **state)
{
    uint32_t seed = 2026;
    struct fixture f;

    (void)state;
    fixture_init(&f);
    fixture_list(&f, "fold-ascii", "char;ascii\n\xc3\xa9;e\n\xc5\x93;oe\n");
    fixture_list(&f, "role", "native;pivot;use\ndem;DEMANDEUR;\nD;DEMANDEUR;read\ncjt;CONJOINT;\n");
    fixture_list(&f, "merge", "native;pivot;use\n1;DEMANDEUR;\n1;CONJOINT;write\n");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct field field = {
            .full = GW_STR("x"), .type = (uint8_t)rows[i].type, .scale = rows[i].domain == AMOUNT ? 2 : -1};
        struct convs convs;
        const char *code;
        size_t inside = 0;

        if (!fixture_compile(&f, rows[i].as, &convs, &code))
            fail_msg("%s: %s", rows[i].as, code);
        for (size_t k = 0; k < 2000; k++) {
            inside += check_law(&f, i, &convs, &field, value(&f, &seed, rows[i].domain));
            arena_reset(&f.record);
        }
        if (inside < 1000)
            fail_msg("%s: only %zu values inside", rows[i].as, inside);
    }
    fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_laws)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
