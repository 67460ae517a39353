/* SPDX-License-Identifier: EUPL-1.2 */
/* What an exchange comes to when its last line was taken, in the transaction that moves it on. */
#include <stdio.h>

#include "base/str.h"
#include "gateway/applying.h"

static bool too_many_rejects(const struct applying *p)
{
    const struct exchange_counts *c = &p->counts;

    return p->flow->rejects_max >= 0 && c->rejected * 100 > c->read * (uint64_t)p->flow->rejects_max;
}

/* What an exchange comes to. "": it is good. */
static const char *verdict(const struct applying *p, uint64_t forgotten)
{
    const struct exchange_counts *c = &p->counts;

    if (!str_is(str_of(p->end_word), "ok"))
        return p->note[0] ? p->note : "exchange.stream";
    if (c->filtered != p->end_filtered + forgotten || !counts_balance(c))
        return "law.balance";
    if (c->read < p->flow->records_min)
        return "exchange.few";
    return too_many_rejects(p) ? "exchange.rejects" : "";
}

/* In the transaction that ends this one: for many small files it is half of what a file costs. */
static enum gw_result claim_next(struct applying *p)
{
    struct exchange next;
    enum gw_result result =
        p->chain ? exchange_claim(p->a->store, false, p->flow->name, APPLIER_LEASE, &p->arena, &next) : GW_END;

    p->next = result == GW_OK ? next.id : 0;
    return result == GW_END || result == GW_REJECT ? GW_OK : result;
}

/* Why it did not go well, or what is to be known of it although it did. */
static void give_reason(struct applying *p, const char *reason)
{
    twice_keep(p);
    if (!reason[0] && p->twice.records)
        reason = "exchange.twice";
    p->e.reason = reason[0] ? str_of(reason) : (struct gw_str){NULL, 0};
    if (p->note_json && reason[0])
        p->e.reason_args = str_of(p->note_json);
}

/* A first pass that found nothing but what the store has is the last one. */
static enum gw_result conclude(struct applying *p, const char *reason)
{
    enum exchange_state to = reason[0]            ? EXCHANGE_FAILED
                             : p->counts.rejected ? EXCHANGE_DONE_REJECTS
                                                  : EXCHANGE_DONE;
    enum gw_result result = applying_batch(p);

    if (result != GW_OK)
        return result;
    p->again = p->check && !p->same && !reason[0];
    if (p->check && reason[0])
        p->counts.produced = p->counts.unchanged = 0;
    if (!p->check || (p->same && !reason[0]))
        p->e.resume = p->last;
    p->e.counts = p->counts;
    give_reason(p, reason);
    if (p->again) {
        p->e.checked = true;
        p->e.counts = (struct exchange_counts){0};
        result = exchange_save(p->a->store, &p->e);
        if (result == GW_OK)
            result = applying_expect(p, p->counts.read);
    } else {
        result = exchange_move(p->a->store, &p->e, to);
        if (result == GW_OK)
            result = claim_next(p);
    }
    p->in_batch = false;
    if (result == GW_OK)
        return store_commit(p->a->store);
    store_rollback(p->a->store);
    return result;
}

/* ---- the end of what was wanted ---- */

/* A file that has another number of records by the mapping of today has others at these numbers. */
static const char *verdict_wanted(const struct applying *p)
{
    if (!str_is(str_of(p->end_word), "ok"))
        return p->note[0] ? p->note : "exchange.stream";
    return p->end_read != p->counts.read || p->counts.rejected < p->wanted.count ? "replay.records" : "";
}

static enum gw_result wanted_apply(struct applying *p)
{
    struct gw_str rest = buf_view(&p->wanted.lines);
    enum gw_result result = GW_OK;

    p->seen = true;
    p->counts.rejected -= p->wanted.count;
    while (result == GW_OK && rest.len)
        result = applying_line(p, str_cut(rest, '\n', &rest));
    if (result == GW_OK)
        result = applying_record(p);
    if (result == GW_OK)
        result = applying_batch(p);
    for (size_t i = 0; i < p->wanted.count; i++)
        p->counts.filtered += p->wanted.items[i].as == WANTED_FILTERED;
    return result == GW_OK ? wanted_answer(&p->wanted, p->a->store, p->e.id) : result;
}

static enum gw_result wanted_conclude(struct applying *p, const char *reason)
{
    struct store *s = p->a->store;
    bool open = false;
    enum gw_result result = reason[0] ? GW_OK : wanted_apply(p);

    if (result == GW_OK)
        result = wanted_drop(s, p->e.id); /* what is left of them */
    if (result == GW_OK)
        result = reject_any(s, p->e.id, REJECT_OPEN, &open);
    p->e.counts = p->counts;
    give_reason(p, reason);
    if (result == GW_OK)
        result = exchange_move(s, &p->e, open ? EXCHANGE_DONE_REJECTS : EXCHANGE_DONE);
    return result == GW_OK ? claim_next(p) : result;
}

static enum gw_result finish_wanted(struct applying *p, struct answer *ret)
{
    const char *reason = verdict_wanted(p);
    enum gw_result result = applying_batch(p);

    (void)snprintf(ret->reason, sizeof(ret->reason), "%s", reason);
    if (result != GW_OK)
        return result;
    result = wanted_conclude(p, reason);
    p->in_batch = false;
    if (result == GW_OK)
        return store_commit(p->a->store);
    store_rollback(p->a->store);
    return result;
}

enum gw_result applying_finish(struct applying *p, struct answer *ret)
{
    enum gw_result result = applying_record(p);
    struct exchange_counts *c = &p->counts;
    const char *reason;
    uint64_t forgotten;

    if (result == GW_OK && !p->ended)
        result = GW_RETRY; /* the reader died: who started it knows more */
    if (result == GW_OK && str_is(str_of(p->end_word), "retry"))
        result = GW_RETRY;
    if (result != GW_OK) {
        enum gw_result closed = applying_batch_end(p); /* what was good stays good */

        return result == GW_RETRY && closed != GW_OK ? closed : result;
    }
    if (p->some)
        return finish_wanted(p, ret);
    result = p->check ? applying_batch_end(p) : applying_batch(p);
    if (result != GW_OK)
        return result;
    forgotten = c->filtered; /* until now it counts those alone, over all attempts */
    c->read = p->end_read;
    c->filtered = c->read - c->accepted - c->rejected;
    if (p->check)
        c->produced = c->unchanged = p->same ? c->unchanged : 0;
    reason = verdict(p, forgotten);
    (void)snprintf(ret->reason, sizeof(ret->reason), "%s", reason);
    return conclude(p, reason);
}
