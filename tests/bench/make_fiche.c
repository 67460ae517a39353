/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * make_fiche BYTES: a valid fiche salarie file (movement C, one line of compact JSON) of about
 * that size on standard output. The same argument makes the same bytes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "invent.h"

#define WORD(v, ...)                                                                                           \
    ((const char *const[]){__VA_ARGS__}[pick((v), sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))])

/* "01" or null, in the caller's room: how long someone has had a right. */
static const char *since(struct invent *v, bool has, char room[8])
{
    (void)snprintf(room, 8, has ? "\"%02u\"" : "null", 1 + pick(v, 4));
    return room;
}

static const char *truth(bool b)
{
    return b ? "true" : "false";
}

static int person(struct invent *v, uint64_t number)
{
    struct person p;

    pick_person(v, &p);
    return printf(
        "\"personnePhysique\":{\"passIae\":\"99999%07" PRIu64 "\",\"idItou\":\"%030" PRIx64
        "\",\"civilite\":\"%s\",\"nomUsage\":\"%s\",\"nomNaissance\":null,\"prenom\":\"%s\",\"dateNaissance\":"
        "\"%02u/%02u/"
        "%04u\",\"codeComInsee\":{\"codeComInsee\":\"%s\",\"codeDpt\":\"0%.2s\"},\"codeInseePays\":\"100\","
        "\"codeGroupePays\":\"1\",\"passDateDeb\":\"01/03/2026\",\"passDateFin\":\"28/02/"
        "2028\",\"salarieNIR\":\"%s\","
        "\"sufPassIae\":null},",
        number % 10000000, number * 0x9e3779b97f4a7c15u, p.man ? "M" : "MME", p.last_name, p.first_name,
        p.born.day, p.born.month, p.born.year, p.birth_place->commune, p.birth_place->commune, p.nir);
}

static int address(struct invent *v)
{
    const struct town *town = pick_town(v);

    return printf(
        "\"adresse\":{\"adrTelephone\":null,\"adrMail\":null,\"adrNumeroVoie\":\"%u\",\"codeextensionvoie\":%s,"
        "\"codetypevoie\":\"%s\",\"adrLibelleVoie\":\"%s\",\"adrCpltDistribution\":%s,\"codeinseecom\":\"%s\","
        "\"codepostalcedex\":\"%s\"},",
        1 + pick(v, 200), WORD(v, "null", "null", "null", "\"B\"", "\"T\""), WORD(v, "RUE", "AV", "ALL"),
        WORD(v, "DES LILAS", "DU MOULIN", "DE LA FONTAINE", "VICTOR HUGO"),
        WORD(v, "null", "null", "\"BATIMENT C\""), town->commune, town->post_code);
}

static int benefits(struct invent *v, bool rsa, bool ass, bool aah)
{
    char a[8], b[8], c[8];

    return printf(
        "\"salarieBenefRSA\":\"%s\",\"salarieBenefRSADepuis\":%s,\"salarieBenefASS\":%s,"
        "\"salarieBenefASSDepuis\":%s,"
        "\"salarieBenefAAH\":%s,\"salarieBenefAAHDepuis\":%s,\"salarieBenefATA\":false,"
        "\"salarieBenefATADepuis\":null,"
        "\"salarieBenefARE\":null,\"salarieBenefAREDepuis\":null,\"salarieBenefPrimeActivite\":null,"
        "\"salarieBenefPrimeActiviteDepuis\":null,\"salarieBenefCAPE\":null,\"salarieBenefCESA\":null,"
        "\"nomActeurCreationEntr\":null,\"revenuMensuelMoyenTI\":null,\"cotisationsTI\":null,",
        rsa ? WORD(v, "OUI-M", "OUI-NM") : "NON", since(v, rsa, a), truth(ass), since(v, ass, b), truth(aah),
        since(v, aah, c));
}

static int situation(struct invent *v)
{
    bool works = one_in(v, 3), enrolled = !works && !one_in(v, 4), rsa = one_in(v, 2), ass = one_in(v, 9),
         aah = one_in(v, 12);
    char a[8], b[8], ide[16] = "null";
    int n;

    if (enrolled)
        (void)snprintf(ide, sizeof(ide), "\"%07u%c\"", pick(v, 10000000), 'A' + pick(v, 26));
    n = printf("\"situationSalarie\":{\"orienteur\":\"0%u\",\"niveauFormation\":\"40\",\"salarieEnEmploi\":%s,"
               "\"salarieTypeEmployeur\":%s,\"salarieSansEmploiDepuis\":%s,\"salarieSansRessource\":%s,"
               "\"inscritPoleEmploi\":%s,\"inscritPoleEmploiDepuis\":%s,\"numeroIDE\":%s,\"salarieRQTH\":%s,"
               "\"salarieOETH\":%s,\"salarieAideSociale\":%s,",
               1 + pick(v, 4), truth(works), works ? WORD(v, "\"01\"", "\"04\"") : "null", since(v, !works, a),
               truth(one_in(v, 3)), truth(enrolled), since(v, enrolled, b), ide, truth(one_in(v, 8)),
               truth(one_in(v, 9)), truth(rsa || ass || aah));
    n += benefits(v, rsa, ass, aah);
    return n + printf("\"salarieSortantASE\":%s,\"salarieParentIsole\":%s,\"salarieHebergement\":%s,"
                      "\"salarieRefugie\":%s,"
                      "\"salarieSortantDetention\":%s,\"salarieLangueFrancaise\":%s,\"salarieMobilite\":%s},",
                      truth(one_in(v, 9)), truth(one_in(v, 5)), truth(one_in(v, 5)), truth(one_in(v, 9)),
                      truth(one_in(v, 9)), truth(one_in(v, 5)), truth(one_in(v, 3)));
}

static int fiche(struct invent *v, uint64_t number)
{
    char siret[15];
    int n;

    pick_siret(v, siret);
    n = printf("%s{\"numLigne\":%" PRIu64 ",\"typeMouvement\":\"C\",\"siret\":\"%s\",\"mesure\":\"%s\",",
               number > 1 ? "," : "", number, siret, WORD(v, "ACI_DC", "EI_DC", "AI_DC"));
    n += person(v, number) + address(v) + situation(v);
    return n + printf("\"codeTraitement\":null,\"libelleTraitement\":null}");
}

int main(int argc, char **argv)
{
    uint64_t size = argc > 1 ? strtoull(argv[1], NULL, 10) : 0, bytes, number = 1;
    struct invent v = {2};

    if (!size) {
        (void)fprintf(stderr, "usage: make_fiche BYTES\n");
        return 2;
    }
    bytes = (uint64_t)printf("{\"msgInformatif\":null,\"telId\":null,\"lignesTelechargement\":[");
    for (; bytes < size; number++)
        bytes += (uint64_t)fiche(&v, number);
    (void)printf("]}");
    return fflush(stdout) != 0 || ferror(stdout);
}
