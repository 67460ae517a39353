/* SPDX-License-Identifier: EUPL-1.2 */
/* manual: the page passerelle(1) and the completion of bash, from the tables that --help is made of. For who
 * packs. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

/* ---- passerelle(1) ---- */

/* A line of text for roff: no dash, backslash or first dot of it means anything. */
static void roff(const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stdout);
    for (; *text; text++)
        if (*text == '-')
            fputs("\\-", stdout);
        else if (*text == '\\')
            fputs("\\e", stdout);
        else
            putchar(*text);
}

static void roff_line(const char *before, const char *text, const char *after)
{
    fputs(before, stdout);
    roff(text);
    fputs(after, stdout);
}

static void section(const struct invocation *in, const char *fr, const char *en)
{
    printf(".SH %s\n", say(in, fr, en));
}

static void roff_options(const struct invocation *in, const struct option_word *w)
{
    for (; w && w->name; w++) {
        fputs(".TP\n", stdout);
        if (w->letter)
            printf("\\fB\\-%c\\fR, ", w->letter);
        roff_line("\\fB\\-\\-", w->name, "\\fR");
        if (w->value)
            roff_line(" \\fI", w->value, "\\fR");
        roff_line("\n", say(in, w->fr, w->en), "\n");
    }
}

static void roff_verb(const struct invocation *in, const struct verb *verb)
{
    roff_line(".SS passerelle ", verb->name, " ");
    roff_line("", verb->operands, "\n");
    roff_line("", say(in, verb->fr, verb->en), ".\n");
    roff_options(in, verb->options);
    fputs(".PP\n.EX\n", stdout);
    roff_line("", verb->example, "\n.EE\n");
}

static void man_page(const struct invocation *in)
{
    const struct verb *verb;

    printf(".\\\" SPDX-License-Identifier: EUPL-1.2\n.TH PASSERELLE 1 \"\" \"passerelle %s\"\n",
           PASSERELLE_VERSION);
    section(in, "NOM", "NAME");
    roff_line("passerelle \\- ", purpose_text(in), "\n");
    section(in, "SYNOPSIS", "SYNOPSIS");
    printf(".B passerelle\n.I %s\n[options] [...]\n", say(in, "VERBE", "VERB"));
    section(in, "VERBES", "VERBS");
    for (size_t i = 0; (verb = verb_at(i)); i++)
        if (!verb->hidden)
            roff_verb(in, verb);
    section(in, "OPTIONS DE TOUS LES VERBES", "OPTIONS OF EVERY VERB");
    roff_options(in, common_options);
    section(in, "CODES DE SORTIE", "EXIT STATUS");
    roff_line("", exit_codes_text(in), ".\n");
    section(in, "FICHIERS", "FILES");
    printf(".TP\n.I /etc/passerelle/gateway.conf\n%s\n",
           say(in, "la configuration, si aucune n'est donnée ni dans le dossier courant",
               "the configuration, when none is given nor in the current folder"));
    printf(".TP\n.I /var/lib/passerelle\n%s\n",
           say(in, "magasin, fichiers gardés, clé", "store, kept files, key"));
    section(in, "VOIR AUSSI", "SEE ALSO");
    fputs(".BR gateway.conf (5)\n", stdout);
}

/* ---- bash ---- */

static void words(const struct option_word *w)
{
    for (; w && w->name; w++)
        printf(" --%s", w->name);
}

/* What an option may be followed by, where its table says it in words: "fr|en". */
static void values(const char *verb, const struct option_word *w)
{
    for (; w && w->name; w++) {
        if (!w->value || !strchr(w->value, '|') || strcspn(w->value, " .=") != strlen(w->value))
            continue;
        printf("    %s' --%s') choices='", verb, w->name);
        for (const char *c = w->value; *c; c++)
            putchar(*c == '|' ? ' ' : *c);
        fputs("' ;;\n", stdout);
    }
}

static void verb_names(void)
{
    const struct verb *verb;

    for (size_t i = 0; (verb = verb_at(i)); i++)
        if (!verb->hidden)
            printf("%s%s", i ? " " : "", verb->name);
}

static void completion(void)
{
    const struct verb *verb;

    fputs("# SPDX-License-Identifier: EUPL-1.2\n# bash completion for passerelle: made from its own tables\n"
          "_passerelle()\n{\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]} "
          "options= choices=\n"
          "    if [ \"$COMP_CWORD\" = 1 ]; then\n        mapfile -t COMPREPLY < <(compgen -W '",
          stdout);
    verb_names();
    fputs(" --help --version' -- \"$cur\")\n        return\n    fi\n    case $verb in\n", stdout);
    for (size_t i = 0; (verb = verb_at(i)); i++) {
        if (verb->hidden)
            continue;
        printf("    %s) options='", verb->name);
        words(verb->options);
        fputs("' ;;\n", stdout);
    }
    fputs("    esac\n    case \"$verb $prev\" in\n", stdout);
    for (size_t i = 0; (verb = verb_at(i)); i++)
        if (!verb->hidden)
            values(verb->name, verb->options);
    values("*", common_options);
    fputs("    esac\n    if [ -n \"$choices\" ]; then\n        mapfile -t COMPREPLY < <(compgen -W "
          "\"$choices\" -- \"$cur\")\n"
          "    elif [[ $cur == -* ]]; then\n        mapfile -t COMPREPLY < <(compgen -W \"$options",
          stdout);
    words(common_options);
    fputs("\" -- \"$cur\")\n    else\n        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n    fi\n}\n"
          "complete -o filenames -F _passerelle passerelle\n",
          stdout);
}

static enum exit_code manual_run(struct invocation *in)
{
    const char *what = in->noperands ? in->operands[0] : "";

    if (strcmp(what, "man") == 0)
        man_page(in);
    else if (strcmp(what, "bash") == 0)
        completion();
    else {
        complain(in, "man ou bash", "man or bash", what);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

const struct verb manual_verb = {
    .name = "manual",
    .operands = "man|bash",
    .fr = "la page de manuel, ou ce qui complète les commandes",
    .en = "the manual page, or what completes commands",
    .example = "passerelle manual man --lang fr",
    .max_operands = 1,
    .hidden = true,
    .run = manual_run,
};
