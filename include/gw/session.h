/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * gw/session.h - one stream being read or written, and what the host does for its plugin.
 *
 *   Memory   Nobody frees what another allocated, because nobody frees: gw_keep() lives as
 *            long as the session, gw_alloc() as long as the record. Neither is zeroed.
 *   Threads  One session belongs to one thread. Sessions of one plugin run side by side, so
 *            a plugin has no mutable globals.
 *   Bounds   Memory must not grow with the input, only with the largest record.
 *   Bytes    A plugin only ever sees UTF-8: the host decodes and encodes. The host keeps the
 *            bytes since the end of the last record that next() returned or rejected, up to
 *            its bound for a record: they become a reject's raw bytes.
 */
#ifndef GW_SESSION_H
#define GW_SESSION_H

#include "gw/record.h"

enum gw_life { GW_RECORD_LIFE, GW_SESSION_LIFE };

struct gw_session;

struct gw_host {
    uint32_t size; /* of this struct as the host knows it */
    enum gw_result (*peek)(struct gw_session *s, size_t min, struct gw_str *ret);
    void (*consume)(struct gw_session *s, size_t len);
    enum gw_result (*read_at)(struct gw_session *s, uint64_t at, void *data, size_t len);
    enum gw_result (*write)(struct gw_session *s, const void *data, size_t len);
    void *(*alloc)(struct gw_session *s, enum gw_life life, size_t size);
    size_t (*mark)(struct gw_session *s);
    void (*release)(struct gw_session *s, size_t mark);
    uint16_t (*name)(struct gw_session *s, const char *text, size_t len);
    struct gw_str (*name_text)(struct gw_session *s, uint16_t name);
    void (*report)(struct gw_session *s, enum gw_severity severity, struct gw_place place, const char *code,
                   const struct gw_arg *args, size_t nargs);
};

/* A step on the way from the stream's root to its records; name 0: the root itself. */
struct gw_step {
    uint16_t name;
    uint8_t many;
};

/* A native place of the record's first level, in the order of writing. */
struct gw_column {
    uint16_t name;
    uint8_t required;
};

/* Another name that a column goes by when it is read. */
struct gw_alias {
    uint16_t name, column; /* column: the name of a gw_column */
};

/* What is known of a stream when it is opened. */
struct gw_stream {
    uint32_t size;
    const struct gw_step *steps; /* where records are; none: the stream is a run of records */
    size_t nsteps;
    const struct gw_column *columns; /* what the mapping knows of a record; may be none */
    size_t ncolumns;
    const struct gw_node *context;  /* writing: with its GW_RECORDS node; NULL if none */
    uint64_t records;               /* writing: how many will come, UINT64_MAX if not known */
    size_t record_bytes;            /* the largest record allowed */
    uint32_t depth;                 /* the deepest nesting allowed */
    const struct gw_alias *aliases; /* since 1.2 */
    size_t naliases;
};

struct gw_session {
    const struct gw_host *host;
    const struct gw_stream *stream;
    const void *config; /* the plugin's own struct, filled from its options */
    void *state;        /* state_size bytes, zeroed before open() */
};

/*
 * Look at the input without moving. GW_OK: *ret has at least `min` bytes (ask for 1 to get
 * what is there). GW_END: *ret has all that is left, fewer than `min`. Valid until the next
 * gw_peek(). The same pointer moves on: after gw_consume(n) what follows is at ptr + n.
 * A `min` beyond the host's window (at least stream->record_bytes) is GW_FATAL.
 */
GW_MUST_USE static inline enum gw_result gw_peek(struct gw_session *s, size_t min, struct gw_str *ret)
{
    return s->host->peek(s, min, ret);
}

static inline void gw_consume(struct gw_session *s, size_t len)
{
    s->host->consume(s, len);
}

/* Only for a plugin with GW_SEEKS: bytes as they are in the file, not decoded. GW_END: fewer were there. */
GW_MUST_USE static inline enum gw_result gw_read_at(struct gw_session *s, uint64_t at, void *data, size_t len)
{
    return s->host->read_at(s, at, data, len);
}

GW_MUST_USE static inline enum gw_result gw_write(struct gw_session *s, const void *data, size_t len)
{
    return s->host->write(s, data, len);
}

/* Memory for the record at hand, aligned for any type, not zeroed. NULL: a bound is reached
 * or memory is out, and the host knows which: return GW_FATAL. */
GW_MUST_USE static inline void *gw_alloc(struct gw_session *s, size_t size)
{
    return s->host->alloc(s, GW_RECORD_LIFE, size);
}

GW_MUST_USE static inline void *gw_keep(struct gw_session *s, size_t size)
{
    return s->host->alloc(s, GW_SESSION_LIFE, size);
}

/* The session's memory as a stack: what was kept after the mark is given back. For the
 * context of a group that has ended. */
static inline size_t gw_mark(struct gw_session *s)
{
    return s->host->mark(s);
}

static inline void gw_release(struct gw_session *s, size_t mark)
{
    s->host->release(s, mark);
}

/* The symbol of a name, 1 or more; the text is copied. 0: too many different names, return
 * GW_FATAL. Each plugin caches its own way to it: this call hashes. */
GW_MUST_USE static inline uint16_t gw_name(struct gw_session *s, const char *text, size_t len)
{
    return s->host->name(s, text, len);
}

/* As it was first spelled; lives as long as the session. */
static inline struct gw_str gw_name_text(struct gw_session *s, uint16_t name)
{
    return s->host->name_text(s, name);
}

/* For the owner of the data: what is wrong and where. The code stands in the descriptor's
 * messages; nothing dispatches on it. */
static inline void gw_report(struct gw_session *s, enum gw_severity severity, struct gw_place place,
                             const char *code, const struct gw_arg *args, size_t nargs)
{
    s->host->report(s, severity, place, code, args, nargs);
}

/* So that a plugin can say: return gw_reject(...), the record is bad. */
static inline enum gw_result gw_reject(struct gw_session *s, struct gw_place place, const char *code,
                                       const struct gw_arg *args, size_t nargs)
{
    s->host->report(s, GW_ERROR, place, code, args, nargs);
    return GW_REJECT;
}

/* The same for the whole stream. */
static inline enum gw_result gw_fail(struct gw_session *s, struct gw_place place, const char *code,
                                     const struct gw_arg *args, size_t nargs)
{
    s->host->report(s, GW_ERROR, place, code, args, nargs);
    return GW_FAIL;
}

/* A number as the value of an argument, in 20 bytes that the caller has. */
static inline struct gw_str gw_digits(uint64_t number, char room[20])
{
    char *p = room + 20;
    struct gw_str ret;

    do
        *--p = (char)('0' + number % 10);
    while (number /= 10);
    ret.ptr = p;
    ret.len = (size_t)(room + 20 - p);
    return ret;
}

#endif
