/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What supervisor and workers say to each other, over a socketpair of kind SOCK_SEQPACKET that is the worker's
 * descriptor 3. A worker says WORKER_READY when it has loaded what it needs and shut itself in; then it is
 * given orders, one at a time, with their descriptors, and answers each.
 *
 *   supervisor                    worker
 *       │ ◀──────── ready ──────────│
 *       │ ───── order + fds ───────▶│
 *       │ ◀──────── answer ─────────│
 *
 * Numbers are of this machine; both ends are the same executable. A worker that dies answers nothing: its end
 * of the socket closes, and the page of progress says which record it had at hand.
 */
#ifndef GATEWAY_PROTOCOL_H
#define GATEWAY_PROTOCOL_H

#include <stdbool.h>

#include "gw/base.h"

#define WORKER_SOCKET 3
#define ORDER_TEXT    256
#define ORDER_SKIPS   8

enum worker_kind { WORKER_READER, WORKER_WRITER, WORKER_APPLIER, WORKER_TABLE };

enum order_kind {
    ORDER_READ,   /* fds: input, pipe out, progress */
    ORDER_WRITE,  /* fds: pipe in, output, results, progress */
    ORDER_CHECK,  /* applier: fds: pipe in, file to keep what it made of it; first pass of apply = file */
    ORDER_APPLY,  /* applier: fds: pipe in */
    ORDER_KEPT,   /* applier: fds: the file that the first pass kept */
    ORDER_SELECT, /* applier: fds: pipe out; units that a flow has not been given */
    ORDER_SENT,   /* applier: fds: results of the writer; what was selected is in a file now */
    ORDER_TABLE,  /* fds: rows as base/csv.h writes them, output, progress; the first names the columns */
};

struct order {
    uint32_t kind;
    uint64_t number;  /* of the order, echoed */
    int64_t exchange; /* 0: none yet */
    uint64_t fence;
    uint64_t resume;             /* records up to here are done: passed over */
    uint64_t skips[ORDER_SKIPS]; /* records that killed a worker twice: not looked into */
    uint32_t nskips;
    uint32_t wanted; /* applier: only of rejects that are queued */
    uint32_t chain;  /* applier: with the end of the exchange, claim the next one of its flow */
    uint64_t size;   /* ORDER_SENT: of the file */
    uint8_t digest[32];
    char flow[ORDER_TEXT];
    char name[ORDER_TEXT];  /* of the file, for the format's rules of names */
    char spool[ORDER_TEXT]; /* ORDER_SENT: name in the spool */
    char date[12];          /* the reference day, "" from the file */
    char now[24];           /* YYYY-MM-DDTHH:mm:ss */
};

struct answer {
    uint64_t number;
    uint32_t ready;  /* the first word of a worker: no order is meant */
    uint32_t result; /* enum gw_result */
    uint64_t records, written, filtered, rejected, resources;
    uint64_t last;         /* SELECT: seq looked through; WRITE: the last record that found room */
    int64_t next;          /* exchange claimed by an order that said chain; 0 none */
    uint32_t kept;         /* CHECK: all of it is in the file */
    uint32_t more;         /* there is more of it: order again */
    char reason[64];       /* a diagnostic's code, "" */
    char name[ORDER_TEXT]; /* WRITE: as the format names its file */
};

/* One page shared by supervisor and worker. */
struct progress_page {
    uint64_t record; /* at hand */
    uint64_t done;   /* records */
    uint64_t bytes;
    uint64_t waits; /* 1: for the worker at the other end of its pipe, over no record */
};

static inline void progress_waits(struct progress_page *page, bool waits)
{
    __atomic_store_n(&page->waits, waits, __ATOMIC_RELEASE);
}

#define ORDER_FDS 4

/* A worker's: what an order gives back stays with the process for the next one. */
void memory_keep(void);

/* GW_RETRY: the other end is gone. */
GW_MUST_USE enum gw_result order_send(int socket, const struct order *o, const int *fds, size_t nfds);
GW_MUST_USE enum gw_result order_receive(int socket, struct order *ret, int *ret_fds, size_t *ret_nfds);
GW_MUST_USE enum gw_result answer_send(int socket, const struct answer *a);
/* Does not wait: GW_END nothing there yet. */
GW_MUST_USE enum gw_result answer_receive(int socket, struct answer *ret);

#endif
