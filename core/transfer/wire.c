/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/wire.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/str.h"

#define URL_MAX 16384u
#define UNSENT  65536  /* bytes */
#define PIECE   16384L /* of an upload: as one record of TLS */

/* ---- what is said ---- */

enum gw_result wire_say(struct wire *w, enum ending end, const char *step, const char *code)
{
    w->said = (struct outcome){.end = end, .step = step, .code = code};
    wire_arg(w, "server", w->server);
    return end == END_OK ? GW_OK : end == END_RETRY ? GW_RETRY : GW_FAIL;
}

void wire_arg(struct wire *w, const char *name, struct gw_str value)
{
    if (w->said.nargs < WIRE_ARGS)
        w->said.args[w->said.nargs++] = (struct gw_arg){name, arena_copy(w->arena, value)};
}

void wire_end(struct wire *w, enum gw_result result)
{
    const struct outcome *o = &w->said;

    if (result == GW_OK || w->run->ended)
        return;
    if (o->step)
        run_step(w->run, o->step);
    run_end(w->run, o->end, o->code, o->args, o->nargs);
    w->run->after = o->after;
}

enum gw_result wire_tell(struct wire *w, enum ending end, const char *step, const char *code,
                         struct gw_str found, struct gw_str error)
{
    static const char *const ways[] = {"password", "password", "bearer", "api_key", "oauth2"};
    const struct connector *c = &w->duty->connector;
    bool login = strcmp(code, "transfer.login") == 0;
    enum gw_result r = wire_say(w, end, step, code);

    if (login) {
        wire_arg(w, "user", c->user.len ? c->user : c->client_id);
        wire_arg(w, "by", str_of(ways[c->auth]));
    } else {
        wire_arg(w, strcmp(code, "transfer.local") == 0 ? "folder" : "found", found);
        wire_arg(w, "error", error);
    }
    return r;
}

enum gw_result wire_secret(struct wire *w, struct gw_str reference, struct secret *ret)
{
    const char *code;

    if (secret_read(reference, ret, &code) != GW_OK) {
        (void)wire_say(w, END_FAIL, "login", code);
        wire_arg(w, "found", reference);
        return GW_FAIL;
    }
    for (size_t i = 0; ret->data && i < ret->len; i++)
        if ((unsigned char)ret->data[i] < ' ' && reference.ptr != w->duty->connector.certificate_key.ptr) {
            (void)wire_say(w, END_FAIL, "login", "transfer.secret");
            wire_arg(w, "found", reference);
            return GW_FAIL;
        }
    return GW_OK;
}

/* ---- URLs ---- */

bool wire_scheme(const struct wire *w, const char *scheme)
{
    struct gw_str url = w->duty->connector.url, rest, word = str_cut(url, ':', &rest);

    return str_is(word, scheme);
}

bool wire_loopback(const char *url)
{
    CURLU *u = curl_url();
    char *host = NULL;
    bool here = u && curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
                curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 || strncmp(host, "127.", 4) == 0);

    curl_free(host);
    curl_url_cleanup(u);
    return here;
}

void wire_escape(struct buf *out, struct gw_str s, const char *kept)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';

        if (letter || (c >= '0' && c <= '9') || (c && (strchr("-._~", c) || strchr(kept, c))))
            buf_char(out, (char)c);
        else
            buf_format(out, "%%%02X", c);
    }
}

const char *wire_url(struct wire *w, struct gw_str path, bool raw)
{
    struct gw_str base = w->duty->connector.url;
    struct buf url;
    const char *text;

    while (base.len && base.ptr[base.len - 1] == '/')
        base.len--;
    buf_init(&url, URL_MAX);
    buf_str(&url, base);
    if (path.len == 0 || path.ptr[0] != '/' || !raw)
        buf_char(&url, '/');
    wire_escape(&url, path, raw ? "/%?&=+:@!$'()*,;[]" : "/");
    text = url.failed ? NULL : arena_text(w->arena, buf_view(&url));
    buf_done(&url);
    return text;
}

const char *wire_hex(struct wire *w, const uint8_t *digest, size_t len)
{
    struct buf hex;
    const char *text;

    buf_init(&hex, 256);
    for (size_t i = 0; i < len; i++)
        buf_format(&hex, "%02x", digest[i]);
    text = arena_text(w->arena, buf_view(&hex));
    buf_done(&hex);
    return text;
}

/* ---- the handle ---- */

static const char *text_or_null(struct wire *w, struct gw_str s)
{
    return s.len ? arena_text(w->arena, s) : NULL;
}

/* libcurl sees an upload move when it has given a piece away. What the kernel takes and has not sent would be
 * the whole file on a narrow line, and then nothing move for longer than `timeout`. */
static int keep_unsent_small(void *nothing, curl_socket_t fd, curlsocktype purpose)
{
    int most = UNSENT;

    (void)nothing;
    (void)purpose;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof(most));
    return CURL_SOCKOPT_OK;
}

static CURLcode set_limits(struct wire *w)
{
    const struct connector *c = &w->duty->connector;
    CURLcode e = curl_easy_setopt(w->curl, CURLOPT_CONNECTTIMEOUT, (long)c->connect_timeout);

    e = e ? e : curl_easy_setopt(w->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)c->timeout);
    e = e ? e : curl_easy_setopt(w->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    e = e ? e : curl_easy_setopt(w->curl, CURLOPT_LOW_SPEED_TIME, (long)c->timeout);
    e = e ? e : curl_easy_setopt(w->curl, CURLOPT_MAX_SEND_SPEED_LARGE, (curl_off_t)c->rate);
    e = e ? e : curl_easy_setopt(w->curl, CURLOPT_MAX_RECV_SPEED_LARGE, (curl_off_t)c->rate);
    e = e ? e : curl_easy_setopt(w->curl, CURLOPT_TCP_KEEPALIVE, 1L);
    e = e ? e : curl_easy_setopt(w->curl, CURLOPT_SOCKOPTFUNCTION, keep_unsent_small);
    e = e ? e : curl_easy_setopt(w->curl, CURLOPT_UPLOAD_BUFFERSIZE, PIECE);
    return e ? e : curl_easy_setopt(w->curl, CURLOPT_NOSIGNAL, 1L);
}

/* Only what is trusted by name: an authority of one's own takes the place of the system's. */
static CURLcode set_tls(struct wire *w)
{
    const struct connector *c = &w->duty->connector;
    struct curl_blob key = {.data = w->key.data, .len = w->key.len, .flags = CURL_BLOB_NOCOPY};
    CURLcode e = curl_easy_setopt(w->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);

    e = e ? e : curl_easy_setopt(w->curl, CURLOPT_SSL_VERIFYPEER, 1L);
    e = e ? e : curl_easy_setopt(w->curl, CURLOPT_SSL_VERIFYHOST, 2L);
    e = e ? e : curl_easy_setopt(w->curl, CURLOPT_CERTINFO, 1L);
    if (c->ca.len) {
        e = e ? e : curl_easy_setopt(w->curl, CURLOPT_CAINFO, text_or_null(w, c->ca));
        e = e ? e : curl_easy_setopt(w->curl, CURLOPT_CAPATH, NULL);
    }
    if (c->certificate.len)
        e = e ? e : curl_easy_setopt(w->curl, CURLOPT_SSLCERT, text_or_null(w, c->certificate));
    if (key.data)
        e = e ? e : curl_easy_setopt(w->curl, CURLOPT_SSLKEY_BLOB, &key);
    if (w->key_password.data)
        e = e ? e : curl_easy_setopt(w->curl, CURLOPT_KEYPASSWD, w->key_password.data);
    return e;
}

/* A proxy of "" and no exceptions: what the environment says is not looked at. */
static CURLcode set_way(struct wire *w, const char *url)
{
    const struct connector *c = &w->duty->connector;
    const char *proxy = text_or_null(w, c->proxy);
    bool mail = wire_scheme(w, "smtp"), files = wire_scheme(w, "ftp") || wire_scheme(w, "ftps");
    CURLcode e = curl_easy_setopt(w->curl, CURLOPT_URL, url);

    e = e ? e : curl_easy_setopt(w->curl, CURLOPT_PROTOCOLS_STR, "http,https,ftp,ftps,smtp,smtps");
    e = e ? e : curl_easy_setopt(w->curl, CURLOPT_PROXY, proxy ? proxy : "");
    e = e ? e : curl_easy_setopt(w->curl, CURLOPT_NOPROXY, "");
    e = e ? e : curl_easy_setopt(w->curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    if (mail)
        e = e ? e
              : curl_easy_setopt(w->curl, CURLOPT_USE_SSL,
                                 (long)(wire_loopback(url) ? CURLUSESSL_TRY : CURLUSESSL_ALL));
    if (files)
        e = e ? e : curl_easy_setopt(w->curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    return e ? e : curl_easy_setopt(w->curl, CURLOPT_ERRORBUFFER, w->error);
}

static CURLcode set_user(struct wire *w)
{
    const struct connector *c = &w->duty->connector;
    bool web = wire_scheme(w, "http") || wire_scheme(w, "https");
    CURLcode e = CURLE_OK;

    if (c->user.len && (!web || c->auth == AUTH_BASIC)) {
        e = curl_easy_setopt(w->curl, CURLOPT_USERNAME, text_or_null(w, c->user));
        e = e ? e : curl_easy_setopt(w->curl, CURLOPT_PASSWORD, w->password.data ? w->password.data : "");
        e = e ? e : curl_easy_setopt(w->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    }
    return e;
}

enum gw_result wire_ready(struct wire *w, const char *url)
{
    CURLcode e;

    curl_slist_free_all(w->lines);
    w->lines = NULL;
    w->error[0] = '\0';
    w->local = false;
    if (!url)
        return wire_say(w, END_FAIL, NULL, "transfer.errand");
    curl_easy_reset(w->curl);
    e = set_way(w, url);
    e = e ? e : set_limits(w);
    e = e ? e : set_tls(w);
    e = e ? e : set_user(w);
    return e ? wire_fault(w, "connect", e) : GW_OK;
}

enum gw_result wire_line(struct wire *w, const char *line)
{
    struct curl_slist *longer;

    if (!line || strpbrk(line, "\r\n"))
        return wire_say(w, END_FAIL, NULL, "transfer.errand");
    longer = curl_slist_append(w->lines, line);
    if (!longer)
        return wire_fault(w, NULL, CURLE_OUT_OF_MEMORY);
    w->lines = longer;
    return GW_OK;
}

enum gw_result wire_open(struct wire *w, struct run *run)
{
    const struct connector *c = &run->duty.connector;
    enum gw_result r;

    *w = (struct wire){.run = run, .duty = &run->duty, .arena = &run->arena};
    (void)unsetenv("SSLKEYLOGFILE");
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(w->curl = curl_easy_init()) ||
        !(w->multi = curl_multi_init()))
        return wire_fault(w, "connect", CURLE_FAILED_INIT);
    w->server = c->url;
    (void)str_cut(c->url, '/', &w->server);
    w->server = w->server.len ? str_from(w->server, 1) : c->url;
    while (w->server.len && w->server.ptr[w->server.len - 1] == '/')
        w->server.len--;
    r = wire_secret(w, c->password, &w->password);
    r = r != GW_OK ? r : wire_secret(w, c->certificate_key, &w->key);
    return r != GW_OK ? r : wire_secret(w, c->key_password, &w->key_password);
}

void wire_close(struct wire *w)
{
    curl_slist_free_all(w->lines);
    if (w->curl)
        curl_easy_cleanup(w->curl);
    if (w->multi)
        (void)curl_multi_cleanup(w->multi);
    w->lines = NULL;
    w->curl = NULL;
    w->multi = NULL;
    secret_wipe(&w->password);
    secret_wipe(&w->key);
    secret_wipe(&w->key_password);
    curl_global_cleanup();
}
