/* SPDX-License-Identifier: EUPL-1.2 */
/* The local folder of a flow in: names that may come in, what is resumed, what is remembered. */
#include "support/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "transfer/local.h"

#define MEGA 1048576u

struct stage {
    char folder[64];
    struct arena arena;
    struct local local;
};

static int set_up(void **state)
{
    static struct stage s;

    s = (struct stage){.folder = "/tmp/transfer-local-XXXXXX"};
    *state = &s;
    return mkdtemp(s.folder) && local_open(&s.local, &s.arena, str_of(s.folder)) == GW_OK ? 0 : -1;
}

static void empty(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *d;

    while (dir && (d = readdir(dir)))
        (void)unlinkat(dirfd(dir), d->d_name, 0);
    if (dir)
        (void)closedir(dir);
    (void)rmdir(path);
}

static const char *in(const struct stage *s, const char *name)
{
    static char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", s->folder, name);
    return path;
}

static int tear_down(void **state)
{
    struct stage *s = *state;

    assert_int_equal(local_close(&s->local), GW_OK);
    arena_done(&s->arena);
    empty(in(s, "taken"));
    empty(s->folder);
    return 0;
}

/* As the next process finds it. */
static void reopen(struct stage *s, bool saved)
{
    if (saved)
        assert_int_equal(local_close(&s->local), GW_OK);
    assert_int_equal(local_open(&s->local, &s->arena, str_of(s->folder)), GW_OK);
}

static void put(const struct stage *s, const char *name, const char *content, time_t mtime)
{
    const struct timespec times[] = {{mtime, 0}, {mtime, 0}};
    int fd = open(in(s, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    assert_int_equal(futimens(fd, times), 0);
    assert_int_equal(close(fd), 0);
}

static long long size_of(const struct stage *s, const char *name)
{
    struct stat st;

    return stat(in(s, name), &st) == 0 ? (long long)st.st_size : -1;
}

static void plain_names(void **state)
{
    static const struct {
        struct gw_str name;
        bool plain;
    } rows[] = {
        {GW_STR_INIT("RIAE.json"), true},
        {GW_STR_INIT("été 1.csv"), true},
        {GW_STR_INIT("-rf"), true},
        {GW_STR_INIT("a..b"), true},
        {GW_STR_INIT(".aside"), false},
        {GW_STR_INIT("a\\b"), true},
        {GW_STR_INIT(""), false},
        {GW_STR_INIT("."), false},
        {GW_STR_INIT(".."), false},
        {GW_STR_INIT("../x"), false},
        {GW_STR_INIT("a/b"), false},
        {GW_STR_INIT("/etc/passwd"), false},
        {GW_STR_INIT("a\nb"), false},
        {GW_STR_INIT("a\0b"), false},
        {GW_STR_INIT("\xe9t\xe9"), false},
        {GW_STR_INIT("a\x7f"), false},
        {GW_STR_INIT("taken"), false},
        {GW_STR_INIT("memory.json"), false},
        {GW_STR_INIT("a.xml.aside"), false},
        {GW_STR_INIT("taken.x"), true},
        {GW_STR_INIT(".hidden"), false},
    };
    char lengthy[242];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (local_plain(rows[i].name) != rows[i].plain)
            fail_msg("row %zu: %.*s", i, STR_ARG(rows[i].name));
    memset(lengthy, 'x', sizeof(lengthy));
    assert_true(local_plain((struct gw_str){lengthy, 240}));
    assert_false(local_plain((struct gw_str){lengthy, 241}));
}

static void fetch(struct stage *s, const struct remote_file *file, const char *content)
{
    struct incoming got;

    assert_int_equal(local_begin(&s->local, file, &got), GW_OK);
    assert_int_equal(got.have, 0);
    assert_int_equal(durable_write(got.d.fd, content, strlen(content)), GW_OK);
    assert_false(local_has(&s->local, file->name));
    assert_int_equal(local_commit(&s->local, &got), GW_OK);
    local_abandon(&s->local, &got);
}

static void a_file_comes_in_and_goes(void **state)
{
    struct stage *s = *state;
    const struct remote_file file = {GW_STR("a.csv"), 5, 1700000000};
    struct remote_file *taken;
    struct stat st;
    size_t n;

    fetch(s, &file, "12345");
    assert_true(local_has(&s->local, file.name));
    assert_int_equal(stat(in(s, "a.csv"), &st), 0);
    assert_int_equal(st.st_mtim.tv_sec, 1700000000);
    assert_int_equal(st.st_mode & 0777, 0600);
    put(s, "taken/b.csv", "123", 1600000000);
    put(s, "taken/.b.csv", "123", 1600000000);
    assert_true(local_has(&s->local, GW_STR("b.csv")));
    assert_false(local_has(&s->local, GW_STR("c.csv")));
    assert_int_equal(local_taken(&s->local, &taken, &n), GW_OK);
    assert_int_equal(n, 1);
    assert_true(str_is(taken[0].name, "b.csv") && taken[0].size == 3 && taken[0].mtime == 1600000000);
    assert_int_equal(local_dismiss(&s->local, taken[0].name), GW_OK);
    assert_false(local_has(&s->local, GW_STR("b.csv")));
}

/* A file of four megabytes, interrupted after `wrote`, of which `good` count. */
static void interrupt(struct stage *s, const struct remote_file *file, unsigned wrote, unsigned good)
{
    static char block[2 * MEGA];
    struct incoming got;

    assert_int_equal(local_begin(&s->local, file, &got), GW_OK);
    assert_int_equal(durable_write(got.d.fd, block, wrote), GW_OK);
    local_suspend(&s->local, &got, good);
}

static const struct remote_file large = {GW_STR_INIT("large"), 4 * MEGA, 1700000000};

static void assert_begins_at(struct stage *s, const struct remote_file *file, uint64_t at)
{
    struct incoming got;

    assert_int_equal(local_begin(&s->local, file, &got), GW_OK);
    assert_int_equal(got.have, at);
    assert_int_equal(lseek(got.d.fd, 0, SEEK_CUR), at);
    local_suspend(&s->local, &got, at);
}

static void what_is_interrupted_is_resumed(void **state)
{
    struct stage *s = *state;

    interrupt(s, &large, MEGA + 7, MEGA);
    assert_int_equal(size_of(s, "large.aside"), MEGA);
    assert_false(local_has(&s->local, large.name));
    for (int saved = 0; saved < 2; saved++) {
        reopen(s, saved);
        assert_begins_at(s, &large, MEGA);
    }
}

static void what_changed_is_not_resumed(void **state)
{
    static const struct remote_file others[] = {
        {GW_STR_INIT("large"), 4 * MEGA + 1, 1700000000},
        {GW_STR_INIT("large"), 4 * MEGA, 1700000001},
        {GW_STR_INIT("other"), 4 * MEGA, 1700000000},
    };
    struct stage *s = *state;

    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        interrupt(s, &large, MEGA, MEGA);
        reopen(s, true);
        assert_begins_at(s, &others[i], 0);
        if (!str_eq(others[i].name, large.name))
            assert_int_equal(size_of(s, "large.aside"), -1);
    }
}

static void what_another_boot_wrote_is_not_resumed(void **state)
{
    struct stage *s = *state;
    struct memory *m = &s->local.memory;

    interrupt(s, &large, MEGA, MEGA);
    assert_int_equal(m->count, 1);
    assert_int_equal(memory_set(m, "partial", large.name, GW_STR("4194304 1700000000 another-boot")), GW_OK);
    reopen(s, true);
    assert_begins_at(s, &large, 0);
}

static void what_is_small_or_left_aside_goes(void **state)
{
    struct stage *s = *state;
    const struct remote_file small = {GW_STR("small"), 100, 1700000000};

    interrupt(s, &small, 50, 50);
    assert_int_equal(size_of(s, "small.aside"), -1);
    put(s, "x.aside", "1", 1);
    reopen(s, true);
    assert_int_equal(size_of(s, "x.aside"), -1);
}

static void memory_lasts(void **state)
{
    struct stage *s = *state;
    struct memory *m = &s->local.memory;

    assert_null(memory_get(m, "left", GW_STR("a")).ptr);
    assert_int_equal(memory_set(m, "left", GW_STR("b \"é\n"), GW_STR("2")), GW_OK);
    assert_int_equal(memory_set(m, "left", GW_STR("a"), GW_STR("1")), GW_OK);
    assert_int_equal(memory_set(m, "etag", GW_STR("a"), GW_STR("\"x\"")), GW_OK);
    assert_int_equal(memory_set(m, "left", GW_STR("c"), GW_STR("3")), GW_OK);
    memory_forget(m, "left", GW_STR("c"));
    memory_forget(m, "left", GW_STR("nothing"));
    reopen(s, true);
    assert_true(str_is(memory_get(m, "left", GW_STR("b \"é\n")), "2"));
    assert_true(str_is(memory_get(m, "etag", GW_STR("a")), "\"x\""));
    assert_null(memory_get(m, "left", GW_STR("c")).ptr);
    memory_keep_met(m, "left");
    reopen(s, true);
    assert_null(memory_get(m, "left", GW_STR("a")).ptr);
    assert_true(str_is(memory_get(m, "left", GW_STR("b \"é\n")), "2"));
    assert_true(str_is(memory_get(m, "etag", GW_STR("a")), "\"x\""));
}

static void a_damaged_memory_is_empty(void **state)
{
    static const char *const texts[] = {"", "{", "[1]", "{\"left\":3}", "{\"left\":{\"a\":1}}", "\xff"};
    struct stage *s = *state;

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        put(s, "memory.json", texts[i], 1);
        reopen(s, false);
        assert_int_equal(s->local.memory.count, 0);
    }
}

static void memory_is_bounded(void **state)
{
    struct stage *s = *state;
    struct memory *m = &s->local.memory;
    char key[16];

    for (unsigned i = 0; i < MEMORY_MAX; i++) {
        (void)snprintf(key, sizeof(key), "%u", i * 7919 % MEMORY_MAX);
        assert_int_equal(memory_set(m, "left", str_of(key), GW_STR("1 1")), GW_OK);
    }
    assert_int_equal(memory_set(m, "left", GW_STR("one more"), GW_STR("1")), GW_FAIL);
    reopen(s, true);
    assert_int_equal(m->count, MEMORY_MAX);
    assert_true(str_is(memory_get(m, "left", GW_STR("19999")), "1 1"));
}

static void a_folder_that_cannot_be(void **state)
{
    struct local l;
    struct arena a = {0};

    (void)state;
    assert_int_equal(local_open(&l, &a, GW_STR("relative")), GW_RETRY);
    assert_int_equal(local_close(&l), GW_OK);
    assert_int_equal(local_open(&l, &a, GW_STR("/dev/null/x")), GW_RETRY);
    assert_int_equal(local_close(&l), GW_OK);
    arena_done(&a);
}

#define STAGED(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_names),
        STAGED(a_file_comes_in_and_goes),
        STAGED(what_is_interrupted_is_resumed),
        STAGED(what_changed_is_not_resumed),
        STAGED(what_another_boot_wrote_is_not_resumed),
        STAGED(what_is_small_or_left_aside_goes),
        STAGED(memory_lasts),
        STAGED(a_damaged_memory_is_empty),
        STAGED(memory_is_bounded),
        cmocka_unit_test(a_folder_that_cannot_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
