/* SPDX-License-Identifier: EUPL-1.2 */
/* A format's folder on disk, one file of which is the input; the rest is a small format of our own. */
#ifndef FUZZ_FOLDER_H
#define FUZZ_FOLDER_H

#include "base/diag.h"

/* Makes it, and the pivot model and rules it is compiled against. */
void folder_make(void);
/* Writes `file` ("fields.csv", "format.conf"), loads the format and compiles its table. */
void folder_try(const char *file, struct gw_str text);

#endif
