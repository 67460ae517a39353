/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What the daemon says while it runs: one JSON object a line on standard error, an event each. It holds names,
 * ids, codes and counts, never a value of a record.
 */
#ifndef GATEWAY_JOURNAL_H
#define GATEWAY_JOURNAL_H

#include <stdbool.h>

#include "gw/base.h"

/* Pairs of key and value behind the event, ended by NULL: journal("exchange.done", "flow", name, NULL). A value
 * that is all digits is written as a number. */
void journal(const char *event, ...) __attribute__((sentinel));
/* A number as text for a pair, in a room that the caller has. */
const char *journal_number(int64_t n, char room[24]);
void journal_quiet(bool quiet); /* tests */

#endif
