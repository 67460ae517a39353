/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/connector.h"

#include <time.h>

#include "base/str.h"

#define OF_CONNECTOR(m) offsetof(struct connector, m)
#define OF_ERRAND(m)    offsetof(struct errand, m)

static const char text[] = "\"...\"", texts[] = "( \"...\", ... )", file[] = "\"FILE\"",
                  secret[] = "\"file:PATH\" | \"env:NAME\" | \"credential:NAME\"",
                  seconds[] = "SECONDS | \"5 s\" | \"10 min\"", bytes[] = "\"5 MB\"", flag[] = "true | false",
                  number[] = "0, 1, 2 ...";

const struct key_row connector_keys[] = {
    {"name", VALUE_TEXT, OF_CONNECTOR(name), text},
    {"partner", VALUE_TEXT, OF_CONNECTOR(partner_name), text},
    {"url", VALUE_TEXT, OF_CONNECTOR(url),
     "\"sftp://HOST[:PORT]\" | \"https://HOST\" | \"ftps://HOST\" | \"smtp://HOST\""},
    {"user", VALUE_TEXT, OF_CONNECTOR(user), text},
    {"password", VALUE_SECRET, OF_CONNECTOR(password), secret},
    {"key", VALUE_SECRET, OF_CONNECTOR(key), secret},
    {"key_password", VALUE_SECRET, OF_CONNECTOR(key_password), secret},
    {"agent", VALUE_BOOL, OF_CONNECTOR(agent), flag},
    {"host_keys", VALUE_TEXTS, OF_CONNECTOR(host_keys), "( \"SHA256:...\" )"},
    {"algorithms", VALUE_TEXTS, OF_CONNECTOR(algorithms), "( \"ssh-rsa\" )"},
    {"algorithms_until", VALUE_TEXT, OF_CONNECTOR(algorithms_until), "\"YYYY-MM-DD\""},
    {"ca", VALUE_FILE, OF_CONNECTOR(ca), file},
    {"certificate", VALUE_FILE, OF_CONNECTOR(certificate), file},
    {"certificate_key", VALUE_SECRET, OF_CONNECTOR(certificate_key), secret},
    {"auth", VALUE_WORD, OF_CONNECTOR(auth), "\"none\" | \"basic\" | \"bearer\" | \"api_key\" | \"oauth2\""},
    {"token", VALUE_SECRET, OF_CONNECTOR(token), secret},
    {"token_header", VALUE_TEXT, OF_CONNECTOR(token_header), "\"X-Api-Key\""},
    {"token_url", VALUE_TEXT, OF_CONNECTOR(token_url), "\"https://...\""},
    {"client_id", VALUE_TEXT, OF_CONNECTOR(client_id), text},
    {"scope", VALUE_TEXT, OF_CONNECTOR(scope), text},
    {"client_secret", VALUE_SECRET, OF_CONNECTOR(client_secret), secret},
    {"proxy", VALUE_TEXT, OF_CONNECTOR(proxy), "\"http://HOST:PORT\""},
    {"connect_timeout", VALUE_SECONDS, OF_CONNECTOR(connect_timeout), seconds},
    {"timeout", VALUE_SECONDS, OF_CONNECTOR(timeout), seconds},
    {"rate", VALUE_BYTES, OF_CONNECTOR(rate), bytes},
    {"requests_per_minute", VALUE_NUMBER, OF_CONNECTOR(requests_per_minute), number},
    {"pause", VALUE_SECONDS, OF_CONNECTOR(pause), seconds},
    {"pause_max", VALUE_SECONDS, OF_CONNECTOR(pause_max), seconds},
    {"breaker", VALUE_NUMBER, OF_CONNECTOR(breaker), number},
    {"tell_after", VALUE_SECONDS, OF_CONNECTOR(tell_after), seconds},
    {"quiet", VALUE_TEXTS, OF_CONNECTOR(quiet), "( \"22:00-06:00\" )"},
};
const size_t connector_nkeys = sizeof(connector_keys) / sizeof(*connector_keys);

/* Of these, what a flow has for itself already (pattern, after, unready, stable) is taken from there. */
const struct key_row errand_keys[] = {
    {"path", VALUE_TEXT, OF_ERRAND(path), "\"depot\" | \"/api/v1/fichiers\""},
    {"pattern", VALUE_TEXT, OF_ERRAND(pattern), "\"*.xml\""},
    {"after", VALUE_WORD, OF_ERRAND(after), "\"move\" | \"delete\" | \"leave\""},
    {"after_path", VALUE_TEXT, OF_ERRAND(after_path), "\"archive\""},
    {"unready", VALUE_TEXT, OF_ERRAND(unready), "\".tmp\""},
    {"stable", VALUE_SECONDS, OF_ERRAND(stable), seconds},
    {"one_file", VALUE_BOOL, OF_ERRAND(one_file), flag},
    {"files_max", VALUE_NUMBER, OF_ERRAND(files_max), number},
    {"size_max", VALUE_BYTES, OF_ERRAND(size_max), bytes},
    {"aside", VALUE_TEXT, OF_ERRAND(aside), "\".part\""},
    {"blind", VALUE_BOOL, OF_ERRAND(blind), flag},
    {"method", VALUE_TEXT, OF_ERRAND(method), "\"GET\" | \"POST\" | \"PUT\""},
    {"body", VALUE_TEXT, OF_ERRAND(body), text},
    {"content_type", VALUE_TEXT, OF_ERRAND(content_type), "\"application/json\""},
    {"headers", VALUE_TEXTS, OF_ERRAND(headers), "( \"Name: value\" )"},
    {"paging", VALUE_WORD, OF_ERRAND(paging), "\"none\" | \"link\" | \"next\" | \"page\""},
    {"page_key", VALUE_TEXT, OF_ERRAND(page_key), "\"next\""},
    {"pages_max", VALUE_NUMBER, OF_ERRAND(pages_max), number},
    {"subject", VALUE_TEXT, OF_ERRAND(subject), text},
    {"sender", VALUE_TEXT, OF_ERRAND(from), "\"name@domain\""},
    {"to", VALUE_TEXTS, OF_ERRAND(to), texts},
};
const size_t errand_nkeys = sizeof(errand_keys) / sizeof(*errand_keys);

void connector_defaults(struct connector *c)
{
    *c = (struct connector){.token_header = GW_STR("X-Api-Key"),
                            .connect_timeout = 30,
                            .timeout = 60,
                            .pause = 30,
                            .pause_max = 3600,
                            .breaker = 5,
                            .tell_after = 3600};
}

void errand_defaults(struct errand *e)
{
    *e = (struct errand){
        .pattern = GW_STR("*"), .aside = GW_STR(".part"), .after = SOURCE_DELETE, .pages_max = 1000};
}

bool connector_exceptions_ended(const struct connector *c)
{
    char today[16];
    time_t now = time(NULL);
    struct tm tm;

    return c->algorithms_until.len && localtime_r(&now, &tm) &&
           strftime(today, sizeof(today), "%Y-%m-%d", &tm) &&
           str_compare(str_of(today), c->algorithms_until) >= 0;
}

const char *connector_program(const struct connector *c)
{
    static const struct {
        const char *scheme, *program;
    } programs[] = {
        {"sftp://", "passerelle-sftp"}, {"https://", "passerelle-http"}, {"http://", "passerelle-http"},
        {"ftps://", "passerelle-http"}, {"ftp://", "passerelle-http"},   {"smtps://", "passerelle-http"},
        {"smtp://", "passerelle-http"},
    };

    for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
        if (str_begins(c->url, str_of(programs[i].scheme)))
            return programs[i].program;
    return NULL;
}

static struct gw_str next_word(struct gw_str *rest)
{
    struct gw_str word = str_trim(str_cut(*rest, '|', rest));

    return word.len < 2 ? word : (struct gw_str){word.ptr + 1, word.len - 2};
}

struct gw_str key_word(const struct key_row *k, unsigned rank)
{
    struct gw_str rest = str_of(k->expected), word = GW_STR("");

    for (unsigned i = 0; rest.ptr && i <= rank; i++)
        word = next_word(&rest);
    return word;
}

bool key_rank(const struct key_row *k, struct gw_str word, unsigned *ret)
{
    struct gw_str rest = str_of(k->expected);

    for (unsigned i = 0; rest.ptr; i++)
        if (str_eq(next_word(&rest), word)) {
            *ret = i;
            return true;
        }
    return false;
}
