/* SPDX-License-Identifier: EUPL-1.2 */
#include "support/unit.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"

static void allocations_are_aligned_and_apart(void **state)
{
    static const size_t sizes[] = {1, 15, 16, 17, 100, 0, 4096, 65536, 1 << 20, 3 << 20, 1};
    struct arena a = {0};
    char *p[sizeof(sizes) / sizeof(sizes[0])];

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        p[i] = arena_alloc(&a, sizes[i]);
        assert_non_null(p[i]);
        assert_int_equal((uintptr_t)p[i] % 16, 0);
        memset(p[i], (int)i, sizes[i]);
    }
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (size_t k = 0; k < sizes[i]; k += 13)
            assert_int_equal(p[i][k], (char)i);
    arena_done(&a);
    arena_done(&a);
}

static void size_zero_is_not_null(void **state)
{
    struct arena a = {0};

    (void)state;
    assert_non_null(arena_alloc(&a, 0));
    assert_non_null(arena_array(&a, 0, 8));
    assert_ptr_not_equal(arena_alloc(&a, 0), arena_alloc(&a, 0));
    arena_done(&a);
}

static void impossible_sizes_are_null(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, 0, 1 << 20);
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_alloc(&a, SIZE_MAX - 15));
    assert_null(arena_array(&a, SIZE_MAX / 2, 4));
    assert_non_null(arena_alloc(&a, 1));
    arena_done(&a);
}

static void the_cap_holds(void **state)
{
    struct arena a;
    size_t got = 0;

    (void)state;
    arena_init(&a, 4096, 100000);
    while (arena_alloc(&a, 1000))
        got += 1008;
    assert_true(a.full);
    assert_true(got <= 100000);
    assert_true(got > 90000);
    arena_reset(&a);
    assert_false(a.full);
    assert_non_null(arena_alloc(&a, 1000));
    assert_null(arena_alloc(&a, 100001));
    assert_true(a.full);
    arena_done(&a);
}

static void a_reset_costs_no_malloc(void **state)
{
    struct arena a;
    char *first;

    (void)state;
    arena_init(&a, 4096, 0);
    first = arena_alloc(&a, 100);
    for (int i = 0; i < 100; i++)
        assert_non_null(arena_alloc(&a, 1000));
    arena_reset(&a);
    arena_fail_at(1);
    assert_ptr_equal(arena_alloc(&a, 100), first);
    assert_non_null(arena_alloc(&a, 3000));
    assert_int_equal(arena_fail_left(), 1);
    assert_null(arena_alloc(&a, 3000));
    assert_false(a.full); /* memory was out, not the cap */
    arena_fail_at(0);
    arena_done(&a);
}

static void marks_are_a_stack(void **state)
{
    struct arena a;
    size_t marks[60];
    char *at[60];

    (void)state;
    arena_init(&a, 512, 0);
    arena_release(&a, arena_mark(&a)); /* of an arena without memory */
    for (size_t i = 0; i < 60; i++) {
        marks[i] = arena_mark(&a);
        at[i] = arena_alloc(&a, 100 + i);
        memset(at[i], 'a', 100 + i);
    }
    for (size_t i = 60; i-- > 0;) {
        arena_release(&a, marks[i]);
        assert_true(arena_mark(&a) <= marks[i]);
        for (size_t k = 0; k < i; k++)
            assert_int_equal(at[k][0], 'a');
        assert_non_null(memset(arena_alloc(&a, 100 + i), 'b', 100 + i)); /* does not touch what is kept */
        for (size_t k = 0; k < i; k++)
            assert_int_equal(at[k][99 + k], 'a');
        arena_release(&a, marks[i]);
    }
    arena_done(&a);
}

static void copies_end_in_nul(void **state)
{
    struct arena a = {0};
    struct gw_str s;
    char *zero;

    (void)state;
    memset(arena_alloc(&a, 64), 'x', 64);
    arena_reset(&a);
    assert_string_equal(arena_text(&a, (struct gw_str){"abcd", 3}), "abc");
    assert_string_equal(arena_text(&a, (struct gw_str){NULL, 0}), "");
    s = arena_copy(&a, GW_STR("é"));
    assert_true(str_is(s, "é"));
    assert_int_equal(s.ptr[s.len], 0);
    assert_string_equal(arena_format(&a, "%s-%d", "a", 12), "a-12");
    zero = arena_zero(&a, 20);
    for (int i = 0; i < 20; i++)
        assert_int_equal(zero[i], 0);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_aligned_and_apart),
        cmocka_unit_test(size_zero_is_not_null),
        cmocka_unit_test(impossible_sizes_are_null),
        cmocka_unit_test(the_cap_holds),
        cmocka_unit_test(a_reset_costs_no_malloc),
        cmocka_unit_test(marks_are_a_stack),
        cmocka_unit_test(copies_end_in_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
