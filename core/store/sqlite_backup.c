/* SPDX-License-Identifier: EUPL-1.2 */
/* A copy of the store as it is at one instant, written aside: it is there whole, or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/key_file.h"
#include "store/sqlite.h"

static enum gw_result copy_fault(struct store *s, const char *path, sqlite3 *copy, int rc)
{
    struct gw_arg args[] = {{"found", str_of(path)},
                            {"error", str_of(copy ? sqlite3_errmsg(copy) : sqlite3_errstr(rc))}};

    return (rc & 0xff) == SQLITE_NOMEM ? memory_fault(s) : store_fault(s, GW_RETRY, "store.file", args, 2);
}

/* In one step: a writer does not wait for us, and we do not begin anew for it. */
static enum gw_result copy_pages(struct store *s, const char *path)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    sqlite3 *copy = NULL;
    sqlite3_backup *b;
    enum gw_result r = GW_OK;
    int rc = sqlite3_open_v2(path, &copy, flags, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_exec(copy, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL, NULL);
    if (rc == SQLITE_OK) {
        b = sqlite3_backup_init(copy, "main", sqlite_of(s), "main");
        if (b) {
            (void)sqlite3_backup_step(b, -1);
            rc = sqlite3_backup_finish(b);
        } else {
            rc = sqlite3_errcode(copy);
        }
    }
    if (rc != SQLITE_OK)
        r = copy_fault(s, path, copy, rc);
    sqlite3_close(copy);
    return r;
}

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

enum gw_result sqlite_backup(struct store *s, const char *path)
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
    r = copy_pages(s, aside);
    if (r == GW_OK)
        r = sync_file(s, aside);
    if (r == GW_OK)
        r = put_in_place(s, aside, path);
    if (r != GW_OK)
        unlink(aside);
    return r;
}
