/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * test_conformance PLUGIN.so [--long] - whether any plugin keeps the contract of include/gw. What it
 * is tried on stands in samples.c; without a sample only its descriptor and rules are looked at.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/suite.h"

#define MOST 512

struct subject subject;

static const struct CMUnitTest of_the_plugin[] = {
    cmocka_unit_test(descriptor_is_sane),
    cmocka_unit_test(messages_are_whole),
    cmocka_unit_test(options_have_good_initials),
    cmocka_unit_test(probe_is_pure),
    cmocka_unit_test(one_symbol_is_exported),
    cmocka_unit_test(nothing_is_mutable),
    cmocka_unit_test(rules_are_sane),
    cmocka_unit_test(converters_are_pure),
    cmocka_unit_test(converters_survive_failing_memory),
    cmocka_unit_test(checks_are_silent_about_nothing),
    cmocka_unit_test(sessions_run_side_by_side),
    cmocka_unit_test(threads_do_not_meet),
};

static const struct {
    const char *name;
    CMUnitTestFunction run;
} of_a_sample[] = {
    {"is read", sample_is_read},
    {"any window", any_window_gives_the_same},
    {"a cut is never silent", a_cut_is_never_silent},
    {"a failing input is told", a_failing_input_is_told},
    {"failing memory ends the stream", failing_memory_ends_the_stream},
    {"failing malloc ends the stream", failing_malloc_ends_the_stream},
    {"a small bound is told", a_small_bound_is_told},
    {"closing at any time", closing_at_any_time_is_fine},
    {"written and read", written_and_read_is_the_same},
    {"failing memory ends the writing", failing_memory_ends_the_writing},
    {"a failing output is told", a_failing_output_is_told},
    {"memory does not grow", memory_does_not_grow},
};

static size_t add_samples(struct CMUnitTest *tests, size_t n, struct arena *names)
{
    for (size_t i = 0; i < nsamples; i++) {
        if (strcmp(samples[i].plugin, subject.plugin->name) != 0)
            continue;
        for (size_t k = 0; k < sizeof(of_a_sample) / sizeof(of_a_sample[0]) && n < MOST; k++)
            tests[n++] = (struct CMUnitTest){
                .name = arena_format(names, "%s - %s", samples[i].name, of_a_sample[k].name),
                .test_func = of_a_sample[k].run,
                .initial_state = (void *)(uintptr_t)&samples[i],
            };
    }
    return n;
}

int main(int argc, char **argv)
{
    static struct CMUnitTest tests[MOST];
    size_t n = sizeof(of_the_plugin) / sizeof(of_the_plugin[0]);
    bool is_long = getenv("GW_LONG") || (argc > 2 && strcmp(argv[2], "--long") == 0);
    void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    struct arena names;
    int failed;

    samples_make();
    subject.path = argv[1];
    subject.plugin = library ? dlsym(library, "gw_plugin") : NULL;
    subject.stream_bytes = is_long ? (uint64_t)1 << 30 : (uint64_t)64 << 20;
    if (!subject.plugin) {
        fprintf(stderr, "usage: test_conformance PLUGIN.so [--long]\n%s\n", argc > 1 ? dlerror() : "");
        return 2;
    }
    arena_init(&names, 0, 0);
    memcpy(tests, of_the_plugin, sizeof(of_the_plugin));
    n = add_samples(tests, n, &names);
    failed = _cmocka_run_group_tests(subject.plugin->name, tests, n, NULL, NULL);
    arena_done(&names);
    return failed;
}
