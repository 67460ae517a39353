/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Forgetting a person: first what would go is found, then all of it goes in one transaction, then the files,
 * then what is left of both on the disk. What holds the person and cannot go is said, with the reason.
 */
#ifndef GATEWAY_ERASURE_H
#define GATEWAY_ERASURE_H

#include "gateway/conf.h"
#include "gateway/dossier.h"
#include "gateway/mentions.h"
#include "store/exchange.h"

enum erasure_stays {
    STAYS_NOT,
    STAYS_AT_WORK, /* the exchange is not over: who was forgotten is passed over when it is read */
    STAYS_NAME,    /* the file's name, which is part of what was received */
};

struct erasure_file {
    int64_t exchange;
    bool out, goes; /* goes: the file, or the text of why it ended */
    enum exchange_state state;
    int64_t received_at;
    struct gw_str flow, name, spool;
    uint8_t digest[32];
    enum erasure_stays stays;
    struct erasure_file *next;
};

struct erasure_delivery {
    struct delivery d;
    struct erasure_delivery *next;
};

struct erasure_reject {
    int64_t id, exchange, at;
    uint64_t record;
    struct erasure_reject *next;
};

struct erasure {
    struct dossier *d;
    const struct gateway_conf *conf;
    bool unread; /* asked: files are not looked into, what is known of them by the store is enough */
    struct erasure_reject *rejects;
    struct erasure_file *files;
    struct erasure_delivery *deliveries;
    struct mentions mentions; /* the caller's to find: they stay, and the proof says so */
    uint64_t nresources, nitems, nversions, nunits, nrejects, nfiles, nsources, nstay;
    bool at_work;     /* some exchange is read or written now: it may hold them, and nobody knows yet */
    int64_t at;       /* when it was done */
    int64_t entry;    /* of the audit trail */
    char subject[32]; /* as they were called there */
};

/* Are they in something that was shown to somebody? Of what is kept no more, and of bytes that are not text,
 * nobody can say. */
enum erasure_in { IN_NOT, IN_GONE, IN_PACKED, IN_SURELY };

GW_MUST_USE enum gw_result erasure_find(struct erasure *e);
/* After erasure_find. The file of an exchange: in what the store knows of it, else in its bytes. */
enum erasure_in erasure_in_file(const struct erasure *e, int64_t exchange);
GW_MUST_USE enum gw_result erasure_in_reject(const struct erasure *e, int64_t exchange, uint64_t record,
                                             enum erasure_in *ret);
/* GW_REJECT: an exchange moved meanwhile; nothing was done. After GW_OK files are gone too. */
GW_MUST_USE enum gw_result erasure_do(struct erasure *e);
/* What went and what stays, as ids and digests: lines of JSON, to be signed. */
void erasure_proof(const struct erasure *e, struct buf *out);
/* Sources in the flows' `done` that are what was received. */
GW_MUST_USE enum gw_result erasure_sources(struct erasure *e);

#endif
