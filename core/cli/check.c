/* SPDX-License-Identifier: EUPL-1.2 */
/* check: the configuration; reload: the same, then the word to the daemon. */
#include <stdio.h>

#include "base/str.h"
#include "cli/operate.h"
#include "cli/probe.h"
#include "cli/seals.h"
#include "gateway/gateway.h"

static bool checked(struct operating *o, struct invocation *in)
{
    bool loaded = operate_open(o, in);
    enum gw_result result;

    if (!loaded && !o->conf.flows) /* done elsewhere, or there is nothing to check */
        return false;
    result = engine_rest(&o->engine, &o->printer.sink);
    if (result == GW_OK)
        result = conf_check(&o->conf, &o->engine, &o->printer.sink);
    if (o->code == EXIT_DONE && result != GW_OK)
        o->code = result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
    return loaded && result == GW_OK;
}

/* Of each flow what it will do; its keys are opened for that. False: they cannot be. */
static bool sentences(struct operating *o, bool shown)
{
    bool good = true;
    struct buf out, seals;

    buf_init(&out, (size_t)1 << 20);
    buf_init(&seals, 65536);
    for (size_t i = 0; i < o->conf.nconnectors; i++)
        conf_exceptions(&out, &o->conf.connectors[i], o->in->lang);
    for (size_t i = 0; i < o->conf.nflows; i++) {
        buf_clear(&seals);
        good = seals_check(o, &o->conf.flows[i], &seals) && good;
        conf_sentence(&out, &o->conf.flows[i], buf_view(&seals), o->in->lang);
    }
    good = seals_check_backup(o) && good;
    if (shown && good)
        fwrite(out.data, 1, out.len, stdout);
    buf_done(&seals);
    buf_done(&out);
    return good;
}

static enum exit_code check_run(struct invocation *in)
{
    struct operating o;

    bool good = checked(&o, in), connect = option_value(in, "connect");

    if (good && !sentences(&o, !in->json && !connect)) {
        good = false;
        o.code = EXIT_USAGE;
    }
    if (good && connect)
        o.code = probe_all(&o, in->noperands ? in->operands[0] : NULL);
    operate_close(&o);
    return o.code;
}

/* What the running daemon would refuse is refused here, with its line. */
static enum exit_code reload_run(struct invocation *in)
{
    struct operating o;
    struct buf answer;

    buf_init(&answer, 65536);
    if (checked(&o, in)) {
        enum gw_result result = control_say(o.conf.control.ptr, "reload", &answer);

        if (result == GW_END)
            complain(in, "aucun démon ne tourne ici", "no daemon runs here", o.conf.state.ptr);
        o.code = result == GW_OK ? EXIT_DONE : EXIT_WORLD;
    }
    operate_close(&o);
    buf_done(&answer);
    return o.code;
}

static const struct option_word check_options[] = {
    CONFIG_OPTION,
    TRANSFERS_OPTION,
    {"connect", 0, NULL, "essaie pas à pas les connecteurs, ou celui du flux ou du nom donné",
     "tries the connectors step by step, or that of the flow or the name given"},
    {NULL, 0, NULL, NULL, NULL},
};

static const struct option_word options[] = {
    CONFIG_OPTION,
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb check_verb = {
    .name = "check",
    .operands = "[FLOW|CONNECTOR]",
    .fr = "vérifie la configuration et dit ce que chaque flux fera",
    .en = "checks the configuration and says what each flow will do",
    .example = "passerelle check -c gateway.conf",
    .options = check_options,
    .max_operands = 1,
    .run = check_run,
};

const struct verb reload_verb = {
    .name = "reload",
    .operands = "",
    .fr = "fait relire la configuration au démon, en entier ou pas du tout",
    .en = "makes the daemon read its configuration again, wholly or not at all",
    .example = "passerelle reload -c gateway.conf",
    .options = options,
    .run = reload_run,
};
