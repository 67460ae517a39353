/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The chain of what happened. Where it ends stands in `meta` with a keyed hash: cutting entries off, or making
 * the whole chain anew, is seen as well as changing one.
 */
#include <stdio.h>

#include "store/audit.h"
#include "store/row.h"

struct chain_end {
    int64_t id;
    uint8_t digest[32];
};

static struct gw_str bytes_of(const uint8_t *bytes, size_t len)
{
    return (struct gw_str){(const char *)bytes, len};
}

void audit_actor(struct store *s, struct gw_str actor)
{
    snprintf(s->actor, sizeof(s->actor), "%.*s", STR_ARG(actor));
}

/* Each text with its length before it, so that no two entries have the same bytes. */
static void add_text(struct buf *b, struct gw_str text)
{
    uint64_t len = htole64(text.len);

    buf_add(b, &len, sizeof(len));
    buf_str(b, text);
}

static void add_number(struct buf *b, int64_t number)
{
    uint64_t bytes = htole64((uint64_t)number);

    buf_add(b, &bytes, sizeof(bytes));
}

static enum gw_result digest_of(struct store *s, const struct audit_entry *e, uint8_t ret[32])
{
    struct buf b;
    bool failed;

    buf_init(&b, 1 << 20);
    buf_add(&b, e->before, sizeof(e->before));
    add_number(&b, e->id);
    add_number(&b, e->at);
    add_text(&b, e->actor);
    add_text(&b, e->action);
    add_text(&b, e->subject);
    add_text(&b, e->detail);
    failed = b.failed;
    if (!failed)
        store_digest(buf_view(&b), ret);
    buf_done(&b);
    return failed ? memory_fault(s) : GW_OK;
}

static void mac_of(const struct store *s, const struct chain_end *end, uint8_t ret[32])
{
    uint64_t id = htole64((uint64_t)end->id);
    struct gw_str parts[] = {bytes_of((const uint8_t *)&id, sizeof(id)), bytes_of(end->digest, 32)};

    seal_hash(&s->seal, HASH_AUDIT, parts, 2, ret);
}

/* *ret_true: it is what we wrote. */
static enum gw_result end_read(struct store *s, struct chain_end *ret, bool *ret_true)
{
    struct query q;
    uint8_t mac[32];
    enum gw_result r = query_open(s, "SELECT audit_id, audit_digest, audit_mac FROM meta", &q);

    if (r != GW_OK)
        return r;
    r = query_step(&q);
    if (r == GW_OK) {
        struct gw_str digest = query_column(&q, 1);

        *ret = (struct chain_end){.id = query_column_number(&q, 0)};
        memcpy(ret->digest, digest.ptr, digest.len < 32 ? digest.len : 32);
        mac_of(s, ret, mac);
        *ret_true = ret->id == 0 || str_eq(query_column(&q, 2), bytes_of(mac, 32));
    }
    query_close(&q);
    return r == GW_END ? row_fault(s, "meta", 1) : r;
}

static enum gw_result end_write(struct store *s, const struct chain_end *end)
{
    uint8_t mac[32];
    struct query q;
    enum gw_result r = query_open(s, "UPDATE meta SET audit_id=?1, audit_digest=?2, audit_mac=?3", &q);

    if (r != GW_OK)
        return r;
    mac_of(s, end, mac);
    query_number(&q, 1, end->id);
    query_bytes(&q, 2, bytes_of(end->digest, 32));
    query_bytes(&q, 3, bytes_of(mac, 32));
    return query_run(&q);
}

static enum gw_result insert(struct store *s, const struct audit_entry *e)
{
    struct query q;
    enum gw_result r = query_open(s, "INSERT INTO audit VALUES(?1,?2,?3,?4,?5,?6,?7,?8)", &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, e->id);
    query_number(&q, 2, e->at);
    query_text(&q, 3, e->actor);
    query_text(&q, 4, e->action);
    query_text(&q, 5, e->subject);
    query_text(&q, 6, e->detail);
    query_bytes(&q, 7, bytes_of(e->before, 32));
    query_bytes(&q, 8, bytes_of(e->digest, 32));
    return query_run(&q);
}

/* An end that was changed by hand breaks the chain here, which audit_verify finds; it stops nothing. */
static enum gw_result add(struct store *s, struct audit_entry *e)
{
    struct chain_end end;
    bool is_true;
    enum gw_result r = end_read(s, &end, &is_true);

    if (r != GW_OK)
        return r;
    e->id = end.id + 1;
    e->at = store_now();
    memcpy(e->before, end.digest, 32);
    r = digest_of(s, e, e->digest);
    if (r == GW_OK)
        r = insert(s, e);
    end.id = e->id;
    memcpy(end.digest, e->digest, 32);
    return r == GW_OK ? end_write(s, &end) : r;
}

static struct gw_str said(struct gw_str text)
{
    return text.ptr ? text : GW_STR("");
}

enum gw_result audit_add(struct store *s, struct gw_str actor, struct gw_str action, struct gw_str subject,
                         struct gw_str detail)
{
    struct audit_entry e = {.actor = actor.ptr ? actor : str_of(s->actor),
                            .action = said(action),
                            .subject = said(subject),
                            .detail = said(detail)};
    bool own;
    enum gw_result r = change_begin(s, &own);

    return r == GW_OK ? change_end(s, own, add(s, &e)) : r;
}

/* ---- looking ---- */

static void copy_digest(uint8_t ret[32], struct gw_str bytes)
{
    memcpy(ret, bytes.ptr, bytes.len < 32 ? bytes.len : 32);
}

/* Its texts live until the next step. */
static enum gw_result next_entry(struct query *q, struct audit_entry *ret)
{
    enum gw_result r = query_step(q);

    if (r != GW_OK)
        return r;
    *ret = (struct audit_entry){.id = query_column_number(q, 0), .at = query_column_number(q, 1)};
    ret->actor = query_column(q, 2);
    ret->action = query_column(q, 3);
    ret->subject = query_column(q, 4);
    ret->detail = query_column(q, 5);
    copy_digest(ret->before, query_column(q, 6));
    copy_digest(ret->digest, query_column(q, 7));
    return GW_OK;
}

static enum gw_result keep_entry(struct store *s, struct audit_entry *e, struct arena *a)
{
    struct gw_str *texts[] = {&e->actor, &e->action, &e->subject, &e->detail};

    for (size_t i = 0; i < 4; i++) {
        *texts[i] = arena_copy(a, *texts[i]);
        if (!texts[i]->ptr)
            return memory_fault(s);
    }
    return GW_OK;
}

/* Each of the query, which it closes. */
static enum gw_result entries_each(struct query *q, struct arena *a,
                                   bool (*each)(void *to, const struct audit_entry *e), void *to)
{
    struct audit_entry e;
    enum gw_result r;

    do {
        r = next_entry(q, &e);
        if (r == GW_OK)
            r = keep_entry(q->s, &e, a);
    } while (r == GW_OK && each(to, &e));
    query_close(q);
    return each_result(r, false);
}

enum gw_result audit_each(struct store *s, struct gw_str subject, struct arena *a,
                          bool (*each)(void *to, const struct audit_entry *e), void *to)
{
    struct query q;
    enum gw_result r = query_open(s,
                                  subject.ptr ? "SELECT * FROM audit WHERE subject=?1 ORDER BY id"
                                              : "SELECT * FROM audit WHERE ?1 IS NULL ORDER BY id",
                                  &q);

    if (r != GW_OK)
        return r;
    query_text(&q, 1, subject);
    return entries_each(&q, a, each, to);
}

enum gw_result audit_behind(struct store *s, int64_t id, struct arena *a,
                            bool (*each)(void *to, const struct audit_entry *e), void *to)
{
    struct query q;
    enum gw_result r = query_open(s, "SELECT * FROM audit WHERE id>?1 ORDER BY id", &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, id);
    return entries_each(&q, a, each, to);
}

enum gw_result audit_last(struct store *s, int64_t *ret_id)
{
    struct query q;
    enum gw_result r = query_open(s, "SELECT coalesce(max(id),0) FROM audit", &q);

    return r == GW_OK ? query_one(&q, ret_id) : r;
}

/* ---- verify ---- */

static enum gw_result break_at(struct store *s, int64_t id, int64_t *ret_id)
{
    *ret_id = id;
    return row_fault(s, "audit", id);
}

static enum gw_result verify(struct store *s, struct query *q, struct chain_end *end, int64_t *ret_id)
{
    struct audit_entry e;
    uint8_t digest[32];
    enum gw_result r;

    while ((r = next_entry(q, &e)) == GW_OK) {
        r = digest_of(s, &e, digest);
        if (r != GW_OK)
            return r;
        if (e.id != end->id + 1 || memcmp(e.before, end->digest, 32) != 0 || memcmp(e.digest, digest, 32) != 0)
            return break_at(s, e.id, ret_id);
        *end = (struct chain_end){.id = e.id};
        memcpy(end->digest, digest, 32);
    }
    return r == GW_END ? GW_OK : r;
}

static enum gw_result verify_all(struct store *s, int64_t *ret_id)
{
    struct chain_end end = {0}, told = {0};
    bool is_true = false;
    struct query q;
    enum gw_result r = query_open(s, "SELECT * FROM audit ORDER BY id", &q);

    if (r != GW_OK)
        return r;
    r = verify(s, &q, &end, ret_id);
    if (r == GW_OK)
        r = end_read(s, &told, &is_true);
    query_close(&q);
    if (r == GW_OK && (!is_true || told.id != end.id || memcmp(told.digest, end.digest, 32) != 0))
        return break_at(s, end.id + 1, ret_id);
    return r;
}

enum gw_result audit_verify(struct store *s, int64_t *ret_id)
{
    bool own;
    enum gw_result r = view_begin(s, &own);

    return r == GW_OK ? view_end(s, own, verify_all(s, ret_id)) : r;
}
