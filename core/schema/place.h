/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Where something stands in a JSON document: the parser keeps no lines, so the text is walked
 * again when there is something to say.
 */
#ifndef SCHEMA_PLACE_H
#define SCHEMA_PLACE_H

#include "base/arena.h"

/* A way down the document, the innermost first. */
struct way {
    const struct way *up; /* NULL: the whole document */
    const char *key;      /* of an object; NULL: the item `index` of a list */
    size_t index;
};

/* "/properties/nom/x-key"; absent when memory is out. */
struct gw_str way_text(struct arena *a, const struct way *way);
/* Line and column from 1 of a byte. */
void text_place(struct gw_str text, size_t at, uint32_t *ret_line, uint32_t *ret_column);
/* `text` is known to be valid JSON. Line and column from 1 of the key or item; 0 when it is not found. */
void way_place(struct gw_str text, const struct way *way, uint32_t *ret_line, uint32_t *ret_column);

#endif
