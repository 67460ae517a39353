/* SPDX-License-Identifier: EUPL-1.2 */
/* From facts to a figure, with its reasons. */
#ifndef DETECT_WEIGH_H
#define DETECT_WEIGH_H

#include "detect/evidence.h"

/* NULL: out of memory. */
struct candidate *weigh(const struct evidence *e, struct arena *a);

#endif
