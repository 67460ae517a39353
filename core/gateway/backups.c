/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Backups by schedule: the verb in a process of its own, one at a time. When the last one was made, the names
 * in the folder say, so that a stop loses none: the first start makes one at once, and so does one that comes
 * after a time that was missed.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gateway/gateway.h"
#include "gateway/journal.h"
#include "gateway/spawn.h"

#define AGAIN_S 600 /* after one that failed */

static bool start(struct gateway *g)
{
    const char *argv[] = {"passerelle", "backup",         "--schemas",   g->posts.schemas,
                          "--plugins",  g->posts.plugins, "--transfers", g->transfers ? g->transfers : "",
                          "--config",   g->conf.path.ptr, "--to",        g->conf.backup.folder.ptr,
                          NULL};
    const int fds[] = {SPAWN_NULL, SPAWN_NULL, SPAWN_AS_OURS};
    int folder = -1;
    bool good = durable_folder(g->conf.backup.folder.ptr, 0700, &folder) == GW_OK &&
                durable_sweep(folder) == GW_OK; /* what one that was stopped left */

    if (folder >= 0)
        (void)close(folder);
    g->backups.since = time(NULL);
    return good && spawn_afresh(g->posts.executable, argv, fds, 3, &g->backups.pid) == 0;
}

/* Behind the last one there is; none: now. */
static int64_t next_time(const struct gateway *g)
{
    int64_t last = backup_newest(g->conf.backup.folder.ptr) / 1000;

    return last ? schedule_next(&g->conf.backup.schedule, last) : 0;
}

static void ended(struct gateway *g, int status)
{
    bool good =
        WIFEXITED(status) && WEXITSTATUS(status) <= 1; /* 1: files were missing before it, and that is told */

    g->backups.pid = 0;
    g->backups.due = good ? next_time(g) : time(NULL) + AGAIN_S;
    g->backups.failures = good ? 0 : g->backups.failures + 1;
    journal(good ? "backup.made" : "backup.failed", "folder", g->conf.backup.folder.ptr, NULL);
}

void backups_step(struct gateway *g)
{
    int status;

    if (g->backups.pid && waitpid(g->backups.pid, &status, WNOHANG) == g->backups.pid)
        ended(g, status);
    if (g->backups.pid || g->stopping || g->conf.backup.schedule.kind == SCHEDULE_NONE)
        return;
    if (!g->backups.due)
        g->backups.due = next_time(g);
    if (time(NULL) < g->backups.due)
        return;
    if (!start(g)) {
        g->backups.pid = 0;
        g->backups.failures++;
        g->backups.due = time(NULL) + AGAIN_S;
        journal("backup.failed", "folder", g->conf.backup.folder.ptr, NULL);
    }
}

bool backups_late(const struct backup_conf *c, int64_t *ret_last)
{
    int64_t due;

    *ret_last = c->folder.len ? backup_newest(c->folder.ptr) : 0;
    if (c->schedule.kind == SCHEDULE_NONE)
        return false;
    due = *ret_last ? schedule_next(&c->schedule, *ret_last / 1000) : 0;
    return due < time(NULL) - AGAIN_S;
}

void backups_stop(struct gateway *g)
{
    if (!g->backups.pid)
        return;
    (void)kill(g->backups.pid, SIGTERM);
    while (waitpid(g->backups.pid, NULL, 0) < 0 && errno == EINTR)
        ;
    g->backups.pid = 0;
}
