/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * release: what a person found out about a file that went out and is held or in doubt. --sent: the partner has
 * it, nothing more goes. --again: they have it not, it goes once more.
 */
#include <stdio.h>

#include "base/str.h"
#include "cli/operate.h"
#include "gateway/backup.h"
#include "gateway/gateway.h"
#include "store/audit.h"
#include "store/outbox.h"

static bool may(const struct invocation *in, const struct exchange *e)
{
    bool doubt = exchange_over(e->state) && str_is(e->reason, "exchange.in_doubt");

    if (e->out && (e->state == EXCHANGE_HELD || doubt))
        return true;
    complain(in, "cet échange n'est ni retenu ni en doute, ou il n'est pas sortant",
             "this exchange is neither held nor in doubt, or it does not go out", in->operands[0]);
    return false;
}

static enum gw_result sent(struct operating *o, struct exchange *e)
{
    enum gw_result result = delivery_move(o->store, e->id, DELIVERY_SENT);

    e->reason = e->reason_args = (struct gw_str){NULL, 0};
    if (result != GW_OK)
        return result;
    return e->state != EXCHANGE_HELD
               ? exchange_save(o->store, e)
               : exchange_move(o->store, e, e->counts.rejected ? EXCHANGE_DONE_REJECTS : EXCHANGE_DONE);
}

static enum gw_result again(struct operating *o, struct exchange *e)
{
    enum gw_result result = delivery_move(o->store, e->id, DELIVERY_WRITTEN);

    e->attempts = 0;
    e->reason = GW_STR("exchange.released");
    e->reason_args = (struct gw_str){NULL, 0};
    return result == GW_OK ? exchange_move(o->store, e, EXCHANGE_QUEUED) : result;
}

static enum gw_result settle(struct operating *o, struct exchange *e, bool is_sent)
{
    enum gw_result result = store_begin(o->store);

    if (result == GW_OK)
        result = is_sent ? sent(o, e) : again(o, e);
    if (result == GW_OK)
        return store_commit(o->store);
    store_rollback(o->store);
    return result;
}

static void wake(const struct operating *o, bool quiet)
{
    struct buf answer;

    buf_init(&answer, 65536);
    if (control_say(o->conf.control.ptr, "wake", &answer) == GW_END && !o->in->json && !quiet)
        printf("%s\n", say(o->in, "aucun démon ne tourne : fait au prochain `passerelle run`",
                           "no daemon runs: done at the next `passerelle run`"));
    buf_done(&answer);
}

static enum exit_code release(struct operating *o, int64_t id, bool is_sent)
{
    struct invocation *in = o->in;
    struct exchange e;
    enum gw_result result = exchange_get(o->store, id, &o->arena, &e);

    if (result == GW_END)
        complain(in, "aucun échange de ce numéro", "no exchange of that number", in->operands[0]);
    if (result != GW_OK)
        return result == GW_END ? EXIT_USAGE : EXIT_WORLD;
    if (!may(in, &e))
        return EXIT_USAGE;
    result = settle(o, &e, is_sent);
    if (result == GW_REJECT)
        complain(in, "un autre vient de le prendre", "somebody else has just taken it", in->operands[0]);
    if (result != GW_OK)
        return result == GW_REJECT ? EXIT_USAGE : EXIT_WORLD;
    if (in->json)
        printf("{\"exchange\":%lld,\"state\":\"%s\"}\n", (long long)id, exchange_words[e.state]);
    else
        printf("%s %lld: %s\n", say(in, "échange", "exchange"), (long long)id, exchange_words[e.state]);
    wake(o, is_sent);
    return EXIT_DONE;
}

/* The state came from a backup, and somebody has looked: what is owed goes out again. */
static enum exit_code release_restored(struct operating *o)
{
    const struct invocation *in = o->in;
    enum gw_result result;

    if (!restored_waits(o->conf.state.ptr)) {
        complain(in, "cet état ne vient pas d'une sauvegarde, ou cela a déjà été dit",
                 "this state does not come from a backup, or that was said already", NULL);
        return EXIT_USAGE;
    }
    result = audit_add(o->store, (struct gw_str){NULL, 0}, GW_STR("backup.release"), GW_STR("store"), GW_STR(""));
    if (result == GW_OK)
        result = restored_release(o->conf.state.ptr);
    if (result != GW_OK)
        return EXIT_WORLD;
    if (in->json)
        printf("{\"done\":true}\n");
    wake(o, in->json);
    return EXIT_DONE;
}

static enum exit_code release_run(struct invocation *in)
{
    struct operating o;
    bool is_sent = option_value(in, "sent"), is_again = option_value(in, "again");
    int64_t id = 0;

    if (!operate_open(&o, in)) {
        operate_close(&o);
        return o.code;
    }
    if (option_value(in, "restored") && !in->noperands && !is_sent && !is_again) {
        if (operate_store(&o, false)) {
            operate_actor(&o);
            o.code = release_restored(&o);
        }
    } else if (!in->noperands || !number_parse(in->operands[0], &id) || is_sent == is_again) {
        complain(in, "le numéro d'un échange est attendu, avec --sent ou --again",
                 "the number of an exchange is expected, with --sent or --again",
                 in->noperands ? in->operands[0] : NULL);
        o.code = EXIT_USAGE;
    } else if (operate_store(&o, false)) {
        operate_actor(&o);
        o.code = release(&o, id, is_sent);
    }
    operate_close(&o);
    return o.code;
}

static const struct option_word options[] = {
    CONFIG_OPTION,
    {"sent", 0, NULL, "le partenaire a le fichier", "the partner has the file"},
    {"again", 0, NULL, "le partenaire ne l'a pas : l'envoyer encore", "the partner has it not: send it again"},
    {"restored", 0, NULL, "après une restauration, sans numéro : ce qui est dû peut de nouveau sortir",
     "after a restoration, without a number: what is owed may go out again"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb release_verb = {
    .name = "release",
    .operands = "[EXCHANGE]",
    .fr = "dit ce qu'il est advenu d'un envoi retenu ou en doute",
    .en = "says what became of a file out that is held or in doubt",
    .example = "passerelle release 12 --sent",
    .options = options,
    .max_operands = 1,
    .run = release_run,
};
