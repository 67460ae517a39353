/* SPDX-License-Identifier: EUPL-1.2 */
#include "support/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "base/str.h"

static uint16_t add(struct names *n, const char *text)
{
    return names_add(n, text, strlen(text));
}

static void a_name_is_one_symbol(void **state)
{
    struct arena a = {0};
    struct names n;
    uint16_t nom, Nom;

    (void)state;
    assert_int_equal(names_init(&n, &a, false), GW_OK);
    assert_int_equal(names_find(&n, "nom", 3), 0);
    nom = add(&n, "nom");
    Nom = add(&n, "Nom");
    assert_int_equal(nom, 1);
    assert_int_equal(Nom, 2);
    assert_int_equal(add(&n, "nom"), nom);
    assert_int_equal(names_find(&n, "nom", 3), nom);
    assert_int_equal(names_find(&n, "no", 2), 0);
    assert_true(str_is(names_text(&n, Nom), "Nom"));
    assert_null(names_text(&n, 3).ptr);
    assert_null(names_text(&n, 0).ptr);
    assert_int_not_equal(names_add(&n, "", 0), 0);
    assert_int_equal(names_add(&n, "a\0b", 3), 4);
    assert_int_equal(names_add(&n, "a", 1), 5);
    arena_done(&a);
}

/* `same`: one symbol, whose text is the first spelling. */
static void loose_spellings(void **state)
{
    static const struct {
        const char *one, *other;
        bool same;
    } rows[] = {
        {"Date de début", "date_de_debut", true},
        {"Prénom", "PRENOM", true},
        {"Prénom", "Pre\xcc\x81nom", true},
        {" N° allocataire ", "N°-allocataire", true},
        {"Œuvre", "œuvre", true},
        {"straße", "STRASSE", true},
        {"nom", "nom.", true},
        {"nom", "noms", false},
        {"a b", "ab", false},
        {"id", "@id", false},
        {"@Id", "@id", true},
        {"%", "€", false},
        {"%", "%", true},
        {"@", "@%", false},
        {"日", "本", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct names n;
        uint16_t one, other;

        assert_int_equal(names_init(&n, &a, true), GW_OK);
        one = add(&n, rows[i].one);
        other = add(&n, rows[i].other);
        assert_int_not_equal(one, 0);
        assert_int_not_equal(other, 0);
        if ((one == other) != rows[i].same)
            fail_msg("\"%s\" and \"%s\"", rows[i].one, rows[i].other);
        assert_true(str_is(names_text(&n, one), rows[i].one));
        assert_int_equal(names_find(&n, rows[i].other, strlen(rows[i].other)), other);
        assert_int_equal(add(&n, rows[i].one), one);
        arena_done(&a);
    }
}

/* A question as a column's name: the difference stands at the end. */
static void long_loose_names_are_told_apart(void **state)
{
    static const size_t lengths[] = {200, 253, 254, 255, 256, 1000, 1022, 1024, 5000};
    static char text[5001];

    (void)state;
    memset(text, 'q', 5000);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct arena a = {0};
        struct names n;
        uint16_t one;

        assert_int_equal(names_init(&n, &a, true), GW_OK);
        one = names_add(&n, text, lengths[i]);
        text[lengths[i] - 1] = 'z';
        assert_int_not_equal(names_add(&n, text, lengths[i]), one);
        text[lengths[i] - 1] = 'q';
        assert_int_equal(names_add(&n, text, lengths[i]), one);
        arena_done(&a);
    }
}

static void fill(bool loose)
{
    struct arena a = {0};
    struct names n;
    char text[16];
    size_t given = 0, before;

    assert_int_equal(names_init(&n, &a, loose), GW_OK);
    for (int i = 0; i < 10000; i++) {
        snprintf(text, sizeof(text), "Name%d", i);
        given += add(&n, text) != 0;
    }
    assert_int_equal(given, NAMES_MAX);
    assert_true(str_is(names_text(&n, NAMES_MAX), "Name4094"));
    assert_int_equal(add(&n, "Name17"), 18);
    before = arena_mark(&a);
    assert_int_equal(add(&n, "one more"), 0);
    assert_int_equal(arena_mark(&a), before); /* refused, it costs nothing */
    arena_done(&a);
}

static void a_full_table_says_so(void **state)
{
    (void)state;
    fill(false);
    fill(true);
}

static void many_spellings_end(void **state)
{
    struct arena a = {0};
    struct names n;
    char text[32];
    size_t refused = 0;

    (void)state;
    assert_int_equal(names_init(&n, &a, true), GW_OK);
    for (int i = 0; i < 20000; i++) { /* spellings of one name: bits as capitals */
        size_t len = 0;

        for (int bit = 0; bit < 15; bit++)
            text[len++] = i >> bit & 1 ? 'A' : 'a';
        refused += names_add(&n, text, len) == 0;
    }
    assert_true(refused > 0);
    assert_int_equal(n.count, 1);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_one_symbol),
        cmocka_unit_test(loose_spellings),
        cmocka_unit_test(long_loose_names_are_told_apart),
        cmocka_unit_test(a_full_table_says_so),
        cmocka_unit_test(many_spellings_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
