/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/diff_compare.h"

#include <string.h>

#include "base/str.h"
#include "store/digest.h"

/* ---- what was said in this run ---- */

static struct said_key *slot_of(const struct said_keys *s, const uint8_t key[STORE_KEY])
{
    size_t i;

    memcpy(&i, key, sizeof(i)); /* it is a hash already */
    for (i &= s->room - 1; s->slots[i].used && memcmp(s->slots[i].key, key, STORE_KEY) != 0;)
        i = (i + 1) & (s->room - 1);
    return &s->slots[i];
}

static bool grow(struct said_keys *s, struct arena *a)
{
    struct said_keys more = {.room = s->room ? 2 * s->room : 4096, .count = s->count};

    more.slots = arena_array(a, more.room, sizeof(*more.slots));
    if (!more.slots)
        return false;
    for (size_t i = 0; i < s->room; i++)
        if (s->slots[i].used)
            *slot_of(&more, s->slots[i].key) = s->slots[i];
    *s = more;
    return true;
}

/* NULL: no memory. `used` false: nothing was said of it yet, the caller fills the digest. */
static struct said_key *said_take(struct said_keys *s, struct arena *a, const uint8_t key[STORE_KEY])
{
    struct said_key *k;

    if (2 * s->count >= s->room && !grow(s, a))
        return NULL;
    k = slot_of(s, key);
    if (!k->used)
        memcpy(k->key, key, STORE_KEY);
    return k;
}

static void said_put(struct said_keys *s, struct said_key *k, const uint8_t digest[32])
{
    s->count += !k->used;
    k->used = true;
    memcpy(k->digest, digest, 32);
}

/* ---- a record ---- */

static enum gw_result against_store(struct comparing *c, const struct pivot_line *l, const uint8_t digest[32])
{
    struct resource_row stored;
    int64_t id;
    enum gw_result result = resource_find(c->o->store, l->key, &id);

    if (result == GW_END) {
        c->created++;
        return GW_OK;
    }
    if (result == GW_OK)
        result = resource_get(c->o->store, id, true, &c->record, &stored);
    if (result != GW_OK)
        return result;
    if (memcmp(stored.digest, digest, 32) == 0 && !stored.closed_at) {
        c->unchanged++;
        return GW_OK;
    }
    c->updated++;
    if (c->shown++ < c->most)
        fields_print(c, l, &stored);
    return GW_OK;
}

static enum gw_result resource_compare(struct comparing *c, const struct pivot_line *l,
                                       const uint8_t digest[32])
{
    struct said_key *k = said_take(&c->resources, &c->keys, l->key);
    enum gw_result result = GW_OK;

    if (!k)
        return GW_FATAL;
    if (!k->used)
        result = against_store(c, l, digest);
    else if (memcmp(k->digest, digest, 32) == 0)
        c->unchanged++;
    else
        c->updated++;
    said_put(&c->resources, k, digest);
    return result;
}

/* As the applier makes it: over keys and digests of its resources. */
static void unit_digest(struct comparing *c, uint8_t (*digests)[32], uint8_t ret[32])
{
    size_t n = 0;

    store_digest_start(c->whole);
    for (const struct pivot_line *l = c->lines.at.first; l; l = l->next, n++) {
        resource_digest(c->o->store, l->payload, l->nir, digests[n]);
        store_digest_add(c->whole, (struct gw_str){(const char *)l->key, STORE_KEY});
        store_digest_add(c->whole, (struct gw_str){(const char *)digests[n], 32});
    }
    store_digest_end(c->whole, ret);
}

/* GW_END: nothing of it is to be looked at. */
static enum gw_result unit_compare(struct comparing *c, const uint8_t digest[32])
{
    const uint8_t *key = c->lines.at.first->key;
    struct said_key *k = said_take(&c->units, &c->keys, key);
    struct unit known = {.exchange = 0};
    enum gw_result result = k ? GW_OK : GW_FATAL;
    bool same = false;

    if (result != GW_OK)
        return result;
    if (k->used) {
        same = memcmp(k->digest, digest, 32) == 0;
    } else {
        result = unit_find(c->o->store, key, &c->record, &known);
        same = result == GW_OK && memcmp(known.digest, digest, 32) == 0;
    }
    if (result != GW_OK && result != GW_END)
        return result;
    if (same)
        c->unchanged += c->lines.at.count;
    else if (known.exchange > c->exchange)
        c->later++;
    if (same || known.exchange > c->exchange)
        return GW_END;
    said_put(&c->units, k, digest);
    return GW_OK;
}

static enum gw_result record_compare(struct comparing *c)
{
    uint8_t(*digests)[32] = arena_alloc(&c->record, c->lines.at.count * 32), whole[32];
    enum gw_result result = digests ? lines_settle(&c->lines) : GW_FATAL;
    size_t n = 0;

    if (result != GW_OK)
        return result;
    unit_digest(c, digests, whole);
    result = unit_compare(c, whole);
    for (const struct pivot_line *l = c->lines.at.first; result == GW_OK && l; l = l->next, n++)
        result = resource_compare(c, l, digests[n]);
    return result == GW_END ? GW_OK : result;
}

enum gw_result compare_end(struct comparing *c)
{
    enum gw_result result = c->lines.at.count && c->lines.at.record ? record_compare(c) : GW_OK;

    lines_clear(&c->lines);
    arena_reset(&c->record);
    return result;
}

enum gw_result compare_line(struct comparing *c, struct gw_str line)
{
    enum gw_result result = lines_add(&c->lines, line);

    if (result != GW_END)
        return result;
    result = compare_end(c);
    return result == GW_OK ? lines_add(&c->lines, line) : result;
}

enum gw_result compare_open(struct comparing *c, struct operating *o, const struct model *model,
                            struct gw_str partner)
{
    *c = (struct comparing){.o = o, .model = model, .most = c->most, .whole = store_digest_begin()};
    arena_init(&c->keys, 65536, 0);
    arena_init(&c->record, 65536, 0);
    return c->whole ? lines_open(&c->lines, model, o->store, partner) : GW_FATAL;
}

void compare_close(struct comparing *c)
{
    if (!c->whole)
        return;
    lines_close(&c->lines);
    store_digest_free(c->whole);
    arena_done(&c->record);
    arena_done(&c->keys);
}
