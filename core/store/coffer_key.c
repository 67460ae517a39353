/* SPDX-License-Identifier: EUPL-1.2 */
/* Keys of coffers: a line of text, so that one can be printed and kept in a safe. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "store/coffer.h"
#include "store/durable.h"
#include "store/key_file.h"

static const char *const words[] = {
    [COFFER_SECRET] = "passerelle-coffer-secret ",
    [COFFER_PUBLIC] = "passerelle-coffer-public ",
    [COFFER_PRIVATE] = "passerelle-coffer-private ",
    [COFFER_STREAM] = "passerelle-coffer-stream ",
};

void coffer_key_line(enum coffer_kind kind, const uint8_t bytes[COFFER_KEY], char ret[COFFER_KEY_LINE])
{
    char hex[2 * COFFER_KEY + 1];

    (void)sodium_bin2hex(hex, sizeof(hex), bytes, COFFER_KEY);
    (void)snprintf(ret, COFFER_KEY_LINE, "%s%s\n", words[kind], hex);
    sodium_memzero(hex, sizeof(hex));
}

static void identify(struct coffer_key *k)
{
    uint8_t shown[COFFER_KEY];

    memcpy(shown, k->bytes, sizeof(shown));
    if (k->kind == COFFER_PRIVATE)
        (void)crypto_scalarmult_base(shown, k->bytes);
    (void)crypto_generichash(k->id, sizeof(k->id), shown, sizeof(shown), (const uint8_t *)words[COFFER_SECRET],
                             24);
}

static enum gw_result write_line(const char *path, unsigned mode, enum coffer_kind kind,
                                 const uint8_t bytes[COFFER_KEY])
{
    char line[COFFER_KEY_LINE];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    enum gw_result result;

    if (fd < 0)
        return errno == EEXIST ? GW_FAIL : GW_RETRY;
    coffer_key_line(kind, bytes, line);
    result = durable_write(fd, line, strlen(line));
    if (result == GW_OK && fsync(fd) != 0)
        result = GW_RETRY;
    (void)close(fd);
    sodium_memzero(line, sizeof(line));
    return result == GW_OK ? folder_sync(path) : result;
}

enum gw_result coffer_key_new(const char *path, bool pair)
{
    uint8_t secret[COFFER_KEY], public[COFFER_KEY];
    char name[PATH_MAX];
    enum gw_result result;

    if (sodium_init() < 0 || snprintf(name, sizeof(name), "%s.pub", path) >= PATH_MAX)
        return GW_FATAL;
    if (pair && access(name, F_OK) == 0)
        return GW_FAIL;
    randombytes_buf(secret, sizeof(secret));
    (void)crypto_scalarmult_base(public, secret);
    result = write_line(path, 0600, pair ? COFFER_PRIVATE : COFFER_SECRET, secret);
    if (result == GW_OK && pair)
        result = write_line(name, 0644, COFFER_PUBLIC, public);
    sodium_memzero(secret, sizeof(secret));
    return result;
}

static bool parse(struct gw_str line, struct coffer_key *ret)
{
    size_t len = 0;

    for (enum coffer_kind k = COFFER_SECRET; k <= COFFER_STREAM; k++)
        if (str_begins(line, str_of(words[k]))) {
            ret->kind = k;
            line = str_from(line, strlen(words[k]));
            return line.len == 2 * COFFER_KEY &&
                   sodium_hex2bin(ret->bytes, COFFER_KEY, line.ptr, line.len, NULL, &len, NULL) == 0 &&
                   len == COFFER_KEY;
        }
    return false;
}

enum gw_result coffer_key_read(const char *path, struct coffer_key *ret)
{
    char line[COFFER_KEY_LINE];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, line, sizeof(line)) : -1;
    bool good;

    *ret = (struct coffer_key){0};
    if (fd >= 0)
        (void)close(fd);
    if (n < 0)
        return GW_RETRY;
    good = sodium_init() >= 0 && parse(str_trim((struct gw_str){line, (size_t)n}), ret);
    sodium_memzero(line, sizeof(line));
    if (good)
        identify(ret);
    return good ? GW_OK : GW_FAIL;
}
