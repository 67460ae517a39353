/* SPDX-License-Identifier: EUPL-1.2 */
/* The beginning of a file, or of a member of one: unpacked, and decoded for who looks at texts. */
#ifndef DETECT_HEAD_H
#define DETECT_HEAD_H

#include "detect/detect.h"
#include "pipeline/input.h"

/* A member of the file as it is looked at. */
struct head {
    struct gw_str bytes; /* as they are, unpacked */
    struct gw_str text;  /* decoded; "" when it is no text */
    struct gw_str name;  /* its own, for $name.x and signs */
    struct gw_str file;  /* for messages */
    const char *path;    /* for plugins that seek */
    bool whole;          /* nothing comes behind */
    bool packed;         /* what lies there is for a plugin that seeks */
    const char *encoding;
};

/* At most `most` bytes of the input's present member, which live in the arena. */
GW_MUST_USE enum gw_result head_take(struct input *in, size_t most, struct arena *a, struct head *ret);
/* Some plugin reads the file where it lies, an archive that is a document: then nobody else unpacks it. */
bool head_packed(const struct registry *registry, struct arena *a, const char *path, struct head *ret);

#endif
