/* SPDX-License-Identifier: EUPL-1.2 */
/* Opens and closes, begins and ends. */
#include <stdio.h>
#include <time.h>

#include "store/bearers.h"
#include "store/known.h"
#include "store/sights.h"

int64_t store_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- opening ---- */

static enum gw_result version_fault(struct store *s, const char *code, int64_t version)
{
    char found[24], known[24];
    struct gw_arg args[] = {{"found", {found, 0}}, {"known", {known, 0}}};

    args[0].value.len = (size_t)snprintf(found, sizeof(found), "%lld", (long long)version);
    args[1].value.len = (size_t)snprintf(known, sizeof(known), "%d", STORE_SCHEMA);
    return store_fault(s, GW_FAIL, code, args, 2);
}

static enum gw_result run_migrations(struct store *s, int64_t version)
{
    enum gw_result r = GW_OK;

    for (int64_t v = version; r == GW_OK && v < STORE_SCHEMA; v++)
        r = s->driver->script(s, schema_migrations[v]);
    if (r == GW_OK)
        r = version == 0 ? keys_make(s) : keys_load(s);
    if (r == GW_OK && version && version < 3)
        r = bearers_fill(s);
    if (r == GW_OK && version && version < 5)
        r = sights_fill(s);
    return r == GW_OK ? s->driver->version_set(s, STORE_SCHEMA) : r;
}

/* Another process may do the same: who has the lock looks again. */
static enum gw_result migrate(struct store *s)
{
    enum gw_result r = s->driver->begin(s, BEGIN_MIGRATION);
    int64_t version;

    if (r != GW_OK)
        return r;
    s->in_tx = true;
    r = s->driver->version(s, &version);
    if (r == GW_OK)
        r = run_migrations(s, version);
    if (r == GW_OK)
        return store_commit(s);
    store_rollback(s);
    return r;
}

static enum gw_result fit_version(struct store *s)
{
    int64_t version;
    enum gw_result r = s->driver->version(s, &version);

    if (r != GW_OK || version == STORE_SCHEMA)
        return r;
    if (version > STORE_SCHEMA)
        return version_fault(s, "store.newer", version);
    if (s->create)
        return migrate(s);
    return version ? version_fault(s, "store.older", version) : path_fault(s, "store.absent");
}

bool store_at_server(const char *path)
{
    return strncmp(path, "postgresql://", 13) == 0 || strncmp(path, "postgres://", 11) == 0;
}

enum gw_result store_open(struct arena *a, const struct store_options *o, struct store **ret)
{
    struct store *s = arena_zero(a, sizeof(*s));
    struct store failed = {.path = o->path, .sink = o->sink};
    enum gw_result r;

    if (!s)
        return memory_fault(&failed);
    *s = (struct store){.arena = a, .sink = o->sink, .read_only = o->read_only};
    s->driver = store_at_server(o->path) ? &postgres_driver : &sqlite_driver;
    s->create = o->create && !o->read_only;
    s->path = arena_text(a, str_of(o->path));
    s->key_path = arena_text(a, str_of(o->key_path));
    s->password = o->password ? arena_text(a, str_of(o->password)) : NULL;
    arena_init(&s->scratch, 16384, 0);
    snprintf(s->actor, sizeof(s->actor), "gateway");
    r = s->path && s->key_path && (s->password || !o->password) ? s->driver->open(s) : memory_fault(&failed);
    if (r == GW_OK)
        r = fit_version(s);
    if (r == GW_OK)
        r = s->driver->settle(s, o);
    if (r == GW_OK)
        r = keys_load(s);
    if (r == GW_OK)
        *ret = s;
    else
        store_close(s);
    return r;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    store_rollback(s);
    for (size_t i = 0; i < KEPT_QUERIES; i++)
        if (s->kept[i].stmt)
            s->driver->finish(s, s->kept[i].stmt);
    s->driver->close(s);
    seal_done(&s->seal);
    known_done(s);
    arena_done(&s->scratch);
    s->link = NULL;
}

/* ---- transactions ---- */

static void forget_transaction(struct store *s)
{
    s->in_tx = s->beside = false;
    s->broken = GW_OK;
    s->names_made = false;
    s->last_seq = 0;
    s->ids_next = (struct id_block){0};
    s->tally = (struct tally){0};
    memset(s->last_ids, 0, sizeof(s->last_ids));
    known_forget(s);
}

static enum gw_result begin(struct store *s, enum begin_to what)
{
    enum gw_result r;

    if (s->in_tx)
        return store_fault(s, GW_FAIL, "store.nested", NULL, 0);
    if (s->read_only)
        return path_fault(s, "store.read_only");
    r = s->driver->begin(s, what);
    if (r != GW_OK)
        return r;
    forget_transaction(s);
    s->in_tx = true;
    s->beside = what == BEGIN_BESIDE;
    r = keys_follow(s);
    if (r != GW_OK)
        store_rollback(s);
    return r;
}

enum gw_result store_begin(struct store *s)
{
    return begin(s, BEGIN_CHANGE);
}

enum gw_result store_begin_alone(struct store *s)
{
    return begin(s, BEGIN_CHANGE_ALONE);
}

enum gw_result store_begin_beside(struct store *s)
{
    return begin(s, BEGIN_BESIDE);
}

static enum gw_result write_tally(struct store *s)
{
    struct query q;
    enum gw_result r;

    if (!s->tally.units && !s->tally.resources && !s->tally.versions)
        return GW_OK;
    r = query_open(s, "UPDATE meta SET units=units+?1, resources=resources+?2, versions=versions+?3", &q);
    if (r != GW_OK)
        return r;
    query_number(&q, 1, s->tally.units);
    query_number(&q, 2, s->tally.resources);
    query_number(&q, 3, s->tally.versions);
    return query_run(&q);
}

enum gw_result store_commit(struct store *s)
{
    enum gw_result r = s->broken ? s->broken : write_tally(s);

    if (r == GW_OK)
        r = s->driver->commit(s);
    if (r != GW_OK) {
        store_rollback(s);
        return r;
    }
    if (s->ids_next.end)
        s->ids = s->ids_next;
    forget_transaction(s);
    return GW_OK;
}

void store_rollback(struct store *s)
{
    if (!s->in_tx)
        return;
    s->driver->rollback(s);
    if (s->names_made)
        names_forget(s);
    s->ids = (struct id_block){0};
    forget_transaction(s);
}

enum gw_result change_begin(struct store *s, bool *ret_own)
{
    enum gw_result r = GW_OK;

    *ret_own = !s->in_tx;
    if (*ret_own)
        return store_begin(s);
    if (!s->beside)
        return GW_OK;
    r = s->driver->lock(s);
    if (r != GW_OK)
        return r;
    s->beside = false;
    known_doubt(s);
    return GW_OK;
}

enum gw_result change_end(struct store *s, bool own, enum gw_result r)
{
    if (!own)
        return r;
    if (r == GW_OK)
        return store_commit(s);
    store_rollback(s);
    return r;
}

enum gw_result view_begin(struct store *s, bool *ret_own)
{
    enum gw_result r;

    *ret_own = !s->in_tx && !s->in_view;
    if (!*ret_own)
        return GW_OK;
    r = s->driver->begin(s, BEGIN_VIEW);
    s->in_view = r == GW_OK;
    return r;
}

/* Nothing was changed: how it ends does not matter. */
enum gw_result view_end(struct store *s, bool own, enum gw_result r)
{
    if (own) {
        s->driver->rollback(s);
        s->in_view = false;
    }
    return r;
}

enum gw_result lease_now(struct store *s, int64_t *ret)
{
    return s->driver->now(s, ret);
}

enum gw_result store_checkpoint(struct store *s)
{
    return s->driver->checkpoint(s);
}

enum gw_result store_scrub(struct store *s)
{
    return s->driver->scrub(s);
}
