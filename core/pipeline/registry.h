/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The plugins of a folder, whatever their files are called. Each descriptor is checked before
 * any code of the plugin runs; a bad one is refused with a reason and the rest is loaded.
 */
#ifndef PIPELINE_REGISTRY_H
#define PIPELINE_REGISTRY_H

#include "base/arena.h"
#include "base/diag.h"
#include "gw/plugin.h"

struct loaded_plugin {
    struct gw_str path;
    const struct gw_plugin *plugin;
    void *handle;
};

struct refused_plugin {
    struct gw_str path;
    const char *code; /* "plugin.abi" ..., of diagnostics.csv */
    struct gw_arg args[4];
    size_t nargs;
};

struct registry {
    struct arena *arena;
    struct loaded_plugin *loaded; /* by file name */
    size_t nloaded;
    struct refused_plugin *refused;
    size_t nrefused;
};

/* GW_OK even when all were refused. GW_FAIL: the folder cannot be read (`plugin.folder`, into the sink). */
GW_MUST_USE enum gw_result registry_load(struct registry *r, struct arena *arena, struct gw_str folder,
                                         struct sink *sink);
void registry_done(struct registry *r);
/* Each refusal as a warning. */
void registry_report(const struct registry *r, struct sink *sink);

const struct gw_plugin *registry_plugin(const struct registry *r, struct gw_str name); /* NULL: none */
const struct gw_converter *registry_converter(const struct registry *r, struct gw_str name);
const struct gw_check *registry_check(const struct registry *r, struct gw_str name);
/* The nearest name of a plugin, or NULL. */
const char *registry_nearest(const struct registry *r, struct gw_str name);
/* All messages of all plugins. */
GW_MUST_USE enum gw_result registry_messages(const struct registry *r, struct catalogue *c);

#endif
