/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The lines of a table once more, packed for the loops over them: most lines have nothing to do for
 * most records, and the packed line says so from one cache line, without touching its tie. What it does
 * not settle by itself goes the long way (line_read, write_line), which is always right too.
 */
#ifndef MAPPING_PACKED_H
#define MAPPING_PACKED_H

#include "mapping/compile.h"

enum packed_absent {
    ABSENT_ASK,   /* no text: the long way knows what it means */
    ABSENT_SKIP,  /* means nothing */
    ABSENT_GUARD, /* means nothing while the cell `guard` is empty too: an optional node above */
};

struct packed {
    const struct tie *tie;
    struct convs convs;
    const struct field *field;
    uint32_t line;
    uint16_t cell, guard, slot;
    bool here;      /* one place, in the instance's own frame */
    bool plain;     /* one text to one field of the object, come what may */
    uint8_t absent; /* enum packed_absent; only with `here` */
};

/* The last part of compiling: scope->packed, table->late_packed. */
GW_MUST_USE enum gw_result packed_make(struct table *t);

#endif
