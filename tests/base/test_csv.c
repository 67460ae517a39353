/* SPDX-License-Identifier: EUPL-1.2 */
#include "support/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/str.h"

/* What is expected, a row: "line:cell|cell", "!line" for a bad one. */
static const struct {
    const char *text;
    const char *rows[6];
} tables[] = {
    {"", {NULL}},
    {"\n\r\n\n", {NULL}},
    {"a;b;c", {"1:a|b|c"}},
    {"a;b\nc;d\n", {"1:a|b", "2:c|d"}},
    {"a;b\r\nc;d\r\n", {"1:a|b", "2:c|d"}},
    {"\xef\xbb\xbf"
     "a;b\n\n\nc\n",
     {"1:a|b", "4:c"}},
    {";;\n", {"1:||"}},
    {"a;\n", {"1:a|"}},
    {"\"a;b\";c\n", {"1:a;b|c"}},
    {"\"say \"\"yes\"\"\";c\n", {"1:say \"yes\"|c"}},
    {"\"\"\"\";\"\"\n", {"1:\"|"}},
    {"\"two\nlines\";b\nc\n", {"1:two\nlines|b", "3:c"}},
    {"a\"b;c\n", {"1:a\"b|c"}},
    {"a\rb;c\n", {"1:a\rb|c"}},
    {"\"a\"b;c\nd\n", {"!1", "2:d"}},
    {"a\n\"never closed;b\nc\n", {"1:a", "!2"}},
    {"\"\"", {"1:"}},
    {"\"", {"!1"}},
    {"1;2;3;4;5;6;7;8;9\n", {"1:1|2|3|4 (9)"}},
    {"1;2;3;4;5", {"1:1|2|3|4 (5)"}},
    {"a;b\nc;d", {"1:a|b", "2:c|d"}},
    {"a;b\r\nc;d\r", {"1:a|b", "2:c|d\r"}},
    {"a;b\r", {"1:a|b\r"}},
    {"a\r;b\rc\r\nd\n", {"1:a\r|b\rc", "2:d"}},
    {"a\r\n\r\n\nb\n", {"1:a", "4:b"}},
    {"\xc3\xa9t\xc3\xa9;\xe2\x82\xac\n\xc3\xa9;b", {"1:\xc3\xa9t\xc3\xa9|\xe2\x82\xac", "2:\xc3\xa9|b"}},
    {"a;\"b\nc\";d\ne;f\n", {"1:a|b\nc|d", "3:e|f"}},
    {"a;b;\"c\"\nd;e;f\n", {"1:a|b|c", "2:d|e|f"}},
    {"a;\"b\nc\n", {"!1"}},
};

/* What is behind two cells, and where the text stands then. */
static const struct {
    const char *text, *tail;
    const char *row, *left; /* NULL: not taken */
} endings[] = {
    {"a;b;c\nd", "c\n", "1:a|b", "d"},      {"a;;c\r\n", "c\r\n", "1:a|", ""},
    {"a;b;c\n", "c\r\n", NULL, "a;b;c\n"},  {"a;b;c\r\n", "c\n", NULL, "a;b;c\r\n"},
    {"a;b;c", "c\n", NULL, "a;b;c"},        {"a;b;c\n", "", NULL, "a;b;c\n"},
    {"a;b;cd\n", "d\n", NULL, "a;b;cd\n"},  {"a;b\nc;d\n", "d\n", NULL, "a;b\nc;d\n"},
    {"\n;b;c\n", "c\n", NULL, "\n;b;c\n"},  {"\"a\";b;c\n", "c\n", NULL, "\"a\";b;c\n"},
    {"a;b;c\n", "c\nd\n", NULL, "a;b;c\n"},
};

static void shown(char *out, size_t size, uint32_t line, const struct gw_str *cells, size_t n)
{
    size_t used = (size_t)snprintf(out, size, "%u:", line);

    for (size_t i = 0; i < n && i < 4; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%.*s", i ? "|" : "", STR_ARG(cells[i]));
    if (n > 4)
        snprintf(out + used, size - used, " (%zu)", n);
}

static void every_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        struct arena a = {0};
        struct gw_str cells[4];
        struct csv c;
        enum gw_result r;
        size_t n, row = 0;
        char got[200];

        csv_open(&c, &a, str_of(tables[i].text));
        while ((r = csv_row(&c, cells, 4, &n)) != GW_END) {
            if (r == GW_REJECT)
                snprintf(got, sizeof(got), "!%u", c.line);
            else
                shown(got, sizeof(got), c.line, cells, n);
            if (!tables[i].rows[row] || strcmp(got, tables[i].rows[row]) != 0)
                fail_msg("%s\nrow %zu is %s", tables[i].text, row, got);
            row++;
        }
        if (tables[i].rows[row])
            fail_msg("%s\nended before %s", tables[i].text, tables[i].rows[row]);
        arena_done(&a);
    }
}

static void rows_by_their_ending(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        struct gw_str cells[2];
        struct csv c;
        char got[200];

        csv_open(&c, NULL, str_of(endings[i].text));
        if (csv_row_ending(&c, str_of(endings[i].tail), cells, 2) != (endings[i].row != NULL))
            fail_msg("%s, ending in %s", endings[i].text, endings[i].tail);
        assert_true(str_is(c.left, endings[i].left));
        assert_int_equal(c.next_line, endings[i].row ? 2 : 1);
        if (!endings[i].row)
            continue;
        shown(got, sizeof(got), c.line, cells, 2);
        assert_string_equal(got, endings[i].row);
    }
}

/* As the csv plugin guards cells: plugins_csv has rows of the same kind. */
static void written(void **state)
{
    static const char *const cells[][2] = {
        {"", "\"\""},
        {"a;b", "\"a;b\""},
        {"say \"yes\"", "\"say \"\"yes\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {"=1+1", "\"'=1+1\""},
        {"@x", "\"'@x\""},
        {"\tx", "\"'\tx\""},
        {"\rx", "\"'\rx\""},
        {"-x", "\"'-x\""},
        {"+x", "\"'+x\""},
        {"-", "\"'-\""},
        {"-12", "\"-12\""},
        {"+33 1", "\"+33 1\""},
        {"-1 234,50", "\"-1 234,50\""},
        {"-1+1", "\"'-1+1\""},
        {"-,5", "\"'-,5\""},
        {"'=1", "\"''=1\""},
        {"''a", "\"'''a\""},
        {"'a", "\"'a\""},
        {"'", "\"'\""},
        {"x=1", "\"x=1\""},
    };
    struct gw_str bare;
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
        buf_clear(&out);
        csv_cell(&out, str_of(cells[i][0]));
        assert_string_equal(out.data, cells[i][1]);
        bare = csv_bare((struct gw_str){out.data + 1, out.len - 2});
        assert_true(str_is(bare, cells[i][0]) || strchr(cells[i][0], '"'));
    }
    buf_clear(&out);
    csv_cells(&out, (const struct gw_str[]){GW_STR("a"), {NULL, 0}, GW_STR("=b")}, 3);
    assert_string_equal(out.data, "\"a\";\"\";\"'=b\"\r\n");
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_table), cmocka_unit_test(rows_by_their_ending),
                                       cmocka_unit_test(written)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
