/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What somebody should hear of without looking: a file that did not come, came empty, or cannot be delivered;
 * what the gateway as a whole should have done. A notice is raised once and cleared once; what is known of a
 * flow is kept in STATE/notices/FLOW.json, and of the gateway in _gateway.json there, which is no flow's name,
 * so that a restart tells nothing twice. A flow that is NULL is the gateway as a whole. Who is told (struct
 * recipient of conf.h) gets letters: each says all that changed since the one before, and two of them are
 * `pause` apart, so that what comes and goes is not told at all. A letter that may not have arrived is sent
 * again.
 */
#ifndef GATEWAY_NOTICES_H
#define GATEWAY_NOTICES_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/diag.h"
#include "gateway/conf.h"

struct gateway;

enum notice_kind {
    NOTICE_LATE,        /* nothing came by the time it was expected */
    NOTICE_EMPTY,       /* the last file has no record */
    NOTICE_UNDELIVERED, /* a file has waited too long for its destination */
    NOTICE_CONNECTOR,   /* its connector has been open for too long; of one flow of them (`speaks`) */
    NOTICE_BACKUP,      /* of the gateway: the scheduled backup is not made */
    NOTICE_HEAD,        /* of the gateway: the signed head of the audit trail is not written */
    NOTICE_KINDS,
};
extern const char *const notice_words[NOTICE_KINDS]; /* "late", ... */
#define NOTICES_OF_GATEWAY GW_STR("_gateway")        /* in place of the flow's name */

struct notice {
    bool raised;
    int64_t since;          /* seconds since 1970: when it was due, came, began to wait or to fail */
    int64_t at;             /* when it was raised or cleared */
    uint64_t missed;        /* NOTICE_LATE: times in a row */
    uint32_t told, telling; /* recipients, bits by rank, who think it raised; and who will by their letter */
};

struct flow_notices {
    struct notice items[NOTICE_KINDS];
    int64_t due, next; /* the last time it was looked whether a file had come, and the next; 0: not known yet */
    int64_t spent;     /* the exchange that had come last by then */
    bool came;         /* one that was there before came since */
    bool changed;      /* otherwise than on the disk */
};

/* One that is to be sent; its texts are the configuration's. */
struct letter {
    const struct recipient *to;
    char name[96]; /* of the file */
};

/* GW_FAIL: not what notices_step wrote. `c` gives the recipients ranks. */
GW_MUST_USE enum gw_result notices_parse(struct gw_str text, const struct gateway_conf *c,
                                         struct flow_notices *ret);
void notices_write(struct buf *out, const struct gateway_conf *c, const struct flow_notices *n);

/* ---- notices.c: the supervisor's ---- */
GW_MUST_USE enum gw_result notices_open(struct gateway *g); /* with each configuration */
void notices_step(struct gateway *g);
void notices_close(struct gateway *g);
void notice_raise(struct gateway *g, const struct flow *f, enum notice_kind kind, int64_t since);
void notice_clear(struct gateway *g, const struct flow *f, enum notice_kind kind);
void notices_came(struct gateway *g, const struct flow *f); /* a file that was there before */

/* ---- watch.c ---- */
void notices_watch(struct gateway *g);

/* ---- letters.c ---- */
/* Is this flow watched for that? */
bool notice_possible(const struct flow *f, enum notice_kind kind);
/* In one language, without advice: for a screen. */
void notice_sentence(struct buf *out, const struct catalogue *words, const struct flow *f,
                     enum notice_kind kind, const struct notice *n, enum lang lang);
/* The next letter for a recipient with that connector, its bytes in *out; GW_END: none now. Until letter_sent
 * tells how it went there is no other for the recipient. */
GW_MUST_USE enum gw_result letter_next(struct gateway *g, struct gw_str connector, struct letter *ret,
                                       struct buf *out);
void letter_sent(struct gateway *g, const struct letter *l, bool arrived);
void letters_step(struct gateway *g); /* those that go to a folder */

#endif
