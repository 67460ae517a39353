/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Which format a file is of, and which profile: from its content first, its name second. Each format
 * whose plugin does not refuse the head reads it with its own table; what was known of it, what was
 * missed and what was wrong is weighed, and kept as reasons.
 *
 * Bounded: a head of each member is looked at, and so many of its records.
 */
#ifndef DETECT_DETECT_H
#define DETECT_DETECT_H

#include "pipeline/engine.h"

#define DETECT_HEAD    ((size_t)256 << 10) /* bytes of a member, unpacked */
#define DETECT_RECORDS 100
#define DETECT_MEMBERS 20

/* From where on a candidate is called so; below the last, its format is unknown. */
enum { SURE_CERTAIN = 90, SURE_PROBABLE = 75, SURE_POSSIBLE = 60 };

enum detect_state { DETECT_KNOWN, DETECT_AMBIGUOUS, DETECT_UNKNOWN };

/* A diagnostic that is kept: why a candidate is one, why it is none. All of it lives in the arena. */
struct reason {
    struct reason *next;
    struct diag diag;
};

struct reasons {
    struct reason *first, **tail;
    struct arena *arena;
};

struct candidate {
    struct candidate *next;
    const struct format *format;
    const struct profile *profile; /* NULL: none, or the only one */
    bool recognised;               /* by the profile's own sign */
    double filled;                 /* share of its table that the file has */
    unsigned sure;                 /* 0 to 99 */
    unsigned rank;                 /* sure, and what the name adds */
    struct reasons why;
};

struct detected {
    enum detect_state state;
    struct gw_str file;     /* for messages, "IN.zip/FILE" */
    const char *encoding;   /* NULL: no text */
    const char *syntax;     /* name of a plugin; NULL: none fits */
    struct candidate *best; /* from the surest on; NULL: none worth naming */
    struct reasons why;     /* of what is unknown: what was seen */
};

struct detector {
    struct engine *engine;
    struct arena *arena; /* of what is found; may be another one from file to file */
    struct format **formats;
    size_t nformats;
    struct gw_str password;
};

/* All formats that can be read; faulty ones are passed over, `passerelle formats NAME` tells why. */
GW_MUST_USE enum gw_result detector_open(struct detector *d, struct engine *e, struct arena *arena);
/* Each member of the file, at most DETECT_MEMBERS, into *ret. GW_FAIL, GW_RETRY: it cannot be read, said to the
 * sink. */
GW_MUST_USE enum gw_result detect_file(struct detector *d, const char *path, struct sink *sink,
                                       struct detected **ret, size_t *ret_n);

/* The profile of the codec's format whose sign the head of the file has; NULL: none has one, or none fits. */
const struct profile *detect_profile(const struct codec *c, struct arena *a, const char *path,
                                     struct gw_str password);

void reasons_init(struct reasons *r, struct arena *arena);
void reason_add(struct reasons *r, const char *code, const struct gw_arg *args, size_t nargs);
/* With all it points to. */
void reason_keep(struct reasons *r, const struct diag *d);

#endif
