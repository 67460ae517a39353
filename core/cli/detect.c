/* SPDX-License-Identifier: EUPL-1.2 */
/* detect: which format a file is of, how sure, and why. */
#include "detect/detect.h"

#include <stdio.h>

#include "base/str.h"
#include "cli/cli.h"

static const char *word_of(const struct invocation *in, unsigned sure)
{
    if (sure >= SURE_CERTAIN)
        return say(in, "sûr", "certain");
    if (sure >= SURE_PROBABLE)
        return say(in, "probable", "probable");
    return sure >= SURE_POSSIBLE ? say(in, "possible", "possible") : say(in, "peu probable", "unlikely");
}

static const char *state_of(const struct detected *d)
{
    static const char *const words[] = {"known", "ambiguous", "unknown"};

    return words[d->state];
}

/* ---- JSON ---- */

static void json_reasons(const struct invocation *in, struct buf *b, const struct reasons *why)
{
    struct buf text;

    buf_init(&text, 65536);
    buf_text(b, ",\"why\":[");
    for (const struct reason *r = why->first; r; r = r->next) {
        const struct catalogue_entry *e = catalogue_find(&in->engine->catalogue, r->diag.code);

        buf_clear(&text);
        if (e)
            diag_render(&text, e->text[in->lang], &r->diag, true);
        buf_text(b, r == why->first ? "{\"code\":" : ",{\"code\":");
        buf_json(b, str_of(r->diag.code));
        buf_text(b, ",\"message\":");
        buf_json(b, buf_view(&text));
        buf_char(b, '}');
    }
    buf_char(b, ']');
    buf_done(&text);
}

static void json_text(struct buf *b, const char *key, struct gw_str text)
{
    buf_format(b, "\"%s\":", key);
    if (text.ptr)
        buf_json(b, text);
    else
        buf_text(b, "null");
}

static void json_candidate(const struct invocation *in, struct buf *b, const struct candidate *c)
{
    buf_char(b, '{');
    json_text(b, "format", c->format->name);
    buf_char(b, ',');
    json_text(b, "profile", c->profile ? c->profile->name : (struct gw_str){NULL, 0});
    buf_format(b, ",\"sure\":%u,\"word\":", c->sure);
    buf_json(b, str_of(word_of(in, c->sure)));
    json_reasons(in, b, &c->why);
    buf_char(b, '}');
}

static void print_json(const struct invocation *in, const struct detected *d)
{
    const struct candidate *best = d->state == DETECT_KNOWN ? d->best : NULL;
    struct gw_str none = {NULL, 0};
    struct buf b;

    buf_init(&b, (size_t)1 << 22);
    buf_char(&b, '{');
    json_text(&b, "file", d->file);
    buf_format(&b, ",\"state\":\"%s\",", state_of(d));
    json_text(&b, "format", best ? best->format->name : none);
    buf_char(&b, ',');
    json_text(&b, "profile", best && best->profile ? best->profile->name : none);
    buf_format(&b, ",\"sure\":%u,", best ? best->sure : 0);
    json_text(&b, "syntax", str_of(d->syntax));
    buf_char(&b, ',');
    json_text(&b, "encoding", str_of(d->encoding));
    json_reasons(in, &b, &d->why);
    buf_text(&b, ",\"candidates\":[");
    for (const struct candidate *c = d->best; c; c = c->next) {
        json_candidate(in, &b, c);
        buf_text(&b, c->next ? "," : "");
    }
    buf_text(&b, "]}\n");
    fwrite(b.data, 1, b.len, stdout);
    buf_done(&b);
}

/* ---- text ---- */

static void print_reasons(const struct invocation *in, FILE *to, const struct reasons *why)
{
    struct buf text;

    buf_init(&text, 65536);
    for (const struct reason *r = why->first; r; r = r->next) {
        const struct catalogue_entry *e = catalogue_find(&in->engine->catalogue, r->diag.code);

        buf_clear(&text);
        if (e)
            diag_render(&text, e->text[in->lang], &r->diag, true);
        if (r->diag.severity == GW_INFO)
            fprintf(to, "    %s\n", text.data);
        else
            fprintf(to, "    %s %s\n", r->diag.code, text.data);
    }
    buf_done(&text);
}

static void print_candidate(const struct invocation *in, FILE *to, const struct candidate *c)
{
    fprintf(to, "  %.*s", STR_ARG(c->format->name));
    if (c->profile)
        fprintf(to, " --profile %.*s", STR_ARG(c->profile->name));
    fprintf(to, ", %s (%u %%)\n", word_of(in, c->sure), c->sure);
    print_reasons(in, to, &c->why);
}

void detect_print(const struct invocation *in, void *file, const struct detected *d, bool all)
{
    FILE *to = file;
    const struct candidate *c = d->best;
    const struct candidate *last = d->state == DETECT_AMBIGUOUS ? c->next : c;

    fprintf(to, "%.*s:", STR_ARG(d->file));
    if (d->state == DETECT_KNOWN)
        fprintf(to, " %.*s\n", STR_ARG(c->format->name));
    else if (d->state == DETECT_AMBIGUOUS)
        fprintf(to, " %s\n",
                say(in, "ambigu, plusieurs formats conviennent", "ambiguous, several formats fit"));
    else
        fprintf(to, " %s\n", say(in, "format inconnu", "unknown format"));
    print_reasons(in, to, &d->why);
    if (d->state == DETECT_UNKNOWN && d->syntax)
        fprintf(to, "    %s\n",
                say(in, "passerelle infer propose un format pour un tel fichier",
                    "passerelle infer proposes a format for such a file"));
    if (d->state == DETECT_UNKNOWN && c)
        fprintf(to, "  %s\n", say(in, "le plus proche :", "the nearest:"));
    for (; c; c = c->next) {
        print_candidate(in, to, c);
        if (c == last && !all)
            break;
    }
}

/* ---- the run ---- */

static enum exit_code code_of(enum detect_state state)
{
    static const enum exit_code codes[] = {EXIT_DONE, EXIT_REJECTS, EXIT_STREAM};

    return codes[state];
}

static enum exit_code one(const struct invocation *in, struct detector *d, const char *path, struct sink *sink)
{
    struct detected *found;
    enum exit_code worst = EXIT_DONE;
    size_t n;
    enum gw_result r = detect_file(d, path, sink, &found, &n);

    for (size_t i = 0; i < n; i++) {
        if (in->json)
            print_json(in, &found[i]);
        else
            detect_print(in, stdout, &found[i], option_value(in, "all") != NULL);
        if (code_of(found[i].state) > worst)
            worst = code_of(found[i].state);
    }
    return r == GW_OK ? worst : exit_of(r, false);
}

enum exit_code detect_choose(const struct invocation *in, struct engine *e, const char *path, struct sink *sink,
                             struct gw_str *ret_format, struct gw_str *ret_profile)
{
    struct detector d;
    struct detected *found;
    size_t n = 0;
    enum gw_result r = detector_open(&d, e, &e->arena);

    d.password = str_of(option_value(in, "password"));
    if (r == GW_OK)
        r = detect_file(&d, path, sink, &found, &n);
    if (r != GW_OK || !n)
        return exit_of(r == GW_OK ? GW_FAIL : r, false);
    if (found->state != DETECT_KNOWN) {
        detect_print(in, stderr, found, false);
        return EXIT_STREAM;
    }
    *ret_format = found->best->format->name;
    if (!ret_profile->ptr && found->best->profile)
        *ret_profile = found->best->profile->name;
    if (!in->json)
        fprintf(stderr, "%s %.*s (%u %%)\n", say(in, "format reconnu :", "format recognised:"),
                STR_ARG(*ret_format), found->best->sure);
    return EXIT_DONE;
}

static enum exit_code all(struct invocation *in, struct engine *e, struct sink *sink)
{
    enum exit_code worst = EXIT_DONE;
    struct detector d;

    if (detector_open(&d, e, &e->arena) != GW_OK)
        return EXIT_WORLD;
    d.password = str_of(option_value(in, "password"));
    for (int i = 0; i < in->noperands; i++) {
        struct arena arena; /* of what is found */
        enum exit_code code;

        arena_init(&arena, 65536, 0);
        d.arena = &arena;
        code = one(in, &d, in->operands[i], sink);
        worst = code > worst ? code : worst;
        arena_done(&arena);
    }
    return worst;
}

static enum exit_code run(struct invocation *in)
{
    struct engine e = {0};
    struct printer printer;
    enum exit_code code = EXIT_USAGE;

    if (!in->noperands) {
        complain(in, "il faut dire quel fichier", "say which file", NULL);
        return EXIT_USAGE;
    }
    printer_init(&printer, in, stderr, in->json);
    if (start_engine(in, &e, &printer.sink) == GW_OK)
        code = all(in, &e, &printer.sink);
    engine_close(&e);
    printer_done(&printer);
    return code;
}

static const struct option_word options[] = {
    {"all", 0, NULL, "tous les formats examinés qui ont quelque chose du fichier",
     "all formats looked at that have something of the file"},
    {"password", 0, "TEXT", "mot de passe d'une archive zip", "password of a zip archive"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb detect_verb = {
    .name = "detect",
    .operands = "FILE...",
    .fr = "dit de quel format est un fichier, avec quelle certitude et pourquoi (1 : ambigu, 3 : inconnu)",
    .en = "says which format a file is of, how sure, and why (1: ambiguous, 3: unknown)",
    .example = "passerelle detect --lang fr RECU/*.xml",
    .options = options,
    .max_operands = 1000,
    .run = run,
};
