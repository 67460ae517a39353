/* SPDX-License-Identifier: EUPL-1.2 */
#include "invent.h"

#include <stdio.h>

#define LEN(a) (sizeof(a) / sizeof *(a))

static const char *const last_names[] = {"ARBOGAST",     "BELLANGER",    "CASTAGNOU",  "DELORMEAU", "ESCOFFIN",
                                         "FERRANDIER",   "GUILLERET",    "HAMELINE",   "JOUBERTIN", "KERVADEC",
                                         "LACHENAIE",    "MARCHESSON",   "NADAULTIER", "OUDINOTTE", "PERROTIN",
                                         "QUENTIGNY",    "ROCHEBOIS",    "SAUVAGEOT",  "TRONCHARD", "VILLEDARY",
                                         "D'ARGENTEUIL", "DE LA BRUYERE"};

static const char *const men[] = {"ADRIEN", "BASILE", "CYPRIEN", "DAMIEN",  "EDMOND",  "FLORENT", "GASTON",
                                  "HERVE",  "IGNACE", "JULES",   "LEONARD", "MAXENCE", "NORBERT", "OCTAVE"};

static const char *const women[] = {"AGATHE",   "BLANDINE", "COLINE", "DELPHINE", "ELOISE",
                                    "FLAVIE",   "GISELE",   "HELENE", "IRENE",    "JUSTINE",
                                    "LEONTINE", "MATHILDE", "NINON",  "ODETTE"};

static const char *const streets[] = {"DES LILAS",      "DU MOULIN",  "DE LA RÉPUBLIQUE", "VICTOR HUGO",
                                      "DE L'ÉGLISE",    "DU PONT",    "DU LAVOIR",        "DES ÉCOLES",
                                      "DE LA FONTAINE", "JEAN JAURES"};

static const struct town towns[] = {
    {"13055", "13001", "MARSEILLE", "MARSEILLE"},
    {"31555", "31000", "TOULOUSE", "TOULOUSE"},
    {"06088", "06000", "NICE", "NICE"},
    {"44109", "44000", "NANTES", "NANTES"},
    {"67482", "67000", "STRASBOURG", "STRASBOURG"},
    {"34172", "34000", "MONTPELLIER", "MONTPELLIER"},
    {"33063", "33000", "BORDEAUX", "BORDEAUX"},
    {"59350", "59000", "LILLE", "LILLE"},
    {"35238", "35000", "RENNES", "RENNES"},
    {"51454", "51100", "REIMS", "REIMS"},
    {"42218", "42000", "SAINT-ÉTIENNE", "SAINT ETIENNE"},
    {"38185", "38000", "GRENOBLE", "GRENOBLE"},
    {"21231", "21000", "DIJON", "DIJON"},
    {"49007", "49000", "ANGERS", "ANGERS"},
    {"63113", "63000", "CLERMONT-FERRAND", "CLERMONT FERRAND"},
    {"29019", "29200", "BREST", "BREST"},
};

/* splitmix64 */
static uint64_t next(struct invent *v)
{
    uint64_t z = v->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

unsigned pick(struct invent *v, unsigned n)
{
    return (unsigned)(next(v) % n);
}

bool one_in(struct invent *v, unsigned n)
{
    return pick(v, n) == 0;
}

struct day pick_day(struct invent *v, unsigned from, unsigned to)
{
    return (struct day){from + pick(v, to - from + 1), 1 + pick(v, 12), 1 + pick(v, 28)};
}

const struct town *pick_town(struct invent *v)
{
    return &towns[pick(v, LEN(towns))];
}

const char *pick_street(struct invent *v)
{
    return streets[pick(v, LEN(streets))];
}

/* No commune of ours is in Corsica, where the key is reckoned otherwise. */
static void make_nir(struct invent *v, const struct person *p, char ret[16])
{
    const char *c = p->birth_place->commune;
    char text[64];
    uint64_t n = 0;

    (void)snprintf(text, sizeof(text), "%c%02u%02u%.5s%03u", p->man ? '1' : '2', p->born.year % 100,
                   p->born.month, c, 1 + pick(v, 990));
    for (const char *d = text; *d; d++)
        n = n * 10 + (unsigned)(*d - '0');
    (void)snprintf(ret, 16, "%.13s%02u", text, (unsigned)(97 - n % 97));
}

void pick_person(struct invent *v, struct person *ret)
{
    ret->man = one_in(v, 2);
    ret->last_name = last_names[pick(v, LEN(last_names))];
    ret->first_name = ret->man ? men[pick(v, LEN(men))] : women[pick(v, LEN(women))];
    ret->born = pick_day(v, 1962, 2005);
    ret->birth_place = pick_town(v);
    make_nir(v, ret, ret->nir);
}

/* The last digit of `text` makes the sum right (Luhn). */
static void set_key(char *text, unsigned len)
{
    unsigned sum = 0;

    for (unsigned i = 0; i + 1 < len; i++) {
        unsigned d = (unsigned)(text[i] - '0') * ((len - i) % 2 ? 1 : 2);

        sum += d / 10 + d % 10;
    }
    text[len - 1] = (char)('0' + (10 - sum % 10) % 10);
}

void pick_siret(struct invent *v, char ret[15])
{
    for (unsigned i = 0; i < 14; i++)
        ret[i] = (char)('0' + (i == 0 ? 4 + pick(v, 5) : i < 9 ? pick(v, 10) : i == 12 ? 1 + pick(v, 9) : 0));
    ret[14] = '\0';
    set_key(ret, 9);
    set_key(ret, 14);
}
