/* SPDX-License-Identifier: EUPL-1.2 */
/* run: the daemon. worker: its children, which nobody else starts. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/behalf.h"
#include "gateway/applier.h"
#include "gateway/gateway.h"
#include "gateway/worker.h"

/* The configuration is the supervisor's to read. */
static enum exit_code supervise(struct operating *o, const char *exe)
{
    const struct invocation *in = o->in;
    const struct gateway_options options = {.conf_path = config_path(in),
                                            .executable = exe,
                                            .schemas = in->home.schemas.ptr,
                                            .plugins = in->home.plugins.ptr,
                                            .formats = o->engine.formats.ptr,
                                            .transfers = transfers_path(in),
                                            .once = option_value(in, "once") != NULL,
                                            .sink = &o->printer.sink,
                                            .words = &o->engine.catalogue};
    enum gw_result result = gateway_run(&options);

    return result == GW_OK ? EXIT_DONE : result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
}

static enum exit_code run_run(struct invocation *in)
{
    struct operating o;
    char exe[4096];
    ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

    if (operate_words(&o, in)) {
        exe[len > 0 ? len : 0] = '\0';
        o.code = len > 0 ? supervise(&o, exe) : EXIT_WORLD;
    }
    operate_close(&o);
    return o.code;
}

static const struct option_word run_options[] = {
    CONFIG_OPTION,
    TRANSFERS_OPTION,
    {"once", 0, NULL, "faire ce qui attend, puis s'arrêter", "work off what is there, then stop"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb run_verb = {
    .name = "run",
    .operands = "",
    .fr = "fait tourner la passerelle : dossiers, flux, livraisons",
    .en = "runs the gateway: folders, flows, deliveries",
    .example = "passerelle run -c gateway.conf --once",
    .options = run_options,
    .run = run_run,
};

/* ---- workers ---- */

static enum exit_code run_applier(struct invocation *in)
{
    struct operating o;
    struct applier a = {.conf = &o.conf};
    bool good = operate_open(&o, in);

    o.cache_kb = APPLIER_CACHE_KB;
    if (good && operate_store(&o, false) &&
        model_load(&o.engine.model, &o.engine.arena,
                   arena_format(&o.arena, "%.*s/pivot", STR_ARG(in->home.schemas)), &o.printer.sink) == GW_OK) {
        a.store = o.store;
        a.model = &o.engine.model;
        a.sink = &o.printer.sink;
        arena_init(&a.arena, 65536, 0);
        (void)applier_run(&a);
        arena_done(&a.arena);
    }
    operate_close(&o);
    return o.code;
}

static enum exit_code run_parser(struct invocation *in, enum worker_kind kind)
{
    static struct worker w;
    struct operating o;
    struct gw_str profile;

    if (!operate_open(&o, in))
        return o.code;
    w = (struct worker){.kind = kind, .home = in->home};
    w.format = str_cut(str_of(option_value(in, "format")), ':', &profile);
    w.profile = profile;
    w.programs = conf_may_spawn(&o.conf, w.format);
    w.limits = (struct sandbox){.memory = o.conf.limits.memory,
                                .output_bytes = o.conf.limits.output_bytes,
                                .cpu = o.conf.limits.cpu};
    w.session = (struct session_limits){.record_bytes = (size_t)o.conf.limits.record_bytes,
                                        .depth = (uint32_t)o.conf.limits.depth};
    return worker_run(&w) == 0 ? EXIT_DONE : EXIT_WORLD;
}

static enum exit_code worker_verb_run(struct invocation *in)
{
    const char *kind = in->noperands ? in->operands[0] : "";

    if (strcmp(kind, "applier") == 0)
        return run_applier(in);
    if (strcmp(kind, "behalf") == 0)
        return behalf_serve(in);
    if (strcmp(kind, "reader") == 0)
        return run_parser(in, WORKER_READER);
    if (strcmp(kind, "writer") == 0)
        return run_parser(in, WORKER_WRITER);
    if (strcmp(kind, "table") == 0)
        return run_parser(in, WORKER_TABLE);
    complain(in, "ce verbe est celui du démon", "this verb is the daemon's own", kind);
    return EXIT_USAGE;
}

static const struct option_word worker_options[] = {
    CONFIG_OPTION,
    TRANSFERS_OPTION,
    {"base", 0, "DIR", "dossier des chemins relatifs", "folder of relative paths"},
    {"format", 0, "FORMAT", "format du flux", "format of the flow"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb worker_verb = {
    .name = "worker",
    .operands = "reader|writer|table|applier|behalf",
    .fr = "un processus du démon, que lui seul lance",
    .en = "a process of the daemon, which alone starts it",
    .example = "passerelle run",
    .options = worker_options,
    .max_operands = 1,
    .hidden = true,
    .run = worker_verb_run,
};
