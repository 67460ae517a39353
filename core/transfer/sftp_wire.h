/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * SFTP version 3 over a channel of libssh (draft-ietf-secsh-filexfer-02). libssh has a client of its own, but
 * that of 0.10 waits for the answer to each write, and its rename replaces a file that is there; here requests
 * may be on their way together, and a server's words are kept for the message.
 *
 * Calls give a status of the server; FX_CONNECTION_LOST also means that the connection is gone or that nonsense
 * was said on it: `broken` stays true and nothing more is sent. One thread.
 */
#ifndef TRANSFER_SFTP_WIRE_H
#define TRANSFER_SFTP_WIRE_H

#include <libssh/libssh.h>
#include <stdbool.h>

#include "base/buf.h"

enum fx_status {
    FX_OK,
    FX_EOF,
    FX_NO_SUCH_FILE,
    FX_PERMISSION_DENIED,
    FX_FAILURE,
    FX_BAD_MESSAGE,
    FX_NO_CONNECTION,
    FX_CONNECTION_LOST,
    FX_OP_UNSUPPORTED,
    FX_FILE_ALREADY_EXISTS = 11,
    FX_NO_SPACE = 14,
    FX_QUOTA = 15,
};

enum fx_packet {
    FXP_INIT = 1,
    FXP_VERSION = 2,
    FXP_OPEN = 3,
    FXP_CLOSE = 4,
    FXP_READ = 5,
    FXP_WRITE = 6,
    FXP_LSTAT = 7,
    FXP_FSTAT = 8,
    FXP_OPENDIR = 11,
    FXP_READDIR = 12,
    FXP_REMOVE = 13,
    FXP_STAT = 17,
    FXP_RENAME = 18,
    FXP_STATUS = 101,
    FXP_HANDLE = 102,
    FXP_DATA = 103,
    FXP_NAME = 104,
    FXP_ATTRS = 105,
    FXP_EXTENDED = 200,
};

enum { FXF_READ = 1, FXF_WRITE = 2, FXF_CREAT = 8, FXF_TRUNC = 16, FXF_EXCL = 32 };

#define WIRE_BLOCK  32768u /* bytes that every server reads and writes at once */
#define WIRE_PACKET 262144u
#define WIRE_WORDS  256

struct wire {
    ssh_channel channel;
    uint32_t last;  /* id given last */
    size_t at, len; /* of `in` what is not yet used */
    struct buf out;
    bool broken, has_fsync;
    char said[WIRE_WORDS]; /* the server's words to the last refusal; no control characters */
    char in[WIRE_PACKET + 4];
};

struct wire_handle {
    char bytes[256];
    uint32_t len;
};

struct wire_attrs {
    bool has_size, has_mode;
    uint64_t size;
    uint32_t mode;
    int64_t mtime; /* 0: not told */
};

/* An answer; `body` is behind the id and lives until the next one is taken. */
struct wire_answer {
    unsigned type;
    uint32_t id;
    struct gw_str body;
};

enum fx_status wire_begin(struct wire *w, ssh_channel channel);
void wire_end(struct wire *w);

enum fx_status wire_open(struct wire *w, struct gw_str path, uint32_t how, struct wire_handle *ret);
enum fx_status wire_opendir(struct wire *w, struct gw_str path, struct wire_handle *ret);
enum fx_status wire_close(struct wire *w, const struct wire_handle *h);
enum fx_status wire_stat(struct wire *w, struct gw_str path, struct wire_attrs *ret); /* of a link: itself */
enum fx_status wire_fstat(struct wire *w, const struct wire_handle *h, struct wire_attrs *ret);
enum fx_status wire_remove(struct wire *w, struct gw_str path);
enum fx_status wire_rename(struct wire *w, struct gw_str from, struct gw_str to); /* not over a file */
enum fx_status wire_fsync(struct wire *w, const struct wire_handle *h); /* FX_OK where the server has none */

/* Names of a folder, until FX_EOF; take() gets views that live as long as the call, false: enough. */
typedef bool wire_take(void *of, struct gw_str name, const struct wire_attrs *attrs);
enum fx_status wire_readdir(struct wire *w, const struct wire_handle *h, wire_take *take, void *of);

/* For many on their way: the id of the request, 0 when broken; the answers are taken one by one. */
uint32_t wire_ask_read(struct wire *w, const struct wire_handle *h, uint64_t at, uint32_t len);
uint32_t wire_ask_write(struct wire *w, const struct wire_handle *h, uint64_t at, struct gw_str data);
bool wire_take_answer(struct wire *w, struct wire_answer *ret);          /* false: broken */
enum fx_status wire_status(struct wire *w, const struct wire_answer *a); /* of FXP_STATUS; else broken */
bool wire_data(struct wire *w, const struct wire_answer *a, struct gw_str *ret); /* of FXP_DATA; else broken */

#endif
