/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/digest.h"

#include <openssl/evp.h>
#include <string.h>

/* The library's context is the digester: it frees what it makes. */
static EVP_MD_CTX *context(struct store_digester *d)
{
    return (EVP_MD_CTX *)(void *)d;
}

struct store_digester *store_digest_begin(void)
{
    return (struct store_digester *)(void *)EVP_MD_CTX_new();
}

void store_digest_start(struct store_digester *d)
{
    (void)EVP_DigestInit_ex(context(d), EVP_sha256(), NULL);
}

void store_digest_add(struct store_digester *d, struct gw_str bytes)
{
    (void)EVP_DigestUpdate(context(d), bytes.ptr, bytes.len);
}

void store_digest_end(struct store_digester *d, uint8_t ret[32])
{
    unsigned len = 32;

    if (EVP_DigestFinal_ex(context(d), ret, &len) != 1)
        memset(ret, 0, 32);
}

void store_digest_free(struct store_digester *d)
{
    EVP_MD_CTX_free(context(d));
}
