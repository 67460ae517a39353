/* SPDX-License-Identifier: EUPL-1.2 */
/* adresse_voie on lines as people write them. */
#include "plugins_iae/suite.h"

#include "base/str.h"

struct street {
    const char *text;
    const char *parts[4]; /* number, extension, type, name */
    const char *written;
    const char *code;
};

static const struct street streets[] = {
    {"3 bis av. de Blida", {"3", "BIS", "AV", "de Blida"}, "3 bis Avenue de Blida", NULL},
    {"3B AV DE BLIDA", {"3", "BIS", "AV", "DE BLIDA"}, "3 bis Avenue DE BLIDA", NULL},
    {"3bis, avenue de Blida", {"3", "BIS", "AV", "de Blida"}, "3 bis Avenue de Blida", NULL},
    {"12 ter boulevard Victor Hugo", {"12", "TER", "BD", "Victor Hugo"}, "12 ter Boulevard Victor Hugo", NULL},
    {"7 C rue du Bac", {"7", "QUINQUIES", "RUE", "du Bac"}, "7 quinquies Rue du Bac", NULL},
    {"4 all\xc3\xa9"
     "e des Tilleuls",
     {"4", NULL, "ALL", "des Tilleuls"},
     "4 Allee des Tilleuls",
     NULL},
    {"4 r. de la Paix", {"4", NULL, "RUE", "de la Paix"}, "4 Rue de la Paix", NULL},
    {"4 R de la Paix", {"4", NULL, "RUE", "de la Paix"}, "4 Rue de la Paix", NULL},
    {"Grande Rue de Kerven", {NULL, NULL, "GR", "de Kerven"}, "Grande rue de Kerven", NULL},
    {"Gde rue", {NULL, NULL, "GR", "Gde rue"}, "Gde rue", NULL},
    {"zone d\xe2\x80\x99"
     "activit\xc3\xa9 du Lac",
     {NULL, NULL, "ZA", "du Lac"},
     "Zone d'activite du Lac",
     NULL},
    {"lieu-dit Kerguen", {NULL, NULL, "LD", "Kerguen"}, "Kerguen", NULL},
    {"Kerguen", {NULL, NULL, "LD", "Kerguen"}, "Kerguen", NULL},
    {"Roseraie du Parc", {NULL, NULL, "LD", "Roseraie du Parc"}, "Roseraie du Parc", NULL},
    {"25 Kerguen", {"25", NULL, "LD", "Kerguen"}, "25 Kerguen", NULL},
    {"2\xc3\xa8me rue du Port", {NULL, NULL, "LD", "2\xc3\xa8me rue du Port"}, "2\xc3\xa8me rue du Port", NULL},
    {"123456 rue du Bac", {NULL, NULL, "LD", "123456 rue du Bac"}, "123456 rue du Bac", NULL},
    {"3A rue du Bac", {"3", NULL, "RUE", "du Bac"}, "3 Rue du Bac", "iae.street_extension"},
    {"3 A rue du Bac", {"3", NULL, "RUE", "du Bac"}, "3 Rue du Bac", "iae.street_extension"},
    {"12-14 rue du Bac", {"12", NULL, "RUE", "du Bac"}, "12 Rue du Bac", "iae.street_extension"},
    {"Rue", {NULL, NULL, "RUE", "Rue"}, "Rue", NULL},
    {"3", {"3", NULL, NULL, NULL}, "3", NULL},
    {"Immeuble Le Phare", {NULL, NULL, "IMM", "Le Phare"}, "Immeuble(s) Le Phare", NULL},
};

static void assert_parts(const char *text, const struct gw_str *found, const char *const *expected)
{
    for (size_t i = 0; i < 4; i++)
        if (!str_eq(found[i], host_text(expected[i])) || !found[i].ptr != !expected[i])
            fail_msg("%s: part %zu is \"%.*s\"", text, i, STR_ARG(found[i]));
}

void test_street_vectors(void **state)
{
    const struct gw_converter *conv = host_converter("adresse_voie");
    struct host h;

    (void)state;
    host_init(&h, "2026-09-01");
    for (size_t i = 0; i < sizeof(streets) / sizeof(*streets); i++) {
        const struct street *s = &streets[i];
        struct gw_str native = host_text(s->text), written, parts[4];

        host_forget(&h);
        assert_int_equal(conv->read(&h.call, NULL, 0, &native, parts), GW_OK);
        assert_parts(s->text, parts, s->parts);
        assert_int_equal(h.nsaid, s->code != NULL);
        if (s->code)
            assert_string_equal(h.said[0].code, s->code);
        assert_int_equal(conv->write(&h.call, NULL, 0, parts, &written), GW_OK);
        if (!str_eq(written, host_text(s->written)))
            fail_msg("%s: written \"%.*s\"", s->text, STR_ARG(written));
        assert_int_equal(conv->read(&h.call, NULL, 0, &written, parts), GW_OK);
        assert_parts(s->text, parts, s->parts);
    }
    host_done(&h);
}

/* Lossy: write(read(write(p))) = write(p) for every type with names that look like something else. */
static void law_of(struct host *h, const struct gw_str *pivot)
{
    const struct gw_converter *conv = host_converter("adresse_voie");
    struct gw_str first, again, parts[4];

    assert_int_equal(conv->write(&h->call, NULL, 0, pivot, &first), GW_OK);
    assert_int_equal(conv->read(&h->call, NULL, 0, &first, parts), GW_OK);
    assert_int_equal(conv->write(&h->call, NULL, 0, parts, &again), GW_OK);
    if (!str_eq(first, again))
        fail_msg("\"%.*s\" then \"%.*s\"", STR_ARG(first), STR_ARG(again));
}

void test_street_law(void **state)
{
    static const char *const types[] = {NULL, "RUE",  "AV",  "LD",  "CHEM", "GR",
                                        "ZA", "COTE", "IMM", "RPT", "XYZ"};
    static const char *const names[] = {NULL,     "de Blida",  "VICINAL DU BOIS", "3 CHENES", "B",
                                        "RUE",    "bis",       "2e DB",           "A RUE",    "Lieu-dit",
                                        "grande", "rue du Bac"};
    static const char *const numbers[] = {NULL, "3", "12345", "3A", "12-14", "bis", "\xc3\xa9;"};
    static const char *const codes[] = {NULL, "BIS", "QUINQUIES"};
    struct host h;

    (void)state;
    host_init(&h, NULL);
    for (size_t t = 0; t < 11; t++)
        for (size_t n = 0; n < 12; n++)
            for (size_t k = 0; k < 21; k++) {
                struct gw_str pivot[4] = {host_text(numbers[k % 7]), host_text(codes[k / 7]),
                                          host_text(types[t]), host_text(names[n])};

                host_forget(&h);
                law_of(&h, pivot);
            }
    host_done(&h);
}

/* Without the list of words nothing is guessed, nothing is lost, and it is said. */
void test_street_without_list(void **state)
{
    static const char *const expected[] = {"3", "BIS", "LD", "av. de Blida"};
    struct gw_str native = GW_STR("3 bis av. de Blida"), parts[4];
    struct host h;

    (void)state;
    host_init(&h, NULL);
    h.without_lists = true;
    assert_int_equal(host_converter("adresse_voie")->read(&h.call, NULL, 0, &native, parts), GW_OK);
    assert_parts("without list", parts, expected);
    assert_int_equal(h.nsaid, 1);
    assert_string_equal(h.said[0].code, "iae.no_list");
    host_done(&h);
}
