/* SPDX-License-Identifier: EUPL-1.2 */
/* The shipped pivot types load and say what their files say; extensions; broken schemas are in
 * test_model_faults.c. */
#include "support/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "schema/shape.h"
#include "schema/test_model.h"
#include "support/told.h"

#define PIVOT SOURCE_DIR "/schemas/pivot"

static struct arena arena;
static struct model model;

static int load_pivot(void **state)
{
    struct told_sink told;

    (void)state;
    told_init(&told);
    if (model_load(&model, &arena, PIVOT, &told.sink) == GW_OK && told.count == 0)
        return 0;
    print_error("%s:%u: %s %s %s\n", told.diags[0].file, told.diags[0].line, told.diags[0].code,
                told.diags[0].path, told.diags[0].found);
    return -1;
}

static int drop_pivot(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static const struct field *field_at(const char *type, const char *items, const char *name)
{
    const struct shape *s = model_type(&model, str_of(type));
    struct gw_str step, rest = str_of(items);

    while (s && rest.len) {
        const struct field *list;

        step = str_cut(rest, '/', &rest);
        list = shape_field(s, step, (struct gw_str){NULL, 0});
        s = list ? list->items : NULL;
    }
    return s ? shape_field(s, str_of(name), (struct gw_str){NULL, 0}) : NULL;
}

/* design §4: every family has its types. */
static void every_family_is_there(void **state)
{
    static const char *const types[] = {
        "personne",     "foyer",      "structure", "droit",      "orientation", "diagnostic",
        "parcours",     "etape",      "sortie",    "competence", "evaluation",  "convention",
        "marche",       "subvention", "versement", "accuse",     "enveloppe",   "annexe_financiere",
        "etat_mensuel",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (!model_type(&model, str_of(types[i])))
            fail_msg("no type %s", types[i]);
    assert_null(model_type(&model, GW_STR("_adresse")));
    assert_null(model_type(&model, GW_STR("adresse")));
}

static const struct {
    const char *type, *items, *name, *full;
    enum field_type kind;
    enum key key;
    enum sensitivity sensitivity;
    int scale;
    bool list;
    const char *extra; /* target, list of codes or check */
} fields[] = {
    {"personne", "", "nir", "nir", FIELD_TEXT, KEY_STRONG, SENS_NIR, -1, false, "nir"},
    {"personne", "", "nom_usage", "nom_usage", FIELD_TEXT, KEY_WEAK, SENS_IDENTITY, -1, false, NULL},
    {"personne", "", "naissance_date", "naissance_date", FIELD_DATE, KEY_WEAK, SENS_IDENTITY, -1, false, NULL},
    {"personne", "", "naissance_commune", "naissance_commune", FIELD_TEXT, KEY_WEAK, SENS_IDENTITY, -1, false,
     "commune"},
    {"structure", "", "secteurs", "secteurs", FIELD_TEXT, KEY_NONE, SENS_NONE, -1, true, NULL},
    {"personne", "etiquettes", "libelle", "etiquettes[].libelle", FIELD_TEXT, KEY_NONE, SENS_PERSONAL, -1,
     false, NULL},
    {"personne", "", "adresse.code_postal", "adresse.code_postal", FIELD_TEXT, KEY_NONE, SENS_IDENTITY, -1,
     false, "code_postal"},
    {"structure", "", "adresse.code_postal", "adresse.code_postal", FIELD_TEXT, KEY_NONE, SENS_NONE, -1, false,
     "code_postal"},
    {"structure", "", "adresse.lignes_etranger.ligne_2", "adresse.lignes_etranger.ligne_2", FIELD_TEXT,
     KEY_NONE, SENS_NONE, -1, false, NULL},
    {"personne", "ressources/details", "montant", "ressources[].details[].montant", FIELD_DECIMAL, KEY_NONE,
     SENS_SENSITIVE, 2, false, NULL},
    {"foyer", "", "membres", "membres", FIELD_ITEMS, KEY_NONE, SENS_PERSONAL, -1, false, NULL},
    {"foyer", "membres", "personne", "membres[].personne", FIELD_REF, KEY_PART, SENS_PERSONAL, -1, false,
     "personne"},
    {"foyer", "membres/parents", "nir", "membres[].parents[].nir", FIELD_TEXT, KEY_NONE, SENS_NIR, -1, false,
     "nir"},
    {"foyer", "adresses", "commune", "adresses[].commune", FIELD_TEXT, KEY_NONE, SENS_IDENTITY, -1, false,
     "commune"},
    {"foyer", "", "mutation_depuis.numero", "mutation_depuis.numero", FIELD_TEXT, KEY_NONE, SENS_NONE, -1,
     false, NULL},
    {"foyer", "evenements", "date", "evenements[].date", FIELD_DATETIME, KEY_NONE, SENS_PERSONAL, -1, false,
     NULL},
    {"diagnostic", "", "criteres", "criteres", FIELD_CODE, KEY_NONE, SENS_SENSITIVE, -1, true, "critere"},
    {"diagnostic", "", "rqth", "rqth", FIELD_BOOLEAN, KEY_NONE, SENS_SENSITIVE, -1, false, NULL},
    {"annexe_financiere", "", "montant", "montant", FIELD_DECIMAL, KEY_NONE, SENS_NONE, 2, false, NULL},
    {"annexe_financiere", "", "etp", "etp", FIELD_DECIMAL, KEY_NONE, SENS_NONE, -1, false, NULL},
    {"annexe_financiere", "", "duree_hebdo", "duree_hebdo", FIELD_TIME, KEY_NONE, SENS_NONE, -1, false, NULL},
    {"annexe_financiere", "", "motif_rejet", "motif_rejet", FIELD_CODE, KEY_NONE, SENS_NONE, -1, false,
     "asp_motif"},
    {"enveloppe", "", "mois", "mois", FIELD_MONTH, KEY_NONE, SENS_NONE, -1, false, NULL},
    {"enveloppe", "", "nombre", "nombre", FIELD_INTEGER, KEY_NONE, SENS_NONE, -1, false, NULL},
    {"accuse", "", "preuve", "preuve", FIELD_TREE, KEY_NONE, SENS_IDENTITY, -1, false, NULL},
};

static void fields_are_what_their_files_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const struct field *f = field_at(fields[i].type, fields[i].items, fields[i].name);
        struct gw_str extra;

        if (!f)
            fail_msg("no field %s.%s %s", fields[i].type, fields[i].items, fields[i].name);
        extra = f->target.ptr ? f->target
                : f->codes    ? f->codes->name
                : f->nchecks  ? f->checks[0]
                              : (struct gw_str){0};
        if (!str_is(f->full, fields[i].full) || f->type != fields[i].kind || f->key != fields[i].key ||
            f->sensitivity != fields[i].sensitivity || f->scale != fields[i].scale ||
            f->list != fields[i].list || !str_eq(extra, str_of(fields[i].extra)))
            fail_msg("%s.%s: type %d key %d sensitivity %d scale %d list %d full %.*s extra %.*s",
                     fields[i].type, fields[i].full, f->type, f->key, f->sensitivity, f->scale, f->list,
                     STR_ARG(f->full), STR_ARG(extra));
    }
    assert_null(field_at("personne", "", "adresse"));
    assert_null(field_at("personne", "", "Nir"));
}

static void types_are_what_their_files_say(void **state)
{
    const struct shape *annexe = model_type(&model, GW_STR("annexe_financiere"));
    const struct field *label = field_at("personne", "", "nom_naissance");

    (void)state;
    assert_true(annexe->nchecks >= 1);
    assert_true(str_is(annexe->checks[0], "montant-annexe"));
    assert_false(annexe->stream);
    assert_true(model_type(&model, GW_STR("enveloppe"))->stream);
    assert_true(str_is(label->label[LANG_FR], "nom de naissance"));
    assert_true(str_is(label->label[LANG_EN], "birth name"));
    assert_true(str_is(field_at("foyer", "", "membres")->items->name, "foyer.membres[]"));
}

static void check_shape(const struct shape *s)
{
    for (uint16_t i = 0; i < s->count; i++) {
        const struct field *f = s->fields[i];

        if (f->slot != i || shape_field(s, f->name, f->ext) != f)
            fail_msg("%.*s.%.*s is not found at its slot", STR_ARG(s->name), STR_ARG(f->name));
        if (!f->label[LANG_FR].len || !f->label[LANG_EN].len)
            fail_msg("%.*s.%.*s has no label", STR_ARG(s->name), STR_ARG(f->name));
        if (f->nchecks && str_is(f->checks[0], "nir") && f->sensitivity != SENS_NIR)
            fail_msg("%.*s.%.*s is a NIR and not marked so", STR_ARG(s->name), STR_ARG(f->name));
        if (f->type == FIELD_CODE && !f->codes)
            fail_msg("%.*s.%.*s has no list", STR_ARG(s->name), STR_ARG(f->name));
        if (f->items)
            check_shape(f->items);
    }
}

static void every_field_is_labelled_and_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < model.count; i++)
        check_shape(model.types[i]);
}

static void code_lists(void **state)
{
    const struct field *civilite = field_at("personne", "", "civilite");
    const struct field *motif = field_at("annexe_financiere", "", "motif_rejet");

    (void)state;
    assert_int_equal(civilite->codes->count, 2);
    assert_true(codes_has(civilite->codes, GW_STR("MME")));
    assert_false(codes_has(civilite->codes, GW_STR("Mme")));
    assert_false(codes_has(civilite->codes, GW_STR("code")));
    assert_true(codes_has(motif->codes, GW_STR("anything")));
    assert_ptr_equal(field_at("etape", "", "mesure")->codes,
                     field_at("annexe_financiere", "", "mesure")->codes);
}

static void extensions(void **state)
{
    struct gw_str none = {NULL, 0}, a = GW_STR("aaa"), b = GW_STR("bbb");
    struct shape *s = model_type(&model, GW_STR("foyer"));
    struct shape *members = shape_field(s, GW_STR("membres"), none)->items;
    uint16_t count = s->count, slot = shape_field(s, GW_STR("membres"), none)->slot;
    struct field *f, *same, *list, *inner;

    (void)state;
    f = shape_extend(&model, s, GW_STR("statut"), a, FIELD_DATE, false, SENS_SENSITIVE);
    assert_int_equal(f->slot, count);
    assert_true(str_is(f->full, "x.statut"));
    assert_int_equal(f->scale, -1);
    same = shape_extend(&model, s, GW_STR("statut"), a, FIELD_DATE, false, SENS_SENSITIVE);
    assert_ptr_equal(f, same);
    assert_ptr_not_equal(f, shape_extend(&model, s, GW_STR("statut"), b, FIELD_TEXT, true, SENS_NONE));
    assert_null(shape_field(s, GW_STR("statut"), none));
    assert_ptr_equal(shape_field(s, GW_STR("statut"), a), f);
    /* an extension of the pivot's own name does not hide it */
    f = shape_extend(&model, s, GW_STR("membres"), a, FIELD_TEXT, false, SENS_NONE);
    assert_int_equal(shape_field(s, GW_STR("membres"), none)->slot, slot);
    /* of items, and items of their own */
    f = shape_extend(&model, members, GW_STR("note"), a, FIELD_TEXT, false, SENS_SENSITIVE);
    assert_true(str_is(f->full, "membres[].x.note"));
    list = shape_extend(&model, members, GW_STR("faits"), a, FIELD_ITEMS, true, SENS_SENSITIVE);
    assert_false(list->list);
    inner = shape_extend(&model, list->items, GW_STR("date"), a, FIELD_DATE, false, SENS_SENSITIVE);
    assert_true(str_is(list->items->name, "foyer.membres[].x.faits[]"));
    assert_true(str_is(inner->full, "membres[].x.faits[].date"));
    assert_ptr_equal(shape_field(list->items, GW_STR("date"), a), inner);
}

static void many_extensions_are_found(void **state)
{
    struct shape *s = model_type(&model, GW_STR("sortie"));
    struct gw_str ext = GW_STR("aaa");
    char name[16];

    (void)state;
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        assert_non_null(shape_extend(&model, s, str_of(name), ext, FIELD_TEXT, false, SENS_NONE));
    }
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        assert_true(str_is(shape_field(s, str_of(name), ext)->name, name));
    }
    assert_null(shape_field(s, GW_STR("n5000"), ext));
    assert_non_null(field_at("sortie", "", "motif"));
}

static void out_of_memory_is_fatal(void **state)
{
    struct told_sink told;
    size_t nth = 1;
    bool done = false;

    (void)state;
    for (; !done && nth < 500; nth++) {
        struct model m;
        struct arena a;
        enum gw_result r;

        arena_init(&a, 4096, 0);
        told_init(&told);
        arena_fail_at(nth);
        r = model_load(&m, &a, PIVOT, &told.sink);
        done = arena_fail_left() > 0;
        arena_fail_at(0);
        assert_int_equal(r, done ? GW_OK : GW_FATAL);
        arena_done(&a);
    }
    assert_true(done);
    assert_true(nth > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_family_is_there),
        cmocka_unit_test(fields_are_what_their_files_say),
        cmocka_unit_test(types_are_what_their_files_say),
        cmocka_unit_test(every_field_is_labelled_and_found),
        cmocka_unit_test(code_lists),
        cmocka_unit_test(extensions),
        cmocka_unit_test(many_extensions_are_found),
        cmocka_unit_test(out_of_memory_is_fatal),
    };
    int failed = cmocka_run_group_tests_name("pivot", tests, load_pivot, drop_pivot);

    return failed + model_faults();
}
