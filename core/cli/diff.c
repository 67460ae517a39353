/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * diff: what the mapping, the lists and the schema of today would make of exchanges that came in before. Each
 * file is read again from the spool, and its records compared with the store; nothing is changed.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/diff_compare.h"
#include "pipeline/convert.h"
#include "store/rejects.h"

#define EXCHANGES_MOST 65536
#define SKIPS_MOST     64
#define SHOWN          20

struct differing {
    struct operating o;
    const struct flow *flow;
    int64_t *ids; /* of the exchanges to be read */
    size_t nids;
    struct model model; /* as the applier has it: without extensions */
    struct codec from, lines;
    struct comparing c;
    struct sink quiet;
    struct buf made; /* lines of the record at hand */
    struct outlet out;
    uint64_t skips[SKIPS_MOST]; /* records that killed a reader */
    size_t nskips;
    uint64_t read, rejected, rejected_then;
};

static void hear_nothing(struct sink *sink, const struct diag *d)
{
    (void)sink, (void)d;
}

/* ---- one exchange ---- */

static enum gw_result take_lines(struct differing *d)
{
    struct gw_str rest = buf_view(&d->made);
    enum gw_result result = d->made.failed ? GW_FATAL : GW_OK;

    while (result == GW_OK && rest.len) {
        struct gw_str line = str_cut(rest, '\n', &rest);

        if (line.len)
            result = compare_line(&d->c, line);
    }
    buf_clear(&d->made);
    return result;
}

static bool skipped(const struct differing *d, uint64_t record)
{
    for (size_t i = 0; i < d->nskips; i++)
        if (d->skips[i] == record)
            return true;
    return false;
}

static enum gw_result member(struct differing *d, struct source *s)
{
    uint64_t before = d->read;
    enum gw_result result = GW_OK;

    while (result == GW_OK) {
        struct bundle b;
        size_t written;

        result = skipped(d, d->read + 1) ? source_pass(s, "worker.crash") : source_next(s, &b);
        d->read = before + source_record(s);
        if (result == GW_OK)
            result = outlet_put(&d->out, &b, &written);
        if (result == GW_REJECT) {
            d->rejected++;
            result = GW_OK;
        }
        if (result == GW_OK)
            result = take_lines(d);
    }
    return result;
}

static enum gw_result members(struct differing *d, struct input *input, const struct exchange *e)
{
    struct source_options options = {
        .name = e->name,
        .limits = {.record_bytes = (size_t)d->o.conf.limits.record_bytes,
                   .depth = (uint32_t)d->o.conf.limits.depth},
    };
    enum gw_result result = input_next_member(input);

    while (result == GW_OK) {
        struct source s = {0};

        if (input->inner.ptr)
            options.name = input->inner;
        result = source_open(&s, &d->from, input, &options, &d->quiet);
        if (result == GW_OK)
            result = member(d, &s);
        source_close(&s);
        if (result == GW_END)
            result = input_next_member(input);
    }
    return result == GW_END ? GW_OK : result;
}

static enum gw_result stream(struct differing *d, const struct exchange *e, int fd)
{
    struct outlet_options to = {.memory = &d->made};
    struct input_options from = {.sink = &d->quiet, .plugin = d->from.plugin};
    struct input input = {0};
    enum gw_result result = input_open_fd(&input, fd, e->name, &from);

    if (result == GW_OK)
        result = outlet_open(&d->out, &d->lines, &to, &d->quiet);
    if (result == GW_OK)
        result = members(d, &input, e);
    if (outlet_close(&d->out, result == GW_OK) != GW_OK && result == GW_OK)
        result = GW_FATAL;
    if (result == GW_OK)
        result = take_lines(d);
    if (result == GW_OK)
        result = compare_end(&d->c);
    input_close(&input);
    return result;
}

static bool add_skip(void *to, const struct reject_row *r)
{
    struct differing *d = to;

    d->skips[d->nskips++] = r->record;
    return d->nskips < SKIPS_MOST;
}

static enum gw_result exchange_diff(struct differing *d, int64_t id)
{
    struct reject_filter crashes = {.exchange = id, .code = GW_STR("worker.crash"), .state = -1};
    struct exchange e;
    enum gw_result result = exchange_get(d->o.store, id, &d->o.arena, &e);
    int fd;

    d->nskips = 0;
    if (result == GW_OK)
        result = reject_each(d->o.store, &crashes, &d->o.arena, add_skip, d);
    if (result != GW_OK)
        return result;
    fd = operate_file(&d->o, e.spool);
    if (fd < 0)
        return GW_RETRY;
    d->c.exchange = id;
    d->rejected_then += e.counts.rejected;
    d->read = 0;
    result = stream(d, &e, fd);
    (void)close(fd);
    return result;
}

/* ---- all of them ---- */

static bool changes(const struct differing *d)
{
    return d->c.created || d->c.updated || d->rejected != d->rejected_then;
}

static void summary(const struct differing *d, uint64_t read)
{
    const struct comparing *c = &d->c;
    const struct invocation *in = d->o.in;

    if (in->json) {
        printf("{\"flow\":\"%.*s\",\"exchanges\":%zu,\"read\":%llu,\"rejected\":%llu,\"rejected_before\":%llu,"
               "\"created\":%llu,\"updated\":%llu,\"unchanged\":%llu,\"later\":%llu,\"changes\":%s}\n",
               STR_ARG(d->flow->name), d->nids, (unsigned long long)read, (unsigned long long)d->rejected,
               (unsigned long long)d->rejected_then, (unsigned long long)c->created,
               (unsigned long long)c->updated, (unsigned long long)c->unchanged, (unsigned long long)c->later,
               changes(d) ? "true" : "false");
        return;
    }
    if (c->shown > c->most)
        printf("  ... %llu %s\n", (unsigned long long)(c->shown - c->most),
               say(in, "autres (--most N)", "others (--most N)"));
    printf("%s %zu, %s %llu, %s %llu (%s %llu)\n", say(in, "échanges", "exchanges"), d->nids,
           say(in, "lus", "read"), (unsigned long long)read, say(in, "rejetés", "rejected"),
           (unsigned long long)d->rejected, say(in, "alors", "then"), (unsigned long long)d->rejected_then);
    printf("%s : %s %llu, %s %llu, %s %llu\n", say(in, "ressources", "resources"), say(in, "créées", "created"),
           (unsigned long long)c->created, say(in, "modifiées", "updated"), (unsigned long long)c->updated,
           say(in, "inchangées", "unchanged"), (unsigned long long)c->unchanged);
    if (c->later)
        printf("%llu %s\n", (unsigned long long)c->later,
               say(in, "enregistrements dits à nouveau par un échange plus récent : non comparés",
                   "records said anew by a later exchange: not compared"));
}

static enum gw_result open_formats(struct differing *d)
{
    struct sink *sink = &d->o.printer.sink;
    struct gw_str none = {NULL, 0}, lines;
    enum gw_result result = engine_rest(&d->o.engine, sink);

    if (result == GW_OK)
        result = codec_open(&d->from, &d->o.engine, d->flow->format, d->flow->profile, sink);
    if (result == GW_OK)
        result = engine_lines(&d->o.engine, &d->o.arena, sink, &lines);
    if (result == GW_OK)
        result = codec_open(&d->lines, &d->o.engine, lines, none, sink);
    if (result == GW_OK)
        result = model_load(&d->model, &d->o.arena,
                            arena_format(&d->o.arena, "%.*s/pivot", STR_ARG(d->o.in->home.schemas)), sink);
    return result == GW_OK ? compare_open(&d->c, &d->o, &d->model, d->flow->partner->name) : result;
}

static enum exit_code work(struct differing *d)
{
    enum gw_result result = open_formats(d);
    uint64_t read = 0;

    if (result != GW_OK)
        return result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
    for (size_t i = 0; result == GW_OK && i < d->nids; i++) {
        char number[24];

        result = exchange_diff(d, d->ids[i]);
        read += d->read;
        (void)snprintf(number, sizeof(number), "%lld", (long long)d->ids[i]);
        if (result == GW_FAIL)
            complain(d->o.in, "aujourd'hui cet échange échouerait", "today this exchange would fail", number);
        else if (result != GW_OK)
            complain(d->o.in, "cet échange ne peut être relu", "this exchange cannot be read again", number);
    }
    summary(d, read);
    if (result != GW_OK)
        return result == GW_FAIL ? EXIT_STREAM : EXIT_WORLD;
    return changes(d) ? EXIT_REJECTS : EXIT_DONE;
}

/* ---- the verb ---- */

static bool pick(void *to, const struct exchange *e)
{
    struct differing *d = to;

    if (exchange_over(e->state) && e->spool.ptr)
        d->ids[d->nids++] = e->id;
    return d->nids < EXCHANGES_MOST;
}

static enum exit_code refuse(struct differing *d, const char *fr, const char *en, const char *about)
{
    complain(d->o.in, fr, en, about);
    return EXIT_USAGE;
}

static enum exit_code choose_flow(struct differing *d, const char *name)
{
    struct exchange_filter filter = {.flow = str_of(name), .state = -1, .out = 0};

    d->flow = conf_flow(&d->o.conf, filter.flow);
    if (!d->flow || d->flow->out)
        return refuse(d, "aucun flux entrant de ce nom", "no flow in of that name", name);
    return exchange_each(d->o.store, &filter, pick, d) == GW_OK ? EXIT_DONE : EXIT_WORLD;
}

static enum exit_code choose_one(struct differing *d, const char *text)
{
    struct exchange e;
    int64_t id;
    enum gw_result result;

    if (!number_parse(text, &id))
        return refuse(d, "le numéro d'un échange est attendu, ou --flow",
                      "the number of an exchange is expected, or --flow", text);
    result = exchange_get(d->o.store, id, &d->o.arena, &e);
    if (result == GW_END)
        return refuse(d, "aucun échange de ce numéro", "no exchange of that number", text);
    if (result != GW_OK)
        return EXIT_WORLD;
    d->flow = conf_flow(&d->o.conf, e.flow);
    if (e.out || !d->flow)
        return refuse(d, "ce n'est pas un échange entrant d'un flux configuré",
                      "this is no exchange that came in by a flow of the configuration", text);
    if (!e.spool.ptr)
        return refuse(d, "son fichier a été effacé à la fin de sa conservation",
                      "its file went at the end of its retention", text);
    d->ids[d->nids++] = id;
    return EXIT_DONE;
}

static enum exit_code choose(struct differing *d)
{
    const char *flow = option_value(d->o.in, "flow"), *most = option_value(d->o.in, "most");
    int64_t n = SHOWN;

    d->ids = arena_array(&d->o.arena, EXCHANGES_MOST, sizeof(*d->ids));
    if (!d->ids)
        return EXIT_WORLD;
    if (most && !number_parse(most, &n))
        return refuse(d, "un nombre est attendu", "a number is expected", most);
    d->c.most = (uint64_t)n;
    if (!flow == !d->o.in->noperands)
        return refuse(d, "le numéro d'un échange est attendu, ou --flow",
                      "the number of an exchange is expected, or --flow", NULL);
    return flow ? choose_flow(d, flow) : choose_one(d, d->o.in->operands[0]);
}

static enum exit_code diff_run(struct invocation *in)
{
    static struct differing d;

    d = (struct differing){.quiet = {hear_nothing}};
    buf_init(&d.made, (size_t)512 << 20);
    if (operate_open(&d.o, in) && operate_store(&d.o, true)) {
        d.o.code = choose(&d);
        if (d.o.code == EXIT_DONE)
            d.o.code = work(&d);
    }
    compare_close(&d.c);
    codec_close(&d.from);
    codec_close(&d.lines);
    buf_done(&d.made);
    operate_close(&d.o);
    return d.o.code;
}

static const struct option_word options[] = {
    CONFIG_OPTION,
    {"flow", 0, "FLOW", "tous les échanges gardés de ce flux", "all exchanges kept of this flow"},
    {"most", 0, "N", "détaille au plus N ressources (20)", "details at most N resources (20)"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb diff_verb = {
    .name = "diff",
    .operands = "[EXCHANGE]",
    .fr = "ce que la correspondance d'aujourd'hui changerait, sans rien appliquer",
    .en = "what the mapping of today would change, applying nothing",
    .example = "passerelle diff --flow rsa",
    .options = options,
    .max_operands = 1,
    .run = diff_run,
};
