/* SPDX-License-Identifier: EUPL-1.2 */
/* A line of an FTP server's list, without its end. */
#ifndef TRANSFER_FTP_LINE_H
#define TRANSFER_FTP_LINE_H

#include "transfer/local.h"

/* Of MLSD (RFC 3659) its facts, else the name alone; a view of the line. False: no file that we would take. */
bool ftp_line(struct gw_str line, bool facts, struct remote_file *ret);

#endif
