/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Places: communes and countries by their nomenclatures, post codes, the parts of an address as
 * the ASP takes them. There is no public table here of the post codes of each commune: what can be
 * told of the two is whether their départements agree.
 */
#include "iae.h"

#include <string.h>

static bool is_five_digits(struct gw_str s)
{
    return s.len == 5 && iae_all(s, IAE_DIGIT);
}

/* 75056, 2B033, 97411 */
static bool is_commune(struct gw_str s)
{
    if (s.len != 5 || !iae_all(iae_from(s, 2), IAE_DIGIT))
        return false;
    return iae_all((struct gw_str){s.ptr, 2}, IAE_DIGIT) ||
           (s.ptr[0] == '2' && (s.ptr[1] == 'A' || s.ptr[1] == 'B'));
}

/* ---- communes and countries ---- */

void commune_check(struct gw_call *c, const struct gw_str *v)
{
    if (iae_absent(v[0]))
        return;
    if (!is_commune(v[0]))
        iae_say(c, GW_ERROR, 0, "iae.commune_shape");
    else if (memcmp(v[0].ptr, "984", 3) != 0 &&
             iae_lookup(c, "insee-com", v[0], (struct gw_str){NULL, 0}, 0) == GW_NOT_FOUND)
        iae_say(c, GW_WARNING, 0, "iae.commune_unknown");
}

/* adresse.commune, on the day of the file */
void commune_adresse_check(struct gw_call *c, const struct gw_str *v)
{
    if (!iae_absent(v[0]) && !iae_absent(c->date) && is_commune(v[0]) &&
        iae_lookup(c, "insee-com", v[0], c->date, 0) == GW_NOT_THEN)
        iae_say(c, GW_WARNING, 0, "iae.commune_then");
}

/* 99 and the number of the list of countries */
void pays_check(struct gw_call *c, const struct gw_str *v)
{
    if (iae_absent(v[0]))
        return;
    if (!is_five_digits(v[0]) || v[0].ptr[0] != '9' || v[0].ptr[1] != '9')
        iae_say(c, GW_ERROR, 0, "iae.pays_shape");
    else if (iae_lookup(c, "insee-pays", iae_from(v[0], 2), (struct gw_str){NULL, 0}, 0) == GW_NOT_FOUND)
        iae_say(c, GW_ERROR, 0, "iae.pays_unknown");
}

/* ---- post codes ---- */

void code_postal_check(struct gw_call *c, const struct gw_str *v)
{
    if (!iae_absent(v[0]) && !is_five_digits(v[0]))
        iae_say(c, GW_WARNING, 0, "iae.code_postal_shape");
}

enum gw_result code_postal_convert(struct gw_call *c, const struct gw_str *args, size_t nargs,
                                   const struct gw_str *in, struct gw_str *out)
{
    (void)args, (void)nargs;
    return iae_keep(c, in, out, false, is_five_digits, "iae.code_postal_shape");
}

/* 200, 201, 207 are South Corsica; 202, 204, 206 are North; of the others one cannot tell. */
static bool corsica_agrees(struct gw_str post, struct gw_str commune)
{
    bool south = memchr("017", post.ptr[2], 3) != NULL;
    bool north = memchr("246", post.ptr[2], 3) != NULL;

    if (commune.ptr[0] != '2')
        return false;
    return (commune.ptr[1] == 'A' && !north) || (commune.ptr[1] == 'B' && !south);
}

/* Saint-Barthélemy and Saint-Martin (977, 978) kept the post codes of Guadeloupe. */
static bool overseas_agrees(struct gw_str post, struct gw_str commune)
{
    if (memcmp(post.ptr, commune.ptr, 3) == 0)
        return true;
    return memcmp(post.ptr, "971", 3) == 0 && commune.ptr[0] == '9' && commune.ptr[1] == '7' &&
           (commune.ptr[2] == '7' || commune.ptr[2] == '8');
}

static bool department_agrees(struct gw_str post, struct gw_str commune)
{
    if (memcmp(post.ptr, "20", 2) == 0)
        return corsica_agrees(post, commune);
    if (memcmp(post.ptr, "97", 2) == 0 || memcmp(post.ptr, "98", 2) == 0)
        return overseas_agrees(post, commune);
    return memcmp(post.ptr, commune.ptr, 2) == 0;
}

/* adresse.code_postal, adresse.commune. 00 is the army's. A few communes are served from the next
 * département: a doubt, not an error. */
void code_postal_commune_check(struct gw_call *c, const struct gw_str *v)
{
    if (iae_absent(v[0]) || iae_absent(v[1]) || !is_five_digits(v[0]) || !is_commune(v[1]))
        return;
    if (memcmp(v[0].ptr, "00", 2) != 0 && !department_agrees(v[0], v[1]))
        iae_say(c, GW_WARNING, 0, "iae.code_postal_commune");
}

/* ---- parts of an address, as the ASP takes them ---- */

static bool is_numero_voie(struct gw_str s)
{
    return s.len <= 5 && iae_all(s, IAE_DIGIT);
}

enum gw_result numero_voie_convert(struct gw_call *c, const struct gw_str *args, size_t nargs,
                                   const struct gw_str *in, struct gw_str *out)
{
    (void)args, (void)nargs;
    return iae_keep(c, in, out, false, is_numero_voie, "iae.numero_voie");
}

enum { FORM_CHARS = IAE_ALNUM | IAE_BLANK | IAE_AT, STREET_CHARS = IAE_PRINTED & ~IAE_BRACKET };

/* The ASP answers 3330 to accents and brackets; to an apostrophe only its own form says no. */
enum gw_result libelle_voie_convert(struct gw_call *c, const struct gw_str *args, size_t nargs,
                                    const struct gw_str *in, struct gw_str *out)
{
    (void)args, (void)nargs;
    *out = *in;
    if (iae_absent(*in))
        return GW_OK;
    if (!iae_all(*in, STREET_CHARS))
        return iae_refuse(c, "iae.street_charset");
    if (!iae_all(*in, FORM_CHARS))
        iae_say(c, GW_WARNING, 0, "iae.street_form");
    return GW_OK;
}

enum gw_result complement_adresse_convert(struct gw_call *c, const struct gw_str *args, size_t nargs,
                                          const struct gw_str *in, struct gw_str *out)
{
    (void)args, (void)nargs;
    *out = *in;
    if (iae_absent(*in) || (in->len <= 32 && iae_all(*in, FORM_CHARS)))
        return GW_OK;
    return iae_refuse(c, "iae.complement_charset");
}

/* adresse.extension_voie, adresse.numero_voie */
void voie_extension_check(struct gw_call *c, const struct gw_str *v)
{
    if (!iae_absent(v[0]) && iae_absent(v[1]))
        iae_say(c, GW_WARNING, 0, "iae.extension_alone");
}
