/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Where secrets come from: a reference stands in gateway.conf, the value is read when it is needed, by the
 * process that needs it, into memory that is not swapped, not in a core file, and wiped.
 *
 *   file:PATH          the file's first line, or all of it if it has several (a key); not readable by others
 *   env:NAME           environment variable
 *   credential:NAME    file NAME in $CREDENTIALS_DIRECTORY (systemd)
 */
#ifndef TRANSFER_SECRET_H
#define TRANSFER_SECRET_H

#include <stdbool.h>

#include "gw/base.h"

struct secret {
    char *data; /* NUL-terminated; NULL: none */
    size_t len, room;
};

/* Is it a reference at all? A value that stands in gateway.conf itself is refused by `check`. */
bool secret_reference(struct gw_str reference);
/* An absent reference gives an empty secret. GW_FAIL: not there, not readable, readable by others, empty;
 * *ret_code is the diagnostic's code. The caller wipes it. */
GW_MUST_USE enum gw_result secret_read(struct gw_str reference, struct secret *ret, const char **ret_code);
/* The same for what is no text: all bytes as they are. */
GW_MUST_USE enum gw_result secret_read_bytes(struct gw_str reference, struct secret *ret, const char **ret_code);
void secret_wipe(struct secret *s); /* {0} and twice is fine */

#endif
