/* SPDX-License-Identifier: EUPL-1.2 */
/* The arithmetic of an annexe financière on the real rows of the ASP, as they are and with a total changed. */
#include "plugins_iae/suite.h"

#include "base/buf.h"
#include "base/str.h"

#define REAL_FILE "/../shared/data/asp/flux_iae/fluxIAE_AnnexeFinanciere_22022022_112211.csv"

enum { COLUMNS = 128, MAX_ROWS = 200 };

struct table {
    struct buf text;
    struct gw_str names[COLUMNS];
    struct gw_str rows[MAX_ROWS][COLUMNS];
    size_t count;
};

static size_t cut_row(struct gw_str line, struct gw_str *cells)
{
    size_t n = 0;

    for (struct gw_str rest = line; rest.ptr && n < COLUMNS;)
        cells[n++] = str_cut(rest, '|', &rest);
    return n;
}

/* DEB line, names, data. */
static bool read_table(struct table *t)
{
    struct gw_str rest;

    buf_init(&t->text, 1u << 20);
    if (buf_read_file(&t->text, SOURCE_DIR REAL_FILE) != GW_OK)
        return false;
    (void)str_cut(buf_view(&t->text), '\n', &rest);
    assert_int_equal(cut_row(str_cut(rest, '\n', &rest), t->names), COLUMNS);
    while (rest.ptr && rest.len && t->count < MAX_ROWS)
        assert_int_equal(cut_row(str_cut(rest, '\n', &rest), t->rows[t->count++]), COLUMNS);
    return true;
}

static struct gw_str cell(const struct table *t, size_t row, const char *name)
{
    for (size_t i = 0; i < COLUMNS; i++)
        if (str_is(t->names[i], name))
            return t->rows[row][i].len ? t->rows[row][i] : (struct gw_str){NULL, 0};
    fail_msg("no column %s", name);
    return (struct gw_str){NULL, 0};
}

/* DD/MM/YYYY to YYYY-MM-DD */
static struct gw_str iso(struct host *h, struct gw_str s)
{
    return host_copy(h, arena_format(&h->arena, "%.*s-%.*s-%.*s", 4, s.ptr + 6, 2, s.ptr + 3, 2, s.ptr));
}

/* The canonical text of a decimal: 8.10 is 8.1, 10.00 is 10. */
static struct gw_str decimal(struct gw_str s)
{
    if (!s.ptr || !memchr(s.ptr, '.', s.len))
        return s;
    while (s.ptr[s.len - 1] == '0')
        s.len--;
    s.len -= s.ptr[s.len - 1] == '.';
    return s;
}

static void values_of(struct host *h, const struct table *t, size_t row, struct gw_str *values)
{
    values[0] = cell(t, row, "af_montant_total_annuel");
    values[1] = cell(t, row, "af_montant_unitaire_annuel_valeur");
    values[2] = decimal(cell(t, row, "af_etp_postes_insertion"));
    values[3] = iso(h, cell(t, row, "af_date_debut_effet"));
    values[4] = iso(h, cell(t, row, "af_date_fin_effet"));
}

/* The last digit of the total, moved by one. */
static struct gw_str changed(struct host *h, struct gw_str amount)
{
    char *text = arena_text(&h->arena, amount);

    text[amount.len - 1] = text[amount.len - 1] == '9' ? '8' : (char)(text[amount.len - 1] + 1);
    return (struct gw_str){text, amount.len};
}

static void try_row(struct host *h, const struct table *t, size_t row, size_t *amounts)
{
    const struct gw_check *check = host_check("montant-annexe");
    struct gw_str values[5];

    host_forget(h);
    values_of(h, t, row, values);
    check->run(&h->call, values);
    if (h->nsaid)
        fail_msg("row %zu: %.*s", row + 1, STR_ARG(h->said[0].args[1].value));
    host_check("dates-ordre")->run(&h->call, &values[3]);
    assert_int_equal(h->nsaid, 0);
    if (!values[0].ptr)
        return;
    ++*amounts;
    values[0] = changed(h, values[0]);
    check->run(&h->call, values);
    assert_int_equal(h->nsaid, 1);
    assert_string_equal(h->said[0].code, "iae.annexe_amount");
}

static void try_number(struct host *h, const struct table *t, size_t row)
{
    struct gw_str base = cell(t, row, "af_numero_annexe_financiere");
    struct gw_str renewal = cell(t, row, "af_numero_avenant_renouvellement");
    struct gw_str change = cell(t, row, "af_numero_avenant_modification");
    struct gw_str number = host_copy(
        h, arena_format(&h->arena, "%.*sA%.*sM%.*s", STR_ARG(base), STR_ARG(renewal), STR_ARG(change)));

    host_check("annexe")->run(&h->call, &number);
    if (h->nsaid)
        fail_msg("%.*s", STR_ARG(number));
}

void test_annexe_real_file(void **state)
{
    static struct table t;
    size_t amounts = 0;
    struct host h;

    (void)state;
    if (!read_table(&t)) {
        print_message("the real file of the ASP is not here: skipped\n");
        skip();
    }
    assert_int_equal(t.count, 85);
    host_init(&h, "2022-02-22");
    for (size_t i = 0; i < t.count; i++) {
        try_row(&h, &t, i, &amounts);
        host_forget(&h);
        try_number(&h, &t, i);
    }
    assert_int_equal(amounts, 71);
    host_done(&h);
    buf_done(&t.text);
}

/* The message names what was found, what is expected, and for how many months. */
void test_annexe_arguments(void **state)
{
    struct gw_str values[] = {GW_STR("1.00"), GW_STR("20642.00"), GW_STR("7.95"), GW_STR("2021-01-01"),
                              GW_STR("2021-08-31")};
    static const char *const expected[][2] = {{"found", "1.00"}, {"expected", "109402.64"}, {"months", "8"}};
    struct host h;

    (void)state;
    host_init(&h, NULL);
    host_check("montant-annexe")->run(&h.call, values);
    assert_int_equal(h.nsaid, 1);
    assert_int_equal(h.said[0].nargs, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(h.said[0].args[i].name, expected[i][0]);
        assert_true(str_is(h.said[0].args[i].value, expected[i][1]));
    }
    host_done(&h);
}
