/* SPDX-License-Identifier: EUPL-1.2 */
/* How shapes come into being: for the loader of the schemas and for extensions, nobody else. */
#ifndef SCHEMA_BUILD_H
#define SCHEMA_BUILD_H

#include "schema/shape.h"

#define SHAPE_FIELDS_MAX 16384 /* slots are 16 bits; nothing real comes near */

/* NULL from any of these: memory is out, or the shape is full. */
struct shape *shape_new(struct arena *a, struct gw_str name);
/* A new field at the next slot; the caller knows that the name is free. */
struct field *shape_add(struct arena *a, struct shape *s, struct gw_str name, struct gw_str ext);
/* Makes `f` a list of groups, whose items have a new shape. */
struct shape *field_items(struct arena *a, struct shape *s, struct field *f);

#endif
