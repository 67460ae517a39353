/* SPDX-License-Identifier: EUPL-1.2 */
/* A plugin's option table: its config struct filled from texts, its names checked, its page printed. */
#ifndef PIPELINE_OPTIONS_H
#define PIPELINE_OPTIONS_H

#include "base/diag.h"
#include "gw/plugin.h"

/* Who knows what was set. The text returned (absent: not set) must live as long as the config. */
struct option_source {
    struct gw_str (*get)(void *context, const char *name);
    void *context;
    struct gw_str file; /* for diagnostics */
    struct sink *sink;
    /* What stands in a file beside the format. GW_FAIL: it cannot be read. NULL: the value is the text itself.
     */
    enum gw_result (*load)(void *context, struct gw_str name, struct gw_str *ret);
};

/* `config` has p->config_size bytes. GW_FAIL: all that is wrong is reported (`option.value`). */
GW_MUST_USE enum gw_result options_fill(const struct gw_plugin *p, void *config,
                                        const struct option_source *source);
/* GW_FAIL: one of the names that were set is no option of the plugin (`option.unknown`, with the nearest). */
GW_MUST_USE enum gw_result options_known(const struct gw_plugin *p, const struct gw_str *names, size_t n,
                                         const struct option_source *source);
/* The first option of the table that is not as it should be, or NULL; *ret_why: an English word for it. */
const struct gw_option *options_fault(const struct gw_plugin *p, const char **ret_why);
/* One line an option: name, type, default, help. */
void options_print(const struct gw_plugin *p, enum lang lang, struct buf *out);

#endif
