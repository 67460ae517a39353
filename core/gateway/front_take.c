/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Files that came over the API. Their bytes are durable already: the front fsynced each. A batch gets its names
 * in the spool, one fsync of that folder and one transaction, and only then are its senders answered. A file
 * under a key of the sender's has the name of that key in the spool, so that the same key again finds its
 * exchange.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "gateway/front_side.h"
#include "gateway/journal.h"
#include "gateway/spooled.h"
#include "store/exchange.h"

struct taking {
    const struct ask *ask;
    const struct flow *flow;
    struct told told;
    char spool[64];
    bool moved; /* it has its name in the spool */
    bool kept;
    struct exchange e;
};

static void refuse(struct taking *t, uint32_t status, const char *code)
{
    t->told.status = status;
    (void)snprintf(t->told.code, sizeof(t->told.code), "%s", code);
}

static void name_spool(struct taking *t)
{
    int at = snprintf(t->spool, sizeof(t->spool), EXCHANGE_KEYED);

    if (!t->ask->keyed) {
        intake_name(t->spool);
        return;
    }
    for (size_t i = 0; i < sizeof(t->ask->key); i++)
        at += snprintf(t->spool + at, sizeof(t->spool) - (size_t)at, "%02x", t->ask->key[i]);
}

/* GW_END: the key is new, or there is none. */
static enum gw_result known(struct gateway *g, struct taking *t)
{
    struct arena a;
    struct exchange e;
    enum gw_result result;

    if (!t->ask->keyed)
        return GW_END;
    arena_init(&a, 4096, 0);
    result = exchange_keyed(g->store, str_of(t->spool), &a, &e);
    if (result == GW_OK && (memcmp(e.digest, t->ask->digest, 32) != 0 || !str_eq(e.flow, t->flow->name))) {
        refuse(t, 422, "api.key_reused");
    } else if (result == GW_OK) {
        t->told.status = 202;
        t->told.id = e.id;
        t->told.seen = true;
    }
    arena_done(&a);
    return result;
}

static void look(struct gateway *g, struct taking *t)
{
    struct gw_str flow = str_of(t->ask->flow);
    enum gw_result result;

    t->flow = conf_flow(&g->conf, flow);
    if (!t->flow || t->flow->out || !t->flow->api || !str_is(t->flow->partner->name, t->ask->partner)) {
        refuse(t, 404, "api.flow");
        return;
    }
    if (fnmatch(t->flow->pattern.ptr, t->ask->name, 0) != 0) {
        refuse(t, 422, "api.name_pattern");
        return;
    }
    name_spool(t);
    result = known(g, t);
    if (result != GW_END) {
        if (result != GW_OK)
            refuse(t, 503, "api.store");
        return;
    }
    t->moved = renameat(g->front.folder, front_slot(t->ask->slot).text, g->spool, t->spool) == 0;
    if (!t->moved)
        refuse(t, 507, "api.disk");
}

static void describe(struct taking *t)
{
    const struct ask *ask = t->ask;

    t->e = (struct exchange){.flow = t->flow->name,
                             .partner = t->flow->partner->name,
                             .format = t->flow->format,
                             .name = str_of(ask->name),
                             .spool = str_of(t->spool),
                             .size = ask->size,
                             .received_at = store_now(),
                             .order = intake_order(t->flow, ask->name, store_now())};
    memcpy(t->e.digest, ask->digest, sizeof(t->e.digest));
}

static enum gw_result receive(struct gateway *g, struct taking *t)
{
    enum gw_result result =
        exchange_receive(g->store, &t->e, (enum duplicates)t->flow->duplicates, &t->told.id);

    if (result == GW_REJECT) {
        t->told.seen = true;
        return intake_duplicate(g, t->flow, t->ask->name, t->spool, t->told.id);
    }
    t->e.id = t->told.id;
    if (result == GW_OK && !t->kept)
        result = spooled_keep(g, t->e.spool);
    return result == GW_OK ? exchange_move(g->store, &t->e, EXCHANGE_QUEUED) : result;
}

static enum gw_result receive_all(struct gateway *g, struct taking *t, size_t n)
{
    enum gw_result result = durable_sync(g->spool);

    if (result == GW_OK)
        result = store_begin_beside(g->store);
    if (result != GW_OK)
        return result;
    for (size_t i = 0; result == GW_OK && i < n; i++) {
        if (!t[i].moved)
            continue;
        describe(&t[i]);
        result = intake_keep(g, t[i].flow, &t[i].e, &t[i].kept);
    }
    for (size_t i = 0; result == GW_OK && i < n; i++)
        if (t[i].moved)
            result = receive(g, &t[i]);
    if (result == GW_OK)
        return store_commit(g->store);
    store_rollback(g->store);
    return result;
}

/* When the commit failed nobody knows whether it happened: the spool keeps what it has, as in intake.c. */
static void settle(struct gateway *g, struct taking *t, enum gw_result result)
{
    char id[24];

    if (t->moved && result != GW_OK)
        refuse(t, 503, "api.store");
    if (!t->moved || result != GW_OK)
        return;
    t->told.status = 202;
    if (t->told.seen && durable_remove(g->spool, t->spool) != GW_OK)
        journal("spool.kept", "file", t->spool, NULL);
    if (!t->told.seen)
        journal("exchange.received", "flow", t->flow->name.ptr, "file", t->ask->name, "exchange",
                journal_number(t->told.id, id), NULL);
}

void front_take(struct gateway *g, const struct ask *asks, size_t n)
{
    static struct taking all[FRONT_BATCH];
    enum gw_result result = GW_OK;
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        all[i] = (struct taking){.ask = &asks[i], .told = {.number = asks[i].number}};
        look(g, &all[i]);
        any = any || all[i].moved;
    }
    if (any)
        result = receive_all(g, all, n);
    for (size_t i = 0; i < n; i++) {
        settle(g, &all[i], result);
        all[i].told.taken = all[i].moved;
        if (all[i].moved)
            front_hand_over(g, asks[i].slot);
        front_answer(g, &all[i].told, -1);
    }
    g->worked = g->worked || any;
}
