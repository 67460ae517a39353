/* SPDX-License-Identifier: EUPL-1.2 */
/* What all verbs need: where things are, how messages are printed. */
#include "cli/cli.h"

#include <stdio.h>
#include <unistd.h>

#include "base/str.h"

const char *say(const struct invocation *in, const char *fr, const char *en)
{
    return in->lang == LANG_FR ? fr : en;
}

void complain(const struct invocation *in, const char *fr, const char *en, const char *about)
{
    fprintf(stderr, "passerelle%s%s: %s%s%s\n", in->verb ? " " : "", in->verb ? in->verb->name : "",
            say(in, fr, en), about ? ": " : "", about ? about : "");
}

const char *option_value(const struct invocation *in, const char *name)
{
    for (int i = 0; in->verb->options && in->verb->options[i].name; i++)
        if (strcmp(in->verb->options[i].name, name) == 0)
            return in->values[i];
    return NULL;
}

enum exit_code exit_of(enum gw_result result, bool rejects)
{
    switch (result) {
    case GW_OK:
    case GW_END:
        return rejects ? EXIT_REJECTS : EXIT_DONE;
    case GW_REJECT:
        return EXIT_REJECTS;
    case GW_FAIL:
        return EXIT_STREAM;
    case GW_RETRY:
    case GW_FATAL:
        return EXIT_WORLD;
    }
    return EXIT_WORLD;
}

/* ---- messages ---- */

static uint64_t count(struct printer *p, const char *code)
{
    size_t i = 0;

    while (i < p->ncodes && strcmp(p->codes[i].code, code) != 0)
        i++;
    if (i == p->ncodes) {
        if (p->ncodes == sizeof(p->codes) / sizeof(*p->codes))
            return 1;
        p->codes[p->ncodes++] = (struct said){code, 0};
    }
    return ++p->codes[i].count;
}

void printer_rest(const struct printer *p)
{
    for (size_t i = 0; p->file && p->most && i < p->ncodes; i++)
        if (p->codes[i].count > p->most)
            fprintf(p->file, "%s: %s %llu %s\n", p->codes[i].code, say(p->in, "encore", "and"),
                    (unsigned long long)(p->codes[i].count - p->most), say(p->in, "fois", "more"));
}

static void print(struct sink *sink, const struct diag *d)
{
    struct printer *p = (struct printer *)sink;
    const struct catalogue *c = p->in->engine ? &p->in->engine->catalogue : NULL;

    p->errors += d->severity == GW_ERROR;
    p->warnings += d->severity == GW_WARNING;
    if (!p->file || !c || (count(p, d->code) > p->most && p->most))
        return;
    buf_clear(&p->line);
    if (p->json) {
        diag_json(&p->line, c, p->in->lang, d, true);
        buf_char(&p->line, '\n');
    } else {
        diag_text(&p->line, c, p->in->lang, d, true);
        if (p->line.len && p->line.data[p->line.len - 1] != '\n')
            buf_char(&p->line, '\n');
    }
    fwrite(p->line.data, 1, p->line.len, p->file);
}

void printer_init(struct printer *p, const struct invocation *in, void *file, bool json)
{
    *p = (struct printer){.sink = {print}, .in = in, .file = file, .json = json};
    buf_init(&p->line, (size_t)1 << 20);
}

void printer_done(struct printer *p)
{
    buf_done(&p->line);
}

/* ---- where things are ---- */

static bool is_folder(struct arena *a, const char *base, const char *below, struct gw_str *ret)
{
    char *path = arena_format(a, "%s/%s", base, below);

    if (!path || access(path, R_OK | X_OK) != 0)
        return false;
    *ret = str_of(path);
    return true;
}

static void parent(char *path)
{
    char *slash = strrchr(path, '/');

    if (slash && slash != path)
        *slash = '\0';
}

/* Below /usr as the system has it, else below the prefix. */
static struct gw_str conf_below(struct arena *a, const char *prefix)
{
    return str_of(arena_format(a, "%s/etc/passerelle/gateway.conf", strcmp(prefix, "/usr") == 0 ? "" : prefix));
}

/* In a build tree the plugins lie beside the executable, and the schemas there (a link) or in a folder above,
 * the sources; installed, both are under the prefix. */
enum gw_result home_find(struct arena *a, struct home *ret)
{
    char exe[4096];
    ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

    if (len <= 0)
        return GW_RETRY;
    exe[len] = '\0';
    parent(exe);
    if (is_folder(a, exe, "plugins", &ret->plugins)) {
        char up[4096];

        ret->transfers = str_of(arena_text(a, str_of(exe)));
        ret->conf = conf_below(a, exe);
        memcpy(up, exe, (size_t)len + 1);
        for (int i = 0; i < 4 && !is_folder(a, up, "schemas", &ret->schemas); i++)
            parent(up);
        if (!ret->schemas.ptr)
            ret->schemas = str_of(arena_format(a, "%s/schemas", exe));
        return ret->schemas.ptr ? GW_OK : GW_FATAL;
    }
    parent(exe);
    ret->conf = conf_below(a, exe);
    if (!is_folder(a, exe, PASSERELLE_PLUGINS, &ret->plugins))
        ret->plugins = str_of(arena_format(a, "%s/%s", exe, PASSERELLE_PLUGINS));
    if (!is_folder(a, exe, PASSERELLE_SCHEMAS, &ret->schemas))
        ret->schemas = str_of(arena_format(a, "%s/%s", exe, PASSERELLE_SCHEMAS));
    ret->transfers = str_of(arena_format(a, "%s/%s", exe, PASSERELLE_TRANSFERS));
    return ret->plugins.ptr && ret->schemas.ptr && ret->transfers.ptr && ret->conf.ptr ? GW_OK : GW_FATAL;
}

enum gw_result start_engine(struct invocation *in, struct engine *e, struct sink *sink)
{
    enum gw_result result;

    in->engine = e;
    result = engine_open(e, &in->home, sink);
    if (result != GW_OK && !e->catalogue.count)
        complain(in, "les schémas sont introuvables (--schemas DIR)", "schemas not found (--schemas DIR)",
                 in->home.schemas.ptr);
    return result;
}
