/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <unistd.h>

extern char **environ;

/* Ours first: /dev/null could take the number of one of them. */
static int become(posix_spawn_file_actions_t *files, const int *fds, size_t n)
{
    int bad = 0;

    for (size_t i = 0; i < n; i++)
        if (fds[i] >= 0)
            bad |= posix_spawn_file_actions_adddup2(files, fds[i], (int)i);
    for (size_t i = 0; i < n; i++)
        if (fds[i] == SPAWN_NULL)
            bad |= posix_spawn_file_actions_addopen(files, (int)i, "/dev/null",
                                                    i == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
    return bad;
}

int spawn_afresh(const char *path, const char *const *argv, const int *fds, size_t n, pid_t *ret)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, defaults;
    int bad;

    sigemptyset(&none);
    sigfillset(&defaults);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &defaults);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    bad = become(&files, fds, n);
    if (!bad)
        bad = posix_spawn(ret, path, &files, &attr, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return bad;
}
