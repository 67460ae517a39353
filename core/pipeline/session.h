/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The host's side of the contract: one stream, read or written by one plugin.
 *
 *   Reading:  session_open_reader  session_next ...                  session_close
 *   Writing:  session_open_writer  session_write ...  session_finish session_close
 *
 * The caller owns the struct (it must not move), the input or output, the names and the sink; the texts
 * given live as long as the session. session_close() in any case, even after a failed open.
 */
#ifndef PIPELINE_SESSION_H
#define PIPELINE_SESSION_H

#include "base/names.h"
#include "gw/plugin.h"
#include "pipeline/charset.h"
#include "pipeline/input.h"
#include "pipeline/output.h"

struct session_limits {
    size_t record_bytes;   /* the largest record, decoded; 0: SESSION_RECORD_BYTES */
    size_t session_memory; /* what a plugin may keep; 0: SESSION_MEMORY */
    size_t record_memory;  /* what it may use for one record; 0: 16 times record_bytes */
    uint32_t depth;        /* 0: SESSION_DEPTH */
    size_t step;           /* tests: at most so many new bytes a peek; 0: all there is */
};

#define SESSION_RECORD_BYTES ((size_t)4 << 20)
#define SESSION_MEMORY       ((size_t)32 << 20)
#define SESSION_DEPTH        256u

/* Why a plugin was told that it cannot go on. */
enum session_stop {
    STOP_NONE,
    STOP_WINDOW, /* a record beyond record_bytes */
    STOP_RECORD_MEMORY,
    STOP_SESSION_MEMORY,
    STOP_NAMES,
    STOP_MEMORY, /* really out of it */
    STOP_WORLD,  /* reported by the input or output; `stopped` is its result */
};

/* A place in the decoded stream whose line is known. */
struct line_cursor {
    uint64_t byte;
    uint64_t line;  /* from 1 */
    uint64_t start; /* byte at which that line begins */
};

struct session {
    struct gw_session gw; /* first: what the plugin is given */
    struct gw_stream stream;
    const struct gw_plugin *plugin;
    struct session_limits limits;
    struct names *names;
    struct sink *sink;
    struct gw_str file;         /* for diagnostics */
    uint64_t record;            /* number of the one at hand, from 1; 0: none yet */
    enum charset charset;       /* of the bytes; with `detect`, known once something is beyond ASCII */
    struct arena keep, scratch; /* the two lives */
    enum session_stop stop;
    enum gw_result stopped;
    bool opened, inside; /* inside: a diagnostic now belongs to `record` */
    bool passing;        /* the next record is not looked into */
    bool spoilt;         /* an invalid byte stood outside the records */

    /* reading: the window, data[0] is byte `base` of the decoded stream */
    struct input *input;
    struct buf window;
    uint64_t base;
    size_t at;         /* of the next byte to consume */
    size_t shown;      /* what the plugin may see, <= window.len */
    uint64_t kept;     /* from here on bytes are kept, once consumed */
    uint64_t ended;    /* end of the record at hand: what is kept from the next one on */
    uint64_t last_bad; /* where the last invalid byte is; UINT64_MAX: none */
    struct buf raw;    /* bytes read, not decoded yet */
    size_t raw_at;
    bool detect, raw_end;
    struct line_cursor low, here; /* at `base`; at the last place asked for */

    /* writing */
    struct output *output;
    struct buf pending; /* UTF-8, when the target is not */
    struct buf *into;   /* where the plugin's bytes go: pending, or the output's buffer */
    const struct charset_fold *fold;
    const struct gw_node *context; /* checked already */
};

/* What the caller says of a stream. Zero is a good value for most. */
struct session_stream {
    struct gw_str encoding; /* as charset_choose(); writing: a name, absent is UTF-8 */
    const struct gw_step *steps;
    size_t nsteps;
    const struct gw_column *columns;
    size_t ncolumns;
    const struct gw_alias *aliases; /* reading */
    size_t naliases;
    const struct gw_node *context;   /* writing */
    uint64_t records;                /* writing: UINT64_MAX if not known */
    const struct charset_fold *fold; /* writing: NULL: reject what cannot be encoded */
};

/* The input's present member is read from where it is. On failure everything is reported. */
GW_MUST_USE enum gw_result session_open_reader(struct session *s, const struct gw_plugin *p, const void *config,
                                               struct names *names, const struct session_limits *limits,
                                               const struct session_stream *stream, struct input *input,
                                               struct sink *sink);
/*
 * GW_OK: a record, s->record is its number. GW_REJECT: one that is bad, with begin, end and line; reported
 * (by the plugin, or by the host: `charset.invalid`, `record.too_large`). GW_END: only rec->context is set.
 * GW_FAIL, GW_RETRY, GW_FATAL: the stream is given up, reported.
 * The record before is no longer valid.
 */
GW_MUST_USE enum gw_result session_next(struct session *s, struct gw_record *rec);
/* The record's bytes as they came, appended; of a plugin that seeks its tree as JSON. False: its first bytes
 * were beyond the bound and are gone. */
bool session_raw(struct session *s, const struct gw_record *rec, struct buf *out);
/* Line and column of a node of that record (NULL: of its begin), before the following session_next(); 0 if
 * they cannot be known. */
void session_place(struct session *s, const struct gw_record *rec, const struct gw_node *node,
                   uint32_t *ret_line, uint32_t *ret_column);

GW_MUST_USE enum gw_result session_open_writer(struct session *s, const struct gw_plugin *p, const void *config,
                                               struct names *names, const struct session_limits *limits,
                                               const struct session_stream *stream, struct output *output,
                                               struct sink *sink);
/* `number` is for diagnostics. GW_REJECT: nothing of it is in the output (`charset.unencodable` among
 * others). */
GW_MUST_USE enum gw_result session_write(struct session *s, const struct gw_record *rec, uint64_t number);
GW_MUST_USE enum gw_result session_finish(struct session *s, const struct gw_node *context);

/* Who goes on to the next record: whoever looks into it, or (since 1.1) past it. */
static inline enum gw_result (*session_turn(const struct session *s))(struct gw_session *, struct gw_record *)
{
    const struct gw_plugin *p = s->plugin;
    bool passes = s->passing && (p->abi & 0xffffu) >= 1 && p->reader->pass;

    return passes ? p->reader->pass : p->reader->next;
}

void session_close(struct session *s); /* {0} and twice is fine; input and output stay open */

#endif
