/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Keys as symbols without a search: after this key, that one came last time, or that other one; a comparison
 * then saves the hashing. And keys that come twice, looked for only where keys are not in their usual order.
 */
#ifndef JSON_KEYS_H
#define JSON_KEYS_H

#include <stdbool.h>
#include <string.h>

#include "gw/plugin.h"

#define JSON_NAMES 4096u /* symbols above this one are not remembered by a plugin */

struct key {
    struct key *next, *other; /* what followed it last, and what did before */
    uint32_t object;          /* the last object in which it was looked for and met */
    uint16_t rank;            /* its place in the order in which keys were first met; 0: not known */
    uint16_t symbol;
    uint8_t len; /* 0: not known, or too long to remember */
    char text[39];
};

struct keys {
    struct gw_session *s;
    struct key *of; /* by symbol; the first is what comes before the first key of a record */
    struct key beyond;
    uint32_t objects;
    uint16_t ranks;
};

GW_MUST_USE enum gw_result keys_init(struct keys *k, struct gw_session *s);
/* A key that was not foreseen after `last`. NULL: GW_FATAL. */
GW_MUST_USE struct key *keys_learn(struct keys *k, struct key *last, const char *text, size_t len);
/* The first member of that map that has the name of one before it, or NULL. */
const struct gw_node *keys_twice(struct keys *k, const struct gw_node *map);

static inline uint64_t json_load8(const char *p)
{
    uint64_t x;

    memcpy(&x, p, 8);
    return x;
}

static inline uint32_t json_load4(const char *p)
{
    uint32_t x;

    memcpy(&x, p, 4);
    return x;
}

/* In overlapping blocks: nothing beyond the end is looked at. */
static inline bool json_same(const char *a, const char *b, size_t len)
{
    size_t i;

    if (len >= 8) {
        for (i = 0; i + 8 < len; i += 8)
            if (json_load8(a + i) != json_load8(b + i))
                return false;
        return json_load8(a + len - 8) == json_load8(b + len - 8);
    }
    if (len >= 4)
        return json_load4(a) == json_load4(b) && json_load4(a + len - 4) == json_load4(b + len - 4);
    for (i = 0; i < len && a[i] == b[i]; i++)
        ;
    return i == len;
}

#endif
