/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Numbers of structures: SIREN, SIRET, RNA, IBAN, NAF, ROME. A wrong key of a SIRET is a doubt,
 * not an error: real files of the ASP have some.
 */
#include "iae.h"

#include <string.h>

static bool is_siret(struct gw_str s)
{
    return s.len == 14 && iae_all(s, IAE_DIGIT);
}

static bool is_siren(struct gw_str s)
{
    return s.len == 9 && iae_all(s, IAE_DIGIT);
}

/* W and nine digits; overseas a letter may stand third (W9N1000000). */
static bool is_rna(struct gw_str s)
{
    return iae_shape(s, "W999999999") || iae_shape(s, "W9@9999999");
}

static bool is_naf(struct gw_str s)
{
    return iae_shape(s, "9999@") || iae_shape(s, "99.99@");
}

/* Lengths of ISO 13616 in the countries that SEPA payments go to. */
static const struct {
    char country[3];
    uint8_t len;
} iban_lengths[] = {
    {"AD", 24}, {"AT", 20}, {"BE", 16}, {"BG", 22}, {"CH", 21}, {"CY", 28}, {"CZ", 24}, {"DE", 22},
    {"DK", 18}, {"EE", 20}, {"ES", 24}, {"FI", 18}, {"FR", 27}, {"GB", 22}, {"GI", 23}, {"GR", 27},
    {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IS", 26}, {"IT", 27}, {"LI", 21}, {"LT", 20}, {"LU", 20},
    {"LV", 21}, {"MC", 27}, {"MT", 31}, {"NL", 18}, {"NO", 15}, {"PL", 28}, {"PT", 25}, {"RO", 24},
    {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"VA", 22},
};

static bool iban_length(struct gw_str s)
{
    for (size_t i = 0; i < sizeof(iban_lengths) / sizeof(*iban_lengths); i++)
        if (memcmp(s.ptr, iban_lengths[i].country, 2) == 0)
            return s.len == iban_lengths[i].len;
    return s.len >= 15 && s.len <= 34;
}

static bool iban_key(struct gw_str s)
{
    unsigned rest = 0;

    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[(i + 4) % s.len];

        rest = iae_is_digit(c) ? rest * 10 + (unsigned)(c - '0') : rest * 100 + (unsigned)(c - 'A') + 10;
        rest %= 97;
    }
    return rest == 1;
}

/* NULL: a good one; else the code of what is wrong. */
static const char *iban_fault(struct gw_str s)
{
    if (s.len < 5 || !iae_shape((struct gw_str){s.ptr, 4}, "@@99"))
        return "iae.iban_shape";
    for (size_t i = 4; i < s.len; i++)
        if (!iae_shape((struct gw_str){s.ptr + i, 1}, "*"))
            return "iae.iban_shape";
    if (!iban_length(s))
        return "iae.iban_length";
    return iban_key(s) ? NULL : "iae.iban_key";
}

enum gw_result siret_convert(struct gw_call *c, const struct gw_str *args, size_t nargs,
                             const struct gw_str *in, struct gw_str *out)
{
    (void)args, (void)nargs;
    return iae_keep(c, in, out, false, is_siret, "iae.siret_shape");
}

enum gw_result siren_convert(struct gw_call *c, const struct gw_str *args, size_t nargs,
                             const struct gw_str *in, struct gw_str *out)
{
    (void)args, (void)nargs;
    return iae_keep(c, in, out, false, is_siren, "iae.siren_shape");
}

enum gw_result rna_convert(struct gw_call *c, const struct gw_str *args, size_t nargs, const struct gw_str *in,
                           struct gw_str *out)
{
    (void)args, (void)nargs;
    return iae_keep(c, in, out, true, is_rna, "iae.rna_shape");
}

enum gw_result iban_convert(struct gw_call *c, const struct gw_str *args, size_t nargs, const struct gw_str *in,
                            struct gw_str *out)
{
    const char *fault;
    struct gw_str s = {NULL, 0};

    (void)args, (void)nargs;
    *out = s;
    if (iae_absent(*in))
        return GW_OK;
    s = iae_bare(c, *in, true);
    if (!s.ptr)
        return GW_FATAL;
    fault = iban_fault(s);
    if (fault)
        return iae_refuse(c, fault);
    *out = s;
    return GW_OK;
}

/* Two columns of which one must be there: SIRET, RNA. */
enum gw_result siret_ou_rna_convert(struct gw_call *c, const struct gw_str *args, size_t nargs,
                                    const struct gw_str *in, struct gw_str *out)
{
    enum gw_result r = siret_convert(c, args, nargs, &in[0], &out[0]);

    if (r == GW_OK)
        r = rna_convert(c, args, nargs, &in[1], &out[1]);
    if (r == GW_OK && iae_absent(out[0]) && iae_absent(out[1]))
        return iae_refuse(c, "iae.siret_or_rna");
    return r;
}

void siret_check(struct gw_call *c, const struct gw_str *v)
{
    if (iae_absent(v[0]))
        return;
    if (!is_siret(v[0]))
        iae_say(c, GW_ERROR, 0, "iae.siret_shape");
    else if (!iae_siret_key(v[0]))
        iae_say(c, GW_WARNING, 0, "iae.siret_key");
}

void siren_check(struct gw_call *c, const struct gw_str *v)
{
    if (iae_absent(v[0]))
        return;
    if (!is_siren(v[0]))
        iae_say(c, GW_ERROR, 0, "iae.siren_shape");
    else if (!iae_siret_key(v[0]))
        iae_say(c, GW_WARNING, 0, "iae.siren_key");
}

void rna_check(struct gw_call *c, const struct gw_str *v)
{
    if (!iae_absent(v[0]) && !is_rna(v[0]))
        iae_say(c, GW_ERROR, 0, "iae.rna_shape");
}

void iban_check(struct gw_call *c, const struct gw_str *v)
{
    const char *fault = iae_absent(v[0]) ? NULL : iban_fault(v[0]);

    if (fault)
        iae_say(c, GW_ERROR, 0, fault);
}

void naf_check(struct gw_call *c, const struct gw_str *v)
{
    if (!iae_absent(v[0]) && !is_naf(v[0]))
        iae_say(c, GW_WARNING, 0, "iae.naf_shape");
}

void rome_check(struct gw_call *c, const struct gw_str *v)
{
    if (iae_absent(v[0]))
        return;
    if (!iae_shape(v[0], "@9999") || v[0].ptr[0] > 'N')
        iae_say(c, GW_ERROR, 0, "iae.rome_shape");
    else if (iae_lookup(c, "rome", v[0], (struct gw_str){NULL, 0}, 0) == GW_NOT_FOUND)
        iae_say(c, GW_WARNING, 0, "iae.rome_unknown");
}

/* six numbers, an account; and nom, so that a structure with nothing else is looked at */
void siret_ou_rna_check(struct gw_call *c, const struct gw_str *v)
{
    for (size_t i = 0; i < 8; i++)
        if (!iae_absent(v[i]))
            return;
    iae_say(c, GW_WARNING, 0, "iae.siret_or_rna");
}
