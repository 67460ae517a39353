/* SPDX-License-Identifier: EUPL-1.2 */
/* The table: what comes in, and how it must be answered. */
#ifndef BAD_CASES_H
#define BAD_CASES_H

#include "bad/process.h"

struct bad_case {
    const char *name;
    const char *format;
    struct repeat feed[REPEATS];
    const char *path;     /* instead of the feed: "folder", "nothing" */
    const char *encoding; /* said on the command line; NULL: the format's */
    int exit;
    const char *code;      /* of the diagnostic that must be there; NULL: none at all */
    unsigned line;         /* its line; 0: not looked at */
    int written, rejected; /* -1: not looked at */
};

extern const struct bad_case bad_cases[];
extern const size_t nbad_cases;

/* Whole good files, to be cut anywhere. `closed`: a cut that loses anything is never exit 0. */
struct cut_case {
    const char *name, *format;
    struct gw_str text;
    bool closed;
};

extern const struct cut_case cut_cases[];
extern const size_t ncut_cases;

#define HUGE_TIMES UINT64_MAX /* as many as the run's size of a huge text asks for */

#endif
