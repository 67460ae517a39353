/* SPDX-License-Identifier: EUPL-1.2 */
/* An edition of a list as its publisher gives it, and what it changes in ours. */
#ifndef CLI_EDITION_H
#define CLI_EDITION_H

#include "cli/nomenclatures.h"

/* A code for some days, as the file tells it. */
struct entry {
    struct gw_str native, pivot, label, from, to; /* absent: not said */
    size_t order;                                 /* in the file */
};

struct edition {
    struct nomenclatures *lists;
    const struct nomenclature *list;
    const struct layout *layout;
    struct gw_str date; /* its first day */
    struct entry *entries;
    size_t count, room;
    uint64_t refused; /* records that could not be read */
};

/* GW_FAIL: no layout reads the file, said. `layout` absent: the first that reads its first record. */
GW_MUST_USE enum gw_result edition_read(struct edition *e, struct invocation *in, const char *file,
                                        struct gw_str layout);

/* YYYY-MM-DD; absent: it is no day, or out of memory. */
struct gw_str day_before(struct arena *a, struct gw_str day);
/* Whether each layout is a format that loads; faults are said. */
GW_MUST_USE enum gw_result layouts_check(struct nomenclatures *n);

enum change {
    CHANGE_ADDED,   /* a code that we had not */
    CHANGE_ENDED,   /* one that the edition has no more: it holds until the day before */
    CHANGE_AGAIN,   /* one that was over and is there again */
    CHANGE_LABEL,   /* another name */
    CHANGE_DAYS,    /* other days */
    CHANGE_UNKNOWN, /* a code that no pivot is known for: left out */
    CHANGES,
};

struct changed {
    enum change what;
    struct gw_str native, before, after; /* labels, or days */
};

/* The list as it would be, sorted by native and first day. */
struct revision {
    struct code_row *rows;
    size_t count;
    struct changed *changes;
    size_t nchanges;
    size_t counts[CHANGES];
};

/* All in the arena of the lists. */
GW_MUST_USE enum gw_result edition_compare(const struct edition *e, struct revision *ret);
/* The list, then its row in sources.csv; each there whole or not at all. GW_RETRY: the disk, errno says.
 * GW_FAIL: the rows would make no list that can be asked; said. */
GW_MUST_USE enum gw_result edition_write(const struct edition *e, const struct revision *r,
                                         struct gw_str source);

#endif
