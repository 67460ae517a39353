/* SPDX-License-Identifier: EUPL-1.2 */
/* Files of the spool. Where several machines share the store it has their bytes, and this spool is a cache. */
#include "gateway/spooled.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "store/bytes.h"
#include "store/durable.h"

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
