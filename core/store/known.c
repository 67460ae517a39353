/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/known.h"

#include "store/resources.h"

#define KNOWN_SLOTS 16384 /* a power of two */

struct known_row {
    struct known_row *next;
    struct cell *cells; /* NULL: there is none */
    enum table table;
    bool ahead, told; /* written before the lock; as a new one */
    uint8_t key[STORE_KEY];
};

/* ---- what is known ---- */

void known_key(int64_t id, int64_t of, uint8_t ret[STORE_KEY])
{
    memcpy(ret, &id, sizeof(id));
    memcpy(ret + sizeof(id), &of, sizeof(of));
}

static void key_of_id(int64_t id, uint8_t ret[STORE_KEY])
{
    known_key(id, 0, ret);
}

static struct known_row **slot_of(const struct store *s, enum table table, const uint8_t key[STORE_KEY])
{
    uint64_t hash;

    memcpy(&hash, key, sizeof(hash)); /* a keyed hash, or a number */
    hash = (hash + (uint64_t)table) * 0x9e3779b97f4a7c15u >> 40;
    return &s->known.slots[hash % KNOWN_SLOTS];
}

static struct known_row *find(const struct store *s, enum table table, const uint8_t key[STORE_KEY])
{
    struct known_row *k = s->known.on ? *slot_of(s, table, key) : NULL;

    while (k && (k->table != table || memcmp(k->key, key, STORE_KEY) != 0))
        k = k->next;
    return k;
}

/* Absent, until its row comes; NULL: no memory. */
static struct known_row *add(struct store *s, enum table table, const uint8_t key[STORE_KEY])
{
    struct known_row **slot = slot_of(s, table, key), *k = arena_zero(&s->known.arena, sizeof(*k));

    if (!k)
        return NULL;
    k->table = table;
    memcpy(k->key, key, STORE_KEY);
    k->next = *slot;
    *slot = k;
    return k;
}

static bool answer(const struct known_row *k, struct row *ret, enum gw_result *ret_found)
{
    if (!k)
        return false;
    *ret_found = k->cells ? GW_OK : GW_END;
    row_start(ret, k->table);
    if (k->cells)
        memcpy(ret->cells, k->cells, table_forms[k->table].n * sizeof(*k->cells));
    return true;
}

bool known_by_key(struct store *s, enum table table, const uint8_t key[STORE_KEY], struct row *ret,
                  enum gw_result *ret_found)
{
    return answer(find(s, table, key), ret, ret_found);
}

bool known_by_id(struct store *s, enum table table, int64_t id, struct row *ret, enum gw_result *ret_found)
{
    uint8_t key[STORE_KEY];

    key_of_id(id, key);
    return answer(find(s, table, key), ret, ret_found);
}

static bool key_of_row(const struct row *row, uint8_t ret[STORE_KEY])
{
    switch (row->table) {
    case TABLE_RESOURCE:
    case TABLE_UNIT: /* both have it behind the id */
        memcpy(ret, row->cells[RESOURCE_KEY].bytes.ptr, STORE_KEY);
        return row->cells[RESOURCE_KEY].bytes.len == STORE_KEY;
    case TABLE_BEARER:
    case TABLE_DEPARTED:
    case TABLE_SIGHT:
        key_of_id(row_id(row), ret);
        return true;
    default:
        return false;
    }
}

enum gw_result known_row(struct store *s, const struct row *row)
{
    uint8_t key[STORE_KEY];

    return key_of_row(row, key) ? known_put(s, key, row) : GW_OK;
}

enum gw_result known_put(struct store *s, const uint8_t key[STORE_KEY], const struct row *row)
{
    struct known_row *k = find(s, row->table, key);
    struct row copy = *row;
    size_t size = table_forms[row->table].n * sizeof(*k->cells);
    enum gw_result r;

    if (!k)
        k = add(s, row->table, key);
    r = k ? row_keep(s, &copy, &s->known.arena) : memory_fault(s);
    if (r == GW_OK && !k->cells)
        k->cells = arena_alloc(&s->known.arena, size);
    if (r != GW_OK || !k->cells)
        return r == GW_OK ? memory_fault(s) : r;
    memcpy(k->cells, copy.cells, size);
    return GW_OK;
}

enum gw_result known_absent(struct store *s, enum table table, int64_t id)
{
    struct known_row *k;
    uint8_t key[STORE_KEY];

    if (!known_gathers(s))
        return GW_OK;
    key_of_id(id, key);
    k = add(s, table, key);
    if (!k)
        return memory_fault(s);
    k->ahead = s->beside; /* the id is nobody else's */
    return GW_OK;
}

void known_ahead(struct store *s, const uint8_t key[STORE_KEY])
{
    struct known_row *k = find(s, TABLE_RESOURCE, key);

    if (k)
        k->ahead = true;
}

bool known_was_ahead(struct store *s, const uint8_t key[STORE_KEY])
{
    struct known_row *k = find(s, TABLE_RESOURCE, key);
    bool first = k && k->ahead && !k->told;

    if (first)
        k->told = true;
    return first;
}

void known_doubt(struct store *s)
{
    for (size_t i = 0; s->known.on && i < KNOWN_SLOTS; i++) {
        struct known_row **k = &s->known.slots[i];

        while (*k)
            if ((*k)->ahead)
                k = &(*k)->next;
            else
                *k = (*k)->next;
    }
}

void known_forget(struct store *s)
{
    s->known.on = false;
}

void known_done(struct store *s)
{
    arena_done(&s->known.arena);
}

enum gw_result known_none(struct store *s, enum table table, const uint8_t key[STORE_KEY])
{
    return find(s, table, key) || add(s, table, key) ? GW_OK : memory_fault(s);
}

enum gw_result known_start(struct store *s)
{
    if (s->known.on)
        return GW_OK;
    if (!s->known.arena.first_size)
        arena_init(&s->known.arena, 1 << 20, 0);
    arena_reset(&s->known.arena);
    s->known.slots = arena_array(&s->known.arena, KNOWN_SLOTS, sizeof(struct known_row *));
    s->known.on = s->known.slots != NULL;
    return s->known.on ? GW_OK : memory_fault(s);
}

/* ---- asking ---- */

/* Keys, or ids, that are not known yet. */
struct asking {
    enum table table;
    struct cell list;
    char *items;
};

static enum gw_result asking_open(struct store *s, struct asking *a, enum table table, enum cell_kind kind,
                                  size_t n)
{
    *a = (struct asking){.table = table, .list = {.kind = kind}};
    a->items = arena_array(&s->scratch, n + 1, STORE_KEY);
    return a->items ? GW_OK : memory_fault(s);
}

static enum gw_result asking_add(struct store *s, struct asking *a, const uint8_t key[STORE_KEY])
{
    size_t size = a->list.kind == CELL_KEYS ? STORE_KEY : sizeof(int64_t);

    if (find(s, a->table, key))
        return GW_OK;
    memcpy(a->items + a->list.bytes.len, key, size);
    a->list.bytes.len += size;
    return add(s, a->table, key) ? GW_OK : memory_fault(s);
}

static enum gw_result ask(struct store *s, struct asking *a, const char *sql)
{
    struct query q;
    struct row row;
    enum gw_result r;

    if (!a->list.bytes.len)
        return GW_OK;
    a->list.bytes.ptr = a->items;
    r = query_open(s, sql, &q);
    if (r != GW_OK)
        return r;
    query_cell(&q, 1, &a->list);
    while ((r = query_step(&q)) == GW_OK) {
        r = row_take(&q, a->table, &row);
        if (r == GW_OK)
            r = known_row(s, &row);
        if (r != GW_OK)
            break;
    }
    query_close(&q);
    return r == GW_END ? GW_OK : r;
}

static enum gw_result ask_ids(struct store *s, struct asking *a)
{
    switch (a->table) {
    case TABLE_BEARER:
        return ask(s, a, "SELECT " BEARER_COLUMNS ",sum FROM bearer WHERE id=ANY(?1)");
    case TABLE_DEPARTED:
        return ask(s, a, "SELECT " DEPARTED_COLUMNS ",sum FROM departed WHERE id=ANY(?1)");
    default:
        return ask(s, a, "SELECT " SIGHT_COLUMNS ",sum FROM sight WHERE id=ANY(?1)");
    }
}

static enum gw_result ask_units(struct store *s, const struct unit *units, size_t n)
{
    struct asking a;
    enum gw_result r = asking_open(s, &a, TABLE_UNIT, CELL_KEYS, n);

    for (size_t i = 0; r == GW_OK && i < n; i++)
        r = asking_add(s, &a, units[i].key);
    return r == GW_OK ? ask(s, &a, "SELECT " UNIT_COLUMNS ",sum FROM unit WHERE key=ANY(?1)") : r;
}

/* What has left those that will be written again; or when those were seen that will not. */
static enum gw_result ask_of_units(struct store *s, enum table table, const struct unit *units, size_t n)
{
    bool same = table == TABLE_SIGHT;
    struct asking a;
    enum gw_result r = asking_open(s, &a, table, CELL_NUMBERS, n);

    for (size_t i = 0; r == GW_OK && i < n; i++) {
        const struct known_row *k = find(s, TABLE_UNIT, units[i].key);
        uint8_t id[STORE_KEY];

        if (!k || !k->cells || (memcmp(k->cells[UNIT_DIGEST].bytes.ptr, units[i].digest, 32) == 0) != same)
            continue;
        key_of_id(k->cells[0].number, id);
        r = asking_add(s, &a, id);
    }
    return r == GW_OK ? ask_ids(s, &a) : r;
}

bool store_is_far(const struct store *s)
{
    return s->driver->gather != NULL;
}

enum gw_result units_look(struct store *s, const struct unit *units, size_t n)
{
    size_t mark = arena_mark(&s->scratch);
    enum gw_result r = store_is_far(s) ? known_start(s) : GW_END;

    if (r != GW_OK)
        return r == GW_END ? GW_OK : r;
    r = ask_units(s, units, n);
    if (r == GW_OK && s->in_tx && !s->beside)
        r = ask_of_units(s, TABLE_DEPARTED, units, n);
    if (r == GW_OK)
        r = ask_of_units(s, TABLE_SIGHT, units, n);
    arena_release(&s->scratch, mark);
    return r;
}

static enum gw_result ask_resources(struct store *s, const struct sought *sought, size_t n)
{
    struct asking a;
    enum gw_result r = asking_open(s, &a, TABLE_RESOURCE, CELL_KEYS, n);

    for (size_t i = 0; r == GW_OK && i < n; i++)
        r = asking_add(s, &a, sought[i].key);
    return r == GW_OK ? ask(s, &a, "SELECT " RESOURCE_COLUMNS ",sum FROM resource WHERE key=ANY(?1)") : r;
}

static enum gw_result ask_bearers(struct store *s, const struct sought *sought, size_t n)
{
    struct asking a;
    enum gw_result r = asking_open(s, &a, TABLE_BEARER, CELL_NUMBERS, n);

    for (size_t i = 0; r == GW_OK && i < n; i++) {
        const struct known_row *k = sought[i].person ? find(s, TABLE_RESOURCE, sought[i].key) : NULL;
        uint8_t id[STORE_KEY];

        if (!k || !k->cells)
            continue;
        key_of_id(k->cells[0].number, id);
        r = asking_add(s, &a, id);
    }
    return r == GW_OK ? ask_ids(s, &a) : r;
}

enum gw_result resources_look(struct store *s, const struct sought *sought, size_t n)
{
    size_t mark = arena_mark(&s->scratch);
    enum gw_result r = store_is_far(s) ? known_start(s) : GW_END;

    if (r != GW_OK)
        return r == GW_END ? GW_OK : r;
    r = ask_resources(s, sought, n);
    if (r == GW_OK)
        r = ask_bearers(s, sought, n);
    arena_release(&s->scratch, mark);
    return r;
}

void looks_end(struct store *s)
{
    known_forget(s);
}
