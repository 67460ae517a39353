/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/token.h"

#include <jansson.h>
#include <jose/b64.h>
#include <jose/jws.h>
#include <pthread.h>
#include <time.h>

#include "base/str.h"

#define LEEWAY 30 /* seconds between two clocks */

static json_t *keys;                                     /* list of JWK */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all that counts references to them */

static struct gw_str text_of(const json_t *object, const char *name)
{
    return str_of(json_string_value(json_object_get(object, name)));
}

/* Which algorithm a key is for; absent: none of ours. */
static struct gw_str algorithm_of(const json_t *key)
{
    struct gw_str kind = text_of(key, "kty"), use = text_of(key, "use"), said = text_of(key, "alg");
    struct gw_str alg = str_is(kind, "RSA")                                          ? GW_STR("RS256")
                        : str_is(kind, "EC") && str_is(text_of(key, "crv"), "P-256") ? GW_STR("ES256")
                                                                                     : (struct gw_str){NULL, 0};

    return (use.ptr && !str_is(use, "sig")) || (said.ptr && !str_eq(said, alg)) ? (struct gw_str){NULL, 0}
                                                                                : alg;
}

enum gw_result token_keys_load(const char *path)
{
    json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    size_t good = 0, i;
    json_t *key;

    keys = json_incref(json_object_get(file, "keys"));
    json_decref(file);
    json_array_foreach(keys, i, key) good += algorithm_of(key).len > 0;
    return good ? GW_OK : GW_FAIL;
}

/* ---- the claims ---- */

static bool for_us(const json_t *audience, struct gw_str us)
{
    const json_t *one;
    size_t i;

    if (json_is_string(audience))
        return str_eq(str_of(json_string_value(audience)), us);
    json_array_foreach(audience, i, one) if (str_eq(str_of(json_string_value(one)), us)) return true;
    return false;
}

bool token_claims_good(const void *claims, const struct api_conf *conf, int64_t now, struct gw_str *ret_sub)
{
    const json_t *expires = json_object_get(claims, "exp"), *begins = json_object_get(claims, "nbf");

    *ret_sub = text_of(claims, "sub");
    if (!str_eq(text_of(claims, "iss"), conf->issuer) ||
        !for_us(json_object_get(claims, "aud"), conf->audience))
        return false;
    if (!json_is_number(expires) || json_number_value(expires) + LEEWAY <= (double)now)
        return false;
    if (begins && (!json_is_number(begins) || json_number_value(begins) - LEEWAY > (double)now))
        return false;
    return ret_sub->len > 0;
}

/* ---- the signature ---- */

static bool signed_by(const json_t *jws, struct gw_str alg, struct gw_str kid)
{
    json_t *key;
    size_t i;

    json_array_foreach(keys, i, key)
    {
        struct gw_str name = text_of(key, "kid");

        if (str_eq(algorithm_of(key), alg) && (!kid.ptr || !name.ptr || str_eq(kid, name)) &&
            jose_jws_ver(NULL, jws, NULL, key, false))
            return true;
    }
    return false;
}

/* The three parts as an object; NULL: there are not three. */
static json_t *parts_of(struct gw_str token)
{
    struct gw_str head, body, sign;

    head = str_cut(token, '.', &token);
    body = str_cut(token, '.', &sign);
    if (!head.len || !body.len || !sign.len)
        return NULL;
    return json_pack("{s:s%,s:s%,s:s%}", "protected", head.ptr, head.len, "payload", body.ptr, body.len,
                     "signature", sign.ptr, sign.len);
}

/* The claims of a token that is signed; NULL. A header that names what must be understood is not. */
static json_t *claims_of(const json_t *jws)
{
    json_t *head = jose_b64_dec_load(json_object_get(jws, "protected")), *claims = NULL;
    struct gw_str alg = text_of(head, "alg");
    bool ours = str_is(alg, "RS256") || str_is(alg, "ES256");

    if (ours && !json_object_get(head, "crit") && signed_by(jws, alg, text_of(head, "kid")))
        claims = jose_b64_dec_load(json_object_get(jws, "payload"));
    json_decref(head);
    return claims;
}

static const struct partner *partner_of(const struct gateway_conf *conf, struct gw_str subject)
{
    for (size_t i = 0; i < conf->npartners; i++)
        for (size_t k = 0; k < conf->partners[i].api_subjects.count; k++)
            if (str_eq(conf->partners[i].api_subjects.items[k], subject))
                return &conf->partners[i];
    return NULL;
}

const struct partner *token_partner(const struct gateway_conf *conf, struct gw_str token)
{
    const struct partner *found = NULL;
    struct gw_str subject;
    json_t *jws, *claims;

    pthread_mutex_lock(&lock);
    jws = keys ? parts_of(token) : NULL;
    claims = jws ? claims_of(jws) : NULL;
    if (claims && token_claims_good(claims, &conf->api, (int64_t)time(NULL), &subject))
        found = partner_of(conf, subject);
    json_decref(claims);
    json_decref(jws);
    pthread_mutex_unlock(&lock);
    return found;
}
