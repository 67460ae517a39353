/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/receipts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"
#include "store/audit.h"
#include "store/outbox.h"

#define ENDS_MOST  64 /* of a step */
#define ENTRIES    4096
#define BEHIND     16384 /* entries that a cursor may have to look at again after a start */
#define AGAIN_MS   30000
#define STEM_BYTES 200

/* ---- ends of exchanges, by the audit trail ---- */

struct ends {
    int64_t ids[ENDS_MOST], entries[ENDS_MOST];
    size_t count, looked;
    int64_t last; /* entry */
    struct arena arena;
    size_t mark;
};

static bool is_end(const struct audit_entry *e)
{
    return str_is(e->action, "exchange.move") &&
           (str_is(e->detail, "working>done") || str_is(e->detail, "working>done_rejects") ||
            str_is(e->detail, "working>failed"));
}

static bool note_end(void *to, const struct audit_entry *e)
{
    struct ends *ends = to;
    uint64_t id;

    ends->last = e->id;
    ends->looked++;
    if (is_end(e) && str_begins(e->subject, GW_STR("exchange ")) && str_number(str_from(e->subject, 9), &id)) {
        ends->ids[ends->count] = (int64_t)id;
        ends->entries[ends->count++] = e->id;
    }
    arena_release(&ends->arena, ends->mark);
    return ends->count < ENDS_MOST && ends->looked < ENTRIES;
}

/* The cursor is the next entry to look at; a name of a flow has no colon. */
static struct gw_str cursor_name(const struct flow *f, char room[96])
{
    return (struct gw_str){room, (size_t)snprintf(room, 96, "receipts:%.*s", STR_ARG(f->name))};
}

/* A flow has receipts from the day it says so. */
static enum gw_result begin(struct gateway *g, const struct flow *f, struct flow_state *s)
{
    char room[96];
    struct gw_str name = cursor_name(f, room);
    uint64_t next = 0;
    int64_t last = 0;
    enum gw_result result = cursor_get(g->store, name, &next);

    if (result == GW_OK && !next) {
        result = audit_last(g->store, &last);
        next = (uint64_t)last + 1;
        if (result == GW_OK)
            result = cursor_set(g->store, name, next);
    }
    if (result == GW_OK)
        s->receipts = s->receipts_kept = (int64_t)next;
    return result;
}

/* ---- one ---- */

static enum gw_result folder_of(const struct gateway *g, const struct flow *f, int *ret)
{
    char path[4096];

    if (f->receipt.folder.len)
        return durable_folder(f->receipt.folder.ptr, 0777, ret);
    (void)snprintf(path, sizeof(path), "%.*s/receipts/%.*s", STR_ARG(g->conf.state), STR_ARG(f->name));
    return durable_folder(path, 0700, ret);
}

/* After the original, cut between characters where that has no room; with the number of the exchange when its
 * plain name is another's. */
static void name_receipt(const struct flow *f, const struct exchange *e, bool number, char ret[256])
{
    struct gw_str stem = e->name;
    char id[32] = "";

    while (stem.len > STEM_BYTES || (stem.len && !str_valid(stem)))
        stem.len--;
    if (number)
        (void)snprintf(id, sizeof(id), ".%lld", (long long)e->id);
    (void)snprintf(ret, 256, "%.*s%s.accuse.%s", STR_ARG(stem), id,
                   f->receipt.form == RECEIPT_JSON ? "json" : "csv");
}

/* Is the name free, or that of these bytes? */
static bool name_is_ours(int folder, const char *name, const uint8_t digest[32])
{
    uint8_t there[32];
    uint64_t size;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool same;

    if (fd < 0)
        return errno == ENOENT;
    same = durable_digest(fd, there, &size) == GW_OK && memcmp(there, digest, 32) == 0;
    (void)close(fd);
    return same;
}

static enum gw_result put(struct gateway *g, const struct flow *f, const struct exchange *e, int folder)
{
    struct durable d = {.fd = -1};
    uint8_t digest[32];
    uint64_t size;
    char name[256];
    enum gw_result result;

    name_receipt(f, e, false, name);
    result = durable_create(&d, folder, name, 0666);
    if (result == GW_OK)
        result = receipt_write(d.fd, g->store, g->words, f, e);
    if (result == GW_OK && lseek(d.fd, 0, SEEK_SET) != 0)
        result = GW_RETRY;
    if (result == GW_OK)
        result = durable_digest(d.fd, digest, &size);
    if (result == GW_OK && !name_is_ours(folder, name, digest))
        name_receipt(f, e, true, d.name);
    if (result == GW_OK)
        result = durable_commit(&d);
    else
        durable_abandon(&d);
    flow_state(g, f)->receipts_gone = false;
    return result == GW_OK ? durable_sync(folder) : result;
}

bool receipt_due(const struct exchange *e)
{
    return !e->out && exchange_over(e->state) && e->state != EXCHANGE_QUARANTINED;
}

static bool is_wanted(const struct flow *f, const struct exchange *e)
{
    return str_eq(e->flow, f->name) && receipt_due(e) &&
           (f->receipt.when == RECEIPT_ALWAYS || e->state != EXCHANGE_DONE);
}

/* *wrote: it had one. */
static enum gw_result one(struct gateway *g, const struct flow *f, int64_t id, int *folder, bool *wrote)
{
    struct arena a;
    struct exchange e;
    char number[24];
    enum gw_result result;

    arena_init(&a, 4096, 0);
    result = exchange_get(g->store, id, &a, &e);
    if (result == GW_OK && is_wanted(f, &e)) {
        if (*folder < 0)
            result = folder_of(g, f, folder);
        if (result == GW_OK)
            result = put(g, f, &e, *folder);
        journal(result == GW_OK ? "receipt.written" : "receipt.unwritten", "flow", f->name.ptr, "exchange",
                journal_number(id, number), NULL);
        *wrote = *wrote || result == GW_OK;
    }
    arena_done(&a);
    return result == GW_END || result == GW_REJECT ? GW_OK : result; /* a row that is not believed has none */
}

/* ---- all ---- */

/* What was done is remembered even if the next one could not be; that there was nothing to do, now and then. */
static enum gw_result write_ends(struct gateway *g, const struct flow *f, struct flow_state *s,
                                 const struct ends *ends)
{
    char room[96];
    int folder = -1;
    bool wrote = false;
    enum gw_result result = GW_OK, kept = GW_OK;
    size_t i = 0;

    for (; result == GW_OK && i < ends->count; i++)
        result = one(g, f, ends->ids[i], &folder, &wrote);
    if (folder >= 0)
        (void)close(folder);
    s->receipts = result == GW_OK ? ends->last + 1 : ends->entries[i - 1];
    if (wrote || s->receipts - s->receipts_kept > BEHIND) {
        kept = cursor_set(g->store, cursor_name(f, room), (uint64_t)s->receipts);
        s->receipts_kept = kept == GW_OK ? s->receipts : s->receipts_kept;
        g->worked = true;
    }
    return result == GW_OK ? kept : result;
}

static enum gw_result flow_receipts(struct gateway *g, const struct flow *f, struct flow_state *s)
{
    struct ends ends = {.count = 0};
    enum gw_result result = s->receipts ? GW_OK : begin(g, f, s);

    if (result != GW_OK)
        return result;
    ends.last = s->receipts - 1;
    arena_init(&ends.arena, 4096, 0);
    ends.mark = arena_mark(&ends.arena);
    result = audit_behind(g->store, s->receipts - 1, &ends.arena, note_end, &ends);
    if (result == GW_OK)
        result = write_ends(g, f, s, &ends);
    g->worked = g->worked || ends.looked == ENTRIES;
    arena_done(&ends.arena);
    return result;
}

void receipts_step(struct gateway *g)
{
    for (size_t i = 0; i < g->conf.nflows; i++) {
        const struct flow *f = &g->conf.flows[i];
        struct flow_state *s = &g->flows[i];

        if (f->out || !f->receipt.given || clock_ms() < s->receipts_after)
            continue;
        /* without a beginning: again at once, before an exchange ends */
        if (flow_receipts(g, f, s) != GW_OK && s->receipts)
            s->receipts_after = clock_ms() + AGAIN_MS;
    }
}

/* ---- for the connector ---- */

static bool is_aside(const char *name)
{
    size_t len = strlen(name), end = strlen(DURABLE_ASIDE);

    return name[0] == '.' || len > 255 || (len >= end && strcmp(name + len - end, DURABLE_ASIDE) == 0);
}

/* The first of the folder, which it closes; -1: there is none. */
static int first_of(int folder, char ret_name[256])
{
    DIR *dir = fdopendir(folder);
    const struct dirent *d;
    int fd = -1;

    if (!dir) {
        (void)close(folder);
        return -1;
    }
    while (fd < 0 && (d = readdir(dir)))
        if (!is_aside(d->d_name)) {
            (void)snprintf(ret_name, 256, "%s", d->d_name);
            fd = openat(folder, ret_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        }
    (void)closedir(dir);
    return fd;
}

enum gw_result receipt_next(struct gateway *g, const struct flow *f, char ret_name[256], int *ret_fd)
{
    struct flow_state *s = flow_state(g, f);
    int folder = -1;
    enum gw_result result = s->receipts_gone ? GW_END : folder_of(g, f, &folder);

    if (result != GW_OK)
        return result;
    *ret_fd = first_of(folder, ret_name);
    s->receipts_gone = *ret_fd < 0;
    return *ret_fd < 0 ? GW_END : GW_OK;
}

enum gw_result receipt_taken(struct gateway *g, const struct flow *f, const char *name)
{
    int folder = -1;
    enum gw_result result = folder_of(g, f, &folder);

    if (result == GW_OK)
        result = durable_remove(folder, name);
    if (result == GW_OK)
        result = durable_sync(folder);
    if (folder >= 0)
        (void)close(folder);
    return result;
}
