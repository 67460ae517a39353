/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Where bytes come from: a descriptor, a path or memory; unpacked when the head says gzip
 * (zlib) or zip (libarchive). What comes in is one or more members, read one after another:
 *
 *   input_open_path(&in, "x.zip", &options)
 *   while (input_next_member(&in) == GW_OK)
 *       session_open_reader(..., &in, ...) or input_read(&in, ...)
 *   input_close(&in)
 *
 * A member's name is data for messages, never a path. Failures are reported into options.sink.
 */
#ifndef PIPELINE_INPUT_H
#define PIPELINE_INPUT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"

struct archive;
struct gunzip;
struct gw_plugin;

struct input_options {
    struct sink *sink;      /* who is told what is wrong; may be NULL */
    struct gw_str password; /* of a zip; absent: none */
    uint64_t max_unpacked;  /* bytes of all members together; 0: INPUT_UNPACKED */
    uint32_t max_ratio;     /* unpacked to packed; 0: INPUT_RATIO */
    uint32_t max_members;   /* 0: INPUT_MEMBERS */
    /* What it is for: an archive that a plugin which seeks knows as its own is left packed. NULL: none. */
    const struct gw_plugin *plugin;
};

#define INPUT_UNPACKED ((uint64_t)64 << 30)
#define INPUT_RATIO    250u
#define INPUT_MEMBERS  10000u
#define INPUT_HEAD     65536u /* the most that input_head() gives */
#define INPUT_HELD     ((size_t)64 << 20) /* of what has no positions, for a plugin that seeks */

struct input {
    struct input_options options;
    struct gw_str name;   /* of the whole: the caller's text */
    struct gw_str member; /* for messages: "IN.zip/FILE", else name; until the next member */
    struct gw_str inner;  /* for a probe: the member's own name, without .gz */
    bool unpacks;         /* an archive: what is read is not what lies in the file */

    /* the rest is input.c's and unpack.c's */
    int fd; /* -1: memory */
    bool close_fd, seeks, opened, ended;
    struct gw_str memory; /* of a memory input */
    uint64_t size, at;    /* of a regular file or memory; where the next read begins */
    struct buf sniff;     /* first bytes, taken to see what it is */
    size_t sniff_at;
    struct buf head; /* the member's first bytes, when asked for */
    size_t head_at;
    struct buf held; /* all of the member, when positions are asked for where there are none */
    bool holds;
    struct buf label;
    struct buf block; /* what libarchive or zlib was given last */
    struct archive *archive;
    struct gunzip *gunzip;
    struct arena arena;       /* of gunzip */
    bool zip;                 /* else gzip */
    enum gw_result fault;     /* reported while it was unpacked */
    uint64_t taken, unpacked; /* bytes to unpack, bytes that came out */
    uint32_t members;
};

/* Before files can no longer be opened: what reads archives is loaded, and what UTF-8 is, for their names. */
void input_prepare(void);
/* "-" is standard input. GW_RETRY: cannot be opened (`input.open`). input_close() in any case. */
GW_MUST_USE enum gw_result input_open_path(struct input *in, const char *path, const struct input_options *o);
/* The descriptor stays the caller's. */
GW_MUST_USE enum gw_result input_open_fd(struct input *in, int fd, struct gw_str name,
                                         const struct input_options *o);
GW_MUST_USE enum gw_result input_open_memory(struct input *in, struct gw_str bytes, struct gw_str name,
                                             const struct input_options *o);
void input_close(struct input *in); /* {0} and twice is fine */

/* GW_OK: in->member is its name, reading begins at its first byte. GW_END: there are no more. */
GW_MUST_USE enum gw_result input_next_member(struct input *in);
/* GW_OK: *ret_got is 1 or more. GW_END: the member is at its end. GW_FAIL, GW_RETRY: reported. */
GW_MUST_USE enum gw_result input_read(struct input *in, void *data, size_t room, size_t *ret_got);
/* The first bytes of the member, which stay to be read; before any input_read(). At most INPUT_HEAD;
 * fewer: that is all. */
GW_MUST_USE enum gw_result input_head(struct input *in, struct gw_str *ret);
/* GW_END: fewer bytes were there. A pipe or a member of an archive is held in memory for it, up to INPUT_HELD,
 * beyond which it is GW_FAIL (`input.held`). Not after input_read(). */
GW_MUST_USE enum gw_result input_read_at(struct input *in, uint64_t at, void *data, size_t len);

#endif
