/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Folders of flows in. A file that is no longer being written is copied into the spool under a name of ours,
 * made durable, and becomes an exchange; only then its source is moved or deleted. Many files share one fsync
 * of a folder and one transaction. After a crash a source that is still there is seen again, known by name and
 * digest, and moved then.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"
#include "gateway/spooled.h"
#include "store/audit.h"
#include "store/bytes.h"
#include "transfer/duty.h"
#include "transfer/memory.h"

#define INTAKE_BATCH 64
#define IDLE_MS      60000
#define INTAKE_MOST  100000 /* names looked at in one round */

struct found {
    char name[256];
    struct stat st;
    char spool[64];
    struct exchange e;
    bool copied, seen;
    bool kept; /* the store has its bytes, if it keeps any */
};

struct intake {
    struct gateway *g;
    const struct flow *flow;
    struct flow_state *state;
    bool was_unreadable; /* some file, at the last look */
    struct found items[INTAKE_BATCH];
    size_t count;
};

static bool ends_with(const char *name, struct gw_str end)
{
    size_t n = strlen(name);

    return end.len && n >= end.len && memcmp(name + n - end.len, end.ptr, end.len) == 0;
}

static bool name_wanted(const struct flow *f, const char *name)
{
    if (f->connector && strcmp(name, MEMORY_FILE) == 0)
        return false;
    return name[0] != '.' && fnmatch(f->pattern.ptr, name, 0) == 0 && !ends_with(name, GW_STR(DURABLE_ASIDE)) &&
           !ends_with(name, f->unready) && !ends_with(name, f->marker) && str_valid(str_of(name));
}

/* Neither its content nor its place changed for as long as the flow says; a copy keeps the time of its
 * original, so the time of the change counts as well. */
static bool is_stable(const struct flow *f, const struct stat *st)
{
    struct timespec now;
    time_t last = st->st_mtime > st->st_ctime ? st->st_mtime : st->st_ctime;

    clock_gettime(CLOCK_REALTIME, &now);
    return !f->stable || last > now.tv_sec || (uint64_t)(now.tv_sec - last) >= f->stable;
}

static bool is_ready(const struct intake *in, const char *name, struct stat *ret)
{
    char marker[512];

    if (fstatat(in->state->folder, name, ret, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(ret->st_mode))
        return false;
    if (in->flow->marker.len) {
        (void)snprintf(marker, sizeof(marker), "%s%.*s", name, STR_ARG(in->flow->marker));
        return faccessat(in->state->folder, marker, F_OK, 0) == 0;
    }
    if (is_stable(in->flow, ret))
        return true;
    in->state->unsettled = true;
    return false;
}

/* ---- into the spool ---- */

void intake_name(char ret[64])
{
    uint64_t random = 0;
    struct timespec t;

    if (getrandom(&random, sizeof(random), 0) != sizeof(random))
        random = (uint64_t)getpid();
    clock_gettime(CLOCK_REALTIME, &t);
    (void)snprintf(ret, 64, "in-%lld%09ld-%016llx", (long long)t.tv_sec, t.tv_nsec, (unsigned long long)random);
}

int64_t intake_order(const struct flow *f, const char *name, int64_t modified)
{
    uint64_t n = 0;

    switch ((enum file_order)f->order) {
    case ORDER_RECEIVED:
        break;
    case ORDER_MODIFIED:
        return modified;
    case ORDER_NAME:
        for (const char *p = name; *p && n < (uint64_t)1 << 59; p++)
            n = *p >= '0' && *p <= '9' ? n * 10 + (uint64_t)(*p - '0') : n;
        return (int64_t)n;
    }
    return 0;
}

static bool unchanged(int fd, const struct stat *before)
{
    struct stat now;

    return fstat(fd, &now) == 0 && now.st_size == before->st_size &&
           now.st_mtim.tv_sec == before->st_mtim.tv_sec && now.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

/* One file that we may not read keeps no other waiting; it is said once. */
static enum gw_result unreadable(const struct intake *in, const struct found *item)
{
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
        return GW_RETRY;
    if (!in->was_unreadable)
        journal("file.unreadable", "flow", in->flow->name.ptr, "file", item->name, "reason", strerror(errno),
                NULL);
    in->state->unreadable = true;
    return GW_OK;
}

static enum gw_result copy(struct intake *in, struct found *item)
{
    struct durable d = {.fd = -1};
    int fd = openat(in->state->folder, item->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    enum gw_result result;

    if (fd < 0)
        return unreadable(in, item);
    intake_name(item->spool);
    result = durable_create(&d, in->g->spool, item->spool, 0600);
    if (result == GW_OK)
        result = durable_copy(&d, fd, item->e.digest, &item->e.size);
    item->copied = result == GW_OK && unchanged(fd, &item->st) && item->e.size == (uint64_t)item->st.st_size;
    if (item->copied)
        result = durable_commit(&d);
    if (!item->copied || result != GW_OK)
        durable_abandon(&d);
    (void)close(fd);
    return result;
}

static enum gw_result copies(struct intake *in)
{
    enum gw_result result = GW_OK;

    for (size_t i = 0; result == GW_OK && i < in->count; i++)
        result = copy(in, &in->items[i]);
    return result == GW_OK ? durable_sync(in->g->spool) : result;
}

/* ---- into the store ---- */

enum gw_result intake_duplicate(struct gateway *g, const struct flow *f, const char *name, const char *spool,
                                int64_t earlier)
{
    char subject[32], detail[64], a[24];
    enum gw_result result;

    notices_came(g, f);
    (void)snprintf(subject, sizeof(subject), "exchange %lld", (long long)earlier);
    (void)snprintf(detail, sizeof(detail), "flow %.*s", STR_ARG(f->name));
    journal("exchange.duplicate", "flow", f->name.ptr, "file", name, "same_as", journal_number(earlier, a),
            NULL);
    result =
        audit_add(g->store, GW_STR("gateway"), GW_STR("exchange.duplicate"), str_of(subject), str_of(detail));
    return result == GW_OK ? bytes_forget(g->store, str_of(spool)) : result;
}

enum gw_result intake_keep(struct gateway *g, const struct flow *f, const struct exchange *e, bool *ret_kept)
{
    enum gw_result result = GW_END;

    *ret_kept = false;
    if (bytes_shared(g->store))
        result = exchange_seen(g->store, e, (enum duplicates)f->duplicates);
    if (result != GW_END)
        return result;
    *ret_kept = true;
    return bytes_shared(g->store) ? spooled_keep(g, e->spool) : GW_OK;
}

static void describe(const struct intake *in, struct found *item)
{
    struct exchange *e = &item->e;

    e->flow = in->flow->name;
    e->partner = in->flow->partner->name;
    e->format = in->flow->format;
    e->name = str_of(item->name);
    e->spool = str_of(item->spool);
    e->received_at = store_now();
    e->order = intake_order(in->flow, item->name,
                            (int64_t)item->st.st_mtim.tv_sec * 1000 + item->st.st_mtim.tv_nsec / 1000000);
}

static enum gw_result receive(struct intake *in, struct found *item)
{
    struct exchange *e = &item->e;
    int64_t id = 0;
    enum gw_result result = exchange_receive(in->g->store, e, (enum duplicates)in->flow->duplicates, &id);

    if (result == GW_REJECT) {
        item->seen = true;
        return intake_duplicate(in->g, in->flow, item->name, item->spool, id);
    }
    if (result == GW_OK && !item->kept) /* what was seen before has failed since */
        result = spooled_keep(in->g, e->spool);
    if (result == GW_OK) {
        e->id = id;
        result = exchange_move(in->g->store, e, EXCHANGE_QUEUED);
    }
    return result;
}

/* Bytes first: others need not wait for them. */
static enum gw_result receive_all(struct intake *in, size_t from, size_t to)
{
    enum gw_result result = store_begin_beside(in->g->store);

    for (size_t i = from; result == GW_OK && i < to; i++) {
        if (!in->items[i].copied)
            continue;
        describe(in, &in->items[i]);
        result = intake_keep(in->g, in->flow, &in->items[i].e, &in->items[i].kept);
    }
    for (size_t i = from; result == GW_OK && i < to; i++)
        if (in->items[i].copied)
            result = receive(in, &in->items[i]);
    if (result == GW_OK)
        return store_commit(in->g->store);
    store_rollback(in->g->store);
    return result;
}

/* ---- the source ---- */

/* A name that is taken there already gets a number. */
static enum gw_result move(struct intake *in, const char *name)
{
    char other[300];
    enum gw_result result = durable_rename(in->state->folder, name, in->state->done, name);

    for (unsigned n = 2; result == GW_END && n < 10000; n++) {
        (void)snprintf(other, sizeof(other), "%s.%u", name, n);
        result = durable_rename(in->state->folder, name, in->state->done, other);
    }
    return result;
}

static enum gw_result dismiss(struct intake *in, const char *name)
{
    if (in->flow->after == AFTER_DELETE)
        return durable_remove(in->state->folder, name);
    return move(in, name);
}

static enum gw_result dismiss_all(struct intake *in, size_t from, size_t to)
{
    enum gw_result result = GW_OK;
    char marker[512], id[24];

    for (size_t i = from; result == GW_OK && i < to; i++) {
        struct found *item = &in->items[i];

        if (!item->copied)
            continue;
        if (item->seen)
            result = durable_remove(in->g->spool, item->spool);
        else
            journal("exchange.received", "flow", in->flow->name.ptr, "file", item->name, "exchange",
                    journal_number(item->e.id, id), NULL);
        if (result == GW_OK)
            result = dismiss(in, item->name);
        (void)snprintf(marker, sizeof(marker), "%s%.*s", item->name, STR_ARG(in->flow->marker));
        if (result == GW_OK && in->flow->marker.len)
            result = dismiss(in, marker);
        in->g->worked = true;
    }
    if (result == GW_OK)
        result = durable_sync(in->state->folder);
    return result == GW_OK && in->state->done >= 0 ? durable_sync(in->state->done) : result;
}

/* When the commit fails nobody knows whether it happened: the spool keeps what it has, fsck finds what is
 * nobody's. A flow that knows only its last file by sight takes them one by one: of several that a crash left
 * where they were, all but the last would be new. */
static enum gw_result batch(struct intake *in)
{
    size_t most = in->flow->duplicates == DUPLICATES_LAST ? 1 : in->count;
    enum gw_result result = copies(in);

    for (size_t i = 0; result == GW_OK && i < in->count; i += most) {
        result = receive_all(in, i, i + most);
        if (result == GW_OK)
            result = dismiss_all(in, i, i + most);
    }
    return result;
}

/* ---- folders ---- */

static enum gw_result open_folders(struct intake *in)
{
    struct flow_state *s = in->state;
    enum gw_result result = s->folder >= 0 ? GW_OK : durable_folder(in->flow->folder.ptr, 0777, &s->folder);

    if (result == GW_OK && in->flow->after == AFTER_MOVE && s->done < 0)
        result = durable_folder(in->flow->done.ptr, 0777, &s->done);
    return result;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of the folder that the flow wants, in their order: a later one may be about what an earlier one said.
 */
static enum gw_result names_read(const struct intake *in, DIR *dir, struct arena *a, const char ***ret,
                                 size_t *ret_n)
{
    size_t n = 0;
    const char **names = arena_array(a, INTAKE_MOST, sizeof(*names));
    const struct dirent *d;

    while (names && n < INTAKE_MOST && (d = readdir(dir))) {
        if (strlen(d->d_name) >= sizeof(in->items[0].name) || !name_wanted(in->flow, d->d_name))
            continue;
        names[n] = arena_text(a, str_of(d->d_name));
        if (!names[n++])
            return GW_FATAL;
    }
    if (n)
        qsort(names, n, sizeof(*names), by_name);
    *ret = names;
    *ret_n = n;
    return names ? GW_OK : GW_FATAL;
}

static void items_take(struct intake *in, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n && in->count < INTAKE_BATCH; i++) {
        struct found *item = &in->items[in->count];

        *item = (struct found){.copied = false};
        (void)snprintf(item->name, sizeof(item->name), "%s", names[i]);
        in->count += is_ready(in, names[i], &item->st);
    }
}

/* Ready files of the folder, the first by name. */
static enum gw_result look(struct intake *in)
{
    int copy = openat(in->state->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    const char **names;
    struct arena a;
    size_t n;
    enum gw_result result;

    in->count = 0;
    in->state->unsettled = false;
    if (!dir) {
        if (copy >= 0)
            (void)close(copy);
        return GW_RETRY;
    }
    arena_init(&a, 65536, 0);
    result = names_read(in, dir, &a, &names, &n);
    if (result == GW_OK)
        items_take(in, names, n);
    (void)closedir(dir);
    arena_done(&a);
    return result;
}

/* Into a connector's folder nobody puts anything but its transfers, which say so when they did. */
static int64_t pause_of(const struct gateway *g, const struct intake *in)
{
    return in->flow->connector && !in->count ? IDLE_MS : (int64_t)g->conf.poll * 1000;
}

/* One batch: who has more to take comes again at once, when the others had their turn. */
static void flow_look(struct gateway *g, struct intake *in)
{
    enum gw_result result = open_folders(in);
    bool more = false;

    if (result == GW_OK)
        result = look(in);
    if (result == GW_OK && in->count) {
        result = batch(in);
        more = in->count == INTAKE_BATCH;
    }
    if (result != GW_OK)
        flow_trouble(g, in->flow, "folder");
    else
        flow_reads(g, in->flow);
    in->state->looked = in->state->looked || (result == GW_OK && !more && !in->state->unsettled &&
                                              (!in->flow->connector || in->state->remote.turns));
    in->state->next_look = clock_ms() + (more ? 0 : pause_of(g, in));
    if (!in->flow->connector && in->flow->schedule.kind != SCHEDULE_NONE && result == GW_OK && !more &&
        !in->state->unsettled)
        in->state->due = schedule_next(&in->flow->schedule, time(NULL));
}

/* The schedule of what a connector fetches is the transfer's. */
static bool look_is_due(const struct gateway *g, const struct flow *f, const struct flow_state *s, int64_t now)
{
    return now >= s->not_before && (g->once || (now >= s->next_look && (f->connector || time(NULL) >= s->due)));
}

void intake_step(struct gateway *g)
{
    static struct intake in;
    int64_t now = clock_ms();

    for (size_t i = 0; i < g->conf.nflows; i++) {
        const struct flow *f = &g->conf.flows[i];
        struct flow_state *s = &g->flows[i];

        if (f->out || !f->folder.len || !flow_meant(g, f) || !look_is_due(g, f, s, now))
            continue;
        in = (struct intake){.g = g, .flow = f, .state = s, .was_unreadable = s->unreadable};
        s->unreadable = false;
        flow_look(g, &in);
    }
}
