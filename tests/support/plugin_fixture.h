/* SPDX-License-Identifier: EUPL-1.2 */
/* A plugin as it is loaded, configured by a text, and a session of reading over the real host. */
#ifndef SUPPORT_PLUGIN_FIXTURE_H
#define SUPPORT_PLUGIN_FIXTURE_H

#include "base/str.h"
#include "pipeline/options.h"
#include "pipeline/session.h"
#include "support/unit.h"

struct fixture {
    struct sink sink; /* first */
    const struct gw_plugin *plugin;
    void *library;
    char between; /* options */
    struct arena arena;
    struct names names;
    struct gw_step steps[8];
    size_t nsteps;
    _Alignas(16) char config[256];
    struct input input;
    struct session session;
    struct session_limits limits;
    struct buf out;
    bool quiet;   /* only codes of diagnostics */
    bool places;  /* trees show line:column */
    bool context; /* each new context is shown */
};

/* Loads plugins/NAME.so of the build; diagnostics go to `put`. `between`: the sign between two options. */
int fixture_load(void **state, const char *name, char between,
                 void (*put)(struct sink *sink, const struct diag *d));
int fixture_teardown(void **state);

/* steps: "a/b[]", "[]", or "" (the root is the record). `options`: "indent=2 compact=false". */
void fixture_configure(struct fixture *f, const char *steps, const char *options);
/* Opens a session over the bytes, or over a descriptor (text.ptr NULL). */
enum gw_result fixture_open(struct fixture *f, struct gw_str text, int fd);
void fixture_close(struct fixture *f);

#endif
