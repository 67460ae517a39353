/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The two keys of a store lie in it, sealed by the master key of the key file. Which file opens them is tried,
 * not known: see key_file.h. A process that has a store open while another changes its keys sees it by their
 * generation, at the next transaction or at the first text sealed by the new ones.
 */
#include <errno.h>
#include <sys/stat.h>

#include "store/audit.h"
#include "store/key_file.h"
#include "store/row.h"

struct keys {
    uint8_t sealing[SEAL_KEY], hashing[SEAL_KEY];
};

enum { SEALED_KEYS = sizeof(struct keys) + SEAL_EXTRA };

static struct seal_place place_of(int64_t generation)
{
    return (struct seal_place){.table = UINT32_MAX, .row = generation};
}

static enum gw_result crypto_fault(struct store *s)
{
    return store_fault(s, GW_FATAL, "store.crypto", NULL, 0);
}

/* ---- sealed by the master key ---- */

static enum gw_result wrap(struct store *s, const uint8_t master[SEAL_KEY], int64_t generation,
                           const struct keys *keys, uint8_t ret[SEALED_KEYS])
{
    struct seal_place place = place_of(generation);
    struct seal m;
    enum gw_result r = seal_open(&m, generation, master, master);

    if (r == GW_OK)
        r = seal_put(&m, &place, (struct gw_str){(const char *)keys, sizeof(*keys)}, ret);
    seal_done(&m);
    return r == GW_OK ? GW_OK : crypto_fault(s);
}

/* GW_REJECT: not by this master key. */
static enum gw_result unwrap(struct store *s, const uint8_t master[SEAL_KEY], int64_t generation,
                             struct gw_str sealed, struct keys *ret)
{
    struct seal_place place = place_of(generation);
    struct seal m;
    enum gw_result r = seal_open(&m, generation, master, master);

    if (r != GW_OK)
        return crypto_fault(s);
    r = sealed.len == SEALED_KEYS ? seal_take(&m, &place, sealed, (uint8_t *)ret) : GW_REJECT;
    seal_done(&m);
    return r;
}

static enum gw_result key_fault(struct store *s, enum gw_result r, const char *code)
{
    struct gw_arg found = {"found", str_of(s->key_path)};

    return r == GW_RETRY ? system_fault(s, s->key_path) : store_fault(s, GW_FAIL, code, &found, 1);
}

/* ---- a new store ---- */

static enum gw_result master_make(struct store *s, uint8_t ret[SEAL_KEY])
{
    enum gw_result r = key_file_read(s->key_path, false, ret);

    if (r == GW_FAIL || r == GW_RETRY)
        return key_fault(s, r, "store.key_file");
    if (r == GW_OK)
        return r;
    if (seal_random(ret, SEAL_KEY) != GW_OK)
        return crypto_fault(s);
    r = key_file_write(s->key_path, ret);
    if (r == GW_OK)
        r = key_file_adopt(s->key_path);
    return r == GW_OK ? r : system_fault(s, s->key_path);
}

static enum gw_result meta_insert(struct store *s, const uint8_t sealed[SEALED_KEYS])
{
    static const char nothing[32];
    struct query q;
    enum gw_result r = query_open(s, "INSERT INTO meta VALUES(1, 1, ?1, 0, 0, 0, 0, ?2, ?3)", &q);

    if (r != GW_OK)
        return r;
    query_bytes(&q, 1, (struct gw_str){(const char *)sealed, SEALED_KEYS});
    query_bytes(&q, 2, (struct gw_str){nothing, sizeof(nothing)});
    query_bytes(&q, 3, GW_STR(""));
    return query_run(&q);
}

enum gw_result keys_make(struct store *s)
{
    uint8_t master[SEAL_KEY], sealed[SEALED_KEYS];
    struct keys keys;
    enum gw_result r = master_make(s, master);

    if (r == GW_OK)
        r = seal_random((uint8_t *)&keys, sizeof(keys)) == GW_OK ? GW_OK : crypto_fault(s);
    if (r == GW_OK)
        r = wrap(s, master, 1, &keys, sealed);
    if (r == GW_OK)
        r = meta_insert(s, sealed);
    seal_forget(master, sizeof(master));
    seal_forget(&keys, sizeof(keys));
    return r;
}

/* ---- opening ---- */

/* GW_END: that file is not there, or is another's key. */
static enum gw_result try_file(struct store *s, bool aside, int64_t generation, struct gw_str sealed,
                               struct keys *ret)
{
    uint8_t master[SEAL_KEY];
    enum gw_result r = key_file_read(s->key_path, aside, master);

    if (aside && r == GW_FAIL) /* cut by a crash while it was written */
        return GW_END;
    if (r != GW_OK)
        return r == GW_END ? r : key_fault(s, r, "store.key_file");
    r = unwrap(s, master, generation, sealed, ret);
    seal_forget(master, sizeof(master));
    return r == GW_REJECT ? GW_END : r;
}

/* KEY is asked twice: between two looks a rotation may have put KEY.new in its place. */
static enum gw_result find_keys(struct store *s, int64_t generation, struct gw_str sealed, struct keys *ret)
{
    enum gw_result r = try_file(s, false, generation, sealed, ret);

    if (r != GW_END)
        return r;
    r = try_file(s, true, generation, sealed, ret);
    if (r == GW_END)
        r = try_file(s, false, generation, sealed, ret);
    else if (r == GW_OK && !s->read_only && key_file_adopt(s->key_path) != GW_OK)
        return system_fault(s, s->key_path);
    return r == GW_END ? key_fault(s, GW_FAIL, "store.key") : r;
}

static enum gw_result use_keys(struct store *s, int64_t generation, const struct keys *keys)
{
    struct seal seal;

    if (seal_open(&seal, generation, keys->sealing, keys->hashing) != GW_OK)
        return crypto_fault(s);
    seal_done(&s->seal);
    s->seal = seal;
    s->generation = generation;
    return GW_OK;
}

static enum gw_result read_keys(struct store *s, int64_t *ret_generation, struct keys *ret)
{
    struct query q;
    enum gw_result r = query_open(s, "SELECT generation, keys FROM meta", &q);

    if (r != GW_OK)
        return r;
    r = query_step(&q);
    if (r == GW_OK) {
        *ret_generation = query_column_number(&q, 0);
        r = find_keys(s, *ret_generation, query_column(&q, 1), ret);
    } else if (r == GW_END) {
        r = key_fault(s, GW_FAIL, "store.key");
    }
    query_close(&q);
    return r;
}

/* Said, not refused: who sees it may not be who can change it. */
static void key_look(struct store *s)
{
    struct gw_arg found = {"found", str_of(s->key_path)};
    struct stat st;

    if (stat(s->key_path, &st) == 0 && st.st_mode & (S_IRGRP | S_IROTH))
        (void)store_fault(s, GW_OK, "store.key_open", &found, 1);
}

enum gw_result keys_load(struct store *s)
{
    struct keys keys;
    int64_t generation;
    enum gw_result r = read_keys(s, &generation, &keys);

    if (r == GW_OK)
        r = use_keys(s, generation, &keys);
    seal_forget(&keys, sizeof(keys));
    if (r == GW_OK)
        key_look(s);
    return r;
}

enum gw_result keys_follow(struct store *s)
{
    struct query q;
    int64_t generation;
    enum gw_result r = query_open(s, "SELECT generation FROM meta", &q);

    if (r == GW_OK)
        r = query_one(&q, &generation);
    if (r == GW_END)
        return key_fault(s, GW_FAIL, "store.key");
    return r == GW_OK && generation != s->generation ? keys_load(s) : r;
}

/* ---- rotation ---- */

/* Opens what the old key sealed and seals it by the new one, which becomes the store's when all is done. */
static enum gw_result reseal_row(struct store *s, struct seal *next, struct row *row, struct arena *a)
{
    const struct table_form *t = &table_forms[row->table];
    struct gw_str text;
    enum gw_result r = GW_OK;
    bool any = false;

    for (size_t i = 0; r == GW_OK && i < 2 && t->sealed[i]; i++) {
        r = row_open(s, row, t->sealed[i], a, &text);
        any = any || text.ptr;
        if (r == GW_OK)
            r = row_seal(s, next, row, t->sealed[i], text, a);
    }
    return r == GW_OK && any ? row_update(s, row) : r;
}

static enum gw_result reseal_table(struct store *s, struct seal *next, enum table table)
{
    size_t mark = arena_mark(&s->scratch);
    enum gw_result r;
    struct row row;
    int64_t id = INT64_MIN;

    while ((r = row_next(s, table, id, &s->scratch, &row)) == GW_OK) {
        id = row_id(&row);
        r = reseal_row(s, next, &row, &s->scratch);
        arena_release(&s->scratch, mark);
        if (r != GW_OK)
            return r;
    }
    return r == GW_END ? GW_OK : r;
}

static enum gw_result meta_update(struct store *s, int64_t generation, const uint8_t sealed[SEALED_KEYS])
{
    struct query q;
    enum gw_result r = query_open(s, "UPDATE meta SET generation=?1, keys=?2", &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, generation);
    query_bytes(&q, 2, (struct gw_str){(const char *)sealed, SEALED_KEYS});
    return query_run(&q);
}

static enum gw_result reseal_all(struct store *s, const uint8_t master[SEAL_KEY], struct keys *keys)
{
    int64_t generation = s->generation + 1;
    uint8_t sealed[SEALED_KEYS];
    struct seal next;
    enum gw_result r = wrap(s, master, generation, keys, sealed);

    if (r == GW_OK && seal_open(&next, generation, keys->sealing, keys->hashing) != GW_OK)
        r = crypto_fault(s);
    if (r != GW_OK)
        return r;
    for (int t = 0; r == GW_OK && t < TABLES; t++)
        if (table_forms[t].sealed[0])
            r = reseal_table(s, &next, (enum table)t);
    seal_done(&next);
    if (r == GW_OK)
        r = meta_update(s, generation, sealed);
    if (r == GW_OK)
        r = audit_add(s, str_of(s->actor), GW_STR("key.rotate"), GW_STR("store"), GW_STR(""));
    return r;
}

/* In the transaction, which keeps other rotations out. KEY.new is the old key's heir only once KEY is what
 * opens the store: keys_load sees to that. */
static enum gw_result rotate(struct store *s)
{
    uint8_t master[SEAL_KEY];
    struct keys keys;
    int64_t generation;
    enum gw_result r = keys_load(s);

    if (r == GW_OK)
        r = read_keys(s, &generation, &keys);
    if (r == GW_OK && (seal_random(master, SEAL_KEY) != GW_OK || seal_random(keys.sealing, SEAL_KEY) != GW_OK))
        r = crypto_fault(s);
    if (r == GW_OK && key_file_write(s->key_path, master) != GW_OK)
        r = system_fault(s, s->key_path);
    if (r == GW_OK)
        r = reseal_all(s, master, &keys);
    seal_forget(master, sizeof(master));
    seal_forget(&keys, sizeof(keys));
    return r;
}

enum gw_result store_rotate(struct store *s)
{
    enum gw_result r = store_begin_alone(s);

    if (r != GW_OK)
        return r;
    r = rotate(s); /* a row that does not open stops it: it would be lost */
    if (r == GW_OK)
        r = store_commit(s);
    else
        store_rollback(s);
    if (r == GW_OK && key_file_adopt(s->key_path) != GW_OK)
        r = system_fault(s, s->key_path);
    if (r == GW_OK)
        r = keys_load(s);
    return r == GW_OK ? store_checkpoint(s) : r;
}
