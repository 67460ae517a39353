/* SPDX-License-Identifier: EUPL-1.2 */
/* Objects, lists and bundles. */
#include "support/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "schema/shape.h"
#include "support/told.h"

static struct arena arena;
static struct model model;
static struct shape *shape;

/* A type of 130 fields: more than two words of bits. */
static int make_shape(void **state)
{
    struct told_sink told;
    char name[16];

    (void)state;
    told_init(&told);
    if (model_load_text(&model, &arena, GW_STR("t"), GW_STR("{\"properties\": {}}"), &told.sink) != GW_OK)
        return -1;
    shape = model_type(&model, GW_STR("t"));
    for (int i = 0; i < 130; i++) {
        snprintf(name, sizeof(name), "f%d", i);
        if (!shape_extend(&model, shape, str_of(name), GW_STR("e"), FIELD_TEXT, false, SENS_NONE))
            return -1;
    }
    return 0;
}

static int drop_shape(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* An arena whose memory is dirty: what is not zeroed shows. */
static struct arena dirty(void)
{
    struct arena a;
    void *p;

    arena_init(&a, 65536, 0);
    p = arena_alloc(&a, 60000);
    assert_non_null(p);
    memset(p, 0xa5, 60000);
    arena_reset(&a);
    return a;
}

static void new_objects_are_empty(void **state)
{
    struct arena a = dirty();
    struct object *o = object_new(&a, shape);
    struct resource *r = resource_new(&a, shape);

    (void)state;
    assert_ptr_equal(o->shape, shape);
    assert_int_equal(o->slots, 130);
    for (unsigned i = 0; i < 200; i++) {
        assert_false(object_has(o, i));
        assert_null(object_text(o, i).ptr);
        assert_false(object_has(&r->object, i));
    }
    assert_null(r->id.ptr);
    assert_null(r->next);
    assert_false(r->live);
    arena_done(&a);
}

static void values_are_set_and_cleared(void **state)
{
    static const unsigned slots[] = {0, 63, 64, 127, 128, 129};
    struct arena a = dirty();
    struct object *o = object_new(&a, shape);

    (void)state;
    for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
        struct value *v = object_set(o, slots[i]);

        assert_null(v->text);
        assert_null(v->at);
        assert_int_equal(v->line, 0);
        v->text = "abc";
        v->len = (uint32_t)i;
    }
    for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
        assert_int_equal(object_text(o, slots[i]).len, i);
        assert_int_equal(object_set(o, slots[i])->len, i); /* set again, it stays */
        object_clear(o, slots[i]);
        assert_null(object_value(o, slots[i]));
    }
    assert_false(object_has(o, 1));
    arena_done(&a);
}

/* One made before its shape was extended does not have the new slot. */
static void an_older_object_lacks_later_fields(void **state)
{
    struct arena a = dirty();
    struct shape *s =
        shape_extend(&model, shape, GW_STR("liste"), GW_STR("e"), FIELD_ITEMS, true, SENS_NONE)->items;
    struct object *o = object_new(&a, s);
    struct field *f = shape_extend(&model, s, GW_STR("g"), GW_STR("e"), FIELD_TEXT, false, SENS_NONE);

    (void)state;
    assert_int_equal(o->slots, 0);
    assert_false(object_has(o, f->slot));
    object_clear(o, f->slot);
    assert_int_equal(object_new(&a, s)->slots, 1);
    arena_done(&a);
}

static void an_object_is_one_allocation(void **state)
{
    struct arena a;
    size_t before;

    (void)state;
    arena_init(&a, 65536, 0);
    assert_non_null(object_new(&a, shape));
    before = arena_mark(&a);
    assert_non_null(object_new(&a, shape));
    /* 131 fields by now: the head, three words of bits, the values, rounded up once */
    assert_int_equal(arena_mark(&a) - before,
                     (sizeof(struct object) + 24 + shape->count * sizeof(struct value) + 15) / 16 * 16);
    arena_done(&a);
}

static void lists_grow(void **state)
{
    struct arena a = dirty();
    struct object *o = object_new(&a, shape);
    struct value *texts = object_set(o, 1), *objects = object_set(o, 2);
    struct object *made[100];
    char digits[100][16];

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        snprintf(digits[i], sizeof(digits[i]), "%u", i);
        assert_true(list_add_text(&a, texts, str_of(digits[i])));
        made[i] = list_add_object(&a, objects, shape);
        assert_non_null(made[i]);
    }
    assert_int_equal(texts->list->count, 100);
    assert_int_equal(objects->list->count, 100);
    for (unsigned i = 0; i < 100; i++) {
        assert_true(str_is(texts->list->texts[i], digits[i]));
        assert_ptr_equal(objects->list->objects[i], made[i]);
    }
    arena_done(&a);
}

static void bundles_are_named(void **state)
{
    struct arena a = dirty();
    struct shape *other =
        shape_extend(&model, shape, GW_STR("autre"), GW_STR("e"), FIELD_ITEMS, true, SENS_NONE)->items;
    const struct {
        const struct shape *shape;
        const char *given, *want;
    } rows[] = {{shape, NULL, "t-12-1"},
                {other, NULL, "t.x.autre[]-12-1"},
                {shape, NULL, "t-12-2"},
                {shape, "theirs", "theirs"},
                {shape, NULL, "t-12-4"}};
    struct bundle b = {.record = 12};
    struct resource *r;

    (void)state;
    assert_int_equal(bundle_name(&b, &a), GW_OK);
    for (size_t i = 0; i < 5; i++) {
        r = resource_new(&a, rows[i].shape);
        r->id = str_of(rows[i].given);
        bundle_add(&b, r);
    }
    assert_int_equal(b.count, 5);
    assert_ptr_equal(b.last, r);
    assert_int_equal(bundle_name(&b, &a), GW_OK);
    assert_int_equal(bundle_name(&b, &a), GW_OK); /* twice changes nothing */
    r = b.first;
    for (size_t i = 0; i < 5; i++, r = r->next)
        if (!str_is(r->id, rows[i].want))
            fail_msg("%.*s instead of %s", STR_ARG(r->id), rows[i].want);
    assert_null(r);
    arena_done(&a);
}

static void no_memory_is_null(void **state)
{
    struct arena a;
    struct value v = {.text = NULL};

    (void)state;
    arena_init(&a, 1024, 1024);
    assert_null(object_new(&a, shape));
    assert_null(resource_new(&a, shape));
    assert_true(a.full);
    while (list_add_text(&a, &v, GW_STR("x")))
        ;
    assert_true(v.list->count >= 4);
    assert_null(list_add_object(&a, &v, shape));
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_objects_are_empty),
        cmocka_unit_test(values_are_set_and_cleared),
        cmocka_unit_test(an_older_object_lacks_later_fields),
        cmocka_unit_test(an_object_is_one_allocation),
        cmocka_unit_test(lists_grow),
        cmocka_unit_test(bundles_are_named),
        cmocka_unit_test(no_memory_is_null),
    };

    return cmocka_run_group_tests(tests, make_shape, drop_shape);
}
