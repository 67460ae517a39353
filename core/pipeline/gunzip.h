/* SPDX-License-Identifier: EUPL-1.2 */
/* The part of an input that knows gzip; for unpack.c only, which sets the bounds. */
#ifndef PIPELINE_GUNZIP_H
#define PIPELINE_GUNZIP_H

#include "pipeline/unpack.h"

GW_MUST_USE enum gw_result gunzip_open(struct input *in);
GW_MUST_USE enum gw_result gunzip_next(struct input *in);
GW_MUST_USE enum gw_result gunzip_read(struct input *in, void *data, size_t room, size_t *ret_got);
void gunzip_close(struct input *in);

#endif
