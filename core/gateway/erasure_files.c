/* SPDX-License-Identifier: EUPL-1.2 */
/* Sources that intake moved aside, and the proof of what was done. */
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/str.h"
#include "gateway/erasure.h"
#include "store/durable.h"

/* ---- sources ---- */

static bool is_it(const struct erasure *e, const struct flow *flow, int folder, const char *name)
{
    int fd = -1;
    uint8_t digest[32];
    uint64_t size;
    bool good = false;

    for (const struct erasure_file *f = e->files; f && !good; f = f->next) {
        if (!f->goes || f->out || !str_eq(f->flow, flow->name) || !str_begins(str_of(name), f->name))
            continue;
        if (fd < 0) {
            fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
            if (fd < 0 || durable_digest(fd, digest, &size) != GW_OK)
                break;
        }
        good = memcmp(digest, f->digest, sizeof(digest)) == 0;
    }
    if (fd >= 0)
        (void)close(fd);
    return good;
}

static enum gw_result done_clear(struct erasure *e, const struct flow *flow)
{
    DIR *dir = flow->done.len && !flow->out ? opendir(flow->done.ptr) : NULL;
    enum gw_result result = GW_OK;
    const struct dirent *d;

    while (dir && result == GW_OK && (d = readdir(dir)))
        if (d->d_name[0] != '.' && is_it(e, flow, dirfd(dir), d->d_name)) {
            result = durable_remove(dirfd(dir), d->d_name);
            e->nsources += result == GW_OK;
        }
    if (dir && result == GW_OK)
        result = durable_sync(dirfd(dir));
    if (dir)
        (void)closedir(dir);
    return result;
}

enum gw_result erasure_sources(struct erasure *e)
{
    enum gw_result result = GW_OK;

    for (size_t i = 0; i < e->conf->nflows && result == GW_OK; i++)
        result = done_clear(e, &e->conf->flows[i]);
    return result;
}

/* ---- the proof ---- */

static void hex_put(struct buf *b, const uint8_t *bytes, size_t n)
{
    buf_char(b, '"');
    for (size_t i = 0; i < n; i++)
        buf_format(b, "%02x", bytes[i]);
    buf_char(b, '"');
}

static void resources_put(const struct erasure *e, struct buf *out)
{
    for (const struct dossier_part *p = e->d->parts; p; p = p->next) {
        if (p->of == PART_SHARED)
            continue;
        buf_format(out, "{\"%s\":%lld,\"type\":", p->of == PART_ITEMS ? "items_of_resource" : "resource",
                   (long long)p->id);
        buf_json(out, p->row.type);
        buf_format(out, ",\"versions\":%u,\"digest\":", p->of == PART_ITEMS ? p->versions - 1 : p->versions);
        hex_put(out, p->row.digest, sizeof(p->row.digest));
        buf_text(out, "}\n");
    }
}

static void files_put(const struct erasure *e, struct buf *out)
{
    static const char *const why[] = {"", "at_work", "file_name"};

    for (const struct erasure_file *f = e->files; f; f = f->next) {
        if (!f->goes && f->stays == STAYS_NOT)
            continue;
        buf_format(out, "{\"%s\":%lld,\"flow\":", f->goes ? "file_of_exchange" : "stays_of_exchange",
                   (long long)f->exchange);
        buf_json(out, f->flow);
        buf_text(out, ",\"digest\":");
        hex_put(out, f->digest, sizeof(f->digest));
        if (f->stays != STAYS_NOT)
            buf_format(out, ",\"stays\":\"%s\"", why[f->stays]);
        buf_text(out, "}\n");
    }
}

/* To whom it went before: they are to be told. */
static void deliveries_put(const struct erasure *e, struct buf *out)
{
    for (const struct erasure_delivery *k = e->deliveries; k; k = k->next) {
        buf_text(out, "{\"delivered_to\":");
        buf_json(out, k->d.flow);
        buf_format(out, ",\"exchange\":%lld,\"position\":%llu,\"at\":%lld,\"state\":\"%s\",\"digest\":",
                   (long long)k->d.exchange, (unsigned long long)k->d.position, (long long)k->d.at,
                   delivery_words[k->d.state]);
        hex_put(out, k->d.digest, sizeof(k->d.digest));
        buf_text(out, "}\n");
    }
}

void erasure_proof(const struct erasure *e, struct buf *out)
{
    buf_format(out, "{\"erasure\":\"%s\",\"at\":%lld,\"audit\":%lld,\"sources\":%llu}\n", e->subject,
               (long long)e->at, (long long)e->entry, (unsigned long long)e->nsources);
    resources_put(e, out);
    for (const struct dossier_unit *u = e->d->units; u; u = u->next)
        buf_format(out, "{\"unit\":%lld}\n", (long long)u->unit.id);
    for (const struct erasure_reject *n = e->rejects; n; n = n->next)
        buf_format(out, "{\"reject\":%lld}\n", (long long)n->id);
    files_put(e, out);
    deliveries_put(e, out);
    mentions_put(&e->mentions, out); /* they stay: what others' resources say is not ours to change */
}
