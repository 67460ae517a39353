/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A zip container read by position: members by name, in any order, each as a stream. All memory is the
 * session's, zlib's too, so there is nothing to close. Names are data: they never become paths.
 */
#ifndef TABLE_ZIP_H
#define TABLE_ZIP_H

#include <stdbool.h>
#include <zlib.h>

#include "gw/plugin.h"

/* A mutation that must first find its sum finds little else. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define ZIP_SUMS 0
#else
#define ZIP_SUMS 1
#endif

struct zip_codes {
    const char *damaged, *encrypted, *bomb;
};

struct zip {
    struct gw_session *s;
    const struct zip_codes *codes;
    const unsigned char *directory;
    size_t directory_len;
    unsigned char *block; /* of packed bytes, and zlib's state: one member is read at a time */
    z_stream inflate;
    bool ready;
};

struct zip_member {
    uint64_t at; /* of its local header */
    uint64_t packed, unpacked;
    uint32_t crc;
    uint16_t method, flags;
};

struct zip_stream {
    struct zip *zip;
    struct zip_member member;
    uint64_t at, left; /* packed bytes to come */
    uint64_t made;
    uint32_t crc;
    bool ended; /* the packed stream says so */
};

/* GW_FAIL: not a zip, or damaged; said. */
GW_MUST_USE enum gw_result zip_open(struct zip *z, struct gw_session *s, const struct zip_codes *codes);
/* By its name, whatever the case of its letters. GW_END: there is none. */
GW_MUST_USE enum gw_result zip_find(const struct zip *z, struct gw_str name, struct zip_member *ret);
/* What another stream had begun is over. */
GW_MUST_USE enum gw_result zip_begin(struct zip *z, const struct zip_member *m, struct zip_stream *ret);
/* GW_OK: *ret_got is 1 or more. GW_END: all of it was read, and its sum is right. */
GW_MUST_USE enum gw_result zip_read(struct zip_stream *st, void *data, size_t room, size_t *ret_got);

#endif
