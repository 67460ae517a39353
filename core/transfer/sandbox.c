/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* What reading, mapping and writing to given descriptors takes, and nothing else. */
static const char *const allowed[] = {
    "read",       "write",         "readv",           "writev",       "pread64",
    "lseek",      "recvmsg",       "sendto",          "sendmsg",      "recvfrom",
    "close",      "fstat",         "newfstatat",      "mmap",         "munmap",
    "mremap",     "brk",           "madvise",         "futex",        "poll",
    "ppoll",      "clock_gettime", "clock_nanosleep", "gettimeofday", "exit",
    "exit_group", "rt_sigreturn",  "rt_sigprocmask",  "rt_sigaction", "sigaltstack",
    "getpid",     "gettid",        "tgkill",          "getrandom",    "restart_syscall",
    "fdatasync",  "ftruncate",     "sched_yield",
};

/* And what threads that serve connections take: still no file, no program, no connection of our own making. */
static const char *const serving[] = {
    "accept",        "accept4",         "setsockopt",
    "getsockopt",    "shutdown",        "getpeername",
    "getsockname",   "clone",           "clone3",
    "rseq",          "set_robust_list", "fcntl",
    "fsync",         "sendfile",        "write",
    "pwrite64",      "select",          "pselect6",
    "eventfd2",      "pipe2",           "prctl",
    "epoll_wait",    "epoll_pwait",     "epoll_ctl",
    "epoll_create1", "set_tid_address", "sched_getaffinity",
    "clock_getres",  "getrusage",       "times",
    "getuid",        "geteuid",         "getgid",
    "getegid",       "sched_getparam",  "sched_getscheduler",
};

/* A library that makes threads for itself: they are made inside. The files it would like to see are not there,
 * and clone3, whose flags cannot be looked at, does not exist. */
static const char *const of_threads[] = {"set_robust_list", "rseq", "sched_getaffinity", "prlimit64"};

static int thread_rules(scmp_filter_ctx filter)
{
    int bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                               SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM));

    bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 0);
    return bad;
}

static enum gw_result limit(int what, uint64_t most)
{
    struct rlimit r = {most, most};

    return setrlimit(what, &r) == 0 ? GW_OK : GW_FAIL;
}

/* Address space in use now, in bytes. */
static uint64_t mapped(void)
{
    unsigned long pages = 0;
    char text[64];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    if (fd >= 0)
        (void)close(fd);
    if (n > 0) {
        text[n] = '\0';
        pages = strtoul(text, NULL, 10);
    }
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Memory that is code stays what it is, and no other becomes code. */
static int memory_rules(scmp_filter_ctx filter)
{
    int bad = 0;

    bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    return bad;
}

static int allow(scmp_filter_ctx filter, const char *const *names, size_t n)
{
    int bad = 0;

    for (size_t i = 0; bad == 0 && i < n; i++) {
        int number = seccomp_syscall_resolve_name(names[i]);

        if (number >= 0)
            bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
    }
    return bad;
}

static enum gw_result filter_load(const struct sandbox *s)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int bad = filter ? memory_rules(filter) : -1;

    if (bad == 0)
        bad = allow(filter, allowed, sizeof(allowed) / sizeof(*allowed));
    if (bad == 0 && s->serves)
        bad = allow(filter, serving, sizeof(serving) / sizeof(*serving));
    if (bad == 0 && s->threads)
        bad = allow(filter, of_threads, sizeof(of_threads) / sizeof(*of_threads));
    if (bad == 0 && s->threads)
        bad = thread_rules(filter);
    if (bad == 0)
        bad = seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    return bad == 0 ? GW_OK : GW_FAIL;
}

void sandbox_no_dump(void)
{
    (void)limit(RLIMIT_CORE, 0);
    if (!GW_SANITIZED) /* its search for leaks looks into us */
        (void)prctl(PR_SET_DUMPABLE, 0);
}

/* What a program needs to be found and to speak, and none of the secrets that the daemon may have there. */
static void environment_cut(void)
{
    static const char *const kept[] = {"PATH=", "HOME=", "LANG=", "LC_ALL=", "TZ=", "TMPDIR="};
    static char *few[sizeof(kept) / sizeof(*kept) + 1];
    size_t n = 0;

    for (char **at = environ; at && *at; at++)
        for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
            if (n + 1 < sizeof(few) / sizeof(*few) && strncmp(*at, kept[i], strlen(kept[i])) == 0)
                few[n++] = *at;
    environ = few;
}

enum gw_result sandbox_enter(const struct sandbox *s)
{
    enum gw_result result = GW_OK;

    tzset();
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return GW_FAIL;
    if (!GW_SANITIZED && s->memory) /* its shadow takes terabytes, and its reports need files */
        result = limit(RLIMIT_AS, mapped() + s->memory);
    if (result == GW_OK && s->output_bytes)
        result = limit(RLIMIT_FSIZE, s->output_bytes);
    if (result == GW_OK && s->cpu)
        result = limit(RLIMIT_CPU, s->cpu);
    if (result == GW_OK)
        result = limit(RLIMIT_CORE, 0);
    if (s->spawns)
        environment_cut();
    return result == GW_OK && !s->spawns && !GW_SANITIZED ? filter_load(s) : result;
}
