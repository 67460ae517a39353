/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Flows out: the exchange whose turn it is, under its lease for as long as it travels. Once it was begun and
 * nobody heard an end, the next attempt is told that the partner may have the file already.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/applier.h"
#include "gateway/gateway.h"
#include "gateway/journal.h"
#include "gateway/remote.h"
#include "gateway/spooled.h"
#include "store/outbox.h"

#define KEEP_MS     (APPLIER_LEASE / 3)
#define DEATHS_MOST 5 /* of the program at one exchange: then a person looks */

struct verdict {
    enum exchange_state to;
    const char *reason; /* NULL: what the process said */
    int delivery;       /* enum delivery_state; -1: as it is */
};

static enum gw_result move(struct gateway *g, struct exchange *e, const struct verdict *v)
{
    enum gw_result result = store_begin(g->store);

    if (result == GW_OK && v->delivery >= 0)
        result = delivery_move(g->store, e->id, (enum delivery_state)v->delivery);
    if (result == GW_OK)
        result = exchange_move(g->store, e, v->to);
    if (result == GW_OK)
        return store_commit(g->store);
    store_rollback(g->store);
    return result;
}

/* ---- begin ---- */

/* What lies in the spool is what was promised, or nothing of it goes out. -1: errno says why; 0: other bytes.
 */
static int open_spool(struct gateway *g, const struct exchange *e)
{
    int fd = spooled_open(g, e->spool);
    uint8_t digest[32];
    uint64_t size;

    if (fd >= 0 && durable_digest(fd, digest, &size) == GW_OK && size == e->size &&
        memcmp(digest, e->digest, 32) == 0 && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    if (fd >= 0) {
        (void)close(fd);
        errno = ENOENT;
    }
    return -1;
}

/* Nothing was tried: as if it had not been claimed. */
static void give_back(struct gateway *g, const struct flow *f, struct exchange *e)
{
    const struct verdict lost = {EXCHANGE_QUARANTINED, NULL, -1}, again = {EXCHANGE_QUEUED, NULL, -1};
    bool gone = errno == ENOENT;

    e->attempts--;
    e->reason = str_of(gone ? "exchange.spool" : "exchange.again");
    if (move(g, e, gone ? &lost : &again) != GW_OK)
        flow_trouble(g, f, "store");
    if (!gone)
        flow_trouble(g, f, "spool");
}

static void begin(struct gateway *g, const struct flow *f, struct exchange *e, struct arena *a)
{
    struct duty d = {.verb = VERB_SEND,
                     .again = e->attempts > 1,
                     .flow = f->name,
                     .name = e->name,
                     .size = e->size,
                     .connector = *f->connector,
                     .errand = f->errand};
    int file = open_spool(g, e);
    struct carriage *c = NULL;

    if (file >= 0) {
        c = remote_start(g, f, &d, file);
        (void)close(file);
        errno = EAGAIN;
    }
    if (!c) {
        give_back(g, f, e);
        arena_done(a);
        return;
    }
    c->arena = *a;
    c->e = *e;
    c->keep_at = clock_ms() + KEEP_MS;
}

void send_start(struct gateway *g, const struct flow *f)
{
    struct arena a;
    struct exchange e;
    enum gw_result result;

    arena_init(&a, 4096, 0);
    result = exchange_claim(g->store, true, f->name, APPLIER_LEASE, &a, &e);
    if (result == GW_OK) {
        begin(g, f, &e, &a);
        return;
    }
    if (result == GW_END)
        flow_state(g, f)->remote.asked = false;
    else
        flow_trouble(g, f, "store");
    arena_done(&a);
}

/* Whoever has it now decides what becomes of it. */
void send_keep(struct gateway *g, struct carriage *c)
{
    if (clock_ms() < c->keep_at)
        return;
    c->keep_at = clock_ms() + KEEP_MS;
    if (exchange_keep(g->store, c->e.id, c->e.fence, APPLIER_LEASE) == GW_REJECT)
        courier_kill(&c->courier, "transfer.limit");
}

/* ---- end ---- */

/* All was uploaded to a server that confirms nothing; any other doubt is a cut of which nobody knows. */
static struct verdict in_doubt(const struct remote_end *end, const struct exchange *e)
{
    enum exchange_state done = e->counts.rejected ? EXCHANGE_DONE_REJECTS : EXCHANGE_DONE;
    bool whole = strcmp(end->code, "transfer.unconfirmed") == 0;

    return (struct verdict){whole ? done : EXCHANGE_HELD, "exchange.in_doubt", DELIVERY_IN_DOUBT};
}

/* What the connector alone is at fault for holds no file: it goes when the connector is well again. */
static struct verdict judge(const struct remote_end *end, struct exchange *e)
{
    switch (end->result) {
    case REMOTE_OK:
        return (struct verdict){e->counts.rejected ? EXCHANGE_DONE_REJECTS : EXCHANGE_DONE, "", DELIVERY_SENT};
    case REMOTE_DOUBT:
        return in_doubt(end, e);
    case REMOTE_FAIL:
        if (!end->of_line)
            return (struct verdict){
                EXCHANGE_HELD, strcmp(end->code, "transfer.name_taken") == 0 ? "exchange.name_taken" : NULL,
                -1};
        e->attempts = 0;
        return (struct verdict){EXCHANGE_QUEUED, NULL, -1};
    case REMOTE_RETRY:
        e->attempts = 0; /* it is known how it ended */
        return (struct verdict){EXCHANGE_QUEUED, NULL, -1};
    case REMOTE_DIED:
    case REMOTE_RESULTS:
        break;
    }
    return (struct verdict){e->attempts < DEATHS_MOST ? EXCHANGE_QUEUED : EXCHANGE_HELD, NULL, -1};
}

void send_over(struct gateway *g, struct carriage *c)
{
    struct verdict v = judge(&c->end, &c->e);
    const char *code = c->end.code[0] ? c->end.code : "exchange.again";
    char id[24];
    enum gw_result result;

    c->e.reason = v.reason ? *v.reason ? str_of(v.reason) : (struct gw_str){NULL, 0} : str_of(code);
    c->e.reason_args =
        c->end.args.len && v.to == EXCHANGE_HELD ? buf_view(&c->end.args) : (struct gw_str){NULL, 0};

    result = move(g, &c->e, &v);
    journal(result != GW_OK                 ? "exchange.unsaid"
            : c->end.result == REMOTE_OK    ? "exchange.delivered"
            : v.to == EXCHANGE_HELD         ? "exchange.held"
            : c->end.result == REMOTE_DOUBT ? "exchange.in_doubt"
                                            : "exchange.undelivered",
            "flow", c->flow->name.ptr, "exchange", journal_number(c->e.id, id), "file", c->e.name.ptr,
            c->e.reason.len ? "reason" : NULL, c->e.reason.ptr, NULL);
}
