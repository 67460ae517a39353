/* SPDX-License-Identifier: EUPL-1.2 */
/* plugins: what is in the folder, what each can do, and why some were refused. */
#include <stdio.h>

#include "base/str.h"
#include "cli/cli.h"
#include "pipeline/options.h"

static size_t count_converters(const struct gw_plugin *p)
{
    size_t n = 0;

    while (p->converters && p->converters[n].name)
        n++;
    return n;
}

static size_t count_checks(const struct gw_plugin *p)
{
    size_t n = 0;

    while (p->checks && p->checks[n].name)
        n++;
    return n;
}

static void print_loaded(const struct invocation *in, const struct loaded_plugin *l, struct buf *b)
{
    const struct gw_plugin *p = l->plugin;

    printf("%s %s: %s\n", p->name, p->version ? p->version : "", say(in, p->summary_fr, p->summary_en));
    printf("  %.*s, ABI %u.%u%s%s\n", STR_ARG(l->path), p->abi >> 16, p->abi & 0xffff,
           p->reader ? say(in, ", lit", ", reads") : "", p->writer ? say(in, ", écrit", ", writes") : "");
    if (count_converters(p) || count_checks(p))
        printf("  %zu %s, %zu %s\n", count_converters(p), say(in, "convertisseurs", "converters"),
               count_checks(p), say(in, "contrôles", "checks"));
    buf_clear(b);
    options_print(p, in->lang, b);
    fwrite(b->data, 1, b->len, stdout);
}

static void json_loaded(const struct loaded_plugin *l, struct buf *b)
{
    const struct gw_plugin *p = l->plugin;

    buf_clear(b);
    buf_text(b, "{\"name\":");
    buf_json(b, str_of(p->name));
    buf_text(b, ",\"version\":");
    buf_json(b, str_of(p->version ? p->version : ""));
    buf_text(b, ",\"path\":");
    buf_json(b, l->path);
    buf_format(
        b, ",\"abi\":\"%u.%u\",\"reads\":%s,\"writes\":%s,\"converters\":%zu,\"checks\":%zu,\"loaded\":true}\n",
        p->abi >> 16, p->abi & 0xffff, p->reader ? "true" : "false", p->writer ? "true" : "false",
        count_converters(p), count_checks(p));
    fwrite(b->data, 1, b->len, stdout);
}

static void refused_diag(const struct refused_plugin *r, struct diag *d)
{
    *d = (struct diag){.severity = GW_WARNING,
                       .code = r->code,
                       .file = r->path,
                       .byte = UINT64_MAX,
                       .args = r->args,
                       .nargs = r->nargs};
}

static void print_refused(const struct invocation *in, const struct refused_plugin *r, struct buf *b)
{
    struct diag d;

    refused_diag(r, &d);
    buf_clear(b);
    if (in->json) {
        const struct catalogue_entry *e = catalogue_find(&in->engine->catalogue, r->code);

        buf_text(b, "{\"name\":null,\"path\":");
        buf_json(b, r->path);
        buf_text(b, ",\"loaded\":false,\"code\":");
        buf_json(b, str_of(r->code));
        buf_text(b, ",\"reason\":");
        if (e) {
            struct buf text;

            buf_init(&text, 65536);
            diag_render(&text, e->text[in->lang], &d, false);
            buf_json(b, buf_view(&text));
            buf_done(&text);
        } else {
            buf_text(b, "null");
        }
        buf_text(b, "}\n");
    } else {
        printf("%s ", say(in, "refusé :", "refused:"));
        diag_text(b, &in->engine->catalogue, in->lang, &d, false);
        if (b->len && b->data[b->len - 1] != '\n')
            buf_char(b, '\n');
    }
    fwrite(b->data, 1, b->len, stdout);
}

static enum exit_code run(struct invocation *in)
{
    struct arena arena;
    struct engine e = {0};
    struct printer printer;
    struct buf b;
    enum gw_result result;

    arena_init(&arena, 65536, 0);
    buf_init(&b, (size_t)1 << 20);
    printer_init(&printer, in, stderr, in->json);
    in->engine = &e;
    result = catalogue_load(&e.catalogue, &arena,
                            arena_format(&arena, "%.*s/diagnostics.csv", STR_ARG(in->home.schemas)));
    if (result == GW_OK)
        result = registry_load(&e.registry, &arena, in->home.plugins, &printer.sink);
    for (size_t i = 0; result == GW_OK && i < e.registry.nloaded; i++)
        if (in->json)
            json_loaded(&e.registry.loaded[i], &b);
        else
            print_loaded(in, &e.registry.loaded[i], &b);
    for (size_t i = 0; result == GW_OK && i < e.registry.nrefused; i++)
        print_refused(in, &e.registry.refused[i], &b);
    registry_done(&e.registry);
    printer_done(&printer);
    buf_done(&b);
    arena_done(&arena);
    return result == GW_OK ? EXIT_DONE : EXIT_USAGE;
}

const struct verb plugins_verb = {
    .name = "plugins",
    .operands = "",
    .fr = "les plugins chargés, leurs options, et ceux qui ont été refusés",
    .en = "the plugins loaded, their options, and those refused",
    .example = "passerelle plugins --plugins /usr/lib/passerelle/plugins",
    .run = run,
};
