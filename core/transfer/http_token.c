/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Access tokens of OAuth 2.0, client credentials. Between two processes a token lies in the kernel's session
 * keyring: it never comes to a disk, the kernel forgets it when it expires, and no other account reads it.
 * Where there is no keyring each process asks for one of its own.
 */
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/str.h"
#include "store/store.h"
#include "transfer/http.h"

#define TOKEN_MAX 16384u
#define EARLY     30u /* seconds before its end in which a token is not used any more */
#define LONGEST   86400u
#define UNSAID    60u /* seconds that a token lives whose end was not said */

/* Another secret, scope or server is another token. */
static const char *key_name(struct http *h)
{
    const struct connector *c = &h->w.duty->connector;
    const struct gw_str zero = {"", 1};
    struct gw_str parts[] = {
        c->name, zero, c->token_url, zero, c->client_id, zero, c->scope, zero, {h->secret.data, h->secret.len}};
    uint8_t digest[32];

    store_digest(arena_join(h->w.arena, parts, sizeof(parts) / sizeof(*parts)), digest);
    return arena_format(h->w.arena, "passerelle:%s", wire_hex(&h->w, digest, sizeof(digest)));
}

static long find_key(struct http *h)
{
    return syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", key_name(h), 0);
}

static bool from_keyring(struct http *h)
{
    long key = find_key(h), n = -1;
    char *room;

    buf_clear(&h->bearer);
    if (key >= 0 && (room = buf_room(&h->bearer, TOKEN_MAX - 1)))
        n = syscall(SYS_keyctl, KEYCTL_READ, key, room, TOKEN_MAX - 1);
    if (n <= 0 || n >= (long)TOKEN_MAX - 1)
        return false;
    h->bearer.len += (size_t)n;
    h->bearer.data[h->bearer.len] = '\0';
    return true;
}

static void to_keyring(struct http *h, uint64_t seconds)
{
    long key;

    if (seconds <= EARLY)
        return;
    key = syscall(SYS_add_key, "user", key_name(h), h->bearer.data, h->bearer.len, KEY_SPEC_SESSION_KEYRING);
    if (key >= 0 &&
        syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT, key, (seconds < LONGEST ? seconds : LONGEST) - EARLY) != 0)
        (void)syscall(SYS_keyctl, KEYCTL_INVALIDATE, key);
}

void http_token_forget(struct http *h)
{
    long key = find_key(h);

    if (key >= 0)
        (void)syscall(SYS_keyctl, KEYCTL_INVALIDATE, key);
    buf_clear(&h->bearer);
    h->cached = false;
}

/* A token is of visible characters (RFC 6750, 2.1): anything else would end the header. */
static bool read_token(struct http *h, struct gw_str json, uint64_t *ret_seconds)
{
    yyjson_doc *doc = yyjson_read(json.ptr, json.len, 0);
    yyjson_val *root = yyjson_doc_get_root(doc), *life = yyjson_obj_get(root, "expires_in");
    const char *token = yyjson_get_str(yyjson_obj_get(root, "access_token"));
    bool good = token && *token && strlen(token) < TOKEN_MAX - 1;

    for (const char *p = token; good && *p; p++)
        good = *p > ' ' && *p < 127;
    buf_clear(&h->bearer);
    if (good)
        buf_text(&h->bearer, token);
    *ret_seconds = yyjson_is_uint(life) ? yyjson_get_uint(life) : UNSAID;
    yyjson_doc_free(doc);
    return good && !h->bearer.failed;
}

static const char *form_text(struct http *h, const char *start, struct gw_str value)
{
    struct buf out;
    const char *text;

    buf_init(&out, 65536);
    buf_text(&out, start);
    wire_escape(&out, value, "");
    text = arena_text(h->w.arena, buf_view(&out));
    buf_done(&out);
    return text;
}

static enum gw_result no_token(struct http *h, struct http_answer *answer)
{
    enum ending end = answer->status == 429 || answer->status >= 500 ? END_RETRY : END_FAIL;
    enum gw_result ignored = http_refused(h, "token", answer);

    (void)ignored;
    h->w.said.end = end;
    h->w.said.step = "token";
    h->w.said.code = "transfer.token";
    return end == END_RETRY ? GW_RETRY : GW_FAIL;
}

/* RFC 6749: client and secret by Basic, written as in a form (2.3.1). */
static enum gw_result ask(struct http *h)
{
    const struct connector *c = &h->w.duty->connector;
    const char *form = c->scope.len ? form_text(h, "grant_type=client_credentials&scope=", c->scope)
                                    : "grant_type=client_credentials";
    struct http_request r = {.method = "POST",
                             .url = arena_text(h->w.arena, c->token_url),
                             .step = "token",
                             .lines = {"Accept: application/json"},
                             .body = -1,
                             .text = str_of(form)};
    struct http_answer answer;
    uint64_t seconds;
    enum gw_result result = http_once(h, &r, &answer, form_text(h, "", c->client_id),
                                      form_text(h, "", (struct gw_str){h->secret.data, h->secret.len}));

    if (result == GW_OK && answer.status != 200)
        result = no_token(h, &answer);
    else if (result == GW_OK && !read_token(h, buf_view(&answer.text), &seconds)) {
        result = wire_say(&h->w, END_FAIL, "token", "transfer.token");
        wire_arg(&h->w, "status", GW_STR("200"));
        wire_arg(&h->w, "text", GW_STR(""));
    } else if (result == GW_OK)
        to_keyring(h, seconds);
    explicit_bzero(answer.text.data, answer.text.len);
    buf_done(&answer.text);
    return result;
}

enum gw_result http_token(struct http *h)
{
    const char *url = arena_text(h->w.arena, h->w.duty->connector.token_url);
    enum gw_result r;

    h->cached = from_keyring(h);
    if (h->cached)
        return GW_OK;
    if (!str_begins(str_of(url), GW_STR("https://")) && !wire_loopback(url))
        return wire_say(&h->w, END_FAIL, "token", "transfer.clear");
    r = ask(h);
    if (r == GW_OK)
        answer_step("token", true, 0, NULL);
    return r;
}
