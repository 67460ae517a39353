/* SPDX-License-Identifier: EUPL-1.2 */
#include "gateway/dossier.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "gateway/dossier_parts.h"

#define ALONE_BYTES 6 /* a shorter text says nobody by itself */

/* ---- what they are known by ---- */

static unsigned char low(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

static bool holds(struct gw_str in, const char *what, size_t len)
{
    const char first[2] = {what[0], (char)(what[0] ^ 32)};

    for (size_t side = 0; side < 2; side++)
        for (size_t at = 0; len && in.len >= len && at <= in.len - len; at++) {
            const char *p = memchr(in.ptr + at, first[side], in.len - len - at + 1);
            size_t i = 0;

            if (!p)
                break;
            at = (size_t)(p - in.ptr);
            while (i < len && low((unsigned char)p[i]) == low((unsigned char)what[i]))
                i++;
            if (i == len)
                return true;
        }
    return false;
}

/* As ISO-8859-1; 0: it has none. */
static size_t latin(struct gw_str text, char ret[256])
{
    size_t n = 0;

    for (size_t i = 0; i < text.len && n < 256; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c < 0x80) {
            ret[n++] = (char)c;
        } else if ((c == 0xc2 || c == 0xc3) && i + 1 < text.len) {
            ret[n++] = (char)((c & 3) << 6 | (text.ptr[++i] & 0x3f));
        } else {
            return 0;
        }
    }
    return n;
}

static bool text_in(struct gw_str in, struct gw_str text)
{
    char other[256];

    return holds(in, text.ptr, text.len) || (!str_ascii(text) && holds(in, other, latin(text, other)));
}

static enum gw_result text_add(struct dossier *d, struct gw_str text, bool alone)
{
    struct known_by *k;

    if (text.len < 2)
        return GW_OK;
    for (k = d->texts; k; k = k->next)
        if (k->text.len == text.len && text_in(k->text, text)) { /* one name, however it was written */
            k->alone |= alone && text.len >= ALONE_BYTES;
            return GW_OK;
        }
    k = arena_alloc(d->arena, sizeof(*k));
    if (!k)
        return GW_FATAL;
    *k = (struct known_by){arena_copy(d->arena, text), alone && text.len >= ALONE_BYTES, d->texts};
    d->texts = k;
    return k->text.ptr ? GW_OK : GW_FATAL;
}

/* Many write it without its last two digits, which check the others. */
static enum gw_result texts_of_number(struct dossier *d, struct gw_str number)
{
    enum gw_result result = text_add(d, number, true);

    return result == GW_OK && number.len == 15 ? text_add(d, (struct gw_str){number.ptr, 13}, true) : result;
}

static struct gw_str value_of(yyjson_val *fields, struct gw_str name)
{
    yyjson_val *at = fields;

    while (at && name.ptr) {
        struct gw_str part = str_cut(name, '.', &name);

        at = yyjson_obj_getn(at, part.ptr, part.len);
    }
    return (struct gw_str){yyjson_get_str(at), yyjson_get_len(at)};
}

static enum gw_result texts_of(struct dossier *d, const struct plan *plan, const struct resource_row *r)
{
    yyjson_doc *doc = yyjson_read(r->payload.ptr, r->payload.len, YYJSON_READ_NUMBER_AS_RAW);
    yyjson_val *fields = yyjson_obj_get(yyjson_doc_get_root(doc), "fields");
    enum gw_result result = r->nir.ptr ? texts_of_number(d, r->nir) : GW_OK;

    for (uint16_t i = 0; result == GW_OK && i < plan->shape->count; i++) {
        const struct field *f = plan->shape->fields[i];

        if (f->type == FIELD_TEXT && !f->list && (f->key == KEY_STRONG || f->key == KEY_WEAK))
            result = text_add(d, value_of(fields, f->name), f->key == KEY_STRONG);
    }
    yyjson_doc_free(doc);
    return result;
}

bool dossier_known(const struct dossier *d, struct gw_str text)
{
    unsigned weak = 0;

    for (const struct known_by *k = d->texts; k && weak < 2; k = k->next)
        if (text_in(text, k->text))
            weak += k->alone ? 2 : 1;
    return weak >= 2;
}

/* ---- exchanges ---- */

bool dossier_has_exchange(const struct dossier *d, int64_t exchange)
{
    const struct numbered *n = d->exchanges;

    while (n && n->id != exchange)
        n = n->next;
    return n != NULL;
}

enum gw_result dossier_exchange(struct dossier *d, int64_t exchange)
{
    struct numbered *n;

    if (!exchange || dossier_has_exchange(d, exchange))
        return GW_OK;
    n = arena_alloc(d->arena, sizeof(*n));
    if (!n)
        return GW_FATAL;
    *n = (struct numbered){exchange, d->exchanges};
    d->exchanges = n;
    return GW_OK;
}

/* ---- parts ---- */

struct versions {
    struct dossier *d;
    struct dossier_part *part;
    const struct plan *plan; /* own: texts are taken; else the relation is asked */
    enum part_of of;
    struct arena arena;
    enum gw_result result;
};

static bool each_version(void *to, const struct resource_row *r)
{
    struct versions *v = to;
    enum part_of of = PART_NONE;

    v->part->versions++;
    if (v->plan)
        v->result = texts_of(v->d, v->plan, r);
    else
        of = dossier_relation(v->d, r->payload, r->version == v->part->row.version);
    if (of > v->of)
        v->of = of;
    arena_reset(&v->arena);
    return v->result == GW_OK;
}

static enum gw_result versions_look(struct dossier *d, struct dossier_part *part, const struct plan *plan,
                                    enum part_of *ret)
{
    struct versions v = {.d = d, .part = part, .plan = plan};
    enum gw_result result;

    part->versions = 0;
    arena_init(&v.arena, 65536, 0);
    result = resource_versions(d->store, part->id, &v.arena, each_version, &v);
    arena_done(&v.arena);
    *ret = v.of;
    return result == GW_OK ? v.result : result;
}

static bool each_exchange(void *to, const struct resource_row *r)
{
    struct versions *v = to;

    v->result = dossier_exchange(v->d, r->exchange);
    if (!v->d->first || r->received_at < v->d->first)
        v->d->first = r->received_at;
    arena_reset(&v->arena);
    return v->result == GW_OK;
}

static enum gw_result exchanges_of(struct dossier *d, const struct dossier_part *part)
{
    struct versions v = {.d = d};
    enum gw_result result;

    arena_init(&v.arena, 65536, 0);
    result = resource_versions(d->store, part->id, &v.arena, each_exchange, &v);
    arena_done(&v.arena);
    return result == GW_OK ? v.result : result;
}

static struct dossier_part *part_find(const struct dossier *d, int64_t id)
{
    struct dossier_part *p = d->parts;

    while (p && p->id != id)
        p = p->next;
    return p;
}

/* GW_END: there is no such resource. */
static enum gw_result part_read(struct dossier *d, int64_t id, struct dossier_part **ret)
{
    struct dossier_part *p = arena_zero(d->arena, sizeof(*p));
    enum gw_result result = p ? resource_get(d->store, id, true, d->arena, &p->row) : GW_FATAL;

    if (result != GW_OK)
        return result;
    p->id = id;
    for (size_t i = 0; i < STORE_KEY; i++)
        (void)snprintf(p->hex + 2 * i, 3, "%02x", p->row.key[i]);
    *ret = p;
    return GW_OK;
}

static void part_add(struct dossier *d, struct dossier_part *p)
{
    struct dossier_part **at = &d->parts;

    while (*at)
        at = &(*at)->next;
    *at = p;
}

/* ---- those that stand for them ---- */

struct found {
    struct arena *arena;
    struct numbered *ids;
    bool full;
};

static bool each_found(void *to, int64_t id)
{
    struct found *f = to;
    struct numbered *n = arena_alloc(f->arena, sizeof(*n));

    f->full = !n;
    if (n) {
        *n = (struct numbered){id, f->ids};
        f->ids = n;
    }
    return n != NULL;
}

static enum gw_result own_add(struct dossier *d, int64_t id)
{
    const struct plan *plan;
    enum part_of none;
    struct dossier_part *p;
    enum gw_result result;

    if (part_find(d, id))
        return GW_OK;
    result = part_read(d, id, &p);
    if (result != GW_OK)
        return result;
    plan = plan_of(d->plans, p->row.type);
    if (!plan || !plan->nir.nparts)
        return GW_REJECT;
    p->of = PART_OWN;
    part_add(d, p);
    result = texts_of(d, plan, &p->row);
    return result == GW_OK ? versions_look(d, p, plan, &none) : result;
}

static enum gw_result own_by_number(struct dossier *d, struct gw_str number)
{
    struct found f = {.arena = d->arena};
    enum gw_result result = resource_by_nir(d->store, number, each_found, &f);

    if (result == GW_OK && f.full)
        result = GW_FATAL;
    for (const struct numbered *n = f.ids; result == GW_OK && n; n = n->next)
        result = own_add(d, n->id);
    return result;
}

/* ---- the units, and what of them is theirs ---- */

static enum gw_result unit_add(struct dossier *d, enum gw_result found, const struct unit *u)
{
    struct dossier_unit *k;

    if (found != GW_OK)
        return found == GW_END ? GW_OK : found;
    for (k = d->units; k; k = k->next)
        if (k->unit.id == u->id)
            return GW_OK;
    k = arena_alloc(d->arena, sizeof(*k));
    if (!k)
        return GW_FATAL;
    *k = (struct dossier_unit){*u, d->units};
    d->units = k;
    return GW_OK;
}

static enum gw_result units_of(struct dossier *d, const struct dossier_part *p)
{
    struct unit u;
    struct ids ids = {.count = 0};
    enum gw_result result = unit_add(d, unit_find(d->store, p->row.key, d->arena, &u), &u);

    if (result == GW_OK)
        result = units_bearing(d->store, p->id, d->arena, &ids);
    for (size_t i = 0; result == GW_OK && i < ids.count; i++)
        result = unit_add(d, unit_get(d->store, ids.items[i], d->arena, &u), &u);
    return result;
}

static enum gw_result candidate_add(struct dossier *d, int64_t id)
{
    const struct plan *plan;
    struct dossier_part *p;
    enum gw_result result;

    if (part_find(d, id))
        return GW_OK;
    result = part_read(d, id, &p);
    if (result != GW_OK)
        return result == GW_END ? GW_OK : result;
    plan = plan_of(d->plans, p->row.type);
    if (!plan || !plan->nir.nparts) /* another person is somebody else */
        part_add(d, p);
    return GW_OK;
}

static enum gw_result candidates(struct dossier *d, const struct unit *u)
{
    struct ids departed = {.count = 0};
    enum gw_result result = unit_departed(d->store, u->id, d->arena, &departed);

    for (size_t i = 0; result == GW_OK && i < u->nmembers; i++)
        result = candidate_add(d, u->members[i]);
    for (size_t i = 0; result == GW_OK && i < departed.count; i++)
        result = candidate_add(d, departed.items[i]);
    return result;
}

/* What is wholly theirs makes what refers to it theirs: until nothing more becomes so. */
static enum gw_result relate(struct dossier *d)
{
    enum gw_result result = GW_OK;
    bool more = true;

    while (more && result == GW_OK) {
        more = false;
        for (struct dossier_part *p = d->parts; p && result == GW_OK; p = p->next) {
            enum part_of of = p->of;

            if (p->of >= PART_WHOLE)
                continue;
            result = versions_look(d, p, NULL, &of);
            more |= of == PART_WHOLE;
            p->of = of;
        }
    }
    return result;
}

static void share(struct dossier *d)
{
    for (struct dossier_part *p = d->parts; p; p = p->next)
        if (p->of == PART_NONE && dossier_is_shared(d, p->row.payload))
            p->of = PART_SHARED;
}

static void drop_others(struct dossier *d)
{
    for (struct dossier_part **at = &d->parts; *at;)
        if ((*at)->of == PART_NONE)
            *at = (*at)->next;
        else
            at = &(*at)->next;
}

static enum gw_result gather(struct dossier *d)
{
    enum gw_result result = GW_OK;

    for (const struct dossier_part *p = d->parts; p && result == GW_OK; p = p->next)
        result = units_of(d, p);
    for (const struct dossier_unit *u = d->units; u && result == GW_OK; u = u->next)
        result = candidates(d, &u->unit);
    if (result == GW_OK)
        result = relate(d);
    share(d);
    drop_others(d);
    for (const struct dossier_part *p = d->parts; p && result == GW_OK; p = p->next)
        result = exchanges_of(d, p);
    if (result == GW_OK && d->parts)
        person_mark(d->store, d->parts->row.nir, d->parts->row.key, d->mark);
    return result;
}

enum gw_result dossier_by_number(struct dossier *d, struct gw_str number)
{
    enum gw_result result = own_by_number(d, number);

    if (result == GW_OK && !d->parts) {
        person_mark(d->store, number, d->mark, d->mark);
        result = texts_of_number(d, number);
    }
    return result == GW_OK ? gather(d) : result;
}

enum gw_result dossier_by_resource(struct dossier *d, int64_t id)
{
    enum gw_result result = own_add(d, id);

    if (result == GW_OK && d->parts->row.nir.ptr)
        result = own_by_number(d, d->parts->row.nir);
    return result == GW_OK ? gather(d) : result;
}

enum gw_result dossier_subject(struct dossier *d, char ret[32])
{
    char called[PERSON_CALLED];
    enum gw_result result = person_called(d->store, d->mark, true, called);

    (void)snprintf(ret, 32, "person %s", called);
    return result;
}
