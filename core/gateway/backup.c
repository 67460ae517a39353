/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/backup_parts.h"
#include "gw/session.h"
#include "store/audit.h"
#include "store/durable.h"
#include "store/exchange.h"
#include "store/sign.h"

#define BLOCK 65536

struct making {
    const struct gateway_conf *conf;
    struct coffer *coffer;
    struct sink *sink;
    struct arena arena;
    int spool;
    struct backup_facts facts;
    enum gw_result result;
};

int backup_lock(const char *state, bool wait)
{
    char path[4096];
    int fd;

    if (snprintf(path, sizeof(path), "%s/backup.lock", state) >= (int)sizeof(path))
        return -1;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* ---- parts ---- */

static void bytes_put(struct making *m, const char *folder, const char *name, struct gw_str bytes)
{
    struct part p = {.size = bytes.len};

    if (m->result != GW_OK)
        return;
    if (snprintf(p.name, sizeof(p.name), "%s%s", folder, name) >= (int)sizeof(p.name))
        m->result = GW_FATAL;
    if (m->result == GW_OK)
        m->result = part_put(m->coffer, &p);
    if (m->result == GW_OK)
        m->result = coffer_put(m->coffer, bytes.ptr, bytes.len);
}

static enum gw_result copy(struct making *m, int fd, uint64_t size)
{
    char block[BLOCK];

    while (size) {
        ssize_t n = read(fd, block, size < BLOCK ? (size_t)size : BLOCK);
        enum gw_result result;

        if (n <= 0) /* shorter than it was a moment ago: it is being written to, which nothing of ours is */
            return GW_RETRY;
        result = coffer_put(m->coffer, block, (size_t)n);
        if (result != GW_OK)
            return result;
        size -= (uint64_t)n;
    }
    return GW_OK;
}

/* False: it is not there. */
static bool file_put(struct making *m, const char *folder, const char *name, int at, const char *path)
{
    struct part p = {0};
    int fd = openat(at, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;

    if (fd < 0 && errno == ENOENT)
        return false;
    if (m->result == GW_OK && (fd < 0 || fstat(fd, &st) != 0))
        m->result = GW_RETRY;
    if (snprintf(p.name, sizeof(p.name), "%s%s", folder, name) >= (int)sizeof(p.name))
        m->result = GW_FATAL;
    if (m->result == GW_OK) {
        p.size = (uint64_t)st.st_size;
        m->result = part_put(m->coffer, &p);
    }
    if (m->result == GW_OK)
        m->result = copy(m, fd, p.size);
    if (fd >= 0)
        (void)close(fd);
    return true;
}

static void confs_put(struct making *m)
{
    for (size_t i = 0; i < m->conf->ntexts; i++)
        bytes_put(m, backup_folders[FOLDER_CONF], m->conf->texts[i].name.ptr, m->conf->texts[i].text);
}

static void folder_put(struct making *m, const char *folder, const char *path)
{
    DIR *dir = path ? opendir(path) : NULL;
    const struct dirent *d;

    while (dir && m->result == GW_OK && (d = readdir(dir)))
        if (d->d_name[0] != '.' && !strstr(d->d_name, DURABLE_ASIDE))
            (void)file_put(m, folder, d->d_name, dirfd(dir), d->d_name);
    if (dir)
        (void)closedir(dir);
}

/* Receipts that wait to be sent: the store, copied before, takes them for written. */
static void receipts_put(struct making *m, const char *state)
{
    for (size_t i = 0; i < m->conf->nflows; i++) {
        struct gw_str flow = m->conf->flows[i].name;
        const char *path = arena_format(&m->arena, "%s/receipts/%.*s", state, STR_ARG(flow));
        const char *folder = arena_format(&m->arena, "%s%.*s/", backup_folders[FOLDER_RECEIPTS], STR_ARG(flow));

        if (folder)
            folder_put(m, folder, path);
    }
}

static void missing(struct making *m, const struct exchange *e)
{
    char number[20];
    struct gw_arg args[] = {{"file", e->spool}, {"exchange", gw_digits((uint64_t)e->id, number)}};
    struct diag d = {
        .severity = GW_WARNING, .code = "backup.missing", .byte = UINT64_MAX, .args = args, .nargs = 2};

    m->facts.missing++;
    m->sink->put(m->sink, &d);
}

static bool each(void *to, const struct exchange *e)
{
    struct making *m = to;

    m->facts.exchanges++;
    if (!e->spool.ptr)
        return true;
    if (file_put(m, backup_folders[FOLDER_SPOOL], e->spool.ptr, m->spool, e->spool.ptr))
        m->facts.files++;
    else
        missing(m, e);
    return m->result == GW_OK;
}

static void manifest_put(struct making *m)
{
    char text[256];
    int n = snprintf(text, sizeof(text),
                     "{\"at\":%lld,\"schema\":%d,\"exchanges\":%llu,\"files\":%llu,\"missing\":%llu}\n",
                     (long long)m->facts.at, STORE_SCHEMA, (unsigned long long)m->facts.exchanges,
                     (unsigned long long)m->facts.files, (unsigned long long)m->facts.missing);

    bytes_put(m, "", "manifest", (struct gw_str){text, (size_t)n});
}

/* ---- the whole ---- */

/* Before the store is copied: a head of an entry that the copy has not would tell of a trail that was cut. */
static void heads_put(struct making *m, const char *state)
{
    static const char *const key[] = {SIGN_KEY, SIGN_SHOWN};
    int at = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    folder_put(m, backup_folders[FOLDER_HEADS], arena_format(&m->arena, "%s/heads", state));
    for (size_t i = 0; at >= 0 && i < sizeof(key) / sizeof(*key); i++)
        (void)file_put(m, "", key[i], at, key[i]);
    if (at < 0)
        m->result = GW_RETRY;
    else
        (void)close(at);
}

/* Where the copy of the store lies meanwhile. */
static enum gw_result stage(struct making *m, const char *state, const char **ret)
{
    int fd = -1;
    enum gw_result result;

    *ret = arena_format(&m->arena, "%s/backup", state);
    result = *ret ? durable_folder(*ret, 0700, &fd) : GW_FATAL;
    if (result == GW_OK)
        result = durable_empty(fd);
    if (fd >= 0)
        (void)close(fd);
    return result;
}

static void stage_clear(const char *path)
{
    int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (fd < 0)
        return;
    (void)!durable_empty(fd);
    (void)close(fd);
    (void)rmdir(path);
}

/* Of the copy, not of what goes on meanwhile. It opens by the key that is kept with it, or the backup is none.
 */
static enum gw_result spool_put(struct making *m, const char *copied)
{
    struct exchange_filter all = {.state = -1, .out = -1};
    struct store_options o = {.path = copied, .key_path = m->conf->key.ptr, .read_only = true, .sink = m->sink};
    struct store *s;
    enum gw_result result = store_open(&m->arena, &o, &s);

    if (result != GW_OK)
        return result;
    result = exchange_each(s, &all, each, m);
    store_close(s);
    return result == GW_REJECT ? GW_OK : result; /* rows at fault were told, and are in the copy as they are */
}

static void all_put(struct making *m, struct store *s, const char *state, const char *folder)
{
    const char *copied = arena_format(&m->arena, "%s/store.db", folder);

    heads_put(m, state);
    m->facts.at = store_now();
    if (m->result == GW_OK)
        m->result = copied ? store_backup(s, copied) : GW_FATAL;
    confs_put(m);
    folder_put(m, backup_folders[FOLDER_NOTICES], arena_format(&m->arena, "%s/notices", state));
    receipts_put(m, state);
    if (m->result == GW_OK && !file_put(m, "", "key", AT_FDCWD, m->conf->key.ptr))
        m->result = GW_RETRY;
    if (m->result == GW_OK && !file_put(m, "", "store.db", AT_FDCWD, copied))
        m->result = GW_RETRY;
    if (m->result == GW_OK) {
        enum gw_result result = spool_put(m, copied);

        m->result = m->result == GW_OK ? result : m->result;
    }
    manifest_put(m);
    if (m->result == GW_OK)
        m->result = part_put(m->coffer, &(struct part){0});
    if (m->result == GW_OK)
        m->result = coffer_close(m->coffer);
}

static enum gw_result enter(struct store *s, const struct coffer_key *key, bool lettered,
                            const struct backup_facts *f)
{
    char detail[96];

    (void)snprintf(detail, sizeof(detail), "%llu exchanges, %llu files, key %02x%02x%02x%02x%s",
                   (unsigned long long)f->exchanges, (unsigned long long)f->files, key->id[0], key->id[1],
                   key->id[2], key->id[3], lettered ? ", openpgp" : "");
    return audit_add(s, (struct gw_str){NULL, 0}, GW_STR("backup.make"), GW_STR("store"), str_of(detail));
}

enum gw_result backup_make(const struct gateway_conf *c, struct store *s, const struct coffer_key *key,
                           const struct coffer_letter *letter, int fd, struct sink *sink,
                           struct backup_facts *ret)
{
    struct making m = {.conf = c, .sink = sink};
    const char *state = c->state.ptr, *folder = NULL, *spool;
    int lock = backup_lock(state, true);

    arena_init(&m.arena, 65536, 0);
    spool = arena_format(&m.arena, "%s/spool", state);
    m.spool = spool ? open(spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    m.result = lock >= 0 && m.spool >= 0 ? stage(&m, state, &folder) : GW_RETRY;
    if (m.result == GW_OK)
        m.result = coffer_create(&m.arena, fd, key, letter, &m.coffer);
    if (m.result == GW_OK)
        all_put(&m, s, state, folder);
    if (m.result == GW_OK)
        m.result = enter(s, key, letter, &m.facts);
    else if (m.result != GW_REJECT)
        backup_fault(sink, m.result, state);
    stage_clear(folder);
    if (m.spool >= 0)
        (void)close(m.spool);
    if (lock >= 0)
        (void)close(lock);
    *ret = m.facts;
    arena_done(&m.arena);
    return m.result;
}

/* ---- a folder of them ---- */

#define NAME_FORMAT "passerelle-%Y%m%dT%H%M%SZ" BACKUP_END

void backup_name(int64_t at, char ret[48])
{
    time_t t = (time_t)(at / 1000);
    struct tm tm;

    gmtime_r(&t, &tm);
    if (!strftime(ret, 48, NAME_FORMAT, &tm))
        ret[0] = '\0';
}

static bool name_instant(const char *name, int64_t *ret)
{
    struct tm tm = {0};
    const char *end = strptime(name, NAME_FORMAT, &tm);

    *ret = end && !*end ? (int64_t)timegm(&tm) * 1000 : 0;
    return *ret != 0;
}

/* How many there are, and the first and the last of them: names sort by time. */
static size_t look(const char *folder, int64_t *ret_oldest, int64_t *ret_newest)
{
    DIR *dir = opendir(folder);
    const struct dirent *d;
    size_t count = 0;
    int64_t at;

    *ret_oldest = *ret_newest = 0;
    while (dir && (d = readdir(dir))) {
        if (!name_instant(d->d_name, &at))
            continue;
        count++;
        *ret_newest = at > *ret_newest ? at : *ret_newest;
        *ret_oldest = !*ret_oldest || at < *ret_oldest ? at : *ret_oldest;
    }
    if (dir)
        (void)closedir(dir);
    return count;
}

int64_t backup_newest(const char *folder)
{
    int64_t oldest, newest;

    (void)look(folder, &oldest, &newest);
    return newest;
}

enum gw_result backup_prune(const char *folder, uint64_t keep)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int64_t oldest, newest;
    char name[48];
    enum gw_result result = fd >= 0 ? GW_OK : GW_RETRY;

    while (result == GW_OK && look(folder, &oldest, &newest) > keep) {
        backup_name(oldest, name);
        result = durable_remove(fd, name);
    }
    if (result == GW_OK)
        result = durable_sync(fd);
    if (fd >= 0)
        (void)close(fd);
    return result;
}
