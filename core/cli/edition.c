/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * An official file read by its layout: a format of its own below official/formats, over the one type of
 * official/pivot. So its syntax, its encoding and its days are read as those of any partner.
 */
#include "cli/edition.h"

#include <stdio.h>

#include "base/str.h"
#include "pipeline/input.h"
#include "pipeline/source.h"

/* A second engine beside ours, that knows the layouts. */
struct reading_room {
    struct engine engine;
    struct shape *type;
    struct codec codec;
    struct input input;
    struct source source;
};

static void hear_nothing(struct sink *sink, const struct diag *d)
{
    (void)sink;
    (void)d;
}

static struct gw_str below(struct nomenclatures *n, const char *name)
{
    return str_of(arena_format(&n->arena, "%.*s/official/%s", STR_ARG(n->folder), name));
}

/* The layouts as formats, over their own model. */
static enum gw_result room_make(struct reading_room *room, struct nomenclatures *n, struct sink *sink)
{
    struct gw_str pivot = below(n, "pivot");

    *room = (struct reading_room){.engine = *n->engine};
    room->engine.formats = below(n, "formats");
    room->engine.checks = NULL;
    if (!pivot.ptr || !room->engine.formats.ptr)
        return GW_FATAL;
    return model_load(&room->engine.model, &n->arena, pivot.ptr, sink);
}

static enum gw_result room_open(struct reading_room *room, struct nomenclatures *n, struct gw_str layout,
                                const char *file, struct sink *sink)
{
    struct input_options options = {.sink = sink};
    struct source_options from = {.name = str_of(file)};
    enum gw_result r = room_make(room, n, sink);

    if (r == GW_OK)
        r = codec_open(&room->codec, &room->engine, layout, (struct gw_str){NULL, 0}, sink);
    options.plugin = room->codec.plugin;
    if (r == GW_OK)
        r = input_open_path(&room->input, file, &options);
    if (r == GW_OK)
        r = input_next_member(&room->input);
    if (r == GW_OK)
        r = source_open(&room->source, &room->codec, &room->input, &from, sink);
    room->type = r == GW_OK ? model_type(&room->engine.model, GW_STR("entry")) : NULL;
    return r == GW_OK && !room->type ? GW_FAIL : r;
}

static void room_close(struct reading_room *room)
{
    source_close(&room->source);
    input_close(&room->input);
    codec_close(&room->codec);
}

/* ---- entries ---- */

static struct gw_str cell(struct nomenclatures *n, const struct reading_room *room, const struct resource *r,
                          const char *name)
{
    const struct field *f = shape_field(room->type, str_of(name), (struct gw_str){NULL, 0});
    struct gw_str text = f ? object_text(&r->object, f->slot) : (struct gw_str){NULL, 0};

    return text.len ? arena_copy(&n->arena, text) : (struct gw_str){NULL, 0};
}

static bool wanted(const struct layout *l, struct gw_str native, struct gw_str kind)
{
    return native.len && layout_covers(l, native) && (!l->kinds.len || str_among(l->kinds, ' ', kind));
}

static bool entry_add(struct edition *e, const struct reading_room *room, const struct resource *r)
{
    struct nomenclatures *n = e->lists;
    struct entry one = {.native = cell(n, room, r, "native"),
                        .pivot = cell(n, room, r, "pivot"),
                        .label = cell(n, room, r, "label"),
                        .from = cell(n, room, r, "from"),
                        .to = cell(n, room, r, "to"),
                        .order = e->count};

    if (e->layout->before && one.to.len)
        one.to = day_before(&n->arena, one.to);
    if (!wanted(e->layout, one.native, cell(n, room, r, "kind")) ||
        (!e->layout->one_day && one.from.len && str_eq(one.from, one.to)))
        return true;
    if (e->count == e->room) {
        size_t more = e->room ? e->room * 2 : 1024;
        struct entry *grown = arena_array(&n->arena, more, sizeof(*grown));

        if (!grown)
            return false;
        if (e->count)
            memcpy(grown, e->entries, e->count * sizeof(*grown));
        e->entries = grown;
        e->room = more;
    }
    e->entries[e->count++] = one;
    return true;
}

static enum gw_result entries_read(struct edition *e, struct reading_room *room)
{
    struct bundle b;
    enum gw_result r;

    while ((r = source_next(&room->source, &b)) == GW_OK || r == GW_REJECT) {
        e->refused += r == GW_REJECT;
        for (const struct resource *one = r == GW_OK ? b.first : NULL; one; one = one->next)
            if (one->object.shape == room->type && !entry_add(e, room, one))
                return GW_FATAL;
    }
    return r == GW_END ? GW_OK : r;
}

/* ---- which layout ---- */

static bool reads_first(struct nomenclatures *n, struct gw_str layout, const char *file)
{
    struct sink mute = {hear_nothing};
    struct reading_room room;
    struct bundle b;
    enum gw_result r = room_open(&room, n, layout, file, &mute);

    if (r == GW_OK)
        r = source_next(&room.source, &b);
    if (r == GW_OK && !b.record)
        r = source_next(&room.source, &b);
    room_close(&room);
    return r == GW_OK;
}

static const struct layout *choose(const struct edition *e, const char *file, struct gw_str wanted)
{
    struct nomenclatures *n = e->lists;

    for (size_t i = 0; i < n->nlayouts; i++) {
        const struct layout *l = &n->layouts[i];

        if (str_eq(l->list, e->list->name) &&
            (wanted.ptr ? str_eq(l->name, wanted) : reads_first(n, l->name, file)))
            return l;
    }
    return NULL;
}

static void none_reads(const struct edition *e, struct invocation *in)
{
    complain(in, "aucune forme connue ne lit ce fichier pour", "no known shape reads this file for",
             in->operands[1]);
    fprintf(stderr, "  %s",
            say(in, "formes connues (--layout en impose une) :", "known shapes (--layout forces one):"));
    for (size_t i = 0; i < e->lists->nlayouts; i++)
        if (str_eq(e->lists->layouts[i].list, e->list->name))
            fprintf(stderr, " %.*s", STR_ARG(e->lists->layouts[i].name));
    fputc('\n', stderr);
}

enum gw_result edition_read(struct edition *e, struct invocation *in, const char *file, struct gw_str layout)
{
    struct reading_room room;
    enum gw_result r;

    e->layout = choose(e, file, layout);
    if (!e->layout) {
        none_reads(e, in);
        return GW_FAIL;
    }
    r = room_open(&room, e->lists, e->layout->name, file, e->lists->sink);
    if (r == GW_OK)
        r = entries_read(e, &room);
    room_close(&room);
    return r == GW_END ? GW_OK : r;
}

enum gw_result layouts_check(struct nomenclatures *n)
{
    struct reading_room room;
    enum gw_result r = n->nlayouts ? room_make(&room, n, n->sink) : GW_OK;

    for (size_t i = 0; r == GW_OK && i < n->nlayouts; i++) {
        r = codec_open(&room.codec, &room.engine, n->layouts[i].name, (struct gw_str){NULL, 0}, n->sink);
        codec_close(&room.codec);
        n->faulty |= r != GW_OK;
        if (r != GW_FATAL)
            r = GW_OK;
    }
    return r;
}
