/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Public holidays of France: code du travail, article L3133-1; in Moselle, Bas-Rhin and Haut-Rhin also Good
 * Friday and 26 December, article L3134-13. Days are counted from 1970-01-01. Pure; any thread.
 */
#ifndef GATEWAY_HOLIDAYS_H
#define GATEWAY_HOLIDAYS_H

#include <stdbool.h>
#include <stdint.h>

int64_t holiday_easter(int year); /* Easter Sunday, Gregorian calendar */
bool holiday(int64_t day, bool alsace_moselle);

#endif
