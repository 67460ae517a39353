/* SPDX-License-Identifier: EUPL-1.2 */
/* The driver of SQLite, for its own files. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

#include "store/inside.h"

static inline sqlite3 *sqlite_of(const struct store *s)
{
    return s->link;
}

enum gw_result sqlite_fault(struct store *s, int rc);
GW_MUST_USE enum gw_result sqlite_backup(struct store *s, const char *path);

#endif
