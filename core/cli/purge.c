/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * purge: what is older than its flow keeps it, flow by flow and kind by kind; with --confirm it goes now, as it
 * would with the daemon's next look. Without, the transaction that took it away is rolled back.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/operate.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"
#include "gateway/purge.h"

static void tell(const struct invocation *in, const struct flow *f, enum keep_kind kind, uint64_t gone)
{
    struct buf b;

    if (!gone)
        return;
    buf_init(&b, 4096);
    if (in->json)
        purge_note(&b, f->name, kind, gone);
    else
        buf_format(&b, "%8llu  %-10s %.*s\n", (unsigned long long)gone, kept_words[kind], STR_ARG(f->name));
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
}

static enum gw_result flow_purge(struct gateway *g, const struct invocation *in, const struct flow *f,
                                 uint64_t *all)
{
    bool counting = g->retention.counting;
    enum gw_result result = counting ? store_begin(g->store) : GW_OK;
    uint64_t gone = 0;

    for (int kind = 0; kind < KEPT_KINDS && result == GW_OK; kind++) {
        result = retention_kind(g, f, (enum keep_kind)kind, &gone);
        tell(in, f, (enum keep_kind)kind, gone);
        *all += gone;
    }
    if (counting)
        store_rollback(g->store);
    return result;
}

static enum exit_code purge(struct operating *o)
{
    static struct gateway g;
    bool confirm = option_value(o->in, "confirm");
    enum gw_result result = GW_OK;
    uint64_t all = 0;
    const char *spool = arena_format(&o->arena, "%.*s/spool", STR_ARG(o->conf.state));

    g = (struct gateway){.conf = o->conf, .store = o->store, .sink = &o->printer.sink};
    g.spool = spool ? open(spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    g.flows = arena_array(&o->arena, o->conf.nflows + 1, sizeof(*g.flows));
    if (g.spool < 0 || !g.flows)
        return EXIT_WORLD;
    for (size_t i = 0; i < o->conf.nflows; i++)
        g.flows[i] = (struct flow_state){.folder = -1, .done = -1};
    journal_quiet(true);
    g.retention.counting = !confirm;
    for (size_t i = 0; i < o->conf.nflows && result == GW_OK; i++)
        result = flow_purge(&g, o->in, &o->conf.flows[i], &all);
    if (result == GW_OK && confirm)
        result = purge_report(&g.retention.report, o->conf.state.ptr);
    retention_stop(&g);
    (void)close(g.spool);
    if (result == GW_OK && !o->in->json)
        printf("%8llu  %s\n", (unsigned long long)all,
               confirm
                   ? say(o->in, "partis, inscrits au journal d'audit et dans ÉTAT/purges",
                         "gone, entered in the audit trail and in STATE/purges")
                   : say(o->in, "partiraient ; pour le faire : --confirm", "would go; to do it: --confirm"));
    return exit_of(result, false);
}

static enum exit_code purge_run(struct invocation *in)
{
    struct operating o;

    if (operate_open(&o, in) && operate_store(&o, false)) {
        operate_actor(&o);
        o.code = purge(&o);
    }
    operate_close(&o);
    return o.code;
}

static const struct option_word options[] = {
    CONFIG_OPTION,
    {"confirm", 0, NULL, "le faire ; sans elle, dire ce qui partirait", "do it; without it, say what would go"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb purge_verb = {
    .name = "purge",
    .operands = "",
    .fr = "ce qui dépasse la durée de son flux, et son effacement",
    .en = "what is older than its flow keeps it, and its end",
    .example = "passerelle purge --confirm",
    .options = options,
    .run = purge_run,
};
