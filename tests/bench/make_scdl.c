/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * make_scdl BYTES: a valid file of subventions (SCDL 2.1.1, 16 columns, comma, CR LF) of about that size on
 * standard output. One object in eight and one name in five is quoted. The same argument makes the same bytes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "invent.h"

#define HEADER                                                                                                 \
    "nomAttribuant,idAttribuant,dateConvention,referenceDecision,nomBeneficiaire,idBeneficiaire,"              \
    "rnaBeneficiaire,objet,montant,nature,conditionsVersement,datesPeriodeVersement,idRAE,notificationUE,"     \
    "pourcentageSubvention,dispositifAide\r\n"

static const char *const givers[] = {"Département des Hauts-Vallons", "Région du Levant", "Commune d'Orval"};
static const char *const aims[] = {"Chantier d'insertion, maraîchage", "Accompagnement vers l'emploi",
                                   "Achat d'un véhicule", "Lutte contre l'illettrisme",
                                   "Fonctionnement de l'association"};

static int beneficiary(struct invent *v)
{
    const struct town *town = pick_town(v);
    char siret[15];

    pick_siret(v, siret);
    if (one_in(v, 5))
        return printf("\"ATELIER \"\"%s\"\", %s\",%s,,", pick_street(v), town->plain, siret);
    return printf("CHANTIER %s DE %s,%s,W%03u%06u,", pick_street(v), town->plain, siret, pick(v, 1000),
                  pick(v, 1000000));
}

static int aim(struct invent *v, const char *quote)
{
    return printf("%s%s%s,", quote, aims[*quote ? 0 : 1 + pick(v, 4)], quote);
}

/* Always the same three, with their numbers. */
static int giver(struct invent *v)
{
    unsigned n = pick(v, 3);
    struct invent own = {100 + n};
    char siret[15];

    pick_siret(&own, siret);
    return printf("%s,%s,", givers[n], siret);
}

static int row(struct invent *v, uint64_t number)
{
    struct day signed_on = pick_day(v, 2021, 2025);
    int n = giver(v);

    n += printf("%04u-%02u-%02u,%04u-%06" PRIu64 ",", signed_on.year, signed_on.month, signed_on.day,
                signed_on.year, number % 1000000);

    n += beneficiary(v);
    n += aim(v, one_in(v, 8) ? "\"" : "");
    return n + printf("%u.%02u,aide en numéraire,%s,%04u-01-01/%04u-12-31,,%s,0.%02u,\r\n",
                      500 + pick(v, 90000), pick(v, 100), one_in(v, 3) ? "échelonné" : "unique",
                      signed_on.year + 1, signed_on.year + 1, one_in(v, 10) ? "oui" : "non", 5 + pick(v, 90));
}

int main(int argc, char **argv)
{
    uint64_t size = argc > 1 ? strtoull(argv[1], NULL, 10) : 0, bytes, number = 1;
    struct invent v = {3};

    if (!size) {
        (void)fprintf(stderr, "usage: make_scdl BYTES\n");
        return 2;
    }
    for (bytes = (uint64_t)printf(HEADER); bytes < size; number++)
        bytes += (uint64_t)row(&v, number);
    return fflush(stdout) != 0 || ferror(stdout);
}
