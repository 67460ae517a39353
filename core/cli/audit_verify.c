/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/audit_verify.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "gateway/heads.h"
#include "store/audit.h"

struct beside {
    int64_t broken;
    bool there; /* the entry itself */
};

static bool look(void *to, const struct audit_entry *e)
{
    struct beside *b = to;

    b->there = e->id == b->broken;
    return false;
}

/* What was done to it, as far as can be told: an entry is there and does not fit, or it is not there. */
static void broken_print(struct operating *o, int64_t broken)
{
    struct beside b = {.broken = broken};
    const char *how;

    if (audit_behind(o->store, broken - 1, &o->arena, look, &b) != GW_OK)
        b.there = true;
    how = b.there ? say(o->in, "elle a été modifiée, ou celles d'avant retirées",
                        "it was changed, or those before it taken out")
                  : say(o->in, "la fin a été coupée", "the end was cut off");
    fprintf(stderr, "%s %lld: %s\n",
            say(o->in, "la chaîne est rompue à l'entrée", "the chain is broken at entry"), (long long)broken,
            how);
}

enum exit_code audit_chain(struct operating *o)
{
    int64_t broken = 0;
    enum gw_result result = audit_verify(o->store, &broken);

    if (result == GW_REJECT)
        broken_print(o, broken);
    return result == GW_OK ? EXIT_DONE : result == GW_REJECT ? EXIT_REJECTS : EXIT_WORLD;
}

static bool shown_read(struct operating *o, const char *path, uint8_t ret[SIGN_PUBLIC])
{
    if (path && sign_shown(path, ret) == GW_OK)
        return true;
    complain(o->in, "--public-key FICHIER est attendu : la moitié publique de la clé, ed25519:HEX",
             "--public-key FILE is expected: the public half of the key, ed25519:HEX", path);
    return false;
}

static enum exit_code heads_compare(struct operating *o, const char *folder, const uint8_t shown[SIGN_PUBLIC])
{
    uint64_t heads = 0, faults = 0;
    enum gw_result result = heads_check(o->store, folder, shown, &o->printer.sink, &heads, &faults);

    if (result == GW_RETRY || (result == GW_OK && !heads)) {
        complain(o->in, "aucune tête signée dans ce dossier", "no signed head in that folder", folder);
        return EXIT_USAGE;
    }
    if (result == GW_OK && !faults)
        printf("%llu %s\n", (unsigned long long)heads,
               say(o->in, "têtes signées : le journal est celui de leurs jours",
                   "signed heads: the trail is that of their days"));
    return result != GW_OK ? EXIT_WORLD : faults ? EXIT_REJECTS : EXIT_DONE;
}

static enum exit_code signed_check(struct operating *o, const char *path, const uint8_t shown[SIGN_PUBLIC])
{
    struct gw_str body;
    struct buf text;
    enum gw_result result;

    buf_init(&text, (size_t)64 << 20);
    result = buf_read_file(&text, path);
    if (result == GW_OK)
        result = sign_check(shown, buf_view(&text), &body);
    if (result == GW_OK)
        fwrite(body.ptr, 1, body.len, stdout);
    else
        complain(o->in, "ce fichier n'est pas ce qui fut signé", "this file is not what was signed", path);
    buf_done(&text);
    return result == GW_OK ? EXIT_DONE : EXIT_REJECTS;
}

enum exit_code audit_verify_run(struct operating *o)
{
    const char *heads = option_value(o->in, "heads"), *proof = option_value(o->in, "proof");
    enum exit_code code = audit_chain(o), more = EXIT_DONE;
    uint8_t shown[SIGN_PUBLIC];
    int64_t last = 0;

    if (code == EXIT_DONE && audit_last(o->store, &last) == GW_OK)
        printf("%lld %s\n", (long long)last,
               say(o->in, "entrées, la chaîne est entière", "entries, the chain is whole"));
    if ((heads || proof) && !shown_read(o, option_value(o->in, "public-key"), shown))
        return EXIT_USAGE;
    if (heads)
        more = heads_compare(o, heads, shown);
    if (more > code)
        code = more;
    if (proof)
        more = signed_check(o, proof, shown);
    return more > code ? more : code;
}

enum exit_code audit_head_run(struct operating *o)
{
    char name[32] = "";
    enum gw_result result = heads_write(o->store, o->conf.state.ptr, name);

    if (result == GW_OK || result == GW_END)
        printf("%.*s/heads/%s\n", STR_ARG(o->conf.state), name);
    else
        complain(o->in, "la tête signée ne peut être écrite", "the signed head cannot be written",
                 o->conf.state.ptr);
    return result == GW_OK || result == GW_END ? EXIT_DONE : EXIT_WORLD;
}
