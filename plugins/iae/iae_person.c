/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Numbers of people: NIR and its key, NTT, France Travail, idItou, PASS, and what the ASP wants of a name.
 * A mistyped NIR often looks like an NTT: what tells them apart is the employer's SIREN within an NTT.
 */
#include "iae.h"

#include <string.h>

/* ---- NIR ---- */

static bool is_sex(char c)
{
    return (c >= '1' && c <= '4') || c == '7' || c == '8';
}

static bool nir_shape(struct gw_str n)
{
    if (n.len != 13 && n.len != 15)
        return false;
    if (!is_sex(n.ptr[0]))
        return false;
    if (iae_all(iae_from(n, 1), IAE_DIGIT))
        return true;
    for (size_t i = 1; i < n.len; i++)
        if (!iae_is_digit(n.ptr[i]) && !(i == 6 && n.ptr[5] == '2' && (n.ptr[6] == 'A' || n.ptr[6] == 'B')))
            return false;
    return true;
}

/* 01-12; 20-42 and 50-99 when the month was not known; 00 is met. */
static bool nir_month(struct gw_str n)
{
    unsigned month = (unsigned)(n.ptr[3] - '0') * 10 + (unsigned)(n.ptr[4] - '0');

    return month <= 12 || (month >= 20 && month <= 42) || month >= 50;
}

/* 97 - (its 13 digits mod 97); Corsica counts as 19 and 18. */
static unsigned nir_key(struct gw_str n)
{
    char corsica[13];

    if (!iae_is_digit(n.ptr[6])) {
        memcpy(corsica, n.ptr, 13);
        memcpy(corsica + 5, n.ptr[6] == 'A' ? "19" : "18", 2);
        n.ptr = corsica;
    }
    return 97 - (unsigned)(iae_number((struct gw_str){n.ptr, 13}) % 97);
}

/* NULL: a good one, of 13 or 15 characters; else the code of what is wrong. */
static const char *nir_fault(struct gw_str n)
{
    if (!nir_shape(n))
        return "iae.nir_shape";
    if (!nir_month(n))
        return "iae.nir_month";
    if (n.len == 15 && (unsigned)(n.ptr[13] - '0') * 10 + (unsigned)(n.ptr[14] - '0') != nir_key(n))
        return "iae.nir_key";
    return NULL;
}

static struct gw_str nir_with_key(struct gw_call *c, struct gw_str n)
{
    char *room = c->alloc(c, 15);
    unsigned key = nir_key(n);

    if (!room)
        return (struct gw_str){NULL, 0};
    memcpy(room, n.ptr, 13);
    room[13] = (char)('0' + key / 10);
    room[14] = (char)('0' + key % 10);
    return (struct gw_str){room, 15};
}

enum gw_result nir_check_args(const struct gw_str *args, size_t nargs)
{
    return nargs == 0 || iae_eq(args[0], "13") || iae_eq(args[0], "15") ? GW_OK : GW_FAIL;
}

enum gw_result nir_read(struct gw_call *c, const struct gw_str *args, size_t nargs, const struct gw_str *in,
                        struct gw_str *out)
{
    struct gw_str n = {NULL, 0};
    const char *fault;

    *out = n;
    if (iae_absent(*in))
        return GW_OK;
    n = iae_bare(c, *in, true);
    if (!n.ptr)
        return GW_FATAL;
    fault = nir_fault(n);
    if (!fault && n.len == 13 && nargs && iae_eq(args[0], "15"))
        fault = "iae.nir_shape";
    if (fault)
        return iae_refuse(c, fault);
    *out = n.len == 13 ? nir_with_key(c, n) : n;
    return out->ptr ? GW_OK : GW_FATAL;
}

enum gw_result nir_write(struct gw_call *c, const struct gw_str *args, size_t nargs, const struct gw_str *in,
                         struct gw_str *out)
{
    const char *fault;

    *out = *in;
    if (iae_absent(*in))
        return GW_OK;
    fault = in->len == 15 ? nir_fault(*in) : "iae.nir_shape";
    if (fault)
        return iae_refuse(c, fault);
    out->len = nargs && iae_eq(args[0], "13") ? 13 : 15;
    return GW_OK;
}

void nir_check(struct gw_call *c, const struct gw_str *v)
{
    const char *fault;

    if (iae_absent(v[0]))
        return;
    fault = v[0].len == 15 ? nir_fault(v[0]) : "iae.nir_shape";
    if (fault)
        iae_say(c, GW_ERROR, 0, fault);
    else if (iae_eq(v[0], "269054958815780"))
        iae_say(c, GW_WARNING, 0, "iae.nir_specimen");
}

/* ---- NTT ---- */

static bool ntt_shape(struct gw_str s)
{
    return s.len >= 11 && s.len <= 40 && (s.ptr[0] == '1' || s.ptr[0] == '2') &&
           iae_all((struct gw_str){s.ptr + 1, 9}, IAE_DIGIT) && iae_all(iae_from(s, 10), IAE_ALNUM);
}

static bool ntt_siren(struct gw_str s)
{
    return iae_siret_key((struct gw_str){s.ptr + 1, 9});
}

static const char *ntt_fault(struct gw_str s)
{
    const char *nir = nir_fault(s);

    if (!ntt_shape(s)) {
        if (s.len != 13 && s.len != 15)
            return "iae.ntt_shape";
        return nir ? nir : memchr("78", s.ptr[0], 2) ? "iae.nia_refused" : "iae.ntt_is_nir";
    }
    if ((s.len == 13 || s.len == 15) && iae_all(s, IAE_DIGIT) && !ntt_siren(s))
        return nir ? nir : "iae.ntt_is_nir";
    return NULL;
}

enum gw_result ntt_convert(struct gw_call *c, const struct gw_str *args, size_t nargs, const struct gw_str *in,
                           struct gw_str *out)
{
    struct gw_str s = {NULL, 0};
    const char *fault;

    (void)args, (void)nargs;
    *out = s;
    if (iae_absent(*in))
        return GW_OK;
    s = iae_bare(c, *in, false);
    if (!s.ptr)
        return GW_FATAL;
    fault = ntt_fault(s);
    if (fault)
        return iae_refuse(c, fault);
    *out = s;
    return GW_OK;
}

void ntt_check(struct gw_call *c, const struct gw_str *v)
{
    const char *fault;

    if (iae_absent(v[0]))
        return;
    fault = ntt_fault(v[0]);
    if (fault)
        iae_say(c, GW_ERROR, 0, fault);
    else if (!ntt_siren(v[0]))
        iae_say(c, GW_WARNING, 0, "iae.ntt_siren");
}

/* ---- the others ---- */

static bool is_id_ft(struct gw_str s)
{
    if (!iae_all(s, IAE_ALNUM))
        return false;
    if (s.len == 8)
        return iae_all((struct gw_str){s.ptr, 7}, IAE_DIGIT);
    return s.len == 11 && iae_all(s, IAE_DIGIT);
}

static bool is_pass(struct gw_str s)
{
    return s.len == 12 && iae_all(s, IAE_ALNUM);
}

static bool is_id_itou(struct gw_str s)
{
    return s.len == 30 && iae_all(s, IAE_DIGIT | IAE_A_TO_F);
}

enum gw_result id_ft_convert(struct gw_call *c, const struct gw_str *args, size_t nargs,
                             const struct gw_str *in, struct gw_str *out)
{
    (void)args, (void)nargs;
    return iae_keep(c, in, out, false, is_id_ft, "iae.id_ft_shape");
}

enum gw_result pass_convert(struct gw_call *c, const struct gw_str *args, size_t nargs, const struct gw_str *in,
                            struct gw_str *out)
{
    (void)args, (void)nargs;
    return iae_keep(c, in, out, false, is_pass, "iae.pass_shape");
}

enum gw_result id_itou_convert(struct gw_call *c, const struct gw_str *args, size_t nargs,
                               const struct gw_str *in, struct gw_str *out)
{
    (void)args, (void)nargs;
    return iae_keep(c, in, out, false, is_id_itou, "iae.id_itou_shape");
}

void id_ft_check(struct gw_call *c, const struct gw_str *v)
{
    if (!iae_absent(v[0]) && !is_id_ft(v[0]))
        iae_say(c, GW_ERROR, 0, "iae.id_ft_shape");
}

void pass_check(struct gw_call *c, const struct gw_str *v)
{
    if (!iae_absent(v[0]) && !is_pass(v[0]))
        iae_say(c, GW_ERROR, 0, "iae.pass_shape");
}

void id_itou_check(struct gw_call *c, const struct gw_str *v)
{
    if (!iae_absent(v[0]) && !is_id_itou(v[0]))
        iae_say(c, GW_ERROR, 0, "iae.id_itou_shape");
}
