/* SPDX-License-Identifier: EUPL-1.2 */
/* passerelle-api SCHEMAS CONFIGURATION BASE: the process that partners call. The supervisor alone starts it. */
#include <signal.h>
#include <stdio.h>

#include "api/api.h"
#include "base/str.h"
#include "gateway/journal.h"
#include "pipeline/engine.h"

/* The supervisor read the same and explained it: here a code and a place will do. */
static void put(struct sink *sink, const struct diag *d)
{
    char file[4096], line[24];

    (void)sink;
    (void)snprintf(file, sizeof(file), "%.*s", STR_ARG(d->file));
    journal("api.fault", "code", d->code, "file", file, "line", journal_number(d->line, line), NULL);
}

static enum gw_result run(const struct home *home, const char *path, const char *base, struct sink *sink)
{
    static struct engine words;
    static struct gateway_conf conf;
    struct api_options options = {
        .conf = &conf, .words = &words.catalogue, .schemas = home->schemas.ptr, .sink = sink};
    enum gw_result result = engine_words(&words, home, sink);

    options.formats = words.formats;
    if (result == GW_OK)
        result = conf_load(&words.arena, path, base, sink, &conf);
    if (result == GW_OK)
        result = api_run(&options);
    engine_close(&words);
    return result;
}

int main(int argc, char **argv)
{
    struct sink sink = {put};
    struct home home = {.schemas = str_of(argc > 1 ? argv[1] : "")};

    (void)signal(SIGPIPE, SIG_IGN);
    return argc == 4 && run(&home, argv[2], argv[3], &sink) == GW_OK ? 0 : 1;
}
