/* SPDX-License-Identifier: EUPL-1.2 */
/* The catalogue's file, and the words that ship: every code in both languages, with advice. */
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/diag.h"
#include "base/str.h"

#define SHIPPED SOURCE_DIR "/schemas/diagnostics.csv"

static enum gw_result load_text(struct catalogue *c, struct arena *a, const char *text)
{
    char path[] = "/tmp/gw-catalogue-XXXXXX";
    int fd = mkstemp(path);
    enum gw_result r;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    r = catalogue_load(c, a, path);
    unlink(path);
    return r;
}

#define HEADER "code;fr;en;advice_fr;advice_en\n"

static void files(void **state)
{
    static const struct {
        const char *text;
        enum gw_result want;
        size_t count;
    } rows[] = {
        {HEADER, GW_OK, 0},
        {HEADER "b.b;fr;en;x;y\na.a;\"f;r\";en;x;y\n", GW_OK, 2},
        {"", GW_FAIL, 0},
        {"code;fr;en\n", GW_FAIL, 0},
        {"code;en;fr;advice_fr;advice_en\n", GW_FAIL, 0},
        {HEADER "a.a;fr;en;x\n", GW_FAIL, 0},
        {HEADER "a.a;\"fr;en;x;y\n", GW_FAIL, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct catalogue c;

        assert_int_equal(load_text(&c, &a, rows[i].text), rows[i].want);
        assert_int_equal(c.count, rows[i].count);
        arena_done(&a);
    }
}

static void codes_are_found(void **state)
{
    static const struct gw_message theirs[] = {{"a.a", "autre", "other", "", ""},
                                               {"p.q", "du greffon", "of the plugin", "conseil", "advice"},
                                               {"0.z", "un", "one", NULL, NULL},
                                               {NULL, NULL, NULL, NULL, NULL}};
    struct arena a = {0};
    struct catalogue c;

    (void)state;
    assert_int_equal(load_text(&c, &a, HEADER "b.b;fr b;en b;x;y\na.a;fr a;en a;x;y\n"), GW_OK);
    assert_int_equal(catalogue_add(&c, NULL), GW_OK);
    assert_int_equal(catalogue_add(&c, theirs), GW_OK);
    assert_int_equal(catalogue_add(&c, theirs), GW_OK); /* twice is once */
    assert_int_equal(c.count, 4);
    assert_true(str_is(catalogue_find(&c, "a.a")->text[LANG_FR], "fr a")); /* the core's words stay */
    assert_true(str_is(catalogue_find(&c, "b.b")->advice[LANG_EN], "y"));
    assert_true(str_is(catalogue_find(&c, "p.q")->text[LANG_EN], "of the plugin"));
    assert_true(str_is(catalogue_find(&c, "0.z")->text[LANG_FR], "un"));
    assert_null(catalogue_find(&c, "c.c"));
    assert_null(catalogue_find(&(struct catalogue){0}, "a.a"));
    arena_done(&a);
}

/* The {names} of one text, in order of first use, as "a,b,". */
static void names_in(struct gw_str text, char *out, size_t size)
{
    struct gw_str rest = text, name;
    size_t used = 0;

    out[0] = '\0';
    for (;;) {
        (void)str_cut(rest, '{', &rest);
        if (!rest.ptr)
            return;
        name = str_cut(rest, '}', &rest);
        assert_non_null(rest.ptr);
        used += (size_t)snprintf(out + used, size - used, "%.*s,", STR_ARG(name));
        assert_true(used < size);
    }
}

static void shipped_words_are_complete(void **state)
{
    struct arena a = {0};
    struct catalogue c;

    (void)state;
    assert_int_equal(catalogue_load(&c, &a, SHIPPED), GW_OK);
    assert_true(c.count > 100);
    for (size_t i = 0; i < c.count; i++) {
        const struct catalogue_entry *e = &c.entries[i];
        char fr[200], en[200];

        if (i && str_eq(e->code, c.entries[i - 1].code))
            fail_msg("%.*s is there twice", STR_ARG(e->code));
        if (!e->text[0].len || !e->text[1].len || !e->advice[0].len || !e->advice[1].len)
            fail_msg("%.*s lacks words", STR_ARG(e->code));
        names_in(e->text[0], fr, sizeof(fr));
        names_in(e->text[1], en, sizeof(en));
        if (strcmp(fr, en) != 0)
            fail_msg("%.*s: {%s} in French, {%s} in English", STR_ARG(e->code), fr, en);
        if (!str_valid(e->text[0]) || str_eq(e->text[0], e->text[1]))
            fail_msg("%.*s is not translated", STR_ARG(e->code));
    }
    arena_done(&a);
}

static void what_cannot_be_read_fails(void **state)
{
    struct arena a = {0};
    struct catalogue c;

    (void)state;
    assert_int_equal(catalogue_load(&c, &a, "/nowhere/at/all"), GW_FAIL);
    arena_fail_at(1);
    assert_int_equal(catalogue_load(&c, &a, SHIPPED), GW_FATAL);
    arena_fail_at(0);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files),
        cmocka_unit_test(codes_are_found),
        cmocka_unit_test(shipped_words_are_complete),
        cmocka_unit_test(what_cannot_be_read_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
