/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/coffer.h"

#include <endian.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "store/durable.h"

#define VERSION  1 /* 2: with a letter */
#define LETTERED 2
#define BLOCK    65536
#define SEALED   (BLOCK + crypto_secretstream_xchacha20poly1305_ABYTES)
#define WRAPPED  (COFFER_KEY + crypto_box_SEALBYTES)

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
    enum coffer_kind kind; /* of the key it is opened with */
    const uint8_t *bound;  /* to the first block: the head, and the letter with its length */
    size_t nbound;
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

/* ---- the letter ---- */

/* Head, length, letter, as they stand in the file. */
static enum gw_result bind(struct arena *a, struct coffer *c, struct gw_str letter)
{
    size_t len = letter.ptr ? sizeof(uint32_t) + letter.len : 0;
    uint32_t size = htole32((uint32_t)letter.len);
    uint8_t *bound = arena_alloc(a, sizeof(c->head) + len);

    if (!bound)
        return GW_FATAL;
    memcpy(bound, &c->head, sizeof(c->head));
    if (len) {
        memcpy(bound + sizeof(c->head), &size, sizeof(size));
        memcpy(bound + sizeof(c->head) + sizeof(size), letter.ptr, letter.len);
    }
    c->bound = bound;
    c->nbound = sizeof(c->head) + len;
    return GW_OK;
}

static enum gw_result letter_get(int fd, struct buf *out)
{
    uint32_t size;
    ssize_t n = read_full(fd, (uint8_t *)&size, sizeof(size));
    char *to;

    if (n != (ssize_t)sizeof(size) || le32toh(size) > COFFER_LETTER)
        return n < 0 ? GW_RETRY : GW_REJECT;
    to = buf_room(out, le32toh(size));
    if (!to)
        return GW_FATAL;
    n = read_full(fd, (uint8_t *)to, le32toh(size));
    if (n != (ssize_t)le32toh(size))
        return n < 0 ? GW_RETRY : GW_REJECT;
    out->len += (size_t)n;
    out->data[out->len] = '\0';
    return GW_OK;
}

static enum gw_result letter_make(const struct coffer_letter *letter, const uint8_t of_stream[COFFER_KEY],
                                  struct buf *out)
{
    char line[COFFER_KEY_LINE];
    enum gw_result result;

    if (!letter)
        return GW_OK;
    coffer_key_line(COFFER_STREAM, of_stream, line);
    result = letter->seal(letter->to, line, out);
    sodium_memzero(line, sizeof(line));
    return result == GW_OK && out->failed ? GW_FATAL : result;
}

/* ---- the key of the stream ---- */

static void derive(const struct coffer_key *key, const uint8_t *salt, uint8_t ret[COFFER_KEY])
{
    (void)crypto_generichash(ret, COFFER_KEY, salt, COFFER_KEY, key->bytes, COFFER_KEY);
}

static enum gw_result wrap(struct head *h, const struct coffer_key *key, uint8_t ret[COFFER_KEY])
{
    if (key->kind == COFFER_STREAM)
        return GW_FAIL;
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

    if (key->kind == COFFER_STREAM) {
        memcpy(ret, key->bytes, COFFER_KEY);
        return GW_OK;
    }
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

/* What is bound goes with the first block: changed, it does not open. */
static enum gw_result block_put(struct coffer *c, bool last)
{
    unsigned long long len;
    const uint8_t *bound = c->begun ? NULL : c->bound;
    uint8_t tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                       : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;

    if (crypto_secretstream_xchacha20poly1305_push(&c->state, c->sealed, &len, c->plain, c->len, bound,
                                                   bound ? c->nbound : 0, tag) != 0)
        return GW_FATAL;
    c->begun = true;
    c->len = 0;
    return durable_write(c->fd, c->sealed, (size_t)len);
}

static enum gw_result block_get(struct coffer *c)
{
    unsigned long long len = 0;
    const uint8_t *bound = c->begun ? NULL : c->bound;
    ssize_t n = c->last ? 0 : read_full(c->fd, c->sealed, SEALED);
    uint8_t tag = 0;

    if (n < 0)
        return GW_RETRY;
    if (n < (ssize_t)crypto_secretstream_xchacha20poly1305_ABYTES ||
        crypto_secretstream_xchacha20poly1305_pull(&c->state, c->plain, &len, &tag, c->sealed,
                                                   (unsigned long long)n, bound, bound ? c->nbound : 0) != 0)
        return bound && c->kind == COFFER_STREAM ? GW_END : GW_REJECT;
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

static enum gw_result head_put(struct arena *a, struct coffer *c, const uint8_t of_stream[COFFER_KEY],
                               const struct coffer_letter *letter)
{
    struct buf text;
    enum gw_result result;

    buf_init(&text, COFFER_LETTER);
    result = letter_make(letter, of_stream, &text);
    (void)crypto_secretstream_xchacha20poly1305_init_push(&c->state, c->head.stream, of_stream);
    if (result == GW_OK)
        result = bind(a, c, letter ? buf_view(&text) : (struct gw_str){NULL, 0});
    buf_done(&text);
    return result == GW_OK ? durable_write(c->fd, c->bound, c->nbound) : result;
}

enum gw_result coffer_create(struct arena *a, int fd, const struct coffer_key *key,
                             const struct coffer_letter *letter, struct coffer **ret)
{
    uint8_t of_stream[COFFER_KEY];
    struct head *h;
    enum gw_result result = coffer_new(a, fd, ret);

    if (result != GW_OK)
        return result;
    h = &(*ret)->head;
    memcpy(h->magic, magic, sizeof(magic));
    h->version = htole32(letter ? LETTERED : VERSION);
    h->kind = htole32(key->kind == COFFER_SECRET ? COFFER_SECRET : COFFER_PUBLIC);
    memcpy(h->key_id, key->id, sizeof(key->id));
    result = wrap(h, key, of_stream);
    if (result == GW_OK)
        result = head_put(a, *ret, of_stream, letter);
    sodium_memzero(of_stream, sizeof(of_stream));
    return result;
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

static enum gw_result head_get(int fd, struct head *ret)
{
    ssize_t n = read_full(fd, (uint8_t *)ret, sizeof(*ret));
    uint32_t version = le32toh(ret->version);

    if (n < 0)
        return GW_RETRY;
    return n == (ssize_t)sizeof(*ret) && memcmp(ret->magic, magic, sizeof(magic)) == 0 &&
                   (version == VERSION || version == LETTERED)
               ? GW_OK
               : GW_FAIL;
}

enum gw_result coffer_letter_read(int fd, struct buf *out)
{
    struct head h;
    enum gw_result result = head_get(fd, &h);

    if (result != GW_OK)
        return result;
    return le32toh(h.version) == LETTERED ? letter_get(fd, out) : GW_END;
}

static enum gw_result bound_get(struct arena *a, struct coffer *c)
{
    bool lettered = le32toh(c->head.version) == LETTERED;
    struct buf text;
    enum gw_result result;

    buf_init(&text, COFFER_LETTER);
    result = lettered ? letter_get(c->fd, &text) : GW_OK;
    if (result == GW_OK)
        result = bind(a, c, lettered ? buf_view(&text) : (struct gw_str){NULL, 0});
    buf_done(&text);
    return result;
}

enum gw_result coffer_open(struct arena *a, int fd, const struct coffer_key *key, struct coffer **ret)
{
    uint8_t of_stream[COFFER_KEY];
    enum gw_result result = coffer_new(a, fd, ret);
    struct head *h = result == GW_OK ? &(*ret)->head : NULL;

    if (h)
        result = head_get(fd, h);
    if (result == GW_OK)
        result = unwrap(h, key, of_stream);
    if (result == GW_OK)
        result = bound_get(a, *ret);
    if (result == GW_OK &&
        crypto_secretstream_xchacha20poly1305_init_pull(&(*ret)->state, h->stream, of_stream) != 0)
        result = GW_REJECT;
    if (result == GW_OK)
        (*ret)->kind = key->kind;
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
