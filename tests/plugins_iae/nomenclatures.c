/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The shipped nomenclatures as files: seven cells, valid UTF-8, real days, and never two lines of one
 * native (to read) or of one pivot (to write) that hold together under the same condition.
 */
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/csv.h"
#include "base/str.h"

enum { NATIVE, PIVOT, LABEL, FROM, TO, USE, WHEN, CELLS };

struct row {
    struct gw_str cells[CELLS];
    struct gw_str key; /* what it is sorted by */
};

struct list {
    struct buf text;
    struct arena arena;
    struct row *rows;
    size_t count;
};

static const struct {
    const char *name;
    size_t rows; /* of the public table it was made from, where all of it is kept */
} lists[] = {
    {"insee-com", 0},
    {"insee-pays", 237},
    {"groupe-pays", 237},
    {"communes-outremer", 90},
    {"type-voie", 93},
    {"mots-voie", 0},
    {"mesure", 8},
    {"insee-dpt", 110},
    {"niveau-formation", 11},
    {"orienteur", 24},
    {"type-employeur", 8},
    {"duree", 4},
    {"rome", 532},
    {"extension-voie", 4},
};

static void open_text(struct list *l, const char *name)
{
    char path[4096];

    snprintf(path, sizeof(path), SOURCE_DIR "/schemas/nomenclatures/%s.csv", name);
    buf_init(&l->text, 4u << 20); /* a few MB at most */
    arena_init(&l->arena, 0, 0);
    l->count = 0;
    if (buf_read_file(&l->text, path) != GW_OK)
        fail_msg("%s", path);
    assert_true(str_valid(buf_view(&l->text)));
    assert_null(memchr(l->text.data, '\r', l->text.len));
    assert_int_equal(l->text.data[l->text.len - 1], '\n');
}

static void open_list(struct list *l, const char *name)
{
    static const char *const header[CELLS] = {"native", "pivot", "label", "from", "to", "use", "when"};
    struct gw_str cells[CELLS];
    struct csv csv;
    size_t n;

    open_text(l, name);
    l->rows = arena_array(&l->arena, 50000, sizeof(*l->rows));
    csv_open(&csv, &l->arena, buf_view(&l->text));
    assert_int_equal(csv_row(&csv, cells, CELLS, &n), GW_OK);
    assert_int_equal(n, CELLS);
    for (size_t i = 0; i < CELLS; i++)
        assert_true(str_is(cells[i], header[i]));
    while (csv_row(&csv, cells, CELLS, &n) == GW_OK) {
        assert_int_equal(n, CELLS);
        memcpy(l->rows[l->count++].cells, cells, sizeof(cells));
    }
}

static void close_list(struct list *l)
{
    arena_done(&l->arena);
    buf_done(&l->text);
}

static bool is_day(struct gw_str s)
{
    return s.len == 0 || (s.len == 10 && s.ptr[4] == '-' && s.ptr[7] == '-' && memcmp(s.ptr + 5, "13", 2) < 0 &&
                          memcmp(s.ptr + 8, "32", 2) < 0);
}

static void assert_row(const char *name, const struct row *row)
{
    const struct gw_str *cells = row->cells;

    if (!cells[NATIVE].len || !is_day(cells[FROM]) || !is_day(cells[TO]))
        fail_msg("%s: %.*s", name, STR_ARG(cells[NATIVE]));
    if (cells[FROM].len && cells[TO].len && str_compare(cells[FROM], cells[TO]) > 0)
        fail_msg("%s: %.*s ends before it starts", name, STR_ARG(cells[NATIVE]));
    if (!str_is(cells[USE], "") && !str_is(cells[USE], "read") && !str_is(cells[USE], "write"))
        fail_msg("%s: %.*s", name, STR_ARG(cells[USE]));
    for (size_t i = 0; i < CELLS; i++)
        assert_true(str_eq(str_trim(cells[i]), cells[i]));
    if (str_eq(cells[NATIVE], cells[PIVOT]))
        fail_msg("%s: %.*s: an empty pivot says the same", name, STR_ARG(cells[NATIVE]));
}

static int by_key(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = str_compare(x->key, y->key);

    return order ? order : str_compare(x->cells[FROM], y->cells[FROM]);
}

static bool meet(const struct row *first, const struct row *next)
{
    return !first->cells[TO].len || str_compare(next->cells[FROM], first->cells[TO]) <= 0;
}

/* Of the rows of one direction, none of one key may meet the next in time. */
static void assert_disjoint(const char *name, struct list *l, const char *other, bool native)
{
    size_t n = 0;

    for (size_t i = 0; i < l->count; i++) {
        struct row row = l->rows[i];

        if (str_is(row.cells[USE], other))
            continue;
        row.key = native || !row.cells[PIVOT].len ? row.cells[NATIVE] : row.cells[PIVOT];
        l->rows[n++] = row;
    }
    qsort(l->rows, n, sizeof(*l->rows), by_key);
    for (size_t i = 1; i < n; i++)
        if (str_eq(l->rows[i - 1].key, l->rows[i].key) && meet(&l->rows[i - 1], &l->rows[i]))
            fail_msg("%s: %.*s twice from %.*s", name, STR_ARG(l->rows[i].key),
                     STR_ARG(l->rows[i].cells[FROM]));
}

static void test_lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        struct list l;

        open_list(&l, lists[i].name);
        assert_true(l.count > 0);
        if (lists[i].rows)
            assert_int_equal(l.count, lists[i].rows);
        for (size_t k = 0; k < l.count; k++)
            assert_row(lists[i].name, &l.rows[k]);
        close_list(&l);
    }
}

static void test_unambiguous(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        struct list l;

        open_list(&l, lists[i].name);
        assert_disjoint(lists[i].name, &l, "write", true);
        close_list(&l);
        open_list(&l, lists[i].name);
        assert_disjoint(lists[i].name, &l, "read", false);
        close_list(&l);
    }
}

/* In the files themselves one finds a code at its place. */
static void test_sorted(void **state)
{
    static const char *const sorted[] = {"insee-com", "insee-pays", "communes-outremer", "type-voie",
                                         "mots-voie", "insee-dpt",  "orienteur",         "rome"};

    (void)state;
    for (size_t i = 0; i < sizeof(sorted) / sizeof(*sorted); i++) {
        struct list l;

        open_list(&l, sorted[i]);
        for (size_t k = 1; k < l.count; k++) {
            int order = str_compare(l.rows[k - 1].cells[NATIVE], l.rows[k].cells[NATIVE]);

            if (order > 0 || (order == 0 && str_compare(l.rows[k - 1].cells[FROM], l.rows[k].cells[FROM]) >= 0))
                fail_msg("%s: %.*s", sorted[i], STR_ARG(l.rows[k].cells[NATIVE]));
        }
        close_list(&l);
    }
}

/* The source has 38 423 codes, 35 278 of them current. */
static void test_communes(void **state)
{
    size_t codes = 0, current = 0;
    struct list l;

    (void)state;
    open_list(&l, "insee-com");
    for (size_t i = 0; i < l.count; i++) {
        codes += i == 0 || !str_eq(l.rows[i - 1].cells[NATIVE], l.rows[i].cells[NATIVE]);
        current += l.rows[i].cells[TO].len == 0;
        assert_int_equal(l.rows[i].cells[NATIVE].len, 5);
        assert_int_equal(l.rows[i].cells[FROM].len, 10);
    }
    assert_int_equal(codes, 38423);
    assert_int_equal(current, 35278);
    close_list(&l);
}

/* Every word for a type of street gives a type that there is, and is written as it is looked up. */
static void test_street_words(void **state)
{
    struct list words, types;

    (void)state;
    open_list(&words, "mots-voie");
    open_list(&types, "type-voie");
    for (size_t i = 0; i < words.count; i++) {
        const struct gw_str *cells = words.rows[i].cells;
        struct gw_str type = cells[PIVOT].len ? cells[PIVOT] : cells[NATIVE];
        size_t k = 0;

        while (k < types.count && !str_eq(types.rows[k].cells[NATIVE], type))
            k++;
        if (k == types.count)
            fail_msg("%.*s is no type", STR_ARG(type));
        for (size_t c = 0; c < cells[NATIVE].len; c++)
            assert_true((unsigned char)cells[NATIVE].ptr[c] < 0x80 && (cells[NATIVE].ptr[c] < 'a'));
        assert_true(cells[NATIVE].len < 47);
    }
    close_list(&types);
    close_list(&words);
}

/* Every list here is told where it comes from, and from when. */
static void test_sources(void **state)
{
    struct gw_str cells[4];
    struct csv csv;
    struct list l;
    size_t n, known = 0;

    (void)state;
    open_text(&l, "sources");
    csv_open(&csv, &l.arena, buf_view(&l.text));
    assert_int_equal(csv_row(&csv, cells, 4, &n), GW_OK);
    assert_true(str_is(cells[0], "list"));
    while (csv_row(&csv, cells, 4, &n) == GW_OK) {
        assert_int_equal(n, 4);
        assert_true(cells[1].len && cells[2].len && cells[3].len == 10 && is_day(cells[3]));
        for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
            known += str_is(cells[0], lists[i].name);
    }
    assert_int_equal(known, sizeof(lists) / sizeof(*lists));
    close_list(&l);
}

static struct gw_str folded(const struct gw_str (*rows)[2], size_t n, const char *c)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(rows[i][0], c))
            return rows[i][1];
    return (struct gw_str){NULL, 0};
}

static size_t read_folds(struct list *l, struct gw_str (*rows)[2])
{
    struct csv csv;
    size_t n, count = 0;

    open_text(l, "fold-ascii");
    csv_open(&csv, &l->arena, buf_view(&l->text));
    assert_int_equal(csv_row(&csv, rows[0], 2, &n), GW_OK);
    assert_true(str_is(rows[0][0], "char") && str_is(rows[0][1], "ascii"));
    while (count < 1500 && csv_row(&csv, rows[count], 2, &n) == GW_OK) {
        assert_int_equal(n, 2);
        count++;
    }
    return count;
}

/* One character a line, in order, folded to printable ASCII; every letter of French and of Latin-1. */
static void test_folds(void **state)
{
    static const struct {
        const char *c, *ascii;
    } expected[] = {
        {"é", "e"},        {"À", "A"},
        {"ç", "c"},        {"Ÿ", "Y"},
        {"œ", "oe"},       {"Œ", "OE"},
        {"æ", "ae"},       {"ß", "ss"},
        {"ø", "o"},        {"Đ", "D"},
        {"ł", "l"},        {"ı", "i"},
        {"ğ", "g"},        {"Ş", "S"},
        {"ș", "s"},        {"ẽ", "e"},
        {"’", "'"},        {"“", "\""},
        {"«", "\""},       {"–", "-"},
        {"—", "-"},        {"…", "..."},
        {"€", "EUR"},      {"ﬁ", "fi"},
        {"\xc2\xa0", " "}, {"\xe2\x80\xaf", " "},
        {"\xcc\x81", ""},  {"\xe2\x80\x8b", ""},
    };
    static struct gw_str rows[1500][2];
    struct list l;
    size_t n = read_folds(&l, rows), letters = 0;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(str_utf8(rows[i][0], 0), rows[i][0].len);
        assert_true((unsigned char)rows[i][0].ptr[0] >= 0x80);
        assert_true(i == 0 || str_compare(rows[i - 1][0], rows[i][0]) < 0);
        for (size_t c = 0; c < rows[i][1].len; c++)
            assert_true(rows[i][1].ptr[c] >= ' ' && rows[i][1].ptr[c] <= '~');
        letters += rows[i][0].len == 2 && (unsigned char)rows[i][0].ptr[0] == 0xc3;
    }
    assert_int_equal(letters, 64); /* U+00C0 to U+00FF, all of them */
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        struct gw_str found = folded(rows, n, expected[i].c);

        if (!found.ptr || !str_is(found, expected[i].ascii))
            fail_msg("%s: \"%.*s\"", expected[i].c, STR_ARG(found));
    }
    close_list(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),    cmocka_unit_test(test_unambiguous),  cmocka_unit_test(test_sorted),
        cmocka_unit_test(test_communes), cmocka_unit_test(test_street_words), cmocka_unit_test(test_folds),
        cmocka_unit_test(test_sources),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
