/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/durable.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/digest.h"
#include "store/store.h"

#define BLOCK 262144u

enum gw_result durable_create(struct durable *d, int folder, const char *name, unsigned mode)
{
    *d = (struct durable){.folder = folder, .fd = -1};
    if (strlen(name) >= sizeof(d->name)) {
        errno = ENAMETOOLONG;
        return GW_RETRY;
    }
    (void)snprintf(d->name, sizeof(d->name), "%s", name);
    (void)snprintf(d->aside, sizeof(d->aside), "%s%s", name, DURABLE_ASIDE);
    d->fd = openat(folder, d->aside, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
    return d->fd >= 0 ? GW_OK : GW_RETRY;
}

enum gw_result durable_write(int fd, const void *data, size_t len)
{
    const char *p = data;

    while (len > 0) {
        ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return GW_RETRY;
        p += n;
        len -= (size_t)n;
    }
    return GW_OK;
}

enum gw_result durable_sync(int folder)
{
    return fsync(folder) == 0 ? GW_OK : GW_RETRY;
}

enum gw_result durable_commit(struct durable *d)
{
    int fd = d->fd;
    bool synced = fsync(fd) == 0;
    int why = errno;

    d->fd = -1;
    if (close(fd) != 0 || !synced) {
        errno = synced ? errno : why;
        durable_abandon(d);
        return GW_RETRY;
    }
    if (renameat(d->folder, d->aside, d->folder, d->name) != 0) {
        durable_abandon(d);
        return GW_RETRY;
    }
    d->aside[0] = '\0';
    return GW_OK;
}

void durable_abandon(struct durable *d)
{
    int why = errno;

    if (d->fd >= 0 && d->aside[0])
        (void)close(d->fd);
    if (d->aside[0])
        (void)unlinkat(d->folder, d->aside, 0);
    d->fd = -1;
    d->aside[0] = '\0';
    errno = why;
}

enum gw_result durable_put(int folder, const char *name, unsigned mode, const void *data, size_t len)
{
    struct durable d;
    enum gw_result result = durable_create(&d, folder, name, mode);

    if (result == GW_OK)
        result = durable_write(d.fd, data, len);
    if (result == GW_OK)
        result = durable_commit(&d);
    if (result == GW_OK)
        return durable_sync(folder);
    durable_abandon(&d);
    return result;
}

/* To the end of `from`, into `to` as well unless that is -1. */
static enum gw_result digest_through(int from, int to, uint8_t *ret_digest, uint64_t *ret_size)
{
    char block[BLOCK];
    struct store_digester *digester = store_digest_begin();
    enum gw_result result = digester ? GW_OK : GW_FATAL;
    ssize_t n = 1;

    *ret_size = 0;
    if (digester)
        store_digest_start(digester);
    while (result == GW_OK && n != 0) {
        n = read(from, block, sizeof(block));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            result = GW_RETRY;
        if (n > 0) {
            store_digest_add(digester, (struct gw_str){block, (size_t)n});
            *ret_size += (uint64_t)n;
            result = to >= 0 ? durable_write(to, block, (size_t)n) : GW_OK;
        }
    }
    if (digester)
        store_digest_end(digester, ret_digest);
    store_digest_free(digester);
    return result;
}

enum gw_result durable_digest(int fd, uint8_t *ret_digest, uint64_t *ret_size)
{
    return digest_through(fd, -1, ret_digest, ret_size);
}

enum gw_result durable_copy(struct durable *d, int from, uint8_t *ret_digest, uint64_t *ret_size)
{
    return digest_through(from, d->fd, ret_digest, ret_size);
}

enum gw_result durable_rename(int from_folder, const char *from, int to_folder, const char *to)
{
    if (renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE) == 0)
        return GW_OK;
    return errno == EEXIST ? GW_END : GW_RETRY;
}

enum gw_result durable_remove(int folder, const char *name)
{
    return unlinkat(folder, name, 0) == 0 || errno == ENOENT ? GW_OK : GW_RETRY;
}

static bool is_aside(const char *name)
{
    const size_t end = sizeof(DURABLE_ASIDE) - 1, n = strlen(name);

    return n > end && strcmp(name + n - end, DURABLE_ASIDE) == 0;
}

static enum gw_result clear(int folder, bool all)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *d;

    while (dir && (d = readdir(dir)))
        if (all || is_aside(d->d_name))
            (void)unlinkat(folder, d->d_name, 0); /* a folder stays */
    if (dir)
        (void)closedir(dir);
    return dir ? GW_OK : GW_RETRY;
}

enum gw_result durable_sweep(int folder)
{
    return clear(folder, false);
}

enum gw_result durable_empty(int folder)
{
    return clear(folder, true);
}

/* A new folder is there for good once the one above it is synced; where that fails it is not to be there. */
static bool is_kept(const char *path)
{
    char above[4096 + 4];
    int fd, why;
    bool good;

    (void)snprintf(above, sizeof(above), "%s/..", path);
    fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    good = fd >= 0 && fsync(fd) == 0;
    why = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = why;
    return good;
}

static enum gw_result make_one(char *path, char *end, unsigned mode)
{
    char kept = *end;
    enum gw_result result = GW_OK;
    int why;

    *end = '\0';
    if (mkdir(path, mode) != 0) {
        result = errno == EEXIST ? GW_OK : GW_RETRY;
    } else if (!is_kept(path)) {
        why = errno;
        (void)rmdir(path);
        errno = why;
        result = GW_RETRY;
    }
    *end = kept;
    return result;
}

enum gw_result durable_folder(const char *path, unsigned mode, int *ret_fd)
{
    char copy[4096];
    enum gw_result result = GW_OK;

    *ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret_fd >= 0)
        return GW_OK;
    if (errno != ENOENT || strlen(path) >= sizeof(copy))
        return GW_RETRY;
    (void)snprintf(copy, sizeof(copy), "%s", path);
    for (char *p = copy + 1; result == GW_OK && *p; p++)
        if (*p == '/')
            result = make_one(copy, p, mode);
    if (result == GW_OK)
        result = make_one(copy, copy + strlen(copy), mode);
    if (result != GW_OK)
        return result;
    *ret_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *ret_fd >= 0 ? GW_OK : GW_RETRY;
}
