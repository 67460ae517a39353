/* SPDX-License-Identifier: EUPL-1.2 */
#include "fixture.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

static void empty_folder(const char *folder)
{
    DIR *d = opendir(folder);
    struct dirent *e;
    char path[512];

    assert_non_null(d);
    while ((e = readdir(d))) {
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        if (e->d_name[0] != '.')
            unlink(path);
    }
    closedir(d);
}

enum gw_result fixture_open_as(struct fixture *f, bool create, bool read_only, struct store **ret)
{
    struct store_options o = {
        .path = f->path, .key_path = f->key, .create = create, .read_only = read_only, .sink = &f->told.sink};

    return store_open(&f->arena, &o, ret);
}

bool fixture_has_file(void)
{
    return !getenv("GW_STORE_SERVER");
}

static void fresh_path(struct fixture *f)
{
    static int schemas;

    if (fixture_has_file())
        snprintf(f->path, sizeof(f->path), "%s/store.db", f->folder);
    else
        snprintf(f->path, sizeof(f->path), "%s%d", getenv("GW_STORE_SERVER"), ++schemas);
}

void fixture_remove(struct fixture *f)
{
    char path[256];

    store_close(f->store);
    f->store = NULL;
    snprintf(path, sizeof(path), "%s-wal", f->path);
    if (fixture_has_file()) {
        unlink(path);
        unlink(f->path);
    }
    fresh_path(f);
}

int fixture_open(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    snprintf(f->folder, sizeof(f->folder), "/tmp/gw-store-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    fresh_path(f);
    snprintf(f->key, sizeof(f->key), "%s/store.key", f->folder);
    told_init(&f->told);
    assert_int_equal(fixture_open_as(f, true, false, &f->store), GW_OK);
    *state = f;
    return 0;
}

int fixture_close(void **state)
{
    struct fixture *f = *state;

    arena_fail_at(0);
    store_close(f->store);
    empty_folder(f->folder);
    rmdir(f->folder);
    arena_done(&f->arena);
    free(f);
    return 0;
}

void fixture_reopen(struct fixture *f)
{
    store_close(f->store);
    f->store = NULL;
    assert_int_equal(fixture_open_as(f, false, false, &f->store), GW_OK);
}

void assert_told(struct fixture *f, const char *code, const char *found)
{
    struct told_diag *d = &f->told.diags[f->told.count > 16 ? 15 : f->told.count - 1];

    assert_int_not_equal(f->told.count, 0);
    assert_string_equal(d->code, code);
    if (found)
        assert_string_equal(d->found, found);
    told_init(&f->told);
}

void assert_sound(struct store *s)
{
    uint64_t faults = 99;

    assert_int_equal(store_check(s, &faults), GW_OK);
    assert_int_equal(faults, 0);
}

void copy_file(const char *from, const char *to)
{
    struct buf b;
    FILE *out;

    unlink(to);
    if (access(from, F_OK) != 0)
        return;
    buf_init(&b, 64 << 20);
    assert_int_equal(buf_read_file(&b, from), GW_OK);
    out = fopen(to, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(b.data, 1, b.len, out), b.len);
    assert_int_equal(fclose(out), 0);
    buf_done(&b);
}

bool folder_holds(const char *folder, const char *text)
{
    DIR *d = opendir(folder);
    struct dirent *e;
    char path[512];
    bool holds = false;
    size_t at;

    assert_non_null(d);
    while ((e = readdir(d))) {
        struct buf b;

        buf_init(&b, 64 << 20);
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        if (e->d_name[0] != '.' && buf_read_file(&b, path) == GW_OK)
            holds = holds || str_find(buf_view(&b), str_of(text), &at);
        buf_done(&b);
    }
    closedir(d);
    return holds;
}

/* ---- what is in it ---- */

int64_t put_exchange(struct store *s, const char *flow, const char *name, int64_t order)
{
    struct exchange e = {.flow = str_of(flow),
                         .partner = GW_STR("somewhere"),
                         .name = str_of(name),
                         .spool = str_of("spool-1"),
                         .format = GW_STR("one:two"),
                         .size = 1234,
                         .order = order};
    int64_t id = 0;

    store_digest(e.name, e.digest);
    assert_int_equal(exchange_receive(s, &e, DUPLICATES_LAST, &id), GW_OK);
    return id;
}

int64_t put_queued(struct store *s, const char *flow, const char *name, int64_t order)
{
    struct exchange e = {.id = put_exchange(s, flow, name, order), .state = EXCHANGE_RECEIVED};

    assert_int_equal(exchange_move(s, &e, EXCHANGE_QUEUED), GW_OK);
    return e.id;
}

struct exchange get_exchange(struct fixture *f, int64_t id)
{
    struct exchange e;

    assert_int_equal(exchange_get(f->store, id, &f->arena, &e), GW_OK);
    return e;
}

void drive_exchange(struct fixture *f, int64_t id, enum exchange_state to)
{
    struct exchange e = get_exchange(f, id);

    if (to == EXCHANGE_RECEIVED || e.state == to)
        return;
    if (e.state == EXCHANGE_RECEIVED)
        assert_int_equal(exchange_move(f->store, &e, EXCHANGE_QUEUED), GW_OK);
    if (to == EXCHANGE_QUEUED)
        return;
    if (e.state == EXCHANGE_QUEUED)
        assert_int_equal(exchange_claim(f->store, e.out, e.flow, 60000, &f->arena, &e), GW_OK);
    assert_int_equal(e.id, id);
    if (to != EXCHANGE_WORKING)
        assert_int_equal(exchange_move(f->store, &e, to), GW_OK);
}

struct resource_row resource_of(struct store *s, const char *key, const char *payload, const char *nir)
{
    struct resource_row r = {.partner = GW_STR("somewhere"),
                             .flow = GW_STR("in"),
                             .type = GW_STR("somebody"),
                             .purpose = GW_STR("help"),
                             .record = 7,
                             .line = 8,
                             .said_at = 1000,
                             .received_at = 2000,
                             .payload = str_of(payload),
                             .nir = str_of(nir)};

    store_hash(s, str_of(key), r.key);
    resource_digest(s, r.payload, r.nir, r.digest);
    return r;
}

enum put_outcome put_resource(struct store *s, const char *key, const char *payload, const char *nir,
                              int64_t *ret_id)
{
    struct resource_row r = resource_of(s, key, payload, nir);
    enum put_outcome outcome;

    assert_int_equal(resource_put(s, &r, ret_id, &outcome), GW_OK);
    return outcome;
}

int64_t put_unit(struct store *s, const char *key, const int64_t *members, size_t n)
{
    struct unit u = {
        .partner = GW_STR("somewhere"), .flow = GW_STR("in"), .members = members, .nmembers = n, .record = 5};
    int64_t id = 0;

    store_hash(s, str_of(key), u.key);
    store_digest(str_of(key), u.digest);
    assert_int_equal(unit_put(s, &u, &id), GW_OK);
    return id;
}

int64_t put_reject(struct store *s, int64_t exchange, uint64_t record, const char *code, const char *raw)
{
    struct reject_row r = {.exchange = exchange,
                           .flow = GW_STR("in"),
                           .record = record,
                           .line = record * 10,
                           .code = str_of(code),
                           .path = GW_STR("/a/b"),
                           .raw = str_of(raw),
                           .diagnostics = GW_STR("[{\"value\":\"" NAME_OF_SOMEBODY "\"}]")};
    int64_t id = 0;

    assert_int_equal(reject_put(s, &r, &id), GW_OK);
    return id;
}

int64_t put_delivery(struct store *s, const char *flow, int64_t exchange, int64_t unit, int64_t resource)
{
    struct delivery d = {.flow = str_of(flow),
                         .exchange = exchange,
                         .position = 1,
                         .unit = unit,
                         .resource = resource,
                         .version = 1,
                         .partner_ref = GW_STR(NUMBER_OF_SOMEBODY)};
    int64_t id = 0;

    assert_int_equal(delivery_put(s, &d, &id), GW_OK);
    return id;
}
