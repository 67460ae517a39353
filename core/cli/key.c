/* SPDX-License-Identifier: EUPL-1.2 */
/* key: a new master key; backup: a copy of the store. Both beside a running daemon, both in the trail. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/str.h"
#include "cli/operate.h"
#include "store/audit.h"

static enum exit_code rotate(struct operating *o)
{
    enum gw_result result;

    operate_actor(o);
    result = store_rotate(o->store);
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

/* ---- backup ---- */

static enum exit_code copy(struct operating *o, const char *path)
{
    enum gw_result result = store_backup(o->store, path);

    if (result == GW_OK)
        result =
            audit_add(o->store, (struct gw_str){NULL, 0}, GW_STR("backup.make"), GW_STR("store"), GW_STR(""));
    if (result != GW_OK)
        return result == GW_FAIL ? EXIT_USAGE : EXIT_WORLD;
    if (o->in->json) {
        struct buf line;

        buf_init(&line, 65536);
        buf_text(&line, "{\"file\":");
        buf_json(&line, str_of(path));
        buf_text(&line, "}\n");
        fwrite(line.data, 1, line.len, stdout);
        buf_done(&line);
    } else {
        printf("%s %s\n  %s %.*s\n", say(o->in, "le magasin est copié dans", "the store is copied to"), path,
               say(o->in, "garder ailleurs, à part, la clé qui l'ouvre :",
                   "keep elsewhere, apart from it, the key that opens it:"),
               STR_ARG(o->conf.key));
    }
    return EXIT_DONE;
}

static enum exit_code backup_run(struct invocation *in)
{
    struct operating o;

    if (operate_open(&o, in)) {
        if (in->noperands != 1) {
            complain(in, "le nom du fichier à écrire est attendu", "the name of the file to write is expected",
                     NULL);
            o.code = EXIT_USAGE;
        } else if (operate_store(&o, false)) {
            operate_actor(&o);
            o.code = copy(&o, in->operands[0]);
        }
    }
    operate_close(&o);
    return o.code;
}

const struct verb backup_verb = {
    .name = "backup",
    .operands = "FILE",
    .fr = "copie le magasin tel qu'il est à cet instant, le démon tournant",
    .en = "copies the store as it is at this instant, the daemon running",
    .example = "passerelle backup /var/backups/passerelle-2026-11-28.db",
    .options = options,
    .max_operands = 1,
    .run = backup_run,
};
