/* SPDX-License-Identifier: EUPL-1.2 */
#include "pipeline/engine.h"

#include <dirent.h>
#include <time.h>

#include "base/str.h"
#include "pipeline/options.h"

static struct gw_str below(struct arena *a, struct gw_str folder, const char *name)
{
    return str_of(arena_format(a, "%.*s/%s", STR_ARG(folder), name));
}

static void set_clock(struct engine *e)
{
    time_t t = time(NULL);
    struct tm tm;

    localtime_r(&t, &tm);
    e->now = str_of(arena_format(&e->arena, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1,
                                 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec));
    e->today = (struct gw_str){e->now.ptr, 10};
}

static const struct gw_check *check_named(void *registry, struct gw_str name)
{
    return registry_check(registry, name);
}

static const struct gw_converter *converter_named(void *registry, struct gw_str name)
{
    return registry_converter(registry, name);
}

enum gw_result engine_words(struct engine *e, const struct home *home, struct sink *sink)
{
    struct gw_str diagnostics;

    *e = (struct engine){.home = *home};
    arena_init(&e->arena, 65536, 0);
    set_clock(e);
    diagnostics = below(&e->arena, home->schemas, "diagnostics.csv");
    e->formats = below(&e->arena, home->schemas, "formats");
    e->nomenclatures = below(&e->arena, home->schemas, "nomenclatures");
    if (!diagnostics.ptr || !e->formats.ptr || !e->nomenclatures.ptr)
        return GW_FATAL;
    if (catalogue_load(&e->catalogue, &e->arena, diagnostics.ptr) != GW_OK) {
        struct gw_arg args[] = {{"folder", home->schemas}};
        struct diag d = {.severity = GW_ERROR,
                         .code = "engine.schemas",
                         .file = diagnostics,
                         .byte = UINT64_MAX,
                         .args = args,
                         .nargs = 1};

        sink->put(sink, &d);
        return GW_FAIL;
    }
    return GW_OK;
}

enum gw_result engine_rest(struct engine *e, struct sink *sink)
{
    struct gw_str pivot = below(&e->arena, e->home.schemas, "pivot");
    struct check_env env;
    enum gw_result result;

    if (!pivot.ptr)
        return GW_FATAL;
    result = registry_load(&e->registry, &e->arena, e->home.plugins, sink);
    if (result == GW_OK)
        result = registry_messages(&e->registry, &e->catalogue);
    if (result == GW_OK)
        result = model_load(&e->model, &e->arena, pivot.ptr, sink);
    env = (struct check_env){&e->arena, &e->model, check_named, &e->registry, sink};
    return result == GW_OK ? checks_bind(&env, &e->checks) : result;
}

enum gw_result engine_open(struct engine *e, const struct home *home, struct sink *sink)
{
    enum gw_result result = engine_words(e, home, sink);

    return result == GW_OK ? engine_rest(e, sink) : result;
}

void engine_close(struct engine *e)
{
    registry_done(&e->registry);
    arena_done(&e->arena);
}

enum gw_result engine_lines(struct engine *e, struct arena *a, struct sink *sink, struct gw_str *ret)
{
    struct gw_str *names;
    size_t n;
    enum gw_result result = formats_list(a, e->formats, &names, &n);

    for (size_t i = 0; result == GW_OK && i < n; i++) {
        struct format *f;
        const struct gw_plugin *plugin;

        if (format_load(a, e->formats, names[i], sink, &f) != GW_OK || !f->pivot)
            continue;
        plugin = registry_plugin(&e->registry, f->plugin);
        if (!plugin || !(plugin->flags & GW_NESTED))
            continue;
        *ret = names[i];
        return GW_OK;
    }
    return result == GW_OK ? GW_FAIL : result;
}

/* ---- codec ---- */

static struct gw_str option_of(void *context, const char *name)
{
    const struct codec *c = context;

    return format_option(c->format, c->profile, name);
}

static enum gw_result option_load(void *context, struct gw_str name, struct gw_str *ret)
{
    struct codec *c = context;

    return format_option_file(&c->arena, c->format, name, ret);
}

static void no_plugin(const struct codec *c, struct sink *sink)
{
    const char *near = registry_nearest(&c->engine->registry, c->format->plugin);
    struct gw_arg args[] = {
        {"found", c->format->plugin}, {"nearest", str_of(near)}, {"format", c->format->name}};
    struct diag d = {.severity = GW_ERROR,
                     .code = "format.plugin",
                     .file = c->format->name,
                     .byte = UINT64_MAX,
                     .args = args,
                     .nargs = 3};

    sink->put(sink, &d);
}

static enum gw_result configure(struct codec *c, struct sink *sink)
{
    struct option_source source = {option_of, c, c->format->name, sink, option_load};

    c->plugin = registry_plugin(&c->engine->registry, c->format->plugin);
    if (!c->plugin) {
        no_plugin(c, sink);
        return GW_FAIL;
    }
    c->config = arena_zero(&c->arena, c->plugin->config_size + 1);
    return c->config ? options_fill(c->plugin, c->config, &source) : GW_FATAL;
}

enum gw_result codec_open(struct codec *c, struct engine *e, struct gw_str name, struct gw_str profile,
                          struct sink *sink)
{
    struct table_env env;
    enum gw_result result;

    *c = (struct codec){.engine = e};
    arena_init(&c->arena, 65536, 0);
    result = format_load(&c->arena, e->formats, name, sink, &c->format);
    if (result != GW_OK)
        return result;
    result = names_init(&c->names, &c->arena, c->format->loose);
    if (result == GW_OK && !c->format->pivot) {
        env = (struct table_env){&c->arena, &e->model,       &c->names,   e->nomenclatures,
                                 sink,      converter_named, &e->registry};
        result = table_compile(c->format, &env, profile, &c->table);
        if (c->table)
            c->profile = c->table->profile;
    }
    return result == GW_OK ? configure(c, sink) : result;
}

/* Lists of the folder by their names; what is no list says so when it is asked for, not now. */
enum gw_result codec_warm(struct codec *c)
{
    struct gw_str folder = c->engine->nomenclatures;
    DIR *dir = c->table ? opendir(folder.ptr) : NULL;
    const struct dirent *d;
    enum gw_result result = c->table ? fold_load(&c->table->convert) : GW_OK;

    while (dir && result == GW_OK && (d = readdir(dir))) {
        size_t n = strlen(d->d_name);
        struct gw_str name = arena_copy(&c->arena, (struct gw_str){d->d_name, n > 4 ? n - 4 : 0});

        if (n > 4 && strcmp(d->d_name + n - 4, ".csv") == 0)
            result = codes_warm(&c->table->convert, name);
    }
    if (dir)
        (void)closedir(dir);
    if (c->table)
        c->table->convert.closed = true;
    return result;
}

void codec_close(struct codec *c)
{
    arena_done(&c->arena);
}
