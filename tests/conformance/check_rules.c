/* SPDX-License-Identifier: EUPL-1.2 */
/* A rules plugin: whatever the texts, a rule answers, is pure, and says why it refuses. */
#include <string.h>

#include "conformance/suite.h"

#define PARTS 16

struct caller {
    struct gw_call call; /* first */
    struct arena arena;
    size_t fail_at; /* the nth allocation; 0: none */
    bool hit;
    size_t errors, reports;
    size_t fields; /* how many values there are to complain of */
};

static void *alloc(struct gw_call *call, size_t size)
{
    struct caller *c = (struct caller *)call;

    if (c->fail_at && --c->fail_at == 0) {
        c->hit = true;
        return NULL;
    }
    return arena_alloc(&c->arena, size);
}

static enum gw_lookup lookup(struct gw_call *call, const char *list, struct gw_str native, struct gw_str day,
                             struct gw_entry *ret)
{
    (void)call;
    (void)day;
    assert_true(list && *list && native.ptr);
    *ret = (struct gw_entry){.native = native};
    return GW_NO_LIST;
}

static void report(struct gw_call *call, enum gw_severity severity, size_t field, const char *code,
                   const struct gw_arg *args, size_t nargs)
{
    struct caller *c = (struct caller *)call;
    const struct gw_message *m = subject.plugin->messages;

    while (m && m->code && strcmp(m->code, code) != 0)
        m++;
    if (!m || !m->code)
        fail_msg("%s is not among the messages", code);
    for (size_t i = 0; i < nargs; i++)
        assert_true(args[i].name && (args[i].value.ptr || args[i].value.len == 0));
    assert_true(field < c->fields);
    c->reports++;
    c->errors += severity == GW_ERROR;
}

static void caller_init(struct caller *c, size_t fields)
{
    *c = (struct caller){.fields = fields};
    c->call = (struct gw_call){sizeof(c->call), GW_STR("2026-06-15"), alloc, lookup, report};
    arena_init(&c->arena, 4096, 0);
}

/* What people type, and what they do not. */
static const struct gw_str texts[] = {
    GW_STR_INIT("1"),
    GW_STR_INIT("abc"),
    GW_STR_INIT("2026-02-30"),
    GW_STR_INIT("2026-06-15"),
    GW_STR_INIT("12 bis, av. de Blida"),
    GW_STR_INIT("189057912345634"),
    GW_STR_INIT("2A2041234567812"),
    GW_STR_INIT("73282932000074"),
    GW_STR_INIT("FR7630006000011234567890189"),
    GW_STR_INIT("W751234567"),
    GW_STR_INIT("+33 (0)6 12 34 56 78"),
    GW_STR_INIT("99100"),
    GW_STR_INIT("\xC3\xA9t\xC3\xA9"),
    GW_STR_INIT("\xF0\x9F\x98\x80"),
    GW_STR_INIT("-"),
    GW_STR_INIT("'"),
    GW_STR_INIT("0"),
    GW_STR_INIT("99999999999999999999999999999999999999999999999999999999999999999999999999"),
    GW_STR_INIT("a;b;c"),
    GW_STR_INIT("   x   "),
    GW_STR_INIT("\x01"),
    GW_STR_INIT("true"),
};

#define TEXTS (sizeof(texts) / sizeof(texts[0]))

static const struct gw_converter *converters(void)
{
    static const struct gw_converter none[] = {{.name = NULL}};

    return subject.plugin->converters ? subject.plugin->converters : none;
}

static const struct gw_check *checks(void)
{
    static const struct gw_check none[] = {{.name = NULL}};

    return subject.plugin->checks ? subject.plugin->checks : none;
}

void rules_are_sane(void **state)
{
    (void)state;
    for (const struct gw_converter *c = converters(); c->name; c++) {
        assert_true(c->help && *c->help && c->read);
        assert_in_range(c->natives, 1, 8);
        assert_in_range(c->fields, 1, PARTS);
        assert_in_range(c->loss, GW_EXACT, GW_ONE_WAY);
        assert_true(c->write || c->loss == GW_ONE_WAY);
        for (const struct gw_converter *other = converters(); other < c; other++)
            assert_string_not_equal(other->name, c->name);
    }
    for (const struct gw_check *c = checks(); c->name; c++) {
        size_t n = 0;

        assert_true(c->help && *c->help && c->run);
        while (c->fields && c->fields[n])
            n++;
        assert_true(!c->fields || (n > 0 && n <= PARTS));
        for (const struct gw_check *other = checks(); other < c; other++)
            assert_string_not_equal(other->name, c->name);
    }
}

/* One direction, with texts from `at` on; the results as one text. */
static enum gw_result run(const struct gw_converter *c, bool write, size_t at, struct caller *caller,
                          struct buf *out)
{
    struct gw_str in[PARTS], back[PARTS] = {{NULL, 0}};
    size_t nin = write ? c->fields : c->natives, nout = write ? c->natives : c->fields;
    enum gw_result r;

    caller_init(caller, nin);
    for (size_t i = 0; i < nin; i++)
        in[i] = (at + i) % (TEXTS + 1) == TEXTS ? (struct gw_str){NULL, 0} : texts[(at + i) % (TEXTS + 1)];
    r = (write ? c->write : c->read)(&caller->call, NULL, 0, in, back);
    buf_clear(out);
    buf_format(out, "%s %zu %zu", result_word(r), caller->errors, caller->reports);
    for (size_t i = 0; r == GW_OK && i < nout; i++) {
        assert_true(back[i].ptr || back[i].len == 0);
        assert_true(!back[i].ptr || str_valid(back[i]));
        buf_format(out, " %d'%.*s'", back[i].ptr != NULL, STR_ARG(back[i]));
    }
    return r;
}

static void try_pure(const struct gw_converter *c, bool write)
{
    struct buf first, second;

    buf_init(&first, 1 << 16);
    buf_init(&second, 1 << 16);
    for (size_t at = 0; at <= TEXTS; at++) {
        struct caller a, b;
        enum gw_result r = run(c, write, at, &a, &first);

        (void)run(c, write, at, &b, &second);
        assert_string_equal(first.data, second.data);
        if (r != GW_OK && r != GW_REJECT)
            fail_msg("%s: %s", c->name, first.data);
        if ((r == GW_REJECT) != (a.errors > 0))
            fail_msg("%s, text %zu: %s", c->name, at, first.data);
        arena_done(&a.arena);
        arena_done(&b.arena);
    }
    buf_done(&first);
    buf_done(&second);
}

void converters_are_pure(void **state)
{
    (void)state;
    for (const struct gw_converter *c = converters(); c->name; c++) {
        try_pure(c, false);
        if (c->write)
            try_pure(c, true);
    }
}

static void try_failing(const struct gw_converter *c, bool write, size_t at)
{
    bool hit = true;

    for (size_t nth = 1; hit && nth < 1000; nth++) {
        struct caller caller;
        struct gw_str in[PARTS], back[PARTS] = {{NULL, 0}};
        enum gw_result r;

        caller_init(&caller, PARTS);
        caller.fail_at = nth;
        for (size_t i = 0; i < PARTS; i++)
            in[i] = texts[(at + i) % TEXTS];
        r = (write ? c->write : c->read)(&caller.call, NULL, 0, in, back);
        hit = caller.hit;
        if (hit && r != GW_FATAL)
            fail_msg("%s: the %zuth allocation fails, and the result is %s", c->name, nth, result_word(r));
        arena_done(&caller.arena);
    }
}

void converters_survive_failing_memory(void **state)
{
    (void)state;
    for (const struct gw_converter *c = converters(); c->name; c++)
        for (size_t at = 0; at < TEXTS; at++) {
            try_failing(c, false, at);
            if (c->write)
                try_failing(c, true, at);
        }
}

/* Nothing is known: no error to complain of. And with any texts: no crash, the same twice. */
void checks_are_silent_about_nothing(void **state)
{
    (void)state;
    for (const struct gw_check *c = checks(); c->name; c++) {
        struct gw_str values[PARTS] = {{NULL, 0}};
        size_t n = c->fields ? 0 : 1, reports;
        struct caller caller;

        while (c->fields && c->fields[n])
            n++;
        caller_init(&caller, n);
        c->run(&caller.call, values);
        if (caller.errors)
            fail_msg("%s complains of nothing", c->name);
        for (size_t at = 0; at < TEXTS; at++) {
            for (size_t i = 0; i < n; i++)
                values[i] = texts[(at + i) % TEXTS];
            caller.reports = 0;
            c->run(&caller.call, values);
            reports = caller.reports;
            caller.reports = 0;
            c->run(&caller.call, values);
            assert_int_equal(reports, caller.reports);
        }
        arena_done(&caller.arena);
    }
}
