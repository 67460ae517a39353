/* SPDX-License-Identifier: EUPL-1.2 */
/* Each check with rows that pass and rows that fail, on the day of the file given. */
#include "plugins_iae/suite.h"

#include "base/str.h"

struct row {
    const char *check;
    const char *values[HOST_VALUES]; /* in the order of the check's fields */
    const char *code;                /* NULL: it passes */
    enum gw_severity severity;
    size_t field;
};

#define ITOU "a08dbdb523633cfc59dfdb297307a1"

static const struct row rows[] = {
    {"nir", {"178075746312388"}, NULL, 0, 0},
    {"nir", {"1780757463123"}, "iae.nir_shape", GW_ERROR, 0},
    {"nir", {"178135746312388"}, "iae.nir_month", GW_ERROR, 0},
    {"nir", {"178075746312387"}, "iae.nir_key", GW_ERROR, 0},
    {"nir", {"269054958815780"}, "iae.nir_specimen", GW_WARNING, 0},
    {"ntt", {"2783601966A"}, NULL, 0, 0},
    {"ntt", {"2783601967A"}, "iae.ntt_siren", GW_WARNING, 0},
    {"ntt", {"9783601966A"}, "iae.ntt_shape", GW_ERROR, 0},
    {"id_ft", {"1234567A"}, NULL, 0, 0},
    {"id_ft", {"123"}, "iae.id_ft_shape", GW_ERROR, 0},
    {"id_itou", {ITOU}, NULL, 0, 0},
    {"id_itou", {"A"}, "iae.id_itou_shape", GW_ERROR, 0},
    {"pass", {"999992135866"}, NULL, 0, 0},
    {"pass", {"99999"}, "iae.pass_shape", GW_ERROR, 0},
    /* platforms' test numbers have a good key; real signatures of the ASP need not */
    {"siret", {"33055039301440"}, NULL, 0, 0},
    {"siret", {"80847781401440"}, NULL, 0, 0},
    {"siret", {"39392507800017"}, "iae.siret_key", GW_WARNING, 0},
    {"siret", {"38269518700000"}, "iae.siret_key", GW_WARNING, 0},
    {"siret", {"34445638900019"}, "iae.siret_key", GW_WARNING, 0},
    {"siret", {"50010961600027"}, "iae.siret_key", GW_WARNING, 0},
    {"siret", {"42414308900019"}, "iae.siret_key", GW_WARNING, 0},
    {"siret", {"35600000000048"}, NULL, 0, 0},
    {"siret", {"35600000000010"}, NULL, 0, 0}, /* La Poste: sum of digits 15 */
    {"siret", {"35600000000011"}, "iae.siret_key", GW_WARNING, 0},
    {"siret", {"1234"}, "iae.siret_shape", GW_ERROR, 0},
    {"siren", {"130030133"}, NULL, 0, 0},
    {"siren", {"356000000"}, NULL, 0, 0},
    {"siren", {"130030134"}, "iae.siren_key", GW_WARNING, 0},
    {"siren", {"13003013A"}, "iae.siren_shape", GW_ERROR, 0},
    {"rna", {"W123456789"}, NULL, 0, 0},
    {"rna", {"W12345678"}, "iae.rna_shape", GW_ERROR, 0},
    {"iban", {"FR7630006000011234567890189"}, NULL, 0, 0},
    {"iban", {"FR7730006000011234567890189"}, "iae.iban_key", GW_ERROR, 0},
    {"iban", {"GB82WEST1234569876543"}, "iae.iban_length", GW_ERROR, 0},
    {"iban", {"76FR30006000011234567890189"}, "iae.iban_shape", GW_ERROR, 0},
    {"naf", {"8899B"}, NULL, 0, 0},
    {"naf", {"78.30Z"}, NULL, 0, 0},
    {"naf", {"8899"}, "iae.naf_shape", GW_WARNING, 0},
    {"rome", {"A1203"}, NULL, 0, 0},
    {"rome", {"A9999"}, "iae.rome_unknown", GW_WARNING, 0},
    {"rome", {"O1203"}, "iae.rome_shape", GW_ERROR, 0},
    {"rome", {"A120"}, "iae.rome_shape", GW_ERROR, 0},
    {"annexe", {"ACI054180019A0M1"}, NULL, 0, 0},
    {"annexe", {"ACI054180019"}, "iae.annexe_shape", GW_ERROR, 0},
    {"commune", {"57463"}, NULL, 0, 0},
    {"commune", {"2B033"}, NULL, 0, 0},
    {"commune", {"98818"}, NULL, 0, 0},
    {"commune", {"98413"}, NULL, 0, 0},
    {"commune", {"57999"}, "iae.commune_unknown", GW_WARNING, 0},
    {"commune", {"5746"}, "iae.commune_shape", GW_ERROR, 0},
    {"commune", {"2C033"}, "iae.commune_shape", GW_ERROR, 0},
    {"pays", {"99100"}, NULL, 0, 0},
    {"pays", {"99102"}, NULL, 0, 0},
    {"pays", {"99999"}, "iae.pays_unknown", GW_ERROR, 0},
    {"pays", {"100"}, "iae.pays_shape", GW_ERROR, 0},
    {"pays", {"98100"}, "iae.pays_shape", GW_ERROR, 0},
    {"code_postal", {"57000"}, NULL, 0, 0},
    {"code_postal", {"5700"}, "iae.code_postal_shape", GW_WARNING, 0},
    {"telephone", {"0100000001"}, NULL, 0, 0},
    {"telephone", {"+41100000001"}, NULL, 0, 0},
    {"telephone", {"100000001"}, "iae.telephone_shape", GW_WARNING, 0},
    {"courriel", {"a@example.org"}, NULL, 0, 0},
    {"courriel", {"example.org"}, "iae.courriel_shape", GW_WARNING, 0},
    {"courriel", {"a b@example.org"}, "iae.courriel_shape", GW_WARNING, 0},
    {"courriel", {"@example.org"}, "iae.courriel_shape", GW_WARNING, 0},
    {"courriel", {"a@"}, "iae.courriel_shape", GW_WARNING, 0},
    {"courriel", {"a@b@c"}, "iae.courriel_shape", GW_WARNING, 0},
    {"revenu_ti", {"12345.67"}, NULL, 0, 0},
    {"revenu_ti", {"99999.99"}, NULL, 0, 0},
    {"revenu_ti", {"100000.00"}, "iae.revenu_ti", GW_ERROR, 0},
    {"revenu_ti", {"-1.00"}, "iae.revenu_ti", GW_ERROR, 0},
    /* nir, ntt, civilite, id_itou */
    {"nir-civilite", {"178075746312388", NULL, "M", ITOU}, NULL, 0, 0},
    {"nir-civilite", {"290072B03301231", NULL, "MME", ITOU}, NULL, 0, 0},
    {"nir-civilite", {"700123456789036", NULL, "M", ITOU}, NULL, 0, 0},
    {"nir-civilite", {"800123456789083", NULL, "MME", ITOU}, NULL, 0, 0},
    {"nir-civilite", {"178075746312388", NULL, NULL, ITOU}, NULL, 0, 0},
    {"nir-civilite", {"178075746312388", NULL, "MME", ITOU}, "iae.nir_civilite", GW_ERROR, 2},
    {"nir-civilite", {"290072B03301231", NULL, "M", NULL}, "iae.nir_civilite", GW_WARNING, 2},
    {"nir-civilite", {NULL, "2783601966A", "MME", ITOU}, NULL, 0, 0},
    {"nir-civilite", {NULL, "2783601966A", "M", ITOU}, "iae.ntt_civilite", GW_ERROR, 1},
    /* nir, ntt, naissance_date, naissance_precision, id_itou */
    {"nir-naissance", {"178075746312388", NULL, "1978-07-14", NULL, ITOU}, NULL, 0, 0},
    {"nir-naissance", {"178075746312388", NULL, "1978-08-14", NULL, ITOU}, "iae.nir_naissance", GW_ERROR, 0},
    {"nir-naissance", {"178075746312388", NULL, "1979-07-14", NULL, NULL}, "iae.nir_naissance", GW_WARNING, 0},
    {"nir-naissance", {"178075746312388", NULL, "1979-01-01", "ANNEE", ITOU}, NULL, 0, 0},
    {"nir-naissance", {"178205746312388", NULL, "1978-11-14", NULL, ITOU}, NULL, 0, 0},
    {"nir-naissance", {"178205746312388", NULL, "1977-11-14", NULL, ITOU}, "iae.nir_naissance", GW_ERROR, 0},
    {"nir-naissance", {"800123456789083", NULL, "1977-11-14", NULL, ITOU}, NULL, 0, 0},
    {"nir-naissance", {NULL, "178360196600001", "1978-11-14", NULL, ITOU}, "iae.ntt_is_nir", GW_ERROR, 1},
    {"nir-naissance", {NULL, "178360196600001", "1977-11-14", NULL, ITOU}, NULL, 0, 0},
    /* naissance_date, id_itou; on 2026-09-01: before 2010-09-01, from 1926-09-01 */
    {"age-iae", {"2010-08-31", ITOU}, NULL, 0, 0},
    {"age-iae", {"2010-09-01", ITOU}, "iae.age_min", GW_ERROR, 0},
    {"age-iae", {"1926-09-01", ITOU}, NULL, 0, 0},
    {"age-iae", {"1926-08-31", ITOU}, "iae.age_max", GW_ERROR, 0},
    {"age-iae", {"2020-01-01", NULL}, NULL, 0, 0},
    /* naissance_commune, naissance_pays, id_itou */
    {"naissance-lieu", {"57463", "99100", ITOU}, NULL, 0, 0},
    {"naissance-lieu", {NULL, "99102", ITOU}, NULL, 0, 0},
    {"naissance-lieu", {"57463", NULL, ITOU}, NULL, 0, 0},
    {"naissance-lieu", {"57463", "99102", ITOU}, "iae.birth_commune_abroad", GW_ERROR, 0},
    {"naissance-lieu", {"57463", "99102", NULL}, "iae.birth_commune_abroad", GW_WARNING, 0},
    {"naissance-lieu", {NULL, "99100", ITOU}, "iae.birth_commune_missing", GW_ERROR, 0},
    {"naissance-lieu", {NULL, "99100", NULL}, NULL, 0, 0},
    /* naissance_commune, naissance_date, id_itou; 75001 was Alfortville until 1967, Ajaccio 20004 until 1975 */
    {"commune-naissance", {"57463", "1978-07-14", ITOU}, NULL, 0, 0},
    {"commune-naissance", {"2B033", "1990-07-02", ITOU}, NULL, 0, 0},
    {"commune-naissance", {"98411", "1990-07-02", ITOU}, NULL, 0, 0},
    {"commune-naissance", {"98818", "1985-09-01", ITOU}, NULL, 0, 0},
    {"commune-naissance", {"75001", "1967-12-31", ITOU}, NULL, 0, 0},
    {"commune-naissance", {"75001", "1968-01-01", ITOU}, "iae.birth_commune_then", GW_ERROR, 0},
    {"commune-naissance", {"20004", "1975-12-31", ITOU}, NULL, 0, 0},
    {"commune-naissance", {"20004", "1976-01-01", NULL}, "iae.birth_commune_then", GW_WARNING, 0},
    {"commune-naissance", {"20004", NULL, ITOU}, NULL, 0, 0},
    /* adresse.commune */
    {"commune-adresse", {"57463"}, NULL, 0, 0},
    {"commune-adresse", {"75001"}, "iae.commune_then", GW_WARNING, 0},
    /* adresse.code_postal, adresse.commune */
    {"code-postal-commune", {"57000", "57463"}, NULL, 0, 0},
    {"code-postal-commune", {"20600", "2B033"}, NULL, 0, 0},
    {"code-postal-commune", {"20000", "2A004"}, NULL, 0, 0},
    {"code-postal-commune", {"20000", "2B033"}, "iae.code_postal_commune", GW_WARNING, 0},
    {"code-postal-commune", {"20200", "2A004"}, "iae.code_postal_commune", GW_WARNING, 0},
    {"code-postal-commune", {"20200", "57463"}, "iae.code_postal_commune", GW_WARNING, 0},
    {"code-postal-commune", {"97400", "97411"}, NULL, 0, 0},
    {"code-postal-commune", {"97150", "97801"}, NULL, 0, 0},
    {"code-postal-commune", {"97133", "97701"}, NULL, 0, 0},
    {"code-postal-commune", {"97200", "97411"}, "iae.code_postal_commune", GW_WARNING, 0},
    {"code-postal-commune", {"98800", "98818"}, NULL, 0, 0},
    {"code-postal-commune", {"75001", "57463"}, "iae.code_postal_commune", GW_WARNING, 0},
    {"code-postal-commune", {"00200", "57463"}, NULL, 0, 0},
    {"code-postal-commune", {"57000", NULL}, NULL, 0, 0},
    /* adresse.extension_voie, adresse.numero_voie */
    {"voie-extension", {"BIS", "3"}, NULL, 0, 0},
    {"voie-extension", {NULL, "3"}, NULL, 0, 0},
    {"voie-extension", {"BIS", NULL}, "iae.extension_alone", GW_WARNING, 0},
    /* siret, rna, id_asp, aurore, safir, nom */
    {"siret-ou-rna", {"78360196601442"}, NULL, 0, 0},
    {"siret-ou-rna", {NULL, "W123456789"}, NULL, 0, 0},
    {"siret-ou-rna", {NULL, NULL, NULL, NULL, "59999"}, NULL, 0, 0},
    {"siret-ou-rna", {NULL, NULL, NULL, NULL, NULL, "dora--1"}, NULL, 0, 0},
    {"siret-ou-rna", {NULL, NULL, NULL, NULL, NULL, NULL, "FR1420041010050500013M02606"}, NULL, 0, 0},
    {"siret-ou-rna", {NULL, NULL, NULL, NULL, NULL, NULL, NULL, "804"}, NULL, 0, 0},
    {"siret-ou-rna",
     {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "ITOUUN"},
     "iae.siret_or_rna",
     GW_WARNING,
     0},
    {"dates-pass", {"2026-03-01", "2028-02-28"}, NULL, 0, 0},
    {"dates-pass", {"2026-03-01", NULL}, NULL, 0, 0},
    {"dates-pass", {"2026-03-01", "2026-03-01"}, "iae.pass_cancelled", GW_WARNING, 1},
    {"dates-pass", {"2026-03-01", "2026-02-28"}, "iae.pass_dates", GW_ERROR, 1},
    {"dates-ordre", {"2026-03-01", "2026-03-01"}, NULL, 0, 0},
    {"dates-ordre", {"2026-03-01", "2025-12-31"}, "iae.dates_order", GW_ERROR, 1},
    {"periode-ordre", {"2026-03-01", "2026-03-02"}, NULL, 0, 0},
    {"periode-ordre", {"2026-03-01", "2026-02-28"}, "iae.dates_order", GW_WARNING, 1},
    /* sans_ressource, sans_emploi_depuis, type_employeur */
    {"emploi-fiche", {"false", "12_A_23_MOIS", NULL}, NULL, 0, 0},
    {"emploi-fiche", {"false", NULL, "ACI"}, NULL, 0, 0},
    {"emploi-fiche", {NULL, NULL, NULL}, NULL, 0, 0},
    {"emploi-fiche", {"false", NULL, NULL}, "iae.employer_missing", GW_ERROR, 2},
    {"emploi-fiche", {"false", "12_A_23_MOIS", "ACI"}, "iae.employer_unexpected", GW_ERROR, 2},
    /* montant, montant_unitaire, etp, date_debut, date_fin: the examples of the specification */
    {"montant-annexe", {"162160.55", "19897.00", "8.15", "2018-01-01", "2018-12-31"}, NULL, 0, 0},
    {"montant-annexe", {"109402.64", "20642.00", "7.95", "2021-01-01", "2021-08-31"}, NULL, 0, 0},
    {"montant-annexe", {NULL, NULL, NULL, "2020-10-01", "2020-12-31"}, NULL, 0, 0},
    {"montant-annexe",
     {"162160.56", "19897.00", "8.15", "2018-01-01", "2018-12-31"},
     "iae.annexe_amount",
     GW_ERROR,
     0},
    {"montant-annexe",
     {"109402.65", "20642.00", "7.95", "2021-01-01", "2021-08-31"},
     "iae.annexe_amount",
     GW_ERROR,
     0},
    {"montant-annexe",
     {"109402.64", "20642.00", "7.95", "2021-01-01", "2021-07-31"},
     "iae.annexe_amount",
     GW_ERROR,
     0},
    {"montant-annexe",
     {"162160.55", "19897.01", "8.15", "2018-01-01", "2018-12-31"},
     "iae.annexe_amount",
     GW_ERROR,
     0},
    {"montant-annexe",
     {"162160.55", "19897.00", "8.16", "2018-01-01", "2018-12-31"},
     "iae.annexe_amount",
     GW_ERROR,
     0},
    {"montant-annexe", {"198970.00", "19897.00", "10", "2018-01-01", "2018-12-31"}, NULL, 0, 0},
    /* beyond what can be counted exactly: nothing is said rather than something wrong */
    {"montant-annexe", {"1.00", "90000000000000.00", "900000.999999", "2018-01-01", "2018-12-31"}, NULL, 0, 0},
};

static const char *said_code(const struct host *h)
{
    return h->nsaid ? h->said[0].code : "nothing";
}

static void try_row(struct host *h, const struct row *row)
{
    const struct gw_check *check = host_check(row->check);
    struct gw_str values[HOST_VALUES];

    for (size_t i = 0; i < HOST_VALUES; i++)
        values[i] = host_copy(h, row->values[i]);
    check->run(&h->call, values);
    if (h->nsaid != (row->code != NULL) || (row->code && strcmp(said_code(h), row->code) != 0))
        fail_msg("%s(%s, %s, %s): said %s", row->check, row->values[0] ? row->values[0] : "-",
                 row->values[1] ? row->values[1] : "-", row->values[2] ? row->values[2] : "-", said_code(h));
    if (!row->code)
        return;
    assert_int_equal(h->said[0].severity, row->severity);
    assert_int_equal(h->said[0].field, row->field);
}

void test_check_rows(void **state)
{
    struct host h;

    (void)state;
    host_init(&h, "2026-09-01");
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        host_forget(&h);
        try_row(&h, &rows[i]);
    }
    host_done(&h);
}

/* A nomenclature that is not installed is said, once a value, and nothing is guessed. */
void test_check_without_lists(void **state)
{
    static const struct row without[] = {
        {"commune", {"57999"}, "iae.no_list", GW_WARNING, 0},
        {"pays", {"99999"}, "iae.no_list", GW_WARNING, 0},
        {"rome", {"A9999"}, "iae.no_list", GW_WARNING, 0},
        {"commune-naissance", {"75001", "1990-01-01", ITOU}, "iae.no_list", GW_WARNING, 0},
        {"commune-adresse", {"75001"}, "iae.no_list", GW_WARNING, 0},
    };
    struct host h;

    (void)state;
    host_init(&h, "2026-09-01");
    h.without_lists = true;
    for (size_t i = 0; i < sizeof(without) / sizeof(*without); i++) {
        host_forget(&h);
        try_row(&h, &without[i]);
        assert_string_equal(h.said[0].args[0].name, "list");
    }
    host_done(&h);
}

/* No check says anything of a resource without the fields, or before the day of the file is known. */
void test_check_absent(void **state)
{
    struct gw_str absent[HOST_VALUES] = {{NULL, 0}};
    struct host h;

    (void)state;
    host_init(&h, NULL);
    for (const struct gw_check *c = host_plugin()->checks; c->name; c++) {
        if (strcmp(c->name, "siret-ou-rna") == 0)
            continue;
        c->run(&h.call, absent);
        if (h.nsaid)
            fail_msg("%s says %s of nothing", c->name, h.said[0].code);
    }
    host_done(&h);
}
