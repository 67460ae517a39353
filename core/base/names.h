/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The table of symbols of one session: a name becomes a number, so that no name is compared
 * in the hot loop. `loose` folds accents, case, blanks and punctuation first: spellings that
 * fold alike share one symbol, whose text is the first spelling met.
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stdbool.h>

#include "base/arena.h"

#define NAMES_MAX 4095

struct name_entry {
    uint64_t hash;
    const char *text;
    uint32_t len;
    uint16_t symbol;
};

struct names {
    struct arena *arena;
    struct name_entry *entries; /* open addressing: spellings */
    struct gw_str *texts;       /* by symbol */
    uint16_t count;             /* symbols given, 0 is not one */
    uint16_t spellings;
    bool loose;
};

GW_MUST_USE enum gw_result names_init(struct names *n, struct arena *arena, bool loose);
/* 0: full, or out of memory. */
uint16_t names_add(struct names *n, const char *text, size_t len);
uint16_t names_find(const struct names *n, const char *text, size_t len); /* 0: not there */
/* Letters and digits without accents, in lower case; a run of anything else is one '-'. 0: nothing is left, or
 * there is no room: such a name is its own. */
size_t names_fold(const char *text, size_t len, char *out, size_t room);
struct gw_str names_text(const struct names *n, uint16_t symbol);

#endif
