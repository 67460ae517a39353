/* SPDX-License-Identifier: EUPL-1.2 */
#include "plugins_xml/fixture.h"

static void put_text(struct buf *out, struct gw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        buf_char(out, text.ptr[i] == '\n' ? '~' : text.ptr[i]);
}

static void put_diag(struct sink *sink, const struct diag *d)
{
    struct fixture *f = (struct fixture *)sink;

    buf_format(&f->out, "! %s %u:%u", d->code, d->line, d->column);
    for (size_t i = 0; i < d->nargs; i++) {
        if (str_is(str_of(d->args[i].name), "said"))
            continue; /* words of the library's version */
        buf_format(&f->out, " %s=", d->args[i].name);
        put_text(&f->out, d->args[i].value);
    }
    buf_char(&f->out, '\n');
}

int fixture_setup(void **state)
{
    return fixture_load(state, "xml", ';', put_diag);
}

static void put_place(struct fixture *f, const struct gw_record *rec, const struct gw_node *n, struct buf *out)
{
    uint32_t line, column;

    session_place(&f->session, rec, n, &line, &column);
    buf_format(out, "%u:%u", line, column);
}

void fixture_tree(struct fixture *f, const struct gw_record *rec, const struct gw_node *n, struct buf *out)
{
    static const char around[] = "    []{}";

    buf_str(out, names_text(&f->names, n->name));
    if (f->places && rec)
        put_place(f, rec, n, out);
    if (n->kind == GW_NULL)
        buf_char(out, '!');
    else if (n->len || n->kind == GW_TEXT) {
        buf_char(out, '\'');
        put_text(out, (struct gw_str){n->text, n->len});
        buf_char(out, '\'');
    }
    if (n->kind == GW_RECORDS)
        buf_text(out, "...");
    if (n->kind != GW_MAP && n->kind != GW_LIST) {
        assert_null(n->first);
        return;
    }
    buf_char(out, around[n->kind == GW_MAP ? 6 : 4]);
    for (const struct gw_node *kid = n->first; kid; kid = kid->next) {
        fixture_tree(f, rec, kid, out);
        if (kid->next)
            buf_char(out, ' ');
    }
    buf_char(out, around[n->kind == GW_MAP ? 7 : 5]);
}

static void put_record(struct fixture *f, enum gw_result r, const struct gw_record *rec)
{
    struct buf raw;

    buf_text(&f->out, r == GW_OK ? "ok " : "no ");
    buf_init(&raw, 64 << 20);
    assert_true(rec->begin < rec->end);
    if (r == GW_OK) {
        fixture_tree(f, rec, rec->root, &f->out);
    } else {
        buf_format(&f->out, "%u ", rec->line);
        if (!session_raw(&f->session, rec, &raw))
            buf_text(&f->out, "...");
        put_text(&f->out, buf_view(&raw));
    }
    buf_done(&raw);
    buf_char(&f->out, '\n');
}

enum gw_result fixture_read_all(struct fixture *f)
{
    static const char *const ends[] = {"ok", "end", "no", "fail", "retry", "fatal"};
    struct gw_record rec;
    uint64_t changes = 0;
    enum gw_result r;

    do {
        r = session_next(&f->session, &rec);
        if (f->context && rec.context && (r == GW_OK || r == GW_END) &&
            (rec.changes != changes || r == GW_END)) {
            buf_text(&f->out, "context ");
            fixture_tree(f, f->places ? &rec : NULL, rec.context, &f->out);
            buf_char(&f->out, '\n');
            changes = rec.changes;
        }
        if (r == GW_OK || r == GW_REJECT)
            put_record(f, r, &rec);
    } while (r == GW_OK || r == GW_REJECT);
    buf_format(&f->out, "%s\n", ends[r]);
    return r;
}

enum gw_result fixture_read(struct fixture *f, struct gw_str text)
{
    enum gw_result r;

    buf_clear(&f->out);
    r = fixture_open(f, text, -1);
    return r == GW_OK ? fixture_read_all(f) : r;
}

static void assert_reading(void **state)
{
    static const size_t steps[] = {0, 1, 2, 3, 5, 7, 13, 64};
    const struct reading *reading = *state;
    struct fixture *f;

    (void)fixture_setup((void **)&f);
    fixture_configure(f, reading->steps, reading->options);
    f->places = reading->places;
    f->context = reading->context;
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        f->limits.step = steps[i];
        (void)fixture_read(f, str_of(reading->text));
        if (!str_is(buf_view(&f->out), reading->expected))
            print_error("step %zu\n", steps[i]);
        assert_string_equal(f->out.data, reading->expected);
    }
    (void)fixture_teardown((void **)&f);
}

int fixture_run(const char *group, const struct reading *readings, size_t n)
{
    struct CMUnitTest tests[128];

    assert_true(n <= sizeof(tests) / sizeof(*tests));
    for (size_t i = 0; i < n; i++)
        tests[i] =
            (struct CMUnitTest){readings[i].name, assert_reading, NULL, NULL, (void *)(uintptr_t)&readings[i]};
    return _cmocka_run_group_tests(group, tests, n, NULL, NULL);
}
