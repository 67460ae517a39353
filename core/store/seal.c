/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Algorithms are fetched once and contexts reused: fetching costs more than hashing a row. Nonces are random,
 * drawn for forty texts at a time; the bound of 2^32 texts a key is a rotation away.
 */
#include "store/seal.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"

enum { NONCE = 12, TAG = 16 };

static bool open_cipher(EVP_CIPHER_CTX **ret, const EVP_CIPHER *cipher, const uint8_t *key, int sealing)
{
    *ret = EVP_CIPHER_CTX_new();
    return *ret && EVP_CipherInit_ex2(*ret, cipher, key, NULL, sealing, NULL) == 1;
}

/* Each use has a key of its own, made from the one that hashes: a hash of one use says nothing in another. */
static bool use_key(EVP_MAC_CTX *from, const char *use, uint8_t ret[32])
{
    size_t len;

    return EVP_MAC_init(from, NULL, 0, NULL) == 1 &&
           EVP_MAC_update(from, (const uint8_t *)use, strlen(use)) == 1 &&
           EVP_MAC_final(from, ret, &len, 32) == 1;
}

static bool open_hmac(EVP_MAC_CTX **ret, EVP_MAC *hmac, const uint8_t key[32])
{
    char sha[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_utf8_string("digest", sha, sizeof(sha) - 1), OSSL_PARAM_END};

    *ret = EVP_MAC_CTX_new(hmac);
    return *ret && EVP_MAC_init(*ret, key, 32, params) == 1;
}

static bool open_hashes(struct seal *k, EVP_MAC *hmac, const uint8_t hashing[SEAL_KEY])
{
    static const char *const uses[SEAL_HASHES] = {"source key", "person number", "content", "audit"};
    EVP_MAC_CTX *from = NULL;
    uint8_t key[32];
    bool good = open_hmac(&from, hmac, hashing);

    for (size_t i = 0; good && i < SEAL_HASHES; i++)
        good = use_key(from, uses[i], key) && open_hmac(&k->hashes[i], hmac, key);
    good = good && use_key(from, "sum", key);
    if (good)
        memcpy(k->sum_key, key, sizeof(k->sum_key));
    OPENSSL_cleanse(key, sizeof(key));
    EVP_MAC_CTX_free(from);
    return good;
}

static bool open_sum(struct seal *k, EVP_MAC *siphash)
{
    size_t size = 8;
    OSSL_PARAM params[] = {OSSL_PARAM_size_t("size", &size), OSSL_PARAM_END};

    k->sum = EVP_MAC_CTX_new(siphash);
    return k->sum && EVP_MAC_CTX_set_params(k->sum, params) == 1;
}

enum gw_result seal_open(struct seal *k, int64_t generation, const uint8_t sealing[SEAL_KEY],
                         const uint8_t hashing[SEAL_KEY])
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC *siphash = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
    bool good;

    *k = (struct seal){.generation = (uint8_t)generation};
    good = cipher && hmac && siphash && open_cipher(&k->sealing, cipher, sealing, 1) &&
           open_cipher(&k->opening, cipher, sealing, 0) && open_hashes(k, hmac, hashing) &&
           open_sum(k, siphash);
    EVP_CIPHER_free(cipher);
    EVP_MAC_free(hmac);
    EVP_MAC_free(siphash);
    if (good)
        return GW_OK;
    seal_done(k);
    return GW_FATAL;
}

void seal_done(struct seal *k)
{
    EVP_CIPHER_CTX_free(k->sealing);
    EVP_CIPHER_CTX_free(k->opening);
    for (size_t i = 0; i < SEAL_HASHES; i++)
        EVP_MAC_CTX_free(k->hashes[i]);
    EVP_MAC_CTX_free(k->sum);
    OPENSSL_cleanse(k, sizeof(*k));
}

enum gw_result seal_random(uint8_t *ret, size_t len)
{
    return RAND_bytes(ret, (int)len) == 1 ? GW_OK : GW_FATAL;
}

void seal_forget(void *secret, size_t len)
{
    OPENSSL_cleanse(secret, len);
}

static bool next_nonce(struct seal *k, uint8_t ret[NONCE])
{
    if (!k->random_left) {
        if (seal_random(k->random, sizeof(k->random)) != GW_OK)
            return false;
        k->random_left = sizeof(k->random);
    }
    k->random_left -= NONCE;
    memcpy(ret, k->random + k->random_left, NONCE);
    return true;
}

/* What is not sealed but has to be the same when it is opened. */
static bool begin(EVP_CIPHER_CTX *c, const uint8_t *nonce, const struct seal_place *at)
{
    uint32_t numbers[4] = {htole32(at->table), htole32(at->column), htole32((uint32_t)at->row),
                           htole32((uint32_t)((uint64_t)at->row >> 32))};
    int len;

    return EVP_CipherInit_ex2(c, NULL, NULL, nonce, -1, NULL) == 1 &&
           EVP_CipherUpdate(c, NULL, &len, (const uint8_t *)numbers, sizeof(numbers)) == 1;
}

static bool body(EVP_CIPHER_CTX *c, const void *from, size_t len, uint8_t *to)
{
    int done;

    return len <= INT32_MAX && (len == 0 || EVP_CipherUpdate(c, to, &done, from, (int)len) == 1);
}

enum gw_result seal_put(struct seal *k, const struct seal_place *at, struct gw_str text, uint8_t *ret)
{
    uint8_t *sealed = ret + 1 + NONCE, none[16];
    int len;

    ret[0] = k->generation;
    if (!next_nonce(k, ret + 1) || !begin(k->sealing, ret + 1, at) ||
        !body(k->sealing, text.ptr, text.len, sealed))
        return GW_FATAL;
    if (EVP_CipherFinal_ex(k->sealing, none, &len) != 1 ||
        EVP_CIPHER_CTX_ctrl(k->sealing, EVP_CTRL_AEAD_GET_TAG, TAG, sealed + text.len) != 1)
        return GW_FATAL;
    return GW_OK;
}

enum gw_result seal_take(struct seal *k, const struct seal_place *at, struct gw_str sealed, uint8_t *ret)
{
    size_t len = sealed.len - SEAL_EXTRA;
    const uint8_t *from = (const uint8_t *)sealed.ptr;
    uint8_t tag[TAG], none[16];
    int rest;

    if (!seal_is_of(k, sealed))
        return GW_REJECT;
    memcpy(tag, from + 1 + NONCE + len, TAG);
    if (!begin(k->opening, from + 1, at) || !body(k->opening, from + 1 + NONCE, len, ret) ||
        EVP_CIPHER_CTX_ctrl(k->opening, EVP_CTRL_AEAD_SET_TAG, TAG, tag) != 1)
        return GW_REJECT;
    return EVP_CipherFinal_ex(k->opening, none, &rest) == 1 ? GW_OK : GW_REJECT;
}

/* With keys and contexts there, hashing cannot fail; should it, no wrong hash may ever be stored. */
static void must(int good)
{
    if (good != 1)
        abort();
}

void seal_hash(const struct seal *k, enum seal_hash use, const struct gw_str *texts, size_t n, uint8_t ret[32])
{
    EVP_MAC_CTX *c = k->hashes[use];
    size_t len;

    must(EVP_MAC_init(c, NULL, 0, NULL));
    for (size_t i = 0; i < n; i++)
        if (texts[i].len)
            must(EVP_MAC_update(c, (const uint8_t *)texts[i].ptr, texts[i].len));
    must(EVP_MAC_final(c, ret, &len, 32));
}

void seal_sum_begin(const struct seal *k)
{
    must(EVP_MAC_init(k->sum, k->sum_key, sizeof(k->sum_key), NULL));
}

void seal_sum_add(const struct seal *k, const void *data, size_t len)
{
    if (len)
        must(EVP_MAC_update(k->sum, data, len));
}

int64_t seal_sum_end(const struct seal *k)
{
    uint64_t sum = 0;
    size_t len;

    must(EVP_MAC_final(k->sum, (uint8_t *)&sum, &len, sizeof(sum)));
    return (int64_t)le64toh(sum);
}

void store_digest(struct gw_str text, uint8_t ret[32])
{
    static _Thread_local EVP_MD *sha;

    if (!sha)
        sha = EVP_MD_fetch(NULL, "SHA256", NULL);
    must(sha && EVP_Digest(text.ptr, text.len, ret, NULL, sha, NULL) == 1);
}
