/* SPDX-License-Identifier: EUPL-1.2 */
/* new flow: from a few answers to a flow that is checked, tried on a sample, and written into conf.d. */
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/new_flow.h"

static bool confirmed(const struct new_flow *n, struct gw_str text)
{
    char line[64];

    if (!n->asks)
        return true;
    printf("\n%s\n%.*s\n%s : ", n->target, STR_ARG(text), say(n->in, "écrire ? [o/n]", "write it? [y/n]"));
    (void)fflush(stdout);
    return fgets(line, sizeof(line), stdin) &&
           (line[0] == 'o' || line[0] == 'O' || line[0] == 'y' || line[0] == 'Y');
}

static void next_steps(const struct new_flow *n, struct gw_str sentence)
{
    printf("%s\n%.*s", n->target, STR_ARG(sentence));
    if (n->values[WISH_LABEL])
        printf("%s %s\n", say(n->in, "nouveau partenaire, décrit là :", "a new partner, described there:"),
               n->values[WISH_PARTNER]);
    if (n->values[WISH_CONNECTOR])
        printf("%s\n", say(n->in, "essayer la connexion : passerelle check --connect",
                           "try the connection: passerelle check --connect"));
    printf("%s\n",
           say(n->in,
               "ensuite : passerelle reload si le démon tourne, sinon passerelle run --once ou passerelle run",
               "next: passerelle reload if the daemon runs, else passerelle run --once or passerelle run"));
}

static void nothing(const struct new_flow *n)
{
    complain(n->in, "rien n'a été écrit", "nothing was written", NULL);
}

/* The sample is tried before anything is written; its rejects are told, and are no obstacle. */
static void settle(struct new_flow *n)
{
    struct buf text, sentence;
    enum exit_code tried;

    buf_init(&text, (size_t)1 << 20);
    buf_init(&sentence, 65536);
    new_text(n, &text);
    if (text.failed || !new_checked(n, buf_view(&text), &sentence)) {
        nothing(n);
        goto done;
    }
    tried = new_sample_try(n);
    if (tried > EXIT_REJECTS || !confirmed(n, buf_view(&text))) {
        n->code = tried > EXIT_REJECTS ? tried : EXIT_DONE;
        nothing(n);
        goto done;
    }
    if (new_write(n, buf_view(&text))) {
        next_steps(n, buf_view(&sentence));
        n->code = tried;
    }
done:
    buf_done(&text);
    buf_done(&sentence);
}

static enum exit_code run_open(struct invocation *in, struct operating *o)
{
    struct new_flow n = {.in = in, .o = o, .asks = isatty(STDIN_FILENO) && !option_value(in, "yes")};
    const char *slash;

    if (!operate_open(o, in)) {
        if (o->conf.path.ptr)
            complain(in, "corriger d'abord cette configuration (passerelle check)",
                     "correct this configuration first (passerelle check)", o->conf.path.ptr);
        return o->code;
    }
    if (engine_rest(&o->engine, &o->printer.sink) != GW_OK)
        return EXIT_USAGE;
    slash = strrchr(o->conf.path.ptr, '/');
    n.conf_d = arena_format(&o->arena, "%.*s/conf.d", (int)(slash - o->conf.path.ptr), o->conf.path.ptr);
    if (!n.conf_d || !new_gather(&n))
        return n.conf_d ? n.code : EXIT_WORLD;
    n.target = arena_format(&o->arena, "%s/%s.conf", n.conf_d, n.values[WISH_NAME]);
    settle(&n);
    return n.code;
}

static enum exit_code run(struct invocation *in)
{
    struct operating o;
    enum exit_code code;

    if (!in->noperands || strcmp(in->operands[0], "flow") != 0) {
        complain(in, "il faut dire quoi : passerelle new flow", "say what: passerelle new flow",
                 in->noperands ? in->operands[0] : NULL);
        return EXIT_USAGE;
    }
    code = run_open(in, &o);
    operate_close(&o);
    return code;
}

static const struct option_word options[] = {
    CONFIG_OPTION,
    {"sample", 0, "FILE", "fichier du partenaire : son format est reconnu, il est essayé",
     "file of the partner: its format is recognised, it is tried"},
    {"direction", 0, "in|out", "in : le partenaire donne (défaut) ; out : il reçoit",
     "in: the partner gives (default); out: it gets"},
    {"format", 0, "FORMAT", "format, sinon celui de l'exemple", "format, else that of the sample"},
    {"profile", 0, "NAME", "profil du format", "profile of the format"},
    {"name", 0, "NAME", "nom du flux et de son fichier", "name of the flow and of its file"},
    {"partner", 0, "NAME", "partenaire, connu ou nouveau", "partner, known or new"},
    {"label", 0, "TEXT", "nom entier d'un nouveau partenaire", "name in full of a new partner"},
    {"folder", 0, "DIR", "dossier des fichiers", "folder of the files"},
    {"url", 0, "URL", "serveur, au lieu d'un dossier", "server, in place of a folder"},
    {"connector", 0, "NAME", "connecteur : connu, ou nom du nouveau",
     "connector: a known one, or the new one's name"},
    {"user", 0, "NAME", "utilisateur au serveur", "user at the server"},
    {"key", 0, "REF", "clé SSH : file:CHEMIN, credential:NOM", "key of SSH: file:PATH, credential:NAME"},
    {"host-keys", 0, "SHA256:...", "empreintes du serveur SSH, entre virgules",
     "fingerprints of the SSH server, between commas"},
    {"password", 0, "REF", "mot de passe : file:CHEMIN, env:NOM", "password: file:PATH, env:NAME"},
    {"token", 0, "REF", "jeton HTTP : file:CHEMIN, env:NOM", "token of HTTP: file:PATH, env:NAME"},
    {"token-url", 0, "URL", "OAuth2 : adresse des jetons", "OAuth2: address of tokens"},
    {"client-id", 0, "ID", "OAuth2 : identifiant du client", "OAuth2: the client's name"},
    {"client-secret", 0, "REF", "OAuth2 : secret du client : file:CHEMIN, env:NOM",
     "OAuth2: the client's secret: file:PATH, env:NAME"},
    {"scope", 0, "TEXT", "OAuth2 : étendue", "OAuth2: scope"},
    {"certificate", 0, "FILE", "notre certificat, pour un TLS mutuel", "our certificate, for mutual TLS"},
    {"certificate-key", 0, "REF", "sa clé : file:CHEMIN, credential:NOM",
     "its key: file:PATH, credential:NAME"},
    {"ca", 0, "FILE", "autorités du serveur, au lieu de celles du système",
     "authorities of the server, in place of the system's"},
    {"path", 0, "PATH", "dossier ou chemin au serveur", "folder or path at the server"},
    {"after", 0, "WORD", "fichier reçu, au serveur : leave (défaut), move, delete",
     "a received file, at the server: leave (default), move, delete"},
    {"after-path", 0, "PATH", "dossier du serveur pour move", "folder of the server for move"},
    {"schedule", 0, "TEXT", "quand regarder, ou écrire : « working 06:30 », « every 15 min »",
     "when to look, or to write: \"working 06:30\", \"every 15 min\""},
    {"expected", 0, "TEXT", "in : un fichier est attendu avant : « 08:00 working »",
     "in: a file is expected before: \"08:00 working\""},
    {"mail-to", 0, "LIST", "adresses à prévenir de ce qui cloche, entre virgules",
     "addresses that are told when something is amiss, between commas"},
    {"mail-by", 0, "NAME|URL", "par ce connecteur, ou smtp://HÔTE sans mot de passe",
     "by that connector, or smtp://HOST without password"},
    {"mail-from", 0, "ADDRESS", "adresse de l'expéditeur", "address of the sender"},
    {"fields", 0, "LIST", "out : TYPE.CHAMP ou TYPE.*, entre virgules",
     "out: TYPE.FIELD or TYPE.*, between commas"},
    {"purpose", 0, "TEXT", "finalité", "purpose"},
    {"legal-basis", 0, "TEXT", "base légale", "legal basis"},
    {"retention", 0, "TIME", "durée de conservation (90 d)", "how long files are kept (90 d)"},
    {"yes", 0, NULL, "ne rien demander", "ask nothing"},
    {NULL, 0, NULL, NULL, NULL},
};

const struct verb new_verb = {
    .name = "new",
    .operands = "flow",
    .fr = "crée un flux : pose les questions, reconnaît et essaie un exemple, vérifie, écrit conf.d/NOM.conf",
    .en = "makes a flow: asks, recognises and tries a sample, checks, writes conf.d/NAME.conf",
    .example = "passerelle new flow --sample RECU/export.csv --partner caf --purpose suivi --legal-basis "
               "\"CASF L.262-40\"",
    .options = options,
    .max_operands = 1,
    .run = run,
};
