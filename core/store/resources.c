/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Resources: one narrow row each, found by its key, and a row of `payload` for each version. resource_put is
 * the hot path: what is there already and the same costs one look into the index and writes nothing.
 */
#include "store/resources.h"
#include "store/known.h"
#include "store/outbox.h"

#define SELECT_RESOURCE "SELECT " RESOURCE_COLUMNS ",sum FROM resource "

void store_hash_parts(const struct store *s, const struct gw_str *parts, size_t n, uint8_t ret[STORE_KEY])
{
    uint8_t hash[32];

    seal_hash(&s->seal, HASH_SOURCE_KEY, parts, n, hash);
    memcpy(ret, hash, STORE_KEY);
}

void store_hash(const struct store *s, struct gw_str text, uint8_t ret[STORE_KEY])
{
    store_hash_parts(s, &text, 1, ret);
}

void resource_digest(const struct store *s, struct gw_str payload, struct gw_str nir, uint8_t ret[32])
{
    struct gw_str parts[] = {payload, {"\0", nir.ptr ? 1 : 0}, nir};

    seal_hash(&s->seal, HASH_CONTENT, parts, 3, ret);
}

/* ---- ids ---- */

#define IDS GW_STR("resource:ids") /* the cursor with the last id that was kept for somebody */

/* Where some are kept, the next one is behind all of these. */
static enum gw_result ids_last(struct store *s, int64_t *ret)
{
    enum gw_result r = GW_OK;
    uint64_t kept = 0;
    int64_t id;

    if (!s->last_ids[TABLE_RESOURCE]) {
        r = row_new_id(s, TABLE_RESOURCE, &id);
        if (r == GW_OK && s->driver->gather)
            r = cursor_get(s, IDS, &kept);
        if (r == GW_OK)
            s->last_ids[TABLE_RESOURCE] = (int64_t)kept >= id ? (int64_t)kept : id - 1;
    }
    *ret = s->last_ids[TABLE_RESOURCE];
    return r;
}

static enum gw_result new_id(struct store *s, int64_t *ret)
{
    enum gw_result r = GW_OK;

    if (s->ids.next < s->ids.end) {
        *ret = s->ids.next++;
        return GW_OK;
    }
    r = ids_last(s, ret);
    if (r == GW_OK)
        *ret = ++s->last_ids[TABLE_RESOURCE];
    return r;
}

enum gw_result resource_ids_keep(struct store *s, size_t n)
{
    int64_t last;
    enum gw_result r;

    if (!s->driver->gather || s->ids.end - s->ids.next >= (int64_t)n)
        return GW_OK;
    r = ids_last(s, &last);
    if (r != GW_OK)
        return r;
    s->last_ids[TABLE_RESOURCE] = last + (int64_t)n;
    s->ids_next = (struct id_block){last + 1, last + 1 + (int64_t)n};
    return cursor_set(s, IDS, (uint64_t)last + n);
}

/* ---- put ---- */

typedef enum gw_result name_number(struct store *s, struct gw_str text, int64_t *ret);

static void number_hash(const struct store *s, struct gw_str nir, uint8_t ret[32])
{
    seal_hash(&s->seal, HASH_PERSON_NUMBER, &nir, 1, ret);
}

static bool is_same(const struct row *row, const struct resource_row *r)
{
    return memcmp(row->cells[RESOURCE_DIGEST].bytes.ptr, r->digest, sizeof(r->digest)) == 0;
}

/* The row of the key without its bytes: they are the caller's already, or are replaced. */
static enum gw_result present(struct store *s, const struct resource_row *r, struct row *ret, bool *ret_same)
{
    struct query q;
    enum gw_result res;

    if (known_by_key(s, TABLE_RESOURCE, r->key, ret, &res)) {
        *ret_same = res == GW_OK && is_same(ret, r);
        return res;
    }
    res = query_open(s, SELECT_RESOURCE "WHERE key=?1", &q);
    if (res != GW_OK)
        return res;
    query_bytes(&q, 1, (struct gw_str){(const char *)r->key, STORE_KEY});
    res = query_step(&q);
    if (res == GW_OK)
        res = row_take(&q, TABLE_RESOURCE, ret);
    if (res == GW_OK)
        *ret_same = is_same(ret, r);
    query_close(&q);
    return res;
}

/* From the digest on: what a version brings. */
static enum gw_result add_content(struct store *s, const struct resource_row *r, struct row *row,
                                  uint8_t hash[32])
{
    row_add_digest(row, r->digest, sizeof(r->digest));
    row_add_number(row, 0);
    if (r->nir.ptr) {
        number_hash(s, r->nir, hash);
        row_add_digest(row, hash, STORE_KEY);
    } else {
        row_add_bytes(row, (struct gw_str){NULL, 0});
    }
    return row_seal(s, &s->seal, row, RESOURCE_NUMBER, r->nir, &s->scratch);
}

/* `name`: name_id, or name_find: GW_END then if it is a new one. */
static enum gw_result add_names(struct store *s, const struct resource_row *r, name_number *name,
                                struct row *row)
{
    const struct gw_str *names[] = {&r->partner, &r->flow, &r->type, &r->purpose};
    enum gw_result res = GW_OK;
    int64_t id;

    for (size_t i = 0; res == GW_OK && i < 4; i++) {
        res = name(s, *names[i], &id);
        row_add_number(row, id);
    }
    return res;
}

static enum gw_result insert_payload(struct store *s, const struct resource_row *r, int64_t id, int64_t version)
{
    struct row row;
    enum gw_result res;

    row_start(&row, TABLE_PAYLOAD);
    row_add_number(&row, payload_id(id, version));
    row_add_digest(&row, r->digest, sizeof(r->digest));
    row_add_number(&row, r->exchange);
    row_add_number(&row, (int64_t)r->record);
    row_add_number(&row, (int64_t)r->line);
    row_add_number(&row, r->said_at);
    row_add_number(&row, r->received_at);
    res = row_seal(s, &s->seal, &row, PAYLOAD_SEALED, r->payload, &s->scratch);
    if (res == GW_OK)
        res = row_insert(s, &row);
    if (res == GW_OK)
        s->tally.versions++;
    return res;
}

static enum gw_result create(struct store *s, const struct resource_row *r, name_number *name, int64_t *ret_id)
{
    uint8_t hash[32];
    struct row row;
    int64_t id;
    enum gw_result res = new_id(s, &id);

    if (res != GW_OK)
        return res;
    row_start(&row, TABLE_RESOURCE);
    row_add_number(&row, id);
    row_add_digest(&row, r->key, STORE_KEY);
    res = add_names(s, r, name, &row);
    row_add_number(&row, r->entity);
    row_add_number(&row, 1);
    if (res == GW_OK)
        res = add_content(s, r, &row, hash);
    if (res == GW_OK)
        res = row_insert(s, &row);
    if (res == GW_OK)
        res = insert_payload(s, r, id, 1);
    if (res != GW_OK)
        return res;
    s->tally.resources++;
    *ret_id = id;
    return known_absent(s, TABLE_BEARER, id);
}

static enum gw_result update(struct store *s, const struct resource_row *r, struct row *row)
{
    int64_t version = ++row->cells[RESOURCE_VERSION].number;
    uint8_t hash[32];
    enum gw_result res;

    row->cells[RESOURCE_KEY].bytes.ptr = (const char *)r->key;
    row->at = RESOURCE_DIGEST;
    res = add_content(s, r, row, hash);
    if (res == GW_OK)
        res = row_update(s, row);
    return res == GW_OK ? insert_payload(s, r, row_id(row), version) : res;
}

static enum gw_result put(struct store *s, const struct resource_row *r, int64_t *ret_id, enum put_outcome *ret)
{
    struct row row;
    bool same = false;
    enum gw_result res = present(s, r, &row, &same);

    if (res == GW_END) {
        *ret = PUT_CREATED;
        return create(s, r, name_id, ret_id);
    }
    if (res != GW_OK)
        return res;
    *ret_id = row_id(&row);
    *ret = same && !row.cells[RESOURCE_CLOSED].number ? PUT_UNCHANGED : PUT_UPDATED;
    if (*ret == PUT_UPDATED)
        return update(s, r, &row);
    if (known_was_ahead(s, r->key))
        *ret = PUT_CREATED;
    return GW_OK;
}

static enum gw_result put_ahead(struct store *s, const struct resource_row *r)
{
    enum gw_result res;
    struct row row;
    int64_t id;

    if (s->ids.next == s->ids.end || !known_by_key(s, TABLE_RESOURCE, r->key, &row, &res) || res != GW_END)
        return GW_OK;
    res = create(s, r, name_find, &id);
    if (res == GW_OK)
        known_ahead(s, r->key);
    return res == GW_END ? GW_OK : res;
}

enum gw_result resource_ahead(struct store *s, const struct resource_row *r)
{
    size_t mark = arena_mark(&s->scratch);
    enum gw_result res = put_ahead(s, r);

    arena_release(&s->scratch, mark);
    return res;
}

enum gw_result resource_put(struct store *s, const struct resource_row *r, int64_t *ret_id,
                            enum put_outcome *ret)
{
    size_t mark = arena_mark(&s->scratch);
    bool own;
    enum gw_result res = change_begin(s, &own);

    if (res != GW_OK)
        return res;
    res = change_end(s, own, put(s, r, ret_id, ret));
    arena_release(&s->scratch, mark);
    return res;
}

static enum gw_result close_row(struct store *s, int64_t id, int64_t at)
{
    struct row row;
    enum gw_result r = row_find(s, TABLE_RESOURCE, id, &s->scratch, &row);

    if (r != GW_OK || row.cells[RESOURCE_CLOSED].number)
        return r;
    row.cells[RESOURCE_CLOSED].number = at;
    return row_update(s, &row);
}

enum gw_result resource_close(struct store *s, int64_t id, int64_t at)
{
    size_t mark = arena_mark(&s->scratch);
    bool own;
    enum gw_result r = change_begin(s, &own);

    if (r != GW_OK)
        return r;
    r = change_end(s, own, close_row(s, id, at));
    arena_release(&s->scratch, mark);
    return r;
}

/* ---- get ---- */

static enum gw_result resource_of(struct store *s, struct row *row, struct arena *a, struct resource_row *ret)
{
    struct gw_str *names[] = {&ret->partner, &ret->flow, &ret->type, &ret->purpose};
    enum gw_result r = GW_OK;

    *ret = (struct resource_row){.id = row_number(row)};
    row_digest(row, ret->key, STORE_KEY);
    for (size_t i = 0; r == GW_OK && i < 4; i++)
        r = name_text(s, row_number(row), a, names[i]);
    if (r != GW_OK)
        return r;
    ret->entity = row_number(row);
    ret->version = (uint32_t)row_number(row);
    row_digest(row, ret->digest, sizeof(ret->digest));
    ret->closed_at = row_number(row);
    return GW_OK;
}

/* The rest of it: of one version. */
static enum gw_result add_version(struct store *s, struct row *row, struct arena *a, struct resource_row *ret)
{
    int64_t id = row_number(row);

    ret->id = id >> VERSION_BITS;
    ret->version = (uint32_t)(id & ((1 << VERSION_BITS) - 1));
    row_digest(row, ret->digest, sizeof(ret->digest));
    ret->exchange = row_number(row);
    ret->record = (uint64_t)row_number(row);
    ret->line = (uint64_t)row_number(row);
    ret->said_at = row_number(row);
    ret->received_at = row_number(row);
    return row_open(s, row, PAYLOAD_SEALED, a, &ret->payload);
}

enum gw_result resource_get(struct store *s, int64_t id, bool with_nir, struct arena *a,
                            struct resource_row *ret)
{
    struct row row, payload;
    enum gw_result r = row_find(s, TABLE_RESOURCE, id, a, &row);

    if (r == GW_OK)
        r = resource_of(s, &row, a, ret);
    if (r != GW_OK)
        return r;
    r = row_find(s, TABLE_PAYLOAD, payload_id(id, ret->version), a, &payload);
    if (r == GW_END)
        return row_fault(s, "resource", id);
    if (r == GW_OK)
        r = add_version(s, &payload, a, ret);
    return r == GW_OK && with_nir ? row_open(s, &row, RESOURCE_NUMBER, a, &ret->nir) : r;
}

enum gw_result resource_find(struct store *s, const uint8_t key[STORE_KEY], int64_t *ret_id)
{
    struct query q;
    enum gw_result r = query_open(s, "SELECT id FROM resource WHERE key=?1", &q);

    if (r != GW_OK)
        return r;
    query_bytes(&q, 1, (struct gw_str){(const char *)key, STORE_KEY});
    return query_one(&q, ret_id);
}

enum gw_result resource_by_nir(struct store *s, struct gw_str nir, bool (*each)(void *to, int64_t id), void *to)
{
    uint8_t hash[32];
    struct query q;
    enum gw_result r = query_open(s, "SELECT id FROM resource WHERE number_hash=?1 ORDER BY id", &q);

    if (r != GW_OK)
        return r;
    number_hash(s, nir, hash);
    query_bytes(&q, 1, (struct gw_str){(const char *)hash, STORE_KEY});
    do {
        r = query_step(&q);
    } while (r == GW_OK && each(to, query_column_number(&q, 0)));
    query_close(&q);
    return each_result(r, false);
}

static enum gw_result next_version(struct query *q, struct arena *a, struct resource_row *ret)
{
    struct row row;
    enum gw_result r = query_step(q);

    if (r == GW_OK)
        r = row_take(q, TABLE_PAYLOAD, &row);
    return r == GW_OK ? add_version(q->s, &row, a, ret) : r;
}

enum gw_result resource_versions(struct store *s, int64_t id, struct arena *a,
                                 bool (*each)(void *to, const struct resource_row *r), void *to)
{
    struct resource_row version;
    struct query q;
    struct row row;
    bool bad = false;
    enum gw_result r = row_find(s, TABLE_RESOURCE, id, a, &row);

    if (r == GW_OK)
        r = resource_of(s, &row, a, &version);
    if (r == GW_OK)
        r = query_open(s, "SELECT " PAYLOAD_COLUMNS ",sum FROM payload WHERE id>=?1 AND id<?2 ORDER BY id", &q);
    if (r != GW_OK)
        return r;
    query_number(&q, 1, payload_id(id, 0));
    query_number(&q, 2, payload_id(id + 1, 0));
    do {
        r = next_version(&q, a, &version);
        bad = bad || r == GW_REJECT;
    } while (r == GW_REJECT || (r == GW_OK && each(to, &version)));
    query_close(&q);
    return each_result(r, bad);
}

enum gw_result resource_walk(struct store *s, struct arena *a,
                             bool (*each)(void *to, const struct resource_row *r), void *to)
{
    struct query q;
    bool bad = false;
    enum gw_result r = query_open(s, "SELECT " PAYLOAD_COLUMNS ",sum FROM payload ORDER BY id", &q);

    if (r != GW_OK)
        return r;
    do {
        struct resource_row version = {0};

        r = next_version(&q, a, &version);
        bad = bad || r == GW_REJECT;
        if (r == GW_OK && !each(to, &version))
            break;
    } while (r == GW_OK || r == GW_REJECT);
    query_close(&q);
    return each_result(r, bad);
}
