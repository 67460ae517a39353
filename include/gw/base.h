/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * gw/base.h - the words that everything else is written in: a view of bytes, a result,
 * a named argument of a message.
 */
#ifndef GW_BASE_H
#define GW_BASE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define GW_EXPORT   __attribute__((visibility("default")))
#define GW_MUST_USE __attribute__((warn_unused_result))
#else
#define GW_EXPORT
#define GW_MUST_USE
#endif

/* A view of bytes that someone else owns; not NUL-terminated. ptr NULL: absent. */
struct gw_str {
    const char *ptr;
    size_t len;
};

#define GW_STR(literal) ((struct gw_str){(literal), sizeof(literal) - 1})
#define GW_STR_INIT(literal)                                                                                   \
    {                                                                                                          \
        (literal), sizeof(literal) - 1                                                                         \
    }

/* What the caller should do next. Why is said by a diagnostic, reported where it is known. */
enum gw_result {
    GW_OK,     /* carry on */
    GW_END,    /* no more: the normal end of a stream */
    GW_REJECT, /* this record (this value) is bad, the stream is good: set it aside, carry on */
    GW_FAIL,   /* this stream is bad: give it up, and do not try it again */
    GW_RETRY,  /* the world is bad (network, disk): try this stream again later */
    GW_FATAL,  /* the session cannot go on (a bound reached, out of memory); the host knows why */
};

enum gw_severity { GW_INFO, GW_WARNING, GW_ERROR };

/* Where something is in a stream. line and column count from 1, column in bytes of the
 * UTF-8 the plugin sees. line 0: only `byte` is known, the host works out the line. */
struct gw_place {
    uint64_t byte;
    uint32_t line;
    uint32_t column;
};

/* A named argument of a message: "{found} cells" takes the argument named "found". */
struct gw_arg {
    const char *name;
    struct gw_str value;
};

/* The words of one diagnostic code, in both languages, with {named} arguments. Each code a
 * plugin reports stands in its descriptor; the host renders, the plugin composes nothing. */
struct gw_message {
    const char *code; /* "csv.quote" */
    const char *fr;
    const char *en;
    const char *advice_fr;
    const char *advice_en;
};

#endif
