/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * measure OUT COMMAND...: runs it with its output to OUT and says on standard output: wall, user
 * and system seconds, peak resident KB. A program of its own, since a process that is forked
 * counts the memory of the one that forked it: this one has next to none.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void run(const char *out, char **command)
{
    int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    if (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0)
        (void)execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

int main(int argc, char **argv)
{
    double begin = now();
    struct rusage used;
    int status = 1;
    pid_t pid;

    if (argc < 3) {
        (void)fprintf(stderr, "usage: measure OUT COMMAND...\n");
        return 2;
    }
    pid = fork();
    if (pid == 0)
        run(argv[1], argv + 2);
    if (pid < 0 || wait4(pid, &status, 0, &used) != pid)
        return 1;
    (void)printf("%.4f %.4f %.4f %ld\n", now() - begin, seconds(used.ru_utime), seconds(used.ru_stime),
                 used.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
