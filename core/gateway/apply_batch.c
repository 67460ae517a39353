/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Batches. What the lines came to waits in memory until it is worth a transaction, so that nobody else waits
 * while we read and map; then the store is asked for all of it at once, and all is written. A record whose unit
 * has the digest it had is left alone, but for a note now and then that it was seen; the others are put
 * resource by resource.
 */
#include "base/clock.h"
#include "gateway/applying.h"
#include "store/sights.h"

#define BATCH_BYTES    ((size_t)16 << 20) /* that wait, at most */
#define CROWDED_MS     20                 /* for a turn */
#define RECORD_MEMBERS 4                  /* resources of a record, before any was seen */

/* The lease is ours for another while. */
static enum gw_result stay(struct applying *p)
{
    p->stayed = store_now();
    return exchange_keep(p->a->store, p->e.id, p->e.fence, APPLIER_LEASE);
}

/* ---- what waits ---- */

static struct pivot_line *line_keep(struct arena *a, const struct pivot_line *l)
{
    struct pivot_line *kept = arena_alloc(a, sizeof(*kept));

    if (!kept)
        return NULL;
    *kept = *l;
    kept->root = NULL;
    kept->text = kept->id = (struct gw_str){NULL, 0};
    kept->next = NULL;
    kept->type = arena_copy(a, l->type);
    kept->payload = arena_copy(a, l->payload);
    if (l->nir.ptr)
        kept->nir = arena_copy(a, l->nir);
    return kept->type.ptr && kept->payload.ptr && (kept->nir.ptr || !l->nir.ptr) ? kept : NULL;
}

enum gw_result pending_record(struct applying *p)
{
    const struct record_lines *at = &p->lines->at;
    struct pending_record *r = arena_zero(&p->arena, sizeof(*r));
    struct pivot_line **end;

    if (!r)
        return GW_FATAL;
    r->record = at->record;
    r->said_at = p->said_at;
    r->count = at->count;
    memcpy(r->key, at->first->key, STORE_KEY);
    memcpy(r->digest, at->digest, sizeof(r->digest));
    end = &r->first;
    for (const struct pivot_line *l = at->first; l && !p->check; l = l->next, end = &(*end)->next)
        if (!(*end = line_keep(&p->arena, l)))
            return GW_FATAL;
    if (p->pending.last)
        p->pending.last->next = r;
    else
        p->pending.first = r;
    p->pending.last = r;
    p->pending.records++;
    p->pending.members += p->check ? 0 : at->count;
    return GW_OK;
}

enum gw_result pending_reject(struct applying *p, const struct reject_row *row)
{
    struct pending_reject *r = arena_zero(&p->arena, sizeof(*r));
    struct gw_str *texts[4];

    if (!r)
        return GW_FATAL;
    r->row = *row;
    texts[0] = &r->row.code;
    texts[1] = &r->row.path;
    texts[2] = &r->row.raw;
    texts[3] = &r->row.diagnostics;
    for (size_t i = 0; i < 4; i++) {
        if (!texts[i]->ptr)
            continue;
        *texts[i] = arena_copy(&p->arena, *texts[i]);
        if (!texts[i]->ptr)
            return GW_FATAL;
    }
    if (p->pending.last_reject)
        p->pending.last_reject->next = r;
    else
        p->pending.rejects = r;
    p->pending.last_reject = r;
    return GW_OK;
}

/* ---- writing ---- */

static struct resource_row row_of(const struct applying *p, const struct pending_record *r,
                                  const struct pivot_line *l)
{
    struct resource_row row = {.partner = p->flow->partner->name,
                               .flow = p->flow->name,
                               .type = l->type,
                               .purpose = p->flow->purpose,
                               .exchange = p->e.id,
                               .record = r->record,
                               .said_at = r->said_at ? r->said_at : p->e.received_at,
                               .received_at = p->e.received_at,
                               .payload = l->payload,
                               .nir = l->nir};

    memcpy(row.key, l->key, STORE_KEY);
    memcpy(row.digest, l->digest, 32);
    return row;
}

static enum gw_result put_all(struct applying *p, const struct pending_record *r, struct unit *u)
{
    int64_t *members = arena_array(&p->arena, r->count, sizeof(*members));
    bool *people = arena_array(&p->arena, r->count, sizeof(*people));
    enum gw_result result = members && people ? GW_OK : GW_FATAL;
    size_t n = 0;

    for (const struct pivot_line *l = r->first; result == GW_OK && l; l = l->next, n++) {
        struct resource_row row = row_of(p, r, l);
        enum put_outcome outcome = PUT_UNCHANGED;

        people[n] = applying_person(p, l);
        result = resource_put(p->a->store, &row, &members[n], &outcome);
        p->counts.created += outcome == PUT_CREATED;
        p->counts.updated += outcome == PUT_UPDATED;
        p->counts.unchanged += outcome == PUT_UNCHANGED;
    }
    u->members = members;
    u->people = people;
    u->nmembers = n;
    return result == GW_OK ? unit_put(p->a->store, u, &u->id) : result;
}

static struct unit unit_of(const struct applying *p, const struct pending_record *r)
{
    struct unit u = {
        .partner = p->flow->partner->name, .flow = p->flow->name, .exchange = p->e.id, .record = r->record};

    memcpy(u.key, r->key, STORE_KEY);
    memcpy(u.digest, r->digest, 32);
    return u;
}

/* An exchange that came later has the last word, whatever becomes of a reject of this one. */
static bool is_later(const struct applying *p, const struct unit *known)
{
    return p->some && known->exchange > p->e.id;
}

/* What is not kept at all is seen anew each time. */
static int64_t noted_since(const struct applying *p)
{
    return p->e.received_at - (p->flow->kept[KEPT_RESOURCES] ? SIGHT_NOTED_MS : 0);
}

/* GW_END: it is new, or another than it was. *ret, whose texts and lists are gone, has no id if it is new.
 * *ret_unseen: it is as it was, and when it was seen last is to be noted. */
static enum gw_result look(struct applying *p, const struct pending_record *r, struct unit *ret,
                           bool *ret_unseen)
{
    size_t mark = arena_mark(&p->arena);
    bool seen = true;
    enum gw_result result;

    *ret = (struct unit){.id = 0};
    result = unit_find(p->a->store, r->key, &p->arena, ret);
    if (result == GW_OK && memcmp(ret->digest, r->digest, 32) != 0 && !is_later(p, ret))
        result = GW_END;
    if (result == GW_OK)
        result = unit_seen_since(p->a->store, ret, noted_since(p), &seen);
    *ret_unseen = result == GW_OK && !seen;
    arena_release(&p->arena, mark);
    return result;
}

static enum gw_result record_put(struct applying *p, const struct pending_record *r)
{
    struct unit u = unit_of(p, r), known;
    bool unseen;
    enum gw_result result;

    if (p->check && !p->same)
        return GW_OK;
    result = look(p, r, &known, &unseen);
    if (result == GW_OK)
        p->counts.unchanged += r->count;
    if (result != GW_END && !unseen)
        return result;
    if (p->check) {
        p->same = false;
        return GW_OK;
    }
    if (unseen)
        return unit_seen(p->a->store, known.id, p->e.received_at);
    twice_count(p, r, &known);
    return put_all(p, r, &u);
}

/* GW_END: it will be. */
static enum gw_result will_write(struct applying *p, const struct pending_record *r)
{
    struct unit known;
    bool unseen;

    return look(p, r, &known, &unseen);
}

/* One question for the units; one for the resources of those that will be written. */
static enum gw_result look_at_all(struct applying *p)
{
    struct unit *units = arena_array(&p->arena, p->pending.records, sizeof(*units));
    struct sought *members = arena_array(&p->arena, p->pending.members, sizeof(*members));
    enum gw_result result = units && members ? GW_OK : GW_FATAL;
    size_t n = 0;

    for (const struct pending_record *r = p->pending.first; result == GW_OK && r; r = r->next)
        units[n++] = unit_of(p, r);
    if (result == GW_OK)
        result = units_look(p->a->store, units, n);
    n = 0;
    for (const struct pending_record *r = p->pending.first; result == GW_OK && r; r = r->next) {
        result = r->first ? will_write(p, r) : GW_OK;
        if (result != GW_END)
            continue;
        for (const struct pivot_line *l = r->first; l; l = l->next) {
            memcpy(members[n].key, l->key, STORE_KEY);
            members[n++].person = applying_person(p, l);
        }
        result = GW_OK;
    }
    return result == GW_OK && n ? resources_look(p->a->store, members, n) : result;
}

/* New resources, before anybody has to wait for us. */
static enum gw_result go_ahead(struct applying *p)
{
    enum gw_result result = look_at_all(p);

    for (const struct pending_record *r = p->pending.first; result == GW_OK && r; r = r->next) {
        result = will_write(p, r);
        if (result != GW_END)
            continue;
        result = GW_OK;
        for (const struct pivot_line *l = r->first; result == GW_OK && l; l = l->next) {
            struct resource_row row = row_of(p, r, l);

            result = resource_ahead(p->a->store, &row);
        }
    }
    return result;
}

/* Most of it was new: so will be most of the next batch. */
static enum gw_result look_ahead(struct applying *p, uint64_t created)
{
    p->a->ahead = (p->counts.created - created) * 2 > p->pending.members;
    return p->a->ahead ? resource_ids_keep(p->a->store, p->pending.members) : GW_OK;
}

enum gw_result applying_expect(struct applying *p, uint64_t records)
{
    p->a->ahead = records > APPLIER_BATCH / 4;
    if (!p->a->ahead)
        return GW_OK;
    return resource_ids_keep(p->a->store, RECORD_MEMBERS * (records < APPLIER_BATCH ? records : APPLIER_BATCH));
}

static enum gw_result pending_write(struct applying *p)
{
    uint64_t created = p->counts.created;
    enum gw_result result = GW_OK;
    int64_t id;

    for (const struct pending_reject *r = p->pending.rejects; result == GW_OK && r; r = r->next)
        result = reject_put(p->a->store, &r->row, &id);
    if (result == GW_OK && p->pending.records > 1 && store_is_far(p->a->store))
        result = look_at_all(p);
    for (const struct pending_record *r = p->pending.first; result == GW_OK && r; r = r->next)
        result = record_put(p, r);
    if (result == GW_OK && p->pending.members > APPLIER_BATCH / 2)
        result = look_ahead(p, created);
    if (result == GW_OK)
        p->pending = (struct pending){.first = NULL};
    if (!p->in_batch)
        looks_end(p->a->store);
    return result;
}

/* ---- batches ---- */

static bool is_waiting(const struct applying *p)
{
    return p->pending.first || p->pending.rejects;
}

/* Our turn, under the exchange's fence. Whoever waits for it is not alone. */
static enum gw_result turn_take(struct applying *p, enum gw_result (*begin)(struct store *s))
{
    int64_t begun = clock_ms();
    enum gw_result result = begin ? begin(p->a->store) : GW_OK;

    if (result == GW_OK)
        result = stay(p);
    p->a->crowded = clock_ms() - begun > CROWDED_MS;
    return result;
}

static enum gw_result begin_ahead(struct applying *p)
{
    enum gw_result result = store_begin_beside(p->a->store);

    if (result == GW_OK)
        result = go_ahead(p);
    if (result == GW_OK)
        result = turn_take(p, NULL);
    if (result != GW_OK)
        store_rollback(p->a->store);
    return result;
}

/* Ahead of our turn only if others want theirs: it takes longer. What we meet there is over once it is our turn. */
static enum gw_result begin_batch(struct applying *p)
{
    bool ahead = p->a->ahead && p->a->crowded && p->pending.records > 1;
    enum gw_result result = ahead ? begin_ahead(p) : GW_RETRY;

    return result == GW_RETRY ? turn_take(p, store_begin) : result;
}

static enum gw_result batch_try(struct applying *p)
{
    struct exchange_counts counts = p->counts;
    struct twice twice = p->twice;
    enum gw_result result = GW_OK;

    if (!p->in_batch)
        result = begin_batch(p);
    if (result == GW_OK)
        result = pending_write(p);
    p->in_batch = result == GW_OK;
    if (result == GW_OK)
        return GW_OK;
    store_rollback(p->a->store);
    p->counts = counts;
    p->twice = twice;
    return result;
}

/* Two that go ahead can be in each other's way, and a server can be another by now: what waits is there still. */
enum gw_result applying_batch(struct applying *p)
{
    bool whole = !p->in_batch && is_waiting(p);
    enum gw_result result = batch_try(p);

    return result == GW_RETRY && whole ? batch_try(p) : result;
}

enum gw_result applying_batch_end(struct applying *p)
{
    bool compare = p->check && !p->in_batch && !p->pending.rejects;
    enum gw_result result;

    if (!p->in_batch && !is_waiting(p))
        return GW_OK;
    result = compare ? pending_write(p) : applying_batch(p);
    if (!compare && result == GW_OK) {
        p->in_batch = false;
        if (!p->check) {
            p->e.counts = p->counts;
            p->e.resume = p->last;
            twice_keep(p);
        }
        result = exchange_save(p->a->store, &p->e);
        if (result == GW_OK)
            result = store_commit(p->a->store);
        else
            store_rollback(p->a->store);
    }
    arena_reset(&p->arena);
    return result;
}

static bool is_late(const struct applying *p)
{
    return store_now() - p->stayed > APPLIER_LEASE / 4;
}

enum gw_result applying_idle(void *context)
{
    struct applying *p = context;
    enum gw_result result = p->some ? GW_OK : applying_batch_end(p);

    p->in_batch_records = 0;
    return result == GW_OK && is_late(p) ? stay(p) : result;
}

/* The first pass has no transaction but for rejects: it only says now and then that it is alive. */
enum gw_result applying_count(struct applying *p)
{
    bool full = ++p->in_batch_records >= APPLIER_BATCH || arena_mark(&p->arena) >= BATCH_BYTES;

    return full || is_late(p) ? applying_idle(p) : GW_OK;
}
