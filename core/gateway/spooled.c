/* SPDX-License-Identifier: EUPL-1.2 */
/* Files of the spool. Where several machines share the store it has their bytes, and this spool is a cache. */
#include "gateway/spooled.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/journal.h"
#include "store/bytes.h"
#include "store/durable.h"

#define OLD 3600 /* seconds: younger ones may be about to be in the store */

static int open_here(const struct gateway *g, struct gw_str name)
{
    return openat(g->spool, name.ptr, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

/* It was received elsewhere. */
static enum gw_result fetch(struct gateway *g, struct gw_str name)
{
    struct durable d = {.fd = -1};
    enum gw_result result = durable_create(&d, g->spool, name.ptr, 0600);

    if (result == GW_OK)
        result = bytes_get(g->store, name, d.fd);
    if (result == GW_OK)
        result = durable_commit(&d);
    else
        durable_abandon(&d);
    return result;
}

static bool is_old(const struct gateway *g, const char *name)
{
    struct stat st;

    return fstatat(g->spool, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && time(NULL) - st.st_mtime > OLD;
}

void spooled_sweep(struct gateway *g)
{
    int copy = bytes_shared(g->store) ? openat(g->spool, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *d;

    while (dir && (d = readdir(dir)))
        if (d->d_name[0] != '.' && is_old(g, d->d_name) && bytes_there(g->store, str_of(d->d_name)) == GW_END &&
            durable_remove(g->spool, d->d_name) != GW_OK)
            journal("retention.failed", "file", d->d_name, NULL);
    if (dir)
        (void)closedir(dir);
}

int spooled_open(struct gateway *g, struct gw_str name)
{
    int fd = open_here(g, name);
    enum gw_result result;

    if (fd >= 0 || errno != ENOENT)
        return fd;
    result = fetch(g, name);
    if (result == GW_OK)
        return open_here(g, name);
    errno = result == GW_END ? ENOENT : EIO;
    return -1;
}

enum gw_result spooled_keep(struct gateway *g, struct gw_str name)
{
    int fd = open_here(g, name);
    enum gw_result result = fd >= 0 ? bytes_put(g->store, name, fd) : GW_RETRY;

    if (fd >= 0)
        (void)close(fd);
    return result;
}
