/* SPDX-License-Identifier: EUPL-1.2 */
/* Exchanges: received once, moved by whoever has them, listed. Taking the next one is in claim.c. */
#include <stdio.h>

#include "store/audit.h"
#include "store/bytes.h"
#include "store/exchange_row.h"
#include "store/sights.h"

/* ---- to and from a row ---- */

static void add_counts(struct row *row, const struct exchange_counts *c)
{
    row_add_number(row, (int64_t)c->read);
    row_add_number(row, (int64_t)c->accepted);
    row_add_number(row, (int64_t)c->filtered);
    row_add_number(row, (int64_t)c->rejected);
    row_add_number(row, (int64_t)c->produced);
    row_add_number(row, (int64_t)c->created);
    row_add_number(row, (int64_t)c->updated);
    row_add_number(row, (int64_t)c->unchanged);
    row_add_number(row, (int64_t)c->held);
}

static void add_life(struct row *row, const struct exchange *e)
{
    row_add_text(row, e->spool);
    row_add_number(row, e->state);
    row_add_number(row, e->changed_at);
    row_add_number(row, e->attempts);
    row_add_number(row, (int64_t)e->fence);
    row_add_number(row, e->lease_until);
    row_add_number(row, e->checked);
    row_add_number(row, (int64_t)e->resume);
    row_add_number(row, (int64_t)e->suspect);
    row_add_number(row, e->suspicion);
    add_counts(row, &e->counts);
    row_add_text(row, e->reason);
}

enum gw_result exchange_to_row(struct store *s, const struct exchange *e, struct arena *a, struct row *ret)
{
    int64_t flow, partner;
    enum gw_result r = name_id(s, e->flow, &flow);

    if (r == GW_OK)
        r = name_id(s, e->partner, &partner);
    if (r != GW_OK)
        return r;
    row_start(ret, TABLE_EXCHANGE);
    row_add_number(ret, e->id);
    row_add_number(ret, e->out);
    row_add_number(ret, flow);
    row_add_number(ret, partner);
    row_add_text(ret, e->name);
    row_add_text(ret, e->format);
    row_add_digest(ret, e->digest, sizeof(e->digest));
    row_add_number(ret, (int64_t)e->size);
    row_add_number(ret, e->received_at);
    row_add_number(ret, e->order);
    row_add_number(ret, e->same_as);
    add_life(ret, e);
    return row_seal(s, &s->seal, ret, EXCHANGE_ARGS, e->reason_args, a);
}

void exchange_counts_of(struct row *row, struct exchange_counts *ret)
{
    row->at = EXCHANGE_COUNTS;
    ret->read = (uint64_t)row_number(row);
    ret->accepted = (uint64_t)row_number(row);
    ret->filtered = (uint64_t)row_number(row);
    ret->rejected = (uint64_t)row_number(row);
    ret->produced = (uint64_t)row_number(row);
    ret->created = (uint64_t)row_number(row);
    ret->updated = (uint64_t)row_number(row);
    ret->unchanged = (uint64_t)row_number(row);
    ret->held = (uint64_t)row_number(row);
}

static void take_life(struct row *row, struct exchange *ret)
{
    ret->spool = row_bytes(row);
    ret->state = (enum exchange_state)row_number(row);
    ret->changed_at = row_number(row);
    ret->attempts = (uint32_t)row_number(row);
    ret->fence = (uint64_t)row_number(row);
    ret->lease_until = row_number(row);
    ret->checked = row_number(row);
    ret->resume = (uint64_t)row_number(row);
    ret->suspect = (uint64_t)row_number(row);
    ret->suspicion = (uint32_t)row_number(row);
    exchange_counts_of(row, &ret->counts);
    ret->reason = row_bytes(row);
}

enum gw_result exchange_of_row(struct store *s, struct row *row, struct arena *a, struct exchange *ret)
{
    enum gw_result r = row_keep(s, row, a);

    if (r != GW_OK)
        return r;
    *ret = (struct exchange){.id = row_number(row), .out = row_number(row)};
    r = name_text(s, row_number(row), a, &ret->flow);
    if (r == GW_OK)
        r = name_text(s, row_number(row), a, &ret->partner);
    if (r != GW_OK)
        return r;
    ret->name = row_bytes(row);
    ret->format = row_bytes(row);
    row_digest(row, ret->digest, sizeof(ret->digest));
    ret->size = (uint64_t)row_number(row);
    ret->received_at = row_number(row);
    ret->order = row_number(row);
    ret->same_as = row_number(row);
    take_life(row, ret);
    return row_open(s, row, EXCHANGE_ARGS, a, &ret->reason_args);
}

/* ---- seen before ---- */

static enum gw_result last_of_flow(struct store *s, const struct exchange *e, int64_t flow, int64_t *ret_id)
{
    struct query q;
    enum gw_result r = query_open(s,
                                  "SELECT id FROM (SELECT id, digest FROM exchange WHERE out=?1 AND flow=?2"
                                  " AND state<>6 ORDER BY id DESC LIMIT 1) l WHERE digest=?3",
                                  &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, e->out);
    query_number(&q, 2, flow);
    query_bytes(&q, 3, (struct gw_str){(const char *)e->digest, sizeof(e->digest)});
    return query_one(&q, ret_id);
}

/* `named`: under the same name too. */
static enum gw_result any_of_flow(struct store *s, const struct exchange *e, int64_t flow, bool named,
                                  int64_t *ret_id)
{
    struct query q;
    enum gw_result r =
        query_open(s,
                   "SELECT id FROM exchange WHERE digest=?1 AND +out=?2 AND +flow=?3 AND +state<>6"
                   " AND (?4=0 OR name IS NOT DISTINCT FROM ?5) ORDER BY id DESC LIMIT 1",
                   &q);

    if (r != GW_OK)
        return r;
    query_bytes(&q, 1, (struct gw_str){(const char *)e->digest, sizeof(e->digest)});
    query_number(&q, 2, e->out);
    query_number(&q, 3, flow);
    query_number(&q, 4, named);
    query_text(&q, 5, e->name);
    return query_one(&q, ret_id);
}

/* The last word of the flow, said once more: GW_OK, so long after that it is to be heard. */
static enum gw_result said_again(struct store *s, const struct exchange *e, int64_t flow, int64_t id)
{
    struct query q;
    int64_t last = 0;
    enum gw_result r = query_open(s,
                                  "SELECT id FROM (SELECT id, received_at FROM exchange WHERE out=?1 AND flow=?2"
                                  " AND state<>6 ORDER BY id DESC LIMIT 1) l WHERE received_at<?3",
                                  &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, e->out);
    query_number(&q, 2, flow);
    query_number(&q, 3, (e->received_at ? e->received_at : store_now()) - SIGHT_AGAIN_MS);
    r = query_one(&q, &last);
    return r == GW_OK && last != id ? GW_END : r;
}

/* GW_END: new. */
static enum gw_result seen_before(struct store *s, const struct exchange *e, enum duplicates rule,
                                  int64_t *ret_id)
{
    int64_t flow;
    enum gw_result r = rule == DUPLICATES_NONE ? GW_END : name_find(s, e->flow, &flow), again;

    if (r != GW_OK)
        return r;
    r = rule == DUPLICATES_EVER ? any_of_flow(s, e, flow, false, ret_id) : last_of_flow(s, e, flow, ret_id);
    if (r == GW_END && rule == DUPLICATES_NAME)
        r = any_of_flow(s, e, flow, true, ret_id);
    if (r != GW_OK)
        return r;
    again = said_again(s, e, flow, *ret_id);
    return again == GW_OK ? GW_END : again == GW_END ? GW_OK : again;
}

/* ---- changes ---- */

static enum gw_result tell(struct store *s, int64_t id, const char *action, const char *detail)
{
    char subject[40];

    snprintf(subject, sizeof(subject), "exchange %lld", (long long)id);
    return audit_add(s, str_of(s->actor), str_of(action), str_of(subject), str_of(detail));
}

static enum gw_result insert(struct store *s, const struct exchange *e, int64_t *ret_id)
{
    size_t mark = arena_mark(&s->scratch);
    struct exchange made = *e;
    struct row row;
    enum gw_result r = row_new_id(s, TABLE_EXCHANGE, &made.id);

    made.state = EXCHANGE_RECEIVED;
    made.changed_at = store_now();
    if (!made.received_at)
        made.received_at = made.changed_at;
    if (r == GW_OK)
        r = exchange_to_row(s, &made, &s->scratch, &row);
    if (r == GW_OK)
        r = row_insert(s, &row);
    arena_release(&s->scratch, mark);
    if (r == GW_OK)
        r = tell(s, made.id, "exchange.receive", "");
    if (r == GW_OK)
        *ret_id = made.id;
    return r;
}

enum gw_result exchange_receive(struct store *s, const struct exchange *e, enum duplicates rule,
                                int64_t *ret_id)
{
    bool own;
    enum gw_result r = change_begin(s, &own);

    if (r != GW_OK)
        return r;
    r = seen_before(s, e, rule, ret_id);
    if (r == GW_END)
        r = insert(s, e, ret_id);
    else if (r == GW_OK)
        r = GW_REJECT;
    return change_end(s, own, r);
}

enum gw_result exchange_seen(struct store *s, const struct exchange *e, enum duplicates rule)
{
    int64_t earlier;

    return seen_before(s, e, rule, &earlier);
}

enum gw_result exchange_change(struct store *s, struct exchange *e, enum exchange_state to)
{
    size_t mark = arena_mark(&s->scratch);
    struct exchange made = *e;
    struct row row;
    char detail[48];
    enum gw_result r;

    made.state = to;
    made.changed_at = store_now();
    if (to != EXCHANGE_WORKING)
        made.lease_until = 0;
    r = exchange_to_row(s, &made, &s->scratch, &row);
    if (r == GW_OK)
        r = row_update(s, &row);
    arena_release(&s->scratch, mark);
    snprintf(detail, sizeof(detail), "%s>%s", exchange_words[e->state], exchange_words[to]);
    if (r == GW_OK)
        r = tell(s, e->id, "exchange.move", detail);
    if (r == GW_OK)
        *e = made;
    return r;
}

/* The row as it is, if it is in the state and under the fence that the caller believes. */
static enum gw_result believed(struct store *s, const struct exchange *e, struct exchange *ret)
{
    enum gw_result r = exchange_get(s, e->id, &s->scratch, ret);

    if (r != GW_OK)
        return r == GW_END ? GW_REJECT : r;
    return ret->state == e->state && ret->fence == e->fence ? GW_OK : GW_REJECT;
}

/* What may change is the caller's, the rest stays what it was. */
static void take_over(struct exchange *to, const struct exchange *from)
{
    to->attempts = from->attempts;
    to->checked = from->checked;
    to->resume = from->resume;
    to->suspect = from->suspect;
    to->suspicion = from->suspicion;
    to->counts = from->counts;
    to->reason = from->reason;
    to->reason_args = from->reason_args;
    to->spool = from->spool;
}

/* A file that its exchange has no more. */
static enum gw_result let_go(struct store *s, const struct exchange *before, const struct exchange *after)
{
    return after->spool.ptr ? GW_OK : bytes_forget(s, before->spool);
}

static enum gw_result move(struct store *s, struct exchange *e, enum exchange_state to)
{
    struct exchange present;
    enum gw_result r = believed(s, e, &present);

    if (r != GW_OK)
        return r;
    r = let_go(s, &present, e);
    take_over(&present, e);
    if (r == GW_OK)
        r = exchange_change(s, &present, to);
    if (r == GW_OK) {
        e->state = to;
        e->changed_at = present.changed_at;
        e->lease_until = present.lease_until;
    }
    return r;
}

enum gw_result exchange_move(struct store *s, struct exchange *e, enum exchange_state to)
{
    size_t mark = arena_mark(&s->scratch);
    bool own;
    enum gw_result r;

    if (!exchange_may(e->state, to) || to == EXCHANGE_WORKING) /* that is exchange_claim's */
        return GW_REJECT;
    r = change_begin(s, &own);
    if (r != GW_OK)
        return r;
    r = change_end(s, own, move(s, e, to));
    arena_release(&s->scratch, mark);
    return r;
}

static enum gw_result save(struct store *s, const struct exchange *e)
{
    struct exchange present;
    struct row row;
    enum gw_result r = believed(s, e, &present);

    if (r != GW_OK)
        return r;
    r = let_go(s, &present, e);
    take_over(&present, e);
    if (r == GW_OK)
        r = exchange_to_row(s, &present, &s->scratch, &row);
    return r == GW_OK ? row_update(s, &row) : r;
}

enum gw_result exchange_save(struct store *s, const struct exchange *e)
{
    size_t mark = arena_mark(&s->scratch);
    bool own;
    enum gw_result r = change_begin(s, &own);

    if (r != GW_OK)
        return r;
    r = change_end(s, own, save(s, e));
    arena_release(&s->scratch, mark);
    return r;
}

/* ---- looking ---- */

enum gw_result exchange_get(struct store *s, int64_t id, struct arena *a, struct exchange *ret)
{
    struct row row;
    enum gw_result r = row_find(s, TABLE_EXCHANGE, id, a, &row);

    return r == GW_OK ? exchange_of_row(s, &row, a, ret) : r;
}

enum gw_result exchange_keyed(struct store *s, struct gw_str spool, struct arena *a, struct exchange *ret)
{
    struct query q;
    int64_t id = 0;
    enum gw_result r = query_open(
        s, "SELECT id FROM exchange WHERE spool=?1 AND spool >= 'key-' AND spool < 'key.' ORDER BY id LIMIT 1",
        &q);

    if (r != GW_OK)
        return r;
    query_text(&q, 1, spool);
    r = query_one(&q, &id);
    return r == GW_OK ? exchange_get(s, id, a, ret) : r;
}

static enum gw_result list_open(struct store *s, const struct exchange_filter *f, struct query *ret)
{
    int64_t flow;
    enum gw_result r = name_find(s, f->flow, &flow);

    if (r == GW_OK)
        r = query_open(s,
                       SELECT_EXCHANGE "WHERE id>?1 AND (?2=0 OR flow=?2) AND (?3<0 OR state=?3)"
                                       " AND (?4<0 OR out=?4) AND received_at>=?5"
                                       " AND (?6=0 OR received_at<?6) ORDER BY id",
                       ret);
    if (r != GW_OK)
        return r;
    query_number(ret, 1, f->after_id);
    query_number(ret, 2, flow);
    query_number(ret, 3, f->state);
    query_number(ret, 4, f->out);
    query_number(ret, 5, f->since);
    query_number(ret, 6, f->before);
    return GW_OK;
}

static enum gw_result list_next(struct query *q, struct arena *a, struct exchange *ret)
{
    struct row row;
    enum gw_result r = query_step(q);

    if (r == GW_OK)
        r = row_take(q, TABLE_EXCHANGE, &row);
    return r == GW_OK ? exchange_of_row(q->s, &row, a, ret) : r;
}

/* Each of the query, which it closes. */
static enum gw_result list_each(struct query *q, bool (*each)(void *to, const struct exchange *e), void *to)
{
    struct arena a = {0};
    struct exchange e;
    bool bad = false;
    enum gw_result r;

    do {
        arena_reset(&a);
        r = list_next(q, &a, &e);
        bad = bad || r == GW_REJECT;
    } while (r == GW_REJECT || (r == GW_OK && each(to, &e)));
    query_close(q);
    arena_done(&a);
    return each_result(r, bad);
}

enum gw_result exchange_each(struct store *s, const struct exchange_filter *f,
                             bool (*each)(void *to, const struct exchange *e), void *to)
{
    struct query q;
    enum gw_result r = list_open(s, f, &q);

    return r == GW_OK ? list_each(&q, each, to) : r == GW_END ? GW_OK : r;
}

enum gw_result exchange_latest(struct store *s, bool out, struct gw_str flow,
                               bool (*each)(void *to, const struct exchange *e), void *to)
{
    struct query q;
    int64_t id;
    enum gw_result r = name_find(s, flow, &id);

    if (r == GW_OK)
        r = query_open(s, SELECT_EXCHANGE "WHERE out=?1 AND flow=?2 ORDER BY id DESC", &q);
    if (r != GW_OK)
        return r == GW_END ? GW_OK : r;
    query_number(&q, 1, out);
    query_number(&q, 2, id);
    return list_each(&q, each, to);
}

enum gw_result exchange_waiting_since(struct store *s, bool out, struct gw_str flow, int64_t *ret)
{
    struct query q;
    int64_t id;
    enum gw_result r = name_find(s, flow, &id);

    *ret = 0;
    if (r == GW_OK)
        r = query_open(s,
                       "SELECT coalesce(min(received_at),0) FROM exchange WHERE out=?1 AND flow=?2"
                       " AND state IN (1, 2, 3)",
                       &q);
    if (r != GW_OK)
        return r == GW_END ? GW_OK : r;
    query_number(&q, 1, out);
    query_number(&q, 2, id);
    return query_one(&q, ret);
}

enum gw_result exchange_source(struct store *s, struct gw_str flow, struct gw_str name,
                               const uint8_t digest[32], enum exchange_state *ret)
{
    struct query q;
    int64_t id, state = 0;
    enum gw_result r = name_find(s, flow, &id);

    if (r == GW_OK)
        r = query_open(s,
                       "SELECT state FROM exchange WHERE digest=?1 AND +out=0 AND +flow=?2 AND name IS NOT "
                       "DISTINCT FROM ?3"
                       " ORDER BY state LIMIT 1",
                       &q);
    if (r != GW_OK)
        return r;
    query_bytes(&q, 1, (struct gw_str){(const char *)digest, 32});
    query_number(&q, 2, id);
    query_text(&q, 3, name);
    r = query_one(&q, &state);
    *ret = (enum exchange_state)state;
    return r;
}

enum gw_result exchange_last_order(struct store *s, struct gw_str flow, int64_t *ret)
{
    struct query q;
    int64_t id;
    enum gw_result r = name_find(s, flow, &id);

    *ret = 0;
    if (r == GW_OK)
        r = query_open(s, "SELECT coalesce(max(rank),0) FROM exchange WHERE flow=?1 AND state IN (4, 5)", &q);
    if (r != GW_OK)
        return r == GW_END ? GW_OK : r;
    query_number(&q, 1, id);
    return query_one(&q, ret);
}
