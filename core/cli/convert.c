/* SPDX-License-Identifier: EUPL-1.2 */
/* convert and validate: the same run, with and without a target. */
#include "pipeline/convert.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/cli.h"
#include "detect/detect.h"
#include "schema/canon.h"

#define AUTO  "auto" /* as a format: the one that the file has */
#define FIRST 3      /* diagnostics of one code, of a sample */
#define SHOWN 20     /* diagnostics of one code, where a file is written; `validate` shows all */

struct progress {
    const struct invocation *in;
    bool shown;
    struct timespec last;
};

/* At most five times a second, on a terminal, after the first second. */
static void progress(void *context, const struct law *law)
{
    struct progress *p = context;
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!p->last.tv_sec)
        p->last = now;
    if ((now.tv_sec - p->last.tv_sec) * 1000 + (now.tv_nsec - p->last.tv_nsec) / 1000000 <
        (p->shown ? 200 : 1000))
        return;
    p->last = now;
    p->shown = true;
    fprintf(stderr, "\r%s %llu", say(p->in, "enregistrements lus :", "records read:"),
            (unsigned long long)law->read);
    if (law->rejected)
        fprintf(stderr, ", %s %llu", say(p->in, "rejetés :", "rejected:"), (unsigned long long)law->rejected);
}

static void summary_json(const struct law *law)
{
    fprintf(stderr,
            "{\"read\":%llu,\"written\":%llu,\"filtered\":%llu,\"rejected\":%llu,\"resources\":%llu,"
            "\"records\":%llu,"
            "\"files\":%llu,\"law\":%s}\n",
            (unsigned long long)law->read, (unsigned long long)law->written, (unsigned long long)law->filtered,
            (unsigned long long)law->rejected, (unsigned long long)law->resources,
            (unsigned long long)law->natives, (unsigned long long)law->files,
            law_holds(law) ? "true" : "false");
}

static void summary(const struct invocation *in, const struct law *law, bool convert)
{
    if (in->json) {
        summary_json(law);
        return;
    }
    fprintf(stderr, "%s %llu = %s %llu + %s %llu + %s %llu%s\n", say(in, "lus", "read"),
            (unsigned long long)law->read, convert ? say(in, "écrits", "written") : say(in, "bons", "good"),
            (unsigned long long)law->written, say(in, "filtrés", "filtered"), (unsigned long long)law->filtered,
            say(in, "rejetés", "rejected"), (unsigned long long)law->rejected,
            law_holds(law) ? "" : say(in, " : NE TOMBE PAS JUSTE", ": DOES NOT BALANCE"));
    fprintf(stderr, "%s %llu", say(in, "ressources", "resources"), (unsigned long long)law->resources);
    if (convert)
        fprintf(stderr, ", %s %llu", say(in, "enregistrements écrits", "records of the target"),
                (unsigned long long)law->natives);
    fputc('\n', stderr);
}

static struct gw_str base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return str_of(slash ? slash + 1 : path);
}

static struct gw_str given(const struct invocation *in, const char *name)
{
    return str_of(option_value(in, name));
}

static enum exit_code usage(const struct invocation *in, const char *fr, const char *en, const char *about)
{
    complain(in, fr, en, about);
    fprintf(stderr, "  %s\n", in->verb->example);
    return EXIT_USAGE;
}

/* What can be said before anything is opened; EXIT_DONE: nothing. */
static enum exit_code check_usage(const struct invocation *in, bool convert)
{
    const char *out = option_value(in, "output");
    struct gw_str date = given(in, "date");
    struct stat st;
    int32_t days;

    if (!option_value(in, convert ? "from" : "format"))
        return usage(in, "il faut dire de quel format (ou auto ; passerelle detect dit pourquoi)",
                     "say from which format (or auto; passerelle detect says why)",
                     convert ? "--from" : "--format");
    if (convert && !option_value(in, "to"))
        return usage(in, "il faut dire vers quel format", "say to which format", "--to");
    if (date.ptr && !date_days(date, &days))
        return usage(in, "date attendue : AAAA-MM-JJ", "date expected: YYYY-MM-DD", date.ptr);
    if (out && out[0] && out[strlen(out) - 1] == '/' && (stat(out, &st) != 0 || !S_ISDIR(st.st_mode)))
        return usage(in, "ce dossier n'existe pas", "no such folder", out);
    return EXIT_DONE;
}

struct run {
    struct engine engine;
    struct codec from, to;
    struct printer printer;
    struct input input;
    struct rejects *rejects;
    struct conversion_job job;
    struct progress progress;
    struct law law;
    struct gw_str format, profile; /* of the input */
    bool convert, input_open;
};

static void fill_job(struct run *r, const struct invocation *in)
{
    const char *out = option_value(in, "output"), *from = in->noperands ? in->operands[0] : "-";

    r->job.from = &r->from;
    r->job.to = r->convert ? &r->to : NULL;
    r->job.rejects = r->rejects;
    r->job.source = (struct source_options){.name = base_name(from),
                                            .date = given(in, "date"),
                                            .encoding = given(in, "encoding"),
                                            .keep_raw = rejects_kept(r->rejects)};
    r->job.outlet = (struct outlet_options){
        .path = out ? out : "-", .date = given(in, "date"), .resource = given(in, "resource")};
    r->progress.in = in;
    if (isatty(STDERR_FILENO) && !in->json) {
        r->job.progress = progress;
        r->job.context = &r->progress;
    }
}

/* A file that has the sign of another profile than the default one is read by that. */
static enum gw_result open_source(struct run *r, const struct invocation *in)
{
    struct sink *sink = &r->printer.sink;
    const struct profile *found = NULL;
    enum gw_result result = codec_open(&r->from, &r->engine, r->format, r->profile, sink);

    if (result == GW_OK && !r->profile.ptr && in->noperands && strcmp(in->operands[0], "-") != 0)
        found = detect_profile(&r->from, &r->engine.arena, in->operands[0], given(in, "password"));
    if (!found || found == r->from.profile)
        return result;
    r->profile = arena_copy(&r->engine.arena, found->name);
    codec_close(&r->from);
    if (!in->json)
        fprintf(stderr, "%s %.*s\n", say(in, "profil reconnu :", "profile recognised:"), STR_ARG(r->profile));
    return codec_open(&r->from, &r->engine, r->format, r->profile, sink);
}

static enum gw_result open_codecs(struct run *r, struct invocation *in)
{
    struct sink *sink = &r->printer.sink;
    struct gw_str none = {NULL, 0};
    enum gw_result result = open_source(r, in);

    if (result == GW_OK && r->convert)
        result =
            codec_open(&r->to, &r->engine, given(in, "to"), r->convert ? given(in, "to-profile") : none, sink);
    return result;
}

static enum gw_result open_streams(struct run *r, struct invocation *in)
{
    struct reject_options options = {&r->engine.catalogue, in->lang, false, &r->printer.sink};
    struct input_options io = {
        .sink = &r->printer.sink, .password = given(in, "password"), .plugin = r->from.plugin};
    enum gw_result result = rejects_open(&r->engine.arena, option_value(in, "rejects"), &options, &r->rejects);

    if (result != GW_OK)
        return result;
    r->input_open = true;
    return input_open_path(&r->input, in->noperands ? in->operands[0] : "-", &io);
}

/* A format that does not exist is not the same as one that is faulty. */
static enum exit_code unusable(struct run *r, const struct invocation *in)
{
    static const char *const words[] = {"from", "format", "to"};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        const char *name = option_value(in, words[i]);
        const char *path = name && strcmp(name, AUTO) != 0
                               ? arena_format(&r->engine.arena, "%.*s/%s", STR_ARG(r->engine.formats), name)
                               : NULL;

        if (path && access(path, F_OK) != 0)
            return EXIT_STREAM;
    }
    return EXIT_USAGE;
}

static void out_of_balance(struct run *r)
{
    char rooms[4][20];
    struct gw_arg args[] = {{"read", gw_digits(r->law.read, rooms[0])},
                            {"written", gw_digits(r->law.written, rooms[1])},
                            {"filtered", gw_digits(r->law.filtered, rooms[2])},
                            {"rejected", gw_digits(r->law.rejected, rooms[3])}};
    struct diag d = {.severity = GW_ERROR, .code = "law.balance", .byte = UINT64_MAX, .args = args, .nargs = 4};

    r->printer.sink.put(&r->printer.sink, &d);
}

/* Written all the same: a partner may take it, or its own schema may ask for at least one. */
static void nothing_written(struct run *r)
{
    struct diag d = {.severity = GW_WARNING, .code = "output.empty", .byte = UINT64_MAX};

    r->printer.sink.put(&r->printer.sink, &d);
}

/* The format that was named, or for `auto` the one that the file has. */
static enum exit_code choose(struct run *r, const struct invocation *in)
{
    r->format = given(in, r->convert ? "from" : "format");
    r->profile = given(in, "profile");
    if (!str_is(r->format, AUTO))
        return EXIT_DONE;
    if (!in->noperands || strcmp(in->operands[0], "-") == 0)
        return usage(in, "auto lit le fichier deux fois : donner son nom", "auto reads the file twice: name it",
                     NULL);
    return detect_choose(in, &r->engine, in->operands[0], &r->printer.sink, &r->format, &r->profile);
}

static enum exit_code work(struct run *r, struct invocation *in)
{
    enum exit_code chosen = choose(r, in);
    enum gw_result result = chosen == EXIT_DONE ? open_codecs(r, in) : GW_OK, closed;

    if (chosen != EXIT_DONE)
        return chosen;
    if (result != GW_OK)
        return result == GW_FAIL ? unusable(r, in) : EXIT_WORLD;
    result = open_streams(r, in);
    if (result != GW_OK)
        return exit_of(result, false);
    fill_job(r, in);
    result = convert_run(&r->job, &r->input, &r->law);
    if (r->progress.shown)
        fputc('\n', stderr);
    if (result == GW_OK && r->convert && !r->law.natives && !r->law.read)
        nothing_written(r);
    closed = rejects_close(r->rejects, true);
    r->rejects = NULL;
    printer_rest(&r->printer);
    if (result == GW_FATAL && !r->printer.errors)
        complain(in, "mémoire épuisée, ou une limite atteinte", "out of memory, or a limit was reached", NULL);
    summary(in, &r->law, r->convert);
    if (result == GW_OK && !law_holds(&r->law)) {
        out_of_balance(r);
        result = GW_FAIL;
    }
    return exit_of(result == GW_OK ? closed : result, r->law.rejected > 0 || r->printer.errors > 0);
}

/* `most` diagnostics of one code are shown; 0: all. */
static enum exit_code run(struct invocation *in, bool convert, uint64_t most)
{
    struct run *r;
    struct arena arena;
    enum exit_code code = check_usage(in, convert);

    if (code != EXIT_DONE)
        return code;
    arena_init(&arena, sizeof(*r) + 64, 0);
    r = arena_zero(&arena, sizeof(*r));
    if (!r)
        return EXIT_WORLD;
    r->convert = convert;
    printer_init(&r->printer, in, convert ? stderr : stdout, in->json);
    r->printer.most = in->json ? 0 : most;
    if (start_engine(in, &r->engine, &r->printer.sink) != GW_OK)
        code = EXIT_USAGE;
    else
        code = work(r, in);
    if (r->rejects && rejects_close(r->rejects, false) != GW_OK && code < EXIT_WORLD)
        code = EXIT_WORLD;
    if (r->input_open)
        input_close(&r->input);
    codec_close(&r->from);
    codec_close(&r->to);
    engine_close(&r->engine);
    printer_done(&r->printer);
    arena_done(&arena);
    return code;
}

static enum exit_code convert_run_verb(struct invocation *in)
{
    return run(in, true, SHOWN);
}

static enum exit_code validate_run(struct invocation *in)
{
    return run(in, false, 0);
}

static const struct option_word convert_options[] = {
    {"from", 0, "FORMAT", "format de l'entrée, ou auto", "format of the input, or auto"},
    {"to", 0, "FORMAT", "format de la sortie", "format of the output"},
    {"output", 'o', "OUT", "fichier, dossier/ ou - (défaut)", "file, folder/ or - (default)"},
    {"rejects", 0, "FILE", "enregistrements rejetés, une ligne JSON chacun",
     "rejected records, one JSON line each"},
    {"date", 0, "YYYY-MM-DD", "jour de référence", "reference day"},
    {"resource", 0, "TYPE", "n'écrire que ce type (formats pivot)", "write only this type (pivot formats)"},
    {"profile", 0, "NAME", "profil de l'entrée", "profile of the input"},
    {"to-profile", 0, "NAME", "profil de la sortie", "profile of the output"},
    {"encoding", 0, "NAME", "jeu de caractères de l'entrée", "character set of the input"},
    {"password", 0, "TEXT", "mot de passe d'une archive zip", "password of a zip archive"},
    {NULL, 0, NULL, NULL, NULL},
};

static const struct option_word validate_options[] = {
    {"format", 0, "FORMAT", "format de l'entrée, ou auto", "format of the input, or auto"},
    {"date", 0, "YYYY-MM-DD", "jour de référence", "reference day"},
    {"profile", 0, "NAME", "profil de l'entrée", "profile of the input"},
    {"encoding", 0, "NAME", "jeu de caractères de l'entrée", "character set of the input"},
    {"password", 0, "TEXT", "mot de passe d'une archive zip", "password of a zip archive"},
    {"rejects", 0, "FILE", "enregistrements rejetés, une ligne JSON chacun",
     "rejected records, one JSON line each"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb convert_verb = {
    .name = "convert",
    .operands = "[IN]",
    .fr = "traduit un fichier d'un format vers un autre",
    .en = "translates a file from one format to another",
    .example = "passerelle convert --from cnaf-rsa --to ndjson -o beneficiaires.ndjson CG059.RSABEM.xml",
    .options = convert_options,
    .max_operands = 1,
    .run = convert_run_verb,
};

const struct verb validate_verb = {
    .name = "validate",
    .operands = "[IN]",
    .fr = "dit ce qui ne va pas dans un fichier, sans rien écrire",
    .en = "says what is wrong in a file, and writes nothing",
    .example = "passerelle validate --format asp-fiche-salarie RIAE_FS_20260901085500.json",
    .options = validate_options,
    .max_operands = 1,
    .run = validate_run,
};

static void value_set(struct invocation *in, const char *option, const char *value)
{
    for (int i = 0; in->verb->options[i].name; i++)
        if (strcmp(in->verb->options[i].name, option) == 0)
            in->values[i] = value;
}

enum exit_code validate_sample(const struct invocation *in, const char *format, const char *profile,
                               const char *path)
{
    char *operands[] = {(char *)path};
    struct invocation own = {.verb = &validate_verb,
                             .lang = in->lang,
                             .json = in->json,
                             .operands = operands,
                             .noperands = 1,
                             .home = in->home};

    value_set(&own, "format", format);
    value_set(&own, "profile", profile);
    return run(&own, false, FIRST);
}
