/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A zip that is written as it comes: members one after another, each compressed on its way, sizes behind them.
 * The same records give the same bytes: no clock. All memory is the session's, zlib's too.
 */
#ifndef TABLE_PACK_H
#define TABLE_PACK_H

#include <stdbool.h>
#include <zlib.h>

#include "gw/plugin.h"

#define PACK_MEMBERS 8u

struct pack_member {
    const char *name;
    uint32_t at, crc;
    uint64_t packed, unpacked;
    bool stored; /* as it is: its sizes stand before it */
};

struct pack {
    struct gw_session *s;
    z_stream deflate;
    unsigned char *block; /* on its way out */
    struct pack_member members[PACK_MEMBERS];
    size_t count;
    uint64_t written;
    bool ready;
};

/* The name is a constant. */
GW_MUST_USE enum gw_result pack_begin(struct pack *p, const char *name);
GW_MUST_USE enum gw_result pack_put(struct pack *p, const void *data, size_t len);
GW_MUST_USE enum gw_result pack_end(struct pack *p);
/* A whole member: packed, or as it is, so that who looks at the first bytes sees it. */
GW_MUST_USE enum gw_result pack_text(struct pack *p, const char *name, const char *text);
GW_MUST_USE enum gw_result pack_stored(struct pack *p, const char *name, const char *text);
/* The directory. False in *ret_fits: it needs more than 32 bits. */
GW_MUST_USE enum gw_result pack_finish(struct pack *p, bool *ret_fits);

#endif
