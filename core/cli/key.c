/* SPDX-License-Identifier: EUPL-1.2 */
/* key: a new master key, beside a running daemon; the keys of partners. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/key_api.h"
#include "gateway/backup.h"

static enum exit_code rotate(struct operating *o)
{
    int lock = backup_lock(o->conf.state.ptr, true); /* a backup has the key that opens its copy */
    enum gw_result result;

    operate_actor(o);
    result = lock >= 0 ? store_rotate(o->store) : GW_RETRY;
    if (lock >= 0)
        (void)close(lock);
    if (result != GW_OK)
        return result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
    if (o->in->json)
        printf("{\"done\":true}\n");
    else
        printf("%s\n  %s\n", say(o->in, "la clé est changée", "the key is changed"),
               say(o->in, "la mettre en lieu sûr ; les sauvegardes d'avant veulent encore l'ancienne",
                   "put it in a safe place; backups made before still need the old one"));
    return EXIT_DONE;
}

/* False: it is none of these, with that many words. */
static bool about_api(struct operating *o)
{
    const struct invocation *in = o->in;
    const char *what = in->noperands ? in->operands[0] : "", *whom = in->noperands == 2 ? in->operands[1] : NULL;

    if (strcmp(what, "list") == 0 && !whom)
        o->code = key_api_list(o);
    else if (strcmp(what, "api") == 0 && whom)
        o->code = operate_store(o, false) ? key_api_make_for(o, whom) : o->code;
    else if (strcmp(what, "revoke") == 0 && whom)
        o->code = operate_store(o, false) ? key_api_revoke(o, whom) : o->code;
    else
        return false;
    return true;
}

static enum exit_code key_run(struct invocation *in)
{
    struct operating o;

    if (in->noperands == 1 && strcmp(in->operands[0], "api") == 0)
        return key_api_make(in);
    if (operate_open(&o, in)) {
        bool api = about_api(&o);

        if (!api && (in->noperands != 1 || strcmp(in->operands[0], "rotate") != 0)) {
            complain(in, "« rotate », « api », « list » ou « revoke » est attendu",
                     "\"rotate\", \"api\", \"list\" or \"revoke\" is expected",
                     in->noperands ? in->operands[0] : NULL);
            o.code = EXIT_USAGE;
        } else if (!api && operate_store(&o, false)) {
            o.code = rotate(&o);
        }
    }
    operate_close(&o);
    return o.code;
}

static const struct option_word options[] = {
    CONFIG_OPTION,
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb key_verb = {
    .name = "key",
    .operands = "rotate | api [PARTNER] | list | revoke DIGEST",
    .fr = "rotate : change la clé du magasin et rescelle tout, le démon tournant ; api, list, revoke : les clés "
          "des partenaires",
    .en = "rotate: changes the key of the store and seals all anew, the daemon running; api, list, revoke: keys "
          "of partners",
    .example = "passerelle key rotate -c gateway.conf",
    .options = options,
    .max_operands = 2,
    .run = key_run,
};
