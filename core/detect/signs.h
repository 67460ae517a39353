/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The signs that format.conf names: `detect` and a profile's `recognise`. One sign is
 *
 *   name~GLOB        the file's name
 *   first_line~GLOB  its first line
 *   head~GLOB        a run of the text at its beginning, within a line
 *   header~COLUMN    a column of that name
 *   root=NAME        the name of what encloses all
 *   namespace~GLOB   a quoted text at the beginning
 *   PATH  PATH=TEXT  PATH~GLOB    a node of the first records, or of what encloses them
 */
#ifndef DETECT_SIGNS_H
#define DETECT_SIGNS_H

#include "base/names.h"
#include "gw/record.h"
#include "mapping/syntax.h"

/* What signs are looked for in. `record` NULL: nothing was read, then only the texts are asked. */
struct scene {
    struct gw_str name, head; /* head: decoded */
    const struct format *format;
    struct names *names; /* spellings may be added, no names */
    const struct gw_record *record;
};

bool sign_of_name(struct gw_str sign); /* of the name, not of the content */
bool sign_holds(const struct scene *s, struct gw_str sign);
/* The name of the file is as the format's template says, and that says something. */
bool name_fits(const struct format *f, struct gw_str name);

#endif
