/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Secrets: what is sealed (AES-256-GCM) and what is hashed with a key (HMAC-SHA-256, SipHash for the sums of
 * rows). Knows no database; any backend uses it. Two keys are behind it: one seals and is changed by a
 * rotation, the other hashes and stays, so that what was hashed is found again.
 */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

#include <openssl/types.h>

#include "base/arena.h"

#define SEAL_KEY   32
#define SEAL_EXTRA (1 + 12 + 16) /* generation, nonce, tag: that much longer is what is sealed */

enum seal_hash {
    HASH_SOURCE_KEY,
    HASH_PERSON_NUMBER,
    HASH_CONTENT,
    HASH_AUDIT,
    SEAL_HASHES,
};

struct seal {
    EVP_CIPHER_CTX *sealing, *opening;
    EVP_MAC_CTX *hashes[SEAL_HASHES];
    EVP_MAC_CTX *sum;
    uint8_t sum_key[16];
    uint8_t generation; /* of the key that seals: its first byte */
    uint8_t random[40 * 12];
    size_t random_left;
};

/* Where a sealed text belongs: it opens nowhere else. */
struct seal_place {
    uint32_t table, column;
    int64_t row;
};

/* GW_FATAL: the library has no memory, or not these algorithms. */
GW_MUST_USE enum gw_result seal_open(struct seal *k, int64_t generation, const uint8_t sealing[SEAL_KEY],
                                     const uint8_t hashing[SEAL_KEY]);
void seal_done(struct seal *k); /* {0} is fine */
GW_MUST_USE enum gw_result seal_random(uint8_t *ret, size_t len);
void seal_forget(void *secret, size_t len); /* overwrites, even if nobody reads it again */

/* *ret has text.len + SEAL_EXTRA bytes. */
GW_MUST_USE enum gw_result seal_put(struct seal *k, const struct seal_place *at, struct gw_str text,
                                    uint8_t *ret);
/* GW_REJECT: not sealed by this key, not from this place, or changed. *ret has sealed.len - SEAL_EXTRA bytes.
 */
GW_MUST_USE enum gw_result seal_take(struct seal *k, const struct seal_place *at, struct gw_str sealed,
                                     uint8_t *ret);
static inline bool seal_is_of(const struct seal *k, struct gw_str sealed)
{
    return sealed.len >= SEAL_EXTRA && (uint8_t)sealed.ptr[0] == k->generation;
}

/* Several texts one after another, as one. */
void seal_hash(const struct seal *k, enum seal_hash use, const struct gw_str *texts, size_t n, uint8_t ret[32]);
/* A keyed checksum, in parts. */
void seal_sum_begin(const struct seal *k);
void seal_sum_add(const struct seal *k, const void *data, size_t len);
int64_t seal_sum_end(const struct seal *k);

#endif
