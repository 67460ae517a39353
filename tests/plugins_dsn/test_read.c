/* SPDX-License-Identifier: EUPL-1.2 */
/* Reading: what a text gives, at every window; what is wrong, where, and what is kept of the rest. */
#include "plugins_dsn/fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define HEAD                                                                                                   \
    "S10.G00.00.001,'P'\nS10.G00.01.001,'9'\nS20.G00.05.001,'01'\nS21.G00.06.001,'S'\nS21.G00.11.001,'N'\n"
#define TOTALS(n) "S90.G00.90.001,'" n "'\nS90.G00.90.002,'1'\n"
#define CONTEXT                                                                                                \
    "context ( (S10.G00.00 001=P (S10.G00.01 001=9) (S20.G00.05 001=01 (S21.G00.06 001=S (S21.G00.11 "         \
    "001=N)))))\n"

struct reading {
    const char *name, *text, *expected;
};

/* clang-format off */
static const struct reading rows[] = {
    {"a record", HEAD "S21.G00.30.001,'1'\nS21.G00.30.002,'A'\n" TOTALS("9"),
     "ok (S21.G00.30 001=1 002=A)\n" CONTEXT "end\n"},
    {"blocks in blocks, again and again", HEAD "S21.G00.30.002,'A'\nS21.G00.40.001,'x'\nS21.G00.60.001,'s'\nS21.G00.60.001,'t'\n"
     "S21.G00.62.001,'u'\nS21.G00.40.001,'y'\nS21.G00.86.001,'z'\n" TOTALS("14"),
     "ok (S21.G00.30 002=A (S21.G00.40 001=x (S21.G00.60 001=s) (S21.G00.60 001=t) (S21.G00.62 001=u)) (S21.G00.40 001=y)"
     " (S21.G00.86 001=z))\n" CONTEXT "end\n"},
    {"a rubric that does not follow begins a block", HEAD "S21.G00.30.002,'A'\nS21.G00.30.002,'B'\nS21.G00.30.001,'C'\n" TOTALS("10"),
     "ok (S21.G00.30 002=A)\nok (S21.G00.30 002=B)\nok (S21.G00.30 001=C)\n" CONTEXT "end\n"},
    {"quotes, nothing, blanks at the end, CR LF, blank lines", HEAD "\r\nS21.G00.30.002,'d'Arc'  \r\nS21.G00.30.003,''\n \nS21.G00.30.004,'a',''\n" TOTALS("10"),
     "ok (S21.G00.30 002=d'Arc 003= 004=a',')\n" CONTEXT "end\n"},
    {"a message without records", HEAD TOTALS("7"), CONTEXT "end\n"},
    {"two messages, the context is the last one's", HEAD "S21.G00.30.002,'A'\n" TOTALS("8")
     "S10.G00.00.001,'Q'\nS20.G00.05.001,'07'\nS21.G00.06.001,'T'\nS21.G00.11.001,'M'\nS21.G00.30.002,'B'\n" TOTALS("7"),
     "ok (S21.G00.30 002=A)\nok (S21.G00.30 002=B)\ncontext ( (S10.G00.00 001=Q (S20.G00.05 001=07 (S21.G00.06 001=T (S21.G00.11 001=M)))))\nend\n"},
    {"two declarations in a message", HEAD "S21.G00.30.002,'A'\nS20.G00.05.001,'02'\nS21.G00.06.001,'T'\nS21.G00.11.001,'M'\nS21.G00.30.002,'B'\n"
     "S90.G00.90.001,'12'\nS90.G00.90.002,'2'\n",
     "ok (S21.G00.30 002=A)\nok (S21.G00.30 002=B)\n"
     "context ( (S10.G00.00 001=P (S10.G00.01 001=9) (S20.G00.05 001=02 (S21.G00.06 001=T (S21.G00.11 001=M)))))\nend\n"},
    {"blocks behind the records", HEAD "S21.G00.30.002,'A'\nS21.G00.44.001,'x'\nS21.G00.44.001,'y'\n" TOTALS("10"),
     "ok (S21.G00.30 002=A)\n"
     "context ( (S10.G00.00 001=P (S10.G00.01 001=9) (S20.G00.05 001=01 (S21.G00.06 001=S (S21.G00.11 001=N (S21.G00.44 001=x) (S21.G00.44 001=y))))))\nend\n"},
    {"an envelope around", "S05.G51.00.001,'V'\nS06.G51.00.001,'DSNOK'\n" HEAD TOTALS("7") "S96.G51.00.001,'F'\nS95.G51.00.001,'V'\n", CONTEXT "end\n"},
    {"an envelope that does not end", "S05.G51.00.001,'V'\n" HEAD TOTALS("7"), "! dsn.truncated 9:1 S95.G51.00\nfail\n"},
    {"a block that the table has not, said once", HEAD "S21.G00.30.002,'A'\nS21.G00.99.001,'x'\nS21.G00.99.002,'y'\nS21.G00.40.001,'c'\nS21.G00.98.001,'z'\n" TOTALS("12"),
     "! dsn.block_unknown 7:1 S21.G00.99\nok (S21.G00.30 002=A (S21.G00.99 001=x 002=y) (S21.G00.40 001=c (S21.G00.98 001=z)))\n" CONTEXT "end\n"},
    {"wrong totals are warnings", HEAD "S21.G00.30.002,'A'\nS90.G00.90.001,'9'\nS90.G00.90.002,'x'\n",
     "ok (S21.G00.30 002=A)\n! dsn.total 8:17 9 8\n! dsn.total 8:17 18446744073709551615 1\n" CONTEXT "end\n"},
    {"a line that is none, in a record", HEAD "S21.G00.30.002,'A'\nS21.G00.30.004,B'\nS21.G00.30.006,'1'\nS21.G00.30.002,'C'\n" TOTALS("11"),
     "! dsn.line 7:1 S21.G00.30.004,B'\nno S21.G00.30.002,'A'\nS21.G00.30.004,B'\nS21.G00.30.006,'1'\nok (S21.G00.30 002=C)\n" CONTEXT "end\n"},
    {"a block without its parent, in a record", HEAD "S21.G00.30.002,'A'\nS21.G00.62.001,'1'\nS21.G00.40.001,'x'\nS21.G00.30.002,'C'\n" TOTALS("11"),
     "! dsn.parent 7:1 S21.G00.62\nno S21.G00.30.002,'A'\nS21.G00.62.001,'1'\nS21.G00.40.001,'x'\nok (S21.G00.30 002=C)\n" CONTEXT "end\n"},
    {"a contract without a person", HEAD "S21.G00.40.001,'A'\nS21.G00.40.002,'B'\nS21.G00.30.002,'C'\n" TOTALS("10"),
     "! dsn.parent 6:1 S21.G00.40\nno S21.G00.40.001,'A'\nS21.G00.40.002,'B'\nok (S21.G00.30 002=C)\n" CONTEXT "end\n"},
    {"a line that is none, around the records", "S10.G00.00.001,'P'\nS20.G00.05.001;'01'\n", "! dsn.line 2:1 S20.G00.05.001;'01'\nfail\n"},
    {"a block without its parent, around the records", "S10.G00.00.001,'P'\nS21.G00.06.001,'01'\n", "! dsn.parent 2:1 S21.G00.06\nfail\n"},
    {"totals of no message", TOTALS("2"), "! dsn.parent 1:1 S90.G00.90\nfail\n"},
    {"cut in a record", HEAD "S21.G00.30.002,'A'\n", "! dsn.truncated 7:1 S90.G00.90\nfail\n"},
    {"cut before the last total", HEAD "S21.G00.30.002,'A'\nS90.G00.90.001,'8'\n", "ok (S21.G00.30 002=A)\n! dsn.truncated 8:1 S90.G00.90\nfail\n"},
    {"a message begins before the other ends", HEAD "S21.G00.30.002,'A'\n" HEAD TOTALS("7"), "ok (S21.G00.30 002=A)\n! dsn.truncated 7:1 S90.G00.90\nfail\n"},
    {"nothing", "", "! dsn.empty 1:1 \nfail\n"},
    {"something else", "nom;prenom\n", "! dsn.line 1:1 nom;prenom\nfail\n"},
};
/* clang-format on */

static void put_raw(struct fixture *f, const struct gw_record *rec)
{
    buf_text(&f->out, "no ");
    (void)session_raw(&f->session, rec, &f->out);
}

static void read_all(struct fixture *f, const char *text)
{
    static const char *const ends[] = {"ok", "end", "no", "fail", "retry", "fatal"};
    struct gw_record rec;
    enum gw_result r;

    buf_clear(&f->out);
    r = fixture_open(f, str_of(text), -1);
    while (r == GW_OK || r == GW_REJECT) {
        r = session_next(&f->session, &rec);
        if (r == GW_REJECT)
            put_raw(f, &rec);
        if (r != GW_OK && r != GW_END)
            continue;
        buf_text(&f->out, r == GW_OK ? "ok " : "context ");
        fixture_tree(f, r == GW_OK ? rec.root : rec.context, &f->out);
        buf_char(&f->out, '\n');
    }
    buf_format(&f->out, "%s\n", ends[r]);
    fixture_close(f);
}

static void reads(void **state)
{
    static const size_t steps[] = {0, 1, 7, 64};
    struct fixture *f = *state;
    int failed = 0;

    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t k = 0; k < COUNT(steps); k++) {
            fixture_configure(f, STEPS, "blocks=" TABLE);
            f->limits.step = steps[k];
            read_all(f, rows[i].text);
            if (strcmp(f->out.data, rows[i].expected) != 0 && ++failed)
                print_error("%s, step %zu:\n%s\ninstead of:\n%s\n", rows[i].name, steps[k], f->out.data,
                            rows[i].expected);
        }
    assert_int_equal(failed, 0);
}

static void tables(void **state)
{
    static const struct {
        const char *steps, *table, *said;
    } cases[] = {
        {STEPS, "blocks=", "! dsn.blocks 1:1 -\n"},
        {STEPS, "blocks=S10.G00.00;\nS10.G00;S10.G00.00\n", "! dsn.blocks 1:1 S10.G00;S10.G00.00\n"},
        {STEPS, "blocks=S10.G00.01;S10.G00.00\nS10.G00.00\n", "! dsn.blocks 1:1 S10.G00.01;S10.G00.00\n"},
        {STEPS, "blocks=S10.G00.00\nS10.G00.00\n", "! dsn.blocks 1:1 S10.G00.00\n"},
        {"S10.G00.00[]/S21.G00.30[]", "blocks=" TABLE, "! dsn.steps 1:1 S21.G00.30\n"},
        {"S10.G00.00[]", "blocks=" TABLE, "! dsn.steps 1:1 -\n"},
        {"gens[]", "blocks=" TABLE, "! dsn.steps 1:1 gens\n"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        buf_clear(&f->out);
        fixture_configure(f, cases[i].steps, cases[i].table);
        assert_int_equal(fixture_open(f, GW_STR("S10.G00.00.001,'P'\n"), -1), GW_FAIL);
        assert_string_equal(f->out.data, cases[i].said);
        fixture_close(f);
    }
}

/* A person of more bytes than a record may have is set aside whole, those around it are read. */
static void bounds(void **state)
{
    struct fixture *f = *state;
    struct buf text;

    buf_init(&text, 1 << 20);
    buf_text(&text, HEAD "S21.G00.30.002,'A'\nS21.G00.30.002,'B'\n");
    for (int i = 0; i < 100; i++)
        buf_text(&text, "S21.G00.40.001,'01092026'\n");
    buf_text(&text, "S21.G00.30.002,'C'\n" TOTALS("110"));
    fixture_configure(f, STEPS, "blocks=" TABLE);
    f->limits.record_bytes = 512;
    buf_clear(&f->out);
    read_all(f, text.data);
    assert_non_null(strstr(f->out.data, "ok (S21.G00.30 002=A)\n! dsn.long 26:1 512\nno "));
    assert_non_null(strstr(f->out.data, "ok (S21.G00.30 002=C)\ncontext"));
    buf_done(&text);
}

static void probes(void **state)
{
    static const struct {
        const char *head;
        int sure;
    } cases[] = {{"S10.G00.00.001,'P'\nx", 95}, {"S10.G00.00.001,'P'\r\n", 95},
                 {"S10.G00.00.001,P\n", 0},     {"s10.G00.00.001,'P'\n", 0},
                 {"nom;prenom\n", 0},           {"", 0}};
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(f->plugin->probe(&(struct gw_probe){str_of(cases[i].head), {NULL, 0}}), cases[i].sure);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {TEST(reads), TEST(tables), TEST(bounds), TEST(probes)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
