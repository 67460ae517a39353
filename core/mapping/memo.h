/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a short text became the last time. Converters and checks are pure, and most short texts are codes that
 * come again and again: the same text becomes the same again, without asking anybody. A memo is of one stream,
 * for one reference day.
 */
#ifndef MAPPING_MEMO_H
#define MAPPING_MEMO_H

#include "base/str.h"

#define MEMO_SLOTS 64
#define MEMO_TEXT  16 /* bytes of a text that is kept */

struct memo {
    uint64_t keys[2]; /* of the text: all its bytes */
    uint8_t size;     /* its length; 0 free */
    uint8_t outcome;
    uint8_t len; /* of what it became, in `room` */
    bool other;  /* it became another text: at `text`, which lives as long as the table, else in `room` */
    const char *text;
    char room[MEMO_TEXT];
};

/* Of one line. */
struct memos {
    uint32_t hits, lost; /* lost: one text for another */
    struct memo slots[MEMO_SLOTS];
};

#define MEMO_LOSSES 1000 /* more than what came again: texts like those of a number of somebody, never twice   \
                          */

static inline size_t memo_at(uint64_t key)
{
    return key * 0x9e3779b97f4a7c15u >> 58;
}

/* The eight bytes at each end of a text of up to 16, or all of a shorter one. */
static inline bool memo_keys(struct gw_str s, uint64_t keys[2])
{
    if (s.len <= 8) {
        keys[0] = str_key(s);
        keys[1] = 0;
        return keys[0] != 0;
    }
    if (s.len > MEMO_TEXT)
        return false;
    memcpy(&keys[0], s.ptr, 8);
    memcpy(&keys[1], s.ptr + s.len - 8, 8);
    return true;
}

/* NULL: too long a text, or not worth it. */
static inline struct memo *memo_slot(struct memos *line, struct gw_str s, uint64_t keys[2])
{
    if (!memo_keys(s, keys) || (int32_t)(line->lost - line->hits) > MEMO_LOSSES)
        return NULL;
    return &line->slots[memo_at(keys[0] ^ (keys[1] << 29 | keys[1] >> 35))];
}

static inline bool memo_is(const struct memo *m, struct gw_str s, const uint64_t keys[2])
{
    return m->keys[0] == keys[0] && m->keys[1] == keys[1] && m->size == s.len;
}

/* What one text became several of: the fields of a split, the items of a list. */
#define MEMO_PARTS 4
#define PARTS_TEXT 48 /* bytes of a text that is kept */
#define PARTS_ROOM 32 /* bytes of parts that are no piece of it */

enum part_is { PART_ABSENT, PART_INSIDE, PART_APART };

struct memo_part {
    uint8_t is; /* enum part_is */
    uint8_t at; /* in the text, or in `room` */
    uint8_t len;
};

struct memo_parts {
    uint8_t size; /* of the text; 0: free */
    uint8_t n;
    bool apart;
    struct memo_part parts[MEMO_PARTS];
    char text[PARTS_TEXT];
    char room[PARTS_ROOM];
};

/* Of one line; the slots are made when the first text comes. */
struct memo_line {
    uint32_t hits, lost;
    struct memo_parts *slots; /* MEMO_SLOTS */
};

/* Texts that are compared in full: a hash of their length and ends will do. */
static inline uint64_t memo_mix(struct gw_str s)
{
    uint64_t tail;

    if (s.len <= 8)
        return str_head(s) ^ s.len;
    memcpy(&tail, s.ptr + s.len - 8, 8);
    return str_head(s) ^ (tail << 29 | tail >> 35) ^ s.len;
}

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

/* Values of fields and the text that a line writes for them, one behind the other, when they are longer. */
#define WRITTEN_BYTES 100
#define WRITTEN_SLOTS 64

struct written {
    const void *by;
    uint32_t size; /* 0: free */
    char bytes[WRITTEN_BYTES];
};

#endif
