/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One file or message that came in or went out, from its first byte to its last word. Its life is this machine
 * and no other; each arrow is one transaction together with all that it changes (exchange_move, and what the
 * applier puts beside it).
 *
 *                      ┌────────── again (replay, attempt failed, held one released) ─────────┐
 *                      ▼                                                                      │
 *   received ──▶ queued ──▶ working ──▶ done | done_rejects | failed | held ──────────────────┘
 *       │                      │
 *       └──▶ quarantined ◀─────┘       quarantined ──▶ queued by a person only
 *
 *   received     durable in the spool, nothing decided yet
 *   queued       waits for its turn in its flow
 *   working      a job has it, under a lease with a fencing number
 *   held         waits for a person or for an earlier file (reason says which); of one out a person may say
 * that it arrived: done done         all records accounted for; done_rejects: some are rejects, and done when
 * the last one has been answered by another exchange failed       the stream is not usable, or the law or a
 * threshold did not hold; nothing more is tried quarantined  must not be touched again by itself (killed its
 * workers too often, damaged in the spool)
 */
#ifndef STORE_EXCHANGE_H
#define STORE_EXCHANGE_H

#include "store/store.h"

enum exchange_state {
    EXCHANGE_RECEIVED,
    EXCHANGE_QUEUED,
    EXCHANGE_WORKING,
    EXCHANGE_HELD,
    EXCHANGE_DONE,
    EXCHANGE_DONE_REJECTS,
    EXCHANGE_FAILED,
    EXCHANGE_QUARANTINED,
    EXCHANGE_STATES,
};

extern const char *const exchange_words[EXCHANGE_STATES]; /* "received", …: CLI, JSON and the store */
bool exchange_may(enum exchange_state from, enum exchange_state to);
bool exchange_over(enum exchange_state s); /* nothing more happens to it by itself */

/* Seen before: never taken twice. Against which exchanges of the flow that did not fail. But the flow's last
 * one that comes again after days (SIGHT_AGAIN_MS) is new: what it speaks of is still said, and that is to be
 * noted. */
enum duplicates {
    DUPLICATES_NAME, /* same name and digest, or same digest as the flow's last exchange */
    DUPLICATES_LAST, /* same digest as the flow's last exchange */
    DUPLICATES_EVER, /* same digest as any */
    DUPLICATES_NONE, /* whatever was there before */
};

/* records: read = accepted + filtered + rejected; resources: produced = created + updated + unchanged + held */
struct exchange_counts {
    uint64_t read, accepted, filtered, rejected;
    uint64_t produced, created, updated, unchanged, held;
};
bool counts_balance(const struct exchange_counts *c);

struct exchange {
    int64_t id; /* 0: not stored yet */
    bool out;
    struct gw_str flow, partner;
    struct gw_str name;   /* as it came or as it is sent; a text, never a path; kept in clear */
    struct gw_str spool;  /* name of the file in the spool, of our own making; absent: gone by retention */
    struct gw_str format; /* and profile, "NAME" or "NAME:PROFILE" */
    uint8_t digest[32];
    uint64_t size;
    enum exchange_state state;
    int64_t received_at, changed_at;
    int64_t order;                 /* a later file of the flow has a larger one; of equal ones the id decides */
    uint32_t attempts;             /* since it was last queued by a person or for the first time */
    uint64_t fence;                /* of the job that may write for it */
    int64_t lease_until;           /* working: another may take it after that */
    bool checked;                  /* apply = file: the first pass was good */
    uint64_t resume;               /* records up to this one are committed */
    uint64_t suspect;              /* the record at which a worker died last; 0 none */
    uint32_t suspicion;            /* how often it did */
    struct exchange_counts counts; /* of what is committed */
    struct gw_str reason;      /* a diagnostic's code: why held, failed, quarantined; what is to be known of a
                                  done one; absent */
    struct gw_str reason_args; /* JSON object of the diagnostic's arguments and place, sealed; absent */
    int64_t same_as;           /* exchange this one is a duplicate of; 0 */
};

/* Stores a new one as received, now unless received_at says when; *ret_id. In a transaction with nothing else:
 * once committed it may be acknowledged. When the rule says that it was seen before: GW_REJECT, *ret_id is the
 * earlier one. */
GW_MUST_USE enum gw_result exchange_receive(struct store *s, const struct exchange *e, enum duplicates rule,
                                            int64_t *ret_id);
/* Would it be one that was seen before? GW_END: no, as it looks now. */
GW_MUST_USE enum gw_result exchange_seen(struct store *s, const struct exchange *e, enum duplicates rule);
/* GW_END: no such exchange. */
GW_MUST_USE enum gw_result exchange_get(struct store *s, int64_t id, struct arena *a, struct exchange *ret);
/* The one whose file in the spool has that name, which begins with EXCHANGE_KEYED: what a sender gave a key of
 * its own is found again by it. GW_END: none, or its file is gone by retention. */
#define EXCHANGE_KEYED "key-"
GW_MUST_USE enum gw_result exchange_keyed(struct store *s, struct gw_str spool, struct arena *a,
                                          struct exchange *ret);
/* Moves it, if its state is `e->state` and its fence `e->fence` still, and takes over everything of *e that
 * may change (attempts, checked, resume, suspect, suspicion, counts, reason, reason_args, spool). GW_REJECT:
 * the transition is none, or somebody else moved it since. *e then has the new state. Audited. To working moves
 * exchange_claim alone. Who queues it for a person sets attempts to 0. */
GW_MUST_USE enum gw_result exchange_move(struct store *s, struct exchange *e, enum exchange_state to);
/* Takes over what may change, as exchange_move does, state and fence staying: the progress of a job, a spool
 * file that is gone. GW_REJECT: its state or fence is another by now. Not audited. */
GW_MUST_USE enum gw_result exchange_save(struct store *s, const struct exchange *e);
/* The next job: the first queued exchange, in order of its flow, of a flow that has none working (and none
 * held before it); becomes working with a new fence and a lease, and one more attempt. Working ones whose lease
 * is over count as queued. GW_RETRY also when a server said that it was kept, and has not got it. `out`: which
 * direction; `flow` absent: any, the one received first. GW_END: none. */
GW_MUST_USE enum gw_result exchange_claim(struct store *s, bool out, struct gw_str flow, int64_t lease_ms,
                                          struct arena *a, struct exchange *ret);
/* As exchange_claim, that one exchange, whichever stands before it. GW_END: it is not queued. */
GW_MUST_USE enum gw_result exchange_claim_one(struct store *s, int64_t id, int64_t lease_ms, struct arena *a,
                                              struct exchange *ret);
/* Still ours? Extends the lease; GW_REJECT: lost, since another has it, it was moved, or the lease is over.
 * Every transaction of a job begins with it. */
GW_MUST_USE enum gw_result exchange_keep(struct store *s, int64_t id, uint64_t fence, int64_t lease_ms);

struct exchange_filter {
    struct gw_str flow;    /* absent: all */
    int state;             /* -1: all */
    int out;               /* -1: all */
    int64_t since, before; /* received_at; 0: open */
    int64_t after_id;      /* for paging */
};

/* In order of id; `each` returns false to stop. What it is given lives until it returns. */
GW_MUST_USE enum gw_result exchange_each(struct store *s, const struct exchange_filter *f,
                                         bool (*each)(void *to, const struct exchange *e), void *to);
/* Those of a flow, the last one received first. */
GW_MUST_USE enum gw_result exchange_latest(struct store *s, bool out, struct gw_str flow,
                                           bool (*each)(void *to, const struct exchange *e), void *to);
/* When the first of those was received that are queued, working or held now; 0: none is. */
GW_MUST_USE enum gw_result exchange_waiting_since(struct store *s, bool out, struct gw_str flow, int64_t *ret);
/* For metrics: what a flow's exchanges come to, counted by the columns, without a look at the sums of rows. */
struct flow_totals {
    struct gw_str flow;
    bool out;
    uint64_t exchanges[EXCHANGE_STATES];
    uint64_t noted;                /* done, and with a reason */
    struct exchange_counts counts; /* of all its exchanges; produced and held are not summed */
    int64_t last_done;             /* when one of them was last done; 0 */
    uint64_t rejects_open, deliveries_due;
};
GW_MUST_USE enum gw_result flow_totals_each(struct store *s, struct arena *a,
                                            bool (*each)(void *to, const struct flow_totals *t), void *to);
/* Of a file that came in: the least far of the flow's exchanges of that name and digest. GW_END: none. */
GW_MUST_USE enum gw_result exchange_source(struct store *s, struct gw_str flow, struct gw_str name,
                                           const uint8_t digest[32], enum exchange_state *ret);
/* The largest `order` of the flow's exchanges that were applied (done, done_rejects); 0: none. */
GW_MUST_USE enum gw_result exchange_last_order(struct store *s, struct gw_str flow, int64_t *ret);

#endif
