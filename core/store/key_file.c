/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum gw_result name_aside(const char *path, char ret[PATH_MAX])
{
    if (snprintf(ret, PATH_MAX, "%s.new", path) < PATH_MAX)
        return GW_OK;
    errno = ENAMETOOLONG;
    return GW_RETRY;
}

enum gw_result key_file_read(const char *path, bool aside, uint8_t ret[SEAL_KEY])
{
    char name[PATH_MAX], more;
    ssize_t got;
    int fd;

    if (aside && name_aside(path, name) != GW_OK)
        return GW_RETRY;
    fd = open(aside ? name : path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? GW_END : GW_RETRY;
    got = read(fd, ret, SEAL_KEY);
    if (got == SEAL_KEY)
        got += read(fd, &more, 1);
    close(fd);
    if (got < 0)
        return GW_RETRY;
    return got == SEAL_KEY ? GW_OK : GW_FAIL;
}

static bool write_synced(int fd, const uint8_t key[SEAL_KEY])
{
    return fchmod(fd, 0600) == 0 && write(fd, key, SEAL_KEY) == SEAL_KEY && fsync(fd) == 0;
}

enum gw_result key_file_write(const char *path, const uint8_t key[SEAL_KEY])
{
    char name[PATH_MAX];
    bool good;
    int fd;

    if (name_aside(path, name) != GW_OK)
        return GW_RETRY;
    fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return GW_RETRY;
    good = write_synced(fd, key);
    close(fd);
    return good ? folder_sync(path) : GW_RETRY;
}

enum gw_result key_file_adopt(const char *path)
{
    char name[PATH_MAX];

    if (name_aside(path, name) != GW_OK)
        return GW_RETRY;
    if (rename(name, path) != 0 && errno != ENOENT)
        return GW_RETRY;
    return folder_sync(path);
}

enum gw_result folder_sync(const char *path)
{
    const char *end = strrchr(path, '/');
    char folder[PATH_MAX];
    bool good;
    int fd;

    if (snprintf(folder, sizeof(folder), "%.*s", end ? (int)(end - path + 1) : 1, end ? path : ".") >= PATH_MAX)
        return GW_RETRY;
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return GW_RETRY;
    good = fsync(fd) == 0;
    close(fd);
    return good ? GW_OK : GW_RETRY;
}
