/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * make_rsa BYTES [windows-1252]: a valid VRSB0801 of about that size on standard output, about
 * 160 elements a household. The same arguments make the same bytes.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "invent.h"

struct out {
    struct invent v;
    uint64_t bytes;
    bool latin; /* windows-1252: characters up to U+00FF are enough for us */
    unsigned depth;
};

/* ---- elements ---- */

static void put(struct out *o, const char *text)
{
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;

        if (o->latin && c == 0xc3)
            c = (unsigned char)(*++p + 0x40);
        putchar(c);
        o->bytes++;
    }
}

static void indent(struct out *o)
{
    for (unsigned i = 0; i < o->depth; i++)
        put(o, "\t");
}

static void begin(struct out *o, const char *name)
{
    indent(o);
    put(o, "<");
    put(o, name);
    put(o, ">\n");
    o->depth++;
}

static void end(struct out *o, const char *name)
{
    o->depth--;
    indent(o);
    put(o, "</");
    put(o, name);
    put(o, ">\n");
}

static void leaf(struct out *o, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void leaf(struct out *o, const char *name, const char *format, ...)
{
    char text[256];
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    indent(o);
    put(o, "<");
    put(o, name);
    put(o, *text ? ">" : " />\n");
    if (!*text)
        return;
    put(o, text);
    put(o, "</");
    put(o, name);
    put(o, ">\n");
}

static void leaf_day(struct out *o, const char *name, struct day d)
{
    leaf(o, name, "%04u-%02u-%02u", d.year, d.month, d.day);
}

static void leaf_any_day(struct out *o, const char *name, unsigned from, unsigned to)
{
    leaf_day(o, name, pick_day(&o->v, from, to));
}

static void leaf_amount(struct out *o, const char *name, unsigned below)
{
    leaf(o, name, "%07u.%02u", pick(&o->v, below), pick(&o->v, 100));
}

#define LEAF_ONE_OF(o, name, ...)                                                                              \
    do {                                                                                                       \
        static const char *const words[] = {__VA_ARGS__};                                                      \
        leaf((o), (name), "%s", words[pick(&(o)->v, sizeof(words) / sizeof(*words))]);                         \
    } while (0)

/* ---- a person ---- */

static void identity(struct out *o)
{
    struct person p;

    pick_person(&o->v, &p);
    begin(o, "Identification");
    leaf(o, "QUAL", "%s", p.man ? "MR" : "MME");
    leaf(o, "NOM", "%s", p.last_name);
    leaf(o, "NOMNAI", "%s", p.last_name);
    leaf(o, "PRENOM", "%s", p.first_name);
    leaf(o, "NOMCOMNAI", "%s", p.birth_place->name);
    leaf_day(o, "DTNAI", p.born);
    leaf(o, "TYPEDTNAI", "N");
    leaf(o, "NIR", "%.13s", p.nir);
    leaf(o, "TOPVALIEC", "1");
    leaf(o, "SEXE", "%c", p.man ? '1' : '2');
    end(o, "Identification");
}

static void benefit(struct out *o, const char *nature, const char *role)
{
    begin(o, "Prestations");
    leaf(o, "NATPREST", "%s", nature);
    leaf(o, "ROLEPERS", "%s", role);
    leaf(o, "TOPCHAPERS", "%u", pick(&o->v, 2));
    end(o, "Prestations");
}

static void month_of_income(struct out *o, unsigned month)
{
    static const char *const natures[] = {"001", "010", "044"};

    begin(o, "RessourcesMensuelles");
    begin(o, "GeneraliteRessourcesMensuelles");
    leaf(o, "MOISRESS", "2025-%02u-01", month);
    leaf(o, "NBHEUMENTRA", "%03u", pick(&o->v, 152));
    end(o, "GeneraliteRessourcesMensuelles");
    for (unsigned i = 0, n = 1 + pick(&o->v, 3); i < n; i++) {
        begin(o, "DetailRessourcesMensuelles");
        leaf(o, "NATRESS", "%s", natures[i]);
        leaf_amount(o, "MTNATRESSMEN", 2400);
        if (one_in(&o->v, 12))
            LEAF_ONE_OF(o, "ABANEU", "A", "N");
        end(o, "DetailRessourcesMensuelles");
    }
    end(o, "RessourcesMensuelles");
}

static void income(struct out *o)
{
    begin(o, "Ressources");
    begin(o, "GeneraliteRessourcesTrimestre");
    leaf(o, "TOPRESSNUL", "0");
    leaf(o, "DDRESS", "2025-08-01");
    leaf(o, "DFRESS", "2025-10-31");
    end(o, "GeneraliteRessourcesTrimestre");
    for (unsigned month = 8; month <= 10; month++)
        month_of_income(o, month);
    end(o, "Ressources");
}

static void activities(struct out *o)
{
    for (unsigned i = 0, n = 1 + pick(&o->v, 2); i < n; i++) {
        begin(o, "Activite");
        LEAF_ONE_OF(o, "REG", "AG", "GE");
        LEAF_ONE_OF(o, "ACT", "SAL", "CHO", "ANI");
        leaf_any_day(o, "DDACT", 2021, 2023);
        if (one_in(&o->v, 2))
            leaf_any_day(o, "DFACT", 2024, 2025);
        if (one_in(&o->v, 4))
            LEAF_ONE_OF(o, "NATCONTRTRA", "CDD", "CDI", "CUI");
        end(o, "Activite");
    }
}

static void person(struct out *o, const char *role)
{
    begin(o, "Personne");
    identity(o);
    begin(o, "DossierCAF");
    leaf(o, "TOPRESPDOS", "%d", *role == 'D');
    leaf_any_day(o, "DDRATDOS", 2006, 2020);
    end(o, "DossierCAF");
    benefit(o, "PFA", role);
    benefit(o, "RSA", role);
    if (one_in(&o->v, 2)) {
        begin(o, "DossierPoleEmploi");
        leaf(o, "IDASSEDIC", "%07u%c", pick(&o->v, 10000000), 'A' + pick(&o->v, 26));
        end(o, "DossierPoleEmploi");
    }
    income(o);
    begin(o, "MontantCalculDroitRSAPersonne");
    leaf(o, "TOPPERSDRODEVORSA", "%u", pick(&o->v, 2));
    leaf_amount(o, "MTPERSRESSMENRSA", 900);
    end(o, "MontantCalculDroitRSAPersonne");
    activities(o);
    end(o, "Personne");
}

/* ---- a household ---- */

static void household_ids(struct out *o)
{
    begin(o, "IdentificationRSA");
    begin(o, "Organisme");
    leaf(o, "FONORG", "CAF");
    leaf(o, "NUMORG", "521");
    leaf(o, "MATRICULE", "%07u00000000", 1000000 + pick(&o->v, 9000000));
    end(o, "Organisme");
    begin(o, "Partenaire");
    leaf(o, "TYPEPARTE", "CG ");
    leaf(o, "IDEPARTE", "052");
    end(o, "Partenaire");
    begin(o, "DemandeRSA");
    leaf_any_day(o, "DTDEMRSA", 2010, 2024);
    leaf(o, "NUMDEMRSA", "%08u052", pick(&o->v, 100000000));
    end(o, "DemandeRSA");
    end(o, "IdentificationRSA");
}

static void address(struct out *o)
{
    const struct town *town = pick_town(&o->v);

    begin(o, "Adresse");
    begin(o, "TroncCommunAdresse");
    leaf(o, "RGADR", "01");
    leaf_any_day(o, "DTEMM", 2015, 2024);
    leaf(o, "PAYS", "FRA");
    leaf(o, "TYPEADR", "D");
    leaf(o, "ETATADR", "CO");
    end(o, "TroncCommunAdresse");
    begin(o, "AdresseDetailleeFrance");
    leaf(o, "COMPLIDEADR", "%s", one_in(&o->v, 8) ? "CHEZ M &amp; MME PERROTIN" : "");
    leaf(o, "COMPLADR", "%s", one_in(&o->v, 4) ? "BATIMENT C" : "");
    leaf(o, "NUMVOIE", "%u", 1 + pick(&o->v, 200));
    LEAF_ONE_OF(o, "LIBTYPEVOIE", "RUE", "AVENUE", "ALLEE");
    leaf(o, "NOMVOIE", "%s", pick_street(&o->v));
    leaf(o, "LIEUDIST", "%s", "");
    leaf(o, "NUMCOM", "%s", town->commune);
    leaf(o, "CODEPOS", "%s", town->post_code);
    leaf(o, "NOMCOM", "%s", town->plain);
    end(o, "AdresseDetailleeFrance");
    end(o, "Adresse");
}

static void state_of_right(struct out *o)
{
    unsigned state = pick(&o->v, 6);

    begin(o, "SituationDossierRSA");
    begin(o, "EtatDossierRSA");
    leaf(o, "ETATDOSRSA", "%u", state < 3 ? 2 : state);
    end(o, "EtatDossierRSA");
    if (state == 4) {
        begin(o, "SuspensionVersement");
        leaf(o, "MOTISUSVERSRSA", "06");
        leaf_any_day(o, "DDSUSVERSRSA", 2024, 2025);
        end(o, "SuspensionVersement");
    }
    if (state == 5) {
        begin(o, "FinDroit");
        leaf(o, "MOTICLORSA", "PCG");
        leaf_any_day(o, "DTCLORSA", 2024, 2025);
        end(o, "FinDroit");
    }
    end(o, "SituationDossierRSA");
}

static void right(struct out *o)
{
    begin(o, "PrestationRSA");
    state_of_right(o);
    begin(o, "DetailDroitRSA");
    begin(o, "TroncCommunDroitRSA");
    leaf(o, "TOPSANSDOMFIXE", "0");
    leaf(o, "ORIDEMRSA", "DEM");
    leaf_any_day(o, "DTORIDEMRSA", 2010, 2024);
    end(o, "TroncCommunDroitRSA");
    begin(o, "MontantsCalculDroitRSA");
    leaf_any_day(o, "DDELECAL", 2025, 2025);
    leaf_amount(o, "MTREVMINIGARARSA", 1300);
    leaf_amount(o, "MTREVGARARSA", 1300);
    leaf_amount(o, "MTRESSMENRSA", 900);
    leaf_amount(o, "MTTOTDRORSA", 800);
    end(o, "MontantsCalculDroitRSA");
    begin(o, "DetailCalculDroitRSA");
    leaf(o, "NATPF", "RSD");
    leaf(o, "SOUSNATPF", "RSDN2");
    leaf_any_day(o, "DDNATDRO", 2025, 2025);
    leaf_amount(o, "MTRSAVERS", 800);
    leaf_any_day(o, "DTDERRSAVERS", 2025, 2025);
    end(o, "DetailCalculDroitRSA");
    end(o, "DetailDroitRSA");
    end(o, "PrestationRSA");
}

static void household(struct out *o)
{
    static const char *const roles[] = {"DEM", "CJT", "ENF"};
    unsigned size = pick(&o->v, 20);

    begin(o, "InfosFoyerRSA");
    household_ids(o);
    for (unsigned i = 0, n = size < 9 ? 1 : size < 19 ? 2 : 3; i < n; i++)
        person(o, roles[i]);
    begin(o, "DonneesAdministratives");
    begin(o, "SituationFamille");
    LEAF_ONE_OF(o, "SITFAM", "CEL", "DIV", "MAR", "PAC");
    leaf_any_day(o, "DDSITFAM", 1990, 2020);
    leaf(o, "REGAGRIFAM", "SA");
    end(o, "SituationFamille");
    address(o);
    end(o, "DonneesAdministratives");
    right(o);
    end(o, "InfosFoyerRSA");
}

static void head(struct out *o)
{
    put(o, o->latin ? "<?xml version=\"1.0\" encoding=\"windows-1252\"?>\n"
                    : "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    begin(o, "Racine");
    begin(o, "IdentificationFlux");
    leaf(o, "APPLIEME", "CRI");
    leaf(o, "NUMVERSIONAPPLIEME", "6200");
    leaf(o, "TYPEFLUX", "M");
    leaf(o, "NATFLUX", "D");
    leaf(o, "DTCREAFLUX", "2025-12-05");
    leaf(o, "HEUCREAFLUX", "01:18:36.0000");
    leaf(o, "DTREF", "2025-11-30");
    end(o, "IdentificationFlux");
}

int main(int argc, char **argv)
{
    struct out o = {.v = {1}, .latin = argc > 2 && strcmp(argv[2], "windows-1252") == 0};
    uint64_t size = argc > 1 ? strtoull(argv[1], NULL, 10) : 0, households = 0;

    if (!size) {
        (void)fprintf(stderr, "usage: make_rsa BYTES [windows-1252]\n");
        return 2;
    }
    head(&o);
    for (; o.bytes < size; households++)
        household(&o);
    begin(&o, "TransmissionFlux");
    leaf(&o, "NBTOTDOSRSATRANSM", "%08" PRIu64, households);
    leaf(&o, "NBTOTDOSRSATRANSMANO", "00000000");
    end(&o, "TransmissionFlux");
    end(&o, "Racine");
    return fflush(stdout) != 0 || ferror(stdout);
}
