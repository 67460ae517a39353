/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Restoring: everything goes into a folder beside, FOLDER.partial, and gets its name when the coffer was found
 * to be whole and the store opens. What was owed to destinations then waits for a person: between the backup
 * and the loss they may have had it, or more, and nothing here can know.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/str.h"
#include "gateway/backup_parts.h"
#include "gateway/spoolcheck.h"
#include "store/audit.h"
#include "store/durable.h"
#include "store/exchange.h"
#include "store/key_file.h"

#define BLOCK    65536
#define LEASE_MS 60000
#define MARKER   "restored"

struct restoring {
    struct coffer *coffer;
    struct sink *sink;
    struct arena arena;
    const char *folder; /* FOLDER.partial */
    int folders[BACKUP_FOLDERS];
    struct backup_facts facts;
};

/* ---- parts to files ---- */

static enum gw_result folders_make(struct restoring *r)
{
    for (unsigned i = 0; i < BACKUP_FOLDERS; i++) {
        const char *path = arena_format(&r->arena, "%s/%s", r->folder, backup_folders[i]);

        if (!path || mkdir(path, i == FOLDER_HEADS ? 0755 : 0700) != 0)
            return GW_RETRY;
        r->folders[i] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (r->folders[i] < 0)
            return GW_RETRY;
    }
    return GW_OK;
}

static void flows_drop(int folder)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    const struct dirent *d;

    while (dir && (d = readdir(dir))) {
        int one = d->d_name[0] == '.' ? -1 : openat(folder, d->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (one < 0)
            continue;
        (void)!durable_empty(one);
        (void)close(one);
        (void)unlinkat(folder, d->d_name, AT_REMOVEDIR);
    }
    if (dir)
        (void)closedir(dir);
}

/* All of it, the deepest first; what is not ours stays, and its folder. */
static void folders_drop(struct restoring *r)
{
    for (unsigned i = BACKUP_FOLDERS; i-- > 0;) {
        const char *path = arena_format(&r->arena, "%s/%s", r->folder, backup_folders[i]);

        if (r->folders[i] < 0 || !path)
            continue;
        (void)!durable_empty(r->folders[i]);
        if (i == FOLDER_RECEIPTS)
            flows_drop(r->folders[i]);
        (void)rmdir(path);
    }
}

static void folders_close(struct restoring *r)
{
    for (unsigned i = 0; i < BACKUP_FOLDERS; i++)
        if (r->folders[i] >= 0)
            (void)close(r->folders[i]);
}

static enum gw_result bytes_get(struct restoring *r, int fd, uint64_t size)
{
    char block[BLOCK];
    enum gw_result result = GW_OK;

    while (size && result == GW_OK) {
        size_t n = size < BLOCK ? (size_t)size : BLOCK;

        result = coffer_get(r->coffer, block, n);
        if (result == GW_OK)
            result = durable_write(fd, block, n);
        size -= n;
    }
    explicit_bzero(block, sizeof(block));
    return result;
}

/* Of FLOW/NAME. */
static bool flow_folder(int folder, const char *name)
{
    char flow[PART_NAME];

    (void)snprintf(flow, sizeof(flow), "%.*s", (int)strcspn(name, "/"), name);
    return mkdirat(folder, flow, 0700) == 0 || errno == EEXIST;
}

static enum gw_result file_get(struct restoring *r, const struct part *p)
{
    enum backup_folder in;
    const char *name;
    enum gw_result result;
    int fd;

    if (!part_place(p, &in, &name))
        return GW_REJECT;
    if (in == FOLDER_RECEIPTS && !flow_folder(r->folders[in], name))
        return GW_RETRY;
    fd = openat(r->folders[in], name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, part_mode(p));
    if (fd < 0)
        return errno == EEXIST ? GW_REJECT : GW_RETRY;
    result = bytes_get(r, fd, p->size);
    if (result == GW_OK && fsync(fd) != 0)
        result = GW_RETRY;
    (void)close(fd);
    return result;
}

static enum gw_result parts_get(struct restoring *r)
{
    struct part p;
    enum gw_result result;

    while ((result = part_get(r->coffer, &p)) == GW_OK && p.name[0])
        if ((result = file_get(r, &p)) != GW_OK)
            return result;
    return result == GW_OK ? coffer_over(r->coffer) : result;
}

static enum gw_result manifest_read(struct restoring *r)
{
    struct buf text;
    const char *path = arena_format(&r->arena, "%s/manifest", r->folder);
    yyjson_doc *doc = NULL;
    yyjson_val *root;

    buf_init(&text, 65536);
    if (path && buf_read_file(&text, path) == GW_OK)
        doc = yyjson_read(text.data, text.len, 0);
    root = yyjson_doc_get_root(doc);
    r->facts = (struct backup_facts){.at = yyjson_get_sint(yyjson_obj_get(root, "at")),
                                     .exchanges = yyjson_get_uint(yyjson_obj_get(root, "exchanges")),
                                     .files = yyjson_get_uint(yyjson_obj_get(root, "files")),
                                     .missing = yyjson_get_uint(yyjson_obj_get(root, "missing"))};
    yyjson_doc_free(doc);
    buf_done(&text);
    return r->facts.at ? GW_OK : GW_REJECT;
}

static enum gw_result unpack(struct restoring *r, const struct backup_file *from)
{
    enum gw_result result = coffer_open(&r->arena, from->fd, &from->key, &r->coffer);

    if (result == GW_OK)
        result = folders_make(r);
    if (result == GW_OK)
        result = parts_get(r);
    return result == GW_OK ? manifest_read(r) : result;
}

static enum gw_result store_of(struct restoring *r, bool read_only, struct store **ret)
{
    struct store_options o = {.path = arena_format(&r->arena, "%s/store.db", r->folder),
                              .key_path = arena_format(&r->arena, "%s/key", r->folder),
                              .read_only = read_only,
                              .sink = r->sink};

    return o.path && o.key_path ? store_open(&r->arena, &o, ret) : GW_FATAL;
}

static void begin(struct restoring *r, struct sink *sink)
{
    *r = (struct restoring){.sink = sink};
    arena_init(&r->arena, 65536, 0);
    for (unsigned i = 0; i < BACKUP_FOLDERS; i++)
        r->folders[i] = -1;
}

/* ---- what was owed waits ---- */

struct owed {
    struct arena *arena;
    int64_t *ids;
    size_t count, room;
};

static bool owes(void *to, const struct exchange *e)
{
    struct owed *o = to;

    if (e->state != EXCHANGE_QUEUED && e->state != EXCHANGE_WORKING)
        return true;
    if (o->count == o->room) {
        size_t room = o->room ? 2 * o->room : 256;
        int64_t *more = arena_array(o->arena, room, sizeof(*more));

        if (!more)
            return false;
        if (o->count)
            memcpy(more, o->ids, o->count * sizeof(*more));
        o->ids = more;
        o->room = room;
    }
    o->ids[o->count++] = e->id;
    return true;
}

static enum gw_result hold(struct store *s, int64_t id, struct arena *a)
{
    struct exchange e;
    enum gw_result result = exchange_get(s, id, a, &e);

    if (result == GW_OK && e.state == EXCHANGE_QUEUED)
        result = exchange_claim_one(s, id, LEASE_MS, a, &e);
    e.reason = GW_STR("exchange.restored");
    return result == GW_OK ? exchange_move(s, &e, EXCHANGE_HELD) : result;
}

static enum gw_result hold_all(struct restoring *r, struct store *s)
{
    struct owed owed = {.arena = &r->arena};
    struct exchange_filter out = {.state = -1, .out = 1};
    enum gw_result result = exchange_each(s, &out, owes, &owed);

    for (size_t i = 0; (result == GW_OK || result == GW_REJECT) && i < owed.count; i++) {
        result = hold(s, owed.ids[i], &r->arena);
        r->facts.held += result == GW_OK;
    }
    return result == GW_REJECT ? GW_OK : result; /* rows at fault were told */
}

static enum gw_result mark(struct restoring *r)
{
    struct durable d;
    char text[32];
    int n = snprintf(text, sizeof(text), "%lld\n", (long long)r->facts.at);
    enum gw_result result = durable_create(&d, r->folders[FOLDER_ROOT], MARKER, 0600);

    if (result != GW_OK)
        return result;
    result = durable_write(d.fd, text, (size_t)n);
    if (result == GW_OK)
        return durable_commit(&d);
    durable_abandon(&d);
    return result;
}

static enum gw_result settle(struct restoring *r)
{
    struct store *s;
    char detail[64];
    enum gw_result result = store_of(r, false, &s);

    if (result != GW_OK)
        return result;
    result = hold_all(r, s);
    (void)snprintf(detail, sizeof(detail), "of %lld", (long long)r->facts.at);
    if (result == GW_OK)
        result =
            audit_add(s, (struct gw_str){NULL, 0}, GW_STR("backup.restore"), GW_STR("store"), str_of(detail));
    if (result == GW_OK)
        result = store_checkpoint(s);
    store_close(s);
    return result == GW_OK ? mark(r) : result;
}

/* ---- the whole ---- */

static bool is_empty(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *d;
    bool empty = dir || errno == ENOENT;

    while (dir && empty && (d = readdir(dir)))
        empty = strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0;
    if (dir)
        (void)closedir(dir);
    return empty;
}

/* An empty one is as good as none. */
static bool usable(struct sink *sink, const char *folder)
{
    struct gw_arg arg = {"folder", str_of(folder)};
    struct diag d = {
        .severity = GW_ERROR, .code = "backup.folder", .byte = UINT64_MAX, .args = &arg, .nargs = 1};

    if (is_empty(folder))
        return true;
    sink->put(sink, &d);
    return false;
}

static enum gw_result name_it(struct restoring *r, const char *folder)
{
    for (unsigned i = 0; i < BACKUP_FOLDERS; i++)
        if (durable_sync(r->folders[i]) != GW_OK)
            return GW_RETRY;
    return rename(r->folder, folder) == 0 ? folder_sync(folder) : GW_RETRY;
}

enum gw_result backup_restore(const struct backup_file *from, const char *folder, struct sink *sink,
                              struct backup_facts *ret)
{
    struct restoring r;
    enum gw_result result;

    if (!usable(sink, folder))
        return GW_FAIL;
    begin(&r, sink);
    r.folder = arena_format(&r.arena, "%s.partial", folder);
    result = r.folder ? unpack(&r, from) : GW_FATAL;
    if (result == GW_OK)
        result = settle(&r);
    if (result == GW_OK)
        result = name_it(&r, folder);
    if (result != GW_OK) {
        backup_fault(sink, result, result == GW_RETRY && r.folder ? r.folder : from->name);
        folders_drop(&r);
    }
    folders_close(&r);
    *ret = r.facts;
    arena_done(&r.arena);
    return result == GW_REJECT || result == GW_END ? GW_FAIL : result;
}

static enum gw_result check(struct restoring *r, uint64_t *ret_faults)
{
    struct store *s;
    uint64_t rows = 0, files = 0;
    int64_t broken;
    enum gw_result result = store_of(r, true, &s);

    if (result != GW_OK)
        return result;
    result = store_check(s, &rows);
    if (result == GW_OK)
        result = spool_check(s, arena_format(&r->arena, "%s/spool", r->folder), false, r->sink, &files);
    if (result == GW_OK) {
        result = audit_verify(s, &broken);
        rows += result == GW_REJECT;
        result = result == GW_REJECT ? GW_OK : result;
    }
    store_close(s);
    *ret_faults = rows + files;
    return result;
}

enum gw_result backup_verify(const struct backup_file *from, struct sink *sink, struct backup_facts *ret,
                             uint64_t *ret_faults)
{
    const char *place = getenv("TMPDIR");
    struct restoring r;
    char *folder;
    enum gw_result result;

    begin(&r, sink);
    *ret_faults = 0;
    folder = arena_format(&r.arena, "%s/passerelle-verify-XXXXXX", place && *place ? place : "/var/tmp");
    result = folder && mkdtemp(folder) ? GW_OK : GW_RETRY;
    r.folder = folder ? arena_format(&r.arena, "%s/state", folder) : NULL;
    if (result == GW_OK)
        result = r.folder ? unpack(&r, from) : GW_FATAL;
    if (result == GW_OK)
        result = check(&r, ret_faults);
    if (result != GW_OK)
        backup_fault(sink, result, result == GW_RETRY && folder ? folder : from->name);
    folders_drop(&r);
    if (folder)
        (void)rmdir(folder);
    folders_close(&r);
    *ret = r.facts;
    arena_done(&r.arena);
    return result == GW_REJECT || result == GW_END ? GW_FAIL : result;
}

/* ---- afterwards ---- */

int64_t restored_waits(const char *state)
{
    char path[4096], text[32] = "";
    int fd = snprintf(path, sizeof(path), "%s/" MARKER, state) < (int)sizeof(path)
                 ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
                 : -1;
    ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
    uint64_t at;

    if (fd >= 0)
        (void)close(fd);
    if (n < 0)
        return 0;
    return str_number(str_trim((struct gw_str){text, (size_t)n}), &at) && at <= INT64_MAX && at ? (int64_t)at
                                                                                                : 1;
}

enum gw_result restored_release(const char *state)
{
    int fd = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum gw_result result = fd >= 0 ? durable_remove(fd, MARKER) : GW_RETRY;

    if (result == GW_OK)
        result = durable_sync(fd);
    if (fd >= 0)
        (void)close(fd);
    return result;
}
