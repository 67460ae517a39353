/* SPDX-License-Identifier: EUPL-1.2 */
/* passerelle-sftp: its connection, and what is done over it. */
#ifndef TRANSFER_SFTP_H
#define TRANSFER_SFTP_H

#include "transfer/serve.h"
#include "transfer/sftp_wire.h"

struct sftp {
    struct run *run;
    struct gw_str host; /* NUL-terminated, as are the names below */
    const char *server; /* "host:port", for messages */
    int port, fd;
    unsigned kind;       /* of host keys that the server may show: 0 all, then each of those that it did not */
    const char *seen[2]; /* kind and fingerprint of the first key that it showed; NULL: none */
    ssh_session session;
    ssh_channel channel;
    struct wire wire;
};

/* ---- sftp_connect.c ---- */

/* Resolved, connected, its key known, logged in, SFTP begun; each a step. false: the run has ended, nothing is
 * open but what sftp_close() closes. */
GW_MUST_USE bool sftp_open(struct sftp *s, struct run *r);
void sftp_close(struct sftp *s);
/* The connection is gone: how the run ends. */
void sftp_lost(struct sftp *s, enum ending end);
bool sftp_timed_out(void);

/* ---- sftp_login.c ---- */

#define SFTP_KINDS 3u

/* What is offered and accepted, with the connector's exceptions. */
GW_MUST_USE bool sftp_algorithms(struct sftp *s);
void sftp_no_agreement(struct sftp *s, const char *said); /* the run ends with what would help */
/* Is the key that the server shows one of ours? */
GW_MUST_USE bool sftp_host_key(struct sftp *s);
void sftp_not_trusted(struct sftp *s);
GW_MUST_USE bool sftp_login(struct sftp *s);

/* ---- sftp_path.c ---- */

/* folder/name and an end, of the run's arena. */
struct gw_str sftp_join(struct run *r, struct gw_str folder, struct gw_str name, struct gw_str end);
/* What is not told is not compared. */
bool sftp_same(const struct wire_attrs *a, uint64_t size, int64_t mtime);
/* A refused call: transfer.folder, rights, full, or the server's words; FX_CONNECTION_LOST: sftp_lost().
 * `what`: a path of the server. */
void sftp_refused(struct sftp *s, enum fx_status status, struct gw_str what);
/* The folder itself cannot be read or written. */
void sftp_no_folder(struct sftp *s, enum fx_status status, struct gw_str folder);
const char *sftp_words(const struct sftp *s, enum fx_status status);
/* How the run ends, with {server}, {found} and {error}. */
void sftp_end(struct sftp *s, enum ending end, const char *code, struct gw_str found, const char *error);

/* ---- sftp_fetch.c, sftp_send.c, sftp_probe.c ---- */

void sftp_fetch(struct run *r);
void sftp_send(struct run *r);
void sftp_probe(struct run *r);

/* ---- sftp_list.c ---- */

struct listing {
    struct sftp *sftp;
    struct remote_file *files; /* wanted by the errand, oldest first */
    size_t count, room;
    size_t odd;     /* names that are no names here */
    bool unsettled; /* one is not there yet only because it must lie still */
};

/* What the errand wants of its folder. false: the run has ended. */
GW_MUST_USE bool sftp_list(struct sftp *s, struct listing *ret);

/* ---- sftp_bytes.c: many requests on their way ---- */

enum moved { MOVED_ALL, MOVED_SHORT, MOVED_REFUSED, MOVED_CUT, MOVED_DISK };

/* The file from in->have on; *ret_good bytes are there from its start. MOVED_SHORT: it is shorter by now. */
GW_MUST_USE enum moved sftp_read(struct sftp *s, const struct wire_handle *h, struct incoming *in,
                                 uint64_t *ret_good, enum fx_status *ret_status);
/* All of TRANSFER_FILE; every byte is acknowledged when it is MOVED_ALL. */
GW_MUST_USE enum moved sftp_write(struct sftp *s, const struct wire_handle *h, uint64_t size,
                                  enum fx_status *ret_status);

#endif
