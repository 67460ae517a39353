/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/spoolcheck.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"
#include "store/bytes.h"
#include "store/durable.h"

#define ORPHAN_AGE 3600 /* seconds: younger ones may be about to be somebody's */

struct names {
    struct gw_str *items; /* sorted */
    size_t count, room;
};

struct looking {
    struct store *store;
    int folder;
    struct arena arena;
    struct sink *sink;
    struct names known;
    uint64_t faults;
    enum gw_result result;
};

static void report(struct looking *l, enum gw_severity severity, const char *code, struct gw_str file,
                   int64_t exchange)
{
    char room[24];
    struct gw_arg args[] = {{"file", file}, {"exchange", GW_STR("")}};
    struct diag d = {
        .severity = severity, .code = code, .file = file, .byte = UINT64_MAX, .args = args, .nargs = 2};

    (void)snprintf(room, sizeof(room), "%lld", (long long)exchange);
    if (exchange)
        args[1].value = str_of(room);
    l->faults += severity == GW_ERROR;
    l->sink->put(l->sink, &d);
}

static bool keep(struct looking *l, struct gw_str name)
{
    struct names *n = &l->known;

    if (n->count == n->room) {
        size_t room = n->room ? 2 * n->room : 1024;
        struct gw_str *more = arena_array(&l->arena, room, sizeof(*more));

        if (!more)
            return false;
        if (n->count)
            memcpy(more, n->items, n->count * sizeof(*more));
        n->items = more;
        n->room = room;
    }
    n->items[n->count] = arena_copy(&l->arena, name);
    return n->items[n->count++].ptr != NULL;
}

static bool same(int fd, const uint8_t digest[32])
{
    uint8_t found[32];
    uint64_t size;

    return durable_digest(fd, found, &size) == GW_OK && memcmp(found, digest, sizeof(found)) == 0;
}

static bool each(void *to, const struct exchange *e)
{
    struct looking *l = to;
    int fd;

    if (!e->spool.ptr)
        return true;
    fd = bytes_open(l->store, l->folder, e->spool);
    if (fd < 0)
        report(l, GW_ERROR, "spool.missing", e->spool, e->id);
    else if (!same(fd, e->digest))
        report(l, GW_ERROR, "spool.changed", e->spool, e->id);
    if (fd >= 0)
        (void)close(fd);
    if (!keep(l, e->spool))
        l->result = GW_FATAL;
    return l->result == GW_OK;
}

static int compare(const void *a, const void *b)
{
    return str_compare(*(const struct gw_str *)a, *(const struct gw_str *)b);
}

static bool is_old(const struct looking *l, const char *name)
{
    struct stat st;

    return fstatat(l->folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && time(NULL) - st.st_mtime > ORPHAN_AGE;
}

static void orphans(struct looking *l, bool repair)
{
    int copy = openat(l->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *d;

    while (dir && (d = readdir(dir))) {
        struct gw_str name = str_of(d->d_name);

        if (d->d_name[0] == '.' ||
            (l->known.count && bsearch(&name, l->known.items, l->known.count, sizeof(name), compare)))
            continue;
        if (!repair || !is_old(l, d->d_name) || durable_remove(l->folder, d->d_name) != GW_OK)
            report(l, GW_WARNING, "spool.orphan", name, 0);
    }
    if (dir)
        (void)closedir(dir);
}

enum gw_result spool_check(struct store *s, const char *folder, bool repair, struct sink *sink,
                           uint64_t *ret_faults)
{
    struct looking l = {.store = s, .sink = sink, .folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    struct exchange_filter all = {.state = -1, .out = -1};
    enum gw_result result;

    *ret_faults = 0;
    if (l.folder < 0)
        return errno == ENOENT ? GW_OK : GW_RETRY;
    arena_init(&l.arena, 65536, 0);
    result = exchange_each(s, &all, each, &l);
    if (result == GW_OK || result == GW_REJECT) /* rows at fault were told, and are the store's */
        result = l.result;
    if (l.known.count)
        qsort(l.known.items, l.known.count, sizeof(*l.known.items), compare);
    if (result == GW_OK)
        orphans(&l, repair);
    (void)close(l.folder);
    arena_done(&l.arena);
    *ret_faults = l.faults;
    return result;
}
