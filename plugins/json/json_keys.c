/* SPDX-License-Identifier: EUPL-1.2 */
/* What is remembered of keys. */
#include "json_keys.h"

enum gw_result keys_init(struct keys *k, struct gw_session *s)
{
    *k = (struct keys){.s = s, .of = gw_keep(s, JSON_NAMES * sizeof(*k->of))};
    if (!k->of)
        return GW_FATAL;
    for (size_t i = 0; i < JSON_NAMES; i++)
        k->of[i] = (struct key){.next = k->of, .other = k->of, .symbol = (uint16_t)i};
    return GW_OK;
}

static struct key *key_of(struct keys *k, uint16_t symbol)
{
    if (symbol < JSON_NAMES)
        return &k->of[symbol];
    k->beyond = (struct key){.next = k->of, .other = k->of, .symbol = symbol};
    return &k->beyond;
}

struct key *keys_learn(struct keys *k, struct key *last, const char *text, size_t len)
{
    uint16_t symbol = gw_name(k->s, text, len);
    struct key *key;

    if (symbol == 0)
        return NULL;
    key = key_of(k, symbol);
    if (key == &k->beyond)
        return key;
    if (!key->rank)
        key->rank = ++k->ranks;
    if (len <= sizeof(key->text)) {
        memcpy(key->text, text, len);
        key->len = (uint8_t)len;
    }
    if (last->next != key && last->other != key) {
        last->other = last->next;
        last->next = key;
    }
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
