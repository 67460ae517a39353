/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a transfer process is told, and what it answers. It is one process for one connector and one duty: it
 * reads the duty from standard input to its end, does it, says lines on descriptor 3, and exits; 0 when it said
 * an `end`. It has the network and the credentials of that connector; it has no store, no plugin, no key.
 *
 * Files of a flow in lie in `local`:   NAME        fetched whole and durable; the gateway takes it from there
 *                                      taken/NAME  durable in the gateway, still to be deleted or moved on the
 *                                                  server; has the time of modification of the server's file
 *                                      memory.json what is remembered: ETag, names left on the server, tokens
 *
 * A file is fetched under NAME DURABLE_ASIDE, resumed there if size and time on the server are what they were,
 * synced, given the server's time of modification, renamed. FETCH first dismisses what is in taken/ (only if
 * the server's file still has that size and time: otherwise it is another one by now, and is fetched), then
 * fetches names that are neither in local nor in taken/.
 *
 * The lines:
 *   {"step":"connect","ok":true,"ms":12,"detail":"..."}   a step that was tried: resolve, connect, tls,
 * host_key, certificate, login, token, list, read, write, rename, delete
 *   {"file":NAME,"size":N}                                 fetched (FETCH), would be (dry), seen (PROBE)
 *   {"dismissed":NAME}
 *   {"step":"certificate","ok":true,"ms":0,"detail":"...","code":"transfer.certificate_soon","args":{...}}
 *                                                          it went well, but somebody should look at it
 *   {"end":"ok"|"retry"|"fail"|"doubt","step":S,"code":"transfer.login","args":{...},"after":SECONDS}   the
 * last
 *
 * retry: the world said no, later it may not; fail: will not work before somebody changes something; doubt:
 * SEND alone: nobody can say whether the partner has the file, with transfer.unconfirmed when all of it was
 * uploaded to a server that confirms nothing. `code` is one of schemas/diagnostics.csv.
 */
#ifndef TRANSFER_DUTY_H
#define TRANSFER_DUTY_H

#include "base/arena.h"
#include "base/buf.h"
#include "transfer/connector.h"

#define TRANSFER_ANSWERS 3 /* descriptor */
#define TRANSFER_FILE    4 /* descriptor of the file, SEND; read from its start */

enum duty_verb { VERB_FETCH, VERB_SEND, VERB_PROBE };
extern const char *const verb_words[3];

struct duty {
    unsigned verb; /* enum duty_verb */
    bool out;      /* PROBE: rights to write are tried, else to read */
    bool dry;      /* FETCH lists, SEND goes up to the upload; nothing is changed anywhere */
    bool again;    /* SEND: it was tried before and nobody knows how that ended */
    struct gw_str flow;
    struct gw_str local; /* folder, absolute */
    struct gw_str name;  /* SEND: as the partner shall see it */
    uint64_t size;       /* SEND */
    struct connector connector;
    struct errand errand;
};

/* As JSON: keys by their tables. A duty is not secret: secrets are references. */
void duty_write(struct buf *out, const struct duty *d);
/* GW_FAIL: not a duty. Texts live in the arena. */
GW_MUST_USE enum gw_result duty_read(struct arena *a, struct gw_str text, struct duty *ret);

/* One object of any table of keys; read: what is not said keeps its default, what nobody knows is a fault. */
struct yyjson_val;
void keys_write(struct buf *out, const struct key_row *keys, size_t n, const void *of);
GW_MUST_USE bool keys_read(struct arena *a, struct yyjson_val *object, const struct key_row *keys, size_t n,
                           void *to);

#endif
