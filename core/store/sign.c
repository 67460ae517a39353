/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "store/durable.h"

#define HEAD "ed25519:"
#define LAST "{\"ed25519\":\""

static void hex_add(struct buf *b, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        buf_format(b, "%02x", bytes[i]);
}

static enum gw_result shown_write(int folder, const struct signer *k)
{
    struct buf b;
    enum gw_result r;

    buf_init(&b, 256);
    buf_text(&b, HEAD);
    hex_add(&b, k->shown, SIGN_PUBLIC);
    buf_char(&b, '\n');
    r = b.failed ? GW_FATAL : durable_put(folder, SIGN_SHOWN, 0644, b.data, b.len);
    buf_done(&b);
    return r;
}

/* The secret first: a public half without one would be handed on for nothing. */
static enum gw_result make(int folder, struct signer *k)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    enum gw_result r;

    randombytes_buf(seed, sizeof(seed));
    crypto_sign_seed_keypair(k->shown, k->secret, seed);
    r = durable_put(folder, SIGN_KEY, 0600, seed, sizeof(seed));
    if (r == GW_OK)
        r = shown_write(folder, k);
    sodium_memzero(seed, sizeof(seed));
    return r;
}

static enum gw_result take(int fd, struct signer *k)
{
    uint8_t seed[crypto_sign_SEEDBYTES + 1];
    ssize_t n = read(fd, seed, sizeof(seed));

    if (n == crypto_sign_SEEDBYTES)
        crypto_sign_seed_keypair(k->shown, k->secret, seed);
    sodium_memzero(seed, sizeof(seed));
    return n < 0 ? GW_RETRY : n == crypto_sign_SEEDBYTES ? GW_OK : GW_FAIL;
}

enum gw_result sign_open(int folder, bool create, struct signer *ret)
{
    enum gw_result r;
    int fd;

    if (sodium_init() < 0)
        return GW_FATAL;
    fd = openat(folder, SIGN_KEY, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno != ENOENT ? GW_RETRY : create ? make(folder, ret) : GW_END;
    r = take(fd, ret);
    (void)close(fd);
    if (r == GW_OK && create && faccessat(folder, SIGN_SHOWN, F_OK, 0) != 0)
        r = shown_write(folder, ret);
    return r;
}

void sign_close(struct signer *k)
{
    sodium_memzero(k, sizeof(*k));
}

enum gw_result sign_text(const struct signer *k, struct buf *text)
{
    uint8_t signature[crypto_sign_BYTES];

    if (text->failed || sodium_init() < 0)
        return GW_FATAL;
    crypto_sign_detached(signature, NULL, (const uint8_t *)text->data, text->len, k->secret);
    buf_text(text, LAST);
    hex_add(text, signature, sizeof(signature));
    buf_text(text, "\"}\n");
    return text->failed ? GW_FATAL : GW_OK;
}

static bool hex_take(struct gw_str text, uint8_t *ret, size_t len)
{
    size_t n;

    return text.len == 2 * len && sodium_hex2bin(ret, len, text.ptr, text.len, NULL, &n, NULL) == 0 && n == len;
}

enum gw_result sign_shown(const char *path, uint8_t ret[SIGN_PUBLIC])
{
    struct gw_str text;
    struct buf b;
    enum gw_result r;

    buf_init(&b, 4096);
    r = buf_read_file(&b, path);
    text = str_trim(buf_view(&b));
    if (r == GW_OK &&
        (!str_begins(text, GW_STR(HEAD)) || !hex_take(str_from(text, sizeof(HEAD) - 1), ret, SIGN_PUBLIC)))
        r = GW_FAIL;
    buf_done(&b);
    return r;
}

enum gw_result sign_check(const uint8_t shown[SIGN_PUBLIC], struct gw_str text, struct gw_str *ret_body)
{
    const size_t last = sizeof(LAST) - 1 + 2 * crypto_sign_BYTES + 3;
    uint8_t signature[crypto_sign_BYTES];
    struct gw_str line;

    if (sodium_init() < 0)
        return GW_FATAL;
    if (text.len < last)
        return GW_FAIL;
    *ret_body = (struct gw_str){text.ptr, text.len - last};
    line = str_from(text, text.len - last);
    if (!str_begins(line, GW_STR(LAST)) ||
        !hex_take((struct gw_str){line.ptr + sizeof(LAST) - 1, sizeof(signature) * 2}, signature,
                  sizeof(signature)))
        return GW_FAIL;
    return crypto_sign_verify_detached(signature, (const uint8_t *)text.ptr, ret_body->len, shown) == 0
               ? GW_OK
               : GW_FAIL;
}
