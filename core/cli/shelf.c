/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/shelf.h"

#include "base/str.h"

static enum gw_result add_codec(struct shelf *s, struct shelved *f, struct engine *e, struct gw_str name,
                                struct gw_str profile, struct sink *sink)
{
    struct codec *c = arena_zero(&s->arena, sizeof(*c));

    if (!c)
        return GW_FATAL;
    f->codecs[f->ncodecs++] = c; /* to be closed in any case */
    return codec_open(c, e, name, profile, sink);
}

/* The other profiles beside the default one. */
static enum gw_result add_profiles(struct shelf *s, struct shelved *f, struct engine *e, struct sink *sink)
{
    const struct profile *first = f->codecs[0]->profile;
    const struct format *format = f->codecs[0]->format;
    enum gw_result r = GW_OK;

    for (size_t i = 0; r == GW_OK && i < format->nprofiles && f->ncodecs < SHELF_PROFILES; i++)
        if (!first || !str_eq(format->profiles[i].name, first->name))
            r = add_codec(s, f, e, format->name, format->profiles[i].name, sink);
    return r;
}

static enum gw_result add_reach(struct shelf *s, struct shelved *f, struct engine *e)
{
    const struct codec *c = f->codecs[0];
    bool flat = !(c->plugin->flags & GW_NESTED);
    enum gw_result r;

    if (!c->table) {
        r = reach_of_model(&e->model, flat, &s->arena, &f->read);
        f->written = f->read;
        return r;
    }
    r = reach_of_table(c->table, false, &s->arena, &f->read);
    return r == GW_OK ? reach_of_table(c->table, true, &s->arena, &f->written) : r;
}

static enum gw_result add(struct shelf *s, struct engine *e, struct gw_str name, struct sink *sink)
{
    struct shelved *f = &s->items[s->count];
    enum gw_result r;

    s->count++;
    r = add_codec(s, f, e, name, (struct gw_str){NULL, 0}, sink);
    if (r == GW_OK)
        r = add_profiles(s, f, e, sink);
    if (r == GW_OK) {
        f->format = f->codecs[0]->format;
        f->reads = f->codecs[0]->plugin->reader != NULL;
        f->writes = f->codecs[0]->plugin->writer != NULL;
    }
    return r;
}

static void close_one(struct shelved *f)
{
    for (size_t i = 0; i < f->ncodecs; i++)
        codec_close(f->codecs[i]);
    *f = (struct shelved){0};
}

/* What the formats add to the model is known once all of them are open. */
enum gw_result shelf_open(struct shelf *s, struct engine *e, struct sink *sink)
{
    struct gw_str *names;
    size_t n;
    enum gw_result r;

    *s = (struct shelf){.count = 0};
    arena_init(&s->arena, 65536, 0);
    r = formats_list(&s->arena, e->formats, &names, &n);
    if (r == GW_OK)
        s->items = arena_array(&s->arena, n + 1, sizeof(*s->items));
    if (r == GW_OK && !s->items)
        r = GW_FATAL;
    for (size_t i = 0; r == GW_OK && i < n; i++) {
        r = add(s, e, names[i], sink);
        if (r == GW_OK || r == GW_FATAL)
            continue;
        close_one(&s->items[--s->count]);
        s->faulty = true;
        r = GW_OK;
    }
    for (size_t i = 0; r == GW_OK && i < s->count; i++)
        r = add_reach(s, &s->items[i], e);
    return r;
}

void shelf_close(struct shelf *s)
{
    for (size_t i = 0; i < s->count; i++)
        close_one(&s->items[i]);
    arena_done(&s->arena);
    *s = (struct shelf){.count = 0};
}

const struct shelved *shelf_find(const struct shelf *s, struct gw_str name)
{
    for (size_t i = 0; i < s->count; i++)
        if (str_eq(s->items[i].format->name, name))
            return &s->items[i];
    return NULL;
}

enum gw_result shelf_carriage(const struct shelved *from, const struct shelved *to, struct arena *scratch,
                              struct carriage *ret)
{
    struct reach_values lost;
    enum gw_result r = GW_OK;

    *ret = (struct carriage){.roots = reach_roots(&from->read, &to->written)};
    for (size_t i = 0; r == GW_OK && i < from->read.count; i++) {
        bool own = from->read.items[i].field->ext.ptr != NULL;
        enum carried carried = CARRIED_NOT;

        if (to->writes)
            r = reach_ask(&from->read, i, &to->written, scratch, &carried, &lost);
        arena_reset(scratch);
        ret->own += own;
        ret->own_carried += own && carried != CARRIED_NOT;
        ret->whole += !own && carried == CARRIED;
        ret->partly += !own && carried == CARRIED_PARTLY;
        ret->lost += !own && carried == CARRIED_NOT;
    }
    return r;
}
