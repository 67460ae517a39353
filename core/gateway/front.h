/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The front is the process that partners call: it has the network, and neither store, spool, plugins nor a file
 * system. What it may write to are files of the supervisor's, handed over empty; what it wants to know it asks,
 * over a socketpair of kind SOCK_SEQPACKET that is its descriptor 3. Questions are numbered, answers come in
 * any order.
 *
 *   supervisor                               front
 *       │ ──── told + empty file ────────────▶ │   (one a slot)
 *       │ ◀─── ASK_FILE: this slot is full ─── │   after fsync of the file
 *       │      rename, fsync, commit           │
 *       │ ──── told + empty file ────────────▶ │
 *       │ ──── told: the exchange's number ──▶ │   202
 *
 * A body that is asked for comes as a descriptor: JSON in a nameless file, or the file of the spool. The front
 * is believed in who the partner is and in what it received, and in nothing else.
 */
#ifndef GATEWAY_FRONT_H
#define GATEWAY_FRONT_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/diag.h"

#define FRONT_PROGRAM "passerelle-api" /* SCHEMAS CONFIGURATION BASE */
#define FRONT_SOCKET 3
#define FRONT_FILES  256 /* slots, at most */
#define FRONT_TEXT   256

enum ask_kind {
    ASK_FILE,     /* slot, size, digest, name, key: an exchange of that flow */
    ASK_EXCHANGE, /* id, after: JSON with its rejects */
    ASK_RECEIPT,  /* id: JSON, of one in that has ended */
    ASK_OUTBOX,   /* after: JSON of the files that wait in that flow */
    ASK_TAKE,     /* id: the file itself */
    ASK_ACK,      /* id: the partner has it */
    ASK_VALIDATE, /* slot, flow: a pipe with a reader's lines (worker.h) */
};

struct ask {
    uint32_t kind;
    uint32_t lang; /* enum lang */
    uint64_t number;
    int64_t id, after;
    uint32_t slot;
    uint32_t keyed; /* `key` is the digest of what the sender named it by */
    uint64_t size;
    uint8_t digest[32], key[16];
    char partner[FRONT_TEXT], flow[FRONT_TEXT];
    char name[FRONT_TEXT]; /* of the file; a text, never a path */
};

struct told {
    uint64_t number; /* of the question; 0: an empty file for `slot` */
    uint32_t slot;
    uint32_t status; /* of HTTP */
    int64_t id;
    uint64_t size;         /* of what the descriptor has */
    uint32_t seen;         /* the exchange was there before */
    uint32_t taken;        /* the file is the supervisor's; another one of that slot has come */
    char code[64];         /* of the problem, "" */
    char name[FRONT_TEXT]; /* of a file out */
    uint8_t digest[32];    /* of a file out */
};

/* ---- front_wire.c: both ends ---- */

/* GW_RETRY: the other end is gone, or stands still for longer than the socket allows. */
GW_MUST_USE enum gw_result front_ask(int socket, const struct ask *a);
GW_MUST_USE enum gw_result front_asked(int socket, struct ask *ret); /* GW_END: nothing there yet */
GW_MUST_USE enum gw_result front_tell(int socket, const struct told *t, int fd);
/* *ret_fd: the caller's; -1 none. */
GW_MUST_USE enum gw_result front_told(int socket, struct told *ret, int *ret_fd);

/* ---- conf_api.c ---- */

/* "IPV4:PORT" or "[IPV6]:PORT", numbers only. */
bool api_address(struct gw_str text, struct sockaddr_storage *ret, socklen_t *ret_len, bool *ret_loopback);
bool api_digest(struct gw_str text, uint8_t ret[32]); /* "sha256:HEX" */

#endif
