/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/erasure.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "store/audit.h"
#include "store/digest.h"
#include "store/durable.h"
#include "store/rejects.h"

static const struct dossier_part *whole(const struct dossier *d, int64_t resource)
{
    for (const struct dossier_part *p = d->parts; p; p = p->next)
        if (p->id == resource && p->of >= PART_WHOLE)
            return p;
    return NULL;
}

/* ---- the items of others' resources ---- */

static enum gw_result cut_put(const struct dossier *d, const struct dossier_part *p)
{
    yyjson_doc *doc = yyjson_read(p->row.payload.ptr, p->row.payload.len, YYJSON_READ_NUMBER_AS_RAW);
    struct resource_row left = p->row;
    enum put_outcome outcome;
    enum gw_result result = doc ? GW_OK : GW_REJECT;
    struct buf payload;
    int64_t id;

    buf_init(&payload, (size_t)512 << 20);
    if (doc)
        dossier_cut(d, yyjson_doc_get_root(doc), false, &payload);
    left.payload = buf_view(&payload);
    if (result == GW_OK && payload.failed)
        result = GW_FATAL;
    resource_digest(d->store, left.payload, left.nir, left.digest);
    if (result == GW_OK)
        result = resource_put(d->store, &left, &id, &outcome);
    if (result == GW_OK)
        result = resource_trim(d->store, p->id);
    buf_done(&payload);
    yyjson_doc_free(doc);
    return result;
}

/* ---- units ---- */

static enum gw_result digest_of(const struct dossier *d, const int64_t *members, size_t n, uint8_t ret[32])
{
    struct store_digester *digester = store_digest_begin();
    enum gw_result result = digester ? GW_OK : GW_FATAL;
    struct arena a;

    arena_init(&a, 65536, 0);
    if (digester)
        store_digest_start(digester);
    for (size_t i = 0; i < n && result == GW_OK; i++) {
        struct resource_row row;

        result = resource_get(d->store, members[i], false, &a, &row);
        if (result != GW_OK)
            break;
        store_digest_add(digester, (struct gw_str){(const char *)row.key, STORE_KEY});
        store_digest_add(digester, (struct gw_str){(const char *)row.digest, 32});
        arena_reset(&a);
    }
    if (digester)
        store_digest_end(digester, ret);
    store_digest_free(digester);
    arena_done(&a);
    return result;
}

/* Without them. One whose root goes is not a unit any more. */
static enum gw_result unit_leave(const struct dossier *d, const struct unit *u)
{
    int64_t *rest = arena_array(d->arena, u->nmembers + 1, sizeof(*rest)), id;
    struct unit left = *u;
    size_t n = 0;
    enum gw_result result;

    if (!rest)
        return GW_FATAL;
    for (size_t i = 0; i < u->nmembers; i++)
        if (!whole(d, u->members[i]))
            rest[n++] = u->members[i];
    if (!n || rest[0] != u->members[0])
        return unit_erase(d->store, u->id);
    left.members = rest;
    left.nmembers = n;
    result = digest_of(d, rest, n, left.digest);
    return result == GW_OK ? unit_put(d->store, &left, &id) : result;
}

/* What refers goes before what is referred to: units, then resources. Digests of what is left are of the cut
 * ones, so items are cut between. */
static enum gw_result units_leave(const struct dossier *d)
{
    enum gw_result result = GW_OK;

    for (const struct dossier_unit *u = d->units; u && result == GW_OK; u = u->next)
        result = unit_leave(d, &u->unit);
    return result;
}

static enum gw_result items_cut(const struct dossier *d)
{
    enum gw_result result = GW_OK;

    for (const struct dossier_part *p = d->parts; p && result == GW_OK; p = p->next)
        if (p->of == PART_ITEMS)
            result = cut_put(d, p);
    return result;
}

static enum gw_result wholes_erase(const struct dossier *d)
{
    enum gw_result result = GW_OK;

    for (const struct dossier_part *p = d->parts; p && result == GW_OK; p = p->next)
        if (p->of >= PART_WHOLE)
            result = resource_erase(d->store, p->id);
    return result;
}

/* ---- the rest of the store ---- */

static enum gw_result rejects_erase(const struct erasure *e)
{
    enum gw_result result = GW_OK;

    for (const struct erasure_reject *n = e->rejects; n && result == GW_OK; n = n->next)
        result = reject_erase(e->d->store, n->id);
    return result;
}

static enum gw_result file_leave(const struct erasure *e, const struct erasure_file *f)
{
    struct exchange x;
    enum gw_result result = exchange_get(e->d->store, f->exchange, e->d->arena, &x);

    if (result != GW_OK)
        return result;
    if (!exchange_over(x.state))
        return GW_REJECT;
    x.spool = x.reason_args = (struct gw_str){NULL, 0};
    return exchange_save(e->d->store, &x);
}

static enum gw_result files_leave(const struct erasure *e)
{
    enum gw_result result = GW_OK;

    for (const struct erasure_file *f = e->files; f && result == GW_OK; f = f->next)
        if (f->goes)
            result = file_leave(e, f);
    return result;
}

static enum gw_result marks_leave(const struct erasure *e)
{
    struct store *s = e->d->store;
    enum gw_result result = person_forget(s, e->d->mark, e->at);
    uint8_t mark[STORE_KEY];

    for (const struct dossier_part *p = e->d->parts; p && result == GW_OK; p = p->next) {
        if (p->of != PART_OWN)
            continue;
        person_mark(s, (struct gw_str){NULL, 0}, p->row.key, mark);
        result = person_forget(s, mark, e->at);
    }
    return result;
}

static enum gw_result enter(struct erasure *e)
{
    char detail[128];
    enum gw_result result;

    (void)snprintf(detail, sizeof(detail), "resources %llu, items %llu, rejects %llu, files %llu",
                   (unsigned long long)e->nresources, (unsigned long long)e->nitems,
                   (unsigned long long)e->nrejects, (unsigned long long)e->nfiles);
    result = audit_add(e->d->store, (struct gw_str){NULL, 0}, GW_STR("person.forget"), str_of(e->subject),
                       str_of(detail));
    return result == GW_OK ? audit_last(e->d->store, &e->entry) : result;
}

static enum gw_result forget(struct erasure *e)
{
    enum gw_result result = dossier_subject(e->d, e->subject);

    if (result == GW_OK)
        result = items_cut(e->d);
    if (result == GW_OK)
        result = units_leave(e->d);
    if (result == GW_OK)
        result = wholes_erase(e->d);
    if (result == GW_OK)
        result = rejects_erase(e);
    if (result == GW_OK)
        result = files_leave(e);
    if (result == GW_OK)
        result = marks_leave(e);
    return result == GW_OK ? enter(e) : result;
}

static enum gw_result files_remove(const struct erasure *e)
{
    enum gw_result result = GW_OK;
    char path[4096];
    int spool;

    (void)snprintf(path, sizeof(path), "%.*s/spool", STR_ARG(e->conf->state));
    spool = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (const struct erasure_file *f = e->files; f && spool >= 0 && result == GW_OK; f = f->next)
        if (f->goes && f->spool.ptr)
            result = durable_remove(spool, f->spool.ptr);
    if (spool >= 0 && result == GW_OK)
        result = durable_sync(spool);
    if (spool >= 0)
        (void)close(spool);
    return result;
}

enum gw_result erasure_do(struct erasure *e)
{
    enum gw_result result = store_begin(e->d->store);

    if (result != GW_OK)
        return result;
    e->at = store_now();
    result = forget(e);
    if (result == GW_OK)
        result = store_commit(e->d->store);
    else
        store_rollback(e->d->store);
    if (result == GW_OK)
        result = files_remove(e);
    if (result == GW_OK)
        result = erasure_sources(e);
    return result == GW_OK ? store_scrub(e->d->store) : result;
}
