/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Lines of the pivot as the applier takes them from a reader: parsed, checked against the model as far as the
 * store depends on it, and turned into what the store keeps. What comes through the pipe is not trusted: a line
 * that is not exactly of the shape a reader makes fails the job.
 *
 * The source key of a resource is, in this order: its first strong key that is there; its part keys together
 * (references as the keys of their targets); else its place, the key of the record's first resource with the
 * type. Two of one record with the same key are told apart by their rank. Keys are hashed with a key of the
 * store's own.
 */
#ifndef GATEWAY_LINES_H
#define GATEWAY_LINES_H

#include "schema/shape.h"
#include "store/resources.h"

struct plan; /* what of a shape matters here */

struct pivot_line {
    const struct plan *plan;
    struct gw_str type, id;
    struct gw_str text; /* the whole line */
    struct gw_str nir;  /* absent if none */
    uint8_t key[STORE_KEY];
    uint8_t digest[32];    /* whoever needs it makes it */
    struct gw_str payload; /* in the arena: the line without id, record and NIR, references as keys */
    void *root;            /* of the parsed line */
    unsigned keying;       /* 0 no key yet, 1 being made, 2 made */
    struct pivot_line *next;
};

/* The lines of one record. */
struct record_lines {
    struct arena arena; /* of the record */
    uint64_t record;
    struct pivot_line *first, *last;
    size_t count;
    uint8_t digest[32]; /* of them together */
};

struct pivot_lines {
    const struct model *model;
    const struct store *store;
    struct gw_str partner;
    struct arena arena;
    struct plan *plans;
    struct record_lines at; /* being collected */
};

GW_MUST_USE enum gw_result lines_open(struct pivot_lines *l, const struct model *model,
                                      const struct store *store, struct gw_str partner);
void lines_close(struct pivot_lines *l);
/* A resource's line joins the record at hand. GW_END: it is of another record: the one at hand is complete (use
 * it, lines_clear(), and give the line again). GW_FAIL: no such line. The text is copied. */
GW_MUST_USE enum gw_result lines_add(struct pivot_lines *l, struct gw_str text);
/* Keys and payloads of the record at hand. */
GW_MUST_USE enum gw_result lines_settle(struct pivot_lines *l);
void lines_clear(struct pivot_lines *l);

/* For a destination: the line of a stored payload again, with `id` the hex key and that record number; only
 * what `allowed` says. False: nothing of it is allowed, or it is no payload. */
struct lines_filter {
    const struct gw_str *fields; /* "TYPE.FIELD", "TYPE.*" */
    size_t nfields;
};
bool line_rebuild(struct pivot_lines *l, struct gw_str payload, const uint8_t key[STORE_KEY], struct gw_str nir,
                  uint64_t record, const struct lines_filter *allowed, struct buf *out);

#endif
