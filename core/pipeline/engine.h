/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What every stream needs and no stream changes: plugins, pivot model, checks, the catalogue of
 * diagnostics. And a codec: one format made ready for one stream.
 */
#ifndef PIPELINE_ENGINE_H
#define PIPELINE_ENGINE_H

#include "mapping/mapping.h"
#include "pipeline/registry.h"
#include "schema/shape.h"

struct home {
    struct gw_str plugins;   /* folder of *.so */
    struct gw_str transfers; /* folder of the programs that have the network */
    struct gw_str conf;      /* the configuration that is installed; it may not be there */
    struct gw_str schemas;   /* folder with pivot/, formats/, nomenclatures/, diagnostics.csv */
};

struct engine {
    struct arena arena;
    struct home home;
    struct gw_str formats, nomenclatures;
    struct registry registry;
    struct model model;
    struct catalogue catalogue;
    const struct checks *checks;
    struct gw_str today; /* YYYY-MM-DD */
    struct gw_str now;   /* YYYY-MM-DDTHH:mm:ss */
};

/* The catalogue first, so that a fault of the rest can be explained: the sink may use e->catalogue. */
GW_MUST_USE enum gw_result engine_open(struct engine *e, const struct home *home, struct sink *sink);
/* The same in two steps: paths and words, then plugins, model and checks. */
GW_MUST_USE enum gw_result engine_words(struct engine *e, const struct home *home, struct sink *sink);
GW_MUST_USE enum gw_result engine_rest(struct engine *e, struct sink *sink);
void engine_close(struct engine *e);
/* The format in which resources travel between our own: the first of the pivot's own whose syntax nests. */
GW_MUST_USE enum gw_result engine_lines(struct engine *e, struct arena *a, struct sink *sink,
                                        struct gw_str *ret);

struct codec {
    struct engine *engine;
    struct format *format;
    const struct gw_plugin *plugin;
    void *config; /* the plugin's */
    struct arena arena;
    struct names names;
    struct table *table; /* NULL: the pivot itself */
    const struct profile *profile;
};

/* `profile` absent: the default one. Faults are all reported. */
GW_MUST_USE enum gw_result codec_open(struct codec *c, struct engine *e, struct gw_str name,
                                      struct gw_str profile, struct sink *sink);
/* Loads now what would be loaded when it is first asked for: for who may open no file later. */
GW_MUST_USE enum gw_result codec_warm(struct codec *c);
void codec_close(struct codec *c);

#endif
