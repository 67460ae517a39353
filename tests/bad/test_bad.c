/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * test_bad [--long]: each case of the table through the executable. Beside what the case asks for: it ends by
 * itself, the law holds, memory stays bounded, and a failure says why. --long: a huge text is a gigabyte.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bad/archives.h"
#include "bad/cases.h"
#include "base/str.h"
#include "support/unit.h"

#define RESIDENT ((size_t)48 << 20)
#define SECONDS  300
#define CUTS     97 /* at most so many cuts of a text */

/* Where memory is not measured, it is enough to go beyond the bounds: eight times the largest record. */
static uint64_t huge_bytes = (uint64_t)(BOUNDED ? 200 : 32) << 20;

/* ---- what was said ---- */

/* The number behind "name": in a line of JSON; -1 none. */
static long number(const char *line, const char *name)
{
    char key[32];
    const char *at, *end = strchr(line, '\n');

    (void)snprintf(key, sizeof(key), "\"%s\":", name);
    at = strstr(line, key);
    if (!at || (end && at > end) || at[strlen(key)] < '0' || at[strlen(key)] > '9')
        return -1;
    return strtol(at + strlen(key), NULL, 10);
}

/* The line of the first diagnostic of that code. */
static const char *find_code(const struct run *r, const char *code)
{
    char key[64];
    const char *at;

    (void)snprintf(key, sizeof(key), "\"code\":\"%s\"", code);
    at = strstr(r->err.data, key);
    while (at && at > r->err.data && at[-1] != '\n')
        at--;
    return at;
}

static const char *find_summary(const struct run *r)
{
    const char *at = strstr(r->err.data, "{\"read\":");

    return at;
}

static void shorten(struct run *r)
{
    if (r->err.len > 3000) {
        r->err.data[3000] = '\0';
        r->err.len = 3000;
    }
}

#define CHECK(condition, ...)                                                                                  \
    do {                                                                                                       \
        if (!(condition)) {                                                                                    \
            print_error(__VA_ARGS__);                                                                          \
            shorten(r);                                                                                        \
            fail_msg("\nexit %d, signal %d, %zu KB\n%s", r->exit, r->signal, r->resident >> 10, r->err.data);  \
        }                                                                                                      \
    } while (0)

/* What holds whatever comes in. */
static void check_run(struct run *r)
{
    const char *summary = find_summary(r);

    CHECK(r->signal == 0 && r->exit >= 0 && r->exit <= 4, "it did not end by itself");
    CHECK(!summary || strstr(summary, "\"law\":true"), "the law does not hold");
    CHECK(r->exit == 0 || strstr(r->err.data, "\"severity\":\"error\""), "it failed and nobody is told why");
    CHECK(!strstr(r->err.data, "\"message\":\"\""), "a diagnostic without words");
    if (BOUNDED)
        CHECK(r->resident < RESIDENT, "too much memory");
}

static void check_count(struct run *r, const char *name, int expected)
{
    const char *summary = find_summary(r);

    if (expected < 0 || (!summary && expected == 0))
        return;
    CHECK(summary && number(summary, name) == expected, "%s is not %d", name, expected);
}

static void check_case(struct run *r, const struct bad_case *c)
{
    const char *line;

    check_run(r);
    if (c->exit >= 0)
        CHECK(r->exit == c->exit, "not exit %d", c->exit);
    else
        CHECK(r->exit <= 3, "exit %d", r->exit);
    line = c->code ? find_code(r, c->code) : NULL;
    CHECK(!c->code || line, "%s was not said", c->code);
    if (c->line && line)
        CHECK(number(line, "line") == (long)c->line, "%s is not at line %u", c->code, c->line);
    check_count(r, "written", c->written);
    check_count(r, "rejected", c->rejected);
}

/* ---- running ---- */

static void convert(struct run *r, const char *format, const char *path, const char *encoding,
                    const struct repeat *feed)
{
    const char *argv[16] = {BUILD_DIR "/passerelle",
                            "convert",
                            "--json",
                            "--lang",
                            "en",
                            "--schemas",
                            SCHEMAS,
                            "--from",
                            format,
                            "--to",
                            "ndjson",
                            "-o",
                            "/dev/null",
                            NULL};
    size_t n = 13;

    if (encoding) {
        static char word[64];

        (void)snprintf(word, sizeof(word), "--encoding=%s", encoding);
        argv[n++] = word;
    }
    if (path)
        argv[n++] = path;
    argv[n] = NULL;
    run_program(r, argv, feed, SECONDS);
}

static void fill_feed(const struct bad_case *c, struct repeat *feed)
{
    for (size_t i = 0; i < REPEATS; i++) {
        feed[i] = c->feed[i];
        if (feed[i].times == HUGE_TIMES)
            feed[i].times = huge_bytes / feed[i].text.len;
    }
    feed[REPEATS] = (struct repeat){.times = 0};
}

static void is_answered(void **state)
{
    const struct bad_case *c = *state;
    struct repeat feed[REPEATS + 1];
    char path[4096];
    struct run run, *r = &run;

    fill_feed(c, feed);
    if (c->path)
        (void)snprintf(path, sizeof(path), "%s/%s", archives_folder(), c->path);
    convert(r, c->format, c->path ? path : NULL, c->encoding, feed);
    check_case(r, c);
    run_done(r);
}

/* `whole`: how many records the text has. */
static void check_cut(const struct cut_case *c, size_t len, long whole)
{
    struct repeat feed[2] = {{{c->text.ptr, len}, len > 0}, {.times = 0}};
    struct run run, *r = &run;

    convert(r, c->format, NULL, NULL, feed);
    check_run(r);
    CHECK(r->exit == 0 || r->exit == 1 || r->exit == 3, "cut at %zu", len);
    if (c->closed)
        CHECK(r->exit == 3 || number(find_summary(r), "written") == whole,
              "cut at %zu, and the stream has not failed", len);
    run_done(r);
}

static void is_cut_anywhere(void **state)
{
    const struct cut_case *c = *state;
    size_t step = c->text.len / CUTS + 1;
    struct repeat feed[2] = {{c->text, 1}, {.times = 0}};
    struct run run, *r = &run;
    long whole;

    convert(r, c->format, NULL, NULL, feed);
    check_run(r);
    CHECK(r->exit == 0 && find_summary(r), "the whole is not good");
    whole = number(find_summary(r), "written");
    run_done(r);
    for (size_t len = 0; len < c->text.len; len += step)
        check_cut(c, len, whole);
}

static size_t add_tests(struct CMUnitTest *tests)
{
    size_t n = 0;

    for (size_t i = 0; i < nbad_cases; i++)
        tests[n++] = (struct CMUnitTest){.name = bad_cases[i].name,
                                         .test_func = is_answered,
                                         .initial_state = (void *)(uintptr_t)&bad_cases[i]};
    for (size_t i = 0; i < ncut_cases; i++)
        tests[n++] = (struct CMUnitTest){.name = cut_cases[i].name,
                                         .test_func = is_cut_anywhere,
                                         .initial_state = (void *)(uintptr_t)&cut_cases[i]};
    return n;
}

int main(int argc, char **argv)
{
    static struct CMUnitTest tests[256];
    size_t n = add_tests(tests);

    if (getenv("GW_LONG") || (argc > 1 && strcmp(argv[1], "--long") == 0))
        huge_bytes = (uint64_t)1 << 30;
    return _cmocka_run_group_tests("bad input", tests, n, archives_setup, archives_teardown);
}
