/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Sources that intake moved into `done`: those that are there longer than their flow keeps go. Only what is
 * known by name and content from an exchange of the flow that is over; whatever else lies there is somebody
 * else's. What was looked at once is not looked at again, so that strangers cost one reading.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"

#define ENTRIES_STEP 32

struct looking {
    struct gateway *g;
    const struct flow *flow;
    DIR *dir;
    int64_t from, before; /* when they came into the folder */
};

static bool is_old(const struct looking *l, const struct stat *st)
{
    int64_t came = (int64_t)st->st_ctim.tv_sec * 1000 + st->st_ctim.tv_nsec / 1000000;

    return S_ISREG(st->st_mode) && came >= l->from && came < l->before;
}

/* "NAME.2" is NAME when that was taken already: how long NAME is; 0: it ends with no number. */
static size_t bare_length(struct gw_str name)
{
    size_t n = name.len;

    while (n && isdigit((unsigned char)name.ptr[n - 1]))
        n--;
    return n > 1 && n < name.len && name.ptr[n - 1] == '.' ? n - 1 : 0;
}

/* GW_END: of no exchange; else how long its name is in the name of the file. */
static enum gw_result known(const struct looking *l, struct gw_str name, const uint8_t digest[32],
                            size_t *ret_len, enum exchange_state *ret)
{
    enum gw_result result = exchange_source(l->g->store, l->flow->name, name, digest, ret);

    *ret_len = name.len;
    if (result != GW_END || !bare_length(name))
        return result;
    *ret_len = bare_length(name);
    return exchange_source(l->g->store, l->flow->name, (struct gw_str){name.ptr, *ret_len}, digest, ret);
}

/* With its marker, which went the same way. */
static enum gw_result take_away(const struct looking *l, const char *name, size_t len)
{
    char marker[600];
    int folder = dirfd(l->dir);
    enum gw_result result = l->g->retention.counting ? GW_OK : durable_remove(folder, name);

    (void)snprintf(marker, sizeof(marker), "%.*s%.*s%s", (int)len, name, STR_ARG(l->flow->marker), name + len);
    if (result == GW_OK && l->flow->marker.len && !l->g->retention.counting)
        result = durable_remove(folder, marker);
    l->g->retention.gone += result == GW_OK;
    return result;
}

static bool digest_of(const struct looking *l, const char *name, uint8_t digest[32])
{
    int fd = openat(dirfd(l->dir), name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    uint64_t size;
    bool good = fd >= 0 && durable_digest(fd, digest, &size) == GW_OK;

    if (fd >= 0)
        (void)close(fd);
    return good;
}

static enum gw_result file_look(struct looking *l, const char *name)
{
    struct stat st;
    uint8_t digest[32];
    size_t len = 0;
    enum exchange_state state = EXCHANGE_QUEUED;
    enum gw_result result = GW_OK;

    if (fstatat(dirfd(l->dir), name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !is_old(l, &st))
        return GW_OK;
    if (digest_of(l, name, digest))
        result = known(l, str_of(name), digest, &len, &state);
    if (result == GW_OK && exchange_over(state))
        return take_away(l, name, len);
    if (result == GW_OK) /* another time */
        l->g->retention.waits = true;
    return result == GW_END ? GW_OK : result;
}

/* A folder that is not there has nothing; one that cannot be opened is said, and keeps nothing else waiting.
 * What a connector fetched goes by its own way: when the server's file has gone. */
static DIR *open_done(const struct flow *f)
{
    bool any = f->done.len && !f->out && !f->connector && f->after == AFTER_MOVE;
    DIR *dir = any ? opendir(f->done.ptr) : NULL;

    if (!dir && any && errno != ENOENT)
        journal("retention.failed", "flow", f->name.ptr, NULL);
    return dir;
}

enum gw_result sources_forget(struct gateway *g, const struct flow *f, int64_t before)
{
    struct retention *r = &g->retention;
    struct flow_state *s = flow_state(g, f);
    struct looking l = {.g = g, .flow = f, .from = s->sources_before};
    const struct dirent *d = NULL;
    uint64_t gone = r->gone;
    enum gw_result result = GW_OK;

    if (!r->done) {
        r->done = open_done(f);
        r->before = before;
    }
    l.dir = r->done;
    l.before = r->before;
    for (int i = 0; l.dir && result == GW_OK && i < ENTRIES_STEP && (d = readdir(l.dir)); i++)
        result = file_look(&l, d->d_name);
    if (l.dir && result == GW_OK && r->gone > gone)
        result = durable_sync(dirfd(l.dir));
    if (result != GW_OK || d)
        return result;
    if (l.dir && !r->waits)
        s->sources_before = r->before;
    sources_close(g);
    return GW_END;
}

void sources_close(struct gateway *g)
{
    if (g->retention.done)
        (void)closedir(g->retention.done);
    g->retention.done = NULL;
    g->retention.waits = false;
}
