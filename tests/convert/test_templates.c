/* SPDX-License-Identifier: EUPL-1.2 */
/* Templates: matched, assembled, and refused when what is assembled would not split back. */
#include "support/unit.h"

#include "convert/fixture.h"

#define PARTS 8

static const struct {
    const char *template, *text;
    const char *parts[PARTS + 1]; /* "-" absent; NULL at once: not of this shape */
    bool one_way;                 /* another text gives the same parts */
} matches[] = {
    {"{5} {*}", "26000 Valence", {"26000", "Valence"}, false},
    {"{5} {*}", "2600 Valence", {NULL}, false},
    {"{*}_{}", "ACI_X_DC", {"ACI_X", "DC"}, false},
    {"{}_{*}", "ACI_X_DC", {"ACI", "X_DC"}, false},
    {"{}_{}", "ACI_X_DC", {"ACI", "X_DC"}, false},
    {"{*}A{#}M{#}", "ACI054180019A1M0", {"ACI054180019", "1", "0"}, false},
    {"{*}A{#}M{#}", "AAA1MA2M3", {"AAA1M", "2", "3"}, false},
    {"{*}A{#}M{#}", "ACI054180019", {NULL}, false},
    {"{*}A{#}M{#}", "ACIA1M", {NULL}, false},
    {"{}[/{}]", "2020-01-01", {"2020-01-01", "-"}, false},
    {"{}[/{}]", "2020-01-01/2020-12-31", {"2020-01-01", "2020-12-31"}, false},
    {"99{3}", "99100", {"100"}, false},
    {"99{3}", "75056", {NULL}, false},
    {"99{3}", "9910", {NULL}, false},
    {"{9}{5}", "12345678900012", {"123456789", "00012"}, false},
    {"RIAE_FS_{14}.json", "RIAE_FS_20260901085500.json", {"20260901085500"}, false},
    {"RIAE_FS_{14}.json", "RIAE_FS_20260901085500xjson", {NULL}, false},
    {"A{02}", "A07", {"7"}, false},
    {"A{02}", "A00", {"0"}, false},
    {"A{02}", "A7", {NULL}, false},
    {"A{02}", "A0x", {NULL}, false},
    {"{2}{*}", "\xc3\xa9\xc3\xa8t\xc3\xa9", {"\xc3\xa9\xc3\xa8", "t\xc3\xa9"}, false},
    {"{}-{}", "\xc3\xa9-\xc3\xa8", {"\xc3\xa9", "\xc3\xa8"}, false},
    {"{}", "", {NULL}, false},
    {"{}", "x", {"x"}, false},
    {"x", "x", {NULL}, false},
    {"{}[-{}[+{}]]", "a", {"a", "-", "-"}, false},
    {"{}[-{}[+{}]]", "a-b", {"a", "b", "-"}, false},
    {"{}[-{}[+{}]]", "a-b+c", {"a", "b", "c"}, false},
    {"[{#}:]{}", "12:x", {"12", "x"}, false},
    {"[{#}:]{}", "x", {"-", "x"}, false},
    {"{*}.{*}.{*}.{*}.{*}.{*}.{*}.{*}", "1.2.3.4.5.6.7.8", {"1", "2", "3", "4", "5", "6", "7", "8"}, false},
    {"{*}.{*}.{*}.{*}.{*}.{*}.{*}.{*}", "1.2.3.4.5.6.7", {NULL}, false},
};

static bool compile(struct fixture *f, const char *text, struct template *ret, const char **ret_code)
{
    struct pattern *p = arena_zero(&f->stream, sizeof(*p));
    struct fault fault = {.code = "?"};
    enum gw_result r = pattern_parse(&f->stream, str_of(text), p, &fault);

    if (r == GW_OK)
        r = template_compile(&f->env, p, ret, &fault);
    *ret_code = fault.code;
    return r == GW_OK;
}

static void check_match(struct fixture *f, size_t i)
{
    struct gw_str parts[PARTS], text;
    struct template t;
    const char *code, *want;
    enum gw_result r;

    if (!compile(f, matches[i].template, &t, &code))
        fail_msg("%s: %s", matches[i].template, code);
    r = template_match(&f->c, &t, str_of(matches[i].text), parts);
    if (!matches[i].parts[0] && t.pattern->holes) {
        assert_int_equal(r, GW_REJECT);
        assert_string_equal(f->c.code, "mapping.split");
        return;
    }
    if (r != GW_OK)
        fail_msg("%s does not match %s", matches[i].template, matches[i].text);
    for (size_t k = 0; (want = matches[i].parts[k]); k++)
        if (strcmp(want, "-") == 0 ? parts[k].ptr != NULL : !str_is(parts[k], want))
            fail_msg("%s, %s: part %zu is %.*s", matches[i].template, matches[i].text, k, STR_ARG(parts[k]));
    assert_int_equal(template_build(&f->c, &t, parts, &text), GW_OK);
    assert_true(str_is(text, matches[i].text));
}

static void test_match(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f);
    for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]); i++)
        check_match(&f, i);
    fixture_done(&f);
}

static const struct {
    const char *template;
    const char *parts[PARTS + 1];
    const char *text; /* NULL: refused */
} builds[] = {
    {"{}_{}", {"a", "b"}, "a_b"},
    {"{}_{}", {"a_c", "b"}, NULL}, /* would split at the first */
    {"{*}_{}", {"a_c", "b"}, "a_c_b"},
    {"{*}_{}", {"a", "b_c"}, NULL},
    {"{}_{}", {"a", "-"}, NULL},
    {"{}[/{}]", {"a", "-"}, "a"},
    {"{}[/{}]", {"a/b", "-"}, NULL},
    {"{}[/{}-{}]", {"a", "b", "-"}, NULL}, /* an optional part stands as a whole */
    {"{3}", {"ab"}, NULL},
    {"{3}", {"abcd"}, NULL},
    {"{3}", {"\xc3\xa9t\xc3\xa9"}, "\xc3\xa9t\xc3\xa9"},
    {"{02}", {"7"}, "07"},
    {"{02}", {"107"}, NULL},
    {"{02}", {"07"}, NULL}, /* its zeros stand in the text alone */
    {"{02}", {"x"}, NULL},
    {"A{#}", {"12"}, "A12"},
    {"A{#}", {"1a"}, NULL},
    {"MSG{}-{04}", {"2026-07-09", "12"}, "MSG2026-07-09-0012"},
};

static void test_build(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f);
    for (size_t i = 0; i < sizeof(builds) / sizeof(builds[0]); i++) {
        struct gw_str parts[PARTS] = {{NULL, 0}}, text;
        struct template t;
        const char *code;
        enum gw_result r;

        assert_true(compile(&f, builds[i].template, &t, &code));
        for (size_t k = 0; builds[i].parts[k]; k++)
            if (strcmp(builds[i].parts[k], "-") != 0)
                parts[k] = str_of(builds[i].parts[k]);
        r = template_build(&f.c, &t, parts, &text);
        if (r != (builds[i].text ? GW_OK : GW_REJECT))
            fail_msg("%s, row %zu: result %d", builds[i].template, i, r);
        if (builds[i].text)
            assert_true(str_is(text, builds[i].text));
        else
            assert_string_equal(f.c.code, "mapping.split");
    }
    fixture_done(&f);
}

static const char *const bad[] = {"{}{}", "{*}{#}", "{}[{}]", "{}[-]{}", "{}.{}.{}.{}.{}.{}.{}.{}.{}"};

static void test_faults(void **state)
{
    struct fixture f;
    struct template t;
    const char *code;

    (void)state;
    fixture_init(&f);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (compile(&f, bad[i], &t, &code))
            fail_msg("%s is taken", bad[i]);
        assert_true(strcmp(code, "mapping.template") == 0 || strcmp(code, "mapping.grammar") == 0);
    }
    assert_true(compile(&f, "{*}{15:datetime(DDMMYYYY_HHmmss)}", &t, &code));
    assert_true(compile(&f, "{#}{2}", &t, &code));
    fixture_done(&f);
}

/* The time is bounded by pieces x places, however the text invites to go back. */
static void test_bound(void **state)
{
    static char text[20001];
    struct gw_str parts[PARTS];
    struct fixture f;
    struct template t;
    const char *code;

    (void)state;
    fixture_init(&f);
    memset(text, '-', sizeof(text) - 1);
    assert_true(compile(&f, "{*}-{*}-{*}-{*}-{*}-{*}-{*}-{*}!", &t, &code));
    assert_int_equal(template_match(&f.c, &t, (struct gw_str){text, 2000}, parts), GW_REJECT);
    assert_true(compile(&f, "{}-{}", &t, &code));
    assert_int_equal(template_match(&f.c, &t, (struct gw_str){text, 20000}, parts), GW_OK);
    fixture_done(&f);
}

static const struct template *templates(struct fixture *f, const char *as)
{
    struct chain chain;
    struct fault fault;
    struct template *t;

    assert_int_equal(chain_parse(&f->stream, str_of(as), &chain, &fault), GW_OK);
    t = arena_array(&f->stream, chain.items[0].npatterns, sizeof(*t));
    for (size_t i = 0; i < chain.items[0].npatterns; i++)
        assert_int_equal(template_compile(&f->env, &chain.items[0].patterns[i], &t[i], &fault), GW_OK);
    return t;
}

static void test_holes(void **state)
{
    const struct template *t;
    struct gw_str parts[2];
    struct fixture f;

    (void)state;
    fixture_init(&f);
    fixture_list(&f, "milieu", "native;pivot\nDC;ORDINAIRE\nMP;PENITENTIAIRE\n");
    t = templates(&f, "split({*}_{code(milieu)})");
    assert_int_equal(t->holes[0].convs.count, 0);
    assert_int_equal(template_match(&f.c, t, GW_STR("ACI_DC"), parts), GW_OK);
    assert_int_equal(convs_read(&f.c, &t->holes[1].convs, NULL, &parts[1]), GW_OK);
    assert_true(str_is(parts[1], "ORDINAIRE"));
    assert_int_equal(template_loss(t), GW_EXACT);
    t = templates(&f, "join({date}T{time(HH:mm:ss.ffff)})");
    assert_int_equal(template_match(&f.c, t, GW_STR("2026-07-09T10:11:12"), parts), GW_OK);
    assert_int_equal(convs_write(&f.c, &t->holes[1].convs, &parts[1]), GW_OK);
    assert_true(str_is(parts[0], "2026-07-09") && str_is(parts[1], "10:11:12.0000"));
    assert_int_equal(template_loss(t), GW_NORMALISES);
    fixture_done(&f);
}

/* Any parts that are taken come back alike, whatever stands in them. */
static void test_law(void **state)
{
    static const char *const all[] = {"{}_{}",    "{*}_{}",    "{}[/{}]",      "{#}-{2}", "{*}A{#}M{#}",
                                      "[{#}:]{}", "{02}/{04}", "{}[-{}[+{}]]", "x{*}{3}", "{2}{2}[_{*}]"};
    static const char letters[] = "a1_-/:A+M0\xc3\xa9";
    uint32_t seed = 7, taken = 0;
    struct fixture f;

    (void)state;
    fixture_init(&f);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]) * 3000; i++) {
        struct gw_str parts[PARTS] = {{NULL, 0}}, back[PARTS], text;
        char room[PARTS][8];
        struct template t;
        const char *code;

        if (i % 100 == 0) {
            arena_reset(&f.stream);
            arena_reset(&f.record);
            f.env.loaded = NULL;
        }
        assert_true(compile(&f, all[i / 3000], &t, &code));
        for (size_t k = 0; k < t.pattern->holes; k++) {
            uint32_t len = chance(&seed, 6);

            for (uint32_t n = 0; n < len; n++)
                room[k][n] = letters[chance(&seed, 10)];
            if (len)
                parts[k] = (struct gw_str){room[k], len};
        }
        if (template_build(&f.c, &t, parts, &text) != GW_OK)
            continue;
        taken++;
        assert_int_equal(template_match(&f.c, &t, text, back), GW_OK);
        for (size_t k = 0; k < t.pattern->holes; k++)
            assert_true(str_eq(parts[k], back[k]));
    }
    assert_true(taken > 1000);
    fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match), cmocka_unit_test(test_build), cmocka_unit_test(test_faults),
        cmocka_unit_test(test_bound), cmocka_unit_test(test_holes), cmocka_unit_test(test_law),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
