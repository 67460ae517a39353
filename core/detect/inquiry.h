/* SPDX-License-Identifier: EUPL-1.2 */
/* One head under examination: between the file that takes heads from files and the one that judges them. */
#ifndef DETECT_INQUIRY_H
#define DETECT_INQUIRY_H

#include "detect/look.h"

struct inquiry {
    struct detector *d;
    struct head head;
    struct detected *ret;
    int surest; /* of all probes */
};

GW_MUST_USE enum gw_result inquire(struct inquiry *q);

#endif
