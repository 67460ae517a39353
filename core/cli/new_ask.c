/* SPDX-License-Identifier: EUPL-1.2 */
/* The questions of `new flow`: a line each, and what makes an answer good. */
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/new_flow.h"
#include "mapping/syntax.h"
#include "transfer/secret.h"

struct question {
    const char *option;
    const char *fr, *en;
    bool (*wanted)(const struct new_flow *n);       /* NULL: always */
    const char *(*usual)(const struct new_flow *n); /* NULL: nothing is */
    enum answer (*good)(struct new_flow *n, const char *answer);
    bool free;  /* may stay empty */
    bool quiet; /* an option only, not asked */
};

bool new_is_out(const struct new_flow *n)
{
    return n->values[WISH_DIRECTION] && strcmp(n->values[WISH_DIRECTION], "out") == 0;
}

bool new_is_ssh(const struct new_flow *n)
{
    return n->values[WISH_URL] && strncmp(n->values[WISH_URL], "sftp:", 5) == 0;
}

static enum answer again(const struct new_flow *n, const char *fr, const char *en, const char *about)
{
    complain(n->in, fr, en, about);
    return ANSWER_AGAIN;
}

/* ---- when a question makes sense ---- */

static bool in_folder(const struct new_flow *n)
{
    return !n->values[WISH_URL] && !n->values[WISH_CONNECTOR];
}

static bool at_server(const struct new_flow *n)
{
    return !n->values[WISH_FOLDER];
}

static bool said_url(const struct new_flow *n)
{
    return n->values[WISH_URL] != NULL;
}

static bool said_user(const struct new_flow *n)
{
    return n->values[WISH_USER] && !new_is_ssh(n);
}

static bool is_web(const struct new_flow *n)
{
    return n->values[WISH_URL] && strncmp(n->values[WISH_URL], "http", 4) == 0 && !n->values[WISH_USER];
}

static bool takes_tokens(const struct new_flow *n)
{
    return is_web(n) && !n->values[WISH_TOKEN];
}

static bool said_tokens(const struct new_flow *n)
{
    return n->values[WISH_TOKEN_URL] != NULL;
}

static bool has_tls(const struct new_flow *n)
{
    return n->values[WISH_URL] && !new_is_ssh(n);
}

static bool said_certificate(const struct new_flow *n)
{
    return n->values[WISH_CERTIFICATE] != NULL;
}

static bool is_in(const struct new_flow *n)
{
    return !new_is_out(n);
}

static bool said_mail(const struct new_flow *n)
{
    return n->values[WISH_MAIL_TO] != NULL;
}

static bool fetches(const struct new_flow *n)
{
    return n->values[WISH_CONNECTOR] && !new_is_out(n);
}

static bool moves(const struct new_flow *n)
{
    return fetches(n) && n->values[WISH_AFTER] && strcmp(n->values[WISH_AFTER], "move") == 0;
}

static const struct partner *known_partner(const struct new_flow *n, struct gw_str name)
{
    for (size_t i = 0; i < n->o->conf.npartners; i++)
        if (str_eq(n->o->conf.partners[i].name, name))
            return &n->o->conf.partners[i];
    return NULL;
}

static bool is_new_partner(const struct new_flow *n)
{
    return !known_partner(n, str_of(n->values[WISH_PARTNER]));
}

/* ---- what is usual ---- */

static bool name_free(const struct new_flow *n, const char *name)
{
    return !conf_flow(&n->o->conf, str_of(name)) &&
           access(arena_format(&n->o->arena, "%s/%s.conf", n->conf_d, name), F_OK) != 0;
}

static const char *usual_name(const struct new_flow *n)
{
    const char *base = n->values[WISH_FORMAT], *name = base;

    for (int i = 2; i < 100 && !name_free(n, name); i++)
        name = arena_format(&n->o->arena, "%s-%d", base, i);
    return name;
}

static const char *usual_format(const struct new_flow *n)
{
    return n->found_format.ptr;
}

static const char *usual_profile(const struct new_flow *n)
{
    if (str_eq(n->found_format, str_of(n->values[WISH_FORMAT])))
        return n->found_profile.ptr;
    return n->values[WISH_SAMPLE] ? new_sample_profile(n) : NULL;
}

static const char *usual_folder(const struct new_flow *n)
{
    const char *above = new_is_out(n) ? say(n->in, "sorties", "out") : say(n->in, "entrees", "in");

    return arena_format(&n->o->arena, "%s/%s", above, n->values[WISH_NAME]);
}

static const char *usual_direction(const struct new_flow *n)
{
    (void)n;
    return "in";
}

static const char *usual_label(const struct new_flow *n)
{
    return n->values[WISH_PARTNER];
}

static const char *usual_connector(const struct new_flow *n)
{
    return n->values[WISH_URL] ? n->values[WISH_NAME] : NULL;
}

static bool is_mail(struct gw_str url)
{
    return str_begins(url, GW_STR("smtp"));
}

static const char *usual_mail(const struct new_flow *n)
{
    for (size_t i = 0; i < n->o->conf.nconnectors; i++)
        if (is_mail(n->o->conf.connectors[i].url))
            return n->o->conf.connectors[i].name.ptr;
    return NULL;
}

static const char *usual_after(const struct new_flow *n)
{
    (void)n;
    return "leave";
}

static const char *usual_retention(const struct new_flow *n)
{
    (void)n;
    return "90 d";
}

/* ---- what is a good answer ---- */

static enum answer word_good(struct new_flow *n, const char *answer, const char *words)
{
    return str_among(str_of(words), ' ', str_of(answer))
               ? ANSWER_GOOD
               : again(n, "un de ces mots est attendu", "one of these words is expected", words);
}

static enum answer direction_good(struct new_flow *n, const char *answer)
{
    return word_good(n, answer, "in out");
}

static enum answer after_good(struct new_flow *n, const char *answer)
{
    return word_good(n, answer, "move delete leave");
}

static enum answer format_good(struct new_flow *n, const char *answer)
{
    struct engine *e = &n->o->engine;
    const char *words[256];
    struct gw_str *names;
    size_t count = 0;
    const char *near;

    if (formats_list(&e->arena, e->formats, &names, &count) != GW_OK) {
        n->code = EXIT_WORLD;
        return ANSWER_STOP;
    }
    for (size_t i = 0; i < count; i++)
        if (str_is(names[i], answer))
            return ANSWER_GOOD;
    for (size_t i = 0; i < count && i < 256; i++)
        words[i] = arena_text(&e->arena, names[i]);
    near = str_nearest(str_of(answer), words, count < 256 ? count : 256);
    if (near)
        return again(n, "ce format n'existe pas ; le plus proche est", "no such format; the nearest is", near);
    return again(n, "ce format n'existe pas (passerelle formats les liste)",
                 "no such format (passerelle formats lists them)", answer);
}

static enum answer plain_good(struct new_flow *n, const char *answer)
{
    return conf_name_good(str_of(answer))
               ? ANSWER_GOOD
               : again(n, "un nom n'a que a-z, 0-9, - et _, 64 au plus, et ne commence pas par - ou _",
                       "a name has only a-z, 0-9, - and _, at most 64, and does not begin with - or _", answer);
}

static enum answer name_good(struct new_flow *n, const char *answer)
{
    enum answer good = plain_good(n, answer);

    if (good == ANSWER_GOOD && !name_free(n, answer))
        return again(n, "un flux ou un fichier de conf.d a déjà ce nom, en choisir un autre",
                     "a flow or a file of conf.d has this name already, choose another", answer);
    return good;
}

static enum answer url_good(struct new_flow *n, const char *answer)
{
    struct connector c;

    connector_defaults(&c);
    c.url = str_of(answer);
    if (strchr(answer, '@'))
        return again(
            n, "une adresse n'a ni utilisateur ni mot de passe : les dire avec --user et --key ou --password",
            "an address has no user and no password: say them with --user and --key or --password", NULL);
    return strstr(answer, "://") && connector_program(&c)
               ? ANSWER_GOOD
               : again(n, "adresse attendue : sftp://HÔTE, https://HÔTE/…, ftps://HÔTE, smtps://HÔTE",
                       "address expected: sftp://HOST, https://HOST/..., ftps://HOST, smtps://HOST", answer);
}

/* The question is where the files are: a server and a connector are answers too. */
static enum answer folder_good(struct new_flow *n, const char *answer)
{
    enum answer good = ANSWER_GOOD;

    if (strstr(answer, "://")) {
        good = url_good(n, answer);
        if (good == ANSWER_GOOD)
            n->values[WISH_URL] = answer;
    } else if (conf_connector(&n->o->conf, str_of(answer))) {
        n->values[WISH_CONNECTOR] = answer;
    }
    return good;
}

static enum answer connector_good(struct new_flow *n, const char *answer)
{
    bool known = conf_connector(&n->o->conf, str_of(answer)) != NULL;

    if (said_url(n) && known)
        return again(n, "ce connecteur existe déjà : retirer --url, ou choisir un autre nom (--connector)",
                     "this connector exists already: leave out --url, or choose another name (--connector)",
                     answer);
    if (!said_url(n) && !known)
        return again(n, "ce connecteur n'existe pas : dire aussi son adresse (--url)",
                     "no such connector: say its address too (--url)", answer);
    return said_url(n) ? plain_good(n, answer) : ANSWER_GOOD;
}

/* What is none may be the secret itself: it is not shown. */
static enum answer secret_good(struct new_flow *n, const char *answer)
{
    return secret_reference(str_of(answer))
               ? ANSWER_GOOD
               : again(n, "dire où est le secret, pas le secret : file:CHEMIN, env:NOM ou credential:NOM",
                       "say where the secret is, not the secret: file:PATH, env:NAME or credential:NAME", NULL);
}

static enum answer token_url_good(struct new_flow *n, const char *answer)
{
    return str_begins(str_of(answer), GW_STR("https://")) || str_begins(str_of(answer), GW_STR("http://"))
               ? ANSWER_GOOD
               : again(n, "adresse attendue : https://HÔTE/…", "address expected: https://HOST/...", answer);
}

static enum answer schedule_good(struct new_flow *n, const char *answer)
{
    struct schedule s;

    return schedule_parse(str_of(answer), &s)
               ? ANSWER_GOOD
               : again(n, "horaire attendu", "a schedule is expected", SCHEDULE_EXPECTED);
}

static enum answer addresses_good(struct new_flow *n, const char *answer)
{
    struct gw_str rest = str_of(answer), word, host;

    while (rest.ptr) {
        word = str_trim(str_cut(rest, ',', &rest));
        if (memchr(word.ptr, ' ', word.len) || !str_cut(word, '@', &host).len || !host.len)
            return again(n, "adresse attendue : NOM@DOMAINE", "address expected: NAME@DOMAIN", answer);
    }
    return ANSWER_GOOD;
}

static enum answer mail_by_good(struct new_flow *n, const char *answer)
{
    const struct connector *k = conf_connector(&n->o->conf, str_of(answer));

    if (is_mail(k ? k->url : str_of(answer)))
        return k ? ANSWER_GOOD : url_good(n, answer);
    return again(n, "un connecteur de courriel est attendu, ou smtp://HÔTE",
                 "a connector of mail is expected, or smtp://HOST", answer);
}

static enum answer host_keys_good(struct new_flow *n, const char *answer)
{
    struct gw_str rest = str_of(answer), word;

    while (rest.ptr) {
        word = str_trim(str_cut(rest, ',', &rest));
        if (!str_begins(word, GW_STR("SHA256:")) || word.len != 7 + 43)
            return again(n, "empreinte attendue, celle que ssh-keygen -lf montre : SHA256: et 43 caractères",
                         "fingerprint expected, as ssh-keygen -lf shows it: SHA256: and 43 characters", answer);
    }
    return ANSWER_GOOD;
}

static enum answer retention_good(struct new_flow *n, const char *answer)
{
    uint64_t days;

    return conf_days(str_of(answer), &days) && days
               ? ANSWER_GOOD
               : again(n, "durée attendue : 90 d, 6 months, 5 years",
                       "a time is expected: 90 d, 6 months, 5 years", answer);
}

static const struct question questions[WISHES] = {
    [WISH_SAMPLE] = {"sample", "un exemple de fichier du partenaire (son chemin ; vide : aucun)",
                     "a sample file of the partner (its path; empty: none)", NULL, NULL, new_sample_good, true,
                     false},
    [WISH_DIRECTION] = {"direction", "sens : in (le partenaire donne) ou out (il reçoit)",
                        "direction: in (the partner gives) or out (it gets)", NULL, usual_direction,
                        direction_good, false, false},
    [WISH_FORMAT] = {"format", "format (passerelle formats les liste)",
                     "format (passerelle formats lists them)", NULL, usual_format, format_good, false, false},
    [WISH_PROFILE] = {"profile", "profil du format", "profile of the format", NULL, usual_profile, NULL, true,
                      true},
    [WISH_NAME] = {"name", "nom du flux", "name of the flow", NULL, usual_name, name_good, false, false},
    [WISH_PARTNER] = {"partner", "partenaire, en un mot", "partner, in one word", NULL, NULL, plain_good, false,
                      false},
    [WISH_LABEL] = {"label", "ce partenaire est nouveau : son nom entier",
                    "this partner is new: its name in full", is_new_partner, usual_label, NULL, false, false},
    [WISH_FOLDER] = {"folder", "dossier, ou adresse d'un serveur (sftp://HÔTE), ou connecteur déjà décrit",
                     "folder, or address of a server (sftp://HOST), or a connector that is there", in_folder,
                     usual_folder, folder_good, false, false},
    [WISH_URL] = {"url", "adresse du serveur", "address of the server", at_server, NULL, url_good, true, true},
    [WISH_CONNECTOR] = {"connector", "nom du connecteur", "name of the connector", at_server, usual_connector,
                        connector_good, false, false},
    [WISH_USER] = {"user", "utilisateur chez le partenaire", "user at the partner's", said_url, NULL, NULL,
                   true, false},
    [WISH_KEY] = {"key", "clé privée SSH, sa référence (file:CHEMIN)",
                  "private key of SSH, its reference (file:PATH)", new_is_ssh, NULL, secret_good, false, false},
    [WISH_HOST_KEYS] = {"host-keys", "empreinte de la clé du serveur (SHA256:…), donnée par le partenaire",
                        "fingerprint of the server's key (SHA256:...), as the partner gave it", new_is_ssh,
                        NULL, host_keys_good, false, false},
    [WISH_PASSWORD] = {"password", "mot de passe, sa référence (file:CHEMIN)",
                       "password, its reference (file:PATH)", said_user, NULL, secret_good, true, false},
    [WISH_TOKEN] = {"token", "jeton, sa référence (file:CHEMIN ; vide : aucun)",
                    "token, its reference (file:PATH; empty: none)", is_web, NULL, secret_good, true, false},
    [WISH_TOKEN_URL] = {"token-url", "OAuth2 : adresse où demander les jetons",
                        "OAuth2: address where tokens are asked for", takes_tokens, NULL, token_url_good, true,
                        true},
    [WISH_CLIENT_ID] = {"client-id", "OAuth2 : identifiant que le partenaire nous a donné",
                        "OAuth2: the name that the partner gave us", said_tokens, NULL, NULL, false, false},
    [WISH_CLIENT_SECRET] = {"client-secret", "OAuth2 : secret, sa référence (file:CHEMIN)",
                            "OAuth2: secret, its reference (file:PATH)", said_tokens, NULL, secret_good, false,
                            false},
    [WISH_SCOPE] = {"scope", "OAuth2 : étendue (vide : aucune)", "OAuth2: scope (empty: none)", said_tokens,
                    NULL, NULL, true, false},
    [WISH_CERTIFICATE] = {"certificate", "notre certificat, pour un TLS mutuel",
                          "our certificate, for mutual TLS", has_tls, NULL, NULL, true, true},
    [WISH_CERTIFICATE_KEY] = {"certificate-key", "clé de ce certificat, sa référence (file:CHEMIN)",
                              "key of that certificate, its reference (file:PATH)", said_certificate, NULL,
                              secret_good, false, false},
    [WISH_CA] = {"ca", "autorités du serveur", "authorities of the server", has_tls, NULL, NULL, true, true},
    [WISH_PATH] = {"path", "dossier ou chemin là-bas (vide : celui d'arrivée)",
                   "folder or path there (empty: where one arrives)", at_server, NULL, NULL, true, false},
    [WISH_AFTER] = {"after", "une fois reçu, le fichier du serveur : leave (reste), move ou delete",
                    "once it is here, the file of the server: leave, move or delete", fetches, usual_after,
                    after_good, false, false},
    [WISH_AFTER_PATH] = {"after-path", "dossier du serveur où le déplacer",
                         "folder of the server to move it to", moves, NULL, NULL, false, false},
    [WISH_SCHEDULE] = {"schedule", "quand regarder, ou écrire", "when to look, or to write", NULL, NULL,
                       schedule_good, true, true},
    [WISH_EXPECTED] = {"expected", "un fichier est attendu avant (08:00 working ; vide : à aucune heure)",
                       "a file is expected before (08:00 working; empty: at no time)", is_in, NULL,
                       schedule_good, true, false},
    [WISH_MAIL_TO] = {"mail-to", "adresses à prévenir", "addresses that are told", NULL, NULL, addresses_good,
                      true, true},
    [WISH_MAIL_BY] = {"mail-by", "par quel connecteur de courriel, ou smtp://HÔTE",
                      "by which connector of mail, or smtp://HOST", said_mail, usual_mail, mail_by_good, false,
                      false},
    [WISH_MAIL_FROM] = {"mail-from", "adresse de l'expéditeur", "address of the sender", said_mail, NULL,
                        addresses_good, false, false},
    [WISH_FIELDS] = {"fields", "ce que ce partenaire peut voir : TYPE.CHAMP ou TYPE.*, entre virgules",
                     "what this partner may see: TYPE.FIELD or TYPE.*, between commas", new_is_out, NULL, NULL,
                     false, false},
    [WISH_PURPOSE] = {"purpose", "finalité : à quoi servent ces données", "purpose: what these data are for",
                      NULL, NULL, NULL, false, false},
    [WISH_LEGAL_BASIS] = {"legal-basis", "base légale : ce qui y autorise", "legal basis: by which right", NULL,
                          NULL, NULL, false, false},
    [WISH_RETENTION] =
        {"retention",
         "fichiers, rejets, et ce dont aucun fichier ne parle plus, gardés (90 d, 6 months, 5 years)",
         "files, rejects, and what no file speaks of any more, are kept (90 d, 6 months, 5 years)", NULL,
         usual_retention, retention_good, false, false},
};

/* ---- asking ---- */

static bool may_be_empty(const struct new_flow *n, enum wish w)
{
    return questions[w].free && !(w == WISH_USER && new_is_ssh(n));
}

static enum answer taken(struct new_flow *n, enum wish w, const char *answer)
{
    const struct question *q = &questions[w];
    enum answer good;

    if (!str_valid(str_of(answer)))
        return again(n, "ce texte n'est pas de l'UTF-8 : le taper dans un terminal en UTF-8",
                     "this text is no UTF-8: type it in a terminal of UTF-8", q->option);
    if (!str_trim(str_of(answer)).len)
        return again(n, "une réponse est nécessaire", "an answer is needed", say(n->in, q->fr, q->en));
    good = q->good ? q->good(n, answer) : ANSWER_GOOD;
    if (good == ANSWER_GOOD && (w != WISH_FOLDER || in_folder(n)))
        n->values[w] = answer;
    return good;
}

/* NULL: nobody answers any more. */
static const char *line_read(struct new_flow *n)
{
    char line[4096];
    struct gw_str text;

    if (!fgets(line, sizeof(line), stdin))
        return NULL;
    text = str_of(line);
    if (text.len + 1 == sizeof(line) && line[text.len - 1] != '\n')
        return NULL;
    return arena_text(&n->o->arena, str_trim(text));
}

static enum answer ask(struct new_flow *n, enum wish w)
{
    const struct question *q = &questions[w];
    const char *usual = q->usual ? q->usual(n) : NULL, *answer;
    enum answer good;

    do {
        printf("%s%s%s%s : ", say(n->in, q->fr, q->en), usual ? " [" : "", usual ? usual : "",
               usual ? "]" : "");
        (void)fflush(stdout);
        answer = line_read(n);
        if (!answer) {
            putchar('\n');
            complain(n->in, "pas de réponse : rien n'a été écrit", "no answer: nothing was written", q->option);
            n->code = EXIT_USAGE;
            return ANSWER_STOP;
        }
        if (!answer[0] && !usual && may_be_empty(n, w))
            return ANSWER_GOOD;
        good = taken(n, w, answer[0] || !usual ? answer : usual);
    } while (good == ANSWER_AGAIN);
    return good;
}

static enum answer unasked(struct new_flow *n, enum wish w)
{
    const struct question *q = &questions[w];
    const char *usual = q->usual ? q->usual(n) : NULL;

    if (usual)
        return taken(n, w, usual);
    if (may_be_empty(n, w))
        return ANSWER_GOOD;
    fprintf(stderr, "passerelle new: %s --%s: %s\n", say(n->in, "il manque", "missing:"), q->option,
            say(n->in, q->fr, q->en));
    return ANSWER_AGAIN;
}

static enum answer one(struct new_flow *n, enum wish w)
{
    const struct question *q = &questions[w];
    const char *given = option_value(n->in, q->option);
    bool wanted = !q->wanted || q->wanted(n);

    if (given && !wanted)
        return again(n, "cette option ne va pas avec les autres", "this option does not go with the others",
                     q->option);
    if (!wanted)
        return ANSWER_GOOD;
    if (given)
        return taken(n, w, given);
    return n->asks && !q->quiet ? ask(n, w) : unasked(n, w);
}

/* Where the files are is known before it is asked for. */
static void places(struct new_flow *n)
{
    n->values[WISH_URL] = option_value(n->in, "url");
    n->values[WISH_CONNECTOR] = option_value(n->in, "connector");
}

bool new_gather(struct new_flow *n)
{
    places(n);
    for (enum wish w = 0; w < WISHES; w++) {
        if (w == WISH_CONNECTOR && n->values[w] && !option_value(n->in, "connector"))
            continue; /* it was the answer to where */
        switch (one(n, w)) {
        case ANSWER_GOOD:
            break;
        case ANSWER_AGAIN:
            n->code = EXIT_USAGE;
            return false;
        case ANSWER_STOP:
            return false;
        }
    }
    (void)fflush(stdout);
    return true;
}
