/* SPDX-License-Identifier: EUPL-1.2 */
/* All formats opened side by side, and what each can carry of another. */
#ifndef CLI_SHELF_H
#define CLI_SHELF_H

#include "mapping/reach.h"
#include "pipeline/engine.h"

#define SHELF_PROFILES 16

struct shelved {
    struct codec *codecs[SHELF_PROFILES]; /* one a profile, the default one first */
    size_t ncodecs;
    const struct format *format;
    bool reads, writes; /* its plugin can */
    struct reach read, written;
};

struct shelf {
    struct arena arena;
    struct shelved *items;
    size_t count;
    bool faulty; /* some format could not be opened: it is not here, and why was said */
};

/* How much of one format another can carry, in fields of the pivot. */
struct carriage {
    size_t whole, partly, lost;
    size_t own, own_carried; /* of the format's own fields */
    bool roots;              /* records of the other can be made from it alone */
};

GW_MUST_USE enum gw_result shelf_open(struct shelf *s, struct engine *e, struct sink *sink);
void shelf_close(struct shelf *s);
const struct shelved *shelf_find(const struct shelf *s, struct gw_str name); /* NULL: not here */
/* `scratch` is reset. */
GW_MUST_USE enum gw_result shelf_carriage(const struct shelved *from, const struct shelved *to,
                                          struct arena *scratch, struct carriage *ret);

#endif
