/* SPDX-License-Identifier: EUPL-1.2 */
/* What came of reading a head with one format: the facts that weigh.c weighs. */
#ifndef DETECT_EVIDENCE_H
#define DETECT_EVIDENCE_H

#include "detect/coverage.h"
#include "detect/detect.h"
#include "detect/head.h"

#define SIGNS_MAX 32

struct evidence {
    const struct format *format;
    const struct profile *profile;
    uint64_t read, good;
    struct share known, required, places;
    bool pivot;                     /* it has no table: nothing but the records speaks */
    bool fits;                      /* the plugin knows its syntax in the head */
    bool opened, failed;            /* failed: the stream ended with a fault, though the head is whole */
    struct reasons faults;          /* the first of them */
    struct gw_str signs[SIGNS_MAX]; /* of the content */
    bool held[SIGNS_MAX];
    size_t nsigns, nheld;
    bool recognised;         /* the profile's sign holds, or it has none */
    struct gw_str name_sign; /* what the name was recognised by; absent: it was not */
};

/* GW_OK even when nothing can be read so: that is evidence. */
GW_MUST_USE enum gw_result evidence_take(struct detector *d, const struct head *h, const struct format *f,
                                         const struct profile *p, struct arena *a, struct evidence *ret);

#endif
