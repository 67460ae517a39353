/* SPDX-License-Identifier: EUPL-1.2 */
/* Numbers of spreadsheets as texts. They keep doubles; we keep what a person would read, and no double. */
#ifndef TABLE_NUMBER_H
#define TABLE_NUMBER_H

#include <stdbool.h>

#include "gw/base.h"

#define NUMBER_ROOM 96u

/* "1.1000000000000001" is 1.1, "2.5E3" is 2500: at most 15 digits of a fraction count, as on their screens. A
 * whole number without exponent stays as it is. False: not a number, or one nobody would write out. */
bool number_plain(struct gw_str text, char room[NUMBER_ROOM], struct gw_str *ret);
/* With zeros in front up to so many digits, if it is a whole number without sign. `text` lies in the room. */
struct gw_str number_pad(struct gw_str text, unsigned digits, char room[NUMBER_ROOM]);
/* Whether it comes back from a spreadsheet as it is: no zeros in front, no more digits than are kept, a mark
 * with digits behind. *ret_decimals: how many. */
bool number_exact(struct gw_str text, char mark, size_t *ret_decimals);
/* Its point becomes a comma. */
void number_comma(struct gw_str text, char room[NUMBER_ROOM]);

#endif
