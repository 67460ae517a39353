/* SPDX-License-Identifier: EUPL-1.2 */
/* Records of the pivot against what the store has, as the applier would take them, without a change. */
#ifndef CLI_DIFF_COMPARE_H
#define CLI_DIFF_COMPARE_H

#include "cli/operate.h"
#include "gateway/lines.h"
#include "store/exchange.h"

/* What was said of a key in this run: later records are compared with that. */
struct said_key {
    uint8_t key[STORE_KEY], digest[32];
    bool used;
};

struct said_keys {
    struct said_key *slots; /* open addressing; a power of two */
    size_t room, count;
};

struct comparing {
    struct operating *o;
    const struct model *model;
    int64_t exchange; /* at hand */
    struct arena keys;
    struct arena record;
    struct pivot_lines lines;
    struct store_digester *whole;
    struct said_keys units, resources;
    uint64_t most, shown;
    uint64_t created, updated, unchanged;
    uint64_t later; /* records of which a later exchange has spoken */
};

GW_MUST_USE enum gw_result compare_open(struct comparing *c, struct operating *o, const struct model *model,
                                        struct gw_str partner);
/* One line of a reader; and at the end of an exchange. */
GW_MUST_USE enum gw_result compare_line(struct comparing *c, struct gw_str line);
GW_MUST_USE enum gw_result compare_end(struct comparing *c);
void compare_close(struct comparing *c);

/* diff_fields.c: the fields of a resource that would change, on standard output. */
void fields_print(const struct comparing *c, const struct pivot_line *l, const struct resource_row *stored);

#endif
