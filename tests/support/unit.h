/* SPDX-License-Identifier: EUPL-1.2 */
/* The only file that includes cmocka.h: it wants these headers before it. */
#ifndef SUPPORT_UNIT_H
#define SUPPORT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
