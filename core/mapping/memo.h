/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a short text became the last time. Converters and checks are pure, and most short texts are codes that
 * come again and again: the same text becomes the same again, without asking anybody. A memo is of one stream,
 * for one reference day.
 */
#ifndef MAPPING_MEMO_H
#define MAPPING_MEMO_H

#include "base/str.h"

#define MEMO_SLOTS 32

struct memo {
    uint64_t key;     /* str_key() of the text; 0 free */
    const char *text; /* lives as long as the table; NULL: it stays as it is */
    uint32_t len;
    uint8_t outcome;
};

static inline size_t memo_at(uint64_t key)
{
    return key * 0x9e3779b97f4a7c15u >> 59;
}

static inline struct memo *memo_slot(struct memo *line, uint64_t key)
{
    return &line[memo_at(key)];
}

/* What a line that splits made of a text: kept, not replaced. */
#define MEMO_PARTS 4

struct memo_parts {
    uint64_t key;
    struct gw_str parts[MEMO_PARTS]; /* ptr NULL: absent */
};

/* One or two short texts (0: absent) that a check had nothing to say of, or that a line writes one for the
 * other. */
struct passed {
    const void *by;
    uint64_t keys[2];
};

#define PASSED_SLOTS 512

static inline struct passed *passed_slot(struct passed *all, const void *by, const uint64_t keys[2])
{
    uint64_t mix = keys[0] ^ (keys[1] << 23 | keys[1] >> 41) ^ (uintptr_t)by;

    return &all[mix * 0x9e3779b97f4a7c15u >> 55];
}

static inline bool has_passed(const struct passed *p, const void *by, const uint64_t keys[2])
{
    return p->by == by && p->keys[0] == keys[0] && p->keys[1] == keys[1];
}

#endif
