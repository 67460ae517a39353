/* SPDX-License-Identifier: EUPL-1.2 */
#include "transfer/local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

#define NAME_ROOM  240u
#define WORTH_KEEP (1u << 20) /* bytes: smaller files begin again */

static const char partial[] = "partial"; /* section of the memory: NAME -> "size mtime boot" */

bool local_plain(struct gw_str name)
{
    const struct gw_str aside = GW_STR(DURABLE_ASIDE);

    if (!name.len || name.len > NAME_ROOM || name.ptr[0] == '.' || !str_valid(name))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.ptr[i] < ' ' || name.ptr[i] == 0x7f || name.ptr[i] == '/')
            return false;
    if (name.len > aside.len && str_eq(str_from(name, name.len - aside.len), aside))
        return false;
    return !str_is(name, LOCAL_TAKEN) && !str_is(name, MEMORY_FILE);
}

/* ---- the folder ---- */

/* What was left aside and will not be resumed. */
static enum gw_result sweep(struct local *l)
{
    for (size_t i = 0; i < l->memory.count; i++)
        if (str_is(l->memory.entries[i].section, partial))
            return GW_OK;
    return durable_sweep(l->folder);
}

enum gw_result local_open(struct local *l, struct arena *a, struct gw_str path)
{
    char *folder = arena_text(a, path), *taken = arena_format(a, "%.*s/" LOCAL_TAKEN, STR_ARG(path));
    enum gw_result result;

    *l = (struct local){.folder = -1, .taken = -1, .arena = a};
    if (!folder || !taken || !path.len || path.ptr[0] != '/') {
        errno = EINVAL;
        return GW_RETRY;
    }
    result = durable_folder(folder, 0700, &l->folder);
    if (result == GW_OK)
        result = durable_folder(taken, 0700, &l->taken);
    if (result == GW_OK)
        result = memory_load(&l->memory, a, l->folder);
    if (result == GW_OK)
        result = sweep(l);
    return result;
}

enum gw_result local_close(struct local *l)
{
    enum gw_result result = l->folder >= 0 ? memory_save(&l->memory, l->folder) : GW_OK;
    int why = errno;

    if (l->folder >= 0)
        (void)close(l->folder);
    if (l->taken >= 0)
        (void)close(l->taken);
    l->folder = l->taken = -1;
    errno = why;
    return result;
}

/* A plain name as the system wants it. */
static const char *name_of(struct gw_str name, char room[NAME_ROOM + 1])
{
    (void)snprintf(room, NAME_ROOM + 1, "%.*s", STR_ARG(name));
    return room;
}

bool local_has(const struct local *l, struct gw_str name)
{
    char room[NAME_ROOM + 1];
    const char *file = name_of(name, room);

    return faccessat(l->folder, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
           faccessat(l->taken, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool add_taken(const struct local *l, const char *name, struct remote_file *files, size_t *n)
{
    struct stat st;
    char *copy;

    if (!local_plain(str_of(name)) || fstatat(l->taken, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(st.st_mode))
        return true;
    copy = arena_text(l->arena, str_of(name));
    if (copy)
        files[(*n)++] = (struct remote_file){str_of(copy), (uint64_t)st.st_size, st.st_mtim.tv_sec};
    return copy != NULL;
}

enum gw_result local_taken(const struct local *l, struct remote_file **ret, size_t *ret_count)
{
    int fd = openat(l->taken, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *d;
    size_t room = 0;
    bool good = dir != NULL;

    *ret_count = 0;
    while (good && readdir(dir))
        room++;
    *ret = arena_array(l->arena, room + 1, sizeof(**ret));
    good = good && *ret;
    if (good)
        rewinddir(dir);
    while (good && *ret_count < room && (d = readdir(dir)))
        good = add_taken(l, d->d_name, *ret, ret_count);
    if (dir)
        (void)closedir(dir);
    return good ? GW_OK : GW_RETRY;
}

enum gw_result local_dismiss(const struct local *l, struct gw_str name)
{
    char room[NAME_ROOM + 1];

    return durable_remove(l->taken, name_of(name, room));
}

/* ---- a file that is being fetched ---- */

static void read_boot(char ret[64])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, ret, 63) : 0;

    ret[n > 0 ? n : 0] = '\0';
    ret[strcspn(ret, "\n")] = '\0';
    if (fd >= 0)
        (void)close(fd);
}

/* What the memory says of it while it is interrupted. After a loss of power nobody knows what the disk has. */
static const char *describe(const struct local *l, const struct remote_file *file)
{
    char boot[64];

    read_boot(boot);
    return arena_format(l->arena, "%llu %lld %s", (unsigned long long)file->size, (long long)file->mtime, boot);
}

/* Of all that was interrupted nothing is left but, soon, this one; `said` NULL: not even that. */
static enum gw_result replace_partial(struct local *l, struct gw_str name, const char *said)
{
    struct memory *m = &l->memory;
    enum gw_result result = durable_sweep(l->folder);

    for (size_t i = m->count; i-- > 0;)
        if (str_is(m->entries[i].section, partial))
            memory_forget(m, partial, m->entries[i].key);
    if (result != GW_OK || !said)
        return result;
    errno = ENOSPC;
    return memory_set(m, partial, name, str_of(said)) == GW_OK ? memory_save(m, l->folder) : GW_RETRY;
}

/* True: `ret` stands behind what an earlier run wrote. */
static bool resume(struct local *l, struct incoming *ret, const char *said)
{
    struct stat st;
    struct durable *d = &ret->d;

    if (!str_is(memory_get(&l->memory, partial, ret->file.name), said))
        return false;
    *d = (struct durable){.folder = l->folder};
    (void)name_of(ret->file.name, d->name);
    (void)snprintf(d->aside, sizeof(d->aside), "%s" DURABLE_ASIDE, d->name);
    d->fd = openat(l->folder, d->aside, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (d->fd < 0)
        return false;
    if (fstat(d->fd, &st) != 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size > ret->file.size ||
        lseek(d->fd, 0, SEEK_END) != st.st_size) {
        durable_abandon(d);
        return false;
    }
    ret->have = (uint64_t)st.st_size;
    return true;
}

enum gw_result local_begin(struct local *l, const struct remote_file *file, struct incoming *ret)
{
    const char *said = describe(l, file);
    char room[NAME_ROOM + 1];
    enum gw_result result = said && local_plain(file->name) ? GW_OK : GW_RETRY;

    *ret = (struct incoming){.d = {.fd = -1}, .file = *file};
    errno = EINVAL;
    if (result == GW_OK && file->size >= WORTH_KEEP && resume(l, ret, said))
        return GW_OK;
    if (result == GW_OK)
        result = replace_partial(l, file->name, file->size >= WORTH_KEEP ? said : NULL);
    if (result == GW_OK)
        result = durable_create(&ret->d, l->folder, name_of(file->name, room), 0600);
    return result;
}

enum gw_result local_commit(struct local *l, struct incoming *in)
{
    const struct timespec times[] = {{0, UTIME_OMIT}, {in->file.mtime, 0}};
    enum gw_result result = GW_OK;

    if (in->file.mtime && futimens(in->d.fd, times) != 0)
        result = GW_RETRY;
    if (result == GW_OK)
        result = durable_commit(&in->d);
    if (result == GW_OK)
        result = durable_sync(l->folder);
    if (result == GW_OK)
        memory_forget(&l->memory, partial, in->file.name);
    return result;
}

void local_suspend(struct local *l, struct incoming *in, uint64_t good)
{
    if (in->d.fd < 0)
        return;
    if (in->file.size < WORTH_KEEP || ftruncate(in->d.fd, (off_t)good) != 0) {
        local_abandon(l, in);
        return;
    }
    (void)close(in->d.fd);
    in->d.fd = -1;
}

void local_abandon(struct local *l, struct incoming *in)
{
    durable_abandon(&in->d);
    memory_forget(&l->memory, partial, in->file.name);
}
