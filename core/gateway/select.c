/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What a destination is owed: units that changed since it was looked at last, of the flows it gets, cut down to
 * the fields it may see, unless what it would see is what it was given last. And after the writer: the file and
 * a delivery for each record in it, in one transaction.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/str.h"
#include "gateway/applier.h"
#include "gateway/feed.h"
#include "gateway/plans.h"
#include "store/digest.h"
#include "store/outbox.h"
#include "store/resources.h"

#define SELECT_MOST  100000 /* units of a file at the most: they are remembered until it is written */
#define SELECT_BLOCK 262144u
#define SELECT_UNITS 200 /* whose rows are asked for at once */

struct selected {
    int64_t unit, resource;
    uint32_t version;
    uint64_t seq;
    uint8_t digest[32];
};

struct selecting {
    struct applier *a;
    const struct flow *flow;
    struct pivot_lines lines;
    struct buf out, unit;
    struct arena arena;
    struct unit units[SELECT_UNITS]; /* that wait; what they point to lives as long as the job */
    size_t nunits;
    uint64_t most, looked, left_alone;
    enum gw_result result;
    bool more;
    int to;
};

static enum gw_result send_lines(struct selecting *p)
{
    const char *at = p->out.data;
    size_t left = p->out.len;

    if (p->out.failed)
        return GW_FATAL;
    while (left > 0) {
        ssize_t n = write(p->to, at, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EPIPE ? GW_END : GW_RETRY; /* the writer has enough */
        at += n;
        left -= (size_t)n;
    }
    buf_clear(&p->out);
    return GW_OK;
}

static bool allows_nir(const struct selecting *p, const struct resource_row *r)
{
    const struct plan *plan = plan_of(p->lines.plans, r->type);

    for (size_t i = 0; plan && plan->nir.nparts && i < p->flow->nfields; i++) {
        struct gw_str field, type = str_cut(p->flow->fields[i], '.', &field);

        if (str_eq(type, r->type) && str_eq(field, plan->nir.name))
            return true;
    }
    return false;
}

/* The unit's lines as this destination may see them; *ret its root. */
static enum gw_result unit_lines(struct selecting *p, const struct unit *u, uint64_t record,
                                 struct resource_row *ret)
{
    struct lines_filter filter = {p->flow->fields, p->flow->nfields};
    enum gw_result result = GW_OK;

    buf_clear(&p->unit);
    for (size_t i = 0; result == GW_OK && i < u->nmembers; i++) {
        struct resource_row row;

        result = resource_get(p->a->store, u->members[i], true, &p->arena, &row);
        if (result != GW_OK)
            break;
        if (i == 0)
            *ret = row;
        if (!allows_nir(p, &row))
            row.nir = (struct gw_str){NULL, 0};
        line_rebuild(&p->lines, row.payload, row.key, row.nir, record, &filter, &p->unit);
    }
    return p->unit.failed ? GW_FATAL : result;
}

/* Record numbers differ from file to file: they are not part of what is said. */
static bool said_already(struct selecting *p, const struct unit *u, uint8_t digest[32])
{
    struct delivery last;

    store_digest_start(p->a->one);
    store_digest_add(p->a->one, buf_view(&p->unit));
    store_digest_end(p->a->one, digest);
    return delivery_last(p->a->store, p->flow->name, u->id, &p->arena, &last) == GW_OK &&
           last.state != DELIVERY_REFUSED && memcmp(last.digest, digest, 32) == 0;
}

static enum gw_result remember(struct applier *a, const struct selected *one)
{
    if (a->nselected == a->selected_room) {
        size_t room = a->selected_room ? 2 * a->selected_room : 1024;
        struct selected *more = arena_array(&a->arena, room, sizeof(*more));

        if (!more)
            return GW_FATAL;
        if (a->nselected)
            memcpy(more, a->selected, a->nselected * sizeof(*more));
        a->selected = more;
        a->selected_room = room;
    }
    a->selected[a->nselected++] = *one;
    return GW_OK;
}

static enum gw_result take(struct selecting *p, const struct unit *u)
{
    struct selected one = {.unit = u->id, .seq = u->seq};
    struct resource_row root;
    enum gw_result result;

    arena_reset(&p->arena);
    result = unit_lines(p, u, 0, &root);
    if (result != GW_OK || !p->unit.len || said_already(p, u, one.digest))
        return result;
    result = unit_lines(p, u, p->a->nselected + 1, &root);
    one.resource = root.id;
    one.version = root.version;
    if (result == GW_OK)
        result = remember(p->a, &one);
    buf_str(&p->out, buf_view(&p->unit));
    return result == GW_OK && p->out.len >= SELECT_BLOCK ? send_lines(p) : result;
}

static void one_of(struct selecting *p, const struct unit *u)
{
    p->more = p->a->nselected >= p->most;
    if (!p->more && flow_gives(p->flow, u->flow, u->partner))
        p->result = take(p, u);
    if (!p->more && p->result == GW_OK)
        p->looked = u->seq;
}

static enum gw_result fetch(struct selecting *p)
{
    size_t n = 0, members = 0;
    int64_t *ids, *units = arena_array(&p->arena, SELECT_UNITS, sizeof(*units));
    enum gw_result result;

    for (size_t i = 0; i < p->nunits; i++)
        members += p->units[i].nmembers;
    ids = arena_array(&p->arena, members + 1, sizeof(*ids));
    if (!ids || !units)
        return GW_FATAL;
    members = 0;
    for (size_t i = 0; i < p->nunits; i++) {
        const struct unit *u = &p->units[i];

        if (!flow_gives(p->flow, u->flow, u->partner))
            continue;
        units[n++] = u->id;
        memcpy(ids + members, u->members, u->nmembers * sizeof(*ids));
        members += u->nmembers;
    }
    result = resources_fetch(p->a->store, ids, members);
    return result == GW_OK ? deliveries_fetch(p->a->store, p->flow->name, units, n) : result;
}

static void take_all(struct selecting *p)
{
    arena_reset(&p->arena);
    p->result = fetch(p);
    for (size_t i = 0; i < p->nunits && p->result == GW_OK && !p->more; i++)
        one_of(p, &p->units[i]);
    looks_end(p->a->store);
    p->nunits = 0;
}

static bool each(void *to, const struct unit *u)
{
    struct selecting *p = to;

    p->units[p->nunits++] = *u;
    if (p->nunits == SELECT_UNITS)
        take_all(p);
    return p->result == GW_OK && !p->more;
}

static uint64_t most_of(const struct flow *f)
{
    return f->records_max && f->records_max < SELECT_MOST ? f->records_max : SELECT_MOST;
}

enum gw_result applier_select(struct applier *a, const struct order *o, int to, struct answer *ret)
{
    struct selecting p = {.a = a, .flow = conf_flow(a->conf, str_of(o->flow)), .to = to};
    enum gw_result result;

    if (!p.flow)
        return GW_FAIL;
    arena_init(&p.arena, 65536, (size_t)256 << 20);
    buf_init(&p.out, (size_t)512 << 20);
    buf_init(&p.unit, (size_t)256 << 20);
    a->nselected = 0;
    p.most = most_of(p.flow);
    result = cursor_get(a->store, p.flow->name, &p.looked);
    a->served = p.looked;
    if (result == GW_OK)
        result = lines_open(&p.lines, a->model, a->store, p.flow->partner->name);
    if (result == GW_OK)
        result = unit_each(a->store, p.looked, &a->job, each, &p);
    if (result == GW_OK && p.result == GW_OK && !p.more)
        take_all(&p);
    if (result == GW_OK)
        result = p.result == GW_END ? GW_OK : p.result;
    if (result == GW_OK && p.result == GW_OK)
        result = send_lines(&p);
    a->looked = p.looked;
    ret->records = a->nselected;
    ret->last = p.looked;
    ret->more = p.more || p.result == GW_END;
    lines_close(&p.lines);
    buf_done(&p.out);
    buf_done(&p.unit);
    arena_done(&p.arena);
    return result == GW_END ? GW_OK : result;
}

/* ---- after the writer ---- */

struct sending {
    struct applier *a;
    const struct flow *flow;
    struct exchange e;
    uint64_t position, seen;
};

static enum gw_result result_put(struct sending *p, uint64_t record, uint64_t written, bool rejected)
{
    const struct selected *s = record && record <= p->a->nselected ? &p->a->selected[record - 1] : NULL;
    struct delivery d = {.flow = p->flow->name, .exchange = p->e.id, .at = store_now()};
    int64_t id;

    if (!s)
        return GW_FAIL;
    p->seen = record;
    p->e.counts.read++;
    p->e.counts.rejected += rejected;
    p->e.counts.filtered += !rejected && !written;
    p->e.counts.accepted += !rejected && written;
    d.unit = s->unit;
    d.resource = s->resource;
    d.version = s->version;
    memcpy(d.digest, s->digest, 32);
    d.position = written ? p->position + 1 : 0;
    d.state = rejected ? DELIVERY_REFUSED : DELIVERY_WRITTEN;
    p->position += written;
    return rejected || written ? delivery_put(p->a->store, &d, &id) : GW_OK;
}

static enum gw_result result_line(struct sending *p, struct gw_str line)
{
    yyjson_doc *doc = yyjson_read(line.ptr, line.len, 0);
    yyjson_val *root = yyjson_doc_get_root(doc), *reject = yyjson_obj_get(root, "reject");
    uint64_t record = yyjson_get_uint(reject ? reject : yyjson_obj_get(root, "record"));
    enum gw_result result =
        root ? result_put(p, record, yyjson_get_uint(yyjson_obj_get(root, "written")), reject != NULL)
             : GW_FAIL;

    yyjson_doc_free(doc);
    return result;
}

static enum gw_result results_read(struct sending *p, int results)
{
    struct feed feed;
    enum gw_result result = GW_OK;

    feed_open(&feed, results);
    while (result == GW_OK) {
        struct gw_str line;

        result = feed_line(&feed, &line);
        if (result == GW_OK)
            result = result_line(p, line);
    }
    feed_close(&feed);
    return result == GW_END ? GW_OK : result;
}

static struct exchange exchange_of(const struct flow *f, const struct order *o)
{
    struct exchange e = {.out = true,
                         .flow = f->name,
                         .partner = f->partner->name,
                         .name = str_of(o->name),
                         .spool = str_of(o->spool),
                         .format = f->format,
                         .size = o->size,
                         .received_at = store_now()};

    memcpy(e.digest, o->digest, 32);
    return e;
}

/* Up to where the flow was served: all that was looked at, or the last record that found room. */
static uint64_t served(const struct sending *p)
{
    return p->seen < p->a->nselected ? p->a->selected[p->seen - 1].seq : p->a->looked;
}

static enum gw_result store_file(struct sending *p, int results)
{
    enum gw_result result = exchange_receive(p->a->store, &p->e, DUPLICATES_NONE, &p->e.id);

    if (result == GW_OK)
        result = results_read(p, results);
    if (result == GW_OK && p->seen)
        result = cursor_set(p->a->store, p->flow->name, served(p));
    if (result == GW_OK)
        result = exchange_move(p->a->store, &p->e, EXCHANGE_QUEUED);
    return result;
}

/* Another daemon may have served the flow since it was looked at: then this is told already. */
static enum gw_result still_owed(struct applier *a, const struct flow *f)
{
    uint64_t served = 0;
    enum gw_result result = cursor_get(a->store, f->name, &served);

    return result == GW_OK && served != a->served ? GW_RETRY : result;
}

/* Nothing of what was selected has a place in this format: looked at, and no file. */
enum gw_result applier_sent(struct applier *a, const struct order *o, int results, struct answer *ret)
{
    const struct flow *flow = conf_flow(a->conf, str_of(o->flow));
    struct sending p = {.a = a, .flow = flow};
    enum gw_result result = flow ? store_begin(a->store) : GW_FAIL;

    if (result != GW_OK)
        return result;
    p.e = exchange_of(flow, o);
    result = still_owed(a, flow);
    if (result == GW_OK)
        result = o->size ? store_file(&p, results) : cursor_set(a->store, flow->name, a->looked);
    if (result == GW_OK)
        result = store_commit(a->store);
    else
        store_rollback(a->store);
    ret->records = p.e.counts.read;
    ret->written = p.e.counts.accepted;
    ret->filtered = p.e.counts.filtered;
    ret->rejected = p.e.counts.rejected;
    ret->last = (uint64_t)p.e.id;
    return result;
}
