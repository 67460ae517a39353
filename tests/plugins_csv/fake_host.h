/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The meanest host the contract allows: every window and every piece of memory is a block of
 * its own, exactly as large as asked for and freed as soon as it may be; any allocation can fail.
 */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include <stdbool.h>

#include "gw/plugin.h"

#define FAKE_NAMES 200

struct fake_block {
    struct fake_block *next;
};

struct fake_text {
    char *text;
    size_t len, room;
};

struct fake_host {
    struct gw_session s; /* first */
    struct gw_stream stream;
    struct gw_column columns[FAKE_NAMES];
    const struct gw_plugin *plugin;
    char *names[FAKE_NAMES]; /* by symbol */
    uint16_t nnames;
    const char *input;
    size_t len, at, shown, step;
    char *window;
    size_t window_at;
    struct fake_block *kept, *lent;
    size_t nkept;
    size_t allocations, fail_at; /* the one that fails; 0: none */
    struct fake_text out;        /* what was written */
    struct fake_text log;        /* what happened, in words */
};

const struct gw_plugin *fake_plugin(void);
/* options: "name=value" parted by blanks, \t and \s (blank) in values; columns: names parted by ',', with a
 * '!' behind those that are required. */
void fake_start(struct fake_host *h, const char *options, const char *columns);
void fake_done(struct fake_host *h);

/* Reads all. The log: a line a record `L2 8-14 |x|y|`, a reject `X3 14-20`, a diagnostic
 * `E csv.cells_few 3:1 found=1 expected=2`, the end `END DEB=text FIN=text` or `FAIL`, `FATAL`. */
void fake_read(struct fake_host *h, const char *input, size_t len, size_t step, bool places);
/* One call of next(), forgetting the memory of the record before. */
enum gw_result fake_next(struct fake_host *h, struct gw_record *rec);
void fake_forget(struct fake_host *h);
void fake_note(struct fake_host *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
uint16_t fake_name(struct fake_host *h, const char *text);

#endif
