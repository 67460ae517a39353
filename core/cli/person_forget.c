/* SPDX-License-Identifier: EUPL-1.2 */
/* person forget: what would go, or with --confirm its going and the signed proof. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/str.h"
#include "cli/person.h"
#include "gateway/erasure.h"
#include "gateway/gateway.h"
#include "store/durable.h"
#include "store/sign.h"

static void line(const struct invocation *in, uint64_t n, const char *fr, const char *en)
{
    printf("%8llu  %s\n", (unsigned long long)n, say(in, fr, en));
}

static void totals(const struct invocation *in, const struct erasure *e)
{
    line(in, e->nresources, "ressources, avec toutes leurs versions", "resources, with all their versions");
    line(in, e->nitems, "ressources d'autres, dont ce qui est d'elle",
         "resources of others, what is theirs in them");
    line(in, e->nversions, "versions", "versions");
    line(in, e->nunits, "enregistrements qui en parlent", "records that speak of them");
    line(in, e->nrejects, "textes de rejets", "texts of rejects");
    line(in, e->nfiles, "fichiers du spool, qui parlent aussi d'autres",
         "files of the spool, which speak of others too");
}

#define MENTIONS_SHOWN 50

/* Where to look, never what stands there. */
static void mentions(const struct invocation *in, const struct mentions *found)
{
    uint64_t shown = 0;

    line(in, found->count, "textes d'autres où son nom ou un numéro est écrit, qui restent : à juger",
         "texts of others where their name or a number is written, which stay: to be judged");
    for (const struct mention *m = found->first; m && shown < MENTIONS_SHOWN; m = m->next, shown++)
        printf("  %s %lld (%.*s) : %.*s, v%u\n", say(in, "reste : ressource", "stays: resource"),
               (long long)m->resource, STR_ARG(m->type), STR_ARG(m->path), m->version);
    if (shown < found->count)
        printf("  ... (%s)\n", say(in, "toutes dans la preuve", "all of them in the proof"));
    printf("  %s %llu\n",
           say(in, "versions de ressources regardées pour cela :", "versions of resources looked at for that:"),
           (unsigned long long)found->looked);
}

static void stays(const struct invocation *in, const struct erasure *e)
{
    for (const struct erasure_file *f = e->files; f; f = f->next)
        if (f->stays != STAYS_NOT)
            printf("  %s %lld (%.*s): %s\n", say(in, "reste : échange", "stays: exchange"),
                   (long long)f->exchange, STR_ARG(f->flow),
                   f->stays == STAYS_NAME
                       ? say(in, "le nom du fichier", "the name of the file")
                       : say(in, "pas fini ; elle y sera passée sous silence, le fichier part à son terme",
                             "not over; they are passed over in it, the file goes at its end"));
    for (const struct erasure_delivery *k = e->deliveries; k; k = k->next)
        printf("  %s %.*s, %s %lld\n", say(in, "à prévenir : le destinataire de", "to be told: who gets"),
               STR_ARG(k->d.flow), say(in, "échange", "exchange"), (long long)k->d.exchange);
    printf("  %s\n", say(in, "restent aussi : les sauvegardes faites avant, jusqu'à leur terme",
                         "stay too: backups made before, until their end"));
}

static enum gw_result proof_write(struct person_run *p, const struct erasure *e)
{
    const char *asked = option_value(p->o.in, "proof");
    char *path = asked ? arena_text(&p->o.arena, str_of(asked))
                       : arena_format(&p->o.arena, "%.*s/proofs/person-%lld.json", STR_ARG(p->o.conf.state),
                                      (long long)e->entry);
    int state = open(p->o.conf.state.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC), folder = -1;
    struct signer key = {0};
    struct buf text;
    char *slash = path ? strrchr(path, '/') : NULL;
    enum gw_result result = path && state >= 0 ? sign_open(state, true, &key) : GW_RETRY;

    buf_init(&text, (size_t)256 << 20);
    erasure_proof(e, &text);
    if (result == GW_OK)
        result = sign_text(&key, &text);
    if (slash)
        *slash = '\0';
    if (result == GW_OK)
        result = durable_folder(slash ? path : ".", 0700, &folder);
    if (result == GW_OK)
        result = durable_put(folder, slash ? slash + 1 : path, 0600, text.data, text.len);
    if (slash)
        *slash = '/';
    if (result == GW_OK)
        printf("%s %s\n", say(p->o.in, "preuve signée :", "signed proof:"), path);
    if (folder >= 0)
        (void)close(folder);
    if (state >= 0)
        (void)close(state);
    sign_close(&key);
    buf_done(&text);
    return result;
}

/* What the daemon is about to write has no exchange yet. */
static bool at_work(struct person_run *p)
{
    struct buf answer;
    yyjson_doc *doc;
    bool busy;

    buf_init(&answer, (size_t)1 << 20);
    doc = control_say(p->o.conf.state.ptr, "status", &answer) == GW_OK ? yyjson_read(answer.data, answer.len, 0)
                                                                       : NULL;
    busy = yyjson_get_uint(yyjson_obj_get(yyjson_doc_get_root(doc), "jobs")) > 0;
    yyjson_doc_free(doc);
    buf_done(&answer);
    return busy;
}

static enum exit_code try_again(struct person_run *p)
{
    complain(p->o.in, "le démon est au travail : recommencer dans un moment ; rien n'est effacé",
             "the daemon is at work: try again in a moment; nothing was forgotten", NULL);
    return EXIT_WORLD;
}

static enum exit_code confirmed(struct person_run *p, struct erasure *e)
{
    enum gw_result result;

    if (e->at_work || at_work(p))
        return try_again(p);
    operate_actor(&p->o);
    result = erasure_do(e);
    if (result == GW_REJECT)
        return try_again(p);
    if (e->entry) /* done, whatever the disk says of the rest */
        printf("%s (%s)\n", say(p->o.in, "effacé", "forgotten"), e->subject);
    if (e->entry && proof_write(p, e) != GW_OK)
        result = GW_RETRY;
    if (result != GW_OK && e->entry)
        complain(p->o.in,
                 "des fichiers n'ont pu être effacés ou la preuve écrite : voir le disque, puis fsck --repair",
                 "files could not be removed or the proof written: see to the disk, then fsck --repair", NULL);
    return result == GW_OK ? EXIT_DONE : EXIT_WORLD;
}

enum exit_code person_forget_run(struct person_run *p)
{
    struct erasure e = {.d = &p->d, .conf = &p->o.conf};
    enum gw_result result = erasure_find(&e);

    if (result != GW_OK)
        return EXIT_WORLD;
    if (!person_is_known(p, e.rejects != NULL))
        return p->o.code;
    if (mentions_find(&p->d, &e.mentions) != GW_OK)
        return EXIT_WORLD;
    totals(p->o.in, &e);
    stays(p->o.in, &e);
    mentions(p->o.in, &e.mentions);
    if (option_value(p->o.in, "confirm"))
        return confirmed(p, &e);
    printf("%s\n", say(p->o.in, "rien n'est fait ; pour effacer : --confirm",
                       "nothing was done; to forget: --confirm"));
    return EXIT_DONE;
}
