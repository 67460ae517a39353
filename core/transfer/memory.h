/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a flow's transfers remember from run to run: texts by (section, key), in memory.json of its folder. It
 * is no more than a help: when it is lost or damaged, it starts empty (files left on a server are fetched
 * again).
 */
#ifndef TRANSFER_MEMORY_H
#define TRANSFER_MEMORY_H

#include <stdbool.h>

#include "base/arena.h"

#define MEMORY_FILE "memory.json"
#define MEMORY_MAX  20000u /* entries; what is beyond is not remembered */

struct memory_entry {
    struct gw_str section, key, value;
    bool met; /* set or found by this run */
};

struct memory {
    struct arena *arena;          /* owns the texts */
    struct memory_entry *entries; /* sorted by section, key */
    size_t count, room;
    bool changed;
};

GW_MUST_USE enum gw_result memory_load(struct memory *m, struct arena *a, int folder);
/* ptr NULL: not there. Lives as long as the arena. */
struct gw_str memory_get(struct memory *m, const char *section, struct gw_str key);
/* Copies. GW_FAIL: no room. */
GW_MUST_USE enum gw_result memory_set(struct memory *m, const char *section, struct gw_str key,
                                      struct gw_str value);
void memory_forget(struct memory *m, const char *section, struct gw_str key);
/* Forgets what this run neither got nor set in that section. */
void memory_keep_met(struct memory *m, const char *section);
/* Durable, if something changed. GW_RETRY: errno says why. */
GW_MUST_USE enum gw_result memory_save(struct memory *m, int folder);

#endif
