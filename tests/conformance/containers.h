/* SPDX-License-Identifier: EUPL-1.2 */
/* A zip of parts, made by another hand than the plugins'. */
#ifndef CONFORMANCE_CONTAINERS_H
#define CONFORMANCE_CONTAINERS_H

#include "base/buf.h"
#include "conformance/sample.h"

#define CONTAINER_ROOM ((size_t)1 << 20)

/* Up to the first without a name. `options` are libarchive's: "zip:compression=store"; "" for none. */
void container_make(const struct sample_part *parts, size_t n, const char *options, struct buf *out);

#endif
