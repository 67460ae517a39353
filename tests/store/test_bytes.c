/* SPDX-License-Identifier: EUPL-1.2 */
/* Files whose bytes are in the store. One that is a file has a spool beside it, and keeps none. */
#include "fixture.h"

#include <stdlib.h>
#include <unistd.h>

#include "store/bytes.h"

static FILE *file_of(struct gw_str bytes)
{
    FILE *file = tmpfile();

    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    assert_int_equal(fflush(file), 0);
    return file;
}

static void put_bytes(struct fixture *f, const char *spool, struct gw_str bytes)
{
    FILE *file = file_of(bytes);

    assert_int_equal(bytes_put(f->store, str_of(spool), fileno(file)), GW_OK);
    assert_int_equal(fclose(file), 0);
}

static void put_text(struct fixture *f, const char *spool, const char *text)
{
    put_bytes(f, spool, str_of(text));
}

static void assert_bytes(struct fixture *f, const char *spool, struct gw_str want)
{
    int fd = bytes_open(f->store, -1, str_of(spool));
    char *got = malloc(want.len + 1);

    assert_true(fd >= 0 && got);
    assert_int_equal(pread(fd, got, want.len + 1, 0), want.len);
    assert_memory_equal(got, want.ptr, want.len);
    assert_int_equal(close(fd), 0);
    free(got);
}

/* Around the size of a piece, and of what is sent or fetched at once. */
static void as_they_were(void **state)
{
    static const size_t sizes[] = {0, 1, 7679, 7680, 7681, 15360, 262144, 7680 * 34, 7680 * 100, 7680 * 100 + 1, 3000001};
    enum { SIZES = sizeof(sizes) / sizeof(sizes[0]), LARGEST = 3000001 };
    struct fixture *f = *state;
    char *bytes, spool[16];

    if (fixture_has_file())
        skip();
    bytes = malloc(LARGEST);
    assert_non_null(bytes);
    for (size_t i = 0; i < LARGEST; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    for (size_t i = 0; i < SIZES; i++) {
        snprintf(spool, sizeof(spool), "s%zu", i);
        put_bytes(f, spool, (struct gw_str){bytes, sizes[i]});
        put_bytes(f, spool, (struct gw_str){bytes, sizes[i]}); /* once more: in its place */
    }
    for (size_t i = 0; i < SIZES; i++) {
        snprintf(spool, sizeof(spool), "s%zu", i);
        assert_bytes(f, spool, (struct gw_str){bytes, sizes[i]});
    }
    assert_int_equal(bytes_there(f->store, GW_STR("s11")), GW_END);
    assert_int_equal(bytes_get(f->store, GW_STR("s11"), -1), GW_END);
    free(bytes);
    assert_int_equal(f->told.count, 0);
    assert_sound(f->store);
}

/* Two who cannot see each other keep the same file. */
static void kept_twice(void **state)
{
    static char bytes[20000];
    struct fixture *f = *state;
    struct store *other;
    FILE *file;

    if (fixture_has_file())
        skip();
    file = file_of((struct gw_str){bytes, sizeof(bytes)});
    assert_int_equal(fixture_open_as(f, false, false, &other), GW_OK);
    assert_int_equal(store_begin_beside(f->store), GW_OK);
    assert_int_equal(store_begin_beside(other), GW_OK);
    assert_int_equal(bytes_put(f->store, GW_STR("s"), fileno(file)), GW_OK);
    assert_int_equal(bytes_put(other, GW_STR("s"), fileno(file)), GW_OK);
    assert_int_equal(store_commit(f->store), GW_OK);
    assert_int_equal(store_commit(other), GW_OK);
    assert_int_equal(fclose(file), 0);
    store_close(other);
    assert_bytes(f, "s", (struct gw_str){bytes, sizeof(bytes)});
    assert_sound(f->store);
}

/* Somebody else changes the store while bytes are put; with the first change of ours, we take our turn. */
static void bytes_beside_others(void **state)
{
    struct fixture *f = *state;
    struct store *other;
    int64_t id, mine;

    if (fixture_has_file())
        skip();
    assert_int_equal(fixture_open_as(f, false, false, &other), GW_OK);
    assert_int_equal(store_begin_beside(f->store), GW_OK);
    put_text(f, "s1", "mine");
    assert_int_equal(store_begin_beside(other), GW_OK);
    assert_int_equal(put_resource(other, "k1", "{}", NULL, &id), PUT_CREATED);
    assert_int_equal(store_commit(other), GW_OK);
    assert_int_equal(bytes_there(other, GW_STR("s1")), GW_END);
    assert_int_equal(put_resource(f->store, "k1", "{}", NULL, &mine), PUT_UNCHANGED);
    assert_int_equal(put_resource(f->store, "k2", "{}", NULL, &mine), PUT_CREATED);
    assert_int_equal(store_commit(f->store), GW_OK);
    assert_int_equal(mine, id + 1);
    assert_int_equal(bytes_there(other, GW_STR("s1")), GW_OK);

    assert_int_equal(store_begin_beside(f->store), GW_OK);
    put_text(f, "s2", "nobody's");
    assert_int_equal(bytes_forget(f->store, GW_STR("s1")), GW_OK);
    store_rollback(f->store);
    assert_int_equal(bytes_there(other, GW_STR("s2")), GW_END);
    assert_int_equal(bytes_there(other, GW_STR("s1")), GW_OK);
    store_close(other);
    assert_int_equal(f->told.count, 0);
    assert_sound(f->store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(as_they_were, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(kept_twice, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(bytes_beside_others, fixture_open, fixture_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
