/* SPDX-License-Identifier: EUPL-1.2 */
/* Code lists: where they are looked for, the child's rows over its parent's, what is complained of. */
#include "support/unit.h"

#include <stdio.h>
#include <time.h>

#include "base/str.h"
#include "syntax/folder.h"

#define CODES "native;pivot;label;from;to;use;when\n"

static void open_formats(struct folder *f)
{
    folder_open(f);
    folder_format(f, "parent", "plugin = \"csv\";", HEADER "personne;;.;;;;\n");
    folder_format(f, "child", "extends = \"parent\";", HEADER);
    folder_load_good(f, "child");
}

static enum gw_result load(struct folder *f, const char *list, struct code_row **rows, size_t *n)
{
    char shared[512];

    snprintf(shared, sizeof(shared), "%s/shared", f->path);
    buf_clear(&f->heard);
    return code_rows_load(&f->arena, f->format, arena_copy(&f->arena, str_of(shared)), str_of(list), &f->sink,
                          rows, n);
}

static void expect_rows(struct folder *f, const char *list, const char *expected)
{
    struct code_row *rows;
    size_t n;
    struct buf out;

    assert_int_equal(load(f, list, &rows, &n), GW_OK);
    buf_init(&out, 1 << 16);
    for (size_t i = 0; i < n; i++)
        buf_format(&out, "%.*s>%.*s %.*s %.*s..%.*s %u %.*s @%.*s:%u\n", STR_ARG(rows[i].native),
                   STR_ARG(rows[i].pivot), STR_ARG(rows[i].label), STR_ARG(rows[i].from), STR_ARG(rows[i].to),
                   rows[i].use, STR_ARG(rows[i].when), STR_ARG(rows[i].file), rows[i].line);
    assert_string_equal(out.data, expected);
    buf_done(&out);
}

static void rows_are_as_written(void **state)
{
    struct folder f;

    (void)state;
    open_formats(&f);
    folder_write(&f, "parent/codes/role.csv",
                 GW_STR(CODES "A;ALPHA;first;2020-01-01;2021-12-31;read;x=1\n"
                              "B;;\"sec;ond\";;;write;\n\n"
                              "C;GAMMA;;;;read write;\n"));
    expect_rows(&f, "role",
                "A>ALPHA first 2020-01-01..2021-12-31 4 x=1 @parent/codes/role.csv:2\n"
                "B> sec;ond .. 8  @parent/codes/role.csv:3\n"
                "C>GAMMA  .. 12  @parent/codes/role.csv:5\n");
    folder_close(&f);
}

static void a_shorter_header_will_do(void **state)
{
    struct folder f;

    (void)state;
    open_formats(&f);
    folder_write(&f, "parent/codes/short.csv", GW_STR("native;label;pivot\nA;first;ALPHA\n"));
    folder_write(&f, "parent/codes/one.csv", GW_STR("native\nA\nB\n"));
    expect_rows(&f, "short", "A>ALPHA first .. 0  @parent/codes/short.csv:2\n");
    expect_rows(&f, "one", "A>  .. 0  @parent/codes/one.csv:2\nB>  .. 0  @parent/codes/one.csv:3\n");
    folder_close(&f);
}

static void the_child_replaces_by_native(void **state)
{
    struct folder f;

    (void)state;
    open_formats(&f);
    folder_write(&f, "parent/codes/p.csv",
                 GW_STR(CODES "A;1;;;2020-01-01;;\nA;2;;2020-01-02;;;\nB;3;;;;;\nC;4;;;;;\n"));
    folder_write(&f, "child/codes/p.csv", GW_STR(CODES "A;5;;;;;\nD;6;;;;;\nD;7;;;;read;\n"));
    expect_rows(&f, "p",
                "B>3  .. 0  @parent/codes/p.csv:4\n"
                "C>4  .. 0  @parent/codes/p.csv:5\n"
                "A>5  .. 0  @child/codes/p.csv:2\n"
                "D>6  .. 0  @child/codes/p.csv:3\n"
                "D>7  .. 4  @child/codes/p.csv:4\n");
    folder_close(&f);
}

/* Rows that end as the row before are read another way; that must not be seen. */
static void rows_that_end_alike(void **state)
{
    static const struct {
        const char *text, *rows;
    } lists[] = {
        {CODES "A;;x;2020-01-01;;read;k\nB;;y;2020-01-01;;read;k\n",
         "A> x 2020-01-01.. 4 k:2|B> y 2020-01-01.. 4 k:3|"},
        {CODES "A;1;;;;;\r\nB;2;;;;;\r\nC;3;;;;;\nD;4;;;;;",
         "A>1  .. 0 :2|B>2  .. 0 :3|C>3  .. 0 :4|D>4  .. 0 :5|"},
        {CODES "A;1;;;;;\n\n\r\nB;2;;;;;\n", "A>1  .. 0 :2|B>2  .. 0 :5|"},
        {CODES "A;1;;;;;\n\"B\";2;;;;;\nC;\"3;\";;;;;\nD;4;\"x\ny\";;;;\nE;5;;;;;\n",
         "A>1  .. 0 :2|B>2  .. 0 :3|C>3;  .. 0 :4|D>4 x\ny .. 0 :5|E>5  .. 0 :7|"},
        {CODES "A;1;\"l\";;;;\nB;2;m;;;;\nC;3;n;;;;\n", "A>1 l .. 0 :2|B>2 m .. 0 :3|C>3 n .. 0 :4|"},
        {CODES "A;1;;;;;\n\xc3\x89;2;\xc3\xa9t\xc3\xa9;;;;\n",
         "A>1  .. 0 :2|\xc3\x89>2 \xc3\xa9t\xc3\xa9 .. 0 :3|"},
        {CODES "A;1;;2020-01-01;;;\nB;2;;2020-01-02;;;\nC;3;;2020-01-02;;;\n",
         "A>1  2020-01-01.. 0 :2|B>2  2020-01-02.. 0 :3|C>3  2020-01-02.. 0 :4|"},
        {"native;pivot;label;when;use;to;from\nA;1;;x;read;;2020-01-01\nB;2;;x;read;;2020-01-01\n",
         "A>1  2020-01-01.. 4 x:2|B>2  2020-01-01.. 4 x:3|"},
        {"native;pivot;label\nA;1;x\nB;2;x\n", "A>1 x .. 0 :2|B>2 x .. 0 :3|"},
        {"native;pivot;label;use\nA;1;x;\nB;2;y;\n", "A>1 x .. 0 :2|B>2 y .. 0 :3|"},
        {"label;native;use\nx;A;read\nx;B;read\n", "A> x .. 4 :2|B> x .. 4 :3|"},
    };
    struct folder f;

    (void)state;
    open_formats(&f);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct code_row *rows;
        size_t n;
        struct buf out;

        folder_write(&f, "parent/codes/alike.csv", str_of(lists[i].text));
        assert_int_equal(load(&f, "alike", &rows, &n), GW_OK);
        buf_init(&out, 1 << 16);
        for (size_t k = 0; k < n; k++)
            buf_format(&out, "%.*s>%.*s %.*s %.*s..%.*s %u %.*s:%u|", STR_ARG(rows[k].native),
                       STR_ARG(rows[k].pivot), STR_ARG(rows[k].label), STR_ARG(rows[k].from),
                       STR_ARG(rows[k].to), rows[k].use, STR_ARG(rows[k].when), rows[k].line);
        assert_string_equal(out.data, lists[i].rows);
        buf_done(&out);
    }
    folder_close(&f);
}

static void where_lists_are_looked_for(void **state)
{
    struct folder f;
    struct code_row *rows;
    size_t n;

    (void)state;
    open_formats(&f);
    folder_write(&f, "shared/towns.csv", GW_STR(CODES "T;1;;;;;\n"));
    folder_write(&f, "shared/both.csv", GW_STR(CODES "S;1;;;;;\n"));
    folder_write(&f, "child/codes/both.csv", GW_STR(CODES "C;1;;;;;\n"));
    folder_write(&f, "secret.csv", GW_STR(CODES "X;1;;;;;\n"));
    expect_rows(&f, "towns", "T>1  .. 0  @shared/towns.csv:2\n");
    expect_rows(&f, "both", "C>1  .. 0  @child/codes/both.csv:2\n");
    assert_int_equal(load(&f, "none", &rows, &n), GW_END);
    assert_int_equal(load(&f, "../secret", &rows, &n), GW_END);
    assert_int_equal(load(&f, "", &rows, &n), GW_END);
    assert_string_equal(f.heard.data, "");
    assert_int_equal(
        code_rows_load(&f.arena, f.format, (struct gw_str){NULL, 0}, GW_STR("towns"), &f.sink, &rows, &n),
        GW_END);
    assert_int_equal(code_rows_load(&f.arena, NULL, str_of(f.path), GW_STR("secret"), &f.sink, &rows, &n),
                     GW_OK);
    assert_int_equal(n, 1);
    folder_close(&f);
}

static void bad_lists(void **state)
{
    static const struct {
        const char *text, *heard;
    } rows[] = {
        {"", "parent/codes/bad.csv:0:0 codes.header <> <native;pivot;label;from;to;use;when>\n"},
        {"native;pivto\n", "parent/codes/bad.csv:1:0 codes.header <pivto> <pivot>\n"},
        {"native;native\n", "parent/codes/bad.csv:1:0 codes.header <native> <native>\n"},
        {"pivot;label\n", "parent/codes/bad.csv:1:0 codes.header <pivot> <native>\n"},
        {"a;b;c;d;e;f;g;h\n",
         "parent/codes/bad.csv:1:0 codes.header <> <native;pivot;label;from;to;use;when>\n"},
        {CODES "A;1\nB;2;;;;;\nC;3;;;;;;\n",
         "parent/codes/bad.csv:2:0 codes.cells <2> <>\nparent/codes/bad.csv:4:0 codes.cells <8> <>\n"},
        {CODES ";1;;;;;\n", "parent/codes/bad.csv:2:0 codes.native <> <>\n"},
        {CODES "A;1;;;;;\n;2;;;;;\nB;3;;;;;\n", "parent/codes/bad.csv:3:0 codes.native <> <>\n"},
        {CODES "A;1;;;;;\nB;2;;;;;;\nC;3;x;;;;;\n",
         "parent/codes/bad.csv:3:0 codes.cells <8> <>\nparent/codes/bad.csv:4:0 codes.cells <8> <>\n"},
        {CODES "A;1;;2020-13-01;;;\nB;2;;2020-13-01;;;\n",
         "parent/codes/bad.csv:2:0 codes.date <2020-13-01> <YYYY-MM-DD>\n"
         "parent/codes/bad.csv:3:0 codes.date <2020-13-01> <YYYY-MM-DD>\n"},
        {CODES "A;1;;01/02/2020;2020-13-01;;\n",
         "parent/codes/bad.csv:2:0 codes.date <01/02/2020> <YYYY-MM-DD>\n"
         "parent/codes/bad.csv:2:0 codes.date <2020-13-01> <YYYY-MM-DD>\n"},
        {CODES "A;1;;;;rad;\n", "parent/codes/bad.csv:2:0 codes.use <rad> <read>\n"},
        {CODES "\"A;1;;;;;\n", "parent/codes/bad.csv:2:0 mapping.csv <0> <>\n"},
        {CODES "A;\xe9;;;;;\n", "parent/codes/bad.csv:2:0 format.utf8 <> <>\n"},
    };
    struct folder f;

    (void)state;
    open_formats(&f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct code_row *got;
        size_t n;

        folder_write(&f, "parent/codes/bad.csv", str_of(rows[i].text));
        assert_int_equal(load(&f, "bad", &got, &n), GW_FAIL);
        assert_string_equal(f.heard.data, rows[i].heard);
    }
    folder_close(&f);
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* As large as the largest we have; the time is told, and only a hundredfold of it is a failure. */
static void a_large_list(void **state)
{
    enum { ROWS = 76777 };
    struct folder f;
    struct buf text;
    struct code_row *rows;
    size_t n;
    double start;

    (void)state;
    open_formats(&f);
    buf_init(&text, 16 << 20);
    buf_text(&text, CODES);
    for (int i = 0; i < ROWS; i++)
        buf_format(&text, "%05d;;TOWN NUMBER %d;1900-01-01;1999-12-31;;\n", i % 40000, i);
    folder_write(&f, "shared/large.csv", buf_view(&text));
    buf_done(&text);
    start = seconds();
    assert_int_equal(load(&f, "large", &rows, &n), GW_OK);
    print_message("%d rows: %.1f ms\n", ROWS, (seconds() - start) * 1e3);
    assert_true(seconds() - start < 3);
    assert_int_equal(n, ROWS);
    assert_true(str_is(rows[ROWS - 1].label, "TOWN NUMBER 76776"));
    assert_true(str_is(rows[ROWS - 1].file, "shared/large.csv") && rows[ROWS - 1].line == 76778);
    folder_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_as_written),
        cmocka_unit_test(a_shorter_header_will_do),
        cmocka_unit_test(the_child_replaces_by_native),
        cmocka_unit_test(rows_that_end_alike),
        cmocka_unit_test(where_lists_are_looked_for),
        cmocka_unit_test(bad_lists),
        cmocka_unit_test(a_large_list),
    };

    return cmocka_run_group_tests_name("syntax_codes", tests, NULL, NULL);
}
