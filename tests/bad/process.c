/* SPDX-License-Identifier: EUPL-1.2 */
#include "bad/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/unit.h"

#define BLOCK ((size_t)1 << 16)

static bool put_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n <= 0)
            return false; /* it has seen enough */
        data += n;
        len -= (size_t)n;
    }
    return true;
}

/* Many times a short text: a block of it at once. */
static bool put_repeat(int fd, const struct repeat *r)
{
    char block[BLOCK];
    size_t fits = r->text.len ? BLOCK / r->text.len : 0;
    uint64_t left = r->times;

    if (fits < 2) {
        while (left > 0 && put_all(fd, r->text.ptr, r->text.len))
            left--;
        return left == 0;
    }
    for (size_t i = 0; i < fits; i++)
        memcpy(block + i * r->text.len, r->text.ptr, r->text.len);
    while (left > 0) {
        size_t n = left < fits ? (size_t)left : fits;

        if (!put_all(fd, block, n * r->text.len))
            return false;
        left -= n;
    }
    return true;
}

static void child(const char *const *argv, int in, int out, int err, unsigned seconds)
{
    signal(SIGPIPE, SIG_DFL);
    alarm(seconds);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
        _exit(127);
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void take_all(int fd, struct buf *ret)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char *room;

    buf_init(ret, (size_t)256 << 20);
    room = buf_room(ret, (size_t)size + 1);
    assert_non_null(room);
    assert_int_equal(pread(fd, room, (size_t)size, 0), size);
    room[size] = '\0';
    ret->len = (size_t)size;
    close(fd);
}

void run_program(struct run *r, const char *const *argv, const struct repeat *feed, unsigned seconds)
{
    int in[2], out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC), status;
    struct rusage usage;
    pid_t pid;

    *r = (struct run){.exit = -1};
    signal(SIGPIPE, SIG_IGN);
    assert_true(out >= 0 && err >= 0);
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        child(argv, in[0], out, err, seconds);
    close(in[0]);
    for (const struct repeat *f = feed; f && f->times; f++)
        if (!put_repeat(in[1], f))
            break;
    close(in[1]);
    assert_int_equal(wait4(pid, &status, 0, &usage), pid);
    if (WIFEXITED(status))
        r->exit = WEXITSTATUS(status);
    else
        r->signal = WTERMSIG(status);
    r->resident = (size_t)usage.ru_maxrss * 1024;
    take_all(out, &r->out);
    take_all(err, &r->err);
}

void run_done(struct run *r)
{
    buf_done(&r->out);
    buf_done(&r->err);
}
