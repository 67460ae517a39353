/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Resources with their versions, and units: the resources that one record of a source speaks of together.
 *
 * A resource is known by the keyed hash of (partner, type, source key); what the source key is, the applier
 * decides from the pivot's x-key. The payload is the resource's line of the pivot without id, record and NIR,
 * references being the 32 hex digits of the target's key; it is sealed. Resources of different partners are
 * never the same row.
 */
#ifndef STORE_RESOURCES_H
#define STORE_RESOURCES_H

#include "store/store.h"

struct resource_row {
    int64_t id; /* 0: not stored yet */
    uint8_t key[STORE_KEY];
    struct gw_str partner, flow, type, purpose;
    int64_t entity; /* the person or structure it is linked to; 0: not yet */
    uint32_t version;
    uint8_t digest[32]; /* resource_digest(): the same digest is the same content */
    int64_t exchange;   /* that made this version */
    uint64_t record;
    uint64_t line;
    int64_t said_at; /* when the source said it (its reference date), received_at when we got it */
    int64_t received_at;
    int64_t closed_at; /* the source does not say it any more; 0 */
    struct gw_str payload;
    struct gw_str nir; /* absent if none: sealed in a column of its own, matched by keyed hash */
};

enum put_outcome { PUT_CREATED, PUT_UPDATED, PUT_UNCHANGED };

/* Of payload and NIR, keyed: from a plain one a short payload could be guessed. */
void resource_digest(const struct store *s, struct gw_str payload, struct gw_str nir, uint8_t ret[32]);
/* By r->key: makes it, makes a new version of it, or finds the same digest and changes nothing. *ret_id. What
 * was closed and is said again is open again, as a new version. Its entity stays, and who said it first
 * (partner, flow, type, purpose); r->version and r->closed_at are not looked at. */
GW_MUST_USE enum gw_result resource_put(struct store *s, const struct resource_row *r, int64_t *ret_id,
                                        enum put_outcome *ret);
/* In a transaction beside others (store_begin_beside), after resources_look: a resource that was not there is
 * written before the store is locked, so that nobody waits for it, and resource_put finds it. If that cannot be
 * (no id is kept for it, one of its names is new) it is left to resource_put. Who else makes the same key
 * meanwhile wins: GW_RETRY, here or from the call that locks, and nothing is told. */
GW_MUST_USE enum gw_result resource_ahead(struct store *s, const struct resource_row *r);
/* Ids for `n` resources of the next transaction, if this one is committed: so many can go ahead. */
GW_MUST_USE enum gw_result resource_ids_keep(struct store *s, size_t n);
/* The present version; GW_END: none. `with_nir`: opened too, else absent. */
GW_MUST_USE enum gw_result resource_get(struct store *s, int64_t id, bool with_nir, struct arena *a,
                                        struct resource_row *ret);
/* The source does not say it any more. GW_END: no such resource. */
GW_MUST_USE enum gw_result resource_close(struct store *s, int64_t id, int64_t at);
GW_MUST_USE enum gw_result resource_find(struct store *s, const uint8_t key[STORE_KEY], int64_t *ret_id);
/* Those whose NIR is this one (by keyed hash, across partners), in order of id. */
GW_MUST_USE enum gw_result resource_by_nir(struct store *s, struct gw_str nir,
                                           bool (*each)(void *to, int64_t id), void *to);
/* All versions, oldest first, payloads opened; the NIR of versions that are not the present one is not kept.
 * GW_END: no such resource. */
GW_MUST_USE enum gw_result resource_versions(struct store *s, int64_t id, struct arena *a,
                                             bool (*each)(void *to, const struct resource_row *r), void *to);
/* Every version of every resource, in order of id and version: of each the id and what its version brought, no
 * more. A walk over the whole store. GW_REJECT: some row was at fault, which was told, and it was passed over.
 */
GW_MUST_USE enum gw_result resource_walk(struct store *s, struct arena *a,
                                         bool (*each)(void *to, const struct resource_row *r), void *to);
/* Retention: removes versions received before `before` of resources that the flow said first, the oldest first
 * and never the present one. Looks at a bounded number of resources behind *after, which then is where it got
 * to; *ret_n versions went. GW_END: there is none behind *after. */
GW_MUST_USE enum gw_result resource_forget(struct store *s, struct gw_str flow, int64_t before, int64_t *after,
                                           uint64_t *ret_n);

/* A resource that will be asked for. */
struct sought {
    uint8_t key[STORE_KEY];
    bool person;
};

struct unit {
    int64_t id;
    uint8_t key[STORE_KEY]; /* of its root resource */
    struct gw_str partner, flow;
    uint8_t digest[32]; /* over the digests of its members, in order */
    const int64_t *members;
    size_t nmembers;
    const bool *people; /* unit_put: which of them stand for a person; NULL: none */
    uint64_t seq;       /* grows by one with each change of any unit; given by the store */
    int64_t exchange;
    uint64_t record;
    int64_t seen_at; /* by unit_find and unit_get: said again then, unchanged, as far as that was noted
                        (sights.h); 0 */
};

/* GW_END: not there. */
GW_MUST_USE enum gw_result unit_find(struct store *s, const uint8_t key[STORE_KEY], struct arena *a,
                                     struct unit *ret);
/* Where each question is a trip, one for all of them: what unit_find, resource_put and unit_put ask of these is
 * answered by it until the transaction ends (without one: until looks_end), and what they write goes in
 * numbers. In a file the questions cost nothing, and these do nothing. Of a unit: key and digest that it will
 * have. */
bool store_is_far(const struct store *s);
GW_MUST_USE enum gw_result units_look(struct store *s, const struct unit *units, size_t n);
GW_MUST_USE enum gw_result resources_look(struct store *s, const struct sought *sought, size_t n);
void looks_end(struct store *s);
/* Out of a transaction: resource_get is answered for these from one look, until looks_end. In a file: nothing. */
GW_MUST_USE enum gw_result resources_fetch(struct store *s, const int64_t *ids, size_t n);
/* Makes it or replaces digest, members, exchange and record; it gets the next seq. */
GW_MUST_USE enum gw_result unit_put(struct store *s, const struct unit *u, int64_t *ret_id);
/* Units changed after `seq`, in order of seq. */
GW_MUST_USE enum gw_result unit_each(struct store *s, uint64_t after_seq, struct arena *a,
                                     bool (*each)(void *to, const struct unit *u), void *to);
GW_MUST_USE enum gw_result unit_last_seq(struct store *s, uint64_t *ret);

#endif
