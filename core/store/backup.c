/* SPDX-License-Identifier: EUPL-1.2 */
/* A copy of the store as it is at one instant, written aside: it is there whole, or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/inside.h"
#include "store/key_file.h"

static enum gw_result sync_file(struct store *s, const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    bool good = fd >= 0 && fchmod(fd, 0600) == 0 && fsync(fd) == 0;
    enum gw_result r = good ? GW_OK : system_fault(s, path);

    if (fd >= 0)
        close(fd);
    return r;
}

static enum gw_result put_in_place(struct store *s, const char *aside, const char *path)
{
    if (rename(aside, path) == 0 && folder_sync(path) == GW_OK)
        return GW_OK;
    return system_fault(s, path);
}

enum gw_result store_backup(struct store *s, const char *path)
{
    struct gw_arg found = {"found", str_of(path)};
    char aside[PATH_MAX];
    enum gw_result r;

    if (access(path, F_OK) == 0)
        return store_fault(s, GW_FAIL, "store.exists", &found, 1);
    if (snprintf(aside, sizeof(aside), "%s.partial", path) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return system_fault(s, path);
    }
    unlink(aside);
    r = s->driver->backup(s, aside);
    if (r == GW_OK)
        r = sync_file(s, aside);
    if (r == GW_OK)
        r = put_in_place(s, aside, path);
    if (r != GW_OK)
        unlink(aside);
    return r;
}
