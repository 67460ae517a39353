/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/people.h"

#include <stdio.h>

#include "store/row.h"

#define SELECT_PERSON "SELECT " PERSON_COLUMNS ",sum FROM person "

enum { SALT = 16 };

void person_mark(const struct store *s, struct gw_str nir, const uint8_t key[STORE_KEY], uint8_t ret[STORE_KEY])
{
    uint8_t hash[32];

    if (nir.ptr)
        seal_hash(&s->seal, HASH_PERSON_NUMBER, &nir, 1, hash);
    memcpy(ret, nir.ptr ? hash : key, STORE_KEY);
}

static enum gw_result find(struct store *s, const uint8_t mark[STORE_KEY], struct row *ret)
{
    struct query q;
    enum gw_result r = query_open(s, SELECT_PERSON "WHERE mark=?1", &q);

    if (r != GW_OK)
        return r;
    query_bytes(&q, 1, (struct gw_str){(const char *)mark, STORE_KEY});
    r = query_step(&q);
    if (r == GW_OK)
        r = row_take(&q, TABLE_PERSON, ret);
    if (r == GW_OK)
        r = row_keep(s, ret, &s->scratch);
    query_close(&q);
    return r;
}

/* `known`: what find() gave. */
static enum gw_result put(struct store *s, const uint8_t mark[STORE_KEY], enum gw_result known, struct row *row,
                          struct gw_str salt, int64_t forgotten_at)
{
    int64_t id = row_id(row);
    enum gw_result r = known == GW_END ? row_new_id(s, TABLE_PERSON, &id) : known;

    if (r != GW_OK)
        return r;
    row_start(row, TABLE_PERSON);
    row_add_number(row, id);
    row_add_digest(row, mark, STORE_KEY);
    r = row_seal(s, &s->seal, row, PERSON_SALT, salt, &s->scratch);
    row->at = PERSON_FORGOTTEN;
    row_add_number(row, forgotten_at);
    if (r != GW_OK)
        return r;
    return known == GW_END ? row_insert(s, row) : row_update(s, row);
}

static enum gw_result salt_make(struct store *s, const uint8_t mark[STORE_KEY], enum gw_result known,
                                struct row *row, uint8_t salt[SALT])
{
    int64_t forgotten_at = known == GW_OK ? row->cells[PERSON_FORGOTTEN].number : 0;
    bool own;
    enum gw_result r = change_begin(s, &own);

    if (r != GW_OK)
        return r;
    r = seal_random(salt, SALT) == GW_OK ? GW_OK : memory_fault(s);
    if (r == GW_OK)
        r = put(s, mark, known, row, (struct gw_str){(const char *)salt, SALT}, forgotten_at);
    return change_end(s, own, r);
}

static enum gw_result salt_of(struct store *s, const uint8_t mark[STORE_KEY], bool create, uint8_t salt[SALT])
{
    struct gw_str text = {NULL, 0};
    struct row row = {.at = 0};
    enum gw_result r = find(s, mark, &row);

    if (r == GW_OK)
        r = row_open(s, &row, PERSON_SALT, &s->scratch, &text);
    else if (r != GW_END)
        return r;
    if (text.ptr)
        memcpy(salt, text.ptr, text.len < SALT ? text.len : SALT);
    if (text.ptr || (r != GW_OK && r != GW_END))
        return r;
    return create ? salt_make(s, mark, r, &row, salt) : GW_END;
}

enum gw_result person_called(struct store *s, const uint8_t mark[STORE_KEY], bool create,
                             char ret[PERSON_CALLED])
{
    size_t scratch = arena_mark(&s->scratch);
    uint8_t parts[STORE_KEY + SALT] = {0}, digest[32];
    enum gw_result r = salt_of(s, mark, create, parts + STORE_KEY);

    memcpy(parts, mark, STORE_KEY);
    store_digest((struct gw_str){(const char *)parts, sizeof(parts)}, digest);
    for (size_t i = 0; i < (PERSON_CALLED - 1) / 2; i++)
        (void)snprintf(ret + 2 * i, 3, "%02x", digest[i]);
    seal_forget(parts, sizeof(parts));
    arena_release(&s->scratch, scratch);
    return r;
}

enum gw_result person_forget(struct store *s, const uint8_t mark[STORE_KEY], int64_t at)
{
    size_t scratch = arena_mark(&s->scratch);
    struct row row = {.at = 0};
    bool own;
    enum gw_result r = change_begin(s, &own), known;

    if (r != GW_OK)
        return r;
    known = find(s, mark, &row);
    r = put(s, mark, known, &row, (struct gw_str){NULL, 0}, at);
    arena_release(&s->scratch, scratch);
    return change_end(s, own, r);
}

static enum gw_result number_borne(struct store *s, const uint8_t mark[STORE_KEY], int64_t *ret)
{
    struct query q;
    enum gw_result r = query_open(s, "SELECT count(*) FROM resource WHERE number_hash=?1", &q);

    if (r != GW_OK)
        return r;
    query_bytes(&q, 1, (struct gw_str){(const char *)mark, STORE_KEY});
    return query_one(&q, ret);
}

/* The mark of who was forgotten stays. */
static enum gw_result uncall(struct store *s, const uint8_t mark[STORE_KEY])
{
    struct row row;
    int64_t borne = 0;
    enum gw_result r = find(s, mark, &row);

    if (r == GW_OK)
        r = number_borne(s, mark, &borne);
    if (r != GW_OK || borne)
        return r == GW_END ? GW_OK : r;
    if (!row.cells[PERSON_FORGOTTEN].number)
        return row_remove(s, TABLE_PERSON, row_id(&row));
    return put(s, mark, GW_OK, &row, (struct gw_str){NULL, 0}, row.cells[PERSON_FORGOTTEN].number);
}

enum gw_result person_gone(struct store *s, const uint8_t mark[STORE_KEY])
{
    size_t scratch = arena_mark(&s->scratch);
    bool own;
    enum gw_result r = change_begin(s, &own);

    if (r != GW_OK)
        return r;
    r = change_end(s, own, uncall(s, mark));
    arena_release(&s->scratch, scratch);
    return r;
}

enum gw_result people_forgotten(struct store *s, int64_t after, bool *ret)
{
    struct query q;
    int64_t n = 0;
    enum gw_result r = query_open(s, "SELECT count(*) FROM person WHERE forgotten_at>?1", &q);

    if (r != GW_OK)
        return r;
    query_number(&q, 1, after);
    r = query_one(&q, &n);
    *ret = n > 0;
    return r;
}

enum gw_result person_forgotten(struct store *s, const uint8_t mark[STORE_KEY], int64_t after, bool *ret)
{
    size_t scratch = arena_mark(&s->scratch);
    struct row row;
    enum gw_result r = find(s, mark, &row);

    *ret = r == GW_OK && row.cells[PERSON_FORGOTTEN].number > after;
    arena_release(&s->scratch, scratch);
    return r == GW_END ? GW_OK : r;
}
