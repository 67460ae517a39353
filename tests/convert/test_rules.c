/* SPDX-License-Identifier: EUPL-1.2 */
/* A rules plugin's converters in a chain: arguments, memory, lists, what they report; and fn(NAME). */
#include "support/unit.h"

#include "convert/fixture.h"

/* Adds its argument behind, on writing takes it off; "bad" is refused with an argument of its own stack. */
static enum gw_result mark_read(struct gw_call *c, const struct gw_str *args, size_t nargs,
                                const struct gw_str *natives, struct gw_str *ret)
{
    char room[8] = "on-top", *text;
    struct gw_arg arg = {"why", {room, 6}};

    if (str_is(natives[0], "bad")) {
        c->report(c, GW_ERROR, 0, "mark.bad", &arg, 1);
        memset(room, '?', sizeof(room));
        return GW_REJECT;
    }
    if (str_is(natives[0], "odd"))
        c->report(c, GW_WARNING, 0, "mark.odd", NULL, 0);
    if (str_is(natives[0], "mute"))
        return GW_REJECT;
    text = c->alloc(c, natives[0].len + 1);
    if (!text)
        return GW_FATAL;
    memcpy(text, natives[0].ptr, natives[0].len);
    text[natives[0].len] = nargs ? args[0].ptr[0] : '!';
    *ret = (struct gw_str){text, natives[0].len + 1};
    return GW_OK;
}

static enum gw_result mark_write(struct gw_call *c, const struct gw_str *args, size_t nargs,
                                 const struct gw_str *fields, struct gw_str *ret)
{
    (void)c, (void)args, (void)nargs;
    *ret = (struct gw_str){fields[0].ptr, fields[0].len - 1};
    return GW_OK;
}

static enum gw_result mark_args(const struct gw_str *args, size_t nargs)
{
    return nargs && args[0].len != 1 ? GW_REJECT : GW_OK;
}

/* The label that a list has for the text, on the reference day. */
static enum gw_result label_read(struct gw_call *c, const struct gw_str *args, size_t nargs,
                                 const struct gw_str *natives, struct gw_str *ret)
{
    struct gw_entry e;

    (void)args, (void)nargs;
    if (c->lookup(c, "places", natives[0], c->date, &e) != GW_FOUND)
        return GW_OK; /* absent: sets nothing */
    *ret = e.label;
    return GW_OK;
}

/* Two natives, two fields: they change places. */
static enum gw_result swap(struct gw_call *c, const struct gw_str *args, size_t nargs, const struct gw_str *in,
                           struct gw_str *out)
{
    (void)c, (void)args, (void)nargs;
    out[0] = in[1];
    out[1] = in[0];
    return GW_OK;
}

static const struct gw_converter table[] = {
    {"mark", 1, 1, 1, GW_NORMALISES, "", mark_args, mark_read, mark_write},
    {"label", 1, 1, 0, GW_ONE_WAY, "", NULL, label_read, mark_write},
    {"swap", 2, 2, 0, GW_EXACT, "", NULL, swap, swap},
};

static const struct gw_converter *find(void *rules, struct gw_str name)
{
    (void)rules;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (str_is(name, table[i].name))
            return &table[i];
    return NULL;
}

static const struct {
    const char *as, *in, *out, *code;
} rows[] = {
    {"mark", "a", "a!", NULL},
    {"mark(+)", "a", "a+", NULL},
    {"fn(mark)", "a", "a!", NULL},
    {"fn(mark,+)", "a", "a+", NULL},
    {"mark(+) > mark(-)", "a", "a+-", NULL},
    {"mark", "odd", "odd!", "mark.odd"},
    {"mark > text(3)", "odd", "(mapping.long)", NULL},
    {"mark", "bad", "(mark.bad)", "mark.bad"},
    {"mark", "mute", "(mapping.convert)", "mapping.convert"},
    {"label", "69123", "LYON", NULL},
    {"label", "00000", NULL, NULL},
};

static void test_rows(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f);
    fixture_list(&f, "places", "native;label;from\n69123;LYON;1900-01-01\n");
    f.env.rule = find;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct convs convs;
        const char *code, *got;

        if (!fixture_compile(&f, rows[i].as, &convs, &code))
            fail_msg("%s: %s", rows[i].as, code);
        got = fixture_read(&f, &convs, NULL, rows[i].in);
        if ((got == NULL) != (rows[i].out == NULL) || (got && strcmp(got, rows[i].out) != 0))
            fail_msg("%s %s: %s", rows[i].as, rows[i].in, got);
        if (rows[i].code)
            assert_string_equal(f.c.code, rows[i].code);
        if (got && got[0] != '(' && convs_loss(&convs) == GW_NORMALISES)
            assert_string_equal(fixture_write(&f, &convs, got), rows[i].in);
    }
    fixture_done(&f);
}

/* What a rule reports lives on when its own memory is gone. */
static void test_report(void **state)
{
    struct convs convs;
    struct fixture f;
    const char *code;

    (void)state;
    fixture_init(&f);
    f.env.rule = find;
    assert_true(fixture_compile(&f, "mark", &convs, &code));
    assert_string_equal(fixture_read(&f, &convs, NULL, "bad"), "(mark.bad)");
    assert_int_equal(f.c.nargs, 1);
    assert_true(str_is(f.c.args[0].value, "on-top"));
    assert_int_equal(f.c.severity, GW_ERROR);
    assert_string_equal(fixture_read(&f, &convs, NULL, "odd"), "odd!");
    assert_true(f.c.warned && f.c.severity == GW_WARNING);
    assert_string_equal(fixture_read(&f, &convs, NULL, "a"), "a!");
    assert_true(!f.c.warned && !f.c.code);
    fixture_done(&f);
}

static void test_several(void **state)
{
    struct gw_str in[] = {GW_STR("x"), GW_STR("y")}, out[2];
    struct conv_call args[] = {{.name = GW_STR("swap")}};
    struct fault fault;
    struct convs convs;
    struct fixture f;
    struct rule r;
    const char *code;

    (void)state;
    fixture_init(&f);
    f.env.rule = find;
    assert_int_equal(rule_compile(&f.env, &args[0], &r, &fault), GW_OK);
    assert_int_equal(r.rule->natives, 2);
    assert_int_equal(rule_read(&f.c, &r, in, out), GW_OK);
    assert_true(str_is(out[0], "y") && str_is(out[1], "x"));
    assert_int_equal(rule_write(&f.c, &r, out, in), GW_OK);
    assert_true(str_is(in[0], "x"));
    assert_false(fixture_compile(&f, "fn(swap)", &convs, &code)); /* not in a chain of one text */
    assert_string_equal(code, "mapping.argument");
    assert_false(fixture_compile(&f, "fn(nobody)", &convs, &code));
    assert_string_equal(code, "mapping.converter");
    assert_false(fixture_compile(&f, "mark(ab)", &convs, &code));
    assert_string_equal(code, "mapping.argument");
    assert_false(fixture_compile(&f, "label(x)", &convs, &code));
    assert_string_equal(code, "mapping.argument");
    fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_several),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
