/* SPDX-License-Identifier: EUPL-1.2 */
/* The lines that a transfer process says (duty.h); one write() a line. */
#ifndef TRANSFER_ANSWERS_H
#define TRANSFER_ANSWERS_H

#include <stdbool.h>

#include "gw/base.h"

enum ending { END_OK, END_RETRY, END_FAIL, END_DOUBT };

/* A step that was tried; `detail` may be NULL. It never holds a secret. */
void answer_step(const char *step, bool ok, int64_t ms, const char *detail);
void answer_file(struct gw_str name, uint64_t size);
void answer_dismissed(struct gw_str name);
/* A step that went well, but somebody should look at what the code says. */
void answer_warning(const char *step, const char *detail, const char *code, const struct gw_arg *args,
                    size_t nargs);
/* The last. `code` NULL with END_OK; `args` are the diagnostic's; `after`: seconds the server asked us to wait.
 */
void answer_end(enum ending end, const char *step, const char *code, const struct gw_arg *args, size_t nargs,
                uint64_t after);

#endif
