/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A small host for the rules plugin: opens the built .so as the gateway does, gives a rule its memory,
 * its day and the shipped nomenclatures, and remembers what it says.
 */
#ifndef IAE_HOST_H
#define IAE_HOST_H

#include "base/arena.h"
#include "gw/plugin.h"

#define HOST_SAID   8
#define HOST_VALUES 9

struct said {
    const char *code;
    enum gw_severity severity;
    size_t field;
    struct gw_arg args[4];
    size_t nargs;
};

struct host {
    struct gw_call call; /* first */
    struct arena arena;
    bool without_lists;
    struct said said[HOST_SAID];
    size_t nsaid;
};

const struct gw_plugin *host_plugin(void);
const struct gw_converter *host_converter(const char *name);
const struct gw_check *host_check(const char *name);
void host_init(struct host *h, const char *date);
void host_done(struct host *h);
void host_forget(struct host *h);
/* A text, or absent for NULL. */
struct gw_str host_text(const char *text);
/* As host_text(), in the host's arena: equal texts at different places, no NUL behind. */
struct gw_str host_copy(struct host *h, const char *text);
/* Has this code been said since the program began? */
bool host_heard(const char *code);

#endif
