/* SPDX-License-Identifier: EUPL-1.2 */
/* From a place and a name to the place below it: the one look-up of the walk. */
#ifndef MAPPING_EDGES_H
#define MAPPING_EDGES_H

#include "mapping/table.h"

static inline uint32_t edge_hash(uint32_t key)
{
    return (key * 2654435761u) >> 7;
}

/* An edge without place: none. */
static inline const struct edge *edge_among(const struct edge *edges, uint32_t mask, uint16_t place,
                                            uint16_t name)
{
    uint32_t key = (uint32_t)(place + 1) << 16 | name;
    uint32_t i = edge_hash(key) & mask;

    while (edges[i].key && edges[i].key != key)
        i = (i + 1) & mask;
    return &edges[i];
}

static inline const struct edge *edge_of(const struct table *t, uint16_t place, uint16_t name)
{
    return edge_among(t->edges, t->edge_mask, place, name);
}

#endif
