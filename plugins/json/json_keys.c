/* SPDX-License-Identifier: EUPL-1.2 */
/* What is remembered of keys. */
#include "json_keys.h"

enum gw_result keys_init(struct keys *k, struct gw_session *s)
{
    *k = (struct keys){.s = s};
    k->of = gw_keep(s, JSON_NAMES * sizeof(*k->of));
    k->slots = gw_keep(s, JSON_NAMES * sizeof(*k->slots)); // NOLINT(bugprone-sizeof-expression): pointers
    if (!k->of || !k->slots)
        return GW_FATAL;
    for (size_t i = 0; i < JSON_NAMES; i++) {
        k->of[i] = (struct key){.next = k->of, .other = k->of, .ends = UINT32_MAX, .symbol = (uint16_t)i};
        k->slots[i] = k->of;
    }
    return GW_OK;
}

static struct key *key_of(struct keys *k, uint16_t symbol)
{
    if (symbol < JSON_NAMES)
        return &k->of[symbol];
    k->beyond = (struct key){.next = k->of, .other = k->of, .ends = UINT32_MAX, .symbol = symbol};
    return &k->beyond;
}

static struct key **slot_of(struct keys *k, const char *text, size_t len)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return &k->slots[(hash ^ hash >> 16) % JSON_NAMES];
}

static void follows(struct key *last, struct key *key)
{
    if (last->next == key || last->other == key)
        return;
    last->other = last->next;
    last->next = key;
}

static struct key *learn(struct keys *k, const char *text, size_t len)
{
    uint16_t symbol = gw_name(k->s, text, len);
    struct key *key = symbol ? key_of(k, symbol) : NULL;

    if (!key || key == &k->beyond)
        return key;
    if (!key->rank)
        key->rank = ++k->ranks;
    if (len <= JSON_KEY) {
        memcpy(key->text, text, len);
        key->text[len] = '"';
        key->ends = (2u << len % 16) - 1;
        key->len = (uint8_t)len;
        *slot_of(k, text, len) = key;
    }
    return key;
}

struct key *keys_known(struct keys *k, struct key *last, const char *text, size_t len)
{
    struct key *key = last->other;

    if (len == 0 || len > JSON_KEY)
        return NULL;
    if (keys_same(key, text, len))
        return key;
    key = *slot_of(k, text, len);
    if (!keys_same(key, text, len))
        return NULL;
    follows(last, key);
    return key;
}

struct key *keys_find(struct keys *k, struct key *last, const char *text, size_t len)
{
    struct key *key = keys_known(k, last, text, len);

    if (key)
        return key;
    key = learn(k, text, len);
    if (key && key != &k->beyond)
        follows(last, key);
    return key;
}

/* A symbol that is not remembered; there is none with the host's own table. */
static bool met_before(const struct gw_node *map, const struct gw_node *n)
{
    const struct gw_node *other = map->first;

    while (other != n && other->name != n->name)
        other = other->next;
    return other != n;
}

static uint32_t next_object(struct keys *k)
{
    if (++k->objects == 0) {
        for (size_t i = 0; i < JSON_NAMES; i++)
            k->of[i].object = 0;
        k->objects = 1;
    }
    return k->objects;
}

/* Marked by the number of the object, so that nothing is cleared. */
const struct gw_node *keys_twice(struct keys *k, const struct gw_node *map)
{
    uint32_t object = next_object(k);
    const struct gw_node *n;

    for (n = map->first; n; n = n->next) {
        if (n->name >= JSON_NAMES ? met_before(map, n) : k->of[n->name].object == object)
            break;
        if (n->name < JSON_NAMES)
            k->of[n->name].object = object;
    }
    return n;
}
