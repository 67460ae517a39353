/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the files of this plugin share. A converter says only why it refuses a text; doubts
 * (warnings) are said by the check of the same name, so that nothing is said twice.
 */
#ifndef IAE_H
#define IAE_H

#include <stdbool.h>
#include <string.h>

#include "gw/plugin.h"

extern const struct gw_message iae_messages[];

/* Read and write of a converter have one type; where both do the same there is one function. */
typedef enum gw_result iae_convert(struct gw_call *c, const struct gw_str *args, size_t nargs,
                                   const struct gw_str *in, struct gw_str *out);
typedef void iae_check(struct gw_call *c, const struct gw_str *values);

/* iae_person.c */
enum gw_result nir_check_args(const struct gw_str *args, size_t nargs);
iae_convert nir_read, nir_write, ntt_convert, id_ft_convert, id_itou_convert, pass_convert;
iae_convert nom_asp_convert, acteur_creation_convert;
iae_check nir_check, ntt_check, id_ft_check, id_itou_check, pass_check, telephone_check, courriel_check;
iae_check nir_civilite_check, nir_naissance_check, age_iae_check, naissance_lieu_check, commune_naissance_check;
iae_check dates_pass_check, emploi_fiche_check, revenu_ti_check;
iae_convert telephone_convert;

/* iae_structure.c */
iae_convert siret_convert, siren_convert, rna_convert, iban_convert, siret_ou_rna_convert;
iae_check siret_check, siren_check, rna_check, iban_check, naf_check, rome_check, siret_ou_rna_check;

/* iae_place.c */
iae_convert code_postal_convert, numero_voie_convert, libelle_voie_convert, complement_adresse_convert;
iae_check code_postal_check, commune_check, pays_check, commune_adresse_check, code_postal_commune_check;
iae_check voie_extension_check;

/* iae_street.c */
iae_convert adresse_voie_read, adresse_voie_write;

/* iae_annexe.c */
iae_convert annexe_convert;
iae_check annexe_check, montant_annexe_check, dates_ordre_check, periode_ordre_check;

/* iae_text.c */
/* Classes of ASCII characters; the others are of none. */
enum iae_class {
    IAE_DIGIT = 1 << 0,
    IAE_UPPER = 1 << 1,
    IAE_A_TO_F = 1 << 2, /* small */
    IAE_G_TO_Z = 1 << 3,
    IAE_BLANK = 1 << 4,
    IAE_AT = 1 << 5,
    IAE_HYPHEN = 1 << 6,
    IAE_BRACKET = 1 << 7, /* ( ) */
    IAE_SIGN = 1 << 8,    /* what else is printable */
    IAE_SMALL = IAE_A_TO_F | IAE_G_TO_Z,
    IAE_ALNUM = IAE_DIGIT | IAE_UPPER | IAE_SMALL,
    IAE_PRINTED = IAE_ALNUM | IAE_BLANK | IAE_AT | IAE_HYPHEN | IAE_BRACKET | IAE_SIGN,
};
/* Without blanks (also the unbreakable ones), in upper case if asked; the text itself when there is
 * nothing to do. Absent: memory is out. */
struct gw_str iae_bare(struct gw_call *c, struct gw_str s, bool upper);
/* Is all of `s` as the pattern: 9 a digit, @ an upper case letter, * either; the others are themselves. */
bool iae_shape(struct gw_str s, const char *pattern);
/* 9999-99-99 */
bool iae_is_day(struct gw_str s);
/* Is there a character, and each of one of these classes? */
bool iae_all(struct gw_str s, unsigned classes);
/* Digits, and nothing else: as a number. */
uint64_t iae_number(struct gw_str digits);
/* Order of two texts, as of ISO dates. */
int iae_order(struct gw_str a, struct gw_str b);
/* The sum of the digits is a multiple of 10 once every second from the right is doubled. */
bool iae_luhn(struct gw_str digits);
/* SIREN or SIRET; those of La Poste have a rule of their own. */
bool iae_siret_key(struct gw_str s);
void iae_say(struct gw_call *c, enum gw_severity severity, size_t field, const char *code);
/* Says it as an error and is GW_REJECT. */
enum gw_result iae_refuse(struct gw_call *c, const char *code);
/* Looks a code up; a list that is not installed is said once and counts as found. */
enum gw_lookup iae_lookup(struct gw_call *c, const char *list, struct gw_str native, struct gw_str day,
                          size_t field);
/* A convert that only takes blanks away and refuses other shapes under `code`. */
enum gw_result iae_keep(struct gw_call *c, const struct gw_str *in, struct gw_str *out, bool upper,
                        bool (*fits)(struct gw_str s), const char *code);

static inline bool iae_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool iae_absent(struct gw_str s)
{
    return !s.ptr || s.len == 0;
}

/* `b` is a constant mostly, and its length is known then. */
static inline bool iae_eq(struct gw_str a, const char *b)
{
    size_t n = strlen(b);

    return a.ptr && a.len == n && memcmp(a.ptr, b, n) == 0;
}

static inline struct gw_str iae_from(struct gw_str s, size_t at)
{
    return (struct gw_str){s.ptr + at, s.len - at};
}

#endif
