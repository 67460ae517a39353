/* SPDX-License-Identifier: EUPL-1.2 */
/* Converters against the vectors of the specification, and their law: what is written reads back alike. */
#include "plugins_iae/suite.h"

#include "base/str.h"

struct row {
    const char *converter;
    const char *arg; /* NULL: none */
    const char *native;
    const char *pivot;   /* NULL: refused */
    const char *code;    /* said; NULL: nothing */
    const char *written; /* NULL: as the native */
};

static const struct row rows[] = {
    /* keys of the 13 digits, as told by the specification */
    {"nir", "13", "1690549588157", "169054958815733", NULL, NULL},
    {"nir", "13", "2690549588157", "269054958815780", NULL, NULL},
    {"nir", "13", "2900101010101", "290010101010125", NULL, NULL},
    {"nir", "13", "180012A004001", "180012A00400168", NULL, NULL},
    {"nir", "13", "290072B033012", "290072B03301231", NULL, NULL},
    {"nir", "13", "8001234567890", "800123456789083", NULL, NULL},
    {"nir", "13", "7001234567890", "700123456789036", NULL, NULL},
    {"nir", "13", "1780757463123", "178075746312388", NULL, NULL},
    {"nir", "13", "2850998818012", "285099881801212", NULL, NULL},
    {"nir", "15", "180012A00400168", "180012A00400168", NULL, NULL},
    {"nir", "15", "290072B03301231", "290072B03301231", NULL, NULL},
    {"nir", NULL, "290072B033012", "290072B03301231", NULL, "290072B03301231"},
    {"nir", "13", "180012A00400168", "180012A00400168", NULL, "180012A004001"},
    {"nir", "15", "1 78 07 57 463 123 88", "178075746312388", NULL, "178075746312388"},
    {"nir", "15", "1 80 01 2a 004 001 68", "180012A00400168", NULL, "180012A00400168"},
    {"nir", "15",
     "1\xc2\xa0"
     "78075746312388",
     "178075746312388", NULL, "178075746312388"},
    {"nir", "15", "1780757463123", NULL, "iae.nir_shape", NULL},
    {"nir", "15", "178075746312389", NULL, "iae.nir_key", NULL},
    {"nir", "15", "180012B00400168", NULL, "iae.nir_key", NULL},
    {"nir", "13", "978075746312", NULL, "iae.nir_shape", NULL},
    {"nir", "13", "5780757463123", NULL, "iae.nir_shape", NULL},
    {"nir", "13", "6780757463123", NULL, "iae.nir_shape", NULL},
    {"nir", "13", "0780757463123", NULL, "iae.nir_shape", NULL},
    {"nir", "13", "178072C463123", NULL, "iae.nir_shape", NULL},
    {"nir", "13", "178073A463123", NULL, "iae.nir_shape", NULL},
    {"nir", "13", "1781357463123", NULL, "iae.nir_month", NULL},
    {"nir", "13", "1781957463123", NULL, "iae.nir_month", NULL},
    {"nir", "13", "1784357463123", NULL, "iae.nir_month", NULL},
    {"nir", "13", "1784957463123", NULL, "iae.nir_month", NULL},
    {"nir", "13", "bonjour", NULL, "iae.nir_shape", NULL},
    /* 1 and the platform's SIREN; a NIR with a wrong key is no NTT */
    {"ntt", NULL, "1130030133a08dbdb523633cfc59dfdb297307a1", "1130030133a08dbdb523633cfc59dfdb297307a1", NULL,
     NULL},
    {"ntt", NULL, "2783601966A", "2783601966A", NULL, NULL},
    {"ntt", NULL, "2 783601966 A1", "2783601966A1", NULL, "2783601966A1"},
    {"ntt", NULL, "2783601966", NULL, "iae.ntt_shape", NULL},
    {"ntt", NULL, "3783601966A", NULL, "iae.ntt_shape", NULL},
    {"ntt", NULL, "278360196XA", NULL, "iae.ntt_shape", NULL},
    {"ntt", NULL, "2783601966-A", NULL, "iae.ntt_shape", NULL},
    {"ntt", NULL, "1130030133a08dbdb523633cfc59dfdb297307a1x", NULL, "iae.ntt_shape", NULL},
    {"ntt", NULL, "178075746312389", NULL, "iae.nir_key", NULL},
    {"ntt", NULL, "178135746312389", NULL, "iae.nir_month", NULL},
    {"ntt", NULL, "178075746312388", NULL, "iae.ntt_is_nir", NULL},
    {"ntt", NULL, "978075746312388", NULL, "iae.nir_shape", NULL},
    {"ntt", NULL, "800123456789083", NULL, "iae.nia_refused", NULL},
    {"ntt", NULL, "700123456789036", NULL, "iae.nia_refused", NULL},
    {"ntt", NULL, "700123456789037", NULL, "iae.nir_key", NULL},
    {"siret", NULL, "78360196601442", "78360196601442", NULL, NULL},
    {"siret", NULL, "783 601 966 01442", "78360196601442", NULL, "78360196601442"},
    {"siret", NULL, "39392507800017", "39392507800017", NULL, NULL},
    {"siret", NULL, "32402138500000.0", NULL, "iae.siret_shape", NULL},
    {"siret", NULL, "218601946", NULL, "iae.siret_shape", NULL},
    {"siren", NULL, "130030133", "130030133", NULL, NULL},
    {"siren", NULL, "13003013", NULL, "iae.siren_shape", NULL},
    {"rna", NULL, "W123456789", "W123456789", NULL, NULL},
    {"rna", NULL, "w9n1234567", "W9N1234567", NULL, "W9N1234567"},
    {"rna", NULL, "W3222", NULL, "iae.rna_shape", NULL},
    {"rna", NULL, "W12455", NULL, "iae.rna_shape", NULL},
    {"iban", NULL, "FR7630006000011234567890189", "FR7630006000011234567890189", NULL, NULL},
    {"iban", NULL, "FR76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189", NULL,
     "FR7630006000011234567890189"},
    {"iban", NULL, "GB82WEST12345698765432", "GB82WEST12345698765432", NULL, NULL},
    {"iban", NULL, "MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S", NULL, NULL},
    {"iban", NULL, "FR7630006000011234567890188", NULL, "iae.iban_key", NULL},
    {"iban", NULL, "FR763000600001123456789018", NULL, "iae.iban_length", NULL},
    {"iban", NULL, "ZZ7", NULL, "iae.iban_shape", NULL},
    {"iban", NULL, "FR76300060000112345678901_9", NULL, "iae.iban_shape", NULL},
    {"id_ft", NULL, "1234567A", "1234567A", NULL, NULL},
    {"id_ft", NULL, "12345678", "12345678", NULL, NULL},
    {"id_ft", NULL, "12345678901", "12345678901", NULL, NULL},
    {"id_ft", NULL, "123456AB", NULL, "iae.id_ft_shape", NULL},
    {"id_ft", NULL, "1234567890A", NULL, "iae.id_ft_shape", NULL},
    {"id_ft", NULL, "1234567\xc3\xa9", NULL, "iae.id_ft_shape", NULL},
    {"id_ft", NULL, "123456789", NULL, "iae.id_ft_shape", NULL},
    {"id_itou", NULL, "a08dbdb523633cfc59dfdb297307a1", "a08dbdb523633cfc59dfdb297307a1", NULL, NULL},
    {"id_itou", NULL, "A08dbdb523633cfc59dfdb297307a1", NULL, "iae.id_itou_shape", NULL},
    {"id_itou", NULL, "a08dbdb523633cfc59dfdb297307a", NULL, "iae.id_itou_shape", NULL},
    {"id_itou", NULL, "g08dbdb523633cfc59dfdb297307a1", NULL, "iae.id_itou_shape", NULL},
    {"pass", NULL, "999992135866", "999992135866", NULL, NULL},
    {"pass", NULL, "XXXXX2135866", "XXXXX2135866", NULL, NULL},
    {"pass", NULL, "99999 21 35866", "999992135866", NULL, "999992135866"},
    {"pass", NULL, "99999213586", NULL, "iae.pass_shape", NULL},
    {"pass", NULL, "99999213586-", NULL, "iae.pass_shape", NULL},
    {"annexe", NULL, "ACI054180019A0M1", "ACI054180019A0M1", NULL, NULL},
    {"annexe", NULL, "EITI59L209512A0M0", "EITI59L209512A0M0", NULL, NULL},
    {"annexe", NULL, "AI971190123A1M3", "AI971190123A1M3", NULL, NULL},
    {"annexe", NULL, "FDI054200058A0M0", "FDI054200058A0M0", NULL, NULL},
    {"annexe", NULL, "ACI087207432A0", NULL, "iae.annexe_shape", NULL},
    {"annexe", NULL, "XCI054180019A0M1", NULL, "iae.annexe_shape", NULL},
    {"annexe", NULL, "ACI54180019A0M1", NULL, "iae.annexe_shape", NULL},
    {"telephone", NULL, "100000001", "0100000001", NULL, "0100000001"},
    {"telephone", NULL, "0100000001", "0100000001", NULL, NULL},
    {"telephone", NULL, "01.00.00.00-01", "0100000001", NULL, "0100000001"},
    {"telephone", NULL, "+33 1 00 00 00 01", "0100000001", NULL, "0100000001"},
    {"telephone", NULL, "+33 (0)1 00 00 00 01", "0100000001", NULL, "0100000001"},
    {"telephone", NULL, "0033100000001", "0100000001", NULL, "0100000001"},
    {"telephone", NULL, "33100000001", "0100000001", NULL, "0100000001"},
    {"telephone", NULL, "3310000000", NULL, "iae.telephone_shape", NULL},
    {"telephone", NULL, "0041100000001", "+41100000001", NULL, "+41100000001"},
    {"telephone", NULL, "+41 10 000 00 01", "+41100000001", NULL, "+41100000001"},
    {"telephone", NULL, "01 00 00 00", NULL, "iae.telephone_shape", NULL},
    {"telephone", NULL, "voir dossier", NULL, "iae.telephone_shape", NULL},
    {"telephone", NULL, "0100000001 / 0100000002", NULL, "iae.telephone_shape", NULL},
    {"telephone", NULL, "00", NULL, "iae.telephone_shape", NULL},
    {"nom_asp", NULL, "JEAN-PHILIPPE RENE", "JEAN-PHILIPPE RENE", NULL, NULL},
    {"nom_asp", NULL, "D'ARTAGNAN", "D'ARTAGNAN", NULL, NULL},
    {"nom_asp", NULL, "Jean", NULL, "iae.name_charset", NULL},
    {"nom_asp", NULL, "REN\xc3\x89", NULL, "iae.name_charset", NULL},
    {"acteur_creation", NULL, "ACTOR ETUDE-SUD", "ACTOR ETUDE-SUD", NULL, NULL},
    {"acteur_creation", NULL, "BGE 59", NULL, "iae.actor_charset", NULL},
    {"code_postal", NULL, "20600", "20600", NULL, NULL},
    {"code_postal", NULL, "2060", NULL, "iae.code_postal_shape", NULL},
    {"code_postal", NULL, "2A600", NULL, "iae.code_postal_shape", NULL},
    {"code_postal", NULL, "57000 CEDEX", NULL, "iae.code_postal_shape", NULL},
    {"numero_voie", NULL, "12345", "12345", NULL, NULL},
    {"numero_voie", NULL, "123456", NULL, "iae.numero_voie", NULL},
    {"numero_voie", NULL, "3B", NULL, "iae.numero_voie", NULL},
    {"libelle_voie", NULL, "DE BLIDA", "DE BLIDA", NULL, NULL},
    {"libelle_voie", NULL, "DE L'EGLISE", "DE L'EGLISE", "iae.street_form", NULL},
    {"libelle_voie", NULL, "DE L'\xc3\x89GLISE", NULL, "iae.street_charset", NULL},
    {"libelle_voie", NULL, "DU PORT (HAUT)", NULL, "iae.street_charset", NULL},
    {"complement_adresse", NULL, "BAT C 2e @", "BAT C 2e @", NULL, NULL},
    {"complement_adresse", NULL, "BAT. C", NULL, "iae.complement_charset", NULL},
    {"complement_adresse", NULL, "RESIDENCE LES TILLEULS BATIMENT C", NULL, "iae.complement_charset", NULL},
};

static void assert_text(const struct row *row, struct gw_str found, const char *expected)
{
    if (!str_eq(found, host_text(expected)))
        fail_msg("%s(%s): \"%.*s\" in place of \"%s\"", row->converter, row->native, STR_ARG(found), expected);
}

static void try_row(struct host *h, const struct row *row)
{
    const struct gw_converter *conv = host_converter(row->converter);
    struct gw_str arg = host_text(row->arg);
    size_t nargs = row->arg != NULL;
    struct gw_str native = host_copy(h, row->native);
    struct gw_str pivot, written, again;
    enum gw_result r = conv->read(&h->call, &arg, nargs, &native, &pivot);

    if (r != (row->pivot ? GW_OK : GW_REJECT))
        fail_msg("%s(%s): result %d", row->converter, row->native, r);
    if (h->nsaid != (row->code != NULL) || (row->code && strcmp(h->said[0].code, row->code) != 0))
        fail_msg("%s(%s): said %s", row->converter, row->native, h->nsaid ? h->said[0].code : "nothing");
    if (!row->pivot) {
        assert_int_equal(h->said[0].severity, GW_ERROR);
        return;
    }
    assert_text(row, pivot, row->pivot);
    assert_int_equal(conv->write(&h->call, &arg, nargs, &pivot, &written), GW_OK);
    assert_text(row, written, row->written ? row->written : row->native);
    assert_int_equal(conv->read(&h->call, &arg, nargs, &written, &again), GW_OK);
    assert_text(row, again, row->pivot);
}

void test_converter_vectors(void **state)
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

void test_converter_absent(void **state)
{
    struct gw_str in[8] = {{NULL, 0}};
    struct host h;

    (void)state;
    host_init(&h, NULL);
    for (const struct gw_converter *c = host_plugin()->converters; c->name; c++) {
        struct gw_str out[8] = {{"x", 1}};

        if (strcmp(c->name, "siret_ou_rna") == 0)
            continue;
        assert_int_equal(c->read(&h.call, NULL, 0, in, out), GW_OK);
        assert_null(out[0].ptr);
        assert_int_equal(c->write(&h.call, NULL, 0, in, out), GW_OK);
        assert_null(out[0].ptr);
        assert_int_equal(h.nsaid, 0);
    }
    host_done(&h);
}

/* Every memory that a converter asks for may be refused: GW_FATAL, never a wrong value. */
void test_converter_memory(void **state)
{
    struct host h;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct gw_converter *conv = host_converter(rows[i].converter);
        struct gw_str arg = host_text(rows[i].arg), native = host_text(rows[i].native);
        struct gw_str pivot = {NULL, 0};
        enum gw_result r;

        host_init(&h, NULL);
        h.arena.cap = 1;
        r = conv->read(&h.call, &arg, rows[i].arg != NULL, &native, &pivot);
        assert_true(r == GW_FATAL || r == (rows[i].pivot ? GW_OK : GW_REJECT));
        if (r == GW_OK)
            assert_text(&rows[i], pivot, rows[i].pivot);
        host_done(&h);
    }
}

void test_converter_args(void **state)
{
    const struct gw_converter *nir = host_converter("nir");
    struct gw_str args[] = {GW_STR("13"), GW_STR("15"), GW_STR("14")};

    (void)state;
    assert_int_equal(nir->check_args(NULL, 0), GW_OK);
    assert_int_equal(nir->check_args(&args[0], 1), GW_OK);
    assert_int_equal(nir->check_args(&args[1], 1), GW_OK);
    assert_int_not_equal(nir->check_args(&args[2], 1), GW_OK);
}

/* A pivot value that is none is refused when it is written, not sent. */
void test_nir_write_refuses(void **state)
{
    static const char *const bad[] = {"1780757463123", "178075746312389", "x"};
    const struct gw_converter *nir = host_converter("nir");
    struct gw_str arg = GW_STR("13");
    struct host h;

    (void)state;
    host_init(&h, NULL);
    for (size_t i = 0; i < 3; i++) {
        struct gw_str pivot = host_text(bad[i]), out;

        host_forget(&h);
        assert_int_equal(nir->write(&h.call, &arg, 1, &pivot, &out), GW_REJECT);
        assert_int_equal(h.nsaid, 1);
    }
    host_done(&h);
}

void test_siret_or_rna(void **state)
{
    static const struct {
        const char *siret, *rna, *code;
    } cases[] = {
        {"78360196601442", NULL, NULL},
        {NULL, "W123456789", NULL},
        {"78360196601442", "W123456789", NULL},
        {NULL, NULL, "iae.siret_or_rna"},
        {"7836019660144", "W123456789", "iae.siret_shape"},
        {"78360196601442", "W1", "iae.rna_shape"},
    };
    const struct gw_converter *conv = host_converter("siret_ou_rna");
    struct host h;

    (void)state;
    host_init(&h, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct gw_str in[2] = {host_text(cases[i].siret), host_text(cases[i].rna)};
        struct gw_str out[2];
        enum gw_result r;

        host_forget(&h);
        r = conv->read(&h.call, NULL, 0, in, out);
        assert_int_equal(r, cases[i].code ? GW_REJECT : GW_OK);
        assert_int_equal(h.nsaid, cases[i].code != NULL);
        if (cases[i].code) {
            assert_string_equal(h.said[0].code, cases[i].code);
        } else {
            assert_true(str_eq(out[0], in[0]));
            assert_true(str_eq(out[1], in[1]));
        }
    }
    host_done(&h);
}
