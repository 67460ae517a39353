/* SPDX-License-Identifier: EUPL-1.2 */
/* Rejects as rows of a table for whoever sent the file: a row an error; warnings of the record do not concern
 * them. Values are masked already (remarks.c). */
#ifndef GATEWAY_REJECT_ROWS_H
#define GATEWAY_REJECT_ROWS_H

#include "base/arena.h"
#include "base/diag.h"
#include "store/rejects.h"

#define SAID_ARGS 16

struct yyjson_val;

enum reject_said {
    SAID_EXCHANGE,
    SAID_RECORD,
    SAID_LINE,
    SAID_PATH,
    SAID_VALUE,
    SAID_CODE,
    SAID_MESSAGE,
    SAID_ADVICE,
    REJECT_CELLS,
};
#define REJECT_NUMBERS 0x7u /* the first three */

void reject_heads(enum lang lang, struct gw_str ret[REJECT_CELLS]);
/* `row` is given cells in both languages, [LANG_FR] and [LANG_EN]; they live until it returns. */
void reject_rows(const struct reject_row *r, const struct catalogue *words,
                 void (*row)(void *to, const struct gw_str cells[2][REJECT_CELLS]), void *to);
/* Of a diagnostic that was kept as {"fr":[...],"en":[...]}, else of the catalogue, with the arguments that were
 * kept. */
void said_of(struct gw_str kept, struct gw_str code, const struct catalogue *words,
             void (*each)(void *to, const struct gw_str cells[2][REJECT_CELLS]), void *to);
/* A JSON object of texts as arguments, which live in the arena. */
size_t said_args(struct arena *a, struct yyjson_val *object, struct gw_arg ret[SAID_ARGS]);

#endif
