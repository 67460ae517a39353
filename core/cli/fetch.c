/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * fetch, send: a flow with a connector goes to its partner's server now. The daemon does it when one runs, and
 * its pauses do not count; without one this process does, for that flow alone. --dry-run changes nothing
 * anywhere.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/str.h"
#include "cli/cause.h"
#include "cli/operate.h"
#include "cli/probe.h"
#include "gateway/gateway.h"
#include "gateway/post.h"

static const struct flow *flow_asked(struct operating *o, bool out)
{
    struct invocation *in = o->in;
    const struct flow *f = in->noperands ? conf_flow(&o->conf, str_of(in->operands[0])) : NULL;

    if (f && f->connector && f->out == out)
        return f;
    complain(in,
             out ? "un flux sortant par un connecteur est attendu"
                 : "un flux entrant par un connecteur est attendu",
             out ? "a flow out through a connector is expected" : "a flow in through a connector is expected",
             in->noperands ? in->operands[0] : NULL);
    o->code = EXIT_USAGE;
    return NULL;
}

/* ---- dry ---- */

struct heading {
    const struct flow *flow;
    struct exchange e;
    struct arena *arena;
};

static bool first_waiting(void *to, const struct exchange *e)
{
    struct heading *h = to;

    if (e->state != EXCHANGE_QUEUED && e->state != EXCHANGE_HELD)
        return true;
    h->e = *e;
    h->e.name = arena_copy(h->arena, e->name);
    h->e.spool = arena_copy(h->arena, e->spool);
    return false;
}

/* With the file whose turn it is; without one only the way is tried. */
static enum exit_code dry_send(struct operating *o, const struct flow *f)
{
    struct heading h = {.flow = f, .arena = &o->arena};
    struct exchange_filter filter = {.flow = f->name, .state = -1, .out = 1};
    struct duty d = {
        .verb = VERB_SEND, .dry = true, .flow = f->name, .connector = *f->connector, .errand = f->errand};
    enum exit_code code;
    int file;

    if (!operate_store(o, true))
        return o->code;
    if (exchange_each(o->store, &filter, first_waiting, &h) != GW_OK)
        return EXIT_WORLD;
    if (!h.e.id) {
        if (!o->in->json)
            printf("%s\n", say(o->in, "aucun fichier n'attend : seul le chemin est essayé",
                               "no file waits: only the way is tried"));
        return probe_all(o, f->name.ptr);
    }
    file = operate_file(o, h.e.spool);
    d.name = h.e.name;
    d.size = h.e.size;
    code = probe_run(o, &d, file);
    if (file >= 0)
        (void)close(file);
    return code;
}

static enum exit_code dry_fetch(struct operating *o, const struct flow *f)
{
    const struct duty d = {.verb = VERB_FETCH,
                           .dry = true,
                           .flow = f->name,
                           .local = f->folder,
                           .connector = *f->connector,
                           .errand = f->errand};
    int taken = -1;

    if (durable_folder(f->done.ptr, 0700, &taken) != GW_OK)
        return EXIT_WORLD;
    (void)close(taken);
    return probe_run(o, &d, -1);
}

/* ---- by the daemon ---- */

struct turn {
    uint64_t number;
    bool there;
    struct gw_str code;
    struct gw_arg args[SAID_ARGS];
    size_t nargs;
};

static void turn_read(struct operating *o, const struct flow *f, struct gw_str answer, struct turn *ret)
{
    yyjson_doc *doc = yyjson_read(answer.ptr, answer.len, 0);
    yyjson_val *flows = yyjson_obj_get(yyjson_doc_get_root(doc), "flows");

    *ret = (struct turn){.there = false};
    for (size_t i = 0; i < yyjson_arr_size(flows); i++) {
        yyjson_val *one = yyjson_arr_get(flows, i);

        if (!yyjson_equals_str(yyjson_obj_get(one, "flow"), f->name.ptr))
            continue;
        ret->there = true;
        one = yyjson_obj_get(one, "asked");
        ret->number = yyjson_get_uint(yyjson_obj_get(one, "turn"));
        ret->code = arena_copy(&o->arena, str_of(yyjson_get_str(yyjson_obj_get(one, "code"))));
        ret->nargs = said_args(&o->arena, yyjson_obj_get(one, "args"), ret->args);
    }
    yyjson_doc_free(doc);
}

static enum gw_result turn_get(struct operating *o, const struct flow *f, struct turn *ret)
{
    struct buf answer;
    enum gw_result result;

    buf_init(&answer, (size_t)4 << 20);
    result = control_say(o->conf.control.ptr, "status", &answer);
    turn_read(o, f, buf_view(&answer), ret);
    buf_done(&answer);
    return result;
}

static enum exit_code tell(struct operating *o, const struct flow *f, const struct turn *t, bool over)
{
    const char *code = arena_text(&o->arena, t->code);

    if (o->in->json)
        printf("{\"flow\":\"%.*s\",\"over\":%s,\"code\":%s%s%s}\n", STR_ARG(f->name), over ? "true" : "false",
               t->code.len ? "\"" : "", t->code.len ? code : "null", t->code.len ? "\"" : "");
    else if (!over)
        printf("%s\n", say(o->in, "demandé ; rien n'attend, ou le serveur est déjà au travail",
                           "asked; nothing waits, or the server is at work already"));
    else if (!t->code.len)
        printf("%s\n", say(o->in, "fait", "done"));
    else
        cause_print(stdout, &o->engine.catalogue, o->in->lang, GW_ERROR, f->name, code, t->args, t->nargs);
    return over && t->code.len ? EXIT_WORLD : EXIT_DONE;
}

/* The end of the transfer that the daemon begins for us, not of one that was on its way, is waited for as long
 * as one may take; of a file out, a moment: none may be due. */
static enum exit_code wait_turn(struct operating *o, const struct flow *f, uint64_t number)
{
    int64_t until = clock_ms() + (f->out ? 5000 : (int64_t)o->conf.limits.wall * 1000);
    struct turn now = {.there = true};

    while (clock_ms() < until && now.number < number) {
        usleep(100000);
        if (turn_get(o, f, &now) != GW_OK || !now.there)
            return EXIT_WORLD;
    }
    return tell(o, f, &now, now.number >= number);
}

static enum exit_code alone(struct operating *o, const struct flow *f)
{
    const struct invocation *in = o->in;
    const struct gateway_options options = {.conf_path = config_path(in),
                                            .executable = "",
                                            .schemas = in->home.schemas.ptr,
                                            .plugins = in->home.plugins.ptr,
                                            .formats = o->engine.formats.ptr,
                                            .transfers = transfers_path(in),
                                            .once = true,
                                            .only = f->name.ptr,
                                            .sink = &o->printer.sink};
    enum gw_result result = gateway_run(&options);

    return result == GW_OK ? EXIT_DONE : result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
}

static uint64_t number_promised(struct gw_str answer)
{
    yyjson_doc *doc = yyjson_read(answer.ptr, answer.len, 0);
    uint64_t number = yyjson_get_uint(yyjson_obj_get(yyjson_doc_get_root(doc), "turn"));

    yyjson_doc_free(doc);
    return number;
}

static enum exit_code ask(struct operating *o, const struct flow *f)
{
    const char *word = arena_format(&o->arena, "%s %.*s", f->out ? "send" : "fetch", STR_ARG(f->name));
    enum gw_result result = GW_FATAL;
    uint64_t number = 0;
    struct buf answer;

    buf_init(&answer, 65536);
    if (word)
        result = control_say(o->conf.control.ptr, word, &answer);
    if (result == GW_OK)
        number = number_promised(buf_view(&answer));
    buf_done(&answer);
    if (result == GW_END)
        return alone(o, f);
    return number ? wait_turn(o, f, number) : EXIT_WORLD;
}

static enum exit_code go(struct invocation *in, bool out)
{
    struct operating o;
    const struct flow *f = operate_open(&o, in) ? flow_asked(&o, out) : NULL;

    if (f && option_value(in, "dry-run"))
        o.code = out ? dry_send(&o, f) : dry_fetch(&o, f);
    else if (f)
        o.code = ask(&o, f);
    operate_close(&o);
    return o.code;
}

static enum exit_code fetch_run(struct invocation *in)
{
    return go(in, false);
}

static enum exit_code send_run(struct invocation *in)
{
    return go(in, true);
}

static const struct option_word options[] = {
    CONFIG_OPTION,
    TRANSFERS_OPTION,
    {"dry-run", 0, NULL, "dit ce qui serait fait, sans rien changer",
     "says what would be done, changes nothing"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb fetch_verb = {
    .name = "fetch",
    .operands = "FLOW",
    .fr = "va chercher maintenant les fichiers d'un flux chez son partenaire",
    .en = "fetches the files of a flow from its partner now",
    .example = "passerelle fetch retrait --dry-run",
    .options = options,
    .max_operands = 1,
    .run = fetch_run,
};

const struct verb send_verb = {
    .name = "send",
    .operands = "FLOW",
    .fr = "envoie maintenant les fichiers d'un flux qui attendent",
    .en = "sends the files of a flow that wait, now",
    .example = "passerelle send depot --dry-run",
    .options = options,
    .max_operands = 1,
    .run = send_run,
};
