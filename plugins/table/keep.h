/* SPDX-License-Identifier: EUPL-1.2 */
/* Arrays and texts in the session's memory, which is only given back with the session. */
#ifndef TABLE_KEEP_H
#define TABLE_KEEP_H

#include <string.h>

#include "gw/session.h"

/* Room for `want` items: at least twice what there was, so that all places given up are less than the last.
 * NULL: no memory. */
GW_MUST_USE static inline void *keep_more(struct gw_session *s, void *items, size_t used, size_t want,
                                          size_t *room, size_t size)
{
    size_t more = *room ? *room : 64;
    void *grown;

    if (want <= *room)
        return items;
    while (more < want)
        more *= 2;
    grown = gw_keep(s, more * size);
    if (!grown)
        return NULL;
    if (used)
        memcpy(grown, items, used * size);
    *room = more;
    return grown;
}

/* ptr NULL: no memory. */
GW_MUST_USE static inline struct gw_str keep_text(struct gw_session *s, struct gw_str text)
{
    char *copy = gw_keep(s, text.len + 1);

    if (copy && text.len)
        memcpy(copy, text.ptr, text.len);
    return (struct gw_str){copy, text.len};
}

#endif
