/* SPDX-License-Identifier: EUPL-1.2 */
/* How people are called and reached: names as the ASP takes them, telephone, e-mail. */
#include "iae.h"

#include <string.h>

/* Both ways the same: stands left of fold(ascii,upper), so that writing comes here folded. */
static enum gw_result charset(struct gw_call *c, const struct gw_str *in, struct gw_str *out, unsigned classes,
                              const char *code)
{
    *out = *in;
    if (iae_absent(*in) || iae_all(*in, classes))
        return GW_OK;
    return iae_refuse(c, code);
}

enum gw_result nom_asp_convert(struct gw_call *c, const struct gw_str *args, size_t nargs,
                               const struct gw_str *in, struct gw_str *out)
{
    (void)args, (void)nargs;
    return charset(c, in, out, IAE_PRINTED & ~IAE_SMALL, "iae.name_charset");
}

enum gw_result acteur_creation_convert(struct gw_call *c, const struct gw_str *args, size_t nargs,
                                       const struct gw_str *in, struct gw_str *out)
{
    (void)args, (void)nargs;
    return charset(c, in, out, IAE_UPPER | IAE_BLANK | IAE_HYPHEN, "iae.actor_charset");
}

/* ---- telephone ---- */

/* What stands between the digits. */
static bool is_separator(char c)
{
    return c == ' ' || c == '.' || c == '-' || c == '/' || c == '(' || c == ')';
}

/* Digits only, behind one + at most; others: false. */
static bool phone_digits(struct gw_str s, char *room, size_t *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++) {
        if (iae_is_digit(s.ptr[i]) || (s.ptr[i] == '+' && n == 0))
            room[n++] = s.ptr[i];
        else if (!is_separator(s.ptr[i]))
            return false;
    }
    *ret = n;
    return true;
}

/* 10 digits from 0, or + and 7 to 15 digits. */
static bool is_phone(struct gw_str s)
{
    if (s.len == 10 && s.ptr[0] == '0')
        return iae_all(s, IAE_DIGIT);
    return s.len >= 8 && s.len <= 16 && s.ptr[0] == '+' && iae_all(iae_from(s, 1), IAE_DIGIT);
}

static bool begins(struct gw_str s, const char *with)
{
    size_t n = strlen(with);

    return s.len >= n && memcmp(s.ptr, with, n) == 0;
}

/* +33 6.., 0033 6.., 33 6.. and +33 (0)6.. become 06..; a lost leading 0 comes back. */
static struct gw_str phone_form(char *room, size_t n)
{
    struct gw_str s = {room, n};
    size_t skip = begins(s, "+33") ? 3 : begins(s, "0033") ? 4 : n == 11 && begins(s, "33") ? 2 : 0;

    if (skip) {
        s = iae_from(s, skip);
        if (s.len == 10 && s.ptr[0] == '0')
            return s;
    } else if (begins(s, "00")) {
        room[1] = '+';
        return iae_from(s, 1);
    }
    if (s.len != 9 || s.ptr[0] == '0' || s.ptr[0] == '+')
        return s;
    memmove(room + 1, s.ptr, 9);
    room[0] = '0';
    return (struct gw_str){room, 10};
}

enum gw_result telephone_convert(struct gw_call *c, const struct gw_str *args, size_t nargs,
                                 const struct gw_str *in, struct gw_str *out)
{
    struct gw_str s = {NULL, 0};
    size_t n = 0;
    char *room;

    (void)args, (void)nargs;
    *out = s;
    if (iae_absent(*in))
        return GW_OK;
    s = iae_bare(c, *in, false);
    room = s.ptr ? c->alloc(c, s.len + 1) : NULL;
    if (!room)
        return GW_FATAL;
    if (phone_digits(s, room, &n))
        *out = phone_form(room, n);
    if (out->ptr && is_phone(*out))
        return GW_OK;
    *out = (struct gw_str){NULL, 0};
    return iae_refuse(c, "iae.telephone_shape");
}

void telephone_check(struct gw_call *c, const struct gw_str *v)
{
    if (!iae_absent(v[0]) && !is_phone(v[0]))
        iae_say(c, GW_WARNING, 0, "iae.telephone_shape");
}

void courriel_check(struct gw_call *c, const struct gw_str *v)
{
    const char *at;

    if (iae_absent(v[0]))
        return;
    at = memchr(v[0].ptr, '@', v[0].len);
    if (!at || at == v[0].ptr || at + 1 == v[0].ptr + v[0].len || memchr(v[0].ptr, ' ', v[0].len) ||
        memchr(at + 1, '@', (size_t)(v[0].ptr + v[0].len - at - 1)))
        iae_say(c, GW_WARNING, 0, "iae.courriel_shape");
}
