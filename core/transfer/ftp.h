/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * FTP over TLS, never in clear: ftps:// from the first byte, ftp:// by AUTH TLS. Paths are told whole, no
 * folder is entered, so that one connection serves all of a run.
 */
#ifndef TRANSFER_FTP_H
#define TRANSFER_FTP_H

#include "transfer/wire.h"

struct ftp {
    struct wire w;
    struct run *run;
    const struct errand *errand;
};

/* What a run does (serve.h). */
void ftp_fetch(struct run *r);
void ftp_send(struct run *r);
void ftp_probe(struct run *r);

/* One command or transfer each; what is not GW_OK was said. */

/* What is in errand.path; of a server without MLSD the names alone, size and time 0 and *ret_told false. */
GW_MUST_USE enum gw_result ftp_list(struct ftp *f, struct remote_file **ret, size_t *ret_count, bool *ret_told);
/* GW_END: there is none of that name. */
GW_MUST_USE enum gw_result ftp_head(struct ftp *f, const char *path, struct remote_file *ret);
GW_MUST_USE enum gw_result ftp_remove(struct ftp *f, const char *path);
GW_MUST_USE enum gw_result ftp_rename(struct ftp *f, const char *from, const char *to);
/* From `offset` on; each piece to `take`, which says why it cannot. */
GW_MUST_USE enum gw_result ftp_get(struct ftp *f, const char *path, uint64_t offset, curl_write_callback take,
                                   void *context, CURLcode *ret);
/* `size` bytes of the descriptor from its position, a file of the name is replaced. */
GW_MUST_USE enum gw_result ftp_put(struct ftp *f, const char *path, int fd, uint64_t size, CURLcode *ret);
const char *ftp_path(struct ftp *f, struct gw_str folder, struct gw_str name, struct gw_str end);

#endif
