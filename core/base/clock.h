/* SPDX-License-Identifier: EUPL-1.2 */
/* A clock that only goes on, from some moment before we ran; milliseconds. Any thread. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_ms(void);

#endif
