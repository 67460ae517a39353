/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What strangers send to the API: names of files, headers, heads of requests as the library hands them on,
 * tokens before their signature is looked at, and claims behind a good one. First byte: which.
 */
#include "fuzz/fuzz.h"

#include <jansson.h>
#include <jose/b64.h>
#include <jose/jwk.h>
#include <jose/jws.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "api/api.h"
#include "api/token.h"
#include "base/str.h"

#define HEADS 32

/* The library's, of which the rules see no more than its list of headers. */
struct MHD_Connection {
    const char *names[HEADS], *values[HEADS];
    size_t count;
};

static struct gw_str subject = GW_STR_INIT("app-1");
static struct partner partners[1];
static struct gateway_conf conf;
static json_t *key;

const char *MHD_lookup_connection_value(struct MHD_Connection *c, enum MHD_ValueKind kind, const char *name)
{
    MUST(kind == MHD_HEADER_KIND, "%d", (int)kind);
    for (size_t i = 0; i < c->count; i++)
        if (strcasecmp(c->names[i], name) == 0)
            return c->values[i];
    return NULL;
}

int MHD_get_connection_values(struct MHD_Connection *c, enum MHD_ValueKind kind, MHD_KeyValueIterator each,
                              void *cls)
{
    for (size_t i = 0; i < c->count; i++)
        if (each(cls, kind, c->names[i], c->values[i]) != MHD_YES)
            break;
    return (int)c->count;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char path[64];
    json_t *file;

    (void)argc;
    (void)argv;
    (void)snprintf(path, sizeof(path), "/tmp/fuzz-api-%d.json", (int)getpid());
    key = json_pack("{s:s}", "alg", "ES256");
    MUST(jose_jwk_gen(NULL, key), "no key");
    file = json_pack("{s:[O]}", "keys", key);
    MUST(json_dump_file(file, path, 0) == 0 && token_keys_load(path) == GW_OK, "%s", path);
    json_decref(file);
    (void)unlink(path);
    partners[0].api_subjects = (struct conf_list){&subject, 1};
    conf = (struct gateway_conf){.partners = partners, .npartners = 1};
    conf.api.issuer = GW_STR("https://issuer.test");
    conf.api.audience = GW_STR("passerelle");
    return 0;
}

/* Kept as a text: it has an end, is no part of a path and fits where it is sent to. */
static void check_name(const char *name)
{
    size_t len = strlen(name);

    MUST(len <= 200 && str_valid(str_of(name)), "%zu", len);
    MUST(name[0] != '.' && !strpbrk(name, "/\\\x7f"), "%s", name);
    for (size_t i = 0; i < len; i++)
        MUST((unsigned char)name[i] >= ' ', "%s", name);
}

static void try_name(struct gw_str text, bool header)
{
    char name[FRONT_TEXT];
    bool taken;

    memset(name, '/', sizeof(name)); /* what is not written would be seen */
    taken = header ? filename_disposition(text, name) : filename_take(text, name);
    if (!taken)
        return;
    MUST(memchr(name, '\0', sizeof(name)), "no end");
    check_name(name);
    if (!header)
        MUST(str_eq(str_of(name), text), "another name");
}

/* The first two bytes are the size of the file. */
static void try_range(struct arena *a, struct gw_str text)
{
    uint64_t size, from = 9, len = 9;
    int part;

    if (text.len < 2)
        return;
    size = (uint64_t)(unsigned char)text.ptr[0] << (text.ptr[1] & 63) >> 1;
    part = head_range(arena_text(a, str_from(text, 2)), size, &from, &len);
    MUST(part >= -1 && part <= 1, "%d", part);
    if (part == 0)
        MUST(from == 0 && len == size, "not the whole");
    if (part == 1)
        MUST(len > 0 && from < size && len <= size - from, "%llu and %llu of %llu", (unsigned long long)from,
             (unsigned long long)len, (unsigned long long)size);
}

static void try_language(struct arena *a, struct gw_str text)
{
    enum lang lang = head_lang(arena_text(a, text));

    MUST(lang == LANG_FR || lang == LANG_EN, "%d", (int)lang);
    if (lang == LANG_EN)
        MUST(strcasestr(arena_text(a, text), "en"), "English, of which nobody spoke");
}

static const char *last_of(struct MHD_Connection *c, const char *name, size_t *n)
{
    const char *found = NULL;

    *n = 0;
    for (size_t i = 0; i < c->count; i++)
        if (strcasecmp(c->names[i], name) == 0) {
            found = c->values[i];
            (*n)++;
        }
    return found;
}

/* Lines "NAME:VALUE"; a head that is taken has one reading. */
static void try_head(struct arena *a, struct gw_str text)
{
    static const struct route with = {.method = "POST", .body = true}, without = {.method = "GET"};
    const struct route *r = text.len && text.ptr[0] & 1 ? &with : &without;
    struct MHD_Connection c = {.count = 0};
    struct gw_str value, name;
    const char *length, *coding;
    size_t lengths, codings, hosts;

    while (text.ptr && c.count < HEADS) {
        name = str_cut(str_cut(text, '\n', &text), ':', &value);
        c.names[c.count] = arena_text(a, name);
        c.values[c.count++] = arena_text(a, value.ptr ? value : GW_STR(""));
    }
    if (strict_fault(&c, r))
        return;
    length = last_of(&c, "Content-Length", &lengths);
    coding = last_of(&c, "Transfer-Encoding", &codings);
    (void)last_of(&c, "Host", &hosts);
    MUST(hosts == 1 && lengths + codings <= 1, "%zu %zu %zu", hosts, lengths, codings);
    MUST(!length || (*length && strspn(length, "0123456789") == strlen(length)), "%s", length);
    MUST(!coding || strcasecmp(coding, "chunked") == 0, "%s", coding);
    MUST(r->body ? length || coding : !coding && (!length || strtoull(length, NULL, 10) == 0), "a body");
    for (size_t i = 0; i < c.count; i++)
        MUST(!strpbrk(c.values[i], "\r\n") && !strpbrk(c.names[i], "\r\n \t:"), "%s", c.names[i]);
}

/* Nobody has the key. */
static void try_token(struct arena *a, struct gw_str text)
{
    const char *copy = arena_text(a, text);

    MUST(!token_partner(&conf, str_of(copy)), "forged: %s", copy);
}

/* Signed by the issuer: whoever is taken is who it says, for us, and now. */
static void try_claims(struct arena *a, struct gw_str text)
{
    json_t *jws = json_pack("{s:o}", "payload", jose_b64_enc(text.ptr, text.len));
    json_t *template = json_pack("{s:{s:s}}", "protected", "alg", "ES256");
    json_t *claims = json_loadb(text.ptr, text.len, 0, NULL);
    const struct partner *taken;
    const char *token;

    MUST(jws && jose_jws_sig(NULL, jws, template, key), "no signature");
    token = arena_format(a, "%s.%s.%s", json_string_value(json_object_get(jws, "protected")),
                         json_string_value(json_object_get(jws, "payload")),
                         json_string_value(json_object_get(jws, "signature")));
    taken = token_partner(&conf, str_of(token));
    if (taken) {
        MUST(taken == partners && str_is(subject, json_string_value(json_object_get(claims, "sub"))), "%s",
             token);
        MUST(str_is(conf.api.issuer, json_string_value(json_object_get(claims, "iss"))), "%s", token);
        MUST(json_number_value(json_object_get(claims, "exp")) + 60 > (double)time(NULL), "%s", token);
        MUST(json_object_get(claims, "aud"), "%s", token);
    }
    json_decref(claims);
    json_decref(template);
    json_decref(jws);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gw_str text = {(const char *)data, size};
    struct arena a;
    size_t which;

    text = take_choice(text, 7, &which);
    if (!text.len)
        return 0;
    arena_init(&a, 0, (size_t)64 << 20);
    if (which < 2)
        try_name(text, which == 1);
    else if (which == 2)
        try_range(&a, text);
    else if (which == 3)
        try_language(&a, text);
    else if (which == 4)
        try_head(&a, text);
    else if (which == 5)
        try_token(&a, text);
    else
        try_claims(&a, text);
    arena_done(&a);
    return 0;
}
