/* SPDX-License-Identifier: EUPL-1.2 */
#include <errno.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "transfer/http.h"
#include "transfer/http_text.h"

#define TEXT_MAX      65536u
#define REDIRECTS_MAX 5u

struct exchange { /* what the callbacks know */
    struct http *h;
    const struct http_request *request;
    struct http_answer *answer;
    uint64_t sent;
    bool ended; /* libcurl has read the end of the body */
};

/* ---- callbacks ---- */

static size_t on_header(char *data, size_t size, size_t n, void *context)
{
    struct exchange *x = context;
    struct gw_str value, line = {data, size * n}, name = str_cut(line, ':', &value);
    struct http_answer *a = x->answer;
    const struct {
        const char *name;
        struct gw_str *to;
    } wanted[] = {
        {"etag", &a->etag},        {"last-modified", &a->modified}, {"content-disposition", &a->disposition},
        {"link", &a->link},        {"content-type", &a->type},      {"content-range", &a->range},
        {"location", &a->location}};

    if (str_begins(line, GW_STR("HTTP/")))
        *a = (struct http_answer){.text = a->text};
    for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
        if (name.len == strlen(wanted[i].name) && strncasecmp(name.ptr, wanted[i].name, name.len) == 0)
            *wanted[i].to = arena_copy(x->h->w.arena, str_trim(value));
    return size * n;
}

static size_t on_body(char *data, size_t size, size_t n, void *context)
{
    struct exchange *x = context;
    struct http_answer *a = x->answer;
    size_t len = size * n, room = TEXT_MAX - 1 - a->text.len;

    (void)curl_easy_getinfo(x->h->w.curl, CURLINFO_RESPONSE_CODE, &a->status);
    if (x->request->take && a->status / 100 == 2) {
        x->h->w.local = !x->request->take(x->request->context, a, (struct gw_str){data, len});
        return x->h->w.local ? 0 : len;
    }
    buf_add(&a->text, data, len < room ? len : room);
    return len;
}

static size_t on_send(char *data, size_t size, size_t n, void *context)
{
    struct exchange *x = context;
    ssize_t got;

    do
        got = read(x->request->body, data, size * n);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return CURL_READFUNC_ABORT;
    x->sent += (uint64_t)got;
    return (size_t)got;
}

static int on_seek(void *context, curl_off_t offset, int origin)
{
    struct exchange *x = context;

    if (lseek(x->request->body, offset, origin) < 0)
        return CURL_SEEKFUNC_FAIL;
    x->sent = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

/* ---- a request ---- */

static CURLcode set_body(struct http *h, const struct http_request *r, struct exchange *x)
{
    CURL *c = h->w.curl;
    CURLcode e = CURLE_OK;

    if (r->body >= 0) {
        (void)lseek(r->body, 0, SEEK_SET);
        e = curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
        e = e ? e : curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->size);
        e = e ? e : curl_easy_setopt(c, CURLOPT_READFUNCTION, on_send);
        e = e ? e : curl_easy_setopt(c, CURLOPT_READDATA, x);
        e = e ? e : curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, on_seek);
        e = e ? e : curl_easy_setopt(c, CURLOPT_SEEKDATA, x);
        e = e ? e : curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L); /* none that dies of age under a POST */
    } else if (strcmp(r->method, "POST") == 0) {
        e = curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->text.len);
        e = e ? e : curl_easy_setopt(c, CURLOPT_COPYPOSTFIELDS, r->text.ptr ? r->text.ptr : "");
    } else if (strcmp(r->method, "HEAD") == 0)
        return curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
    return e ? e : curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
}

static enum gw_result set_request(struct http *h, const struct http_request *r, struct exchange *x)
{
    CURL *c = h->w.curl;
    CURLcode e = curl_easy_setopt(c, CURLOPT_USERAGENT, "Passerelle");

    e = e ? e : curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    e = e ? e : curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    e = e ? e : curl_easy_setopt(c, CURLOPT_HEADERDATA, x);
    e = e ? e : curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    e = e ? e : curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
    e = e ? e : curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 262144L);
    e = e ? e : set_body(h, r, x);
    return e ? wire_fault(&h->w, r->step, e) : GW_OK;
}

static void keep_pace(struct http *h)
{
    uint64_t a_minute = h->w.duty->connector.requests_per_minute;
    int64_t wait = a_minute && h->last ? h->last + (int64_t)(60000 / a_minute) - clock_ms() : 0;
    struct timespec pause = {wait / 1000, wait % 1000 * 1000000};

    while (wait > 0 && nanosleep(&pause, &pause) != 0 && errno == EINTR)
        ;
    h->last = clock_ms();
}

static enum gw_result perform(struct exchange *x)
{
    struct http *h = x->h;
    curl_off_t after = 0;
    CURLcode e = curl_easy_setopt(h->w.curl, CURLOPT_HTTPHEADER, h->w.lines);
    enum gw_result result = e ? wire_fault(&h->w, x->request->step, e) : GW_OK;

    if (result != GW_OK)
        return result;
    keep_pace(h);
    result = wire_perform(&h->w, x->request->step, &e);
    x->answer->lost = wire_lost(e);
    x->answer->complete = x->sent == x->request->size;
    (void)curl_easy_getinfo(h->w.curl, CURLINFO_RESPONSE_CODE, &x->answer->status);
    (void)curl_easy_getinfo(h->w.curl, CURLINFO_RETRY_AFTER, &after);
    x->answer->after = after > 0 ? (uint64_t)after : 0;
    return result;
}

enum gw_result http_once(struct http *h, const struct http_request *r, struct http_answer *answer,
                         const char *user, const char *password)
{
    struct exchange x = {.h = h, .request = r, .answer = answer};
    enum gw_result result;

    *answer = (struct http_answer){.status = 0};
    buf_init(&answer->text, TEXT_MAX);
    result = wire_ready(&h->w, r->url);
    for (size_t i = 0; result == GW_OK && i < HTTP_LINES && r->lines[i]; i++)
        result = wire_line(&h->w, r->lines[i]);
    for (size_t i = 0; result == GW_OK && r->more && i < r->more->count; i++)
        result = wire_line(&h->w, arena_text(h->w.arena, r->more->items[i]));
    result = result != GW_OK ? result : set_request(h, r, &x);
    if (result == GW_OK && user) {
        CURLcode e = curl_easy_setopt(h->w.curl, CURLOPT_USERNAME, user);

        e = e ? e : curl_easy_setopt(h->w.curl, CURLOPT_PASSWORD, password);
        result = e ? wire_fault(&h->w, r->step, e) : GW_OK;
    }
    return result != GW_OK ? result : perform(&x);
}

/* ---- with credentials, and where it is sent on to ---- */

/* Basic ones are the handle's (wire.c). */
static enum gw_result credential_line(struct http *h, const char **ret)
{
    const struct connector *c = &h->w.duty->connector;
    enum gw_result r = GW_OK;

    *ret = NULL;
    switch (c->auth) {
    case AUTH_BEARER:
        *ret = arena_format(h->w.arena, "Authorization: Bearer %s", h->secret.data);
        break;
    case AUTH_API_KEY:
        *ret = arena_format(h->w.arena, "%.*s: %s", STR_ARG(c->token_header), h->secret.data);
        break;
    case AUTH_OAUTH2:
        r = h->bearer.len ? GW_OK : http_token(h);
        *ret = r == GW_OK ? arena_format(h->w.arena, "Authorization: Bearer %s", h->bearer.data) : NULL;
        break;
    default:
        return GW_OK;
    }
    return r != GW_OK ? r : *ret ? GW_OK : wire_fault(&h->w, "login", CURLE_OUT_OF_MEMORY);
}

static enum gw_result once_with_credentials(struct http *h, const struct http_request *r,
                                            struct http_answer *answer)
{
    struct http_request with = *r;
    size_t n = 0;
    enum gw_result result;

    while (n < HTTP_LINES - 1 && with.lines[n])
        n++;
    result = credential_line(h, &with.lines[n]);
    return result != GW_OK ? result : http_once(h, &with, answer, NULL, NULL);
}

/* A token of the keyring may have been withdrawn: one new one, once. */
static enum gw_result ask(struct http *h, const struct http_request *r, struct http_answer *answer)
{
    enum gw_result result = once_with_credentials(h, r, answer);

    if (result == GW_OK && answer->status == 401 && h->cached) {
        http_token_forget(h);
        buf_done(&answer->text);
        result = once_with_credentials(h, r, answer);
    }
    return result;
}

static bool is_redirect(const struct http_request *r, long status)
{
    bool any = strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0;

    return status == 307 || status == 308 || (any && (status == 301 || status == 302 || status == 303));
}

/* To the same origin or nowhere: what is asked for goes with our credentials. */
static enum gw_result redirect(struct http *h, const struct http_request *r, const struct http_answer *answer,
                               const char **url)
{
    const char *to = answer->location.len ? http_resolve(h->w.arena, *url, answer->location) : NULL;

    if (to && is_redirect(r, answer->status) && http_same_origin(to, *url)) {
        *url = to;
        return GW_OK;
    }
    return wire_tell(&h->w, END_FAIL, r->step, "transfer.redirect", to ? str_of(to) : answer->location,
                     GW_STR(""));
}

enum gw_result http_do(struct http *h, const struct http_request *r, struct http_answer *answer)
{
    struct http_request now = *r;
    enum gw_result result = GW_OK;

    h->w.subject = h->w.duty->name.len ? h->w.duty->name : str_of(r->url);
    *answer = (struct http_answer){.status = 0};
    if (h->w.duty->connector.auth != AUTH_NONE && str_begins(str_of(r->url), GW_STR("http://")) &&
        !wire_loopback(r->url))
        return wire_say(&h->w, END_FAIL, "tls", "transfer.clear");
    for (unsigned i = 0; result == GW_OK && i <= REDIRECTS_MAX; i++) {
        buf_done(&answer->text);
        result = ask(h, &now, answer);
        if (result == GW_OK && (answer->status / 100 != 3 || answer->status == 304))
            return GW_OK;
        if (result == GW_OK)
            result = redirect(h, &now, answer, &now.url);
    }
    return result != GW_OK
               ? result
               : wire_tell(&h->w, END_FAIL, r->step, "transfer.redirect", str_of(now.url), GW_STR(""));
}

/* ---- refusals ---- */

/* As it is or as a form has it. */
static bool is_said(const struct secret *s, struct gw_str text)
{
    struct gw_str value = {s->data, s->len};
    struct buf coded;
    bool said;
    size_t at;

    buf_init(&coded, 4 * 65536);
    wire_escape(&coded, value, "");
    said = s->data && (str_find(text, value, &at) || str_find(text, buf_view(&coded), &at));
    buf_done(&coded);
    return said;
}

/* What the server said, unless it repeats a secret of ours. */
static struct gw_str problem(struct http *h, const struct http_answer *answer)
{
    struct gw_str body = buf_view(&answer->text), text = http_problem(h->w.arena, answer->type, body);
    size_t at;
    bool secret = is_said(&h->secret, body) || is_said(&h->w.password, body) ||
                  (h->bearer.len && str_find(body, buf_view(&h->bearer), &at));

    return secret ? GW_STR("") : text;
}

enum gw_result http_refused(struct http *h, const char *step, struct http_answer *answer)
{
    static const struct {
        long status;
        enum ending end;
        const char *step, *code;
    } known[] = {
        {401, END_FAIL, "login", "transfer.login"}, {403, END_FAIL, NULL, "transfer.rights"},
        {507, END_RETRY, NULL, "transfer.full"},    {408, END_RETRY, NULL, "transfer.http"},
        {425, END_RETRY, NULL, "transfer.http"},    {429, END_RETRY, NULL, "transfer.http"},
    };
    enum ending end = answer->status >= 500 ? END_RETRY : END_FAIL;
    const char *code = "transfer.http";
    struct gw_str text = problem(h, answer);
    const char *status = arena_format(h->w.arena, "%ld", answer->status);
    enum gw_result r;

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (known[i].status == answer->status) {
            end = known[i].end;
            code = known[i].code;
            step = known[i].step ? known[i].step : step;
        }
    r = wire_tell(&h->w, end, step, code, h->w.duty->errand.path, text.len ? text : str_of(status));
    wire_arg(&h->w, "status", str_of(status));
    wire_arg(&h->w, "text", text);
    h->w.said.after = answer->after;
    return r;
}

enum gw_result http_open(struct http *h, struct run *run)
{
    const struct connector *c = &run->duty.connector;
    enum gw_result r;

    *h = (struct http){.cached = false};
    buf_init(&h->bearer, 16384);
    r = wire_open(&h->w, run);
    if (r == GW_OK && (c->auth == AUTH_BEARER || c->auth == AUTH_API_KEY))
        r = wire_secret(&h->w, c->token, &h->secret);
    if (r == GW_OK && c->auth == AUTH_OAUTH2)
        r = wire_secret(&h->w, c->client_secret, &h->secret);
    if (r == GW_OK && c->auth >= AUTH_BEARER && !h->secret.data) {
        r = wire_say(&h->w, END_FAIL, "login", "transfer.secret");
        wire_arg(&h->w, "found", GW_STR(""));
    }
    return r;
}

void http_close(struct http *h)
{
    if (h->bearer.len)
        explicit_bzero(h->bearer.data, h->bearer.len);
    buf_done(&h->bearer);
    secret_wipe(&h->secret);
    wire_close(&h->w);
}
