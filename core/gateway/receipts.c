/* SPDX-License-Identifier: EUPL-1.2 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

static const struct {
    const char *end, *type;
} forms[] = {
    [RECEIPT_JSON] = {".json", "application/json"},
    [RECEIPT_CSV] = {".csv", "text/csv; charset=utf-8"},
    [RECEIPT_XLSX] = {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
};

struct gw_str receipt_type(const char *name)
{
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < sizeof(forms) / sizeof(*forms); i++)
        if (strcmp(dot, forms[i].end) == 0)
            return str_of(forms[i].type);
    return GW_STR("application/octet-stream");
}

/* After the original, cut between characters where that has no room; with the number of the exchange when its
 * plain name is another's. */
static void name_receipt(unsigned form, const struct exchange *e, bool number, char ret[256])
{
    struct gw_str stem = e->name;
    char id[32] = "";

    while (stem.len > STEM_BYTES || (stem.len && !str_valid(stem)))
        stem.len--;
    if (number)
        (void)snprintf(id, sizeof(id), ".%lld", (long long)e->id);
    (void)snprintf(ret, 256, "%.*s%s.accuse%s", STR_ARG(stem), id, forms[form].end);
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

static enum gw_result create(struct durable *d, unsigned form, const struct exchange *e, int folder)
{
    char name[256];

    name_receipt(form, e, false, name);
    return durable_create(d, folder, name, 0666);
}

/* What was written aside gets its name, if it is good; else it goes. */
static enum gw_result keep(struct durable *d, unsigned form, const struct exchange *e, enum gw_result result)
{
    uint8_t digest[32];
    uint64_t size;

    if (result == GW_OK && lseek(d->fd, 0, SEEK_SET) != 0)
        result = GW_RETRY;
    if (result == GW_OK)
        result = durable_digest(d->fd, digest, &size);
    if (result == GW_OK && !name_is_ours(d->folder, d->name, digest))
        name_receipt(form, e, true, d->name);
    if (result == GW_OK)
        result = durable_commit(d);
    else
        durable_abandon(d);
    return result == GW_OK ? durable_sync(d->folder) : result;
}

static enum gw_result put(struct gateway *g, const struct receipt_rule *rule, const struct exchange *e,
                          int folder)
{
    struct durable d;
    enum gw_result result = create(&d, rule->form, e, folder);

    if (result == GW_OK)
        result = receipt_write(d.fd, g->store, g->words, rule, e);
    return keep(&d, rule->form, e, result);
}

/* ---- a workbook ---- */

/* Its rows, in a nameless file. */
static int rows_of(struct gateway *g, const struct receipt_rule *rule, const struct exchange *e)
{
    int fd = openat(g->spool, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0 && receipt_write(fd, g->store, g->words, rule, e) != GW_OK) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

static enum gw_result book_order(struct gateway *g, struct receipt_book *b, const struct exchange *e)
{
    struct order o = {.kind = ORDER_TABLE};
    int rows = rows_of(g, &b->flow->receipt, e);
    enum gw_result result = rows >= 0 ? create(&b->file, RECEIPT_XLSX, e, b->folder) : GW_RETRY;

    order_clock(&o);
    if (result == GW_OK)
        result = post_order(&g->posts, b->post, &o, (int[]){rows, b->file.fd}, 2);
    if (rows >= 0)
        (void)close(rows);
    return result;
}

static void book_close(struct gateway *g)
{
    struct receipt_book *b = &g->book;

    durable_abandon(&b->file);
    (void)close(b->folder);
    b->flow = NULL;
}

/* GW_END: not now, one is at work already, or no worker has time. */
static enum gw_result book_begin(struct gateway *g, const struct flow *f, const struct exchange *e,
                                 int64_t entry, int folder)
{
    struct receipt_book *b = &g->book;
    struct post *post = b->flow ? NULL : post_get(&g->posts, WORKER_TABLE, RECEIPT_BOOKS);
    enum gw_result result;

    if (!post)
        return GW_END;
    *b = (struct receipt_book){.flow = f, .exchange = e->id, .entry = entry, .post = post, .file = {.fd = -1}};
    b->folder = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    result = b->folder >= 0 ? book_order(g, b, e) : GW_RETRY;
    if (result == GW_OK)
        return GW_END;
    post_free(post);
    book_close(g);
    return result;
}

/* What a workbook cannot hold, or a worker died of, is said as text. */
static enum gw_result book_keep(struct gateway *g, enum gw_result result)
{
    struct receipt_book *b = &g->book;
    struct receipt_rule rule = b->flow->receipt;
    struct exchange e;
    struct arena a;
    enum gw_result found;

    arena_init(&a, 4096, 0);
    found = exchange_get(g->store, b->exchange, &a, &e);
    rule.form = RECEIPT_CSV;
    if (found != GW_OK)
        result = found;
    else if (result == GW_OK || result == GW_RETRY)
        result = keep(&b->file, RECEIPT_XLSX, &e, result);
    else
        result = put(g, &rule, &e, b->folder);
    arena_done(&a);
    return result == GW_END || result == GW_REJECT ? GW_OK : result;
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

static void tell(struct gateway *g, const struct flow *f, int64_t id, enum gw_result result)
{
    char number[24];

    flow_state(g, f)->receipts_gone = false;
    journal(result == GW_OK ? "receipt.written" : "receipt.unwritten", "flow", f->name.ptr, "exchange",
            journal_number(id, number), NULL);
}

static enum gw_result give(struct gateway *g, const struct flow *f, const struct exchange *e, int64_t entry,
                           int *folder)
{
    enum gw_result result = *folder < 0 ? folder_of(g, f, folder) : GW_OK;

    if (result == GW_OK)
        result = f->receipt.form == RECEIPT_XLSX ? book_begin(g, f, e, entry, *folder)
                                                 : put(g, &f->receipt, e, *folder);
    if (result != GW_END)
        tell(g, f, e->id, result);
    return result;
}

/* *wrote: it had one. GW_END: it waits for its workbook. */
static enum gw_result one(struct gateway *g, const struct flow *f, int64_t id, int64_t entry, int *folder,
                          bool *wrote)
{
    struct arena a;
    struct exchange e;
    enum gw_result result;

    arena_init(&a, 4096, 0);
    result = exchange_get(g->store, id, &a, &e);
    if (result == GW_OK && is_wanted(f, &e)) {
        result = give(g, f, &e, entry, folder);
        *wrote = *wrote || result == GW_OK;
    } else if (result == GW_END || result == GW_REJECT) {
        result = GW_OK; /* a row that is not believed has none */
    }
    arena_done(&a);
    return result;
}

/* ---- all ---- */

static enum gw_result remember(struct gateway *g, const struct flow *f, struct flow_state *s)
{
    char room[96];
    enum gw_result result = cursor_set(g->store, cursor_name(f, room), (uint64_t)s->receipts);

    s->receipts_kept = result == GW_OK ? s->receipts : s->receipts_kept;
    g->worked = true;
    return result;
}

/* What was done is remembered even if the next one could not be; that there was nothing to do, now and then. */
static enum gw_result write_ends(struct gateway *g, const struct flow *f, struct flow_state *s,
                                 const struct ends *ends)
{
    int folder = -1;
    bool wrote = false;
    enum gw_result result = GW_OK, kept = GW_OK;
    size_t i = 0;

    for (; result == GW_OK && i < ends->count; i++)
        result = one(g, f, ends->ids[i], ends->entries[i], &folder, &wrote);
    if (folder >= 0)
        (void)close(folder);
    s->receipts = result == GW_OK ? ends->last + 1 : ends->entries[i - 1];
    if (wrote || s->receipts - s->receipts_kept > BEHIND)
        kept = remember(g, f, s);
    return result == GW_OK || result == GW_END ? kept : result;
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

static void book_look(struct gateway *g)
{
    struct receipt_book *b = &g->book;
    const struct flow *f = b->flow;
    struct flow_state *s = f ? flow_state(g, f) : NULL;
    enum gw_result result;

    if (!f || (!b->post->answered && b->post->state != POST_DEAD))
        return;
    result = b->post->answered ? (enum gw_result)b->post->answer.result : GW_FATAL;
    if (result != GW_OK)
        journal("receipt.no_workbook", "flow", f->name.ptr, NULL);
    post_free(b->post);
    result = book_keep(g, result);
    tell(g, f, b->exchange, result);
    if (result == GW_OK) {
        s->receipts = b->entry + 1;
        result = remember(g, f, s);
    }
    if (result != GW_OK)
        s->receipts_after = clock_ms() + AGAIN_MS;
    book_close(g);
}

void receipts_stop(struct gateway *g)
{
    if (g->book.flow)
        book_close(g);
}

void receipts_step(struct gateway *g)
{
    book_look(g);
    for (size_t i = 0; i < g->conf.nflows; i++) {
        const struct flow *f = &g->conf.flows[i];
        struct flow_state *s = &g->flows[i];

        if (f->out || !f->receipt.given || clock_ms() < s->receipts_after ||
            (f->receipt.form == RECEIPT_XLSX && (g->book.flow || g->reload)))
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

/* ---- their end ---- */

static bool is_receipt(const char *name)
{
    static const char *const ends[] = {".accuse.json", ".accuse.csv"};
    size_t len = strlen(name);

    for (size_t i = 0; i < 2; i++)
        if (name[0] != '.' && len > strlen(ends[i]) && strcmp(name + len - strlen(ends[i]), ends[i]) == 0)
            return true;
    return false;
}

static bool is_older(int folder, const char *name, int64_t before)
{
    struct stat st;

    return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
           (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000 < before;
}

enum gw_result receipts_forget(struct gateway *g, const struct flow *f, int64_t before)
{
    DIR *dir = f->receipt.given && f->receipt.folder.len ? opendir(f->receipt.folder.ptr) : NULL;
    enum gw_result result = GW_OK;
    const struct dirent *d;

    while (dir && result == GW_OK && (d = readdir(dir)))
        if (is_receipt(d->d_name) && is_older(dirfd(dir), d->d_name, before)) {
            result = g->retention.counting ? GW_OK : durable_remove(dirfd(dir), d->d_name);
            g->retention.gone += result == GW_OK;
        }
    if (dir && result == GW_OK && g->retention.gone && !g->retention.counting)
        result = durable_sync(dirfd(dir));
    if (dir)
        (void)closedir(dir);
    return result == GW_OK ? GW_END : result;
}
