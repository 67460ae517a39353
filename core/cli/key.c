/* SPDX-License-Identifier: EUPL-1.2 */
/* key: a new master key, beside a running daemon; the key of a partner. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/operate.h"
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

#define API_KEY 32 /* bytes by chance */

/* Shown once, and kept nowhere: the configuration has its digest. */
static enum exit_code make_api_key(const struct invocation *in)
{
    static const char prefix[] = "psk_";
    uint8_t chance[API_KEY], digest[32];
    char key[sizeof(prefix) + 2 * API_KEY], shown[65];

    if (getrandom(chance, sizeof(chance), 0) != sizeof(chance))
        return EXIT_WORLD;
    memcpy(key, prefix, sizeof(prefix));
    for (size_t i = 0; i < API_KEY; i++)
        (void)snprintf(key + sizeof(prefix) - 1 + 2 * i, 3, "%02x", chance[i]);
    store_digest(str_of(key), digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        (void)snprintf(shown + 2 * i, 3, "%02x", digest[i]);
    if (in->json)
        printf("{\"key\":\"%s\",\"digest\":\"sha256:%s\"}\n", key, shown);
    else
        printf("%s\n  %s\n%s\n  api_keys = ( \"sha256:%s\" );\n",
               say(in, "la clé, montrée cette seule fois, pour le partenaire :",
                   "the key, shown this once, for the partner:"),
               key,
               say(in, "et son empreinte, pour le partenaire dans gateway.conf :",
                   "and its digest, for the partner in gateway.conf:"),
               shown);
    explicit_bzero(key, sizeof(key));
    explicit_bzero(chance, sizeof(chance));
    return EXIT_DONE;
}

static enum exit_code key_run(struct invocation *in)
{
    struct operating o;

    if (in->noperands == 1 && strcmp(in->operands[0], "api") == 0)
        return make_api_key(in);
    if (operate_open(&o, in)) {
        if (in->noperands != 1 || strcmp(in->operands[0], "rotate") != 0) {
            complain(in, "« key rotate » ou « key api » est attendu",
                     "\"key rotate\" or \"key api\" is expected", in->noperands ? in->operands[0] : NULL);
            o.code = EXIT_USAGE;
        } else if (operate_store(&o, false)) {
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
    .operands = "rotate|api",
    .fr = "rotate : change la clé du magasin et rescelle tout, le démon tournant ; api : fait la clé d'un "
          "partenaire",
    .en = "rotate: changes the key of the store and seals all anew, the daemon running; api: makes a partner's "
          "key",
    .example = "passerelle key rotate -c gateway.conf",
    .options = options,
    .max_operands = 1,
    .run = key_run,
};
