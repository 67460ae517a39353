/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A coffer: a stream of bytes that nobody without its key reads, changes, shortens or lengthens unseen. It is
 * written and read in one pass with bounded memory (libsodium's secretstream, XChaCha20-Poly1305).
 *
 *   head   "PSLECOFR", version, kind (32 bits, little endian), 16 bytes that say which key,
 *          80 bytes from which the key's owner finds the key of the stream, 24 bytes of secretstream
 *   letter of version 2 alone: its length (32 bits, little endian) and the key of the stream as a line of text,
 *          sealed by means that are not ours, for others than the key's owner
 *   blocks of 64 KiB, each longer by 17 bytes when sealed; the last one may be shorter and says that it is
 *
 * Head and letter are bound to the first block, and each block to its place. A key is a line in a file: one
 * secret for both ways, or a pair of which the public half seals only. With a pair anybody who has the public
 * half can make a coffer: that it opens does not say who made it.
 */
#ifndef STORE_COFFER_H
#define STORE_COFFER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"

#define COFFER_KEY    32
#define COFFER_KEY_ID 16

enum coffer_kind {
    COFFER_SECRET = 1,
    COFFER_PUBLIC,
    COFFER_PRIVATE, /* opens what the second seals */
    COFFER_STREAM   /* out of a letter: opens one coffer, and seals none */
};

struct coffer_key {
    enum coffer_kind kind;
    uint8_t bytes[COFFER_KEY];
    uint8_t id[COFFER_KEY_ID]; /* the same for both halves of a pair; nothing of COFFER_STREAM */
};

/* The line as it stands in a file, with its end. */
#define COFFER_KEY_LINE 128
void coffer_key_line(enum coffer_kind kind, const uint8_t bytes[COFFER_KEY], char ret[COFFER_KEY_LINE]);

/* Makes a key in a new file (0600); `pair`: and the public half in PATH.pub. GW_FAIL: a file is there already.
 */
GW_MUST_USE enum gw_result coffer_key_new(const char *path, bool pair);
/* GW_FAIL: it is no key; GW_RETRY: it cannot be read. Who is done with it forgets it (seal_forget). */
GW_MUST_USE enum gw_result coffer_key_read(const char *path, struct coffer_key *ret);

struct coffer;

/* Seals the line for others, into *out, at most COFFER_LETTER bytes of it. What it reports and gives ends the
 * making. */
#define COFFER_LETTER (1u << 20)
struct coffer_letter {
    enum gw_result (*seal)(void *to, const char *line, struct buf *out);
    void *to;
};

/* Writing; the descriptor stays the caller's. `letter`: NULL none. GW_RETRY: the world, errno says what;
 * GW_FAIL: a key that seals none. */
GW_MUST_USE enum gw_result coffer_create(struct arena *a, int fd, const struct coffer_key *key,
                                         const struct coffer_letter *letter, struct coffer **ret);
GW_MUST_USE enum gw_result coffer_put(struct coffer *c, const void *data, size_t len);
GW_MUST_USE enum gw_result coffer_close(struct coffer *c); /* without it, it is a cut one */

/* The letter, without a key; nobody has vouched for it. GW_END: there is none; GW_FAIL, GW_RETRY, GW_REJECT as
 * below. */
GW_MUST_USE enum gw_result coffer_letter_read(int fd, struct buf *out);
/* Reading. GW_FAIL: not a coffer, or of a later version; GW_END: not of this key; GW_REJECT: cut, or changed.
 * Which coffer a COFFER_STREAM is of, the first block says: then coffer_get gives GW_END. */
GW_MUST_USE enum gw_result coffer_open(struct arena *a, int fd, const struct coffer_key *key,
                                       struct coffer **ret);
/* Exactly so many bytes. */
GW_MUST_USE enum gw_result coffer_get(struct coffer *c, void *data, size_t len);
/* Was that all, and is it all that was there? What was got before it is believed only then. */
GW_MUST_USE enum gw_result coffer_over(struct coffer *c);

#endif
