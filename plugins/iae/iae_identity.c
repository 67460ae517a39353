/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Facts about a person that must agree. Someone with an idItou is known to the platform de l'inclusion
 * and to the ASP, which refuse a contradiction: it is an error then, and a doubt for everybody else
 * (a household of the CAF has children, people born abroad without a sure date, and no idItou).
 */
#include "iae.h"

#include <string.h>

static enum gw_severity severity_of(struct gw_str id_itou)
{
    return iae_absent(id_itou) ? GW_WARNING : GW_ERROR;
}

static bool agrees(struct gw_str number, struct gw_str civilite)
{
    char sex = number.ptr[0];

    return sex == '1' || sex == '3' || sex == '7' ? iae_eq(civilite, "M") : iae_eq(civilite, "MME");
}

/* nir, ntt, civilite, id_itou */
void nir_civilite_check(struct gw_call *c, const struct gw_str *v)
{
    if (!iae_eq(v[2], "M") && !iae_eq(v[2], "MME"))
        return;
    if (!iae_absent(v[0]) && !agrees(v[0], v[2]))
        iae_say(c, severity_of(v[3]), 2, "iae.nir_civilite");
    if (!iae_absent(v[1]) && !agrees(v[1], v[2]))
        iae_say(c, severity_of(v[3]), 1, "iae.ntt_civilite");
}

/* Year and month of a number that begins as a NIR; the month only where it is one. */
static bool born_then(struct gw_str number, struct gw_str day)
{
    unsigned month = (unsigned)(number.ptr[3] - '0') * 10 + (unsigned)(number.ptr[4] - '0');

    if (memcmp(number.ptr + 1, day.ptr + 2, 2) != 0)
        return false;
    return month < 1 || month > 12 || memcmp(number.ptr + 3, day.ptr + 5, 2) == 0;
}

/* nir, ntt, naissance_date, naissance_precision, id_itou */
void nir_naissance_check(struct gw_call *c, const struct gw_str *v)
{
    bool exact = iae_absent(v[3]) || iae_eq(v[3], "JOUR");

    if (!exact || !iae_is_day(v[2]))
        return;
    if (!iae_absent(v[0]) && v[0].len == 15 && (v[0].ptr[0] == '1' || v[0].ptr[0] == '2') &&
        !born_then(v[0], v[2]))
        iae_say(c, severity_of(v[4]), 0, "iae.nir_naissance");
    if (!iae_absent(v[1]) && v[1].len == 15 && iae_all(v[1], IAE_DIGIT) && iae_absent(v[0]) &&
        born_then(v[1], v[2]))
        iae_say(c, severity_of(v[4]), 1, "iae.ntt_is_nir");
}

/* A day as a number that keeps the order, and so does a year less: 10000 a year. */
static int day_number(struct gw_str day)
{
    int n = 0;

    for (int i = 0; i < 10; i++)
        if (i != 4 && i != 7)
            n = n * 10 + day.ptr[i] - '0';
    return n;
}

/* naissance_date, id_itou: 16 years at least, less than 100, on the day of the file. */
void age_iae_check(struct gw_call *c, const struct gw_str *v)
{
    int lived;

    if (iae_absent(v[1]) || !iae_is_day(v[0]) || !iae_is_day(c->date))
        return;
    lived = day_number(c->date) - day_number(v[0]);
    if (lived <= 160000)
        iae_say(c, GW_ERROR, 0, "iae.age_min");
    else if (lived > 1000000)
        iae_say(c, GW_ERROR, 0, "iae.age_max");
}

/* naissance_commune, naissance_pays, id_itou */
void naissance_lieu_check(struct gw_call *c, const struct gw_str *v)
{
    if (iae_absent(v[1]))
        return;
    if (!iae_absent(v[0]) && !iae_eq(v[1], "99100"))
        iae_say(c, severity_of(v[2]), 0, "iae.birth_commune_abroad");
    if (iae_absent(v[0]) && iae_eq(v[1], "99100") && !iae_absent(v[2]))
        iae_say(c, GW_ERROR, 0, "iae.birth_commune_missing");
}

/* naissance_commune, naissance_date, id_itou. The districts of the austral lands (984) are told by a country
 * number and stand in no list of communes. */
void commune_naissance_check(struct gw_call *c, const struct gw_str *v)
{
    if (iae_absent(v[0]) || iae_absent(v[1]) || memcmp(v[0].ptr, "984", v[0].len < 3 ? v[0].len : 3) == 0)
        return;
    if (iae_lookup(c, "insee-com", v[0], v[1], 0) == GW_NOT_THEN)
        iae_say(c, severity_of(v[2]), 0, "iae.birth_commune_then");
}
