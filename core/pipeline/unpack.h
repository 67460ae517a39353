/* SPDX-License-Identifier: EUPL-1.2 */
/* The part of an input that knows archives; for input.c only. */
#ifndef PIPELINE_UNPACK_H
#define PIPELINE_UNPACK_H

#include "pipeline/input.h"

/* Whether these first bytes are of gzip or zip. */
bool unpack_knows(struct gw_str head, bool *ret_zip);
GW_MUST_USE enum gw_result unpack_open(struct input *in);
GW_MUST_USE enum gw_result unpack_next(struct input *in);
GW_MUST_USE enum gw_result unpack_read(struct input *in, void *data, size_t room, size_t *ret_got);
void unpack_close(struct input *in);

/* Of input.c: the bytes as they lie there, and a diagnostic. */
GW_MUST_USE enum gw_result input_take(struct input *in, void *data, size_t room, size_t *ret_got);
enum gw_result input_fault(struct input *in, enum gw_result result, const char *code, const struct gw_arg *args,
                           size_t nargs);

#endif
