/* SPDX-License-Identifier: EUPL-1.2 */
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "cli/cli.h"

static const struct verb *const verbs[] = {
    &convert_verb, &validate_verb, &detect_verb, &infer_verb,  &formats_verb, &nomenclatures_verb,
    &plugins_verb, &test_verb,     &check_verb,  &run_verb,    &status_verb,  &exchanges_verb,
    &show_verb,    &rejects_verb,  &replay_verb, &fetch_verb,  &send_verb,    &release_verb,
    &fsck_verb,    &reload_verb,   &worker_verb, &key_verb,    &backup_verb,  &store_verb,
    &audit_verb,   &diff_verb,     &new_verb,    &person_verb, &restore_verb, &purge_verb,
    &flows_verb,   &manual_verb};

#define VERBS (sizeof(verbs) / sizeof(*verbs))

const struct option_word common_options[] = {
    {"help", 'h', NULL, "cette aide", "this help"},
    {"lang", 0, "fr|en", "langue des messages", "language of messages"},
    {"json", 0, NULL, "sortie en JSON, une ligne par objet", "JSON output, one object a line"},
    {"schemas", 0, "DIR", "dossier des schémas", "folder of schemas"},
    {"plugins", 0, "DIR", "dossier des plugins", "folder of plugins"},
    {NULL, 0, NULL, NULL, NULL},
};

static enum lang lang_of_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const char *value = getenv(names[i]);

        if (value && *value)
            return strncmp(value, "fr", 2) == 0 ? LANG_FR : LANG_EN;
    }
    return LANG_EN;
}

static int option_count(const struct option_word *words)
{
    int n = 0;

    while (words && words[n].name)
        n++;
    return n;
}

/* Language first: even a wrong option is complained of in the right one. */
static void find_lang(struct invocation *in, int argc, char **argv)
{
    in->lang = lang_of_locale();
    for (int i = 1; i < argc; i++) {
        const char *value = NULL;

        if (strncmp(argv[i], "--lang=", 7) == 0)
            value = argv[i] + 7;
        else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
            value = argv[i + 1];
        in->lang_asked |= value != NULL;
        if (value)
            in->lang = strcmp(value, "fr") == 0 ? LANG_FR : LANG_EN;
    }
}

struct parser {
    struct option longs[CLI_VALUES + 8];
    const struct option_word *words[CLI_VALUES + 8];
    char letters[3 * (CLI_VALUES + 8) + 2];
    int n;
};

static void parser_add(struct parser *p, const struct option_word *w)
{
    char *end = p->letters + strlen(p->letters);

    p->words[p->n] = w;
    p->longs[p->n] = (struct option){w->name, w->value ? required_argument : no_argument, NULL, 256 + p->n};
    p->n++;
    if (!w->letter)
        return;
    *end++ = w->letter;
    if (w->value)
        *end++ = ':';
    *end = '\0';
}

static void parser_make(struct parser *p, const struct verb *verb)
{
    *p = (struct parser){.letters = ":"};
    for (const struct option_word *w = verb->options; w && w->name; w++)
        parser_add(p, w);
    for (const struct option_word *w = common_options; w->name; w++)
        if (option_count(verb->options) < CLI_VALUES)
            parser_add(p, w);
}

static void unknown_option(const struct invocation *in, const struct parser *p, const char *word)
{
    const char *names[CLI_VALUES + 8];
    const char *near;

    for (int i = 0; i < p->n; i++)
        names[i] = p->words[i]->name;
    while (*word == '-')
        word++;
    near = str_nearest(str_of(word), names, (size_t)p->n);
    complain(in, "option inconnue", "unknown option", word);
    if (near)
        fprintf(stderr, "  %s --%s\n", say(in, "vouliez-vous dire :", "did you mean:"), near);
}

/* -1: parsed; else the exit code. */
static int common_option(struct invocation *in, const struct option_word *w, const char *value)
{
    switch (w->name[0]) {
    case 'h':
        help_print(in, in->verb);
        return EXIT_DONE;
    case 'j':
        in->json = true;
        return -1;
    case 'l':
        if (strcmp(value, "fr") == 0 || strcmp(value, "en") == 0)
            return -1;
        complain(in, "langue inconnue (fr ou en)", "unknown language (fr or en)", value);
        return EXIT_USAGE;
    case 's':
        in->home.schemas = str_of(value);
        return -1;
    case 'p':
        in->home.plugins = str_of(value);
        return -1;
    }
    return -1;
}

/* A path would be the daemon's to open, not the operator's. */
static bool path_of_operator(struct invocation *in, const struct option_word *w, const char *value)
{
    const char *kind = w->value ? w->value : "";

    if (!in->behalf || strcmp(value ? value : "-", "-") == 0 ||
        (!strstr(kind, "FILE") && !strstr(kind, "DIR") && !strstr(kind, "FOLDER")))
        return false;
    complain(in,
             "le démon n'ouvre pas de fichier pour un opérateur ; donner - et rediriger (< FICHIER, > FICHIER)",
             "the daemon opens no file for an operator; give - and redirect (< FILE, > FILE)", w->name);
    return true;
}

static int parse(struct invocation *in, int argc, char **argv)
{
    struct parser p;
    int own = option_count(in->verb->options), c, index;

    parser_make(&p, in->verb);
    opterr = 0;
    optind = 0; /* a verb may be invoked by another */
    while ((c = getopt_long(argc, argv, p.letters, p.longs, NULL)) != -1) {
        if (c == '?' || c == ':') {
            unknown_option(in, &p, optind > 1 ? argv[optind - 1] : "");
            return EXIT_USAGE;
        }
        index = c - 256;
        for (int i = 0; c < 256 && i < p.n; i++)
            if (p.words[i]->letter == c)
                index = i;
        if (path_of_operator(in, p.words[index], optarg))
            return EXIT_USAGE;
        if (index < own) {
            in->values[index] = optarg ? optarg : "";
        } else {
            int code = common_option(in, p.words[index], optarg);

            if (code >= 0)
                return code;
        }
    }
    in->operands = argv + optind;
    in->noperands = argc - optind;
    if (in->noperands > in->verb->max_operands) {
        complain(in, "un argument de trop", "one argument too many", argv[optind + in->verb->max_operands]);
        return EXIT_USAGE;
    }
    return -1;
}

const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}

static enum exit_code no_verb(const struct invocation *in, const char *name)
{
    const char *names[VERBS];
    const char *near;

    for (size_t i = 0; i < VERBS; i++)
        names[i] = verbs[i]->name;
    near = str_nearest(str_of(name), names, VERBS);
    complain(in, "verbe inconnu", "unknown verb", name);
    if (near)
        fprintf(stderr, "  %s %s\n", say(in, "vouliez-vous dire :", "did you mean:"), near);
    fprintf(stderr, "  %s\n", say(in, "passerelle --help les liste", "passerelle --help lists them"));
    return EXIT_USAGE;
}

const struct verb *verb_at(size_t i)
{
    return i < VERBS ? verbs[i] : NULL;
}

const char *purpose_text(const struct invocation *in)
{
    return say(in, "traduit les fichiers de l'insertion, dans les deux sens",
               "translates the files of insertion, both ways");
}

const char *exit_codes_text(const struct invocation *in)
{
    return say(in,
               "codes de sortie : 0 fait, 1 fait avec des erreurs dans les données, 2 usage ou "
               "configuration, 3 le flux a échoué, 4 disque ou réseau : recommencer",
               "exit codes: 0 done, 1 done with errors in the data, 2 usage or configuration, "
               "3 the stream failed, 4 disk or network: try again");
}

void help_all(const struct invocation *in)
{
    printf("passerelle %s\n\n", purpose_text(in));
    for (size_t i = 0; i < VERBS; i++)
        if (!verbs[i]->hidden)
            printf("  %-13s %s\n", verbs[i]->name, say(in, verbs[i]->fr, verbs[i]->en));
    printf("\n%s\n", say(in, "passerelle VERBE --help explique un verbe, avec un exemple.",
                         "passerelle VERB --help explains a verb, with an example."));
}

static void print_options(const struct invocation *in, const struct option_word *w)
{
    char head[64];

    for (; w && w->name; w++) {
        (void)snprintf(head, sizeof(head), "%s%c%s--%s%s%s", w->letter ? "-" : " ", w->letter ? w->letter : ' ',
                       w->letter ? ", " : "  ", w->name, w->value ? " " : "", w->value ? w->value : "");
        printf("  %-28s %s\n", head, say(in, w->fr, w->en));
    }
}

void help_print(const struct invocation *in, const struct verb *verb)
{
    printf("%s passerelle %s [options] %s\n\n%s\n\n", say(in, "usage :", "usage:"), verb->name, verb->operands,
           say(in, verb->fr, verb->en));
    print_options(in, verb->options);
    print_options(in, common_options);
    printf("\n%s\n  %s\n", say(in, "exemple :", "example:"), verb->example);
    printf("\n%s\n", exit_codes_text(in));
}

int verb_invoke(struct invocation *in, int argc, char **argv)
{
    int code = parse(in, argc, argv);

    return code < 0 ? (int)in->verb->run(in) : code;
}

int main(int argc, char **argv)
{
    struct arena arena;
    struct invocation in = {0};
    int code;

    arena_init(&arena, 4096, 0);
    signal(SIGPIPE, SIG_IGN);
    find_lang(&in, argc, argv);
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strncmp(argv[1], "--lang", 6) == 0) {
        help_all(&in);
        return argc < 2 ? EXIT_USAGE : EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("passerelle %s\n", PASSERELLE_VERSION);
        return EXIT_DONE;
    }
    in.verb = verb_find(argv[1]);
    if (!in.verb)
        return no_verb(&in, argv[1]);
    if (home_find(&arena, &in.home) != GW_OK)
        return EXIT_WORLD;
    code = verb_invoke(&in, argc - 1, argv + 1);
    if (fflush(stdout) != 0 && code < EXIT_WORLD)
        code = EXIT_WORLD;
    arena_done(&arena);
    return code;
}
