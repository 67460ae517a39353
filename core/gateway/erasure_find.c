/* SPDX-License-Identifier: EUPL-1.2 */
/* What would go. A file of the spool is looked into as bytes; one that is packed or sealed counts as theirs
 * when its flow brought them. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/erasure.h"
#include "store/bytes.h"
#include "store/rejects.h"

struct looking {
    struct erasure *e;
    struct arena scratch;
    enum gw_result result;
};

/* ---- deliveries ---- */

static bool each_delivery(void *to, const struct delivery *d)
{
    struct looking *l = to;
    struct erasure_delivery *k = arena_alloc(l->e->d->arena, sizeof(*k));

    l->result = k ? dossier_exchange(l->e->d, d->exchange) : GW_FATAL;
    if (!k)
        return false;
    *k = (struct erasure_delivery){*d, l->e->deliveries};
    l->e->deliveries = k;
    return l->result == GW_OK;
}

static enum gw_result deliveries_find(struct looking *l)
{
    enum gw_result result = GW_OK;

    for (const struct dossier_unit *u = l->e->d->units; u && result == GW_OK; u = u->next) {
        result = delivery_of_unit(l->e->d->store, u->unit.id, l->e->d->arena, each_delivery, l);
        if (result == GW_OK)
            result = l->result;
    }
    return result;
}

/* ---- rejects ---- */

static int six_bits(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Bytes that are no UTF-8 are kept as "base64:...". */
static struct gw_str raw_of(struct gw_str kept, struct arena *a)
{
    struct gw_str text = str_from(kept, str_begins(kept, GW_STR("base64:")) ? 7 : 0);
    char *bytes = text.len < kept.len ? arena_alloc(a, text.len + 1) : NULL;
    uint32_t bits = 0;
    size_t n = 0, left = 0;

    for (size_t i = 0; bytes && i < text.len && six_bits(text.ptr[i]) >= 0; i++) {
        bits = bits << 6 | (uint32_t)six_bits(text.ptr[i]);
        left += 6;
        if (left < 8)
            continue;
        left -= 8;
        bytes[n++] = (char)(bits >> left);
    }
    return bytes ? (struct gw_str){bytes, n} : kept;
}

static bool each_reject(void *to, const struct reject_row *r)
{
    struct looking *l = to;
    struct dossier *d = l->e->d;
    bool theirs = (r->raw.ptr && dossier_known(d, raw_of(r->raw, &l->scratch))) ||
                  (r->diagnostics.ptr && dossier_known(d, r->diagnostics));
    struct erasure_reject *n = theirs ? arena_alloc(d->arena, sizeof(*n)) : NULL;

    if (theirs)
        l->result = n ? dossier_exchange(d, r->exchange) : GW_FATAL;
    if (n) {
        *n = (struct erasure_reject){r->id, r->exchange, r->at, r->record, l->e->rejects};
        l->e->rejects = n;
        l->e->nrejects++;
    }
    arena_reset(&l->scratch);
    return l->result == GW_OK;
}

static enum gw_result rejects_find(struct looking *l)
{
    struct reject_filter all = {.state = -1};
    enum gw_result result = reject_each(l->e->d->store, &all, &l->scratch, each_reject, l);

    return result == GW_OK ? l->result : result;
}

/* ---- exchanges ---- */

static bool is_their_flow(const struct erasure *e, struct gw_str flow)
{
    for (const struct dossier_part *p = e->d->parts; p; p = p->next)
        if (str_eq(p->row.flow, flow))
            return true;
    for (const struct erasure_delivery *k = e->deliveries; k; k = k->next)
        if (str_eq(k->d.flow, flow))
            return true;
    return false;
}

static bool each_exchange(void *to, const struct exchange *x)
{
    struct looking *l = to;
    struct dossier *d = l->e->d;
    bool certain = dossier_has_exchange(d, x->id);
    struct erasure_file *f;

    l->e->at_work |= x->state == EXCHANGE_WORKING && x->lease_until > store_now();
    if (!certain && !is_their_flow(l->e, x->flow))
        return true;
    f = arena_zero(d->arena, sizeof(*f));
    if (!f) {
        l->result = GW_FATAL;
        return false;
    }
    *f = (struct erasure_file){.exchange = x->id,
                               .out = x->out,
                               .state = x->state,
                               .received_at = x->received_at,
                               .flow = arena_copy(d->arena, x->flow),
                               .name = arena_copy(d->arena, x->name),
                               .spool = x->spool.ptr ? arena_copy(d->arena, x->spool) : x->spool,
                               .goes = (certain && x->spool.ptr) ||
                                       (x->reason_args.ptr && dossier_known(d, x->reason_args)),
                               .next = l->e->files};
    memcpy(f->digest, x->digest, sizeof(f->digest));
    if (dossier_known(d, x->name))
        f->stays = STAYS_NAME;
    l->e->files = f;
    return true;
}

/* Bytes that are not text: an archive, a sealed file, UTF-16. */
static bool is_packed(struct gw_str bytes)
{
    size_t head = bytes.len < 4096 ? bytes.len : 4096;

    return memchr(bytes.ptr, 0, head) || str_begins(bytes, GW_STR("PK\3\4")) ||
           str_begins(bytes, GW_STR("\x1f\x8b")) || str_begins(bytes, GW_STR("-----BEGIN PGP"));
}

static enum erasure_in bytes_look(const struct dossier *d, struct gw_str bytes)
{
    if (is_packed(bytes))
        return IN_PACKED;
    return dossier_known(d, bytes) ? IN_SURELY : IN_NOT;
}

static enum erasure_in file_look(const struct dossier *d, int spool, const struct erasure_file *f)
{
    int fd = f->spool.ptr ? bytes_open(d->store, spool, f->spool) : -1;
    enum erasure_in in = fd >= 0 ? IN_NOT : IN_GONE;
    struct stat st;
    void *at = MAP_FAILED;

    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0)
        at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at != MAP_FAILED) {
        in = bytes_look(d, (struct gw_str){at, (size_t)st.st_size});
        (void)munmap(at, (size_t)st.st_size);
    }
    if (fd >= 0)
        (void)close(fd);
    return in;
}

static int spool_open(const struct erasure *e)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%.*s/spool", STR_ARG(e->conf->state));
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void file_judge(struct erasure *e, int spool, struct erasure_file *f)
{
    if (!f->goes && f->spool.ptr && !e->unread)
        f->goes = file_look(e->d, spool, f) >= IN_PACKED;
    if (f->goes && !exchange_over(f->state)) {
        f->goes = false;
        f->stays = STAYS_AT_WORK;
    }
    e->nfiles += f->goes;
    e->nstay += f->stays != STAYS_NOT;
}

static enum gw_result files_find(struct looking *l)
{
    struct exchange_filter all = {.state = -1, .out = -1};
    enum gw_result result = exchange_each(l->e->d->store, &all, each_exchange, l);
    int spool = spool_open(l->e);

    if (result == GW_OK)
        result = l->result;
    for (struct erasure_file *f = l->e->files; result == GW_OK && f; f = f->next)
        file_judge(l->e, spool, f);
    if (spool >= 0)
        (void)close(spool);
    return result;
}

enum gw_result erasure_find(struct erasure *e)
{
    struct looking l = {.e = e};
    enum gw_result result;

    for (const struct dossier_part *p = e->d->parts; p; p = p->next) {
        e->nresources += p->of >= PART_WHOLE;
        e->nitems += p->of == PART_ITEMS;
        e->nversions += p->of >= PART_WHOLE ? p->versions : p->of == PART_ITEMS ? p->versions - 1 : 0;
    }
    for (const struct dossier_unit *u = e->d->units; u; u = u->next)
        e->nunits++;
    arena_init(&l.scratch, 65536, 0);
    result = deliveries_find(&l);
    if (result == GW_OK)
        result = rejects_find(&l);
    if (result == GW_OK)
        result = files_find(&l);
    arena_done(&l.scratch);
    return result;
}

/* ---- what was shown of them ---- */

/* Files of other flows than theirs are not in the list. */
enum erasure_in erasure_in_file(const struct erasure *e, int64_t exchange)
{
    const struct erasure_file *f = e->files;
    enum erasure_in in;
    int spool;

    if (dossier_has_exchange(e->d, exchange))
        return IN_SURELY;
    while (f && f->exchange != exchange)
        f = f->next;
    if (!f)
        return IN_NOT;
    spool = spool_open(e);
    in = file_look(e->d, spool, f);
    if (spool >= 0)
        (void)close(spool);
    return in;
}

struct reject_sought {
    uint64_t record;
    bool gone;
};

static bool each_of_exchange(void *to, const struct reject_row *r)
{
    struct reject_sought *sought = to;

    if (r->record != sought->record)
        return true;
    sought->gone = !r->raw.ptr;
    return false;
}

/* One whose text went may have been theirs if its flow ever brought them. */
enum gw_result erasure_in_reject(const struct erasure *e, int64_t exchange, uint64_t record,
                                 enum erasure_in *ret)
{
    struct reject_filter of = {.exchange = exchange, .state = -1};
    struct reject_sought sought = {.record = record};
    const struct erasure_file *f = e->files;
    struct arena a;
    enum gw_result result;

    *ret = IN_NOT;
    for (const struct erasure_reject *n = e->rejects; n; n = n->next)
        if (n->exchange == exchange && n->record == record)
            *ret = IN_SURELY;
    while (f && f->exchange != exchange)
        f = f->next;
    if (*ret == IN_SURELY || !f)
        return GW_OK;
    arena_init(&a, 65536, 0);
    result = reject_each(e->d->store, &of, &a, each_of_exchange, &sought);
    arena_done(&a);
    if (sought.gone)
        *ret = IN_GONE;
    return result;
}
