/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/coffer.h"

#include <endian.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "store/durable.h"

#define VERSION 1
#define BLOCK   65536
#define SEALED  (BLOCK + crypto_secretstream_xchacha20poly1305_ABYTES)
#define WRAPPED (COFFER_KEY + crypto_box_SEALBYTES)

struct head {
    char magic[8];
    uint32_t version, kind; /* little endian */
    uint8_t key_id[COFFER_KEY_ID];
    uint8_t wrapped[WRAPPED]; /* COFFER_PUBLIC: the stream's key, sealed to the pair; else a salt and zeros */
    uint8_t stream[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
};
_Static_assert(sizeof(struct head) == 136, "no holes");

struct coffer {
    int fd;
    bool begun, last; /* a block was sealed or opened; the last one was opened */
    struct head head;
    crypto_secretstream_xchacha20poly1305_state state;
    size_t len, at; /* in `plain` */
    uint8_t plain[BLOCK], sealed[SEALED + 1];
};

static const char magic[8] = {'P', 'S', 'L', 'E', 'C', 'O', 'F', 'R'};

/* Read until it is full or there is no more; the length, -1. */
static ssize_t read_full(int fd, uint8_t *to, size_t len)
{
    size_t got = 0;

    while (got < len) {
        ssize_t n = read(fd, to + got, len - got);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

/* ---- the key of the stream ---- */

static void derive(const struct coffer_key *key, const uint8_t *salt, uint8_t ret[COFFER_KEY])
{
    (void)crypto_generichash(ret, COFFER_KEY, salt, COFFER_KEY, key->bytes, COFFER_KEY);
}

static enum gw_result wrap(struct head *h, const struct coffer_key *key, uint8_t ret[COFFER_KEY])
{
    if (key->kind == COFFER_SECRET) {
        randombytes_buf(h->wrapped, COFFER_KEY);
        derive(key, h->wrapped, ret);
        return GW_OK;
    }
    randombytes_buf(ret, COFFER_KEY);
    if (key->kind == COFFER_PRIVATE) {
        uint8_t public[crypto_box_PUBLICKEYBYTES];

        (void)crypto_scalarmult_base(public, key->bytes);
        return crypto_box_seal(h->wrapped, ret, COFFER_KEY, public) == 0 ? GW_OK : GW_FAIL;
    }
    return crypto_box_seal(h->wrapped, ret, COFFER_KEY, key->bytes) == 0 ? GW_OK : GW_FAIL;
}

static enum gw_result unwrap(const struct head *h, const struct coffer_key *key, uint8_t ret[COFFER_KEY])
{
    uint8_t public[crypto_box_PUBLICKEYBYTES];

    if (memcmp(h->key_id, key->id, sizeof(key->id)) != 0)
        return GW_END;
    if (key->kind == COFFER_SECRET) {
        derive(key, h->wrapped, ret);
        return GW_OK;
    }
    if (key->kind != COFFER_PRIVATE)
        return GW_END;
    (void)crypto_scalarmult_base(public, key->bytes);
    return crypto_box_seal_open(ret, h->wrapped, WRAPPED, public, key->bytes) == 0 ? GW_OK : GW_REJECT;
}

/* ---- blocks ---- */

/* The head goes with the first block: changed, it does not open. */
static enum gw_result block_put(struct coffer *c, bool last)
{
    unsigned long long len;
    const uint8_t *bound = c->begun ? NULL : (const uint8_t *)&c->head;
    uint8_t tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                       : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;

    if (crypto_secretstream_xchacha20poly1305_push(&c->state, c->sealed, &len, c->plain, c->len, bound,
                                                   bound ? sizeof(c->head) : 0, tag) != 0)
        return GW_FATAL;
    c->begun = true;
    c->len = 0;
    return durable_write(c->fd, c->sealed, (size_t)len);
}

static enum gw_result block_get(struct coffer *c)
{
    unsigned long long len = 0;
    const uint8_t *bound = c->begun ? NULL : (const uint8_t *)&c->head;
    ssize_t n = c->last ? 0 : read_full(c->fd, c->sealed, SEALED);
    uint8_t tag = 0;

    if (n < 0)
        return GW_RETRY;
    if (n < (ssize_t)crypto_secretstream_xchacha20poly1305_ABYTES ||
        crypto_secretstream_xchacha20poly1305_pull(&c->state, c->plain, &len, &tag, c->sealed,
                                                   (unsigned long long)n, bound,
                                                   bound ? sizeof(c->head) : 0) != 0)
        return GW_REJECT;
    c->begun = true;
    c->last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    c->len = (size_t)len;
    c->at = 0;
    return GW_OK;
}

/* ---- writing ---- */

static enum gw_result coffer_new(struct arena *a, int fd, struct coffer **ret)
{
    if (sodium_init() < 0)
        return GW_FATAL;
    *ret = arena_zero(a, sizeof(**ret));
    if (!*ret)
        return GW_FATAL;
    (*ret)->fd = fd;
    return GW_OK;
}

enum gw_result coffer_create(struct arena *a, int fd, const struct coffer_key *key, struct coffer **ret)
{
    uint8_t of_stream[COFFER_KEY];
    struct head *h;
    enum gw_result result = coffer_new(a, fd, ret);

    if (result != GW_OK)
        return result;
    h = &(*ret)->head;
    memcpy(h->magic, magic, sizeof(magic));
    h->version = htole32(VERSION);
    h->kind = htole32(key->kind == COFFER_SECRET ? COFFER_SECRET : COFFER_PUBLIC);
    memcpy(h->key_id, key->id, sizeof(key->id));
    result = wrap(h, key, of_stream);
    if (result == GW_OK)
        (void)crypto_secretstream_xchacha20poly1305_init_push(&(*ret)->state, h->stream, of_stream);
    sodium_memzero(of_stream, sizeof(of_stream));
    return result == GW_OK ? durable_write(fd, h, sizeof(*h)) : result;
}

enum gw_result coffer_put(struct coffer *c, const void *data, size_t len)
{
    const uint8_t *from = data;
    enum gw_result result = GW_OK;

    while (len && result == GW_OK) {
        size_t n = len < BLOCK - c->len ? len : BLOCK - c->len;

        memcpy(c->plain + c->len, from, n);
        c->len += n;
        from += n;
        len -= n;
        if (c->len == BLOCK)
            result = block_put(c, false);
    }
    return result;
}

enum gw_result coffer_close(struct coffer *c)
{
    enum gw_result result = block_put(c, true);

    sodium_memzero(c, sizeof(*c));
    return result;
}

/* ---- reading ---- */

enum gw_result coffer_open(struct arena *a, int fd, const struct coffer_key *key, struct coffer **ret)
{
    uint8_t of_stream[COFFER_KEY];
    struct head *h;
    ssize_t n;
    enum gw_result result = coffer_new(a, fd, ret);

    if (result != GW_OK)
        return result;
    h = &(*ret)->head;
    n = read_full(fd, (uint8_t *)h, sizeof(*h));
    if (n < 0)
        return GW_RETRY;
    if (n != (ssize_t)sizeof(*h) || memcmp(h->magic, magic, sizeof(magic)) != 0 ||
        le32toh(h->version) != VERSION)
        return GW_FAIL;
    result = unwrap(h, key, of_stream);
    if (result == GW_OK &&
        crypto_secretstream_xchacha20poly1305_init_pull(&(*ret)->state, h->stream, of_stream) != 0)
        result = GW_REJECT;
    sodium_memzero(of_stream, sizeof(of_stream));
    return result;
}

enum gw_result coffer_get(struct coffer *c, void *data, size_t len)
{
    uint8_t *to = data;
    enum gw_result result = GW_OK;

    while (len && result == GW_OK) {
        size_t n = len < c->len - c->at ? len : c->len - c->at;

        memcpy(to, c->plain + c->at, n);
        c->at += n;
        to += n;
        len -= n;
        if (len)
            result = block_get(c);
    }
    return result;
}

enum gw_result coffer_over(struct coffer *c)
{
    enum gw_result result = GW_OK;

    if (c->at == c->len && !c->last)
        result = block_get(c); /* a stream of whole blocks ends with an empty one */
    if (result == GW_OK && (c->at != c->len || !c->last || read_full(c->fd, c->sealed, 1) != 0))
        result = GW_REJECT;
    sodium_memzero(c, sizeof(*c));
    return result;
}
