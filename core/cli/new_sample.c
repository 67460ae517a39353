/* SPDX-License-Identifier: EUPL-1.2 */
/* The sample of a new flow: which format it is of, and what that format makes of it. */
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/new_flow.h"
#include "detect/detect.h"
#include "store/durable.h"

/* A folder beside conf.d: nobody uses it before somebody has read it and put it among the others. */
static void propose(struct new_flow *n, const char *path)
{
    struct operating *o = n->o;
    const char *slash = strrchr(o->conf.path.ptr, '/'), *name = option_value(n->in, "name");
    const char *above =
        arena_format(&o->arena, "%.*s/formats", (int)(slash - o->conf.path.ptr), o->conf.path.ptr);
    const char *folder;
    int fd = -1;

    if (!name || !conf_name_good(str_of(name)))
        name = say(n->in, "nouveau", "new");
    folder = above ? arena_format(&o->arena, "%s/%s", above, name) : NULL;
    if (!folder || durable_folder(above, 0755, &fd) != GW_OK) {
        complain(n->in, "ce dossier ne peut être créé", "this folder cannot be made", above);
        n->code = EXIT_WORLD;
        return;
    }
    (void)close(fd);
    n->code = infer_into(n->in, &o->engine, path, folder, &o->printer.sink);
    if (n->code != EXIT_DONE)
        return;
    n->code = EXIT_STREAM;
    printf("%s %s\n", say(n->in, "format proposé, à relire :", "a format is proposed, to be read over:"),
           folder);
    printf("%s cp -r %s %.*s/, %s --format %s\n",
           say(n->in, "aucun flux n'a été écrit ; ensuite :", "no flow was written; next:"), folder,
           STR_ARG(o->engine.formats), say(n->in, "puis la même commande avec", "then the same command with"),
           name);
}

static enum answer found(struct new_flow *n, const char *path, const struct detected *d)
{
    switch (d->state) {
    case DETECT_KNOWN:
        n->found_format = d->best->format->name;
        n->found_profile = d->best->profile ? d->best->profile->name : (struct gw_str){NULL, 0};
        return ANSWER_GOOD;
    case DETECT_AMBIGUOUS:
        if (n->asks)
            return ANSWER_GOOD;
        complain(n->in, "dire duquel avec --format", "say which with --format", path);
        return ANSWER_AGAIN;
    case DETECT_UNKNOWN:
        propose(n, path);
        return ANSWER_STOP;
    }
    return ANSWER_STOP;
}

enum answer new_sample_good(struct new_flow *n, const char *path)
{
    struct operating *o = n->o;
    struct detector d;
    struct detected *all;
    size_t count = 0;

    if (access(path, R_OK) != 0) {
        complain(n->in, "ce fichier n'existe pas ou n'est pas lisible",
                 "this file does not exist or cannot be read", path);
        return ANSWER_AGAIN;
    }
    if (option_value(n->in, "format"))
        return ANSWER_GOOD;
    if (detector_open(&d, &o->engine, &o->arena) != GW_OK ||
        detect_file(&d, path, &o->printer.sink, &all, &count) != GW_OK)
        return ANSWER_AGAIN;
    if (!count) {
        complain(n->in, "ce fichier est vide", "this file is empty", path);
        return ANSWER_AGAIN;
    }
    detect_print(n->in, stdout, all, false);
    return found(n, path, all);
}

const char *new_sample_profile(const struct new_flow *n)
{
    struct operating *o = n->o;
    const struct profile *p = NULL;
    const char *name = NULL;
    struct codec codec = {0};
    struct gw_str none = {NULL, 0};

    if (codec_open(&codec, &o->engine, str_of(n->values[WISH_FORMAT]), none, &o->printer.sink) == GW_OK)
        p = detect_profile(&codec, &o->arena, n->values[WISH_SAMPLE], none);
    if (p)
        name = arena_text(&o->arena, p->name);
    codec_close(&codec);
    return name;
}

enum exit_code new_sample_try(struct new_flow *n)
{
    if (!n->values[WISH_SAMPLE] || new_is_out(n))
        return EXIT_DONE;
    (void)fflush(stdout);
    return validate_sample(n->in, n->values[WISH_FORMAT], n->values[WISH_PROFILE], n->values[WISH_SAMPLE]);
}
