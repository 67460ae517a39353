/* SPDX-License-Identifier: EUPL-1.2 */
/* read_plugin PLUGIN.so FILE: all records of a file through the host and the plugin, without a mapping; says
 * how many records and cells there were. For a table with a header: no option, no column is known. */
#include <dlfcn.h>
#include <stdio.h>

#include "base/str.h"
#include "pipeline/options.h"
#include "pipeline/session.h"

static void told(struct sink *sink, const struct diag *d)
{
    (void)sink;
    fprintf(stderr, "%s line %u\n", d->code, d->line);
}

static struct gw_str no_option(void *context, const char *name)
{
    (void)context;
    (void)name;
    return (struct gw_str){NULL, 0};
}

static enum gw_result read_all(struct session *s, unsigned long long *records, unsigned long long *cells)
{
    struct gw_record rec;
    enum gw_result r;

    while ((r = session_next(s, &rec)) == GW_OK) {
        ++*records;
        for (const struct gw_node *n = rec.root->first; n; n = n->next)
            *cells += n->len != 0;
    }
    return r;
}

int main(int argc, char **argv)
{
    void *library = argc == 3 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    const struct gw_plugin *plugin = library ? dlsym(library, "gw_plugin") : NULL;
    struct sink sink = {told};
    struct option_source source = {.get = no_option, .sink = &sink};
    struct input_options io = {.sink = &sink, .plugin = plugin};
    struct session_stream stream = {.encoding = {NULL, 0}};
    struct arena arena;
    struct names names;
    struct input in = {0};
    struct session s = {0};
    unsigned long long records = 0, cells = 0;
    enum gw_result r = GW_FAIL;
    void *config;

    if (!plugin) {
        fprintf(stderr, "usage: read_plugin PLUGIN.so FILE\n%s\n", argc == 3 ? dlerror() : "");
        return 2;
    }
    arena_init(&arena, 0, 0);
    config = arena_zero(&arena, plugin->config_size + 1);
    if (config && names_init(&names, &arena, false) == GW_OK &&
        options_fill(plugin, config, &source) == GW_OK && input_open_path(&in, argv[2], &io) == GW_OK &&
        input_next_member(&in) == GW_OK)
        r = session_open_reader(&s, plugin, config, &names, NULL, &stream, &in, &sink);
    if (r == GW_OK)
        r = read_all(&s, &records, &cells);
    printf("%llu records, %llu cells\n", records, cells);
    session_close(&s);
    input_close(&in);
    arena_done(&arena);
    return r == GW_END ? 0 : 1;
}
