/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Loaded before the C library into the daemon and its workers, in tests only. It counts the calls that change
 * files, hits the one that was chosen, and records what each did to the disk, so that disks that were possible
 * after a loss of power can be built (disk.py).
 *
 *   PROOF_PAGE   file shared by all processes: counts, and whether the chosen call was met
 *   PROOF_KIND, PROOF_AT, PROOF_DO   supervisor | applier | reader | writer; which of its calls, from 1;
 *                kill (before it), half (of the write, then killed), eio, enospc, short; power: all processes
 * are killed split: it is counted in statements that change the store; what the transaction has until there is
 * committed, and the process killed, as if the transaction were two what it does to a store on a server is in
 * shim_link.c PROOF_LOG    file for the record PROOF_CLOCK  seconds by which the clock is ahead: leases are
 * over sooner
 *
 * In the sandbox of readers and writers it makes only calls that are allowed there. Nothing is really synced:
 * power is never lost, only thought to be.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "shim.h"

#define HIGH_FD   200 /* ours are out of the way of theirs */
#define SPIN_MOST 2000000

/* disk.py knows both. */
enum op { OP_CREATE = 1, OP_FOLDER, OP_WRITE, OP_TRUNCATE, OP_SYNC, OP_SYNC_FAILED, OP_RENAME, OP_UNLINK };
struct head {
    uint32_t op, kind;
    uint64_t inode, folder, to_folder, at;
    uint32_t names, data; /* bytes that follow */
};

struct page *page;

static const char *const kinds[KINDS] = {"supervisor", "applier", "reader", "writer"};
int kind = -1;
uint32_t chosen;
enum deed deed;
static int log_fd = -1, failure;
static time_t ahead;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static int (*real_ftruncate)(int, off_t);
static int (*real_renameat2)(int, const char *, int, const char *, unsigned);
static int (*real_unlinkat)(int, const char *, int);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_mkdir)(const char *, mode_t);
static int (*real_clock_gettime)(clockid_t, struct timespec *);

void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

/* ---- beginning ---- */

static int kind_of_process(void)
{
    char line[512];
    int fd = real_openat(AT_FDCWD, "/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, line, sizeof(line) - 1) : -1;
    const char *verb = line, *which;

    if (fd >= 0)
        (void)close(fd);
    if (n <= 0)
        return -1;
    line[n] = '\0';
    verb += strlen(verb) + 1;
    if (verb >= line + n)
        return -1;
    if (strcmp(verb, "run") == 0)
        return 0;
    which = verb + strlen(verb) + 1;
    for (int k = 1; strcmp(verb, "worker") == 0 && k < KINDS; k++)
        if (which < line + n && strcmp(which, kinds[k]) == 0)
            return k;
    return -1;
}

static int open_high(const char *path, int flags)
{
    int fd = path ? real_openat(AT_FDCWD, path, flags | O_CLOEXEC) : -1;
    int high = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD) : -1;

    if (fd >= 0)
        (void)close(fd);
    return high;
}

static const struct {
    const char *word;
    enum deed deed;
    int failure;
} deeds[] = {
    {"kill", KILL, 0},           {"half", HALF, 0},   {"eio", FAIL, EIO},    {"enospc", FAIL, ENOSPC},
    {"reset", FAIL, ECONNRESET}, {"short", SHORT, 0}, {"after", AFTER, 0},   {"power", POWER, 0},
    {"stop", STOP, 0},           {"split", SPLIT, 0}, {"unkept", UNKEPT, 0}, {"forgetful", FORGETFUL, 0},
};

static void choose(void)
{
    const char *who = getenv("PROOF_KIND"), *at = getenv("PROOF_AT"), *what = getenv("PROOF_DO");

    if (kind == 0 && what && strcmp(what, "power") == 0)
        (void)setpgid(0, 0); /* a machine of its own */
    if (!who || !at || !what || kind < 0 || strcmp(who, kinds[kind]) != 0)
        return;
    chosen = (uint32_t)strtoul(at, NULL, 10);
    for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
        if (strcmp(what, deeds[i].word) == 0) {
            deed = deeds[i].deed;
            failure = deeds[i].failure;
        }
}

__attribute__((constructor)) static void begin(void)
{
    const char *clock = getenv("PROOF_CLOCK");
    int fd;

    *(void **)&real_write = next("write");
    *(void **)&real_pwrite = next("pwrite64");
    *(void **)&real_writev = next("writev");
    *(void **)&real_ftruncate = next("ftruncate64");
    *(void **)&real_renameat2 = next("renameat2");
    *(void **)&real_unlinkat = next("unlinkat");
    *(void **)&real_openat = next("openat64");
    *(void **)&real_mkdir = next("mkdir");
    *(void **)&real_clock_gettime = next("clock_gettime");
    ahead = clock ? (time_t)strtol(clock, NULL, 10) : 0;
    kind = kind_of_process();
    fd = open_high(getenv("PROOF_PAGE"), O_RDWR);
    if (kind < 0 || fd < 0)
        return;
    page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    if (page == MAP_FAILED)
        page = NULL;
    log_fd = open_high(getenv("PROOF_LOG"), O_WRONLY | O_APPEND);
    choose();
}

/* ---- which call it is ---- */

static bool counts(int fd)
{
    struct stat st;

    return page && kind >= 0 && fd > 2 && fd != log_fd && fstat(fd, &st) == 0 &&
           (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) || S_ISFIFO(st.st_mode));
}

void die(void)
{
    (void)syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGKILL);
}

enum deed met(enum what what)
{
    uint32_t n = __atomic_add_fetch(&page->counts[kind], 1, __ATOMIC_SEQ_CST);

    if (n < CALLS)
        page->what[kind][n] = (uint8_t)what;
    if (n != chosen || deed == NONE || deed >= SPLIT)
        return NONE;
    page->hit = 1;
    if (deed == KILL)
        die();
    if (deed == POWER)
        (void)kill(0, SIGKILL);
    if (deed == FAIL)
        errno = failure;
    return deed;
}

/* ---- the record: one call at a time, in the order in which they happened ---- */

static void lock(void)
{
    uint32_t free_one = 0;

    for (int i = 0; log_fd >= 0 && i < SPIN_MOST; i++) {
        if (__atomic_compare_exchange_n(&page->lock, &free_one, 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return;
        free_one = 0;
        sched_yield();
    }
}

static void unlock(void)
{
    if (log_fd >= 0)
        __atomic_store_n(&page->lock, 0, __ATOMIC_SEQ_CST);
}

static void record(struct head h, const char *names, const void *data)
{
    struct iovec parts[] = {
        {&h, sizeof(h)}, {(void *)(uintptr_t)names, h.names}, {(void *)(uintptr_t)data, h.data}};

    h.kind = (uint32_t)kind;
    if (log_fd >= 0 && real_writev(log_fd, parts, 3) < 0)
        die();
}

static uint64_t inode_of(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 ? st.st_ino : 0;
}

/* The folder a path is in, and its last part. */
static uint64_t folder_of(int at, const char *path, const char **ret_name)
{
    char copy[PATH_MAX];
    struct stat st;
    const char *slash = strrchr(path, '/');

    *ret_name = slash ? slash + 1 : path;
    (void)snprintf(copy, sizeof(copy), "%s", path);
    if (!slash)
        return at == AT_FDCWD ? (stat(".", &st) == 0 ? st.st_ino : 0) : inode_of(at);
    return fstatat(at, dirname(copy), &st, 0) == 0 ? st.st_ino : 0;
}

/* ---- writes ---- */

static void record_write(int fd, off_t at, const void *data, ssize_t n)
{
    if (n > 0)
        record((struct head){OP_WRITE, 0, inode_of(fd), 0, 0, (uint64_t)at, 0, (uint32_t)n}, NULL, data);
}

static ssize_t put(int fd, const void *data, size_t len, off_t at, bool positioned)
{
    enum deed d;
    off_t where = at;
    ssize_t n;

    if (!counts(fd))
        return positioned ? real_pwrite(fd, data, len, at) : real_write(fd, data, len);
    d = met(WRITE);
    if (d == FAIL)
        return -1;
    if ((d == HALF || d == SHORT) && len > 1)
        len /= 2;
    lock();
    if (!positioned)
        where = lseek(fd, 0, SEEK_CUR);
    if (where < 0) { /* a pipe: it may wait, and nobody loses it with the power */
        unlock();
        n = real_write(fd, data, len);
    } else {
        n = positioned ? real_pwrite(fd, data, len, at) : real_write(fd, data, len);
        record_write(fd, where, data, n);
        unlock();
    }
    if (d == HALF)
        die();
    return n;
}

ssize_t write(int fd, const void *data, size_t len)
{
    return put(fd, data, len, 0, false);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
    return put(fd, data, len, at, true);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
    return put(fd, data, len, at, true);
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
    ssize_t sum = 0;

    if (!counts(fd))
        return real_writev(fd, parts, n);
    for (int i = 0; i < n; i++) {
        ssize_t one = put(fd, parts[i].iov_base, parts[i].iov_len, 0, false);

        if (one < 0)
            return sum ? sum : one;
        sum += one;
        if ((size_t)one < parts[i].iov_len)
            break;
    }
    return sum;
}

static int cut(int fd, off_t size)
{
    int result;

    if (counts(fd) && met(TRUNCATE) == FAIL)
        return -1;
    lock();
    result = real_ftruncate(fd, size);
    if (result == 0 && page && kind >= 0)
        record((struct head){OP_TRUNCATE, 0, inode_of(fd), 0, 0, (uint64_t)size, 0, 0}, NULL, NULL);
    unlock();
    return result;
}

int ftruncate(int fd, off_t size)
{
    return cut(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
    return cut(fd, size);
}

static int sync_one(int fd)
{
    enum deed d = counts(fd) ? met(SYNC) : NONE;

    if (!page || kind < 0)
        return 0;
    lock();
    record((struct head){d == FAIL ? OP_SYNC_FAILED : OP_SYNC, 0, inode_of(fd), 0, 0, 0, 0, 0}, NULL, NULL);
    unlock();
    if (d == FAIL)
        errno = failure;
    return d == FAIL ? -1 : 0;
}

int fsync(int fd)
{
    return sync_one(fd);
}

int fdatasync(int fd)
{
    return sync_one(fd);
}

/* ---- names ---- */

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
    struct head h = {.op = OP_RENAME};
    const char *name, *to_name;
    char names[2 * NAME_MAX + 2];
    int result;

    if (page && kind >= 0 && met(RENAME) == FAIL)
        return -1;
    lock();
    result = real_renameat2(from_at, from, to_at, to, flags);
    if (result == 0 && page && kind >= 0) {
        h.folder = folder_of(from_at, from, &name);
        h.to_folder = folder_of(to_at, to, &to_name);
        h.names = (uint32_t)snprintf(names, sizeof(names), "%s/%s", name, to_name);
        record(h, names, NULL);
    }
    unlock();
    return result;
}

int renameat(int from_at, const char *from, int to_at, const char *to)
{
    return renameat2(from_at, from, to_at, to, 0);
}

int rename(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlinkat(int at, const char *path, int flags)
{
    struct head h = {.op = OP_UNLINK};
    const char *name;
    int result;

    if (page && kind >= 0 && met(UNLINK) == FAIL)
        return -1;
    lock();
    result = real_unlinkat(at, path, flags);
    if (result == 0 && page && kind >= 0) {
        h.folder = folder_of(at, path, &name);
        h.names = (uint32_t)strlen(name);
        record(h, name, NULL);
    }
    unlock();
    return result;
}

int unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

/* A name that was not there: a file or a folder of its own. */
static void record_made(enum op op, int at, const char *path, uint64_t inode)
{
    struct head h = {.op = op, .inode = inode};
    const char *name;

    h.folder = folder_of(at, path, &name);
    h.names = (uint32_t)strlen(name);
    record(h, name, NULL);
}

int mkdir(const char *path, mode_t mode)
{
    struct stat st;
    int result;

    lock();
    result = real_mkdir(path, mode);
    if (result == 0 && log_fd >= 0 && stat(path, &st) == 0)
        record_made(OP_FOLDER, AT_FDCWD, path, st.st_ino);
    unlock();
    return result;
}

static int open_at(int at, const char *path, int flags, mode_t mode)
{
    struct stat st;
    bool there, watched = log_fd >= 0 && (flags & (O_CREAT | O_TRUNC));
    int fd;

    if (!real_openat) /* a library opens what it needs when it is loaded, before we are ready */
        return (int)syscall(SYS_openat, at, path, flags, mode);
    if (!watched)
        return real_openat(at, path, flags, mode);
    lock();
    there = fstatat(at, path, &st, 0) == 0;
    fd = real_openat(at, path, flags, mode);
    if (fd >= 0 && !there)
        record_made(OP_CREATE, at, path, inode_of(fd));
    else if (fd >= 0 && (flags & O_TRUNC))
        record((struct head){OP_TRUNCATE, 0, inode_of(fd), 0, 0, 0, 0, 0}, NULL, NULL);
    unlock();
    return fd;
}

static mode_t mode_of(int flags, va_list args)
{
    return flags & O_CREAT ? va_arg(args, mode_t) : 0;
}

#define OPEN(at, path, flags)                                                                                  \
    va_list args;                                                                                              \
    mode_t mode;                                                                                               \
                                                                                                               \
    va_start(args, flags);                                                                                     \
    mode = mode_of(flags, args);                                                                               \
    va_end(args);                                                                                              \
    return open_at(at, path, flags, mode)

int open(const char *path, int flags, ...)
{
    OPEN(AT_FDCWD, path, flags);
}

int open64(const char *path, int flags, ...)
{
    OPEN(AT_FDCWD, path, flags);
}

int openat(int at, const char *path, int flags, ...)
{
    OPEN(at, path, flags);
}

int openat64(int at, const char *path, int flags, ...)
{
    OPEN(at, path, flags);
}

/* Libraries ask for the time when they are loaded, before we are ready. */
int clock_gettime(clockid_t id, struct timespec *ret)
{
    int result;

    if (!real_clock_gettime)
        *(void **)&real_clock_gettime = next("clock_gettime");
    result = real_clock_gettime(id, ret);
    if (result == 0 && id == CLOCK_REALTIME)
        ret->tv_sec += ahead;
    return result;
}

/* ---- transactions: without its header, since it is not ours to use ---- */

struct sqlite3;
struct sqlite3_stmt;
int sqlite3_step(struct sqlite3_stmt *s);

static bool changes_in_transaction(struct sqlite3_stmt *s, struct sqlite3 **ret_db)
{
    struct sqlite3 *(*db_of)(struct sqlite3_stmt *);
    int (*is_read_only)(struct sqlite3_stmt *), (*is_alone)(struct sqlite3 *);

    *(void **)&db_of = next("sqlite3_db_handle");
    *(void **)&is_read_only = next("sqlite3_stmt_readonly");
    *(void **)&is_alone = next("sqlite3_get_autocommit");
    *ret_db = db_of(s);
    return !is_read_only(s) && !is_alone(*ret_db);
}

int sqlite3_step(struct sqlite3_stmt *s)
{
    int (*step)(struct sqlite3_stmt *);
    int (*execute)(struct sqlite3 *, const char *, void *, void *, char **);
    struct sqlite3 *db;

    *(void **)&step = next("sqlite3_step");
    if (page && kind >= 0 && changes_in_transaction(s, &db) &&
        __atomic_add_fetch(&page->statements[kind], 1, __ATOMIC_SEQ_CST) == chosen && deed == SPLIT) {
        *(void **)&execute = next("sqlite3_exec");
        page->hit = execute(db, "COMMIT", NULL, NULL, NULL) == 0;
        die();
    }
    return step(s);
}
