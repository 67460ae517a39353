/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/key_api.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/gateway.h"
#include "store/audit.h"
#include "store/durable.h"

#define SHORT 16 /* digits of a digest that stand for it */

#define API_KEY 32 /* bytes by chance */

static enum exit_code make(const struct invocation *in, char shown[65])
{
    static const char prefix[] = "psk_";
    uint8_t chance[API_KEY], digest[32];
    char key[sizeof(prefix) + 2 * API_KEY];

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

enum exit_code key_api_make(const struct invocation *in)
{
    char digest[65];

    return make(in, digest);
}

static enum gw_result enter(struct operating *o, const char *action, struct gw_str partner,
                            struct gw_str digest)
{
    const char *subject = arena_format(&o->arena, "partner %.*s", STR_ARG(partner));
    const char *detail = arena_format(&o->arena, "sha256:%.*s", SHORT, digest.ptr);

    operate_actor(o);
    return subject && detail
               ? audit_add(o->store, (struct gw_str){NULL, 0}, str_of(action), str_of(subject), str_of(detail))
               : GW_FATAL;
}

enum exit_code key_api_make_for(struct operating *o, const char *partner)
{
    char digest[65];
    enum exit_code code;

    for (size_t i = 0; i < o->conf.npartners; i++) {
        if (!str_is(o->conf.partners[i].name, partner))
            continue;
        code = make(o->in, digest);
        if (code == EXIT_DONE && enter(o, "api_key.make", str_of(partner), str_of(digest)) != GW_OK)
            code = EXIT_WORLD;
        return code;
    }
    complain(o->in, "ce partenaire n'est pas dans gateway.conf", "this partner is not in gateway.conf",
             partner);
    return EXIT_USAGE;
}

static bool is_revoked(const struct gateway_conf *c, struct gw_str digest)
{
    for (size_t i = 0; i < c->revoked.count; i++)
        if (str_eq(c->revoked.items[i], digest))
            return true;
    return false;
}

enum exit_code key_api_list(const struct operating *o)
{
    const struct invocation *in = o->in;

    for (const struct partner *p = o->conf.partners; p < o->conf.partners + o->conf.npartners; p++)
        for (size_t k = 0; k < p->api_keys.count; k++) {
            struct gw_str digest = p->api_keys.items[k];
            bool revoked = is_revoked(&o->conf, digest);

            if (in->json)
                printf("{\"partner\":\"%.*s\",\"digest\":\"%.*s\",\"revoked\":%s}\n", STR_ARG(p->name),
                       STR_ARG(digest), revoked ? "true" : "false");
            else
                printf("%-20.*s %.*s  %s\n", STR_ARG(p->name), SHORT + 7, digest.ptr,
                       revoked ? say(in, "révoquée", "revoked") : "");
        }
    return EXIT_DONE;
}

/* ---- revoke ---- */

/* GW_END: none; GW_REJECT: several begin so. */
static enum gw_result find(const struct gateway_conf *c, struct gw_str digest,
                           const struct partner **ret_partner, struct gw_str *ret)
{
    enum gw_result result = GW_END;

    for (const struct partner *p = c->partners; p < c->partners + c->npartners; p++)
        for (size_t k = 0; k < p->api_keys.count; k++) {
            if (!str_begins(str_from(p->api_keys.items[k], 7), digest))
                continue;
            if (result == GW_OK && !str_eq(*ret, p->api_keys.items[k]))
                return GW_REJECT;
            *ret_partner = p;
            *ret = p->api_keys.items[k];
            result = GW_OK;
        }
    return result;
}

/* conf.d/revoked-DIGITS.conf; there already: fine. */
static enum gw_result write_it(struct operating *o, struct gw_str digest)
{
    const char *slash = strrchr(o->conf.path.ptr, '/');
    const char *folder =
        arena_format(&o->arena, "%.*s/conf.d", (int)(slash - o->conf.path.ptr), o->conf.path.ptr);
    const char *name = arena_format(&o->arena, "revoked-%.*s.conf", SHORT, digest.ptr + 7);
    const char *text = arena_format(&o->arena, "revoked = ( \"%.*s\" );\n", STR_ARG(digest));
    struct durable d = {.fd = -1};
    int fd = -1;
    enum gw_result result = folder && name && text ? durable_folder(folder, 0755, &fd) : GW_FATAL;

    if (result == GW_OK)
        result = durable_create(&d, fd, name, 0644);
    if (result == GW_OK)
        result = durable_write(d.fd, text, strlen(text));
    if (result == GW_OK)
        result = durable_commit(&d);
    else if (d.fd >= 0)
        durable_abandon(&d);
    if (result == GW_OK)
        result = durable_sync(fd);
    if (fd >= 0)
        (void)close(fd);
    return result;
}

static enum exit_code revoke_it(struct operating *o, const struct partner *p, struct gw_str digest)
{
    struct buf answer;

    if (write_it(o, digest) != GW_OK) {
        complain(o->in, "conf.d ne peut être écrit ; ajouter soi-même à gateway.conf, dans `revoked`",
                 "conf.d cannot be written; add to gateway.conf yourself, in `revoked`", digest.ptr);
        return EXIT_WORLD;
    }
    if (enter(o, "api_key.revoke", p->name, str_from(digest, 7)) != GW_OK)
        return EXIT_WORLD;
    buf_init(&answer, 65536);
    if (control_say(o->conf.control.ptr, "reload", &answer) == GW_END && !o->in->json)
        printf("%s\n", say(o->in, "aucun démon ne tourne : vaut dès le prochain `passerelle run`",
                           "no daemon runs: holds from the next `passerelle run` on"));
    buf_done(&answer);
    return EXIT_DONE;
}

enum exit_code key_api_revoke(struct operating *o, const char *digest)
{
    struct gw_str given = str_of(digest), found = {NULL, 0};
    const struct partner *p = NULL;
    enum gw_result result;

    if (str_begins(given, GW_STR("sha256:")))
        given = str_from(given, 7);
    result = given.len >= 8 ? find(&o->conf, given, &p, &found) : GW_END;
    if (result == GW_OK)
        return revoke_it(o, p, found);
    complain(o->in,
             result == GW_REJECT ? "plusieurs clés commencent ainsi"
                                 : "aucune clé de cette empreinte (8 chiffres au moins ; `key list`)",
             result == GW_REJECT ? "several keys begin so"
                                 : "no key of that digest (8 digits at least; `key list`)",
             digest);
    return EXIT_USAGE;
}
