/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Files out to their folders: copied aside, compared with what was promised, renamed, and only then done. After
 * a crash or a failed sync in between the file is there already, the same to the byte. It is put in its place
 * once more: nobody knows whether the disk would keep the first.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/applier.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"
#include "gateway/spooled.h"
#include "store/outbox.h"

static enum gw_result digest_of(int folder, const char *name, uint8_t ret[32])
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    uint64_t size;
    enum gw_result result = fd >= 0 ? durable_digest(fd, ret, &size) : GW_RETRY;

    if (fd >= 0)
        (void)close(fd);
    return result;
}

/* GW_FAIL: not the bytes that were written. GW_REJECT: another file has that name. */
static enum gw_result copy(struct gateway *g, const struct exchange *e, int folder)
{
    struct durable d = {.fd = -1};
    uint8_t digest[32];
    uint64_t size;
    int from;
    enum gw_result result;

    if (faccessat(folder, e->name.ptr, F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
        (digest_of(folder, e->name.ptr, digest) != GW_OK || memcmp(digest, e->digest, 32) != 0))
        return GW_REJECT;
    from = spooled_open(g, e->spool);
    if (from < 0)
        return errno == ENOENT ? GW_FAIL : GW_RETRY;
    result = durable_create(&d, folder, e->name.ptr, 0666);
    if (result == GW_OK)
        result = durable_copy(&d, from, digest, &size);
    if (result == GW_OK && memcmp(digest, e->digest, 32) != 0)
        result = GW_FAIL;
    if (result == GW_OK)
        result = durable_commit(&d);
    else
        durable_abandon(&d);
    (void)close(from);
    return result == GW_OK ? durable_sync(folder) : result;
}

static enum gw_result end(struct gateway *g, struct exchange *e, enum gw_result copied)
{
    enum gw_result result = store_begin(g->store);
    enum exchange_state to = copied == GW_OK       ? e->counts.rejected ? EXCHANGE_DONE_REJECTS : EXCHANGE_DONE
                             : copied == GW_FAIL   ? EXCHANGE_QUARANTINED
                             : copied == GW_REJECT ? EXCHANGE_HELD
                                                   : EXCHANGE_QUEUED;

    e->reason = str_of(copied == GW_OK       ? NULL
                       : copied == GW_FAIL   ? "exchange.spool"
                       : copied == GW_REJECT ? "exchange.name_taken"
                                             : "exchange.again");
    if (result == GW_OK && copied == GW_OK)
        result = delivery_move(g->store, e->id, DELIVERY_SENT);
    if (result == GW_OK)
        result = exchange_move(g->store, e, to);
    if (result == GW_OK)
        return store_commit(g->store);
    store_rollback(g->store);
    return result;
}

static enum gw_result deliver(struct gateway *g, const struct flow *f, struct arena *a)
{
    struct flow_state *s = flow_state(g, f);
    struct exchange e;
    char id[24];
    enum gw_result result = exchange_claim(g->store, true, f->name, APPLIER_LEASE, a, &e), copied;

    if (result != GW_OK)
        return result;
    g->worked = true;
    copied = s->folder >= 0 ? GW_OK : durable_folder(f->folder.ptr, 0777, &s->folder);
    if (copied == GW_OK)
        copied = copy(g, &e, s->folder);
    result = end(g, &e, copied);
    journal(copied == GW_OK ? "exchange.delivered" : "exchange.undelivered", "flow", f->name.ptr, "exchange",
            journal_number(e.id, id), "file", e.name.ptr, NULL);
    return result == GW_OK && copied == GW_RETRY ? copied : result;
}

void delivery_step(struct gateway *g)
{
    int64_t now = clock_ms();

    for (size_t i = 0; !g->stopping && i < g->conf.nflows; i++) {
        const struct flow *f = &g->conf.flows[i];
        struct arena a;
        enum gw_result result;

        if (!f->out || f->api || f->connector || now < g->flows[i].not_before) /* those are fetched */
            continue;
        arena_init(&a, 4096, 0);
        result = deliver(g, f, &a);
        if (result == GW_RETRY || result == GW_FATAL)
            flow_trouble(g, f, "folder");
        arena_done(&a);
    }
}
