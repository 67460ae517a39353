/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Lines of one exchange into the store, in batches (apply_batch.c). Each is one transaction that begins by
 * asking whether the exchange is still ours, and ends by writing down how far it came. The first pass over a
 * file that is taken as a whole compares as long as all is known, and keeps what it makes of each record for
 * the second. Rejects that are wanted again (wanted.h) are one transaction at the end, and all else is passed
 * over.
 */
#include <stdio.h>
#include <yyjson.h>

#include "base/str.h"
#include "gateway/applying.h"
#include "gateway/feed.h"
#include "gateway/plans.h"
#include "schema/canon.h"
#include "store/digest.h"
#include "store/people.h"

/* ---- a record ---- */

bool applying_person(const struct applying *p, const struct pivot_line *l)
{
    const struct plan *plan = l->plan ? l->plan : plan_of(p->lines->plans, l->type);

    return plan && plan->nir.nparts;
}

/* Keys, payloads and digests of the record at hand: from its lines, unless the first pass has made them. */
static enum gw_result record_make(struct applying *p)
{
    struct record_lines *at = &p->lines->at;
    enum gw_result result = p->made ? GW_OK : lines_settle(p->lines);

    if (result != GW_OK || p->made)
        return result;
    store_digest_start(p->a->whole);
    for (struct pivot_line *l = at->first; l; l = l->next) {
        resource_digest(p->a->store, l->payload, l->nir, l->digest);
        store_digest_add(p->a->whole, (struct gw_str){(const char *)l->key, STORE_KEY});
        store_digest_add(p->a->whole, (struct gw_str){(const char *)l->digest, 32});
    }
    store_digest_end(p->a->whole, at->digest);
    kept_record(&p->kept, at);
    return GW_OK;
}

/* A file from before somebody was forgotten does not bring them back. It speaks of others in their record too:
 * a newer file will. */
static enum gw_result is_forgotten(struct applying *p, bool *ret)
{
    enum gw_result result = GW_OK;
    uint8_t mark[STORE_KEY];

    *ret = false;
    for (const struct pivot_line *l = p->lines->at.first; p->forgotten && result == GW_OK && l; l = l->next) {
        if (!applying_person(p, l))
            continue;
        for (int by_key = 0; by_key < 2 && result == GW_OK && !*ret; by_key++) {
            person_mark(p->a->store, by_key ? (struct gw_str){NULL, 0} : l->nir, l->key, mark);
            result = person_forgotten(p->a->store, mark, p->e.received_at, ret);
        }
        if (*ret)
            break;
    }
    return result;
}

/* The record at hand is complete: its lines are set aside if it is wanted, and applied at the end. */
static enum gw_result wanted_done(struct applying *p)
{
    struct wanted_one *one = wanted_find(&p->wanted, p->lines->at.record);
    bool forgotten = false;
    enum gw_result result = GW_OK;

    if (one && p->seen) {
        result = record_make(p);
        if (result == GW_OK)
            result = is_forgotten(p, &forgotten);
        if (result != GW_OK || forgotten)
            return result;
        one->as = WANTED_APPLIED;
        p->counts.accepted++;
        p->counts.produced += p->lines->at.count;
        return pending_record(p);
    }
    for (const struct pivot_line *l = p->lines->at.first; one && result == GW_OK && l; l = l->next)
        result = wanted_keep(&p->wanted, l->text);
    return result == GW_OK ? applying_count(p) : result;
}

static enum gw_result record_done(struct applying *p, uint64_t record)
{
    bool forgotten = false;
    enum gw_result result = record_make(p);

    if (result == GW_OK)
        result = is_forgotten(p, &forgotten);
    p->counts.filtered += result == GW_OK && forgotten;
    if (result == GW_OK && !forgotten) {
        p->counts.accepted++;
        p->counts.produced += p->check ? 0 : p->lines->at.count;
        if (!p->check || p->same)
            result = pending_record(p);
    }
    p->last = record;
    return result == GW_OK ? applying_count(p) : result;
}

enum gw_result applying_record(struct applying *p)
{
    enum gw_result result = GW_OK;
    uint64_t record = p->lines->at.record;

    if (!p->lines->at.count)
        return GW_OK;
    if (p->some)
        result = wanted_done(p);
    else if (record > p->e.resume && record > 0)
        result = record_done(p, record);
    lines_clear(p->lines);
    return result;
}

static enum gw_result take_resource(struct applying *p, struct gw_str line)
{
    enum gw_result result = lines_add(p->lines, line);

    if (result != GW_END)
        return result;
    result = applying_record(p);
    return result == GW_OK ? lines_add(p->lines, line) : result;
}

/* ---- the reader's own lines ---- */

static struct gw_str text_of(yyjson_val *root, const char *key)
{
    yyjson_val *v = yyjson_obj_get(root, key);

    return (struct gw_str){yyjson_get_str(v), yyjson_get_len(v)};
}

static uint64_t number_of(yyjson_val *root, const char *key)
{
    return yyjson_get_uint(yyjson_obj_get(root, key));
}

/* Behind the last member that filters ask for: both lists of diagnostics as they stand. */
static struct gw_str said_of(struct gw_str line)
{
    size_t at;

    return str_find(line, GW_STR(",\"fr\":["), &at) ? (struct gw_str){line.ptr + at + 1, line.len - at - 2}
                                                    : GW_STR("");
}

static enum gw_result reject_write(struct applying *p, yyjson_val *root, struct gw_str line)
{
    struct reject_row row = {.exchange = p->e.id,
                             .flow = p->flow->name,
                             .record = number_of(root, "reject"),
                             .line = number_of(root, "line"),
                             .code = text_of(root, "code"),
                             .path = text_of(root, "path"),
                             .at = store_now(),
                             .raw = text_of(root, "raw")};
    struct gw_str said = said_of(line);

    p->counts.rejected++;
    if (!row.raw.ptr)
        row.raw = str_of(arena_format(&p->arena, "base64:%.*s", STR_ARG(text_of(root, "raw_base64"))));
    row.diagnostics = str_of(arena_format(&p->arena, "{%.*s}", STR_ARG(said)));
    return row.diagnostics.ptr && row.raw.ptr ? pending_reject(p, &row) : GW_FATAL;
}

static enum gw_result wanted_reject(struct applying *p, yyjson_val *root, struct gw_str line)
{
    struct wanted_one *one = wanted_find(&p->wanted, number_of(root, "reject"));

    if (!one)
        return GW_OK;
    if (!p->seen)
        return wanted_keep(&p->wanted, line);
    one->as = WANTED_REJECTED;
    return reject_write(p, root, line);
}

static enum gw_result take_reject(struct applying *p, yyjson_val *root, struct gw_str line)
{
    uint64_t record = number_of(root, "reject");
    enum gw_result result = GW_OK;

    if (p->some)
        return wanted_reject(p, root, line);
    if (record <= p->e.resume)
        return GW_OK;
    if (!p->check && p->e.checked) /* written down by the first pass */
        p->counts.rejected++;
    else
        result = reject_write(p, root, line);
    if (record > p->last)
        p->last = record;
    return result == GW_OK ? applying_count(p) : result;
}

static enum gw_result take_note(struct applying *p, yyjson_val *root, struct gw_str line)
{
    struct gw_str code = text_of(root, "note"), said = said_of(line);

    if (!p->note[0] && code.len) {
        (void)snprintf(p->note, sizeof(p->note), "%.*s", STR_ARG(code));
        p->note_json = arena_format(&p->a->job, "{%.*s}", STR_ARG(said));
    }
    return GW_OK;
}

static enum gw_result take_date(struct applying *p, yyjson_val *root, struct gw_str line)
{
    struct gw_str day = text_of(root, "date");
    int32_t days = 0;

    if (p->some && !p->seen)
        return wanted_keep(&p->wanted, line);
    if (day.len && !date_days(day, &days))
        return GW_FAIL;
    p->said_at = (int64_t)days * 86400000;
    return GW_OK;
}

static enum gw_result take_end(struct applying *p, yyjson_val *root)
{
    p->ended = true;
    p->end_read = number_of(root, "read");
    p->end_filtered = number_of(root, "filtered");
    (void)snprintf(p->end_word, sizeof(p->end_word), "%.*s", STR_ARG(text_of(root, "end")));
    return GW_OK;
}

enum gw_result applying_line(struct applying *p, struct gw_str line)
{
    yyjson_doc *doc;
    yyjson_val *root;
    enum gw_result result = GW_FAIL;

    if (str_begins(line, GW_STR("{\"type\":")))
        return take_resource(p, line);
    result = applying_record(p);
    kept_line(&p->kept, line);
    doc = result == GW_OK ? yyjson_read(line.ptr, line.len, 0) : NULL;
    root = yyjson_doc_get_root(doc);
    if (result == GW_OK && !root)
        result = GW_FAIL;
    else if (result == GW_OK && yyjson_obj_get(root, "reject"))
        result = take_reject(p, root, line);
    else if (result == GW_OK && yyjson_obj_get(root, "note"))
        result = take_note(p, root, line);
    else if (result == GW_OK && yyjson_obj_get(root, "end"))
        result = take_end(p, root);
    else if (result == GW_OK && yyjson_obj_get(root, "date"))
        result = take_date(p, root, line);
    yyjson_doc_free(doc);
    return result;
}

static void answer_fill(const struct applying *p, struct answer *ret)
{
    ret->records = p->counts.read;
    ret->written = p->counts.accepted;
    ret->filtered = p->counts.filtered;
    ret->rejected = p->counts.rejected;
    ret->resources = p->counts.produced;
    ret->last = p->e.resume;
    ret->more = p->again;
    ret->next = p->next;
}

static enum gw_result begin(struct applying *p, const struct order *o)
{
    enum gw_result result = exchange_get(p->a->store, o->exchange, &p->a->job, &p->e);

    if (result != GW_OK || p->e.fence != o->fence || p->e.state != EXCHANGE_WORKING)
        return result == GW_OK ? GW_REJECT : result;
    p->flow = conf_flow(p->a->conf, p->e.flow);
    if (!p->flow)
        return GW_FAIL;
    p->counts = p->check ? (struct exchange_counts){0} : p->e.counts;
    p->last = p->e.resume;
    p->stayed = store_now();
    if (!p->check && (p->e.resume || p->some))
        twice_take(p);
    if (p->check)
        p->e.resume = 0;
    p->lines->partner = p->flow->partner->name;
    result = people_forgotten(p->a->store, p->e.received_at, &p->forgotten);
    if (result != GW_OK)
        return result;
    return p->some ? wanted_open(&p->wanted, p->a->store, p->e.id, &p->a->job) : GW_OK;
}

enum gw_result applier_apply(struct applier *a, const struct order *o, int from, int keep, struct answer *ret)
{
    struct applying p = {.a = a,
                         .lines = &a->lines,
                         .check = o->kind == ORDER_CHECK,
                         .made = o->kind == ORDER_KEPT,
                         .same = true,
                         .some = o->wanted,
                         .chain = o->chain};
    struct feed feed;
    enum gw_result result;

    arena_init(&p.arena, 1 << 20, 0);
    feed_open(&feed, from);
    feed.idle = applying_idle;
    feed.context = &p;
    kept_open(&p.kept, p.check ? keep : -1);
    result = begin(&p, o);
    while (result == GW_OK) {
        struct gw_str line;

        result = p.made ? kept_next(&feed, p.lines, &line) : feed_line(&feed, &line);
        if (result == GW_OK)
            result = line.ptr ? applying_line(&p, line) : applying_record(&p);
    }
    if (result == GW_END)
        result = applying_finish(&p, ret);
    if (result != GW_OK)
        store_rollback(a->store);
    answer_fill(&p, ret);
    ret->kept = kept_close(&p.kept);
    wanted_close(&p.wanted);
    feed_close(&feed);
    lines_clear(p.lines);
    arena_done(&p.arena);
    return result;
}
