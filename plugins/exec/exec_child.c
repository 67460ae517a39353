/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The program: a process group of its own, with two ends of ours. Whatever becomes of it, the call that meets
 * it says so, and close() leaves nothing behind. No shell: the command is words between blanks.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exec.h"

#define WORDS 32
#define TELL  3 /* in the child: where it says why it could not become the program */

enum gw_result exec_said(struct gw_session *s, struct gw_place at, const char *code, struct gw_str text)
{
    struct gw_arg arg = {"said", text};

    return gw_fail(s, at, code, &arg, 1);
}

static enum gw_result system_fault(struct gw_session *s, int error)
{
    char room[128];
    const char *text = strerror_r(error, room, sizeof(room));

    return exec_said(s, (struct gw_place){0}, "exec.start", (struct gw_str){text, strlen(text)});
}

/* ---- starting ---- */

/* The words end up in `copy`; 0: none, or too many. */
static size_t split(struct gw_str command, char *copy, char **words)
{
    size_t n = 0, at = 0;

    memcpy(copy, command.ptr, command.len);
    copy[command.len] = '\0';
    while (at < command.len) {
        while (at < command.len && copy[at] == ' ')
            copy[at++] = '\0';
        if (at == command.len)
            break;
        if (n == WORDS)
            return 0;
        words[n++] = copy + at;
        while (at < command.len && copy[at] != ' ')
            at++;
    }
    return n;
}

static bool open_ends(int to[2], int from[2])
{
    to[0] = to[1] = from[0] = from[1] = -1;
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, to) == 0 && pipe2(from, O_CLOEXEC) == 0 &&
           fcntl(to[0], F_SETFL, O_NONBLOCK) == 0 && fcntl(from[0], F_SETFL, O_NONBLOCK) == 0;
}

static void close_end(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static void signals_as_usual(void)
{
    sigset_t none;

    sigemptyset(&none);
    for (int n = 1; n < NSIG; n++)
        (void)signal(n, SIG_DFL);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The child's side: it dies with us, and has nothing of ours but its two ends and our standard error. */
_Noreturn static void become(char **words, int in, int out, int tell, pid_t parent)
{
    int error, to = tell;

    (void)setpgid(0, 0);
    signals_as_usual();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent && dup2(in, STDIN_FILENO) >= 0 &&
        dup2(out, STDOUT_FILENO) >= 0 && dup2(tell, TELL) >= 0) {
        to = TELL;
        (void)close_range(TELL + 1, ~0u, 0);
        if (fcntl(TELL, F_SETFD, FD_CLOEXEC) == 0)
            (void)execvp(words[0], words);
    }
    error = errno;
    (void)!write(to, &error, sizeof(error));
    _exit(127);
}

/* 0, or why there is none: what the child says before it is another program. */
static int spawn(struct exec_child *c, char **words, int in, int out)
{
    int told[2], bad = 0;
    pid_t parent = getpid();

    if (pipe2(told, O_CLOEXEC) != 0)
        return errno;
    c->pid = fork();
    if (c->pid == 0)
        become(words, in, out, told[1], parent);
    bad = c->pid < 0 ? errno : 0;
    (void)close(told[1]);
    if (!bad && read(told[0], &bad, sizeof(bad)) != sizeof(bad))
        bad = 0;
    (void)close(told[0]);
    if (bad && c->pid > 0)
        (void)waitpid(c->pid, NULL, 0);
    if (bad)
        c->pid = 0;
    return bad;
}

enum gw_result exec_start(struct gw_session *s, struct exec_child *c, const char *purpose)
{
    struct gw_str command = ((const struct exec_config *)s->config)->command;
    char *words[WORDS + 2] = {NULL}, *copy = gw_keep(s, command.len + 1);
    int to[2], from[2], bad;
    size_t n;

    *c = (struct exec_child){.s = s, .in = -1, .out = -1};
    if (!copy)
        return GW_FATAL;
    n = command.len ? split(command, copy, words) : 0;
    if (n == 0)
        return exec_said(s, (struct gw_place){0}, "exec.start", command);
    words[n] = (char *)(uintptr_t)purpose;
    bad = open_ends(to, from) ? spawn(c, words, to[1], from[1]) : errno;
    close_end(&to[1]);
    close_end(&from[1]);
    c->in = to[0];
    c->out = from[0];
    return bad ? system_fault(s, bad) : GW_OK;
}

/* ---- talking ---- */

static int timeout_of(const struct exec_child *c)
{
    uint64_t seconds = ((const struct exec_config *)c->s->config)->timeout;

    return seconds && seconds < 1000000 ? (int)seconds * 1000 : -1;
}

static enum gw_result silent(struct exec_child *c)
{
    char room[20];
    struct gw_arg arg = {"seconds", gw_digits(((const struct exec_config *)c->s->config)->timeout, room)};

    exec_kill(c);
    return gw_fail(c->s, (struct gw_place){0}, "exec.silent", &arg, 1);
}

enum gw_result exec_wait(struct exec_child *c, int wanted, int *ret_events)
{
    struct pollfd fds[2] = {{.fd = c->out, .events = POLLIN},
                            {.fd = wanted & EXEC_CAN_SEND ? c->in : -1, .events = POLLOUT}};
    int n;

    do
        n = poll(fds, 2, timeout_of(c));
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return silent(c);
    *ret_events = (fds[0].revents ? EXEC_CAN_READ : 0) | (fds[1].revents ? EXEC_CAN_SEND : 0);
    return GW_OK;
}

enum gw_result exec_take(struct exec_child *c, char *data, size_t room, size_t *ret_got)
{
    ssize_t n = read(c->out, data, room);

    *ret_got = n > 0 ? (size_t)n : 0;
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) ? GW_END : GW_OK;
}

enum gw_result exec_send(struct exec_child *c, const char *data, size_t len, size_t *ret_sent)
{
    ssize_t n = send(c->in, data, len, MSG_NOSIGNAL);

    *ret_sent = n > 0 ? (size_t)n : 0;
    return n < 0 && errno != EAGAIN && errno != EINTR ? GW_END : GW_OK;
}

void exec_hush(struct exec_child *c)
{
    close_end(&c->in);
}

/* ---- the end ---- */

static bool gone(struct exec_child *c, int64_t patience, int *ret_status)
{
    const struct timespec moment = {.tv_nsec = 2000000};

    for (int64_t waited = 0; waited <= patience; waited += 2) {
        if (waitpid(c->pid, ret_status, WNOHANG) == c->pid) {
            c->pid = 0;
            return true;
        }
        (void)nanosleep(&moment, NULL);
    }
    return false;
}

enum gw_result exec_finish(struct exec_child *c)
{
    int status = 0, patience = timeout_of(c);
    char room[20];
    struct gw_arg arg;

    exec_hush(c);
    close_end(&c->out);
    if (!gone(c, patience < 0 ? INT64_MAX - 2 : patience, &status))
        return silent(c);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return GW_END;
    arg = (struct gw_arg){
        "status",
        gw_digits((uint64_t)(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status)), room)};
    return gw_fail(c->s, (struct gw_place){0}, "exec.status", &arg, 1);
}

void exec_kill(struct exec_child *c)
{
    int status;

    if (c->s) {
        exec_hush(c);
        close_end(&c->out);
    }
    if (c->pid > 0) {
        (void)kill(-c->pid, SIGKILL);
        (void)kill(c->pid, SIGKILL);
        while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
            ;
    }
    c->pid = 0;
}
