/* SPDX-License-Identifier: EUPL-1.2 */
/* Writing: the order of the norm, messages and their totals, records that are refused and leave no trace. */
#include "plugins_dsn/fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct written {
    struct fixture *f;
    struct session session;
    struct output output;
    struct buf memory;
    struct arena trees;
    uint64_t number;
};

/* "(NAME rubric=text (NAME ...) [NAME (..) (..)])", "@" where the records stand. */
static struct gw_node *tree(struct written *w, const char **at)
{
    const char *begin = *at + 1, *end = begin + strcspn(begin, " )]");
    struct gw_node *n = arena_zero(&w->trees, sizeof(*n)), **tail = &n->first;

    n->kind = **at == '[' ? GW_LIST : GW_MAP;
    n->name = end > begin ? names_add(&w->f->names, begin, (size_t)(end - begin)) : 0;
    for (*at = end; **at == ' ';) {
        const char *word = ++*at, *stop = word + strcspn(word, " )]"),
                   *is = memchr(word, '=', (size_t)(stop - word));

        if (*word == '(' || *word == '[') {
            *tail = tree(w, at);
        } else {
            *tail = arena_zero(&w->trees, sizeof(*n));
            (*tail)->kind = *word == '@' ? GW_RECORDS : GW_TEXT;
            (*tail)->name = *word == '@' ? 0 : names_add(&w->f->names, word, (size_t)(is - word));
            (*tail)->text = *word == '@' ? NULL : is + 1;
            (*tail)->len = *word == '@' ? 0 : (uint32_t)(stop - is - 1);
            *at = stop;
        }
        tail = &(*tail)->next;
    }
    ++*at;
    return n;
}

static struct gw_node *tree_of(struct written *w, const char *text)
{
    return text ? tree(w, &text) : NULL;
}

static void begin(struct written *w, struct fixture *f, const char *options)
{
    struct session_stream stream = {.records = UINT64_MAX};

    memset(w, 0, sizeof(*w));
    w->f = f;
    arena_init(&w->trees, 0, 0);
    buf_init(&w->memory, 1 << 20);
    buf_clear(&f->out);
    fixture_configure(f, STEPS, options);
    stream.steps = f->steps;
    stream.nsteps = f->nsteps;
    output_open_memory(&w->output, &w->memory, GW_STR("out.dsn"), 1 << 20, &f->sink);
    assert_int_equal(session_open_writer(&w->session, f->plugin, f->config, &f->names, &f->limits, &stream,
                                         &w->output, &f->sink),
                     GW_OK);
}

static enum gw_result put(struct written *w, const char *root, const char *context, uint32_t level)
{
    struct gw_record rec = {.root = tree_of(w, root), .context = tree_of(w, context), .level = level};

    return session_write(&w->session, &rec, ++w->number);
}

static void finish(struct written *w, const char *context, const char *expected)
{
    assert_int_equal(session_finish(&w->session, tree_of(w, context)), GW_OK);
    session_close(&w->session);
    assert_int_equal(output_close(&w->output, true), GW_OK);
    assert_string_equal(w->memory.data ? w->memory.data : "", expected);
    buf_done(&w->memory);
    arena_done(&w->trees);
}

#define AROUND(p, rest)                                                                                        \
    "( (S10.G00.00 001=" p " (S20.G00.05 001=01 (S20.G00.07 001=k) (S21.G00.06 001=S (S21.G00.11 001=N @" rest \
    ")))))"
#define HEAD(p)                                                                                                \
    "S10.G00.00.001,'" p "'\nS20.G00.05.001,'01'\nS20.G00.07.001,'k'\nS21.G00.06.001,'S'\nS21.G00.11.001,'N'"  \
                         "\n"

static void order_and_totals(void **state)
{
    struct written w;

    begin(&w, *state, "blocks=" TABLE);
    assert_int_equal(put(&w,
                         "(S21.G00.30 (S21.G00.86 001=z) 004=B [S21.G00.40 (S21.G00.40 (S21.G00.62 001=u) "
                         "009=1 001=x) (S21.G00.40 001=y)] 002=A"
                         " (S21.G00.99 901=v))",
                         AROUND("P", " (S21.G00.44 001=q)"), 0),
                     GW_OK);
    assert_int_equal(put(&w, "(S21.G00.30 002=)", NULL, 5), GW_OK);
    finish(&w, AROUND("P", " (S21.G00.44 001=q)"),
           HEAD("P") "S21.G00.30.002,'A'\nS21.G00.30.004,'B'\nS21.G00.99.901,'v'\nS21.G00.40.001,'x'\nS21.G00."
                     "40.009,'1'\n"
                     "S21.G00.62.001,'u'\nS21.G00.40.001,'y'\nS21.G00.86.001,'z'\nS21.G00.30.002,''\nS21.G00."
                     "44.001,'q'\n"
                     "S90.G00.90.001,'17'\nS90.G00.90.002,'1'\n");
}

static void messages(void **state)
{
    struct written w;

    begin(&w, *state, "blocks=" TABLE "|newline=lf");
    assert_int_equal(put(&w, "(S21.G00.30 002=A)", AROUND("P", " (S21.G00.44 001=q)"), 0), GW_OK);
    assert_int_equal(put(&w, "(S21.G00.30 002=B)", AROUND("Q", ""), 1), GW_OK);
    assert_int_equal(put(&w, "(S21.G00.30 (S21.G00.40 001=x))", AROUND("R", ""), 1),
                     GW_REJECT); /* and Q is still open */
    assert_int_equal(put(&w, "(S21.G00.30 002=C)", NULL, 5), GW_OK);
    finish(&w, AROUND("Q", ""),
           HEAD("P") "S21.G00.30.002,'A'\nS21.G00.44.001,'q'\nS90.G00.90.001,'9'\nS90.G00.90.002,'1'\n" HEAD(
               "Q") "S21.G00.30.002,'B'\nS21.G00.30.002,'C'\nS90.G00.90.001,'9'\nS90.G00.90.002,'1'\n");
    assert_string_equal(((struct fixture *)*state)->out.data, "! dsn.block_empty 0:0 S21.G00.30\n");
}

static void nobody(void **state)
{
    struct written w;

    begin(&w, *state, "blocks=" TABLE "|newline=crlf");
    finish(&w, "( (S10.G00.00 001=P (S20.G00.05 001=01 (S21.G00.06 001=S (S21.G00.11 001=N @)))))",
           "S10.G00.00.001,'P'\r\nS20.G00.05.001,'01'\r\nS21.G00.06.001,'S'\r\nS21.G00.11.001,'N'\r\n"
           "S90.G00.90.001,'6'\r\nS90.G00.90.002,'1'\r\n");
}

static void refused(void **state)
{
    static const struct {
        const char *root, *said;
    } cases[] = {
        {"(S21.G00.30 003=A)", "! dsn.block_merge 0:0 S21.G00.30\n"},
        {"(S21.G00.30 002=A\nB)", "! dsn.newline 0:0 S21.G00.30\n"},
        {"(S21.G00.30 002=A\rB)", "! dsn.newline 0:0 S21.G00.30\n"},
        {"(S21.G00.30 nom=A)", "! dsn.name 0:0 nom\n"},
        {"(S21.G00.30 [002 002=A])", "! dsn.nested 0:0 002\n"},
        {"(S21.G00.30 002=A 002=B)", "! dsn.nested 0:0 002\n"},
        {"(S21.G00.30 (S21.G00.40 001=x))", "! dsn.block_empty 0:0 S21.G00.30\n"},
        {"(S21.G00.30 002=A [S21.G00.40 (S21.G00.40 001=x) (S21.G00.40 009=y)])",
         "! dsn.block_merge 0:0 S21.G00.40\n"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct written w;

        begin(&w, f, "blocks=" TABLE);
        assert_int_equal(put(&w, "(S21.G00.30 002=A)", AROUND("P", ""), 0), GW_OK);
        assert_int_equal(put(&w, cases[i].root, NULL, 5), GW_REJECT);
        assert_string_equal(f->out.data, cases[i].said);
        finish(&w, AROUND("P", ""), HEAD("P") "S21.G00.30.002,'A'\nS90.G00.90.001,'8'\nS90.G00.90.002,'1'\n");
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {TEST(order_and_totals), TEST(messages), TEST(nobody), TEST(refused)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
