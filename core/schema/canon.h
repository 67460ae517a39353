/* SPDX-License-Identifier: EUPL-1.2 */
/* Canonical pivot text: what is stored, compared and digested. One form a value. */
#ifndef SCHEMA_CANON_H
#define SCHEMA_CANON_H

#include "schema/shape.h"

/* `text` is trimmed and not empty. Points into it when it is canonical already. GW_REJECT: not of
 * this type; *ret_code is then the diagnostic ("schema.date", "schema.code" ...). */
GW_MUST_USE enum gw_result canon(struct arena *a, const struct field *f, struct gw_str text, struct gw_str *ret,
                                 const char **ret_code);
/* Order of two canonical texts of one type: dates and instants by time, numbers by value. */
int canon_compare(enum field_type type, struct gw_str a, struct gw_str b);
/* A number in its parts: no zeros before `whole`, none behind `fraction`; zero has neither. */
struct canon_number {
    bool negative;
    struct gw_str whole, fraction;
};

/* False: it is none. The parts are pieces of the text. */
bool canon_number(struct gw_str text, struct canon_number *ret);
int canon_number_compare(const struct canon_number *a, const struct canon_number *b);
/* A number without a sign, already canonical with `scale` decimals, or with any number of them (-1). */
bool canon_plain(struct gw_str text, int scale);
/* YYYY-MM-DD of the calendar. */
bool canon_day(struct gw_str text);
bool date_valid(unsigned year, unsigned month, unsigned day);
/* YYYY-MM-DD to days since 1970-01-01 and back; false when it is no date. */
bool date_days(struct gw_str date, int32_t *ret_days);

#endif
