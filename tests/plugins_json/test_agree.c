/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is JSON and what is not: texts of ours with the verdict of RFC 8259, on which the plugin
 * and jansson must agree, and on the values too. Each stands as a member of a document.
 */
#include "plugins_json/fixture.h"

#include <jansson.h>
#include <stdlib.h>

enum verdict {
    YES,
    NO,
    WIDE,  /* JSON, but beyond jansson's numbers */
    LOOSE, /* none, but jansson overlooks a NUL behind a number */
};

struct text {
    enum verdict verdict;
    struct gw_str text;
};

/* clang-format off */
#define T(verdict, literal) {verdict, GW_STR_INIT(literal)}

static const struct text texts[] = {
    /* words */
    T(YES, "true"), T(YES, "false"), T(YES, "null"), T(NO, "True"), T(NO, "FALSE"), T(NO, "Null"), T(NO, "nul"),
    T(NO, "nulls"), T(NO, "tru"), T(NO, "truefalse"), T(NO, "undefined"), T(NO, "none"), T(NO, "t"), T(NO, "vrai"),
    T(NO, ""), T(NO, " "), T(NO, "true false"), T(NO, "tr ue"), T(NO, "nil"), T(NO, "on"),
    /* whole numbers */
    T(YES, "0"), T(YES, "-0"), T(YES, "1"), T(YES, "-1"), T(YES, "10"), T(YES, "75056"), T(YES, "2147483648"),
    T(YES, "9007199254740993"), T(YES, "9223372036854775807"), T(YES, "-9223372036854775808"),
    T(WIDE, "9223372036854775808"), T(WIDE, "178075746312388178075746312388"), T(NO, "00"), T(NO, "01"), T(NO, "-01"),
    T(NO, "007"), T(NO, "+1"), T(NO, "- 1"), T(NO, "-"), T(NO, "--1"), T(NO, "1-2"), T(NO, "1 2"), T(NO, "1_000"),
    T(NO, "1 000"), T(NO, "1'000"), T(NO, "0x1F"), T(NO, "0b1"), T(NO, "0o7"), T(NO, "1n"), T(NO, "1L"), T(NO, "\xd9\xa1"),
    /* fractions and exponents */
    T(YES, "0.0"), T(YES, "-0.0"), T(YES, "1.5"), T(YES, "1234.10"), T(YES, "0.001"), T(YES, "1e3"), T(YES, "1E3"),
    T(YES, "1e+3"), T(YES, "1e-3"), T(YES, "-1.25E+2"), T(YES, "0e0"), T(YES, "1e007"), T(YES, "1e-400"), T(YES, "0.10e01"),
    T(WIDE, "1e400"), T(WIDE, "-1e999"), T(NO, ".5"), T(NO, "-.5"), T(NO, "1."), T(NO, "1.e3"), T(NO, "1.5."), T(NO, "1..5"),
    T(NO, "1;5"), T(NO, "1e"), T(NO, "1e+"), T(NO, "1e-"), T(NO, "e3"), T(NO, "1e1.5"), T(NO, "1e1e1"), T(NO, "1.5f"),
    T(NO, "NaN"), T(NO, "-NaN"), T(NO, "Infinity"), T(NO, "-Infinity"), T(NO, "inf"), T(NO, "1.5 \xe2\x82\xac"),
    /* strings */
    T(YES, "\"\""), T(YES, "\" \""), T(YES, "\"a\""), T(YES, "\"DE BLIDA\""), T(YES, "\"'\""), T(YES, "\"\x7f\""),
    T(YES, "\"\\\"\""), T(YES, "\"\\\\\""), T(YES, "\"\\/\""), T(YES, "\"/\""), T(YES, "\"\\b\\f\\n\\r\\t\""),
    T(YES, "\"\\u0041\""), T(YES, "\"\\u00e9\\u00C9\""), T(YES, "\"\\u20ac\""), T(YES, "\"\\ud83d\\ude00\""),
    T(YES, "\"\\uD834\\uDD1E!\""), T(YES, "\"\\u0001\""), T(YES, "\"\\u001f\""), T(YES, "\"\\u2028\""), T(YES, "\"\\uffff\""),
    T(YES, "\"\xc3\xa9t\xc3\xa9\""), T(YES, "\"\xe2\x82\xac\""), T(YES, "\"\xf0\x9f\x98\x80\""), T(YES, "\"\xef\xbb\xbf\""),
    T(YES, "\"\xe2\x80\xa8\""), T(YES, "\"{[,:]}\""), T(YES, "\"\\\\\\\"\\\\\""), T(YES, "\"// no comment\""),
    T(YES, "\"une phrase assez longue pour prendre plusieurs blocs de seize octets, et un \\u00e9\""),
    T(NO, "'a'"), T(NO, "a"), T(NO, "\"a"), T(NO, "a\""), T(NO, "\"a\"b\""), T(NO, "\"a\" \"b\""), T(NO, "\"\\\""),
    T(NO, "\"\\x41\""), T(NO, "\"\\a\""), T(NO, "\"\\v\""), T(NO, "\"\\0\""), T(NO, "\"\\'\""), T(NO, "\"\\ \""),
    T(NO, "\"\\N\""), T(NO, "\"\\u\""), T(NO, "\"\\u1\""), T(NO, "\"\\u12\""), T(NO, "\"\\u123\""), T(NO, "\"\\u12G4\""),
    T(NO, "\"\\u+123\""), T(NO, "\"\\u 123\""), T(NO, "\"\\U00E9\""), T(NO, "\"\\u{e9}\""), T(NO, "\"\\u0000\""),
    T(NO, "\"a\\u0000b\""), T(NO, "\"\t\""), T(NO, "\"\n\""), T(NO, "\"\r\""), T(NO, "\"a\x01\""), T(NO, "\"\x1f\""),
    T(NO, "\"\0\""), T(NO, "\"a\0b\""),
    /* surrogates */
    T(NO, "\"\\ud83d\""), T(NO, "\"\\ud83d.\""), T(NO, "\"\\ud83d\\n\""), T(NO, "\"\\ud83d\\ud83d\""), T(NO, "\"\\ude00\""),
    T(NO, "\"\\ude00\\ud83d\""), T(NO, "\"\\ud83d\\u0041\""), T(NO, "\"\\ud83d \\ude00\""), T(NO, "\"\\udbff\""), T(NO, "\"\\udc00\""),
    /* bytes that are no UTF-8 */
    T(NO, "\"\xe9\""), T(NO, "\"\x80\""), T(NO, "\"\xc3\""), T(NO, "\"\xc3(\""), T(NO, "\"\xe2\x82\""), T(NO, "\"\xc0\x80\""),
    T(NO, "\"\xc1\xbf\""), T(NO, "\"\xe0\x80\xaf\""), T(NO, "\"\xed\xa0\x80\""), T(NO, "\"\xf0\x80\x80\xaf\""),
    T(NO, "\"\xf4\x90\x80\x80\""), T(NO, "\"\xf8\x88\x80\x80\x80\""), T(NO, "\"\xfe\""), T(NO, "\"\xff\""), T(NO, "\xe9"),
    /* lists */
    T(YES, "[]"), T(YES, "[ ]"), T(YES, "[1]"), T(YES, "[1,2]"), T(YES, "[ 1 , 2 ]"), T(YES, "[[]]"), T(YES, "[[1],[2,[3]]]"),
    T(YES, "[null,true,\"a\",{},[]]"), T(YES, "[[[[[[[[[[]]]]]]]]]]"), T(NO, "[1,]"), T(NO, "[,1]"), T(NO, "[,]"), T(NO, "[1,,2]"),
    T(NO, "[1 2]"), T(NO, "[1;2]"), T(NO, "[1:2]"), T(NO, "["), T(NO, "]"), T(NO, "[1"), T(NO, "[1,"), T(NO, "[[1]"), T(NO, "[1]]"),
    T(NO, "[}"), T(NO, "[1}"), T(NO, "(1)"), T(NO, "[1)"), T(NO, "[a]"), T(NO, "[\"a\":1]"),
    /* objects */
    T(YES, "{}"), T(YES, "{ }"), T(YES, "{\"a\":1}"), T(YES, "{ \"a\" : 1 , \"b\" : 2 }"), T(YES, "{\"\":1}"), T(YES, "{\" \":1}"),
    T(YES, "{\"a\":{\"a\":{\"a\":{}}}}"), T(YES, "{\"a\":[{\"a\":1},{\"a\":2}]}"), T(YES, "{\"a.b\":1,\"a\":{\"b\":2}}"),
    T(YES, "{\"a\":1,\"A\":2}"), T(YES, "{\"\xc3\xa9\":1}"), T(YES, "{\"\\u00e9\":1,\"e\":2}"), T(YES, "{\"\\n\":1}"),
    T(NO, "{\"a\":1,\"a\":2}"), T(NO, "{\"a\":1,\"b\":2,\"a\":1}"), T(NO, "{\"a\":1,\"\\u0061\":2}"), T(NO, "{\"\":1,\"\":2}"),
    T(NO, "{\"\xc3\xa9\":1,\"\\u00e9\":2}"), T(NO, "{\"x\":{\"a\":1,\"a\":2}}"), T(NO, "{\"a\":{\"b\":1},\"a\":{\"c\":1}}"),
    T(NO, "{\"\\u0000\":1}"), T(NO, "{"), T(NO, "}"), T(NO, "{\"a\"}"), T(NO, "{\"a\":}"), T(NO, "{:1}"), T(NO, "{1}"), T(NO, "{,}"),
    T(NO, "{\"a\":1,}"), T(NO, "{,\"a\":1}"), T(NO, "{\"a\":1,,\"b\":2}"), T(NO, "{\"a\":1 \"b\":2}"), T(NO, "{\"a\":1;\"b\":2}"),
    T(NO, "{\"a\" 1}"), T(NO, "{\"a\"=1}"), T(NO, "{\"a\"::1}"), T(NO, "{\"a\":1:2}"), T(NO, "{a:1}"), T(NO, "{'a':1}"), T(NO, "{1:2}"),
    T(NO, "{null:1}"), T(NO, "{\"a\":1]"), T(NO, "{\"a\":1"), T(NO, "{\"a\":1}}"), T(NO, "{\"a\":1}{}"), T(NO, "{[]:1}"), T(NO, "{\"a\tb\":1}"),
    /* blanks and what looks like them */
    T(YES, " 1 "), T(YES, "\t1\n"), T(YES, "\r\n[\r\n1\r\n]\r\n"), T(YES, "\n\n\n{}"), T(NO, "\f1"), T(NO, "\v1"), T(NO, "\xc2\xa0" "1"),
    T(NO, "\xef\xbb\xbf" "1"), T(NO, "\xe3\x80\x80" "1"), T(LOOSE, "1\0"), T(NO, "\0"), T(NO, "\x1a"), T(NO, "1\b"),
    /* other languages */
    T(NO, "1 // one"), T(NO, "/* one */ 1"), T(NO, "1 # one"), T(NO, "// 1"), T(NO, "[1,/**/2]"), T(NO, "<a/>"), T(NO, "a=1"), T(NO, "1;"),
    T(NO, "\\u0031"), T(NO, "\"a\"+\"b\""), T(NO, "`a`"), T(NO, "@1"), T(NO, "$a"), T(NO, "&"), T(NO, "?"), T(NO, "*"),
};
/* clang-format on */

/* Whole numbers by their value, others by their nearest double: jansson keeps no more. */
static void same_number(const struct gw_node *n, json_t *j)
{
    char text[64];

    assert_true(n->len < sizeof(text));
    memcpy(text, n->text, n->len);
    text[n->len] = '\0';
    if (json_is_integer(j))
        assert_true(json_integer_value(j) == strtoll(text, NULL, 10));
    else
        assert_true(json_is_real(j) && json_real_value(j) == strtod(text, NULL));
}

static void same_scalar(const struct gw_node *n, json_t *j)
{
    switch ((enum gw_kind)n->kind) {
    case GW_NULL:
        assert_true(json_is_null(j) && n->len == 0);
        break;
    case GW_FALSE:
        assert_true(json_is_false(j) && n->len == 5 && memcmp(n->text, "false", 5) == 0);
        break;
    case GW_TRUE:
        assert_true(json_is_true(j) && n->len == 4 && memcmp(n->text, "true", 4) == 0);
        break;
    case GW_NUMBER:
        same_number(n, j);
        break;
    case GW_TEXT:
        assert_true(json_is_string(j));
        assert_int_equal(json_string_length(j), n->len);
        assert_memory_equal(json_string_value(j), n->text, n->len);
        break;
    case GW_LIST:
    case GW_MAP:
    case GW_RECORDS:
        fail();
    }
}

static void same_value(struct fixture *f, const struct gw_node *n, json_t *j)
{
    struct gw_str name;
    size_t i = 0;

    assert_non_null(j);
    if (n->kind != GW_MAP && n->kind != GW_LIST) {
        same_scalar(n, j);
        return;
    }
    assert_true(n->kind == GW_MAP ? json_is_object(j) : json_is_array(j));
    for (const struct gw_node *kid = n->first; kid; kid = kid->next, i++) {
        name = names_text(&f->names, kid->name);
        same_value(f, kid, n->kind == GW_MAP ? json_object_getn(j, name.ptr, name.len) : json_array_get(j, i));
    }
    assert_int_equal(i, n->kind == GW_MAP ? json_object_size(j) : json_array_size(j));
}

static void check(struct fixture *f, enum verdict verdict, struct gw_str text)
{
    bool is_json = verdict == YES || verdict == WIDE, taken;
    json_error_t error;
    json_t *j = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &error);
    struct gw_record rec;
    enum gw_result r;

    buf_clear(&f->out);
    r = fixture_open(f, text, -1);
    if (r == GW_OK)
        r = session_next(&f->session, &rec);
    if (r == GW_OK && is_json && j)
        same_value(f, rec.root, j);
    if (r == GW_OK) /* good as it is, but what follows it? */
        r = session_next(&f->session, &rec);
    taken = r == GW_END;
    if (taken != is_json || (j != NULL) != (verdict == YES || verdict == LOOSE))
        print_error("%.*s: %s, jansson %s\n", STR_ARG(text), f->out.data, j ? "takes it" : error.text);
    assert_true(taken == is_json);
    assert_true((j != NULL) == (verdict == YES || verdict == LOOSE));
    assert_true(taken || r == GW_REJECT || r == GW_FAIL);
    assert_true(taken == (f->out.len == 0)); /* what is not taken is explained */
    json_decref(j);
}

static void agrees(void **state)
{
    struct fixture *f = *state;
    struct buf text;

    assert_true(sizeof(texts) / sizeof(texts[0]) >= 150);
    fixture_configure(f, "", "");
    buf_init(&text, 4096);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        buf_clear(&text);
        buf_text(&text, "{\"v\":");
        buf_str(&text, texts[i].text);
        buf_text(&text, "}");
        check(f, texts[i].verdict, buf_view(&text));
        /* between others, and in a list */
        buf_clear(&text);
        buf_text(&text, "{\"u\":[0,");
        buf_str(&text, texts[i].text);
        buf_text(&text, "],\"w\":\"x\"}\n");
        check(f, texts[i].verdict, buf_view(&text));
    }
    buf_done(&text);
}

/* The same behind a record that has the keys already: read in one pass, if there is nothing unusual in it. */
static void check_second(struct fixture *f, const struct text *t, const struct buf *record)
{
    bool is_json = t->verdict == YES || t->verdict == WIDE;
    json_t *j = json_loadb(record->data, record->len, JSON_REJECT_DUPLICATES, NULL);
    struct gw_record rec;
    struct buf text;
    enum gw_result r;

    buf_init(&text, 4096);
    buf_text(&text,
             "[{\"u\":0,\"v\":0,\"w\":{\"a\":0,\"A\":0,\"a.b\":0,\"b\":0,\" \":0,\"e\":0,\"\xc3\xa9\":0}},");
    buf_add(&text, record->data, record->len);
    buf_text(&text, "]");
    buf_clear(&f->out);
    assert_int_equal(fixture_open(f, buf_view(&text), -1), GW_OK);
    assert_int_equal(session_next(&f->session, &rec), GW_OK);
    r = session_next(&f->session, &rec);
    if (r == GW_OK && is_json && j)
        same_value(f, rec.root, j);
    if (r == GW_OK)
        r = session_next(&f->session, &rec);
    if ((r == GW_END) != is_json)
        print_error("%.*s: %s\n", STR_ARG(t->text), f->out.data);
    assert_true((r == GW_END) == is_json);
    assert_true(is_json == (f->out.len == 0));
    json_decref(j);
    buf_done(&text);
}

static void agrees_in_one_pass(void **state)
{
    static const char *const around[][2] = {
        {"{\"u\":[0,", "],\"w\":\"x\"}"}, {"{\"v\":", "}"}, {"{ \"v\" : ", "\n, \"w\" : { } }"}};
    struct fixture *f = *state;
    struct buf record;

    fixture_configure(f, "[]", "");
    buf_init(&record, 4096);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        for (size_t k = 0; k < sizeof(around) / sizeof(around[0]); k++) {
            buf_clear(&record);
            buf_text(&record, around[k][0]);
            buf_str(&record, texts[i].text);
            buf_text(&record, around[k][1]);
            check_second(f, &texts[i], &record);
        }
    buf_done(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(agrees, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(agrees_in_one_pass, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
