/* SPDX-License-Identifier: EUPL-1.2 */
/* A folder of plugins, most of them bad on purpose: each is refused for its own reason, the good are there. */
#include "pipeline/registry.h"

#include <string.h>

#include "base/str.h"
#include "pipeline/options.h"
#include "pipeline/plugins/good.h"
#include "pipeline/told.h"
#include "support/unit.h"

struct fixture {
    struct arena arena;
    struct registry registry;
    struct told told;
};

static int setup(void **state)
{
    static struct fixture f;

    arena_init(&f.arena, 0, 0);
    told_init(&f.told);
    *state = &f;
    return registry_load(&f.registry, &f.arena, GW_STR(PLUGINS), &f.told.sink) == GW_OK ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    registry_done(&f->registry);
    buf_done(&f->told.text);
    arena_done(&f->arena);
    return 0;
}

static struct gw_str file_name(struct gw_str path)
{
    const char *slash = memrchr(path.ptr, '/', path.len);

    return str_of(slash + 1);
}

static void refusals(void **state)
{
    static const struct {
        const char *file, *code, *arg, *value;
    } cases[] = {
        {"a_text.so", "plugin.not_elf", NULL, NULL},
        {"abi_major.so", "plugin.abi", "found", "2.0"},
        {"abi_minor.so", "plugin.newer", "found", "1.6"},
        {"broken.so", "plugin.not_elf", NULL, NULL},
        {"calls_none.so", "plugin.calls", NULL, NULL},
        {"choice_none.so", "plugin.option", "fault", "choices"},
        {"initial.so", "plugin.option", "fault", "initial"},
        {"message.so", "plugin.message", "message", "bad.code"},
        {"name_blank.so", "plugin.name", "found", "a b"},
        {"name_none.so", "plugin.name", "found", "-"},
        {"name_path.so", "plugin.name", "found", "../x"},
        {"no_symbol.so", "plugin.symbol", NULL, NULL},
        {"offset.so", "plugin.option", "fault", "offset"},
        {"option_twice.so", "plugin.option", "fault", "twice"},
        {"rule_twice.so", "plugin.rule_twice", "rule", "same-as"},
        {"size.so", "plugin.size", "expected", "1.5"},
        {"type.so", "plugin.option", "fault", "type"},
        {"zz_twice.so", "plugin.twice", "found", "good"},
    };
    struct fixture *f = *state;
    size_t n = sizeof(cases) / sizeof(cases[0]);

    for (size_t i = 0; i < n && i < f->registry.nrefused; i++) {
        const struct refused_plugin *p = &f->registry.refused[i];
        size_t at = strcmp(cases[i].code, "plugin.option") == 0
                        ? 1
                        : strcmp("expected", cases[i].arg ? cases[i].arg : "") == 0;

        assert_true(str_is(file_name(p->path), cases[i].file));
        assert_string_equal(p->code, cases[i].code);
        assert_int_equal(p->nargs != 0, cases[i].arg != NULL);
        if (cases[i].arg)
            assert_string_equal(p->args[at].name, cases[i].arg);
        if (cases[i].value)
            assert_true(str_is(p->args[at].value, cases[i].value));
    }
    assert_int_equal(f->registry.nrefused, n);
    registry_report(&f->registry, &f->told.sink);
    assert_true(str_begins(buf_view(&f->told.text),
                           GW_STR("plugin.not_elf 0:0 #0\nplugin.abi 0:0 #0 found=2.0 expected=1.5\n")));
}

static void what_was_loaded(void **state)
{
    struct fixture *f = *state;
    const struct gw_plugin *p = registry_plugin(&f->registry, GW_STR("good"));

    assert_int_equal(f->registry.nloaded, 2);
    assert_true(str_is(file_name(f->registry.loaded[0].path), "any name at all.so"));
    assert_non_null(p);
    assert_ptr_equal(registry_converter(&f->registry, GW_STR("same-as")), p->converters);
    assert_ptr_equal(registry_check(&f->registry, GW_STR("same-as")), p->checks);
    assert_non_null(registry_plugin(&f->registry, GW_STR("other")));
    assert_null(registry_plugin(&f->registry, GW_STR("bad")));
    assert_null(registry_converter(&f->registry, GW_STR("none")));
    assert_null(registry_check(&f->registry, GW_STR("good")));
    assert_string_equal(registry_nearest(&f->registry, GW_STR("godd")), "good");
}

static void no_folder(void **state)
{
    struct fixture *f = *state;
    struct registry r;

    assert_int_equal(registry_load(&r, &f->arena, GW_STR("/nonexistent"), &f->told.sink), GW_FAIL);
    assert_string_equal(f->told.text.data, "plugin.folder 0:0 #0 error=No such file or directory\n");
    registry_done(&r);
}

static struct gw_str get(void *context, const char *name)
{
    const char *const *pairs = context;

    for (; *pairs; pairs += 2)
        if (strcmp(*pairs, name) == 0)
            return str_of(pairs[1]);
    return (struct gw_str){NULL, 0};
}

static void defaults(void **state)
{
    static const char *const none[] = {NULL};
    struct fixture *f = *state;
    struct option_source source = {get, (void *)(uintptr_t)none, GW_STR("f"), &f->told.sink, NULL};
    struct good g;

    memset(&g, 0xff, sizeof(g));
    assert_int_equal(options_fill(registry_plugin(&f->registry, GW_STR("good")), &g, &source), GW_OK);
    assert_true(g.flag);
    assert_int_equal(g.letter, ';');
    assert_int_equal(g.number, 12);
    assert_null(g.text.ptr);
    assert_int_equal(g.word, 1);
}

static void given(void **state)
{
    static const char *const pairs[] = {"flag", "false", "letter", "\\t", "number", "18446744073709551615",
                                        "text", "é;",    "word",   "two", NULL};
    static const char *const bad[] = {"flag", "yes", "letter", "é", "number", "-1", "word", "three", NULL};
    static const char *const empty[] = {"letter", "", "text", "", NULL};
    struct fixture *f = *state;
    const struct gw_plugin *p = registry_plugin(&f->registry, GW_STR("good"));
    struct option_source source = {get, (void *)(uintptr_t)pairs, GW_STR("f"), &f->told.sink, NULL};
    struct good g;

    assert_int_equal(options_fill(p, &g, &source), GW_OK);
    assert_false(g.flag);
    assert_int_equal(g.letter, '\t');
    assert_true(g.number == UINT64_MAX);
    assert_true(str_is(g.text, "é;"));
    assert_int_equal(g.word, 2);
    source.context = (void *)(uintptr_t)empty;
    assert_int_equal(options_fill(p, &g, &source), GW_OK);
    assert_int_equal(g.letter, 0);
    assert_true(g.text.ptr && !g.text.len);
    source.context = (void *)(uintptr_t)bad;
    assert_int_equal(options_fill(p, &g, &source), GW_FAIL);
    assert_string_equal(f->told.text.data,
                        "option.value 0:0 #0 plugin=good option=flag found=yes expected=true | false\n"
                        "option.value 0:0 #0 plugin=good option=letter found=é expected=; | , | \\t | ...\n"
                        "option.value 0:0 #0 plugin=good option=number found=-1 expected=0 | 1 | 2 | ...\n"
                        "option.value 0:0 #0 plugin=good option=word found=three expected=none|tab|two\n");
}

static void unknown_names(void **state)
{
    struct gw_str names[] = {GW_STR("flag"), GW_STR("lettre"), GW_STR("xyzzyx")};
    struct fixture *f = *state;
    const struct gw_plugin *p = registry_plugin(&f->registry, GW_STR("good"));
    struct option_source source = {get, NULL, GW_STR("f"), &f->told.sink, NULL};

    assert_int_equal(options_known(p, names, 1, &source), GW_OK);
    assert_int_equal(options_known(p, names, 3, &source), GW_FAIL);
    assert_string_equal(f->told.text.data, "option.unknown 0:0 #0 plugin=good option=lettre nearest=letter\n"
                                           "option.unknown 0:0 #0 plugin=good option=xyzzyx nearest=-\n");
}

static enum gw_result load(void *context, struct gw_str name, struct gw_str *ret)
{
    (void)context;
    *ret = GW_STR("a;b\n");
    return str_is(name, "there.csv") ? GW_OK : GW_FAIL;
}

/* What a plugin gets is what stands in the file; one that is not there is told. */
static void files(void **state)
{
    static const struct gw_option options[] = {{"table", GW_OPT_FILE, 0, NULL, NULL, "une table", "a table"},
                                               {.name = NULL}};
    static const struct gw_plugin p = {.name = "p", .options = options, .config_size = sizeof(struct gw_str)};
    static const char *const there[] = {"table", "there.csv", NULL}, *const gone[] = {"table", "gone.csv",
                                                                                      NULL};
    struct fixture *f = *state;
    struct option_source source = {get, (void *)(uintptr_t)there, GW_STR("f"), &f->told.sink, load};
    struct gw_str table = {NULL, 0};
    const char *why;

    assert_null(options_fault(&p, &why));
    assert_int_equal(options_fill(&p, &table, &source), GW_OK);
    assert_true(str_is(table, "a;b\n"));
    source.context = (void *)(uintptr_t)gone;
    assert_int_equal(options_fill(&p, &table, &source), GW_FAIL);
    assert_string_equal(f->told.text.data,
                        "option.file 0:0 #0 plugin=p option=table found=gone.csv expected=NAME.csv\n");
}

static void printed(void **state)
{
    struct fixture *f = *state;
    const struct gw_plugin *p = registry_plugin(&f->registry, GW_STR("good"));
    size_t at;

    options_print(p, LANG_FR, &f->told.text);
    assert_true(str_find(buf_view(&f->told.text), GW_STR("un mot"), &at));
    assert_false(str_find(buf_view(&f->told.text), GW_STR("a word"), &at));
    assert_true(str_find(buf_view(&f->told.text), GW_STR("none|tab|two"), &at));
    assert_true(str_find(buf_view(&f->told.text), GW_STR("number               uint       12"), &at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refusals, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_loaded, setup, teardown),
        cmocka_unit_test_setup_teardown(no_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(defaults, setup, teardown),
        cmocka_unit_test_setup_teardown(given, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_names, setup, teardown),
        cmocka_unit_test_setup_teardown(files, setup, teardown),
        cmocka_unit_test_setup_teardown(printed, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
